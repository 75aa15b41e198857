#include "stress/memory_jobs.h"

#include "base/error.h"

static uint64_t now_us(const struct memory_jobs *jobs)
{
    return clock_now_us(jobs->means.clock);
}

void memory_jobs_init(struct memory_jobs *jobs, const struct memory_means *means,
                      unsigned per_worker)
{
    size_t limit = (size_t)means->workers->count * per_worker;

    jobs->means = *means;
    jobs->limit = limit < 2 ? 2 : limit > MEMORY_JOBS_MAX ? MEMORY_JOBS_MAX : limit;
    for (size_t i = 0; i < MEMORY_JOBS_MAX; i++)
        memory_job_init(&jobs->jobs[i]);
    memory_report_init(&jobs->report, means->sink);
    jobs->draining = false;
    jobs->moved = jobs->lost = 0;
    jobs->met = jobs->unmet = 0;
    for (size_t i = 0; i < means->pool->count; i++)
        means->pool->chunks[i].filled = 0;
}

struct memory_job *memory_jobs_idle(struct memory_jobs *jobs)
{
    for (size_t i = 0; i < jobs->limit; i++) {
        struct memory_job *job = &jobs->jobs[i];

        if (job->state == MEMORY_JOB_IDLE) {
            job->piece_count = job->chunk_count = 0;
            return job;
        }
    }
    return NULL;
}

/* A retired chunk does not say that it is held, so a job given up is asked. */
static bool held_by_lost(struct memory_jobs *jobs, const struct chunk *chunk)
{
    for (size_t i = 0; jobs->lost && i < jobs->limit; i++)
        if (jobs->jobs[i].state == MEMORY_JOB_LOST &&
            memory_job_piece(&jobs->jobs[i], chunk->address))
            return true;
    return false;
}

bool memory_jobs_add(struct memory_jobs *jobs, struct memory_job *job,
                     const struct memory_piece *piece)
{
    struct chunk *chunk = piece->chunk;
    bool own = memory_job_piece(job, chunk->address) != NULL;

    if (job->piece_count == MEMORY_JOB_PIECES)
        return false;
    if (chunk->state == CHUNK_GONE)
        return false;
    if (!own && (chunk->state == CHUNK_TAKEN || held_by_lost(jobs, chunk)))
        return false;
    if (chunk->state == CHUNK_FREE)
        chunk->state = CHUNK_TAKEN;
    chunk->filled = 0;
    job->pieces[job->piece_count++] = *piece;
    job->chunk_count += !own;
    return true;
}

/* Offers a job whose task stands. A full queue is tried again at each poll. */
static void offer(struct memory_jobs *jobs, struct memory_job *job)
{
    memory_job_ready(job, now_us(jobs));
    (void)memory_job_submit(job, jobs->means.workers);
}

void memory_jobs_start(struct memory_jobs *jobs, struct memory_job *job, const char *test)
{
    job->test = test;
    job->page = NULL;
    job->pause = jobs->means.pause;
    job->clock = jobs->means.clock;
    offer(jobs, job);
}

/* Gives the chunks back. A retired one stays retired. */
static void release(struct memory_job *job)
{
    for (size_t i = 0; i < job->piece_count; i++)
        pool_give(job->pieces[i].chunk);
    job->piece_count = job->chunk_count = 0;
}

/* Faults that lie in the page of the next one; they stand together. */
static size_t faults_of_page(const struct memory_job *job)
{
    uint64_t page = job->found[job->next_fault].address / BLOCK_SIZE;
    size_t end = job->next_fault;

    while (end < job->faults.count && job->found[end].address / BLOCK_SIZE == page)
        end++;
    return end - job->next_fault;
}

/* Reports the faults of the page of the next fault, and retires its chunk if it failed again. */
static void report_page(struct memory_jobs *jobs, struct memory_job *job,
                        const struct page_result *result)
{
    const struct memory_piece *piece = memory_job_piece(job, job->found[job->next_fault].address);
    bool retire = result->repeat == REPEAT_FAILED || !memory_report_has_room(&jobs->report);

    for (size_t left = faults_of_page(job); left > 0; left--) {
        memory_report_fault(&jobs->report, &job->found[job->next_fault], job->test, job->found_by,
                            result);
        job->next_fault++;
    }
    if (piece && retire)
        pool_retire(piece->chunk);
}

static void begin_retest(struct memory_jobs *jobs, struct memory_job *job)
{
    uint64_t address = job->found[job->next_fault].address / BLOCK_SIZE * BLOCK_SIZE;
    const struct chunk *chunk = memory_job_piece(job, address)->chunk;

    job->page = (uint8_t *)chunk->data + (address - chunk->address);
    job->page_address = address;
    job->page_fault = job->next_fault;
    job->page_fault_count = faults_of_page(job);
    offer(jobs, job);
}

/* Goes on with the faults that are not reported yet; without any, the job is idle. */
static void next_fault(struct memory_jobs *jobs, struct memory_job *job)
{
    while (job->next_fault < job->faults.count) {
        struct page_result known =
            memory_report_known(&jobs->report, job->found[job->next_fault].address);
        bool retest = known.repeat != REPEAT_FAILED && !jobs->draining &&
                      job->state != MEMORY_JOB_LOST && memory_report_has_room(&jobs->report);

        if (retest) {
            begin_retest(jobs, job);
            return;
        }
        if (known.repeat != REPEAT_FAILED)
            known.repeat = REPEAT_NOT_TRIED;
        report_page(jobs, job, &known);
    }
}

/* The pieces are done. */
static void account(struct memory_jobs *jobs, struct memory_job *job)
{
    job->found_by = job->job.processor;
    memory_report_count(&jobs->report, &job->faults, job->test);
    if (!memory_job_did(job)) {
        jobs->unmet++;
        return;
    }
    jobs->met += job->paired;
    for (size_t i = 0; i < job->piece_count; i++) {
        const struct memory_piece *piece = &job->pieces[i];

        piece->chunk->filled = step_filling(&piece->step);
        piece->chunk->round = piece->round;
        jobs->moved += (uint64_t)piece->chunk->size * step_moves(&piece->step);
        if (operation_verifies((enum memory_operation)piece->step.operation))
            piece->chunk->tested = true;
    }
}

/* A job came back from the queue: done, or withdrawn before anybody took it. */
static void collect(struct memory_jobs *jobs, struct memory_job *job)
{
    bool withdrawn = memory_job_withdrawn(job);
    bool retest = job->page != NULL;
    struct page_result result = {.repeat = REPEAT_NOT_TRIED};

    if (!withdrawn)
        result = job->page_result;
    job->page = NULL;
    job->state = MEMORY_JOB_IDLE;
    if (retest && job->next_fault < job->faults.count)
        report_page(jobs, job, &result);
    else if (!retest && !withdrawn)
        account(jobs, job);
    if (retest || !withdrawn)
        next_fault(jobs, job);
    if (job->state == MEMORY_JOB_IDLE)
        release(job);
}

static void tell_lost(struct memory_jobs *jobs, struct memory_job *job, uint64_t waited_us)
{
    const struct sink *sink = jobs->means.sink;
    unsigned long long waited_s = (unsigned long long)(waited_us / 1000000);
    unsigned processor;

    jobs->lost++;
    if (jobs->lost > MEMORY_JOBS_LOST_TOLD)
        return;
    if (job_is_done(&job->job) && atomic_load(&job->held))
        emit_not_tested(sink, "memory", PART_ALL_MEMORY, false,
                        "a drive that read into memory did not end within %llu s", waited_s);
    else if (memory_job_taken(job, &processor))
        emit_not_tested(sink, "memory", PART_ALL_MEMORY, false,
                        "processor %u took a memory job and did not finish it within %llu s",
                        processor, waited_s);
    else
        emit_not_tested(sink, "memory", PART_ALL_MEMORY, false,
                        "no processor took a memory job within %llu s", waited_s);
    emit_note(sink, SEVERITY_WARNING,
              "A memory job of up to %u MiB from address %llx on was given up.",
              (unsigned)(job->chunk_count * (CHUNK_SIZE >> 20)),
              (unsigned long long)(job->piece_count ? job->pieces[0].chunk->address : 0));
}

/* Waits no longer for a job. What it found before is told now, for it may never come back. */
static void give_up(struct memory_jobs *jobs, struct memory_job *job, uint64_t waited_us)
{
    bool queued = job->state == MEMORY_JOB_OUT;
    bool free = memory_job_withdraw(job) || memory_job_withdrawn(job);

    free = free && !atomic_load(&job->held);
    tell_lost(jobs, job, waited_us);
    job->state = MEMORY_JOB_LOST;
    if (job->page)
        next_fault(jobs, job);
    if (free)
        release(job);
    if (!queued)
        job->state = MEMORY_JOB_IDLE;
}

static void poll_job(struct memory_jobs *jobs, struct memory_job *job)
{
    uint64_t waited_us;

    if (job->state == MEMORY_JOB_IDLE)
        return;
    if (job->state == MEMORY_JOB_READY)
        (void)memory_job_submit(job, jobs->means.workers);
    else if (memory_job_over(job)) {
        collect(jobs, job);
        return;
    }
    waited_us = now_us(jobs) - job->since_us;
    if (job->state != MEMORY_JOB_LOST && waited_us >= MEMORY_JOB_PATIENCE_S * (uint64_t)1000000)
        give_up(jobs, job, waited_us);
}

void memory_jobs_poll(struct memory_jobs *jobs)
{
    for (size_t i = 0; i < jobs->limit; i++)
        poll_job(jobs, &jobs->jobs[i]);
}

static size_t jobs_in(const struct memory_jobs *jobs, enum memory_job_state state)
{
    size_t count = 0;

    for (size_t i = 0; i < jobs->limit; i++)
        count += jobs->jobs[i].state == state;
    return count;
}

size_t memory_jobs_busy(const struct memory_jobs *jobs)
{
    return jobs_in(jobs, MEMORY_JOB_READY) + jobs_in(jobs, MEMORY_JOB_OUT);
}

bool memory_jobs_usable(const struct memory_jobs *jobs)
{
    return jobs_in(jobs, MEMORY_JOB_LOST) < jobs->limit;
}

size_t memory_jobs_held(const struct memory_jobs *jobs)
{
    size_t count = 0;

    for (size_t i = 0; i < jobs->limit; i++)
        if (jobs->jobs[i].state != MEMORY_JOB_IDLE)
            count += jobs->jobs[i].chunk_count;
    return count;
}

/* Takes back what nobody has begun. */
static void withdraw_all(struct memory_jobs *jobs)
{
    for (size_t i = 0; i < jobs->limit; i++) {
        struct memory_job *job = &jobs->jobs[i];

        if (job->state == MEMORY_JOB_READY) {
            memory_job_withdraw(job);
            collect(jobs, job);
        } else if (job->state == MEMORY_JOB_OUT) {
            memory_job_withdraw(job);
        }
    }
}

bool memory_jobs_end(struct memory_jobs *jobs)
{
    uint64_t start_us = now_us(jobs);

    jobs->draining = true;
    withdraw_all(jobs);
    for (unsigned turn = 0; turn < MEMORY_JOBS_DRAIN_MS && memory_jobs_busy(jobs); turn++) {
        workers_poll(jobs->means.workers);
        memory_jobs_poll(jobs);
        if (memory_jobs_busy(jobs))
            clock_wait_us(jobs->means.clock, 1000);
    }
    for (size_t i = 0; i < jobs->limit; i++)
        if (jobs->jobs[i].state == MEMORY_JOB_OUT)
            give_up(jobs, &jobs->jobs[i], now_us(jobs) - start_us);
    memory_report_end(&jobs->report);
    if (jobs->lost > MEMORY_JOBS_LOST_TOLD)
        emit_note(jobs->means.sink, SEVERITY_WARNING, "%llu more memory jobs were given up.",
                  (unsigned long long)(jobs->lost - MEMORY_JOBS_LOST_TOLD));
    return jobs_in(jobs, MEMORY_JOB_LOST) == 0;
}
