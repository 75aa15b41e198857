/*
 * The building blocks of reports: output, UTF-8, JSON, XML, time stamps; and how the writers of
 * whole reports take an output that fails.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "report/json.h"
#include "report/junit.h"
#include "report/ocp.h"
#include "report/stamp.h"
#include "report/utf8.h"
#include "report/xml.h"

struct sink_file {
    struct text text;
    unsigned calls, fail_at;
};

static int write_to_sink(void *context, const void *data, size_t size)
{
    struct sink_file *file = context;

    if (++file->calls == file->fail_at)
        return ERR_FULL;
    assert_true(file->fail_at == 0 || file->calls < file->fail_at);
    for (size_t i = 0; i < size; i++)
        text_char(&file->text, ((const char *)data)[i]);
    return OK;
}

static char written[64 * 1024];

static struct sink_file new_file(unsigned fail_at)
{
    return (struct sink_file){.text = text_in(written, sizeof(written)), .fail_at = fail_at};
}

/* --- Output ------------------------------------------------------------------------------------
 */

static void test_writer(void **state)
{
    struct sink_file file = new_file(0);
    struct output output = {.context = &file, .write = write_to_sink};
    struct writer writer;

    (void)state;
    writer_init(&writer, &output);
    for (int i = 0; i < 1000; i++)
        writer_format(&writer, "%03d", i);
    assert_int_equal(writer_finish(&writer), OK);
    assert_int_equal(file.text.length, 3000);
    for (int i = 0; i < 1000; i++) {
        char digits[4];

        format_text(digits, sizeof(digits), "%03d", i);
        assert_memory_equal(written + (size_t)i * 3, digits, 3);
    }
}

static void test_writer_reports_what_it_cut(void **state)
{
    struct sink_file file = new_file(0);
    struct output output = {.context = &file, .write = write_to_sink};
    struct writer writer;

    (void)state;
    writer_init(&writer, &output);
    writer_format(&writer, "%*d", WRITER_FORMAT_MAX - 1, 1);
    assert_int_equal(writer_finish(&writer), OK);
    writer_format(&writer, "%*d", WRITER_FORMAT_MAX, 1);
    assert_int_equal(writer_finish(&writer), ERR_RANGE);
}

/* --- UTF-8 -------------------------------------------------------------------------------------
 */

static const struct {
    const char *text;
    uint32_t codes[6];
} sequences[] = {
    {"", {0}},
    {"a\x7f", {'a', 0x7f}},
    {"\xc2\x80\xdf\xbf", {0x80, 0x7ff}},
    {"\xe0\xa0\x80\xef\xbf\xbf", {0x800, 0xffff}},
    {"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", {0x10000, 0x10ffff}},
    {"\x80", {UTF8_REPLACEMENT}},
    {"\xc3", {UTF8_REPLACEMENT}},
    {"\xf0\x9f\x92", {UTF8_REPLACEMENT, UTF8_REPLACEMENT, UTF8_REPLACEMENT}},
    {"\xc3z", {UTF8_REPLACEMENT, 'z'}},
    {"\xc0\x80", {UTF8_REPLACEMENT, UTF8_REPLACEMENT}},
    {"\xe0\x9f\xbf", {UTF8_REPLACEMENT, UTF8_REPLACEMENT, UTF8_REPLACEMENT}},
    {"\xed\xa0\x80", {UTF8_REPLACEMENT, UTF8_REPLACEMENT, UTF8_REPLACEMENT}},
    {"\xf4\x90\x80\x80", {UTF8_REPLACEMENT, UTF8_REPLACEMENT, UTF8_REPLACEMENT, UTF8_REPLACEMENT}},
    {"\xff\xfe", {UTF8_REPLACEMENT, UTF8_REPLACEMENT}},
};

static void test_utf8(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++) {
        const char *at = sequences[i].text;

        for (size_t j = 0; j < 6 && sequences[i].codes[j]; j++)
            assert_int_equal(utf8_next(&at), sequences[i].codes[j]);
        assert_int_equal(utf8_next(&at), 0);
        assert_int_equal(utf8_next(&at), 0);
        assert_ptr_equal(at, sequences[i].text + strlen(sequences[i].text));
    }
}

/* --- JSON --------------------------------------------------------------------------------------
 */

static void write_sample(struct json *json)
{
    json_object_begin(json);
    json_text(json, "empty", "");
    json_text(json, "text", "a\"\\\n\xc3\xa9\xf0\x9f\x92\xbe\xff");
    json_list(json, "list");
    json_unsigned(json, UINT64_MAX);
    json_signed(json, INT64_MIN);
    json_milli(json, -1);
    json_milli(json, INT64_MIN);
    json_milli(json, 41250);
    json_hex(json, 0x1f);
    json_bool(json, true);
    json_object_begin(json);
    json_object_end(json);
    json_array_begin(json);
    json_array_end(json);
    json_array_end(json);
    json_open(json, "o");
    json_number(json, "n", 0);
    json_flag(json, "f", false);
    json_object_end(json);
    json_object_end(json);
}

static void test_json(void **state)
{
    struct sink_file file = new_file(0);
    struct output output = {.context = &file, .write = write_to_sink};
    struct writer writer;
    struct json json;

    (void)state;
    writer_init(&writer, &output);
    json = json_on(&writer);
    write_sample(&json);
    json_line_end(&json);
    assert_int_equal(writer_finish(&writer), OK);
    assert_string_equal(written, "{\"text\":\"a\\\"\\\\\\u000a\\u00e9\\ud83d\\udcbe\\ufffd\","
                                 "\"list\":[18446744073709551615,-9223372036854775808,-0.001,"
                                 "-9223372036854775.808,41.250,\"0x1f\",true,{},[]],"
                                 "\"o\":{\"n\":0,\"f\":false}}\n");
}

static void misuse_value_without_key(struct json *json)
{
    json_object_begin(json);
    json_bool(json, true);
}

static void misuse_key_in_array(struct json *json)
{
    json_array_begin(json);
    json_key(json, "a");
}

static void misuse_two_keys(struct json *json)
{
    json_object_begin(json);
    json_key(json, "a");
    json_key(json, "b");
}

static void misuse_key_without_value(struct json *json)
{
    json_object_begin(json);
    json_key(json, "a");
    json_object_end(json);
}

static void misuse_wrong_end(struct json *json)
{
    json_object_begin(json);
    json_array_end(json);
}

static void misuse_end_of_nothing(struct json *json)
{
    json_object_end(json);
}

static void misuse_line_end_within(struct json *json)
{
    json_object_begin(json);
    json_line_end(json);
}

static void misuse_depth(struct json *json)
{
    for (unsigned i = 0; i <= JSON_DEPTH_MAX; i++)
        json_array_begin(json);
}

static void (*const misuses[])(struct json *json) = {
    misuse_value_without_key, misuse_key_in_array, misuse_two_keys,        misuse_key_without_value,
    misuse_wrong_end,         misuse_depth,        misuse_line_end_within, misuse_end_of_nothing,
};

static void test_json_refuses_misuse(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(misuses) / sizeof(misuses[0]); i++) {
        struct sink_file file = new_file(0);
        struct output output = {.context = &file, .write = write_to_sink};
        struct writer writer;
        struct json json;

        writer_init(&writer, &output);
        json = json_on(&writer);
        misuses[i](&json);
        assert_int_equal(writer_finish(&writer), ERR_RANGE);
    }
}

/* --- XML ---------------------------------------------------------------------------------------
 */

static void test_xml(void **state)
{
    struct sink_file file = new_file(0);
    struct output output = {.context = &file, .write = write_to_sink};
    struct writer writer;

    (void)state;
    writer_init(&writer, &output);
    xml_attribute(&writer, "name", "a<b>&\"'\n\x01\xc3\xa9\xf0\x9f\x92\xbe\xff\xef\xbf\xbf");
    assert_int_equal(writer_finish(&writer), OK);
    assert_string_equal(written, " name=\"a&#60;b&#62;&#38;&#34;&#39;&#10;&#65533;&#233;&#128190;"
                                 "&#65533;&#65533;\"");
}

/* --- Time stamps -------------------------------------------------------------------------------
 */

static const struct {
    struct event_run_start start;
    uint64_t time_us;
    const char *stamp;
    bool known;
} stamps[] = {
    {{.year = 0}, 0, "1970-01-01T00:00:00.000Z", false},
    {{.year = 0}, 1500999, "1970-01-01T00:00:01.500Z", false},
    {{.year = 1970, .month = 1, .day = 1}, 0, "1970-01-01T00:00:00.000Z", true},
    {{.year = 1999, .month = 12, .day = 31, .hour = 23, .minute = 59, .second = 59},
     1000000,
     "2000-01-01T00:00:00.000Z",
     true},
    {{.year = 2024, .month = 2, .day = 28, .hour = 12},
     86400000000,
     "2024-02-29T12:00:00.000Z",
     true},
    {{.year = 2100, .month = 2, .day = 28, .hour = 12},
     86400000000,
     "2100-03-01T12:00:00.000Z",
     true},
    {{.year = 2000, .month = 2, .day = 29}, 0, "2000-02-29T00:00:00.000Z", true},
    {{.year = 2023, .month = 2, .day = 29}, 0, "1970-01-01T00:00:00.000Z", false},
    {{.year = 2023, .month = 0, .day = 1}, 0, "1970-01-01T00:00:00.000Z", false},
    {{.year = 2023, .month = 13, .day = 1}, 0, "1970-01-01T00:00:00.000Z", false},
    {{.year = 2023, .month = 1, .day = 1, .hour = 24}, 0, "1970-01-01T00:00:00.000Z", false},
    {{.year = 1969, .month = 1, .day = 1}, 0, "1970-01-01T00:00:00.000Z", false},
    {{.year = 2026, .month = 1, .day = 1, .hour = 1, .zone_known = true, .zone_minutes = 120},
     0,
     "2025-12-31T23:00:00.000Z",
     true},
    {{.year = 2025, .month = 12, .day = 31, .hour = 20, .zone_known = true, .zone_minutes = -330},
     0,
     "2026-01-01T01:30:00.000Z",
     true},
    {{.year = 2026, .month = 1, .day = 1, .zone_minutes = 120},
     0,
     "2026-01-01T00:00:00.000Z",
     true},
    {{.year = 1970, .month = 1, .day = 1, .zone_known = true, .zone_minutes = 60},
     0,
     "1970-01-01T00:00:00.000Z",
     true},
    {{.year = 9999, .month = 12, .day = 31}, UINT64_MAX, "9999-12-31T23:59:59.999Z", true},
    {{.year = 9999, .month = 12, .day = 31, .hour = 23, .zone_known = true, .zone_minutes = -1440},
     0,
     "9999-12-31T23:59:59.999Z",
     true},
};

static void test_stamps(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(stamps) / sizeof(stamps[0]); i++) {
        char stamp[STAMP_SIZE];

        stamp_text(stamp, stamp_start_ms(&stamps[i].start), stamps[i].time_us);
        assert_string_equal(stamp, stamps[i].stamp);
        assert_int_equal(stamp_clock_is_known(&stamps[i].start), stamps[i].known);
    }
}

/* --- Whole reports -----------------------------------------------------------------------------
 */

static size_t make_journal(char *buffer, size_t size)
{
    struct event start = {.type = EVENT_RUN_START};
    struct event note = {.type = EVENT_NOTE, .note.text = "a note"};
    struct journal journal;

    journal_init(&journal, buffer, size);
    journal_append(&journal, &start);
    for (int i = 0; i < 50; i++)
        journal_append(&journal, &note);
    return journal.length;
}

/* Each write is refused once; writing stops there, and the error arrives. */
static void test_reports_give_the_first_error(void **state)
{
    static struct model model;
    char journal[4096];
    size_t size = make_journal(journal, sizeof(journal));
    struct sink_file file;
    struct output output = {.context = &file, .write = write_to_sink};
    unsigned calls;

    (void)state;
    assert_int_equal(model_build(&model, journal, size), OK);
    file = new_file(0);
    assert_int_equal(ocp_write(journal, size, &model, &output), OK);
    assert_non_null(strstr(written, "\"testRunEnd\""));
    calls = file.calls;
    assert_true(calls > 2);
    for (unsigned i = 1; i <= calls; i++) {
        file = new_file(i);
        assert_int_equal(ocp_write(journal, size, &model, &output), ERR_FULL);
        assert_int_equal(file.calls, i);
    }
    file = new_file(0);
    assert_int_equal(junit_write(&model, &output), OK);
    calls = file.calls;
    assert_true(calls > 1);
    for (unsigned i = 1; i <= calls; i++) {
        file = new_file(i);
        assert_int_equal(junit_write(&model, &output), ERR_FULL);
        assert_int_equal(file.calls, i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writer),
        cmocka_unit_test(test_writer_reports_what_it_cut),
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_json_refuses_misuse),
        cmocka_unit_test(test_xml),
        cmocka_unit_test(test_stamps),
        cmocka_unit_test(test_reports_give_the_first_error),
    };

    return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
