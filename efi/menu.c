#include "efi/menu.h"

#include "base/text.h"

enum { SECOND_US = 1000000, KEYS_TEXT_SIZE = 4096 };

static const struct {
    char key;
    const char *name, *text;
    struct menu_choice choice;
} rows[] = {
    {'1', "Quick", "all memory, all disks, 5 minutes of imaging load", {MENU_RUN, PLAN_QUICK}},
    {'2',
     "Imaging",
     "the same with 30 minutes, as long as a usual backup",
     {MENU_RUN, PLAN_IMAGING}},
    {'3', "Overnight", "the same with 8 hours", {MENU_RUN, PLAN_OVERNIGHT}},
    {'4', "Memory", "memory alone, one pass of each test", {MENU_RUN, PLAN_MEMORY}},
    {'5',
     "Disks",
     "each disk alone, read through once (nothing is written)",
     {MENU_RUN, PLAN_DISK}},
    {'6', "Sensors", "fans and temperatures, 20 seconds", {MENU_RUN, PLAN_SENSORS}},
    {'7',
     "memtest86+",
     "that program instead: all memory, no report, no way back",
     {MENU_RUN, PLAN_MEMTEST86}},
    {'8', "Earlier", "what earlier runs from this stick have found", {MENU_EARLIER, PLAN_MENU}},
    {'9', "Settings", "options for this boot, as in assay.cfg", {MENU_SETTINGS, PLAN_MENU}},
    {'q', "Quit", "", {MENU_QUIT, PLAN_MENU}},
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static void show(const struct desk *desk)
{
    const struct lines *lines = desk->lines;

    lines_format(lines, "%s", "");
    lines_format(lines, "  Assay finds the failing part in a computer. What shall it do?");
    lines_format(lines, "%s", "");
    for (unsigned i = 0; i < ROWS; i++)
        lines_format(lines, "    %c  %-11s%s", rows[i].key, rows[i].name, rows[i].text);
    lines_format(lines, "%s", "");
    lines_format(lines,
                 "  Press a key, or choose by the arrow keys and Enter. Esc ends a run at any");
    lines_format(lines, "  time and still writes its report.");
    lines_format(lines, "%s", "");
}

/* `left_us` 0: nothing starts by itself. */
static void show_choice(const struct desk *desk, unsigned at, uint64_t left_us)
{
    if (left_us)
        lines_format(desk->rewritten, "  > %c  %s, by itself in %u s; any key stops that",
                     rows[at].key, rows[at].name,
                     (unsigned)((left_us + SECOND_US - 1) / SECOND_US));
    else
        lines_format(desk->rewritten, "  > %c  %s", rows[at].key, rows[at].name);
}

/* ROWS for a key that chooses nothing. */
static unsigned row_of(char key)
{
    unsigned row = 0;

    if (key == 'Q')
        key = 'q';
    while (row < ROWS && rows[row].key != key)
        row++;
    return row;
}

/* Without a key in time the first row; else where the next choice begins. */
static char count_down(const struct desk *desk, unsigned countdown_s)
{
    uint64_t now_us = clock_now_us(desk->clock);
    uint64_t end_us = now_us + (uint64_t)countdown_s * SECOND_US;
    char key = 0;

    for (; !key && now_us < end_us; now_us = clock_now_us(desk->clock)) {
        uint64_t left_us = end_us - now_us;

        show_choice(desk, 0, left_us);
        key = desk_wait_key(desk, left_us < SECOND_US ? left_us : SECOND_US);
    }
    return key;
}

struct menu_choice menu_choose(const struct desk *desk, unsigned countdown_s)
{
    unsigned at = 0, row;
    char key = 0;

    show(desk);
    if (countdown_s && !(key = count_down(desk, countdown_s)))
        key = KEY_ENTER;
    for (;;) {
        row = row_of(key);
        if (key == KEY_UP)
            at = (at + ROWS - 1) % ROWS;
        else if (key == KEY_DOWN)
            at = (at + 1) % ROWS;
        else if (key == KEY_ENTER)
            row = at;
        show_choice(desk, row < ROWS ? row : at, 0);
        if (row < ROWS)
            break;
        key = desk_key(desk);
    }
    lines_format(desk->lines, "%s", "");
    return rows[row].choice;
}

/* ---- settings */

static void list_keys(const struct desk *desk)
{
    const char *key, *values, *help;
    struct pager pager;
    struct lines lines = pager_lines(&pager, desk);
    char head[LINE_SIZE];

    for (unsigned i = 0; options_help(i, &key, &values, &help); i++) {
        format_text(head, sizeof(head), "  %-13s  ", key);
        lines_wrapped(&lines, head, values);
    }
}

static void show_given(const struct desk *desk, const struct options *options)
{
    static char given[KEYS_TEXT_SIZE];

    options_render(options, given, sizeof(given));
    lines_format(desk->lines, "%s", "");
    lines_wrapped(desk->lines,
                  "  Given: ", given[0] ? given : "nothing; every option has its default");
    lines_format(desk->lines,
                 "  key=value sets one for this boot, as in assay.cfg; ? lists the keys;");
    lines_format(desk->lines, "  Enter alone goes back.");
}

static void apply(const struct desk *desk, struct options *options, const char *line,
                  void (*check)(const struct options *options, struct option_error *error))
{
    static struct options trial;
    struct option_error error = {.count = 0};

    trial = *options;
    options_apply_text(&trial, line, text_length(line), "the menu", &error);
    if (!error.count)
        check(&trial, &error);
    if (error.count)
        lines_wrapped(desk->lines, "  ! ", error.text);
    else
        *options = trial;
}

void menu_settings(const struct desk *desk, struct options *options,
                   void (*check)(const struct options *options, struct option_error *error))
{
    char line[OPTION_VALUE_SIZE];

    for (;;) {
        show_given(desk, options);
        if (!desk_read_line(desk, "  > ", line, sizeof(line)) || !line[0])
            return;
        if (text_equal(line, "?"))
            list_keys(desk);
        else
            apply(desk, options, line, check);
    }
}
