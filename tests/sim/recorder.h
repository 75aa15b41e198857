/*
 * A sink that keeps what it is given, for tests to look at.
 */
#ifndef ASSAY_TESTS_SIM_RECORDER_H
#define ASSAY_TESTS_SIM_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"

enum { RECORDER_EVENTS = 512 };

/* About half a megabyte: not for the stack. */
struct recorder {
    struct event events[RECORDER_EVENTS];
    size_t count; /* emitted; those beyond RECORDER_EVENTS are counted and not kept */
};

/* The seam over it, emptied. */
struct sink recorder_start(struct recorder *recorder);
size_t recorder_count(const struct recorder *recorder, enum event_type type);
/* Number `index`, from 0 on, of the events of a type, or NULL. */
const struct event *recorder_find(const struct recorder *recorder, enum event_type type,
                                  size_t index);

/* Whether a note says this, in any part of its text. */
bool recorder_has_note(const struct recorder *recorder, const char *part);
/* The first series of a name, or NULL. */
const struct event_series *recorder_series(const struct recorder *recorder, const char *name);
/* How many samples a series has, 0 where there is none, and the value of the last. */
size_t recorder_samples(const struct recorder *recorder, const char *name, int64_t *ret_last);
/* How many steps begin, or end. */
size_t recorder_steps(const struct recorder *recorder, bool ended);

#endif
