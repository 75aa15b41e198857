/*
 * Memory that no test looked at, in the summary: sums, and the largest ranges of what was free.
 */
#include "report/summary_parts.h"
#include "report/untested.h"
#include "report/words.h"

enum { LARGEST_SHOWN = 3 };

static void write_sums(struct summary *summary, const struct untested *untested, bool counted)
{
    for (unsigned i = 0; i < HOLDERS; i++) {
        char amount[WORDS_SIZE];

        if (untested->sums[counted][i].size)
            summary_say(summary, "* ", "%s: %s, ranges: %u", words_holder(i),
                        words_amount(amount, untested->sums[counted][i].size),
                        untested->sums[counted][i].ranges);
    }
}

/* The largest range that is no larger than the one before it; equal ones in their order. */
static const struct event_untested_range *next_largest(const struct model *model,
                                                       const struct event_untested_range *before)
{
    const struct event_untested_range *best = NULL;

    for (size_t i = 0; i < model->untested_rows.kept; i++) {
        const struct event_untested_range *range = &model->untested_ranges[i];
        bool comes_after = !before || range->size < before->size ||
                           (range->size == before->size && range > before);

        if (range->counted && range->holder != HELD_BY_MANY && comes_after &&
            (!best || range->size > best->size))
            best = range;
    }
    return best;
}

static void write_largest(struct summary *summary)
{
    const struct event_untested_range *range = next_largest(summary->model, NULL);

    for (unsigned i = 0; i < LARGEST_SHOWN && range; i++) {
        char amount[WORDS_SIZE];

        summary_say(summary, "    ", "0x%llx to 0x%llx: %s, %s", (unsigned long long)range->start,
                    (unsigned long long)range->end, words_amount(amount, range->size),
                    words_holder(range->holder));
        range = next_largest(summary->model, range);
    }
}

void summary_untested(struct summary *summary)
{
    const struct model *model = summary->model;
    struct untested untested = {.sums = {{{0, 0}}}};

    for (size_t i = 0; i < model->untested_rows.kept; i++)
        untested_add(&untested, &model->untested_ranges[i]);
    if (model->untested_rows.kept == 0)
        return;
    summary_heading(summary, "Memory that no test looked at");
    if (untested_size(&untested, true)) {
        summary_say(summary, "", "Of the memory that was free when Assay started:");
        write_sums(summary, &untested, true);
        summary_say(summary, "", "The largest of these ranges:");
        write_largest(summary);
    }
    if (untested_size(&untested, false)) {
        summary_say(summary, "", "Never free, by the firmware's map:");
        write_sums(summary, &untested, false);
    }
    summary_lost(summary, model->untested_rows.lost);
}
