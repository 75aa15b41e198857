#include "disk/pace.h"

#include <string.h>

void pace_init(struct pace *pace, part_id part, const struct sink *sink)
{
    memset(pace, 0, sizeof(*pace));
    pace->part = part;
    pace->sink = sink;
}

/* Bytes per second; bytes are a stretch's at most, far below 2^44. */
static uint64_t rate(uint64_t bytes, uint64_t duration_us)
{
    return bytes * 1000000 / (duration_us != 0 ? duration_us : 1);
}

uint64_t pace_now(const struct pace *pace)
{
    return pace->now;
}

uint64_t pace_usual(const struct pace *pace)
{
    return pace->usual;
}

bool pace_kept(const struct pace *pace, bool *ret_known)
{
    *ret_known = pace->usual != 0;
    return pace->now >= pace->usual / 2;
}

static void sum_add(struct pace_sum *sum, const struct pace_sum *more)
{
    if (sum->reads == 0)
        sum->lba = more->lba;
    sum->bytes += more->bytes;
    sum->service_us += more->service_us;
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

static void emit_stretch(const struct pace *pace)
{
    const struct pace_sum *stretch = &pace->stretch;
    struct event event = {.type = EVENT_PACE};

    event.pace.part = pace->part;
    event.pace.lba = stretch->lba;
    event.pace.usual = pace->usual;
    event.pace.slow = rate(stretch->bytes, stretch->service_us);
    event.pace.duration_s = (uint32_t)(stretch->service_us / 1000000);
    event.pace.reads = stretch->reads < UINT16_MAX ? (uint16_t)stretch->reads : UINT16_MAX;
    event.pace.others_known = others_known(stretch);
    event.pace.others_kept = others_known(stretch) && others_kept(stretch);
    emit(pace->sink, &event);
}

static bool is_slow(const struct pace *pace, const struct pace_sum *window)
{
    uint64_t usual = pace->usual < PACE_USUAL_MAX ? pace->usual : PACE_USUAL_MAX;
    uint64_t seeks_us = (uint64_t)window->reads * PACE_SEEK_US;

    return window->service_us > seeks_us &&
           rate(window->bytes, window->service_us - seeks_us) < usual / PACE_SLOW;
}

static void slow_window(struct pace *pace)
{
    struct pace_sum *stretch = &pace->stretch;

    sum_add(stretch, &pace->window);
    if (pace->emitted || pace->stretches == PACE_STRETCHES_MAX)
        return;
    if (stretch->windows < PACE_STRETCH_WINDOWS || stretch->service_us < PACE_STRETCH_US)
        return;
    if (others_known(stretch) && !others_kept(stretch))
        return;
    pace->emitted = true;
    pace->stretches++;
    emit_stretch(pace);
}

static void end_stretch(struct pace *pace)
{
    if (pace->emitted)
        emit_stretch(pace);
    pace->emitted = false;
    memset(&pace->stretch, 0, sizeof(pace->stretch));
}

/* Sorts one more of the first windows in; their median is the usual pace. */
static void learn_first(struct pace *pace, uint64_t value)
{
    uint32_t i = pace->first_count++;

    for (; i > 0 && pace->first[i - 1] > value; i--)
        pace->first[i] = pace->first[i - 1];
    pace->first[i] = value;
    if (pace->first_count == PACE_FIRST)
        pace->usual = pace->first[PACE_FIRST / 2];
}

static void learn(struct pace *pace, uint64_t value)
{
    if (value > pace->usual)
        pace->usual += (value - pace->usual) / PACE_LEARNING;
    else
        pace->usual -= (pace->usual - value) / PACE_LEARNING;
}

static void close_window(struct pace *pace)
{
    pace->window.windows = 1;
    pace->now = rate(pace->window.bytes, pace->window.service_us);
    if (pace->first_count < PACE_FIRST) {
        learn_first(pace, pace->now);
    } else if (is_slow(pace, &pace->window)) {
        slow_window(pace);
    } else {
        end_stretch(pace);
        learn(pace, pace->now);
    }
    memset(&pace->window, 0, sizeof(pace->window));
}

void pace_add(struct pace *pace, uint64_t lba, uint64_t bytes, uint64_t service_us, unsigned flags)
{
    struct pace_sum read = {.lba = lba, .bytes = bytes, .service_us = service_us, .reads = 1};

    if (bytes < PACE_READ_MIN || flags & PACE_UNCLEAN)
        return;
    if (pace->skipped < PACE_SKIP) {
        pace->skipped++;
        return;
    }
    if (flags & PACE_OTHERS_KNOWN)
        read.known_us = service_us;
    if ((flags & PACE_OTHERS_KNOWN) && (flags & PACE_OTHERS_KEPT))
        read.kept_us = service_us;
    if (service_us >= PACE_WINDOW_US && pace->window.reads != 0 && pace->stretch.reads == 0)
        close_window(pace); /* a long read begins a window, and perhaps a stretch */
    sum_add(&pace->window, &read);
    if (pace->window.reads >= PACE_WINDOW_READS || pace->window.service_us >= PACE_WINDOW_US)
        close_window(pace);
}

void pace_end(struct pace *pace)
{
    end_stretch(pace);
    memset(&pace->window, 0, sizeof(pace->window));
}
