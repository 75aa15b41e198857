/*
 * What is made of the tables that the last moments of a run were read into.
 */
#include "base/text.h"
#include "report/last_moments_parts.h"

enum {
    NEAR_LIMIT = 15000
}; /* a sensor nearer than this to its limit is told before a hotter one */

static int64_t margin(const struct moments_series *series)
{
    return series->declared.has_high && series->declared.high < MOMENTS_VALUE_MAX &&
                   series->declared.high > -MOMENTS_VALUE_MAX
               ? series->declared.high - series->last
               : MOMENTS_VALUE_MAX;
}

static bool is_worse(const struct moments_series *a, const struct moments_series *b)
{
    bool near = margin(a) <= NEAR_LIMIT, other_near = margin(b) <= NEAR_LIMIT;

    if (near != other_near)
        return near;
    return near ? margin(a) < margin(b) : a->last > b->last;
}

static bool reads(const struct moments_series *series, enum quantity quantity)
{
    return series->declared.quantity == quantity && series->count && !series->silent;
}

static void tell_heat(const struct last_moments *work, struct event_prior_run *run)
{
    const struct moments_series *worst = NULL;

    for (unsigned i = 0; i < work->series_count; i++) {
        const struct moments_series *series = &work->series[i];

        if (reads(series, QUANTITY_TEMPERATURE) && (!worst || is_worse(series, worst)))
            worst = series;
    }
    if (!worst)
        return;
    copy_text(run->hottest, sizeof(run->hottest), worst->declared.name);
    run->temperature = worst->last;
    run->has_limit = worst->declared.has_high;
    run->limit = worst->declared.high;
}

/* `a` is slower than `b`, each by the fastest it turned: compared without a division. */
static bool is_slower(const struct moments_series *a, const struct moments_series *b)
{
    return a->last * b->highest < b->last * a->highest;
}

static void tell_fan(const struct last_moments *work, struct event_prior_run *run)
{
    const struct moments_series *slowest = NULL;

    for (unsigned i = 0; i < work->series_count; i++) {
        const struct moments_series *series = &work->series[i];

        if (reads(series, QUANTITY_FAN_SPEED) && series->highest > 0 &&
            (!slowest || is_slower(series, slowest)))
            slowest = series;
    }
    if (!slowest)
        return;
    copy_text(run->fan, sizeof(run->fan), slowest->declared.name);
    run->fan_speed = slowest->last;
    run->fan_fastest = slowest->highest;
}

static int64_t distance(int64_t a, int64_t b)
{
    return a < b ? b - a : a - b;
}

/* How much a series moved, in hundredths of what is worth a word. Voltages follow the load and are
 * told by their dips. */
static int64_t movement(const struct moments_series *series)
{
    int64_t moved = distance(series->first, series->last);
    int64_t faster = series->first > series->last ? series->first : series->last;

    if (!series->moved)
        return 0;
    if (reads(series, QUANTITY_TEMPERATURE))
        return moved * 100 / MOMENTS_HEAT;
    if (reads(series, QUANTITY_FAN_SPEED) && faster > 0)
        return moved * 100 / faster * 100 / MOMENTS_FAN_PERCENT;
    return 0;
}

static void tell_trend(const struct last_moments *work, struct event_prior_run *run)
{
    int64_t most = 99;

    for (unsigned i = 0; i < work->series_count; i++) {
        const struct moments_series *series = &work->series[i];

        if (movement(series) <= most)
            continue;
        most = movement(series);
        copy_text(run->trend, sizeof(run->trend), series->declared.name);
        run->trend_quantity = series->declared.quantity;
        run->trend_from = series->first;
        run->trend_to = series->last;
    }
}

static int64_t lowest_of_tail(const struct moments_series *series)
{
    int64_t lowest = series->tail[0];

    for (unsigned i = 1; i < MOMENTS_TAIL; i++) {
        if (series->tail[i] < lowest)
            lowest = series->tail[i];
    }
    return lowest;
}

/* By how many percent of its average a voltage was below it, and below all it had been. What
 * follows the load, as a processor's own voltage does, has been low before. */
static int64_t dip_of(const struct moments_series *series)
{
    int64_t average, lowest;

    if (!reads(series, QUANTITY_VOLTAGE) || series->before < MOMENTS_DIP_BEFORE)
        return 0;
    average = series->before_sum / series->before;
    lowest = lowest_of_tail(series);
    if (average <= 0 || (series->before_lowest - lowest) * 100 < average * MOMENTS_DIP_PERCENT / 2)
        return 0;
    return (average - lowest) * 100 / average;
}

static void tell_dip(const struct last_moments *work, struct event_prior_run *run)
{
    int64_t deepest = MOMENTS_DIP_PERCENT - 1;

    for (unsigned i = 0; i < work->series_count; i++) {
        const struct moments_series *series = &work->series[i];

        if (dip_of(series) <= deepest)
            continue;
        deepest = dip_of(series);
        copy_text(run->dip, sizeof(run->dip), series->declared.name);
        run->dip_from = series->before_sum / series->before;
        run->dip_to = lowest_of_tail(series);
    }
}

static void tell_found(const struct last_moments *work, struct event_prior_run *run)
{
    struct text text = text_in(run->found, sizeof(run->found));

    for (unsigned i = 0; i < work->finding_count; i++)
        text_format(&text, "%s%s at %s", i ? ", " : "", work->findings[i].id,
                    work->findings[i].component);
}

static bool is_disk(const struct last_moments *work, part_id part)
{
    for (unsigned i = 0; i < work->disk_count; i++) {
        if (work->disks[i] == part)
            return true;
    }
    return false;
}

/* How many drives moved data in the last moments; *ret_one names the last of them. */
static unsigned busy_drives(const struct last_moments *work, const char **ret_one)
{
    unsigned count = 0;

    for (unsigned i = 0; i < work->series_count; i++) {
        const struct moments_series *series = &work->series[i];

        if (series->declared.quantity != QUANTITY_THROUGHPUT || !series->moved ||
            !is_disk(work, series->declared.part))
            continue;
        *ret_one = series->declared.name;
        count++;
    }
    return count;
}

static void tell_drives(const struct last_moments *work, const char *what, struct text *text)
{
    const char *one = "";
    unsigned count = busy_drives(work, &one);

    text_add(text, what);
    if (count == 1)
        text_format(text, " %s", one);
    else
        text_format(text, count ? " %u drives" : " drives", count);
}

static void tell_load(const struct last_moments *work, struct event_prior_run *run)
{
    static const struct {
        const char *phase, *words;
        bool of_drives;
    } loads[] = {
        {"inventory", "the inventory, before any load", false},
        {"baseline", "the baseline, before any load", false},
        {"memory", "memory tests on all processors", false},
        {"disks", "reading from", true},
        {"writing", "writing to", true},
        {"imaging", "imaging from", true},
        {"cool-down", "the cool-down, after the load", false},
        {PHASE_OF_VERDICT, "the verdict, after the load", false},
    };
    struct text text = text_in(run->load, sizeof(run->load));

    for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
        if (!text_equal(run->phase, loads[i].phase))
            continue;
        if (loads[i].of_drives)
            tell_drives(work, loads[i].words, &text);
        else
            text_add(&text, loads[i].words);
    }
}

void last_moments_tell(const struct last_moments *work, struct event_prior_run *run)
{
    tell_load(work, run);
    tell_heat(work, run);
    tell_fan(work, run);
    tell_trend(work, run);
    tell_dip(work, run);
    tell_found(work, run);
}
