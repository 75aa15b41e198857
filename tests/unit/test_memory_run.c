#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "stress/memory_run.h"
#include "tests/sim/memory_machine.h"

enum {
    CHUNKS = 12,
    TURNS = 2000000,

    /* Those that need nothing but memory and one processor, and no minute of waiting. */
    PLAIN_TESTS = MEMORY_TESTS_ALL & ~(1 << TEST_PING_PONG | 1 << TEST_DMA | 1 << TEST_BIT_FADE),
};

struct fixture {
    struct memory_machine machine;
    struct memory_run run;
};

static struct fixture *begin(enum machine_workers mode)
{
    struct fixture *f = calloc(1, sizeof(*f));

    machine_init(&f->machine, mode, CHUNKS, MACHINE_CHUNK);
    return f;
}

static void end(struct fixture *f)
{
    machine_free(&f->machine);
    free(f);
}

static void start(struct fixture *f, uint32_t tests, uint64_t seed)
{
    struct memory_run_config config = {.means = machine_means(&f->machine),
                                       .tests = tests,
                                       .seed = seed,
                                       .total = f->machine.pool.size + 4096};

    memory_run_init(&f->run, &config);
}

static void finish(struct fixture *f)
{
    unsigned permille = 0;
    size_t turns = 0;

    while (memory_run_step(&f->run)) {
        assert_true(turns++ < TURNS || f->machine.mode == MACHINE_THREADED);
        assert_true(memory_run_permille(&f->run) >= permille);
        permille = memory_run_permille(&f->run);
        assert_true(permille <= 1000);
        workers_poll(&f->machine.workers);
    }
    assert_false(memory_run_step(&f->run));
}

static void assert_coverage(struct fixture *f, uint64_t tested, uint64_t moved)
{
    const struct event *event = machine_event(&f->machine, EVENT_COVERAGE, 0);

    assert_int_equal(f->machine.type_counts[EVENT_COVERAGE], 1);
    assert_string_equal(event->coverage.phase, "memory");
    assert_int_equal(event->coverage.part, PART_ALL_MEMORY);
    assert_int_equal(event->coverage.tested, tested);
    assert_int_equal(event->coverage.total, f->machine.pool.size + 4096);
    assert_int_equal(event->coverage.moved, moved);
    assert_int_equal(memory_run_moved(&f->run), moved);
}

static void turn(struct fixture *f)
{
    memory_run_step(&f->run);
    workers_poll(&f->machine.workers);
}

/* Turns until something was found, or given up. */
static void turn_until(struct fixture *f, const uint64_t *words, const size_t *events)
{
    for (unsigned i = 0; i < TURNS; i++) {
        if ((words && *words) || (events && *events))
            return;
        turn(f);
    }
    fail_msg("nothing happened in %u turns", TURNS);
}

static size_t chunks_in(const struct fixture *f, enum chunk_state state)
{
    size_t count = 0;

    for (size_t i = 0; i < f->machine.pool.count; i++)
        count += f->machine.chunks[i].state == state;
    return count;
}

static void healthy(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct fixture *f = begin(MACHINE_INLINE);
        uint32_t tests = 1 << TEST_RANDOM | (uint32_t)(seed * 37 & PLAIN_TESTS);

        start(f, tests, seed);
        finish(f);
        assert_int_equal(f->machine.event_count, 1);
        assert_coverage(f, f->machine.pool.size, f->machine.pool.size * memory_tests_moves(tests));
        assert_int_equal(memory_run_permille(&f->run), 1000);
        assert_int_equal(chunks_in(f, CHUNK_FREE), CHUNKS);
        end(f);
    }
}

/* A fault of a kind at a place drawn from the seed. */
static struct sim_memory_fault draw(enum sim_memory_fault_kind kind, uint64_t *random, size_t words)
{
    struct sim_memory_fault fault = {.kind = kind,
                                     .word = prng_below(random, words),
                                     .bit = (unsigned)prng_below(random, 64),
                                     .other = prng_below(random, words - 1),
                                     .other_bit = (unsigned)prng_below(random, 64)};

    fault.other += fault.other >= fault.word;
    return fault;
}

/* The event tells of the fault's own place and, where the fault is one bit, of that bit alone. */
static void assert_tells(const struct event *event, const struct sim_memory_fault *fault,
                         const char *test)
{
    const struct event_memory_error *error = &event->memory_error;
    bool place = error->address == machine_address(fault->word);

    if (fault->kind == SIM_ALIAS)
        place = place || error->address == machine_address(fault->other);
    else
        assert_int_equal(error->expected ^ error->actual, (uint64_t)1 << fault->bit);
    assert_true(place);
    assert_true(error->expected != error->actual);
    assert_string_equal(error->test, test);
    assert_false(error->has_temperature);
}

/* What each test says that it finds, it finds wherever it is. */
static void finds_what_it_claims(void **state)
{
    static const struct {
        unsigned test;
        enum sim_memory_fault_kind kind;
        bool repeats;
    } claims[] = {
        {TEST_OWN_ADDRESS, SIM_STUCK_AT_0, true},
        {TEST_OWN_ADDRESS, SIM_STUCK_AT_1, true},
        {TEST_OWN_ADDRESS, SIM_ALIAS, false},
        {TEST_MOVING_INVERSIONS, SIM_STUCK_AT_0, true},
        {TEST_MOVING_INVERSIONS, SIM_STUCK_AT_1, true},
        {TEST_MOVING_INVERSIONS, SIM_NO_RISE, true},
        {TEST_MOVING_INVERSIONS, SIM_NO_FALL, true},
        {TEST_MOVING_INVERSIONS, SIM_COUPLING, false},
        {TEST_RANDOM, SIM_STUCK_AT_0, true},
        {TEST_RANDOM, SIM_STUCK_AT_1, true},
        {TEST_RANDOM, SIM_ALIAS, false},
        {TEST_BLOCK_MOVE, SIM_STUCK_AT_0, true},
        {TEST_BLOCK_MOVE, SIM_STUCK_AT_1, true},
        {TEST_BLOCK_MOVE, SIM_ALIAS, false},
        {TEST_WALKING, SIM_STUCK_AT_0, true},
        {TEST_WALKING, SIM_STUCK_AT_1, true},
        {TEST_WALKING, SIM_NO_RISE, true},
        {TEST_WALKING, SIM_NO_FALL, true},
        {TEST_WALKING, SIM_COUPLING, false},
        {TEST_MODULO, SIM_STUCK_AT_0, true},
        {TEST_MODULO, SIM_STUCK_AT_1, true},
        {TEST_MODULO, SIM_NO_RISE, true},
        {TEST_MODULO, SIM_NO_FALL, true},
        {TEST_BIT_FADE, SIM_STUCK_AT_0, true},
        {TEST_BIT_FADE, SIM_STUCK_AT_1, true},
    };

    (void)state;
    for (size_t c = 0; c < sizeof(claims) / sizeof(claims[0]); c++) {
        const char *id = memory_tests[claims[c].test].id;

        for (uint64_t seed = 0; seed < 60; seed++) {
            struct fixture *f = begin(MACHINE_INLINE);
            uint64_t random = seed * 1000 + c;
            struct sim_memory_fault fault = draw(claims[c].kind, &random, f->machine.memory.count);
            const struct event *event;

            sim_memory_add(&f->machine.memory, &fault);
            if (claims[c].test == TEST_BIT_FADE)
                f->machine.turn_us = 1000000;
            start(f, (uint32_t)1 << claims[c].test, seed);
            finish(f);
            event = machine_event(&f->machine, EVENT_MEMORY_ERROR, 0);
            if (!event)
                fail_msg("%s does not find %s with seed %u", id, sim_memory_fault_names[fault.kind],
                         (unsigned)seed);
            for (size_t n = 0; (event = machine_event(&f->machine, EVENT_MEMORY_ERROR, n)); n++) {
                assert_tells(event, &fault, id);
                if (claims[c].repeats)
                    assert_int_equal(event->memory_error.repeat, REPEAT_FAILED);
            }
            /* With both of its places in one page, such a fault repeats there, too. */
            if (claims[c].repeats || fault.word / BLOCK_WORDS != fault.other / BLOCK_WORDS)
                assert_int_equal(chunks_in(f, CHUNK_RETIRED) > 0, claims[c].repeats);
            assert_int_equal(chunks_in(f, CHUNK_TAKEN), 0);
            assert_coverage(f, f->machine.pool.size,
                            f->machine.pool.size *
                                memory_tests_moves((uint32_t)1 << claims[c].test));
            end(f);
        }
    }
}

/* A bit that turns once, between the filling and the verifying: found once, and the page holds. */
static void one_flip(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 60; seed++) {
        struct fixture *f = begin(MACHINE_INLINE);
        uint64_t random = seed;
        struct sim_memory_fault fault = draw(SIM_FLIP, &random, f->machine.memory.count);

        start(f, 4, seed);
        fault.delay = (unsigned)(CHUNKS / f->run.batch); /* the end of the first step */
        sim_memory_add(&f->machine.memory, &fault);
        finish(f);
        assert_int_equal(f->machine.event_count, 3); /* the error, its region, the coverage */
        assert_tells(&f->machine.events[0], &fault, "random");
        assert_int_equal(f->machine.events[0].memory_error.repeat, REPEAT_HELD);
        assert_int_equal(f->machine.events[0].memory_error.reread,
                         f->machine.events[0].memory_error.actual);
        assert_int_equal(chunks_in(f, CHUNK_FREE), CHUNKS);
        end(f);
    }
}

static unsigned long long note_number(const struct fixture *f, const char *after)
{
    const struct event *note = machine_event(&f->machine, EVENT_NOTE, 0);
    const char *at;

    assert_non_null(note);
    assert_int_equal(note->note.severity, SEVERITY_WARNING);
    at = strstr(note->note.text, after);
    assert_non_null(at);
    return strtoull(at + strlen(after), NULL, 10);
}

/* A page full of stuck bits: its limit of events, and every error counted. */
static void many_in_one_page(void **state)
{
    struct fixture *f = begin(MACHINE_INLINE);
    struct sim_memory_fault fault = {.kind = SIM_STUCK_AT_1, .bit = 63};

    (void)state;
    for (size_t i = 0; i < BLOCK_WORDS; i++) {
        fault.word = 3 * BLOCK_WORDS + i;
        sim_memory_add(&f->machine.memory, &fault);
    }
    start(f, 1 << 1, 5);
    finish(f);
    assert_int_equal(f->machine.type_counts[EVENT_MEMORY_ERROR], MEMORY_REPORT_PAGE);
    /* Eight verifications, of which three of zeros and two of 0101… want a 0 there. */
    assert_int_equal(f->run.jobs.report.words, 5 * BLOCK_WORDS);
    assert_int_equal(note_number(f, ""), f->run.jobs.report.words - MEMORY_REPORT_PAGE);
    assert_int_equal(note_number(f, "up to "), 1);
    assert_int_equal(chunks_in(f, CHUNK_RETIRED), 1);
    end(f);
}

/* Every page of the memory is bad: the limit of events in all, every chunk retired, all tested. */
static void bad_everywhere(void **state)
{
    struct fixture *f = begin(MACHINE_INLINE);
    size_t pages = f->machine.memory.count / BLOCK_WORDS;
    struct sim_memory_fault fault = {.kind = SIM_STUCK_AT_0};

    (void)state;
    for (size_t i = 0; i < 10 * pages; i++) {
        fault.word = i / 10 * BLOCK_WORDS + i % 10 * 3;
        fault.bit = (unsigned)(i % 64);
        sim_memory_add(&f->machine.memory, &fault);
    }
    start(f, PLAIN_TESTS, 5);
    finish(f);
    assert_int_equal(f->machine.type_counts[EVENT_MEMORY_ERROR], MEMORY_REPORT_ALL);
    assert_int_equal(note_number(f, ""), f->run.jobs.report.words - MEMORY_REPORT_ALL);
    assert_int_equal(note_number(f, "up to "), pages);
    assert_int_equal(chunks_in(f, CHUNK_RETIRED), CHUNKS);
    assert_coverage(f, f->machine.pool.size,
                    f->machine.pool.size * memory_tests_moves(PLAIN_TESTS));
    end(f);
}

static void leaves_lent_chunks_alone(void **state)
{
    struct fixture *f = begin(MACHINE_INLINE);
    uint64_t *words = f->machine.chunks[4].data;

    (void)state;
    f->machine.chunks[4].state = CHUNK_TAKEN;
    f->machine.chunks[7].state = CHUNK_RETIRED;
    start(f, PLAIN_TESTS, 5);
    finish(f);
    for (size_t i = 0; i < MACHINE_CHUNK / 8; i++)
        assert_int_equal(words[i], 0xC3C3C3C3C3C3C3C3);
    assert_int_equal(f->machine.chunks[4].state, CHUNK_TAKEN);
    assert_int_equal(f->machine.chunks[7].state, CHUNK_RETIRED);
    assert_int_equal(f->machine.event_count, 1);
    assert_coverage(f, f->machine.pool.size - MACHINE_CHUNK,
                    (f->machine.pool.size - MACHINE_CHUNK) * memory_tests_moves(PLAIN_TESTS));
    end(f);
}

/* A chunk that was lent while the others were filled is not verified in that round. */
static void given_back_in_between(void **state)
{
    struct fixture *f = begin(MACHINE_INLINE);

    (void)state;
    f->machine.chunks[4].state = CHUNK_TAKEN;
    start(f, 1, 5);
    for (unsigned i = 0; i < TURNS && f->run.step == 0; i++)
        turn(f);
    pool_give(&f->machine.chunks[4]);
    finish(f);
    assert_int_equal(f->machine.event_count, 1);
    /* Verified with the rest from the second filling on. */
    assert_coverage(f, f->machine.pool.size, 4 * f->machine.pool.size - 2 * MACHINE_CHUNK);
    end(f);
}

/* A chunk that alone fills the list of a job does not hide the one after it. */
static void bad_chunk_hides_no_other(void **state)
{
    struct fixture *f = begin(MACHINE_INLINE);
    struct sim_memory_fault fault = {.kind = SIM_STUCK_AT_1, .bit = 40};

    (void)state;
    for (size_t page = 0; page < MACHINE_CHUNK / BLOCK_SIZE; page++)
        for (size_t i = 0; i < 64; i++) {
            fault.word = page * BLOCK_WORDS + i;
            sim_memory_add(&f->machine.memory, &fault);
        }
    fault.word = MACHINE_CHUNK / 8 + 5;
    sim_memory_add(&f->machine.memory, &fault);
    start(f, 1 << 2, 5);
    assert_int_equal(f->run.batch, 2); /* both in one job */
    finish(f);
    assert_int_equal(f->machine.chunks[0].state, CHUNK_RETIRED);
    assert_int_equal(f->machine.chunks[1].state, CHUNK_RETIRED);
    assert_int_equal(chunks_in(f, CHUNK_RETIRED), 2);
    end(f);
}

static void no_processor(void **state)
{
    static const enum machine_workers modes[] = {MACHINE_NONE_TAKE, MACHINE_HANG};
    static const char *const reasons[] = {"no processor took", "processor 7 took"};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct fixture *f = begin(modes[i]);
        const struct event *event;

        f->machine.turn_us = 10000;
        start(f, PLAIN_TESTS, 5);
        finish(f);
        assert_in_range(f->machine.now_us, 60000000, 63000000);
        event = machine_event(&f->machine, EVENT_NOT_TESTED, 0);
        assert_string_equal(event->not_tested.subsystem, "memory");
        assert_int_equal(event->not_tested.part, PART_ALL_MEMORY);
        assert_true(text_starts(event->not_tested.reason, reasons[i]));
        assert_int_equal(f->machine.type_counts[EVENT_NOT_TESTED], f->run.jobs.limit);
        assert_int_equal(f->machine.type_counts[EVENT_MEMORY_ERROR], 0);
        assert_coverage(f, 0, 0);
        assert_false(memory_run_stop(&f->run));
        /* What nobody has is free again; what a processor may still write to is not. */
        assert_int_equal(chunks_in(f, CHUNK_FREE), modes[i] == MACHINE_HANG ? 0 : CHUNKS);
        end(f);
    }
}

/* One processor hangs for more than a minute and comes back: the rest goes on without it. */
static void one_hang(void **state)
{
    struct fixture *f = begin(MACHINE_HANG);

    (void)state;
    f->machine.turn_us = 10000;
    /* A retired chunk does not show that it is held, and must be left to that processor, too. */
    f->machine.chunks[0].state = CHUNK_RETIRED;
    start(f, PLAIN_TESTS, 5);
    turn(f);
    assert_int_equal(f->machine.hung_count, 1);
    f->machine.mode = MACHINE_INLINE;
    finish(f);
    assert_int_equal(f->machine.type_counts[EVENT_NOT_TESTED], 1);
    assert_int_equal(f->machine.type_counts[EVENT_MEMORY_ERROR], 0);
    assert_int_equal(chunks_in(f, CHUNK_TAKEN), f->run.batch - 1);
    assert_int_equal(machine_event(&f->machine, EVENT_COVERAGE, 0)->coverage.tested,
                     f->machine.pool.size - f->run.batch * MACHINE_CHUNK);
    end(f);
}

static void late_return(void **state)
{
    struct fixture *f = begin(MACHINE_HANG);

    (void)state;
    f->machine.turn_us = 10000;
    start(f, PLAIN_TESTS, 5);
    turn(f);
    f->machine.mode = MACHINE_INLINE;
    turn_until(f, NULL, &f->machine.type_counts[EVENT_NOT_TESTED]);
    machine_wake(&f->machine);
    finish(f);
    assert_int_equal(f->machine.type_counts[EVENT_MEMORY_ERROR], 0);
    assert_int_equal(chunks_in(f, CHUNK_FREE), CHUNKS);
    /* The chunks that were late are tested from the next filling on. */
    assert_int_equal(machine_event(&f->machine, EVENT_COVERAGE, 0)->coverage.tested,
                     f->machine.pool.size);
    assert_true(memory_run_stop(&f->run));
    end(f);
}

/* The processor that tests a bad page again never comes back: the errors are told all the same. */
static void hang_in_retest(void **state)
{
    struct fixture *f = begin(MACHINE_INLINE);
    struct sim_memory_fault fault = {.kind = SIM_STUCK_AT_0, .word = 700, .bit = 3};

    (void)state;
    sim_memory_add(&f->machine.memory, &fault);
    start(f, 1 << 2, 5);
    f->machine.turn_us = 10000;
    turn_until(f, &f->run.jobs.report.words, NULL);
    f->machine.mode = MACHINE_HANG;
    turn_until(f, NULL, &f->machine.type_counts[EVENT_NOT_TESTED]);
    f->machine.mode = MACHINE_INLINE;
    finish(f);
    assert_true(f->machine.type_counts[EVENT_MEMORY_ERROR] > 0);
    assert_int_equal(machine_event(&f->machine, EVENT_MEMORY_ERROR, 0)->memory_error.repeat,
                     REPEAT_NOT_TRIED);
    end(f);
}

static void full_queue(void **state)
{
    struct fixture *f = begin(MACHINE_FULL);

    (void)state;
    start(f, PLAIN_TESTS, 5);
    for (unsigned i = 0; i < 1000; i++) {
        assert_true(memory_run_step(&f->run));
        workers_poll(&f->machine.workers);
    }
    f->machine.mode = MACHINE_INLINE;
    finish(f);
    assert_int_equal(f->machine.event_count, 1);
    assert_coverage(f, f->machine.pool.size,
                    f->machine.pool.size * memory_tests_moves(PLAIN_TESTS));
    end(f);
}

/* Stopped after any number of turns: soon over, all chunks back, coverage never too large. */
static void stopped_early(void **state)
{
    (void)state;
    for (unsigned turns = 0; turns < 120; turns++) {
        struct fixture *f = begin(MACHINE_INLINE);
        const struct event *event;

        start(f, PLAIN_TESTS, turns);
        for (unsigned i = 0; i < turns; i++)
            turn(f);
        assert_true(memory_run_stop(&f->run));
        assert_true(memory_run_stop(&f->run));
        assert_false(memory_run_step(&f->run));
        assert_int_equal(f->machine.event_count, 1);
        event = machine_event(&f->machine, EVENT_COVERAGE, 0);
        assert_true(event->coverage.tested <= f->machine.pool.size);
        assert_true(event->coverage.tested <= event->coverage.moved / 2);
        assert_int_equal(chunks_in(f, CHUNK_FREE), CHUNKS);
        end(f);
    }
}

/* An error that stands in a job when the phase is stopped is told, without a retest. */
static void stopped_with_errors(void **state)
{
    struct fixture *f = begin(MACHINE_INLINE);
    struct sim_memory_fault fault = {.kind = SIM_STUCK_AT_0, .word = 700, .bit = 3};

    (void)state;
    sim_memory_add(&f->machine.memory, &fault);
    start(f, 1 << 2, 5);
    turn_until(f, &f->run.jobs.report.words, NULL);
    assert_int_equal(f->machine.event_count, 0);
    assert_true(memory_run_stop(&f->run));
    assert_true(f->machine.type_counts[EVENT_MEMORY_ERROR] > 0);
    assert_int_equal(chunks_in(f, CHUNK_TAKEN), 0);
    end(f);
}

/* Runs bit-fade up to the n-th wait, inverts a bit in it, and goes on. */
static void fade(struct fixture *f, unsigned wait, size_t word, unsigned bit)
{
    unsigned waits = 0;
    bool waited = false;

    f->machine.turn_us = 500000;
    start(f, 1 << TEST_BIT_FADE, 5);
    for (unsigned i = 0; i < TURNS && waits < wait; i++) {
        bool waiting = memory_tests[TEST_BIT_FADE].steps[f->run.step].operation == OPERATION_WAIT;

        waits += waiting && !waited;
        waited = waiting;
        turn(f);
    }
    f->machine.memory.words[word] ^= (uint64_t)1 << bit;
    finish(f);
}

/* A cell that loses its bit while nobody looks: found with either value, and in good time. */
static void fading(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 60; i++) {
        struct fixture *f = begin(MACHINE_INLINE);
        size_t word = i * 401 % f->machine.memory.count;
        const struct event *event;

        fade(f, 1 + i % 2, word, i % 64);
        event = machine_event(&f->machine, EVENT_MEMORY_ERROR, 0);
        assert_non_null(event);
        assert_string_equal(event->memory_error.test, "bit-fade");
        assert_int_equal(event->memory_error.address, machine_address(word));
        assert_int_equal(event->memory_error.expected ^ event->memory_error.actual,
                         (uint64_t)1 << i % 64);
        assert_int_equal(event->memory_error.expected, i % 2 ? 0 : UINT64_MAX);
        assert_int_equal(f->machine.type_counts[EVENT_MEMORY_ERROR], 1);
        assert_in_range(f->machine.now_us, 120000000, 160000000);
        assert_coverage(f, f->machine.pool.size, f->machine.pool.size * 4);
        end(f);
    }
}

static void waiting_is_progress(void **state)
{
    struct fixture *f = begin(MACHINE_INLINE);

    (void)state;
    f->machine.turn_us = 1000000;
    start(f, 1 << TEST_BIT_FADE, 5);
    while (f->machine.now_us < 60000000)
        turn(f);
    assert_in_range(memory_run_permille(&f->run), 400, 600);
    /* Esc does not have to wait. */
    assert_true(memory_run_stop(&f->run));
    assert_in_range(f->machine.now_us, 60000000, 63000000);
    end(f);
}

/* The same words whatever else is chosen: of the last test, what is left in memory. */
static void words_are_those_of_the_test(void **state)
{
    struct fixture *alone = begin(MACHINE_INLINE), *among = begin(MACHINE_INLINE);

    (void)state;
    start(alone, 1 << TEST_WALKING, 77);
    start(among, 1 << TEST_OWN_ADDRESS | 1 << TEST_BLOCK_MOVE | 1 << TEST_WALKING, 77);
    finish(alone);
    finish(among);
    assert_memory_equal(alone->machine.memory.words, among->machine.memory.words,
                        alone->machine.pool.size);
    assert_int_equal(alone->machine.memory.words[0], 0x8080808080808080);
    end(alone);
    end(among);
}

static void nothing_to_do(void **state)
{
    struct fixture *f = begin(MACHINE_INLINE);

    (void)state;
    start(f, 0, 5);
    finish(f);
    assert_coverage(f, 0, 0);
    assert_int_equal(memory_run_permille(&f->run), 1000);
    end(f);
    f = begin(MACHINE_INLINE);
    f->machine.pool.count = 0;
    start(f, PLAIN_TESTS, 5);
    finish(f);
    assert_int_equal(f->machine.event_count, 1);
    end(f);
}

static void threads(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 6; seed++) {
        struct fixture *f = begin(MACHINE_THREADED);
        struct sim_memory_fault fault = {
            .kind = SIM_STUCK_AT_0, .word = 9000, .other = 9000, .bit = 17};

        if (seed % 2)
            sim_memory_add(&f->machine.memory, &fault);
        start(f, PLAIN_TESTS, seed);
        f->machine.turn_us = 0;
        finish(f);
        assert_int_equal(f->machine.type_counts[EVENT_MEMORY_ERROR] > 0, seed % 2);
        assert_int_equal(f->machine.type_counts[EVENT_NOT_TESTED], 0);
        assert_coverage(f, f->machine.pool.size,
                        f->machine.pool.size * memory_tests_moves(PLAIN_TESTS));
        end(f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(healthy),
        cmocka_unit_test(finds_what_it_claims),
        cmocka_unit_test(one_flip),
        cmocka_unit_test(many_in_one_page),
        cmocka_unit_test(bad_everywhere),
        cmocka_unit_test(leaves_lent_chunks_alone),
        cmocka_unit_test(given_back_in_between),
        cmocka_unit_test(bad_chunk_hides_no_other),
        cmocka_unit_test(no_processor),
        cmocka_unit_test(one_hang),
        cmocka_unit_test(late_return),
        cmocka_unit_test(hang_in_retest),
        cmocka_unit_test(full_queue),
        cmocka_unit_test(stopped_early),
        cmocka_unit_test(stopped_with_errors),
        cmocka_unit_test(fading),
        cmocka_unit_test(waiting_is_progress),
        cmocka_unit_test(words_are_those_of_the_test),
        cmocka_unit_test(nothing_to_do),
        cmocka_unit_test(threads),
    };

    return cmocka_run_group_tests_name("memory_run", tests, NULL, NULL);
}
