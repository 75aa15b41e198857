/*
 * The loops of one variant of the kernels. A file of a variant says what its loops are made of and
 * includes this once; all variants do the same to memory and find the same.
 *
 *   vector                  the type that is read and written at once: a word, or a vector of them
 *   VARIANT                 the name of its struct kernels
 *   VARIANT_NAME            in words
 *   ACCUMULATORS            in how many vectors the differences of a block are gathered
 *   ALL_ZERO(value)         whether a vector is; vector_union() may be used
 *   FILL_STORE(to, value)   how span_fill() writes
 *   FILL_END()              what makes those writes seen by others
 */
#include "stress/kernel_cache.h"
#include "stress/kernel_search.h"

enum { VECTOR_WORDS = sizeof(vector) / 8, ROW_VECTORS = ROW_WORDS / VECTOR_WORDS };

/* A row (stress/pattern.h) in the vectors of this variant. */
struct lanes {
    vector at[ROW_VECTORS];
};

ALWAYS_INLINE void lanes_first(struct lanes *lanes, enum pattern_kind kind, uint64_t word,
                               uint64_t seed, uint64_t address)
{
    uint64_t words[ROW_WORDS] __attribute__((aligned(ROW_SIZE)));

    for (unsigned i = 0; i < ROW_WORDS; i++)
        words[i] = row_first_word(kind, word, seed, address, i);
    for (unsigned i = 0; i < ROW_VECTORS; i++)
        lanes->at[i] = *(const vector *)&words[i * VECTOR_WORDS];
}

ALWAYS_INLINE void lanes_next(struct lanes *lanes, enum pattern_kind kind)
{
    for (unsigned i = 0; i < ROW_VECTORS; i++)
        WORDS_NEXT(lanes->at[i], kind);
}

ALWAYS_INLINE void lanes_previous(struct lanes *lanes, enum pattern_kind kind)
{
    for (unsigned i = 0; i < ROW_VECTORS; i++)
        WORDS_PREVIOUS(lanes->at[i], kind);
}

/* The bits set in any word of a vector. */
ALWAYS_INLINE uint64_t vector_union(vector value)
{
    uint64_t words[VECTOR_WORDS] __attribute__((aligned(sizeof(vector))));
    uint64_t all = 0;

    *(vector *)words = value;
    for (unsigned i = 0; i < VECTOR_WORDS; i++)
        all |= words[i];
    return all;
}

ALWAYS_INLINE void fill(const struct span *span, enum pattern pattern, uint64_t seed,
                        enum pattern_kind kind)
{
    uint64_t word = pattern_fixed_word(pattern, seed), mask = pattern_mask(pattern);
    struct lanes lanes;

    for (size_t block = 0; block < span->count; block += BLOCK_WORDS) {
        vector *to = (vector *)(span->words + block);

        lanes_first(&lanes, kind, word, seed, span->address + block * 8);
        for (unsigned r = 0; r < BLOCK_ROWS; r++) {
            for (unsigned i = 0; i < ROW_VECTORS; i++)
                FILL_STORE(&to[r * ROW_VECTORS + i], lanes.at[i] ^ mask);
            lanes_next(&lanes, kind);
        }
    }
    FILL_END();
}

/* What differs anywhere in the block; `lanes` is its first row, and goes through it. */
ALWAYS_INLINE uint64_t block_difference(const uint64_t *words, struct lanes *lanes, uint64_t mask,
                                        enum pattern_kind kind)
{
    const vector *from = (const vector *)words;
    vector gathered[ACCUMULATORS], all;

    for (unsigned i = 0; i < ACCUMULATORS; i++)
        gathered[i] = lanes->at[0] ^ lanes->at[0];
    for (unsigned r = 0; r < BLOCK_ROWS; r++) {
        for (unsigned i = 0; i < ROW_VECTORS; i++)
            gathered[i % ACCUMULATORS] |= from[r * ROW_VECTORS + i] ^ lanes->at[i] ^ mask;
        lanes_next(lanes, kind);
    }
    all = gathered[0];
    for (unsigned i = 1; i < ACCUMULATORS; i++)
        all |= gathered[i];
    return vector_union(all);
}

ALWAYS_INLINE void verify(const struct span *span, enum pattern pattern, uint64_t seed,
                          struct memory_faults *faults, enum pattern_kind kind)
{
    uint64_t word = pattern_fixed_word(pattern, seed), mask = pattern_mask(pattern);
    struct lanes lanes;

    for (size_t block = 0; block < span->count; block += BLOCK_WORDS) {
        uint64_t address = span->address + block * 8, difference;

        lanes_first(&lanes, kind, word, seed, address);
        difference = block_difference(span->words + block, &lanes, mask, kind);
        if (__builtin_expect(difference != 0, 0))
            search_block(span->words + block, address, pattern, seed, difference, faults);
    }
}

/* Takes the row out of registers only here, where one was found wrong. */
ALWAYS_INLINE void look_closer(const uint64_t *words, uint64_t address, const struct lanes *row,
                               uint64_t mask, const struct lanes *read,
                               struct memory_faults *faults, unsigned *collected)
{
    uint64_t expected[ROW_WORDS] __attribute__((aligned(ROW_SIZE)));
    uint64_t actual[ROW_WORDS] __attribute__((aligned(ROW_SIZE)));

    for (unsigned i = 0; i < ROW_VECTORS; i++) {
        *(vector *)&expected[i * VECTOR_WORDS] = row->at[i] ^ mask;
        *(vector *)&actual[i * VECTOR_WORDS] = read->at[i];
    }
    search_row(words, address, expected, actual, faults, collected);
}

/* The stores are ordinary: the line was just read and is owned already. */
ALWAYS_INLINE void invert_row(uint64_t *words, uint64_t address, const struct lanes *row,
                              uint64_t mask, struct memory_faults *faults, unsigned *collected)
{
    vector *at = (vector *)words;
    vector all = row->at[0] ^ row->at[0];
    struct lanes read;

    for (unsigned i = 0; i < ROW_VECTORS; i++) {
        read.at[i] = at[i];
        all |= read.at[i] ^ row->at[i] ^ mask;
    }
    if (__builtin_expect(!ALL_ZERO(all), 0))
        look_closer(words, address, row, mask, &read, faults, collected);
    for (unsigned i = 0; i < ROW_VECTORS; i++)
        at[i] = row->at[i] ^ ~mask;
}

/* The span is copied: for all the compiler knows, a store to its words could change it. */
ALWAYS_INLINE void invert_up(const struct span *span, enum pattern pattern, uint64_t seed,
                             struct memory_faults *faults, enum pattern_kind kind)
{
    uint64_t word = pattern_fixed_word(pattern, seed), mask = pattern_mask(pattern);
    uint64_t *const words = span->words, address = span->address;
    const size_t count = span->count;
    struct lanes lanes;

    for (size_t block = 0; block < count; block += BLOCK_WORDS) {
        unsigned collected = 0;

        lanes_first(&lanes, kind, word, seed, address + block * 8);
        for (size_t at = block; at < block + BLOCK_WORDS; at += ROW_WORDS) {
            invert_row(words + at, address + at * 8, &lanes, mask, faults, &collected);
            lanes_next(&lanes, kind);
        }
    }
}

ALWAYS_INLINE void invert_down(const struct span *span, enum pattern pattern, uint64_t seed,
                               struct memory_faults *faults, enum pattern_kind kind)
{
    uint64_t word = pattern_fixed_word(pattern, seed), mask = pattern_mask(pattern);
    uint64_t *const words = span->words, address = span->address;
    struct lanes lanes;

    for (size_t end = span->count; end > 0; end -= BLOCK_WORDS) {
        unsigned collected = 0;

        lanes_first(&lanes, kind, word, seed, address + (end - BLOCK_WORDS) * 8);
        for (unsigned r = 0; r < BLOCK_ROWS; r++)
            lanes_next(&lanes, kind);
        for (size_t at = end; at > end - BLOCK_WORDS; at -= ROW_WORDS) {
            lanes_previous(&lanes, kind);
            invert_row(words + at - ROW_WORDS, address + (at - ROW_WORDS) * 8, &lanes, mask, faults,
                       &collected);
        }
    }
}

static void fill_any(const struct span *span, enum pattern pattern, uint64_t seed)
{
    enum pattern_kind kind = pattern_kind(pattern);

    if (kind == KIND_ADDRESS)
        fill(span, pattern, seed, KIND_ADDRESS);
    else if (kind == KIND_FIXED)
        fill(span, pattern, seed, KIND_FIXED);
    else
        fill(span, pattern, seed, KIND_RANDOM);
}

/* A loop for each kind of pattern. */
#define EACH_KIND(loop)                                                                            \
    static void loop##_any(const struct span *span, enum pattern pattern, uint64_t seed,           \
                           struct memory_faults *faults)                                           \
    {                                                                                              \
        enum pattern_kind kind = pattern_kind(pattern);                                            \
                                                                                                   \
        if (kind == KIND_ADDRESS)                                                                  \
            loop(span, pattern, seed, faults, KIND_ADDRESS);                                       \
        else if (kind == KIND_FIXED)                                                               \
            loop(span, pattern, seed, faults, KIND_FIXED);                                         \
        else                                                                                       \
            loop(span, pattern, seed, faults, KIND_RANDOM);                                        \
    }

EACH_KIND(verify)
EACH_KIND(invert_up)
EACH_KIND(invert_down)

const struct kernels VARIANT = {
    .name = VARIANT_NAME,
    .fill = fill_any,
    .verify = verify_any,
    .invert_up = invert_up_any,
    .invert_down = invert_down_any,
};
