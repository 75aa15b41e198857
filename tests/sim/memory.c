#include "tests/sim/memory.h"

#include <assert.h>
#include <string.h>

const char *const sim_memory_fault_names[SIM_MEMORY_FAULTS] = {
    "stuck-at-0",     "stuck-at-1",      "no-rise",         "no-fall",
    "coupling",       "inverts-at-rise", "inverts-at-fall", "sets-at-rise",
    "clears-at-rise", "sets-at-fall",    "clears-at-fall",  "alias",
    "flip",           "no-cell",         "fades-to-0",      "fades-to-1",
    "line",           "reads-other",     "writes-other",    "read-disturb",
    "traffic",        "device",
};

void sim_memory_init(struct sim_memory *memory, uint64_t *words, size_t count)
{
    *memory = (struct sim_memory){.words = words, .count = count};
}

static uint64_t now_us(const struct sim_memory *memory)
{
    return memory->clock ? clock_now_us(memory->clock) : 0;
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
    memory->faults[memory->fault_count].written_us = now_us(memory);
    remember(memory, &memory->faults[memory->fault_count]);
    memory->fault_count++;
}

/* What a change of the other cell does to the bit. */
static void couple(struct sim_memory *memory, const struct sim_memory_fault *fault)
{
    uint64_t *word = &memory->words[fault->word], bit = (uint64_t)1 << fault->bit;
    uint64_t other = memory->words[fault->other] >> fault->other_bit & 1;
    bool rises = other && !(fault->other_held >> fault->other_bit & 1);
    bool falls = !other && fault->other_held >> fault->other_bit & 1;

    if ((rises && (fault->kind == SIM_COUPLING || fault->kind == SIM_INVERT_RISE)) ||
        (falls && (fault->kind == SIM_COUPLING || fault->kind == SIM_INVERT_FALL)))
        *word ^= bit;
    if ((rises && fault->kind == SIM_SET_RISE) || (falls && fault->kind == SIM_SET_FALL))
        *word |= bit;
    if ((rises && fault->kind == SIM_CLEAR_RISE) || (falls && fault->kind == SIM_CLEAR_FALL))
        *word &= ~bit;
}

static void fade(struct sim_memory *memory, struct sim_memory_fault *fault)
{
    uint64_t *word = &memory->words[fault->word], bit = (uint64_t)1 << fault->bit;

    if (*word != fault->held)
        fault->written_us = now_us(memory);
    if (now_us(memory) - fault->written_us < fault->after_us)
        return;
    *word = fault->kind == SIM_FADE_TO_1 ? *word | bit : *word & ~bit;
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
    case SIM_NO_CELL:
        *word = fault->bit & 1 ? ~(uint64_t)0 : 0;
        break;
    case SIM_FADE_TO_0:
    case SIM_FADE_TO_1:
        fade(memory, fault);
        break;
    default:
        couple(memory, fault);
        break;
    }
    remember(memory, fault);
}

void sim_memory_apply(struct sim_memory *memory)
{
    for (size_t i = 0; i < memory->fault_count; i++)
        apply(memory, &memory->faults[i]);
}

void sim_memory_moved(struct sim_memory *memory, uint64_t bytes)
{
    uint64_t passed_us = now_us(memory) - memory->moved_us;

    if (passed_us > SIM_MEMORY_LATELY_US)
        passed_us = SIM_MEMORY_LATELY_US;
    memory->moved -= memory->moved * passed_us / SIM_MEMORY_LATELY_US;
    memory->moved += bytes;
    memory->moved_us = now_us(memory);
}

void sim_memory_device(struct sim_memory *memory, size_t word, size_t count)
{
    memory->device = true;
    memory->device_us = now_us(memory);
    for (size_t i = 0; i < memory->fault_count; i++) {
        const struct sim_memory_fault *fault = &memory->faults[i];

        if (fault->kind == SIM_DEVICE && fault->word >= word && fault->word - word < count)
            memory->words[fault->word] ^= (uint64_t)1 << fault->bit;
    }
    sim_memory_apply(memory);
}

static bool device_is_busy(const struct sim_memory *memory)
{
    return memory->device && now_us(memory) - memory->device_us < SIM_MEMORY_DEVICE_US;
}

static bool touches(const struct sim_memory_fault *fault, size_t row)
{
    return fault->word / ROW_WORDS == row || fault->other / ROW_WORDS == row;
}

/* How a word that is right in its cell is read all the same; and what reading does to the cell. */
static void read_word(struct sim_memory *memory, struct sim_memory_fault *fault, uint64_t *word)
{
    uint64_t bit = (uint64_t)1 << fault->bit;

    if (fault->kind == SIM_READS_OTHER)
        *word = memory->words[fault->other];
    if ((fault->kind == SIM_TRAFFIC && memory->moved > fault->delay) ||
        (fault->kind == SIM_DEVICE && device_is_busy(memory)))
        *word ^= bit;
    if (fault->kind == SIM_READ_DISTURB && ++fault->reads == fault->delay)
        memory->words[fault->word] ^= bit;
}

void sim_memory_read_row(struct sim_memory *memory, size_t row, uint64_t ret_words[ROW_WORDS])
{
    uint64_t *words = &memory->words[row * ROW_WORDS];

    for (size_t i = 0; i < memory->fault_count; i++)
        if (touches(&memory->faults[i], row))
            apply(memory, &memory->faults[i]);
    memcpy(ret_words, words, ROW_SIZE);
    for (size_t i = 0; i < memory->fault_count; i++)
        if (memory->faults[i].word / ROW_WORDS == row)
            read_word(memory, &memory->faults[i], &ret_words[memory->faults[i].word % ROW_WORDS]);
}

static void written(struct sim_memory *memory, struct sim_memory_fault *fault, size_t row)
{
    uint64_t *words = memory->words;

    if (fault->word / ROW_WORDS == row) {
        fault->written_us = now_us(memory);
        fault->reads = 0;
    }
    if (fault->kind == SIM_WRITES_OTHER && fault->other / ROW_WORDS == row)
        words[fault->word] = words[fault->other];
    if (fault->kind == SIM_LINE)
        memcpy(&words[(row * ROW_WORDS) ^ fault->other], &words[row * ROW_WORDS], ROW_SIZE);
    if (touches(fault, row))
        apply(memory, fault);
}

void sim_memory_write_row(struct sim_memory *memory, size_t row, const uint64_t words[ROW_WORDS])
{
    memcpy(&memory->words[row * ROW_WORDS], words, ROW_SIZE);
    for (size_t i = 0; i < memory->fault_count; i++)
        written(memory, &memory->faults[i], row);
}

bool sim_memory_watches(const struct sim_memory *memory, size_t block)
{
    for (size_t i = 0; i < memory->fault_count; i++) {
        const struct sim_memory_fault *fault = &memory->faults[i];

        if (fault->kind == SIM_LINE || fault->word / BLOCK_WORDS == block ||
            fault->other / BLOCK_WORDS == block)
            return true;
    }
    return false;
}
