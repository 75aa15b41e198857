#include "tests/sim/memory.h"

#include <assert.h>

const char *const sim_memory_fault_names[SIM_MEMORY_FAULTS] = {
    "stuck-at-0", "stuck-at-1", "no-rise", "no-fall", "coupling", "alias", "flip",
};

void sim_memory_init(struct sim_memory *memory, uint64_t *words, size_t count)
{
    *memory = (struct sim_memory){.words = words, .count = count};
}

static void remember(struct sim_memory *memory, struct sim_memory_fault *fault)
{
    fault->held = memory->words[fault->word];
    fault->other_held = memory->words[fault->other];
}

void sim_memory_add(struct sim_memory *memory, const struct sim_memory_fault *fault)
{
    assert(memory->fault_count < SIM_MEMORY_FAULTS_MAX);
    assert(fault->word < memory->count && fault->other < memory->count);
    memory->faults[memory->fault_count] = *fault;
    remember(memory, &memory->faults[memory->fault_count]);
    memory->fault_count++;
}

static void apply(struct sim_memory *memory, struct sim_memory_fault *fault)
{
    uint64_t *word = &memory->words[fault->word], *other = &memory->words[fault->other];
    uint64_t bit = (uint64_t)1 << fault->bit;

    switch (fault->kind) {
    case SIM_STUCK_AT_0:
        *word &= ~bit;
        break;
    case SIM_STUCK_AT_1:
        *word |= bit;
        break;
    case SIM_NO_RISE:
        *word &= fault->held | ~bit;
        break;
    case SIM_NO_FALL:
        *word |= fault->held & bit;
        break;
    case SIM_COUPLING:
        if ((*other ^ fault->other_held) >> fault->other_bit & 1)
            *word ^= bit;
        break;
    case SIM_ALIAS:
        /* Both written: the higher index was written last, as kernels mostly go upwards. */
        if (*other != fault->other_held && (*word == fault->held || fault->other > fault->word))
            *word = *other;
        else
            *other = *word;
        break;
    case SIM_FLIP:
        if (fault->delay > 0 && --fault->delay == 0)
            *word ^= bit;
        break;
    case SIM_MEMORY_FAULTS:
        break;
    }
    remember(memory, fault);
}

void sim_memory_apply(struct sim_memory *memory)
{
    for (size_t i = 0; i < memory->fault_count; i++)
        apply(memory, &memory->faults[i]);
}
