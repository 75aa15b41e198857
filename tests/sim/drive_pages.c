#include "tests/sim/drive_pages.h"

#include <string.h>

#include "base/error.h"

static void put_le(uint8_t *page, size_t offset, size_t width, uint64_t value)
{
    for (size_t i = 0; i < width; i++)
        page[offset + i] = (uint8_t)(value >> 8 * i);
}

/* Text padded with blanks; ATA wants the bytes of each word swapped. */
static void put_text(uint8_t *page, size_t offset, size_t size, const char *text, bool swapped)
{
    size_t length = strlen(text);

    for (size_t i = 0; i < size; i++)
        page[offset + (swapped ? i ^ 1 : i)] = i < length ? (uint8_t)text[i] : ' ';
}

static void seal(uint8_t *page)
{
    uint8_t sum = 0;

    for (size_t i = 0; i < 511; i++)
        sum = (uint8_t)(sum + page[i]);
    page[511] = (uint8_t)-sum;
}

static void ata_identify(const struct sim_drive *drive, uint8_t *page)
{
    put_text(page, 20, 20, drive->serial, true);
    put_text(page, 46, 8, "1.0", true);
    put_text(page, 54, 40, "SIMULATED ATA DISK", true);
    put_le(page, 83 * 2, 2, 1 << 14 | 1 << 10);
    put_le(page, 100 * 2, 8, drive->device.block_count);
    put_le(page, 106 * 2, 2, drive->device.block_size == 512 ? 0x6003 : 0x5000);
    put_le(page, 117 * 2, 4, drive->device.block_size / 2);
    put_le(page, 128 * 2, 2, drive->fault == DRIVE_LOCKED ? 0x0007 : 0x0001);
    put_le(page, 217 * 2, 2, 7200);
    page[510] = 0xA5;
    seal(page);
}

static void ata_smart(const struct sim_drive *drive, uint8_t *page)
{
    const uint64_t values[][2] = {
        {5, drive->counters[0]},   {197, drive->counters[1]},
        {199, drive->counters[2]}, {9, drive->counters[3]},
        {188, drive->counters[4]}, {194, 0x002D00120000u | (uint8_t)drive->celsius},
    };

    put_le(page, 0, 2, 0x0010);
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        page[2 + 12 * i] = (uint8_t)values[i][0];
        page[2 + 12 * i + 3] = 100;
        page[2 + 12 * i + 4] = 100;
        put_le(page, 2 + 12 * i + 5, 6, values[i][1]);
    }
    seal(page);
}

static void nvme_identify(const struct sim_drive *drive, uint8_t *page)
{
    put_le(page, 0, 2, 0x1B36);
    put_text(page, 4, 20, drive->serial, false);
    put_text(page, 24, 40, "SIMULATED NVME DISK", false);
    put_text(page, 64, 8, "1.0", false);
    put_le(page, 266, 2, 343);
    put_le(page, 268, 2, 373);
}

static void nvme_smart(const struct sim_drive *drive, uint8_t *page)
{
    page[0] = drive->fault == DRIVE_PREDICTS_FAILURE ? 0x04 : 0;
    put_le(page, 1, 2, (uint64_t)(drive->celsius + 273));
    page[3] = 100;
    page[4] = 10;
    put_le(page, 128, 8, drive->counters[3]);
    put_le(page, 160, 8, drive->counters[0]);
}

static int ata_page(const struct sim_drive *drive, enum drive_page which, uint8_t *page,
                    size_t size)
{
    bool failing = drive->fault == DRIVE_PREDICTS_FAILURE;

    if (size < (which == PAGE_SMART_STATUS ? 2 : 512))
        return ERR_RANGE;
    memset(page, 0, size);
    if (which == PAGE_IDENTIFY)
        ata_identify(drive, page);
    else if (which == PAGE_SMART)
        ata_smart(drive, page);
    else
        put_le(page, 0, 2, failing ? 0x2CF4 : 0xC24F);
    return OK;
}

static int nvme_page(const struct sim_drive *drive, enum drive_page which, uint8_t *page,
                     size_t size)
{
    if (which == PAGE_SMART_STATUS)
        return ERR_UNSUPPORTED;
    if (size < (which == PAGE_IDENTIFY ? 4096 : 512))
        return ERR_RANGE;
    memset(page, 0, size);
    if (which == PAGE_IDENTIFY)
        nvme_identify(drive, page);
    else
        nvme_smart(drive, page);
    return OK;
}

int sim_drive_page(const struct sim_drive *drive, enum drive_page which, void *buffer, size_t size)
{
    switch (drive->device.protocol) {
    case PROTOCOL_ATA:
        return ata_page(drive, which, buffer, size);
    case PROTOCOL_NVME:
        return nvme_page(drive, which, buffer, size);
    case PROTOCOL_NONE:
        break;
    }
    return ERR_UNSUPPORTED;
}
