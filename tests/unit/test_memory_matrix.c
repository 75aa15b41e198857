/*
 * The fault matrix of the memory tests: what a test claims, it finds at each of 200 places; what it
 * does not claim is counted in docs/memory-matrix.md, which this program writes when it is asked
 * to. Memory without a fault gives no error.
 *
 *     test_memory_matrix                       the claims, and healthy memory
 *     test_memory_matrix --print               all of the matrix
 *     test_memory_matrix TEST CLASS SEED       one case
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "tests/sim/memory_matrix.h"
#include "tests/sim/memory_rows.h"

enum { PLACES = 200, HEALTHY_RUNS = 1000, CLASSES_MAX = 40, THREADS_MAX = 8 };

/* What came of a test and a class. */
struct cell {
    bool wanted;
    _Atomic unsigned found;
    _Atomic unsigned missed; /* the last seed that was not found, plus one */
};

/* The work of all threads: each takes the next number below `end`. */
struct work {
    void (*one)(struct work *work, struct matrix_rig *rig, size_t number);
    atomic_size_t next;
    size_t end;
    size_t cached_rows;
    struct cell cells[MEMORY_TESTS][CLASSES_MAX];
    atomic_size_t errors;
};

static void *thread_main(void *context)
{
    struct work *work = context;
    struct matrix_rig *rig = calloc(1, sizeof(*rig));

    matrix_rig_open(rig);
    for (;;) {
        size_t number = atomic_fetch_add(&work->next, 1);

        if (number >= work->end)
            break;
        work->one(work, rig, number);
    }
    matrix_rig_close(rig);
    free(rig);
    return NULL;
}

static void run_threads(struct work *work)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned count = processors < 1             ? 1
                     : processors > THREADS_MAX ? THREADS_MAX
                                                : (unsigned)processors;
    pthread_t threads[THREADS_MAX];

    for (unsigned i = 0; i < count; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, thread_main, work), 0);
    for (unsigned i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
}

static void one_case(struct work *work, struct matrix_rig *rig, size_t number)
{
    struct matrix_case test = {.seed = number % PLACES,
                               .class = number / PLACES % matrix_class_count,
                               .test = (unsigned)(number / PLACES / matrix_class_count),
                               .cached_rows = work->cached_rows};
    struct cell *cell = &work->cells[test.test][test.class];

    if (!cell->wanted)
        return;
    if (matrix_found(rig, &test))
        cell->found++;
    else
        cell->missed = (unsigned)test.seed + 1;
}

static bool claims(unsigned test, size_t class)
{
    return memory_tests[test].claims & matrix_classes[class].claim;
}

/* The cells that are claimed, or all. */
static struct work *run_matrix(bool all, size_t cached_rows)
{
    struct work *work = calloc(1, sizeof(*work));

    assert_true(matrix_class_count <= CLASSES_MAX);
    work->one = one_case;
    work->end = MEMORY_TESTS * matrix_class_count * PLACES;
    work->cached_rows = cached_rows;
    for (unsigned t = 0; t < MEMORY_TESTS; t++)
        for (size_t c = 0; c < matrix_class_count; c++)
            work->cells[t][c].wanted = all || claims(t, c);
    run_threads(work);
    return work;
}

static void finds_what_it_claims(void **state)
{
    struct work *work = run_matrix(false, 0);
    unsigned wrong = 0;

    (void)state;
    for (unsigned t = 0; t < MEMORY_TESTS; t++)
        for (size_t c = 0; c < matrix_class_count; c++) {
            const struct cell *cell = &work->cells[t][c];

            if (!cell->wanted || cell->found == PLACES)
                continue;
            wrong++;
            print_error("%s claims %s and finds %u of %d; again: "
                        "build/test/unit/test_memory_matrix %s %s %u\n",
                        memory_tests[t].id, matrix_classes[c].id, cell->found, PLACES,
                        memory_tests[t].id, matrix_classes[c].id, cell->missed - 1);
        }
    free(work);
    assert_int_equal(wrong, 0);
}

static void one_healthy(struct work *work, struct matrix_rig *rig, size_t number)
{
    work->errors += matrix_errors_when_healthy(rig, MEMORY_TESTS_ALL, number);
}

static void healthy(void **state)
{
    struct work *work = calloc(1, sizeof(*work));

    (void)state;
    work->one = one_healthy;
    work->end = HEALTHY_RUNS;
    run_threads(work);
    assert_int_equal(work->errors, 0);
    free(work);
}

static void print_table(size_t cached_rows)
{
    struct work *work = run_matrix(true, cached_rows);

    printf("\n| fault |");
    for (unsigned t = 0; t < MEMORY_TESTS; t++)
        printf(" %s |", memory_tests[t].id);
    printf("\n|---|");
    for (unsigned t = 0; t < MEMORY_TESTS; t++)
        printf("---|");
    printf("\n");
    for (size_t c = 0; c < matrix_class_count; c++) {
        printf("| %s |", matrix_classes[c].id);
        for (unsigned t = 0; t < MEMORY_TESTS; t++)
            printf(claims(t, c) ? " **%u** |" : " %u |", work->cells[t][c].found);
        printf("\n");
    }
    free(work);
}

static int print_matrix(void)
{
    printf("# What the memory tests find\n\n"
           "Made by `build/test/unit/test_memory_matrix --print`; do not edit.\n\n"
           "Each test runs alone over %d KiB of modelled memory (`tests/sim/memory.h`) with one "
           "fault, %d times, the place of the fault,\n"
           "its bit and the other cell each drawn anew. A figure says how often an error was "
           "reported at the faulty word; where two\n"
           "addresses reach one cell, at one of the two. What a test claims is in bold, and "
           "`make unit` asks for all %d of it.\n"
           "The others are what a test finds by the way.\n\n",
           MATRIX_SIZE / 1024, PLACES, PLACES);
    for (size_t c = 0; c < matrix_class_count; c++)
        printf("- **%s**: %s.\n", matrix_classes[c].id, matrix_classes[c].description);
    print_table(0);
    printf("\n## Behind a write-back cache\n\n"
           "Above, what is written in place reaches the memory at once. Here it stays in a cache "
           "of a sixteenth of the memory, and reaches\n"
           "it when as much has been read after it; fills go past the cache. A cell that is "
           "disturbed by another one no farther away than\n"
           "the cache is large was read before that and is written again after it, so that less "
           "is found. Bold figures below %d are\n"
           "claims that hold only for cells that lie farther apart than that.\n",
           PLACES);
    print_table(MATRIX_CACHE_ROWS);
    return 0;
}

/* The test and the class of these names. */
static bool find_case(const char *id, const char *class, struct matrix_case *test)
{
    while (test->test < MEMORY_TESTS && !text_equal(memory_tests[test->test].id, id))
        test->test++;
    while (test->class < matrix_class_count && !text_equal(matrix_classes[test->class].id, class))
        test->class ++;
    return test->test < MEMORY_TESTS && test->class < matrix_class_count;
}

static int print_case(const char *id, const char *class, const char *seed)
{
    struct matrix_case test = {.seed = strtoull(seed, NULL, 0)};
    struct matrix_rig *rig = calloc(1, sizeof(*rig));
    bool known = find_case(id, class, &test), found = false;

    if (known) {
        struct sim_memory_fault fault = matrix_fault(&test);

        matrix_rig_open(rig);
        found = matrix_found(rig, &test);
        matrix_rig_close(rig);
        printf("%s, seed %s, word %llx bit %u, other %llx bit %u: %s\n", class, seed,
               (unsigned long long)machine_address(fault.word), fault.bit,
               (unsigned long long)machine_address(fault.other), fault.other_bit,
               found ? "found" : "not found");
    } else {
        fprintf(stderr, "there is no test %s or no class %s\n", id, class);
    }
    free(rig);
    return !found;
}

int main(int count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_it_claims),
        cmocka_unit_test(healthy),
    };

    memory_rows_use();
    if (count == 2 && text_equal(arguments[1], "--print"))
        return print_matrix();
    if (count == 4)
        return print_case(arguments[1], arguments[2], arguments[3]);
    return cmocka_run_group_tests_name("memory matrix", tests, NULL, NULL);
}
