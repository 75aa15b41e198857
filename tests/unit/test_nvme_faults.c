/* The NVMe driver: each named fault of a controller has its outcome, in a bounded time, and the
 * driver does nothing that it must not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "disk/reader.h"
#include "tests/sim/nvme_model_rig.h"
#include "tests/sim/recorder.h"

enum {
    REQUESTS = 16,
    BLOCKS = 128,
    SIZE = BLOCKS * 512,
    HIT = 5,
    FAULT_LBA = HIT * BLOCKS + 3,
    SECOND = 1000000,
    TIMEOUT_US = 2 * SECOND,
};

static struct nvme_rig rig;
static struct block_request requests[REQUESTS];
static uint8_t *buffers;

static int make_buffers(void **state)
{
    (void)state;
    buffers = aligned_alloc(4096, REQUESTS * SIZE);
    return buffers == NULL;
}

static int free_buffers(void **state)
{
    (void)state;
    free(buffers);
    return 0;
}

static const struct block_device *device(void)
{
    return &rig.controller.namespaces[0].device;
}

static void make(enum nvme_fault fault, uint64_t seed)
{
    nvme_rig_init(&rig, seed);
    rig.config.timeout_us = TIMEOUT_US;
    rig.model.fault = fault;
    rig.model.fault_lba = FAULT_LBA;
    rig.model.fault_times = 1;
}

static void assert_stops(const char *name)
{
    const char *amiss = nvme_rig_stop(&rig);

    if (amiss != NULL)
        fail_msg("%s: %s", name, amiss);
}

static void submit_all(uint8_t operation)
{
    memset(buffers, 0xCC, REQUESTS * SIZE);
    for (unsigned i = 0; i < REQUESTS; i++) {
        requests[i] = (struct block_request){
            .operation = operation,
            .lba = (uint64_t)i * BLOCKS,
            .blocks = operation == REQUEST_WRITE ? 1 : BLOCKS,
            .buffer = buffers + (size_t)i * SIZE,
        };
        assert_int_equal(device()->submit(device()->context, &requests[i]), OK);
    }
}

static bool holds(unsigned i)
{
    return nvme_rig_holds(&rig, device(), requests[i].lba, BLOCKS, requests[i].buffer);
}

/* ---- faults of one command among others */

enum others {
    OTHERS_GOOD,
    OTHERS_ANY, /* those that say they are good are */
    OTHERS_LIE, /* one that says it is good is not */
};

enum data { DATA_GOOD, DATA_WRONG, DATA_NONE };

struct row {
    const char *name;
    enum nvme_fault fault;
    uint32_t times;
    uint16_t status;
    int error; /* of the request that meets the fault */
    enum data data;
    uint32_t timeouts, resets, bad_answers;
    unsigned failed; /* commands that met the fault */
    enum others others;
    int next; /* what a read elsewhere gives afterwards */
};

#define STATUS_ROW(name, code, times, error, data, failed)                                         \
    {                                                                                              \
        name, NVME_STATUS, times, code, error, data, 0, 0, 0, failed, OTHERS_GOOD, OK              \
    }
#define DATA_ROW(name, fault)                                                                      \
    {                                                                                              \
        name, fault, 0, 0, OK, DATA_WRONG, 0, 0, 0, 1, OTHERS_GOOD, OK                             \
    }

static const struct row rows[] = {
    {"healthy", NVME_HEALTHY, 0, 0, OK, DATA_GOOD, 0, 0, 0, 0, OTHERS_GOOD, OK},
    {"completion lost", NVME_COMPLETION_LOST, 1, 0, ERR_TIMEOUT, DATA_NONE, 1, 1, 0, 1, OTHERS_GOOD,
     OK},
    {"completion stray", NVME_COMPLETION_STRAY, 1, 0, OK, DATA_GOOD, 0, 0, 2, 1, OTHERS_GOOD, OK},
    {"completion twice", NVME_COMPLETION_TWICE, 1, 0, OK, DATA_GOOD, 0, 0, 1, 1, OTHERS_GOOD, OK},
    {"completion swapped", NVME_COMPLETION_SWAPPED, 1, 0, ERR_TIMEOUT, DATA_NONE, 1, 1, 1, 1,
     OTHERS_LIE, OK},
    {"wrong queue", NVME_COMPLETION_WRONG_QUEUE, 1, 0, ERR_TIMEOUT, DATA_NONE, 1, 1, 1, 1,
     OTHERS_GOOD, OK},
    {"wrong head", NVME_COMPLETION_WRONG_HEAD, 1, 0, ERR_TIMEOUT, DATA_NONE, 1, 1, 1, 1,
     OTHERS_GOOD, OK},
    {"phase stuck", NVME_PHASE_STUCK, 1, 0, ERR_TIMEOUT, DATA_NONE, 0, 1, 0, 1, OTHERS_ANY, OK},
    {"stalls", NVME_STALLS, 1, 0, ERR_TIMEOUT, DATA_NONE, 1, 0, 0, 1, OTHERS_GOOD, OK},
    {"no abort", NVME_STALLS_NO_ABORT, 1, 0, ERR_TIMEOUT, DATA_NONE, 1, 1, 0, 1, OTHERS_GOOD, OK},
    {"abort deaf", NVME_STALLS_ABORT_DEAF, 1, 0, ERR_TIMEOUT, DATA_NONE, 1, 1, 0, 1, OTHERS_GOOD,
     OK},
    {"late DMA", NVME_LATE_DMA, 1, 0, ERR_TIMEOUT, DATA_NONE, 1, 1, 0, 1, OTHERS_GOOD, OK},
    {"reset fails", NVME_RESET_FAILS, 1, 0, ERR_TIMEOUT, DATA_NONE, 1, 1, 0, 1, OTHERS_GOOD,
     ERR_GONE},
    {"reset stuck", NVME_RESET_STUCK, 1, 0, ERR_GONE, DATA_NONE, 1, 1, 0, 1, OTHERS_GOOD, ERR_GONE},
    {"fatal", NVME_FATAL, 1, 0, OK, DATA_GOOD, 0, 1, 0, 1, OTHERS_GOOD, OK},
    {"fatal at each try", NVME_FATAL, 0, 0, ERR_TIMEOUT, DATA_NONE, 0, 2, 0, 2, OTHERS_ANY, OK},
    {"vanishes", NVME_VANISHES, 1, 0, ERR_GONE, DATA_NONE, 0, 0, 0, 1, OTHERS_ANY, ERR_GONE},
    STATUS_ROW("unrecovered read", 0x0281, 0, ERR_IO, DATA_NONE, 1),
    STATUS_ROW("unrecovered read, not again", 0x4281, 0, ERR_IO, DATA_NONE, 1),
    STATUS_ROW("transfer error", 0x0004, 0, ERR_IO, DATA_NONE, 1),
    STATUS_ROW("internal error", 0x0006, 0, ERR_IO, DATA_NONE, 1),
    STATUS_ROW("LBA out of range", 0x0080, 0, ERR_IO, DATA_NONE, 1),
    STATUS_ROW("aborted by request", 0x0007, 0, ERR_IO, DATA_NONE, 1),
    STATUS_ROW("not ready, then ready", 0x0082, 2, OK, DATA_GOOD, 2),
    STATUS_ROW("interrupted, with a delay", 0x0821, 3, OK, DATA_GOOD, 3),
    STATUS_ROW("not ready for long", 0x0082, 0, ERR_IO, DATA_NONE, 4),
    STATUS_ROW("not ready, not again", 0x4082, 0, ERR_IO, DATA_NONE, 1),
    DATA_ROW("DMA half", NVME_DMA_HALF),
    DATA_ROW("DMA none", NVME_DMA_NONE),
    DATA_ROW("bit flip", NVME_BIT_FLIP),
    DATA_ROW("block differs", NVME_BLOCK_DIFFERS),
    DATA_ROW("stale data", NVME_STALE_DATA),
    {"slow", NVME_SLOW, 0, 0, OK, DATA_GOOD, 0, 0, 0, 0, OTHERS_GOOD, OK},
};

static void check_others(const struct row *row)
{
    unsigned lies = 0;

    for (unsigned i = 0; i < REQUESTS; i++) {
        if (i == HIT)
            continue;
        if (requests[i].error != OK && row->others != OTHERS_ANY)
            fail_msg("%s: request %u: %s", row->name, i, error_text(requests[i].error));
        lies += requests[i].error == OK && !holds(i);
    }
    assert_int_equal(lies, row->others == OTHERS_LIE);
}

static void check_counters(const struct row *row)
{
    struct drive_link link;

    assert_int_equal(device()->link(device()->context, &link), OK);
    if (row->others != OTHERS_ANY)
        assert_int_equal(link.timeouts, row->timeouts);
    assert_int_equal(link.resets, row->resets);
    if (link.bad_answers != row->bad_answers)
        fail_msg("%s: %u bad answers", row->name, link.bad_answers);
    assert_int_equal(rig.model.failed, row->failed);
}

static void check_row(const struct row *row, uint64_t seed)
{
    const struct block_request *hit = &requests[HIT];

    make(row->fault, seed);
    rig.model.fault_times = row->times;
    rig.model.fault_status = row->status;
    rig.model.retry_delay = 3;
    assert_int_equal(nvme_rig_start(&rig), OK);
    submit_all(REQUEST_READ);
    for (unsigned i = 0; i < REQUESTS; i++) {
        if (!nvme_rig_wait(&rig, &requests[i], 10, 60 * SECOND))
            fail_msg("%s: request %u hangs", row->name, i);
    }
    if (hit->error != row->error)
        fail_msg("%s: %s", row->name, error_text(hit->error));
    assert_int_equal(hit->has_status, hit->error == OK || hit->error == ERR_IO);
    assert_int_equal(hit->status.nvme_status, hit->error == ERR_IO ? row->status : 0);
    if (row->data != DATA_NONE && holds(HIT) != (row->data == DATA_GOOD))
        fail_msg("%s: data", row->name);
    check_others(row);
    assert_int_equal(device()->read(device()->context, 100000, BLOCKS, buffers), row->next);
    assert_true(row->next != OK || nvme_rig_holds(&rig, device(), 100000, BLOCKS, buffers));
    check_counters(row);
    assert_stops(row->name);
}

static void every_fault(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (uint64_t seed = 1; seed <= 3; seed++)
            check_row(&rows[i], seed);
    }
}

static void healthy(void **state)
{
    (void)state;
    for (uint64_t seed = 10; seed < 60; seed++)
        check_row(&rows[0], seed);
}

/* A completion comes again when its identifier's place has a new command: that is not done yet. */
static void late_repeat(void **state)
{
    (void)state;
    make(NVME_COMPLETION_TWICE, 1);
    assert_int_equal(nvme_rig_start(&rig), OK);
    assert_int_equal(device()->read(device()->context, FAULT_LBA, 8, buffers), OK);
    assert_int_equal(device()->read(device()->context, 5000, 8, buffers), OK);
    assert_true(nvme_rig_holds(&rig, device(), 5000, 8, buffers));
    assert_int_equal(rig.controller.link.bad_answers, 1);
    assert_stops("late repeat");
}

/* ---- faults while it starts */

static void start_faults(void **state)
{
    static const struct {
        enum nvme_fault fault;
        int error;
        const char *reason;
        bool enabled;
    } cases[] = {
        {NVME_ABSENT, ERR_GONE, "it does not answer", false},
        {NVME_READY_NEVER, ERR_TIMEOUT, "it did not become ready: timed out", false},
        {NVME_READY_FATAL, ERR_IO, "it did not become ready:", false},
        {NVME_READY_STUCK, ERR_TIMEOUT, "it could not be disabled: timed out", true},
        {NVME_IDENTIFY_GARBAGE, ERR_FORMAT, "Identify Controller:", false},
        {NVME_IDENTIFY_EMPTY, ERR_STALE, "Identify Controller:", false},
        {NVME_IDENTIFY_FAILS, ERR_IO, "Identify Controller:", false},
        {NVME_QUEUES_REFUSED, ERR_IO, "its queues:", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t before_us = rig.clock.now_us;
        const char *amiss;

        make(cases[i].fault, i);
        rig.model.cc = cases[i].enabled ? 0x00460001 : 0;
        rig.model.csts = cases[i].enabled;
        if (nvme_rig_start(&rig) != cases[i].error ||
            strncmp(rig.controller.reason, cases[i].reason, strlen(cases[i].reason)) != 0)
            fail_msg("%s: %s", nvme_fault_names[cases[i].fault], rig.controller.reason);
        assert_true(rig.clock.now_us - before_us < 60 * SECOND);
        amiss = nvme_rig_amiss(&rig);
        if (amiss != NULL)
            fail_msg("%s: %s", nvme_fault_names[cases[i].fault], amiss);
        assert_null(nvme_device(&rig.controller, 0));
        assert_int_equal(nvme_stop(&rig.controller), OK);
    }
}

/* ---- recovery */

/* With the default limit, through the synchronous call, and the watchdog is tended. */
static void synchronous_timeout(void **state)
{
    uint64_t before_us;

    (void)state;
    make(NVME_STALLS, 1);
    rig.config.timeout_us = 0;
    assert_int_equal(nvme_rig_start(&rig), OK);
    before_us = rig.clock.now_us;
    assert_int_equal(device()->read(device()->context, FAULT_LBA, 8, buffers), ERR_TIMEOUT);
    assert_in_range(rig.clock.now_us - before_us, NVME_TIMEOUT_US, NVME_TIMEOUT_US + SECOND);
    assert_true(rig.model.pauses > 250);
    assert_int_equal(rig.model.aborts, 1);
    assert_stops("timeout");
}

/* Three resets, and not one good command between them: the fourth time it is given up. */
static void given_up(void **state)
{
    struct drive_link link;

    (void)state;
    make(NVME_STALLS_NO_ABORT, 1);
    rig.model.fault_times = 0;
    assert_int_equal(nvme_rig_start(&rig), OK);
    for (unsigned i = 0; i < 2 * NVME_RESETS_MAX; i++) {
        assert_int_equal(device()->read(device()->context, FAULT_LBA, 8, buffers), ERR_TIMEOUT);
        if (i < NVME_RESETS_MAX) /* a good one: counted anew */
            assert_int_equal(device()->read(device()->context, 0, 8, buffers), OK);
    }
    assert_int_equal(device()->read(device()->context, FAULT_LBA, 8, buffers), ERR_GONE);
    assert_false(rig.model.master);
    assert_string_equal(rig.controller.reason, "several resets in a row did not help");
    assert_int_equal(device()->read(device()->context, 0, 8, buffers), ERR_GONE);
    assert_int_equal(device()->page(device()->context, PAGE_SMART, buffers, 512), ERR_GONE);
    assert_int_equal(device()->link(device()->context, &link), OK);
    assert_int_equal(link.resets, 2 * NVME_RESETS_MAX);
    assert_int_equal(link.timeouts, 2 * NVME_RESETS_MAX + 1);
    assert_stops("given up");
}

/* What a reset cut short was read again; a write may have been done in part, and is not repeated.
 */
static void writes_end_at_a_reset(void **state)
{
    unsigned late = 0;

    (void)state;
    make(NVME_FATAL, 1);
    rig.model.access_us = 2000;
    assert_int_equal(nvme_rig_start(&rig), OK);
    nvme_allow_writes(device());
    rig.model.fault_lba = 9 * BLOCKS;
    submit_all(REQUEST_WRITE);
    for (unsigned i = 0; i < REQUESTS; i++) {
        assert_true(nvme_rig_wait(&rig, &requests[i], 50, 60 * SECOND));
        assert_true(requests[i].error == OK || requests[i].error == ERR_TIMEOUT);
        late += requests[i].error == ERR_TIMEOUT;
    }
    assert_int_equal(requests[9].error, ERR_TIMEOUT);
    assert_int_equal(rig.model.writes + late, REQUESTS + 1);
    assert_int_equal(rig.controller.link.resets, 1);
    assert_stops("writes");
}

/* Nobody looked for a long time: what is done by then is not late. */
static void long_absence(void **state)
{
    (void)state;
    make(NVME_HEALTHY, 1);
    assert_int_equal(nvme_rig_start(&rig), OK);
    submit_all(REQUEST_READ);
    nvme_model_pass(&rig.model, 100ull * SECOND);
    device()->poll(device()->context);
    for (unsigned i = 0; i < REQUESTS; i++) {
        assert_true(requests[i].done);
        assert_int_equal(requests[i].error, OK);
        assert_true(requests[i].gap_us >= 100ull * SECOND);
    }
    assert_int_equal(rig.controller.link.timeouts, 0);
    assert_stops("absence");
}

/* Log pages that are not answered cost a reset each, and after some they are asked no more. */
static void pages_not_answered(void **state)
{
    (void)state;
    make(NVME_ADMIN_DEAF, 1);
    rig.model.fault_times = 0;
    assert_int_equal(nvme_rig_start(&rig), OK);
    for (unsigned i = 0; i < 5; i++) {
        submit_all(REQUEST_READ);
        assert_int_equal(device()->page(device()->context, PAGE_SMART, buffers, 512), ERR_TIMEOUT);
        for (unsigned j = 0; j < REQUESTS; j++) {
            assert_true(nvme_rig_wait(&rig, &requests[j], 50, SECOND));
            assert_int_equal(requests[j].error, OK);
        }
    }
    assert_int_equal(rig.controller.link.resets, 3);
    assert_int_equal(rig.controller.link.timeouts, 3);
    assert_stops("pages");
}

/* A request that never ends is given back at the stop, when the controller cannot write any more.
 */
static void stop_in_flight(void **state)
{
    static const enum nvme_fault faults[] = {NVME_STALLS, NVME_LATE_DMA, NVME_RESET_STUCK,
                                             NVME_VANISHES};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        bool stuck = i >= 2;

        make(faults[i], i);
        rig.config.timeout_us = 20 * SECOND;
        assert_int_equal(nvme_rig_start(&rig), OK);
        requests[0] = (struct block_request){.lba = FAULT_LBA, .blocks = 64, .buffer = buffers};
        assert_int_equal(device()->submit(device()->context, &requests[0]), OK);
        assert_int_equal(nvme_stop(&rig.controller),
                         stuck ? (i == 2 ? ERR_TIMEOUT : ERR_GONE) : OK);
        assert_true(requests[0].done);
        assert_int_equal(requests[0].error, stuck ? ERR_GONE : ERR_TIMEOUT);
        assert_stops(nvme_fault_names[faults[i]]);
    }
}

/* ---- through the reader */

static void through_the_reader(void **state)
{
    static const struct {
        enum nvme_fault fault;
        uint32_t times;
        int result;
        enum disk_fault expected;
    } cases[] = {
        {NVME_DMA_HALF, 0, ERR_STALE, DISK_FAULT_STALE},
        {NVME_DMA_NONE, 1, OK, DISK_FAULT_STALE},
        {NVME_STATUS, 0, ERR_IO, DISK_FAULT_MEDIUM},
        {NVME_STALLS, 0, ERR_TIMEOUT, DISK_FAULT_TIMEOUT},
        {NVME_VANISHES, 1, ERR_GONE, DISK_FAULT_GONE},
        {NVME_COMPLETION_LOST, 1, OK, DISK_FAULT_TIMEOUT},
    };
    static struct recorder recorder;
    static struct disk_reader reader;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct event *event;
        struct sink sink = recorder_start(&recorder);

        make(cases[i].fault, i);
        rig.model.fault_times = cases[i].times;
        rig.model.fault_status = 0x0281;
        assert_int_equal(nvme_rig_start(&rig), OK);
        disk_reader_init(&reader, device(), &rig.model.time, &sink, i);
        assert_int_equal(disk_read_checked(&reader, FAULT_LBA - 40, 1024, buffers),
                         cases[i].result);
        event = recorder_find(&recorder, EVENT_DISK_ERROR, 0);
        assert_non_null(event);
        if (event->disk_error.fault != cases[i].expected)
            fail_msg("%s: %s, %s", nvme_fault_names[cases[i].fault],
                     disk_fault_names[event->disk_error.fault], event->disk_error.status);
        if (cases[i].times == 0)
            assert_int_equal(event->disk_error.lba, FAULT_LBA);
        assert_int_equal(recorder_count(&recorder, EVENT_DISK_ERROR), 1);
        assert_stops(nvme_fault_names[cases[i].fault]);
    }
}

static void silent_through_the_reader(void **state)
{
    static const enum nvme_fault faults[] = {NVME_HEALTHY, NVME_BIT_FLIP, NVME_BLOCK_DIFFERS,
                                             NVME_STALE_DATA, NVME_COMPLETION_STRAY};
    static struct recorder recorder;
    static struct disk_reader reader;

    (void)state;
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        struct sink sink = recorder_start(&recorder);

        make(faults[i], i);
        assert_int_equal(nvme_rig_start(&rig), OK);
        disk_reader_init(&reader, device(), &rig.model.time, &sink, i);
        for (uint64_t lba = 0; lba < 20000; lba += 1000)
            assert_int_equal(disk_read_checked(&reader, lba, 1000, buffers), OK);
        assert_int_equal(recorder.count, 0);
        assert_stops(nvme_fault_names[faults[i]]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault),           cmocka_unit_test(healthy),
        cmocka_unit_test(late_repeat),           cmocka_unit_test(start_faults),
        cmocka_unit_test(synchronous_timeout),   cmocka_unit_test(given_up),
        cmocka_unit_test(writes_end_at_a_reset), cmocka_unit_test(long_absence),
        cmocka_unit_test(pages_not_answered),    cmocka_unit_test(stop_in_flight),
        cmocka_unit_test(through_the_reader),    cmocka_unit_test(silent_through_the_reader),
    };

    return cmocka_run_group_tests_name("nvme faults", tests, make_buffers, free_buffers);
}
