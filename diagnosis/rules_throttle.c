#include "diagnosis/series_evidence.h"

/* Below its limit by so much, a processor is not slowed down for its own heat. */
enum { COOL_MILLI = 15000 };

bool slow_when_hot(const struct evidence *evidence, unsigned index)
{
    return series_at(evidence, index)->slow.hot.seen;
}

bool slow_when_hot_by_fault(const struct evidence *evidence, unsigned index)
{
    return slow_when_hot(evidence, index) && evidence->run.chassis == CHASSIS_FIXED;
}

/* Notebooks slow their processor down by design, for a warm case or a weak adapter, but not for
 * long below the base clock that it had come to before. */
bool slow_while_cool(const struct evidence *evidence, unsigned index)
{
    const struct evidence_series *series = series_at(evidence, index);

    if (series->slow.cool.seen)
        return true;
    return series->slow.prochot && series->samples && series->series.has_high &&
           series->prochot_at <= series->series.high - COOL_MILLI &&
           evidence->run.chassis == CHASSIS_FIXED;
}

static void tell_limit(const struct evidence_series *series, struct text *text)
{
    if (!series->series.has_high)
        return;
    text_add(text, "; it slows itself down at ");
    text_milli(text, series->series.high, 0);
    text_add(text, " C");
}

void tell_slow_when_hot(const struct evidence *evidence, unsigned index, struct text *text)
{
    const struct evidence_series *series = series_at(evidence, index);

    text_format(text, "%s: below its nominal clock for 30 s or more at up to ",
                series->series.name);
    text_milli(text, series->max, 1);
    text_add(text, " C");
    tell_limit(series, text);
    if (series->throttled)
        text_add(text, ", and logged that it did");
    text_add(text, evidence_fan_turns(evidence) ? "; fans turn" : "; no fan could be read");
}

void tell_slow_while_cool(const struct evidence *evidence, unsigned index, struct text *text)
{
    const struct evidence_series *series = series_at(evidence, index);

    text_format(text, "%s: another device made it slow down (PROCHOT) at ", series->series.name);
    text_milli(text, series->prochot_at, 1);
    text_add(text, " C");
    tell_limit(series, text);
    if (series->slow.cool.seen)
        text_add(text, "; it was below its base clock for 30 s or more while it was cool");
}
