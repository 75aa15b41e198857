/* The drive's status: which fault it is, and how it reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "disk/status.h"

enum { GOOD = DISK_FAULTS };

struct row {
    struct drive_status status;
    int fault; /* enum disk_fault, or GOOD */
    const char *text;
};

#define ATA(status, error)                                                                         \
    {                                                                                              \
        PROTOCOL_ATA, status, error, 0                                                             \
    }
#define NVME(status)                                                                               \
    {                                                                                              \
        PROTOCOL_NVME, 0, 0, status                                                                \
    }

static const struct row rows[] = {
    {ATA(0x50, 0x00), GOOD, "ATA status 50h error 00h (good)"},
    {ATA(0x50, 0x40), GOOD, "ATA status 50h error 40h (good)"},
    {ATA(0x51, 0x40), DISK_FAULT_MEDIUM, "ATA status 51h error 40h (uncorrectable data)"},
    {ATA(0x51, 0x10), DISK_FAULT_MEDIUM, "ATA status 51h error 10h (sector not found)"},
    {ATA(0x51, 0x44), DISK_FAULT_MEDIUM, "ATA status 51h error 44h (uncorrectable data)"},
    {ATA(0x51, 0x84), DISK_FAULT_LINK, "ATA status 51h error 84h (interface CRC error)"},
    {ATA(0x41, 0x04), DISK_FAULT_ABORTED, "ATA status 41h error 04h (command aborted)"},
    {ATA(0x41, 0x00), DISK_FAULT_ABORTED, "ATA status 41h error 00h (no reason given)"},
    {ATA(0x70, 0x00), DISK_FAULT_ABORTED, "ATA status 70h error 00h (device fault)"},
    {ATA(0x70, 0x40), DISK_FAULT_ABORTED, "ATA status 70h error 40h (device fault)"},
    {ATA(0x80, 0x00), DISK_FAULT_ABORTED, "ATA status 80h error 00h (busy)"},
    {NVME(0x0000), GOOD, "NVMe status type 0 code 00h (good)"},
    {NVME(0x4281), DISK_FAULT_MEDIUM, "NVMe status type 2 code 81h (unrecovered read error)"},
    {NVME(0x0282), DISK_FAULT_MEDIUM, "NVMe status type 2 code 82h (end-to-end guard check error)"},
    {NVME(0x02F0), DISK_FAULT_MEDIUM,
     "NVMe status type 2 code F0h (media or data integrity error)"},
    {NVME(0x0286), DISK_FAULT_ABORTED, "NVMe status type 2 code 86h (access denied)"},
    {NVME(0x0370), DISK_FAULT_LINK, "NVMe status type 3 code 70h (path error)"},
    {NVME(0x0300), DISK_FAULT_LINK, "NVMe status type 3 code 00h (path error)"},
    {NVME(0x0004), DISK_FAULT_LINK, "NVMe status type 0 code 04h (data transfer error)"},
    {NVME(0x0006), DISK_FAULT_ABORTED, "NVMe status type 0 code 06h (internal error)"},
    {NVME(0x0002), DISK_FAULT_ABORTED, "NVMe status type 0 code 02h (generic error)"},
    {NVME(0x0180), DISK_FAULT_ABORTED, "NVMe status type 1 code 80h (command specific error)"},
    {NVME(0x07FF), DISK_FAULT_ABORTED, "NVMe status type 7 code FFh (vendor's own)"},
    {{PROTOCOL_NONE, 0, 0, 0}, DISK_FAULT_ABORTED, "no status from the drive"},
};

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char buffer[TEXT_SIZE];
        struct text text = text_in(buffer, sizeof(buffer));

        status_text(&rows[i].status, &text);
        assert_string_equal(buffer, rows[i].text);
        assert_int_equal(status_is_good(&rows[i].status), rows[i].fault == GOOD);
        if (rows[i].fault != GOOD)
            assert_int_equal(status_fault(&rows[i].status), rows[i].fault);
    }
}

/* Every status there can be has a fault and a text. */
static void every_status(void **state)
{
    (void)state;
    for (uint32_t bits = 0; bits <= UINT16_MAX; bits++) {
        const struct drive_status statuses[] = {
            ATA((uint8_t)bits, (uint8_t)(bits >> 8)),
            NVME((uint16_t)bits),
        };

        for (size_t i = 0; i < 2; i++) {
            char buffer[TEXT_SIZE];
            struct text text = text_in(buffer, sizeof(buffer));

            status_text(&statuses[i], &text);
            assert_false(text.cut);
            assert_true(status_fault(&statuses[i]) <= DISK_FAULT_ABORTED);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(every_status),
    };

    return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
