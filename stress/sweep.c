#include "stress/sweep.h"

void sweep_init(struct sweep *sweep, const struct sweep_config *config)
{
    sweep->config = *config;
    memory_jobs_init(&sweep->jobs, &config->means, SWEEP_JOBS_PER_WORKER);
    sweep->cursor = 0;
    sweep->free_seen = 0;
    sweep->free = 0;
    sweep->stopped = false;
    for (size_t i = 0; i < config->means.pool->count; i++)
        sweep->free += config->means.pool->chunks[i].state == CHUNK_FREE;
}

static size_t held_max(const struct sweep *sweep)
{
    return sweep->free < 20 ? 1 : sweep->free / 10;
}

/* The chunk at the cursor, which goes one further. */
static struct chunk *next_chunk(struct sweep *sweep)
{
    struct pool *pool = sweep->config.means.pool;
    struct chunk *chunk = &pool->chunks[sweep->cursor++];

    sweep->free_seen += chunk->state == CHUNK_FREE;
    if (sweep->cursor == pool->count) {
        sweep->free = sweep->free_seen;
        sweep->free_seen = 0;
        sweep->cursor = 0;
        memory_report_step(&sweep->jobs.report);
    }
    return chunk;
}

/* The pattern of a round; a pattern and its complement follow each other with one seed. */
static struct memory_piece piece_of(const struct sweep *sweep, struct chunk *chunk,
                                    enum memory_operation operation, uint32_t round)
{
    return (struct memory_piece){
        .chunk = chunk,
        .seed = mix64(sweep->config.seed + round / 2),
        .round = round,
        .step = {.operation = (uint8_t)operation, .pattern = (uint8_t)(round % PATTERNS)},
    };
}

static void add_chunk(struct sweep *sweep, struct memory_job *job, struct chunk *chunk)
{
    struct memory_piece verify = piece_of(sweep, chunk, OPERATION_VERIFY, chunk->round);
    struct memory_piece fill = piece_of(sweep, chunk, OPERATION_FILL, chunk->round + 1);

    if (chunk->filled)
        (void)memory_jobs_add(&sweep->jobs, job, &verify);
    (void)memory_jobs_add(&sweep->jobs, job, &fill);
}

static void gather(struct sweep *sweep, struct memory_job *job, size_t chunks)
{
    for (unsigned looked = 0; looked < SWEEP_LOOK && job->chunk_count < chunks; looked++) {
        struct chunk *chunk = next_chunk(sweep);

        if (chunk->state == CHUNK_FREE)
            add_chunk(sweep, job, chunk);
    }
}

void sweep_step(struct sweep *sweep)
{
    memory_jobs_poll(&sweep->jobs);
    while (!sweep->stopped && sweep->config.means.pool->count) {
        size_t held = memory_jobs_held(&sweep->jobs);
        size_t room = held < held_max(sweep) ? held_max(sweep) - held : 0;
        struct memory_job *job = memory_jobs_idle(&sweep->jobs);

        if (!job || !room)
            return;
        gather(sweep, job, room < SWEEP_JOB_CHUNKS ? room : SWEEP_JOB_CHUNKS);
        if (!job->piece_count)
            return;
        memory_jobs_start(&sweep->jobs, job, "sweep");
    }
}

bool sweep_stop(struct sweep *sweep)
{
    if (!sweep->stopped)
        sweep->home = memory_jobs_end(&sweep->jobs);
    sweep->stopped = true;
    return sweep->home;
}

uint64_t sweep_moved(const struct sweep *sweep)
{
    return sweep->jobs.moved;
}
