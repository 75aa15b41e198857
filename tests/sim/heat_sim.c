#include "tests/sim/heat_sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "diagnosis/verdicts.h"
#include "tests/sim/heat_run.h"

/* A third is healthy: 10,000 with a fault and 5,000 without. */
enum { PROCESSES = 2, MACHINES = 15000, FIRST_SEED = 0, MACHINES_MAX = 10000000 };

struct heat_sums {
    unsigned matrix[HEAT_FAULTS + 1][VERDICTS + 1];
    unsigned faulty, right, healthy, accused, weak;
};

static int run_all(struct heat_score *scores, unsigned long count, uint64_t first, uint64_t step)
{
    pid_t children[PROCESSES];
    int failed = 0, status;

    fflush(stdout);
    for (unsigned share = 0; share < PROCESSES; share++) {
        children[share] = fork();
        if (children[share] != 0)
            continue;
        for (unsigned long i = share; i < count; i += PROCESSES)
            heat_run(first + i * step, false, &scores[i]);
        _exit(0);
    }
    for (unsigned share = 0; share < PROCESSES; share++)
        failed |= children[share] < 0 || waitpid(children[share], &status, 0) < 0 || status != 0;
    return failed;
}

static void add(struct heat_sums *sums, const struct heat_score *score)
{
    sums->matrix[score->fault][score->first]++;
    if (score->fault == HEAT_HEALTHY) {
        sums->healthy++;
        sums->accused += score->findings > 0;
        return;
    }
    sums->faulty++;
    sums->right += score->right;
    sums->weak += score->right && score->certainty == POSSIBLE;
}

static bool is_used(const struct heat_sums *sums, unsigned verdict)
{
    for (unsigned fault = 0; fault <= HEAT_FAULTS; fault++) {
        if (sums->matrix[fault][verdict])
            return true;
    }
    return false;
}

static void print_matrix(const struct heat_sums *sums)
{
    printf("\n| |");
    for (unsigned verdict = 0; verdict <= VERDICTS; verdict++) {
        if (is_used(sums, verdict))
            printf(" %s |", verdict < VERDICTS ? verdicts[verdict].id : "nothing");
    }
    printf("\n|---|");
    for (unsigned verdict = 0; verdict <= VERDICTS; verdict++) {
        if (is_used(sums, verdict))
            printf("---:|");
    }
    for (unsigned fault = 0; fault <= HEAT_FAULTS; fault++) {
        printf("\n| %s |", heat_fault_names[fault]);
        for (unsigned verdict = 0; verdict <= VERDICTS; verdict++) {
            if (is_used(sums, verdict))
                printf(" %u |", sums->matrix[fault][verdict]);
        }
    }
    printf("\n\n");
}

static void print_sums(const struct heat_sums *sums)
{
    print_matrix(sums);
    printf("sim: heat: %u machines with a fault, %u right, %u of them possible; %u healthy, %u "
           "accused\n",
           sums->faulty, sums->right, sums->weak, sums->healthy, sums->accused);
    printf("SIM thermal-right %.4f\n", sums->faulty ? (double)sums->right / sums->faulty : 0);
    printf("SIM thermal-false %u\n", sums->accused);
}

static int run_many(unsigned long count, uint64_t first, uint64_t step)
{
    static struct heat_sums sums;
    struct heat_score *scores = mmap(NULL, count * sizeof(*scores), PROT_READ | PROT_WRITE,
                                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int failed;

    if (scores == MAP_FAILED) {
        fprintf(stderr, "sim: no memory for so many machines\n");
        return 1;
    }
    failed = run_all(scores, count, first, step);
    printf("sim: heat of %lu machines, seeds from %llu\n", count, (unsigned long long)first);
    for (unsigned long i = 0; i < count; i++) {
        if (!scores[i].done) {
            printf("sim: heat seed %llu did not come to its end\n",
                   (unsigned long long)(first + i * step));
            continue;
        }
        add(&sums, &scores[i]);
        if (!scores[i].right)
            printf("sim: heat seed %llu, %s, %s: said %s\n", (unsigned long long)scores[i].seed,
                   heat_kind_names[scores[i].kind], heat_fault_names[scores[i].fault],
                   scores[i].said);
    }
    print_sums(&sums);
    return failed;
}

int heat_sim(int argc, char **argv)
{
    unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : MACHINES;
    uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : FIRST_SEED;
    const char *half = argc > 3 ? argv[3] : argc > 2 ? "all" : "report";
    struct heat_score score = {.done = false};

    if (argc > 4 || count == 0 || count > MACHINES_MAX) {
        fprintf(stderr, "usage: sim thermal [machines [seed [tuning|report|all]]]\n");
        return 2;
    }
    if (count == 1) {
        heat_run(first, true, &score);
        return 0;
    }
    if (strcmp(half, "all") == 0)
        return run_many(count, first, 1);
    return run_many(count, first / 2 * 2 + (strcmp(half, "tuning") != 0), 2);
}
