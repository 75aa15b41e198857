/*
 * A run as a real machine might give it, as events: for tests of what shows and reports them.
 *
 * Forty minutes of the imaging plan on a machine with two drives: one memory module fails when it
 * is warm, one drive has unreadable sectors, a fan slows down. Times are in the events.
 */
#ifndef ASSAY_TESTS_SIM_SAMPLE_RUN_H
#define ASSAY_TESTS_SIM_SAMPLE_RUN_H

#include "base/event.h"

/* Plays all events, from run-start to run-end. */
void sample_run(const struct sink *sink);

/* The same kinds of events, every text filled to its end with what a hostile device might send:
 * markup, quotes, escape codes, line ends, bytes above 7Fh; numbers at their limits; far more
 * parts, series, errors and findings than any table holds. */
void hostile_run(const struct sink *sink);

#endif
