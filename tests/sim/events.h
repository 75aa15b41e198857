/*
 * Events in one line, for tables of what happens in a run and what must be concluded from it.
 * Each makes one struct event; AT(seconds, event) gives it a time.
 */
#ifndef ASSAY_TESTS_SIM_EVENTS_H
#define ASSAY_TESTS_SIM_EVENTS_H

#include "base/event.h"

#define E(kind, member, ...)                                                                       \
    {                                                                                              \
        .type = kind, .member = { __VA_ARGS__ }                                                    \
    }
#define RUN(name) E(EVENT_RUN_START, run_start, .plan = name)
#define RUN_ENDS(how) E(EVENT_RUN_END, run_end, .ending = how)
#define DISK(number, serial_number, where)                                                         \
    E(EVENT_PART, part, .part = number, .kind = PART_DISK, .name = "Model",                        \
      .serial = serial_number, .place = where)
#define PART(number, what, title) E(EVENT_PART, part, .part = number, .kind = what, .name = title)
#define PHASE(title) E(EVENT_PHASE_START, phase_start, .phase = title)
#define PHASE_ENDS(title, how) E(EVENT_PHASE_END, phase_end, .phase = title, .ending = how)
#define COVERAGE(title, number, have, want)                                                        \
    E(EVENT_COVERAGE, coverage, .phase = title, .part = number, .tested = have, .total = want,     \
      .moved = have)
#define GAP(what, number, about)                                                                   \
    E(EVENT_NOT_TESTED, not_tested, .subsystem = what, .reason = "because", .part = number,        \
      .subject = about)
#define WRONG(at, want, got, which, how)                                                           \
    E(EVENT_MEMORY_ERROR, memory_error, .address = at, .expected = want, .actual = got,            \
      .test = which, .repeat = how)
#define READ_FAILS(number, what, block, twice)                                                     \
    E(EVENT_DISK_ERROR, disk_error, .part = number, .fault = what, .lba = block, .blocks = 1,      \
      .again = twice, .status = "status")
#define DIFFERS(number, ...)                                                                       \
    E(EVENT_MISMATCH, mismatch, .part = number, .hop = HOP_SECOND_READ, __VA_ARGS__)
#define COUNTS(number, title, from, to)                                                            \
    E(EVENT_COUNTER, counter, .part = number, .moment = MOMENT_START, .name = title,               \
      .value = from),                                                                              \
        E(EVENT_COUNTER, counter, .part = number, .moment = MOMENT_END, .name = title,             \
          .value = to)
#define SLOW(number, block, seconds, known, kept)                                                  \
    E(EVENT_PACE, pace, .part = number, .lba = block, .usual = 200000000, .slow = 9000000,         \
      .duration_s = seconds, .reads = 9, .others_known = known, .others_kept = kept)
#define CHECK(cpu, in_bank, status_value, at, before)                                              \
    E(EVENT_MACHINE_CHECK, machine_check, .processor = cpu, .bank = in_bank,                       \
      .status = status_value, .address = at, .has_address = true, .prior = before)
#define FAN(number, of)                                                                            \
    E(EVENT_SERIES, series, .series = number, .part = of, .quantity = QUANTITY_FAN_SPEED,          \
      .name = "Fan", .source = "test")
#define HEAT(number, of, limit)                                                                    \
    E(EVENT_SERIES, series, .series = number, .part = of, .quantity = QUANTITY_TEMPERATURE,        \
      .name = "Temp", .source = "test", .has_high = true, .high = limit)
#define READS(number, reading) E(EVENT_SAMPLE, sample, .series = number, .value = reading)
#define LOW(number) E(EVENT_SENSOR_STATE, sensor_state, .series = number, .below_critical = true)
#define NORMAL(number) E(EVENT_SENSOR_STATE, sensor_state, .series = number)
#define HIGH(number) E(EVENT_SENSOR_STATE, sensor_state, .series = number, .above_critical = true)

/* The rest of a table of events that is longer than its story. */
static inline bool is_no_event(const struct event *event)
{
    return event->type == EVENT_RUN_START && !event->run_start.plan[0];
}

#endif
