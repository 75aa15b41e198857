#include "report/stamp.h"

#include "base/text.h"

enum { DAY_MS = 86400000 };

static bool is_leap(unsigned year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned days_in_month(unsigned year, unsigned month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return days[month - 1] + (month == 2 && is_leap(year));
}

/* Leap days in the years 1 to `year`. */
static int64_t leap_days(unsigned year)
{
    return year / 4 - year / 100 + year / 400;
}

/* Days from 1970-01-01 to the first of January. */
static int64_t days_before_year(unsigned year)
{
    return 365 * ((int64_t)year - 1970) + leap_days(year - 1) - leap_days(1969);
}

bool stamp_clock_is_known(const struct event_run_start *start)
{
    return start->year >= 1970 && start->year <= 9999 && start->month >= 1 && start->month <= 12 &&
           start->day >= 1 && start->day <= days_in_month(start->year, start->month) &&
           start->hour <= 23 && start->minute <= 59 && start->second <= 60;
}

int64_t stamp_start_ms(const struct event_run_start *start)
{
    int64_t days, seconds;

    if (!stamp_clock_is_known(start))
        return 0;
    days = days_before_year(start->year) + start->day - 1;
    for (unsigned month = 1; month < start->month; month++)
        days += days_in_month(start->year, month);
    seconds = start->hour * 3600 + start->minute * 60 + start->second;
    if (start->zone_known)
        seconds -= (int64_t)start->zone_minutes * 60;
    return days * DAY_MS + seconds * 1000;
}

void stamp_text(char buffer[STAMP_SIZE], int64_t start_ms, uint64_t time_us)
{
    int64_t last = days_before_year(10000) * DAY_MS - 1;
    int64_t now = start_ms > 0 ? start_ms : 0;
    unsigned year, month = 1, ms;
    int64_t days;

    if (now > last)
        now = last;
    now = time_us / 1000 < (uint64_t)(last - now) ? now + (int64_t)(time_us / 1000) : last;
    days = now / DAY_MS;
    ms = (unsigned)(now % DAY_MS);
    /* At most a few years too early by the year 9999, for a year has 366 days at most. */
    year = 1970 + (unsigned)(days / 366);
    while (days_before_year(year + 1) <= days)
        year++;
    days -= days_before_year(year);
    for (; days >= days_in_month(year, month); month++)
        days -= days_in_month(year, month);
    format_text(buffer, STAMP_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", year, month,
                (unsigned)days + 1, ms / 3600000, ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
}
