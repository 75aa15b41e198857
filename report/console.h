/*
 * The console: events as plain lines, for `ui=none`, for a serial line and for the end of a run.
 *
 * console_event() is fed every event of a run in order and puts lines as they come due, each
 * beginning with the time since the run began. What repeats is bounded: of each kind of error of
 * each part the first three are shown, then its count at 10, 100, 1000 and so on; progress comes
 * every ten seconds; of the regions of memory errors the first eight of a phase, and of the pages
 * tested again at the end the first eight. The last lines of a run are those of report/closing.h.
 */
#ifndef ASSAY_REPORT_CONSOLE_H
#define ASSAY_REPORT_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/event.h"
#include "report/latest.h"
#include "report/lines.h"
#include "report/untested.h"

/* Who takes whole sentences: as they are, not cut into lines, without the time before them. */
struct console_words {
    void *context;
    void (*put)(void *context, const struct event *event, const char *sentence);
};

struct console {
    struct lines lines;
    struct console_words words;
    struct latest latest;
    uint64_t next_progress_us;
    uint64_t seed;            /* of the run */
    unsigned regions;         /* of memory errors, told since the phase began */
    unsigned retests;         /* at the end of the run */
    struct untested untested; /* of the phase that runs */
};

void console_init(struct console *console, const struct lines *lines);
/* The same sentences for another who shows them. */
void console_init_words(struct console *console, const struct console_words *words);
void console_event(struct console *console, const struct event *event);

#endif
