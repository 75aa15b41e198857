/* Partition tables: whole ones are read, and what is wrong with one is no empty disk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/error.h"
#include "disk/volumes/gpt.h"
#include "tests/sim/gpt_image.h"

enum { BLOCKS = 4000 };

static struct sim_clock sim_clock;
static struct write_drive drive;
static struct partition_table table;
static uint8_t buffer[GPT_BUFFER_SIZE] __attribute__((aligned(4096)));

static const struct gpt_image_partition two[] = {{100, 299, "assay-scratch", 0},
                                                 {1000, 3000, "Basic data", 0}};

static void make(uint32_t block_size)
{
    write_drive_free(&drive);
    write_drive_init(&drive, &sim_clock, block_size, BLOCKS, 1, 1);
    gpt_image_write(&drive, two, 2);
}

static int read_table(void)
{
    return partitions_read(&drive.device, buffer, &table);
}

static void crc(void **state)
{
    uint32_t parts;

    (void)state;
    assert_int_equal(gpt_crc32(0, "123456789", 9), 0xCBF43926);
    parts = gpt_crc32(0, "1234", 4);
    assert_int_equal(gpt_crc32(parts, "56789", 5), 0xCBF43926);
    assert_int_equal(gpt_crc32(0, "", 0), 0);
}

static void whole(void **state)
{
    (void)state;
    for (uint32_t size = 512; size <= 4096; size *= 8) {
        make(size);
        assert_int_equal(read_table(), OK);
        assert_int_equal(table.kind, TABLE_GPT);
        assert_true(table.protective_mbr && table.primary_valid && table.backup_agrees);
        assert_int_equal(table.count, 2);
        assert_int_equal(table.partitions[0].first_lba, 100);
        assert_int_equal(table.partitions[0].blocks, 200);
        assert_string_equal(table.partitions[0].name, "assay-scratch");
        assert_int_equal(table.partitions[1].blocks, 2001);
        assert_int_equal(table.partitions[1].type[0], 0xEB);
    }
}

/* One change to the primary header, to its first entry or to the MBR, sealed again or not. */
struct change {
    const char *name;
    enum { IN_HEADER, IN_ENTRY, IN_MBR, IN_BACKUP } where;
    size_t offset;
    uint64_t value;
    unsigned width;
    bool sealed;
    int error; /* with the same done to the backup as well */
    bool primary_valid;
    bool backup_agrees;
};

static const struct change changes[] = {
    {"signature", IN_HEADER, 0, 0, 1, true, ERR_FORMAT, false, false},
    {"revision", IN_HEADER, 8, 0x20000, 4, true, ERR_FORMAT, false, false},
    {"header too short", IN_HEADER, 12, 91, 4, true, ERR_FORMAT, false, false},
    {"header too long", IN_HEADER, 12, 5000, 4, false, ERR_FORMAT, false, false},
    {"header's checksum", IN_HEADER, 16, 1, 4, false, ERR_FORMAT, false, false},
    {"a bit of the header", IN_HEADER, 60, 0x5B, 1, false, ERR_FORMAT, false, false},
    {"another disk", IN_HEADER, 60, 0x5B, 1, true, OK, true, false},
    {"own place", IN_HEADER, 24, 3, 8, true, ERR_FORMAT, false, false},
    {"usable from the array on", IN_HEADER, 40, 20, 8, true, ERR_FORMAT, false, false},
    {"usable beyond the disk", IN_HEADER, 48, BLOCKS, 8, true, ERR_FORMAT, false, false},
    {"nothing usable", IN_HEADER, 40, 3999, 8, true, ERR_FORMAT, false, false},
    {"array beyond the disk", IN_HEADER, 72, BLOCKS - 2, 8, false, ERR_FORMAT, false, false},
    {"array in block 0", IN_HEADER, 72, 0, 8, true, ERR_FORMAT, false, false},
    {"no entries", IN_HEADER, 80, 0, 4, true, ERR_FORMAT, false, false},
    {"too many entries", IN_HEADER, 80, 1025, 4, false, ERR_FORMAT, false, false},
    {"entries too small", IN_HEADER, 84, 64, 4, true, ERR_FORMAT, false, false},
    {"entries of 136 bytes", IN_HEADER, 84, 136, 4, true, ERR_FORMAT, false, false},
    {"entries too large", IN_HEADER, 84, 8192, 4, false, ERR_FORMAT, false, false},
    {"array's checksum", IN_ENTRY, 100, 'x', 1, false, ERR_FORMAT, false, false},
    {"name changed", IN_ENTRY, 56, 'x', 1, true, OK, true, false},
    {"begins before the usable", IN_ENTRY, 32, 39, 8, true, ERR_FORMAT, false, false},
    {"ends behind the usable", IN_ENTRY, 40, BLOCKS - 5, 8, true, ERR_FORMAT, false, false},
    {"ends before it begins", IN_ENTRY, 40, 99, 8, true, ERR_FORMAT, false, false},
    {"over the next", IN_ENTRY, 40, 1000, 8, true, ERR_FORMAT, false, false},
    {"up to the next", IN_ENTRY, 40, 999, 8, true, OK, true, false},
    {"backup damaged", IN_BACKUP, 60, 1, 1, false, ERR_FORMAT, true, false},
};

static void apply(const struct change *change, uint64_t header_lba)
{
    uint8_t *header = write_drive_block(&drive, header_lba);
    uint8_t *entries = write_drive_block(
        &drive, header_lba == 1 ? 2 : BLOCKS - 1 - 128 * 128 / drive.device.block_size);

    gpt_image_put(change->where == IN_ENTRY ? entries : header, change->offset, change->value,
                  change->width);
    if (change->sealed)
        gpt_image_seal(&drive, header_lba);
}

/* In the primary alone the backup serves; in both the table is of no use. */
static void every_change(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        const struct change *change = &changes[i];

        make(512);
        apply(change, change->where == IN_BACKUP ? BLOCKS - 1 : 1);
        if (read_table() != OK || table.primary_valid != change->primary_valid ||
            table.backup_agrees != change->backup_agrees || table.count != 2)
            fail_msg("%s: %u partitions, %d, %d", change->name, table.count, table.primary_valid,
                     table.backup_agrees);
        if (change->error == OK)
            continue;
        apply(change, change->where == IN_BACKUP ? 1 : BLOCKS - 1);
        if (read_table() != change->error)
            fail_msg("%s: no error", change->name);
        assert_int_equal(table.count, 0);
    }
}

static void protective(void **state)
{
    (void)state;
    make(512);
    write_drive_block(&drive, 0)[446 + 8] = 2;
    assert_int_equal(read_table(), OK);
    assert_false(table.protective_mbr);
    make(512);
    gpt_image_put(write_drive_block(&drive, 0), 446 + 12, 100, 4);
    assert_int_equal(read_table(), OK);
    assert_false(table.protective_mbr);
    gpt_image_put(write_drive_block(&drive, 0), 446 + 12, 0xFFFFFFFF, 4);
    assert_int_equal(read_table(), OK);
    assert_true(table.protective_mbr);
    /* without an MBR it is still a GPT, but nobody guards it */
    memset(write_drive_block(&drive, 0), 0, 512);
    assert_int_equal(read_table(), OK);
    assert_int_equal(table.count, 2);
    assert_false(table.protective_mbr);
    /* an MBR that promises a GPT which is not there */
    make(512);
    memset(write_drive_block(&drive, 1), 0, 512);
    memset(write_drive_block(&drive, BLOCKS - 1), 0, 512);
    assert_int_equal(read_table(), ERR_FORMAT);
    memset(write_drive_block(&drive, 0), 0, 512);
    assert_int_equal(read_table(), OK);
    assert_int_equal(table.kind, TABLE_NONE);
}

static void put_mbr(uint64_t lba, unsigned index, uint8_t type, uint64_t start, uint64_t blocks)
{
    uint8_t *mbr = write_drive_block(&drive, lba);

    mbr[446 + index * 16 + 4] = type;
    gpt_image_put(mbr, 446 + index * 16 + 8, start, 4);
    gpt_image_put(mbr, 446 + index * 16 + 12, blocks, 4);
    gpt_image_put(mbr, 510, 0xAA55, 2);
}

static void make_mbr(void)
{
    make(512);
    memset(drive.store, 0, BLOCKS * 512);
    put_mbr(0, 0, 0x07, 100, 200);
    put_mbr(0, 2, 0x05, 1000, 1000);
    put_mbr(1000, 0, 0x83, 10, 90);
    put_mbr(1000, 1, 0x05, 200, 300);
    put_mbr(1200, 0, 0x83, 10, 90);
}

static void mbr(void **state)
{
    (void)state;
    make_mbr();
    assert_int_equal(read_table(), OK);
    assert_int_equal(table.kind, TABLE_MBR);
    assert_int_equal(table.count, 3);
    assert_int_equal(table.partitions[0].mbr_type, 0x07);
    assert_int_equal(table.partitions[1].first_lba, 1010);
    assert_int_equal(table.partitions[2].first_lba, 1210);
    assert_int_equal(table.partitions[2].blocks, 90);
    put_mbr(0, 1, 0x07, 250, 10); /* over the first */
    assert_int_equal(read_table(), ERR_FORMAT);
    put_mbr(0, 1, 0x07, 3000, 1001); /* beyond the disk */
    assert_int_equal(read_table(), ERR_FORMAT);
    put_mbr(0, 1, 0x07, 0, 10);
    assert_int_equal(read_table(), ERR_FORMAT);
    put_mbr(0, 1, 0x07, 3000, 1000);
    assert_int_equal(read_table(), OK);
    write_drive_block(&drive, 0)[446 + 16] = 1; /* no flag that there is */
    assert_int_equal(read_table(), ERR_FORMAT);
}

static void mbr_chain(void **state)
{
    (void)state;
    make_mbr();
    put_mbr(1200, 1, 0x05, 0, 10); /* back to the first */
    assert_int_equal(read_table(), ERR_FORMAT);
    make_mbr();
    put_mbr(1000, 0, 0, 0, 0);
    put_mbr(1200, 0, 0, 0, 0);
    put_mbr(1200, 1, 0x05, 0, 10); /* and nothing on the way */
    assert_int_equal(read_table(), ERR_FORMAT);
    make_mbr();
    put_mbr(1200, 1, 0x05, 1000, 10); /* beyond */
    assert_int_equal(read_table(), ERR_FORMAT);
    make_mbr();
    put_mbr(1200, 0, 0x83, 10, 2000);
    assert_int_equal(read_table(), ERR_FORMAT);
    make_mbr();
    write_drive_block(&drive, 1200)[510] = 0;
    assert_int_equal(read_table(), ERR_FORMAT);
    make_mbr();
    for (unsigned i = 0; i < 200; i++) { /* longer than anybody's */
        put_mbr(1000 + i, 0, 0x83, 500, 1);
        put_mbr(1000 + i, 1, 0x05, i + 1, 1);
    }
    assert_int_equal(read_table(), ERR_FULL);
}

static void devices(void **state)
{
    (void)state;
    make(512);
    drive.device.block_size = 520;
    assert_int_equal(read_table(), ERR_RANGE);
    make(512);
    drive.written = 1;
    drive.fault_lba = 1;
    drive.fault = READS_FAIL;
    assert_int_equal(read_table(), OK);
    assert_false(table.primary_valid);
    assert_int_equal(table.count, 2);
    drive.fault_lba = 0;
    assert_int_equal(read_table(), ERR_IO);
    drive.fault = READS_UNFILLED;
    assert_int_equal(read_table(), ERR_STALE);
}

static int clean_up(void **state)
{
    (void)state;
    write_drive_free(&drive);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc),        cmocka_unit_test(whole), cmocka_unit_test(every_change),
        cmocka_unit_test(protective), cmocka_unit_test(mbr),   cmocka_unit_test(mbr_chain),
        cmocka_unit_test(devices),
    };

    return cmocka_run_group_tests_name("gpt", tests, NULL, clean_up);
}
