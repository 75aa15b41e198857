#include "tests/sim/memory_rows.h"

#include <assert.h>
#include <string.h>

enum { CACHED_MAX = 4 };

/* A row with a fault that is in the cache. The others need not be told of. */
struct cached_row {
    bool valid, dirty;
    size_t row;
    uint64_t since; /* rows that had gone through the cache by then */
    uint64_t words[ROW_WORDS];
};

struct view {
    struct sim_memory *memory;
    size_t cached_rows;
    uint64_t rows; /* that went through the cache */
    struct cached_row cached[CACHED_MAX];
};

static const struct kernels *beneath;
static struct kernels above;
static _Thread_local struct view view;

static struct cached_row *find_cached(size_t row)
{
    for (unsigned i = 0; i < CACHED_MAX; i++)
        if (view.cached[i].valid && view.cached[i].row == row)
            return &view.cached[i];
    return NULL;
}

/* Rows leave the cache in the order in which they came. */
static void evict(void)
{
    for (;;) {
        struct cached_row *first = NULL;

        for (unsigned i = 0; i < CACHED_MAX; i++)
            if (view.cached[i].valid && view.cached[i].since + view.cached_rows < view.rows &&
                (!first || view.cached[i].since < first->since))
                first = &view.cached[i];
        if (!first)
            return;
        if (first->dirty)
            sim_memory_write_row(view.memory, first->row, first->words);
        first->valid = false;
    }
}

static void pass_rows(size_t rows)
{
    view.rows += rows;
    evict();
}

static bool has_fault(size_t row)
{
    for (size_t i = 0; i < view.memory->fault_count; i++)
        if (view.memory->faults[i].word / ROW_WORDS == row ||
            view.memory->faults[i].other / ROW_WORDS == row)
            return true;
    return false;
}

static void keep_cached(size_t row, const uint64_t words[ROW_WORDS])
{
    for (unsigned i = 0; i < CACHED_MAX; i++)
        if (!view.cached[i].valid) {
            view.cached[i] = (struct cached_row){.valid = true, .row = row, .since = view.rows};
            memcpy(view.cached[i].words, words, ROW_SIZE);
            return;
        }
    assert(false);
}

static void read_row(size_t row, uint64_t ret_words[ROW_WORDS])
{
    const struct cached_row *cached = find_cached(row);

    if (cached) {
        memcpy(ret_words, cached->words, ROW_SIZE);
        return;
    }
    sim_memory_read_row(view.memory, row, ret_words);
    if (view.cached_rows && has_fault(row))
        keep_cached(row, ret_words);
}

/* Of a row that was read just now. */
static void write_row(size_t row, const uint64_t words[ROW_WORDS])
{
    struct cached_row *cached = find_cached(row);

    if (!cached) {
        sim_memory_write_row(view.memory, row, words);
        return;
    }
    memcpy(cached->words, words, ROW_SIZE);
    cached->dirty = true;
}

static void fill_row(size_t row, const uint64_t words[ROW_WORDS])
{
    struct cached_row *cached = find_cached(row);

    if (cached)
        cached->valid = false;
    sim_memory_write_row(view.memory, row, words);
}

typedef void verifying(const struct span *, enum pattern, uint64_t, struct memory_faults *);

/* The index of the block in the memory; false for one to be done as it stands. */
static bool is_watched(const struct span *block, size_t *ret_index)
{
    const struct sim_memory *memory = view.memory;

    if (!memory || block->words < memory->words || block->words >= memory->words + memory->count)
        return false;
    *ret_index = (size_t)(block->words - memory->words) / BLOCK_WORDS;
    return sim_memory_watches(memory, *ret_index);
}

static void fill_block(const struct span *block, enum pattern pattern, uint64_t seed)
{
    uint64_t written[BLOCK_WORDS] __attribute__((aligned(ROW_SIZE)));
    struct span scratch = {written, block->address, BLOCK_WORDS};
    size_t index;

    if (!is_watched(block, &index)) {
        beneath->fill(block, pattern, seed);
        return;
    }
    beneath->fill(&scratch, pattern, seed);
    for (unsigned r = 0; r < BLOCK_ROWS; r++)
        fill_row(index * BLOCK_ROWS + r, &written[r * ROW_WORDS]);
}

/* What the kernel reads of a block row by row, and the memory after it, if it writes. */
static void replay(size_t block, const uint64_t *written, bool down, uint64_t *seen)
{
    for (unsigned i = 0; i < BLOCK_ROWS; i++) {
        unsigned r = down ? BLOCK_ROWS - 1 - i : i;
        size_t row = block * BLOCK_ROWS + r;

        read_row(row, &seen[r * ROW_WORDS]);
        if (written)
            write_row(row, &written[r * ROW_WORDS]);
        pass_rows(1);
    }
}

static void verify_block(const struct span *block, enum pattern pattern, uint64_t seed,
                         struct memory_faults *faults, verifying *kernel, bool down)
{
    uint64_t written[BLOCK_WORDS] __attribute__((aligned(ROW_SIZE)));
    uint64_t seen[BLOCK_WORDS], after[BLOCK_WORDS];
    struct span scratch = {written, block->address, BLOCK_WORDS};
    bool writes = kernel != beneath->verify;
    size_t index;

    if (!is_watched(block, &index)) {
        kernel(block, pattern, seed, faults);
        pass_rows(view.memory ? BLOCK_ROWS : 0);
        return;
    }
    if (writes)
        beneath->fill(&scratch, pattern_complement(pattern), seed);
    replay(index, writes ? written : NULL, down, seen);
    memcpy(after, block->words, BLOCK_SIZE);
    memcpy(block->words, seen, BLOCK_SIZE);
    kernel(block, pattern, seed, faults);
    assert(memcmp(block->words, writes ? written : seen, BLOCK_SIZE) == 0);
    memcpy(block->words, after, BLOCK_SIZE);
}

static struct span block_of(const struct span *span, size_t word)
{
    return (struct span){span->words + word, span->address + word * 8, BLOCK_WORDS};
}

static void count_traffic(const struct span *span, unsigned moves)
{
    if (view.memory)
        sim_memory_moved(view.memory, (uint64_t)span->count * 8 * moves);
}

static void rows_fill(const struct span *span, enum pattern pattern, uint64_t seed)
{
    count_traffic(span, 1);
    for (size_t word = 0; word < span->count; word += BLOCK_WORDS) {
        struct span block = block_of(span, word);

        fill_block(&block, pattern, seed);
    }
}

static void rows_verify(const struct span *span, enum pattern pattern, uint64_t seed,
                        struct memory_faults *faults)
{
    count_traffic(span, 1);
    for (size_t word = 0; word < span->count; word += BLOCK_WORDS) {
        struct span block = block_of(span, word);

        verify_block(&block, pattern, seed, faults, beneath->verify, false);
    }
}

static void rows_invert_up(const struct span *span, enum pattern pattern, uint64_t seed,
                           struct memory_faults *faults)
{
    count_traffic(span, 2);
    for (size_t word = 0; word < span->count; word += BLOCK_WORDS) {
        struct span block = block_of(span, word);

        verify_block(&block, pattern, seed, faults, beneath->invert_up, false);
    }
}

static void rows_invert_down(const struct span *span, enum pattern pattern, uint64_t seed,
                             struct memory_faults *faults)
{
    count_traffic(span, 2);
    for (size_t end = span->count; end > 0; end -= BLOCK_WORDS) {
        struct span block = block_of(span, end - BLOCK_WORDS);

        verify_block(&block, pattern, seed, faults, beneath->invert_down, true);
    }
}

void memory_rows_use(void)
{
    assert(!beneath);
    beneath = kernels_used();
    above = *beneath;
    above.fill = rows_fill;
    above.verify = rows_verify;
    above.invert_up = rows_invert_up;
    above.invert_down = rows_invert_down;
    kernels_use(&above);
}

void memory_rows_set(struct sim_memory *memory, size_t cached_rows)
{
    view = (struct view){.memory = memory, .cached_rows = cached_rows};
}
