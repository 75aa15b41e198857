/* A run's files on their way to a server that is well, refuses, hangs, breaks off or talks rubbish:
 * either all arrive byte for byte, or it ends within its limits and says why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "report/journal.h"
#include "report/upload.h"
#include "tests/sim/connection.h"
#include "tests/sim/sample_run.h"

enum { JOURNAL_SIZE = 4 << 20 };

static const char *const URL = "http://10.0.2.2:8199/up/";
static const uint64_t SECOND = 1000000;

static struct sim_clock now;
static struct clock seam;
static struct sim_connection *server;
static struct connection connection;
static struct upload *upload;
static struct upload_result result;
static struct model model;
static struct journal journal;
static char journal_bytes[JOURNAL_SIZE];
static struct report_source source;
static uint64_t esc_us; /* pressed from then on; 0: never */
static uint64_t begun_us;

static void feed(void *context, struct event *event)
{
    (void)context;
    journal_append(&journal, event);
}

static bool stop_asked(void *context)
{
    (void)context;
    return esc_us && now.now_us >= esc_us;
}

static int setup(void **state)
{
    const struct upload_machine machine = {.serial = "SN 42/../x"};

    (void)state;
    now.now_us = begun_us = 7 * SECOND;
    esc_us = 0;
    seam = sim_clock_seam(&now);
    sim_connection_init(server, &now);
    connection = sim_connection_seam(server);
    *upload = (struct upload){
        .clock = &seam, .connection = &connection, .stop_asked = stop_asked, .source = &source};
    upload_folder(&machine, &model.run_start, upload->folder);
    return 0;
}

static int setup_group(void **state)
{
    const struct sink sink = {.emit = feed};

    (void)state;
    server = malloc(sizeof(*server));
    upload = malloc(sizeof(*upload));
    journal_init(&journal, journal_bytes, sizeof(journal_bytes));
    sample_run(&sink);
    source =
        (struct report_source){.journal = journal.data, .size = journal.length, .model = &model};
    return !server || !upload || model_build(&model, journal.data, journal.length);
}

static int end_group(void **state)
{
    (void)state;
    free(server);
    free(upload);
    return 0;
}

static bool send_all(void)
{
    return upload_send(upload, URL, begun_us + UPLOAD_S * SECOND, &result);
}

static unsigned long long elapsed_ms(void)
{
    return (now.now_us - begun_us) / 1000;
}

static void has_words(const char *words)
{
    if (!strstr(result.text, words))
        fail_msg("no \"%s\" in: %s", words, result.text);
}

static void test_names(void **state)
{
    struct upload_machine machine = {.has_uuid = true,
                                     .uuid = {0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 0x88,
                                              0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF},
                                     .serial = "SN1"};
    struct event_run_start start = {.year = 2026, .month = 2, .day = 3, .hour = 4, .number = 12};
    char folder[UPLOAD_FOLDER_SIZE];

    (void)state;
    upload_folder(&machine, &start, folder);
    assert_string_equal(folder, "00112233-4455-6677-8899-aabbccddeeff/20260203-040000-12");
    machine.has_uuid = false;
    start = (struct event_run_start){.seed = 0xABC, .number = 1};
    upload_folder(&machine, &start, folder);
    assert_string_equal(folder, "serial-SN1/undated-abc-1");
    copy_text(machine.serial, SERIAL_SIZE, "../\\ %2e\"\xff");
    upload_folder(&machine, &start, folder);
    assert_string_equal(folder, "serial-------2e--/undated-abc-1");
    machine.serial[0] = '\0';
    upload_folder(&machine, &start, folder);
    assert_string_equal(folder, "unknown/undated-abc-1");
    memset(machine.serial, 'x', SERIAL_SIZE - 1);
    start = (struct event_run_start){.seed = UINT64_MAX, .number = UINT32_MAX};
    upload_folder(&machine, &start, folder);
    assert_string_equal(folder + strlen(folder) - 11, "-4294967295");
}

/* What the server has under that name is what the report file says. */
static int compare(void *context, const void *data, size_t size)
{
    size_t *at = context;
    const struct sim_file *file = &server->files[at[0]];

    assert_true(size <= file->size - at[1]);
    assert_memory_equal(file->bytes + at[1], data, size);
    at[1] += size;
    return OK;
}

static void test_all_files_arrive(void **state)
{
    uint64_t bytes = 0;

    (void)state;
    assert_true(send_all());
    assert_int_equal(server->port, 8199);
    assert_int_equal(server->opened, server->closed);
    assert_int_equal(result.due, result.arrived);
    assert_int_equal(result.arrived, server->count);
    assert_int_equal(server->count, REPORT_FILES + 1); /* bad-memory.txt among them */
    for (size_t i = 0; i < REPORT_FILES; i++) {
        size_t at[] = {i, 0};
        const struct output output = {.context = at, .write = compare};
        char name[SIM_NAME_SIZE];

        format_text(name, sizeof(name), "/up/serial-SN-42----x/20240512-140320-12/%s",
                    report_files[i].name);
        assert_string_equal(server->files[i].name, name);
        assert_int_equal(report_files[i].write(&source, &output), OK);
        assert_int_equal(at[1], server->files[i].size);
    }
    assert_non_null(strstr(server->files[REPORT_FILES].name, "/journal.log"));
    assert_int_equal(server->files[REPORT_FILES].size, journal.length);
    assert_memory_equal(server->files[REPORT_FILES].bytes, journal.data, journal.length);
    for (unsigned i = 0; i < server->count; i++)
        bytes += server->files[i].size;
    assert_int_equal(result.bytes, bytes);
    has_words("Reports sent to http://10.0.2.2:8199/up/: 6 files, ");
    has_words(" bytes, in serial-SN-42----x/20240512-140320-12.");
}

static void test_faults(void **state)
{
    static const struct {
        enum connection_fault fault;
        const char *words, *answer;
        unsigned seconds;
        bool goes_on; /* to the next file */
    } cases[] = {
        {CONNECTION_REFUSES, "report.html: the server refuses the connection", "", 0, false},
        {CONNECTION_HANGS_AT_CONNECT, "report.html: no connection within 5 s", "", 5, false},
        {CONNECTION_HANGS_IN_BODY, "report.html: the server took nothing for 10 s", "", 10, false},
        {CONNECTION_HANGS_AT_ANSWER, "report.html: the server gave no answer for 10 s", "", 10,
         false},
        {CONNECTION_HANGS_IN_HEAD, "report.html: the server gave no answer for 10 s", "", 10,
         false},
        {CONNECTION_CLOSES, "report.html: the server ended the connection before", "", 0, false},
        {CONNECTION_TRUNCATES, "report.html: the server ended the connection before", "", 0, false},
        {CONNECTION_ANSWERS, "report.html: the server answered 500 Oh no",
         "HTTP/1.1 500 Oh no\r\n\r\n", 0, true},
        {CONNECTION_ANSWERS, "report.html: the server answered 404", "HTTP/1.1 404\r\n\r\n", 0,
         true},
        {CONNECTION_ANSWERS, "report.html: the server answered 301 Moved",
         "HTTP/1.1 301 Moved\r\nLocation: /y\r\n\r\n", 0, true},
        {CONNECTION_ANSWERS, "report.html: the server ended the connection before",
         "HTTP/1.1 100 Continue\r\n\r\n", 0, false},
        {CONNECTION_ANSWERS, "report.html: what the server answered is no HTTP",
         "HTTP/1.1 100 a\n\nHTTP/1.1 100 b\n\nHTTP/1.1 100 c\n\nHTTP/1.1 100 d\n\n"
         "HTTP/1.1 100 e\n\nHTTP/1.1 100 f\n\n",
         0, false},
        {CONNECTION_SAYS_NO_EARLY, "report.html: the server answered 413 Too Large",
         "HTTP/1.1 413 Too Large\r\n\r\n", 0, true},
        {CONNECTION_SAYS_NO_EARLY, "report.html: the server ended the connection in the middle",
         "HTTP/1.1 201 Created\r\n\r\n", 0, false},
        {CONNECTION_VANISHES, "report.html: the server ended the connection in the middle", "", 0,
         false},
        {CONNECTION_GARBAGE, "report.html: what the server answered is no HTTP", "", 0, false},
        {CONNECTION_ENDLESS, "report.html: what the server answered is no HTTP", "", 0, false},
        {CONNECTION_TRICKLES, "report.html: the server gave no answer for 10 s", "", 10, false},
        {CONNECTION_BROKEN, "report.html: no connection: ", "", 0, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        setup(NULL);
        server->fault = cases[i].fault;
        server->fault_from = 1;
        server->answer = cases[i].answer;
        assert_false(send_all());
        has_words(cases[i].words);
        has_words("Reports not sent to http://10.0.2.2:8199/up/ (1 of 6 files arrived): ");
        assert_int_equal(result.arrived, 1);
        assert_int_equal(result.bytes, server->files[0].size);
        assert_int_equal(server->opened, cases[i].goes_on ? 6 : 2);
        assert_int_equal(server->opened, server->closed);
        assert_in_range(elapsed_ms(), cases[i].seconds * 1000, cases[i].seconds * 1000 + 1010);
    }
}

static void test_interim_answers(void **state)
{
    (void)state;
    server->fault = CONNECTION_ANSWERS;
    server->answer = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n";
    assert_true(send_all());
    assert_int_equal(result.arrived, 6);
}

/* However slow the server is, all of it ends in time. */
static void test_time_for_all(void **state)
{
    (void)state;
    server->fault = CONNECTION_HANGS_AT_ANSWER;
    assert_false(upload_send(upload, URL, begun_us + 3 * SECOND, &result));
    has_words("(0 of 6 files arrived): summary.txt: the time for it was up.");
    assert_in_range(elapsed_ms(), 3000, 3010);
    assert_false(upload_send(upload, URL, begun_us + 3 * SECOND, &result));
    has_words("the time for it was up");
    assert_in_range(elapsed_ms(), 3000, 3010);
    assert_int_equal(server->opened, 1);
}

static void test_escape(void **state)
{
    static const enum connection_fault faults[] = {CONNECTION_HANGS_AT_CONNECT,
                                                   CONNECTION_HANGS_IN_BODY,
                                                   CONNECTION_HANGS_AT_ANSWER, CONNECTION_TRICKLES};

    (void)state;
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        setup(NULL);
        server->fault = faults[i];
        esc_us = begun_us + SECOND + 1;
        assert_false(send_all());
        has_words("summary.txt: ended by Esc");
        assert_in_range(elapsed_ms(), 1000, 2010);
        assert_int_equal(server->opened, 1);
    }
}

static void test_bad_url(void **state)
{
    (void)state;
    assert_false(upload_send(upload, "http://lab/x", begun_us + SECOND, &result));
    assert_string_equal(result.text, "Reports not sent to http://lab/x: names are not resolved: "
                                     "give an IPv4 address.");
    assert_int_equal(server->opened, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test_setup(test_all_files_arrive, setup),
        cmocka_unit_test_setup(test_faults, setup),
        cmocka_unit_test_setup(test_interim_answers, setup),
        cmocka_unit_test_setup(test_time_for_all, setup),
        cmocka_unit_test_setup(test_escape, setup),
        cmocka_unit_test_setup(test_bad_url, setup),
    };

    return cmocka_run_group_tests(tests, setup_group, end_group);
}
