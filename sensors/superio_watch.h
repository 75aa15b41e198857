/*
 * The fans, temperatures and voltages of a board, as its Super I/O chips measure them.
 *
 * superio_step() is called very often and does a little of the work each time: it looks for chips,
 * lists what they measure and from then on reads one input after the other. What it finds it says
 * as events. All accesses go through a guard (sensors/guard.h), and none of them waits.
 *
 * The names on the board are not known, so a fan is called by its number at the chip. An input
 * that never gave a plausible value is not shown: a header without a fan reads 0, as one does whose
 * fan is off, and an open input reads anything. No limits are known either.
 */
#ifndef ASSAY_SENSORS_SUPERIO_WATCH_H
#define ASSAY_SENSORS_SUPERIO_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/event.h"
#include "sensors/guard.h"
#include "sensors/hwm.h"
#include "sensors/input.h"
#include "sensors/superio.h"

enum {
    SUPERIO_ROUND_US = 2000000, /* fans and temperatures are read once in a round */
    SUPERIO_VOLTAGE_ROUNDS = 4, /* voltages once in so many */
    SUPERIO_TURNS_TO_SHOW = 2,  /* readings above 0 in a row until a fan is shown */
    SUPERIO_LOST_ROUNDS = 5,    /* rounds without any reading until a chip is given up */
};

enum superio_phase {
    SUPERIO_BEGIN, /* a port's step is to be told */
    SUPERIO_PROBE,
    SUPERIO_LIST,
    SUPERIO_FIRST_ROUND,
    SUPERIO_ROUNDS,
    SUPERIO_STOPPED,
};

/* What is known of an input. */
struct superio_input {
    struct input input;
    uint8_t turns; /* readings above 0 in a row, until it is shown */
};

struct superio_monitor {
    struct superio_chip chip;
    struct hwm hwm;
    const struct hwm_family *family;
    part_id part; /* the chip; 0 until something of it is shown */
    struct superio_input inputs[HWM_INPUTS_MAX];
    unsigned answered; /* readings in this round */
    unsigned lost;     /* rounds in a row without any */
    bool given_up;
};

struct superio_watch {
    struct guard *guard;
    const struct clock *clock;
    const struct sink *sink;
    struct numbers *numbers;
    const char *skip;
    bool all;
    enum superio_phase phase;
    unsigned port; /* of superio_ports, that is looked at */
    struct superio_monitor monitors[SUPERIO_PORTS];
    unsigned monitor_count;
    unsigned monitor, input; /* that is read next */
    unsigned rounds;
    uint64_t round_start_us;
    bool headers_told;
};

/*
 * Touches no register. Adds superio_rules to the guard. `skip` is the name of a step in which the
 * last boot hung, or "". With `all`, AUXTIN inputs and chips of unknown makers of boards are read
 * as well. What the pointers name must outlive the struct.
 */
void superio_watch_init(struct superio_watch *watch, struct guard *guard, const struct clock *clock,
                        const struct sink *sink, struct numbers *numbers, const char *skip,
                        bool all);

/*
 * Does the next little piece: within 200 register accesses, mostly 20. Events:
 * EVENT_STEP "Super I/O 2Eh" and "Super I/O 4Eh" around all first contact with a port; the call
 * that emits the beginning does nothing else, so that the journal can be brought to the medium.
 * EVENT_PART for a chip, its fans and temperatures, where they are shown; a processor's has
 * PART_ALL_PROCESSORS as its parent. EVENT_SERIES without limits; readings as sensors/input.h
 * has them. EVENT_NOTE for what was found, and why it is not read if it is not.
 */
void superio_step(struct superio_watch *watch);

/* Ends the work, and a step that is under way. Between two calls no chip is left as it was not. */
void superio_stop(struct superio_watch *watch);

/* True when it is known what there is: nothing, or two rounds were read. */
bool superio_is_settled(const struct superio_watch *watch);
bool superio_has_monitor(const struct superio_watch *watch);

/* How many fans are shown. */
unsigned superio_fans(const struct superio_watch *watch);
bool superio_has_cpu_temperature(const struct superio_watch *watch);

/* superio_find.c, for superio_watch.c alone: one step of each phase of a port. */
void superio_begin_port(struct superio_watch *watch);
void superio_probe_port(struct superio_watch *watch);
void superio_list_inputs(struct superio_watch *watch);
/* Ends what was done at a port, and goes to the next one. */
void superio_leave_port(struct superio_watch *watch);

/* superio_declare.c, for superio_watch.c alone: says what an input is, and the chip before it. */
void superio_declare(struct superio_watch *watch, struct superio_monitor *monitor, unsigned index);
/* Which headers read 0, once. */
void superio_tell_headers(struct superio_watch *watch);
/* What was found at a port; `error` is of superio_probe() or of what followed it. */
void superio_tell_chip(const struct superio_watch *watch, const struct superio_chip *chip);
void superio_tell_unread(const struct superio_watch *watch, const struct superio_chip *chip,
                         const char *why);

#endif
