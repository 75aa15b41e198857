#include "base/text.h"
#include "report/lines.h"
#include "report/live.h"
#include "report/words.h"

enum {
    DISK_ROWS = 8,
    READING_ROWS_MIN = 5, /* temperatures on the left, fans on the right */
    FINDING_ROWS = 4,
    NOTE_ROWS = 3,
    HELP_ROW = SCREEN_ROWS - 1,
    HALF = SCREEN_COLUMNS / 2,
    BAR_COLUMNS = 40,
    NEAR_LIMIT_MILLI = 5000, /* within 5 degrees of a limit is worth a colour */
};

struct page {
    const struct live *live;
    const struct latest *latest;
    uint64_t now_us;
    struct screen *screen;
    unsigned row;
};

/* Puts text on a row from `column` on, at most up to `end`, and never into the last cell. */
static void put(struct page *page, unsigned row, unsigned column, unsigned end, enum colour colour,
                const char *text)
{
    for (; *text && column < end && row < SCREEN_ROWS; text++, column++) {
        if (row == SCREEN_ROWS - 1 && column == SCREEN_COLUMNS - 1)
            return;
        page->screen->cells[row][column].c = *text >= ' ' && *text <= '~' ? *text : '?';
        page->screen->cells[row][column].colour = (uint8_t)colour;
    }
}

/* A whole row, formatted; the rest of the row is blank. */
__attribute__((format(printf, 3, 4))) static void row_format(struct page *page, enum colour colour,
                                                             const char *format, ...)
{
    char line[SCREEN_COLUMNS + 1];
    struct text text = text_in(line, sizeof(line));
    va_list arguments;

    va_start(arguments, format);
    text_format_list(&text, format, arguments);
    va_end(arguments);
    while (colour == COLOUR_TITLE && text.length < SCREEN_COLUMNS)
        text_char(&text, ' ');
    put(page, page->row, 0, SCREEN_COLUMNS, colour, line);
    page->row++;
}

static void clear(struct screen *screen)
{
    for (unsigned row = 0; row < SCREEN_ROWS; row++) {
        for (unsigned column = 0; column < SCREEN_COLUMNS; column++)
            screen->cells[row][column] = (struct cell){.c = ' ', .colour = COLOUR_NORMAL};
    }
}

static void draw_title(struct page *page)
{
    const struct live *live = page->live;
    char clock[16];
    struct text text = text_in(clock, sizeof(clock));

    text_clock(&text, page->now_us);
    row_format(page, COLOUR_TITLE, " Assay %.12s   plan %.12s   run %u   seed 0x%016llx   ",
               live->version, live->plan, (unsigned)live->number, (unsigned long long)live->seed);
    put(page, 0, SCREEN_COLUMNS - 1 - (unsigned)text.length, SCREEN_COLUMNS, COLOUR_TITLE, clock);
    if (live->inject[0])
        row_format(page, COLOUR_BAD, "*** INJECTED FAULTS: SELF-TEST *** %s", live->inject);
    else
        page->row++;
}

static enum colour phase_colour(const struct live_phase *phase)
{
    if (!phase->ended)
        return COLOUR_NORMAL;
    return phase->ending == ENDED_DONE ? COLOUR_GOOD : COLOUR_WARN;
}

/* The phases so far, each with how it ended by its colour; the newest must be seen. */
static void draw_phases(struct page *page)
{
    const struct live *live = page->live;
    size_t first = live->phase_count > 7 ? live->phase_count - 7 : 0;
    unsigned column = 0;

    for (size_t i = first; i < live->phase_count; i++) {
        put(page, page->row, column, column + 10, phase_colour(&live->phases[i]),
            live->phases[i].name);
        column += 11;
    }
    page->row++;
}

static void draw_bar(struct page *page)
{
    const struct live *live = page->live;
    const struct live_phase *phase =
        live->phase_count ? &live->phases[live->phase_count - 1] : NULL;
    char bar[BAR_COLUMNS + 1], rest[32];
    struct text text = text_in(rest, sizeof(rest));

    if (!phase || phase->ended) {
        page->row++;
        return;
    }
    for (unsigned i = 0; i < BAR_COLUMNS; i++)
        bar[i] = i * 1000 < live->permille * BAR_COLUMNS ? '#' : '-';
    bar[BAR_COLUMNS] = '\0';
    text_milli(&text, live->permille * 100, 1);
    text_add(&text, "%  ");
    text_duration(&text, live->left_s);
    row_format(page, COLOUR_NORMAL, "%-10.10s [%s] %s left", phase->name, bar, rest);
}

/* Newest throughput of one part in MB/s, or "-". */
static void rate_of(const struct page *page, part_id part, char *rate, size_t size)
{
    copy_text(rate, size, "-");
    for (size_t i = 0; i < page->latest->series_count; i++) {
        const struct latest_series *series = &page->latest->series[i];

        if (series->part == part && series->quantity == QUANTITY_THROUGHPUT &&
            latest_is_fresh(series, page->now_us))
            format_text(rate, size, "%lld", (long long)(series->value / 1000000000));
    }
}

static void draw_part(struct page *page, const struct latest_part *part, const char *name)
{
    uint64_t errors = latest_errors(part);
    char rate[16], amount[16];
    struct text text = text_in(amount, sizeof(amount));

    rate_of(page, part->part, rate, sizeof(rate));
    if (part->size)
        text_amount(&text, part->size);
    row_format(page, errors ? COLOUR_BAD : COLOUR_NORMAL, "%-30.30s %-16.16s %9s %8s %8llu", name,
               part->serial, amount, rate, (unsigned long long)errors);
}

/* Memory modules and processors have rows in their reports; here stands all memory as one. */
static void draw_memory(struct page *page)
{
    const struct latest_part *memory = latest_part(page->latest, PART_ALL_MEMORY);

    if (memory->part == PART_ALL_MEMORY)
        draw_part(page, memory, "Memory");
}

static size_t count_disks(const struct latest *latest)
{
    size_t count = 0;

    for (size_t i = 0; i < latest->part_count; i++)
        count += latest->parts[i].kind == PART_DISK;
    return count;
}

/* Disks with errors first, so that none of them is among those that are not shown. */
static void draw_disks(struct page *page)
{
    size_t count = count_disks(page->latest);
    size_t room = count > DISK_ROWS ? DISK_ROWS - 1 : DISK_ROWS;
    size_t left = count < room ? count : room;

    row_format(page, COLOUR_DIM, "%-30s %-16s %9s %8s %8s", "DISKS AND MEMORY", "serial", "size",
               "MB/s", "errors");
    for (unsigned pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < page->latest->part_count && left; i++) {
            const struct latest_part *part = &page->latest->parts[i];

            if (part->kind != PART_DISK || (latest_errors(part) > 0) != (pass == 0))
                continue;
            draw_part(page, part, part->name[0] ? part->name : part->place);
            left--;
        }
    }
    if (count > room)
        row_format(page, COLOUR_DIM, "and %u more disks", (unsigned)(count - room));
}

/* How loudly a reading must be shown; 0 for one that is not shown at all. */
static enum colour reading_colour(const struct latest_series *series, uint64_t now_us)
{
    bool above = series->has_high && series->value > series->high;
    bool below = series->has_low && series->value < series->low;

    if (series->beyond)
        return COLOUR_BAD;
    if (series->silent || !latest_is_fresh(series, now_us))
        return COLOUR_DIM;
    if (above || (below && series->turned))
        return COLOUR_BAD;
    if (series->quantity == QUANTITY_TEMPERATURE && series->has_high &&
        series->value > series->high - NEAR_LIMIT_MILLI)
        return COLOUR_WARN;
    return COLOUR_NORMAL;
}

/* Whether a series belongs to a column. Voltages are only shown when something is wrong. */
static bool is_shown(const struct latest_series *series, bool fans, uint64_t now_us)
{
    if (!series->sampled)
        return false;
    if (series->quantity == QUANTITY_FAN_SPEED)
        return fans && (series->turned || series->beyond);
    if (series->quantity == QUANTITY_VOLTAGE)
        return !fans && reading_colour(series, now_us) == COLOUR_BAD;
    return !fans && series->quantity == QUANTITY_TEMPERATURE;
}

static void draw_reading(struct page *page, unsigned row, unsigned column,
                         const struct latest_series *series)
{
    char line[HALF + 1];
    struct text text = text_in(line, HALF);
    int64_t limit = series->quantity == QUANTITY_FAN_SPEED ? series->low : series->high;
    bool has_limit = series->quantity == QUANTITY_FAN_SPEED ? series->has_low : series->has_high;

    text_format(&text, "%-16.16s ", series->name);
    text_sample(&text, series->quantity, series->value);
    if (has_limit) {
        text_add(&text, series->quantity == QUANTITY_FAN_SPEED ? "  min " : "  max ");
        text_milli(&text, limit, series->quantity == QUANTITY_VOLTAGE ? 3 : 0);
    }
    if (series->silent)
        text_add(&text, "  silent");
    put(page, row, column, column + HALF - 1, reading_colour(series, page->now_us), line);
}

/* Rows for readings: what the rest leaves. */
static unsigned reading_room(const struct page *page)
{
    unsigned below = HELP_ROW - page->row;
    unsigned others = FINDING_ROWS + NOTE_ROWS + 1;

    return below > others + READING_ROWS_MIN ? below - others : READING_ROWS_MIN;
}

/* One column of readings: those in trouble first. Returns the rows it took. */
static unsigned draw_readings(struct page *page, unsigned column, bool fans)
{
    static const enum colour turns[] = {COLOUR_BAD, COLOUR_WARN, COLOUR_NORMAL, COLOUR_DIM};
    unsigned rows = 0, more = 0, room = reading_room(page);
    char line[HALF];

    for (unsigned turn = 0; turn < sizeof(turns) / sizeof(turns[0]); turn++) {
        for (size_t i = 0; i < page->latest->series_count; i++) {
            const struct latest_series *series = &page->latest->series[i];

            if (!is_shown(series, fans, page->now_us) ||
                reading_colour(series, page->now_us) != turns[turn])
                continue;
            if (rows < room - 1)
                draw_reading(page, page->row + rows++, column, series);
            else
                more++;
        }
    }
    if (!more)
        return rows;
    format_text(line, sizeof(line), "and %u more", more);
    put(page, page->row + rows, column, column + HALF - 1, COLOUR_DIM, line);
    return rows + 1;
}

static void draw_sensors(struct page *page)
{
    unsigned left, right;

    put(page, page->row, 0, HALF, COLOUR_DIM, "TEMPERATURES");
    put(page, page->row, HALF, SCREEN_COLUMNS, COLOUR_DIM, "FANS");
    page->row++;
    left = draw_readings(page, 0, false);
    right = draw_readings(page, HALF, true);
    if (left == 0)
        put(page, page->row, 0, HALF, COLOUR_DIM, "no readings");
    if (right == 0)
        put(page, page->row, HALF, SCREEN_COLUMNS, COLOUR_DIM, "no readings");
    left = left > right ? left : right;
    page->row += left ? left : 1;
}

/* A blank row between sections, where there is room enough for all of them. */
static void draw_gap(struct page *page)
{
    if (count_disks(page->latest) <= 5)
        page->row++;
}

static void draw_findings(struct page *page)
{
    static const enum colour colours[CERTAINTIES] = {COLOUR_WARN, COLOUR_BAD, COLOUR_BAD};
    const struct live *live = page->live;
    size_t all = live->finding_count + live->findings_lost;
    size_t shown = live->finding_count < FINDING_ROWS ? live->finding_count : FINDING_ROWS;

    if (all > FINDING_ROWS)
        shown = FINDING_ROWS - 1;
    for (size_t i = 0; i < shown; i++) {
        const struct live_finding *finding = &live->findings[i];
        unsigned certainty = finding->certainty < CERTAINTIES ? finding->certainty : POSSIBLE;

        row_format(page, colours[certainty], "FOUND %s (%s): %s", finding->id,
                   certainty_names[certainty], finding->component);
    }
    if (all > shown)
        row_format(page, COLOUR_BAD, "and %u more findings", (unsigned)(all - shown));
}

/* As many notes as there is room for above the help, newest first. */
static void draw_notes(struct page *page)
{
    static const enum colour colours[SEVERITIES] = {COLOUR_DIM, COLOUR_WARN, COLOUR_BAD};
    const struct live *live = page->live;

    for (size_t i = 0; i < live->note_count && i < NOTE_ROWS && page->row < HELP_ROW; i++) {
        unsigned severity = live->notes[i].severity;

        row_format(page, colours[severity < SEVERITIES ? severity : SEVERITY_WARNING], "%s",
                   live->notes[i].text);
    }
}

static void draw_help(struct page *page)
{
    static const enum colour colours[OVERALLS] = {COLOUR_GOOD, COLOUR_BAD, COLOUR_WARN,
                                                  COLOUR_WARN};
    unsigned overall = page->live->overall;

    page->row = HELP_ROW;
    if (page->live->has_verdict && overall < OVERALLS)
        row_format(page, colours[overall], "VERDICT: %s", overall_names[overall]);
    else
        row_format(page, COLOUR_DIM, "Esc ends the run and writes the report");
}

void live_draw(const struct live *live, uint64_t now_us, struct screen *screen)
{
    struct page page = {.live = live, .latest = &live->latest, .now_us = now_us, .screen = screen};

    clear(screen);
    draw_title(&page);
    draw_phases(&page);
    draw_bar(&page);
    draw_disks(&page);
    draw_memory(&page);
    draw_gap(&page);
    draw_sensors(&page);
    draw_gap(&page);
    draw_findings(&page);
    draw_notes(&page);
    draw_help(&page);
}
