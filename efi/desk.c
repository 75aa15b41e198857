#include "efi/desk.h"

enum { POLL_US = 20000, FOREVER_US = 3600000000u, KEYS_FORGOTTEN_MAX = 64 };

char desk_wait_key(const struct desk *desk, uint64_t limit_us)
{
    uint64_t end_us = clock_now_us(desk->clock) + limit_us;
    char key = 0;

    while (!key && clock_now_us(desk->clock) < end_us) {
        clock_wait_us(desk->clock, POLL_US);
        key = desk->key();
    }
    return key;
}

void desk_forget_keys(const struct desk *desk)
{
    for (unsigned i = 0; i < KEYS_FORGOTTEN_MAX && desk->key(); i++)
        continue;
}

char desk_key(const struct desk *desk)
{
    char key = 0;

    while (!key)
        key = desk_wait_key(desk, FOREVER_US);
    return key;
}

bool desk_read_line(const struct desk *desk, const char *prompt, char *ret_line, size_t size)
{
    size_t length = 0;
    char key = 0;

    ret_line[0] = '\0';
    while (key != KEY_ENTER && key != KEY_ESCAPE) {
        lines_format(desk->rewritten, "%s%s_", prompt, ret_line);
        key = desk_key(desk);
        if ((key == KEY_BACKSPACE || key == KEY_DELETE) && length)
            length--;
        else if (key >= ' ' && key <= '~' && length + 1 < size)
            ret_line[length++] = key;
        ret_line[length] = '\0';
    }
    lines_format(desk->rewritten, "%s%s", prompt, ret_line);
    lines_format(desk->lines, "%s", "");
    return key == KEY_ENTER;
}

static void put_page(void *context, const char *line)
{
    struct pager *pager = context;
    char key;

    if (pager->rows == PAGE_ROWS && !pager->stopped) {
        lines_format(pager->desk->rewritten, "  -- more: any key; q: enough --");
        key = desk_key(pager->desk);
        lines_format(pager->desk->rewritten, "%s", "");
        pager->stopped = key == 'q' || key == 'Q' || key == KEY_ESCAPE;
        pager->rows = 0;
    }
    if (pager->stopped)
        return;
    pager->rows++;
    pager->desk->lines->put(pager->desk->lines->context, line);
}

struct lines pager_lines(struct pager *pager, const struct desk *desk)
{
    *pager = (struct pager){.desk = desk};
    return (struct lines){.context = pager, .put = put_page};
}
