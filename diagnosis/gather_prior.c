#include "base/calendar.h"
#include "base/text.h"
#include "diagnosis/gather.h"

/* Seconds: what is older says little of the machine as it is now; a record from the future, by more
 * than zones explain, was dated by a clock that was wrong. */
enum { OLD_S = 30 * 86400, FUTURE_S = 2 * 86400 };

enum age { AGE_UNKNOWN, AGE_RECENT, AGE_OLD };

static enum age age_of(const struct evidence *evidence, const struct event_prior_error *error)
{
    const struct event_run_start *run = &evidence->run;
    uint64_t now =
        calendar_seconds(run->year, run->month, run->day, run->hour, run->minute, run->second);

    /* The firmware keeps its region, and a device its registers, for one boot. */
    if (error->origin == PRIOR_BERT || error->origin == PRIOR_AER)
        return AGE_RECENT;
    if (!error->time_s || !now || error->time_s > now + FUTURE_S)
        return AGE_UNKNOWN;
    return error->time_s + OLD_S < now ? AGE_OLD : AGE_RECENT;
}

/* What a sensor is in until it says that it has ended; an error happened, and does not end. */
static bool is_state(uint8_t kind)
{
    return kind == PRIOR_FAN || kind == PRIOR_TEMPERATURE || kind == PRIOR_POWER ||
           kind == PRIOR_POWER_LOSS || kind == PRIOR_DRIVE;
}

static bool is_same_state(const struct event_prior_error *a, const struct event_prior_error *b)
{
    return a->kind == b->kind && a->code == b->code && text_equal(a->place, b->place);
}

static bool is_same(const struct evidence_prior *prior, const struct evidence_prior *other)
{
    const struct event_prior_error *a = &prior->error, *b = &other->error;

    if (a->kind != b->kind || prior->uncorrected != other->uncorrected ||
        prior->outside != other->outside)
        return false;
    if (is_state(a->kind))
        return is_same_state(a, b);
    if (a->kind == PRIOR_MEMORY)
        return a->part == b->part && a->other == b->other && a->has_address == b->has_address &&
               (a->part || a->address == b->address);
    return a->kind == PRIOR_PROCESSOR || text_equal(a->place, b->place);
}

static struct evidence_prior *find(struct evidence *evidence, const struct evidence_prior *like)
{
    for (unsigned i = 0; i < evidence->prior_count; i++) {
        if (is_same(&evidence->priors[i], like))
            return &evidence->priors[i];
    }
    if (evidence->prior_count == EVIDENCE_PRIORS) {
        evidence->left_out++;
        return NULL;
    }
    evidence->priors[evidence->prior_count] = *like;
    return &evidence->priors[evidence->prior_count++];
}

static void end_state(struct evidence *evidence, const struct event_prior_error *error)
{
    for (unsigned i = 0; i < evidence->prior_count; i++) {
        struct evidence_prior *prior = &evidence->priors[i];

        if (is_state(error->kind) && is_same_state(&prior->error, error))
            prior->count = 0;
    }
}

/* A processor reports errors of memory as well; the status of its bank tells. */
static void classify(const struct evidence *evidence, struct evidence_prior *prior)
{
    struct mca_error error = mca_decode(prior->error.status, evidence->amd);

    prior->uncorrected =
        prior->error.severity == PRIOR_RECOVERABLE || prior->error.severity == PRIOR_FATAL;
    if (prior->error.kind != PRIOR_PROCESSOR)
        return;
    if (error.source == MCA_MEMORY)
        prior->error.kind = PRIOR_MEMORY;
    prior->outside = error.source == MCA_OUTSIDE || error.source == MCA_MEMORY_OR_CACHE;
}

void gather_prior_error(struct evidence *evidence, const struct event_prior_error *error)
{
    struct evidence_prior one = {.error = *error};
    enum age age = age_of(evidence, error);
    struct evidence_prior *prior;

    if (error->ended)
        end_state(evidence, error);
    if (error->ended || error->severity == PRIOR_INFORMATION || age == AGE_OLD)
        return;
    classify(evidence, &one);
    prior = find(evidence, &one);
    if (!prior)
        return;
    prior->count++;
    prior->dated |= age == AGE_RECENT;
    prior->origins |= (uint32_t)1 << error->origin % PRIOR_ORIGINS;
}
