/*
 * The end of a run: the counters' last look, what was found, what is good, the verdict.
 */
#include <string.h>

#include "base/text.h"
#include "efi/run.h"

static void emit_findings(struct run *run)
{
    run->finding_count = judge(&run->recorder->evidence, run->findings, RUN_FINDINGS);
    for (unsigned i = 0; i < run->finding_count; i++) {
        struct event event = {.type = EVENT_FINDING, .finding = run->findings[i]};

        emit(run->sink, &event);
    }
}

/* Runs without an end that are no finding, for somebody ended them. */
static void note_ended_runs(struct run *run)
{
    char sentence[TEXT_SIZE];

    if (judge_ended_runs(&run->recorder->evidence, sentence, sizeof(sentence)))
        emit_note(run->sink, SEVERITY_INFO, "%s", sentence);
}

static void emit_goods(struct run *run)
{
    struct event_good goods[GOODS_LIMIT];
    unsigned count =
        judge_good(&run->recorder->evidence, run->findings, run->finding_count, goods, GOODS_LIMIT);

    for (unsigned i = 0; i < count; i++) {
        struct event event = {.type = EVENT_GOOD, .good = goods[i]};

        emit(run->sink, &event);
    }
}

/* What was watched and computed on the processors, as coverage like that of any other part. */
static void emit_processor_coverage(struct run *run)
{
    struct event event = {.type = EVENT_COVERAGE,
                          .coverage = {.part = PART_ALL_PROCESSORS, .unit = COVERAGE_PROCESSORS}};

    copy_text(event.coverage.phase, sizeof(event.coverage.phase), "machine-check");
    event.coverage.total = run->machine->processors_present;
    event.coverage.tested = run->boot_banks ? run->machine->processors_working : 0;
    emit(run->sink, &event);
    if (!run->boot_banks)
        emit_not_tested(run->sink, "machine-checks", PART_ALL_PROCESSORS, false,
                        "the processor has no machine-check banks");
    copy_text(event.coverage.phase, sizeof(event.coverage.phase), "hash");
    event.coverage.unit = COVERAGE_BYTES;
    event.coverage.tested = event.coverage.total = event.coverage.moved = run->hashed;
    if (run->hashed)
        emit(run->sink, &event);
}

static void emit_load(struct run *run)
{
    char reason[TEXT_SIZE];

    if (judge_loaded_little(&run->recorder->evidence, reason))
        emit_not_tested(run->sink, "cooling", 0, false, "%s", reason);
}

/* Neither the BMC nor the SMBus is left in the middle of a transaction. */
static void stop_sensors(struct run *run)
{
    uint64_t end_us = recorder_now_us(run->recorder) + KCS_TRANSACTION_US;
    bool bmc = false, bus = false;

    if (!run->config.sensors)
        return;
    superio_stop(&run->superio);
    while (!(bmc && bus) && recorder_now_us(run->recorder) < end_us) {
        bmc = bmc || ipmi_stop(&run->ipmi);
        bus = bus || dimm_stop(&run->dimms);
    }
}

/* What the guard did not let through; there should never be any. */
static void tell_refusals(struct run *run)
{
    const struct guard *guard = &run->guard;

    for (unsigned i = 0; i < guard->refused && i < GUARD_REFUSALS_KEPT; i++)
        emit_note(run->sink, SEVERITY_ERROR,
                  "A sensor's driver was kept from writing %llXh to %s %Xh (%u such writes)",
                  (unsigned long long)guard->refusals[i].value,
                  guard_what_names[guard->refusals[i].what], guard->refusals[i].at, guard->refused);
}

static void emit_end(struct run *run, bool cut)
{
    struct event event = {.type = EVENT_RUN_END};

    event.run_end.ending = cut ? ENDED_CUT : ENDED_DONE;
    emit(run->sink, &event);
}

enum overall run_verdict(struct run *run)
{
    struct event event = {.type = EVENT_VERDICT};
    bool cut = run->stopped; /* Esc from here on comes too late */
    enum overall overall;

    run_tasks(run);
    run_settle_sensors(run);
    stop_sensors(run);
    tell_refusals(run);
    run_read_health(run, MOMENT_END);
    run_read_links(run);
    run_tell_sensing(run);
    emit_processor_coverage(run);
    note_ended_runs(run);
    emit_load(run);
    emit_findings(run);
    emit_goods(run);
    if (run->config.compare)
        run->config.compare(run->recorder);
    run_end_phase(run, ENDED_DONE);
    overall = judge_overall(&run->recorder->evidence, run->findings, run->finding_count,
                            event.verdict.reason);
    event.verdict.overall = (uint8_t)overall;
    emit(run->sink, &event);
    recorder_flush(run->recorder);
    emit_end(run, cut);
    return overall;
}
