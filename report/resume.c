#include "report/resume.h"

#include "base/error.h"
#include "base/text.h"
#include "report/journal.h"

static bool is_done_anew(const char *phase)
{
    return text_equal(phase, "inventory") || text_equal(phase, "baseline") ||
           text_equal(phase, PHASE_OF_VERDICT);
}

/* Whether a word stands in a list between commas. */
static bool has_word(const char *list, const char *word)
{
    while (*list) {
        size_t i = 0;

        while (list[i] && list[i] == word[i] && list[i] != ',')
            i++;
        if (!word[i] && (!list[i] || list[i] == ','))
            return true;
        while (*list && *list != ',')
            list++;
        list += *list == ',';
    }
    return false;
}

static void add_word(char list[NAME_SIZE], const char *word)
{
    char longer[NAME_SIZE];

    if (has_word(list, word))
        return;
    format_text(longer, sizeof(longer), "%s%s%s", list, *list ? "," : "", word);
    copy_text(list, NAME_SIZE, longer);
}

static uint32_t seconds_between(uint64_t begin_us, uint64_t end_us)
{
    uint64_t seconds = end_us > begin_us ? (end_us - begin_us) / 1000000 : 0;

    return seconds < UINT32_MAX ? (uint32_t)seconds : UINT32_MAX;
}

static void take_start(struct resume *resume, const struct event_run_start *start)
{
    resume->number = start->number;
    copy_text(resume->plan, sizeof(resume->plan), start->plan);
    resume->seed = start->seed;
    resume->imaging_s = start->imaging_s;
    resume->imaged_s = start->imaged_s;
    resume->deaths = start->deaths;
    copy_text(resume->done, sizeof(resume->done), start->done);
    copy_text(resume->stopped_at, sizeof(resume->stopped_at), start->stopped_at);
}

static void take_end(struct resume *resume, const struct event_phase_end *end)
{
    if (end->ending == ENDED_DONE && !is_done_anew(end->phase))
        add_word(resume->done, end->phase);
}

/* Counts the death, in the same place as the last one or in another. */
static int count_death(struct resume *resume, const struct event_prior_run *died)
{
    char place[NAME_SIZE];

    format_text(place, sizeof(place), "%s%s%s", died->phase, died->step[0] ? "/" : "", died->step);
    resume->deaths = text_equal(place, resume->stopped_at) ? resume->deaths + 1 : 1;
    copy_text(resume->stopped_at, sizeof(resume->stopped_at), place);
    if (resume->deaths < RESUME_DEATHS_MAX)
        return OK;
    if (!died->phase[0] || is_done_anew(died->phase))
        return ERR_REFUSED;
    copy_text(resume->left_out, sizeof(resume->left_out), died->phase);
    add_word(resume->done, died->phase);
    return OK;
}

/* How long imaging has run, from its begin to its end or to the last event. */
struct stopwatch {
    bool runs;
    uint64_t start_us, last_us;
};

static void watch(struct stopwatch *watch, const struct event *event, struct resume *resume)
{
    bool begins = event->type == EVENT_PHASE_START;

    watch->last_us = event->time_us;
    if (!begins && event->type != EVENT_PHASE_END)
        return;
    if (watch->runs)
        resume->imaged_s += seconds_between(watch->start_us, event->time_us);
    watch->runs = begins && text_equal(event->phase_start.phase, "imaging");
    watch->start_us = event->time_us;
}

int resume_read(const char *journal, size_t size, struct resume *ret_resume)
{
    struct journal_reader reader = journal_read_from(journal, size);
    struct resume resume = {.number = 0};
    struct stopwatch imaging = {.runs = false};
    struct event_prior_run died;
    struct event event;
    int error;

    if (!journal_is_unfinished(journal, size, &died))
        return ERR_FORMAT;
    while (journal_read(&reader, &event)) {
        if (event.type == EVENT_RUN_START)
            take_start(&resume, &event.run_start);
        if (event.type == EVENT_PHASE_END)
            take_end(&resume, &event.phase_end);
        watch(&imaging, &event, &resume);
    }
    if (imaging.runs)
        resume.imaged_s += seconds_between(imaging.start_us, imaging.last_us);
    error = count_death(&resume, &died);
    if (!error)
        *ret_resume = resume;
    return error;
}

bool resume_has_done(const struct resume *resume, const char *phase)
{
    return resume && resume->number && has_word(resume->done, phase);
}
