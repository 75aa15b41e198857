#include "diagnosis/judge.h"

#include "base/text.h"
#include "diagnosis/verdicts.h"

static bool any_finding(const struct event_finding *findings, unsigned count,
                        enum subsystem subsystem)
{
    for (unsigned i = 0; i < count; i++) {
        enum verdict verdict = verdict_find(findings[i].id);

        if (verdict < VERDICTS && verdicts[verdict].subsystem == subsystem)
            return true;
    }
    return false;
}

static bool enough(uint64_t tested, uint64_t total)
{
    return tested > 0 && total > 0 && tested >= total / 100 * MEMORY_TRIED_PERCENT;
}

static void tell_amount(uint64_t tested, uint64_t total, const char *what, struct text *text)
{
    text_amount(text, tested);
    text_add(text, " of ");
    text_amount(text, total);
    text_format(text, " %s", what);
}

static bool memory_is_good(const struct evidence *evidence, struct text *text)
{
    uint64_t total;
    uint64_t tested = evidence_tested(evidence, PART_ALL_MEMORY, "memory", &total);

    if (!enough(tested, total))
        return false;
    tell_amount(tested, total, "tested, and no word was wrong", text);
    return true;
}

static bool is_declared_untested(const struct evidence *evidence, part_id part)
{
    for (unsigned i = 0; i < evidence->gap_count; i++) {
        const struct event_not_tested *gap = &evidence->gaps[i];

        /* A drive whose health cannot be read can be good all the same. */
        if (gap->part == part && !text_equal(gap->subsystem, "drive-health"))
            return true;
    }
    return false;
}

/* Bytes of a part that were read again, a third time counted as well. */
static uint64_t read_again(const struct evidence *evidence, part_id part)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < evidence->coverage_count; i++) {
        const struct event_coverage *coverage = &evidence->coverages[i];

        if (coverage->part == part && coverage->moved > coverage->tested)
            sum += coverage->moved - coverage->tested;
    }
    return sum;
}

static bool disks_are_good(const struct evidence *evidence, struct text *text)
{
    uint64_t total, sum = 0, again = 0;
    unsigned drives = 0;

    for (unsigned i = 0; i < evidence->drive_count; i++) {
        uint64_t tested = evidence_tested(evidence, evidence->drives[i].part, NULL, &total);

        if (is_declared_untested(evidence, evidence->drives[i].part))
            continue;
        if (!tested)
            return false;
        sum += tested;
        again += read_again(evidence, evidence->drives[i].part);
        drives++;
    }
    text_format(text, "%u drives read, ", drives);
    text_amount(text, sum);
    text_add(text, " in all, ");
    text_amount(text, again);
    text_add(text, " read again, and no block differed");
    return drives > 0;
}

/* A gap about a subsystem as a whole. */
static bool is_gap(const struct evidence *evidence, const char *subsystem)
{
    for (unsigned i = 0; i < evidence->gap_count; i++) {
        if (evidence->gaps[i].part == 0 && text_equal(evidence->gaps[i].subsystem, subsystem))
            return true;
    }
    return false;
}

/* A limit above it is none. */
enum { MILLIWATTS_SANE = 400000 };

bool judge_loaded_little(const struct evidence *evidence, char *reason)
{
    struct text text = text_in(reason, TEXT_SIZE);

    for (unsigned i = 0; i < evidence->series_count; i++) {
        const struct event_series *power = &evidence->series[i].series;
        const struct thermal *thermal = &evidence->series[i].thermal;

        if (power->quantity != QUANTITY_POWER || !power->has_high ||
            power->high > MILLIWATTS_SANE || !thermal->has_level ||
            thermal->top >= power->high / 100 * COOLING_LOADED_PERCENT)
            continue;
        text_format(&text, "not loaded fully: %s reached ", power->name);
        text_milli(&text, thermal->top, 0);
        text_add(&text, " W of the ");
        text_milli(&text, power->high, 0);
        text_format(&text, " W it may draw; %d %% is needed", COOLING_LOADED_PERCENT);
        return true;
    }
    return false;
}

static bool cooling_is_good(const struct evidence *evidence, struct text *text)
{
    char reason[TEXT_SIZE];

    text_add(text, "fans turn, and no temperature was beyond its limit");
    return evidence_fan_turned(evidence) && !is_gap(evidence, "cooling") &&
           !judge_loaded_little(evidence, reason);
}

static uint64_t bytes_hashed(const struct evidence *evidence)
{
    for (unsigned i = 0; i < evidence->coverage_count; i++) {
        if (evidence->coverages[i].part == PART_ALL_PROCESSORS &&
            text_equal(evidence->coverages[i].phase, "hash"))
            return evidence->coverages[i].moved;
    }
    return 0;
}

static bool cpu_is_good(const struct evidence *evidence, struct text *text)
{
    uint64_t total;
    uint64_t read = evidence_tested(evidence, PART_ALL_PROCESSORS, "machine-check", &total);
    uint64_t hashed = bytes_hashed(evidence);

    text_amount(text, hashed);
    text_format(text, " hashed and compared, machine-check banks of %llu processors read",
                (unsigned long long)read);
    return read > 0 && read == total && hashed > 0 && !is_gap(evidence, "cpu");
}

unsigned judge_good(const struct evidence *evidence, const struct event_finding *findings,
                    unsigned finding_count, struct event_good *ret, unsigned limit)
{
    static const struct {
        const char *id;
        enum subsystem subsystem;
        bool (*is_good)(const struct evidence *evidence, struct text *text);
    } subsystems[] = {
        {"memory-ok", SUBSYSTEM_MEMORY, memory_is_good},
        {"disk-ok", SUBSYSTEM_DISK, disks_are_good},
        {"cooling-ok", SUBSYSTEM_COOLING, cooling_is_good},
        {"cpu-ok", SUBSYSTEM_CPU, cpu_is_good},
    };
    unsigned count = 0;

    for (size_t i = 0; i < sizeof(subsystems) / sizeof(subsystems[0]) && count < limit; i++) {
        struct text text = text_in(ret[count].evidence, sizeof(ret[count].evidence));

        if (any_finding(findings, finding_count, subsystems[i].subsystem) ||
            !subsystems[i].is_good(evidence, &text))
            continue;
        copy_text(ret[count++].id, sizeof(ret->id), subsystems[i].id);
    }
    return count;
}

static bool was_cut(const struct evidence *evidence, struct text *text)
{
    for (unsigned i = 0; i < evidence->phase_count; i++) {
        const struct evidence_phase *phase = &evidence->phases[i];

        if (phase->ended && phase->ending == ENDED_CUT) {
            text_format(text, "the phase %s was cut short", phase->name);
            return true;
        }
    }
    if (evidence->run_ended && evidence->run_ending != ENDED_DONE) {
        text_add(text, "the run was cut short");
        return true;
    }
    return false;
}

static bool subject_is_untested(const struct evidence *evidence, struct text *text)
{
    for (unsigned i = 0; i < evidence->gap_count; i++) {
        if (evidence->gaps[i].subject) {
            text_format(text, "%s not tested: %s", evidence->gaps[i].subsystem,
                        evidence->gaps[i].reason);
            return true;
        }
    }
    return false;
}

static bool memory_is_untried(const struct evidence *evidence, struct text *text)
{
    uint64_t total;
    uint64_t tested = evidence_tested(evidence, PART_ALL_MEMORY, "memory", &total);

    if (!evidence_has_phase(evidence, "memory") || enough(tested, total))
        return false;
    if (tested) {
        tell_amount(tested, total, "of memory tried; ", text);
        text_format(text, "%d %% is needed", MEMORY_TRIED_PERCENT);
    } else {
        text_add(text, "memory was not tested");
    }
    return true;
}

static bool imaging_had_no_drive(const struct evidence *evidence, struct text *text)
{
    uint64_t total;

    if (!evidence_has_phase(evidence, "imaging"))
        return false;
    for (unsigned i = 0; i < evidence->drive_count; i++) {
        if (evidence_tested(evidence, evidence->drives[i].part, "imaging", &total))
            return false;
    }
    text_add(text, "imaging without a drive");
    return true;
}

enum overall judge_overall(const struct evidence *evidence, const struct event_finding *findings,
                           unsigned finding_count, char *reason)
{
    struct text text = text_in(reason, TEXT_SIZE);

    if (finding_count > 0) {
        /* the first is the most serious one */
        text_format(&text, "%s, %s: %s", findings[0].id,
                    certainty_names[findings[0].certainty % CERTAINTIES], findings[0].component);
        return findings[0].certainty >= LIKELY ? OVERALL_FAIL : OVERALL_SUSPECT;
    }
    if (was_cut(evidence, &text) || subject_is_untested(evidence, &text) ||
        memory_is_untried(evidence, &text) || imaging_had_no_drive(evidence, &text))
        return OVERALL_INCOMPLETE;
    text_add(&text, "nothing was found in what was tested");
    return OVERALL_PASS;
}
