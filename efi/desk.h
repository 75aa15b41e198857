/*
 * The user before the machine: what is shown, what is typed, and for how long it is waited for.
 *
 * Knows no firmware: keys, lines and time come through struct desk, so that all that is asked is
 * tested without one. No key held down keeps anything waiting.
 */
#ifndef ASSAY_EFI_DESK_H
#define ASSAY_EFI_DESK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "report/lines.h"

/* Keys that are no characters. */
enum {
    KEY_UP = 1,
    KEY_DOWN = 2,
    KEY_BACKSPACE = 8,
    KEY_ENTER = 13,
    KEY_ESCAPE = 27,
    KEY_DELETE = 127, /* what serial terminals send for the key above Enter */
};

struct desk {
    const struct clock *clock;
    const struct lines *lines;
    char (*key)(void); /* one that was pressed, else 0; never waits */
    /* Each in the place of the one before; what goes to `lines` begins below it. */
    const struct lines *rewritten;
};

/* Waits for a key, at most so long; 0 when there was none. */
char desk_wait_key(const struct desk *desk, uint64_t limit_us);

/* Waits for a key for ever. */
char desk_key(const struct desk *desk);

/* Forgets what was pressed until now. */
void desk_forget_keys(const struct desk *desk);

/* A line that the user types behind a prompt, without its end; what has no room is not taken.
 * False when it was given up by Esc. It waits for ever. */
bool desk_read_line(const struct desk *desk, const char *prompt, char *ret_line, size_t size);

/* Lines, a screen of them at a time: before the next one a key is waited for. */
enum { PAGE_ROWS = 22 };

struct pager {
    const struct desk *desk;
    unsigned rows;
    bool stopped; /* the user has seen enough; what follows is dropped */
};

/* Both live as long as the lines. */
struct lines pager_lines(struct pager *pager, const struct desk *desk);

#endif
