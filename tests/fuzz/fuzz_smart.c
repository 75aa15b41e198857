/* SMART pages from any bytes: the first byte says of which kind and, for ATA, of whose drive. ATA
 * data is tried as it is and with its checksum made right, which a fuzzer seldom finds. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "disk/health/health_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const models[] = {
    "",           "ST4000DM004", "WDC WD40EFRX", "HGST HUS",   "TOSHIBA DT01ACA", "SAMSUNG HD",
    "SAMSUNG MZ", "INTEL SSD",   "Micron_",      "KINGSTON S", "SanDisk ",
};

static void sealed(const uint8_t *data, size_t size, const char *model, struct health *health)
{
    uint8_t page[ATA_PAGE_SIZE];
    uint8_t sum = 0;

    if (size < sizeof(page))
        return;
    memcpy(page, data, sizeof(page));
    for (size_t i = 0; i < sizeof(page) - 1; i++)
        sum = (uint8_t)(sum + page[i]);
    page[sizeof(page) - 1] = (uint8_t)-sum;
    (void)ata_smart_parse(page, sizeof(page), model, health);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct health health = {0};
    const char *model;

    if (size == 0)
        return 0;
    model = models[data[0] / 3 % (sizeof(models) / sizeof(models[0]))];
    if (data[0] % 3 == 0) {
        (void)ata_smart_parse(data + 1, size - 1, model, &health);
        sealed(data + 1, size - 1, model, &health);
    } else if (data[0] % 3 == 1) {
        (void)ata_smart_status_parse(data + 1, size - 1, &health);
    } else {
        (void)nvme_smart_parse(data + 1, size - 1, &health);
    }
    if (health.count > HEALTH_VALUES_MAX || (health.predicts_failure && !health.reason[0]))
        abort();
    return 0;
}
