#include "tests/sim/memory_machine.h"

#include <assert.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

uint64_t machine_address(size_t word)
{
    return MACHINE_ADDRESS + word * 8;
}

static int submit(void *context, struct job *job)
{
    struct memory_machine *machine = context;

    return machine->mode == MACHINE_FULL ? ERR_FULL : queue_put(&machine->queue, job);
}

static void hang(struct memory_machine *machine)
{
    struct job *job = queue_take(&machine->queue);

    if (!job || machine->hung_count == MEMORY_JOBS_MAX)
        return;
    job->run(job, 7);
    machine->hung[machine->hung_count++] = job;
}

static void run_inline(struct memory_machine *machine)
{
    bool ran = queue_run_one(&machine->queue, 0);

    machine->idle = ran ? 0 : machine->idle + 1;
    if (machine->idle > 1)
        machine->now_us += machine->idle_us;
    if (ran || machine->idle_us)
        sim_memory_apply(&machine->memory);
}

static void poll(void *context)
{
    struct memory_machine *machine = context;

    machine->now_us += machine->turn_us;
    if (machine->mode == MACHINE_INLINE)
        run_inline(machine);
    if (machine->mode == MACHINE_HANG)
        hang(machine);
    if (machine->mode == MACHINE_THREADED)
        sched_yield();
}

void machine_wake(struct memory_machine *machine)
{
    for (size_t i = 0; i < machine->hung_count; i++) {
        machine->hung[i]->processor = 7;
        atomic_store(&machine->hung[i]->done, true);
    }
    machine->hung_count = 0;
}

/* A thread may put the fault into the memory only while its own job owns that memory. */
static void run_owned(struct memory_machine *machine, struct job *job, unsigned processor)
{
    uint64_t address = machine_address(machine->memory.faults[0].word);

    job->run(job, processor);
    if (machine->memory.fault_count && memory_job_piece((struct memory_job *)job, address))
        sim_memory_apply(&machine->memory);
    job->processor = (uint16_t)processor;
    atomic_store_explicit(&job->done, true, memory_order_release);
}

static void *thread_main(void *context)
{
    struct memory_machine *machine = context;

    while (!atomic_load(&machine->stop_threads)) {
        struct job *job = queue_take(&machine->queue);

        if (job)
            run_owned(machine, job, 1);
        else
            sched_yield();
    }
    return NULL;
}

static uint64_t now_us(void *context)
{
    return ((struct memory_machine *)context)->now_us;
}

static void wait_us(void *context, uint32_t duration_us)
{
    ((struct memory_machine *)context)->now_us += duration_us;
}

/* A retest is of the one faulty page of a threaded machine, so its thread owns it, too. */
static void pause_wait(void *context)
{
    sim_memory_apply(&((struct memory_machine *)context)->memory);
}

static void keep(void *context, struct event *event)
{
    struct memory_machine *machine = context;

    assert(machine->event_count < MACHINE_EVENTS);
    machine->events[machine->event_count++] = *event;
    machine->type_counts[event->type]++;
}

const struct event *machine_event(const struct memory_machine *machine, enum event_type type,
                                  size_t n)
{
    for (size_t i = 0; i < machine->event_count; i++)
        if (machine->events[i].type == type && n-- == 0)
            return &machine->events[i];
    return NULL;
}

void machine_init_over(struct memory_machine *machine, enum machine_workers mode, uint64_t *words,
                       size_t chunk_count, size_t chunk_size)
{
    size_t size = chunk_count * chunk_size;
    uint8_t *data = (uint8_t *)words;

    assert(data && chunk_count <= MACHINE_CHUNKS_MAX);
    memset(machine, 0, sizeof(*machine));
    memset(data, 0xC3, size);
    sim_memory_init(&machine->memory, words, size / 8);
    machine->memory.clock = &machine->clock;
    pool_init(&machine->pool, machine->chunks, MACHINE_CHUNKS_MAX);
    for (size_t at = 0; at < size; at += chunk_size)
        pool_add(&machine->pool, data + at, MACHINE_ADDRESS + at, chunk_size);
    queue_init(&machine->queue);
    machine->mode = mode;
    machine->turn_us = 100;
    machine->workers =
        (struct workers){.context = machine, .count = 2, .submit = submit, .poll = poll};
    machine->clock = (struct clock){machine, now_us, wait_us};
    machine->sink = (struct sink){machine, keep};
    machine->pause = (struct page_pause){machine, pause_wait, pause_wait};
    for (unsigned i = 0; mode == MACHINE_THREADED && i < MACHINE_THREADS; i++) {
        int error = pthread_create(&machine->threads[i], NULL, thread_main, machine);

        assert(error == 0);
        (void)error;
    }
}

void machine_init(struct memory_machine *machine, enum machine_workers mode, size_t chunk_count,
                  size_t chunk_size)
{
    machine_init_over(machine, mode, aligned_alloc(BLOCK_SIZE, chunk_count * chunk_size),
                      chunk_count, chunk_size);
    machine->owned = machine->memory.words;
}

void machine_free(struct memory_machine *machine)
{
    atomic_store(&machine->stop_threads, true);
    for (unsigned i = 0; machine->mode == MACHINE_THREADED && i < MACHINE_THREADS; i++)
        pthread_join(machine->threads[i], NULL);
    free(machine->owned);
}

struct memory_means machine_means(struct memory_machine *machine)
{
    return (struct memory_means){.pool = &machine->pool,
                                 .workers = &machine->workers,
                                 .clock = &machine->clock,
                                 .sink = &machine->sink,
                                 .pause = &machine->pause};
}
