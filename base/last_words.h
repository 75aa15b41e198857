/*
 * The words for a run that died, and for why its machine was restarted. Console, reports, the
 * question to the user and the diagnosis share them.
 */
#ifndef ASSAY_BASE_LAST_WORDS_H
#define ASSAY_BASE_LAST_WORDS_H

#include "base/event.h"
#include "base/text.h"

/* A sample with its unit: "71.2 C", "820 rpm", "11.980 V", "512 MB/s". */
void text_sample(struct text *text, enum quantity quantity, int64_t milli);

/* "run 12 has no end: its last word came after 18 min 4 s, in imaging from 3 drives, at the step
 * first read SER1". */
void text_prior_end(struct text *text, const struct event_prior_run *run);

/* One thing each about the last moments, as "; CPU was at 97.0 C, its limit is 100.0 C". Nothing
 * where nothing is known of it. */
void text_prior_heat(struct text *text, const struct event_prior_run *run);
void text_prior_dip(struct text *text, const struct event_prior_run *run);
void text_prior_corrected(struct text *text, const struct event_prior_run *run);
void text_prior_trend(struct text *text, const struct event_prior_run *run);
void text_prior_fan(struct text *text, const struct event_prior_run *run);
void text_prior_found(struct text *text, const struct event_prior_run *run);
void text_prior_answer(struct text *text, const struct event_prior_run *run);

/* All of these, and all with the end of the run before them. */
void text_last_moments(struct text *text, const struct event_prior_run *run);
void text_prior_run(struct text *text, const struct event_prior_run *run);

/* "somebody pressed the reset button"; of what is no cause, that it is not known. */
const char *restart_words(unsigned cause);
/* So begins the note of a watchdog that may restart the machine in the run. */
#define WATCHDOG_LEFT "A watchdog of the BMC is running"

/* "the BMC" */
const char *restart_witness_words(unsigned witness);

#endif
