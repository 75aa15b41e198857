#include "stress/last_look.h"

enum { ROUNDS = 2 };

static void examine(const struct last_look *look, const struct chunk *chunk, uint64_t address)
{
    struct event event = {.type = EVENT_MEMORY_RETEST, .memory_retest.address = address};
    struct page_result result;

    /* Without the wrong words of then: what was seen now counts. */
    result = page_examine(&(struct page_task){
        .page = (uint64_t *)chunk->data + (address - chunk->address) / sizeof(uint64_t),
        .address = address,
        .rounds = ROUNDS,
        .pause = look->pause,
    });
    event.memory_retest.repeat = (uint8_t)result.repeat;
    event.memory_retest.shape = (uint8_t)result.shape;
    emit(look->sink, &event);
}

/* In a report before that one. */
static bool was_looked_at(const struct last_look *look, size_t report, uint64_t address)
{
    for (size_t i = 0; i < report; i++) {
        if (memory_report_known(&look->reports[i], address).repeat == REPEAT_FAILED)
            return true;
    }
    return false;
}

bool last_look(const struct last_look *look, size_t report, size_t index)
{
    const struct reported_page *page = &look->reports[report].pages[index];
    const struct chunk *chunk;

    if (index >= look->reports[report].page_count)
        return false;
    chunk = pool_find(look->pool, page->address);
    if (chunk && chunk->state != CHUNK_TAKEN && page->result.repeat == REPEAT_FAILED &&
        !was_looked_at(look, report, page->address))
        examine(look, chunk, page->address);
    return true;
}
