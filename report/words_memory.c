#include "base/rerun.h"
#include "report/words.h"

static const char *const shapes[SHAPES] = {
    [SHAPE_UNKNOWN] = "not known what it is",
    [SHAPE_STUCK_AT_0] = "stuck at 0",
    [SHAPE_STUCK_AT_1] = "stuck at 1",
    [SHAPE_TRANSITION] = "a bit that does not always change",
    [SHAPE_COUPLING] = "changed by writes to other cells",
    [SHAPE_DECODER] = "two addresses reach it",
    [SHAPE_FADING] = "fades within milliseconds",
    [SHAPE_TRANSIENT] = "held in every try",
    [SHAPE_DMA_ONLY] = "wrong only while a drive moved data",
    [SHAPE_HOT_ONLY] = "wrong only when it was warm",
    [SHAPE_DISTURBED] = "wrong only after row activation",
};

const char *words_shape(unsigned shape)
{
    return shapes[shape < SHAPES ? shape : SHAPE_UNKNOWN];
}

void text_memory_region(struct text *text, const struct event_memory_region *region)
{
    text_format(text, "0x%llx to 0x%llx: %llu wrong words in ", (unsigned long long)region->start,
                (unsigned long long)region->end, (unsigned long long)region->words);
    if (region->pages == 1)
        text_add(text, "one page");
    else
        text_format(text, "%llu pages", (unsigned long long)region->pages);
    if (region->ones)
        text_format(text, ", read 1 for 0: bits 0x%llx", (unsigned long long)region->ones);
    if (region->zeros)
        text_format(text, ", read 0 for 1: bits 0x%llx", (unsigned long long)region->zeros);
    text_format(text, "; %s; tests %s", words_shape(region->shape), region->tests);
}

/* Errors a minute in thousandths, over the time from the first to the last, a minute at least. */
static int64_t rate(const struct model_corrected *row)
{
    const uint64_t minute_us = 60000000, most = 100000000;
    uint64_t span_us = row->last_us - row->first_us;
    uint64_t errors = row->in_run < most ? row->in_run : most;

    return (int64_t)(errors * minute_us * 1000 / (span_us < minute_us ? minute_us : span_us));
}

void text_corrected_times(struct text *text, const struct model_corrected *row)
{
    if (row->in_run) {
        text_clock(text, row->first_us);
        text_add(text, " to ");
        text_clock(text, row->last_us);
        text_add(text, ", ");
        text_milli(text, rate(row), 1);
        text_add(text, " a minute");
    }
    if (row->prior && row->in_run)
        text_format(text, "; %llu of them from before this run", (unsigned long long)row->prior);
    else if (row->prior)
        text_add(text, "from before this run");
}

const char *words_retest(char words[WORDS_SIZE], const struct event_memory_retest *retest)
{
    static const char *const again[REPEATS] = {"not tried", "held", "failed again"};
    struct text text = text_in(words, WORDS_SIZE);

    text_format(&text, "page 0x%llx: %s", (unsigned long long)retest->address,
                retest->repeat < REPEATS ? again[retest->repeat] : "");
    if (retest->has_temperature) {
        text_add(&text, " at ");
        text_milli(&text, retest->temperature, 1);
        text_add(&text, " C");
    } else {
        text_add(&text, ", the temperature is not known");
    }
    text_format(&text, "; %s", words_shape(retest->shape));
    return words;
}

const char *words_error_rerun(char words[RERUN_SIZE], uint64_t seed,
                              const struct event_memory_error *error)
{
    struct text text = text_in(words, RERUN_SIZE);

    text_memory_rerun(&text, memory_range_of_error(error), error->test, seed);
    text_add(&text, memory_rerun_note(error->test));
    return words;
}

const char *words_region_rerun(char words[RERUN_SIZE], uint64_t seed,
                               const struct event_memory_region *region)
{
    struct text text = text_in(words, RERUN_SIZE);

    text_memory_rerun(&text, memory_range_of_region(region), region->tests, seed);
    text_add(&text, memory_rerun_note(region->tests));
    return words;
}
