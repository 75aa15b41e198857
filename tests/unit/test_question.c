/* The question to the user, at a model of the terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "efi/question.h"
#include "tests/sim/clock.h"

enum { SECOND_US = 1000000, SAID_SIZE = 4096 };

static char said[SAID_SIZE];

/* Keys in their order, each from its moment on. */
static struct {
    struct sim_clock time;
    struct {
        char key;
        uint64_t at_us;
    } keys[4];
    unsigned next;
    bool floods; /* a key that is held down, until the question is there */
    unsigned flood;
} desk;

static char read_key(void)
{
    if (desk.floods && desk.flood++ < 1000)
        return '3';
    if (desk.next == 4 || !desk.keys[desk.next].key ||
        desk.time.now_us < desk.keys[desk.next].at_us)
        return 0;
    return desk.keys[desk.next++].key;
}

static void put_line(void *context, const char *line)
{
    size_t length = strlen(said);

    (void)context;
    assert_true(strlen(line) <= LINE_COLUMNS);
    assert_true(length + strlen(line) + 2 < SAID_SIZE);
    strcat(said, line);
    strcat(said, "\n");
}

static const struct event_prior_run died = {
    .number = 12,
    .after_s = 1084,
    .phase = "imaging",
    .load = "imaging from 3 drives",
    .hottest = "CPU",
    .temperature = 97000,
    .has_limit = true,
    .limit = 100000,
    .trend = "Fan 2",
    .trend_quantity = QUANTITY_FAN_SPEED,
    .trend_from = 1200000,
    .trend_to = 300000,
    .found = "cooling-fan at Fan 2",
};

static enum prior_answer ask(void)
{
    const struct lines lines = {.put = put_line};
    const struct clock clock = sim_clock_seam(&desk.time);
    const struct desk user = {.clock = &clock, .lines = &lines, .key = read_key};

    said[0] = '\0';
    question_show(&user, &died);
    return question_ask(&user, &died);
}

static int setup(void **state)
{
    (void)state;
    memset(&desk, 0, sizeof(desk));
    return 0;
}

static void takes_the_answers(void **state)
{
    static const struct {
        char key;
        enum prior_answer answer;
        const char *echo;
    } rows[] = {
        {'1', ANSWER_BY_ITSELF, "  By itself.\n"},    {'2', ANSWER_HUNG, "  It hung.\n"},
        {'3', ANSWER_SWITCHED_OFF, "  Switched off"}, {'4', ANSWER_NONE, "  Not known.\n"},
        {27, ANSWER_NONE, "  Not known.\n"},          {'\r', ANSWER_NONE, "  Not known.\n"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        setup(state);
        desk.keys[0].key = rows[i].key;
        desk.keys[0].at_us = 3 * SECOND_US;
        assert_int_equal(ask(), rows[i].answer);
        assert_non_null(strstr(said, rows[i].echo));
        assert_true(desk.time.now_us < 4 * SECOND_US);
    }
}

static void says_what_is_known(void **state)
{
    (void)state;
    desk.keys[0].key = '1';
    desk.keys[0].at_us = 1;
    ask();
    assert_string_equal(
        said, "\n"
              "! Run 12 has no end: its last word came after 18 min 4 s, in imaging from 3\n"
              "  drives; CPU was at 97.0 C, its limit is 100.0 C; in its last minute Fan 2\n"
              "  fell from 1200 rpm to 300 rpm; it had found: cooling-fan at Fan 2.\n"
              "  How did run 12 end? The machine did it by itself (1), it hung (2),\n"
              "  you switched it off (3), not known (any other key, or none for 15 s)\n"
              "  By itself.\n");
}

static void waits_no_longer_than_it_says(void **state)
{
    (void)state;
    assert_int_equal(ask(), ANSWER_NONE);
    assert_in_range(desk.time.now_us, 15 * SECOND_US, 15 * SECOND_US + 50000);
}

/* What was pressed before is no answer, and a key held down does not keep it waiting. */
static void forgets_earlier_keys(void **state)
{
    (void)state;
    desk.keys[0].key = desk.keys[1].key = '3';
    desk.keys[2].key = '2';
    desk.keys[2].at_us = 2 * SECOND_US;
    assert_int_equal(ask(), ANSWER_HUNG);
    setup(state);
    desk.floods = true;
    assert_int_equal(ask(), ANSWER_SWITCHED_OFF);
    assert_true(desk.flood <= 65);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(takes_the_answers, setup),
        cmocka_unit_test_setup(says_what_is_known, setup),
        cmocka_unit_test_setup(waits_no_longer_than_it_says, setup),
        cmocka_unit_test_setup(forgets_earlier_keys, setup),
    };

    return cmocka_run_group_tests_name("question", tests, NULL, NULL);
}
