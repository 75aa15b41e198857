#include "tests/sim/memory_matrix.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/memory_rows.h"

enum {
    TURNS_MAX = 10 * 1000 * 1000,
    IDLE_US = 100000,
    TRAFFIC_BYTES = 96 * 1024, /* within SIM_MEMORY_LATELY_US */
    READS_MAX = 8,
    DRIVE_POLLS = 2, /* before a read has ended */
    FADE_MIN_S = 5,
    FADE_MAX_S = 55,
    PAGE_LINE = 9, /* from this one on, address lines choose pages; counted in words */
    LINES = 14,    /* address lines of the memory */
    FIRST_LINE = 3,
};

_Static_assert(MATRIX_SIZE == 8 << LINES, "a size that is no power of two has no address lines");

const struct matrix_class matrix_classes[] = {
    {"stuck-at-0", "a bit is always 0", CLAIM_STUCK, SIM_STUCK_AT_0, OTHER_NONE},
    {"stuck-at-1", "a bit is always 1", CLAIM_STUCK, SIM_STUCK_AT_1, OTHER_NONE},
    {"no-rise", "a bit cannot go from 0 to 1", CLAIM_TRANSITION, SIM_NO_RISE, OTHER_NONE},
    {"no-fall", "a bit cannot go from 1 to 0", CLAIM_TRANSITION, SIM_NO_FALL, OTHER_NONE},
    {"inverts-at-rise", "a bit that rises inverts one in another line", CLAIM_COUPLING_INVERSION,
     SIM_INVERT_RISE, OTHER_LINE},
    {"inverts-at-fall", "a bit that falls inverts one in another line", CLAIM_COUPLING_INVERSION,
     SIM_INVERT_FALL, OTHER_LINE},
    {"inverts-at-change", "both of these at once", 0, SIM_COUPLING, OTHER_LINE},
    {"sets-at-rise", "a bit that rises sets one in another line", CLAIM_COUPLING_IDEMPOTENT,
     SIM_SET_RISE, OTHER_LINE},
    {"clears-at-rise", "a bit that rises clears one in another line", CLAIM_COUPLING_IDEMPOTENT,
     SIM_CLEAR_RISE, OTHER_LINE},
    {"sets-at-fall", "a bit that falls sets one in another line", CLAIM_COUPLING_IDEMPOTENT,
     SIM_SET_FALL, OTHER_LINE},
    {"clears-at-fall", "a bit that falls clears one in another line", CLAIM_COUPLING_IDEMPOTENT,
     SIM_CLEAR_FALL, OTHER_LINE},
    {"inverts-in-line", "a bit that rises inverts one in another word of its line", 0,
     SIM_INVERT_RISE, OTHER_WORD},
    {"sets-in-line", "a bit that rises sets one in another word of its line", 0, SIM_SET_RISE,
     OTHER_WORD},
    {"clears-in-line", "a bit that falls clears one in another word of its line", 0, SIM_CLEAR_FALL,
     OTHER_WORD},
    {"inverts-in-word", "a bit that rises inverts one in its word", 0, SIM_INVERT_RISE, OTHER_BIT},
    {"sets-in-word", "a bit that rises sets one in its word", 0, SIM_SET_RISE, OTHER_BIT},
    {"clears-in-word", "a bit that falls clears one in its word", 0, SIM_CLEAR_FALL, OTHER_BIT},
    {"one-cell", "two words are one", CLAIM_DECODER, SIM_ALIAS, OTHER_LINE},
    {"one-page", "one page is mapped twice", CLAIM_DECODER, SIM_ALIAS, OTHER_PAGE},
    {"line-stuck", "an address line above those of a cache line is stuck", CLAIM_DECODER, SIM_LINE,
     OTHER_HALF},
    {"no-cell", "no cell is there: what is written is lost", CLAIM_DECODER, SIM_NO_CELL,
     OTHER_NONE},
    {"reads-other", "another word is read in its place", CLAIM_DECODER, SIM_READS_OTHER,
     OTHER_LINE},
    {"writes-other", "what is written to another word is written here, too", 0, SIM_WRITES_OTHER,
     OTHER_LINE},
    {"read-disturb", "a bit is inverted by 2 to 9 reads of its word", CLAIM_READ_DISTURB,
     SIM_READ_DISTURB, OTHER_NONE},
    {"fades-to-0", "a bit is 0 some seconds after it was written", CLAIM_RETENTION, SIM_FADE_TO_0,
     OTHER_NONE},
    {"fades-to-1", "a bit is 1 some seconds after it was written", CLAIM_RETENTION, SIM_FADE_TO_1,
     OTHER_NONE},
    {"traffic", "a bit is read wrong while much is moved", 0, SIM_TRAFFIC, OTHER_NONE},
    {"beside-device", "a bit is read or written wrong while a device moves data", CLAIM_TRAFFIC,
     SIM_DEVICE, OTHER_NONE},
};

const size_t matrix_class_count = sizeof(matrix_classes) / sizeof(matrix_classes[0]);

/* Another row than `row`, among the `count` rows from a multiple of `count` on. */
static size_t other_row(size_t row, size_t count, uint64_t *random)
{
    return row / count * count + (row + 1 + prng_below(random, count - 1)) % count;
}

/* The other word, or the address line in words. */
static size_t draw_other(enum matrix_other other, size_t word, uint64_t *random)
{
    static const size_t near[] = {BLOCK_ROWS, MATRIX_CHUNK / ROW_SIZE, MATRIX_SIZE / ROW_SIZE};
    size_t row = word / ROW_WORDS;

    switch (other) {
    case OTHER_LINE:
        row = other_row(row, near[prng_below(random, 3)], random);
        return row * ROW_WORDS + prng_below(random, ROW_WORDS);
    case OTHER_WORD:
        return row * ROW_WORDS + (word + 1 + prng_below(random, ROW_WORDS - 1)) % ROW_WORDS;
    case OTHER_PAGE:
        return (word + (1 + prng_below(random, MATRIX_SIZE / BLOCK_SIZE - 1)) * BLOCK_WORDS) %
               (MATRIX_SIZE / 8);
    case OTHER_HALF:
        return (size_t)1 << (FIRST_LINE + prng_below(random, LINES - FIRST_LINE));
    default:
        return word;
    }
}

struct sim_memory_fault matrix_fault(const struct matrix_case *test)
{
    const struct matrix_class *class = &matrix_classes[test->class];
    uint64_t random = mix64(test->seed * matrix_class_count + test->class);
    struct sim_memory_fault fault = {.kind = class->kind};

    fault.word = prng_below(&random, MATRIX_SIZE / 8);
    fault.bit = (unsigned)prng_below(&random, 64);
    fault.other = draw_other(class->other, fault.word, &random);
    fault.other_bit = (unsigned)prng_below(&random, 64);
    if (class->other == OTHER_BIT)
        fault.other_bit = (fault.bit + 1 + (unsigned)prng_below(&random, 63)) % 64;
    if (class->kind == SIM_READ_DISTURB)
        fault.delay = 2 + (unsigned)prng_below(&random, READS_MAX);
    if (class->kind == SIM_TRAFFIC)
        fault.delay = TRAFFIC_BYTES;
    fault.after_us = (FADE_MIN_S + prng_below(&random, FADE_MAX_S - FADE_MIN_S)) * 1000000;
    return fault;
}

/* Pages are made one by the mapping of memory, all else by the model. */
static void put_fault(struct matrix_rig *rig, const struct matrix_class *class,
                      const struct sim_memory_fault *fault)
{
    size_t line = fault->other / BLOCK_WORDS;

    if (class->other == OTHER_PAGE)
        memory_pages_alias(&rig->pages, fault->word / BLOCK_WORDS, fault->other / BLOCK_WORDS);
    else if (class->other != OTHER_HALF || fault->other < (size_t)1 << PAGE_LINE)
        sim_memory_add(&rig->machine.memory, fault);
    else
        for (size_t page = 0; page < MATRIX_SIZE / BLOCK_SIZE; page++)
            if (page & line)
                memory_pages_alias(&rig->pages, page, page ^ line);
}

static bool same_page(uint64_t address, size_t word)
{
    return address / BLOCK_SIZE == machine_address(word) / BLOCK_SIZE;
}

static bool tells(const struct event *event, const struct matrix_class *class,
                  const struct sim_memory_fault *fault)
{
    uint64_t address = event->memory_error.address;

    if (class->other == OTHER_HALF) /* all of the memory has it */
        return true;
    if (class->other == OTHER_PAGE)
        return same_page(address, fault->word) || same_page(address, fault->other);
    return address == machine_address(fault->word) ||
           (class->claim == CLAIM_DECODER && address == machine_address(fault->other));
}

static int drive_begin(void *context, void *buffer, uint64_t address, size_t size,
                       const char **ret_reason)
{
    struct matrix_rig *rig = context;

    (void)ret_reason;
    assert(size <= sizeof(rig->drive.sample));
    memcpy(buffer, rig->drive.sample, size);
    sim_memory_device(&rig->machine.memory, (address - MACHINE_ADDRESS) / 8, size / 8);
    rig->drive.polls_left = DRIVE_POLLS;
    return 0;
}

static int drive_poll(void *context, bool *ret_ended)
{
    struct matrix_rig *rig = context;

    if (rig->drive.polls_left)
        rig->drive.polls_left--;
    *ret_ended = rig->drive.polls_left == 0;
    return 0;
}

static void run_tests(struct matrix_rig *rig, uint32_t tests, uint64_t seed, size_t cached_rows)
{
    const struct memory_dma dma = {rig, drive_begin, drive_poll};
    struct memory_run_config config = {.means = machine_means(&rig->machine),
                                       .tests = tests,
                                       .seed = seed,
                                       .total = MATRIX_SIZE,
                                       .dma = &dma};

    rig->machine.idle_us = IDLE_US;
    memory_rows_set(&rig->machine.memory, cached_rows);
    memory_run_init(rig->run, &config);
    for (unsigned turn = 0; memory_run_step(rig->run); turn++) {
        assert(turn < TURNS_MAX);
        workers_poll(&rig->machine.workers);
    }
    memory_rows_set(NULL, 0);
}

/* What memory held before is nobody's choice. */
static void begin(struct matrix_rig *rig, uint64_t seed)
{
    uint64_t random = ~seed;

    memory_pages_mend(&rig->pages);
    machine_init_over(&rig->machine, MACHINE_INLINE, rig->pages.words, MATRIX_CHUNKS, MATRIX_CHUNK);
    for (size_t i = 0; i < MATRIX_SIZE / 8; i++)
        rig->pages.words[i] = prng_next(&random);
    for (size_t i = 0; i < MATRIX_CHUNK / 8; i++)
        rig->drive.sample[i] = prng_next(&random);
}

bool matrix_found(struct matrix_rig *rig, const struct matrix_case *test)
{
    const struct matrix_class *class = &matrix_classes[test->class];
    struct sim_memory_fault fault = matrix_fault(test);
    const struct event *event;

    begin(rig, test->seed);
    put_fault(rig, class, &fault);
    run_tests(rig, (uint32_t)1 << test->test, test->seed, test->cached_rows);
    for (size_t n = 0; (event = machine_event(&rig->machine, EVENT_MEMORY_ERROR, n)); n++)
        if (tells(event, class, &fault))
            return true;
    return false;
}

size_t matrix_errors_when_healthy(struct matrix_rig *rig, uint32_t tests, uint64_t seed)
{
    uint64_t random = seed;
    struct sim_memory_fault harmless = {.kind = SIM_READ_DISTURB, .delay = 0};

    begin(rig, seed);
    harmless.word = harmless.other = prng_below(&random, MATRIX_SIZE / 8);
    if (seed % 2)
        sim_memory_add(&rig->machine.memory, &harmless);
    run_tests(rig, tests, seed, seed % 4 == 3 ? MATRIX_CACHE_ROWS : 0);
    return rig->machine.type_counts[EVENT_MEMORY_ERROR];
}

void matrix_rig_open(struct matrix_rig *rig)
{
    memory_pages_open(&rig->pages, MATRIX_SIZE);
    rig->run = malloc(sizeof(*rig->run));
    assert(rig->run);
}

void matrix_rig_close(struct matrix_rig *rig)
{
    free(rig->run);
    memory_pages_close(&rig->pages);
}
