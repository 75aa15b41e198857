/* ATA logs from any bytes: the first byte says of which kind. They are tried as they are and with
 * their checksum made right, which a fuzzer seldom finds. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "disk/health/health_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_tests(const struct self_test_state *tests)
{
    if (tests->percent > 100 || (tests->failed && !tests->known) ||
        (tests->has_lba && !tests->failed))
        abort();
}

static void parse(uint8_t kind, const uint8_t *data, size_t size)
{
    static const uint8_t pages[] = {1, 4, 5, 6, 7};
    struct health health = {0};
    struct self_test_state tests = {0};
    struct ata_statistics_pages list;
    struct ata_logs logs;
    int error = OK;

    switch (kind % 8) {
    case 0:
        error = ata_errors_parse(data, size, &health);
        break;
    case 1:
        if (ata_self_tests_parse(data, size, &tests) == OK)
            health_add_self_test(&health, &tests);
        break;
    case 2:
        (void)ata_self_test_progress_parse(data, size, &tests);
        break;
    case 3:
        error = ata_phy_events_parse(data, size, &health);
        break;
    case 4:
        error = ata_sct_status_parse(data, size, &health);
        break;
    case 5:
        (void)ata_directory_parse(data, size, &logs);
        break;
    case 6:
        (void)ata_statistics_directory_parse(data, size, &list);
        break;
    default:
        for (size_t i = 0; i < sizeof(pages); i++)
            (void)ata_statistics_parse(data, size, pages[i], &health);
    }
    check_tests(&tests);
    if (health.count > HEALTH_VALUES_MAX || (error != OK && health.count != 0))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t page[ATA_PAGE_SIZE];

    if (size == 0)
        return 0;
    parse(data[0], data + 1, size - 1);
    if (size - 1 < sizeof(page))
        return 0;
    memcpy(page, data + 1, sizeof(page));
    page[sizeof(page) - 1] = (uint8_t)-health_sum(page, sizeof(page) - 1);
    parse(data[0], page, sizeof(page));
    return 0;
}
