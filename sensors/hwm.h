/*
 * A hardware monitor behind ports: what the families of Super I/O chips have in common.
 *
 * A family says which inputs there are and reads one of them. Firmware, the management engine and
 * fan control in SMM may use the same ports between any two accesses: whatever is read is read
 * until two readings in a row are equal, at most HWM_TRIES times, and what had to be selected is
 * put back. Nothing here waits.
 */
#ifndef ASSAY_SENSORS_HWM_H
#define ASSAY_SENSORS_HWM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/access.h"
#include "base/event.h"
#include "sensors/superio.h"

enum {
    HWM_INPUTS_MAX = 48,
    HWM_TRIES = 4,   /* readings of one register, until two in a row are equal */
    HWM_RETRIES = 16 /* steps of a list that may fail before it is given up */
};

enum { HWM_BUSY = 1 };

/* Where most families have their pair of ports: the number of a register, then its byte. */
enum { HWM_INDEX = 5, HWM_DATA = 6 };

struct hwm_input {
    uint8_t quantity; /* enum quantity */
    uint8_t form;     /* how its register is to be understood; of its family */
    uint8_t number;   /* from 0 on, among the inputs of its kind */
    uint16_t address; /* of its register, with bank or page in the upper byte */
    uint16_t scale;   /* of a voltage: tenths of a millivolt for each step */
    const char *name; /* as the chip's maker calls it; NULL: it has none but its number */
    bool of_processor;
};

struct hwm {
    const struct access *access;
    const struct superio_model *model;
    uint16_t base;
    bool all; /* also inputs that are often open, and chips of unknown makers of boards */
    struct hwm_input inputs[HWM_INPUTS_MAX];
    unsigned input_count;
    unsigned at, failures; /* of the list that is being made */
    uint32_t listed;       /* sources of temperatures that are in it */
};

struct hwm_family {
    /* What may be written, placed at the monitor's base. */
    const struct guard_rule *rule;
    /*
     * Makes the list of inputs, some ten register accesses in a call: HWM_BUSY until it is done,
     * then OK. ERR_ABSENT when what answers is not this chip, ERR_UNSUPPORTED when it is not set
     * up to be read, ERR_REFUSED when it belongs to an unknown maker of boards, ERR_STALE when
     * somebody else keeps using its ports, ERR_IO.
     */
    int (*list)(struct hwm *hwm);
    /*
     * Reads an input, within 100 register accesses, in the units of enum quantity; a fan that does
     * not turn reads 0. ERR_STALE when no two readings agree, ERR_ABSENT when the chip itself
     * says that there is none, ERR_IO.
     */
    int (*read)(const struct hwm *hwm, const struct hwm_input *input, int64_t *ret_value);
};

void hwm_init(struct hwm *hwm, const struct access *access, const struct superio_chip *chip,
              bool all);

/* Adds an input to the list, where there is room. */
void hwm_add(struct hwm *hwm, struct hwm_input input);

/* One access at an offset from the base. */
int hwm_in(const struct hwm *hwm, unsigned offset, uint8_t *ret_value);
int hwm_out(const struct hwm *hwm, unsigned offset, uint8_t value);
/* A register of eight bits behind that pair. */
int hwm_get(const struct hwm *hwm, uint8_t index, uint8_t *ret_value);
int hwm_put(const struct hwm *hwm, uint8_t index, uint8_t value);

/* Reads `count` bytes (1 or 2, the upper one first) with `read_once` until two readings agree. */
int hwm_read_twice(const struct hwm *hwm,
                   int (*read_once)(const struct hwm *hwm, uint16_t address, unsigned count,
                                    uint16_t *ret_value),
                   uint16_t address, unsigned count, uint16_t *ret_value);

/* What to do after a step of a list that ended in `error`: HWM_BUSY to try it again, or the error
 * when it is no error of the moment or there were too many. */
int hwm_list_error(struct hwm *hwm, int error);

/* A fan's speed in thousandths of a revolution per minute from the count of a 22.5 kHz clock over
 * a turn; 0 for a count of 0. */
int64_t hwm_count_to_speed(uint32_t count);

/* A temperature in thousandths of a degree from a whole number and a byte whose bit 7 is a half. */
int64_t hwm_half_degrees(uint16_t word);

#endif
