/*
 * How often the diagnosis is right, over many simulated machines: `sim [machines] [seed]`.
 *
 * A fault counts as named when its verdict stands at its part, and nothing wrong stands beside it
 * with a certainty as high, if that is likely, or higher. A machine with two faults counts when
 * both are named and no third is likely. A fault that by chance had no symptom in the run counts as
 * missed all the same. The first misses print their seed; `sim 1 SEED` runs it again.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/prng.h"
#include "base/text.h"
#include "diagnosis/judge.h"
#include "tests/sim/machine_sim.h"

enum { MISSES_SHOWN = 10 };

static struct evidence evidence;
static struct event_finding findings[FINDINGS_LIMIT];
static unsigned finding_count;

struct score {
    unsigned tried, right;
};

static void take(void *context, const struct event *event)
{
    (void)context;
    evidence_add(&evidence, event);
    if (event->type == EVENT_PHASE_END)
        finding_count = judge(&evidence, findings, FINDINGS_LIMIT);
}

static bool is_of(const struct event_finding *finding, const struct machine *machine,
                  unsigned fault)
{
    return machine->faults[fault] && text_equal(finding->id, fault_verdicts[fault]) &&
           finding->part == machine_guilty(machine, (enum fault)fault);
}

static bool is_true(const struct event_finding *finding, const struct machine *machine)
{
    for (unsigned i = 0; i < FAULTS; i++) {
        if (is_of(finding, machine, i))
            return true;
    }
    return false;
}

/* The certainty with which a fault is named; -1 when it is not. */
static int named(const struct machine *machine, unsigned fault)
{
    for (unsigned i = 0; i < finding_count; i++) {
        if (is_of(&findings[i], machine, fault))
            return findings[i].certainty;
    }
    return -1;
}

static bool is_right(const struct machine *machine)
{
    int worst = CERTAIN;

    for (unsigned i = 0; i < FAULTS; i++) {
        int certainty = named(machine, i);

        if (machine->faults[i] && certainty < worst)
            worst = certainty;
    }
    for (unsigned i = 0; i < finding_count; i++) {
        if (!is_true(&findings[i], machine) &&
            (findings[i].certainty >= LIKELY || findings[i].certainty > worst))
            return false;
    }
    return worst >= 0;
}

static void show(const struct machine *machine, uint64_t seed)
{
    static unsigned shown;

    if (shown++ >= MISSES_SHOWN)
        return;
    printf("sim: missed, run again with `sim 1 %llx`:", (unsigned long long)seed);
    for (unsigned i = 0; i < FAULTS; i++) {
        if (machine->faults[i])
            printf(" fault %u (%s)", i, fault_verdicts[i]);
    }
    for (unsigned i = 0; i < finding_count; i++)
        printf("; said %s %s %s", findings[i].id, certainty_names[findings[i].certainty],
               findings[i].component);
    printf("\n");
}

static unsigned run_machine(struct machine *machine, uint64_t seed)
{
    unsigned faults = 0;

    *machine = (struct machine){.random = seed, .emit = take};
    switch (prng_below(&machine->random, 5)) {
    case 0:
    case 1:
        break;
    case 2:
    case 3:
        machine->faults[prng_below(&machine->random, FAULTS)] = true;
        break;
    default:
        machine->faults[prng_below(&machine->random, FAULTS)] = true;
        machine->faults[prng_below(&machine->random, FAULTS)] = true;
    }
    for (unsigned i = 0; i < FAULTS; i++)
        faults += machine->faults[i];
    evidence_init(&evidence);
    machine_run(machine);
    finding_count = judge(&evidence, findings, FINDINGS_LIMIT);
    return faults;
}

static void print_score(const char *name, const struct score *score)
{
    unsigned thousandths = score->tried ? score->right * 1000u / score->tried : 0;

    printf("SIM %s %u.%03u\n", name, thousandths / 1000, thousandths % 1000);
}

int main(int argc, char **argv)
{
    unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 2000;
    uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 16) : 1;
    struct score scores[3] = {{0, 0}, {0, 0}, {0, 0}};
    unsigned false_fail = 0, false_suspect = 0;
    char reason[TEXT_SIZE];
    struct machine machine;

    printf("sim: %lu machines, first seed %llx\n", count, (unsigned long long)first);
    for (unsigned long i = 0; i < count; i++) {
        unsigned faults = run_machine(&machine, first + i);
        enum overall overall = judge_overall(&evidence, findings, finding_count, reason);
        bool right = faults ? is_right(&machine) : overall == OVERALL_PASS;

        scores[faults].tried++;
        scores[faults].right += right;
        false_fail += !faults && overall == OVERALL_FAIL;
        false_suspect += !faults && overall == OVERALL_SUSPECT;
        if (!right)
            show(&machine, first + i);
    }
    printf("sim: %u healthy machines, %u with one fault, %u with two\n", scores[0].tried,
           scores[1].tried, scores[2].tried);
    print_score("diagnosis-single", &scores[1]);
    print_score("diagnosis-double", &scores[2]);
    printf("SIM healthy-false-fail %u\n", false_fail);
    printf("SIM healthy-false-suspect %u\n", false_suspect);
    return 0;
}
