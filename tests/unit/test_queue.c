/* The queue of jobs: bounded, in order, and each job run exactly once by whoever takes it. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/workers.h"

enum { JOBS = 100000, THREADS = 4 };

struct counted_job {
    struct job job; /* first */
    atomic_uint runs;
    uint64_t given, result; /* plain memory: the queue must carry it over and back */
};

static struct queue queue;
static struct counted_job jobs[JOBS];

static void count(struct job *job, unsigned processor)
{
    struct counted_job *counted = (struct counted_job *)job;

    (void)processor;
    counted->result = counted->given * 3;
    atomic_fetch_add_explicit(&counted->runs, 1, memory_order_relaxed);
}

static void make_job(size_t number)
{
    jobs[number] = (struct counted_job){.job = {.run = count}, .given = number + 1};
    atomic_init(&jobs[number].runs, 0);
    atomic_init(&jobs[number].job.done, false);
}

static void empty_gives_nothing(void **state)
{
    (void)state;
    queue_init(&queue);
    assert_null(queue_take(&queue));
    assert_false(queue_run_one(&queue, 0));
}

static void full_is_said_and_order_is_kept(void **state)
{
    (void)state;
    queue_init(&queue);
    for (size_t i = 0; i <= QUEUE_SIZE; i++)
        make_job(i);
    for (size_t i = 0; i < QUEUE_SIZE; i++)
        assert_int_equal(queue_put(&queue, &jobs[i].job), OK);
    assert_int_equal(queue_put(&queue, &jobs[QUEUE_SIZE].job), ERR_FULL);
    assert_ptr_equal(queue_take(&queue), &jobs[0].job);
    assert_int_equal(queue_put(&queue, &jobs[QUEUE_SIZE].job), OK);
    for (size_t i = 1; i <= QUEUE_SIZE; i++)
        assert_ptr_equal(queue_take(&queue), &jobs[i].job);
    assert_null(queue_take(&queue));
}

static void it_goes_round(void **state)
{
    (void)state;
    queue_init(&queue);
    for (size_t i = 0; i < 10 * QUEUE_SIZE + 3; i++) {
        make_job(i);
        assert_int_equal(queue_put(&queue, &jobs[i].job), OK);
        if (i < 5)
            continue; /* five stay in it, all the way round */
        assert_ptr_equal(queue_take(&queue), &jobs[i - 5].job);
    }
}

static void running_signs_for_it(void **state)
{
    (void)state;
    queue_init(&queue);
    make_job(0);
    assert_false(job_is_done(&jobs[0].job));
    assert_int_equal(queue_put(&queue, &jobs[0].job), OK);
    assert_true(queue_run_one(&queue, 7));
    assert_true(job_is_done(&jobs[0].job));
    assert_int_equal(jobs[0].job.processor, 7);
    assert_int_equal(jobs[0].result, 3);
}

static atomic_bool stop;

static void *consume(void *argument)
{
    const unsigned *number = argument;

    while (queue_run_one(&queue, *number) || !atomic_load(&stop))
        sched_yield();
    return NULL;
}

static void start(pthread_t *threads, unsigned *numbers)
{
    atomic_init(&stop, false);
    for (unsigned i = 0; i < THREADS; i++) {
        numbers[i] = i + 1;
        assert_int_equal(pthread_create(&threads[i], NULL, consume, &numbers[i]), 0);
    }
}

/* One producer, several consumers: each job is run once, by one of them, and seen done. */
static void each_job_runs_once(void **state)
{
    pthread_t threads[THREADS];
    unsigned numbers[THREADS];

    (void)state;
    queue_init(&queue);
    start(threads, numbers);
    for (size_t i = 0; i < JOBS; i++) {
        make_job(i);
        while (queue_put(&queue, &jobs[i].job) == ERR_FULL)
            sched_yield();
    }
    for (size_t i = 0; i < JOBS; i++) {
        while (!job_is_done(&jobs[i].job))
            sched_yield();
        assert_int_equal(jobs[i].result, 3 * (i + 1));
        assert_in_range(jobs[i].job.processor, 1, THREADS);
    }
    atomic_store(&stop, true);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < JOBS; i++)
        assert_int_equal(atomic_load(&jobs[i].runs), 1);
    assert_null(queue_take(&queue));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_gives_nothing), cmocka_unit_test(full_is_said_and_order_is_kept),
        cmocka_unit_test(it_goes_round),       cmocka_unit_test(running_signs_for_it),
        cmocka_unit_test(each_job_runs_once),
    };

    return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
