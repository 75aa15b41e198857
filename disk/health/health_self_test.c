/* Self-tests of the drive's own: starting one, asking how it goes, and what it found. */
#include "base/error.h"
#include "disk/health/health_parts.h"

/* NVMe Base 2.0, 5.9: a short test takes two minutes at most. */
enum { NVME_SHORT_MINUTES = 2 };

static const char *const ata_results[16] = {
    [0] = "completed without an error",
    [1] = "stopped by the host",
    [2] = "stopped by a reset",
    [3] = "not completed for a fatal error",
    [4] = "failed in an element that the drive does not name",
    [5] = "failed in the electrical element",
    [6] = "failed in the servo or seek element",
    [7] = "failed in reading",
    [8] = "failed, and the drive suspects damage from handling",
    [15] = "running",
};

static const char *const nvme_results[16] = {
    [0] = "completed without an error",
    [1] = "stopped by the host",
    [2] = "stopped by a reset",
    [3] = "stopped, its namespace was removed",
    [4] = "stopped by a format",
    [5] = "not completed for a fatal error",
    [6] = "failed in a segment that the drive does not name",
    [7] = "failed in a segment that the drive names",
    [8] = "stopped for an unknown reason",
    [9] = "stopped by a sanitize",
};

const char *health_self_test_text(enum drive_protocol protocol, uint8_t result)
{
    const char *const *results = protocol == PROTOCOL_NVME ? nvme_results : ata_results;
    const char *text = result < 16 ? results[result] : NULL;

    return text != NULL ? text : "ended with a code that the standard does not know";
}

void health_add_self_test(struct health *health, const struct self_test_state *state)
{
    if (!state->known)
        return;
    health_add(health, HEALTH_SELF_TEST_FAILED, state->failed);
    health_add(health, HEALTH_SELF_TEST_RESULT, state->result);
    health_add(health, HEALTH_SELF_TEST_HOURS, state->hours);
    if (state->has_lba)
        health_add(health, HEALTH_SELF_TEST_LBA, state->lba);
}

int health_self_test_start(const struct block_device *device,
                           const struct health_identity *identity, enum self_test test)
{
    if (device->self_test == NULL || !identity->has_self_test)
        return ERR_UNSUPPORTED;
    return device->self_test(device->context, test);
}

static int read_nvme(const struct block_device *device, const struct health_identity *identity,
                     uint8_t *page, struct self_test_state *state)
{
    int error = health_fetch(device, PAGE_SELF_TESTS, page, NVME_SELF_TESTS_SIZE);

    if (error == OK)
        error = nvme_self_tests_parse(page, NVME_SELF_TESTS_SIZE, state);
    state->short_minutes = NVME_SHORT_MINUTES;
    state->extended_minutes = identity->extended_test_minutes;
    return error;
}

/* Whether one runs stands in SMART READ DATA, and only what has ended is sure to be in the log. */
static int read_ata(const struct block_device *device, const struct health_identity *identity,
                    uint8_t *page, struct self_test_state *state)
{
    int error = ERR_UNSUPPORTED, progress_error;

    if (identity->has_logs)
        error = health_fetch(device, PAGE_SELF_TESTS, page, ATA_PAGE_SIZE);
    if (error == OK)
        error = ata_self_tests_parse(page, ATA_PAGE_SIZE, state);
    progress_error = health_fetch(device, PAGE_SMART, page, ATA_PAGE_SIZE);
    if (progress_error == OK)
        progress_error = ata_self_test_progress_parse(page, ATA_PAGE_SIZE, state);
    return error == OK ? OK : progress_error;
}

int health_self_test_read(const struct block_device *device, const struct health_identity *identity,
                          uint8_t *page, struct self_test_state *ret)
{
    struct self_test_state state = {.known = false};
    int error = ERR_UNSUPPORTED;

    if (!identity->has_self_test)
        return error;
    if (device->protocol == PROTOCOL_NVME)
        error = read_nvme(device, identity, page, &state);
    else if (device->protocol == PROTOCOL_ATA)
        error = read_ata(device, identity, page, &state);
    if (error == OK)
        *ret = state;
    return error;
}
