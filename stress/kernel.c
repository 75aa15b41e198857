#include "stress/kernel.h"

#include "stress/kernel_cache.h"

/* Bits of CPUID. */
enum {
    LEAF_1_EDX_SSE2 = 1 << 26,
    LEAF_1_ECX_XSAVE = 1 << 26,
    LEAF_1_ECX_AVX = 1 << 28,
    LEAF_7_EBX_AVX2 = 1 << 5,
    LEAF_D_EAX_STATE = 7, /* of XCR0: x87, SSE, AVX */
};

static const uint32_t leaf_1_ecx_hypervisor = (uint32_t)1 << 31;

/* "TCGTCGTCGTCG" in EBX, ECX and EDX. */
static const uint32_t tcg_ebx = 0x54474354, tcg_ecx = 0x43544743, tcg_edx = 0x47435447;

static const struct kernels *used = &kernels_plain;

struct kernel_features kernel_features(const struct kernel_cpuid *cpuid)
{
    const uint32_t avx = LEAF_1_ECX_XSAVE | LEAF_1_ECX_AVX;
    bool tcg = cpuid->leaf_1_ecx & leaf_1_ecx_hypervisor && cpuid->hypervisor_ebx == tcg_ebx &&
               cpuid->hypervisor_ecx == tcg_ecx && cpuid->hypervisor_edx == tcg_edx;

    return (struct kernel_features){
        .sse2 = cpuid->leaf_1_edx & LEAF_1_EDX_SSE2,
        .avx2 = (cpuid->leaf_1_ecx & avx) == avx && cpuid->leaf_7_ebx & LEAF_7_EBX_AVX2 &&
                (cpuid->leaf_d_eax & LEAF_D_EAX_STATE) == LEAF_D_EAX_STATE,
        .native = !tcg,
    };
}

const struct kernels *kernels_choose(const struct kernel_features *features)
{
    if (!features->native)
        return &kernels_scalar;
#if defined(__x86_64__)
    if (features->avx2)
        return &kernels_avx2;
    if (features->sse2)
        return &kernels_sse2;
#endif
    return &kernels_plain;
}

void kernels_use(const struct kernels *kernels)
{
    used = kernels;
}

const struct kernels *kernels_used(void)
{
    return used;
}

void span_flush(const struct span *span)
{
    for (size_t i = 0; i < span->count; i += ROW_WORDS)
        flush_line(&span->words[i]);
    memory_fence();
    compiler_barrier();
}

void span_fill(const struct span *span, enum pattern pattern, uint64_t seed)
{
    used->fill(span, pattern, seed);
    compiler_barrier();
}

void span_verify(const struct span *span, enum pattern pattern, uint64_t seed,
                 struct memory_faults *faults)
{
    compiler_barrier();
    used->verify(span, pattern, seed, faults);
}

void span_invert_up(const struct span *span, enum pattern pattern, uint64_t seed,
                    struct memory_faults *faults)
{
    compiler_barrier();
    used->invert_up(span, pattern, seed, faults);
    compiler_barrier();
}

void span_invert_down(const struct span *span, enum pattern pattern, uint64_t seed,
                      struct memory_faults *faults)
{
    compiler_barrier();
    used->invert_down(span, pattern, seed, faults);
    compiler_barrier();
}
