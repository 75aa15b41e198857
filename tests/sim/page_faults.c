#include "tests/sim/page_faults.h"

static void set_bit(struct page_faults *faults, bool value)
{
    uint64_t bit = (uint64_t)1 << faults->bit;

    if (value)
        faults->memory.words[faults->word] |= bit;
    else
        faults->memory.words[faults->word] &= ~bit;
}

static void resist(struct page_faults *faults)
{
    bool now = faults->memory.words[faults->word] >> faults->bit & 1;
    bool slow_value = faults->kind == SLOW_RISE;

    if (now == slow_value && now != faults->held && !faults->asked) {
        faults->asked = true;
        set_bit(faults, faults->held);
        return;
    }
    faults->asked = false;
    faults->held = now;
}

static void settle(void *context)
{
    struct page_faults *faults = context;

    sim_memory_apply(&faults->memory);
    if (faults->kind == SLOW_RISE || faults->kind == SLOW_FALL)
        resist(faults);
}

static void wait(void *context)
{
    struct page_faults *faults = context;

    settle(context);
    if (faults->kind == FADE_TO_0 || faults->kind == FADE_TO_1)
        set_bit(faults, faults->kind == FADE_TO_1);
}

void page_faults_init(struct page_faults *faults, uint64_t *words, size_t count)
{
    *faults = (struct page_faults){.kind = SLOW_NONE, .pause = {faults, wait, settle}};
    sim_memory_init(&faults->memory, words, count);
}

void page_faults_slow(struct page_faults *faults, enum slow_fault_kind kind, size_t word,
                      unsigned bit)
{
    faults->kind = kind;
    faults->word = word;
    faults->bit = bit;
    faults->held = faults->memory.words[word] >> bit & 1;
}
