/* The pace of a drive: real slow stretches are found with their length, everything else is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/prng.h"
#include "disk/pace.h"
#include "disk/reader.h"
#include "tests/sim/drive.h"
#include "tests/sim/recorder.h"

enum { MIB = 1024 * 1024, SECOND = 1000000, MEGA = 1000 * 1000, SEEDS = 200 };

static struct pace pace;
static struct recorder recorder;
static struct sink sink;
static uint64_t lba;

static void begin(void)
{
    sink = recorder_start(&recorder);
    pace_init(&pace, 5, &sink);
    lba = 0;
}

static void read_in(uint64_t bytes, uint64_t service_us, unsigned flags)
{
    pace_add(&pace, lba, bytes, service_us, flags);
    lba += bytes / 512;
}

/* Reads of 1 MiB at a pace (bytes per second) for a time. */
static void read_for(uint64_t per_second, uint64_t duration_us, unsigned flags)
{
    uint64_t service_us = (uint64_t)MIB * SECOND / per_second;

    for (uint64_t spent_us = 0; spent_us < duration_us; spent_us += service_us)
        read_in(MIB, service_us, flags);
}

static const struct event_pace *stretch(size_t index)
{
    const struct event *event = recorder_find(&recorder, EVENT_PACE, index);

    assert_non_null(event);
    return &event->pace;
}

/* usual, slow: bytes per second */
static void assert_found(uint64_t usual, uint64_t slow, uint64_t duration_us)
{
    const uint32_t seconds = (uint32_t)(duration_us / SECOND);
    uint64_t start;

    begin();
    read_for(usual, 8 * SECOND, 0);
    assert_int_equal(recorder.count, 0);
    assert_in_range(pace_usual(&pace), usual * 9 / 10, usual * 11 / 10);
    start = lba;
    read_for(slow, duration_us, 0);
    assert_int_equal(recorder.count, 1);
    assert_int_equal(stretch(0)->part, 5);
    assert_in_range(stretch(0)->lba, start, start + PACE_WINDOW_READS * 2048);
    assert_in_range(stretch(0)->usual, usual * 9 / 10, usual * 11 / 10);
    assert_in_range(stretch(0)->slow, slow * 9 / 10, slow * 12 / 10);
    assert_in_range(stretch(0)->duration_s, 3, 6);
    assert_true(stretch(0)->reads >= 3);
    assert_false(stretch(0)->others_known);
    read_for(usual, 2 * SECOND, 0);
    pace_end(&pace);
    assert_int_equal(recorder.count, 2);
    assert_int_equal(stretch(1)->lba, stretch(0)->lba);
    assert_in_range(stretch(1)->duration_s, seconds - 1, seconds + 2);
}

static void slow_stretches(void **state)
{
    (void)state;
    assert_found(300 * MEGA, 1 * MEGA, 8 * SECOND);
    assert_found(300 * MEGA, 1 * MEGA, 60 * SECOND);
    assert_found(300 * MEGA, 10 * MEGA, 10 * SECOND);
    assert_found(2000 * MEGA, 20 * MEGA, 10 * SECOND);
    assert_found(100 * MEGA, 1 * MEGA, 5 * SECOND);
    assert_found(10 * MEGA, 500000, 20 * SECOND);
}

/* Slow to the end: its full length is told when the reads end. */
static void slow_to_the_end(void **state)
{
    (void)state;
    begin();
    read_for(300 * MEGA, 2 * SECOND, 0);
    read_for(1 * MEGA, 30 * SECOND, 0);
    assert_int_equal(recorder.count, 1);
    pace_end(&pace);
    assert_int_equal(recorder.count, 2);
    assert_in_range(stretch(1)->duration_s, 29, 32);
    pace_end(&pace);
    assert_int_equal(recorder.count, 2);
}

/* A read now and then that the drive answers from its cache does not end a stretch. */
static void cached_between(void **state)
{
    (void)state;
    begin();
    read_for(300 * MEGA, 2 * SECOND, 0);
    for (unsigned i = 0; i < 10; i++) {
        read_for(1 * MEGA, 4 * SECOND, 0);
        read_in(MIB, 3000, 0);
    }
    pace_end(&pace);
    assert_int_equal(recorder.count, 2);
    assert_in_range(stretch(1)->duration_s, 38, 45);
}

static void others(void **state)
{
    static const struct {
        unsigned flags;
        size_t events;
        bool known, kept;
    } rows[] = {
        {0, 2, false, false},
        {PACE_OTHERS_KNOWN | PACE_OTHERS_KEPT, 2, true, true},
        {PACE_OTHERS_KNOWN, 0, false, false},
        {PACE_OTHERS_KEPT, 2, false, false},
        {PACE_UNCLEAN, 0, false, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        begin();
        read_for(300 * MEGA, 2 * SECOND, 0);
        read_for(1 * MEGA, 10 * SECOND, rows[i].flags);
        pace_end(&pace);
        assert_int_equal(recorder.count, rows[i].events);
        for (size_t j = 0; j < recorder.count; j++) {
            assert_int_equal(stretch(j)->others_known, rows[i].known);
            assert_int_equal(stretch(j)->others_kept, rows[i].kept);
        }
    }
}

static void no_stretches(void **state)
{
    (void)state;
    /* An emulated drive's dips. */
    begin();
    for (unsigned i = 0; i < 10; i++) {
        read_for(500 * MEGA, 3 * SECOND, 0);
        read_for(100 * MEGA, 10 * SECOND, 0);
    }
    /* One, two and ever again a single long read. */
    for (unsigned i = 0; i < 100; i++) {
        read_in(MIB, 30 * SECOND, 0);
        read_for(500 * MEGA, 1 * SECOND, 0);
        read_in(MIB, 2 * SECOND, 0);
        read_in(MIB, 2 * SECOND, 0);
        read_for(500 * MEGA, 1 * SECOND, 0);
    }
    /* Less than three seconds. */
    for (unsigned i = 0; i < 100; i++) {
        read_for(10 * MEGA, 2 * SECOND, 0);
        read_for(500 * MEGA, 1 * SECOND, 0);
    }
    pace_end(&pace);
    assert_int_equal(recorder.count, 0);
}

/* A disk with moving heads: small scattered reads, the inner tracks, and a start from rest. */
static void seeks(void **state)
{
    (void)state;
    begin();
    read_in(MIB, 12 * SECOND, 0);
    read_for(250 * MEGA, 10 * SECOND, 0);
    for (unsigned i = 0; i < 2000; i++)
        read_in(4096, 15000, 0);
    for (unsigned i = 0; i < 2000; i++)
        read_in(128 * 1024, 17000, 0);
    read_for(90 * MEGA, 30 * SECOND, 0);
    pace_end(&pace);
    assert_int_equal(recorder.count, 0);
}

/* A very fast start, as from a cache, makes an ordinary disk no slow one. */
static void cached_start(void **state)
{
    (void)state;
    begin();
    read_for(7000u * MEGA, 2 * SECOND, 0);
    read_for(50 * MEGA, 60 * SECOND, 0);
    pace_end(&pace);
    assert_int_equal(recorder.count, 0);
}

/* Noise of a factor of six either way from read to read. */
static void noise(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        uint64_t random = seed;
        uint64_t usual = 20 * MEGA + prng_below(&random, 2000u * MEGA);

        begin();
        for (unsigned i = 0; i < 3000; i++) {
            uint64_t sixths = 1 + prng_below(&random, 36);

            read_in(MIB, (uint64_t)MIB * SECOND / usual * sixths / 6, 0);
        }
        pace_end(&pace);
        assert_int_equal(recorder.count, 0);
    }
}

static void limits(void **state)
{
    (void)state;
    begin();
    for (unsigned i = 0; i < 10; i++) {
        read_for(300 * MEGA, 2 * SECOND, 0);
        read_for(1 * MEGA, 5 * SECOND, 0);
    }
    read_in(MIB, 0, 0);
    pace_end(&pace);
    assert_int_equal(recorder.count, 2 * PACE_STRETCHES_MAX);
}

static void what_others_ask(void **state)
{
    bool known;

    (void)state;
    begin();
    assert_int_equal(pace_now(&pace), 0);
    assert_int_equal(pace_usual(&pace), 0);
    (void)pace_kept(&pace, &known);
    assert_false(known);
    read_for(300 * MEGA, 2 * SECOND, 0);
    assert_true(pace_kept(&pace, &known));
    assert_true(known);
    read_for(200 * MEGA, 1 * SECOND, 0);
    assert_true(pace_kept(&pace, &known));
    read_for(100 * MEGA, 1 * SECOND, 0);
    assert_false(pace_kept(&pace, &known));
    assert_in_range(pace_now(&pace), 95 * MEGA, 105 * MEGA);
}

/* What became usual slowly is usual. */
static void learning(void **state)
{
    (void)state;
    begin();
    read_for(300 * MEGA, 2 * SECOND, 0);
    read_for(100 * MEGA, 300 * SECOND, 0);
    assert_in_range(pace_usual(&pace), 95 * MEGA, 105 * MEGA);
    assert_int_equal(recorder.count, 0);
}

/* A simulated drive read for a while by the reader, slow from one second on, or not. */
static void read_drive(enum drive_fault fault, uint64_t seed)
{
    static uint8_t buffer[MIB];
    static struct sim_drive drive;
    struct sim_clock sim_clock = {0};
    struct clock clock = sim_clock_seam(&sim_clock);
    struct disk_reader reader;

    begin();
    sim_drive_init(&drive, &sim_clock, PROTOCOL_ATA, 512, 1 << 24, seed);
    drive.fault = fault;
    drive.fault_us = SECOND;
    disk_reader_init(&reader, &drive.device, &clock, &sink, seed);
    for (; sim_clock.now_us < 8 * SECOND && lba < 2048 * 500; lba += 2048) {
        assert_int_equal(disk_read_checked(&reader, lba, 2048, buffer), 0);
        pace_add(&pace, lba, MIB, reader.duration_us, reader.clean ? 0 : PACE_UNCLEAN);
    }
    pace_end(&pace);
}

static void drives(void **state)
{
    (void)state;
    read_drive(DRIVE_HEALTHY, 1);
    assert_int_equal(recorder.count, 0);
    read_drive(DRIVE_SLOW, 2);
    assert_int_equal(recorder.count, 2);
    assert_in_range(stretch(1)->lba, 2048 * 270, 2048 * 300);
    assert_in_range(stretch(1)->slow, 900000, 1100000);
    assert_in_range(stretch(1)->duration_s, 6, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slow_stretches), cmocka_unit_test(slow_to_the_end),
        cmocka_unit_test(cached_between), cmocka_unit_test(others),
        cmocka_unit_test(no_stretches),   cmocka_unit_test(seeks),
        cmocka_unit_test(cached_start),   cmocka_unit_test(noise),
        cmocka_unit_test(limits),         cmocka_unit_test(what_others_ask),
        cmocka_unit_test(learning),       cmocka_unit_test(drives),
    };

    return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
