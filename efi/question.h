/*
 * Runs without an end, shown before anything else, and what the user says of them.
 */
#ifndef ASSAY_EFI_QUESTION_H
#define ASSAY_EFI_QUESTION_H

#include "base/event.h"
#include "efi/desk.h"

enum { QUESTION_S = 15 }; /* the wait for an answer */

/* Says how the run ended, and what its journal tells of its last moments. */
void question_show(const struct desk *desk, const struct event_prior_run *run);

/* Asks how it ended: key 1 by itself, 2 hung, 3 switched off; any other key, or none within
 * QUESTION_S, is ANSWER_NONE. */
enum prior_answer question_ask(const struct desk *desk, const struct event_prior_run *run);

#endif
