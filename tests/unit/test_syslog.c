/* Syslog messages, read again by the grammar of RFC 5424, section 6, and nothing more lenient. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/network.h"
#include "base/text.h"
#include "report/syslog.h"

enum { PARAMETERS = 16, HEADER_WORDS = 5 };

/* A message taken apart. */
struct parsed {
    unsigned priority;
    char stamp[64], host[300], application[64], process[160], kind[64], id[64];
    unsigned count;
    struct {
        char name[40], value[512];
    } parameters[PARAMETERS];
    const char *words;
};

static struct syslog syslog;
static struct parsed parsed;
static char message[SYSLOG_SIZE];

/* One word of the header: PRINTUSASCII and a blank behind. */
static const char *read_word(const char *at, char *ret, size_t max)
{
    size_t length = 0;

    for (; *at > ' ' && *at <= '~'; at++) {
        assert_true(length < max);
        ret[length++] = *at;
    }
    ret[length] = '\0';
    assert_true(length > 0);
    assert_int_equal(*at, ' ');
    return at + 1;
}

static const char *read_name(const char *at, char *ret, const char *ends)
{
    size_t length = 0;

    for (; !strchr(ends, *at); at++) {
        assert_true(*at > ' ' && *at <= '~' && *at != '=' && *at != '"' && *at != ']');
        assert_true(length < 32);
        ret[length++] = *at;
    }
    ret[length] = '\0';
    assert_true(length > 0);
    return at;
}

static const char *read_value(const char *at, char *ret, size_t max)
{
    size_t length = 0;

    assert_int_equal(*at++, '"');
    for (; *at != '"'; at++) {
        assert_true(*at >= ' ' && *at <= '~' && *at != ']');
        if (*at == '\\') {
            at++;
            assert_true(*at == '"' || *at == '\\' || *at == ']');
        }
        assert_true(length + 1 < max);
        ret[length++] = *at;
    }
    ret[length] = '\0';
    return at + 1;
}

static const char *read_data(const char *at)
{
    assert_int_equal(*at++, '[');
    at = read_name(at, parsed.id, " ]");
    while (*at == ' ') {
        assert_true(parsed.count < PARAMETERS);
        at = read_name(at + 1, parsed.parameters[parsed.count].name, "=");
        at = read_value(at + 1, parsed.parameters[parsed.count++].value, 512);
    }
    assert_int_equal(*at, ']');
    return at + 1;
}

static unsigned digits(const char *at, unsigned count)
{
    unsigned number = 0;

    for (unsigned i = 0; i < count; i++) {
        assert_in_range(at[i], '0', '9');
        number = number * 10 + (unsigned)(at[i] - '0');
    }
    return number;
}

/* TIMESTAMP: "-", or a moment of RFC 3339 with capital T and Z, or an offset, at most six digits of
 * a second, no leap second. */
static void check_stamp(const char *stamp)
{
    size_t end = 20;

    if (!strcmp(stamp, "-"))
        return;
    digits(stamp, 4);
    assert_in_range(digits(stamp + 5, 2), 1, 12);
    assert_in_range(digits(stamp + 8, 2), 1, 31);
    assert_in_range(digits(stamp + 11, 2), 0, 23);
    assert_in_range(digits(stamp + 14, 2), 0, 59);
    assert_in_range(digits(stamp + 17, 2), 0, 59);
    assert_true(stamp[4] == '-' && stamp[7] == '-' && stamp[10] == 'T' && stamp[13] == ':' &&
                stamp[16] == ':');
    if (stamp[19] == '.') {
        while (stamp[end] >= '0' && stamp[end] <= '9')
            end++;
        assert_in_range(end, 21, 26);
    } else {
        end = 19;
    }
    assert_string_equal(stamp + end, "Z");
}

static void parse(const char *at, size_t size)
{
    unsigned length = 0;

    memset(&parsed, 0, sizeof(parsed));
    assert_true(size < SYSLOG_SIZE);
    assert_int_equal(strlen(at), size);
    assert_int_equal(*at++, '<');
    for (; *at >= '0' && *at <= '9'; at++, length++)
        parsed.priority = parsed.priority * 10 + (unsigned)(*at - '0');
    assert_in_range(length, 1, 3);
    assert_in_range(parsed.priority, 0, 191);
    assert_memory_equal(at, ">1 ", 3);
    at = read_word(at + 3, parsed.stamp, 32);
    check_stamp(parsed.stamp);
    at = read_word(at, parsed.host, 255);
    at = read_word(at, parsed.application, 48);
    at = read_word(at, parsed.process, 128);
    at = read_word(at, parsed.kind, 32);
    at = read_data(at);
    assert_int_equal(*at, ' ');
    parsed.words = at + 1;
    for (at++; *at; at++)
        assert_in_range(*at, ' ', '~');
}

static const char *parameter(const char *name)
{
    for (unsigned i = 0; i < parsed.count; i++) {
        if (!strcmp(parsed.parameters[i].name, name))
            return parsed.parameters[i].value;
    }
    return "";
}

static void format(const struct event *event, const char *words)
{
    enum syslog_severity severity = SYSLOG_DEBUG;
    size_t size;

    syslog_severity(event, &severity);
    size = syslog_format(&syslog, event, severity, words, message);
    parse(message, size);
}

static struct event run_start(bool zone_known, int16_t zone_minutes)
{
    return (struct event){.type = EVENT_RUN_START,
                          .run_start = {.number = 7,
                                        .year = 2026,
                                        .month = 2,
                                        .day = 28,
                                        .hour = 23,
                                        .minute = 59,
                                        .second = 58,
                                        .zone_known = zone_known,
                                        .zone_minutes = zone_minutes}};
}

static int setup(void **state)
{
    struct event start = run_start(true, 60);

    (void)state;
    syslog_init(&syslog, "SN-42", "Lab Machine");
    syslog_follow(&syslog, &start);
    return 0;
}

static void test_finding(void **state)
{
    struct event phase = {.type = EVENT_PHASE_START, .phase_start.phase = "memory"};
    struct event event = {.type = EVENT_FINDING, .time_us = 61234567};

    (void)state;
    copy_text(event.finding.id, NAME_SIZE, "memory-bit-error");
    event.finding.certainty = LIKELY;
    syslog_follow(&syslog, &phase);
    format(&event, "FOUND memory-bit-error (likely): DIMM 0");
    assert_int_equal(parsed.priority, 1 * 8 + 3);
    assert_string_equal(parsed.stamp, "2026-02-28T23:00:59.234Z");
    assert_string_equal(parsed.host, "SN-42");
    assert_string_equal(parsed.application, "assay");
    assert_string_equal(parsed.process, "-");
    assert_string_equal(parsed.kind, "finding");
    assert_string_equal(parsed.id, "assay@32473");
    assert_string_equal(parameter("run"), "7");
    assert_string_equal(parameter("sequence"), "1");
    assert_string_equal(parameter("time"), "61.234");
    assert_string_equal(parameter("phase"), "memory");
    assert_string_equal(parameter("id"), "memory-bit-error");
    assert_string_equal(parameter("certainty"), "likely");
    assert_string_equal(parsed.words, "FOUND memory-bit-error (likely): DIMM 0");
    format(&event, "again");
    assert_string_equal(parameter("sequence"), "2");
}

static void test_severities(void **state)
{
    static const struct {
        struct event event;
        int severity; /* -1: no message */
    } cases[] = {
        {{.type = EVENT_RUN_START}, 6},
        {{.type = EVENT_PHASE_START}, 6},
        {{.type = EVENT_PHASE_END}, 6},
        {{.type = EVENT_RUN_END}, 6},
        {{.type = EVENT_VERDICT}, 5},
        {{.type = EVENT_PRIOR_RUN}, 4},
        {{.type = EVENT_NOT_TESTED}, 5},
        {{.type = EVENT_NOT_TESTED, .not_tested.subject = true}, 4},
        {{.type = EVENT_NOTE, .note.severity = SEVERITY_INFO}, 6},
        {{.type = EVENT_NOTE, .note.severity = SEVERITY_WARNING}, 4},
        {{.type = EVENT_NOTE, .note.severity = SEVERITY_ERROR}, 3},
        {{.type = EVENT_NOTE, .note.severity = 99}, 3},
        {{.type = EVENT_MEMORY_ERROR}, 4},
        {{.type = EVENT_DISK_ERROR}, 4},
        {{.type = EVENT_MISMATCH}, 4},
        {{.type = EVENT_WRITE_ERROR}, 4},
        {{.type = EVENT_MACHINE_CHECK}, 4},
        {{.type = EVENT_FINDING, .finding.certainty = POSSIBLE}, 4},
        {{.type = EVENT_FINDING, .finding.certainty = LIKELY}, 3},
        {{.type = EVENT_FINDING, .finding.certainty = CERTAIN}, 3},
        {{.type = EVENT_STEP}, 7},
        {{.type = EVENT_STEP, .step.ended = true}, -1},
        {{.type = EVENT_SAMPLE}, -1},
        {{.type = EVENT_PROGRESS}, -1},
        {{.type = EVENT_COUNTER}, -1},
        {{.type = EVENT_TYPES}, -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        enum syslog_severity severity;
        bool has = syslog_severity(&cases[i].event, &severity);

        assert_int_equal(has ? (int)severity : -1, cases[i].severity);
    }
}

static void test_no_date_without_a_zone(void **state)
{
    struct event start = run_start(false, 0);

    (void)state;
    syslog_follow(&syslog, &start);
    format(&start, "x");
    assert_string_equal(parsed.stamp, "-");
    start = run_start(true, 0);
    start.run_start.year = 0;
    syslog_follow(&syslog, &start);
    format(&start, "x");
    assert_string_equal(parsed.stamp, "-");
}

static void test_hosts(void **state)
{
    static const struct {
        const char *serial, *product, *host;
    } cases[] = {
        {"SN-42", "Lab Machine", "SN-42"},
        {"", "Lab Machine", "Lab-Machine"},
        {"To be filled by O.E.M.", "B650 Board", "B650-Board"},
        {"", "", "-"},
        {"Default string", "", "-"},
        {"A\"]\\\x7f\n\xE4", "", "A\"]\\---"},
    };
    struct event event = run_start(true, 0);
    char longest[400];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        syslog_init(&syslog, cases[i].serial, cases[i].product);
        format(&event, "x");
        assert_string_equal(parsed.host, cases[i].host);
    }
    memset(longest, 'h', sizeof(longest));
    longest[399] = '\0';
    syslog_init(&syslog, longest, "");
    format(&event, "x");
    assert_int_equal(strlen(parsed.host), 255);
}

static void test_hostile_texts(void **state)
{
    struct event phase = {.type = EVENT_PHASE_START, .phase_start.phase = "a\"b]c\\d\n\x01\xC3="};
    struct event event = {.type = EVENT_FINDING};

    (void)state;
    copy_text(event.finding.id, NAME_SIZE, "]\"\\] x=\"1");
    event.finding.certainty = 99;
    syslog_follow(&syslog, &phase);
    format(&event, "two\r\nlines\t\x1b[2J \xEF\xBB\xBF <14>1 ]\"\\");
    assert_string_equal(parameter("phase"), "a\"b]c\\d??"
                                            "?=");
    assert_string_equal(parameter("id"), "]\"\\] x=\"1");
    assert_string_equal(parameter("certainty"), "");
    assert_string_equal(parsed.words, "two??lines??[2J ??? <14>1 ]\"\\");
}

static void test_long_texts_are_cut(void **state)
{
    char words[3000], host[256];
    struct event phase = {.type = EVENT_PHASE_START};
    struct event event = {.type = EVENT_FINDING, .time_us = UINT64_MAX};

    (void)state;
    memset(words, 'w', sizeof(words) - 1);
    words[sizeof(words) - 1] = '\0';
    memset(host, 'h', sizeof(host) - 1);
    host[sizeof(host) - 1] = '\0';
    memset(phase.phase_start.phase, ']', NAME_SIZE - 1);
    memset(event.finding.id, '"', NAME_SIZE - 1);
    syslog_init(&syslog, host, "");
    syslog_follow(&syslog, &phase);
    syslog.run = syslog.sequence = UINT32_MAX - 1;
    format(&event, words);
    assert_int_equal(strlen(message), SYSLOG_SIZE - 1);
    assert_string_equal(message + SYSLOG_SIZE - 5, "w...");
    words[100] = '\0';
    format(&event, words);
    assert_string_equal(parsed.words, words);
}

static void test_addresses(void **state)
{
    static const char *const bad[] = {
        "",       "1.2.3",  "1.2.3.4.5", "1.2.3.256", "1.2.3.-4",  "1.2.3.4 ",   " 1.2.3.4",
        "1..3.4", "1.2.3.", "a.b.c.d",   "1.2.3.4a",  "localhost", "0001.2.3.4", "1.2.3.4:5"};
    const uint8_t wanted[] = {10, 0, 2, 255};
    uint8_t address[NETWORK_ADDRESS_SIZE] = {0};

    (void)state;
    assert_int_equal(network_parse_address("10.0.2.255", address), OK);
    assert_memory_equal(address, wanted, sizeof(wanted));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(network_parse_address(bad[i], address), ERR_FORMAT);
    assert_memory_equal(address, wanted, sizeof(wanted));
}

static void test_router_of_dhcp(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        int result;
    } cases[] = {
        {"\x35\x01\x05\x01\x04\xff\xff\xff\x00\x03\x04\x0a\x00\x02\x02\xff", 16, OK},
        {"\x00\x00\x03\x08\x0a\x00\x02\x02\x0a\x00\x02\x03", 12, OK},
        {"\x35\x01\x05\xff\x00\x03\x04\x0a\x00\x02\x02", 11, ERR_ABSENT},
        {"\x03\x03\x0a\x00\x02\xff", 6, ERR_ABSENT},
        {"\x03\x04\x0a\x00\x02", 5, ERR_ABSENT},
        {"\x03", 1, ERR_ABSENT},
        {"\x35\xff\x05", 3, ERR_ABSENT},
        {"", 0, ERR_ABSENT},
    };
    const uint8_t wanted[] = {10, 0, 2, 2};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t copy[32], router[NETWORK_ADDRESS_SIZE] = {0};

        memcpy(copy, cases[i].bytes, cases[i].size);
        assert_int_equal(network_dhcp_router(copy, cases[i].size, router), cases[i].result);
        assert_true(cases[i].result || !memcmp(router, wanted, sizeof(wanted)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_finding, setup),
        cmocka_unit_test_setup(test_severities, setup),
        cmocka_unit_test_setup(test_no_date_without_a_zone, setup),
        cmocka_unit_test_setup(test_hosts, setup),
        cmocka_unit_test_setup(test_hostile_texts, setup),
        cmocka_unit_test_setup(test_long_texts_are_cut, setup),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_router_of_dhcp),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
