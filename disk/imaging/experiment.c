#include "disk/imaging/experiment.h"

#include "base/error.h"
#include "disk/canary.h"
#include "disk/imaging/experiment_parts.h"

void experiment_enter(struct experiment *experiment, const struct experiment_tools *tools,
                      enum experiment_state state)
{
    experiment->state = (uint8_t)state;
    experiment->since_us = tools->now_us;
    experiment->asked = false;
    experiment->target = NULL;
}

static bool is_late(const struct experiment *experiment, const struct experiment_tools *tools)
{
    return tools->now_us - experiment->since_us > EXPERIMENT_PATIENCE_US;
}

void experiment_hold(struct experiment *experiment, struct chunk *chunk)
{
    for (size_t i = 0; chunk && i < EXPERIMENT_CHUNKS; i++) {
        if (!experiment->held[i]) {
            experiment->held[i] = chunk;
            return;
        }
    }
}

struct chunk *experiment_take(struct experiment *experiment, const struct experiment_tools *tools)
{
    struct chunk *chunk = pool_take(tools->pool);

    experiment_hold(experiment, chunk);
    return chunk;
}

void experiment_forget(struct experiment *experiment, const struct chunk *chunk)
{
    for (size_t i = 0; i < EXPERIMENT_CHUNKS; i++) {
        if (experiment->held[i] == chunk)
            experiment->held[i] = NULL;
    }
}

struct hash experiment_hash(const struct experiment *experiment,
                            const struct experiment_tools *tools, const struct chunk *chunk)
{
    return tools->hash(chunk->data, experiment->evidence.size, 0);
}

void experiment_read_done(struct experiment *experiment, struct experiment_tools *tools, int error,
                          uint64_t moved)
{
    struct chunk *chunk = experiment->target;

    if (experiment->state != EXPERIMENT_OLDER)
        experiment->moved = moved;
    experiment->target = NULL;
    if (error != OK) { /* that has events of its own */
        experiment_enter(experiment, tools,
                         experiment->state == EXPERIMENT_OLDER ? EXPERIMENT_PAGE : EXPERIMENT_OVER);
        return;
    }
    experiment_judge(experiment, tools, chunk);
}

void experiment_job_begun(struct experiment *experiment)
{
    experiment->asked = true;
}

void experiment_job_done(struct experiment *experiment, struct experiment_tools *tools,
                         const struct block_job *job)
{
    if (experiment->state == EXPERIMENT_PAGE) {
        experiment->result.page = job->repeat;
        experiment_enter(experiment, tools, EXPERIMENT_AWAY);
    } else {
        jury_add(&experiment->jury, job->hash, job->job.processor);
        experiment_enter(experiment, tools, EXPERIMENT_JURY);
    }
}

void experiment_job_lost(struct experiment *experiment, struct experiment_tools *tools)
{
    struct chunk *chunk =
        experiment->state == EXPERIMENT_PAGE ? experiment->wrong : experiment->right;

    experiment_forget(experiment, chunk);
    if (experiment->right == chunk)
        experiment->right = NULL;
    experiment_enter(experiment, tools, experiment->right ? EXPERIMENT_AWAY : EXPERIMENT_OVER);
}

/* The chunk of the first reading, taken, as soon as nobody uses it. It may be retired by now. */
static struct chunk *first_chunk(struct experiment *experiment,
                                 const struct experiment_tools *tools)
{
    struct chunk *chunk = pool_find(tools->pool, experiment->evidence.first.address);

    if (!chunk || chunk->state == CHUNK_TAKEN)
        return NULL;
    if (chunk->state == CHUNK_RETIRED)
        experiment->retired = chunk;
    chunk->state = CHUNK_TAKEN;
    chunk->filled = 0;
    experiment_hold(experiment, chunk);
    return chunk;
}

/* Wants the block read into a chunk; goes to `next` when it may not be, or no chunk comes. */
static enum experiment_want want_read(struct experiment *experiment,
                                      const struct experiment_tools *tools, bool may_read,
                                      enum experiment_state next)
{
    const struct difference_evidence *evidence = &experiment->evidence;
    bool older = experiment->state == EXPERIMENT_OLDER;

    experiment->lba = older ? evidence->older_lba : evidence->lba;
    experiment->blocks = older ? evidence->older_blocks : evidence->blocks;
    if (may_read && !experiment->target)
        experiment->target = experiment->state == EXPERIMENT_SAME
                                 ? first_chunk(experiment, tools)
                                 : experiment_take(experiment, tools);
    if (may_read && experiment->target)
        return WANT_READ;
    if (!may_read || is_late(experiment, tools))
        experiment_enter(experiment, tools, next);
    return WANT_NOTHING;
}

/* The block's bytes are hashed again and again. Those who hashed them before have voted, and so
 * does the boot processor. */
static enum experiment_want want_hash(struct experiment *experiment,
                                      const struct experiment_tools *tools)
{
    const struct difference_evidence *evidence = &experiment->evidence;

    if (experiment->asked)
        return WANT_NOTHING;
    if (!experiment->right) {
        experiment_enter(experiment, tools, EXPERIMENT_OVER);
        return WANT_NOTHING;
    }
    if (experiment->jury.count == 0) {
        jury_add(&experiment->jury, experiment_hash(experiment, tools, experiment->right), 0);
        if (evidence->hop != HOP_ARENA) /* that of the block is of the one who packed it */
            jury_recall(&experiment->jury, evidence->hash, evidence->processor);
        if (evidence->hop == HOP_SECOND_READ)
            jury_recall(&experiment->jury, evidence->first.hash, evidence->first.processor);
    }
    if (!jury_is_full(&experiment->jury) && !is_late(experiment, tools))
        return WANT_HASH;
    experiment->result.compute = jury_verdict(&experiment->jury, &experiment->result.processor);
    experiment_enter(experiment, tools,
                     experiment->result.compute ? EXPERIMENT_OVER : EXPERIMENT_AWAY);
    return WANT_NOTHING;
}

static enum experiment_want want_page(struct experiment *experiment,
                                      const struct experiment_tools *tools)
{
    if (experiment->asked)
        return WANT_NOTHING;
    if (tools->page_tested && !is_late(experiment, tools))
        return WANT_PAGE;
    experiment_enter(experiment, tools, EXPERIMENT_AWAY);
    return WANT_NOTHING;
}

enum experiment_want experiment_advance(struct experiment *experiment,
                                        struct experiment_tools *tools, uint64_t moved,
                                        bool may_read)
{
    switch (experiment->state) {
    case EXPERIMENT_LOCATE:
        experiment_locate(experiment, tools);
        return WANT_NOTHING;
    case EXPERIMENT_THIRD:
    case EXPERIMENT_AGAIN:
        return want_read(experiment, tools, may_read, EXPERIMENT_OVER);
    case EXPERIMENT_SAME:
        return want_read(experiment, tools, may_read, EXPERIMENT_JURY);
    case EXPERIMENT_OLDER:
        return want_read(experiment, tools, may_read, EXPERIMENT_PAGE);
    case EXPERIMENT_JURY:
        return want_hash(experiment, tools);
    case EXPERIMENT_PAGE:
        return want_page(experiment, tools);
    case EXPERIMENT_AWAY:
        if (!may_read || moved - experiment->moved >= experiment->elsewhere)
            experiment_enter(experiment, tools, EXPERIMENT_AGAIN);
        return WANT_NOTHING;
    default:
        return WANT_END;
    }
}

/* Part of the canary in what was read. */
static void look_for_canary(struct experiment *experiment)
{
    const struct difference_evidence *evidence = &experiment->evidence;
    size_t first, last;

    if (canary_left(evidence->read->data, evidence->size, evidence->canary_seed, &first, &last) > 0)
        experiment->result.leftover = true;
}

void experiment_begin(struct experiment *experiment, const struct experiment_tools *tools,
                      const struct difference_evidence *evidence, uint64_t moved,
                      uint64_t elsewhere)
{
    unsigned drive = experiment->drive;

    *experiment = (struct experiment){
        .drive = drive, .evidence = *evidence, .moved = moved, .elsewhere = elsewhere};
    experiment->result = (struct event_mismatch){
        .part = evidence->device->part,
        .hop = (uint8_t)evidence->hop,
        .lba = evidence->lba,
        .bounced = evidence->device->bounced,
        .compute = evidence->compute,
        .processor = evidence->processor,
        .address = evidence->hop == HOP_SECOND_READ ? evidence->first.address : 0,
    };
    experiment_hold(experiment, evidence->read);
    experiment_hold(experiment, evidence->copy);
    experiment_hold(experiment, evidence->packed.chunk);
    if (evidence->arrived)
        look_for_canary(experiment);
    experiment_enter(experiment, tools, EXPERIMENT_LOCATE);
}

void experiment_end(struct experiment *experiment, const struct experiment_tools *tools)
{
    struct event event = {.type = EVENT_MISMATCH, .mismatch = experiment->result};

    for (size_t i = 0; i < EXPERIMENT_CHUNKS; i++) {
        struct chunk *chunk = experiment->held[i];

        if (!chunk)
            continue;
        if (chunk == experiment->retired ||
            (chunk == experiment->wrong && experiment->result.page == REPEAT_FAILED))
            pool_retire(chunk);
        else
            pool_give(chunk);
    }
    emit(tools->sink, &event);
    experiment->state = EXPERIMENT_NONE;
}
