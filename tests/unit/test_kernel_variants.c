/*
 * Which variant of the kernels is chosen, and that it does not matter: from the same memory with
 * the same faults all leave the same words and the same report.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/prng.h"
#include "stress/kernel.h"

enum { BLOCKS_MAX = 7, FAULTS_MAX = 40, ROUNDS = 400 };

static const struct kernels *variants[4];
static unsigned variant_count;

/* One run over a memory of its own. */
struct result {
    uint64_t *words;
    struct memory_fault found[FAULTS_MAX];
    struct memory_faults faults;
};

struct scenario {
    enum pattern pattern;
    unsigned operation; /* verify, up, down */
    size_t count;       /* of words */
    uint64_t address, seed;
    unsigned wrong; /* words */
    uint64_t random;
};

static void put_faults(const struct scenario *scenario, uint64_t *words)
{
    uint64_t random = scenario->random;

    for (unsigned i = 0; i < scenario->wrong; i++) {
        uint64_t at = prng_below(&random, scenario->count);

        words[at] ^=
            prng_below(&random, 2) ? prng_next(&random) : (uint64_t)1 << prng_below(&random, 64);
    }
}

static void play(const struct scenario *scenario, const struct kernels *kernels,
                 struct result *result)
{
    struct span span = {result->words, scenario->address, scenario->count};

    memset(result->words, 0xC3, BLOCKS_MAX * BLOCK_SIZE);
    memset(result->found, 0, sizeof(result->found));
    result->faults = (struct memory_faults){.faults = result->found, .limit = FAULTS_MAX};
    kernels->fill(&span, scenario->pattern, scenario->seed);
    put_faults(scenario, result->words);
    if (scenario->operation == 0)
        kernels->verify(&span, scenario->pattern, scenario->seed, &result->faults);
    else if (scenario->operation == 1)
        kernels->invert_up(&span, scenario->pattern, scenario->seed, &result->faults);
    else
        kernels->invert_down(&span, scenario->pattern, scenario->seed, &result->faults);
}

static void assert_same(const struct result *result, const struct result *plain)
{
    assert_memory_equal(result->words, plain->words, BLOCKS_MAX * BLOCK_SIZE);
    assert_int_equal(result->faults.count, plain->faults.count);
    assert_int_equal(result->faults.words, plain->faults.words);
    assert_int_equal(result->faults.pages, plain->faults.pages);
    assert_memory_equal(result->found, plain->found, sizeof(plain->found));
}

static void all_do_the_same(void **state)
{
    struct result plain = {.words = aligned_alloc(BLOCK_SIZE, BLOCKS_MAX * BLOCK_SIZE)};
    struct result other = {.words = aligned_alloc(BLOCK_SIZE, BLOCKS_MAX * BLOCK_SIZE)};
    uint64_t random = 5;

    (void)state;
    for (unsigned i = 0; i < ROUNDS * PATTERNS; i++) {
        struct scenario scenario = {
            .pattern = (enum pattern)(i % PATTERNS),
            .operation = i / PATTERNS % 3,
            .count = (size_t)prng_below(&random, BLOCKS_MAX + 1) * BLOCK_WORDS,
            .address = prng_below(&random, 1 << 20) * BLOCK_SIZE,
            .seed = prng_next(&random),
            .random = prng_next(&random),
        };

        if (scenario.count)
            scenario.wrong = (unsigned)prng_below(&random, i % 2 ? 3 : 60);
        play(&scenario, variants[0], &plain);
        for (unsigned v = 1; v < variant_count; v++) {
            play(&scenario, variants[v], &other);
            assert_same(&other, &plain);
        }
    }
    free(plain.words);
    free(other.words);
}

/* A processor of today, bare: AVX2, with its state; and the signature of a hypervisor. */
static const struct kernel_cpuid modern = {
    .leaf_1_ecx = 1u << 26 | 1u << 28,
    .leaf_1_edx = 1u << 26,
    .leaf_7_ebx = 1u << 5,
    .leaf_d_eax = 7,
};

static struct kernel_cpuid under(const char *hypervisor)
{
    struct kernel_cpuid cpuid = modern;

    cpuid.leaf_1_ecx |= 1u << 31;
    memcpy(&cpuid.hypervisor_ebx, hypervisor, 4);
    memcpy(&cpuid.hypervisor_ecx, hypervisor + 4, 4);
    memcpy(&cpuid.hypervisor_edx, hypervisor + 8, 4);
    return cpuid;
}

static const char *chosen(struct kernel_cpuid cpuid)
{
    struct kernel_features features = kernel_features(&cpuid);

    return kernels_choose(&features)->name;
}

static void choice(void **state)
{
    struct kernel_cpuid cpuid = modern;

    (void)state;
    assert_string_equal(chosen(modern), "AVX2");
    cpuid.leaf_7_ebx = 0;
    assert_string_equal(chosen(cpuid), "SSE2");
    cpuid = modern;
    cpuid.leaf_d_eax = 3; /* AVX state cannot be enabled */
    assert_string_equal(chosen(cpuid), "SSE2");
    cpuid = modern;
    cpuid.leaf_1_ecx = 1u << 28; /* no XSAVE */
    assert_string_equal(chosen(cpuid), "SSE2");
    cpuid.leaf_1_ecx = 1u << 26; /* no AVX */
    assert_string_equal(chosen(cpuid), "SSE2");
    assert_string_equal(chosen((struct kernel_cpuid){0}), "plain");
}

static void emulators_are_told_by_name(void **state)
{
    struct kernel_cpuid cpuid = under("TCGTCGTCGTCG");

    (void)state;
    assert_string_equal(chosen(cpuid), "scalar");
    assert_string_equal(chosen(under("KVMKVMKVM\0\0\0")), "AVX2");
    assert_string_equal(chosen(under("TCGTCGTCGTCK")), "AVX2");
    /* Without a hypervisor its leaf means nothing. */
    cpuid.leaf_1_ecx &= ~(1u << 31);
    assert_string_equal(chosen(cpuid), "AVX2");
}

static void used(void **state)
{
    (void)state;
    assert_ptr_equal(kernels_used(), &kernels_plain);
    kernels_use(&kernels_scalar);
    assert_ptr_equal(kernels_used(), &kernels_scalar);
    kernels_use(&kernels_plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_do_the_same),
        cmocka_unit_test(choice),
        cmocka_unit_test(emulators_are_told_by_name),
        cmocka_unit_test(used),
    };

    variants[variant_count++] = &kernels_plain;
    variants[variant_count++] = &kernels_scalar;
#if defined(__x86_64__)
    variants[variant_count++] = &kernels_sse2;
    if (__builtin_cpu_supports("avx2"))
        variants[variant_count++] = &kernels_avx2;
#endif
    return cmocka_run_group_tests_name("kernel variants", tests, NULL, NULL);
}
