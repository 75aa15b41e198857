/* Partition tables from any bytes: a disk whose blocks they are, over and over, as it is and with
 * the checksums of its GPT made right. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "disk/volumes/gpt.h"

enum { BLOCK_SIZE = 512, BLOCKS = 128 };

static uint8_t disk[BLOCKS * BLOCK_SIZE];
static uint8_t buffer[GPT_BUFFER_SIZE] __attribute__((aligned(4096)));
static struct partition_table table;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int read_blocks(void *context, uint64_t lba, uint32_t blocks, void *target)
{
    (void)context;
    if (lba >= BLOCKS || blocks > BLOCKS - lba || blocks * BLOCK_SIZE > GPT_BUFFER_SIZE)
        abort();
    memcpy(target, disk + lba * BLOCK_SIZE, (size_t)blocks * BLOCK_SIZE);
    return OK;
}

static uint32_t le32(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void put32(uint8_t *bytes, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(value >> 8 * i);
}

static void seal(uint8_t *header, uint64_t own, uint64_t other)
{
    uint64_t entries = le32(header + 72) % BLOCKS;
    uint64_t size = (uint64_t)le32(header + 80) * le32(header + 84);

    memcpy(header, "EFI PART\0\0\1\0\x5C\0\0\0", 16);
    put32(header + 24, (uint32_t)own);
    put32(header + 28, 0);
    put32(header + 32, (uint32_t)other);
    put32(header + 36, 0);
    if (size <= (BLOCKS - entries) * BLOCK_SIZE)
        put32(header + 88, gpt_crc32(0, disk + entries * BLOCK_SIZE, size));
    put32(header + 16, 0);
    put32(header + 16, gpt_crc32(0, header, 92));
}

static void check(void)
{
    const struct block_device device = {
        .block_size = BLOCK_SIZE, .block_count = BLOCKS, .read = read_blocks};
    int error = partitions_read(&device, buffer, &table);

    if (table.count > PARTITIONS_MAX || (error != OK && table.count != 0))
        abort();
    for (unsigned i = 0; i < table.count; i++) {
        const struct partition *a = &table.partitions[i];

        if (a->blocks == 0 || a->first_lba == 0 || a->first_lba >= BLOCKS ||
            a->blocks > BLOCKS - a->first_lba || memchr(a->name, 0, sizeof(a->name)) == NULL)
            abort();
        for (unsigned j = 0; j < i; j++) {
            const struct partition *b = &table.partitions[j];

            if (a->first_lba < b->first_lba + b->blocks && b->first_lba < a->first_lba + a->blocks)
                abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    for (size_t at = 0; at < sizeof(disk); at += size)
        memcpy(disk + at, data, size < sizeof(disk) - at ? size : sizeof(disk) - at);
    check();
    seal(disk + BLOCK_SIZE, 1, BLOCKS - 1);
    check();
    seal(disk + (BLOCKS - 1) * BLOCK_SIZE, BLOCKS - 1, 1);
    check();
    return 0;
}
