#include "disk/ahci/ata_page.h"

#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

enum {
    IDENTIFY_DEVICE = 0xEC,
    READ_LOG_EXT = 0x2F,
    SMART = 0xB0,
    SMART_READ_DATA = 0xD0,
    SMART_EXECUTE = 0xD4,
    SMART_RETURN_STATUS = 0xDA,
    SMART_SIGNATURE = 0xC24F00, /* LBA mid 4Fh, LBA high C2h */
    DEVICE_LBA = 0x40,
    PAGE_BYTES = 512,
    REGISTER_BYTES = 2,
};

/* Of a log, LBA low is its address and LBA mid its page. */
#define LOG(address, page)                                                                         \
    {                                                                                              \
        READ_LOG_EXT, ATA_PIO_IN, DEVICE_LBA, 0, 1, PAGE_BYTES, (address) | (page) << 8            \
    }

static const struct ata_command commands[DRIVE_PAGES] = {
    [PAGE_IDENTIFY] = {IDENTIFY_DEVICE, ATA_PIO_IN, 0, 0, 1, PAGE_BYTES, 0},
    [PAGE_SMART] = {SMART, ATA_PIO_IN, 0, SMART_READ_DATA, 1, PAGE_BYTES, SMART_SIGNATURE},
    [PAGE_SMART_STATUS] = {SMART, ATA_NON_DATA, 0, SMART_RETURN_STATUS, 0, REGISTER_BYTES,
                           SMART_SIGNATURE},
    [PAGE_LOG_DIRECTORY] = LOG(0x00, 0),
    [PAGE_ERRORS] = LOG(0x03, 0),
    [PAGE_SELF_TESTS] = LOG(0x07, 0),
    [PAGE_STATISTICS_DIRECTORY] = LOG(0x04, 0),
    [PAGE_STATISTICS_GENERAL] = LOG(0x04, 1),
    [PAGE_STATISTICS_ERRORS] = LOG(0x04, 4),
    [PAGE_STATISTICS_TEMPERATURE] = LOG(0x04, 5),
    [PAGE_STATISTICS_TRANSPORT] = LOG(0x04, 6),
    [PAGE_STATISTICS_SSD] = LOG(0x04, 7),
    [PAGE_NCQ_ERROR] = LOG(0x10, 0),
    [PAGE_PHY_EVENTS] = LOG(0x11, 0),
    [PAGE_SCT_STATUS] = LOG(0xE0, 0),
};

int ata_page_command(enum drive_page page, struct ata_command *ret_command)
{
    if ((unsigned)page >= DRIVE_PAGES || commands[page].command == 0)
        return ERR_UNSUPPORTED;
    *ret_command = commands[page];
    return OK;
}

struct ata_command ata_self_test_command(enum self_test test)
{
    static const uint8_t codes[] = {
        [SELF_TEST_SHORT] = 0x01,
        [SELF_TEST_EXTENDED] = 0x02,
        [SELF_TEST_ABORT] = 0x7F,
    };

    return (struct ata_command){
        .command = SMART,
        .protocol = ATA_NON_DATA,
        .features = SMART_EXECUTE,
        .lba = SMART_SIGNATURE | codes[test],
    };
}

bool ata_page_is_safe(enum drive_page page, const char *model)
{
    return page != PAGE_SCT_STATUS || !text_starts(model, "TOSHIBA DT01ACA");
}
