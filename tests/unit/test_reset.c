/* Runs without an end: what makes them a finding, how certain, and what is said and advised. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/last_words.h"
#include "base/text.h"
#include "diagnosis/judge.h"
#include "tests/sim/events.h"

/* The run that judges began on 1 March 2026 at midnight; the one without an end said its last word
 * five minutes before. */
#define MARCH 1772323200u
#define ENDED (MARCH - 300)
#define BEGINS E(EVENT_RUN_START, run_start, .plan = "imaging", .year = 2026, .month = 3, .day = 1)
#define DIED(run, ...)                                                                             \
    E(EVENT_PRIOR_RUN, prior_run, .number = run, .after_s = 1084, .phase = "imaging",              \
      .load = "imaging from 3 drives", .ended_s = ENDED, __VA_ARGS__)
#define TOLD(who, what)                                                                            \
    E(EVENT_RESTART, restart, .witness = RESTART_TOLD_BY_##who, .cause = RESTART_##what)
#define HOT .hottest = "CPU", .temperature = 97500, .has_limit = true, .limit = 100000
#define WARM .hottest = "CPU", .temperature = 90000, .has_limit = true, .limit = 100000
#define DIPPED .dip = "12V", .dip_from = 12100, .dip_to = 11200
#define LOGGED_WATCHDOG(at)                                                                        \
    E(EVENT_PRIOR_ERROR, prior_error, .origin = PRIOR_SEL, .kind = PRIOR_WATCHDOG,                 \
      .severity = PRIOR_RECOVERABLE, .place = "BMC sensor 9", .text = "watchdog: hard reset",      \
      .time_s = at)

struct reset_story {
    const char *name;
    int certainty;      /* -1: no finding */
    const char *words;  /* in its evidence, or in the note */
    const char *advice; /* in its advice */
    struct event events[6];
};

static const struct reset_story stories[] = {
    {"nothing is known of it",
     POSSIBLE,
     "run 7 has no end: its last word came after 18 min 4 s, in imaging from 3 drives; what "
     "restarted it is not known",
     "If nobody switched it off",
     {BEGINS, DIED(7, .step = "")}},
    {"the user switched it off",
     -1,
     "Run 7 has no end, and that is no finding: the user had switched it off.",
     NULL,
     {BEGINS, DIED(7, .answer = ANSWER_SWITCHED_OFF, HOT)}},
    {"the user switched the newer of two off",
     POSSIBLE,
     "run 6 has no end",
     "If nobody",
     {BEGINS, DIED(7, .answer = ANSWER_SWITCHED_OFF), DIED(6, .step = ""),
      TOLD(BMC, RESET_BUTTON)}},
    {"it hung",
     POSSIBLE,
     "; it hung, the user says",
     "Check cooling, memory and the version of the firmware",
     {BEGINS, DIED(7, .answer = ANSWER_HUNG)}},
    {"by itself",
     POSSIBLE,
     "; by itself, the user says",
     "Check power supply, cooling and memory",
     {BEGINS, DIED(7, .answer = ANSWER_BY_ITSELF)}},
    {"the newest of two is told",
     POSSIBLE,
     "run 9 has no end",
     "If nobody",
     {BEGINS, DIED(9, .step = ""), DIED(7, HOT), TOLD(BMC, RESET_BUTTON)}},

    /* what supports it */
    {"near its limit",
     LIKELY,
     "; CPU was at 97.5 C, its limit is 100.0 C",
     "Check the cooling first",
     {BEGINS, DIED(7, HOT)}},
    {"ten degrees below its limit",
     POSSIBLE,
     "; CPU was at 90.0 C, its limit is 100.0 C",
     "If nobody",
     {BEGINS, DIED(7, WARM)}},
    {"hot by its number, and no limit is known",
     POSSIBLE,
     "; CPU was at 98.0 C",
     "If nobody",
     {BEGINS, DIED(7, .hottest = "CPU", .temperature = 98000)}},
    {"a voltage dropped",
     LIKELY,
     "; the voltage 12V had dropped from 12.100 V to 11.200 V",
     "Try another power supply",
     {BEGINS, DIED(7, DIPPED)}},
    {"errors were corrected ever more often",
     LIKELY,
     "; errors corrected in its last minute: 9, in the one before: 1",
     "Test the memory overnight",
     {BEGINS, DIED(7, .corrected = 9, .corrected_before = 1)}},
    {"errors were corrected, and not more often",
     POSSIBLE,
     "; errors corrected in its last minute: 2",
     "If nobody",
     {BEGINS, DIED(7, .corrected = 2, .corrected_before = 2)}},
    {"one error was corrected",
     POSSIBLE,
     "; errors corrected in its last minute: 1",
     "If nobody",
     {BEGINS, DIED(7, .corrected = 1)}},
    {"a watchdog expired",
     LIKELY,
     "; the BMC says: a watchdog expired",
     "Check power supply",
     {BEGINS, DIED(7, .answer = ANSWER_BY_ITSELF), TOLD(BMC, WATCHDOG)}},
    {"a watchdog expired, which Assay had not been able to stop",
     POSSIBLE,
     "; a watchdog of the BMC ran in it",
     "If nobody",
     {BEGINS, DIED(7, .watchdog_ran = true), TOLD(BMC, WATCHDOG), LOGGED_WATCHDOG(ENDED + 20)}},
    {"the log has a watchdog of that moment",
     LIKELY,
     "run 7 has no end",
     "If nobody",
     {BEGINS, DIED(7, .step = ""), LOGGED_WATCHDOG(ENDED + 20)}},
    {"the log has a watchdog of the day before",
     POSSIBLE,
     "run 7 has no end",
     "If nobody",
     {BEGINS, DIED(7, .step = ""), LOGGED_WATCHDOG(ENDED - 86400)}},
    {"the BMC acted on an event",
     LIKELY,
     "; the BMC says: an event made it restart the machine",
     "If nobody",
     {BEGINS, DIED(7, .step = ""), TOLD(BMC, POLICY)}},
    {"the mains came back",
     POSSIBLE,
     "; the BMC says: the power came back after it had been lost",
     "If nobody",
     {BEGINS, DIED(7, .step = ""), TOLD(BMC, POWER_BACK)}},
    {"the BMC does not know",
     POSSIBLE,
     "; what restarted it is not known",
     "If nobody",
     {BEGINS, DIED(7, .step = ""), TOLD(BMC, UNKNOWN)}},

    /* a hand */
    {"the reset button",
     -1,
     "that is no finding: somebody pressed the reset button, soon after its last word. If it hung",
     NULL,
     {BEGINS, DIED(7, .step = ""), TOLD(BMC, RESET_BUTTON)}},
    {"the reset button, though it was hot",
     -1,
     "somebody pressed the reset button",
     NULL,
     {BEGINS, DIED(7, HOT), TOLD(BMC, RESET_BUTTON)}},
    {"a command",
     -1,
     "a command of somebody restarted the machine",
     NULL,
     {BEGINS, DIED(7, .step = ""), TOLD(BMC, COMMAND)}},
    {"the reset button, for it hung",
     POSSIBLE,
     "; it hung, the user says; the BMC says: somebody pressed the reset button",
     "Check cooling, memory",
     {BEGINS, DIED(7, .answer = ANSWER_HUNG), TOLD(BMC, RESET_BUTTON)}},
    {"the reset button, long after its last word",
     POSSIBLE,
     "; last time, the BMC says: somebody pressed the reset button",
     "If nobody",
     {BEGINS,
      E(EVENT_PRIOR_RUN, prior_run, .number = 7, .phase = "imaging", .ended_s = MARCH - 3600),
      TOLD(BMC, RESET_BUTTON)}},
    {"the reset button, and no clock",
     POSSIBLE,
     "; last time, the BMC says",
     "If nobody",
     {BEGINS, E(EVENT_PRIOR_RUN, prior_run, .number = 7, .phase = "imaging"),
      TOLD(BMC, RESET_BUTTON)}},
    {"switched on with its button, which says nothing of how it went off",
     POSSIBLE,
     "; the BMC says: the machine was switched on with its button",
     "If nobody",
     {BEGINS, DIED(7, .step = ""), TOLD(BMC, POWER_BUTTON)}},
    {"the power button held down",
     -1,
     "the power button was held until the power went",
     NULL,
     {BEGINS, DIED(7, .step = ""), TOLD(CHIPSET, POWER_OVERRIDE)}},
    {"the same bit, and it was hot",
     LIKELY,
     "; CPU was at 97.5 C, its limit is 100.0 C; the chipset says: the power button",
     "Check the cooling first",
     {BEGINS, DIED(7, HOT), TOLD(CHIPSET, POWER_OVERRIDE)}},
    {"the same bit, which stood there before",
     POSSIBLE,
     "; the chipset says: the power button",
     "If nobody",
     {BEGINS, DIED(7, .override_stood = true), TOLD(CHIPSET, POWER_OVERRIDE)}},
    {"a button in a machine whose runs all ended",
     -1,
     NULL,
     NULL,
     {BEGINS, TOLD(BMC, RESET_BUTTON), TOLD(BMC, WATCHDOG)}},
};

static struct evidence evidence;
static struct event_finding findings[FINDINGS_LIMIT];

static void check_finding(const struct reset_story *story)
{
    char expected[64];

    format_text(expected, sizeof(expected), "%s", certainty_names[story->certainty]);
    assert_string_equal(findings[0].id, "reset-under-load");
    assert_string_equal(certainty_names[findings[0].certainty], expected);
    if (!strstr(findings[0].evidence, story->words))
        fail_msg("evidence: %s", findings[0].evidence);
    if (!strstr(findings[0].advice, story->advice))
        fail_msg("advice: %s", findings[0].advice);
}

static void tells_the_story(void **state)
{
    const struct reset_story *story = *state;
    char note[TEXT_SIZE] = "";
    bool ended;

    evidence_init(&evidence);
    for (size_t i = 0; i < 6 && !is_no_event(&story->events[i]); i++)
        evidence_add(&evidence, &story->events[i]);
    ended = judge_ended_runs(&evidence, note, sizeof(note));
    assert_int_equal(judge(&evidence, findings, FINDINGS_LIMIT), story->certainty >= 0);
    if (story->certainty >= 0) {
        check_finding(story);
        return;
    }
    assert_int_equal(ended, story->words != NULL);
    if (story->words && !strstr(note, story->words))
        fail_msg("note: %s", note);
    assert_true(strlen(note) + 1 < TEXT_SIZE);
}

/* All there may be: what finds no room is left out as a whole. */
static void evidence_is_never_cut(void **state)
{
    struct event events[] = {
        BEGINS,
        DIED(7, HOT, DIPPED, .corrected = 4000000000, .corrected_before = 3999999999,
             .answer = ANSWER_BY_ITSELF, .step = "a step whose name is as long as a name may be",
             .trend = "CPU Temperature", .trend_from = 60000, .trend_to = 97500),
        TOLD(BMC, WATCHDOG),
        TOLD(CHIPSET, POWER_OVERRIDE),
    };

    (void)state;
    evidence_init(&evidence);
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
        evidence_add(&evidence, &events[i]);
    assert_int_equal(judge(&evidence, findings, FINDINGS_LIMIT), 1);
    assert_non_null(strstr(findings[0].evidence, "CPU was at 97.5 C, its limit is 100.0 C"));
    assert_true(strlen(findings[0].evidence) < TEXT_SIZE);
    assert_non_null(strstr(findings[0].evidence, "had dropped from 12.100 V to 11.200 V"));
    assert_null(strstr(findings[0].evidence, "Temperature"));
}

int main(void)
{
    enum { STORIES = sizeof(stories) / sizeof(stories[0]) };
    struct CMUnitTest tests[STORIES + 1];

    for (size_t i = 0; i < STORIES; i++)
        tests[i] = (struct CMUnitTest){.name = stories[i].name,
                                       .test_func = tells_the_story,
                                       .initial_state = (void *)(uintptr_t)&stories[i]};
    tests[STORIES] = (struct CMUnitTest)cmocka_unit_test(evidence_is_never_cut);
    return cmocka_run_group_tests_name("reset", tests, NULL, NULL);
}
