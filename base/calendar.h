/*
 * Moments by the calendar, as numbers that can be compared.
 */
#ifndef ASSAY_BASE_CALENDAR_H
#define ASSAY_BASE_CALENDAR_H

#include <stdint.h>

/* Seconds since the beginning of 1970, of a date of the Gregorian calendar without a zone. Month
 * and day count from 1. 0 for what is no date, and for years before 1970 or after 9999. */
uint64_t calendar_seconds(unsigned year, unsigned month, unsigned day, unsigned hour,
                          unsigned minute, unsigned second);

#endif
