#include "stress/tests.h"

#include "base/error.h"
#include "base/event.h"
#include "base/text.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static const struct memory_step own_address_steps[] = {
    {OPERATION_FILL, PATTERN_ADDRESS},
    {OPERATION_VERIFY, PATTERN_ADDRESS},
    {OPERATION_FILL, PATTERN_ADDRESS_INVERSE},
    {OPERATION_VERIFY, PATTERN_ADDRESS_INVERSE},
};

static const struct memory_step moving_inversions_steps[] = {
    {OPERATION_FILL, PATTERN_ZEROS},
    {OPERATION_INVERT_UP, PATTERN_ZEROS},
    {OPERATION_INVERT_DOWN, PATTERN_ONES},
    {OPERATION_VERIFY, PATTERN_ZEROS},
    {OPERATION_FILL, PATTERN_FIVES},
    {OPERATION_INVERT_UP, PATTERN_FIVES},
    {OPERATION_INVERT_DOWN, PATTERN_AS},
    {OPERATION_VERIFY, PATTERN_FIVES},
    {OPERATION_FILL, PATTERN_WALK},
    {OPERATION_INVERT_UP, PATTERN_WALK},
    {OPERATION_INVERT_DOWN, PATTERN_WALK_INVERSE},
    {OPERATION_VERIFY, PATTERN_WALK},
};

static const struct memory_step random_steps[] = {
    {OPERATION_FILL, PATTERN_RANDOM},
    {OPERATION_VERIFY, PATTERN_RANDOM},
    {OPERATION_FILL, PATTERN_RANDOM_INVERSE},
    {OPERATION_VERIFY, PATTERN_RANDOM_INVERSE},
};

const struct memory_test memory_tests[MEMORY_TESTS] = {
    {
        .id = "own-address",
        .description = "each word holds its own address, then the complement of it",
        .finds = "address lines and decoders that lead two addresses to one cell; stuck bits",
        .misses = "cells that disturb each other; cells that fade",
        .claims = CLAIM_STUCK | CLAIM_DECODER,
        .steps = own_address_steps,
        .step_count = COUNT(own_address_steps),
    },
    {
        .id = "moving-inversions",
        .description = "a pattern is inverted word by word, upwards and then downwards",
        .finds = "stuck bits, bits that cannot change, bits changed by the change of another",
        .misses = "two addresses for one cell: all words are equal",
        .claims = CLAIM_STUCK | CLAIM_TRANSITION | CLAIM_COUPLING_INVERSION,
        .steps = moving_inversions_steps,
        .step_count = COUNT(moving_inversions_steps),
    },
    {
        .id = "random",
        .description = "random words from the seed, then their complement",
        .finds = "two addresses for one cell; stuck bits; by chance, what neighbours do to a cell",
        .misses = "nothing for certain: another seed tries other neighbours",
        .claims = CLAIM_STUCK | CLAIM_DECODER,
        .steps = random_steps,
        .step_count = COUNT(random_steps),
    },
};

bool operation_verifies(enum memory_operation operation)
{
    return operation != OPERATION_FILL;
}

enum pattern step_leaves(const struct memory_step *step)
{
    enum pattern pattern = (enum pattern)step->pattern;
    bool inverts =
        step->operation == OPERATION_INVERT_UP || step->operation == OPERATION_INVERT_DOWN;

    return inverts ? pattern_complement(pattern) : pattern;
}

unsigned step_moves(const struct memory_step *step)
{
    return step_leaves(step) != (enum pattern)step->pattern ? 2 : 1;
}

/* The bit of the test with this name, or 0. */
static uint32_t test_bit(const char *name)
{
    for (unsigned i = 0; i < MEMORY_TESTS; i++)
        if (text_equal(memory_tests[i].id, name))
            return (uint32_t)1 << i;
    return 0;
}

int memory_tests_select(const char *list, uint32_t *ret_mask, char *bad, size_t size)
{
    uint32_t mask = 0;
    const char *at = list;

    if (text_equal(list, "all")) {
        *ret_mask = MEMORY_TESTS_ALL;
        return OK;
    }
    for (;;) {
        char name[NAME_SIZE];
        struct text text = text_in(name, sizeof(name));
        uint32_t bit;

        while (*at && *at != ',')
            text_char(&text, *at++);
        bit = text.cut ? 0 : test_bit(name);
        if (!bit) {
            copy_text(bad, size, name);
            return ERR_ABSENT;
        }
        mask |= bit;
        if (!*at++)
            break;
    }
    *ret_mask = mask;
    return OK;
}

unsigned memory_tests_moves(uint32_t mask)
{
    unsigned moves = 0;

    for (unsigned i = 0; i < MEMORY_TESTS; i++)
        for (size_t s = 0; mask >> i & 1 && s < memory_tests[i].step_count; s++)
            moves += step_moves(&memory_tests[i].steps[s]);
    return moves;
}
