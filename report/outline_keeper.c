#include "report/outline_keeper.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

enum { SIZE_MAX_IN_ALL = 1024 };

_Static_assert(OUTLINE_SIZE + OUTLINE_OVERHEAD <= SIZE_MAX_IN_ALL, "at most 1 KiB in all");

bool outline_keeper_init(struct outline_keeper *keeper, const struct variable *variable,
                         const struct sink *sink, bool keeps, struct outline *ret_earlier)
{
    uint8_t bytes[OUTLINE_SIZE];
    size_t size = 0;
    int error = variable->read(variable->context, bytes, sizeof(bytes), &size);

    *keeper = (struct outline_keeper){
        .variable = variable,
        .sink = sink,
        .keeps = keeps,
        .present = error == OK || error == ERR_FULL,
    };
    return error == OK && outline_decode(bytes, size, ret_earlier) == OK;
}

void outline_keeper_event(struct outline_keeper *keeper, const struct event *event)
{
    keeper->now_us = event->time_us;
    keeper->changed |= outline_event(&keeper->outline, event);
}

static void give_up(struct outline_keeper *keeper, const char *reason)
{
    keeper->keeps = false;
    emit_note(keeper->sink, SEVERITY_WARNING,
              "report-to=efi-variables: nothing more is written there: %s.", reason);
}

/* NULL, or why nothing may be written. */
static const char *refusal(const struct outline_keeper *keeper)
{
    const struct variable *variable = keeper->variable;
    struct variable_space space = {0};

    if (variable->space(variable->context, &space))
        return "the firmware does not tell how much room it has";
    if (!space.total || space.free > space.total || space.free < space.total - space.free)
        return "less than half of the firmware's store is free";
    if (space.largest < OUTLINE_SIZE + OUTLINE_OVERHEAD)
        return "the firmware's store takes no variable of that size";
    return NULL;
}

static bool is_due(const struct outline_keeper *keeper)
{
    if (!keeper->keeps)
        return false;
    if (keeper->changed && keeper->writes < OUTLINE_WRITES)
        return true;
    return keeper->now_us - keeper->written_us >= OUTLINE_PERIOD_US;
}

void outline_keeper_flush(struct outline_keeper *keeper)
{
    const struct variable *variable = keeper->variable;
    uint8_t bytes[OUTLINE_SIZE];
    const char *reason;
    size_t size;
    int error;

    if (!is_due(keeper))
        return;
    reason = refusal(keeper);
    if (reason) {
        give_up(keeper, reason);
        return;
    }
    size = outline_encode(&keeper->outline, bytes);
    error = variable->write(variable->context, bytes, size);
    keeper->present = true; /* as far as one knows */
    if (error) {
        give_up(keeper, error_text(error));
        return;
    }
    keeper->writes += keeper->changed && keeper->writes < OUTLINE_WRITES;
    keeper->changed = false;
    keeper->written_us = keeper->now_us;
}

int outline_keeper_end(struct outline_keeper *keeper)
{
    const struct variable *variable = keeper->variable;
    int error = OK;

    keeper->keeps = false;
    if (keeper->present)
        error = variable->erase(variable->context);
    return error == ERR_ABSENT ? OK : error;
}

void outline_tell(const struct outline *outline, const struct sink *sink)
{
    struct event event = {.type = EVENT_PRIOR_RUN,
                          .prior_run = {.number = outline->run, .after_s = outline->after_s}};

    copy_text(event.prior_run.phase, sizeof(event.prior_run.phase), outline->phase);
    copy_text(event.prior_run.step, sizeof(event.prior_run.step), outline->step);
    emit(sink, &event);
    for (unsigned i = 0; i < outline->count; i++) {
        const struct outline_finding *finding = &outline->findings[i];

        emit_note(sink, SEVERITY_WARNING, "Run %u, which has no end, had found %s (%s): %s",
                  (unsigned)outline->run, finding->id, certainty_names[finding->certainty],
                  finding->component);
    }
    if (outline->found > outline->count)
        emit_note(sink, SEVERITY_WARNING, "Run %u had %u more findings before these.",
                  (unsigned)outline->run, outline->found - outline->count);
}
