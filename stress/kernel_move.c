#include "stress/kernel_cache.h"
#include "stress/kernel_search.h"
#include "stress/kernel_single.h"

/* One instruction for all of it, the words ascending. */
static void move_words(uint64_t *to, const uint64_t *from, size_t count)
{
#if defined(__x86_64__)
    __asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
#else
    for (size_t i = 0; i < count; i++)
        ((volatile uint64_t *)to)[i] = ((const volatile uint64_t *)from)[i];
#endif
}

size_t span_half(const struct span *span)
{
    return span->count / BLOCK_WORDS / 2 * BLOCK_SIZE;
}

/* Compares one block with what the block it was copied from must hold. The wrong words are told,
 * and counted in regions, at their own addresses. */
static void verify_copy(const struct span *source, const struct span *copy, enum pattern pattern,
                        uint64_t seed, struct memory_faults *faults)
{
    const struct span as_source = {copy->words, source->address, copy->count};
    struct memory_fault first = {0};
    struct memory_faults seen = {.faults = &first, .limit = 1};
    unsigned collected = 0;

    span_verify(&as_source, pattern, seed, &seen);
    for (size_t i = 0; seen.words && i < copy->count; i++)
        search_word(&copy->words[i], copy->address + i * 8,
                    pattern_word(pattern, seed, source->address + i * 8),
                    *(const volatile uint64_t *)&copy->words[i], faults, &collected);
    if (seen.words && collected == 0)
        search_vanished(copy->words, copy->address, pattern_word(pattern, seed, source->address),
                        first.expected ^ first.actual, faults);
}

static void verify_both(const struct span *source, const struct span *copy, enum pattern pattern,
                        uint64_t seed, struct memory_faults *faults)
{
    for (size_t at = 0; at < source->count; at += BLOCK_WORDS) {
        const struct span from = span_part(source, at, BLOCK_WORDS);
        uint64_t before = faults->words;

        span_verify(&from, pattern, seed, faults);
        if (faults->words == before && at < copy->count) {
            const struct span to = span_part(copy, at, BLOCK_WORDS);

            verify_copy(&from, &to, pattern, seed, faults);
        }
    }
}

static void move(const struct span *source, const struct span *copy, enum pattern pattern,
                 uint64_t seed, struct memory_faults *faults)
{
    compiler_barrier();
    move_words(copy->words, source->words, copy->count);
    verify_both(source, copy, pattern, seed, faults);
}

void span_move_up(const struct span *span, enum pattern pattern, uint64_t seed,
                  struct memory_faults *faults)
{
    size_t half = span_half(span) / 8;
    struct span source = span_part(span, 0, span->count - half);
    struct span copy = span_part(span, span->count - half, half);

    move(&source, &copy, pattern, seed, faults);
}

/* The source begins behind the copy, so the block in the middle of an odd number is verified
 * first, with nothing to compare it with. */
void span_move_down(const struct span *span, enum pattern pattern, uint64_t seed,
                    struct memory_faults *faults)
{
    size_t half = span_half(span) / 8;
    struct span middle = span_part(span, half, span->count - 2 * half);
    struct span source = span_part(span, span->count - half, half);
    struct span copy = span_part(span, 0, half);

    span_verify(&middle, pattern, seed, faults);
    move(&source, &copy, pattern, seed, faults);
}
