/* What the steps of a test need, leave and cost. */
#include "base/pool.h"
#include "stress/kernel_single.h"
#include "stress/tests.h"

enum { RATE_ASSUMED = 1024 << 20 }; /* bytes per second, where it was not measured */

enum leaves { LEAVES_UNKNOWN, LEAVES_PATTERN, LEAVES_COMPLEMENT, LEAVES_SURROUNDED };

static const struct {
    uint8_t moves;
    bool verifies;
    uint8_t needs; /* enum leaves */
    uint8_t leaves;
} operations[OPERATIONS] = {
    [OPERATION_FILL] = {1, false, LEAVES_UNKNOWN, LEAVES_PATTERN},
    [OPERATION_VERIFY] = {1, true, LEAVES_PATTERN, LEAVES_PATTERN},
    [OPERATION_INVERT_UP] = {2, true, LEAVES_PATTERN, LEAVES_COMPLEMENT},
    [OPERATION_INVERT_DOWN] = {2, true, LEAVES_PATTERN, LEAVES_COMPLEMENT},
    [OPERATION_MOVE_UP] = {2, true, LEAVES_PATTERN, LEAVES_UNKNOWN},
    [OPERATION_MOVE_DOWN] = {2, true, LEAVES_PATTERN, LEAVES_UNKNOWN},
    [OPERATION_SURROUND] = {2, false, LEAVES_PATTERN, LEAVES_SURROUNDED},
    [OPERATION_VERIFY_SURROUNDED] = {1, true, LEAVES_SURROUNDED, LEAVES_SURROUNDED},
    [OPERATION_PING_PONG] = {1, false, LEAVES_PATTERN, LEAVES_PATTERN},
    [OPERATION_DMA_LOWER] = {4, true, LEAVES_UNKNOWN, LEAVES_UNKNOWN},
    [OPERATION_DMA_UPPER] = {4, true, LEAVES_UNKNOWN, LEAVES_UNKNOWN},
    [OPERATION_ACTIVATE] = {ACTIVATE_MOVES, false, LEAVES_PATTERN, LEAVES_PATTERN},
    [OPERATION_WAIT] = {0, false, LEAVES_PATTERN, LEAVES_PATTERN},
};

bool operation_verifies(enum memory_operation operation)
{
    return operations[operation].verifies;
}

bool operation_fills(enum memory_operation operation)
{
    return operations[operation].needs == LEAVES_UNKNOWN;
}

static uint8_t filling(enum leaves leaves, enum pattern pattern)
{
    switch (leaves) {
    case LEAVES_PATTERN:
        return (uint8_t)(pattern + 1);
    case LEAVES_COMPLEMENT:
        return (uint8_t)(pattern_complement(pattern) + 1);
    case LEAVES_SURROUNDED:
        return (uint8_t)(FILLING_SURROUNDED | (pattern + 1));
    default:
        return 0;
    }
}

uint8_t step_needs(const struct memory_step *step)
{
    return filling((enum leaves)operations[step->operation].needs, (enum pattern)step->pattern);
}

uint8_t step_filling(const struct memory_step *step)
{
    return filling((enum leaves)operations[step->operation].leaves, (enum pattern)step->pattern);
}

unsigned step_moves(const struct memory_step *step)
{
    return operations[step->operation].moves;
}

uint64_t second_work(uint64_t rate)
{
    uint64_t work = (rate ? rate : RATE_ASSUMED) / CHUNK_SIZE;

    return work ? work : 1;
}

uint64_t step_work(const struct memory_step *step, uint64_t chunks, uint64_t rate)
{
    return step_moves(step) * chunks + step->seconds * second_work(rate);
}

static unsigned test_moves(const struct memory_test *test)
{
    unsigned moves = 0;

    for (size_t s = 0; s < test->step_count; s++)
        moves += step_moves(&test->steps[s]);
    return moves * test->turns;
}

static unsigned test_wait_s(const struct memory_test *test)
{
    unsigned seconds = 0;

    for (size_t s = 0; s < test->step_count; s++)
        seconds += test->steps[s].seconds;
    return seconds * test->turns;
}

unsigned memory_tests_moves(uint32_t mask)
{
    unsigned moves = 0;

    for (unsigned i = 0; i < MEMORY_TESTS; i++)
        moves += mask >> i & 1 ? test_moves(&memory_tests[i]) : 0;
    return moves;
}

unsigned memory_tests_wait_s(uint32_t mask)
{
    unsigned seconds = 0;

    for (unsigned i = 0; i < MEMORY_TESTS; i++)
        seconds += mask >> i & 1 ? test_wait_s(&memory_tests[i]) : 0;
    return seconds;
}

uint64_t memory_tests_work(uint32_t mask, uint64_t chunks, uint64_t rate)
{
    return memory_tests_moves(mask) * chunks + memory_tests_wait_s(mask) * second_work(rate);
}
