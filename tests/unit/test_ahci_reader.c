/* The checked reader over the AHCI driver: what a fault of drive, lead or controller is said to be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/error.h"
#include "disk/ahci/ahci.h"
#include "disk/reader.h"
#include "tests/sim/ahci_model.h"
#include "tests/sim/recorder.h"

enum { LBA = 70000, BLOCKS = 2048, BAD = LBA + 777 };

static struct sim_clock sim_clock;
static struct clock time_seam;
static struct ahci_model model;
static struct ahci_controller controller;
static struct recorder recorder;
static struct sink sink;
static struct disk_reader reader;
static _Alignas(4096) uint8_t buffer[READER_SIZE_MAX];

struct row {
    enum ahci_fault fault;
    uint32_t times; /* 0: always */
    int result;
    bool silent; /* nothing is said */
    enum disk_fault said;
    bool again;
    bool whole; /* no place is known but the request */
};

static const struct row rows[] = {
    {.fault = AHCI_HEALTHY, .silent = true},
    {.fault = AHCI_CRC_STORM, .silent = true},
    {.fault = AHCI_DATA_CHANGES, .silent = true},
    {.fault = AHCI_STALE_DATA, .silent = true},
    {.fault = AHCI_LINK_DROPS, .times = 1, .silent = true},
    {.fault = AHCI_INTERFACE, .times = 1, .silent = true},
    {AHCI_UNC, 0, ERR_IO, false, DISK_FAULT_MEDIUM, true, false},
    {AHCI_LOG_UNREADABLE, 0, ERR_IO, false, DISK_FAULT_MEDIUM, true, false},
    {AHCI_GOES_ON, 0, ERR_IO, false, DISK_FAULT_MEDIUM, true, false},
    {AHCI_IDNF, 0, ERR_IO, false, DISK_FAULT_MEDIUM, true, false},
    {AHCI_ABRT, 0, ERR_IO, false, DISK_FAULT_MEDIUM, true, false},
    {AHCI_ICRC, 0, ERR_IO, false, DISK_FAULT_LINK, true, false},
    {AHCI_HALF_DMA, 0, ERR_STALE, false, DISK_FAULT_STALE, true, false},
    {AHCI_HALF_DMA, 1, OK, false, DISK_FAULT_STALE, false, false},
    {AHCI_COMPLETION_LOST, 0, ERR_TIMEOUT, false, DISK_FAULT_TIMEOUT, true, true},
    {AHCI_BUSY_STUCK, 1, OK, false, DISK_FAULT_TIMEOUT, false, true},
    {AHCI_LINK_LOST, 0, ERR_GONE, false, DISK_FAULT_GONE, true, true},
    {AHCI_DRIVE_DEAD, 0, ERR_GONE, false, DISK_FAULT_GONE, true, true},
    {AHCI_HBA_VANISHES, 0, ERR_GONE, false, DISK_FAULT_GONE, true, true},
};

static void start(const struct row *row)
{
    struct ahci_config config = {.bus = &model.bus, .clock = &time_seam, .timeout_us = 5000000};
    struct block_device *device;

    sim_clock = (struct sim_clock){0};
    time_seam = sim_clock_seam(&sim_clock);
    ahci_model_init(&model, &sim_clock);
    model.ports[1].fault = row->fault;
    model.ports[1].fault_times = row->times;
    model.ports[1].fault_lba = BAD;
    assert_int_equal(ahci_start(&controller, &config), OK);
    device = ahci_device(&controller, 0);
    assert_non_null(device);
    device->part = PART_FIRST_FREE;
    sink = recorder_start(&recorder);
    disk_reader_init(&reader, device, &time_seam, &sink, 1);
}

static void check_event(const struct row *row)
{
    const char *name = ahci_fault_names[row->fault];
    const struct event *event = recorder_find(&recorder, EVENT_DISK_ERROR, 0);

    if (row->silent) {
        if (recorder.count != 0)
            fail_msg("%s: something was said", name);
        return;
    }
    assert_non_null(event);
    if (event->disk_error.fault != row->said)
        fail_msg("%s: called %s: %s", name, disk_fault_names[event->disk_error.fault],
                 event->disk_error.status);
    assert_int_equal(event->disk_error.part, PART_FIRST_FREE);
    if (row->said != DISK_FAULT_GONE)
        assert_int_equal(event->disk_error.again, row->again);
    if (!row->whole && row->fault != AHCI_HALF_DMA) {
        assert_int_equal(event->disk_error.lba, BAD);
        assert_int_equal(event->disk_error.blocks, 1);
    }
}

static void check_row(const struct row *row)
{
    const char *name = ahci_fault_names[row->fault];
    int result;

    start(row);
    result = disk_read_checked(&reader, LBA, BLOCKS, buffer);
    if (result != row->result)
        fail_msg("%s: %s", name, error_text(result));
    assert_int_equal(reader.clean, row->silent);
    assert_int_equal(reader.given_up, row->said == DISK_FAULT_GONE && !row->silent);
    check_event(row);
    assert_true(sim_clock.now_us < UINT64_C(100000000));
    ahci_stop(&controller);
    ahci_model_end(&model);
    if (model.violations != 0)
        fail_msg("%s: %u violations, the first: %s", name, model.violations, model.violation);
}

static void every_fault(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check_row(&rows[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
