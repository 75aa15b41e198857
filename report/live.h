/*
 * The live screen: what a technician sees at arm's length while a run goes.
 *
 * live_event() is fed every event; live_draw() makes a whole screen from what is known now. Who
 * paints compares it with the screen before and paints the cells that changed.
 */
#ifndef ASSAY_REPORT_LIVE_H
#define ASSAY_REPORT_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"
#include "report/latest.h"

enum { SCREEN_ROWS = 25, SCREEN_COLUMNS = 80 };

enum colour {
    COLOUR_NORMAL,
    COLOUR_DIM,
    COLOUR_GOOD,
    COLOUR_WARN,
    COLOUR_BAD,
    COLOUR_TITLE, /* inverse, or whatever stands out */
    COLOURS,
};

struct cell {
    char c;         /* printable ASCII */
    uint8_t colour; /* enum colour */
};

/* The last cell of the last row is always blank: writing it scrolls some consoles. */
struct screen {
    struct cell cells[SCREEN_ROWS][SCREEN_COLUMNS];
};

enum { LIVE_PHASES = 10, LIVE_FINDINGS = 8, LIVE_NOTES = 4, LIVE_NOTE_SIZE = 80 };

struct live_phase {
    char name[NAME_SIZE];
    bool ended;
    uint8_t ending; /* enum ending; valid when ended */
};

struct live_finding {
    uint8_t certainty; /* enum certainty */
    char id[NAME_SIZE];
    char component[NAME_SIZE];
};

struct live_note {
    uint8_t severity; /* enum severity */
    char text[LIVE_NOTE_SIZE];
};

struct live {
    struct latest latest;
    char version[NAME_SIZE];
    char plan[NAME_SIZE];
    char inject[TEXT_SIZE];
    uint64_t seed;
    uint32_t number;
    struct live_phase phases[LIVE_PHASES]; /* the last ones, in their order */
    size_t phase_count;
    uint16_t permille;
    uint32_t left_s;
    struct live_finding findings[LIVE_FINDINGS]; /* most certain first */
    size_t finding_count;
    uint32_t findings_lost;
    struct live_note notes[LIVE_NOTES]; /* newest first */
    size_t note_count;
    bool has_verdict;
    uint8_t overall; /* enum overall */
};

void live_init(struct live *live);
void live_event(struct live *live, const struct event *event);
/* Draws every cell. now_us is on the run's clock, that of event.time_us. */
void live_draw(const struct live *live, uint64_t now_us, struct screen *screen);

#endif
