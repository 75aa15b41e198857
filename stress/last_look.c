#include "stress/last_look.h"

enum { ROUNDS = 2 };

static bool is_all_home(const struct memory_jobs *jobs)
{
    for (size_t i = 0; i < jobs->limit; i++)
        if (jobs->jobs[i].state != MEMORY_JOB_IDLE)
            return false;
    return true;
}

static void examine(const struct memory_jobs *jobs, const struct chunk *chunk, uint64_t address,
                    const struct page_pause *pause)
{
    struct event event = {.type = EVENT_MEMORY_RETEST, .memory_retest.address = address};
    struct page_result result;

    /* Without the wrong words of then: what was seen now counts. */
    result = page_examine(&(struct page_task){
        .page = (uint64_t *)chunk->data + (address - chunk->address) / sizeof(uint64_t),
        .address = address,
        .rounds = ROUNDS,
        .pause = pause,
    });
    event.memory_retest.repeat = (uint8_t)result.repeat;
    event.memory_retest.shape = (uint8_t)result.shape;
    emit(jobs->means.sink, &event);
}

bool last_look(const struct memory_jobs *jobs, size_t index, const struct memory_report *earlier,
               const struct page_pause *pause)
{
    const struct memory_report *report = &jobs->report;
    uint64_t address;
    const struct chunk *chunk;

    if (index >= report->page_count || !is_all_home(jobs))
        return false;
    address = report->pages[index].address;
    chunk = pool_find(jobs->means.pool, address);
    if (chunk && report->pages[index].result.repeat == REPEAT_FAILED &&
        (!earlier || memory_report_known(earlier, address).repeat != REPEAT_FAILED))
        examine(jobs, chunk, address, pause);
    return true;
}
