/*
 * Jobs that two processors do together: with two real threads, with one, and with a second one
 * that is late.
 */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "stress/memory_run.h"
#include "tests/sim/memory_machine.h"
#include "tests/sim/workers.h"

enum { CHUNKS = 12 };

struct fixture {
    struct memory_machine machine; /* its memory, pool and sink; workers and clock as below */
    struct sim_threads threads;
    struct clock clock;
    struct memory_run run;
};

static uint64_t real_now_us(void *context)
{
    struct timespec now;

    (void)context;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void real_wait_us(void *context, uint32_t duration_us)
{
    struct timespec wait = {.tv_nsec = (long)duration_us * 1000};

    (void)context;
    nanosleep(&wait, NULL);
}

static struct fixture *begin(unsigned threads)
{
    struct fixture *f = calloc(1, sizeof(*f));

    machine_init(&f->machine, MACHINE_INLINE, CHUNKS, MACHINE_CHUNK);
    sim_threads_start(&f->threads, threads);
    f->clock = (struct clock){.now_us = real_now_us, .wait_us = real_wait_us};
    return f;
}

static void end(struct fixture *f)
{
    sim_threads_stop(&f->threads);
    machine_free(&f->machine);
    free(f);
}

static void start(struct fixture *f, uint32_t tests, uint64_t seed)
{
    struct memory_run_config config = {.means = machine_means(&f->machine),
                                       .tests = tests,
                                       .seed = seed,
                                       .total = f->machine.pool.size};

    config.means.workers = &f->threads.seam;
    config.means.clock = &f->clock;
    memory_run_init(&f->run, &config);
}

static void finish(struct fixture *f)
{
    while (memory_run_step(&f->run))
        workers_poll(&f->threads.seam);
}

static uint64_t tested(const struct fixture *f)
{
    return machine_event(&f->machine, EVENT_COVERAGE, 0)->coverage.tested;
}

static size_t chunks_free(const struct fixture *f)
{
    size_t count = 0;

    for (size_t i = 0; i < f->machine.pool.count; i++)
        count += f->machine.chunks[i].state == CHUNK_FREE;
    return count;
}

/* However the threads fall: nothing is found in good memory, and all of it is tested. */
static void healthy(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 12; i++) {
        struct fixture *f = begin(2 + i % 3);

        start(f, 1 << TEST_PING_PONG | 1 << TEST_RANDOM, i);
        finish(f);
        assert_int_equal(f->machine.type_counts[EVENT_MEMORY_ERROR], 0);
        assert_int_equal(f->machine.type_counts[EVENT_NOT_TESTED], 0);
        assert_int_equal(tested(f), f->machine.pool.size);
        assert_int_equal(chunks_free(f), CHUNKS);
        end(f);
    }
}

enum { MEDDLING_US = 120000000 };

/* A word that another thread keeps changing. */
struct meddler {
    uint64_t *word;
    atomic_bool runs, stop;
};

static void *meddle(void *context)
{
    struct meddler *meddler = context;

    atomic_store(&meddler->runs, true);
    while (!atomic_load(&meddler->stop))
        __atomic_fetch_and(meddler->word, ~(uint64_t)256, __ATOMIC_SEQ_CST);
    return NULL;
}

/* False when the meddler got no processor just then. */
static bool finds_what_meddles(void)
{
    struct fixture *f = begin(2);
    struct meddler meddler = {.word = &f->machine.memory.words[4097]};
    const struct event *event;
    pthread_t thread;
    bool found;

    pthread_create(&thread, NULL, meddle, &meddler);
    while (!atomic_load(&meddler.runs))
        sched_yield();
    start(f, 1 << TEST_PING_PONG, 5);
    finish(f);
    atomic_store(&meddler.stop, true);
    pthread_join(thread, NULL);
    event = machine_event(&f->machine, EVENT_MEMORY_ERROR, 0);
    found = event != NULL;
    if (found) {
        assert_string_equal(event->memory_error.test, "ping-pong");
        assert_int_equal(event->memory_error.address, machine_address(4097));
        assert_int_equal(event->memory_error.expected & ~event->memory_error.actual, 256);
    }
    end(f);
    return found;
}

/* A try takes some milliseconds, and on a busy machine few of them give the meddler a processor
 * while its page is tested. */
static void finds_a_wrong_word(void **state)
{
    uint64_t begun_us = real_now_us(NULL);
    bool found = false;

    (void)state;
    while (!found && real_now_us(NULL) - begun_us < MEDDLING_US)
        found = finds_what_meddles();
    assert_true(found);
}

/* One processor alone: not tested, said once and soon; what else was chosen runs. */
static void one_processor(void **state)
{
    struct fixture *f = begin(1);
    uint64_t begun_us = real_now_us(NULL);
    const struct event *event;

    (void)state;
    start(f, 1 << TEST_PING_PONG | 1 << TEST_RANDOM, 5);
    finish(f);
    assert_true(real_now_us(NULL) - begun_us >= MEMORY_JOB_MEET_US);
    assert_true(real_now_us(NULL) - begun_us < 60000000);
    assert_int_equal(f->machine.type_counts[EVENT_NOT_TESTED], 1);
    event = machine_event(&f->machine, EVENT_NOT_TESTED, 0);
    assert_string_equal(event->not_tested.subsystem, "memory");
    assert_string_equal(event->not_tested.reason, "ping-pong: needs two processors");
    assert_int_equal(f->machine.type_counts[EVENT_MEMORY_ERROR], 0);
    assert_int_equal(tested(f), f->machine.pool.size); /* by the other test */
    assert_int_equal(memory_run_permille(&f->run), 1000);
    assert_int_equal(chunks_free(f), CHUNKS);
    end(f);
}

/* Alone in the plan, nothing was tested: it does not pass for tested. */
static void nothing_passes_for_tested(void **state)
{
    struct fixture *f = begin(1);

    (void)state;
    start(f, 1 << TEST_PING_PONG, 5);
    finish(f);
    assert_int_equal(tested(f), 0);
    assert_int_equal(f->machine.type_counts[EVENT_NOT_TESTED], 1);
    /* The other half of the pair came when the first had gone, and did not begin alone. */
    assert_int_equal(f->machine.memory.words[0], 0);
    end(f);
}

/* Esc at any moment: over soon, and every chunk comes back. */
static void stopped_early(void **state)
{
    (void)state;
    for (unsigned turns = 0; turns < 16; turns++) {
        struct fixture *f = begin(1 + turns % 2);

        start(f, 1 << TEST_PING_PONG, turns);
        for (unsigned i = 0; i < turns * 50; i++) {
            memory_run_step(&f->run);
            workers_poll(&f->threads.seam);
        }
        assert_true(memory_run_stop(&f->run));
        assert_int_equal(chunks_free(f), CHUNKS);
        assert_int_equal(f->machine.type_counts[EVENT_MEMORY_ERROR], 0);
        end(f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(healthy),       cmocka_unit_test(finds_a_wrong_word),
        cmocka_unit_test(one_processor), cmocka_unit_test(nothing_passes_for_tested),
        cmocka_unit_test(stopped_early),
    };

    return cmocka_run_group_tests_name("memory_pair", tests, NULL, NULL);
}
