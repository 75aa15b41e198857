#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "report/journal.h"

enum { LOG_SIZE = 64 * 1024 };

/* --- Round trips ------------------------------------------------------------------------------ */

enum filling {
    FILL_ZERO,
    FILL_HIGHEST,
    FILL_LOWEST, /* of signed fields; the others highest */
    FILL_HOSTILE,
    FILLINGS,
};

static const char hostile[] = "\x01\n\r\t\"\\x41 \x7f\x80\xff#= é";

static void fill_text(char *buffer, size_t size, enum filling filling)
{
    memset(buffer, 0, size);
    if (filling == FILL_ZERO)
        return;
    for (size_t i = 0; i + 1 < size; i++)
        buffer[i] = filling == FILL_HOSTILE ? hostile[i % (sizeof(hostile) - 1)] : '\xff';
}

static void fill_field(struct event *event, const struct field *field, enum filling filling)
{
    uint64_t value = filling == FILL_ZERO ? 0 : UINT64_MAX;
    char *place = (char *)event + field->offset;

    if (field->form == FIELD_TEXT) {
        fill_text(place, field->size, filling);
        return;
    }
    if (field->form == FIELD_FLAG)
        value &= 1;
    if (field->form == FIELD_NAMED && value > 0)
        value = field->name_count - 1u;
    if (field->form == FIELD_SIGNED && value > 0)
        value = (uint64_t)1 << (8 * field->size - 1);
    if (field->form == FIELD_SIGNED && filling == FILL_HIGHEST)
        value--;
    memcpy(place, &value, field->size);
}

static void fill_event(struct event *event, uint8_t type, enum filling filling)
{
    memset(event, 0, sizeof(*event));
    event->type = type;
    event->time_us = filling == FILL_ZERO ? 0 : UINT64_MAX;
    for (size_t i = 0; i < event_kinds[type].field_count; i++)
        fill_field(event, &event_kinds[type].fields[i], filling);
}

static void test_every_kind_comes_back(void **state)
{
    char line[JOURNAL_LINE_MAX];

    (void)state;
    for (uint8_t type = 0; type < EVENT_TYPES; type++) {
        for (enum filling filling = FILL_ZERO; filling < FILLINGS; filling++) {
            struct event given, got;
            uint64_t sequence = 0;
            size_t length;

            fill_event(&given, type, filling);
            memset(&got, 0xAA, sizeof(got));
            length = journal_encode(line, sizeof(line), UINT64_MAX, &given);
            assert_true(length > 0);
            assert_int_equal(line[length - 1], '\n');
            for (size_t i = 0; i + 1 < length; i++)
                assert_in_range((uint8_t)line[i], ' ', '~');
            assert_int_equal(journal_decode(line, length, &sequence, &got), OK);
            assert_true(sequence == UINT64_MAX);
            assert_memory_equal(&given, &got, sizeof(got));
        }
    }
}

static void test_a_text_without_nul_ends_with_its_buffer(void **state)
{
    struct event given = {.type = EVENT_NOTE}, got;
    char line[JOURNAL_LINE_MAX];
    uint64_t sequence;
    size_t length;

    (void)state;
    memset(given.note.text, 'x', TEXT_SIZE);
    length = journal_encode(line, sizeof(line), 1, &given);
    assert_int_equal(journal_decode(line, length, &sequence, &got), OK);
    assert_int_equal(text_length(got.note.text), TEXT_SIZE - 1);
}

static void test_what_is_no_event_is_not_written(void **state)
{
    struct event unknown = {.type = EVENT_TYPES};
    struct event no_name = {.type = EVENT_VERDICT, .verdict.overall = OVERALLS};
    struct event good = {.type = EVENT_NOTE, .note.text = "hello"};
    char line[JOURNAL_LINE_MAX];
    size_t length = journal_encode(line, sizeof(line), 1, &good);

    (void)state;
    assert_int_equal(journal_encode(line, sizeof(line), 1, &unknown), 0);
    assert_int_equal(journal_encode(line, sizeof(line), 1, &no_name), 0);
    assert_int_equal(journal_encode(line, length, 1, &good), length);
    for (size_t size = 0; size < length; size++)
        assert_int_equal(journal_encode(line, size, 1, &good), 0);
}

/* --- Lines as others may write them ------------------------------------------------------------
 */

/* Gives a line its checksum. */
static size_t seal(char *line, size_t size, const char *body)
{
    format_text(line, size, "%s #%08x\n", body, (unsigned)checksum(body, text_length(body)));
    return text_length(line);
}

static const struct {
    const char *body;
    int expected;
} bodies[] = {
    {"1 0 note", OK},
    {"1 0 note severity=error text=\"hello\"", OK},
    {"1 0 note text=\"hello, hello\" later=7 other=\"x y\" text=\"hello\"", OK},
    {"18446744073709551615 18446744073709551615 sample series=65535 value=-9223372036854775808",
     OK},
    {"1 0 comet text=\"hello\"", ERR_UNSUPPORTED},
    {"1 0 note severity=panic", ERR_UNSUPPORTED},
    {"1 0 sample series=65536", ERR_FORMAT},
    {"1 0 sample series=-1", ERR_FORMAT},
    {"1 0 sample series=0x10", ERR_FORMAT},
    {"1 0 sample series=\"1\"", ERR_FORMAT},
    {"1 0 sample value=9223372036854775808", ERR_FORMAT},
    {"1 0 sample value=-9223372036854775809", ERR_FORMAT},
    {"1 0 sample value=--1", ERR_FORMAT},
    {"1 0 step ended=2", ERR_FORMAT},
    {"1 0 note text=hello", ERR_FORMAT},
    {"1 0 note text=\"hello", ERR_FORMAT},
    {"1 0 note text=\"a\\n\"", ERR_FORMAT},
    {"1 0 note text=\"a\\x4\"", ERR_FORMAT},
    {"1 0 note text=\"a\\x00b\"", ERR_FORMAT},
    {"1 0 note text=\"a\tb\"", ERR_FORMAT},
    {"1 0 note text=\"a\"severity=info", ERR_FORMAT},
    {"1 0 note  text=\"a\"", ERR_FORMAT},
    {"1 0 note text", ERR_FORMAT},
    {"1 0 note ", ERR_FORMAT},
    {"1 0", ERR_FORMAT},
    {"1", ERR_FORMAT},
    {"", ERR_FORMAT},
    {"-1 0 note", ERR_FORMAT},
    {"1 x note", ERR_FORMAT},
    {"111111111111111111111111111111 0 note", ERR_FORMAT},
};

static void test_bodies(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        struct event event = {.type = 99}, untouched = {.type = 99};
        uint64_t sequence = 0;
        char line[JOURNAL_LINE_MAX];
        size_t length = seal(line, sizeof(line), bodies[i].body);

        if (journal_decode(line, length, &sequence, &event) != bodies[i].expected)
            fail_msg("%s", bodies[i].body);
        assert_int_equal(sequence != 0, bodies[i].expected != ERR_FORMAT);
        if (bodies[i].expected != OK)
            assert_memory_equal(&event, &untouched, sizeof(event));
    }
}

static void test_values_land_in_their_fields(void **state)
{
    struct event event;
    uint64_t sequence;
    char line[JOURNAL_LINE_MAX];
    size_t length = seal(line, sizeof(line),
                         "7 42 memory-error address=0x1f repeat=failed temperature=-5 test=\"t\"");

    (void)state;
    assert_int_equal(journal_decode(line, length, &sequence, &event), OK);
    assert_int_equal(sequence, 7);
    assert_int_equal(event.time_us, 42);
    assert_int_equal(event.type, EVENT_MEMORY_ERROR);
    assert_int_equal(event.memory_error.address, 0x1f);
    assert_int_equal(event.memory_error.repeat, REPEAT_FAILED);
    assert_int_equal(event.memory_error.temperature, -5);
    assert_string_equal(event.memory_error.test, "t");
    assert_int_equal(event.memory_error.expected, 0);
}

static void test_of_a_text_given_twice_the_last_remains(void **state)
{
    struct event event, expected = {.type = EVENT_NOTE, .note.text = "b"};
    uint64_t sequence;
    char line[JOURNAL_LINE_MAX];
    size_t length = seal(line, sizeof(line), "1 0 note text=\"aaaa\" text=\"b\"");

    (void)state;
    assert_int_equal(journal_decode(line, length, &sequence, &event), OK);
    assert_memory_equal(&event, &expected, sizeof(event));
}

static void test_line_ends_of_other_systems(void **state)
{
    struct event event;
    uint64_t sequence;
    char line[128];
    size_t length = seal(line, sizeof(line), "1 0 note text=\"a\"");

    (void)state;
    assert_int_equal(journal_decode(line, length - 1, &sequence, &event), OK);
    memcpy(line + length - 1, "\r\n", 2);
    assert_int_equal(journal_decode(line, length + 1, &sequence, &event), OK);
}

static void test_any_changed_bit_is_seen(void **state)
{
    struct event event;
    uint64_t sequence;
    char line[128];
    size_t length = seal(line, sizeof(line), "12 345 finding id=\"disk-link\" certainty=likely");

    (void)state;
    for (size_t i = 0; i + 1 < length; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            /* The case of a hex digit is no change. */
            if (i >= length - 9 && bit == 5 && line[i] >= 'a')
                continue;
            line[i] ^= (char)(1u << bit);
            assert_int_equal(journal_decode(line, length, &sequence, &event), ERR_FORMAT);
            line[i] ^= (char)(1u << bit);
        }
    }
    for (size_t cut = 0; cut + 1 < length; cut++)
        assert_int_equal(journal_decode(line, cut, &sequence, &event), ERR_FORMAT);
}

/* --- The log -----------------------------------------------------------------------------------
 */

static void append_note(struct journal *journal, const char *words)
{
    struct event event = {.type = EVENT_NOTE};

    copy_text(event.note.text, TEXT_SIZE, words);
    assert_int_equal(journal_append(journal, &event), OK);
}

static unsigned count(const struct journal *journal, uint8_t type, enum journal_stop *ret_stop)
{
    struct journal_reader reader = journal_read_from(journal->data, journal->length);
    struct event event;
    unsigned found = 0;

    while (journal_read(&reader, &event))
        found += event.type == type;
    *ret_stop = reader.stop;
    return found;
}

static void test_a_full_log_keeps_what_matters(void **state)
{
    static char buffer[LOG_SIZE];
    struct event sample = {.type = EVENT_SAMPLE, .sample.value = 1234567};
    struct event error = {.type = EVENT_MEMORY_ERROR, .memory_error.address = 0x123456789};
    struct event finding = {.type = EVENT_FINDING, .finding.id = "memory-bit-error"};
    struct event end = {.type = EVENT_RUN_END};
    struct journal journal;
    enum journal_stop stop;
    size_t after_samples;

    (void)state;
    journal_init(&journal, buffer, sizeof(buffer));
    while (journal_append(&journal, &sample) == OK)
        ;
    after_samples = journal.length;
    assert_in_range(after_samples, LOG_SIZE - LOG_SIZE / 8 - 100, LOG_SIZE - LOG_SIZE / 8 + 200);
    while (journal_append(&journal, &error) == OK)
        ;
    assert_in_range(journal.length, LOG_SIZE - LOG_SIZE / 32 - 100, LOG_SIZE - LOG_SIZE / 32);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(journal_append(&journal, &sample), ERR_FULL);
    assert_int_equal(journal.dropped, 1002);
    for (int i = 0; i < 10; i++)
        assert_int_equal(journal_append(&journal, &finding), OK);
    assert_int_equal(journal_append(&journal, &end), OK);
    assert_int_equal(count(&journal, EVENT_FINDING, &stop), 10);
    assert_int_equal(stop, JOURNAL_ENDED);
    assert_int_equal(count(&journal, EVENT_NOTE, &stop), 1);
    assert_int_equal(count(&journal, EVENT_RUN_END, &stop), 1);
}

static void test_a_log_never_passes_its_end(void **state)
{
    struct event event;

    (void)state;
    fill_event(&event, EVENT_FINDING, FILL_HIGHEST);
    for (size_t size = 0; size < 8192; size += 97) {
        char *buffer = test_malloc(size + 1);
        struct journal journal;
        enum journal_stop stop;

        buffer[size] = '!';
        journal_init(&journal, buffer, size);
        for (int i = 0; i < 5; i++)
            journal_append(&journal, &event);
        assert_int_equal(buffer[size], '!');
        assert_true(journal.length <= size);
        count(&journal, EVENT_FINDING, &stop);
        assert_int_equal(stop, JOURNAL_ENDED);
        test_free(buffer);
    }
}

static void test_what_is_no_event_is_not_logged(void **state)
{
    char buffer[256];
    struct event unknown = {.type = EVENT_TYPES};
    struct event no_name = {.type = EVENT_VERDICT, .verdict.overall = OVERALLS};
    struct journal journal;

    (void)state;
    journal_init(&journal, buffer, sizeof(buffer));
    assert_int_equal(journal_append(&journal, &unknown), ERR_RANGE);
    assert_int_equal(journal_append(&journal, &no_name), ERR_RANGE);
    assert_int_equal(journal.length, 0);
    assert_int_equal(journal.dropped, 0);
}

/* --- The reader --------------------------------------------------------------------------------
 */

static const struct {
    const char *bodies[5]; /* lines; one without a checksum begins with '!' and is taken as it is */
    enum journal_stop stop;
    unsigned read;
    unsigned skipped;
} logs[] = {
    {{NULL}, JOURNAL_ENDED, 0, 0},
    {{"1 0 note", "2 0 note"}, JOURNAL_ENDED, 2, 0},
    {{"1 0 note", "2 0 comet", "3 0 note severity=panic", "4 0 note"}, JOURNAL_ENDED, 2, 2},
    {{"1 0 note", "!         ", "2 0 note"}, JOURNAL_BLANK, 1, 0},
    {{"1 0 note", "!\n", "2 0 note"}, JOURNAL_BLANK, 1, 0},
    {{"1 0 note", "!2 0 note #00000000\n", "3 0 note"}, JOURNAL_INVALID, 1, 0},
    {{"1 0 note", "!2 0 note"}, JOURNAL_CUT, 1, 0},
    {{"1 0 note", "!2 0 no          "}, JOURNAL_CUT, 1, 0},
    {{"1 0 note", "3 0 note", "2 0 note"}, JOURNAL_GAP, 1, 0},
    {{"1 0 note", "1 0 note"}, JOURNAL_GAP, 1, 0},
    {{"1 0 note", "2 0 note", "1 0 note"}, JOURNAL_GAP, 2, 0},
    {{"0 0 note"}, JOURNAL_GAP, 0, 0},
    {{"2 0 note"}, JOURNAL_GAP, 0, 0},
    {{"1 0 note", "3 0 comet"}, JOURNAL_GAP, 1, 0},
};

static void test_readers_stop_where_they_should(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(logs) / sizeof(logs[0]); i++) {
        char bytes[512], line[128];
        struct text text = text_in(bytes, sizeof(bytes));
        struct journal_reader reader;
        struct event event;
        unsigned read = 0;
        size_t stop_at = 0;

        for (size_t j = 0; j < 5 && logs[i].bodies[j]; j++) {
            if (j == logs[i].read + logs[i].skipped)
                stop_at = text.length;
            if (logs[i].bodies[j][0] != '!')
                seal(line, sizeof(line), logs[i].bodies[j]);
            text_add(&text, logs[i].bodies[j][0] == '!' ? logs[i].bodies[j] + 1 : line);
        }
        reader = journal_read_from(bytes, text.length);
        while (journal_read(&reader, &event))
            read++;
        assert_int_equal(read, logs[i].read);
        assert_int_equal(reader.skipped, logs[i].skipped);
        assert_int_equal(reader.stop, logs[i].stop);
        assert_int_equal(reader.offset, logs[i].stop == JOURNAL_ENDED ? text.length : stop_at);
        assert_false(journal_read(&reader, &event));
    }
}

/* --- Unfinished runs ---------------------------------------------------------------------------
 */

static void append_step(struct journal *journal, const char *name, bool ended)
{
    struct event event = {.type = EVENT_STEP, .time_us = 9999999, .step.ended = ended};

    copy_text(event.step.name, NAME_SIZE, name);
    journal_append(journal, &event);
}

static void test_unfinished(void **state)
{
    char buffer[4096];
    struct event start = {.type = EVENT_RUN_START, .run_start.number = 12};
    struct event phase = {.type = EVENT_PHASE_START, .phase_start.phase = "imaging"};
    struct event end = {.type = EVENT_RUN_END, .time_us = 10000000};
    struct event_prior_run run = {.number = 99};
    struct journal journal;

    (void)state;
    journal_init(&journal, buffer, sizeof(buffer));
    assert_false(journal_is_unfinished(buffer, 0, &run));
    append_note(&journal, "no start");
    assert_false(journal_is_unfinished(buffer, journal.length, &run));
    assert_int_equal(run.number, 99);

    journal_init(&journal, buffer, sizeof(buffer));
    journal_append(&journal, &start);
    journal_append(&journal, &phase);
    append_step(&journal, "outer", false);
    append_step(&journal, "inner", false);
    assert_true(journal_is_unfinished(buffer, journal.length, &run));
    assert_string_equal(run.step, "inner");
    append_step(&journal, "inner", true);
    assert_true(journal_is_unfinished(buffer, journal.length, &run));
    assert_int_equal(run.number, 12);
    assert_int_equal(run.after_s, 9);
    assert_string_equal(run.phase, "imaging");
    assert_string_equal(run.step, "outer");
    append_step(&journal, "outer", true);
    assert_true(journal_is_unfinished(buffer, journal.length, &run));
    assert_string_equal(run.step, "");
    for (char name[] = "a"; name[0] < 'j'; name[0]++)
        append_step(&journal, name, false);
    assert_true(journal_is_unfinished(buffer, journal.length, &run));
    assert_string_equal(run.step, "i");
    journal_append(&journal, &end);
    assert_false(journal_is_unfinished(buffer, journal.length, &run));
    /* The end was written, and never reached the medium. */
    assert_true(journal_is_unfinished(buffer, journal.length - 1, &run));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind_comes_back),
        cmocka_unit_test(test_a_text_without_nul_ends_with_its_buffer),
        cmocka_unit_test(test_what_is_no_event_is_not_written),
        cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_values_land_in_their_fields),
        cmocka_unit_test(test_of_a_text_given_twice_the_last_remains),
        cmocka_unit_test(test_line_ends_of_other_systems),
        cmocka_unit_test(test_any_changed_bit_is_seen),
        cmocka_unit_test(test_a_full_log_keeps_what_matters),
        cmocka_unit_test(test_a_log_never_passes_its_end),
        cmocka_unit_test(test_what_is_no_event_is_not_logged),
        cmocka_unit_test(test_readers_stop_where_they_should),
        cmocka_unit_test(test_unfinished),
    };

    return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
