#include "base/event.h"

#include "base/text.h"

const char *const part_kind_names[PART_KINDS] = {"machine", "processor", "memory", "disk",
                                                 "fan",     "sensor",    "bmc"};
const char *const certainty_names[CERTAINTIES] = {"possible", "likely", "certain"};
const char *const overall_names[OVERALLS] = {"PASS", "FAIL", "SUSPECT", "INCOMPLETE"};
const char *const quantity_names[QUANTITIES] = {"temperature", "fan-speed", "voltage",
                                                "throughput",  "power",     "clock"};
const char *const chassis_names[CHASSIS_KINDS] = {"unknown", "portable", "fixed"};
const char *const ending_names[ENDINGS] = {"done", "cut", "skipped"};
const char *const severity_names[SEVERITIES] = {"info", "warning", "error"};
const char *const disk_fault_names[DISK_FAULTS] = {"medium",  "link",  "aborted",
                                                   "timeout", "stale", "gone"};
const char *const hop_names[HOPS] = {"arrival", "copy", "round-trip", "arena", "second-read"};
const char *const write_fault_names[WRITE_FAULTS] = {"lost",      "misplaced",  "torn",
                                                     "corrupted", "unreadable", "failed"};
const char *const pace_setter_names[PACE_SETTERS] = {"nobody", "drive", "processors"};
const char *const coverage_unit_names[COVERAGE_UNITS] = {"bytes", "processors"};
const char *const moment_names[MOMENTS] = {"start", "end"};
const char *const memory_repeat_names[REPEATS] = {"not-tried", "held", "failed"};
const char *const memory_shape_names[SHAPES] = {
    "unknown", "stuck-at-0", "stuck-at-1", "transition", "coupling",  "decoder",
    "fading",  "transient",  "dma-only",   "hot-only",   "disturbed",
};
const char *const memory_state_names[MEMORY_STATES] = {"mapped", "unsized", "missing"};
const char *const memory_holder_names[HOLDERS] = {
    "nobody", "runtime-services", "boot-services",    "acpi",       "firmware", "earlier-program",
    "assay",  "persistent",       "specific-purpose", "unaccepted", "unusable", "below-1-mib",
    "left",   "refused",          "uncached",         "unfinished", "cut",      "unasked",
    "many"};
const char *const prior_origin_names[PRIOR_ORIGINS] = {"bert", "variable", "sel", "aer"};
const char *const prior_kind_names[PRIOR_KINDS] = {"memory",      "processor", "pcie",  "fan",
                                                   "temperature", "power",     "drive", "watchdog",
                                                   "power-loss",  "other"};
const char *const prior_severity_names[PRIOR_SEVERITIES] = {"corrected", "recoverable", "fatal",
                                                            "information"};

const char *const restart_cause_names[RESTART_CAUSES] = {
    "unknown",    "command", "reset-button", "power-button", "power-override", "watchdog",
    "power-back", "policy",  "soft",         "alarm",        "other"};
const char *const restart_witness_names[RESTART_WITNESSES] = {"bmc", "chipset"};
const char *const prior_answer_names[ANSWERS] = {"none", "by-itself", "hung", "switched-off"};
const char *const change_names[CHANGES] = {"nothing", "gone",        "new",       "same",
                                           "counter", "temperature", "throughput"};
const char *const link_change_names[LINK_CHANGES] = {"at-start", "lower", "lost", "back"};

#define MEMBER_SIZE(member) sizeof(((struct event *)0)->member)
#define FIELD(kind, member, how)                                                                   \
    {                                                                                              \
        .name = #member, .form = how, .offset = offsetof(struct event, kind.member),               \
        .size = MEMBER_SIZE(kind.member)                                                           \
    }
#define NAMED(kind, member, list)                                                                  \
    {                                                                                              \
        .name = #member, .form = FIELD_NAMED, .offset = offsetof(struct event, kind.member),       \
        .size = MEMBER_SIZE(kind.member), .names = list,                                           \
        .name_count = sizeof(list) / sizeof((list)[0])                                             \
    }
#define UNSIGNED(kind, member) FIELD(kind, member, FIELD_UNSIGNED)
#define SIGNED(kind, member) FIELD(kind, member, FIELD_SIGNED)
#define HEX(kind, member) FIELD(kind, member, FIELD_HEX)
#define FLAG(kind, member) FIELD(kind, member, FIELD_FLAG)
#define TEXT(kind, member) FIELD(kind, member, FIELD_TEXT)

static const struct field run_start_fields[] = {
    TEXT(run_start, version),
    TEXT(run_start, plan),
    TEXT(run_start, options),
    TEXT(run_start, inject),
    HEX(run_start, seed),
    UNSIGNED(run_start, number),
    UNSIGNED(run_start, imaging_s),
    UNSIGNED(run_start, year),
    UNSIGNED(run_start, month),
    UNSIGNED(run_start, day),
    UNSIGNED(run_start, hour),
    UNSIGNED(run_start, minute),
    UNSIGNED(run_start, second),
    FLAG(run_start, zone_known),
    SIGNED(run_start, zone_minutes),
    UNSIGNED(run_start, continues),
    UNSIGNED(run_start, imaged_s),
    UNSIGNED(run_start, deaths),
    TEXT(run_start, stopped_at),
    TEXT(run_start, done),
    NAMED(run_start, chassis, chassis_names),
};
static const struct field part_fields[] = {
    UNSIGNED(part, part), UNSIGNED(part, parent), NAMED(part, kind, part_kind_names),
    TEXT(part, name),     TEXT(part, serial),     TEXT(part, place),
    TEXT(part, detail),   UNSIGNED(part, size),
};
static const struct field memory_map_fields[] = {
    UNSIGNED(memory_map, part),  HEX(memory_map, start),
    HEX(memory_map, end),        NAMED(memory_map, state, memory_state_names),
    FLAG(memory_map, reported),  UNSIGNED(memory_map, position),
    UNSIGNED(memory_map, depth),
};
static const struct field step_fields[] = {FLAG(step, ended), TEXT(step, name)};
static const struct field phase_start_fields[] = {
    TEXT(phase_start, phase),
    UNSIGNED(phase_start, planned_s),
};
static const struct field progress_fields[] = {
    TEXT(progress, phase),
    UNSIGNED(progress, permille),
    UNSIGNED(progress, left_s),
};
static const struct field phase_end_fields[] = {
    TEXT(phase_end, phase),
    NAMED(phase_end, ending, ending_names),
};
static const struct field series_fields[] = {
    UNSIGNED(series, series), UNSIGNED(series, part), NAMED(series, quantity, quantity_names),
    TEXT(series, name),       TEXT(series, source),   FLAG(series, has_low),
    FLAG(series, has_high),   SIGNED(series, low),    SIGNED(series, high),
    FLAG(series, may_stop),
};
static const struct field sample_fields[] = {UNSIGNED(sample, series), SIGNED(sample, value)};
static const struct field sensor_state_fields[] = {
    UNSIGNED(sensor_state, series),     FLAG(sensor_state, below_critical),
    FLAG(sensor_state, above_critical), FLAG(sensor_state, silent),
    FLAG(sensor_state, throttled),      FLAG(sensor_state, prochot),
    FLAG(sensor_state, slow_when_hot),
};
static const struct field counter_fields[] = {
    UNSIGNED(counter, part),
    NAMED(counter, moment, moment_names),
    TEXT(counter, name),
    UNSIGNED(counter, value),
};
static const struct field coverage_fields[] = {
    NAMED(coverage, unit, coverage_unit_names),
    TEXT(coverage, phase),
    UNSIGNED(coverage, part),
    UNSIGNED(coverage, tested),
    UNSIGNED(coverage, total),
    UNSIGNED(coverage, moved),
};
static const struct field untested_range_fields[] = {
    HEX(untested_range, start),     HEX(untested_range, end),
    UNSIGNED(untested_range, size), NAMED(untested_range, holder, memory_holder_names),
    FLAG(untested_range, counted),
};
static const struct field memory_error_fields[] = {
    HEX(memory_error, address),
    HEX(memory_error, expected),
    HEX(memory_error, actual),
    HEX(memory_error, reread),
    TEXT(memory_error, test),
    UNSIGNED(memory_error, processor),
    NAMED(memory_error, repeat, memory_repeat_names),
    FLAG(memory_error, has_temperature),
    SIGNED(memory_error, temperature),
    NAMED(memory_error, shape, memory_shape_names),
    HEX(memory_error, other),
};
static const struct field memory_region_fields[] = {
    HEX(memory_region, start),
    HEX(memory_region, end),
    UNSIGNED(memory_region, words),
    UNSIGNED(memory_region, pages),
    HEX(memory_region, ones),
    HEX(memory_region, zeros),
    NAMED(memory_region, shape, memory_shape_names),
    NAMED(memory_region, repeat, memory_repeat_names),
    TEXT(memory_region, tests),
};
static const struct field memory_retest_fields[] = {
    HEX(memory_retest, address),
    NAMED(memory_retest, repeat, memory_repeat_names),
    NAMED(memory_retest, shape, memory_shape_names),
    FLAG(memory_retest, has_temperature),
    SIGNED(memory_retest, temperature),
};
static const struct field disk_error_fields[] = {
    UNSIGNED(disk_error, part), NAMED(disk_error, fault, disk_fault_names),
    UNSIGNED(disk_error, lba),  UNSIGNED(disk_error, blocks),
    FLAG(disk_error, again),    TEXT(disk_error, status),
};
static const struct field mismatch_fields[] = {
    UNSIGNED(mismatch, part),
    NAMED(mismatch, hop, hop_names),
    UNSIGNED(mismatch, lba),
    UNSIGNED(mismatch, bits),
    UNSIGNED(mismatch, whole_sectors),
    HEX(mismatch, address),
    HEX(mismatch, bit_mask),
    NAMED(mismatch, page, memory_repeat_names),
    FLAG(mismatch, again),
    FLAG(mismatch, leftover),
    FLAG(mismatch, bounced),
    FLAG(mismatch, compute),
    UNSIGNED(mismatch, processor),
};
static const struct field pace_fields[] = {
    UNSIGNED(pace, part),     UNSIGNED(pace, lba),        UNSIGNED(pace, usual),
    UNSIGNED(pace, slow),     UNSIGNED(pace, duration_s), UNSIGNED(pace, reads),
    FLAG(pace, others_known), FLAG(pace, others_kept),
};
static const struct field latency_fields[] = {
    TEXT(latency, phase),
    UNSIGNED(latency, part),
    UNSIGNED(latency, reads),
    UNSIGNED(latency, undated),
    UNSIGNED(latency, median_us),
    UNSIGNED(latency, p99_us),
    UNSIGNED(latency, p999_us),
    UNSIGNED(latency, longest_us),
    UNSIGNED(latency, longest_lba),
    TEXT(latency, histogram),
    TEXT(latency, map),
};
static const struct field outlier_fields[] = {
    UNSIGNED(outlier, part),        UNSIGNED(outlier, lba),       UNSIGNED(outlier, blocks),
    UNSIGNED(outlier, duration_us), UNSIGNED(outlier, median_us),
};
static const struct field write_error_fields[] = {
    UNSIGNED(write_error, part),      NAMED(write_error, fault, write_fault_names),
    UNSIGNED(write_error, lba),       UNSIGNED(write_error, generation),
    UNSIGNED(write_error, found_lba), UNSIGNED(write_error, found_generation),
    FLAG(write_error, again),         TEXT(write_error, status),
};
static const struct field bottleneck_fields[] = {
    TEXT(bottleneck, phase),
    NAMED(bottleneck, setter, pace_setter_names),
    UNSIGNED(bottleneck, part),
    UNSIGNED(bottleneck, rate),
    UNSIGNED(bottleneck, drive_busy),
    UNSIGNED(bottleneck, drives_wait),
    UNSIGNED(bottleneck, processors_wait),
};
static const struct field machine_check_fields[] = {
    UNSIGNED(machine_check, processor), UNSIGNED(machine_check, bank),
    HEX(machine_check, status),         HEX(machine_check, address),
    HEX(machine_check, misc),           FLAG(machine_check, has_address),
    FLAG(machine_check, has_misc),      FLAG(machine_check, prior),
};
static const struct field pcie_error_fields[] = {
    TEXT(pcie_error, place),      TEXT(pcie_error, port), HEX(pcie_error, corrected),
    HEX(pcie_error, uncorrected), TEXT(pcie_error, text),
};
static const struct field pcie_link_fields[] = {
    NAMED(pcie_link, change, link_change_names),
    TEXT(pcie_link, port),
    TEXT(pcie_link, device),
    TEXT(pcie_link, name),
    UNSIGNED(pcie_link, speed),
    UNSIGNED(pcie_link, width),
    UNSIGNED(pcie_link, speed_best),
    UNSIGNED(pcie_link, width_best),
    UNSIGNED(pcie_link, speed_most),
    UNSIGNED(pcie_link, width_most),
    TEXT(pcie_link, text),
};

static const struct field prior_run_fields[] = {
    UNSIGNED(prior_run, number),
    UNSIGNED(prior_run, after_s),
    TEXT(prior_run, phase),
    TEXT(prior_run, step),
    TEXT(prior_run, load),
    UNSIGNED(prior_run, ended_s),
    TEXT(prior_run, hottest),
    SIGNED(prior_run, temperature),
    FLAG(prior_run, has_limit),
    SIGNED(prior_run, limit),
    TEXT(prior_run, fan),
    SIGNED(prior_run, fan_speed),
    SIGNED(prior_run, fan_fastest),
    TEXT(prior_run, trend),
    NAMED(prior_run, trend_quantity, quantity_names),
    SIGNED(prior_run, trend_from),
    SIGNED(prior_run, trend_to),
    TEXT(prior_run, dip),
    SIGNED(prior_run, dip_from),
    SIGNED(prior_run, dip_to),
    UNSIGNED(prior_run, corrected),
    UNSIGNED(prior_run, corrected_before),
    FLAG(prior_run, override_stood),
    FLAG(prior_run, watchdog_ran),
    TEXT(prior_run, found),
    NAMED(prior_run, answer, prior_answer_names),
};
static const struct field prior_error_fields[] = {
    NAMED(prior_error, origin, prior_origin_names),
    NAMED(prior_error, kind, prior_kind_names),
    NAMED(prior_error, severity, prior_severity_names),
    FLAG(prior_error, ended),
    UNSIGNED(prior_error, part),
    UNSIGNED(prior_error, other),
    UNSIGNED(prior_error, code),
    TEXT(prior_error, place),
    FLAG(prior_error, has_address),
    HEX(prior_error, address),
    UNSIGNED(prior_error, bank),
    HEX(prior_error, status),
    UNSIGNED(prior_error, time_s),
    TEXT(prior_error, when),
    TEXT(prior_error, text),
};
static const struct field restart_fields[] = {
    NAMED(restart, witness, restart_witness_names),
    NAMED(restart, cause, restart_cause_names),
};
static const struct field not_tested_fields[] = {
    TEXT(not_tested, subsystem),
    TEXT(not_tested, reason),
    UNSIGNED(not_tested, part),
    FLAG(not_tested, subject),
};
static const struct field note_fields[] = {
    NAMED(note, severity, severity_names),
    TEXT(note, text),
};
static const struct field finding_fields[] = {
    TEXT(finding, id),        UNSIGNED(finding, part), NAMED(finding, certainty, certainty_names),
    TEXT(finding, component), TEXT(finding, evidence), TEXT(finding, advice),
    TEXT(finding, rerun),
};
static const struct field good_fields[] = {TEXT(good, id), TEXT(good, evidence)};
static const struct field change_fields[] = {
    TEXT(change, run),
    NAMED(change, change, change_names),
    TEXT(change, text),
};
static const struct field verdict_fields[] = {
    NAMED(verdict, overall, overall_names),
    TEXT(verdict, reason),
};
static const struct field run_end_fields[] = {NAMED(run_end, ending, ending_names)};

#define KIND(word, table)                                                                          \
    {                                                                                              \
        .name = word, .fields = table, .field_count = sizeof(table) / sizeof((table)[0])           \
    }

const struct event_kind event_kinds[EVENT_TYPES] = {
    [EVENT_RUN_START] = KIND("run-start", run_start_fields),
    [EVENT_PART] = KIND("part", part_fields),
    [EVENT_MEMORY_MAP] = KIND("memory-map", memory_map_fields),
    [EVENT_STEP] = KIND("step", step_fields),
    [EVENT_PHASE_START] = KIND("phase-start", phase_start_fields),
    [EVENT_PROGRESS] = KIND("progress", progress_fields),
    [EVENT_PHASE_END] = KIND("phase-end", phase_end_fields),
    [EVENT_SERIES] = KIND("series", series_fields),
    [EVENT_SAMPLE] = KIND("sample", sample_fields),
    [EVENT_SENSOR_STATE] = KIND("sensor-state", sensor_state_fields),
    [EVENT_COUNTER] = KIND("counter", counter_fields),
    [EVENT_COVERAGE] = KIND("coverage", coverage_fields),
    [EVENT_UNTESTED_RANGE] = KIND("untested-range", untested_range_fields),
    [EVENT_MEMORY_ERROR] = KIND("memory-error", memory_error_fields),
    [EVENT_MEMORY_REGION] = KIND("memory-region", memory_region_fields),
    [EVENT_MEMORY_RETEST] = KIND("memory-retest", memory_retest_fields),
    [EVENT_DISK_ERROR] = KIND("disk-error", disk_error_fields),
    [EVENT_MISMATCH] = KIND("mismatch", mismatch_fields),
    [EVENT_PACE] = KIND("pace", pace_fields),
    [EVENT_LATENCY] = KIND("latency", latency_fields),
    [EVENT_OUTLIER] = KIND("outlier", outlier_fields),
    [EVENT_WRITE_ERROR] = KIND("write-error", write_error_fields),
    [EVENT_BOTTLENECK] = KIND("bottleneck", bottleneck_fields),
    [EVENT_MACHINE_CHECK] = KIND("machine-check", machine_check_fields),
    [EVENT_PCIE_ERROR] = KIND("pcie-error", pcie_error_fields),
    [EVENT_PCIE_LINK] = KIND("pcie-link", pcie_link_fields),
    [EVENT_PRIOR_RUN] = KIND("prior-run", prior_run_fields),
    [EVENT_PRIOR_ERROR] = KIND("prior-error", prior_error_fields),
    [EVENT_RESTART] = KIND("restart", restart_fields),
    [EVENT_NOT_TESTED] = KIND("not-tested", not_tested_fields),
    [EVENT_NOTE] = KIND("note", note_fields),
    [EVENT_FINDING] = KIND("finding", finding_fields),
    [EVENT_GOOD] = KIND("good", good_fields),
    [EVENT_CHANGE] = KIND("change", change_fields),
    [EVENT_VERDICT] = KIND("verdict", verdict_fields),
    [EVENT_RUN_END] = KIND("run-end", run_end_fields),
};

void emit(const struct sink *sink, struct event *event)
{
    sink->emit(sink->context, event);
}

void emit_note(const struct sink *sink, enum severity severity, const char *format, ...)
{
    struct event event = {.type = EVENT_NOTE, .note.severity = (uint8_t)severity};
    struct text text = text_in(event.note.text, sizeof(event.note.text));
    va_list arguments;

    va_start(arguments, format);
    text_format_list(&text, format, arguments);
    va_end(arguments);
    emit(sink, &event);
}

void emit_not_tested(const struct sink *sink, const char *subsystem, part_id part, bool subject,
                     const char *format, ...)
{
    struct event event = {.type = EVENT_NOT_TESTED,
                          .not_tested = {.part = part, .subject = subject}};
    struct text text = text_in(event.not_tested.reason, sizeof(event.not_tested.reason));
    va_list arguments;

    copy_text(event.not_tested.subsystem, sizeof(event.not_tested.subsystem), subsystem);
    va_start(arguments, format);
    text_format_list(&text, format, arguments);
    va_end(arguments);
    emit(sink, &event);
}

void emit_step(const struct sink *sink, const char *name, bool ended)
{
    struct event event = {.type = EVENT_STEP, .step.ended = ended};

    copy_text(event.step.name, sizeof(event.step.name), name);
    emit(sink, &event);
}
