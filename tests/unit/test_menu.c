/* The menu, options by hand and earlier runs, with a model of the user and the terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"
#include "efi/earlier.h"
#include "efi/menu.h"
#include "report/journal.h"
#include "tests/sim/clock.h"
#include "tests/sim/sample_run.h"

enum { SECOND_US = 1000000, SAID_SIZE = 64 * 1024, KEYS_MAX = 64, JOURNAL_MAX = 1 << 20 };

/* Keys one after the other, half a second apart, the first after `first_us`. */
static struct {
    struct sim_clock time;
    char keys[KEYS_MAX];
    unsigned next;
    uint64_t first_us, due_us;
    char said[SAID_SIZE];
    char shown[LINE_SIZE]; /* the line that was rewritten last */
    unsigned lines, rewrites;
} user;

static char read_key(void)
{
    if (!user.keys[user.next] || user.time.now_us < user.due_us)
        return 0;
    user.due_us = user.time.now_us + SECOND_US / 2;
    return user.keys[user.next++];
}

static void put_line(void *context, const char *line)
{
    (void)context;
    assert_true(strlen(line) <= LINE_COLUMNS);
    assert_true(strlen(user.said) + strlen(line) + 2 < SAID_SIZE);
    strcat(user.said, line);
    strcat(user.said, "\n");
    user.lines++;
}

static void rewrite(void *context, const char *line)
{
    (void)context;
    assert_true(strlen(line) <= LINE_COLUMNS);
    copy_text(user.shown, sizeof(user.shown), line);
    user.rewrites++;
}

static const struct lines lines = {.put = put_line}, rewritten = {.put = rewrite};
static struct clock clock_seam;
static const struct desk desk = {
    .clock = &clock_seam, .lines = &lines, .key = read_key, .rewritten = &rewritten};

static void sit_down(const char *keys, uint64_t first_us)
{
    memset(&user, 0, sizeof(user));
    clock_seam = sim_clock_seam(&user.time);
    user.time.now_us = SECOND_US;
    user.due_us = user.time.now_us + first_us;
    copy_text(user.keys, sizeof(user.keys), keys);
}

static struct menu_choice choose(const char *keys, uint64_t first_us, unsigned countdown_s)
{
    sit_down(keys, first_us);
    return menu_choose(&desk, countdown_s);
}

/* ---- choosing */

static void keys_choose(void **state)
{
    static const struct {
        const char *keys;
        enum menu_action action;
        enum plan plan;
    } rows[] = {
        {"1", MENU_RUN, PLAN_QUICK},
        {"2", MENU_RUN, PLAN_IMAGING},
        {"3", MENU_RUN, PLAN_OVERNIGHT},
        {"4", MENU_RUN, PLAN_MEMORY},
        {"5", MENU_RUN, PLAN_DISK},
        {"6", MENU_RUN, PLAN_SENSORS},
        {"7", MENU_RUN, PLAN_MEMTEST86},
        {"8", MENU_EARLIER, PLAN_MENU},
        {"9", MENU_SETTINGS, PLAN_MENU},
        {"q", MENU_QUIT, PLAN_MENU},
        {"Q", MENU_QUIT, PLAN_MENU},
        {"x 0\x1b"
         "4",
         MENU_RUN, PLAN_MEMORY}, /* what means nothing chooses nothing */
        {"\r", MENU_RUN, PLAN_QUICK},
        {"\x02\r", MENU_RUN, PLAN_IMAGING},
        {"\x02\x02\x02\x01\r", MENU_RUN, PLAN_OVERNIGHT},
        {"\x01\r", MENU_QUIT, PLAN_MENU}, /* up from the first is the last */
        {"\x01\x02\r", MENU_RUN, PLAN_QUICK},
        {"\x02\x02q", MENU_QUIT, PLAN_MENU},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (unsigned countdown_s = 0; countdown_s <= 30; countdown_s += 30) {
            struct menu_choice choice = choose(rows[i].keys, 2 * SECOND_US, countdown_s);

            assert_int_equal(choice.action, rows[i].action);
            assert_int_equal(choice.plan, rows[i].plan);
        }
    }
}

static void shows_where_it_is(void **state)
{
    (void)state;
    choose("\x02\x02q", 0, 0);
    assert_string_equal(user.shown, "  > q  Quit");
    assert_non_null(strstr(user.said, "    3  Overnight  the same with 8 hours\n"));
    assert_non_null(strstr(user.said, "Press a key"));
    assert_int_equal(user.rewrites, 4);
}

static void counts_down(void **state)
{
    struct menu_choice choice = choose("", 0, MENU_COUNTDOWN_S);

    (void)state;
    assert_int_equal(choice.action, MENU_RUN);
    assert_int_equal(choice.plan, PLAN_QUICK);
    assert_in_range(user.time.now_us, 31 * SECOND_US, 31 * SECOND_US + 700000);
    /* Any key stops it, whatever comes after. */
    choice = choose("x    q", 29 * SECOND_US, MENU_COUNTDOWN_S);
    assert_int_equal(choice.action, MENU_QUIT);
    assert_true(user.time.now_us > 31 * SECOND_US);
}

/* ---- options by hand */

static void check(const struct options *options, struct option_error *error)
{
    if (options->plan == PLAN_TRIAGE && !error->count++)
        copy_text(error->text, sizeof(error->text), "the menu: not in this version");
}

static struct options options;

static void set(const char *keys)
{
    options_init(&options);
    sit_down(keys, 0);
    menu_settings(&desk, &options, check);
}

static void options_are_taken(void **state)
{
    (void)state;
    set("minutes=7\rsensors=off\r\r");
    assert_int_equal(options.given_s, 420);
    assert_int_equal(options.sensors, SENSORS_OFF);
    assert_non_null(strstr(user.said, "  Given: minutes=7 sensors=off\n"));
    set("cpus=33\x7f\x08"
        "4\r\x1b");
    assert_int_equal(options.cpus, 4);
}

static void wrong_options_change_nothing(void **state)
{
    (void)state;
    set("sensors=of\r\r");
    assert_int_equal(options.sensors, SENSORS_SAFE);
    assert_non_null(strstr(user.said, "  ! the menu"));
    set("seconds=0\rplan=triage\rnothing\r\r");
    assert_int_equal(options.given_s, 0);
    assert_int_equal(options.plan, PLAN_MENU);
    assert_non_null(strstr(user.said, "not in this version"));
    set("cpus=4\x1b");
    assert_int_equal(options.cpus, 0);
}

/* Longer than one page: a key is waited for, and q ends the list. */
static void keys_are_listed(void **state)
{
    unsigned whole;

    (void)state;
    set("?\r \x1b");
    whole = user.lines;
    assert_non_null(strstr(user.said, "  on-finish      one of menu, return, reboot"));
    set("?\rq\r");
    assert_true(user.lines < whole);
    assert_null(strstr(user.said, "mp-hang"));
}

/* ---- earlier runs */

static char bytes[JOURNAL_MAX], buffer[JOURNAL_MAX];
static struct model model;
static struct journal journal;

static int read_journal(uint32_t number, void *to, size_t size, size_t *ret_size)
{
    if (number == 3)
        return ERR_ABSENT;
    if (number == 2) {
        memset(to, 0xA5, 100);
        *ret_size = 100;
        return OK;
    }
    assert_true(journal.length <= size);
    *ret_size = number == 1 ? journal.length / 2 : journal.length; /* the first one died */
    memcpy(to, bytes, *ret_size);
    return OK;
}

static void keep(void *context, struct event *event)
{
    (void)context;
    journal_append(&journal, event);
}

static void look_back(const char *keys, uint32_t last)
{
    const struct sink sink = {.emit = keep};
    const struct earlier earlier = {.last = last,
                                    .read = read_journal,
                                    .buffer = buffer,
                                    .size = sizeof(buffer),
                                    .model = &model};

    journal_init(&journal, bytes, sizeof(bytes));
    sample_run(&sink);
    sit_down(keys, 0);
    earlier_show(&earlier, &desk);
}

/* Of five runs one is gone and one unreadable; the others are listed, the newest first. */
static void runs_are_listed(void **state)
{
    const char *newest, *older, *first;

    (void)state;
    look_back("q", 5);
    newest = strstr(user.said, "  1  5 ");
    older = strstr(user.said, "  2  4 ");
    first = strstr(user.said, "  3  1 ");
    assert_true(newest && older && first && newest < older && older < first);
    assert_non_null(strstr(newest, " FAIL "));
    assert_non_null(strstr(newest, "  3: cooling-fan at CPU_FAN"));
    assert_non_null(strstr(first, " no end "));
    assert_null(strstr(user.said, "\n  4  "));
    look_back("", 0);
    assert_non_null(strstr(user.said, "There is no earlier run"));
    look_back("q", 3);
    assert_non_null(strstr(user.said, "\n  1  1 "));
}

/* Page by page, as the summary on the stick has it, and then the list again. */
static void a_run_is_shown(void **state)
{
    char keys[KEYS_MAX];

    (void)state;
    memset(keys, ' ', sizeof(keys));
    keys[0] = '1';
    keys[KEYS_MAX - 1] = '\0';
    look_back(keys, 5);
    assert_non_null(strstr(user.said, "CPU_FAN: 218 rpm to 1800 rpm"));
    assert_non_null(strstr(user.said, "Run data"));
    look_back("1qq", 5);
    assert_null(strstr(user.said, "Run data"));
    look_back("9", 5); /* no such run: back */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_choose),
        cmocka_unit_test(shows_where_it_is),
        cmocka_unit_test(counts_down),
        cmocka_unit_test(options_are_taken),
        cmocka_unit_test(wrong_options_change_nothing),
        cmocka_unit_test(keys_are_listed),
        cmocka_unit_test(runs_are_listed),
        cmocka_unit_test(a_run_is_shown),
    };

    return cmocka_run_group_tests_name("menu", tests, NULL, NULL);
}
