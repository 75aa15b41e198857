/*
 * What an event of latency says, in words: durations, percentiles, and which parts of the drive
 * were slow. Its histogram and its map are text of a journal, so nothing in them is relied on.
 */
#ifndef ASSAY_REPORT_DRIVE_LATENCY_H
#define ASSAY_REPORT_DRIVE_LATENCY_H

#include <stddef.h>
#include <stdint.h>

#include "base/event.h"
#include "base/text.h"
#include "report/words.h"

enum { LATENCY_COUNTS = 40 };

/* "85 us", "1.2 ms", "212 ms", "12.3 s"; cut, not rounded. */
void text_latency(struct text *text, uint64_t duration_us);
/* The same for the cell of a table. */
const char *words_latency(char words[WORDS_SIZE], uint64_t duration_us);

/* "median 0.4 ms, 99 % 1.2 ms, longest 212 ms at LBA 123456, 3 reads without a time" */
void text_latencies(struct text *text, const struct event_latency *latency);

/* The numbers of a histogram; returns how many, and stops at what is no number. */
size_t latency_counts(const char *histogram, uint64_t counts[LATENCY_COUNTS]);

/* Where regions were below half of the drive's usual pace: "625 GiB to 656 GiB (at worst under 30
 * %)"; a few of them, then how many more. Nothing when there is none. `size`: bytes of the drive, 0
 * unknown.
 */
void text_slow_regions(struct text *text, const char map[MAP_SIZE], uint64_t size);

#endif
