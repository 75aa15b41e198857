/*
 * The latest of everything while a run goes: the parts, the newest sample of each series, and how
 * often each part has had which trouble. Console and live screen look here.
 *
 * Tables are bounded. Parts beyond the table's end count as the machine itself; series beyond it
 * are not shown live (the journal has them all the same).
 */
#ifndef ASSAY_REPORT_LATEST_H
#define ASSAY_REPORT_LATEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"
#include "base/last_words.h"
#include "base/text.h"

enum { LATEST_PARTS_MAX = 64, LATEST_SERIES_MAX = 160 };

/* What can happen to a part again and again; the first ones are enum disk_fault. */
enum trouble {
    TROUBLE_MISMATCH = DISK_FAULTS,
    TROUBLE_WRITE,
    TROUBLE_MEMORY,
    TROUBLE_MACHINE_CHECK,
    TROUBLE_PACE, /* slowness: shown, but not an error */
    TROUBLES,
};

struct latest_part {
    part_id part;
    uint8_t kind; /* enum part_kind */
    char name[NAME_SIZE];
    char serial[SERIAL_SIZE];
    char place[PLACE_SIZE];
    uint64_t size; /* bytes */
    uint32_t troubles[TROUBLES];
};

struct latest_series {
    uint16_t series;
    part_id part;
    uint8_t quantity; /* enum quantity */
    bool has_low, has_high;
    bool sampled; /* value and time_us hold a sample */
    bool turned;  /* a sample above zero was seen in this run */
    bool beyond;  /* it is beyond its own threshold */
    bool silent;
    char name[NAME_SIZE];
    int64_t low, high, value; /* thousandths */
    uint64_t time_us;         /* of the sample */
};

struct latest {
    struct latest_part parts[LATEST_PARTS_MAX]; /* the first is the machine */
    size_t part_count;
    struct latest_series series[LATEST_SERIES_MAX];
    size_t series_count;
};

void latest_init(struct latest *latest);
void latest_event(struct latest *latest, const struct event *event);

/* The part, or the machine when it is not known. */
const struct latest_part *latest_part(const struct latest *latest, part_id part);
/* The series, or NULL. */
const struct latest_series *latest_series(const struct latest *latest, uint16_t series);
/* What an event says has happened to which part. False when it tells of no trouble. */
bool latest_trouble(const struct event *event, part_id *ret_part, enum trouble *ret_trouble);
/* All troubles of a part but slowness. */
uint64_t latest_errors(const struct latest_part *part);

/* True while a sample says something about now: it came within 15 s, from a sensor within 90 s
 * (drives are asked every 30 s). */
bool latest_is_fresh(const struct latest_series *series, uint64_t now_us);
/* Bytes per second of all parts of a kind, by fresh samples; 0 without any. */
uint64_t latest_throughput(const struct latest *latest, enum part_kind kind, uint64_t now_us);
/* The series with the highest fresh temperature, or NULL. */
const struct latest_series *latest_hottest(const struct latest *latest, uint64_t now_us);
/* The slowest fan of those that have turned in this run, or NULL: headers without a fan read 0. */
const struct latest_series *latest_slowest_fan(const struct latest *latest, uint64_t now_us);

/* "Samsung SSD 980 (S64DNX0R)": name and serial number or place, as far as they are known. */
void text_part(struct text *text, const struct latest_part *part);

#endif
