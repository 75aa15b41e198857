/*
 * Runs without an end, shown before anything else, and what the user says of them.
 *
 * Knows no firmware: keys, lines and time come through its means, so that it is tested without one.
 */
#ifndef ASSAY_EFI_QUESTION_H
#define ASSAY_EFI_QUESTION_H

#include "base/clock.h"
#include "base/event.h"
#include "report/lines.h"

enum {
    QUESTION_S = 15,        /* the wait for an answer */
    QUESTION_KEYS_MAX = 64, /* pressed before the question was there, and forgotten */
};

struct question {
    const struct clock *clock;
    const struct lines *lines;
    char (*key)(void); /* as terminal_key() */
};

/* Says how the run ended, and what its journal tells of its last moments. */
void question_show(const struct question *question, const struct event_prior_run *run);

/* Asks how it ended: key 1 by itself, 2 hung, 3 switched off; any other key, or none within
 * QUESTION_S, is ANSWER_NONE. */
enum prior_answer question_ask(const struct question *question, const struct event_prior_run *run);

#endif
