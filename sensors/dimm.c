#include "sensors/dimm.h"

#include "base/bits.h"
#include "base/text.h"

enum {
    LIMIT_MIN = 60000,
    LIMIT_MAX = 125000,
};

/* ---- JC-42.4 */

/* Makers by their PCI vendor number, with the devices they make, from their datasheets. */
static const struct {
    uint16_t manufacturer, device, mask;
} sensors[] = {
    {0x001F, 0x8201, 0xFFFF}, {0x1114, 0x2200, 0xFFFF},                           /* Atmel */
    {0x004D, 0x3E00, 0xFFFF},                                                     /* Maxim */
    {0x0054, 0x0000, 0xFFFE}, {0x0054, 0x0200, 0xFFFC}, {0x0054, 0x0400, 0xFFFC}, /* Microchip */
    {0x0054, 0x2000, 0xFFFC}, {0x0054, 0x2100, 0xFFFC}, {0x0054, 0x2200, 0xFFFC},
    {0x00B3, 0x2200, 0xFF00}, {0x00B3, 0x2900, 0xFF00}, {0x00B3, 0x3000, 0xFF00}, /* IDT, Renesas */
    {0x104A, 0x0000, 0xFFFE}, {0x104A, 0x0101, 0xFFFF}, {0x104A, 0x0200, 0xFFFF}, /* ST */
    {0x104A, 0x0300, 0xFFFF}, {0x104A, 0x2201, 0xFFFF}, {0x1131, 0xA100, 0xFFFC},
    {0x1131, 0xA200, 0xFFFC},                           /* NXP */
    {0x11D4, 0x0801, 0xFFFF},                           /* Analog Devices */
    {0x132D, 0x3300, 0xFF00}, {0x1C68, 0x2200, 0xFF00}, /* Giantec */
    {0x1B09, 0x0800, 0xFFE0}, {0x1B09, 0x0A00, 0xFFF0}, /* ON Semiconductor */
    {0x1B09, 0x2200, 0xFFF0}, {0x1B09, 0x2230, 0xFFF0},
};

bool jc42_is_sensor(uint16_t capabilities, uint16_t configuration, uint16_t manufacturer,
                    uint16_t device)
{
    if (capabilities & 0xFF00 || configuration & 0xF800)
        return false;
    for (size_t i = 0; i < sizeof(sensors) / sizeof(sensors[0]); i++) {
        if (sensors[i].manufacturer == manufacturer &&
            sensors[i].device == (device & sensors[i].mask))
            return true;
    }
    return false;
}

int64_t jc42_temperature(uint16_t word)
{
    return sign_extend(word, 13) * 125 / 2;
}

/* ---- SPD5118 */

static bool has_odd_parity(uint8_t byte)
{
    byte ^= byte >> 4;
    byte ^= byte >> 2;
    byte ^= byte >> 1;
    return byte & 1;
}

/* JEP106: a bank and a number in it, seven bits each and one of parity. */
static bool is_maker(uint16_t vendor)
{
    uint8_t bank = (uint8_t)vendor, number = (uint8_t)(vendor >> 8);

    return has_odd_parity(bank) && has_odd_parity(number) && (number & 0x7F) != 0 &&
           (number & 0x7F) != 0x7F;
}

bool hub_has_sensor(const struct hub_registers *registers)
{
    enum { HAS_SENSOR = 0x02, HAS_HUB_FUNCTION = 0x01 };

    return registers->type == HUB_IS_SPD5118 && is_maker(registers->vendor) &&
           !(registers->revision & 0xC1) && registers->capabilities & HAS_SENSOR &&
           !(registers->capabilities & ~(HAS_SENSOR | HAS_HUB_FUNCTION)) &&
           !registers->temperature_clear && !registers->error_clear &&
           !(registers->sensor & ~HUB_SENSOR_OFF);
}

int64_t hub_temperature(uint16_t word)
{
    return sign_extend(word >> 2, 11) * 250;
}

bool dimm_limit_is_plausible(int64_t limit)
{
    return limit >= LIMIT_MIN && limit <= LIMIT_MAX;
}

/* ---- SPD */

bool spd_is_memory(uint8_t kind)
{
    enum { DDR = 0x07, LAST = 0x20 };

    return kind >= DDR && kind <= LAST;
}

void spd_serial(const uint8_t bytes[SPD_SERIAL_SIZE], char ret_text[SERIAL_SIZE])
{
    format_text(ret_text, SERIAL_SIZE, "%02X%02X%02X%02X", bytes[0], bytes[1], bytes[2], bytes[3]);
}
