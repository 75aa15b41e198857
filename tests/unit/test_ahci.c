/* The AHCI driver with healthy drives: taking over, requests, pages, writing, giving back. */
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
#include "tests/sim/ahci_model.h"

enum { MIB = 1024 * 1024, BIG = AHCI_REQUEST_MAX, NUMBER_OF_DRIVE = 1 };

static struct sim_clock sim_clock;
static struct clock time_seam;
static struct ahci_model model;
static struct ahci_controller controller;
static struct block_device *device;
static unsigned pauses;
static _Alignas(4096) uint8_t buffer[BIG];

static void count_pause(void *context)
{
    (void)context;
    pauses++;
}

static void prepare(void)
{
    sim_clock = (struct sim_clock){0};
    time_seam = sim_clock_seam(&sim_clock);
    ahci_model_init(&model, &sim_clock);
    pauses = 0;
}

static int start(void)
{
    struct ahci_config config = {
        .bus = &model.bus,
        .clock = &time_seam,
        .controller = 7,
        .pause = count_pause,
    };
    int error = ahci_start(&controller, &config);

    device = error == OK ? ahci_device(&controller, 0) : NULL;
    return error;
}

static void stop(void)
{
    ahci_stop(&controller);
    ahci_model_end(&model);
    if (model.violations != 0)
        fail_msg("%u violations, the first: %s", model.violations, model.violation);
}

static void assert_content(unsigned port, uint64_t lba, uint32_t blocks, const uint8_t *data)
{
    uint8_t block[MODEL_BLOCK_MAX];
    uint32_t size = model.ports[port].block_size;

    for (uint32_t i = 0; i < blocks; i++) {
        ahci_model_content(&model.ports[port], lba + i, block);
        assert_memory_equal(data + (size_t)i * size, block, size);
    }
}

static void describes(void **state)
{
    struct drive_link link;
    char words[80];
    struct text text = text_in(words, sizeof(words));

    (void)state;
    prepare();
    ahci_model_attach(&model, 4, 4096, 1 << 20, true)->depth = 16;
    ahci_model_attach(&model, 5, 512, 123456, false);
    assert_int_equal(start(), OK);
    assert_int_equal(ahci_device_count(&controller), 3);
    assert_int_equal(ahci_port_number(&controller, 0), 1);
    assert_int_equal(ahci_port_number(&controller, 1), 4);
    assert_null(ahci_device(&controller, 3));
    assert_int_equal(device->protocol, PROTOCOL_ATA);
    assert_int_equal(device->controller, 7);
    assert_int_equal(device->block_size, 512);
    assert_int_equal(device->block_count, 1 << 24);
    assert_int_equal(device->depth, 32);
    assert_int_equal(ahci_device(&controller, 1)->block_size, 4096);
    assert_int_equal(ahci_device(&controller, 1)->block_count, 1 << 20);
    assert_int_equal(ahci_device(&controller, 1)->depth, 16);
    assert_int_equal(ahci_device(&controller, 2)->depth, 1);
    assert_int_equal(device->link(device->context, &link), OK);
    assert_int_equal(link.generation, 3);
    assert_int_equal(link.generation_port, 3);
    assert_int_equal(link.generation_drive, 3);
    assert_int_equal(link.resets + link.timeouts + link.crc_errors + link.phy_changes, 0);
    ahci_errors_text(&controller, 0, &text);
    assert_string_equal(words, "no errors");
    stop();
}

static void nothing_attached(void **state)
{
    (void)state;
    prepare();
    memset(&model.ports[1], 0, sizeof(model.ports[1]));
    assert_int_equal(start(), OK);
    assert_int_equal(ahci_device_count(&controller), 0);
    assert_null(ahci_device(&controller, 0));
    stop();
}

static void no_controller(void **state)
{
    (void)state;
    prepare();
    model.vanished = true;
    assert_int_equal(start(), ERR_GONE);
    assert_non_null(controller.reason);
    ahci_model_end(&model);
    assert_int_equal(model.violations, 0);
}

/* What is no drive is named and gets no command: the model would call that a violation. */
static void others_left_alone(void **state)
{
    (void)state;
    prepare();
    ahci_model_attach(&model, 0, 512, 1000, false)->signature = 0xEB140101;
    ahci_model_attach(&model, 2, 512, 1000, false)->signature = 0x96690101;
    ahci_model_attach(&model, 3, 512, 1000, false)->signature = 0xC33C0101;
    for (unsigned i = 0; i < 4; i++)
        model.ports[i].sig = model.ports[i].signature;
    assert_int_equal(start(), OK);
    assert_int_equal(ahci_device_count(&controller), 1);
    assert_string_equal(ahci_refused(&controller, 0), "ATAPI device, left alone");
    assert_string_equal(ahci_refused(&controller, 2), "port multiplier, left alone");
    assert_non_null(ahci_refused(&controller, 3));
    assert_null(ahci_refused(&controller, 1));
    assert_null(ahci_refused(&controller, 5));
    assert_null(ahci_refused(&controller, 99));
    stop();
}

static void taken_over_running(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        prepare();
        model.hands_off = true;
        model.bohc = 1;
        model.firmware_stuck = i == 1;
        model.ports[1].cmd = 0xC011; /* ST, FRE, FR, CR */
        model.ports[1].clb[0] = 0x1000;
        model.ghc = 0x80000000;
        assert_int_equal(start(), OK);
        assert_int_equal(model.bohc & 2, 2);
        assert_false(controller.was_reset);
        assert_int_equal(ahci_device_count(&controller), 1);
        assert_int_equal(model.ports[1].comresets, 0);
        stop();
        assert_int_equal(model.ghc, 0x80000000);
    }
}

static void reset_when_stuck(void **state)
{
    (void)state;
    prepare();
    model.ports[1].cmd = 0xC011;
    model.stop_needs_reset = true;
    assert_int_equal(start(), OK);
    assert_int_equal(ahci_device_count(&controller), 1);
    assert_int_equal(device->read(device->context, 5, 8, buffer), OK);
    stop();
    assert_int_equal(model.ghc, 0);
}

/* After a reset a controller with staggered spin-up brings no link up by itself. */
static void staggered(void **state)
{
    (void)state;
    prepare();
    model.staggered = true;
    model.ports[1].det = 0;
    model.ports[1].tfd = 0x7F;
    model.ports[1].sig = UINT32_MAX;
    assert_int_equal(start(), OK);
    assert_int_equal(ahci_device_count(&controller), 1);
    stop();
}

static void dead_at_start(void **state)
{
    (void)state;
    prepare();
    ahci_model_attach(&model, 0, 512, 1 << 20, true);
    model.ports[1].dead = true;
    model.ports[1].tfd = 0x80;
    assert_int_equal(start(), OK);
    assert_int_equal(ahci_device_count(&controller), 1);
    assert_int_equal(ahci_port_number(&controller, 0), 0);
    assert_string_equal(ahci_refused(&controller, 1), "the drive stays busy");
    assert_true(sim_clock.now_us < 15000000);
    assert_true(pauses > 1000);
    stop();
}

static void addresses_out_of_reach(void **state)
{
    (void)state;
    prepare();
    model.wide = false;
    assert_int_equal(start(), OK);
    assert_int_equal(device->read(device->context, 0, 8, buffer), OK);
    stop();
    prepare();
    model.wide = false;
    model.memory_high = true;
    assert_int_equal(start(), ERR_UNSUPPORTED);
    assert_non_null(strstr(controller.reason, "4 GiB"));
    ahci_model_end(&model);
    assert_int_equal(model.violations, 0);
}

/* Where the firmware copies, as it does for a controller of 32 bits, the device says so. */
static void bounced(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        prepare();
        model.bounce = i == 1;
        assert_int_equal(start(), OK);
        assert_int_equal(device->read(device->context, 0, 8, buffer), OK);
        assert_int_equal(device->bounced, model.bounce);
        stop();
    }
}

static void check_reads(bool queued, uint32_t block_size, uint64_t seed)
{
    uint32_t most = BIG / block_size;

    prepare();
    ahci_model_attach(&model, 1, block_size, 1 << 22, queued);
    assert_int_equal(start(), OK);
    for (unsigned i = 0; i < 8; i++) {
        uint32_t blocks = i == 0 ? most : 1 + (uint32_t)prng_below(&seed, most / 16);
        uint64_t lba = prng_below(&seed, (1 << 22) - blocks);

        memset(buffer, 0, (size_t)blocks * block_size);
        assert_int_equal(device->read(device->context, lba, blocks, buffer), OK);
        assert_content(1, lba, blocks, buffer);
    }
    assert_int_equal(model.ports[1].count[0x60], queued ? 8 : 0);
    assert_int_equal(model.ports[1].count[0x25], queued ? 0 : 8);
    stop();
}

static void reads(void **state)
{
    (void)state;
    check_reads(true, 512, 1);
    check_reads(true, 4096, 2);
    check_reads(false, 512, 3);
    check_reads(false, 4096, 4);
}

/* Up to the last block, beyond 32 bits, and not a block further. */
static void edges(void **state)
{
    uint64_t count = UINT64_C(0x0000123456789ABC);
    struct block_request request = {.operation = REQUEST_READ, .blocks = 1, .buffer = buffer};

    (void)state;
    prepare();
    ahci_model_attach(&model, 1, 512, count, true);
    assert_int_equal(start(), OK);
    assert_int_equal(device->read(device->context, count - 8, 8, buffer), OK);
    assert_content(1, count - 8, 8, buffer);
    assert_int_equal(device->read(device->context, count - 8, 9, buffer), ERR_RANGE);
    assert_int_equal(device->read(device->context, count, 1, buffer), ERR_RANGE);
    assert_int_equal(device->read(device->context, 0, 0, buffer), ERR_RANGE);
    assert_int_equal(device->read(device->context, 0, 1, NULL), ERR_RANGE);
    request.blocks = BIG / 512 + 1;
    assert_int_equal(device->submit(device->context, &request), ERR_RANGE);
    request.operation = 9;
    assert_int_equal(device->submit(device->context, &request), ERR_UNSUPPORTED);
    stop();
}

/* A 28-bit drive takes 256 blocks at a time. */
static void small_drive(void **state)
{
    struct drive_status status;

    (void)state;
    prepare();
    ahci_model_attach(&model, 1, 512, 0x0FFFFFF0, false)->large_lba = false;
    assert_int_equal(start(), OK);
    assert_int_equal(device->read(device->context, 0x0FFFFFF0 - 2048, 2048, buffer), OK);
    assert_content(1, 0x0FFFFFF0 - 2048, 2048, buffer);
    assert_int_equal(model.ports[1].count[0xC8], 8);
    assert_int_equal(device->read(device->context, 77, 300, buffer), OK);
    assert_content(1, 77, 300, buffer);
    assert_int_equal(device->ask(device->context, 3, 5, buffer, &status), OK);
    assert_int_equal(status.ata_status, 0x50);
    assert_content(1, 3, 5, buffer);
    stop();
}

enum { MANY = 200, SIZE_OF_MANY = 8 };

static struct block_request many[MANY];
static uint8_t *areas[MANY];

static void submit_all(uint64_t seed, unsigned *ret_full)
{
    unsigned full = 0;

    for (unsigned i = 0; i < MANY; i++) {
        int error;

        areas[i] = aligned_alloc(4096, SIZE_OF_MANY * 512);
        many[i] = (struct block_request){
            .operation = REQUEST_READ,
            .lba = prng_below(&seed, 1 << 20),
            .blocks = SIZE_OF_MANY,
            .buffer = areas[i],
        };
        while ((error = device->submit(device->context, &many[i])) == ERR_FULL) {
            full++;
            device->poll(device->context);
        }
        assert_int_equal(error, OK);
    }
    *ret_full = full;
}

static void poll_all(void)
{
    bool left = true;

    for (unsigned rounds = 0; left && rounds < 100000; rounds++) {
        left = false;
        device->poll(device->context);
        for (unsigned i = 0; i < MANY; i++)
            left = left || !many[i].done;
    }
    assert_false(left);
}

static void check_many(void)
{
    for (unsigned i = 0; i < MANY; i++) {
        assert_int_equal(many[i].error, OK);
        assert_content(1, many[i].lba, SIZE_OF_MANY, areas[i]);
        assert_true(many[i].ended_us > many[i].begun_us);
        assert_true(many[i].gap_us <= many[i].ended_us - many[i].begun_us);
        free(areas[i]);
    }
}

static void queue(void **state)
{
    unsigned full = 0;

    (void)state;
    for (uint8_t depth = 1; depth <= 32; depth = (uint8_t)(depth * 2)) {
        prepare();
        model.ports[1].depth = depth;
        assert_int_equal(start(), OK);
        assert_int_equal(device->depth, depth);
        submit_all(depth, &full);
        assert_true(full > 0);
        poll_all();
        check_many();
        assert_int_equal(model.ports[1].deepest, depth);
        stop();
    }
    prepare();
    model.slots = 8;
    assert_int_equal(start(), OK);
    assert_int_equal(device->depth, 8);
    submit_all(1, &full);
    poll_all();
    check_many();
    stop();
}

/* Two writes for each request and two reads at most for each look at them all. */
static void register_accesses(void **state)
{
    struct block_request request = {.operation = REQUEST_READ, .blocks = 8, .buffer = buffer};
    uint64_t before;

    (void)state;
    prepare();
    assert_int_equal(start(), OK);
    device->poll(device->context);
    assert_int_equal(device->read(device->context, 0, 8, buffer), OK);
    before = model.register_writes;
    assert_int_equal(device->submit(device->context, &request), OK);
    assert_int_equal(model.register_writes - before, 2);
    while (!request.done) {
        before = model.register_reads;
        device->poll(device->context);
        assert_true(model.register_reads - before <= 2);
    }
    before = model.register_reads;
    device->poll(device->context);
    assert_int_equal(model.register_reads, before);
    stop();
}

static void gaps(void **state)
{
    struct block_request request = {.operation = REQUEST_READ, .blocks = 8, .buffer = buffer};

    (void)state;
    prepare();
    assert_int_equal(start(), OK);
    sim_clock_pass(&sim_clock, 5000000);
    assert_int_equal(device->submit(device->context, &request), OK);
    sim_clock_pass(&sim_clock, 20);
    device->poll(device->context);
    assert_false(request.done);
    sim_clock_pass(&sim_clock, 7000);
    device->poll(device->context);
    assert_true(request.done);
    assert_in_range(request.gap_us, 7000, 7010);
    sim_clock_pass(&sim_clock, 5000000);
    assert_int_equal(device->submit(device->context, &request), OK);
    sim_clock_pass(&sim_clock, 300);
    device->poll(device->context);
    assert_true(request.done);
    assert_in_range(request.gap_us, 300, 310);
    stop();
}

static void writes(void **state)
{
    static uint8_t data[8 * 512];
    struct block_request request = {.operation = REQUEST_WRITE, .blocks = 8, .buffer = data};

    (void)state;
    for (unsigned queued = 0; queued < 2; queued++) {
        prepare();
        ahci_model_attach(&model, 1, 512, 1 << 20, queued);
        assert_int_equal(start(), OK);
        memset(data, 0x5A, sizeof(data));
        assert_int_equal(device->write(device->context, 100, 8, data), ERR_REFUSED);
        assert_int_equal(device->submit(device->context, &request), ERR_REFUSED);
        ahci_allow_writes(&controller, 0);
        assert_int_equal(device->write(device->context, 100, 8, data), OK);
        assert_int_equal(device->flush(device->context), OK);
        assert_int_equal(model.ports[1].count[0xEA], 1);
        assert_int_equal(device->read(device->context, 98, 12, buffer), OK);
        assert_content(1, 98, 12, buffer);
        assert_int_equal(buffer[1024], 0x5A);
        stop();
        assert_int_equal(model.ports[1].count[0xEA], 2);
        assert_int_equal(model.ports[1].count[queued ? 0x61 : 0x35], 1);
    }
}

struct page_row {
    enum drive_page page;
    size_t size;
    uint8_t first, second;
};

static const struct page_row page_rows[] = {
    {PAGE_IDENTIFY, 512, 0, 0},
    {PAGE_SMART, 512, 0x10, 0},
    {PAGE_SMART_STATUS, 2, 0x4F, 0xC2},
    {PAGE_LOG_DIRECTORY, 512, 0x00, 0},
    {PAGE_ERRORS, 512, 0x03, 0},
    {PAGE_SELF_TESTS, 512, 0x07, 0},
    {PAGE_STATISTICS_DIRECTORY, 512, 0x04, 0},
    {PAGE_STATISTICS_GENERAL, 512, 0x04, 1},
    {PAGE_STATISTICS_ERRORS, 512, 0x04, 4},
    {PAGE_STATISTICS_TEMPERATURE, 512, 0x04, 5},
    {PAGE_STATISTICS_TRANSPORT, 512, 0x04, 6},
    {PAGE_STATISTICS_SSD, 512, 0x04, 7},
    {PAGE_NCQ_ERROR, 512, 0x80, 0},
    {PAGE_PHY_EVENTS, 512, 0x11, 0},
    {PAGE_SCT_STATUS, 512, 0xE0, 0},
};

/* In the midst of queued reads: the model minds when commands are mixed. */
static void pages(void **state)
{
    struct block_request request = {.operation = REQUEST_READ, .blocks = 8, .buffer = buffer};
    uint8_t page[512];

    (void)state;
    prepare();
    assert_int_equal(start(), OK);
    for (size_t i = 0; i < sizeof(page_rows) / sizeof(page_rows[0]); i++) {
        const struct page_row *row = &page_rows[i];

        assert_int_equal(device->submit(device->context, &request), OK);
        assert_int_equal(device->page(device->context, row->page, page, row->size), OK);
        assert_int_equal(page[0], row->first);
        assert_int_equal(page[1], row->second);
        assert_true(request.done);
        assert_int_equal(device->page(device->context, row->page, page, row->size + 1), ERR_RANGE);
    }
    assert_int_equal(device->page(device->context, PAGE_NAMESPACE, page, 512), ERR_UNSUPPORTED);
    assert_int_equal(device->self_test(device->context, SELF_TEST_SHORT), OK);
    assert_int_equal(model.ports[1].count[0xB0], 3);
    stop();
}

static void refused_pages(void **state)
{
    uint8_t page[512];

    (void)state;
    prepare();
    model.ports[1].name = "TOSHIBA DT01ACA100";
    assert_int_equal(start(), OK);
    assert_int_equal(device->page(device->context, PAGE_SCT_STATUS, page, 512), ERR_REFUSED);
    assert_int_equal(device->page(device->context, PAGE_SMART, page, 512), OK);
    assert_int_equal(model.ports[1].count[0x2F], 0);
    /* A page that the drive aborts. */
    model.ports[1].fault = AHCI_LOG_UNREADABLE;
    assert_int_equal(device->page(device->context, PAGE_NCQ_ERROR, page, 512), ERR_UNSUPPORTED);
    assert_int_equal(device->page(device->context, PAGE_SMART, page, 512), OK);
    assert_int_equal(device->read(device->context, 10, 8, buffer), OK);
    stop();
}

static void mapping_fails(void **state)
{
    struct block_request request = {.operation = REQUEST_READ, .blocks = 8, .buffer = buffer};

    (void)state;
    prepare();
    assert_int_equal(start(), OK);
    model.fail_maps = 1;
    assert_int_equal(device->submit(device->context, &request), ERR_FULL);
    assert_int_equal(device->submit(device->context, &request), OK);
    model.fail_maps = 1;
    assert_int_equal(device->read(device->context, 10, 8, buffer + MIB), OK);
    assert_true(request.done);
    stop();
}

/* Stopped with requests on their way: they end, and nothing is left behind. */
static void stopped_under_way(void **state)
{
    struct block_request requests[32];

    (void)state;
    prepare();
    assert_int_equal(start(), OK);
    for (unsigned i = 0; i < 32; i++) {
        requests[i] = (struct block_request){
            .operation = REQUEST_READ, .lba = i, .blocks = 8, .buffer = buffer + 4096 * i};
        assert_int_equal(device->submit(device->context, &requests[i]), OK);
    }
    stop();
    for (unsigned i = 0; i < 32; i++)
        assert_true(requests[i].done && requests[i].error == OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(describes),
        cmocka_unit_test(nothing_attached),
        cmocka_unit_test(no_controller),
        cmocka_unit_test(others_left_alone),
        cmocka_unit_test(taken_over_running),
        cmocka_unit_test(reset_when_stuck),
        cmocka_unit_test(staggered),
        cmocka_unit_test(dead_at_start),
        cmocka_unit_test(addresses_out_of_reach),
        cmocka_unit_test(bounced),
        cmocka_unit_test(reads),
        cmocka_unit_test(edges),
        cmocka_unit_test(small_drive),
        cmocka_unit_test(queue),
        cmocka_unit_test(register_accesses),
        cmocka_unit_test(gaps),
        cmocka_unit_test(writes),
        cmocka_unit_test(pages),
        cmocka_unit_test(refused_pages),
        cmocka_unit_test(mapping_fails),
        cmocka_unit_test(stopped_under_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
