#include "disk/pace.h"

#include <string.h>

void pace_init(struct pace *pace, part_id part, const struct sink *sink)
{
    memset(pace, 0, sizeof(*pace));
    pace->part = part;
    pace->sink = sink;
}

static uint64_t middle(const struct pace_windows *windows)
{
    return windows->sorted[windows->count / 2];
}

void pace_carry(struct pace *to, const struct pace *from)
{
    if (from->carried != 0)
        to->carried = from->carried;
    else if (from->fast.count >= PACE_CARRIED_MIN)
        to->carried = middle(&from->fast);
    else if (from->early != 0 || from->usual != 0)
        to->carried = from->early != 0 ? from->early : from->usual;
    else
        to->carried = from->first.count >= PACE_CARRIED_MIN ? middle(&from->first) : 0;
}

uint64_t pace_busy_us(uint64_t begun_us, uint64_t ended_us, uint64_t previous_us)
{
    uint64_t since_us = begun_us > previous_us ? begun_us : previous_us;

    return ended_us > since_us ? ended_us - since_us : 0;
}

uint64_t pace_rate(uint64_t bytes, uint64_t duration_us)
{
    while (bytes >> 44) {
        bytes >>= 1;
        duration_us >>= 1;
    }
    return bytes * 1000000 / (duration_us != 0 ? duration_us : 1);
}

uint64_t pace_believable(uint64_t usual)
{
    return usual < PACE_USUAL_MAX ? usual : PACE_USUAL_MAX;
}

static void sum_add(struct pace_sum *sum, const struct pace_sum *more)
{
    if (sum->reads == 0) {
        sum->lba = more->lba;
        sum->from = more->from;
    }
    sum->to = more->to;
    sum->bytes += more->bytes;
    sum->service_us += more->service_us;
    sum->gaps_us += more->gaps_us;
    sum->known_us += more->known_us;
    sum->kept_us += more->kept_us;
    sum->reads += more->reads;
    sum->windows += more->windows;
}

/* Whether the others were measured for most of the time, and kept their pace for most of that. */
static bool others_known(const struct pace_sum *sum)
{
    return sum->known_us * 2 >= sum->service_us;
}

static bool others_kept(const struct pace_sum *sum)
{
    return sum->kept_us * 4 >= sum->known_us * 3;
}

/* The usual pace is not known yet, and the drive's own of an earlier phase stands in for it. */
static bool by_carried(const struct pace *pace)
{
    return pace->usual == 0 && pace->carried != 0 && !pace->forgotten;
}

/* What windows are compared with; 0 while there is nothing. */
static uint64_t reference(const struct pace *pace)
{
    return by_carried(pace) ? pace->carried : pace->usual;
}

static void emit_stretch(const struct pace *pace)
{
    const struct pace_sum *stretch = &pace->stretch;
    struct event event = {.type = EVENT_PACE};

    event.pace.part = pace->part;
    event.pace.lba = stretch->lba;
    event.pace.usual = reference(pace);
    event.pace.slow = pace_rate(stretch->bytes, stretch->service_us);
    event.pace.duration_s = (uint32_t)(stretch->service_us / 1000000);
    event.pace.reads = stretch->reads < UINT16_MAX ? (uint16_t)stretch->reads : UINT16_MAX;
    event.pace.others_known = others_known(stretch);
    event.pace.others_kept = others_known(stretch) && others_kept(stretch);
    emit(pace->sink, &event);
}

static bool is_slow(const struct pace *pace, const struct pace_sum *window)
{
    uint64_t usual = pace_believable(reference(pace));
    uint64_t excused_us = (uint64_t)window->reads * PACE_SEEK_US + window->gaps_us;

    return window->service_us > excused_us &&
           pace_rate(window->bytes, window->service_us - excused_us) < usual / PACE_SLOW;
}

/* The machine as a whole is slower than it was. */
static void forget(struct pace *pace)
{
    pace->forgotten = true;
    memset(&pace->stretch, 0, sizeof(pace->stretch));
}

static bool is_same_place(const struct pace_sum *a, const struct pace_sum *b)
{
    return a->windows != 0 && b->windows != 0 && a->from <= b->to && b->from <= a->to;
}

/* What was slow for too short a time when this place was read before counts as well, once. */
static void recall(struct pace *pace)
{
    for (unsigned i = 0; i < PACE_PLACES; i++) {
        struct pace_sum *place = &pace->places[i];
        struct pace_sum stretch = pace->stretch;

        if (!is_same_place(place, &stretch))
            continue;
        sum_add(&pace->stretch, place);
        pace->stretch.to = stretch.to;
        place->windows = 0;
    }
}

static bool is_long(const struct pace_sum *stretch)
{
    return stretch->windows >= PACE_STRETCH_WINDOWS && stretch->service_us >= PACE_STRETCH_US;
}

/* A stretch that was too short to be told. */
static void remember(struct pace *pace)
{
    if (pace->stretch.windows < PACE_PLACE_WINDOWS || is_long(&pace->stretch))
        return;
    pace->places[pace->next_place] = pace->stretch;
    pace->next_place = (pace->next_place + 1) % PACE_PLACES;
}

static void slow_window(struct pace *pace)
{
    struct pace_sum *stretch = &pace->stretch;

    sum_add(stretch, &pace->window);
    if (stretch->windows >= PACE_PLACE_WINDOWS)
        recall(pace);
    if (pace->emitted || pace->stretches == PACE_STRETCHES_MAX)
        return;
    if (!is_long(stretch))
        return;
    if (others_known(stretch) && !others_kept(stretch)) {
        if (by_carried(pace))
            forget(pace);
        return;
    }
    pace->emitted = true;
    pace->stretches++;
    emit_stretch(pace);
}

static void end_stretch(struct pace *pace)
{
    if (pace->emitted)
        emit_stretch(pace);
    remember(pace);
    pace->emitted = false;
    memset(&pace->stretch, 0, sizeof(pace->stretch));
}

static void start_window(struct pace *pace)
{
    memset(&pace->window, 0, sizeof(pace->window));
    pace->window_gap_us = 0;
    pace->window_longest_us = 0;
}

/* Sorts one more window in; when there are enough, their median is the usual pace. */
static void learn_from(struct pace *pace, struct pace_windows *windows, uint32_t enough,
                       uint64_t value)
{
    uint32_t i = windows->count++;

    for (; i > 0 && windows->sorted[i - 1] > value; i--)
        windows->sorted[i] = windows->sorted[i - 1];
    windows->sorted[i] = value;
    if (windows->count < enough)
        return;
    pace->usual = middle(windows);
    windows->count = 0;
}

/* Far above the usual pace, as the usual pace is far above a slow one. */
static bool is_fast(const struct pace *pace, uint64_t value)
{
    return pace_believable(value) / PACE_SLOW > pace->usual;
}

/* A window that is mostly gaps shows what the drive reaches at least. */
static void learn(struct pace *pace, uint64_t value)
{
    if (is_fast(pace, value)) {
        learn_from(pace, &pace->fast, PACE_FAST, value);
        return;
    }
    if (value > pace->usual)
        pace->usual += (value - pace->usual) / PACE_LEARNING;
    else if (pace->window.gaps_us <= pace->window.service_us / 2)
        pace->usual -= (pace->usual - value) / PACE_LEARNING;
}

static void close_window(struct pace *pace)
{
    pace->window.windows = 1;
    pace->window.from = pace->window.to = pace->window_place;
    pace->now = pace_rate(pace->window.bytes, pace->window.service_us);
    pace->busy_us += pace->window.service_us;
    if (reference(pace) != 0 && is_slow(pace, &pace->window)) {
        slow_window(pace);
    } else {
        end_stretch(pace);
        if (pace->usual == 0)
            learn_from(pace, &pace->first, PACE_FIRST, pace->now);
        else
            learn(pace, pace->now);
    }
    if (pace->early == 0 && pace->busy_us >= PACE_EARLY_US)
        pace->early = pace->usual;
    start_window(pace);
}

/* True when the longest gap is small in it, so that it is known how long the window took. */
static bool is_dated(const struct pace *pace)
{
    return pace->window.service_us / PACE_WINDOW_GAPS >= pace->window_gap_us;
}

static bool is_full(const struct pace *pace)
{
    return (pace->window.reads >= PACE_WINDOW_READS || pace->window.service_us >= PACE_WINDOW_US) &&
           is_dated(pace);
}

/* A long read begins a window, and perhaps a stretch; but long reads whose gaps were long as well
 * go on together. */
static void make_way(struct pace *pace)
{
    if (pace->window.reads == 0 || pace->stretch.reads != 0 ||
        pace->window.service_us >= PACE_WINDOW_US)
        return;
    if (is_dated(pace))
        close_window(pace);
    else
        start_window(pace);
}

static void mark_others(const struct pace *pace, struct pace_sum *read, unsigned flags)
{
    unsigned known = by_carried(pace) ? PACE_CARRIED_KNOWN : PACE_OTHERS_KNOWN;
    unsigned kept = by_carried(pace) ? PACE_CARRIED_KEPT : PACE_OTHERS_KEPT;

    if (flags & known)
        read->known_us = read->service_us;
    if ((flags & known) && (flags & kept))
        read->kept_us = read->service_us;
}

void pace_add_polled(struct pace *pace, uint64_t lba, uint64_t bytes, uint64_t service_us,
                     uint64_t gap_us, unsigned flags)
{
    struct pace_sum read = {.lba = lba, .bytes = bytes, .service_us = service_us, .reads = 1};

    if (gap_us >= PACE_GAP_US && gap_us > service_us / 2)
        flags |= PACE_UNDATED;
    if (bytes < PACE_READ_MIN || flags & (PACE_UNCLEAN | PACE_UNDATED))
        return;
    if (pace->skipped < PACE_SKIP) {
        pace->skipped++;
        return;
    }
    read.gaps_us = gap_us < service_us ? gap_us : service_us;
    if (service_us >= PACE_WINDOW_US)
        make_way(pace);
    mark_others(pace, &read, flags);
    sum_add(&pace->window, &read);
    if (service_us > pace->window_longest_us) {
        pace->window_longest_us = service_us;
        pace->window_place = lba;
    }
    if (gap_us > pace->window_gap_us)
        pace->window_gap_us = gap_us;
    if (is_full(pace))
        close_window(pace);
}

void pace_add(struct pace *pace, uint64_t lba, uint64_t bytes, uint64_t service_us, unsigned flags)
{
    pace_add_polled(pace, lba, bytes, service_us, 0, flags);
}

void pace_end(struct pace *pace)
{
    end_stretch(pace);
    start_window(pace);
}
