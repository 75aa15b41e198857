#include "stress/page_test.h"

#include "stress/kernel.h"

enum {
    PAUSE_TICKS = 10 * 1000 * 1000, /* of the time stamp counter, which runs at 1 to 5 GHz */
    PAUSE_TURNS = 1000 * 1000,      /* should it stand still */
};

static const uint8_t page_patterns[] = {PATTERN_FIVES, PATTERN_AS, PATTERN_RANDOM,
                                        PATTERN_RANDOM_INVERSE};

static void spin(void *context)
{
    (void)context;
#if defined(__x86_64__)
    uint64_t start = __builtin_ia32_rdtsc();

    for (unsigned i = 0; i < PAUSE_TURNS && __builtin_ia32_rdtsc() - start < PAUSE_TICKS; i++)
        __builtin_ia32_pause();
#else
    for (unsigned i = 0; i < PAUSE_TURNS; i++)
        __asm__ volatile("" ::: "memory");
#endif
}

const struct page_pause page_spinning = {.wait = spin};

enum memory_repeat page_test_collect(void *page, uint64_t address, unsigned rounds,
                                     const struct page_pause *pause, struct memory_faults *faults)
{
    struct span span = {.words = page, .address = address, .count = PAGE_TEST_SIZE / 8};

    if (rounds > PAGE_TEST_ROUNDS_MAX)
        rounds = PAGE_TEST_ROUNDS_MAX;
    for (unsigned i = 0; i < rounds * sizeof(page_patterns); i++) {
        enum pattern pattern = (enum pattern)page_patterns[i % sizeof(page_patterns)];
        uint64_t before = faults->words;

        span_fill(&span, pattern, i / 2); /* a pattern and its complement share a seed */
        span_flush(&span);
        pause->wait(pause->context);
        span_verify(&span, pattern, i / 2, faults);
        if (faults->words > before)
            return REPEAT_FAILED;
    }
    return rounds ? REPEAT_HELD : REPEAT_NOT_TRIED;
}

enum memory_repeat page_test_with(void *page, uint64_t address, unsigned rounds,
                                  const struct page_pause *pause)
{
    struct memory_faults faults = {0};

    return page_test_collect(page, address, rounds, pause, &faults);
}

enum memory_repeat page_test(void *page, uint64_t address, unsigned rounds)
{
    return page_test_with(page, address, rounds, &page_spinning);
}
