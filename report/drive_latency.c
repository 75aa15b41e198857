#include "report/drive_latency.h"

#include <stdbool.h>

enum { REGIONS = MAP_SIZE - 1, PLACES_SHOWN = 4, HALF = '5' };

void text_latency(struct text *text, uint64_t duration_us)
{
    if (duration_us < 1000) {
        text_format(text, "%u us", (unsigned)duration_us);
        return;
    }
    if (duration_us < 1000000) {
        text_milli(text, (int64_t)duration_us, duration_us < 10000 ? 1 : 0);
        text_add(text, " ms");
        return;
    }
    text_milli(text, (int64_t)(duration_us / 1000), 1);
    text_add(text, " s");
}

const char *words_latency(char words[WORDS_SIZE], uint64_t duration_us)
{
    struct text text = text_in(words, WORDS_SIZE);

    text_latency(&text, duration_us);
    return words;
}

void text_latencies(struct text *text, const struct event_latency *latency)
{
    if (latency->reads != 0) {
        text_add(text, "median ");
        text_latency(text, latency->median_us);
        text_add(text, ", 99 % ");
        text_latency(text, latency->p99_us);
        text_add(text, ", longest ");
        text_latency(text, latency->longest_us);
        text_format(text, " at LBA %llu", (unsigned long long)latency->longest_lba);
    }
    if (latency->undated != 0)
        text_format(text, "%s%llu reads without a time", latency->reads != 0 ? ", " : "",
                    (unsigned long long)latency->undated);
}

size_t latency_counts(const char *histogram, uint64_t counts[LATENCY_COUNTS])
{
    size_t count = 0;

    while (count < LATENCY_COUNTS && *histogram >= '0' && *histogram <= '9') {
        uint64_t value = 0;

        for (; *histogram >= '0' && *histogram <= '9'; histogram++) {
            uint64_t digit = (uint64_t)(*histogram - '0');

            value = value > (UINT64_MAX - digit) / 10 ? UINT64_MAX : value * 10 + digit;
        }
        counts[count++] = value;
        if (*histogram == ',')
            histogram++;
    }
    return count;
}

static bool is_slow(char tenths)
{
    return tenths >= '0' && tenths < HALF;
}

/* Where region `first` begins and region `end` begins; the lowest tenths between them. */
static void add_place(struct text *text, uint64_t size, unsigned first, unsigned end, char lowest)
{
    if (size != 0) {
        text_amount(text, size / REGIONS * first);
        text_add(text, " to ");
        text_amount(text, end == REGIONS ? size : size / REGIONS * end);
    } else if (end == first + 1) {
        text_format(text, "region %u of %u", end, (unsigned)REGIONS);
    } else {
        text_format(text, "region %u to %u of %u", first + 1, end, (unsigned)REGIONS);
    }
    text_format(text, " (at worst under %u %%)", (unsigned)(lowest - '0' + 1) * 10);
}

void text_slow_regions(struct text *text, const char map[MAP_SIZE], uint64_t size)
{
    unsigned places = 0;

    for (unsigned i = 0; i < REGIONS && map[i]; i++) {
        unsigned first = i;
        char lowest = map[i];

        if (!is_slow(map[i]))
            continue;
        for (; i < REGIONS && is_slow(map[i]); i++)
            lowest = map[i] < lowest ? map[i] : lowest;
        if (places < PLACES_SHOWN) {
            text_add(text, places > 0 ? ", " : "");
            add_place(text, size, first, i, lowest);
        }
        places++;
    }
    if (places > PLACES_SHOWN)
        text_format(text, " and %u more", places - PLACES_SHOWN);
}
