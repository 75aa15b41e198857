/*
 * The plans: which phases a run has, in which order, and how long.
 *
 * Menu, triage and memtest86+ are choices of the option `plan` too, but no runs, and not here.
 */
#ifndef ASSAY_STRESS_PLAN_H
#define ASSAY_STRESS_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum phase {
    PHASE_INVENTORY,
    PHASE_BASELINE,
    PHASE_MEMORY,
    PHASE_DISKS,
    PHASE_WRITING, /* only where a disk was named for it */
    PHASE_IMAGING,
    PHASE_COOL_DOWN,
    PHASES,
};

/* As the phases are called in events: "inventory", "baseline", "memory", … */
extern const char *const phase_names[PHASES];

struct planned_phase {
    enum phase phase;
    uint32_t seconds; /* 0: until its pass is done. Of the disks: for each disk alone. */
};

enum { RUN_PLANS = 6 };

struct run_plan {
    const char *name;
    const char *description;
    uint32_t imaging_s;    /* length of the imaging phase unless the user says another; 0: none */
    uint32_t idle_s;       /* baseline and cool-down of a plan without imaging */
    uint8_t phases;        /* bit for each enum phase; they come in the order of the enum */
    uint32_t memory_tests; /* mask of stress/tests.h: what "all" of the option `tests` means */
};

extern const struct run_plan run_plans[RUN_PLANS];

/* The plan with this name, or NULL. */
const struct run_plan *plan_find(const char *name);

/*
 * Lists the phases of a plan in their order, PHASES at most. `imaging_s` 0 means the plan's own
 * length; a plan without an imaging phase ignores it. Baseline is a twentieth of imaging, 2 to
 * 15 s; each disk alone and cool-down are a tenth, 2 to 60 s; writing is half. ERR_ABSENT for an
 * unknown plan.
 */
int plan_phases(const char *plan, uint32_t imaging_s, struct planned_phase ret_phases[PHASES],
                size_t *ret_count);

/* What an estimate is made from. */
struct plan_machine {
    uint64_t memory_bytes;  /* under test */
    uint64_t fill_rate;     /* bytes per second that all workers fill together; 0: not measured */
    unsigned memory_moves;  /* memory_tests_moves() of the chosen tests */
    unsigned memory_wait_s; /* memory_tests_wait_s() of them */
    unsigned disks;
    bool writes;          /* some of them are to be written */
    uint32_t disk_pass_s; /* one pass over one disk, where a plan has no time for it */
};

/* The memory tests of a run: those named, whatever the plan, else the plan's own; 0 for an unknown
 * plan. */
uint32_t plan_memory_tests(const char *plan, uint32_t tests, bool named);

/* Seconds that one phase will take, rounded up; 0 for what cannot be said. */
uint64_t phase_estimate_s(const struct planned_phase *phase, const struct plan_machine *machine);
/* The sum over a whole plan. */
uint64_t plan_estimate_s(const struct planned_phase *phases, size_t count,
                         const struct plan_machine *machine);

#endif
