/* The order in which a drive is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "disk/imaging/tour.h"

static const uint64_t MIB = 1024 * 1024;

static const struct {
    uint32_t block_size;
    uint64_t blocks;
    uint64_t stretches;
} drives[] = {
    {512, 1, 1},
    {512, 2048, 1},
    {512, 2049, 2},
    {512, 3 * 2048, 3},
    {4096, 5 * 256 + 1, 3},
    {512, 200 * 2048, 4},
    {4096, 1000 * 256 + 77, 16},
    {512, 3000 * 2048 + 1, 47},
};

/* The readings of one piece of the drive, and where in the tour they were. */
struct visits {
    unsigned first, second;
    uint64_t first_at;
};

/* Makes a read succeed at once: its hash is known before the next one is asked for. */
static void succeed(struct tour *tour, const struct tour_read *read)
{
    if (!read->second)
        read->piece->state = PIECE_KNOWN;
    tour_advance(tour, read->blocks * tour->block_size);
    tour_arrived(tour, read->blocks * tour->block_size);
}

/* Begins a read of 1 MiB that succeeds at once. */
static void advance_read(struct tour *tour)
{
    tour_advance(tour, MIB);
    tour_arrived(tour, MIB);
}

static void fail_read(struct tour *tour)
{
    tour_advance(tour, MIB);
    tour_failed(tour, MIB);
}

/* One pass; checks each read, and that all was read twice with enough between. */
static void check_pass(uint32_t block_size, uint64_t blocks, uint64_t seed)
{
    uint64_t piece_blocks = MIB / block_size;
    uint64_t pieces = (blocks - 1) / piece_blocks + 1;
    struct visits *visits = calloc(pieces, sizeof(*visits));
    struct tour *tour = malloc(sizeof(*tour));
    uint64_t limit = 4 * pieces + 1000;

    assert_int_equal(tour_init(tour, block_size, blocks, seed), OK);
    for (; !tour_is_over(tour); limit--) {
        struct visits *visit;
        struct tour_read read;

        assert_true(limit > 0);
        assert_true(tour_next(tour, &read));
        assert_true(read.blocks > 0 && read.blocks <= piece_blocks);
        assert_true(read.lba < blocks && read.blocks <= blocks - read.lba);
        assert_int_equal(read.lba % piece_blocks, 0);
        visit = &visits[read.lba / piece_blocks];
        if (read.second) {
            uint64_t between = tour->moved - visit->first_at;

            visit->second++;
            assert_true(between >= tour_elsewhere(tour, tour->stretch_blocks < blocks
                                                            ? tour->stretch_blocks
                                                            : blocks));
        } else if (read.first_pass) {
            visit->first++;
        }
        succeed(tour, &read);
        if (!read.second)
            visit->first_at = tour->moved;
    }
    for (uint64_t i = 0; i < pieces; i++) {
        assert_int_equal(visits[i].first, 1);
        assert_true(visits[i].second >= 1);
    }
    free(tour);
    free(visits);
}

static void test_all_is_read_twice(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(drives) / sizeof(drives[0]); i++) {
        struct tour tour;

        assert_int_equal(tour_init(&tour, drives[i].block_size, drives[i].blocks, 0), OK);
        assert_int_equal(tour.stretch_count, drives[i].stretches);
        for (uint64_t seed = 0; seed < 50; seed++)
            check_pass(drives[i].block_size, drives[i].blocks, seed);
    }
}

/* After n stretches no gap between them is larger than the drive divided by n, times two. */
static void test_order_is_spread(void **state)
{
    struct tour *tour = malloc(sizeof(*tour));
    uint64_t count = 1000, visited = 0;
    uint8_t seen[1000] = {0};

    (void)state;
    tour_init(tour, 512, count * 64 * 2048, 12345);
    while (visited < 500) {
        struct tour_read read;
        uint64_t stretch;

        assert_true(tour_next(tour, &read));
        stretch = read.lba / (64 * 2048);
        if (!read.second && !seen[stretch]) {
            seen[stretch] = 1;
            visited++;
            if (visited == 16 || visited == 125 || visited == 500) {
                uint64_t gap = 0, longest = 0;

                for (uint64_t i = 0; i < 2 * count; i++) {
                    gap = seen[i % count] ? 0 : gap + 1;
                    longest = gap > longest ? gap : longest;
                }
                assert_true(longest <= 3 * count / visited);
            }
        }
        succeed(tour, &read);
    }
    free(tour);
}

/* A piece whose hash is still to come is waited for, one that failed is passed over. */
static void test_waits_and_passes_over(void **state)
{
    struct tour tour;
    struct tour_read read;

    (void)state;
    tour_init(&tour, 512, 2 * 2048, 0);
    assert_true(tour_next(&tour, &read));
    read.piece->state = PIECE_WAITING;
    struct tour_piece *waiting = read.piece;
    advance_read(&tour);
    assert_true(tour_next(&tour, &read));
    assert_false(read.second);
    fail_read(&tour);
    assert_true(tour_next(&tour, &read));
    assert_false(read.second); /* nothing was read elsewhere yet: another visit */
    read.piece->state = PIECE_KNOWN;
    advance_read(&tour);
    assert_false(tour_next(&tour, &read));
    waiting->state = PIECE_KNOWN;
    assert_true(tour_next(&tour, &read));
    assert_true(read.second);
    advance_read(&tour);
    assert_true(tour_next(&tour, &read));
    assert_true(read.piece->state != PIECE_UNKNOWN || !read.second);
    assert_true(tour_is_over(&tour));
}

/* What is under way counts as read elsewhere only when it has arrived. */
static void test_elsewhere_is_what_arrived(void **state)
{
    struct tour *tour = malloc(sizeof(*tour));
    struct tour_read read;

    (void)state;
    tour_init(tour, 512, 1000 * 2048, 3);
    for (unsigned i = 0; i < 2 * TOUR_PIECES; i++) {
        assert_true(tour_next(tour, &read));
        assert_false(read.second);
        read.piece->state = PIECE_KNOWN;
        tour_advance(tour, MIB);
    }
    for (unsigned i = 0; i < 2 * TOUR_PIECES; i++) {
        assert_true(tour_next(tour, &read));
        assert_false(read.second);
        tour_arrived(tour, MIB);
    }
    for (unsigned i = 0; i < TOUR_PIECES; i++) { /* the third stretch was begun: to its end */
        assert_true(tour_next(tour, &read));
        assert_int_equal(read.second, i > 0 ? false : read.second);
        if (read.second)
            break;
        read.piece->state = PIECE_KNOWN;
        advance_read(tour);
    }
    assert_true(tour_next(tour, &read));
    assert_true(read.second);
    free(tour);
}

/* A drive on which every read fails has an end all the same. */
static void test_ends_when_all_fails(void **state)
{
    struct tour *tour = malloc(sizeof(*tour));
    uint64_t limit = 10000;

    (void)state;
    tour_init(tour, 512, 1000 * 2048, 9);
    for (; !tour_is_over(tour); limit--) {
        struct tour_read read;

        assert_true(limit > 0);
        assert_true(tour_next(tour, &read));
        fail_read(tour);
    }
    free(tour);
}

static void test_refuses_strange_geometry(void **state)
{
    static const struct {
        uint32_t block_size;
        uint64_t blocks;
    } strange[] = {{0, 10}, {520, 10}, {512, 0}, {2097152, 10}, {4096, UINT64_MAX}};
    struct tour tour;

    (void)state;
    for (size_t i = 0; i < sizeof(strange) / sizeof(strange[0]); i++)
        assert_int_equal(tour_init(&tour, strange[i].block_size, strange[i].blocks, 1), ERR_RANGE);
    assert_int_equal(tour_init(&tour, 4096, UINT64_MAX / 4096, 1), OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_is_read_twice),
        cmocka_unit_test(test_order_is_spread),
        cmocka_unit_test(test_waits_and_passes_over),
        cmocka_unit_test(test_elsewhere_is_what_arrived),
        cmocka_unit_test(test_ends_when_all_fails),
        cmocka_unit_test(test_refuses_strange_geometry),
    };

    return cmocka_run_group_tests_name("tour", tests, NULL, NULL);
}
