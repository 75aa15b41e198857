#include "stress/kernel_search.h"

#include "stress/kernel_cache.h"

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
    regions_add_word(&faults->regions, JOB_REGIONS, fault->address,
                     ~fault->expected & fault->actual, fault->expected & ~fault->actual,
                     *collected == 0);
    faults->words++;
    if (*collected == 0)
        faults->pages++;
    if (*collected < BLOCK_FAULTS && faults->count < faults->limit)
        faults->faults[faults->count++] = *fault;
    (*collected)++;
}

void search_word(const uint64_t *word, uint64_t address, uint64_t expected, uint64_t actual,
                 struct memory_faults *faults, unsigned *collected)
{
    struct memory_fault fault = {.address = address, .expected = expected, .actual = actual};

    if (actual == expected)
        return;
    fault.reread = read_past_caches(word);
    add_fault(faults, &fault, collected);
}

void search_vanished(const uint64_t *words, uint64_t address, uint64_t expected,
                     uint64_t difference, struct memory_faults *faults)
{
    unsigned collected = 0;
    struct memory_fault fault = {address, expected, expected ^ difference, read_past_caches(words)};

    add_fault(faults, &fault, &collected);
}

void search_block(const uint64_t *words, uint64_t address, enum pattern pattern, uint64_t seed,
                  uint64_t difference, struct memory_faults *faults)
{
    enum pattern_kind kind = pattern_kind(pattern);
    uint64_t mask = pattern_mask(pattern);
    unsigned collected = 0;
    struct row row;

    row_first(&row, kind, pattern_fixed_word(pattern, seed), seed, address);
    for (unsigned i = 0; i < BLOCK_WORDS; i++) {
        search_word(&words[i], address + i * 8, row_word(&row, i % ROW_WORDS) ^ mask,
                    *(const volatile uint64_t *)&words[i], faults, &collected);
        if (i % ROW_WORDS == ROW_WORDS - 1)
            row_next(&row, kind);
    }
    if (collected == 0)
        search_vanished(words, address, pattern_word(pattern, seed, address), difference, faults);
}

void search_row(const uint64_t *words, uint64_t address, const uint64_t *expected,
                const uint64_t *actual, struct memory_faults *faults, unsigned *collected)
{
    for (unsigned i = 0; i < ROW_WORDS; i++)
        search_word(&words[i], address + i * 8, expected[i], actual[i], faults, collected);
}
