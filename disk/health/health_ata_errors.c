/*
 * ATA: extended comprehensive SMART error log (ACS-4, 9.7), extended self-test log (9.8), and the
 * self-test execution status of SMART READ DATA (ACS-3, 7.48.6).
 */
#include "base/error.h"
#include "disk/health/health_parts.h"

enum {
    LOG_VERSION = 1,
    INDEX = 2, /* of the newest entry, from 1 on; 0: none */

    ERROR_FIRST = 4,
    ERROR_SIZE = 124, /* five commands of 18 bytes, then the error */
    ERRORS_A_PAGE = 4,
    ERROR_DATA = 90,
    ERROR_REGISTER = 1, /* of ERROR_DATA, like the next two */
    ERROR_LBA = 4,
    ERROR_STATUS = 11,
    ERROR_COUNT = 500,
    ERROR_UNCORRECTABLE = 1 << 6, /* of the error register */

    TEST_FIRST = 4,
    TEST_SIZE = 26,
    TESTS_A_PAGE = 19,
    TEST_STATUS = 1,
    TEST_HOURS = 2,
    TEST_LBA = 5,
    TEST_COMPLETED = 0, /* status, bits 7:4; 1 and 2 were stopped, and say nothing */
    TEST_FAILED_MIN = 3,
    TEST_FAILED_MAX = 8,
    TEST_RUNNING = 15,

    SMART_EXECUTION = 363, /* SMART READ DATA */
    SMART_SHORT_MINUTES = 372,
    SMART_EXTENDED_MINUTES = 373, /* FFh: in the word at 375 */
    SMART_EXTENDED_WORD = 375,
};

static bool is_log(struct bytes *page)
{
    return bytes_have(page, 0, ATA_PAGE_SIZE) && bytes_u8(page, 0) == LOG_VERSION &&
           health_sum(page->data, ATA_PAGE_SIZE) == 0;
}

/* The registers' order: LBA bits 7:0, 31:24, 15:8, 39:32, 23:16, 47:40. */
static uint64_t lba_at(struct bytes *page, size_t offset)
{
    static const uint8_t shifts[6] = {0, 24, 8, 32, 16, 40};
    uint64_t lba = 0;

    for (size_t i = 0; i < sizeof(shifts); i++)
        lba |= (uint64_t)bytes_u8(page, offset + i) << shifts[i];
    return lba;
}

/* Page 0 has the entries 1 to 4: of a newer one that stands elsewhere only the count is known. */
int ata_errors_parse(const void *data, size_t size, struct health *health)
{
    struct bytes page = bytes_of(data, size);
    uint16_t index = bytes_le16(&page, INDEX);
    size_t offset = ERROR_FIRST + (index - 1u) * ERROR_SIZE + ERROR_DATA;
    uint8_t error;

    if (!is_log(&page))
        return ERR_FORMAT;
    health_add(health, HEALTH_ERROR_LOG, bytes_le16(&page, ERROR_COUNT));
    if (index == 0 || index > ERRORS_A_PAGE)
        return OK;
    error = bytes_u8(&page, offset + ERROR_REGISTER);
    health_add(health, HEALTH_LAST_ERROR_LBA, lba_at(&page, offset + ERROR_LBA));
    health_add(health, HEALTH_LAST_ERROR_STATUS,
               (uint64_t)bytes_u8(&page, offset + ERROR_STATUS) << 8 | error);
    health_add(health, HEALTH_LAST_ERROR_MEDIUM, (error & ERROR_UNCORRECTABLE) != 0);
    return OK;
}

static bool is_result(uint8_t status)
{
    return status == TEST_COMPLETED || (status >= TEST_FAILED_MIN && status <= TEST_FAILED_MAX);
}

static void parse_test(struct bytes *page, size_t offset, struct self_test_state *state)
{
    uint64_t lba = bytes_le(page, offset + TEST_LBA, 6);

    state->known = true;
    state->result = bytes_u8(page, offset + TEST_STATUS) >> 4;
    state->failed = state->result >= TEST_FAILED_MIN;
    state->hours = bytes_le16(page, offset + TEST_HOURS);
    state->has_lba = state->failed && lba != 0 && lba != 0xFFFFFFFFFFFF;
    state->lba = state->has_lba ? lba : 0;
}

static void take_progress(uint8_t execution, struct self_test_state *state)
{
    uint8_t left = (execution & 0xF) * 10;

    if (execution >> 4 != TEST_RUNNING)
        return;
    state->running = true;
    state->percent = left <= 100 ? 100 - left : 0;
}

/* A ring: before the first entry stands the last. A test that was stopped is passed over, so that
 * it does not hide the result before it. */
int ata_self_tests_parse(const void *data, size_t size, struct self_test_state *ret)
{
    struct bytes page = bytes_of(data, size);
    struct self_test_state state = {.known = false};
    uint16_t index = bytes_le16(&page, INDEX);

    if (!is_log(&page))
        return ERR_FORMAT;
    if (index >= 1 && index <= TESTS_A_PAGE)
        take_progress(bytes_u8(&page, TEST_FIRST + (index - 1u) * TEST_SIZE + TEST_STATUS), &state);
    for (size_t i = 0; index >= 1 && index <= TESTS_A_PAGE && i < TESTS_A_PAGE; i++) {
        size_t at = (index - 1u + TESTS_A_PAGE - i) % TESTS_A_PAGE;
        size_t offset = TEST_FIRST + at * TEST_SIZE;

        /* an entry that was never written is all zero, its number and hours with it */
        if (bytes_le32(&page, offset) == 0)
            break;
        if (!is_result(bytes_u8(&page, offset + TEST_STATUS) >> 4))
            continue;
        parse_test(&page, offset, &state);
        break;
    }
    *ret = state;
    return OK;
}

int ata_self_test_progress_parse(const void *data, size_t size, struct self_test_state *ret)
{
    struct bytes page = bytes_of(data, size);
    uint16_t extended = bytes_u8(&page, SMART_EXTENDED_MINUTES);

    if (!bytes_have(&page, 0, ATA_PAGE_SIZE) || health_sum(data, ATA_PAGE_SIZE) != 0)
        return ERR_FORMAT;
    if (extended == 0xFF)
        extended = bytes_le16(&page, SMART_EXTENDED_WORD);
    take_progress(bytes_u8(&page, SMART_EXECUTION), ret);
    ret->short_minutes = bytes_u8(&page, SMART_SHORT_MINUTES);
    ret->extended_minutes = extended;
    return OK;
}
