/* Permission: every refusal, and beside it the twin that differs in nothing else and is allowed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "disk/volumes/permission.h"

enum { DISKS = 3, BLOCKS = 100000 };

static struct options options;
static struct block_device devices[DISKS];
static struct permission_disk disks[DISKS];
static struct volumes volumes;
static struct permission permission;

static int no_write(void *context, uint64_t lba, uint32_t blocks, const void *buffer)
{
    (void)context, (void)lba, (void)blocks, (void)buffer;
    return ERR_REFUSED;
}

static void add_partition(uint64_t first, uint64_t blocks, const char *name)
{
    unsigned index = volumes.table.count++;
    struct partition *partition = &volumes.table.partitions[index];

    *partition = (struct partition){.first_lba = first, .blocks = blocks};
    copy_text(partition->name, sizeof(partition->name), name);
    volumes.volumes[volumes.count++] =
        (struct volume){.first_lba = first, .blocks = blocks, .system = "NTFS", .reason = "is odd"};
}

/* Three disks; the second is named, has two clean partitions, and one of them is for scratch. */
static int make(void **state)
{
    static const char *const serials[DISKS] = {"BOOT", "VICTIM", "OTHER"};

    (void)state;
    options_init(&options);
    options.write_choice = WRITE_LISTED;
    options.write.count = 1;
    copy_text(options.write.items[0], SERIAL_SIZE, "VICTIM");
    options.write_confirmed = true;
    memset(&volumes, 0, sizeof(volumes));
    volumes.table = (struct partition_table){
        .kind = TABLE_GPT, .protective_mbr = true, .primary_valid = true, .backup_agrees = true};
    volumes.volumes[volumes.count++] =
        (struct volume){.blocks = BLOCKS, .system = "", .reason = "is odd"};
    add_partition(3000, 4000, "assay-scratch");
    add_partition(100, 200, "Basic data");
    for (unsigned i = 0; i < DISKS; i++) {
        devices[i] = (struct block_device){
            .block_size = 512, .block_count = BLOCKS, .write = no_write, .part = (part_id)(i + 3)};
        disks[i] = (struct permission_disk){.serial = serials[i],
                                            .is_boot = i == 0,
                                            .chosen = true,
                                            .device = &devices[i],
                                            .volumes = i == 1 ? &volumes : NULL};
    }
    return 0;
}

static void decide(unsigned index)
{
    permission_decide(&options, disks, DISKS, index, &permission);
}

static void no_confirm(void)
{
    options.write_confirmed = false;
}

static void is_boot(void)
{
    disks[1].is_boot = true;
}

static void empty_serial(void)
{
    disks[1].serial = "";
    options.write.items[0][0] = '\0';
}

static void shared_serial(void)
{
    disks[2].serial = "VICTIM";
}

static void alike_serial(void)
{
    disks[2].serial = "victim";
}

static void shared_with_boot(void)
{
    disks[0].serial = "VICTIM";
}

static void not_chosen(void)
{
    disks[1].chosen = false;
}

static void no_way_to_write(void)
{
    devices[1].write = NULL;
}

static void odd_blocks(void)
{
    devices[1].block_size = 520;
}

static void no_volumes(void)
{
    disks[1].volumes = NULL;
}

static void bad_table(void)
{
    volumes.table_error = ERR_FORMAT;
}

static void unread_table(void)
{
    volumes.table_error = ERR_IO;
}

static void dirty(void)
{
    volumes.volumes[2].state = VOLUME_DIRTY;
}

static void hibernated(void)
{
    volumes.volumes[2].state = VOLUME_HIBERNATED;
}

static void locked(void)
{
    volumes.volumes[2].state = VOLUME_LOCKED;
}

static void unknown(void)
{
    volumes.volumes[2].state = VOLUME_UNKNOWN;
}

static void bare_dirty(void)
{
    volumes.volumes[0].state = VOLUME_DIRTY;
}

static void scratch_dirty(void)
{
    volumes.volumes[1].state = VOLUME_DIRTY;
}

static void scratch_hibernated(void)
{
    volumes.volumes[1].state = VOLUME_HIBERNATED;
}

static void scratch_unknown(void)
{
    volumes.volumes[1].state = VOLUME_UNKNOWN;
}

static void scratch_locked(void)
{
    volumes.volumes[1].state = VOLUME_LOCKED;
}

static void no_backup(void)
{
    volumes.table.backup_agrees = false;
}

static void no_primary(void)
{
    volumes.table.primary_valid = false;
}

static void no_protection(void)
{
    volumes.table.protective_mbr = false;
}

static const struct row {
    void (*change)(void);
    bool listed, scratch; /* allowed then */
    const char *reason;   /* begins the refusal; NULL: it is allowed both ways or not asked about */
} rows[] = {
    {NULL, true, true, NULL},
    {no_confirm, false, false, "nothing is written: write-confirm=ERASE"},
    {is_boot, false, false, "Assay was started from it"},
    {shared_serial, false, false, "another disk has the same serial number"},
    {alike_serial, false, false, "another disk has the same serial number"},
    {shared_with_boot, false, false, "another disk has the same serial number"},
    {not_chosen, false, false, "the option disks leaves it out"},
    {no_way_to_write, false, false, "it cannot be written to"},
    {odd_blocks, false, false, "it cannot be written to"},
    {dirty, false, false, "its partition 2 (NTFS, at LBA 100) is odd: such a disk is never"},
    {hibernated, false, false, "its partition 2"},
    {locked, false, false, "its partition 2"},
    {unknown, false, false, "its partition 2"},
    {bare_dirty, false, false, "the volume on it (of no known system) is odd"},
    {scratch_dirty, false, false, "its partition 1"},
    {scratch_hibernated, false, false, "its partition 1"},
    {scratch_unknown, false, true, "its partition 1"},
    {scratch_locked, false, true, "its partition 1"},
    {bad_table, false, false, "its partition table cannot be relied on: malformed data"},
    {unread_table, false, false, "its partition table cannot be relied on: the device reported"},
    {no_backup, true, false, "its GPT is not whole"},
    {no_primary, true, false, "its GPT is not whole"},
    {no_protection, true, false, "its GPT is not whole"},
};

static void check_refusal(const struct row *row, size_t index)
{
    assert_true(permission.asked);
    assert_false(permission.may_write);
    assert_int_equal(permission.range_count, 0);
    if (!text_starts(permission.reason, row->reason))
        fail_msg("row %zu: %s", index, permission.reason);
}

static void every_refusal(void **state)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        make(state);
        if (rows[i].change)
            rows[i].change();
        decide(1);
        if (rows[i].listed) {
            assert_true(permission.may_write);
            assert_int_equal(permission.range_count, 1);
            assert_int_equal(permission.ranges[0].first, 0);
            assert_int_equal(permission.ranges[0].blocks, BLOCKS);
            assert_string_equal(permission.reason, "");
        } else {
            check_refusal(&rows[i], i);
        }
        options.write_choice = WRITE_SCRATCH;
        decide(1);
        if (rows[i].scratch) {
            assert_true(permission.may_write);
            assert_int_equal(permission.range_count, 1);
            assert_int_equal(permission.ranges[0].first, 3000);
            assert_int_equal(permission.ranges[0].blocks, 4000);
        } else {
            check_refusal(&rows[i], i);
        }
    }
}

/* The one refusal that nobody can be asked about by a serial number. */
static void no_serial(void **state)
{
    (void)state;
    empty_serial();
    decide(1);
    assert_false(permission.asked);
    assert_false(permission.may_write);
    options.write_choice = WRITE_SCRATCH;
    decide(1);
    assert_true(permission.asked);
    assert_false(permission.may_write);
    assert_true(text_starts(permission.reason, "it has no serial number"));
    disks[1].serial = NULL;
    decide(1);
    assert_false(permission.may_write);
}

static void not_looked_at(void **state)
{
    (void)state;
    assert_true(permission_needs_volumes(&options, disks, DISKS, 1));
    assert_false(permission_needs_volumes(&options, disks, DISKS, 0));
    assert_false(permission_needs_volumes(&options, disks, DISKS, 2));
    no_volumes();
    decide(1);
    assert_false(permission.may_write);
    assert_string_equal(permission.reason, "what stands on it was not looked at");
    no_confirm();
    assert_false(permission_needs_volumes(&options, disks, DISKS, 1));
    options.write_choice = WRITE_SCRATCH;
    assert_false(permission_needs_volumes(&options, disks, DISKS, 1));
    options.write_confirmed = true;
    assert_true(permission_needs_volumes(&options, disks, DISKS, 2));
}

/* Who was not named is neither written to nor told about. */
static void others(void **state)
{
    (void)state;
    for (unsigned i = 0; i < DISKS; i += 2) {
        decide(i);
        assert_false(permission.asked);
        assert_false(permission.may_write);
        assert_string_equal(permission.reason, "");
    }
    options.write_choice = WRITE_NONE;
    decide(1);
    assert_false(permission.asked);
    assert_false(permission.may_write);
}

static void scratch_names(void **state)
{
    static const char *const names[] = {"Assay-scratch", "assay-scratch ", "assay-scratc", "",
                                        "assay-scratch2"};

    (void)state;
    options.write_choice = WRITE_SCRATCH;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        copy_text(volumes.table.partitions[0].name, GPT_NAME_SIZE, names[i]);
        decide(1);
        assert_false(permission.asked);
        assert_false(permission.may_write);
    }
    /* two of them, in ascending order */
    copy_text(volumes.table.partitions[0].name, GPT_NAME_SIZE, SCRATCH_NAME);
    copy_text(volumes.table.partitions[1].name, GPT_NAME_SIZE, SCRATCH_NAME);
    decide(1);
    assert_true(permission.may_write);
    assert_int_equal(permission.range_count, 2);
    assert_int_equal(permission.ranges[0].first, 100);
    assert_int_equal(permission.ranges[0].blocks, 200);
    assert_int_equal(permission.ranges[1].first, 3000);
    volumes.table.kind = TABLE_MBR;
    decide(1);
    assert_false(permission.may_write);
}

static void missing(void **state)
{
    char text[TEXT_SIZE];

    (void)state;
    assert_false(permission_missing(&options, disks, DISKS, 0, text, sizeof(text)));
    options.write.count = 3;
    copy_text(options.write.items[1], SERIAL_SIZE, "GONE");
    copy_text(options.write.items[2], SERIAL_SIZE, "victim");
    assert_true(permission_missing(&options, disks, DISKS, 0, text, sizeof(text)));
    assert_string_equal(text, "write=GONE: no disk has this serial number");
    assert_true(permission_missing(&options, disks, DISKS, 1, text, sizeof(text)));
    assert_string_equal(text, "write=victim: no disk has this serial number");
    assert_false(permission_missing(&options, disks, DISKS, 2, text, sizeof(text)));
    options.write_choice = WRITE_SCRATCH;
    assert_false(permission_missing(&options, disks, DISKS, 0, text, sizeof(text)));
    volumes.table.count = 0;
    assert_true(permission_missing(&options, disks, DISKS, 0, text, sizeof(text)));
    assert_string_equal(text, "write=scratch: no disk has a GPT partition named assay-scratch");
    assert_false(permission_missing(&options, disks, DISKS, 1, text, sizeof(text)));
    no_volumes();
    disks[1].scratch = true; /* what it is known for when its volumes are not kept */
    assert_false(permission_missing(&options, disks, DISKS, 0, text, sizeof(text)));
    decide(1);
    assert_false(permission.may_write);
    disks[1].scratch = false;
    no_confirm();
    assert_true(permission_missing(&options, disks, DISKS, 0, text, sizeof(text)));
    assert_true(text_starts(text, "nothing is written: "));
    options.write_choice = WRITE_NONE;
    options.write.count = 0;
    assert_false(permission_missing(&options, disks, DISKS, 0, text, sizeof(text)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_refusal, make), cmocka_unit_test_setup(no_serial, make),
        cmocka_unit_test_setup(not_looked_at, make), cmocka_unit_test_setup(others, make),
        cmocka_unit_test_setup(scratch_names, make), cmocka_unit_test_setup(missing, make),
    };

    return cmocka_run_group_tests_name("permission", tests, NULL, NULL);
}
