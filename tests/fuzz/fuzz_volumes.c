/* Volumes from any bytes: pairs of an offset (in units of 256 bytes) and 256 bytes to put there, on
 * a disk that is blank elsewhere; the first byte says whether it begins as NTFS. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "disk/volumes/volumes.h"

enum { BLOCK_SIZE = 512, BLOCKS = 1024, PATCH = 256, READS_MAX = 20000 };

static uint8_t disk[BLOCKS * BLOCK_SIZE];
static uint8_t buffer[VOLUMES_BUFFER_SIZE] __attribute__((aligned(4096)));
static struct volumes volumes;
static unsigned reads;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int read_blocks(void *context, uint64_t lba, uint32_t blocks, void *target)
{
    (void)context;
    if (lba >= BLOCKS || blocks == 0 || blocks > BLOCKS - lba ||
        blocks * BLOCK_SIZE > VOLUMES_BUFFER_SIZE || ++reads > READS_MAX)
        abort();
    memcpy(target, disk + lba * BLOCK_SIZE, (size_t)blocks * BLOCK_SIZE);
    return OK;
}

/* A boot sector and the two records, for the fuzzer to go on from. */
static void begin_ntfs(void)
{
    static const uint8_t sector[] = {0, 0, 0, 'N', 'T', 'F', 'S', ' ', ' ', ' ', ' ', 0, 2, 1};

    memcpy(disk, sector, sizeof(sector));
    disk[48] = 8;
    disk[64] = 0xF6;
    for (unsigned number = 2; number <= 3; number++) {
        uint8_t *record = disk + 8 * BLOCK_SIZE + number * 1024;

        memcpy(record, "FILE\x30\0\3\0", 8);
        record[20] = 56;
        record[56] = number == 3 ? 0x70 : 0x80;
        record[60] = 72;
        record[64] = number == 2;
        record[72] = 12;
        record[76] = 24;
        record[56 + 32] = 64;
        memcpy(record + 120, "\x11\4\x20", 3);
    }
    memcpy(disk + 32 * BLOCK_SIZE, "RSTR\x1E\0\x09\0\0\0\0\0\0\0\0\0\0\x10", 18);
    disk[32 * BLOCK_SIZE + 24] = 0x30;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct block_device device = {
        .block_size = BLOCK_SIZE, .block_count = BLOCKS, .read = read_blocks};

    memset(disk, 0, sizeof(disk));
    if (size > 0 && data[0] & 1)
        begin_ntfs();
    for (size_t at = 1; at + 2 < size; at += 2 + PATCH) {
        size_t offset = (data[at] | (size_t)data[at + 1] << 8) * PATCH % sizeof(disk);
        size_t length = size - at - 2 < PATCH ? size - at - 2 : PATCH;

        memcpy(disk + offset, data + at + 2, length);
    }
    reads = 0;
    volumes_read(&device, buffer, &volumes);
    if (volumes.count > VOLUMES_MAX)
        abort();
    for (unsigned i = 0; i < volumes.count; i++) {
        const struct volume *volume = &volumes.volumes[i];

        if (volume->state >= VOLUME_STATES || !volume->system || !volume->reason ||
            (volume->state == VOLUME_CLEAN) != (volume->reason[0] == '\0'))
            abort();
    }
    return 0;
}
