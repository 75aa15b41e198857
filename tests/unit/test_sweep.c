#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stress/sweep.h"
#include "tests/sim/memory_machine.h"

enum { CHUNKS = 60 };

struct fixture {
    struct memory_machine machine;
    struct sweep sweep;
};

static struct fixture *begin(enum machine_workers mode, size_t chunks, size_t size)
{
    struct fixture *f = calloc(1, sizeof(*f));

    machine_init(&f->machine, mode, chunks, size);
    return f;
}

static void start(struct fixture *f, uint64_t seed)
{
    struct sweep_config config = {.means = machine_means(&f->machine), .seed = seed};

    sweep_init(&f->sweep, &config);
}

static void end(struct fixture *f)
{
    machine_free(&f->machine);
    free(f);
}

static size_t taken(const struct fixture *f)
{
    size_t count = 0;

    for (size_t i = 0; i < f->machine.pool.count; i++)
        count += f->machine.chunks[i].state == CHUNK_TAKEN;
    return count;
}

static void turn(struct fixture *f)
{
    sweep_step(&f->sweep);
    assert_in_range(memory_jobs_held(&f->sweep.jobs), 0, f->machine.pool.count / 10);
    workers_poll(&f->machine.workers);
}

static void healthy(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct fixture *f = begin(MACHINE_INLINE, CHUNKS, BLOCK_SIZE);

        start(f, seed);
        for (unsigned i = 0; i < 400; i++)
            turn(f);
        assert_true(sweep_stop(&f->sweep));
        assert_true(sweep_stop(&f->sweep));
        assert_int_equal(f->machine.event_count, 0);
        assert_int_equal(taken(f), 0);
        /* Several rotations, so that each pattern was verified. */
        assert_true(sweep_moved(&f->sweep) > 2 * PATTERNS * f->machine.pool.size);
        sweep_step(&f->sweep);
        assert_int_equal(taken(f), 0);
        end(f);
    }
}

static void finds(void **state)
{
    static const enum sim_memory_fault_kind kinds[] = {SIM_STUCK_AT_0, SIM_STUCK_AT_1, SIM_NO_RISE,
                                                       SIM_NO_FALL, SIM_ALIAS};

    (void)state;
    for (unsigned k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
        for (uint64_t seed = 0; seed < 60; seed++) {
            struct fixture *f = begin(MACHINE_INLINE, CHUNKS, BLOCK_SIZE);
            uint64_t random = seed * 10 + k;
            size_t words = f->machine.memory.count;
            struct sim_memory_fault fault = {.kind = kinds[k],
                                             .word = prng_below(&random, words / 2),
                                             .other = words / 2 + prng_below(&random, words / 2),
                                             .bit = (unsigned)prng_below(&random, 64)};
            const struct event *event;

            sim_memory_add(&f->machine.memory, &fault);
            start(f, seed);
            for (unsigned i = 0; i < 300; i++)
                turn(f);
            assert_true(sweep_stop(&f->sweep));
            event = machine_event(&f->machine, EVENT_MEMORY_ERROR, 0);
            assert_non_null(event);
            assert_string_equal(event->memory_error.test, "sweep");
            if (kinds[k] != SIM_ALIAS) {
                assert_int_equal(event->memory_error.address, machine_address(fault.word));
                assert_int_equal(event->memory_error.repeat, REPEAT_FAILED);
                assert_int_equal(pool_find(&f->machine.pool, event->memory_error.address)->state,
                                 CHUNK_RETIRED);
            }
            end(f);
        }
}

/* Imaging takes chunks, writes to them and gives them back: never an error, and always a chunk. */
static void beside_imaging(void **state)
{
    struct fixture *f = begin(MACHINE_INLINE, 40, CHUNK_SIZE);
    struct chunk *lent[12] = {NULL};

    (void)state;
    start(f, 1);
    for (unsigned i = 0; i < 600; i++) {
        struct chunk **slot = &lent[i % 12];

        turn(f);
        if (*slot)
            pool_give(*slot);
        *slot = pool_take(&f->machine.pool);
        assert_non_null(*slot);
        memset((*slot)->data, (int)i, 64);
    }
    assert_true(sweep_stop(&f->sweep));
    assert_int_equal(f->machine.event_count, 0);
    assert_int_equal(taken(f), 12);
    assert_true(sweep_moved(&f->sweep) > f->machine.pool.size);
    end(f);
}

static void no_free_chunk(void **state)
{
    struct fixture *f = begin(MACHINE_INLINE, CHUNKS, BLOCK_SIZE);

    (void)state;
    for (size_t i = 0; i < CHUNKS; i++)
        f->machine.chunks[i].state = i % 2 ? CHUNK_TAKEN : CHUNK_RETIRED;
    start(f, 1);
    for (unsigned i = 0; i < 50; i++) {
        sweep_step(&f->sweep);
        workers_poll(&f->machine.workers);
    }
    assert_true(sweep_stop(&f->sweep));
    assert_int_equal(sweep_moved(&f->sweep), 0);
    end(f);
    f = begin(MACHINE_INLINE, 1, BLOCK_SIZE);
    f->machine.pool.count = 0;
    start(f, 1);
    sweep_step(&f->sweep);
    assert_true(sweep_stop(&f->sweep));
    end(f);
}

static void stops_though_processors_hang(void **state)
{
    struct fixture *f = begin(MACHINE_HANG, CHUNKS, BLOCK_SIZE);
    uint64_t before;

    (void)state;
    start(f, 1);
    for (unsigned i = 0; i < 3; i++)
        turn(f);
    before = f->machine.now_us;
    assert_false(sweep_stop(&f->sweep));
    assert_in_range(f->machine.now_us - before, 0, 2500000);
    assert_true(f->machine.type_counts[EVENT_NOT_TESTED] > 0);
    assert_int_equal(f->machine.type_counts[EVENT_MEMORY_ERROR], 0);
    assert_true(taken(f) > 0);
    end(f);
}

static void threads(void **state)
{
    struct fixture *f = begin(MACHINE_THREADED, CHUNKS, BLOCK_SIZE);

    (void)state;
    f->machine.turn_us = 0;
    start(f, 9);
    for (unsigned i = 0; i < 5000000 && sweep_moved(&f->sweep) < 40 * f->machine.pool.size; i++)
        turn(f);
    /* The clock stands still but for the waits of the drain: room for 2,000 of them. */
    assert_true(sweep_moved(&f->sweep) >= 40 * f->machine.pool.size);
    sweep_stop(&f->sweep);
    assert_int_equal(f->machine.type_counts[EVENT_MEMORY_ERROR], 0);
    end(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(healthy),        cmocka_unit_test(finds),
        cmocka_unit_test(beside_imaging), cmocka_unit_test(no_free_chunk),
        cmocka_unit_test(threads),        cmocka_unit_test(stops_though_processors_hang),
    };

    return cmocka_run_group_tests_name("sweep", tests, NULL, NULL);
}
