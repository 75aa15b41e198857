/*
 * Memory in the summary: wrong words, the regions they make, pages tested again, and corrected
 * errors.
 */
#include "base/rerun.h"
#include "base/text.h"
#include "report/summary_parts.h"
#include "report/words.h"

enum { ERRORS_SHOWN = 8, REGIONS_SHOWN = 16 };

static void write_errors(struct summary *summary)
{
    const struct model *model = summary->model;
    size_t shown = model->memory_error_rows.kept;

    if (shown == 0)
        return;
    shown = shown < ERRORS_SHOWN ? shown : ERRORS_SHOWN;
    summary_heading(summary, "Memory errors");
    for (size_t i = 0; i < shown; i++) {
        const struct event_memory_error *error = &model->memory_errors[i].memory_error;
        char rerun[RERUN_SIZE];

        summary_say(summary, "* ", "0x%llx: expected %016llx, read %016llx, test %s; %s",
                    (unsigned long long)error->address, (unsigned long long)error->expected,
                    (unsigned long long)error->actual, error->test, words_shape(error->shape));
        summary_say(summary, "  To find it again: ", "%s",
                    words_error_rerun(rerun, model->run_start.seed, error));
    }
    summary_lost(summary, rows_seen(model->memory_error_rows) - shown);
}

static void write_regions(struct summary *summary)
{
    const struct model *model = summary->model;
    size_t shown = model->memory_region_rows.kept;

    if (shown == 0)
        return;
    shown = shown < REGIONS_SHOWN ? shown : REGIONS_SHOWN;
    summary_heading(summary, "Regions of memory errors");
    for (size_t i = 0; i < shown; i++) {
        const struct event_memory_region *region = &model->memory_regions[i].memory_region;
        char words[TEXT_SIZE], rerun[RERUN_SIZE];
        struct text text = text_in(words, sizeof(words));

        text_memory_region(&text, region);
        summary_say(summary, "* ", "%s", words);
        summary_say(summary, "  To find it again: ", "%s",
                    words_region_rerun(rerun, model->run_start.seed, region));
    }
    summary_lost(summary, rows_seen(model->memory_region_rows) - shown);
}

static void write_retests(struct summary *summary)
{
    const struct model *model = summary->model;

    if (model->memory_retest_rows.kept == 0)
        return;
    summary_heading(summary, "Pages tested again at the end of the run");
    for (size_t i = 0; i < model->memory_retest_rows.kept; i++) {
        char words[WORDS_SIZE];

        summary_say(summary, "* ", "%s",
                    words_retest(words, &model->memory_retests[i].memory_retest));
    }
    summary_lost(summary, model->memory_retest_rows.lost);
}

static void write_corrected(struct summary *summary)
{
    const struct model *model = summary->model;

    if (model->corrected_rows.kept == 0)
        return;
    summary_heading(summary, "Corrected errors");
    for (size_t i = 0; i < model->corrected_rows.kept; i++) {
        const struct model_corrected *row = &model->corrected[i];
        uint64_t errors = row->in_run + row->prior;
        char module[TEXT_SIZE], times[WORDS_SIZE];
        struct text text = text_in(times, sizeof(times));

        text_corrected_times(&text, row);
        summary_say(summary, "* ", "processor %u, bank %u, %s, module %s: %llu, %s", row->processor,
                    row->bank, row->what, model_corrected_module(model, row, module),
                    (unsigned long long)errors, times);
    }
    summary_lost(summary, model->corrected_rows.lost);
}

void summary_memory(struct summary *summary)
{
    write_errors(summary);
    write_regions(summary);
    write_retests(summary);
    write_corrected(summary);
}
