#include "report/memtest86.h"

#include "base/text.h"
#include "report/words.h"

enum { COVERED_ENOUGH_PERCENT = 97 };

/* The best certainty of a finding about memory; -1 without one. */
static int surest_of_memory(const struct model *model)
{
    int surest = -1;

    for (uint32_t i = 0; i < model->finding_rows.kept; i++) {
        const struct event_finding *finding = &model->findings[i].finding;

        if (text_starts(finding->id, "memory-") && finding->certainty > surest)
            surest = finding->certainty;
    }
    return surest;
}

static bool memory_was_done(const struct model *model)
{
    for (uint32_t i = 0; i < model->phase_rows.kept; i++) {
        const struct model_phase *phase = &model->phases[i];

        if (text_equal(phase->name, "memory") && phase->ended && phase->ending == ENDED_DONE)
            return true;
    }
    return false;
}

/* True when options left memory out. */
static bool was_confined(const struct model *model)
{
    const char *options = model->run_start.options;

    for (const char *at = options; *at; at++) {
        if (at != options && at[-1] != ' ')
            continue;
        if ((text_starts(at, "memory=") && !text_starts(at, "memory=all")) ||
            (text_starts(at, "range=") && !text_starts(at, "range=all")))
            return true;
    }
    return false;
}

/* The coverage of the memory test, where much of the memory is left; NULL otherwise. */
static const struct event_coverage *coverage_with_gaps(const struct model *model)
{
    if (!memory_was_done(model) || was_confined(model))
        return NULL;
    for (uint32_t i = 0; i < model->coverage_rows.kept; i++) {
        const struct event_coverage *coverage = &model->coverages[i].coverage;

        if (coverage->part == PART_ALL_MEMORY && text_equal(coverage->phase, "memory"))
            return coverage->tested < coverage->total / 100 * COVERED_ENOUGH_PERCENT ? coverage
                                                                                     : NULL;
    }
    return NULL;
}

bool memtest86_advice(const struct model *model, char buffer[MEMTEST86_ADVICE_SIZE])
{
    const struct event_coverage *gaps = coverage_with_gaps(model);
    struct text text = text_in(buffer, MEMTEST86_ADVICE_SIZE);
    char untested[WORDS_SIZE];
    int surest = surest_of_memory(model);

    if (surest > POSSIBLE || (surest < POSSIBLE && !gaps))
        return false;
    if (gaps)
        text_format(&text,
                    "%s of memory were not tested; memtest86+ also reaches what the firmware holds "
                    "while Assay runs. ",
                    words_amount(untested, gaps->total - gaps->tested));
    if (surest == POSSIBLE)
        text_add(&text, "This run is not sure of the memory, and memtest86+ is a second opinion. ");
    text_format(&text,
                "Start it from Assay's menu or with plan=memtest86+ and let it make %s: it never "
                "returns and writes no report, so read its screen.",
                surest == POSSIBLE ? "several passes" : "a whole pass");
    return true;
}
