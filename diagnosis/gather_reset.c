#include "base/calendar.h"
#include "diagnosis/gather.h"

void gather_prior_run(struct evidence *evidence, const struct event_prior_run *run)
{
    bool ended = run->answer == ANSWER_SWITCHED_OFF;
    struct event_prior_run *kept = ended ? &evidence->ended_run : &evidence->prior_run;
    uint32_t *count = ended ? &evidence->ended_runs : &evidence->prior_runs;

    if (!*count || run->number > kept->number)
        *kept = *run;
    ++*count;
}

uint64_t evidence_run_began_s(const struct evidence *evidence)
{
    const struct event_run_start *run = &evidence->run;

    return calendar_seconds(run->year, run->month, run->day, run->hour, run->minute, run->second);
}
