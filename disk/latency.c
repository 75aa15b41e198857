#include "disk/latency.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "disk/pace.h"

enum { COUNT_CUT = 9999999, COUNT_DIGITS = 7 };

_Static_assert(sizeof(struct latency) < 4096, "there is one for each drive");
_Static_assert(LATENCY_OCTAVES *(COUNT_DIGITS + 1) <= TEXT_SIZE, "a cut histogram fits");

void latency_init(struct latency *latency, uint64_t block_count)
{
    memset(latency, 0, sizeof(*latency));
    latency->region_blocks = block_count / LATENCY_REGIONS + (block_count % LATENCY_REGIONS != 0);
    if (latency->region_blocks == 0)
        latency->region_blocks = 1;
}

static uint32_t clamped(uint64_t value)
{
    return value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
}

/* Bucket 4n + i begins at (4 + i) / 4 of 2^n. */
static unsigned bucket_of(uint32_t duration_us)
{
    uint32_t value = duration_us != 0 ? duration_us : 1;
    unsigned octave = 31u - (unsigned)__builtin_clz(value);

    if (octave >= LATENCY_OCTAVES)
        return LATENCY_BUCKETS - 1;
    return 4 * octave + (unsigned)(((uint64_t)value << 2 >> octave) & 3);
}

/* The middle of a bucket. */
static uint32_t bucket_us(unsigned bucket)
{
    unsigned octave = bucket / 4;

    return (uint32_t)(((uint64_t)(2 * (4 + bucket % 4) + 1) << octave) >> 3);
}

/* What so many thousandths of the reads did not exceed, as far as the buckets tell. */
static uint32_t percentile_us(const struct latency *latency, unsigned permille)
{
    uint64_t left = latency->reads - latency->reads / 1000 * (1000 - permille) -
                    latency->reads % 1000 * (1000 - permille) / 1000;
    unsigned bucket = 0;
    uint32_t value;

    if (latency->reads == 0)
        return 0;
    for (; bucket < LATENCY_BUCKETS - 1 && left > latency->buckets[bucket]; bucket++)
        left -= latency->buckets[bucket];
    value = bucket_us(bucket);
    return value < latency->longest_us ? value : latency->longest_us;
}

/* Where the next outlier goes: a free place, or that of the shortest if it is longer; else NULL. */
static struct latency_outlier *outlier_place(struct latency *latency, uint32_t duration_us)
{
    struct latency_outlier *least = &latency->outliers[0];

    if (latency->outlier_count < LATENCY_OUTLIERS)
        return &latency->outliers[latency->outlier_count++];
    for (unsigned i = 1; i < LATENCY_OUTLIERS; i++) {
        if (latency->outliers[i].duration_us < least->duration_us)
            least = &latency->outliers[i];
    }
    return duration_us > least->duration_us ? least : NULL;
}

static void add_outlier(struct latency *latency, uint64_t lba, uint32_t blocks,
                        uint32_t duration_us)
{
    struct latency_outlier *place;
    uint32_t median_us;

    if (duration_us <= LATENCY_OUTLIER_US || latency->reads < LATENCY_SETTLED)
        return;
    median_us = percentile_us(latency, 500);
    if (duration_us <= (uint64_t)median_us * LATENCY_OUTLIER_MEDIANS)
        return;
    place = outlier_place(latency, duration_us);
    if (place)
        *place = (struct latency_outlier){lba, blocks, duration_us, median_us};
}

/* A read belongs to the region it begins in. */
static void add_to_region(struct latency *latency, uint64_t lba, uint64_t bytes, uint64_t busy_us)
{
    uint64_t index = lba / latency->region_blocks;
    struct latency_region *region;

    if (bytes < LATENCY_READ_MIN || index >= LATENCY_REGIONS)
        return;
    region = &latency->regions[index];
    region->bytes += bytes;
    region->busy_us += busy_us;
    region->reads++;
    if (region->reads == 1 || busy_us > region->worst_us) {
        region->worst_us = clamped(busy_us);
        region->worst_bytes = clamped(bytes);
    }
}

void latency_add(struct latency *latency, uint64_t lba, uint32_t blocks, uint64_t bytes,
                 uint64_t duration_us, uint64_t busy_us, uint64_t gap_us)
{
    uint32_t duration = clamped(duration_us);

    if (gap_us > LATENCY_GAP_US && gap_us > duration_us / 4) {
        latency->undated++;
        return;
    }
    add_outlier(latency, lba, blocks, duration);
    latency->buckets[bucket_of(duration)]++;
    latency->reads++;
    if (latency->reads == 1 || duration > latency->longest_us) {
        latency->longest_us = duration;
        latency->longest_lba = lba;
    }
    add_to_region(latency, lba, bytes, busy_us);
}

static uint64_t octave_count(const struct latency *latency, unsigned octave)
{
    uint64_t count = 0;

    for (unsigned i = 0; i < 4; i++)
        count += latency->buckets[4 * octave + i];
    return count;
}

/* False when it does not fit. */
static bool write_histogram(const struct latency *latency, char *buffer, size_t size, uint64_t cut)
{
    struct text text = text_in(buffer, size);
    unsigned octaves = LATENCY_OCTAVES;

    while (octaves > 0 && octave_count(latency, octaves - 1) == 0)
        octaves--;
    for (unsigned i = 0; i < octaves; i++) {
        uint64_t count = octave_count(latency, i);

        text_format(&text, "%s%llu", i > 0 ? "," : "",
                    (unsigned long long)(count < cut ? count : cut));
    }
    return !text.cut;
}

/* Bytes per second, without its slowest read if that was long; 0 for a region that counts as not
 * read. */
static uint64_t region_pace(const struct latency_region *region)
{
    bool long_read = region->worst_us > LATENCY_OUTLIER_US;
    uint64_t pace;

    if (region->reads < LATENCY_REGION_READS)
        return 0;
    pace = pace_rate(region->bytes - (long_read ? region->worst_bytes : 0),
                     region->busy_us - (long_read ? region->worst_us : 0));
    return pace != 0 ? pace : 1;
}

/* The middle one of those that are not 0; 0 when all are. */
static uint64_t median_pace(const uint64_t paces[LATENCY_REGIONS])
{
    uint64_t sorted[LATENCY_REGIONS] = {0};
    unsigned count = 0;

    for (unsigned i = 0; i < LATENCY_REGIONS; i++) {
        unsigned at = count;

        if (paces[i] == 0)
            continue;
        for (; at > 0 && sorted[at - 1] > paces[i]; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = paces[i];
        count++;
    }
    return count > 0 ? sorted[count / 2] : 0;
}

static char tenths(uint64_t pace, uint64_t median)
{
    uint64_t tenth = median / 10 != 0 ? median / 10 : 1;

    return (char)('0' + (pace / tenth < 9 ? pace / tenth : 9));
}

static void write_map(const struct latency *latency, char map[MAP_SIZE])
{
    uint64_t paces[LATENCY_REGIONS], median;

    for (unsigned i = 0; i < LATENCY_REGIONS; i++)
        paces[i] = region_pace(&latency->regions[i]);
    median = median_pace(paces);
    for (unsigned i = 0; i < LATENCY_REGIONS; i++)
        map[i] = '-';
    for (unsigned i = 0; i < LATENCY_REGIONS; i++) {
        if (paces[i] != 0)
            map[i] = tenths(paces[i], median);
    }
    map[LATENCY_REGIONS] = '\0';
}

static void sort_outliers(struct latency *latency)
{
    for (uint32_t i = 1; i < latency->outlier_count; i++) {
        struct latency_outlier moved = latency->outliers[i];
        uint32_t at = i;

        for (; at > 0 && latency->outliers[at - 1].lba > moved.lba; at--)
            latency->outliers[at] = latency->outliers[at - 1];
        latency->outliers[at] = moved;
    }
}

static void emit_outliers(struct latency *latency, part_id part, const struct sink *sink)
{
    sort_outliers(latency);
    for (uint32_t i = 0; i < latency->outlier_count; i++) {
        const struct latency_outlier *outlier = &latency->outliers[i];
        struct event event = {.type = EVENT_OUTLIER,
                              .outlier = {.part = part,
                                          .lba = outlier->lba,
                                          .blocks = outlier->blocks,
                                          .duration_us = outlier->duration_us,
                                          .median_us = outlier->median_us}};

        emit(sink, &event);
    }
}

void latency_end(struct latency *latency, const char *phase, part_id part, const struct sink *sink)
{
    struct event event = {.type = EVENT_LATENCY};
    struct event_latency *said = &event.latency;

    if (latency->reads == 0 && latency->undated == 0)
        return;
    copy_text(said->phase, sizeof(said->phase), phase);
    said->part = part;
    said->reads = latency->reads;
    said->undated = latency->undated;
    said->median_us = percentile_us(latency, 500);
    said->p99_us = percentile_us(latency, 990);
    said->p999_us = percentile_us(latency, 999);
    said->longest_us = latency->longest_us;
    said->longest_lba = latency->longest_lba;
    if (!write_histogram(latency, said->histogram, sizeof(said->histogram), UINT64_MAX))
        write_histogram(latency, said->histogram, sizeof(said->histogram), COUNT_CUT);
    write_map(latency, said->map);
    emit(sink, &event);
    emit_outliers(latency, part, sink);
}
