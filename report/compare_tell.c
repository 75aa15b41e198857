/*
 * What changed between two runs, as sentences.
 */
#include "base/last_words.h"
#include "base/text.h"
#include "report/compare_parts.h"

/* Counters of a drive that rise with its errors alone. */
static const char *const error_counters[] = {
    "link-crc",
    "interface-crc",
    "statistics-interface-crc",
    "phy-command-crc",
    "phy-data-errors",
    "media-errors",
    "pending-sectors",
    "reallocated-sectors",
    "reported-uncorrectable",
    "uncorrectable-sectors",
    "command-timeouts",
};

struct telling {
    const struct comparison *both;
    const struct sink *sink;
    unsigned told;
};

static void name_run(const struct event_run_start *start, char *buffer, size_t size)
{
    struct text text = text_in(buffer, size);

    text_format(&text, "run %u", (unsigned)start->number);
    if (start->year)
        text_format(&text, " of %04u-%02u-%02u %02u:%02u", start->year, start->month, start->day,
                    start->hour, start->minute);
    if (start->inject[0])
        text_add(&text, " (self-test)");
}

__attribute__((format(printf, 3, 4))) static void
tell(struct telling *telling, enum change_kind change, const char *format, ...)
{
    struct event event = {.type = EVENT_CHANGE, .change.change = (uint8_t)change};
    struct text text = text_in(event.change.text, sizeof(event.change.text));
    va_list arguments;

    if (telling->told++ >= COMPARE_CHANGES)
        return;
    name_run(&telling->both->then.start, event.change.run, sizeof(event.change.run));
    va_start(arguments, format);
    text_format_list(&text, format, arguments);
    va_end(arguments);
    emit(telling->sink, &event);
}

/* ---- findings */

static bool has_finding(const struct compared_run *run, const struct compared_finding *finding)
{
    for (unsigned i = 0; i < run->finding_count; i++) {
        if (text_equal(run->findings[i].id, finding->id) &&
            text_equal(run->findings[i].component, finding->component))
            return true;
    }
    return false;
}

/* What was not looked for in the same way is not gone. */
static const char *how_gone(const struct comparison *both)
{
    if (both->now.cut)
        return "was not found again, but this run was cut short";
    if (!text_equal(both->then.start.plan, both->now.start.plan) ||
        both->then.start.imaging_s > both->now.start.imaging_s)
        return "was not found again, but this run did not test the same, or not as long";
    return "is gone";
}

static void tell_findings(struct telling *telling)
{
    const struct compared_run *then = &telling->both->then, *now = &telling->both->now;

    for (unsigned i = 0; i < then->finding_count; i++) {
        const struct compared_finding *finding = &then->findings[i];
        bool same = has_finding(now, finding);

        tell(telling, same ? CHANGE_SAME : CHANGE_GONE, "%s at %.120s %s", finding->id,
             finding->component, same ? "is there again" : how_gone(telling->both));
    }
    for (unsigned i = 0; i < now->finding_count; i++) {
        const struct compared_finding *finding = &now->findings[i];

        if (!has_finding(then, finding))
            tell(telling, CHANGE_NEW, "%s at %.120s is new", finding->id, finding->component);
    }
}

/* ---- counters */

static bool counts_errors(const char *name)
{
    for (size_t i = 0; i < sizeof(error_counters) / sizeof(error_counters[0]); i++) {
        if (text_equal(name, error_counters[i]))
            return true;
    }
    return false;
}

static bool same_number(const struct compared_run *a, part_id part, const struct compared_run *b,
                        part_id other)
{
    const struct event_part *one = compared_part(a, part), *two = compared_part(b, other);

    return one && two && compared_same_part(one, two);
}

static const struct compared_counter *find_counter(const struct comparison *both,
                                                   const struct compared_counter *counter)
{
    const struct compared_run *then = &both->then;

    for (unsigned i = 0; i < then->counter_count; i++) {
        if (text_equal(then->counters[i].name, counter->name) &&
            same_number(then, then->counters[i].part, &both->now, counter->part))
            return &then->counters[i];
    }
    return NULL;
}

static const char *part_name(const struct event_part *part)
{
    return part->serial[0] ? part->serial : part->place[0] ? part->place : part->name;
}

static void tell_counters(struct telling *telling)
{
    const struct compared_run *now = &telling->both->now;

    for (unsigned i = 0; i < now->counter_count; i++) {
        const struct compared_counter *counter = &now->counters[i];
        const struct compared_counter *before =
            counts_errors(counter->name) ? find_counter(telling->both, counter) : NULL;

        if (before && counter->value > before->value)
            tell(telling, CHANGE_COUNTER, "%s of %s rose from %llu to %llu", counter->name,
                 part_name(compared_part(now, counter->part)), (unsigned long long)before->value,
                 (unsigned long long)counter->value);
    }
}

/* ---- what was measured under load */

static const struct compared_series *find_series(const struct comparison *both,
                                                 const struct compared_series *series)
{
    const struct compared_run *then = &both->then;

    for (unsigned i = 0; i < then->series_count; i++) {
        const struct event_series *other = &then->series[i].declared;

        if (other->quantity == series->declared.quantity && then->series[i].loaded &&
            text_equal(other->name, series->declared.name) &&
            same_number(then, other->part, &both->now, series->declared.part))
            return &then->series[i];
    }
    return NULL;
}

static bool is_far(int64_t a, int64_t b, int64_t least)
{
    return a < b ? (uint64_t)b - (uint64_t)a >= (uint64_t)least
                 : (uint64_t)a - (uint64_t)b >= (uint64_t)least;
}

static void tell_heat(struct telling *telling, const struct compared_series *then,
                      const struct compared_series *now)
{
    char from[NAME_SIZE], to[NAME_SIZE];
    struct text text = text_in(from, sizeof(from));

    if (!is_far(then->highest, now->highest, COMPARE_HEAT))
        return;
    text_sample(&text, QUANTITY_TEMPERATURE, then->highest);
    text = text_in(to, sizeof(to));
    text_sample(&text, QUANTITY_TEMPERATURE, now->highest);
    tell(telling, CHANGE_TEMPERATURE, "%s reached %s under load, %s then", now->declared.name, to,
         from);
}

static void tell_rate(struct telling *telling, const struct compared_series *then,
                      const struct compared_series *now)
{
    int64_t before = then->sum / then->loaded, after = now->sum / now->loaded;
    int64_t greater = before > after ? before : after;

    if (!is_far(before, after, greater * COMPARE_PERCENT / 100 + 1))
        return;
    tell(telling, CHANGE_THROUGHPUT, "%s gave %llu.%llu MB/s while imaging, %llu.%llu MB/s then",
         now->declared.name, (unsigned long long)after / 1000,
         (unsigned long long)after % 1000 / 100, (unsigned long long)before / 1000,
         (unsigned long long)before % 1000 / 100);
}

static void tell_series(struct telling *telling)
{
    const struct compared_run *now = &telling->both->now;

    for (unsigned i = 0; i < now->series_count; i++) {
        const struct compared_series *series = &now->series[i];
        const struct compared_series *before =
            series->loaded ? find_series(telling->both, series) : NULL;

        if (!before)
            continue;
        if (series->declared.quantity == QUANTITY_TEMPERATURE)
            tell_heat(telling, before, series);
        else if (series->declared.quantity == QUANTITY_THROUGHPUT)
            tell_rate(telling, before, series);
    }
}

void compare_tell(const struct comparison *both, const struct sink *sink)
{
    struct telling telling = {.both = both, .sink = sink};

    tell_findings(&telling);
    tell_counters(&telling);
    tell_series(&telling);
    if (!telling.told)
        tell(&telling, CHANGE_NOTHING, "nothing changed");
}
