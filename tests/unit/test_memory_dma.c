/*
 * The memory test in which a drive reads into memory: what is memory's doing, what is the drive's,
 * and what becomes of chunks that a drive does not let go of.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "stress/memory_run.h"
#include "tests/sim/dma.h"
#include "tests/sim/memory_machine.h"

enum { CHUNKS = 12, TURNS = 2000000, STEP_MOVES = 4 };

struct fixture {
    struct memory_machine machine;
    struct memory_run run;
    struct sim_dma dma;
};

static struct fixture *begin(enum sim_dma_fault fault)
{
    struct fixture *f = calloc(1, sizeof(*f));

    machine_init(&f->machine, MACHINE_INLINE, CHUNKS, MACHINE_CHUNK);
    sim_dma_init(&f->dma, fault);
    return f;
}

static void end(struct fixture *f)
{
    machine_free(&f->machine);
    free(f);
}

static void start(struct fixture *f, uint64_t seed, bool drive)
{
    struct memory_run_config config = {.means = machine_means(&f->machine),
                                       .tests = 1 << TEST_DMA,
                                       .seed = seed,
                                       .total = f->machine.pool.size,
                                       .dma = drive ? &f->dma.seam : NULL};

    memory_run_init(&f->run, &config);
}

static void finish(struct fixture *f)
{
    unsigned permille = 0;

    for (size_t turns = 0; memory_run_step(&f->run); turns++) {
        assert_true(turns < TURNS);
        assert_in_range(memory_run_permille(&f->run), permille, 1000);
        permille = memory_run_permille(&f->run);
        workers_poll(&f->machine.workers);
    }
}

static size_t chunks_in(const struct fixture *f, enum chunk_state state)
{
    size_t count = 0;

    for (size_t i = 0; i < f->machine.pool.count; i++)
        count += f->machine.chunks[i].state == state;
    return count;
}

static uint64_t tested(const struct fixture *f)
{
    return machine_event(&f->machine, EVENT_COVERAGE, 0)->coverage.tested;
}

static const char *gap(const struct fixture *f)
{
    const struct event *event = machine_event(&f->machine, EVENT_NOT_TESTED, 0);

    if (!event)
        return "";
    assert_string_equal(event->not_tested.subsystem, "memory");
    assert_false(event->not_tested.subject);
    return event->not_tested.reason;
}

static void healthy(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct fixture *f = begin(SIM_DMA_HEALTHY);

        f->dma.polls = (unsigned)(seed % 5);
        start(f, seed, true);
        finish(f);
        assert_int_equal(f->machine.event_count, 1);
        assert_int_equal(tested(f), f->machine.pool.size);
        assert_int_equal(memory_run_moved(&f->run), 2 * STEP_MOVES * f->machine.pool.size);
        /* Each half of each chunk once, and a reference for each of four parts. */
        assert_int_equal(f->dma.reads, 2 * CHUNKS + 4);
        assert_int_equal(f->run.dma.filled, f->machine.pool.size);
        assert_int_equal(chunks_in(f, CHUNK_FREE), CHUNKS);
        end(f);
    }
}

/* Wherever it is, also where a reference is read to, and it alone is accused. */
static void finds_what_goes_wrong_under_dma(void **state)
{
    uint64_t random = 3;

    (void)state;
    for (unsigned i = 0; i < 200; i++) {
        struct fixture *f = begin(SIM_DMA_WORD);
        const struct event_memory_error *error;

        f->dma.address = machine_address(prng_below(&random, f->machine.memory.count));
        f->dma.mask = (uint64_t)1 << prng_below(&random, 64);
        start(f, i, true);
        finish(f);
        assert_true(f->machine.type_counts[EVENT_MEMORY_ERROR] > 0);
        error = &machine_event(&f->machine, EVENT_MEMORY_ERROR, 0)->memory_error;
        assert_int_equal(f->machine.type_counts[EVENT_MEMORY_ERROR], 1);
        assert_int_equal(error->address, f->dma.address);
        assert_int_equal(error->expected ^ error->actual, f->dma.mask);
        assert_string_equal(error->test, "dma");
        assert_int_equal(error->repeat, REPEAT_HELD);
        assert_string_equal(gap(f), "");
        assert_int_equal(tested(f), f->machine.pool.size);
        assert_int_equal(chunks_in(f, CHUNK_FREE), CHUNKS);
        end(f);
    }
}

/* A stuck cell is found by the drive or by the processor, whoever has its half. */
static void stuck_cells(void **state)
{
    uint64_t random = 4;

    (void)state;
    for (unsigned i = 0; i < 30; i++) {
        struct fixture *f = begin(SIM_DMA_HEALTHY);
        struct sim_memory_fault fault = {.kind = SIM_STUCK_AT_0,
                                         .word = prng_below(&random, f->machine.memory.count),
                                         .bit = (unsigned)prng_below(&random, 64)};

        f->dma.fault = SIM_DMA_WORD; /* the memory model acts between jobs: the drive's half */
        f->dma.address = machine_address(fault.word);
        f->dma.mask = (uint64_t)1 << fault.bit;
        sim_memory_add(&f->machine.memory, &fault);
        start(f, i, true);
        finish(f);
        for (size_t n = 0; n < f->machine.type_counts[EVENT_MEMORY_ERROR]; n++)
            assert_int_equal(
                machine_event(&f->machine, EVENT_MEMORY_ERROR, n)->memory_error.address,
                f->dma.address);
        assert_int_equal(machine_event(&f->machine, EVENT_MEMORY_ERROR, 0)->memory_error.repeat,
                         REPEAT_FAILED);
        assert_int_equal(chunks_in(f, CHUNK_RETIRED), 1);
        end(f);
    }
}

/* What is the drive's doing accuses no memory; what was not done is said. */
static void drives_that_are_no_use(void **state)
{
    static const struct {
        enum sim_dma_fault fault;
        unsigned nth;
        bool seam;
        const char *gap;  /* "" for none */
        const char *note; /* NULL for none */
    } cases[] = {
        {SIM_DMA_ABSENT, 0, true, "dma: no drive to read from", NULL},
        {SIM_DMA_HEALTHY, 0, false, "dma: no drive to read from", NULL},
        {SIM_DMA_FAILS, 1, true, "dma: the drive failed at a read", NULL},
        {SIM_DMA_FAILS, 6, true, "", "no more: the drive failed at a read"},
        {SIM_DMA_REFUSES, 1, true, "dma: the drive failed at a read", NULL},
        {SIM_DMA_REFUSES, 20, true, "", "no more: the drive failed at a read"},
        {SIM_DMA_SECTOR, 5, true, "", "other data for the same sectors"},
        {SIM_DMA_SECTOR, 1, true, "", "other data for the same sectors"},
        {SIM_DMA_UNSTEADY, 4, true, "", "other data for the same sectors"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture *f = begin(cases[i].fault);
        const struct event *note;

        f->dma.nth = cases[i].nth;
        start(f, 5, cases[i].seam);
        finish(f);
        note = machine_event(&f->machine, EVENT_NOTE, 0);
        assert_string_equal(gap(f), cases[i].gap);
        assert_int_equal(note != NULL, cases[i].note != NULL);
        assert_true(!note || strstr(note->note.text, cases[i].note));
        assert_int_equal(f->machine.type_counts[EVENT_MEMORY_ERROR], 0);
        /* The first of the two steps may have been whole. */
        assert_int_equal(tested(f) == f->machine.pool.size, cases[i].nth > CHUNKS + 2);
        assert_int_equal(memory_run_permille(&f->run), 1000);
        assert_int_equal(chunks_in(f, CHUNK_FREE), CHUNKS);
        assert_true(memory_run_stop(&f->run));
        end(f);
    }
}

/* A reference that is wrong by itself: noticed at the first target, which is not accused. */
static void wrong_reference(void **state)
{
    struct fixture *f = begin(SIM_DMA_HEALTHY);

    (void)state;
    start(f, 5, true);
    while (f->run.dma.state != DMA_IDLE) {
        memory_run_step(&f->run);
        workers_poll(&f->machine.workers);
    }
    ((uint64_t *)f->run.dma.reference->data)[77] ^= 4;
    finish(f);
    assert_int_equal(f->run.dma.replaced, 1);
    assert_int_equal(f->machine.event_count, 1);
    assert_int_equal(tested(f), f->machine.pool.size);
    end(f);
}

/* The chunk stays with a drive that does not let go of it, and the run ends all the same. */
static void hanging_drive(void **state)
{
    (void)state;
    for (unsigned nth = 1; nth < 8; nth += 3) {
        struct fixture *f = begin(SIM_DMA_HANGS);

        f->dma.nth = nth;
        f->machine.turn_us = 10000;
        start(f, 5, true);
        finish(f);
        assert_in_range(f->machine.now_us, 40000000, 70000000);
        assert_int_equal(f->machine.type_counts[EVENT_MEMORY_ERROR], 0);
        assert_true(pool_find(&f->machine.pool, f->dma.target)->state == CHUNK_TAKEN);
        end(f);
    }
}

/* A drive so slow that its time is up; and Esc at any moment. */
static void ends_in_time(void **state)
{
    struct fixture *f = begin(SIM_DMA_HEALTHY);

    (void)state;
    f->machine.turn_us = 1000000;
    f->dma.polls = 5;
    start(f, 5, true);
    finish(f);
    assert_in_range(f->machine.now_us, 30000000, 40000000);
    assert_non_null(strstr(machine_event(&f->machine, EVENT_NOTE, 0)->note.text, "time"));
    end(f);
    for (unsigned turns = 0; turns < 60; turns++) {
        f = begin(SIM_DMA_HEALTHY);
        start(f, 5, true);
        for (unsigned i = 0; i < turns; i++) {
            memory_run_step(&f->run);
            workers_poll(&f->machine.workers);
        }
        assert_true(memory_run_stop(&f->run));
        assert_true(tested(f) <= f->machine.pool.size);
        assert_int_equal(chunks_in(f, CHUNK_FREE), CHUNKS);
        end(f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(healthy),         cmocka_unit_test(finds_what_goes_wrong_under_dma),
        cmocka_unit_test(stuck_cells),     cmocka_unit_test(drives_that_are_no_use),
        cmocka_unit_test(wrong_reference), cmocka_unit_test(hanging_drive),
        cmocka_unit_test(ends_in_time),
    };

    return cmocka_run_group_tests_name("memory_dma", tests, NULL, NULL);
}
