/*
 * How long a drive's reads took: figures, a histogram with both axes logarithmic, the map of the
 * drive, and its outliers.
 */
#include "base/text.h"
#include "report/drive_latency.h"
#include "report/html.h"
#include "report/markup.h"
#include "report/words.h"

/* Of the viewBox; text is 26 units high. */
enum {
    WIDTH = 1000,
    BARS_HIGH = 180, /* the highest bar */
    BARS_WIDE = 90,  /* a bar with its gap, at most */
    LABELS_HIGH = 40,
    MAP_HIGH = 90,
    REGIONS = MAP_SIZE - 1,
    COLUMN = 15, /* of a region, with its gap */
};

/* 2^n us for people: 1 ms is 2^10 us. */
static void write_power(struct writer *writer, unsigned n)
{
    static const char *const units[] = {"us", "ms", "s", "ks"};

    writer_format(writer, "%u %s", 1u << n % 10, units[n / 10]);
}

/* Sixteenths of the logarithm to base 2 of count + 1: straight lines between the powers. */
static unsigned height_of(uint64_t count)
{
    unsigned power = 0;

    if (count == UINT64_MAX)
        return 64 * 16;
    for (count++; count >> power > 1; power++)
        ;
    return 16 * power +
           (unsigned)(power >= 4 ? count >> (power - 4) & 15 : count << (4 - power) & 15);
}

static void write_bars(struct writer *writer, const uint64_t *counts, unsigned first, unsigned end)
{
    unsigned wide = WIDTH / (end - first) < BARS_WIDE ? WIDTH / (end - first) : BARS_WIDE;
    unsigned every = (100 + wide - 1) / wide, highest = 1;

    for (unsigned i = first; i < end; i++)
        highest = height_of(counts[i]) > highest ? height_of(counts[i]) : highest;
    for (unsigned i = first; i < end; i++) {
        unsigned x = (i - first) * wide, high = height_of(counts[i]) * BARS_HIGH / highest;

        if (high)
            writer_format(writer,
                          "<rect class=\"bar\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"/>\n",
                          x + 1, BARS_HIGH - high, wide - 3, high);
        if ((i - first) % every)
            continue;
        writer_format(writer, "<text x=\"%u\" y=\"%u\">", x, BARS_HIGH + 30u);
        write_power(writer, i);
        writer_text(writer, "</text>\n");
    }
    writer_format(writer, "<path class=\"grid\" d=\"M0,%uh%u\"/>\n", (unsigned)BARS_HIGH,
                  (end - first) * wide);
}

/* From the first octave with a read to the last. */
static void write_histogram(struct writer *writer, const struct event_latency *latency)
{
    uint64_t counts[LATENCY_COUNTS];
    unsigned end = (unsigned)latency_counts(latency->histogram, counts), first = 0;

    while (end > 0 && counts[end - 1] == 0)
        end--;
    while (first < end && counts[first] == 0)
        first++;
    if (first == end)
        return;
    writer_format(writer, "<figure><svg viewBox=\"0 0 %u %u\" role=\"img\" aria-label=\"",
                  (unsigned)WIDTH, (unsigned)(BARS_HIGH + LABELS_HIGH));
    writer_text(writer, "Histogram: reads by how long they took\">\n");
    write_bars(writer, counts, first, end);
    writer_text(writer, "</svg><figcaption>");
    markup_format(writer,
                  "Phase %s: reads by how long they took, each bar up to twice as long as "
                  "the one before it. Heights are logarithmic, so that single reads are "
                  "seen.",
                  latency->phase);
    writer_text(writer, "</figcaption></figure>\n");
}

static const char *shade_of(char tenths)
{
    if (tenths >= '5')
        return "even";
    return tenths >= '2' ? "slow" : "stuck";
}

/* Height as well as colour tells the pace, for those who see or print no colours. */
static void write_columns(struct writer *writer, const char *map)
{
    for (unsigned i = 0; i < REGIONS && map[i]; i++) {
        unsigned high;

        if (map[i] < '0' || map[i] > '9')
            continue;
        high = (unsigned)(map[i] - '0' + 1) * (MAP_HIGH / 10);
        writer_format(writer, "<rect class=\"%s\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"/>\n",
                      shade_of(map[i]), i * COLUMN, MAP_HIGH - high, COLUMN - 2u, high);
    }
    writer_format(writer, "<path class=\"grid\" d=\"M0,%uh%u\"/>\n", MAP_HIGH + 1u,
                  (unsigned)(REGIONS * COLUMN));
}

static void write_map(struct writer *writer, const struct event_latency *latency, uint64_t size)
{
    char slow[TEXT_SIZE];
    struct text text = text_in(slow, sizeof(slow));

    if (!latency->map[0])
        return;
    text_slow_regions(&text, latency->map, size);
    writer_format(writer, "<figure><svg viewBox=\"0 0 %u %u\" role=\"img\" aria-label=\"",
                  (unsigned)(REGIONS * COLUMN), MAP_HIGH + 3u);
    markup_format(writer,
                  "Map of the drive from its first block to its last in tenths of its "
                  "usual pace: %s",
                  latency->map);
    writer_text(writer, "\">\n");
    write_columns(writer, latency->map);
    writer_text(writer, "</svg><figcaption>");
    markup_format(writer,
                  "Phase %s: pace from the first block to the last, in 64 regions; no bar "
                  "where little or nothing was read. ",
                  latency->phase);
    if (slow[0])
        markup_format(writer, "Below half of its usual pace: %s.", slow);
    else
        writer_text(writer, "No region is below half of the usual pace.");
    writer_text(writer, "</figcaption></figure>\n");
}

static void write_figures(struct table *table, const struct event_latency *latency)
{
    const uint32_t values[] = {latency->median_us, latency->p99_us, latency->p999_us};
    char cell[WORDS_SIZE];

    table_cell(table, "%s", latency->phase);
    table_cell(table, "%llu", (unsigned long long)latency->reads);
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        table_cell(table, "%s", latency->reads ? words_latency(cell, values[i]) : "-");
    if (latency->reads)
        table_cell(table, "%s at LBA %llu", words_latency(cell, latency->longest_us),
                   (unsigned long long)latency->longest_lba);
    else
        table_cell(table, "-");
    table_cell(table, "%llu", (unsigned long long)latency->undated);
}

static void write_outliers(struct writer *writer, const struct model *model, part_id part)
{
    static const char *const headings[] = {"LBA", "Blocks", "Took", "Median by then"};
    struct table table = {0};

    for (size_t i = 0; i < model->outlier_rows.kept; i++) {
        const struct event_outlier *outlier = &model->outliers[i].outlier;
        char cell[WORDS_SIZE];

        if (outlier->part != part)
            continue;
        if (!table.writer) {
            writer_text(writer, "<p>Reads that took far longer than the others. Single ones of "
                                "about a second are normal for many drives.</p>\n");
            table_begin(&table, writer, headings, 4);
        }
        table_cell(&table, "%llu", (unsigned long long)outlier->lba);
        table_cell(&table, "%u", (unsigned)outlier->blocks);
        table_cell(&table, "%s", words_latency(cell, outlier->duration_us));
        table_cell(&table, "%s", words_latency(cell, outlier->median_us));
    }
    if (table.writer)
        table_end(&table, (struct rows){0});
}

void html_latency(struct writer *writer, const struct model *model, const struct event_part *drive)
{
    static const char *const headings[] = {"Phase",  "Reads",   "Median", "99 %",
                                           "99.9 %", "Longest", "Undated"};
    struct table table = {0};

    for (size_t i = 0; i < model->latency_rows.kept; i++) {
        const struct event_latency *latency = &model->latencies[i].latency;

        if (latency->part != drive->part)
            continue;
        if (!table.writer) {
            writer_text(writer, "<p>How long its reads took:</p>\n");
            table_begin(&table, writer, headings, 7);
        }
        write_figures(&table, latency);
    }
    if (table.writer)
        table_end(&table, (struct rows){0});
    for (size_t i = 0; i < model->latency_rows.kept; i++) {
        const struct event_latency *latency = &model->latencies[i].latency;

        if (latency->part != drive->part || latency->reads == 0)
            continue;
        write_histogram(writer, latency);
        write_map(writer, latency, drive->size);
    }
    write_outliers(writer, model, drive->part);
}
