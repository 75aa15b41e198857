/* The layout of events as data, and the words for their values: whole, and true to the structs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/event.h"
#include "base/text.h"

#define SIZE_OF(member) sizeof(((struct event *)0)->member)

static const size_t sizes[EVENT_TYPES] = {
    [EVENT_RUN_START] = SIZE_OF(run_start),
    [EVENT_PART] = SIZE_OF(part),
    [EVENT_MEMORY_MAP] = SIZE_OF(memory_map),
    [EVENT_STEP] = SIZE_OF(step),
    [EVENT_PHASE_START] = SIZE_OF(phase_start),
    [EVENT_PROGRESS] = SIZE_OF(progress),
    [EVENT_PHASE_END] = SIZE_OF(phase_end),
    [EVENT_SERIES] = SIZE_OF(series),
    [EVENT_SAMPLE] = SIZE_OF(sample),
    [EVENT_SENSOR_STATE] = SIZE_OF(sensor_state),
    [EVENT_COUNTER] = SIZE_OF(counter),
    [EVENT_COVERAGE] = SIZE_OF(coverage),
    [EVENT_UNTESTED_RANGE] = SIZE_OF(untested_range),
    [EVENT_MEMORY_ERROR] = SIZE_OF(memory_error),
    [EVENT_MEMORY_REGION] = SIZE_OF(memory_region),
    [EVENT_MEMORY_RETEST] = SIZE_OF(memory_retest),
    [EVENT_DISK_ERROR] = SIZE_OF(disk_error),
    [EVENT_MISMATCH] = SIZE_OF(mismatch),
    [EVENT_PACE] = SIZE_OF(pace),
    [EVENT_LATENCY] = SIZE_OF(latency),
    [EVENT_OUTLIER] = SIZE_OF(outlier),
    [EVENT_WRITE_ERROR] = SIZE_OF(write_error),
    [EVENT_BOTTLENECK] = SIZE_OF(bottleneck),
    [EVENT_MACHINE_CHECK] = SIZE_OF(machine_check),
    [EVENT_PCIE_ERROR] = SIZE_OF(pcie_error),
    [EVENT_PCIE_LINK] = SIZE_OF(pcie_link),
    [EVENT_PRIOR_RUN] = SIZE_OF(prior_run),
    [EVENT_PRIOR_ERROR] = SIZE_OF(prior_error),
    [EVENT_RESTART] = SIZE_OF(restart),
    [EVENT_NOT_TESTED] = SIZE_OF(not_tested),
    [EVENT_NOTE] = SIZE_OF(note),
    [EVENT_FINDING] = SIZE_OF(finding),
    [EVENT_GOOD] = SIZE_OF(good),
    [EVENT_CHANGE] = SIZE_OF(change),
    [EVENT_VERDICT] = SIZE_OF(verdict),
    [EVENT_RUN_END] = SIZE_OF(run_end),
};

static const struct {
    const char *const *names;
    unsigned count;
} enums[] = {
    {part_kind_names, PART_KINDS},
    {certainty_names, CERTAINTIES},
    {overall_names, OVERALLS},
    {quantity_names, QUANTITIES},
    {ending_names, ENDINGS},
    {severity_names, SEVERITIES},
    {disk_fault_names, DISK_FAULTS},
    {hop_names, HOPS},
    {write_fault_names, WRITE_FAULTS},
    {pace_setter_names, PACE_SETTERS},
    {coverage_unit_names, COVERAGE_UNITS},
    {moment_names, MOMENTS},
    {memory_repeat_names, REPEATS},
    {memory_shape_names, SHAPES},
    {memory_state_names, MEMORY_STATES},
    {memory_holder_names, HOLDERS},
    {prior_origin_names, PRIOR_ORIGINS},
    {prior_kind_names, PRIOR_KINDS},
    {prior_severity_names, PRIOR_SEVERITIES},
    {chassis_names, CHASSIS_KINDS},
    {restart_cause_names, RESTART_CAUSES},
    {restart_witness_names, RESTART_WITNESSES},
    {prior_answer_names, ANSWERS},
    {change_names, CHANGES},
    {link_change_names, LINK_CHANGES},
};

enum { ENUMS = sizeof(enums) / sizeof(enums[0]) };

/* A word of the journal: small letters, digits, '-' and '_'; of a verdict, capitals. */
static bool is_word(const char *word)
{
    for (const char *c = word; *c; c++) {
        if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
              *c == '-' || *c == '_'))
            return false;
    }
    return word[0] != '\0';
}

static void every_value_has_a_word(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ENUMS; i++) {
        for (unsigned j = 0; j < enums[i].count; j++) {
            assert_non_null(enums[i].names[j]);
            assert_true(is_word(enums[i].names[j]));
            for (unsigned k = 0; k < j; k++)
                assert_string_not_equal(enums[i].names[j], enums[i].names[k]);
        }
    }
}

static void every_kind_has_a_name(void **state)
{
    (void)state;
    for (unsigned i = 0; i < EVENT_TYPES; i++) {
        assert_non_null(event_kinds[i].name);
        assert_true(is_word(event_kinds[i].name));
        assert_true(event_kinds[i].field_count > 0);
        for (unsigned j = 0; j < i; j++)
            assert_string_not_equal(event_kinds[i].name, event_kinds[j].name);
    }
}

static void check_names(const struct field *field)
{
    unsigned found = 0;

    for (unsigned i = 0; i < ENUMS; i++) {
        if (enums[i].names == field->names) {
            assert_int_equal(field->name_count, enums[i].count);
            found++;
        }
    }
    assert_int_equal(found, 1);
}

static void check_form(const struct field *field)
{
    switch (field->form) {
    case FIELD_TEXT:
        assert_true(field->size >= SERIAL_SIZE);
        break;
    case FIELD_NAMED:
        assert_int_equal(field->size, 1);
        check_names(field);
        break;
    case FIELD_FLAG:
        assert_int_equal(field->size, sizeof(bool));
        break;
    default:
        assert_true(field->size == 1 || field->size == 2 || field->size == 4 || field->size == 8);
        break;
    }
    assert_int_equal(field->names != NULL, field->form == FIELD_NAMED);
}

static void fields_are_what_they_seem(void **state)
{
    (void)state;
    for (unsigned i = 0; i < EVENT_TYPES; i++) {
        const struct event_kind *kind = &event_kinds[i];

        for (size_t j = 0; j < kind->field_count; j++) {
            assert_true(is_word(kind->fields[j].name));
            check_form(&kind->fields[j]);
            for (size_t k = 0; k < j; k++)
                assert_string_not_equal(kind->fields[j].name, kind->fields[k].name);
        }
    }
}

/* Every byte of a kind's struct belongs to one field, but for fewer than eight of padding at a
 * time: a field in two places, or one that was forgotten in the table, shows. */
static void fields_cover_their_struct(void **state)
{
    const size_t start = offsetof(struct event, run_start);

    (void)state;
    for (unsigned i = 0; i < EVENT_TYPES; i++) {
        const struct event_kind *kind = &event_kinds[i];
        uint8_t owners[sizeof(struct event)] = {0};
        size_t gap = 0;

        for (size_t j = 0; j < kind->field_count; j++) {
            const struct field *field = &kind->fields[j];

            assert_true(field->offset >= start);
            assert_true(field->offset + field->size <= start + sizes[i]);
            for (size_t k = 0; k < field->size; k++)
                assert_int_equal(owners[field->offset + k]++, 0);
        }
        for (size_t at = start; at < start + sizes[i]; at++) {
            gap = owners[at] ? 0 : gap + 1;
            assert_true(gap < 8);
        }
    }
}

static void keep(void *context, struct event *event)
{
    *(struct event *)context = *event;
}

static void common_events(void **state)
{
    struct event event;
    const struct sink sink = {.context = &event, .emit = keep};

    (void)state;
    emit_note(&sink, SEVERITY_WARNING, "%u of %s", 3u, "seven");
    assert_int_equal(event.type, EVENT_NOTE);
    assert_int_equal(event.note.severity, SEVERITY_WARNING);
    assert_string_equal(event.note.text, "3 of seven");

    emit_not_tested(&sink, "disk", 9, true, "because of %s", "this");
    assert_int_equal(event.type, EVENT_NOT_TESTED);
    assert_string_equal(event.not_tested.subsystem, "disk");
    assert_string_equal(event.not_tested.reason, "because of this");
    assert_int_equal(event.not_tested.part, 9);
    assert_true(event.not_tested.subject);

    emit_step(&sink, "first read", true);
    assert_int_equal(event.type, EVENT_STEP);
    assert_string_equal(event.step.name, "first read");
    assert_true(event.step.ended);
}

static void long_texts_are_cut(void **state)
{
    struct event event;
    const struct sink sink = {.context = &event, .emit = keep};
    char text[2 * TEXT_SIZE];

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    emit_note(&sink, SEVERITY_INFO, "%s", text);
    assert_int_equal(strlen(event.note.text), TEXT_SIZE - 1);
    emit_not_tested(&sink, text, 0, false, "%s", text);
    assert_int_equal(strlen(event.not_tested.subsystem), NAME_SIZE - 1);
    assert_int_equal(strlen(event.not_tested.reason), TEXT_SIZE - 1);
    emit_step(&sink, text, false);
    assert_int_equal(strlen(event.step.name), NAME_SIZE - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_has_a_word),
        cmocka_unit_test(every_kind_has_a_name),
        cmocka_unit_test(fields_are_what_they_seem),
        cmocka_unit_test(fields_cover_their_struct),
        cmocka_unit_test(common_events),
        cmocka_unit_test(long_texts_are_cut),
    };

    return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
