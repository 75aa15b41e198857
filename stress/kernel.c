#include "stress/kernel.h"

/* Neither moves a memory access across the end of a kernel nor guesses what memory holds. */
static void compiler_barrier(void)
{
    __asm__ volatile("" ::: "memory");
}

static void flush_line(const void *line)
{
#if defined(__x86_64__)
    __builtin_ia32_clflush(line);
#else
    (void)line;
#endif
}

static void memory_fence(void)
{
#if defined(__x86_64__)
    __builtin_ia32_mfence();
#else
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

void span_flush(const struct span *span)
{
    for (size_t i = 0; i < span->count; i += ROW_WORDS)
        flush_line(&span->words[i]);
    memory_fence();
    compiler_barrier();
}

static uint64_t read_past_caches(const uint64_t *word)
{
    memory_fence();
    flush_line(word);
    memory_fence();
    return *(const volatile uint64_t *)word;
}

/* Adds one wrong word; `collected` counts those of its block. */
static void add_fault(struct memory_faults *faults, const struct memory_fault *fault,
                      unsigned *collected)
{
    faults->words++;
    if (*collected == 0)
        faults->pages++;
    if (*collected < BLOCK_FAULTS && faults->count < faults->limit)
        faults->faults[faults->count++] = *fault;
    (*collected)++;
}

/* The bits set in any word of a row. */
ALWAYS_INLINE uint64_t row_union(const struct row *row)
{
    word_pair both = row->pairs[0] | row->pairs[1] | row->pairs[2] | row->pairs[3];

    return both[0] | both[1];
}

ALWAYS_INLINE void fill(const struct span *span, enum pattern pattern, uint64_t seed,
                        enum pattern_kind kind)
{
    uint64_t word = pattern_fixed_word(pattern, seed), mask = pattern_mask(pattern);
    struct row row;

    for (size_t block = 0; block < span->count; block += BLOCK_WORDS) {
        word_pair *pairs = (word_pair *)(span->words + block);

        row_first(&row, kind, word, seed, span->address + block * 8);
        for (unsigned r = 0; r < BLOCK_ROWS; r++) {
            for (unsigned i = 0; i < ROW_PAIRS; i++)
                pairs[r * ROW_PAIRS + i] = row.pairs[i] ^ mask;
            row_next(&row, kind);
        }
    }
}

/* The second look at a block in which `difference` was seen. */
static __attribute__((noinline)) void search_block(const uint64_t *words, uint64_t address,
                                                   enum pattern pattern, uint64_t seed,
                                                   uint64_t difference,
                                                   struct memory_faults *faults)
{
    enum pattern_kind kind = pattern_kind(pattern);
    unsigned collected = 0;
    struct row row;

    row_first(&row, kind, pattern_fixed_word(pattern, seed), seed, address);
    for (unsigned i = 0; i < BLOCK_WORDS; i++) {
        struct memory_fault fault = {
            .address = address + i * 8,
            .expected = row_word(&row, i % ROW_WORDS) ^ pattern_mask(pattern),
            .actual = *(const volatile uint64_t *)&words[i],
        };

        if (fault.actual != fault.expected) {
            fault.reread = read_past_caches(&words[i]);
            add_fault(faults, &fault, &collected);
        }
        if (i % ROW_WORDS == ROW_WORDS - 1)
            row_next(&row, kind);
    }
    if (collected == 0) {
        uint64_t expected = pattern_word(pattern, seed, address);
        struct memory_fault fault = {address, expected, expected ^ difference,
                                     read_past_caches(words)};

        add_fault(faults, &fault, &collected);
    }
}

ALWAYS_INLINE void verify(const struct span *span, enum pattern pattern, uint64_t seed,
                          struct memory_faults *faults, enum pattern_kind kind)
{
    uint64_t word = pattern_fixed_word(pattern, seed), mask = pattern_mask(pattern);
    struct row row;

    for (size_t block = 0; block < span->count; block += BLOCK_WORDS) {
        const word_pair *pairs = (const word_pair *)(span->words + block);
        struct row difference = {{{0}}};
        uint64_t all;

        row_first(&row, kind, word, seed, span->address + block * 8);
        for (unsigned r = 0; r < BLOCK_ROWS; r++) {
            for (unsigned i = 0; i < ROW_PAIRS; i++)
                difference.pairs[i] |= pairs[r * ROW_PAIRS + i] ^ row.pairs[i] ^ mask;
            row_next(&row, kind);
        }
        all = row_union(&difference);
        if (all)
            search_block(span->words + block, span->address + block * 8, pattern, seed, all,
                         faults);
    }
}

/* A row in which a difference was seen; `actual` are the words as they were read. */
static __attribute__((noinline)) void search_row(const uint64_t *words, uint64_t address,
                                                 const struct row *expected, uint64_t mask,
                                                 const struct row *actual,
                                                 struct memory_faults *faults, unsigned *collected)
{
    for (unsigned i = 0; i < ROW_WORDS; i++) {
        struct memory_fault fault = {.address = address + i * 8,
                                     .expected = row_word(expected, i) ^ mask,
                                     .actual = row_word(actual, i)};

        if (fault.actual != fault.expected) {
            fault.reread = read_past_caches(&words[i]);
            add_fault(faults, &fault, collected);
        }
    }
}

ALWAYS_INLINE void invert_row(uint64_t *words, uint64_t address, const struct row *row,
                              uint64_t mask, struct memory_faults *faults, unsigned *collected)
{
    word_pair *pairs = (word_pair *)words;
    struct row actual, difference;

    for (unsigned i = 0; i < ROW_PAIRS; i++) {
        actual.pairs[i] = pairs[i];
        difference.pairs[i] = actual.pairs[i] ^ row->pairs[i] ^ mask;
    }
    if (__builtin_expect(row_union(&difference) != 0, 0)) {
        struct row expected = *row, seen = actual;

        search_row(words, address, &expected, mask, &seen, faults, collected);
    }
    for (unsigned i = 0; i < ROW_PAIRS; i++)
        pairs[i] = ~(row->pairs[i] ^ mask);
}

ALWAYS_INLINE void invert_up(const struct span *span, enum pattern pattern, uint64_t seed,
                             struct memory_faults *faults, enum pattern_kind kind)
{
    uint64_t word = pattern_fixed_word(pattern, seed), mask = pattern_mask(pattern);
    struct row row;

    for (size_t block = 0; block < span->count; block += BLOCK_WORDS) {
        unsigned collected = 0;

        row_first(&row, kind, word, seed, span->address + block * 8);
        for (size_t at = block; at < block + BLOCK_WORDS; at += ROW_WORDS) {
            invert_row(span->words + at, span->address + at * 8, &row, mask, faults, &collected);
            row_next(&row, kind);
        }
    }
}

ALWAYS_INLINE void invert_down(const struct span *span, enum pattern pattern, uint64_t seed,
                               struct memory_faults *faults, enum pattern_kind kind)
{
    uint64_t word = pattern_fixed_word(pattern, seed), mask = pattern_mask(pattern);
    struct row row;

    for (size_t end = span->count; end > 0; end -= BLOCK_WORDS) {
        unsigned collected = 0;

        row_first(&row, kind, word, seed, span->address + (end - BLOCK_WORDS) * 8);
        for (unsigned r = 0; r < BLOCK_ROWS; r++)
            row_next(&row, kind);
        for (size_t at = end; at > end - BLOCK_WORDS; at -= ROW_WORDS) {
            row_previous(&row, kind);
            invert_row(span->words + at - ROW_WORDS, span->address + (at - ROW_WORDS) * 8, &row,
                       mask, faults, &collected);
        }
    }
}

void span_fill(const struct span *span, enum pattern pattern, uint64_t seed)
{
    enum pattern_kind kind = pattern_kind(pattern);

    if (kind == KIND_ADDRESS)
        fill(span, pattern, seed, KIND_ADDRESS);
    else if (kind == KIND_FIXED)
        fill(span, pattern, seed, KIND_FIXED);
    else
        fill(span, pattern, seed, KIND_RANDOM);
    compiler_barrier();
}

void span_verify(const struct span *span, enum pattern pattern, uint64_t seed,
                 struct memory_faults *faults)
{
    enum pattern_kind kind = pattern_kind(pattern);

    compiler_barrier();
    if (kind == KIND_ADDRESS)
        verify(span, pattern, seed, faults, KIND_ADDRESS);
    else if (kind == KIND_FIXED)
        verify(span, pattern, seed, faults, KIND_FIXED);
    else
        verify(span, pattern, seed, faults, KIND_RANDOM);
}

void span_invert_up(const struct span *span, enum pattern pattern, uint64_t seed,
                    struct memory_faults *faults)
{
    enum pattern_kind kind = pattern_kind(pattern);

    compiler_barrier();
    if (kind == KIND_ADDRESS)
        invert_up(span, pattern, seed, faults, KIND_ADDRESS);
    else if (kind == KIND_FIXED)
        invert_up(span, pattern, seed, faults, KIND_FIXED);
    else
        invert_up(span, pattern, seed, faults, KIND_RANDOM);
    compiler_barrier();
}

void span_invert_down(const struct span *span, enum pattern pattern, uint64_t seed,
                      struct memory_faults *faults)
{
    enum pattern_kind kind = pattern_kind(pattern);

    compiler_barrier();
    if (kind == KIND_ADDRESS)
        invert_down(span, pattern, seed, faults, KIND_ADDRESS);
    else if (kind == KIND_FIXED)
        invert_down(span, pattern, seed, faults, KIND_FIXED);
    else
        invert_down(span, pattern, seed, faults, KIND_RANDOM);
    compiler_barrier();
}
