/*
 * How often the diagnosis is right, over many field machines (field.h, docs/accuracy.md):
 *
 *     sim [machines [seed [tuning|report|all]]]
 *     sim thermal [machines [seed [tuning|report|all]]]    heat alone (heat_sim.h)
 *
 * A third of the machines is healthy, a third has one fault, a third has two. Even seeds are for
 * tuning and odd ones for the report. Every miss is printed with its seed: `sim 1 SEED` runs it
 * again and leaves its journal in build/sim.journal. Two processes share the machines; what is
 * printed does not depend on that. An interrupt (Ctrl-C) ends it early, with what there is by then.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stress/kernel.h"
#include "tests/sim/field_score.h"
#include "tests/sim/heat_sim.h"

enum { PROCESSES = 2, MACHINES = 1500, FIRST_SEED = 420, MACHINES_MAX = 1000000 };

enum half { HALF_TUNING, HALF_REPORT, HALF_ALL, HALVES };

static const char *const half_names[HALVES] = {"tuning", "report", "all"};

struct tally {
    unsigned tried, right, first_right;
};

struct sums {
    struct tally by_count[FIELD_FAULTS_MAX + 1];
    struct tally doubles[FIELD_FAULTS];              /* pairs with this fault */
    unsigned matrix[FIELD_FAULTS + 1][VERDICTS + 1]; /* the last row: healthy ones */
    unsigned overall[OVERALLS + 1];                  /* of healthy ones */
};

/* ---- running */

static volatile sig_atomic_t stopped;

static void stop(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

static uint64_t seed_of(uint64_t first, enum half half, unsigned long index)
{
    if (half == HALF_ALL)
        return first + index;
    return (first / 2 + index) * 2 + (half == HALF_REPORT);
}

/* For a closer look; build/host/assay-report makes reports of it. */
static void keep_journal(const struct field_machine *field)
{
    FILE *file = fopen("build/sim.journal", "wb");

    if (!file)
        return;
    fwrite(field->recorder.journal.data, 1, field->recorder.journal.length, file);
    fclose(file);
}

static void run_machine(uint64_t seed, bool keep, struct field_score *ret)
{
    static struct field_machine field;

    field_deal(&field, seed, (unsigned)(seed / 2 % 3));
    field_run(&field);
    field_score(&field, ret);
    if (keep)
        keep_journal(&field);
}

static int run_all(struct field_score *scores, unsigned long count, uint64_t first, enum half half)
{
    pid_t children[PROCESSES];
    int failed = 0, status;

    for (unsigned share = 0; share < PROCESSES; share++) {
        children[share] = fork();
        if (children[share] != 0)
            continue;
        for (unsigned long i = share; i < count && !stopped; i += PROCESSES)
            run_machine(seed_of(first, half, i), count == 1, &scores[i]);
        _exit(0);
    }
    for (unsigned share = 0; share < PROCESSES; share++)
        failed |= children[share] < 0 || waitpid(children[share], &status, 0) < 0 || status != 0;
    return failed;
}

/* ---- what came of it */

static void add_tally(struct tally *tally, const struct field_score *score)
{
    tally->tried++;
    tally->right += score->right;
    tally->first_right += score->first_right;
}

static void add_score(struct sums *sums, const struct field_score *score)
{
    add_tally(&sums->by_count[score->fault_count], score);
    if (score->fault_count == 0) {
        sums->matrix[FIELD_FAULTS][score->first]++;
        sums->overall[score->overall]++;
    }
    if (score->fault_count == 1)
        sums->matrix[score->faults[0]][score->first]++;
    for (unsigned i = 0; score->fault_count == 2 && i < 2; i++)
        add_tally(&sums->doubles[score->faults[i]], score);
}

static bool is_used(const struct sums *sums, unsigned verdict)
{
    for (unsigned row = 0; row <= FIELD_FAULTS; row++) {
        if (sums->matrix[row][verdict])
            return true;
    }
    return false;
}

static void print_row(const struct sums *sums, unsigned row, const char *name)
{
    printf("| %-18s |", name);
    for (unsigned verdict = 0; verdict <= VERDICTS; verdict++) {
        if (!is_used(sums, verdict))
            continue;
        if (sums->matrix[row][verdict])
            printf(" %4u |", sums->matrix[row][verdict]);
        else
            printf("    . |");
    }
    printf("\n");
}

static void print_matrix(const struct sums *sums)
{
    unsigned column = 0;

    printf("sim: what was named first, by what was wrong, on machines with one fault or none:\n\n");
    printf("|                    |");
    for (unsigned verdict = 0; verdict <= VERDICTS; verdict++) {
        if (is_used(sums, verdict))
            printf(" %4u |", ++column);
    }
    printf("\n|---|");
    for (unsigned i = 0; i < column; i++)
        printf("---:|");
    printf("\n");
    for (unsigned fault = 0; fault < FIELD_FAULTS; fault++)
        print_row(sums, fault, field_fault_names[fault]);
    print_row(sums, FIELD_FAULTS, "(healthy)");
    printf("\nColumns:");
    column = 0;
    for (unsigned verdict = 0; verdict <= VERDICTS; verdict++) {
        if (is_used(sums, verdict))
            printf(" %u %s%s", ++column, verdict < VERDICTS ? verdicts[verdict].id : "nothing",
                   verdict < VERDICTS ? "," : ".\n");
    }
}

static double share(unsigned part, unsigned whole)
{
    return whole ? (double)part / whole : 0;
}

static void print_doubles(const struct sums *sums)
{
    printf(
        "\n| one of two faults | pairs | right | first is one of them |\n|---|---:|---:|---:|\n");
    for (unsigned fault = 0; fault < FIELD_FAULTS; fault++) {
        const struct tally *tally = &sums->doubles[fault];

        printf("| %-18s | %u | %.3f | %.3f |\n", field_fault_names[fault], tally->tried,
               share(tally->right, tally->tried), share(tally->first_right, tally->tried));
    }
}

static void print_miss(const struct field_score *score)
{
    printf("sim: seed %llu had %s; said %s\n", (unsigned long long)score->seed,
           score->fault_count ? score->had : "nothing wrong", score->said);
}

/* Seeds of machines with so many faults on which this one was missed. */
static void print_seeds(const struct field_score *scores, unsigned long count, unsigned faults,
                        unsigned missed)
{
    for (unsigned long i = 0; i < count; i++) {
        const struct field_score *score = &scores[i];

        if (score->done && !score->right && score->fault_count == faults && score->missed == missed)
            printf(" %llu", (unsigned long long)score->seed);
    }
}

static void print_missed(const struct field_score *scores, unsigned long count)
{
    printf("\n| not named | seeds of machines with one fault | with two |\n|---|---|---|\n");
    for (unsigned fault = 0; fault <= FIELD_FAULTS; fault++) {
        printf("| %s |",
               fault < FIELD_FAULTS ? field_fault_names[fault] : "(all were, and one more)");
        print_seeds(scores, count, 1, fault);
        printf(" |");
        print_seeds(scores, count, 2, fault);
        printf(" |\n");
    }
    printf("\nsim: healthy machines that were not passed:");
    print_seeds(scores, count, 0, FIELD_FAULTS);
    printf("\n");
}

static void print_sums(const struct sums *sums, const struct field_score *scores,
                       unsigned long count)
{
    const struct tally *healthy = &sums->by_count[0];

    print_matrix(sums);
    print_doubles(sums);
    print_missed(scores, count);
    printf("\nsim: %u healthy machines: %u PASS, %u FAIL, %u SUSPECT, %u INCOMPLETE\n",
           healthy->tried, sums->overall[OVERALL_PASS], sums->overall[OVERALL_FAIL],
           sums->overall[OVERALL_SUSPECT], sums->overall[OVERALL_INCOMPLETE]);
    for (unsigned faults = 1; faults <= FIELD_FAULTS_MAX; faults++)
        printf("sim: %u machines with %u: %.4f right, %.4f with one of theirs first\n",
               sums->by_count[faults].tried, faults,
               share(sums->by_count[faults].right, sums->by_count[faults].tried),
               share(sums->by_count[faults].first_right, sums->by_count[faults].tried));
    printf("SIM diagnosis-single %.4f\n", share(sums->by_count[1].right, sums->by_count[1].tried));
    printf("SIM diagnosis-double %.4f\n", share(sums->by_count[2].right, sums->by_count[2].tried));
    printf("SIM healthy-false-fail %u\n", sums->overall[OVERALL_FAIL]);
    printf("SIM healthy-false-suspect %.4f\n",
           share(sums->overall[OVERALL_SUSPECT], healthy->tried));
}

static unsigned long count_done(const struct field_score *scores, unsigned long count)
{
    unsigned long done = 0;

    for (unsigned long i = 0; i < count; i++)
        done += scores[i].done;
    return done;
}

static bool read_half(const char *name, enum half *ret_half)
{
    for (unsigned i = 0; i < HALVES; i++) {
        if (strcmp(name, half_names[i]) == 0) {
            *ret_half = (enum half)i;
            return true;
        }
    }
    return false;
}

int main(int argc, char **argv)
{
    unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : MACHINES;
    uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : FIRST_SEED;
    enum half half = argc > 2 ? HALF_ALL : HALF_REPORT;
    static struct sums sums;
    struct field_score *scores;
    int failed;

    if (argc > 1 && strcmp(argv[1], "thermal") == 0)
        return heat_sim(argc - 1, argv + 1);
    if (argc > 4 || count == 0 || count > MACHINES_MAX ||
        (argc > 3 && !read_half(argv[3], &half))) {
        fprintf(stderr, "usage: sim [machines [seed [tuning|report|all]]]\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (__builtin_cpu_supports("avx2"))
        kernels_use(&kernels_avx2);
    scores = mmap(NULL, count * sizeof(*scores), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                  -1, 0);
    if (scores == MAP_FAILED) {
        fprintf(stderr, "sim: no memory for so many machines\n");
        return 1;
    }
    signal(SIGINT, stop); /* a wait goes on after it */
    failed = run_all(scores, count, first, half);
    printf("sim: %lu machines, seeds from %llu, %s\n", count_done(scores, count),
           (unsigned long long)first, half_names[half]);
    for (unsigned long i = 0; i < count; i++) {
        if (!scores[i].done && stopped)
            continue;
        if (!scores[i].done) {
            printf("sim: seed %llu did not come to its end\n",
                   (unsigned long long)seed_of(first, half, i));
            continue;
        }
        add_score(&sums, &scores[i]);
        if (!scores[i].right || count == 1)
            print_miss(&scores[i]);
    }
    if (count > 1)
        print_sums(&sums, scores, count);
    if (argc == 1)
        failed |= heat_sim(argc, argv);
    return failed;
}
