/*
 * Moments of a run as reports for machines write them: UTC, "2024-02-29T23:59:59.999Z" (RFC 3339).
 */
#ifndef ASSAY_REPORT_STAMP_H
#define ASSAY_REPORT_STAMP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/event.h"

enum { STAMP_SIZE = 32 };

/* The machine's clock showed a date that exists, from 1970 on. */
bool stamp_clock_is_known(const struct event_run_start *start);

/* The moment the run began, in milliseconds since 1970-01-01 UTC. A clock whose zone is unknown is
 * taken as UTC; one that was not readable gives 0. */
int64_t stamp_start_ms(const struct event_run_start *start);

/* Writes a moment, `time_us` after `start_ms`. Moments stay within the years 1970 to 9999. */
void stamp_text(char buffer[STAMP_SIZE], int64_t start_ms, uint64_t time_us);

#endif
