/*
 * The plain words that console, screen, summary and HTML share. They never claim more than was
 * tested: a PASS is about what was tested, a `possible` finding is not a reason to replace a part.
 */
#ifndef ASSAY_REPORT_WORDS_H
#define ASSAY_REPORT_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "base/event.h"
#include "base/text.h"
#include "report/model.h"

/* The overall verdict of a run; INCOMPLETE when it has none. */
enum overall words_overall(const struct model *model);
/* "PASS: nothing faulty was found in what was tested." */
const char *words_verdict(const struct model *model);
/* What to do about the verdict, in one or two sentences. */
const char *words_advice(const struct model *model);
/* "likely: the evidence points at this part" */
const char *words_certainty(unsigned certainty);
/* What an id of the table of verdicts means, in a few words; an unknown id is given back. */
const char *words_finding(const char *id);

/* The rows of model->findings, most certain first, otherwise as they came. Returns their count. */
size_t words_order(const struct model *model, uint8_t order[MODEL_FINDINGS]);

/* Time since the run began: "0:12:05". */
void text_clock(struct text *text, uint64_t time_us);
/* The machine's clock when the run began: "2024-05-12 14:03:20 (UTC+02:00)", "... (zone unknown)",
 * "unknown". */
void text_date(struct text *text, const struct event_run_start *run);
/* A part's name with its serial number, else its place: "Samsung SSD 980 (S64DNX0R)". */
void text_model_part(struct text *text, const struct model *model, part_id part);
/* "3.0 GiB of 466 GiB (0.6 %)"; the percentage is cut, so 100 % means all of it. */
void text_coverage(struct text *text, const struct event_coverage *coverage);
/* "Phase imaging: 812 MB/s. The processors set the pace: ..." */
void text_bottleneck(struct text *text, const struct model *model,
                     const struct event_bottleneck *bottleneck);
/* The options that run the same again: those given, with the plan and the seed that were used. */
void text_rerun(struct text *text, const struct event_run_start *run);

/* What a shape of memory fault is, in a few words: "stuck at 0". */
const char *words_shape(unsigned shape);
/* "0x1000 to 0x2fff: 123 wrong words in 2 pages, bits 0x20, stuck at 1, tests random" */
void text_memory_region(struct text *text, const struct event_memory_region *region);
/* When corrected errors came: "0:01:00 to 0:14:00, 0.9 a minute"; "from before this run". */
void text_corrected_times(struct text *text, const struct model_corrected *row);

/* The same into a buffer, which is given back: for the cells of a table. */
enum { WORDS_SIZE = 160 };
const char *words_clock(char words[WORDS_SIZE], uint64_t time_us);
const char *words_amount(char words[WORDS_SIZE], uint64_t bytes);
const char *words_duration(char words[WORDS_SIZE], uint64_t duration_us);
const char *words_part(char words[WORDS_SIZE], const struct model *model, part_id part);
/* What stands where a block was written: "LBA 4096, generation 2"; empty when nobody knows. */
const char *words_found(char words[WORDS_SIZE], const struct event_write_error *error);
/* Who wrote down an error before the run: "firmware, last boot", "event log". */
const char *words_origin(unsigned origin);
/* "not corrected", "fatal"; "ended" for the end of one. */
const char *words_prior(const struct event_prior_error *error);
const char *words_coverage(char words[WORDS_SIZE], const struct event_coverage *coverage);

/* "page 0x1000: held at 41.0 C; only when it was warm" */
const char *words_retest(char words[WORDS_SIZE], const struct event_memory_retest *retest);
/* Options that run the tests of an error, or of a region of errors, again. */
const char *words_error_rerun(char words[RERUN_SIZE], uint64_t seed,
                              const struct event_memory_error *error);
const char *words_region_rerun(char words[RERUN_SIZE], uint64_t seed,
                               const struct event_memory_region *region);

#endif
