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
    assert_in_range(stretch(0)->duration_s, 3, 9);
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

/* Several drives of one machine, by turns, each with its own pace in each phase. */
enum { DRIVES_MAX = 9 };

struct drive_row {
    uint64_t before, now;       /* bytes per second in the first and in the second phase */
    uint64_t later;             /* from the middle of the second phase on; 0: as `now` */
    size_t events;              /* that tell of it, when all has ended */
    bool others_known, is_last; /* of the machine */
};

static struct pace drives_before[DRIVES_MAX], drives_now[DRIVES_MAX];

static unsigned flags_for(const struct pace *paces, size_t count, size_t drive)
{
    struct pace_others others = {0};

    for (size_t i = 0; i < count; i++) {
        if (i != drive)
            pace_others_add(&others, &paces[i]);
    }
    return pace_others_flags(&others);
}

/* Each drive is read for 250 ms, then the next. */
static void read_turns(struct pace *paces, const struct drive_row *rows, size_t count,
                       unsigned half)
{
    for (unsigned turn = 0; turn < 4 * 20; turn++) {
        for (size_t i = 0; i < count; i++) {
            uint64_t later = rows[i].later ? rows[i].later : rows[i].now;
            uint64_t per_second = half == 0 ? rows[i].before : half == 1 ? rows[i].now : later;
            uint64_t service_us = (uint64_t)MIB * SECOND / per_second;

            for (uint64_t spent = 0; spent < SECOND / 4; spent += service_us) {
                pace_add(&paces[i], lba, MIB, service_us, flags_for(paces, count, i));
                lba += 2048;
            }
        }
    }
}

static size_t events_of(part_id part)
{
    size_t found = 0;

    for (size_t i = 0; i < recorder.count; i++)
        found += recorder.events[i].pace.part == part;
    return found;
}

static void run_phases(const struct drive_row *rows, size_t count)
{
    sink = recorder_start(&recorder);
    lba = 0;
    for (size_t i = 0; i < count; i++)
        pace_init(&drives_before[i], (part_id)(10 + i), &sink);
    read_turns(drives_before, rows, count, 0);
    for (size_t i = 0; i < count; i++) {
        pace_end(&drives_before[i]);
        pace_init(&drives_now[i], (part_id)(10 + i), &sink);
        pace_carry(&drives_now[i], &drives_before[i]);
    }
    assert_int_equal(recorder.count, 0);
    read_turns(drives_now, rows, count, 1);
    read_turns(drives_now, rows, count, 2);
    for (size_t i = 0; i < count; i++)
        pace_end(&drives_now[i]);
}

#define M 1000000ull

/* Slow from the first read of a phase, and what is none. */
static void phases(void **state)
{
    static const struct drive_row rows[] = {
        /* one drive of two, to its end; of three; for half of the phase */
        {200 * M, 200 * M, 0, 0, false, false},
        {200 * M, 10 * M, 0, 2, true, true},
        {200 * M, 150 * M, 0, 0, false, false},
        {2000 * M, 1500 * M, 0, 0, false, false},
        {100 * M, 5 * M, 0, 2, true, true},
        {200 * M, 200 * M, 0, 0, false, false},
        {200 * M, 10 * M, 200 * M, 2, true, true},
        /* two of three */
        {500 * M, 500 * M, 0, 0, false, false},
        {200 * M, 10 * M, 0, 2, true, false},
        {200 * M, 10 * M, 0, 2, true, true},
        /* the only one */
        {200 * M, 10 * M, 0, 2, false, true},
        /* the healthy twins: all as before; all slower alike; a part of it; a throttled one */
        {200 * M, 200 * M, 0, 0, false, false},
        {300 * M, 300 * M, 0, 0, false, true},
        {200 * M, 10 * M, 0, 0, false, false},
        {300 * M, 15 * M, 0, 0, false, true},
        {400 * M, 20 * M, 0, 0, false, false},
        {200 * M, 10 * M, 0, 0, false, false},
        {900 * M, 45 * M, 0, 0, false, true},
        {200 * M, 66 * M, 0, 0, false, false},
        {900 * M, 70 * M, 0, 0, false, true},
        {200 * M, 200 * M, 0, 0, false, false},
        {3000 * M, 150 * M, 0, 0, false, true},
        {200 * M, 40 * M, 0, 0, false, true},
        /* six on one hub, and one that is not */
        {40 * M, 4 * M, 0, 0, false, false},
        {40 * M, 4 * M, 0, 0, false, false},
        {40 * M, 4 * M, 0, 0, false, false},
        {40 * M, 4 * M, 0, 0, false, false},
        {40 * M, 4 * M, 0, 0, false, false},
        {40 * M, 4 * M, 0, 0, false, false},
        {900 * M, 900 * M, 0, 0, false, true},
        /* all slower alike, and then one of them by itself */
        {400 * M, 40 * M, 0, 0, false, false},
        {200 * M, 20 * M, 1 * M, 2, true, true},
    };

    (void)state;
    for (size_t first = 0, i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (!rows[i].is_last)
            continue;
        run_phases(&rows[first], i + 1 - first);
        for (size_t drive = first; drive <= i; drive++) {
            part_id part = (part_id)(10 + drive - first);

            if (events_of(part) != rows[drive].events)
                fail_msg("row %zu: %zu events", drive, events_of(part));
        }
        for (size_t event = 0; event < recorder.count; event++) {
            const struct event_pace *said = stretch(event);
            const struct drive_row *row = &rows[first + said->part - 10u];

            assert_int_equal(said->others_known, row->others_known);
            assert_int_equal(said->others_kept, row->others_known);
        }
        first = i + 1;
    }
}

/* What an event says of a drive that was slow from its first read on. */
static void slow_from_the_start(void **state)
{
    static const struct drive_row row = {200 * M, 10 * M, 200 * M, 2, false, true};
    const struct event_pace *said;

    (void)state;
    run_phases(&row, 1);
    said = stretch(1);
    assert_in_range(said->usual, 190 * M, 210 * M);
    assert_in_range(said->slow, 9 * M, 12 * M);
    assert_in_range(said->duration_s, 19, 26);
    assert_int_equal(said->lba, stretch(0)->lba);
    assert_in_range(pace_usual(&drives_now[0]), 190 * M, 210 * M);
}

/* The first minutes are what is carried, however many phases it goes through. */
static void first_minutes(void **state)
{
    struct pace second, third;

    (void)state;
    begin();
    read_for(300 * MEGA, 130 * SECOND, 0);
    read_for(100 * MEGA, 600 * SECOND, 0);
    assert_in_range(pace_usual(&pace), 95 * MEGA, 110 * MEGA);
    pace_init(&second, 5, &sink);
    pace_carry(&second, &pace);
    assert_in_range(second.carried, 290 * MEGA, 310 * MEGA);
    pace_init(&third, 5, &sink);
    pace_carry(&third, &second);
    assert_int_equal(third.carried, second.carried);
    begin();
    pace_carry(&third, &pace);
    assert_int_equal(third.carried, 0);
}

/* Slow while its usual pace was learnt: what it reaches later is its pace then. */
static void slow_while_learning(void **state)
{
    (void)state;
    begin();
    read_for(10 * MEGA, 6 * SECOND, 0);
    read_for(200 * MEGA, 2 * SECOND, 0);
    assert_in_range(pace_usual(&pace), 190 * MEGA, 210 * MEGA);
    assert_int_equal(recorder.count, 0);
    read_for(10 * MEGA, 6 * SECOND, 0);
    assert_int_equal(recorder.count, 1);
    assert_in_range(stretch(0)->usual, 190 * MEGA, 210 * MEGA);
}

/* Less than the factor, or not for long: what it was is its pace. */
static void fast_at_times(void **state)
{
    (void)state;
    begin();
    read_for(40 * MEGA, 6 * SECOND, 0);
    read_for(280 * MEGA, SECOND, 0);
    assert_in_range(pace_usual(&pace), 40 * MEGA, 170 * MEGA);
    begin();
    read_for(10 * MEGA, 6 * SECOND, 0);
    read_for(200 * MEGA, (PACE_FAST - 2) * 40000, 0);
    read_for(10 * MEGA, 20 * SECOND, 0);
    pace_end(&pace);
    assert_in_range(pace_usual(&pace), 9 * MEGA, 11 * MEGA);
    assert_int_equal(recorder.count, 0);
}

/* So few windows that no usual pace came of them, and a slow one beside faster windows. */
static void few_windows_are_carried(void **state)
{
    struct pace second;

    (void)state;
    begin();
    for (unsigned i = 0; i < PACE_SKIP + 8 * PACE_CARRIED_MIN; i++)
        read_in(MIB, 5000, 0);
    assert_int_equal(pace_usual(&pace), 0);
    pace_init(&second, 5, &sink);
    pace_carry(&second, &pace);
    assert_in_range(second.carried, 200 * MEGA, 220 * MEGA);
    begin();
    for (unsigned i = 0; i < PACE_SKIP + 8 * (PACE_CARRIED_MIN - 1); i++)
        read_in(MIB, 5000, 0);
    pace_carry(&second, &pace);
    assert_int_equal(second.carried, 0);
    begin();
    read_for(10 * MEGA, 6 * SECOND, 0);
    for (unsigned i = 0; i < 8 * PACE_CARRIED_MIN; i++)
        read_in(MIB, 5000, 0);
    pace_carry(&second, &pace);
    assert_in_range(second.carried, 200 * MEGA, 220 * MEGA);
}

/* A disk that pauses for some seconds does so three times in a row, once in a while. */
static void pauses_in_a_row(void **state)
{
    (void)state;
    for (unsigned reads = 1; reads <= PACE_STRETCH_WINDOWS; reads++) {
        begin();
        read_for(200 * MEGA, 8 * SECOND, 0);
        for (unsigned i = 0; i < reads; i++)
            read_in(MIB, 3 * SECOND, 0);
        read_for(200 * MEGA, 8 * SECOND, 0);
        pace_end(&pace);
        assert_int_equal(recorder.count, reads < 4 ? 0 : 2);
    }
}

/* Two seconds at one place, each time it is read, and between them much elsewhere. */
static void slow_places(void **state)
{
    static const struct {
        uint64_t again; /* LBA of the second time */
        uint64_t slow_us;
        size_t events;
    } rows[] = {
        {100000, 2 * SECOND, 2},
        {104000, 2 * SECOND, 2}, /* overlaps */
        {500000, 2 * SECOND, 0}, /* elsewhere */
        {100000, SECOND / 2, 0}, /* two windows, a pause or two */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        begin();
        read_for(200 * MEGA, 8 * SECOND, 0);
        lba = 100000;
        read_for(10 * MEGA, rows[i].slow_us, 0);
        lba = 1000000;
        read_for(200 * MEGA, 8 * SECOND, 0);
        assert_int_equal(recorder.count, 0);
        lba = rows[i].again;
        read_for(10 * MEGA, rows[i].slow_us, 0);
        lba = 2000000;
        read_for(200 * MEGA, 8 * SECOND, 0);
        pace_end(&pace);
        if (recorder.count != rows[i].events)
            fail_msg("row %zu: %zu events", i, (size_t)recorder.count);
        if (rows[i].events)
            assert_in_range(stretch(1)->duration_s, 3, 5);
    }
}

/* What drives do by design: an SSD whose cache is full, a shingled disk that reorganises, heat, the
 * inner tracks; also from the first read of a phase on. */
static void by_design(void **state)
{
    (void)state;
    for (unsigned phase = 0; phase < 2; phase++) {
        struct pace before = pace;

        begin();
        if (phase == 1)
            pace_carry(&pace, &before);
        for (unsigned i = 0; i < 20; i++) {
            read_for(10 * MEGA, 5 * SECOND / 2, 0);
            read_for(500 * MEGA, 5 * SECOND, 0);
        }
        for (unsigned i = 0; i <= 16; i++)
            read_for((250 - i * 10) * MEGA, 60 * SECOND, 0);
        for (unsigned i = 0; i < 10; i++) {
            read_for(250 * MEGA, 30 * SECOND, 0);
            read_for(125 * MEGA, 30 * SECOND, 0);
        }
        pace_end(&pace);
        assert_int_equal(recorder.count, 0);
    }
}

/* Reads of a drive with so many requests at it at once, looked for only so often. */
static uint64_t poll_for(uint64_t per_second, unsigned depth, uint64_t gap_us, uint64_t duration_us,
                         uint64_t time_us)
{
    uint64_t read_us = (uint64_t)MIB * SECOND / per_second;
    uint64_t end_us = time_us + duration_us, previous_us = time_us, begun_us = time_us;

    while (time_us < end_us) {
        uint64_t ready = 0;

        time_us += gap_us;
        for (unsigned i = 0; i < depth && begun_us + (i + 1) * read_us <= time_us; i++)
            ready++;
        for (unsigned i = 0; i < ready; i++) {
            pace_add_polled(&pace, lba, MIB, pace_busy_us(begun_us, time_us + i, previous_us),
                            gap_us, 0);
            previous_us = time_us + i;
            lba += 2048;
        }
        if (ready == depth)
            begun_us = time_us; /* it ran dry */
        else
            begun_us += ready * read_us;
    }
    return time_us;
}

/* The boot processor stays away, for longer and longer: only drives that are slow are slow. */
static void polling(void **state)
{
    static const unsigned depths[] = {1, 2, 8, 32};
    static const uint64_t gaps_us[] = {50,     1000,   5000,   20000, 60000,
                                       170000, 240000, 260000, 900000};
    static const uint64_t paces[] = {100 * M, 500 * M, 3000 * M};

    (void)state;
    for (unsigned i = 0; i < 4 * 3 * 9; i++) {
        unsigned depth = depths[i % 4];
        uint64_t gap_us = gaps_us[i / 12], per_second = paces[i / 4 % 3], time_us;

        begin();
        time_us = poll_for(per_second, depth, 50, 30 * SECOND, 0);
        time_us = poll_for(per_second, depth, gap_us, 30 * SECOND, time_us);
        time_us = poll_for(per_second, depth, 50, 10 * SECOND, time_us);
        assert_int_equal(recorder.count, 0);
        poll_for(1 * M, depth, gap_us, 60 * SECOND, time_us);
        pace_end(&pace);
        if (gap_us < PACE_GAP_US && recorder.count != 2)
            fail_msg("depth %u, gap %u us: %zu events", depth, (unsigned)gap_us, recorder.count);
    }
}

static void undated(void **state)
{
    (void)state;
    begin();
    read_for(300 * MEGA, 2 * SECOND, 0);
    read_for(1 * MEGA, 10 * SECOND, PACE_UNDATED);
    for (unsigned i = 0; i < 20; i++)
        pace_add_polled(&pace, lba, MIB, SECOND, SECOND / 2 + 1, 0);
    pace_end(&pace);
    assert_int_equal(recorder.count, 0);
    assert_in_range(pace_now(&pace), 290 * MEGA, 310 * MEGA);
}

static void busy_time(void **state)
{
    (void)state;
    assert_int_equal(pace_busy_us(100, 150, 0), 50);
    assert_int_equal(pace_busy_us(100, 150, 90), 50);
    assert_int_equal(pace_busy_us(100, 150, 120), 30);
    assert_int_equal(pace_busy_us(100, 150, 150), 0);
    assert_int_equal(pace_busy_us(100, 150, 160), 0);
}

static void rates(void **state)
{
    (void)state;
    assert_int_equal(pace_rate(1000, 1000000), 1000);
    assert_int_equal(pace_rate(1000, 0), 1000000000);
    assert_in_range(pace_rate((uint64_t)604800 * 10000 * M, (uint64_t)604800 * M), 9999 * M,
                    10001 * M);
    assert_in_range(pace_rate((uint64_t)1 << 63, (uint64_t)1 << 43), 1048575 * M, 1048577 * M);
    (void)pace_rate(UINT64_MAX, UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slow_stretches),
        cmocka_unit_test(slow_to_the_end),
        cmocka_unit_test(cached_between),
        cmocka_unit_test(others),
        cmocka_unit_test(no_stretches),
        cmocka_unit_test(seeks),
        cmocka_unit_test(cached_start),
        cmocka_unit_test(noise),
        cmocka_unit_test(limits),
        cmocka_unit_test(what_others_ask),
        cmocka_unit_test(learning),
        cmocka_unit_test(drives),
        cmocka_unit_test(phases),
        cmocka_unit_test(slow_from_the_start),
        cmocka_unit_test(first_minutes),
        cmocka_unit_test(by_design),
        cmocka_unit_test(slow_while_learning),
        cmocka_unit_test(fast_at_times),
        cmocka_unit_test(few_windows_are_carried),
        cmocka_unit_test(pauses_in_a_row),
        cmocka_unit_test(slow_places),
        cmocka_unit_test(polling),
        cmocka_unit_test(undated),
        cmocka_unit_test(busy_time),
        cmocka_unit_test(rates),
    };

    return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
