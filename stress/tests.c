#include "stress/tests.h"

#include "base/error.h"
#include "base/event.h"
#include "base/text.h"
#include "stress/kernel_single.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

enum { FADE_S = 60 };

static const struct memory_step own_address_steps[] = {
    {OPERATION_FILL, PATTERN_ADDRESS, 0},
    {OPERATION_VERIFY, PATTERN_ADDRESS, 0},
    {OPERATION_FILL, PATTERN_ADDRESS_INVERSE, 0},
    {OPERATION_VERIFY, PATTERN_ADDRESS_INVERSE, 0},
};

/* March C- with all bits equal, then a shorter march in which neighbouring bits differ. */
static const struct memory_step moving_inversions_steps[] = {
    {OPERATION_FILL, PATTERN_ZEROS, 0},       {OPERATION_INVERT_UP, PATTERN_ZEROS, 0},
    {OPERATION_INVERT_UP, PATTERN_ONES, 0},   {OPERATION_INVERT_DOWN, PATTERN_ZEROS, 0},
    {OPERATION_INVERT_DOWN, PATTERN_ONES, 0}, {OPERATION_VERIFY, PATTERN_ZEROS, 0},
    {OPERATION_FILL, PATTERN_FIVES, 0},       {OPERATION_INVERT_UP, PATTERN_FIVES, 0},
    {OPERATION_INVERT_DOWN, PATTERN_AS, 0},   {OPERATION_VERIFY, PATTERN_FIVES, 0},
};

static const struct memory_step random_steps[] = {
    {OPERATION_FILL, PATTERN_RANDOM, 0},
    {OPERATION_VERIFY, PATTERN_RANDOM, 0},
    {OPERATION_FILL, PATTERN_RANDOM_INVERSE, 0},
    {OPERATION_VERIFY, PATTERN_RANDOM_INVERSE, 0},
};

static const struct memory_step block_move_steps[] = {
    {OPERATION_FILL, PATTERN_RANDOM, 0},         {OPERATION_MOVE_UP, PATTERN_RANDOM, 0},
    {OPERATION_FILL, PATTERN_RANDOM_INVERSE, 0}, {OPERATION_MOVE_UP, PATTERN_RANDOM_INVERSE, 0},
    {OPERATION_FILL, PATTERN_RANDOM, 0},         {OPERATION_MOVE_DOWN, PATTERN_RANDOM, 0},
    {OPERATION_FILL, PATTERN_RANDOM_INVERSE, 0}, {OPERATION_MOVE_DOWN, PATTERN_RANDOM_INVERSE, 0},
};

static const struct memory_step ping_pong_steps[] = {
    {OPERATION_FILL, PATTERN_RANDOM, 0},
    {OPERATION_PING_PONG, PATTERN_RANDOM, 0},
    {OPERATION_VERIFY, PATTERN_RANDOM, 0},
};

static const struct memory_step dma_steps[] = {
    {OPERATION_DMA_LOWER, PATTERN_RANDOM, 0},
    {OPERATION_DMA_UPPER, PATTERN_RANDOM_INVERSE, 0},
};

static const struct memory_step walking_steps[] = {
    {OPERATION_FILL, PATTERN_WALK, 0},
    {OPERATION_INVERT_UP, PATTERN_WALK, 0},
    {OPERATION_INVERT_DOWN, PATTERN_WALK_INVERSE, 0},
    {OPERATION_VERIFY, PATTERN_WALK, 0},
};

static const struct memory_step modulo_steps[] = {
    {OPERATION_FILL, PATTERN_ZEROS, 0},
    {OPERATION_SURROUND, PATTERN_ZEROS, 0},
    {OPERATION_VERIFY_SURROUNDED, PATTERN_ZEROS, 0},
    {OPERATION_FILL, PATTERN_ONES, 0},
    {OPERATION_SURROUND, PATTERN_ONES, 0},
    {OPERATION_VERIFY_SURROUNDED, PATTERN_ONES, 0},
};

static const struct memory_step bit_fade_steps[] = {
    {OPERATION_FILL, PATTERN_ONES, 0},       {OPERATION_WAIT, PATTERN_ONES, FADE_S},
    {OPERATION_VERIFY, PATTERN_ONES, 0},     {OPERATION_FILL, PATTERN_ZEROS, 0},
    {OPERATION_WAIT, PATTERN_ZEROS, FADE_S}, {OPERATION_VERIFY, PATTERN_ZEROS, 0},
};

static const struct memory_step row_activation_steps[] = {
    {OPERATION_FILL, PATTERN_ONES, 0},      {OPERATION_ACTIVATE, PATTERN_ONES, 0},
    {OPERATION_VERIFY, PATTERN_ONES, 0},    {OPERATION_FILL, PATTERN_ZEROS, 0},
    {OPERATION_ACTIVATE, PATTERN_ZEROS, 0}, {OPERATION_VERIFY, PATTERN_ZEROS, 0},
};

const struct memory_test memory_tests[MEMORY_TESTS] = {
    [TEST_OWN_ADDRESS] =
        {
            .id = "own-address",
            .description = "each word holds its own address, then the complement of it",
            .finds = "address lines and decoders that lead two addresses to one cell; stuck bits",
            .misses = "cells that disturb each other; cells that fade",
            .claims = CLAIM_STUCK | CLAIM_DECODER,
            .steps = own_address_steps,
            .step_count = COUNT(own_address_steps),
            .turns = 1,
        },
    [TEST_MOVING_INVERSIONS] =
        {
            .id = "moving-inversions",
            .description = "all bits are inverted line by line, twice upwards and twice downwards "
                           "(March C-), then bits that differ from their neighbours",
            .finds = "stuck bits, bits that cannot change, bits changed by the change of another",
            .misses = "two addresses for one cell: all words are equal; what a bit does to one of "
                      "its own cache line, or while both stay in the caches; cells that fade",
            .claims = CLAIM_STUCK | CLAIM_TRANSITION | CLAIM_COUPLING_INVERSION |
                      CLAIM_COUPLING_IDEMPOTENT,
            .steps = moving_inversions_steps,
            .step_count = COUNT(moving_inversions_steps),
            .turns = 1,
        },
    [TEST_RANDOM] =
        {
            .id = "random",
            .description = "random words from the seed, then their complement",
            .finds = "two addresses for one cell; stuck bits; by chance, what neighbours do to a "
                     "cell",
            .misses = "nothing for certain: another seed tries other neighbours",
            .claims = CLAIM_STUCK | CLAIM_DECODER,
            .steps = random_steps,
            .step_count = COUNT(random_steps),
            .turns = 1,
        },
    [TEST_BLOCK_MOVE] =
        {
            .id = "block-move",
            .description = "half of each chunk is copied to the other half by the processor's "
                           "string moves, upwards and downwards, and both halves are verified",
            .finds = "two addresses for one cell; stuck bits; words lost or displaced where reads "
                     "and writes follow each other closely",
            .misses = "cells that disturb each other; cells that fade",
            .claims = CLAIM_STUCK | CLAIM_DECODER,
            .steps = block_move_steps,
            .step_count = COUNT(block_move_steps),
            .turns = 1,
        },
    [TEST_PING_PONG] =
        {
            .id = "ping-pong",
            .description = "two processors at once check and invert alternate words of the same "
                           "cache lines, in an eighth of each chunk, and count together",
            .finds = "words and counts that are lost where a line travels between the caches of "
                     "two processors",
            .misses = "cells of memory: the lines stay in the caches",
            .claims = 0,
            .steps = ping_pong_steps,
            .step_count = COUNT(ping_pong_steps),
            .turns = 1,
        },
    [TEST_DMA] =
        {
            .id = "dma",
            .description = "a drive reads into one half of a chunk while processors invert words "
                           "of the other half, then the halves change places",
            .finds = "words that go wrong while a drive and processors use the memory at once",
            .misses = "what goes wrong on writes to a drive; memory beyond what the drive can fill "
                      "in a minute",
            .claims = CLAIM_TRAFFIC,
            .steps = dma_steps,
            .step_count = COUNT(dma_steps),
            .turns = 1,
        },
    [TEST_WALKING] =
        {
            .id = "walking",
            .description = "one bit in each byte differs from the others and is inverted upwards "
                           "and downwards; eight turns, a turn for each bit",
            .finds = "stuck bits, bits that cannot change, bits of a byte that disturb each other",
            .misses = "two addresses for one cell: all words are equal; cells that fade",
            .claims = CLAIM_STUCK | CLAIM_TRANSITION | CLAIM_COUPLING_INVERSION,
            .steps = walking_steps,
            .step_count = COUNT(walking_steps),
            .turns = 8,
        },
    [TEST_MODULO] =
        {
            .id = "modulo-20",
            .description = "each 20th word keeps what it holds while all others become its "
                           "complement, twice; twenty turns, a turn for each offset",
            .finds = "stuck bits, bits that cannot change, words changed by writes to those around "
                     "them, however the memory orders its lines",
            .misses = "what words twenty apart do to each other; cells that fade",
            .claims = CLAIM_STUCK | CLAIM_TRANSITION,
            .steps = modulo_steps,
            .step_count = COUNT(modulo_steps),
            .turns = MODULO_WORDS,
        },
    [TEST_BIT_FADE] =
        {
            .id = "bit-fade",
            .description = "all bits are left alone for a minute, set and then clear",
            .finds = "cells that lose what they hold within a minute; stuck bits",
            .misses = "cells that disturb each other; cells that fade only when hot",
            .claims = CLAIM_STUCK | CLAIM_RETENTION,
            .steps = bit_fade_steps,
            .step_count = COUNT(bit_fade_steps),
            .turns = 1,
        },
    [TEST_ROW_ACTIVATION] =
        {
            .id = "row-activation",
            .description = "two rows in the middle of each chunk are read in turn, past the "
                           "caches, some hundred thousand times",
            .finds = "rows that leak when the rows beside them are used very often",
            .misses = "rows that are not beside those it happens to use; memory that refreshes "
                      "such rows in time",
            .claims = 0,
            .steps = row_activation_steps,
            .step_count = COUNT(row_activation_steps),
            .turns = 1,
        },
};

_Static_assert((int)MODULO_WORDS <= (int)MEMORY_TURNS_MAX, "the turn is the low byte of a seed");

uint64_t memory_test_seed(uint64_t run_seed, unsigned test, unsigned turn)
{
    return (mix64(run_seed + test) & ~(uint64_t)(MEMORY_TURNS_MAX - 1)) | turn;
}

/* The bit of the test with this name, or 0. */
static uint32_t test_bit(const char *name)
{
    for (unsigned i = 0; i < MEMORY_TESTS; i++)
        if (text_equal(memory_tests[i].id, name))
            return (uint32_t)1 << i;
    return 0;
}

bool memory_tests_named(const char *list)
{
    return !text_equal(list, "all");
}

int memory_tests_select(const char *list, uint32_t *ret_mask, char *bad, size_t size)
{
    uint32_t mask = 0;
    const char *at = list;

    if (!memory_tests_named(list)) {
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
