/* Text in a buffer of fixed size: what fits, what is cut, what is read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"

static void text_keeps_to_its_buffer(void **state)
{
    char buffer[8];
    struct text text = text_in(buffer, 6);

    (void)state;
    memset(buffer + 6, '#', 2);
    text_add(&text, "abc");
    assert_false(text.cut);
    text_add(&text, "defgh");
    assert_true(text.cut);
    assert_string_equal(buffer, "abcde");
    assert_int_equal(text.length, 5);
    text_char(&text, 'x');
    text_format(&text, "%u", 12u);
    assert_string_equal(buffer, "abcde");
    assert_memory_equal(buffer + 6, "##", 2);
}

static void format_that_does_not_fit_is_cut(void **state)
{
    static const struct {
        size_t size;
        const char *text;
        bool cut;
    } cases[] = {
        {1, "", true}, {5, "7 is", true}, {12, "7 is 0x00ff", false}, {11, "7 is 0x00f", true}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char buffer[16];
        struct text text = text_in(buffer, cases[i].size);

        text_format(&text, "%d is 0x%04x", 7, 255u);
        assert_string_equal(buffer, cases[i].text);
        assert_int_equal(text.cut, cases[i].cut);
        assert_int_equal(text.length, strlen(cases[i].text));
    }
}

static void plain_buffers_are_cut(void **state)
{
    char buffer[5];

    (void)state;
    format_text(buffer, sizeof(buffer), "%s-%llu", "ab", 123456789012ull);
    assert_string_equal(buffer, "ab-1");
    copy_text(buffer, sizeof(buffer), "abcdefg");
    assert_string_equal(buffer, "abcd");
    copy_text(buffer, sizeof(buffer), "");
    assert_string_equal(buffer, "");
}

static void names_of_devices(void **state)
{
    static const struct {
        const char *bytes;
        size_t count;
        const char *name;
    } cases[] = {
        {"  WDC WD40  ", 12, "WDC WD40"},
        {"S1\0garbage", 10, "S1"},
        {"a\x01\xff~b", 5, "a??~b"},
        {"        ", 8, ""},
        {"", 0, ""},
        {"\0abc", 4, ""},
        {"0123456789", 10, "0123456"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char buffer[9];

        copy_name(buffer, strlen(cases[i].name) == 7 ? 8 : 9, cases[i].bytes, cases[i].count);
        assert_string_equal(buffer, cases[i].name);
    }
}

static void comparing(void **state)
{
    static const struct {
        const char *a, *b;
        bool equal, nocase, starts;
    } cases[] = {
        {"", "", true, true, true},           {"a", "", false, false, true},
        {"", "a", false, false, false},       {"abc", "abc", true, true, true},
        {"abc", "ABC", false, true, false},   {"abcd", "abc", false, false, true},
        {"abc", "abcd", false, false, false}, {"a[", "a{", false, false, false},
        {"a@", "a`", false, false, false},    {"Zz", "zZ", false, true, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(text_equal(cases[i].a, cases[i].b), cases[i].equal);
        assert_int_equal(text_equal_nocase(cases[i].a, cases[i].b), cases[i].nocase);
        assert_int_equal(text_starts(cases[i].a, cases[i].b), cases[i].starts);
        assert_int_equal(text_length(cases[i].a), strlen(cases[i].a));
    }
}

static void reading_numbers(void **state)
{
    static const struct {
        const char *text;
        unsigned base;
        int error;
        uint64_t value;
    } cases[] = {
        {"0", 10, OK, 0},
        {"18446744073709551615", 10, OK, UINT64_MAX},
        {"18446744073709551616", 10, ERR_RANGE, 0},
        {"99999999999999999999", 10, ERR_RANGE, 0},
        {"0000000000000000000000012", 10, OK, 12},
        {"", 10, ERR_FORMAT, 0},
        {"-1", 10, ERR_FORMAT, 0},
        {"+1", 10, ERR_FORMAT, 0},
        {" 1", 10, ERR_FORMAT, 0},
        {"1 ", 10, ERR_FORMAT, 0},
        {"12a", 10, ERR_FORMAT, 0},
        {"0x12", 10, ERR_FORMAT, 0},
        {"0x12", 16, OK, 0x12},
        {"0XdeadBEEF", 16, OK, 0xDEADBEEF},
        {"ffffffffffffffff", 16, OK, UINT64_MAX},
        {"10000000000000000", 16, ERR_RANGE, 0},
        {"0x", 16, ERR_FORMAT, 0},
        {"0x0x1", 16, ERR_FORMAT, 0},
        {"fg", 16, ERR_FORMAT, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t value = 4711;

        assert_int_equal(parse_u64(cases[i].text, cases[i].base, &value), cases[i].error);
        assert_int_equal(value, cases[i].error ? 4711 : cases[i].value);
    }
}

static void amounts(void **state)
{
    static const struct {
        uint64_t bytes;
        const char *text;
    } cases[] = {
        {0, "0 bytes"},
        {512, "512 bytes"},
        {1023, "1023 bytes"},
        {1024, "1.0 KiB"},
        {1536, "1.5 KiB"},
        {10 * 1024 - 1, "9.9 KiB"},
        {10 * 1024, "10 KiB"},
        {37 * 1048576ull, "37 MiB"},
        {(uint64_t)14 << 40, "14 TiB"},
        {((uint64_t)1 << 40) + ((uint64_t)410 << 30), "1.4 TiB"},
        {UINT64_MAX, "15 EiB"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char buffer[32];
        struct text text = text_in(buffer, sizeof(buffer));

        text_amount(&text, cases[i].bytes);
        assert_string_equal(buffer, cases[i].text);
    }
}

static void durations(void **state)
{
    static const struct {
        uint64_t seconds;
        const char *text;
    } cases[] = {
        {0, "0 s"},          {8, "8 s"},
        {59, "59 s"},        {60, "1 min 0 s"},
        {725, "12 min 5 s"}, {3599, "59 min 59 s"},
        {3600, "1 h 0 min"}, {12000, "3 h 20 min"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char buffer[32];
        struct text text = text_in(buffer, sizeof(buffer));

        text_duration(&text, cases[i].seconds);
        assert_string_equal(buffer, cases[i].text);
    }
}

static void thousandths(void **state)
{
    static const struct {
        int64_t milli;
        unsigned decimals;
        const char *text;
    } cases[] = {
        {41250, 1, "41.2"},
        {41250, 0, "41"},
        {41250, 3, "41.250"},
        {41050, 1, "41.0"},
        {7, 3, "0.007"},
        {-7, 3, "-0.007"},
        {-7, 1, "0.0"},
        {-1500, 1, "-1.5"},
        {-900, 0, "0"},
        {-1000, 0, "-1"},
        {0, 2, "0.00"},
        {INT64_MIN, 3, "-9223372036854775.808"},
        {INT64_MAX, 0, "9223372036854775"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char buffer[32];
        struct text text = text_in(buffer, sizeof(buffer));

        text_milli(&text, cases[i].milli, cases[i].decimals);
        assert_string_equal(buffer, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_keeps_to_its_buffer),
        cmocka_unit_test(format_that_does_not_fit_is_cut),
        cmocka_unit_test(plain_buffers_are_cut),
        cmocka_unit_test(names_of_devices),
        cmocka_unit_test(comparing),
        cmocka_unit_test(reading_numbers),
        cmocka_unit_test(amounts),
        cmocka_unit_test(durations),
        cmocka_unit_test(thousandths),
    };

    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
