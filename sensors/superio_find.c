/*
 * Finding the chips: one port after the other, with its step around all first contact.
 */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "sensors/ite.h"
#include "sensors/nct6683.h"
#include "sensors/nct6775.h"
#include "sensors/superio_watch.h"

static const struct hwm_family *const families[SUPERIO_FAMILIES] = {
    [SUPERIO_NCT6775] = &nct6775_family,
    [SUPERIO_NCT6683] = &nct6683_family,
    [SUPERIO_ITE] = &ite_family,
};

void superio_watch_init(struct superio_watch *watch, struct guard *guard, const struct clock *clock,
                        const struct sink *sink, struct numbers *numbers, const char *skip,
                        bool all)
{
    memset(watch, 0, sizeof(*watch));
    watch->guard = guard;
    watch->clock = clock;
    watch->sink = sink;
    watch->numbers = numbers;
    watch->skip = skip;
    watch->all = all;
    if (guard_allow(guard, superio_rules, SUPERIO_PORTS))
        watch->port = SUPERIO_PORTS; /* no room: nothing is touched */
}

static void step_name(const struct superio_watch *watch, char name[NAME_SIZE])
{
    format_text(name, NAME_SIZE, "Super I/O %02Xh", superio_ports[watch->port]);
}

void superio_leave_port(struct superio_watch *watch)
{
    char name[NAME_SIZE];

    step_name(watch, name);
    emit_step(watch->sink, name, true);
    watch->port++;
    watch->phase = SUPERIO_BEGIN;
}

void superio_begin_port(struct superio_watch *watch)
{
    char name[NAME_SIZE];

    if (watch->port == SUPERIO_PORTS) {
        watch->phase = SUPERIO_ROUNDS;
        return;
    }
    step_name(watch, name);
    if (text_equal(name, watch->skip)) {
        emit_not_tested(watch->sink, "super-io", 0, false, "%s: the last boot hung there", name);
        watch->port++;
        return;
    }
    emit_step(watch->sink, name, false);
    watch->phase = SUPERIO_PROBE;
}

/* Why the monitor of a chip that is known cannot be read, or NULL. */
static const char *why_not(struct superio_watch *watch, const struct superio_chip *chip)
{
    if (!chip->model)
        return "it is not known, and left alone";
    if (chip->model->family == SUPERIO_SKIPPED)
        return "its monitor answers in memory, where it is not read";
    if (!chip->is_active)
        return "its monitor is switched off";
    if (chip->is_locked)
        return "the firmware hides the ports of its monitor";
    if (guard_place(watch->guard, families[chip->model->family]->rule, chip->base))
        return "the address of its monitor cannot be one";
    return NULL;
}

void superio_probe_port(struct superio_watch *watch)
{
    struct superio_monitor *monitor = &watch->monitors[watch->monitor_count];
    struct superio_chip *chip = &monitor->chip;
    int error = superio_probe(&watch->guard->access, superio_ports[watch->port], chip);
    const char *why;

    if (error && error != ERR_ABSENT)
        emit_note(watch->sink, SEVERITY_INFO, "Super I/O at %02Xh: what is read there %s",
                  superio_ports[watch->port],
                  error == ERR_STALE ? "keeps changing: left alone" : "cannot be: left alone");
    if (error) {
        superio_leave_port(watch);
        return;
    }
    superio_tell_chip(watch, chip);
    why = why_not(watch, chip);
    if (why) {
        superio_tell_unread(watch, chip, why);
        superio_leave_port(watch);
        return;
    }
    monitor->family = families[chip->model->family];
    hwm_init(&monitor->hwm, &watch->guard->access, chip, watch->all);
    watch->phase = SUPERIO_LIST;
}

static const char *list_error(int error)
{
    switch (error) {
    case ERR_ABSENT:
        return "its monitor does not answer as it should";
    case ERR_UNSUPPORTED:
        return "its monitor was not started by the firmware";
    case ERR_REFUSED:
        return "the maker of its firmware is not known: sensors=all reads it";
    case ERR_STALE:
        return "somebody else keeps using its monitor";
    default:
        return "its monitor cannot be reached";
    }
}

void superio_list_inputs(struct superio_watch *watch)
{
    struct superio_monitor *monitor = &watch->monitors[watch->monitor_count];
    int result = monitor->family->list(&monitor->hwm);

    if (result == HWM_BUSY)
        return;
    if (result) {
        superio_tell_unread(watch, &monitor->chip, list_error(result));
        superio_leave_port(watch);
        return;
    }
    watch->monitor = watch->monitor_count++;
    watch->input = 0;
    watch->phase = SUPERIO_FIRST_ROUND;
}
