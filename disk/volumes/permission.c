#include "disk/volumes/permission.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

static bool has_serial(const struct permission_disk *disk)
{
    return disk->serial && disk->serial[0];
}

static bool is_listed(const struct options *options, const struct permission_disk *disk)
{
    for (unsigned i = 0; has_serial(disk) && i < options->write.count; i++) {
        if (text_equal(options->write.items[i], disk->serial))
            return true;
    }
    return false;
}

static bool is_scratch(const struct partition_table *table, unsigned partition)
{
    return table->kind == TABLE_GPT && text_equal(table->partitions[partition].name, SCRATCH_NAME);
}

static bool has_scratch(const struct volumes *volumes)
{
    for (unsigned i = 0; i < volumes->table.count; i++) {
        if (is_scratch(&volumes->table, i))
            return true;
    }
    return false;
}

/* A scratch partition is looked for on every disk; one whose table says that it has none was not
 * asked about. */
static bool is_asked(const struct options *options, const struct permission_disk *disk)
{
    if (options->write_choice == WRITE_LISTED)
        return is_listed(options, disk);
    return options->write_choice == WRITE_SCRATCH &&
           (disk->scratch || (disk->volumes && has_scratch(disk->volumes)));
}

/* Drives that differ in the case of a letter are not told apart by anybody who types it. */
static bool is_shared(const struct permission_disk *disks, unsigned count, unsigned index)
{
    for (unsigned i = 0; i < count; i++) {
        if (i != index && has_serial(&disks[i]) &&
            text_equal_nocase(disks[i].serial, disks[index].serial))
            return true;
    }
    return false;
}

static bool is_writable(const struct block_device *device)
{
    return device->block_size >= 512 && device->block_size <= 4096 &&
           (device->block_size & (device->block_size - 1)) == 0 && device->block_count >= 8 &&
           (device->write || device->submit);
}

/* Why a disk is refused whatever stands on it, or NULL. */
static const char *refusal(const struct options *options, const struct permission_disk *disks,
                           unsigned count, unsigned index)
{
    const struct permission_disk *disk = &disks[index];

    if (!options->write_confirmed)
        return "nothing is written: write-confirm=ERASE does not stand beside write";
    if (disk->is_boot)
        return "Assay was started from it: it is never written to";
    if (!has_serial(disk))
        return "it has no serial number, so it cannot be named for writing";
    if (is_shared(disks, count, index))
        return "another disk has the same serial number, so it cannot be named for writing";
    if (!disk->chosen)
        return "the option disks leaves it out";
    if (!is_writable(disk->device))
        return "it cannot be written to";
    return NULL;
}

bool permission_needs_volumes(const struct options *options, const struct permission_disk *disks,
                              unsigned count, unsigned index)
{
    if (options->write_choice == WRITE_SCRATCH)
        return options->write_confirmed;
    return is_asked(options, &disks[index]) && !refusal(options, disks, count, index);
}

static void refuse_volume(const struct volumes *volumes, unsigned index,
                          struct permission *permission)
{
    const struct volume *volume = &volumes->volumes[index];
    struct text text = text_in(permission->reason, sizeof(permission->reason));

    const char *system = volume->system[0] ? volume->system : "of no known system";

    if (index == 0)
        text_format(&text, "the volume on it (%s)", system);
    else
        text_format(&text, "its partition %u (%s, at LBA %llu)", index, system,
                    (unsigned long long)volume->first_lba);
    text_format(&text, " %s: such a disk is never written to", volume->reason);
}

/* The first volume that forbids writing; false when there is none. */
static bool find_hindrance(const struct volumes *volumes, bool scratch, unsigned *ret_index)
{
    for (unsigned i = 0; i < volumes->count; i++) {
        uint8_t state = volumes->volumes[i].state;
        bool own = scratch && i > 0 && is_scratch(&volumes->table, i - 1);

        if (state == VOLUME_CLEAN || (own && state != VOLUME_DIRTY && state != VOLUME_HIBERNATED))
            continue;
        *ret_index = i;
        return true;
    }
    return false;
}

/* Why what stands on the disk forbids it; true when it does not. */
static bool allow_contents(const struct volumes *volumes, bool scratch,
                           struct permission *permission)
{
    unsigned hindrance;

    if (!volumes) {
        copy_text(permission->reason, TEXT_SIZE, "what stands on it was not looked at");
    } else if (volumes->table_error != OK || volumes->count == 0) {
        format_text(permission->reason, TEXT_SIZE, "its partition table cannot be relied on: %s",
                    error_text(volumes->table_error));
    } else if (find_hindrance(volumes, scratch, &hindrance)) {
        refuse_volume(volumes, hindrance, permission);
    } else if (scratch && !(volumes->table.protective_mbr && volumes->table.primary_valid &&
                            volumes->table.backup_agrees)) {
        copy_text(permission->reason, TEXT_SIZE,
                  "its GPT is not whole: protective MBR, primary and backup must agree");
    } else {
        return true;
    }
    return false;
}

/* Ascending, so that the same partitions are always worked through in the same order. */
static void add_range(struct permission *permission, const struct partition *partition)
{
    unsigned at = permission->range_count++;

    for (; at > 0 && permission->ranges[at - 1].first > partition->first_lba; at--)
        permission->ranges[at] = permission->ranges[at - 1];
    permission->ranges[at] = (struct lba_range){partition->first_lba, partition->blocks};
}

static void allow(const struct permission_disk *disk, bool scratch, struct permission *permission)
{
    const struct partition_table *table = &disk->volumes->table;

    if (!scratch) {
        permission->ranges[0] = (struct lba_range){0, disk->device->block_count};
        permission->range_count = 1;
    }
    for (unsigned i = 0; scratch && i < table->count; i++) {
        if (is_scratch(table, i) && permission->range_count < PERMISSION_RANGES)
            add_range(permission, &table->partitions[i]);
    }
    permission->may_write = permission->range_count > 0;
}

void permission_decide(const struct options *options, const struct permission_disk *disks,
                       unsigned count, unsigned index, struct permission *ret_permission)
{
    const struct permission_disk *disk = &disks[index];
    bool scratch = options->write_choice == WRITE_SCRATCH;
    const char *reason;

    memset(ret_permission, 0, sizeof(*ret_permission));
    ret_permission->asked = is_asked(options, disk);
    if (!ret_permission->asked)
        return;
    reason = refusal(options, disks, count, index);
    if (reason)
        copy_text(ret_permission->reason, TEXT_SIZE, reason);
    else if (allow_contents(disk->volumes, scratch, ret_permission))
        allow(disk, scratch, ret_permission);
}

/* Whether any disk is asked about by an option, or by one serial number of it. */
static bool is_found(const struct options *options, const struct permission_disk *disks,
                     unsigned count, const char *serial)
{
    for (unsigned i = 0; i < count; i++) {
        if (serial ? has_serial(&disks[i]) && text_equal(disks[i].serial, serial)
                   : is_asked(options, &disks[i]))
            return true;
    }
    return false;
}

bool permission_missing(const struct options *options, const struct permission_disk *disks,
                        unsigned count, unsigned index, char *buffer, size_t size)
{
    if (options->write_choice == WRITE_SCRATCH) {
        if (index > 0 || is_found(options, disks, count, NULL))
            return false;
        copy_text(buffer, size,
                  options->write_confirmed
                      ? "write=scratch: no disk has a GPT partition named " SCRATCH_NAME
                      : "nothing is written: write-confirm=ERASE does not stand beside write");
        return true;
    }
    for (unsigned i = 0; i < options->write.count; i++) {
        if (is_found(options, disks, count, options->write.items[i]) || index-- != 0)
            continue;
        format_text(buffer, size, "write=%s: no disk has this serial number",
                    options->write.items[i]);
        return true;
    }
    return false;
}
