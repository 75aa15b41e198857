#include "disk/volumes/volumes.h"

#include <string.h>

#include "base/error.h"
#include "disk/volumes/table.h"
#include "disk/volumes/volume_parts.h"
#include "disk/writing/stamp.h"

const char *const volume_state_names[VOLUME_STATES] = {"clean", "dirty", "hibernated", "locked",
                                                       "unknown"};

uint8_t *volume_bytes(struct volume_source *source, uint64_t offset, size_t size)
{
    uint32_t block_size = source->device->block_size, blocks;
    uint64_t lba = offset / block_size;
    size_t in_block = (size_t)(offset % block_size);

    if (in_block + size > VOLUMES_BUFFER_SIZE)
        return NULL;
    blocks = (uint32_t)((in_block + size + block_size - 1) / block_size);
    if (lba >= source->blocks || blocks > source->blocks - lba)
        return NULL;
    if (table_fetch(source->device, source->first_lba + lba, blocks, source->buffer) != OK) {
        source->failed = true;
        return NULL;
    }
    return source->buffer + in_block;
}

bool volume_has(struct volume_source *source, uint64_t offset, const void *bytes, size_t size)
{
    const uint8_t *found = volume_bytes(source, offset, size);

    return found && memcmp(found, bytes, size) == 0;
}

void volume_set(struct volume *volume, enum volume_state state, const char *reason)
{
    volume->state = (uint8_t)state;
    volume->reason = reason;
}

/* Every block of its first 64 KiB is, in part at least, Assay's and of that place: whatever stood
 * there before has lost its beginning. */
static bool is_stamped(struct volume_source *source, struct volume *volume)
{
    uint32_t size = source->device->block_size;
    uint64_t blocks = VOLUMES_BUFFER_SIZE / size;
    const uint8_t *bytes;
    struct stamp_result result;

    if (blocks > source->blocks)
        blocks = source->blocks;
    bytes = volume_bytes(source, 0, (size_t)blocks * size);
    for (uint64_t i = 0; bytes && i < blocks; i++) {
        if (stamp_inspect(bytes + i * size, size, source->first_lba + i, &result) == STAMP_EMPTY ||
            result.elsewhere != 0)
            return false;
    }
    if (!bytes)
        return false;
    volume->system = "Assay's stamps";
    volume->stamped = true;
    return true;
}

/* The head is read again for each, for they share the buffer. */
static bool recognise(struct volume_source *source, struct volume *volume)
{
    const uint8_t *head;

    if (is_stamped(source, volume) || volume_is_container(source, volume))
        return true;
    head = volume_bytes(source, 0, VOLUME_HEAD_SIZE);
    if (!head)
        return false;
    return volume_is_exfat(head, volume) || volume_is_ext(head, volume) ||
           volume_is_hfs(head, volume) || volume_is_ntfs(source, head, volume) ||
           volume_is_fat(source, head, volume) || volume_is_swap(source, volume);
}

static void look_at(struct volume_source *source, struct volume *volume)
{
    *volume = (struct volume){
        .first_lba = source->first_lba, .blocks = source->blocks, .system = "", .reason = ""};
    if (!recognise(source, volume) && source->failed)
        volume_set(volume, VOLUME_UNKNOWN, "cannot be read");
}

/* A file system on the bare disk has a boot sector that ends like an MBR and is none. */
static bool is_no_mbr(const struct volumes *volumes)
{
    return volumes->table_error == ERR_FORMAT && volumes->volumes[0].system[0] &&
           volumes->table.kind != TABLE_GPT;
}

void volumes_read(const struct block_device *device, void *buffer, struct volumes *ret_volumes)
{
    struct volume_source source = {.device = device, .buffer = buffer};

    memset(ret_volumes, 0, sizeof(*ret_volumes));
    ret_volumes->table_error = partitions_read(device, buffer, &ret_volumes->table);
    if (ret_volumes->table_error == ERR_RANGE)
        return;
    source.blocks = device->block_count;
    look_at(&source, &ret_volumes->volumes[0]);
    if (ret_volumes->volumes[0].stamped || is_no_mbr(ret_volumes)) {
        memset(&ret_volumes->table, 0, sizeof(ret_volumes->table));
        ret_volumes->table_error = OK;
    }
    ret_volumes->count = ret_volumes->table.count + 1;
    for (unsigned i = 0; i < ret_volumes->table.count; i++) {
        source = (struct volume_source){
            .device = device,
            .buffer = buffer,
            .partition = &ret_volumes->table.partitions[i],
        };
        source.first_lba = source.partition->first_lba;
        source.blocks = source.partition->blocks;
        look_at(&source, &ret_volumes->volumes[i + 1]);
    }
}
