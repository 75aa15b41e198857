#include "tests/sim/workers.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

static int workers_put(void *context, struct job *job)
{
    struct sim_workers *workers = context;

    return queue_put(&workers->queue, job);
}

static void run_one(struct sim_workers *workers, unsigned number)
{
    workers->current = number;
    if (setjmp(workers->poll) != 0) {
        workers->dead[workers->current - workers->first] = true;
        return;
    }
    if (queue_run_one(&workers->queue, number) && workers->between)
        workers->between(workers->between_context);
}

static void workers_run(void *context)
{
    struct sim_workers *workers = context;

    for (unsigned i = 0; i < workers->count; i++) {
        unsigned number = (workers->turn + i) % workers->count;

        if (!workers->dead[number])
            run_one(workers, workers->first + number);
    }
    workers->turn = (workers->turn + 1) % workers->count;
}

void sim_workers_init(struct sim_workers *workers, unsigned count)
{
    memset(workers, 0, sizeof(*workers));
    queue_init(&workers->queue);
    workers->first = count > 0;
    workers->count = count > 0 ? count : 1;
    workers->seam = (struct workers){
        .context = workers, .count = workers->count, .submit = workers_put, .poll = workers_run};
}

_Noreturn void sim_workers_die(struct sim_workers *workers)
{
    longjmp(workers->poll, 1);
}

static int threads_put(void *context, struct job *job)
{
    struct sim_threads *threads = context;

    return queue_put(&threads->queue, job);
}

static void threads_poll(void *context)
{
    (void)context;
    sched_yield();
}

struct thread_start {
    struct sim_threads *threads;
    unsigned number;
};

static void *thread_run(void *argument)
{
    struct thread_start start = *(struct thread_start *)argument;

    free(argument);
    for (;;) {
        bool stop = atomic_load(&start.threads->stop);

        if (queue_run_one(&start.threads->queue, start.number))
            continue;
        if (stop)
            return NULL;
        sched_yield();
    }
}

void sim_threads_start(struct sim_threads *threads, unsigned count)
{
    queue_init(&threads->queue);
    atomic_init(&threads->stop, false);
    threads->count = count;
    threads->seam = (struct workers){
        .context = threads, .count = count, .submit = threads_put, .poll = threads_poll};
    for (unsigned i = 0; i < count; i++) {
        struct thread_start *start = malloc(sizeof(*start));

        *start = (struct thread_start){.threads = threads, .number = i + 1};
        pthread_create(&threads->threads[i], NULL, thread_run, start);
    }
}

void sim_threads_stop(struct sim_threads *threads)
{
    atomic_store(&threads->stop, true);
    for (unsigned i = 0; i < threads->count; i++)
        pthread_join(threads->threads[i], NULL);
}
