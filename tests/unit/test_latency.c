/* The latency of a drive: its histogram, its map and its outliers, and that nothing overflows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/prng.h"
#include "disk/latency.h"
#include "tests/sim/recorder.h"

enum { MIB = 1024 * 1024, BLOCKS = 64 * 4096, MIB_BLOCKS = 2048 };

static struct latency latency;
static struct recorder recorder;
static struct sink sink;

static int begin(void **state)
{
    (void)state;
    sink = recorder_start(&recorder);
    latency_init(&latency, BLOCKS);
    return 0;
}

/* A read of 1 MiB that has the drive for itself. */
static void read_at(uint64_t lba, uint64_t duration_us)
{
    latency_add(&latency, lba, MIB_BLOCKS, MIB, duration_us, duration_us, 0);
}

static const struct event_latency *end(void)
{
    latency_end(&latency, "imaging", 5, &sink);
    assert_int_equal(recorder_count(&recorder, EVENT_LATENCY), 1);
    assert_string_equal(recorder.events[0].latency.phase, "imaging");
    assert_int_equal(recorder.events[0].latency.part, 5);
    return &recorder.events[0].latency;
}

static void nothing_is_nothing(void **state)
{
    (void)state;
    latency_end(&latency, "imaging", 5, &sink);
    assert_int_equal(recorder.count, 0);
}

static void one_read(void **state)
{
    const struct event_latency *said;

    (void)state;
    read_at(77, 3000);
    said = end();
    assert_int_equal(said->reads, 1);
    assert_int_equal(said->undated, 0);
    assert_int_equal(said->longest_us, 3000);
    assert_int_equal(said->longest_lba, 77);
    assert_in_range(said->median_us, 2600, 3000);
    assert_int_equal(said->p999_us, said->median_us);
    assert_string_equal(said->histogram, "0,0,0,0,0,0,0,0,0,0,0,1");
    assert_int_equal(recorder.count, 1);
}

static void powers_of_two(void **state)
{
    (void)state;
    for (uint64_t duration_us = 0; duration_us < 20; duration_us++)
        read_at(0, duration_us);
    assert_string_equal(end()->histogram, "2,2,4,8,4");
}

static int compare(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return left < right ? -1 : left > right;
}

static void is_near(uint32_t said, uint32_t exact)
{
    assert_in_range(said, exact - exact / 7, exact + exact / 7 + 1);
}

/* Percentiles against those of the sorted reads. */
static void percentiles(void **state)
{
    static uint32_t durations[5000];
    const uint32_t count = 5000;

    for (uint64_t seed = 1; seed <= 50; seed++) {
        const struct event_latency *said;
        uint64_t random = seed;
        unsigned spread = 1 + (unsigned)prng_below(&random, 25);

        begin(state);
        for (uint32_t i = 0; i < count; i++) {
            durations[i] = 1 + (uint32_t)prng_below(&random, 2ull << prng_below(&random, spread));
            read_at(i, durations[i]);
        }
        said = end();
        qsort(durations, count, sizeof(durations[0]), compare);
        is_near(said->median_us, durations[count / 2 - 1]);
        is_near(said->p99_us, durations[count / 100 * 99 - 1]);
        is_near(said->p999_us, durations[count / 1000 * 999 - 1]);
        assert_int_equal(said->longest_us, durations[count - 1]);
        assert_true(said->median_us <= said->p99_us && said->p99_us <= said->p999_us &&
                    said->p999_us <= said->longest_us);
    }
}

static void undated(void **state)
{
    static const struct {
        uint64_t duration_us, gap_us;
        bool undated;
    } rows[] = {
        {1000, 0, false},      {1000, 1000, false}, {1001, 1001, true},
        {4000, 1001, true},    {4004, 1001, false}, {100000, 25000, false},
        {100000, 25001, true}, {10, 500, false},    {10, 5000, true},
    };
    uint64_t expected = 0;
    const struct event_latency *said;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        latency_add(&latency, 0, MIB_BLOCKS, MIB, rows[i].duration_us, rows[i].duration_us,
                    rows[i].gap_us);
        expected += rows[i].undated;
        assert_int_equal(latency.undated, expected);
    }
    said = end();
    assert_int_equal(said->undated, expected);
    assert_int_equal(said->reads, sizeof(rows) / sizeof(rows[0]) - expected);
}

static void only_undated(void **state)
{
    const struct event_latency *said;

    (void)state;
    latency_add(&latency, 0, MIB_BLOCKS, MIB, 5000, 5000, 5000);
    said = end();
    assert_int_equal(said->reads, 0);
    assert_int_equal(said->undated, 1);
    assert_int_equal(said->longest_us, 0);
    assert_string_equal(said->histogram, "");
    assert_int_equal(said->map[0], '-');
}

/* --- The map -----------------------------------------------------------------------------------
 */

/* Reads each region `reads` times; region 20 in `slow_us`. */
static void read_all(unsigned reads, uint64_t usual_us, uint64_t slow_us)
{
    for (unsigned region = 0; region < LATENCY_REGIONS; region++) {
        for (unsigned i = 0; i < reads; i++)
            read_at(region * 4096u + i, region == 20 ? slow_us : usual_us);
    }
}

static void slow_region(void **state)
{
    char expected[MAP_SIZE];

    for (unsigned tenths = 1; tenths <= 10; tenths++) {
        begin(state);
        read_all(40, 5000, 5000 * 10 / tenths);
        memset(expected, '9', LATENCY_REGIONS);
        expected[LATENCY_REGIONS] = '\0';
        expected[20] = (char)('0' + (tenths < 9 ? tenths : 9));
        assert_string_equal(end()->map, expected);
    }
    begin(state);
    read_all(40, 5000, 5000000);
    assert_int_equal(end()->map[20], '0');
}

/* The inner tracks of a disk have half the pace of the outer ones. */
static void inner_tracks(void **state)
{
    const char *map;

    (void)state;
    for (unsigned region = 0; region < LATENCY_REGIONS; region++) {
        for (unsigned i = 0; i < 10; i++)
            read_at(region * 4096u, 4000 * 128 / (128 - region));
    }
    map = end()->map;
    for (unsigned i = 0; i < LATENCY_REGIONS; i++)
        assert_true(map[i] >= '6');
}

/* A long read in each of a few regions, a spin-up at the first: no region is slow for that. */
static void long_reads_are_no_slow_region(void **state)
{
    const char *map;

    (void)state;
    read_at(0, 12000000);
    read_all(20, 5000, 5000);
    read_at(30 * 4096, 900000);
    read_at(40 * 4096, 300000);
    map = end()->map;
    for (unsigned i = 0; i < LATENCY_REGIONS; i++)
        assert_int_equal(map[i], '9');
}

static void regions_not_read(void **state)
{
    const char *map;

    (void)state;
    for (unsigned i = 0; i < 8; i++) {
        read_at(3 * 4096, 5000);
        read_at(63 * 4096 + 4095, 5000);
        latency_add(&latency, 9 * 4096, 8, 4096, 15000, 15000, 0);         /* too small */
        latency_add(&latency, 11 * 4096, MIB_BLOCKS, MIB, 100, 100, 2000); /* undated */
        read_at(64 * 4096, 5000);                                          /* beyond its end */
    }
    read_at(13 * 4096, 5000); /* only once */
    map = end()->map;
    for (unsigned i = 0; i < LATENCY_REGIONS; i++)
        assert_int_equal(map[i], i == 3 || i == 63 ? '9' : '-');
}

/* Overlapped reads take long and keep the drive busy for a part of that only. */
static void regions_go_by_busy_time(void **state)
{
    const char *map;

    (void)state;
    for (unsigned region = 0; region < LATENCY_REGIONS; region++) {
        for (unsigned i = 0; i < 16; i++)
            latency_add(&latency, region * 4096u, MIB_BLOCKS, MIB, region < 32 ? 5000 : 80000, 5000,
                        0);
    }
    map = end()->map;
    for (unsigned i = 0; i < LATENCY_REGIONS; i++)
        assert_int_equal(map[i], '9');
}

/* --- Outliers ----------------------------------------------------------------------------------
 */

static void read_many(unsigned count, uint64_t duration_us)
{
    for (unsigned i = 0; i < count; i++)
        read_at(i, duration_us);
}

static void outliers(void **state)
{
    static const struct {
        uint64_t usual_us, long_us;
        size_t events;
    } rows[] = {
        {500, 100000, 0},  {500, 100001, 1},   {500, 30000000, 1},
        {5000, 101000, 1}, {50000, 350000, 0}, {50000, 500000, 1},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        begin(state);
        read_many(100, rows[i].usual_us);
        read_at(1234, rows[i].long_us);
        read_many(100, rows[i].usual_us);
        end();
        assert_int_equal(recorder_count(&recorder, EVENT_OUTLIER), rows[i].events);
        if (rows[i].events) {
            const struct event_outlier *said = &recorder.events[1].outlier;

            assert_int_equal(said->part, 5);
            assert_int_equal(said->lba, 1234);
            assert_int_equal(said->blocks, MIB_BLOCKS);
            assert_int_equal(said->duration_us, rows[i].long_us);
            is_near(said->median_us, (uint32_t)rows[i].usual_us);
        }
    }
}

/* By then, not by the end; and not before there is a median. */
static void outliers_by_then(void **state)
{
    begin(state);
    read_many(LATENCY_SETTLED - 1, 500);
    read_at(1, 12000000);
    read_many(100, 500);
    end();
    assert_int_equal(recorder_count(&recorder, EVENT_OUTLIER), 0);
    begin(state);
    read_many(LATENCY_SETTLED, 500);
    read_at(1, 200000);
    read_many(1000, 100000);
    read_at(2, 200000);
    end();
    assert_int_equal(recorder_count(&recorder, EVENT_OUTLIER), 1);
    assert_int_equal(recorder.events[1].outlier.lba, 1);
}

/* The longest are kept, and come by their LBA. */
static void the_longest_outliers(void **state)
{
    uint64_t random = 42;
    bool seen[100] = {false};

    (void)state;
    read_many(10000, 500);
    for (unsigned left = 100; left > 0; left--) {
        unsigned at = (unsigned)prng_below(&random, 100);

        while (seen[at])
            at = (at + 1) % 100;
        seen[at] = true;
        read_at(at, 200000 + (uint64_t)(at * 7 % 100) * 1000);
    }
    end();
    assert_int_equal(recorder_count(&recorder, EVENT_OUTLIER), LATENCY_OUTLIERS);
    for (size_t i = 0; i < LATENCY_OUTLIERS; i++) {
        const struct event_outlier *said = &recorder.events[1 + i].outlier;

        assert_true(said->duration_us >= 200000 + (100 - LATENCY_OUTLIERS) * 1000);
        assert_true(i == 0 || said->lba > recorder.events[i].outlier.lba);
    }
}

/* --- Limits ------------------------------------------------------------------------------------
 */

/* Seven days at 20 GB/s on a drive of 16 TiB, in 64 regions alike but for one. */
static void a_long_run(void **state)
{
    const uint64_t blocks = 1ull << 35, week_us = 604800ull * 1000000;
    const struct event_latency *said;

    (void)state;
    latency_init(&latency, blocks);
    for (unsigned i = 0; i < LATENCY_REGIONS; i++) {
        struct latency_region *region = &latency.regions[i];

        latency_add(&latency, blocks / 64 * i, MIB_BLOCKS, MIB, 50, 50, 0);
        region->busy_us = week_us / 64;
        region->bytes = week_us / 64 * (i == 7 ? 10000 : 20000);
        region->reads = region->bytes / MIB;
    }
    latency.reads = latency.buckets[0] = 12000000000;
    said = end();
    assert_int_equal(said->map[0], '9');
    assert_int_equal(said->map[7], '5');
    assert_int_equal(said->median_us, 1);
}

/* Whatever is said of a read. */
static void any_number(void **state)
{
    static const uint64_t values[] = {0, 1, 5, 1ull << 31, UINT32_MAX, 1ull << 32, UINT64_MAX};
    const size_t count = sizeof(values) / sizeof(values[0]);

    for (size_t size = 0; size < count; size++) {
        begin(state);
        latency_init(&latency, values[size]);
        for (size_t i = 0; i < count * count * count * count; i++)
            latency_add(&latency, values[i % count], (uint32_t)values[i / count % count],
                        values[i / count % count], values[i / count / count % count],
                        values[i / count / count / count], 0);
        assert_int_equal(end()->longest_us, UINT32_MAX);
    }
}

/* Counts so large that they do not fit are cut, and none is lost. */
static void a_full_histogram(void **state)
{
    const char *at;
    unsigned numbers = 1;

    (void)state;
    for (unsigned i = 0; i < LATENCY_BUCKETS; i++)
        latency.reads += latency.buckets[i] = 2000000000000000ull;
    at = end()->histogram;
    assert_true(strlen(at) < TEXT_SIZE);
    assert_memory_equal(at, "9999999,9999999,", 16);
    for (; *at; at++)
        numbers += *at == ',';
    assert_int_equal(numbers, LATENCY_OCTAVES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nothing_is_nothing, begin),
        cmocka_unit_test_setup(one_read, begin),
        cmocka_unit_test_setup(powers_of_two, begin),
        cmocka_unit_test_setup(percentiles, begin),
        cmocka_unit_test_setup(undated, begin),
        cmocka_unit_test_setup(only_undated, begin),
        cmocka_unit_test_setup(slow_region, begin),
        cmocka_unit_test_setup(inner_tracks, begin),
        cmocka_unit_test_setup(long_reads_are_no_slow_region, begin),
        cmocka_unit_test_setup(regions_not_read, begin),
        cmocka_unit_test_setup(regions_go_by_busy_time, begin),
        cmocka_unit_test_setup(outliers, begin),
        cmocka_unit_test_setup(outliers_by_then, begin),
        cmocka_unit_test_setup(the_longest_outliers, begin),
        cmocka_unit_test_setup(a_long_run, begin),
        cmocka_unit_test_setup(any_number, begin),
        cmocka_unit_test_setup(a_full_histogram, begin),
    };

    return cmocka_run_group_tests_name("latency", tests, NULL, NULL);
}
