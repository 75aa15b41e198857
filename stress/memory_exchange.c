/*
 * The rotation: tested memory goes back to the firmware, what was left to it comes to be tested.
 */
#include "base/error.h"
#include "stress/memory_hold_parts.h"

#define MIB ((uint64_t)1024 * 1024)

enum {
    RUNS_GIVEN = 64, /* in how many pieces memory is given back at most */
};

/* Chunks that follow each other, in the table and in memory. */
struct chunk_run {
    size_t first, count;
    uint64_t size;
};

/* Memory that failed is not given: what the firmware would put there, it would lose. */
static bool may_go(const struct chunk *chunk, uint64_t end)
{
    return chunk->state == CHUNK_FREE && chunk->tested && chunk->address + chunk->size <= end;
}

static struct chunk_run longest_run(const struct pool *pool, uint64_t end)
{
    struct chunk_run best = {.size = 0}, run = {.size = 0};

    for (size_t i = 0; i < pool->count; i++) {
        const struct chunk *chunk = &pool->chunks[i];
        bool follows =
            i > 0 && chunk->address == pool->chunks[i - 1].address + pool->chunks[i - 1].size;

        if (!may_go(chunk, end)) {
            run = (struct chunk_run){.size = 0};
            continue;
        }
        if (!follows || !run.count)
            run = (struct chunk_run){.first = i};
        run.count++;
        run.size += chunk->size;
        if (run.size > best.size)
            best = run;
    }
    return best;
}

/* The end of a run, no more than is needed. */
static struct chunk_run end_of(const struct pool *pool, struct chunk_run run, uint64_t need)
{
    while (run.count > 1 && run.size - pool->chunks[run.first].size >= need) {
        run.size -= pool->chunks[run.first].size;
        run.first++;
        run.count--;
    }
    return run;
}

static int give_run(struct memory_hold *hold, const struct chunk_run *run)
{
    struct chunk *chunks = &hold->pool.chunks[run->first];
    uint64_t start = chunks[0].address;
    int error = extents_paint(&hold->marks, start, start + run->size, MEMORY_TESTED);

    if (error)
        return error;
    error = hold->source.release(hold->source.context, start, run->size);
    if (error) {
        (void)extents_paint(&hold->marks, start, start + run->size, EXTENT_NONE);
        return error;
    }
    for (size_t i = 0; i < run->count; i++)
        pool_drop(&hold->pool, &chunks[i]);
    return OK;
}

/* Gives back at least so much below `end`, or what there is. */
static int give(struct memory_hold *hold, uint64_t size, uint64_t end, uint64_t *ret_given)
{
    for (unsigned turn = 0; turn < RUNS_GIVEN && *ret_given < size; turn++) {
        struct chunk_run run = longest_run(&hold->pool, end);
        int error;

        if (!run.size)
            return OK;
        run = end_of(&hold->pool, run, size - *ret_given);
        error = give_run(hold, &run);
        if (error)
            return error;
        *ret_given += run.size;
    }
    return OK;
}

/* Gives back what the firmware must have in the place of what is wanted. */
static int make_room(struct memory_hold *hold, struct memory_share wanted)
{
    struct memory_share rule = memory_rule(hold), spare = memory_spare(hold);
    uint64_t low = less(rule.low + wanted.low, spare.low);
    uint64_t all = less(rule.all + wanted.all, spare.all);
    uint64_t given = 0;
    int error = give(hold, low, MEMORY_LOW_END, &given);

    return error ? error : give(hold, all, UINT64_MAX, &given);
}

static void say_kept(const struct memory_share *wanted, int error, const struct sink *sink)
{
    emit_not_tested(sink, "memory-left", PART_ALL_MEMORY, false,
                    "%llu MiB left to the firmware could not be exchanged for tested memory: %s",
                    (unsigned long long)(wanted->all / MIB),
                    error ? error_text(error) : "it needs them, or does not give them");
}

static int exchange(struct memory_hold *hold, struct memory_share *ret_wanted)
{
    int error = hold->source.map(hold->source.context, &hold->now), again;

    *ret_wanted = (struct memory_share){.all = 0};
    if (error || !memory_wish_left(hold))
        return error;
    *ret_wanted = memory_want(hold);
    if (ret_wanted->all < MIB)
        return OK;
    error = make_room(hold, *ret_wanted);
    again = hold->source.map(hold->source.context, &hold->now);
    if (again)
        return again;
    memory_want(hold);
    memory_claim(hold, &hold->part);
    return error;
}

struct pool *memory_hold_exchange(struct memory_hold *hold, const struct sink *sink)
{
    struct memory_share wanted;
    int error;

    memory_hold_settle(hold);
    error = exchange(hold, &wanted);
    if (hold->part.count)
        return &hold->part;
    if (error || wanted.all >= MIB)
        say_kept(&wanted, error, sink);
    return NULL;
}
