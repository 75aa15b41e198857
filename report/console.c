#include "report/console.h"

#include "base/last_words.h"
#include "base/text.h"
#include "report/words.h"

enum {
    PROGRESS_INTERVAL_US = 10 * 1000000,
    TROUBLES_SHOWN = 3,
    REGIONS_SHOWN = 8,
    SENTENCE_SIZE = 640
};

static const char *const trouble_names[TROUBLES] = {
    [DISK_FAULT_MEDIUM] = "unreadable sectors",
    [DISK_FAULT_LINK] = "link errors",
    [DISK_FAULT_ABORTED] = "aborted commands",
    [DISK_FAULT_TIMEOUT] = "timeouts",
    [DISK_FAULT_STALE] = "reads that left their buffer untouched",
    [DISK_FAULT_GONE] = "times gone",
    [TROUBLE_MISMATCH] = "blocks that differed",
    [TROUBLE_WRITE] = "write errors",
    [TROUBLE_MEMORY] = "memory errors",
    [TROUBLE_MACHINE_CHECK] = "machine checks",
    [TROUBLE_PACE] = "slow periods",
};

void console_init(struct console *console, const struct lines *lines)
{
    console->lines = *lines;
    console->words.put = NULL;
    console->next_progress_us = 0;
    console->seed = 0;
    console->regions = console->retests = 0;
    console->untested = (struct untested){.sums = {{{0, 0}}}};
    latest_init(&console->latest);
}

void console_init_words(struct console *console, const struct console_words *words)
{
    console_init(console, &(struct lines){.put = NULL});
    console->words = *words;
}

/* A sentence on one or more lines, the time before it. */
__attribute__((format(printf, 3, 4))) static void
say(struct console *console, const struct event *event, const char *format, ...)
{
    char sentence[SENTENCE_SIZE];
    char time[16];
    struct text text = text_in(sentence, sizeof(sentence));
    struct text prefix = text_in(time, sizeof(time));
    va_list arguments;

    va_start(arguments, format);
    text_format_list(&text, format, arguments);
    va_end(arguments);
    if (console->words.put) {
        console->words.put(console->words.context, event, sentence);
        return;
    }
    text_clock(&prefix, event->time_us);
    text_char(&prefix, ' ');
    lines_wrapped(&console->lines, time, sentence);
}

/* The part's name, in `name`. */
static const char *name_of(const struct console *console, part_id part, char name[TEXT_SIZE])
{
    struct text text = text_in(name, TEXT_SIZE);

    text_part(&text, latest_part(&console->latest, part));
    return name;
}

static void say_run_start(struct console *console, const struct event *event)
{
    const struct event_run_start *run = &event->run_start;

    console->seed = run->seed;
    say(console, event, "Assay %s, plan %s, run %u, seed 0x%016llx", run->version, run->plan,
        (unsigned)run->number, (unsigned long long)run->seed);
    if (run->options[0])
        say(console, event, "options: %s", run->options);
    if (run->inject[0]) {
        say(console, event, "*** INJECTED FAULTS: SELF-TEST *** %s", run->inject);
        say(console, event, "*** Faults below are made by Assay, not by this machine. ***");
    }
}

static void say_part(struct console *console, const struct event *event)
{
    const struct event_part *part = &event->part;
    char sentence[SENTENCE_SIZE];
    struct text text = text_in(sentence, sizeof(sentence));

    if (part->kind == PART_SENSOR || part->kind >= PART_KINDS)
        return;
    text_format(&text, "found %s: %s", part_kind_names[part->kind], part->name);
    if (part->serial[0])
        text_format(&text, ", serial %s", part->serial);
    if (part->size) {
        text_add(&text, ", ");
        text_amount(&text, part->size);
    }
    if (part->place[0])
        text_format(&text, ", %s", part->place);
    say(console, event, "%s", sentence);
}

static void say_phase_start(struct console *console, const struct event *event)
{
    char planned[32];
    struct text text = text_in(planned, sizeof(planned));

    if (event->phase_start.planned_s) {
        text_add(&text, ", ");
        text_duration(&text, event->phase_start.planned_s);
    }
    say(console, event, "phase %s begins%s", event->phase_start.phase, planned);
    console->next_progress_us = event->time_us + PROGRESS_INTERVAL_US;
    console->regions = 0;
}

static void say_untested(struct console *console, const struct event *event, bool counted)
{
    char sums[SENTENCE_SIZE], amount[WORDS_SIZE];
    struct text text = text_in(sums, sizeof(sums));
    uint64_t size = untested_size(&console->untested, counted);

    text_untested(&text, &console->untested, counted);
    if (size)
        say(console, event, "memory not tested, %s: %s: %s", counted ? "free before" : "never free",
            words_amount(amount, size), sums);
}

static void say_phase_end(struct console *console, const struct event *event)
{
    static const char *const words[ENDINGS] = {"is done", "was cut short", "was skipped"};

    say_untested(console, event, true);
    say_untested(console, event, false);
    console->untested = (struct untested){.sums = {{{0, 0}}}};
    say(console, event, "phase %s %s", event->phase_end.phase,
        event->phase_end.ending < ENDINGS ? words[event->phase_end.ending] : "ended");
}

/* ", disks 512 MB/s": nothing where nothing is measured. */
static void add_throughput(struct text *text, const char *what, uint64_t bytes)
{
    if (bytes)
        text_format(text, ", %s %llu MB/s", what, (unsigned long long)(bytes / 1000000));
}

static void add_reading(struct text *text, const struct latest_series *series)
{
    if (!series)
        return;
    text_format(text, ", %.20s ", series->name);
    text_sample(text, series->quantity, series->value);
}

static void say_progress(struct console *console, const struct event *event)
{
    const struct latest *latest = &console->latest;
    char sentence[SENTENCE_SIZE];
    struct text text = text_in(sentence, sizeof(sentence));

    if (event->time_us < console->next_progress_us)
        return;
    console->next_progress_us = event->time_us + PROGRESS_INTERVAL_US;
    text_format(&text, "%s ", event->progress.phase);
    text_milli(&text, event->progress.permille * 100, 1);
    text_add(&text, "%, ");
    text_duration(&text, event->progress.left_s);
    text_add(&text, " left");
    add_throughput(&text, "disks", latest_throughput(latest, PART_DISK, event->time_us));
    add_throughput(&text, "memory", latest_throughput(latest, PART_MEMORY, event->time_us));
    add_reading(&text, latest_hottest(latest, event->time_us));
    add_reading(&text, latest_slowest_fan(latest, event->time_us));
    say(console, event, "%s", sentence);
}

static void say_sensor_state(struct console *console, const struct event *event)
{
    const struct event_sensor_state *state = &event->sensor_state;
    const struct latest_series *series = latest_series(&console->latest, state->series);
    const char *what = "is within its limits again";

    if (!series)
        return;
    if (state->silent)
        what = "gives no reading any more";
    else if (state->below_critical)
        what = "IS BELOW ITS CRITICAL LIMIT";
    else if (state->above_critical)
        what = "IS ABOVE ITS CRITICAL LIMIT";
    else if (state->slow_when_hot)
        what = "has slowed its processor down for long";
    else if (state->throttled)
        what = "slows its processor down";
    else if (state->prochot)
        what = "is of a processor that another device slows down";
    say(console, event, "sensor %s %s", series->name, what);
}

static void say_coverage(struct console *console, const struct event *event)
{
    const struct event_coverage *coverage = &event->coverage;
    char name[TEXT_SIZE], amount[64];
    struct text text = text_in(amount, sizeof(amount));

    text_coverage(&text, coverage);
    say(console, event, "%s: %s tested, %s", coverage->phase, amount,
        name_of(console, coverage->part, name));
}

static void add_untested(struct console *console, const struct event *event)
{
    untested_add(&console->untested, &event->untested_range);
}

static void say_memory_error(struct console *console, const struct event *event)
{
    static const char *const again[REPEATS] = {"", ", held when tested again",
                                               ", FAILED AGAIN when tested again"};
    const struct event_memory_error *error = &event->memory_error;
    char rerun[RERUN_SIZE];

    say(console, event,
        "MEMORY ERROR at 0x%llx: expected %016llx, read %016llx, test %s, processor %u%s; %s; to "
        "find it again: %s",
        (unsigned long long)error->address, (unsigned long long)error->expected,
        (unsigned long long)error->actual, error->test, error->processor,
        error->repeat < REPEATS ? again[error->repeat] : "", words_shape(error->shape),
        words_error_rerun(rerun, console->seed, error));
}

static void say_memory_region(struct console *console, const struct event *event)
{
    char words[TEXT_SIZE];
    struct text text = text_in(words, sizeof(words));

    console->regions++;
    if (console->regions == REGIONS_SHOWN + 1)
        say(console, event, "more regions of memory errors are in the report");
    if (console->regions > REGIONS_SHOWN)
        return;
    text_memory_region(&text, &event->memory_region);
    say(console, event, "MEMORY ERRORS from %s", words);
}

static void say_memory_retest(struct console *console, const struct event *event)
{
    char words[WORDS_SIZE];

    if (console->retests++ < REGIONS_SHOWN)
        say(console, event, "tested again at the end: %s",
            words_retest(words, &event->memory_retest));
}

static void say_disk_error(struct console *console, const struct event *event)
{
    const struct event_disk_error *error = &event->disk_error;
    char name[TEXT_SIZE];

    say(console, event, "DISK ERROR (%s) on %s at LBA %llu, %u blocks%s: %s",
        error->fault < DISK_FAULTS ? disk_fault_names[error->fault] : "unknown",
        name_of(console, error->part, name), (unsigned long long)error->lba,
        (unsigned)error->blocks, error->again ? ", again" : "", error->status);
}

static void say_mismatch(struct console *console, const struct event *event)
{
    const struct event_mismatch *mismatch = &event->mismatch;
    char name[TEXT_SIZE];

    say(console, event, "DATA DIFFERS (%s) on %s at LBA %llu: %u bits, %u whole sectors%s%s",
        mismatch->hop < HOPS ? hop_names[mismatch->hop] : "unknown",
        name_of(console, mismatch->part, name), (unsigned long long)mismatch->lba,
        (unsigned)mismatch->bits, (unsigned)mismatch->whole_sectors,
        mismatch->page == REPEAT_FAILED ? ", the memory page fails alone" : "",
        mismatch->again ? ", again at a second read" : "");
}

static void say_write_error(struct console *console, const struct event *event)
{
    const struct event_write_error *error = &event->write_error;
    char name[TEXT_SIZE], found[WORDS_SIZE];

    say(console, event,
        "WRITE ERROR (%s) on %s at LBA %llu: generation %llu should be there%s%s%s%s%s",
        error->fault < WRITE_FAULTS ? write_fault_names[error->fault] : "unknown",
        name_of(console, error->part, name), (unsigned long long)error->lba,
        (unsigned long long)error->generation, *words_found(found, error) ? ", there is " : "",
        found, error->again ? ", again" : "", error->status[0] ? ": " : "", error->status);
}

static void say_pace(struct console *console, const struct event *event)
{
    const struct event_pace *pace = &event->pace;
    char name[TEXT_SIZE];

    say(console, event, "SLOW: %s at LBA %llu: %llu MB/s for %u s, its usual pace is %llu MB/s",
        name_of(console, pace->part, name), (unsigned long long)pace->lba,
        (unsigned long long)(pace->slow / 1000000), (unsigned)pace->duration_s,
        (unsigned long long)(pace->usual / 1000000));
}

static void say_machine_check(struct console *console, const struct event *event)
{
    const struct event_machine_check *check = &event->machine_check;

    say(console, event, "MACHINE CHECK%s: processor %u, bank %u, status %016llx",
        check->prior ? " from before this run" : "", check->processor, check->bank,
        (unsigned long long)check->status);
}

static void say_pcie_error(struct console *console, const struct event *event)
{
    const struct event_pcie_error *error = &event->pcie_error;

    say(console, event, "PCI EXPRESS ERROR, %s: %s: %s",
        error->uncorrected ? "not corrected" : "corrected", error->place, error->text);
}

/* As it was at the beginning it stands in the report. */
static void say_pcie_link(struct console *console, const struct event *event)
{
    static const char *const words[LINK_CHANGES] = {
        [LINK_LOWER] = "SLOWER OR NARROWER", [LINK_LOST] = "LOST", [LINK_BACK] = "as it was again"};
    const struct event_pcie_link *link = &event->pcie_link;

    if (link->change < LINK_CHANGES && words[link->change])
        say(console, event, "PCI EXPRESS LINK, %s: %s%s%s (%s): %s", words[link->change],
            link->port, link->port[0] ? " to " : "", link->device, link->name, link->text);
}

static void say_last_moments(struct console *console, const struct event *event)
{
    static const char separator[] = "; ";
    char sentence[TEXT_SIZE];
    struct text text = text_in(sentence, sizeof(sentence));

    text_last_moments(&text, &event->prior_run);
    if (text.length)
        say(console, event, "run %u: %s", (unsigned)event->prior_run.number,
            sentence + sizeof(separator) - 1);
}

static void say_prior_run(struct console *console, const struct event *event)
{
    char after[32];
    struct text text = text_in(after, sizeof(after));

    text_duration(&text, event->prior_run.after_s);
    say(console, event, "run %u has no end: it stopped after %s in phase %s%s%s",
        (unsigned)event->prior_run.number, after, event->prior_run.phase,
        event->prior_run.step[0] ? ", in step " : "", event->prior_run.step);
    say_last_moments(console, event);
}

static void say_restart(struct console *console, const struct event *event)
{
    if (event->restart.cause != RESTART_UNKNOWN)
        say(console, event, "%s says of the last restart: %s",
            restart_witness_words(event->restart.witness), restart_words(event->restart.cause));
}

static void say_change(struct console *console, const struct event *event)
{
    say(console, event, "since %s: %s", event->change.run, event->change.text);
}

static void say_prior_error(struct console *console, const struct event *event)
{
    const struct event_prior_error *error = &event->prior_error;

    if (!error->ended)
        say(console, event, "from before this run: %s%s%s", error->text, error->when[0] ? ", " : "",
            error->when);
}

static void say_not_tested(struct console *console, const struct event *event)
{
    say(console, event, "not tested: %s: %s", event->not_tested.subsystem,
        event->not_tested.reason);
}

static void say_note(struct console *console, const struct event *event)
{
    static const char *const words[SEVERITIES] = {"note: ", "WARNING: ", "ERROR in Assay: "};

    say(console, event, "%s%s",
        event->note.severity < SEVERITIES ? words[event->note.severity] : "", event->note.text);
}

static void say_finding(struct console *console, const struct event *event)
{
    const struct event_finding *finding = &event->finding;

    say(console, event, "FOUND %s (%s): %s", finding->id,
        finding->certainty < CERTAINTIES ? certainty_names[finding->certainty] : "possible",
        finding->component);
}

static void say_good(struct console *console, const struct event *event)
{
    say(console, event, "good: %s: %s", event->good.id, event->good.evidence);
}

/* Before the verdict: how many there were of what was only shown in part. */
static void say_totals(struct console *console, const struct event *event)
{
    char name[TEXT_SIZE];

    for (size_t i = 0; i < console->latest.part_count; i++) {
        const struct latest_part *part = &console->latest.parts[i];

        for (unsigned trouble = 0; trouble < TROUBLES; trouble++) {
            if (part->troubles[trouble] > TROUBLES_SHOWN)
                say(console, event, "in all %u %s: %s", (unsigned)part->troubles[trouble],
                    trouble_names[trouble], name_of(console, part->part, name));
        }
    }
}

static void (*const says[EVENT_TYPES])(struct console *, const struct event *) = {
    [EVENT_RUN_START] = say_run_start,
    [EVENT_PART] = say_part,
    [EVENT_PHASE_START] = say_phase_start,
    [EVENT_PROGRESS] = say_progress,
    [EVENT_PHASE_END] = say_phase_end,
    [EVENT_SENSOR_STATE] = say_sensor_state,
    [EVENT_COVERAGE] = say_coverage,
    [EVENT_UNTESTED_RANGE] = add_untested,
    [EVENT_MEMORY_ERROR] = say_memory_error,
    [EVENT_MEMORY_REGION] = say_memory_region,
    [EVENT_MEMORY_RETEST] = say_memory_retest,
    [EVENT_DISK_ERROR] = say_disk_error,
    [EVENT_MISMATCH] = say_mismatch,
    [EVENT_WRITE_ERROR] = say_write_error,
    [EVENT_PACE] = say_pace,
    [EVENT_MACHINE_CHECK] = say_machine_check,
    [EVENT_PCIE_ERROR] = say_pcie_error,
    [EVENT_PCIE_LINK] = say_pcie_link,
    [EVENT_PRIOR_RUN] = say_prior_run,
    [EVENT_RESTART] = say_restart,
    [EVENT_CHANGE] = say_change,
    [EVENT_PRIOR_ERROR] = say_prior_error,
    [EVENT_NOT_TESTED] = say_not_tested,
    [EVENT_NOTE] = say_note,
    [EVENT_FINDING] = say_finding,
    [EVENT_GOOD] = say_good,
    [EVENT_VERDICT] = say_totals,
};

static bool is_power_of_ten(uint32_t count)
{
    while (count >= 10 && count % 10 == 0)
        count /= 10;
    return count == 1;
}

/* False for one error of many, which is only counted; says the count now and then. */
static bool is_worth_a_line(struct console *console, const struct event *event)
{
    part_id part;
    enum trouble trouble;
    uint32_t count;
    char name[TEXT_SIZE];

    if (!latest_trouble(event, &part, &trouble))
        return true;
    count = latest_part(&console->latest, part)->troubles[trouble];
    if (count <= TROUBLES_SHOWN)
        return true;
    if (is_power_of_ten(count))
        say(console, event, "%u %s so far: %s", (unsigned)count, trouble_names[trouble],
            name_of(console, part, name));
    return false;
}

void console_event(struct console *console, const struct event *event)
{
    latest_event(&console->latest, event);
    if (event->type < EVENT_TYPES && says[event->type] && is_worth_a_line(console, event))
        says[event->type](console, event);
}
