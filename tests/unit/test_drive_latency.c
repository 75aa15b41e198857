/* What reports say of a drive's latency, whatever the journal holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "report/drive_latency.h"

static void durations(void **state)
{
    static const struct {
        uint64_t us;
        const char *words;
    } rows[] = {
        {0, "0 us"},          {999, "999 us"},          {1000, "1.0 ms"},   {9999, "9.9 ms"},
        {10000, "10 ms"},     {212345, "212 ms"},       {999999, "999 ms"}, {1000000, "1.0 s"},
        {14903211, "14.9 s"}, {UINT32_MAX, "4294.9 s"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char words[WORDS_SIZE];

        assert_string_equal(words_latency(words, rows[i].us), rows[i].words);
    }
}

static void figures(void **state)
{
    struct event_latency latency = {
        .reads = 10, .median_us = 400, .p99_us = 1200, .longest_us = 212000, .longest_lba = 123456};
    char words[TEXT_SIZE];
    struct text text = text_in(words, sizeof(words));

    (void)state;
    text_latencies(&text, &latency);
    assert_string_equal(words, "median 400 us, 99 % 1.2 ms, longest 212 ms at LBA 123456");
    latency.undated = 3;
    text = text_in(words, sizeof(words));
    text_latencies(&text, &latency);
    assert_string_equal(words, "median 400 us, 99 % 1.2 ms, longest 212 ms at LBA 123456, "
                               "3 reads without a time");
    latency.reads = 0;
    text = text_in(words, sizeof(words));
    text_latencies(&text, &latency);
    assert_string_equal(words, "3 reads without a time");
}

static void histograms(void **state)
{
    static const struct {
        const char *text;
        size_t count;
        uint64_t last;
    } rows[] = {
        {"", 0, 0},
        {"7", 1, 7},
        {"0,1,22", 3, 22},
        {"1,2,x,3", 2, 2},
        {"-1", 0, 0},
        {"5,", 1, 5},
        {"1,,2", 1, 1},
        {"99999999999999999999999", 1, UINT64_MAX},
        {"18446744073709551615,18446744073709551616", 2, UINT64_MAX},
        {"0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,4,5,6",
         LATENCY_COUNTS, 4},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t counts[LATENCY_COUNTS];

        assert_int_equal(latency_counts(rows[i].text, counts), rows[i].count);
        if (rows[i].count)
            assert_int_equal(counts[rows[i].count - 1], rows[i].last);
    }
}

#define NINES(n) &"9999999999999999999999999999999999999999999999999999999999999999"[64 - (n)]

static void slow_regions(void **state)
{
    static const struct {
        const char *start; /* the rest is as usual */
        uint64_t size;
        const char *words;
    } rows[] = {
        {"", 0, ""},
        {"5-6", 64ull << 30, ""},
        {"4", 64ull << 30, "0 bytes to 1.0 GiB (at worst under 50 %)"},
        {"99043", 64ull << 30, "2.0 GiB to 5.0 GiB (at worst under 10 %)"},
        {"99043", 0, "region 3 to 5 of 64 (at worst under 10 %)"},
        {"1-1", 0,
         "region 1 of 64 (at worst under 20 %), "
         "region 3 of 64 (at worst under 20 %)"},
        {"9090909090909", 0,
         "region 2 of 64 (at worst under 10 %), "
         "region 4 of 64 (at worst under 10 %), "
         "region 6 of 64 (at worst under 10 %), "
         "region 8 of 64 (at worst under 10 %) and 2 more"},
        {"9999999999999999999999999999999999999999999999999999999999999900", 64ull << 30,
         "62 GiB to 64 GiB (at worst under 10 %)"},
        {"??\"<>-~ ", 64ull << 30, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char map[MAP_SIZE], words[TEXT_SIZE];
        struct text text = text_in(words, sizeof(words));

        format_text(map, sizeof(map), "%s%s", rows[i].start, NINES(64 - strlen(rows[i].start)));
        text_slow_regions(&text, map, rows[i].size);
        assert_string_equal(words, rows[i].words);
    }
}

/* A map that is shorter than it should be. */
static void short_map(void **state)
{
    char words[TEXT_SIZE];
    struct text text = text_in(words, sizeof(words));

    (void)state;
    text_slow_regions(&text, (const char[MAP_SIZE]){"900"}, 0);
    assert_string_equal(words, "region 2 to 3 of 64 (at worst under 10 %)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations),    cmocka_unit_test(figures),   cmocka_unit_test(histograms),
        cmocka_unit_test(slow_regions), cmocka_unit_test(short_map),
    };

    return cmocka_run_group_tests_name("drive_latency", tests, NULL, NULL);
}
