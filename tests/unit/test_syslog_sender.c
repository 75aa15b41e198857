/* The way of live events to a receiver, over a network that loses, fails, or keeps silent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "report/syslog_sender.h"
#include "tests/sim/network.h"

static const uint64_t SECOND = 1000000;

static struct sim_clock now;
static struct clock seam;
static struct sim_network network;
static struct syslog_sender sender;
static char notes[4096]; /* what the sender says of itself */
static unsigned note_count;
static uint64_t begun_us;

static void feed(struct event event)
{
    event.time_us = now.now_us - begun_us;
    syslog_sender_event(&sender, &event);
}

/* As the run's recorder does: a note comes back as an event. */
static void keep_note(void *context, struct event *event)
{
    (void)context;
    assert_int_equal(event->type, EVENT_NOTE);
    strncat(notes, event->note.text, sizeof(notes) - strlen(notes) - 1);
    note_count++;
    feed(*event);
}

static const struct sink sink = {.emit = keep_note};

static int setup(void **state)
{
    struct event start = {.type = EVENT_RUN_START, .run_start = {.plan = "imaging"}};

    (void)state;
    now.now_us = begun_us = 5 * SECOND;
    seam = sim_clock_seam(&now);
    sim_network_init(&network, &now);
    notes[0] = '\0';
    note_count = 0;
    syslog_sender_init(&sender, &seam, &sink, "SN42", "");
    feed(start);
    return 0;
}

static void open_network(void)
{
    struct network opened = sim_network_seam(&network);

    syslog_sender_open(&sender, &opened);
}

static void note(enum severity severity, const char *text)
{
    struct event event = {.type = EVENT_NOTE, .note.severity = (uint8_t)severity};

    copy_text(event.note.text, TEXT_SIZE, text);
    feed(event);
}

/* The run goes on for so many seconds, and looks after the sender each second. The longest that one
 * look took. */
static uint64_t pass(unsigned seconds)
{
    uint64_t longest = 0;

    for (unsigned i = 0; i < seconds; i++) {
        uint64_t start_us;

        now.now_us += SECOND;
        feed((struct event){.type = EVENT_PROGRESS});
        start_us = now.now_us;
        syslog_sender_send(&sender);
        if (now.now_us - start_us > longest)
            longest = now.now_us - start_us;
    }
    return longest;
}

static unsigned arrived(const char *needle)
{
    unsigned found = 0;

    for (unsigned i = 0; i < network.count; i++)
        found += strstr(network.datagrams[i].bytes, needle) != NULL;
    return found;
}

static unsigned sequence_of(unsigned index)
{
    const char *at = strstr(network.datagrams[index].bytes, "sequence=\"");

    assert_non_null(at);
    return (unsigned)atoi(at + strlen("sequence=\""));
}

static void test_what_came_before_the_network_is_sent(void **state)
{
    (void)state;
    note(SEVERITY_INFO, "early");
    pass(1);
    assert_int_equal(network.calls, 0);
    open_network();
    note(SEVERITY_INFO, "late");
    pass(1);
    assert_int_equal(network.count, 3);
    assert_non_null(strstr(network.datagrams[0].bytes, "plan imaging"));
    assert_non_null(strstr(network.datagrams[1].bytes, "early"));
    assert_non_null(strstr(network.datagrams[2].bytes, "late"));
    assert_int_equal(sender.count, 0);
    assert_int_equal(note_count, 0);
}

static void test_first_datagrams_lost(void **state)
{
    (void)state;
    open_network();
    network.fault = NETWORK_FIRST_LATE;
    network.fault_count = SYSLOG_FAILURES - 1;
    assert_true(pass(SYSLOG_FAILURES + 1) <= NETWORK_SEND_US);
    assert_int_equal(network.count, 1);
    assert_int_equal(note_count, 0);
}

static void test_silence_is_said_once(void **state)
{
    (void)state;
    open_network();
    network.fault = NETWORK_SILENT;
    pass(3600);
    assert_int_equal(note_count, 1);
    assert_non_null(strstr(notes, "nothing can be sent (timed out)"));
    assert_true(network.calls <= SYSLOG_FAILURES + 60);
    network.fault = NETWORK_HEALTHY;
    pass(61);
    assert_int_equal(arrived("plan imaging"), 1);
    assert_int_equal(arrived("nothing can be sent"), 1);
    assert_int_equal(sender.failures, 0);
}

static void test_network_that_must_be_looked_after(void **state)
{
    (void)state;
    network.fault = NETWORK_NEEDS_TENDING;
    open_network();
    for (unsigned i = 0; i < 30; i++)
        note(SEVERITY_INFO, "x");
    pass(1);
    assert_true(network.count < network.waiting);
    pass(60);
    assert_int_equal(network.count, 31);
    for (unsigned i = 0; i < 30; i++)
        note(SEVERITY_INFO, "x");
    feed((struct event){.type = EVENT_RUN_END});
    syslog_sender_finish(&sender);
    assert_int_equal(network.count, 62);
}

static void test_failure_at_once(void **state)
{
    (void)state;
    open_network();
    network.fault = NETWORK_BROKEN;
    pass(60);
    assert_int_equal(note_count, 1);
    assert_true(network.calls <= SYSLOG_FAILURES + 1);
}

static void test_no_look_takes_long(void **state)
{
    (void)state;
    open_network();
    network.fault = NETWORK_SLOW;
    for (unsigned i = 0; i < 30; i++)
        note(SEVERITY_INFO, "x");
    assert_true(pass(1) <= 20000 + NETWORK_SEND_US);
    assert_int_equal(network.count, 1);
    pass(40);
    assert_int_equal(network.count, 31);
}

static void test_full_queue_drops_what_matters_least(void **state)
{
    struct event finding = {.type = EVENT_FINDING, .finding = {.certainty = CERTAIN}};
    unsigned last = 0;

    (void)state;
    note(SEVERITY_WARNING, "keep-warning");
    copy_text(finding.finding.id, NAME_SIZE, "disk-media");
    feed(finding);
    for (unsigned i = 0; i < 200; i++)
        note(SEVERITY_INFO, i == 199 ? "newest" : "filler");
    assert_int_equal(sender.count, SYSLOG_QUEUE);
    open_network();
    pass(10);
    assert_int_equal(arrived("keep-warning"), 1);
    assert_int_equal(arrived("disk-media"), 1);
    assert_int_equal(arrived("newest"), 1);
    assert_int_equal(arrived("plan imaging"), 0);
    assert_int_equal(arrived("not be sent in time: 139"), 1);
    for (unsigned i = 0; i < network.count; i++) {
        assert_true(sequence_of(i) > last);
        last = sequence_of(i);
    }
    assert_int_equal(last, 204);
}

static void test_least_grave_newcomer_is_dropped(void **state)
{
    (void)state;
    sender.count = 0;
    for (unsigned i = 0; i < SYSLOG_QUEUE; i++)
        note(SEVERITY_WARNING, "warning");
    note(SEVERITY_INFO, "too-late");
    open_network();
    pass(10);
    assert_int_equal(arrived("WARNING: warning"), SYSLOG_QUEUE);
    assert_int_equal(arrived("too-late"), 0);
    assert_int_equal(arrived("not be sent in time: 1"), 1);
    assert_int_equal(sequence_of(network.count - 1), 1 + SYSLOG_QUEUE + 1 + 1);
}

static void disk_error_of_another(void)
{
    static part_id part;

    /* Each of another kind, so that the console tells every one of them. */
    struct event event = {.type = EVENT_DISK_ERROR, .disk_error = {.part = part++}};
    struct event announced = {.type = EVENT_PART, .part = {.part = event.disk_error.part}};

    feed(announced);
    feed(event);
}

static void test_errors_are_limited(void **state)
{
    (void)state;
    open_network();
    now.now_us = begun_us + 10 * SECOND;
    for (unsigned i = 0; i < 20; i++)
        disk_error_of_another();
    note(SEVERITY_WARNING, "between");
    pass(2);
    assert_int_equal(arrived("DISK ERROR"), SYSLOG_ERRORS_PER_SECOND);
    assert_int_equal(arrived("not told one by one: 16"), 1);
    assert_int_equal(arrived("between"), 1);
    disk_error_of_another();
    pass(2);
    assert_int_equal(arrived("DISK ERROR"), SYSLOG_ERRORS_PER_SECOND + 1);
    assert_int_equal(arrived("one by one"), 1);
}

static void test_a_finding_with_its_reasons(void **state)
{
    struct event finding = {.type = EVENT_FINDING, .finding = {.certainty = LIKELY}};

    (void)state;
    copy_text(finding.finding.id, NAME_SIZE, "disk-media");
    copy_text(finding.finding.component, TEXT_SIZE, "SN9 Model");
    copy_text(finding.finding.evidence, TEXT_SIZE, "8 sectors unreadable");
    copy_text(finding.finding.advice, TEXT_SIZE, "Copy the data off.");
    open_network();
    feed(finding);
    feed((struct event){.type = EVENT_STEP, .step.name = "start processors"});
    feed((struct event){.type = EVENT_VERDICT,
                        .verdict = {.overall = OVERALL_FAIL, .reason = "a drive"}});
    feed((struct event){.type = EVENT_RUN_END, .run_end.ending = ENDED_CUT});
    syslog_sender_finish(&sender);
    assert_int_equal(network.count, 5);
    assert_int_equal(arrived("FOUND disk-media (likely): SN9 Model. 8 sectors unreadable Copy"), 1);
    assert_int_equal(arrived("<11>1 - SN42 assay - finding "), 1);
    assert_int_equal(arrived("<15>1 - SN42 assay - step "), 1);
    assert_int_equal(arrived("step begins: start processors"), 1);
    assert_int_equal(arrived("verdict FAIL: a drive"), 1);
    assert_int_equal(arrived("the run has ended: cut"), 1);
}

static void test_the_end_is_bounded(void **state)
{
    static const enum network_fault faults[] = {NETWORK_SILENT, NETWORK_BROKEN, NETWORK_SLOW};

    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        uint64_t start_us;

        setup(state);
        open_network();
        network.fault = faults[i];
        for (unsigned j = 0; j < SYSLOG_QUEUE; j++)
            note(SEVERITY_INFO, "x");
        feed((struct event){.type = EVENT_RUN_END});
        start_us = now.now_us;
        syslog_sender_finish(&sender);
        assert_true(now.now_us - start_us <= SYSLOG_FINISH_US + NETWORK_SEND_US);
        assert_int_equal(note_count, 0); /* nothing comes after the end of the run */
        assert_true(network.count > 30 || faults[i] != NETWORK_SLOW);
        assert_true(network.calls <= SYSLOG_FAILURES || faults[i] == NETWORK_SLOW);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_what_came_before_the_network_is_sent, setup),
        cmocka_unit_test_setup(test_first_datagrams_lost, setup),
        cmocka_unit_test_setup(test_silence_is_said_once, setup),
        cmocka_unit_test_setup(test_network_that_must_be_looked_after, setup),
        cmocka_unit_test_setup(test_failure_at_once, setup),
        cmocka_unit_test_setup(test_no_look_takes_long, setup),
        cmocka_unit_test_setup(test_full_queue_drops_what_matters_least, setup),
        cmocka_unit_test_setup(test_least_grave_newcomer_is_dropped, setup),
        cmocka_unit_test_setup(test_errors_are_limited, setup),
        cmocka_unit_test_setup(test_a_finding_with_its_reasons, setup),
        cmocka_unit_test_setup(test_the_end_is_bounded, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
