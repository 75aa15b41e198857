#include "stress/page_examine.h"

#include "base/bits.h"
#include "stress/kernel_cache.h"

enum {
    TRIES = 3,     /* of each change of a cell */
    PAIRS = 4,     /* of values, to see whether two addresses are one word */
    WAITS = 4,     /* pauses of page_pause.wait, while a cell must keep what it holds */
    FEW_BITS = 4,  /* more do not flip by themselves */
    LINES_MIN = 3, /* the lowest address bit that tells two words apart */
    LINES_MAX = 52,
};

#define ONES (~(uint64_t)0)

/* One word under examination. */
struct subject {
    const struct page_task *task;
    uint64_t *word;
    uint64_t address;
    uint64_t bits;         /* that were wrong */
    uint64_t low, high;    /* bits that were seen at 0, and at 1 */
    uint64_t rises, falls; /* bits that once did not take a 1, or a 0 */
    uint64_t other;
};

static void settle(const struct page_task *task)
{
    if (task->pause->settle)
        task->pause->settle(task->pause->context);
}

/* Writes past the caches. */
static void put(const struct page_task *task, uint64_t *word, uint64_t value)
{
    *(volatile uint64_t *)word = value;
    memory_fence();
    flush_line(word);
    memory_fence();
    settle(task);
}

static uint64_t get(const uint64_t *word)
{
    memory_fence();
    flush_line(word);
    memory_fence();
    return *(const volatile uint64_t *)word;
}

static void note(struct subject *subject, uint64_t seen)
{
    subject->low |= ~seen & subject->bits;
    subject->high |= seen & subject->bits;
}

/* Writes one value of a cell after the other, the rest of its word standing still. A second write
 * of the same value shows whether the cell can hold it at all. */
static void change_cell(struct subject *subject, uint64_t bit, uint64_t rest)
{
    /* The rest of the word changes here, and may take the cell with it: that is not looked at. */
    put(subject->task, subject->word, rest & ~bit);
    put(subject->task, subject->word, rest & ~bit);
    for (unsigned i = 0; i < TRIES; i++) {
        uint64_t seen;

        put(subject->task, subject->word, rest & ~bit);
        seen = get(subject->word);
        subject->falls |= seen & bit;
        note(subject, seen);
        put(subject->task, subject->word, rest & ~bit);
        note(subject, get(subject->word));
        put(subject->task, subject->word, rest | bit);
        seen = get(subject->word);
        subject->rises |= ~seen & bit;
        note(subject, seen);
        put(subject->task, subject->word, rest | bit);
        note(subject, get(subject->word));
    }
}

/* The cell alone: SHAPE_UNKNOWN when it takes both values each time. */
static enum memory_shape examine_cell(struct subject *subject, uint64_t bit)
{
    change_cell(subject, bit, 0);
    change_cell(subject, bit, ONES);
    if (!((subject->rises | subject->falls) & bit))
        return SHAPE_UNKNOWN;
    if (!(subject->high & bit))
        return SHAPE_STUCK_AT_0;
    if (!(subject->low & bit))
        return SHAPE_STUCK_AT_1;
    return SHAPE_TRANSITION;
}

static enum memory_shape examine_cells(struct subject *subject)
{
    uint64_t left = subject->bits;

    for (unsigned i = 0; left && i < EXAMINED_BITS; i++, left &= left - 1) {
        enum memory_shape shape = examine_cell(subject, left & (0 - left));

        if (shape != SHAPE_UNKNOWN)
            return shape;
    }
    return SHAPE_UNKNOWN;
}

/* The pointer to a physical address in the page or in memory that the task holds, or NULL. */
static uint64_t *held_word(const struct page_task *task, uint64_t address)
{
    if (address - task->address < PAGE_TEST_SIZE)
        return task->page + (address - task->address) / 8;
    for (size_t i = 0; i < task->held_count && i < HELD_SPANS_MAX; i++) {
        const struct span *span = &task->held[i];

        if (address >= span->address && (address - span->address) / 8 < span->count)
            return span->words + (address - span->address) / 8;
    }
    return NULL;
}

/* Whether a write to either address shows at the other, with any value. */
static bool is_one_word(const struct subject *subject, uint64_t *other)
{
    for (uint64_t i = 0; i < PAIRS; i++) {
        uint64_t here = mix64(subject->address + i), there = mix64(~here);

        put(subject->task, subject->word, here);
        put(subject->task, other, there);
        if (get(subject->word) != there)
            return false;
        put(subject->task, subject->word, here);
        if (get(other) != here)
            return false;
    }
    return true;
}

static bool try_other(struct subject *subject, uint64_t address)
{
    uint64_t *other = held_word(subject->task, address);
    uint64_t before;
    bool same;

    if (!other || other == subject->word)
        return false;
    before = get(other);
    same = is_one_word(subject, other);
    put(subject->task, other, before);
    if (same)
        subject->other = address;
    return same;
}

/* In the address test a word holds its own address or the complement of it: what was read may be
 * the address of another one. 0 when it cannot. */
static uint64_t alias_of(const struct memory_fault *fault)
{
    uint64_t alias = fault->expected == fault->address ? fault->actual : ~fault->actual;

    if (fault->expected != fault->address && fault->expected != ~fault->address)
        return 0;
    return alias % 8 == 0 && alias >> LINES_MAX == 0 && alias != fault->address ? alias : 0;
}

/* The addresses that the address test named for this word, and those one address line away. */
static bool find_other(struct subject *subject)
{
    const struct page_task *task = subject->task;

    for (size_t i = 0; i < task->fault_count; i++) {
        uint64_t alias = alias_of(&task->faults[i]);

        if (task->faults[i].address == subject->address && alias && try_other(subject, alias))
            return true;
    }
    for (unsigned line = LINES_MIN; line < LINES_MAX; line++) {
        if (try_other(subject, subject->address ^ (uint64_t)1 << line))
            return true;
    }
    return false;
}

/* The word of the page whose write shows here, by values that are all different. */
static bool find_other_in_page(struct subject *subject)
{
    const struct page_task *task = subject->task;
    uint64_t seen;

    put(task, subject->word, ONES);
    for (unsigned i = 0; i < BLOCK_WORDS; i++) {
        if (task->page + i != subject->word)
            put(task, task->page + i, mix64(i));
    }
    seen = get(subject->word);
    for (unsigned i = 0; i < BLOCK_WORDS; i++) {
        if (seen == mix64(i))
            return try_other(subject, task->address + i * 8);
    }
    return false;
}

/* Writes a value to every word of the page but the one under examination. */
static void fill_rest(const struct subject *subject, uint64_t value)
{
    uint64_t *page = subject->task->page;

    for (unsigned i = 0; i < BLOCK_WORDS; i++) {
        if (page + i != subject->word)
            *(volatile uint64_t *)&page[i] = value;
    }
    span_flush(&(struct span){.words = page, .count = BLOCK_WORDS});
    settle(subject->task);
}

/* All bits of the word at once, then the rest of the page: each of its cells rises and falls while
 * this word must keep its value. */
static bool is_coupled_in_page(const struct subject *subject)
{
    for (unsigned i = 0; i < 2 * TRIES; i++) {
        uint64_t value = i % 2 ? ONES : 0;

        put(subject->task, subject->word, ~value);
        put(subject->task, subject->word, value);
        if (get(subject->word) != value)
            return true;
        fill_rest(subject, 0);
        put(subject->task, subject->word, value);
        for (unsigned change = 0; change < 2; change++) {
            fill_rest(subject, change ? 0 : ONES);
            if (get(subject->word) != value)
                return true;
        }
    }
    return false;
}

/* Alone, and with its page filled with the same or the opposite: it must keep its value. */
static bool fades(const struct subject *subject)
{
    const struct page_pause *pause = subject->task->pause;

    for (unsigned i = 0; i < 4; i++) {
        uint64_t value = i % 2 ? ONES : 0;

        fill_rest(subject, i / 2 ? ~value : value);
        put(subject->task, subject->word, value);
        if (get(subject->word) != value)
            return false;
        for (unsigned j = 0; j < WAITS; j++)
            pause->wait(pause->context);
        if (get(subject->word) != value)
            return true;
    }
    return false;
}

/* Inverts what the task holds, but for the page under examination. */
static void invert_held(const struct page_task *task)
{
    for (size_t i = 0; i < task->held_count && i < HELD_SPANS_MAX; i++) {
        const struct span *span = &task->held[i];

        for (size_t word = 0; word < span->count; word++) {
            if (span->address + word * 8 - task->address >= PAGE_TEST_SIZE)
                span->words[word] = ~span->words[word];
        }
        span_flush(span);
    }
    settle(task);
}

/* Bits of the word that change when the rest of the held memory does. It is inverted twice for
 * each value, so every cell rises and falls, and all is as before. */
static uint64_t changed_by_held(const struct subject *subject)
{
    uint64_t changed = 0;

    for (unsigned i = 0; i < 4; i++) {
        uint64_t value = i / 2 ? ONES : 0;

        put(subject->task, subject->word, value);
        invert_held(subject->task);
        changed |= get(subject->word) ^ value;
    }
    return changed;
}

/* Two words of the page that held the addresses of words as far away from them: one address line
 * for both. */
static bool words_hold_addresses(const struct page_task *task)
{
    const struct memory_fault *faults = task->faults;

    for (size_t i = 0; i < task->fault_count; i++) {
        uint64_t line = alias_of(&faults[i]) ^ faults[i].address;

        for (size_t j = 0; alias_of(&faults[i]) && j < i; j++) {
            if (faults[j].address != faults[i].address && alias_of(&faults[j]) &&
                (alias_of(&faults[j]) ^ faults[j].address) == line)
                return true;
        }
    }
    return false;
}

/* What can be seen within the page. One that failed again is also given time to fade. */
static enum memory_shape examine_alone(struct subject *subject, bool failed)
{
    enum memory_shape shape = examine_cells(subject);

    if (shape != SHAPE_UNKNOWN)
        return shape;
    if (find_other(subject) || find_other_in_page(subject))
        return SHAPE_DECODER;
    if (is_coupled_in_page(subject))
        return SHAPE_COUPLING;
    return failed && fades(subject) ? SHAPE_FADING : SHAPE_UNKNOWN;
}

/* Many bits that change with other memory are no cell of this word, they are another word. */
static enum memory_shape examine_with_held(struct subject *subject)
{
    uint64_t changed = subject->task->held_count ? changed_by_held(subject) : 0;

    if (!changed)
        return SHAPE_UNKNOWN;
    return count_bits(changed) > FEW_BITS ? SHAPE_DECODER : SHAPE_COUPLING;
}

/* What was seen wrong at one place, by the test and by the retest of the page. */
static void add_fault(struct subject *subjects, size_t *count, const struct page_task *task,
                      const struct memory_fault *fault)
{
    uint64_t bits = fault->expected ^ fault->actual;
    size_t i = 0;

    if (fault->address - task->address >= PAGE_TEST_SIZE)
        return;
    while (i < *count && subjects[i].address != fault->address)
        i++;
    if (i == EXAMINED_WORDS)
        return;
    if (i == *count)
        subjects[(*count)++] = (struct subject){
            .task = task, .word = held_word(task, fault->address), .address = fault->address};
    subjects[i].bits |= bits;
    subjects[i].high |= fault->actual & bits;
    subjects[i].low |= ~fault->actual & bits;
}

/* The page as page_test() would test it, with what it finds. */
static enum memory_repeat test_again(const struct page_task *task, struct memory_fault *found,
                                     size_t limit, size_t *ret_count)
{
    struct memory_faults faults = {.faults = found, .limit = limit};
    enum memory_repeat repeat =
        page_test_collect(task->page, task->address, task->rounds, task->pause, &faults);

    *ret_count = faults.count;
    return repeat;
}

static struct page_result conclude(const struct page_task *task, enum memory_repeat repeat,
                                   const struct subject *subjects, size_t count)
{
    struct page_result result = {.repeat = repeat};
    bool few = count > 0;

    for (size_t i = 0; i < count; i++)
        few = few && count_bits(subjects[i].bits) <= FEW_BITS;
    if (repeat == REPEAT_HELD && words_hold_addresses(task))
        result.shape = SHAPE_DECODER;
    else if (repeat == REPEAT_HELD && few)
        result.shape = SHAPE_TRANSIENT;
    return result;
}

static struct page_result examine(const struct page_task *task)
{
    struct subject subjects[EXAMINED_WORDS];
    struct memory_fault found[BLOCK_FAULTS];
    size_t count = 0, found_count = 0;
    enum memory_repeat repeat = test_again(task, found, BLOCK_FAULTS, &found_count);

    for (size_t i = 0; i < task->fault_count; i++)
        add_fault(subjects, &count, task, &task->faults[i]);
    for (size_t i = 0; i < found_count; i++)
        add_fault(subjects, &count, task, &found[i]);
    for (size_t i = 0; repeat != REPEAT_NOT_TRIED && i < count; i++) {
        enum memory_shape shape = examine_alone(&subjects[i], repeat == REPEAT_FAILED && i == 0);

        if (shape == SHAPE_DECODER && repeat == REPEAT_HELD)
            return (struct page_result){repeat, shape, subjects[i].other};
        if (shape != SHAPE_UNKNOWN)
            return (struct page_result){REPEAT_FAILED, shape, subjects[i].other};
    }
    if (repeat == REPEAT_HELD && count) {
        enum memory_shape shape = examine_with_held(&subjects[0]);

        if (shape != SHAPE_UNKNOWN)
            return (struct page_result){repeat, shape, 0};
    }
    return conclude(task, repeat, subjects, count);
}

struct page_result page_examine(const struct page_task *task)
{
    struct page_task own = *task;

    if (!own.pause)
        own.pause = &page_spinning;
    return examine(&own);
}
