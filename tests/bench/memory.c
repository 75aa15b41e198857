/*
 * The memory kernels of the image, as a program of the host, against what its memory can do.
 *
 *     memory [--mib N] [--sweeps N] [--kernels NAME] WHAT
 *
 * Each processor has a thread pinned to it and a part of the memory, which is taken in large pages.
 * WHAT names a row of subjects[]. The limit and the subject take turns over all of the memory, the
 * limit first and last. Prints the medians, "limit N" and "assay N", in MB (10^6) a second: bytes
 * read and bytes written, both counted; for `pass` and its limit, bytes of the memory that went
 * through all steps. The kernels' name follows.
 */
#define _GNU_SOURCE /* for pthread_setaffinity_np() */

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "stress/kernel.h"
#include "tests/bench/memory_limit.h"

enum {
    MIB = 1 << 20,
    CHUNK_WORDS = MIB / 8, /* what one call of a kernel gets, as in the image */
    MIB_DEFAULT = 2048,
    PART_MULTIPLE_MIB = 2, /* of each thread's part: copied from half to half */
    SWEEPS_DEFAULT = 9,
    SWEEPS_MAX = 1000,
    THREADS_MAX = 64,
};

static const uint64_t seed = 42;

enum work {
    LIMIT_READ,
    LIMIT_WRITE,
    LIMIT_COPY,
    FILL,
    VERIFY,
    INVERT_UP,
    INVERT_DOWN,
    WORKS,
};

/* What moves the whole memory so many times. */
static const unsigned moves[WORKS] = {
    [LIMIT_READ] = 1, [LIMIT_WRITE] = 1, [LIMIT_COPY] = 1, /* reads one half, writes the other */
    [FILL] = 1,       [VERIFY] = 1,      [INVERT_UP] = 2,  [INVERT_DOWN] = 2,
};

struct worker {
    pthread_t thread;
    int processor;
    uint64_t *words;
    size_t count;
    double start_s, end_s;
    uint64_t wrong;
    uint64_t read; /* what limit_read() made of it */
};

static struct {
    struct worker workers[THREADS_MAX];
    unsigned count;
    unsigned active; /* of them; the first ones */
    size_t size;     /* bytes of the active ones' parts */
    pthread_barrier_t begin, end;
    enum work work;
    enum pattern pattern;
    bool over;
} bench;

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "memory: %s\n", what);
    exit(1);
}

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- the threads */

static void call_kernel(const struct span *span, enum work work, struct memory_faults *faults)
{
    if (work == FILL)
        span_fill(span, bench.pattern, seed);
    else if (work == VERIFY)
        span_verify(span, bench.pattern, seed, faults);
    else if (work == INVERT_UP)
        span_invert_up(span, bench.pattern, seed, faults);
    else
        span_invert_down(span, bench.pattern, seed, faults);
}

static void call_kernels(struct worker *worker, enum work work)
{
    struct memory_faults faults = {0};

    for (size_t at = 0; at < worker->count; at += CHUNK_WORDS) {
        size_t chunk = work == INVERT_DOWN ? worker->count - CHUNK_WORDS - at : at;
        uint64_t *words = worker->words + chunk;
        struct span span = {words, (uint64_t)(uintptr_t)words, CHUNK_WORDS};

        call_kernel(&span, work, &faults);
    }
    worker->wrong += faults.words;
}

static void do_work(struct worker *worker)
{
    uint64_t *middle = worker->words + worker->count / 2;

    if (bench.work == LIMIT_READ)
        worker->read = limit_read(worker->words, worker->count);
    else if (bench.work == LIMIT_WRITE)
        limit_write(worker->words, worker->count, pattern_word(bench.pattern, seed, 0));
    else if (bench.work == LIMIT_COPY)
        limit_copy(middle, worker->words, worker->count / 2);
    else
        call_kernels(worker, bench.work);
}

static void *thread(void *context)
{
    struct worker *worker = context;
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(worker->processor, &set);
    if (pthread_setaffinity_np(pthread_self(), sizeof(set), &set))
        fail("a thread cannot be pinned to its processor");
    memset(worker->words, 1, worker->count * 8); /* no page is first touched while time is taken */
    for (;;) {
        pthread_barrier_wait(&bench.begin);
        if (bench.over)
            return NULL;
        worker->start_s = now_s();
        if (worker < bench.workers + bench.active)
            do_work(worker);
        worker->end_s = now_s();
        pthread_barrier_wait(&bench.end);
    }
}

/* Seconds for one piece of work by all active threads. */
static double run(enum work work, enum pattern pattern)
{
    double start_s, end_s;

    bench.work = work;
    bench.pattern = pattern;
    pthread_barrier_wait(&bench.begin);
    pthread_barrier_wait(&bench.end);
    start_s = bench.workers[0].start_s;
    end_s = bench.workers[0].end_s;
    for (unsigned i = 1; i < bench.active; i++) {
        if (bench.workers[i].start_s < start_s)
            start_s = bench.workers[i].start_s;
        if (bench.workers[i].end_s > end_s)
            end_s = bench.workers[i].end_s;
    }
    return end_s - start_s;
}

static void start_threads(size_t size)
{
    cpu_set_t set;
    size_t part;
    uint64_t *memory;

    if (sched_getaffinity(0, sizeof(set), &set))
        fail("its processors are unknown");
    for (int i = 0; i < CPU_SETSIZE && bench.count < THREADS_MAX; i++) {
        if (CPU_ISSET(i, &set))
            bench.workers[bench.count++].processor = i;
    }
    part = size / bench.count / (PART_MULTIPLE_MIB * MIB) * (PART_MULTIPLE_MIB * MIB);
    if (!part)
        fail("too little memory for so many processors");
    memory =
        mmap(NULL, part * bench.count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        fail("there is not so much memory");
    madvise(memory, part * bench.count, MADV_HUGEPAGE);
    pthread_barrier_init(&bench.begin, NULL, bench.count + 1);
    pthread_barrier_init(&bench.end, NULL, bench.count + 1);
    for (unsigned i = 0; i < bench.count; i++) {
        struct worker *worker = &bench.workers[i];

        worker->words = memory + part / 8 * i;
        worker->count = part / 8;
        if (pthread_create(&worker->thread, NULL, thread, worker))
            fail("a thread cannot be started");
    }
}

static void stop_threads(void)
{
    uint64_t wrong = 0;

    bench.over = true;
    pthread_barrier_wait(&bench.begin);
    for (unsigned i = 0; i < bench.count; i++) {
        pthread_join(bench.workers[i].thread, NULL);
        wrong += bench.workers[i].wrong;
    }
    if (wrong)
        fail("the memory did not hold what was written");
}

/* ---- the subjects */

/* Each leaves the memory as it found it, or does not care. */
enum { STEPS_MAX = 4 };

struct step {
    enum work work;
    enum pattern pattern;
};

struct subject {
    const char *name;
    bool one_processor;
    bool of_memory; /* the rate is that of the memory, not of bytes moved */
    unsigned limit_count, step_count;
    struct step limits[STEPS_MAX], steps[STEPS_MAX];
};

/* Limits write what a fixed pattern has there anyway. */
static const struct subject subjects[] = {
    {"fill", false, false, 1, 1, {{LIMIT_WRITE, PATTERN_FIVES}}, {{FILL, PATTERN_FIVES}}},
    {"verify", false, false, 1, 1, {{LIMIT_READ, PATTERN_FIVES}}, {{VERIFY, PATTERN_FIVES}}},
    {"verify-1cpu", true, false, 1, 1, {{LIMIT_READ, PATTERN_FIVES}}, {{VERIFY, PATTERN_FIVES}}},
    {"rmw",
     false,
     false,
     1,
     2,
     {{LIMIT_COPY, PATTERN_FIVES}},
     {{INVERT_UP, PATTERN_FIVES}, {INVERT_DOWN, PATTERN_AS}}},
    {"random-fill", false, false, 1, 1, {{LIMIT_WRITE, PATTERN_FIVES}}, {{FILL, PATTERN_RANDOM}}},
    {"random-verify",
     false,
     false,
     1,
     1,
     {{LIMIT_READ, PATTERN_RANDOM}},
     {{VERIFY, PATTERN_RANDOM}}},
    /* A copy moves half of what a read-verify-write sweep does, and counts twice: see rate(). */
    {"pass",
     false,
     true,
     4,
     4,
     {{LIMIT_WRITE, PATTERN_FIVES},
      {LIMIT_COPY, PATTERN_FIVES},
      {LIMIT_COPY, PATTERN_FIVES},
      {LIMIT_READ, PATTERN_FIVES}},
     {{FILL, PATTERN_FIVES},
      {INVERT_UP, PATTERN_FIVES},
      {INVERT_DOWN, PATTERN_AS},
      {VERIFY, PATTERN_FIVES}}},
};

enum { SUBJECTS = sizeof(subjects) / sizeof(subjects[0]) };

/* MB/s of the steps one after another. */
static double rate(const struct subject *subject, const struct step *steps, unsigned count)
{
    double time_s = 0;
    unsigned moved = 0;

    for (unsigned i = 0; i < count; i++) {
        double step_s = run(steps[i].work, steps[i].pattern);

        /* It has read one half and written the other; a sweep reads and writes all. */
        if (subject->of_memory && steps[i].work == LIMIT_COPY)
            step_s *= 2;
        time_s += step_s;
        moved += moves[steps[i].work];
    }
    return (double)bench.size * (subject->of_memory ? 1 : moved) / time_s / 1e6;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values, unsigned count)
{
    qsort(values, count, sizeof(*values), compare);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

static void measure(const struct subject *subject, unsigned sweeps)
{
    static double limits[SWEEPS_MAX + 1], figures[SWEEPS_MAX];

    bench.active = subject->one_processor ? 1 : bench.count;
    bench.size = bench.workers[0].count * 8 * bench.active;
    run(FILL, subject->steps[0].pattern);
    limits[0] = rate(subject, subject->limits, subject->limit_count);
    for (unsigned i = 0; i < sweeps; i++) {
        figures[i] = rate(subject, subject->steps, subject->step_count);
        limits[i + 1] = rate(subject, subject->limits, subject->limit_count);
    }
    printf("limit %.0f\nassay %.0f\nkernels %s\n", median(limits, sweeps + 1),
           median(figures, sweeps), kernels_used()->name);
}

/* ---- the arguments */

static void choose_kernels(const char *name)
{
    static const struct kernels *const all[] = {&kernels_plain, &kernels_scalar, &kernels_sse2,
                                                &kernels_avx2};

    for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (!strcmp(all[i]->name, name)) {
            kernels_use(all[i]);
            return;
        }
    }
    fail("there are no kernels of that name");
}

static unsigned number(const char *text, unsigned limit)
{
    unsigned long value = text ? strtoul(text, NULL, 10) : 0;

    if (value < 1 || value > limit)
        fail("a number is out of range");
    return (unsigned)value;
}

static const struct subject *find_subject(const char *name)
{
    for (unsigned i = 0; i < SUBJECTS; i++) {
        if (!strcmp(subjects[i].name, name))
            return &subjects[i];
    }
    fail("there is no such subject");
}

int main(int argc, char **argv)
{
    const struct kernel_features features = {
        .sse2 = true, .avx2 = __builtin_cpu_supports("avx2"), .native = true};
    const struct subject *subject = NULL;
    unsigned mib = MIB_DEFAULT, sweeps = SWEEPS_DEFAULT;

    if (!features.avx2)
        fail("the limits are taken with AVX2, which this processor lacks");
    kernels_use(kernels_choose(&features));
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--mib"))
            mib = number(argv[++i], 1 << 20);
        else if (!strcmp(argv[i], "--sweeps"))
            sweeps = number(argv[++i], SWEEPS_MAX);
        else if (!strcmp(argv[i], "--kernels") && i + 1 < argc)
            choose_kernels(argv[++i]);
        else
            subject = find_subject(argv[i]);
    }
    if (!subject)
        fail("usage: memory [--mib N] [--sweeps N] [--kernels NAME] WHAT");
    start_threads((size_t)mib * MIB);
    measure(subject, sweeps);
    stop_threads();
    return 0;
}
