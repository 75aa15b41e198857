/* NVMe: error log 01h and device self-test log 06h (NVMe Base 2.0, 5.16.1.2 and 5.16.1.7). */
#include "base/error.h"
#include "disk/health/health_parts.h"

enum {
    ERROR_ENTRY = 64,
    ERROR_COUNT = 0,   /* 0: an entry that is not used */
    ERROR_STATUS = 12, /* bit 0 may be the phase; above it as in a completion */
    ERROR_LBA = 16,
    TYPE_MEDIA = 2, /* status code type: media and data integrity */
    WRITE_FAULT = 0x80,
    REFERENCE_TAG = 0x84, /* the last that speaks of the medium; 85h is Compare */

    TEST_RUNNING = 0, /* bits 3:0 */
    TEST_PERCENT = 1,
    TEST_FIRST = 4, /* the newest */
    TEST_SIZE = 28,
    TESTS = 20,
    TEST_STATUS = 0, /* of a result: bits 3:0; 7:4 is which test */
    TEST_VALID = 2,  /* bit 1: its LBA is valid */
    TEST_HOURS = 4,
    TEST_LBA = 16,
    TEST_COMPLETED = 0,
    TEST_FAILED_MIN = 5, /* 1 to 4, 8 and 9 were stopped, and say nothing */
    TEST_FAILED_MAX = 7,
    TEST_UNUSED = 15,
};

/* The entry with the highest count is the newest, wherever it stands. */
static bool find_newest(struct bytes *page, size_t *ret_offset)
{
    uint64_t newest = 0;

    for (size_t at = 0; at + ERROR_ENTRY <= page->size; at += ERROR_ENTRY) {
        uint64_t count = bytes_le64(page, at + ERROR_COUNT);

        if (count == UINT64_MAX || count <= newest)
            continue;
        newest = count;
        *ret_offset = at;
    }
    return newest != 0;
}

static bool is_medium(uint16_t status)
{
    uint8_t code = status & 0xFF;

    return (status >> 8 & 7) == TYPE_MEDIA && code >= WRITE_FAULT && code <= REFERENCE_TAG;
}

/* How many errors there were stands in the SMART log as well, and is taken from there first. */
int nvme_errors_parse(const void *data, size_t size, struct health *health)
{
    struct bytes page = bytes_of(data, size);
    size_t offset = 0;
    uint16_t status;

    if (size < ERROR_ENTRY)
        return ERR_FORMAT;
    if (!find_newest(&page, &offset))
        return OK;
    status = bytes_le16(&page, offset + ERROR_STATUS) >> 1;
    health_add(health, HEALTH_ERROR_LOG, bytes_le64(&page, offset + ERROR_COUNT));
    health_add(health, HEALTH_LAST_ERROR_LBA, bytes_le64(&page, offset + ERROR_LBA));
    health_add(health, HEALTH_LAST_ERROR_STATUS, status);
    health_add(health, HEALTH_LAST_ERROR_MEDIUM, is_medium(status));
    return OK;
}

static void parse_test(struct bytes *page, size_t offset, struct self_test_state *state)
{
    state->known = true;
    state->result = bytes_u8(page, offset + TEST_STATUS) & 0xF;
    state->failed = state->result >= TEST_FAILED_MIN;
    state->hours = bytes_le64(page, offset + TEST_HOURS);
    state->has_lba = state->failed && bytes_u8(page, offset + TEST_VALID) >> 1 & 1;
    state->lba = state->has_lba ? bytes_le64(page, offset + TEST_LBA) : 0;
}

/* A log without a test in it is good, and says that nothing is known. */
int nvme_self_tests_parse(const void *data, size_t size, struct self_test_state *ret)
{
    struct bytes page = bytes_of(data, size);
    struct self_test_state state = {.known = false};

    if (!bytes_have(&page, 0, NVME_SELF_TESTS_SIZE))
        return ERR_FORMAT;
    state.running = (bytes_u8(&page, TEST_RUNNING) & 0xF) != 0;
    if (state.running)
        state.percent = bytes_u8(&page, TEST_PERCENT) & 0x7F;
    if (state.percent > 100)
        return ERR_FORMAT;
    for (size_t i = 0; i < TESTS; i++) {
        size_t offset = TEST_FIRST + i * TEST_SIZE;
        uint8_t status = bytes_u8(&page, offset + TEST_STATUS);
        uint8_t result = status & 0xF;

        if (result == TEST_UNUSED || status >> 4 == 0)
            break;
        if (result != TEST_COMPLETED && (result < TEST_FAILED_MIN || result > TEST_FAILED_MAX))
            continue;
        parse_test(&page, offset, &state);
        break;
    }
    *ret = state;
    return OK;
}
