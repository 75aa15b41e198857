/* The reader: each named fault of a drive becomes its event, a healthy drive none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/prng.h"
#include "disk/reader.h"
#include "tests/sim/drive.h"
#include "tests/sim/recorder.h"

enum { DRIVE_BLOCKS = 1 << 22, SEEDS = 100 };

static struct sim_clock sim_clock;
static struct clock time_seam;
static struct sim_drive drive;
static struct recorder recorder;
static struct sink sink;
static struct disk_reader reader;
static uint8_t buffer[READER_SIZE_MAX];

static void make(enum drive_protocol protocol, uint32_t block_size, enum drive_fault fault,
                 uint64_t seed)
{
    sim_drive_init(&drive, &sim_clock, protocol, block_size, DRIVE_BLOCKS, seed);
    drive.fault = fault;
    time_seam = sim_clock_seam(&sim_clock);
    sink = recorder_start(&recorder);
    disk_reader_init(&reader, &drive.device, &time_seam, &sink, seed);
}

static const struct event_disk_error *error_number(size_t index)
{
    const struct event *event = recorder_find(&recorder, EVENT_DISK_ERROR, index);

    assert_non_null(event);
    return &event->disk_error;
}

static void assert_content(uint64_t lba, uint32_t blocks)
{
    static uint8_t block[4096];
    uint32_t size = drive.device.block_size;

    for (uint32_t i = 0; i < blocks; i++) {
        sim_drive_content(&drive, lba + i, block);
        assert_memory_equal(buffer + (size_t)i * size, block, size);
    }
}

/* A fault that stays, in its own place, and what is to be said of it. */
struct row {
    const char *name;
    enum drive_fault fault;
    enum drive_protocol protocol;
    bool can_ask;
    uint32_t times; /* 0: for good */
    int result;
    enum disk_fault expected;
    bool again;
};

static const struct row rows[] = {
    {"unreadable, ATA", DRIVE_UNREADABLE_SECTOR, PROTOCOL_ATA, true, 0, ERR_IO, DISK_FAULT_MEDIUM,
     true},
    {"unreadable, NVMe", DRIVE_UNREADABLE_SECTOR, PROTOCOL_NVME, true, 0, ERR_IO, DISK_FAULT_MEDIUM,
     true},
    {"unreadable, not to be asked", DRIVE_UNREADABLE_SECTOR, PROTOCOL_NONE, false, 0, ERR_IO,
     DISK_FAULT_MEDIUM, true},
    {"silent, ATA", DRIVE_SILENT_FAILURE, PROTOCOL_ATA, true, 0, ERR_STALE, DISK_FAULT_MEDIUM,
     true},
    {"silent, not to be asked", DRIVE_SILENT_FAILURE, PROTOCOL_ATA, false, 0, ERR_STALE,
     DISK_FAULT_MEDIUM, true},
    {"silent, once", DRIVE_SILENT_FAILURE, PROTOCOL_ATA, true, 1, OK, DISK_FAULT_STALE, false},
    {"partial DMA, drive content", DRIVE_PARTIAL_DMA, PROTOCOL_NVME, true, 0, ERR_STALE,
     DISK_FAULT_STALE, true},
    {"partial DMA, once", DRIVE_PARTIAL_DMA, PROTOCOL_NONE, false, 1, OK, DISK_FAULT_STALE, false},
    {"interface CRC, ATA", DRIVE_ICRC, PROTOCOL_ATA, true, 0, ERR_IO, DISK_FAULT_LINK, true},
    {"transfer error, NVMe", DRIVE_ICRC, PROTOCOL_NVME, true, 0, ERR_IO, DISK_FAULT_LINK, true},
    {"aborts, at one place", DRIVE_ABORTS, PROTOCOL_ATA, true, 0, ERR_IO, DISK_FAULT_MEDIUM, true},
    {"aborts, once", DRIVE_ABORTS, PROTOCOL_ATA, true, 1, OK, DISK_FAULT_ABORTED, false},
    {"times out", DRIVE_TIMES_OUT, PROTOCOL_ATA, true, 0, ERR_TIMEOUT, DISK_FAULT_TIMEOUT, true},
    {"times out once", DRIVE_TIMES_OUT, PROTOCOL_NONE, false, 1, OK, DISK_FAULT_TIMEOUT, false},
};

static void check_row(const struct row *row, uint32_t block_size, uint32_t blocks, uint32_t at)
{
    const struct event_disk_error *error;
    uint64_t lba = 77777;
    bool moving;

    make(row->protocol, block_size, row->fault, at + 1);
    drive.can_ask = row->can_ask;
    drive.fault_times = row->times;
    drive.fault_lba = lba + at;
    assert_int_equal(disk_read_checked(&reader, lba, blocks, buffer), row->result);
    assert_false(reader.clean);
    assert_int_equal(recorder.count, 1);
    error = error_number(0);
    if (error->fault != row->expected || error->again != row->again)
        fail_msg("%s: fault %s, again %d: %s", row->name, disk_fault_names[error->fault],
                 error->again, error->status);
    assert_int_equal(error->part, drive.device.part);
    /* What never comes back has no place but the request, unless a part of it came. */
    moving = row->result == OK && row->fault != DRIVE_PARTIAL_DMA;
    assert_int_equal(error->lba, moving ? lba : lba + at);
    assert_int_equal(error->blocks, moving ? blocks : 1);
    if (row->result == OK)
        assert_content(lba, blocks);
}

static void every_fault(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (uint64_t seed = 1; seed <= 10; seed++) {
            uint64_t random = seed * 1000 + i;

            check_row(&rows[i], 512, 2048, (uint32_t)prng_below(&random, 2048));
            check_row(&rows[i], 4096, 256, (uint32_t)prng_below(&random, 256));
            check_row(&rows[i], 512, 100, (uint32_t)prng_below(&random, 100));
        }
        check_row(&rows[i], 512, 2048, 0);
        check_row(&rows[i], 512, 2048, 2047);
        check_row(&rows[i], 512, 1, 0);
    }
}

static void sentences(void **state)
{
    (void)state;
    make(PROTOCOL_ATA, 512, DRIVE_SILENT_FAILURE, 1);
    drive.fault_lba = 2048;
    assert_int_equal(disk_read_checked(&reader, 2000, 128, buffer), ERR_STALE);
    assert_string_equal(error_number(0)->status,
                        "ATA status 41h error 04h (command aborted); the answer was success, and "
                        "the buffer was left untouched");
    make(PROTOCOL_NVME, 512, DRIVE_UNREADABLE_SECTOR, 1);
    drive.fault_lba = 2048;
    assert_int_equal(disk_read_checked(&reader, 2000, 128, buffer), ERR_IO);
    assert_non_null(strstr(error_number(0)->status, "NVMe status type 2 code 81h"));
    make(PROTOCOL_NONE, 512, DRIVE_PARTIAL_DMA, 1);
    drive.fault_lba = 2048;
    drive.fault_blocks = 8;
    drive.fault_times = 1;
    assert_int_equal(disk_read_checked(&reader, 2000, 128, buffer), OK);
    assert_string_equal(
        error_number(0)->status,
        "the answer was success, and 4096 of 65536 bytes were left untouched; read again "
        "in pieces, all of it came");
    assert_int_equal(error_number(0)->lba, 2048);
    assert_int_equal(error_number(0)->blocks, 8);
}

/* One drive with one seed, healthy, or with a fault that no reader can see. */
static void assert_silent(enum drive_fault fault, uint64_t seed)
{
    uint64_t random = seed;

    make(seed % 2 ? PROTOCOL_ATA : PROTOCOL_NVME, seed % 3 ? 512 : 4096, fault, seed);
    for (unsigned i = 0; i < 20; i++) {
        uint32_t most = READER_SIZE_MAX / drive.device.block_size;
        uint32_t blocks = 1 + (uint32_t)prng_below(&random, most);
        uint64_t lba = prng_below(&random, DRIVE_BLOCKS - blocks);
        uint64_t before_us = sim_clock.now_us;

        drive.fault_lba = lba;
        assert_int_equal(disk_read_checked(&reader, lba, blocks, buffer), OK);
        assert_true(reader.clean);
        assert_int_equal(reader.duration_us, sim_clock.now_us - before_us);
        if (fault == DRIVE_HEALTHY && i % 10 == 0)
            assert_content(lba, blocks);
    }
    assert_int_equal(recorder.count, 0);
    assert_int_equal(drive.reads, 20);
    assert_int_equal(drive.asks, 0);
}

static void healthy(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        assert_silent(DRIVE_HEALTHY, seed);
}

static void invisible_faults(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        assert_silent(DRIVE_BIT_FLIP, seed);
        assert_silent(DRIVE_SECTORS_DIFFER, seed);
        assert_silent(DRIVE_STALE_READ, seed);
    }
}

/* Several bad blocks in a row are one event. */
static void extents(void **state)
{
    static const uint32_t lengths[] = {2, 7, 8, 63, 64};

    (void)state;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        make(PROTOCOL_ATA, 512, DRIVE_UNREADABLE_SECTOR, i);
        drive.fault_lba = 1000;
        drive.fault_blocks = lengths[i];
        assert_int_equal(disk_read_checked(&reader, 0, 2048, buffer), ERR_IO);
        assert_int_equal(recorder.count, 1);
        assert_int_equal(error_number(0)->lba, 1000);
        assert_int_equal(error_number(0)->blocks, lengths[i]);
        assert_int_equal(reader.failures, 1);
    }
}

/* Two drives' faults in one: what stands behind the first bad place is found as well. */
static struct sim_drive second;

static int read_both(void *context, uint64_t lba, uint32_t blocks, void *into)
{
    int error = drive.device.read(context, lba, blocks, into);

    return error == OK ? second.device.read(&second, lba, blocks, into) : error;
}

static void second_place(void **state)
{
    struct block_device device;

    (void)state;
    make(PROTOCOL_NONE, 512, DRIVE_UNREADABLE_SECTOR, 5);
    drive.fault_lba = 10;
    second = drive;
    second.fault_lba = 1999;
    device = drive.device;
    device.read = read_both;
    device.ask = NULL;
    disk_reader_init(&reader, &device, &time_seam, &sink, 5);
    assert_int_equal(disk_read_checked(&reader, 0, 2048, buffer), ERR_IO);
    assert_int_equal(recorder.count, 2);
    assert_int_equal(error_number(0)->lba, 10);
    assert_int_equal(error_number(1)->lba, 1999);
    assert_int_equal(error_number(1)->fault, DISK_FAULT_MEDIUM);
}

/* Firmware fails four times, down to the single block; the drive itself then gives it. */
static void drive_knows_better(void **state)
{
    (void)state;
    make(PROTOCOL_ATA, 512, DRIVE_SILENT_FAILURE, 1);
    drive.fault_lba = 5300;
    drive.fault_times = 4;
    assert_int_equal(disk_read_checked(&reader, 5000, 2048, buffer), OK);
    assert_content(5000, 2048);
    assert_false(reader.clean);
    assert_int_equal(recorder.count, 1);
    assert_int_equal(error_number(0)->lba, 5300);
    assert_int_equal(error_number(0)->blocks, 1);
    assert_int_equal(error_number(0)->fault, DISK_FAULT_STALE);
    assert_false(error_number(0)->again);
}

/* Where nothing reads at all, no place is to blame. */
static void all_aborted(void **state)
{
    (void)state;
    make(PROTOCOL_ATA, 512, DRIVE_ABORTS, 1);
    drive.fault_lba = 0;
    drive.fault_blocks = DRIVE_BLOCKS;
    assert_int_equal(disk_read_checked(&reader, 5000, 64, buffer), ERR_IO);
    assert_int_equal(error_number(0)->fault, DISK_FAULT_ABORTED);
    assert_int_equal(error_number(0)->lba, 5000);
    assert_int_equal(error_number(0)->blocks, 64);
}

static void given_up(void **state)
{
    uint64_t reads;
    unsigned calls = 0;

    (void)state;
    make(PROTOCOL_ATA, 512, DRIVE_UNREADABLE_SECTOR, 1);
    drive.fault_lba = 0;
    drive.fault_blocks = DRIVE_BLOCKS;
    while (!reader.given_up && calls++ < 100)
        assert_int_equal(disk_read_checked(&reader, calls * 4096, 2048, buffer), ERR_IO);
    assert_int_equal(calls, READER_FAILURES_MAX / READER_PLACES_MAX);
    assert_int_equal(recorder_count(&recorder, EVENT_DISK_ERROR), READER_FAILURES_MAX);
    assert_int_equal(recorder_count(&recorder, EVENT_NOT_TESTED), 1);
    assert_string_equal(recorder_find(&recorder, EVENT_NOT_TESTED, 0)->not_tested.subsystem,
                        "disk");
    reads = drive.reads;
    assert_int_equal(disk_read_checked(&reader, 0, 1, buffer), ERR_REFUSED);
    assert_int_equal(drive.reads, reads);
    assert_int_equal(recorder_count(&recorder, EVENT_NOT_TESTED), 1);
}

static void vanishes(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        make(i ? PROTOCOL_NVME : PROTOCOL_NONE, 512, DRIVE_VANISHES, 1);
        drive.fault_us = sim_clock.now_us + 1000;
        assert_int_equal(disk_read_checked(&reader, 0, 2048, buffer), OK);
        assert_int_equal(disk_read_checked(&reader, 4096, 2048, buffer), ERR_GONE);
        assert_true(reader.given_up);
        assert_int_equal(recorder.count, 2);
        assert_int_equal(error_number(0)->fault, DISK_FAULT_GONE);
        assert_int_equal(recorder_count(&recorder, EVENT_NOT_TESTED), 1);
        assert_int_equal(disk_read_checked(&reader, 0, 2048, buffer), ERR_REFUSED);
        assert_int_equal(recorder.count, 2);
    }
}

/* A drive that takes 30 s for each bad block, and that leaves while it is looked into. */
static void vanishes_meanwhile(void **state)
{
    struct block_device device;

    (void)state;
    make(PROTOCOL_ATA, 512, DRIVE_VANISHES, 1);
    drive.fault_lba = 100;
    second = drive;
    second.fault = DRIVE_UNREADABLE_SECTOR;
    second.failing_us = 30000000;
    drive.fault_us = sim_clock.now_us + 40000000;
    device = drive.device;
    device.read = read_both;
    disk_reader_init(&reader, &device, &time_seam, &sink, 1);
    assert_int_equal(disk_read_checked(&reader, 0, 2048, buffer), ERR_GONE);
    assert_int_equal(recorder.count, 2);
    assert_int_equal(error_number(0)->fault, DISK_FAULT_GONE);
    assert_non_null(strstr(error_number(0)->status, "gone"));
}

static unsigned pauses;

static void count_pause(void *context)
{
    (void)context;
    pauses++;
}

/* Each failing read takes 30 s: the time is bounded, and the place is told as well as known. */
static void slow_failures(void **state)
{
    const struct event_disk_error *error;
    uint64_t before_us;

    (void)state;
    make(PROTOCOL_ATA, 512, DRIVE_UNREADABLE_SECTOR, 1);
    drive.fault_lba = 1600;
    drive.fault_blocks = 16;
    drive.failing_us = 30000000;
    reader.pause = count_pause;
    pauses = 0;
    before_us = sim_clock.now_us;
    assert_int_equal(disk_read_checked(&reader, 0, 2048, buffer), ERR_IO);
    assert_true(sim_clock.now_us - before_us <= 121000000);
    assert_int_equal(recorder_count(&recorder, EVENT_DISK_ERROR), recorder.count);
    error = error_number(0);
    assert_int_equal(error->fault, DISK_FAULT_MEDIUM);
    assert_true(error->lba >= 1600 && error->lba < 1616);
    assert_non_null(strstr(error->status, "too slow"));
    assert_true(pauses + 1 >= drive.reads + drive.asks);
}

/* Whatever time a failing read takes, and however much is bad, a request ends. */
static void nothing_hangs(void **state)
{
    static const uint64_t times_us[] = {1000, 1000000, 30000000, 90000000};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        uint64_t before_us = sim_clock.now_us;

        make(PROTOCOL_NONE, 512, DRIVE_UNREADABLE_SECTOR, i);
        drive.fault_blocks = DRIVE_BLOCKS;
        drive.failing_us = times_us[i];
        assert_int_equal(disk_read_checked(&reader, 0, 2048, buffer), ERR_IO);
        assert_true(sim_clock.now_us - before_us <=
                    READER_REQUEST_US + READER_NARROW_US + 5 * times_us[i]);
        assert_true(drive.reads <= 4 * (3 * READER_PIECES + READER_EXTENT_MAX + 4));
    }
}

/* A bus goes on answering for a drive that was pulled: every read fails at once. */
static void vanishes_behind_its_bus(void **state)
{
    (void)state;
    for (unsigned read_before = 0; read_before < 2; read_before++) {
        make(PROTOCOL_NONE, 512, DRIVE_UNREADABLE_SECTOR, 1);
        drive.fault_lba = 1 << 20;
        if (read_before)
            assert_int_equal(disk_read_checked(&reader, 0, 128, buffer), OK);
        drive.fault_lba = 0;
        drive.fault_blocks = DRIVE_BLOCKS;
        assert_int_equal(disk_read_checked(&reader, 2000, 128, buffer),
                         read_before ? ERR_GONE : ERR_IO);
        assert_int_equal(error_number(0)->fault,
                         read_before ? DISK_FAULT_GONE : DISK_FAULT_ABORTED);
        assert_int_equal(reader.given_up, read_before);
    }
}

static void requests(void **state)
{
    (void)state;
    make(PROTOCOL_ATA, 512, DRIVE_HEALTHY, 1);
    assert_int_equal(disk_read_checked(&reader, 0, 0, buffer), ERR_RANGE);
    assert_int_equal(disk_read_checked(&reader, 0, 2049, buffer), ERR_RANGE);
    assert_int_equal(disk_read_checked(&reader, DRIVE_BLOCKS, 1, buffer), ERR_RANGE);
    assert_int_equal(disk_read_checked(&reader, DRIVE_BLOCKS - 1, 2, buffer), ERR_RANGE);
    assert_int_equal(disk_read_checked(&reader, UINT64_MAX, 2, buffer), ERR_RANGE);
    assert_int_equal(disk_read_checked(&reader, DRIVE_BLOCKS - 1, 1, buffer), OK);
    assert_int_equal(drive.reads, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault),
        cmocka_unit_test(sentences),
        cmocka_unit_test(healthy),
        cmocka_unit_test(invisible_faults),
        cmocka_unit_test(extents),
        cmocka_unit_test(second_place),
        cmocka_unit_test(all_aborted),
        cmocka_unit_test(drive_knows_better),
        cmocka_unit_test(given_up),
        cmocka_unit_test(vanishes),
        cmocka_unit_test(vanishes_meanwhile),
        cmocka_unit_test(vanishes_behind_its_bus),
        cmocka_unit_test(slow_failures),
        cmocka_unit_test(nothing_hangs),
        cmocka_unit_test(requests),
    };

    return cmocka_run_group_tests_name("reader", tests, NULL, NULL);
}
