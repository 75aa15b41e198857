/*
 * Where the variants of the family keep what.
 */
#include "sensors/nct6775.h"

#define BIT(n) ((uint32_t)1 << (n))
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *const labels_6775[32] = {
    [1] = "SYSTIN",
    [2] = "CPUTIN",
    [3] = "AUXTIN",
    [4] = "AMD SB-TSI",
    [5] = "PECI Agent 0",
    [6] = "PECI Agent 1",
    [13] = "PCH chip or CPU, the higher",
    [14] = "PCH chip",
    [15] = "PCH CPU",
    [16] = "PCH MCH",
};

static const char *const labels_6776[32] = {
    [1] = "SYSTIN",         [2] = "CPUTIN",
    [3] = "AUXTIN",         [4] = "SMBus master 0",
    [5] = "SMBus master 1", [12] = "PECI Agent 0",
    [13] = "PECI Agent 1",  [14] = "PCH chip or CPU, the higher",
    [15] = "PCH chip",      [16] = "PCH CPU",
    [17] = "PCH MCH",
};

/* From NCT6779D on, the sources up to 21 are the same; those of calibrated PECI move. */
static const char *const labels_6779[32] = {
    [1] = "SYSTIN",        [2] = "CPUTIN",         [3] = "AUXTIN0",
    [4] = "AUXTIN1",       [5] = "AUXTIN2",        [6] = "AUXTIN3",
    [7] = "AUXTIN4",       [8] = "SMBus master 0", [9] = "SMBus master 1",
    [16] = "PECI Agent 0", [17] = "PECI Agent 1",  [18] = "PCH chip or CPU, the higher",
    [19] = "PCH chip",     [20] = "PCH CPU",       [21] = "PCH MCH",
};

static const struct nct6775_temperature temperatures_6775[] = {
    {0x027, 0x621, false}, {0x150, 0x622, true},  {0x250, 0x623, true},
    {0x62B, 0x624, false}, {0x62C, 0x625, false}, {0x62D, 0x626, false},
    {0x073, 0x100, true},  {0x075, 0x200, true},  {0x077, 0x300, true},
};

/* The first ones are there in NCT6779D and NCT6791D, one more in NCT6792D to NCT6795D, and all in
 * NCT6796D and after it. */
static const struct nct6775_temperature temperatures_6779[] = {
    {0x027, 0x621, false}, {0x150, 0x622, true}, {0x073, 0x100, true},
    {0x075, 0x200, true},  {0x077, 0x300, true}, {0x079, 0x800, true},
    {0x07B, 0x900, true},  {0x07D, 0xA00, true}, {0x4A0, 0xB00, false},
};

enum { OF_6779 = COUNT(temperatures_6779) - 2, OF_6792, OF_6796 };

#define VOLTAGES_6775                                                                              \
    {                                                                                              \
        0x020, 0x022, 0x023, 0x550, 0x551                                                          \
    }
#define VOLTAGES_6779                                                                              \
    {                                                                                              \
        0x480, 0x482, 0x483, 0x487, 0x488                                                          \
    }

#define NEWER(fans_there, temperatures_there, tsi_there, calibration)                              \
    {                                                                                              \
        .temperatures = temperatures_6779, .temperature_count = (temperatures_there),              \
        .fans = 0x4C0, .fan_count = (fans_there), .fan_form = NCT_RPM, .voltages = VOLTAGES_6779,  \
        .tsi = 0x409, .tsi_count = (tsi_there), .peci_calibration = (calibration),                 \
        .labels = labels_6779, .processor = BIT(2) | BIT(16) | BIT(17),                            \
        .often_open = BIT(3) | BIT(4) | BIT(5) | BIT(6) | BIT(7), .alternates = 0x490,             \
    }

static const struct nct6775_table tables[NCT6775_VARIANTS] = {
    [NCT6775] = {.temperatures = temperatures_6775,
                 .temperature_count = COUNT(temperatures_6775),
                 .fans = 0x630,
                 .fan_count = 4,
                 .fan_form = NCT_COUNT16,
                 .voltages = VOLTAGES_6775,
                 .tsi = 0x669,
                 .tsi_count = 1,
                 .labels = labels_6775,
                 .processor = BIT(2) | BIT(4) | BIT(5) | BIT(6),
                 .often_open = BIT(3)},
    [NCT6776] = {.temperatures = temperatures_6775,
                 .temperature_count = COUNT(temperatures_6775),
                 .fans = 0x630,
                 .fan_count = 5,
                 .fan_form = NCT_COUNT13,
                 .voltages = VOLTAGES_6775,
                 .tsi = 0x409,
                 .tsi_count = 2,
                 .labels = labels_6776,
                 .processor = BIT(2) | BIT(12) | BIT(13),
                 .often_open = BIT(3)},
    [NCT6779] = NEWER(5, OF_6779, 2, 0),
    [NCT6791] = NEWER(6, OF_6779, 2, 0),
    [NCT6792] = NEWER(6, OF_6792, 2, 27),
    [NCT6793] = NEWER(6, OF_6792, 2, 28),
    [NCT6795] = NEWER(6, OF_6792, 2, 28),
    [NCT6796] = NEWER(7, OF_6796, 2, 28),
};

const struct nct6775_table *nct6775_table(enum nct6775_variant variant)
{
    return &tables[variant];
}
