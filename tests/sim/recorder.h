/*
 * A sink that keeps what it is given, for tests to look at.
 */
#ifndef ASSAY_TESTS_SIM_RECORDER_H
#define ASSAY_TESTS_SIM_RECORDER_H

#include <stddef.h>

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

#endif
