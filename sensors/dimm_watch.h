/*
 * The temperatures of the memory modules, as their own sensors give them over the SMBus.
 *
 * dimm_step() is called very often and does a little of the work each time: it looks for the
 * controller, then for a sensor of each of eight modules, and from then on reads one after the
 * other. What it finds it says as events. All accesses go through a guard, and none of them waits.
 *
 * Which slot answers at which address is nowhere written down. A sensor is given to a slot where
 * the serial number on its module is that of the slot by SMBIOS (DDR3), or where there is only one
 * module at all; else it is called by its address.
 */
#ifndef ASSAY_SENSORS_DIMM_WATCH_H
#define ASSAY_SENSORS_DIMM_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/event.h"
#include "sensors/dimm.h"
#include "sensors/guard.h"
#include "sensors/input.h"
#include "sensors/smbus.h"

enum {
    DIMM_ROUND_US = 2000000,
    DIMM_TRIES_MAX = 3,    /* of a reading, and of what is read to find modules */
    DIMM_LOST_ROUNDS = 5,  /* rounds without any reading until the bus is let be */
    DIMM_APART_MAX = 1000, /* two readings in a row, thousandths of a degree */
    DIMM_LIST_MAX = 8,     /* reads of one list */
};

enum dimm_phase {
    DIMM_BEGIN, /* its step is to be told */
    DIMM_FIND,
    DIMM_LOOK,
    DIMM_ROUNDS,
    DIMM_STOPPED,
};

enum dimm_kind { DIMM_WITHOUT, DIMM_JC42, DIMM_HUB };

/* What is read of a module to know what it is; see dimm_find.c. */
enum dimm_list { DIMM_LIST_FIRST, DIMM_LIST_HUB, DIMM_LIST_JC42, DIMM_LIST_DDR3, DIMM_LISTS };

struct dimm_module {
    bool answers; /* there is an SPD */
    uint8_t kind; /* enum dimm_kind, of its sensor */
    bool is_off;  /* the firmware has switched its sensor off */
    struct input input;
    int64_t limit; /* critical, thousandths of a degree; 0: none that can be one */
    char serial[SERIAL_SIZE];
};

struct dimm_watch {
    struct guard *guard;
    const struct clock *clock;
    const struct sink *sink;
    struct numbers *numbers;
    const struct event_part *parts; /* the machine's, modules among them */
    unsigned part_count;
    const char *skip;
    const char *unsafe;
    enum dimm_phase phase;
    struct smbus bus;
    struct dimm_module modules[SMBUS_MODULES];
    unsigned module; /* that is looked at */

    enum dimm_list list;
    unsigned at, tries, repeats; /* in the list, of its read, of the list itself */
    uint16_t answers[DIMM_LIST_MAX];

    bool has_first; /* of two readings that have to agree */
    int64_t first;
    bool in_round;
    uint64_t round_start_us;
    unsigned answered; /* readings in this round */
    unsigned lost;     /* rounds in a row without any */
};

/*
 * Touches no register. `parts` are the machine's parts, numbered before the first step. `skip` is
 * the name of a step in which the last boot hung, or ""; `unsafe` is NULL, or why the bus is not to
 * be touched on this machine. What the pointers name must outlive the struct.
 */
void dimm_watch_init(struct dimm_watch *watch, struct guard *guard, const struct clock *clock,
                     const struct sink *sink, struct numbers *numbers, const char *skip,
                     const char *unsafe);
void dimm_watch_modules(struct dimm_watch *watch, const struct event_part *parts, unsigned count);

/*
 * Does the next little piece: within 30 register accesses. Events: EVENT_STEP "SMBus" around
 * all first contact; the call that emits the beginning does nothing else, so that the journal can
 * be brought to the medium. EVENT_PART and EVENT_SERIES of a sensor when its first reading is
 * there, with its critical limit where it can be one; its readings as sensors/input.h has them.
 * EVENT_NOTE for what was found, and why it is not read if it is not.
 */
void dimm_step(struct dimm_watch *watch);

/* Ends the work. Call it until it returns true, as smbus_stop(). */
bool dimm_stop(struct dimm_watch *watch);

/* How many sensors are shown and speak. */
unsigned dimm_temperatures(const struct dimm_watch *watch);

/* dimm_find.c, for dimm_watch.c alone: one piece of each phase before the rounds. */
void dimm_begin(struct dimm_watch *watch);
void dimm_find(struct dimm_watch *watch);
void dimm_look(struct dimm_watch *watch);
/* Ends the first contact, with a word why if the bus is not read from now on. */
void dimm_leave(struct dimm_watch *watch, const char *why);

#endif
