/*
 * The recorder: where every event of a run goes, and from there to journal, evidence, screen and
 * lines. Knows no firmware.
 *
 * The journal stands in memory and, where there is a store, in a file of fixed size that is
 * overwritten in place. It reaches the medium every second, before every step that may hang, and
 * at once after a finding. Samples go to screen and evidence as they come, and to the journal
 * thinned out, so that the longest run fits its size; a sensor that moves is kept more often.
 */
#ifndef ASSAY_EFI_RECORDER_H
#define ASSAY_EFI_RECORDER_H

#include "base/clock.h"
#include "base/event.h"
#include "base/store.h"
#include "diagnosis/evidence.h"
#include "efi/panel.h"
#include "report/console.h"
#include "report/journal.h"
#include "report/live.h"

enum {
    JOURNAL_SIZE = 2 * 1024 * 1024,
    RECORDER_SERIES = 160,
};

/* How near a temperature is to the memory. */
enum nearness { NEAR_NOTHING, NEAR_SOMETHING, NEAR_PROCESSOR, NEAR_MEMORY };

/* Another who is told of everything: each event when it is recorded, and when it is time to bring
 * out what came. */
struct recorder_tap {
    void (*event)(const struct event *event); /* NULL: nobody */
    void (*flush)(void);
};

struct recorder {
    const struct clock *clock;
    const struct panel *panel;
    struct store store;
    bool has_store;
    uint64_t start_us;
    uint64_t sample_us;   /* least time between two samples of a series in the journal */
    uint64_t progress_us; /* and between two of progress */
    uint64_t last_sample_us[RECORDER_SERIES];
    int64_t last_value[RECORDER_SERIES];
    bool sensor[RECORDER_SERIES]; /* no measure of throughput, which is never the same */
    uint64_t last_progress_us;
    struct journal journal;
    size_t stored; /* bytes of the journal that are in the file */
    bool urgent;   /* bring the journal to the medium soon */
    struct evidence evidence;
    struct live live;
    struct console console;
    struct screen screen;
    struct sink sink;
    struct recorder_tap tap; /* set after recorder_init() */
    bool has_temperature; /* the nearest there is to the memory, for its errors; never a drive's */
    int64_t temperature;
    uint16_t temperature_series;
    uint8_t nearness; /* enum nearness, of that series */
};

/* Begins: time 0 of the run is now. `buffer` holds the journal, JOURNAL_SIZE bytes. */
void recorder_init(struct recorder *recorder, const struct clock *clock, const struct panel *panel,
                   char *buffer, size_t size);

/* Gives the run a store: opens the journal's file and writes what there is so far. */
int recorder_open(struct recorder *recorder, const struct store *store);

/* Sets how densely samples are kept, from the planned length of the run. */
void recorder_plan(struct recorder *recorder, uint32_t planned_s);

/* Brings the journal to the medium. A failure is said once; the run goes on without the file. */
void recorder_flush(struct recorder *recorder);

/* Draws and paints the live screen. */
void recorder_paint(struct recorder *recorder);

/* Brings the rest to the medium and closes the journal's file. OK, also without one, or the error.
 */
int recorder_close(struct recorder *recorder);

/* Microseconds since the run began. */
uint64_t recorder_now_us(const struct recorder *recorder);

#endif
