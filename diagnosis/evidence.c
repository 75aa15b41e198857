#include "diagnosis/evidence.h"

#include <string.h>

#include "base/text.h"
#include "diagnosis/gather.h"

void evidence_init(struct evidence *evidence)
{
    memset(evidence, 0, sizeof(*evidence));
}

const struct evidence_part *evidence_part(const struct evidence *evidence, part_id part)
{
    static const struct evidence_part unknown;

    return part < EVIDENCE_PARTS ? &evidence->parts[part] : &unknown;
}

const struct evidence_drive *evidence_drive(const struct evidence *evidence, part_id part)
{
    for (unsigned i = 0; i < evidence->drive_count; i++) {
        if (evidence->drives[i].part == part)
            return &evidence->drives[i];
    }
    return NULL;
}

/* Errors from before the run are read before the processor is named. */
static void learn_amd(struct evidence *evidence)
{
    evidence->amd = true;
    for (unsigned i = 0; i < evidence->check_count; i++) {
        struct evidence_check *check = &evidence->checks[i];

        check->error = mca_decode(check->status, true);
        check->physical = false;
        if (check->prior)
            check->prior = check->error.count;
    }
}

static void add_part(struct evidence *evidence, const struct event_part *event)
{
    struct evidence_part *part;

    if (event->part >= EVIDENCE_PARTS) {
        evidence->left_out++;
        return;
    }
    part = &evidence->parts[event->part];
    part->known = true;
    part->kind = event->kind;
    part->parent = event->parent;
    copy_text(part->name, sizeof(part->name), event->name);
    copy_text(part->serial, sizeof(part->serial), event->serial);
    copy_text(part->place, sizeof(part->place), event->place);
    if (event->kind == PART_DISK)
        gather_drive(evidence, event->part);
    if (event->kind == PART_PROCESSOR && !evidence->amd && text_starts(event->name, "AMD "))
        learn_amd(evidence);
}

static struct evidence_phase *find_phase(struct evidence *evidence, const char *name)
{
    struct evidence_phase *phase;

    for (unsigned i = 0; i < evidence->phase_count; i++) {
        if (text_equal(evidence->phases[i].name, name))
            return &evidence->phases[i];
    }
    if (evidence->phase_count == EVIDENCE_PHASES) {
        evidence->left_out++;
        return NULL;
    }
    phase = &evidence->phases[evidence->phase_count++];
    copy_text(phase->name, sizeof(phase->name), name);
    return phase;
}

bool evidence_resting(const struct evidence *evidence)
{
    return text_equal(evidence->phase, "inventory") || text_equal(evidence->phase, "baseline") ||
           text_equal(evidence->phase, "cool-down");
}

static void start_phase(struct evidence *evidence, const char *name, uint64_t time_us)
{
    struct evidence_phase *phase = find_phase(evidence, name);

    if (phase)
        phase->started = true;
    copy_text(evidence->phase, sizeof(evidence->phase), name);
    evidence->phase_number++;
    if (!evidence->loaded && !evidence_resting(evidence)) {
        evidence->loaded = true;
        gather_load(evidence);
    }
    gather_stage(evidence, time_us);
}

static void end_phase(struct evidence *evidence, const struct event_phase_end *event)
{
    struct evidence_phase *phase = find_phase(evidence, event->phase);

    if (phase) {
        phase->ended = true;
        phase->ending = event->ending;
    }
    evidence->phase[0] = '\0';
}

/* A phase tells its coverage again and again; the last word counts. */
static void add_coverage(struct evidence *evidence, const struct event_coverage *event)
{
    unsigned i = 0;

    while (i < evidence->coverage_count &&
           (evidence->coverages[i].part != event->part ||
            !text_equal(evidence->coverages[i].phase, event->phase)))
        i++;
    if (i == EVIDENCE_COVERAGES) {
        evidence->left_out++;
        return;
    }
    evidence->coverages[i] = *event;
    if (i == evidence->coverage_count)
        evidence->coverage_count++;
}

static void add_gap(struct evidence *evidence, const struct event_not_tested *event)
{
    if (evidence->gap_count < EVIDENCE_GAPS)
        evidence->gaps[evidence->gap_count++] = *event;
    else
        evidence->left_out++;
}

/* Every text of a copied event ends in its buffer, whatever it was copied from. */
static void end_texts(struct event *event)
{
    const struct event_kind *kind = &event_kinds[event->type];

    for (size_t i = 0; i < kind->field_count; i++) {
        if (kind->fields[i].form == FIELD_TEXT)
            ((char *)event)[kind->fields[i].offset + kind->fields[i].size - 1] = '\0';
    }
}

static void add(struct evidence *evidence, const struct event *event)
{
    switch (event->type) {
    case EVENT_RUN_START:
        evidence->run = event->run_start;
        break;
    case EVENT_PART:
        add_part(evidence, &event->part);
        break;
    case EVENT_MEMORY_MAP:
        gather_memory_map(evidence, &event->memory_map);
        break;
    case EVENT_PHASE_START:
        start_phase(evidence, event->phase_start.phase, event->time_us);
        break;
    case EVENT_PHASE_END:
        end_phase(evidence, &event->phase_end);
        break;
    case EVENT_SERIES:
        gather_series(evidence, &event->series);
        break;
    case EVENT_SAMPLE:
        gather_sample(evidence, &event->sample, event->time_us);
        gather_thermal(evidence, &event->sample, event->time_us);
        gather_drive_heat(evidence, &event->sample, event->time_us);
        break;
    case EVENT_SENSOR_STATE:
        gather_sensor_state(evidence, &event->sensor_state, event->time_us);
        break;
    case EVENT_COUNTER:
        gather_counter(evidence, &event->counter);
        break;
    case EVENT_COVERAGE:
        add_coverage(evidence, &event->coverage);
        break;
    case EVENT_MEMORY_ERROR:
        gather_memory_error(evidence, &event->memory_error);
        gather_memory_heat(evidence);
        break;
    case EVENT_MEMORY_REGION:
        gather_memory_region(evidence, &event->memory_region);
        break;
    case EVENT_MEMORY_RETEST:
        gather_memory_retest(evidence, &event->memory_retest);
        break;
    case EVENT_DISK_ERROR:
        gather_disk_error(evidence, &event->disk_error, event->time_us);
        break;
    case EVENT_MISMATCH:
        gather_mismatch(evidence, &event->mismatch);
        break;
    case EVENT_PACE:
        gather_pace(evidence, &event->pace, event->time_us);
        break;
    case EVENT_WRITE_ERROR:
        gather_write_error(evidence, &event->write_error, event->time_us);
        break;
    case EVENT_MACHINE_CHECK:
        gather_machine_check(evidence, &event->machine_check, event->time_us);
        break;
    case EVENT_PCIE_ERROR:
        gather_pcie_error(evidence, &event->pcie_error, event->time_us);
        break;
    case EVENT_PCIE_LINK:
        gather_pcie_link(evidence, &event->pcie_link, event->time_us);
        break;
    case EVENT_PRIOR_RUN:
        gather_prior_run(evidence, &event->prior_run);
        break;
    case EVENT_RESTART:
        if (event->restart.witness < RESTART_WITNESSES && event->restart.cause < RESTART_CAUSES)
            evidence->restarts[event->restart.witness] |= (uint32_t)1 << event->restart.cause;
        break;
    case EVENT_PRIOR_ERROR:
        gather_prior_error(evidence, &event->prior_error);
        break;
    case EVENT_NOT_TESTED:
        add_gap(evidence, &event->not_tested);
        break;
    case EVENT_RUN_END:
        evidence->run_ended = true;
        evidence->run_ending = event->run_end.ending;
        break;
    default: /* steps, progress, notes, and what diagnosis itself says */
        break;
    }
}

void evidence_add(struct evidence *evidence, const struct event *event)
{
    struct event copy;

    if (event->type >= EVENT_TYPES)
        return;
    copy = *event;
    end_texts(&copy);
    add(evidence, &copy);
}

bool evidence_has_phase(const struct evidence *evidence, const char *phase)
{
    static const struct {
        const char *plan, *phase;
    } planned[] = {
        {"quick", "memory"},    {"quick", "imaging"},    {"imaging", "memory"},
        {"imaging", "imaging"}, {"overnight", "memory"}, {"overnight", "imaging"},
        {"memory", "memory"},
    };

    for (size_t i = 0; i < sizeof(planned) / sizeof(planned[0]); i++) {
        if (text_equal(evidence->run.plan, planned[i].plan) && text_equal(phase, planned[i].phase))
            return true;
    }
    for (unsigned i = 0; i < evidence->phase_count; i++) {
        if (text_equal(evidence->phases[i].name, phase))
            return true;
    }
    return false;
}

uint64_t evidence_tested(const struct evidence *evidence, part_id part, const char *phase,
                         uint64_t *ret_total)
{
    uint64_t tested = 0;

    *ret_total = 0;
    for (unsigned i = 0; i < evidence->coverage_count; i++) {
        const struct event_coverage *coverage = &evidence->coverages[i];

        if (coverage->part != part || (phase && !text_equal(coverage->phase, phase)))
            continue;
        if (coverage->tested > tested || !*ret_total) {
            tested = coverage->tested;
            *ret_total = coverage->total;
        }
    }
    return tested;
}
