#include "tests/sim/gpt_image.h"

#include <string.h>

void gpt_image_put(uint8_t *bytes, size_t offset, uint64_t value, unsigned width)
{
    for (unsigned i = 0; i < width; i++)
        bytes[offset + i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get(const uint8_t *bytes, size_t offset, unsigned width)
{
    uint64_t value = 0;

    for (unsigned i = width; i > 0; i--)
        value = value << 8 | bytes[offset + i - 1];
    return value;
}

void gpt_image_seal(struct write_drive *drive, uint64_t lba)
{
    uint8_t *header = write_drive_block(drive, lba);
    const uint8_t *entries = write_drive_block(drive, get(header, 72, 8));
    const uint8_t *end = write_drive_block(drive, drive->device.block_count);
    size_t size = get(header, 80, 4) * get(header, 84, 4);

    if (entries <= end && size <= (size_t)(end - entries))
        gpt_image_put(header, 88, gpt_crc32(0, entries, size), 4);
    gpt_image_put(header, 16, 0, 4);
    gpt_image_put(header, 16, gpt_crc32(0, header, get(header, 12, 4)), 4);
}

static void put_entry(uint8_t *entry, const struct gpt_image_partition *partition)
{
    memset(entry, 0xA2, 16);
    entry[0] = partition->type ? partition->type : 0xEB;
    memset(entry + 16, partition->first & 0xFF, 16);
    gpt_image_put(entry, 32, partition->first, 8);
    gpt_image_put(entry, 40, partition->last, 8);
    for (size_t i = 0; partition->name[i] && i < 36; i++)
        entry[56 + 2 * i] = (uint8_t)partition->name[i];
}

static void put_header(struct write_drive *drive, uint64_t own, uint64_t other, uint64_t entries)
{
    uint8_t *header = write_drive_block(drive, own);
    uint64_t last = drive->device.block_count - 1;

    memset(header, 0, drive->device.block_size);
    memcpy(header, "EFI PART", 8);
    gpt_image_put(header, 8, 0x10000, 4);
    gpt_image_put(header, 12, GPT_HEADER_SIZE, 4);
    gpt_image_put(header, 24, own, 8);
    gpt_image_put(header, 32, other, 8);
    gpt_image_put(header, 40, GPT_IMAGE_FIRST, 8);
    gpt_image_put(header, 48, last - GPT_IMAGE_FIRST, 8);
    memset(header + 56, 0x5A, 16);
    gpt_image_put(header, 72, entries, 8);
    gpt_image_put(header, 80, GPT_IMAGE_ENTRIES, 4);
    gpt_image_put(header, 84, 128, 4);
}

void gpt_image_write(struct write_drive *drive, const struct gpt_image_partition *partitions,
                     unsigned count)
{
    uint64_t last = drive->device.block_count - 1;
    uint64_t backup = last - GPT_IMAGE_ENTRIES * 128 / drive->device.block_size;
    uint8_t *mbr = write_drive_block(drive, 0);

    memset(mbr, 0, 512);
    mbr[446 + 4] = 0xEE;
    gpt_image_put(mbr, 446 + 8, 1, 4);
    gpt_image_put(mbr, 446 + 12, last, 4);
    gpt_image_put(mbr, 510, 0xAA55, 2);
    put_header(drive, 1, last, 2);
    put_header(drive, last, 1, backup);
    memset(write_drive_block(drive, 2), 0, (size_t)GPT_IMAGE_ENTRIES * 128);
    memset(write_drive_block(drive, backup), 0, (size_t)GPT_IMAGE_ENTRIES * 128);
    for (unsigned i = 0; i < count; i++) {
        put_entry(write_drive_block(drive, 2) + (size_t)i * 128, &partitions[i]);
        put_entry(write_drive_block(drive, backup) + (size_t)i * 128, &partitions[i]);
    }
    gpt_image_seal(drive, 1);
    gpt_image_seal(drive, last);
}
