#include "base/calendar.h"

#include <stdbool.h>

static bool is_leap(unsigned year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static uint64_t days_before(unsigned year, unsigned month)
{
    static const uint16_t before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    unsigned last = year - 1;
    uint64_t leaps = last / 4 - last / 100 + last / 400 - (1969 / 4 - 1969 / 100 + 1969 / 400);

    return (uint64_t)(year - 1970) * 365 + leaps + before[month - 1] + (month > 2 && is_leap(year));
}

uint64_t calendar_seconds(unsigned year, unsigned month, unsigned day, unsigned hour,
                          unsigned minute, unsigned second)
{
    if (year < 1970 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 ||
        minute > 59 || second > 60)
        return 0;
    return ((days_before(year, month) + day - 1) * 24 + hour) * 3600 + minute * 60 + second;
}
