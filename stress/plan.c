#include "stress/plan.h"

#include "base/error.h"
#include "base/text.h"
#include "stress/tests.h"

const char *const phase_names[PHASES] = {"inventory", "baseline", "memory",   "disks",
                                         "writing",   "imaging",  "cool-down"};

enum {
    INVENTORY = 1 << PHASE_INVENTORY,
    BASELINE = 1 << PHASE_BASELINE,
    MEMORY = 1 << PHASE_MEMORY,
    DISKS = 1 << PHASE_DISKS,
    WRITING = 1 << PHASE_WRITING,
    IMAGING = 1 << PHASE_IMAGING,
    COOL_DOWN = 1 << PHASE_COOL_DOWN,
    WHOLE = INVENTORY | BASELINE | MEMORY | DISKS | WRITING | IMAGING | COOL_DOWN,
};

const struct run_plan run_plans[RUN_PLANS] = {
    {.name = "quick",
     .description = "everything, five minutes of imaging",
     .memory_tests = MEMORY_TESTS_FAST,
     .imaging_s = 300,
     .phases = WHOLE},
    {.name = "imaging",
     .description = "everything, half an hour of imaging",
     .memory_tests = MEMORY_TESTS_FAST,
     .imaging_s = 1800,
     .phases = WHOLE},
    {.name = "overnight",
     .description = "everything, eight hours of imaging",
     .memory_tests = MEMORY_TESTS_ALL,
     .imaging_s = 28800,
     .phases = WHOLE},
    {.name = "memory",
     .description = "one pass of all memory tests",
     .memory_tests = MEMORY_TESTS_ALL,
     .phases = INVENTORY | MEMORY},
    {.name = "disk",
     .description = "one pass over each disk, one after the other",
     .phases = INVENTORY | DISKS | WRITING},
    {.name = "sensors",
     .description = "temperatures and fans of the idle machine",
     .idle_s = 10,
     .phases = INVENTORY | BASELINE | COOL_DOWN},
};

const struct run_plan *plan_find(const char *name)
{
    for (size_t i = 0; i < RUN_PLANS; i++)
        if (text_equal(run_plans[i].name, name))
            return &run_plans[i];
    return NULL;
}

static uint32_t clamp(uint32_t value, uint32_t low, uint32_t high)
{
    return value < low ? low : value > high ? high : value;
}

static uint32_t phase_seconds(const struct run_plan *plan, enum phase phase, uint32_t imaging_s)
{
    switch (phase) {
    case PHASE_BASELINE:
        return plan->imaging_s ? clamp(imaging_s / 20, 2, 15) : plan->idle_s;
    case PHASE_DISKS:
        return plan->imaging_s ? clamp(imaging_s / 10, 2, 60) : 0;
    case PHASE_WRITING:
        return plan->imaging_s ? clamp(imaging_s / 2, 2, UINT32_MAX) : 0;
    case PHASE_IMAGING:
        return imaging_s;
    case PHASE_COOL_DOWN:
        return plan->imaging_s ? clamp(imaging_s / 10, 2, 60) : plan->idle_s;
    default:
        return 0;
    }
}

int plan_phases(const char *name, uint32_t imaging_s, struct planned_phase ret_phases[PHASES],
                size_t *ret_count)
{
    const struct run_plan *plan = plan_find(name);
    size_t count = 0;

    if (!plan)
        return ERR_ABSENT;
    if (imaging_s == 0)
        imaging_s = plan->imaging_s;
    for (unsigned i = 0; i < PHASES; i++)
        if (plan->phases >> i & 1)
            ret_phases[count++] = (struct planned_phase){
                .phase = (enum phase)i, .seconds = phase_seconds(plan, (enum phase)i, imaging_s)};
    *ret_count = count;
    return OK;
}

uint32_t plan_memory_tests(const char *name, uint32_t tests, bool named)
{
    const struct run_plan *plan = plan_find(name);

    return named ? tests : plan ? plan->memory_tests : 0;
}

static uint64_t memory_seconds(const struct plan_machine *machine)
{
    uint64_t kib = machine->memory_bytes / 1024, rate = machine->fill_rate / 1024;

    if (!rate)
        return machine->memory_wait_s;
    return (kib * machine->memory_moves + rate - 1) / rate + machine->memory_wait_s;
}

uint64_t phase_estimate_s(const struct planned_phase *phase, const struct plan_machine *machine)
{
    if (phase->phase == PHASE_DISKS)
        return (uint64_t)machine->disks * (phase->seconds ? phase->seconds : machine->disk_pass_s);
    if (phase->phase == PHASE_WRITING)
        return !machine->writes ? 0 : phase->seconds ? phase->seconds : machine->disk_pass_s;
    if (phase->phase == PHASE_MEMORY)
        return memory_seconds(machine);
    return phase->seconds;
}

uint64_t plan_estimate_s(const struct planned_phase *phases, size_t count,
                         const struct plan_machine *machine)
{
    uint64_t seconds = 0;

    for (size_t i = 0; i < count; i++)
        seconds += phase_estimate_s(&phases[i], machine);
    return seconds;
}
