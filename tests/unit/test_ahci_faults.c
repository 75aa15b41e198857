/* The AHCI driver with every fault of the model: who ends how, and what the link is blamed for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/prng.h"
#include "disk/ahci/ahci.h"
#include "disk/request.h"
#include "tests/sim/ahci_model.h"

enum { REQUESTS = 24, BLOCKS = 8, SIZE = BLOCKS * 512, LIMIT_S = 150 };

static struct sim_clock sim_clock;
static struct clock time_seam;
static struct ahci_model model;
static struct ahci_controller controller;
static struct block_device *device;
static struct block_request requests[REQUESTS];
static _Alignas(4096) uint8_t areas[REQUESTS][SIZE];

/* What a fault leads to. */
struct row {
    enum ahci_fault fault;
    uint32_t times;        /* 0: always */
    int guilty;            /* error of the request that touches the block */
    int others;            /* errors that the others may have besides OK */
    uint8_t status, error; /* 0: none */
    bool queued_only;
    bool wrong; /* the guilty one's data is not right, though it may say OK */
    bool gone;  /* the drive is of no use from then on */
    bool resets, timeouts, crc, changes; /* of the link */
    unsigned seconds;                    /* at most */
};

static const struct row rows[] = {
    {.fault = AHCI_HEALTHY},
    {.fault = AHCI_COMPLETION_LOST,
     .guilty = ERR_TIMEOUT,
     .resets = 1,
     .timeouts = 1,
     .seconds = 31},
    {.fault = AHCI_UNUSED_TAG,
     .guilty = ERR_TIMEOUT,
     .queued_only = 1,
     .resets = 1,
     .timeouts = 1,
     .seconds = 31},
    {.fault = AHCI_BUSY_STUCK, .guilty = ERR_TIMEOUT, .resets = 1, .timeouts = 1, .seconds = 62},
    {.fault = AHCI_UNC, .guilty = ERR_IO, .status = 0x41, .error = 0x40},
    {.fault = AHCI_IDNF, .guilty = ERR_IO, .status = 0x41, .error = 0x10},
    {.fault = AHCI_ABRT, .guilty = ERR_IO, .status = 0x41, .error = 0x04},
    {.fault = AHCI_ICRC, .guilty = ERR_IO, .status = 0x41, .error = 0x84},
    {.fault = AHCI_DF, .guilty = ERR_IO, .status = 0x61, .error = 0x04},
    {.fault = AHCI_LOG_UNREADABLE,
     .guilty = ERR_IO,
     .status = 0x41,
     .error = 0x40,
     .queued_only = 1,
     .resets = 1},
    {.fault = AHCI_LOG_CORRUPT, .guilty = ERR_IO, .status = 0x41, .error = 0x40},
    {.fault = AHCI_LOG_WRONG_TAG, .guilty = ERR_IO, .status = 0x41, .error = 0x40},
    {.fault = AHCI_GOES_ON, .guilty = ERR_IO, .status = 0x41, .error = 0x40},
    {.fault = AHCI_QUIET_ERROR, .guilty = ERR_IO, .status = 0x41, .error = 0x40},
    {.fault = AHCI_HALF_DMA, .wrong = 1},
    {.fault = AHCI_DATA_CHANGES, .wrong = 1},
    {.fault = AHCI_STALE_DATA, .wrong = 1},
    {.fault = AHCI_CI_LATE},
    {.fault = AHCI_CRC_STORM, .crc = 1},
    {.fault = AHCI_INTERFACE, .times = 1, .resets = 1, .crc = 1},
    {.fault = AHCI_INTERFACE, .guilty = ERR_IO, .resets = 1, .crc = 1},
    {.fault = AHCI_LINK_DROPS, .times = 1, .resets = 1, .changes = 1, .seconds = 3},
    {.fault = AHCI_LINK_LOST,
     .guilty = ERR_GONE,
     .others = ERR_GONE,
     .gone = 1,
     .resets = 1,
     .changes = 1,
     .seconds = 11},
    {.fault = AHCI_EXCHANGED,
     .guilty = ERR_GONE,
     .others = ERR_GONE,
     .gone = 1,
     .resets = 1,
     .changes = 1,
     .seconds = 3},
    {.fault = AHCI_DRIVE_DEAD,
     .guilty = ERR_GONE,
     .others = ERR_GONE,
     .gone = 1,
     .resets = 1,
     .timeouts = 1,
     .seconds = 61},
    {.fault = AHCI_HBA_VANISHES, .guilty = ERR_GONE, .others = ERR_GONE, .gone = 1},
    {.fault = AHCI_STOP_STUCK,
     .guilty = ERR_GONE,
     .others = ERR_GONE,
     .gone = 1,
     .resets = 1,
     .timeouts = 1,
     .seconds = 32},
};

static void start(bool queued)
{
    struct ahci_config config = {.bus = &model.bus, .clock = &time_seam};

    sim_clock = (struct sim_clock){0};
    time_seam = sim_clock_seam(&sim_clock);
    ahci_model_init(&model, &sim_clock);
    ahci_model_attach(&model, 1, 512, 1 << 24, queued);
    assert_int_equal(ahci_start(&controller, &config), OK);
    device = ahci_device(&controller, 0);
    assert_non_null(device);
}

static void stop(const char *name)
{
    ahci_stop(&controller);
    ahci_model_end(&model);
    if (model.violations != 0)
        fail_msg("%s: %u violations, the first: %s", name, model.violations, model.violation);
}

/* Gives all requests, in any order and as fast as the drive takes them, and waits for their end. */
static void run_all(const char *name)
{
    unsigned given = 0, done = 0, before;
    uint32_t step_us = 5;
    uint64_t begun_us = sim_clock.now_us;

    while (done < REQUESTS) {
        if (given < REQUESTS && request_submit(device, &time_seam, &requests[given]) == OK)
            given++;
        request_poll(device);
        before = done;
        done = 0;
        for (unsigned i = 0; i < given; i++)
            done += requests[i].done;
        step_us = done != before ? 5 : step_us + step_us / 16 + 1;
        sim_clock_pass(&sim_clock, step_us < 2000 ? step_us : 2000);
        if (sim_clock.now_us - begun_us > LIMIT_S * UINT64_C(1000000))
            fail_msg("%s: hangs, %u of %u given are done", name, done, given);
    }
}

static bool content_is_right(unsigned i)
{
    uint8_t block[MODEL_BLOCK_MAX];

    for (uint32_t at = 0; at < BLOCKS; at++) {
        ahci_model_content(&model.ports[1], requests[i].lba + at, block);
        if (memcmp(areas[i] + (size_t)at * 512, block, 512) != 0)
            return false;
    }
    return true;
}

static void check_guilty(const struct row *row, unsigned i)
{
    const struct block_request *request = &requests[i];
    const char *name = ahci_fault_names[row->fault];

    if (request->error != row->guilty)
        fail_msg("%s: the guilty one ended in %s", name, error_text(request->error));
    assert_int_equal(request->has_status && request->error != OK, row->status != 0);
    if (row->status != 0) {
        assert_int_equal(request->status.protocol, PROTOCOL_ATA);
        assert_int_equal(request->status.ata_status, row->status);
        assert_int_equal(request->status.ata_error, row->error);
    }
    if (request->error == OK && content_is_right(i) == row->wrong)
        fail_msg("%s: the guilty one's data is %s", name, row->wrong ? "right" : "wrong");
}

static void check_link(const struct row *row)
{
    const char *name = ahci_fault_names[row->fault];
    struct drive_link link;

    assert_int_equal(device->link(device->context, &link), OK);
    if ((link.resets != 0) != row->resets || (link.timeouts != 0) != row->timeouts ||
        (link.crc_errors != 0) != row->crc || (link.phy_changes != 0) != row->changes ||
        (link.bad_answers != 0 && row->fault != AHCI_UNUSED_TAG))
        fail_msg("%s: %u resets, %u timeouts, %u CRC errors, %u changes, %u bad answers", name,
                 link.resets, link.timeouts, link.crc_errors, link.phy_changes, link.bad_answers);
}

/* A drive that is gone stays so; any other reads on. */
static void check_afterwards(const struct row *row)
{
    struct block_request request = {
        .operation = REQUEST_READ, .lba = 5000000, .blocks = BLOCKS, .buffer = areas[0]};
    uint8_t page[512];
    uint64_t begun_us = sim_clock.now_us;

    assert_int_equal(device->read(device->context, 5000000, BLOCKS, areas[0]),
                     row->gone ? ERR_GONE : OK);
    assert_int_equal(device->page(device->context, PAGE_IDENTIFY, page, 512),
                     row->gone ? ERR_GONE : OK);
    assert_true(sim_clock.now_us - begun_us < 100000);
    if (!row->gone)
        return;
    assert_int_equal(device->submit(device->context, &request), OK);
    assert_true(request.done);
    assert_int_equal(request.error, ERR_GONE);
    assert_int_equal(device->flush(device->context), ERR_GONE);
}

static void make_requests(uint64_t *seed)
{
    for (unsigned i = 0; i < REQUESTS; i++) {
        requests[i] = (struct block_request){
            .operation = REQUEST_READ,
            .lba = i * 1000 + prng_below(seed, 900),
            .blocks = BLOCKS,
            .buffer = areas[i],
        };
        memset(areas[i], 0xEE, SIZE);
    }
}

static void check_row(const struct row *row, bool queued, uint64_t seed)
{
    const char *name = ahci_fault_names[row->fault];
    unsigned guilty = (unsigned)prng_below(&seed, REQUESTS);
    uint64_t begun_us;

    start(queued);
    make_requests(&seed);
    model.random = seed;
    model.ports[1].fault = row->fault;
    model.ports[1].fault_times = row->times;
    model.ports[1].fault_lba = requests[guilty].lba + prng_below(&seed, BLOCKS);
    begun_us = sim_clock.now_us;
    run_all(name);
    if (sim_clock.now_us - begun_us > row->seconds * UINT64_C(1000000) + 500000)
        fail_msg("%s: took %u ms", name, (unsigned)((sim_clock.now_us - begun_us) / 1000));
    check_guilty(row, guilty);
    for (unsigned i = 0; i < REQUESTS; i++) {
        if (i == guilty)
            continue;
        if (requests[i].error != OK && requests[i].error != row->others)
            fail_msg("%s: an innocent one ended in %s", name, error_text(requests[i].error));
        if (requests[i].error == OK)
            assert_true(content_is_right(i));
    }
    check_afterwards(row);
    check_link(row);
    stop(name);
}

static void every_fault(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (uint64_t seed = 1; seed <= 8; seed++)
            check_row(&rows[i], true, seed);
        if (rows[i].queued_only)
            continue;
        for (uint64_t seed = 1; seed <= 2; seed++)
            check_row(&rows[i], false, seed);
    }
}

/* The other one is taken for done, and its data has not come: only its content tells. */
static void wrong_tag(void **state)
{
    unsigned late = 0, early = 0;

    (void)state;
    start(true);
    uint64_t seed = 5;
    make_requests(&seed);
    model.ports[1].fault = AHCI_WRONG_TAG;
    model.ports[1].fault_lba = requests[2].lba;
    model.ports[1].fault_times = 1;
    run_all("wrong tag");
    for (unsigned i = 0; i < REQUESTS; i++) {
        late += requests[i].error == ERR_TIMEOUT;
        early += requests[i].error == OK && !content_is_right(i);
        assert_true(requests[i].error == OK || i == 2);
    }
    assert_int_equal(late, 1);
    assert_int_equal(early, 1);
    stop("wrong tag");
}

/* The whole drive stands still once: nobody is guilty, and each is tried again alone. */
static void still_once(void **state)
{
    uint64_t seed = 9;

    (void)state;
    start(true);
    make_requests(&seed);
    model.ports[1].fault = AHCI_BUSY_STUCK;
    model.ports[1].fault_lba = requests[3].lba;
    model.ports[1].fault_times = 1;
    run_all("still once");
    for (unsigned i = 0; i < REQUESTS; i++) {
        assert_int_equal(requests[i].error, OK);
        assert_true(content_is_right(i));
    }
    stop("still once");
}

/* A completion for a tag that nothing waits for is noticed in the FIS that brought it. */
static void unused_tag(void **state)
{
    struct drive_link link;

    (void)state;
    start(true);
    model.ports[1].fault = AHCI_UNUSED_TAG;
    model.ports[1].fault_lba = 10;
    assert_int_equal(device->read(device->context, 8, 8, areas[0]), ERR_TIMEOUT);
    assert_int_equal(device->link(device->context, &link), OK);
    assert_int_equal(link.bad_answers, 1);
    assert_int_equal(link.timeouts, 1);
    stop("unused tag");
}

/* Half of all requests touch a bad block: each ends for itself, and no innocent one with them. */
static void many_bad(void **state)
{
    static const enum ahci_fault faults[] = {AHCI_UNC, AHCI_LOG_UNREADABLE, AHCI_GOES_ON};

    (void)state;
    for (size_t f = 0; f < sizeof(faults) / sizeof(faults[0]); f++) {
        start(true);
        for (unsigned i = 0; i < REQUESTS; i++) {
            requests[i] = (struct block_request){
                .operation = REQUEST_READ,
                .lba = i % 2 ? 100000 : i * 1000,
                .blocks = BLOCKS,
                .buffer = areas[i],
            };
        }
        model.ports[1].fault = faults[f];
        model.ports[1].fault_lba = 100003;
        run_all("many bad");
        for (unsigned i = 0; i < REQUESTS; i++) {
            assert_int_equal(requests[i].error, i % 2 ? ERR_IO : OK);
            assert_true(i % 2 ? requests[i].has_status : content_is_right(i));
        }
        stop("many bad");
    }
}

/* A drive that answers nothing but IDENTIFY DEVICE is not reset for ever. */
static void resets_are_counted(void **state)
{
    struct drive_link link;

    (void)state;
    start(true);
    uint64_t seed = 3;
    make_requests(&seed);
    for (unsigned i = 0; i < REQUESTS; i++)
        requests[i].lba = 77;
    model.ports[1].fault = AHCI_BUSY_STUCK;
    model.ports[1].fault_lba = 80;
    run_all("resets");
    assert_int_equal(device->link(device->context, &link), OK);
    assert_int_equal(link.resets, AHCI_RESETS_MAX);
    for (unsigned i = 0; i < REQUESTS; i++)
        assert_true(requests[i].error == ERR_GONE || requests[i].error == ERR_TIMEOUT);
    assert_int_equal(device->read(device->context, 9000, 8, areas[0]), ERR_GONE);
    stop("resets");
}

/* What a drive says when it is asked, for a status that is not good too. */
static void asks(void **state)
{
    struct drive_status status = {0};

    (void)state;
    start(true);
    model.ports[1].fault = AHCI_UNC;
    model.ports[1].fault_lba = 500;
    assert_int_equal(device->ask(device->context, 496, 8, areas[0], &status), OK);
    assert_int_equal(status.ata_status, 0x41);
    assert_int_equal(status.ata_error, 0x40);
    assert_int_equal(device->ask(device->context, 480, 8, areas[0], &status), OK);
    assert_int_equal(status.ata_status, 0x50);
    assert_int_equal(model.ports[1].count[0x25], 2);
    assert_int_equal(model.ports[1].count[0x60], 0);
    model.ports[1].fault = AHCI_LINK_LOST;
    assert_int_equal(device->ask(device->context, 496, 8, areas[0], &status), ERR_GONE);
    stop("asks");
}

/* A write that was aborted because of a read's error is done once more, and complete. */
static void writes_survive(void **state)
{
    static uint8_t data[SIZE];
    struct block_request write = {
        .operation = REQUEST_WRITE, .lba = 3000, .blocks = BLOCKS, .buffer = data};

    (void)state;
    start(true);
    ahci_allow_writes(&controller, 0);
    memset(data, 0xA7, sizeof(data));
    model.ports[1].fault = AHCI_UNC;
    model.ports[1].fault_lba = 77;
    requests[0] = (struct block_request){
        .operation = REQUEST_READ, .lba = 77, .blocks = BLOCKS, .buffer = areas[0]};
    model.ports[1].service_us = 10;
    assert_int_equal(device->submit(device->context, &requests[0]), OK);
    model.ports[1].service_us = 5000;
    assert_int_equal(device->submit(device->context, &write), OK);
    while (!write.done || !requests[0].done) {
        device->poll(device->context);
        sim_clock_pass(&sim_clock, 100);
    }
    assert_int_equal(requests[0].error, ERR_IO);
    assert_int_equal(write.error, OK);
    assert_int_equal(model.ports[1].count[0x61], 2);
    assert_int_equal(device->read(device->context, 3000, BLOCKS, areas[1]), OK);
    assert_memory_equal(areas[1], data, SIZE);
    stop("writes");
}

/* The drive left and came back while nothing was asked of it. */
static void noticed_when_idle(void **state)
{
    struct drive_link link;

    (void)state;
    start(true);
    sim_clock_pass(&sim_clock, 1000000);
    model.ports[1].serr |= 1u << 16 | 1u << 26;
    model.ports[1].is |= 1u << 22 | 1u << 6;
    assert_int_equal(device->read(device->context, 10, 8, areas[0]), OK);
    assert_int_equal(device->link(device->context, &link), OK);
    assert_int_equal(link.phy_changes, 1);
    assert_int_equal(link.resets, 1);
    stop("idle");
}

/* Other drives of the controller go on while one is in trouble. */
static void neighbours(void **state)
{
    struct ahci_config config = {.bus = &model.bus, .clock = &time_seam};
    struct block_request request = {
        .operation = REQUEST_READ, .lba = 8, .blocks = 8, .buffer = areas[0]};
    struct block_device *other;

    (void)state;
    sim_clock = (struct sim_clock){0};
    time_seam = sim_clock_seam(&sim_clock);
    ahci_model_init(&model, &sim_clock);
    ahci_model_attach(&model, 3, 512, 1 << 20, true);
    assert_int_equal(ahci_start(&controller, &config), OK);
    device = ahci_device(&controller, 0);
    other = ahci_device(&controller, 1);
    model.ports[1].fault = AHCI_LINK_DROPS;
    model.ports[1].fault_times = 1;
    model.ports[1].fault_lba = 8;
    assert_int_equal(device->submit(device->context, &request), OK);
    for (unsigned i = 0; i < 1000 && !request.done; i++) {
        uint64_t before_us = sim_clock.now_us;

        device->poll(device->context);
        assert_int_equal(other->read(other->context, i, 8, areas[1]), OK);
        assert_true(sim_clock.now_us - before_us < 5000);
        sim_clock_pass(&sim_clock, 3000);
    }
    assert_true(request.done);
    assert_int_equal(request.error, OK);
    stop("neighbours");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault),
        cmocka_unit_test(wrong_tag),
        cmocka_unit_test(unused_tag),
        cmocka_unit_test(still_once),
        cmocka_unit_test(many_bad),
        cmocka_unit_test(resets_are_counted),
        cmocka_unit_test(asks),
        cmocka_unit_test(writes_survive),
        cmocka_unit_test(noticed_when_idle),
        cmocka_unit_test(neighbours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
