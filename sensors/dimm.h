/*
 * What stands on a memory module's own chips: its temperature, and which module it is.
 *
 * DDR3 and DDR4 modules may have a sensor by JEDEC JC-42.4 (TSE2004, TS3000 and their like) beside
 * their SPD; most for desktops have none. Every DDR5 module has one in its SPD hub, JESD300-5
 * (SPD5118). All functions take what was read and touch nothing.
 */
#ifndef ASSAY_SENSORS_DIMM_H
#define ASSAY_SENSORS_DIMM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"

/* Registers of a JC-42.4 sensor, words whose high byte comes first on the bus. */
enum {
    JC42_CAPABILITIES = 0,
    JC42_CONFIGURATION = 1,
    JC42_CRITICAL = 4,
    JC42_TEMPERATURE = 5,
    JC42_MANUFACTURER = 6,
    JC42_DEVICE = 7,
    JC42_SHUT_DOWN = 1 << 8, /* of the configuration: it does not measure */
};

/* Registers of an SPD5118 hub; its words have their low byte first. */
enum {
    HUB_TYPE = 0,
    HUB_REVISION = 2,
    HUB_VENDOR = 3,
    HUB_CAPABILITIES = 5,
    HUB_TEMPERATURE_CLEAR = 19, /* both of these read 0 */
    HUB_ERROR_CLEAR = 20,
    HUB_SENSOR = 26,
    HUB_CRITICAL = 32,
    HUB_TEMPERATURE = 49,
    HUB_IS_SPD5118 = 0x1851, /* the word at HUB_TYPE */
    HUB_SENSOR_OFF = 1,
};

/* What a register holds, from what a read of a word over the bus gave: that has the low byte first.
 */
static inline uint16_t jc42_register(uint16_t word)
{
    return (uint16_t)(word << 8 | word >> 8);
}

/* The words of its registers, in their right order. An answer that is not wholly as the standard
 * has it, or by a maker that is not known, is not a sensor's. */
bool jc42_is_sensor(uint16_t capabilities, uint16_t configuration, uint16_t manufacturer,
                    uint16_t device);

/* Thousandths of a degree Celsius of a temperature or limit register; steps of a sixteenth. */
int64_t jc42_temperature(uint16_t word);

/* What the registers of a hub gave. */
struct hub_registers {
    uint16_t type, vendor;
    uint8_t revision, capabilities, temperature_clear, error_clear, sensor;
};

/* True for a hub that has a sensor, switched on or not. */
bool hub_has_sensor(const struct hub_registers *registers);

/* Thousandths of a degree Celsius of a temperature or limit register; steps of a quarter. */
int64_t hub_temperature(uint16_t word);

/* A critical limit that can be one: 60 to 125 °C. Registers that nobody set hold 0 or the end of
 * their range. */
bool dimm_limit_is_plausible(int64_t limit);

/* The kind of memory, byte 2 of an SPD, and whether a byte is one: a memory without a module on it
 * reads 0 or FFh. */
enum { SPD_DDR3 = 0x0B };
bool spd_is_memory(uint8_t kind);

/*
 * The serial number of a DDR3 module, SPD bytes 122 to 125 (JEDEC 21-C, annex K), as eight
 * hexadecimal digits. On DDR4 and DDR5 it stands on a page that would have to be turned to, which
 * is a write.
 */
enum { SPD_SERIAL = 122, SPD_SERIAL_SIZE = 4 };

void spd_serial(const uint8_t bytes[SPD_SERIAL_SIZE], char ret_text[SERIAL_SIZE]);

#endif
