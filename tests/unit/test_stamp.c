/* Stamps: each way a block can be wrong is told from the others, a block that is right from all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/prng.h"
#include "disk/writing/stamp.h"

enum { LBA = 1000, BLOCKS = 16 };

static const struct stamp first = {0xA1, 1}, second = {0xA1, 2}, third = {0xA1, 3};
static const struct stamp earlier_run = {0xB2, 7};
static uint8_t buffer[BLOCKS * STAMP_BLOCK_MAX];
static uint8_t other[STAMP_BLOCK_MAX];

/* What is put from line `from` to line `to` (in 64ths of the block) instead of what should stand.
 */
enum content { OLDER, OTHER_RUN, ELSEWHERE, ZEROS, NOISE, ONE_BIT, SWAPPED };

struct row {
    const char *name;
    struct stamp wanted;
    enum content content;
    unsigned from, to;
    enum stamp_state state;
    enum stamp_state inspected;
};

static const struct row rows[] = {
    {"lost", {0xA1, 3}, OLDER, 0, 64, STAMP_LOST, STAMP_GOOD},
    {"lost, an earlier run's there", {0xA1, 1}, OTHER_RUN, 0, 64, STAMP_LOST, STAMP_GOOD},
    {"lost, zeros there", {0xA1, 1}, ZEROS, 0, 64, STAMP_LOST, STAMP_EMPTY},
    {"lost, old data there", {0xA1, 1}, NOISE, 0, 64, STAMP_LOST, STAMP_EMPTY},
    {"zeros instead of a stamp", {0xA1, 2}, ZEROS, 0, 64, STAMP_CORRUPTED, STAMP_EMPTY},
    {"misplaced", {0xA1, 3}, ELSEWHERE, 0, 64, STAMP_MISPLACED, STAMP_MISPLACED},
    {"torn, second half older", {0xA1, 3}, OLDER, 32, 64, STAMP_TORN, STAMP_TORN},
    {"torn, first eighth older", {0xA1, 3}, OLDER, 0, 8, STAMP_TORN, STAMP_TORN},
    {"torn, one line", {0xA1, 3}, OLDER, 63, 64, STAMP_TORN, STAMP_TORN},
    {"torn over another run's", {0xA1, 1}, OTHER_RUN, 16, 64, STAMP_TORN, STAMP_TORN},
    {"torn over zeros", {0xA1, 1}, ZEROS, 8, 64, STAMP_TORN, STAMP_TORN},
    {"zeros in a sector", {0xA1, 2}, ZEROS, 8, 16, STAMP_CORRUPTED, STAMP_TORN},
    {"zeros in a line", {0xA1, 1}, ZEROS, 9, 10, STAMP_CORRUPTED, STAMP_CORRUPTED},
    {"noise in a line", {0xA1, 3}, NOISE, 9, 10, STAMP_CORRUPTED, STAMP_CORRUPTED},
    {"part from elsewhere", {0xA1, 3}, ELSEWHERE, 8, 16, STAMP_TORN, STAMP_MISPLACED},
    {"one bit", {0xA1, 1}, ONE_BIT, 5, 6, STAMP_CORRUPTED, STAMP_CORRUPTED},
    {"one bit, later", {0xA1, 3}, ONE_BIT, 40, 41, STAMP_CORRUPTED, STAMP_CORRUPTED},
    {"a bit in each line", {0xA1, 3}, ONE_BIT, 0, 64, STAMP_CORRUPTED, STAMP_EMPTY},
    {"lines in a wrong order", {0xA1, 3}, SWAPPED, 8, 10, STAMP_TORN, STAMP_MISPLACED},
};

static void put(uint8_t *block, uint32_t size, const struct row *row)
{
    uint64_t state = 99;

    stamp_fill(other, size, row->content == ELSEWHERE ? LBA + 77 : LBA, 1,
               row->content == OTHER_RUN ? earlier_run
               : row->content == OLDER   ? second
               : row->content == ZEROS   ? first
                                         : row->wanted);
    for (unsigned line = row->from; line < row->to; line++) {
        uint8_t *at = block + (size_t)line * STAMP_LINE;

        if (row->content == ZEROS)
            memset(at, 0, STAMP_LINE);
        else if (row->content == ONE_BIT)
            at[line % STAMP_LINE] ^= 0x10;
        else if (row->content == SWAPPED)
            memcpy(at, other + (size_t)(line ^ 1) * STAMP_LINE, STAMP_LINE);
        else if (row->content != NOISE)
            memcpy(at, other + (size_t)line * STAMP_LINE, STAMP_LINE);
        for (unsigned i = 0; row->content == NOISE && i < STAMP_LINE; i++)
            at[i] = (uint8_t)prng_next(&state);
    }
}

static void every_fault(void **state)
{
    struct stamp_result result;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t *block = buffer + 5 * STAMP_BLOCK_MAX;

        stamp_fill(buffer, STAMP_BLOCK_MAX, LBA - 5, BLOCKS, rows[i].wanted);
        put(block, STAMP_BLOCK_MAX, &rows[i]);
        assert_int_equal(stamp_check(buffer, STAMP_BLOCK_MAX, LBA - 5, BLOCKS, rows[i].wanted), 5);
        if (stamp_examine(block, STAMP_BLOCK_MAX, LBA, rows[i].wanted, &result) != rows[i].state)
            fail_msg("%s: %u", rows[i].name, result.state);
        assert_int_equal(result.good, 64 - (rows[i].to - rows[i].from));
        assert_int_equal(
            result.good + result.older + result.elsewhere + result.damaged + result.foreign, 64);
        assert_int_equal(result.odd, rows[i].from);
        assert_int_equal(result.odd_to, rows[i].to - 1);
        if (stamp_inspect(block, STAMP_BLOCK_MAX, LBA, &result) != rows[i].inspected)
            fail_msg("%s, inspected: %u", rows[i].name, result.state);
    }
}

static void what_was_found(void **state)
{
    struct stamp_result result;

    (void)state;
    stamp_fill(buffer, 512, 4711, 1, second);
    assert_int_equal(stamp_examine(buffer, 512, LBA, third, &result), STAMP_MISPLACED);
    assert_int_equal(result.found_lba, 4711);
    assert_int_equal(result.found.run, 0xA1);
    assert_int_equal(result.found.generation, 2);
    assert_int_equal(stamp_examine(buffer, 512, 4711, third, &result), STAMP_LOST);
    assert_int_equal(result.older, 8);
    assert_int_equal(stamp_inspect(buffer, 512, 4711, &result), STAMP_GOOD);
    assert_true(result.has_found);
    assert_int_equal(result.found.generation, 2);
    memset(buffer, 0xFF, 512);
    assert_int_equal(stamp_inspect(buffer, 512, 4711, &result), STAMP_EMPTY);
    assert_false(result.has_found);
    stamp_fill(buffer, 512, 4711, 1, second);
    buffer[100] ^= 0x41;
    assert_int_equal(stamp_examine(buffer, 512, 4711, second, &result), STAMP_CORRUPTED);
    assert_int_equal(result.bits, 2);
    assert_int_equal(result.damaged, 1);
    assert_int_equal(result.odd, 1);
}

/* Every single bit of a block matters. */
static void every_bit(void **state)
{
    struct stamp_result result;

    (void)state;
    stamp_fill(buffer, 512, LBA, 1, first);
    for (unsigned bit = 0; bit < 512 * 8; bit++) {
        buffer[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(stamp_check(buffer, 512, LBA, 1, first), 0);
        assert_int_equal(stamp_examine(buffer, 512, LBA, first, &result), STAMP_CORRUPTED);
        assert_int_equal(result.bits, 1);
        buffer[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void healthy(void **state)
{
    static const uint32_t sizes[] = {512, 1024, 2048, 4096};
    struct stamp_result result;

    (void)state;
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        stamp_fill(buffer, sizes[i], 0xFFFFFFFFFFF0u, BLOCKS, third);
        assert_int_equal(stamp_check(buffer, sizes[i], 0xFFFFFFFFFFF0u, BLOCKS, third), BLOCKS);
        for (unsigned block = 0; block < BLOCKS; block++) {
            const uint8_t *at = buffer + (size_t)block * sizes[i];

            assert_int_equal(stamp_examine(at, sizes[i], 0xFFFFFFFFFFF0u + block, third, &result),
                             STAMP_GOOD);
            assert_int_equal(stamp_inspect(at, sizes[i], 0xFFFFFFFFFFF0u + block, &result),
                             STAMP_GOOD);
            assert_int_equal(result.odd_to, 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault),
        cmocka_unit_test(what_was_found),
        cmocka_unit_test(every_bit),
        cmocka_unit_test(healthy),
    };

    return cmocka_run_group_tests_name("stamp", tests, NULL, NULL);
}
