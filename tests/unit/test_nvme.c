/* The NVMe driver: starting, what it finds, requests on a healthy controller, giving it back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/prng.h"
#include "tests/sim/nvme_model_rig.h"

enum { MIB = 1024 * 1024, BUFFERS = 64, BUFFER_SIZE = 256 * 1024 };

static struct nvme_rig rig;
static uint8_t *buffer; /* 4 MiB and a page */
static uint8_t *buffers;

static int make_buffers(void **state)
{
    (void)state;
    buffer = aligned_alloc(4096, 4 * MIB + 4096);
    buffers = aligned_alloc(4096, (size_t)BUFFERS * BUFFER_SIZE);
    return buffer == NULL || buffers == NULL;
}

static int free_buffers(void **state)
{
    (void)state;
    free(buffer);
    free(buffers);
    return 0;
}

static void start(void)
{
    int error = nvme_rig_start(&rig);

    if (error != OK)
        fail_msg("%s: %s", error_text(error), rig.controller.reason);
}

static void stop(void)
{
    const char *amiss = nvme_rig_stop(&rig);

    if (amiss != NULL)
        fail_msg("%s", amiss);
}

static void starts_and_stops(void **state)
{
    const struct block_device *device;

    (void)state;
    nvme_rig_init(&rig, 1);
    start();
    device = nvme_device(&rig.controller, 0);
    assert_int_equal(device->protocol, PROTOCOL_NVME);
    assert_int_equal(device->block_size, 512);
    assert_int_equal(device->block_count, 1 << 22);
    assert_int_equal(device->controller, 7);
    assert_int_equal(device->depth, NVME_DEPTH);
    assert_false(device->bounced);
    assert_int_equal(nvme_device(&rig.controller, 1)->block_size, 4096);
    assert_null(nvme_device(&rig.controller, 2));
    assert_null(nvme_refused(&rig.controller, 0));
    assert_int_equal(rig.model.intms, UINT32_MAX);
    stop();
    assert_true(rig.model.shut_down);
    assert_int_equal(rig.model.cc & 0xC001, 0);
    assert_int_equal(nvme_stop(&rig.controller), OK);
}

/* The firmware's driver left it running; afterwards it can be started by anybody again. */
static void takes_over(void **state)
{
    (void)state;
    nvme_rig_init(&rig, 2);
    rig.model.cc = 0x00460001;
    rig.model.csts = 1;
    for (unsigned i = 0; i < 3; i++) {
        start();
        assert_int_equal(nvme_device(&rig.controller, 0)
                             ->read(nvme_device(&rig.controller, 0)->context, 5, 8, buffer),
                         OK);
        stop();
    }
}

static void reads(void **state)
{
    static const uint32_t sizes[] = {4096,       8192, 12288,      65536,
                                     128 * 1024, MIB,  MIB + 4096, 4 * MIB};
    static const uint8_t limits[] = {0, 1, 2, 5, 8, 20};

    (void)state;
    for (size_t i = 0; i < sizeof(limits); i++) {
        nvme_rig_init(&rig, i);
        rig.model.mdts = limits[i];
        rig.model.dstrd = (uint8_t)i;
        start();
        for (size_t j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++) {
            for (unsigned k = 0; k < 2; k++) {
                const struct block_device *device = nvme_device(&rig.controller, k);
                uint32_t blocks = sizes[j] / device->block_size;

                assert_int_equal(device->read(device->context, 1000 + j, blocks, buffer), OK);
                assert_true(nvme_rig_holds(&rig, device, 1000 + j, blocks, buffer));
            }
        }
        stop();
    }
}

/* A search for a bad block reads into the middle of a buffer. */
static void reads_unaligned(void **state)
{
    static const uint32_t offsets[] = {512, 1024, 2048, 3584, 4, 4092};
    const struct block_device *device;

    (void)state;
    nvme_rig_init(&rig, 3);
    start();
    device = nvme_device(&rig.controller, 0);
    for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
        for (uint32_t blocks = 1; blocks <= 2048; blocks = blocks * 3 + (blocks & 1)) {
            memset(buffer, 0xCC, MIB + 8192);
            assert_int_equal(device->read(device->context, 77, blocks, buffer + offsets[i]), OK);
            assert_true(nvme_rig_holds(&rig, device, 77, blocks, buffer + offsets[i]));
            assert_int_equal(buffer[offsets[i] - 1], 0xCC);
            assert_int_equal(buffer[offsets[i] + blocks * 512], 0xCC);
        }
    }
    assert_int_equal(device->read(device->context, 0, 1, buffer + 2), ERR_RANGE);
    stop();
}

static void refuses_requests(void **state)
{
    const struct block_device *device;
    struct block_request request = {.operation = 9, .blocks = 1, .buffer = buffer};

    (void)state;
    nvme_rig_init(&rig, 4);
    start();
    device = nvme_device(&rig.controller, 0);
    assert_int_equal(device->read(device->context, 0, 0, buffer), ERR_RANGE);
    assert_int_equal(device->read(device->context, 0, 8193, buffer), ERR_RANGE);
    assert_int_equal(device->read(device->context, 1 << 22, 1, buffer), ERR_RANGE);
    assert_int_equal(device->read(device->context, (1 << 22) - 1, 2, buffer), ERR_RANGE);
    assert_int_equal(device->read(device->context, UINT64_MAX, 2, buffer), ERR_RANGE);
    assert_int_equal(device->read(device->context, 0, 1, NULL), ERR_RANGE);
    assert_int_equal(device->submit(device->context, &request), ERR_RANGE);
    assert_int_equal(rig.model.reads, 0);
    stop();
}

static void writes(void **state)
{
    const struct block_device *device, *other;
    struct block_request request = {.operation = REQUEST_WRITE, .blocks = 1, .buffer = buffer};

    (void)state;
    nvme_rig_init(&rig, 5);
    start();
    device = nvme_device(&rig.controller, 0);
    other = nvme_device(&rig.controller, 1);
    memset(buffer, 0xA5, 16 * 512);
    assert_int_equal(device->write(device->context, 100, 16, buffer), ERR_REFUSED);
    assert_int_equal(device->submit(device->context, &request), ERR_REFUSED);
    assert_int_equal(rig.model.writes, 0);
    nvme_allow_writes(device);
    assert_int_equal(device->write(device->context, 100, 16, buffer), OK);
    assert_int_equal(other->write(other->context, 100, 1, buffer), ERR_REFUSED);
    assert_int_equal(device->flush(device->context), OK);
    assert_int_equal(rig.model.flushes, 1);
    assert_int_equal(device->read(device->context, 99, 18, buffer + 8192), OK);
    assert_memory_equal(buffer + 8192 + 512, buffer, 16 * 512);
    assert_true(nvme_rig_holds(&rig, device, 99, 1, buffer + 8192));
    assert_true(nvme_rig_holds(&rig, device, 116, 1, buffer + 8192 + 17 * 512));
    stop();
    rig.model.write_cache = false;
    start();
    assert_int_equal(device->flush(device->context), OK);
    assert_int_equal(rig.model.flushes, 1);
    stop();
}

/* What a bounce buffer holds is seen after unmap only, and the device says that there is one. */
static void bounced(void **state)
{
    const struct block_device *device;

    (void)state;
    nvme_rig_init(&rig, 6);
    rig.model.bounce = true;
    start();
    device = nvme_device(&rig.controller, 0);
    assert_int_equal(device->read(device->context, 9, 700, buffer), OK);
    assert_true(nvme_rig_holds(&rig, device, 9, 700, buffer));
    assert_true(device->bounced);
    nvme_allow_writes(device);
    memset(buffer, 0x3C, 4096);
    assert_int_equal(device->write(device->context, 9, 8, buffer), OK);
    assert_int_equal(device->read(device->context, 9, 8, buffer + 4096), OK);
    assert_memory_equal(buffer, buffer + 4096, 4096);
    stop();
}

/* ---- many requests at once */

struct load {
    struct block_request requests[BUFFERS];
    const struct block_device *devices[BUFFERS];
    unsigned done;
};

static struct load load;

static void check_done(unsigned i)
{
    struct block_request *request = &load.requests[i];

    assert_int_equal(request->error, OK);
    assert_true(request->has_status);
    assert_int_equal(request->status.nvme_status, 0);
    assert_true(request->ended_us >= request->begun_us);
    assert_true(request->gap_us <= request->ended_us - request->begun_us);
    if (!nvme_rig_holds(&rig, load.devices[i], request->lba, request->blocks, request->buffer))
        fail_msg("request %u: wrong data for LBA %llu", i, (unsigned long long)request->lba);
    request->buffer = NULL;
    load.done++;
}

/* Keeps `depth` requests at the namespaces until `total` of them are done. */
static void run_load(unsigned depth, unsigned total, uint32_t bytes_most, uint64_t seed)
{
    unsigned given = 0, turns = 0;

    memset(&load, 0, sizeof(load));
    while (load.done < total && turns++ < 1000000) {
        for (unsigned i = 0; i < depth; i++) {
            struct block_request *request = &load.requests[i];

            if (request->buffer != NULL && request->done)
                check_done(i);
            if (request->buffer != NULL || given == total)
                continue;
            load.devices[i] = nvme_device(&rig.controller, (unsigned)prng_below(&seed, 2));
            *request = (struct block_request){
                .lba = prng_below(&seed, 100000),
                .blocks = 1 + (uint32_t)prng_below(&seed, bytes_most / load.devices[i]->block_size),
                .buffer = buffers + (size_t)i * BUFFER_SIZE,
            };
            assert_int_equal(load.devices[i]->submit(load.devices[i]->context, request), OK);
            given++;
        }
        nvme_device(&rig.controller, 0)->poll(nvme_device(&rig.controller, 0)->context);
        nvme_model_pass(&rig.model, prng_below(&seed, 60));
    }
    assert_int_equal(load.done, total);
}

/* Completions come in another order than the commands went. An identifier that belonged to a place
 * in the queue would be used again while its command is in flight. */
static void out_of_order(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        nvme_rig_init(&rig, seed);
        rig.model.spread_us = 2000;
        rig.model.mdts = seed % 2 ? 5 : 2;
        rig.model.bounce = seed % 3 == 0;
        start();
        run_load(seed % 4 ? 32 : 64, 400, 65536, seed);
        assert_true(rig.model.out_of_order > 100);
        assert_true(rig.model.in_flight_most >= 32);
        stop();
    }
}

/* Requests of more commands than there are identifiers go out bit by bit. */
static void many_commands(void **state)
{
    (void)state;
    nvme_rig_init(&rig, 11);
    rig.model.mdts = 1;
    start();
    run_load(64, 300, BUFFER_SIZE, 11);
    assert_int_equal(rig.model.in_flight_most, NVME_DEPTH);
    stop();
    nvme_rig_init(&rig, 12);
    rig.model.mqes = 1;
    start();
    assert_int_equal(nvme_device(&rig.controller, 0)->depth, 1);
    run_load(1, 20, BUFFER_SIZE, 12);
    assert_int_equal(rig.model.in_flight_most, 1);
    stop();
    nvme_rig_init(&rig, 13);
    rig.model.mqes = 7;
    start();
    assert_int_equal(nvme_device(&rig.controller, 0)->depth, 7);
    run_load(7, 100, BUFFER_SIZE, 13);
    assert_int_equal(rig.model.in_flight_most, 7);
    stop();
}

static void full(void **state)
{
    struct block_request requests[NVME_DEPTH + 1];
    const struct block_device *device;

    (void)state;
    nvme_rig_init(&rig, 14);
    start();
    device = nvme_device(&rig.controller, 0);
    for (unsigned i = 0; i <= NVME_DEPTH; i++) {
        requests[i] = (struct block_request){
            .lba = i, .blocks = 8, .buffer = buffers + (size_t)i % BUFFERS * BUFFER_SIZE};
        assert_int_equal(device->submit(device->context, &requests[i]),
                         i < NVME_DEPTH ? OK : ERR_FULL);
    }
    for (unsigned i = 0; i < NVME_DEPTH; i++)
        assert_true(nvme_rig_wait(&rig, &requests[i], 10, 100000));
    stop();
}

/* Memory that can be mapped runs out: then the device is full, and it goes on when some is back. */
static void few_mappings(void **state)
{
    struct block_request requests[3];
    const struct block_device *device;

    (void)state;
    nvme_rig_init(&rig, 15);
    rig.model.maps_max = 2;
    start();
    device = nvme_device(&rig.controller, 0);
    for (unsigned i = 0; i < 3; i++) {
        requests[i] = (struct block_request){
            .lba = i, .blocks = 8, .buffer = buffers + (size_t)i * BUFFER_SIZE};
        assert_int_equal(device->submit(device->context, &requests[i]), i < 2 ? OK : ERR_FULL);
    }
    assert_int_equal(device->read(device->context, 40, 8, buffer), OK);
    assert_true(requests[0].done || requests[1].done);
    stop();
}

/* No look at a register, and one doorbell for each submit and each poll that found something. */
static void fast_path(void **state)
{
    struct block_request requests[8];
    const struct block_device *device;
    unsigned looks, bells;

    (void)state;
    nvme_rig_init(&rig, 16);
    start();
    device = nvme_device(&rig.controller, 0);
    looks = rig.model.register_reads;
    bells = rig.model.doorbells;
    for (unsigned i = 0; i < 8; i++) {
        requests[i] = (struct block_request){
            .lba = i * 8, .blocks = 128, .buffer = buffers + (size_t)i * BUFFER_SIZE};
        assert_int_equal(device->submit(device->context, &requests[i]), OK);
    }
    assert_int_equal(rig.model.doorbells - bells, 8);
    nvme_model_pass(&rig.model, 5000);
    device->poll(device->context);
    for (unsigned i = 0; i < 8; i++) {
        assert_true(requests[i].done);
        assert_in_range(requests[i].gap_us, 5000, 5300);
    }
    assert_int_equal(rig.model.doorbells - bells, 9);
    assert_in_range(rig.model.register_reads - looks, 0, 1);
    stop();
}

/* ---- namespaces */

static void namespaces(void **state)
{
    (void)state;
    nvme_rig_init(&rig, 20);
    rig.model.namespace_number = 4096;
    rig.model.namespace_count = 6;
    rig.model.namespaces[1] = (struct model_namespace){.nsid = 3, .block_size = 4096};
    rig.model.namespaces[2] =
        (struct model_namespace){.nsid = 7, .block_size = 512, .blocks = 99, .metadata = 8};
    rig.model.namespaces[3] =
        (struct model_namespace){.nsid = 9, .block_size = 4096, .blocks = 1000, .format = 37};
    rig.model.namespaces[4] = (struct model_namespace){
        .nsid = 1000, .block_size = 512, .blocks = 1000, .block_size_power = 13};
    rig.model.namespaces[5] = (struct model_namespace){
        .nsid = 4096, .block_size = 512, .blocks = UINT64_MAX, .format = 2};
    start();
    assert_int_equal(rig.controller.namespace_count, 2);
    assert_int_equal(nvme_device(&rig.controller, 1)->block_count, 1000);
    assert_int_equal(nvme_device(&rig.controller, 1)->block_size, 4096);
    assert_int_equal(rig.controller.refusal_count, 3);
    assert_string_equal(nvme_refused(&rig.controller, 0)->reason,
                        "formatted with 8 bytes of metadata per block");
    assert_int_equal(nvme_refused(&rig.controller, 0)->nsid, 7);
    assert_string_equal(nvme_refused(&rig.controller, 1)->reason,
                        "formatted with blocks of 2^13 bytes");
    assert_string_equal(nvme_refused(&rig.controller, 2)->reason, "its size makes no sense");
    assert_int_equal(nvme_device(&rig.controller, 1)
                         ->read(nvme_device(&rig.controller, 1)->context, 999, 1, buffer),
                     OK);
    stop();
}

static void many_namespaces(void **state)
{
    (void)state;
    nvme_rig_init(&rig, 21);
    rig.model.namespace_count = MODEL_NAMESPACES;
    rig.model.namespace_number = UINT32_MAX - 2;
    for (unsigned i = 0; i < MODEL_NAMESPACES; i++)
        rig.model.namespaces[i] =
            (struct model_namespace){.nsid = i + 1, .block_size = 512, .blocks = 100 + i};
    start();
    assert_int_equal(rig.controller.namespace_count, NVME_NAMESPACES);
    assert_int_equal(rig.controller.namespaces_beyond, MODEL_NAMESPACES - NVME_NAMESPACES);
    assert_int_equal(nvme_device(&rig.controller, 15)->block_count, 115);
    stop();
}

/* Before NVMe 1.1 there is no list of namespaces: the first numbers are tried. */
static void no_list(void **state)
{
    (void)state;
    nvme_rig_init(&rig, 22);
    rig.model.no_list = true;
    rig.model.namespace_number = 1 << 20;
    rig.model.namespaces[1].nsid = 5;
    start();
    assert_int_equal(rig.controller.namespace_count, 2);
    assert_int_equal(rig.controller.refusal_count, 0);
    assert_int_equal(rig.controller.namespaces[1].nsid, 5);
    stop();
}

/* ---- pages, self-tests, the link */

static void pages(void **state)
{
    static const struct {
        enum drive_page page;
        size_t size;
        int result;
    } rows[] = {
        {PAGE_IDENTIFY, 4096, OK},
        {PAGE_SMART, 512, OK},
        {PAGE_ERRORS, 4096, OK},
        {PAGE_SELF_TESTS, 564, OK},
        {PAGE_NAMESPACE, 4096, OK},
        {PAGE_SMART, 511, ERR_RANGE},
        {PAGE_IDENTIFY, 512, ERR_RANGE},
        {PAGE_SMART_STATUS, 2, ERR_UNSUPPORTED},
        {DRIVE_PAGES, 512, ERR_UNSUPPORTED},
    };
    const struct block_device *device;

    (void)state;
    nvme_rig_init(&rig, 30);
    rig.model.error_entries = 3;
    start();
    device = nvme_device(&rig.controller, 1);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        memset(buffer, 0xCC, 8192);
        assert_int_equal(device->page(device->context, rows[i].page, buffer, rows[i].size),
                         rows[i].result);
        assert_int_equal(buffer[rows[i].result == OK ? rows[i].size : 0], 0xCC);
    }
    assert_int_equal(device->page(device->context, PAGE_SMART, buffer, 512), OK);
    assert_int_equal(buffer[0], 2);
    assert_int_equal(buffer[511], 0xEE);
    assert_int_equal(device->page(device->context, PAGE_ERRORS, buffer, 4096), OK);
    assert_int_equal(buffer[255], 0xEE);
    assert_int_equal(buffer[256], 0);
    assert_int_equal(device->page(device->context, PAGE_NAMESPACE, buffer, 4096), OK);
    assert_int_equal(buffer[130 + 4], 12); /* LBADS of format 1 */
    stop();
}

static void self_tests(void **state)
{
    static const struct {
        enum self_test test;
        uint8_t code;
    } rows[] = {{SELF_TEST_SHORT, 1}, {SELF_TEST_EXTENDED, 2}, {SELF_TEST_ABORT, 15}};
    const struct block_device *device;

    (void)state;
    nvme_rig_init(&rig, 31);
    start();
    device = nvme_device(&rig.controller, 0);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(device->self_test(device->context, rows[i].test), OK);
        assert_int_equal(rig.model.self_test, rows[i].code);
    }
    rig.model.self_test_running = true;
    assert_int_equal(device->self_test(device->context, SELF_TEST_SHORT), ERR_REFUSED);
    assert_int_equal(device->self_test(device->context, (enum self_test)7), ERR_RANGE);
    stop();
    rig.model.self_tests = false;
    start();
    assert_int_equal(device->self_test(device->context, SELF_TEST_SHORT), ERR_UNSUPPORTED);
    assert_int_equal(device->page(device->context, PAGE_SELF_TESTS, buffer, 564), ERR_UNSUPPORTED);
    stop();
}

static void links(void **state)
{
    const struct block_device *device;
    struct drive_link link;

    (void)state;
    nvme_rig_init(&rig, 32);
    start();
    device = nvme_device(&rig.controller, 0);
    rig.model.function_config[0x70 / 4] = (1u | 2u << 4) << 16;
    assert_int_equal(device->link(device->context, &link), OK);
    assert_int_equal(link.generation, 1);
    assert_int_equal(link.width, 2);
    assert_int_equal(link.generation_drive, 4);
    assert_int_equal(link.width_drive, 4);
    assert_int_equal(link.generation_port, 5);
    assert_int_equal(link.width_port, 8);
    assert_int_equal(link.resets + link.timeouts + link.bad_answers + link.crc_errors, 0);
    /* A list that goes in circles, a port that is none, and no bridge at all. */
    rig.model.function_config[0x60 / 4] = 0x40 << 8 | 0x05;
    rig.model.port_config[0x60 / 4] = 0x10 | 7 << 20;
    assert_int_equal(device->link(device->context, &link), OK);
    assert_int_equal(link.generation + link.generation_drive + link.generation_port, 0);
    memset(rig.model.port_config, 0xFF, sizeof(rig.model.port_config));
    assert_int_equal(device->link(device->context, &link), OK);
    assert_int_equal(link.width_port, 0);
    stop();
}

/* ---- what it cannot drive */

static void unsupported(void **state)
{
    (void)state;
    nvme_rig_init(&rig, 40);
    rig.model.mpsmin = 1;
    assert_int_equal(nvme_rig_start(&rig), ERR_UNSUPPORTED);
    assert_string_equal(rig.controller.reason, "it has no pages of 4 KiB");
    assert_null(nvme_rig_amiss(&rig));
    nvme_rig_init(&rig, 41);
    rig.model.mqes = 0;
    assert_int_equal(nvme_rig_start(&rig), ERR_FORMAT);
    assert_null(nvme_rig_amiss(&rig));
}

/* Up to CAP.TO it may take; the watchdog is tended meanwhile. */
static void slow_to_start(void **state)
{
    (void)state;
    nvme_rig_init(&rig, 42);
    rig.model.ready_units = 60;
    rig.model.ready_us = 25 * 1000 * 1000;
    start();
    assert_in_range(rig.model.pauses, 200, 300);
    stop();
    rig.model.ready_us = 31 * 1000 * 1000;
    assert_int_equal(nvme_rig_start(&rig), ERR_TIMEOUT);
    assert_string_equal(rig.controller.reason, "it did not become ready: timed out");
}

/* Requests that are in flight are waited for. */
static void stop_waits(void **state)
{
    struct block_request request = {.lba = 3, .blocks = 512, .buffer = buffers};

    (void)state;
    nvme_rig_init(&rig, 43);
    rig.model.access_us = 200000;
    start();
    assert_int_equal(
        nvme_device(&rig.controller, 0)->submit(nvme_device(&rig.controller, 0)->context, &request),
        OK);
    stop();
    assert_true(request.done);
    assert_int_equal(request.error, OK);
    assert_null(nvme_device(&rig.controller, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_and_stops),
        cmocka_unit_test(takes_over),
        cmocka_unit_test(reads),
        cmocka_unit_test(reads_unaligned),
        cmocka_unit_test(refuses_requests),
        cmocka_unit_test(writes),
        cmocka_unit_test(bounced),
        cmocka_unit_test(out_of_order),
        cmocka_unit_test(many_commands),
        cmocka_unit_test(full),
        cmocka_unit_test(few_mappings),
        cmocka_unit_test(fast_path),
        cmocka_unit_test(namespaces),
        cmocka_unit_test(many_namespaces),
        cmocka_unit_test(no_list),
        cmocka_unit_test(pages),
        cmocka_unit_test(self_tests),
        cmocka_unit_test(links),
        cmocka_unit_test(unsupported),
        cmocka_unit_test(slow_to_start),
        cmocka_unit_test(stop_waits),
    };

    return cmocka_run_group_tests_name("nvme", tests, make_buffers, free_buffers);
}
