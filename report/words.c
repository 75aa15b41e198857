#include "report/words.h"

static const char *const verdicts[OVERALLS] = {
    [OVERALL_PASS] = "PASS: nothing faulty was found in what was tested.",
    [OVERALL_FAIL] = "FAIL: a part is faulty, or very likely so.",
    [OVERALL_SUSPECT] = "SUSPECT: a possible fault was seen, and not proven.",
    [OVERALL_INCOMPLETE] = "INCOMPLETE: the run did not test all it was meant to test.",
};

static const char *const advices[OVERALLS] = {
    [OVERALL_PASS] =
        "This says nothing about what was not tested. If the machine still fails in use, "
        "run the overnight plan.",
    [OVERALL_FAIL] = "Do what the findings say, the most certain one first. Then run Assay again.",
    [OVERALL_SUSPECT] = "Run Assay again, with a longer plan, before anything is replaced.",
    [OVERALL_INCOMPLETE] =
        "This is not a pass. Look at what was not tested and why, remove the cause and "
        "run Assay again.",
};

static const char *const certainties[CERTAINTIES] = {
    [POSSIBLE] = "possible: not proven, run again before replacing anything",
    [LIKELY] = "likely: the evidence points at this part",
    [CERTAIN] = "certain: the test shows it directly",
};

static const struct {
    const char *id;
    const char *words;
} findings[] = {
    {"memory-bit-error", "Memory returns wrong bits"},
    {"memory-address-fault", "Two memory addresses reach one cell"},
    {"memory-ecc-corrected", "The memory controller corrected errors"},
    {"memory-ecc-uncorrected", "The memory controller could not correct an error"},
    {"memory-unusable", "A memory module is installed and not usable"},
    {"disk-media", "The drive cannot read some of its sectors"},
    {"disk-link", "The connection to the drive makes errors"},
    {"disk-silent-corruption", "The drive returned changed data without an error"},
    {"disk-slow", "The drive is far below its own pace at times"},
    {"disk-failing", "The drive predicts its own failure"},
    {"disk-hot", "The drive is too hot"},
    {"cooling-fan", "A fan does not do its work"},
    {"cooling-heatsink", "The heat sink does not take the heat away"},
    {"cooling-airflow", "The machine is hot with its fans at full speed"},
    {"cooling-throttle", "The processor slows down because of heat"},
    {"power-voltage", "The power supply is out of its limits"},
    {"cpu-machine-check", "The processor reported an error"},
    {"cpu-compute-error", "The processor computed a wrong result"},
    {"pcie-link-errors", "A PCI Express link makes errors"},
    {"pcie-link-degraded", "A PCI Express link is slower or narrower than it should be"},
    {"reset-under-load", "The machine stopped under load in an earlier run"},
    {"crash-known-driver", "Windows crashed in a driver with a known fault"},
    {"crash-driver-fixed", "Windows crashed although its driver is already fixed"},
    {"crash-hardware", "What Windows recorded points at hardware"},
    {"memory-ok", "Memory was good where tested"},
    {"disk-ok", "Drives were good where tested"},
    {"cooling-ok", "Cooling was good under this load"},
    {"cpu-ok", "The processor was good under this load"},
    {"pcie-ok", "PCI Express links were good"},
};

enum overall words_overall(const struct model *model)
{
    if (!model->has_verdict || model->verdict.overall >= OVERALLS)
        return OVERALL_INCOMPLETE;
    return model->verdict.overall;
}

const char *words_verdict(const struct model *model)
{
    if (!model->has_verdict)
        return "INCOMPLETE: the run came to no verdict; its record breaks off.";
    return verdicts[words_overall(model)];
}

const char *words_advice(const struct model *model)
{
    return advices[words_overall(model)];
}

const char *words_certainty(unsigned certainty)
{
    return certainties[certainty < CERTAINTIES ? certainty : POSSIBLE];
}

const char *words_finding(const char *id)
{
    for (size_t i = 0; i < sizeof(findings) / sizeof(findings[0]); i++) {
        if (text_equal(findings[i].id, id))
            return findings[i].words;
    }
    return id;
}

size_t words_order(const struct model *model, uint8_t order[MODEL_FINDINGS])
{
    size_t count = 0;

    for (unsigned certainty = CERTAINTIES; certainty-- > 0;) {
        for (size_t i = 0; i < model->finding_rows.kept; i++) {
            if (model->findings[i].finding.certainty == certainty)
                order[count++] = (uint8_t)i;
        }
    }
    return count;
}

void text_clock(struct text *text, uint64_t time_us)
{
    uint64_t seconds = time_us / 1000000;

    text_format(text, "%llu:%02u:%02u", (unsigned long long)(seconds / 3600),
                (unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60));
}

void text_date(struct text *text, const struct event_run_start *run)
{
    int zone = run->zone_minutes;

    if (run->year == 0) {
        text_add(text, "unknown");
        return;
    }
    text_format(text, "%04u-%02u-%02u %02u:%02u:%02u ", run->year, run->month, run->day, run->hour,
                run->minute, run->second);
    if (!run->zone_known) {
        text_add(text, "(zone unknown)");
        return;
    }
    text_format(text, "(UTC%c%02d:%02d)", zone < 0 ? '-' : '+', (zone < 0 ? -zone : zone) / 60,
                (zone < 0 ? -zone : zone) % 60);
}

void text_model_part(struct text *text, const struct model *model, part_id part)
{
    const struct event_part *entry = model_part(model, part);
    const char *name = model_part_name(model, part);

    text_add(text, name);
    if (!entry)
        return;
    if (entry->serial[0])
        text_format(text, " (%s)", entry->serial);
    else if (entry->place[0] && !text_equal(entry->place, name))
        text_format(text, " (%s)", entry->place);
}

/* Thousandths of the whole, cut. */
static unsigned permille(uint64_t tested, uint64_t total)
{
    if (tested >= total)
        return total ? 1000 : 0;
    if (total < UINT64_MAX / 1000)
        return (unsigned)(tested * 1000 / total);
    tested /= total / 1000;
    return (unsigned)(tested < 1000 ? tested : 999);
}

void text_coverage(struct text *text, const struct event_coverage *coverage)
{
    if (coverage->unit == COVERAGE_PROCESSORS) {
        text_format(text, "%llu of %llu processors", (unsigned long long)coverage->tested,
                    (unsigned long long)coverage->total);
        return;
    }
    text_amount(text, coverage->tested);
    text_add(text, " of ");
    text_amount(text, coverage->total);
    text_add(text, " (");
    text_milli(text, permille(coverage->tested, coverage->total) * 100, 1);
    text_add(text, " %)");
}

void text_bottleneck(struct text *text, const struct model *model,
                     const struct event_bottleneck *bottleneck)
{
    char drive[WORDS_SIZE];

    text_format(text, "Phase %s: %llu MB/s. ", bottleneck->phase,
                (unsigned long long)(bottleneck->rate / 1000000));
    switch (bottleneck->setter) {
    case PACE_SET_BY_PROCESSORS:
        text_format(text, "The processors set the pace: drives had to wait for %u %% of the time.",
                    bottleneck->drives_wait / 10);
        break;
    case PACE_SET_BY_DRIVE:
        text_format(text,
                    "%s set the pace: it was busy for %u %% of the time, and for %u %% there was "
                    "no block to work on.",
                    words_part(drive, model, bottleneck->part), bottleneck->drive_busy / 10,
                    bottleneck->processors_wait / 10);
        break;
    default:
        text_format(text, "Drives and processors kept each other busy.");
    }
}

void text_rerun(struct text *text, const struct event_run_start *run)
{
    const char *word = run->options;

    text_format(text, "plan=%s seed=0x%016llx", run->plan, (unsigned long long)run->seed);
    while (*word) {
        bool repeated = text_starts(word, "plan=") || text_starts(word, "seed=");

        if (!repeated && *word != ' ')
            text_char(text, ' ');
        for (; *word && *word != ' '; word++) {
            if (!repeated)
                text_char(text, *word);
        }
        while (*word == ' ')
            word++;
    }
}

const char *words_clock(char words[WORDS_SIZE], uint64_t time_us)
{
    struct text text = text_in(words, WORDS_SIZE);

    text_clock(&text, time_us);
    return words;
}

const char *words_amount(char words[WORDS_SIZE], uint64_t bytes)
{
    struct text text = text_in(words, WORDS_SIZE);

    text_amount(&text, bytes);
    return words;
}

const char *words_duration(char words[WORDS_SIZE], uint64_t duration_us)
{
    struct text text = text_in(words, WORDS_SIZE);

    text_duration(&text, duration_us / 1000000);
    return words;
}

const char *words_part(char words[WORDS_SIZE], const struct model *model, part_id part)
{
    struct text text = text_in(words, WORDS_SIZE);

    text_model_part(&text, model, part);
    return words;
}

const char *words_coverage(char words[WORDS_SIZE], const struct event_coverage *coverage)
{
    struct text text = text_in(words, WORDS_SIZE);

    text_coverage(&text, coverage);
    return words;
}

const char *words_found(char words[WORDS_SIZE], const struct event_write_error *error)
{
    struct text text = text_in(words, WORDS_SIZE);

    if (error->found_lba != 0 || error->found_generation != 0)
        text_format(&text, "LBA %llu, generation %llu", (unsigned long long)error->found_lba,
                    (unsigned long long)error->found_generation);
    return words;
}

const char *words_origin(unsigned origin)
{
    static const char *const words[PRIOR_ORIGINS] = {"firmware, last boot (BERT)",
                                                     "firmware's record (variable)",
                                                     "BMC's event log", "device's registers (AER)"};

    return origin < PRIOR_ORIGINS ? words[origin] : "unknown";
}

const char *words_prior(const struct event_prior_error *error)
{
    static const char *const words[PRIOR_SEVERITIES] = {"corrected", "not corrected", "fatal",
                                                        "information"};

    if (error->ended)
        return "ended";
    return error->severity < PRIOR_SEVERITIES ? words[error->severity] : "unknown";
}
