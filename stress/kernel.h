/*
 * Kernels: the loops that touch the memory under test.
 *
 * They are plain loops over a plain range and know no hardware; a fault is one when the memory
 * itself has it, in tests one that was put there between two calls. They exist in several
 * variants, of which one is chosen for the processor before the work begins; all write the same
 * words and find the same faults. The files of the variants are to be compiled with -O3 (and what
 * they say themselves), and tested as compiled for the image too.
 *
 * A physical address and the pointer to it are the same under firmware; in tests they differ.
 */
#ifndef ASSAY_STRESS_KERNEL_H
#define ASSAY_STRESS_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stress/pattern.h"
#include "stress/regions.h"

/* A range under test: its start is a multiple of 4096, its count of BLOCK_WORDS. */
struct span {
    uint64_t *words;
    uint64_t address; /* physical, of words[0] */
    size_t count;     /* of 64-bit words */
};

/* A part of a span, `count` words from word `first` on. */
static inline struct span span_part(const struct span *span, size_t first, size_t count)
{
    return (struct span){
        .words = span->words + first, .address = span->address + first * 8, .count = count};
}

/* One word that did not hold what it should. */
struct memory_fault {
    uint64_t address;  /* physical */
    uint64_t expected; /* what was written */
    uint64_t actual;   /* what was read */
    uint64_t reread;   /* what was read again from memory, past the caches */
};

/* What a kernel that verifies has found. The caller sets limit and faults; kernels add to the rest
 * and collect no more than BLOCK_FAULTS words of one block. */
struct memory_faults {
    struct memory_fault *faults;
    size_t limit;                  /* room in faults[] */
    size_t count;                  /* collected */
    uint64_t words;                /* that were wrong, collected or not */
    uint64_t pages;                /* blocks of 4 KiB with a wrong word */
    struct memory_regions regions; /* all of the words, collected or not */
};

enum { BLOCK_FAULTS = 8 };

void span_fill(const struct span *span, enum pattern pattern, uint64_t seed);

/*
 * Compares with what span_fill() wrote. The words of a block are ORed together and asked once; a
 * difference is then looked for word by word. Where the second look finds nothing, the block is
 * counted as one wrong word at its start, the differing bits of the first look in its `actual`.
 */
void span_verify(const struct span *span, enum pattern pattern, uint64_t seed,
                 struct memory_faults *faults);

/*
 * Moving inversions (van de Goor, "Testing Semiconductor Memories", march elements r,w): compares
 * as span_verify() and writes the complement in place, one cache line after the other in ascending
 * or descending order; the memory itself sees no order within a line.
 */
void span_invert_up(const struct span *span, enum pattern pattern, uint64_t seed,
                    struct memory_faults *faults);
void span_invert_down(const struct span *span, enum pattern pattern, uint64_t seed,
                      struct memory_faults *faults);

/* One variant of the four above. */
struct kernels {
    const char *name;
    void (*fill)(const struct span *span, enum pattern pattern, uint64_t seed);
    void (*verify)(const struct span *span, enum pattern pattern, uint64_t seed,
                   struct memory_faults *faults);
    void (*invert_up)(const struct span *span, enum pattern pattern, uint64_t seed,
                      struct memory_faults *faults);
    void (*invert_down)(const struct span *span, enum pattern pattern, uint64_t seed,
                        struct memory_faults *faults);
};

extern const struct kernels kernels_plain;  /* pairs of words; what is used unless told otherwise */
extern const struct kernels kernels_scalar; /* words, for emulators */
#if defined(__x86_64__)
extern const struct kernels kernels_sse2; /* pairs of words; fills past the caches */
extern const struct kernels kernels_avx2; /* four words; fills past the caches */
#endif

/* What the choice depends on. */
struct kernel_features {
    bool sse2;
    bool avx2;   /* only where the caller can enable the AVX state on every processor */
    bool native; /* instructions are run, not translated as by QEMU's TCG */
};

/*
 * CPUID's answers, zero where a leaf is absent (Intel SDM volume 2A, CPUID): leaf 1 ECX and EDX,
 * leaf 7.0 EBX, leaf 0Dh.0 EAX, leaf 40000000h EBX, ECX and EDX. avx2 is set where XSAVE, AVX, AVX2
 * and the XCR0 bits for x87, SSE and AVX exist; OSXSAVE is not asked for, it is the caller's to
 * set.
 */
struct kernel_cpuid {
    uint32_t leaf_1_ecx, leaf_1_edx;
    uint32_t leaf_7_ebx;
    uint32_t leaf_d_eax;
    uint32_t hypervisor_ebx, hypervisor_ecx, hypervisor_edx;
};

struct kernel_features kernel_features(const struct kernel_cpuid *cpuid);

/* The fastest variant. Decided by features and never by time: under an emulator the order of the
 * variants is turned round, and a measurement on a busy machine says nothing. */
const struct kernels *kernels_choose(const struct kernel_features *features);

/* Makes span_fill() and the others use it from now on. To be called before other processors work.
 */
void kernels_use(const struct kernels *kernels);
const struct kernels *kernels_used(void);

/* Writes the range back from all caches and drops it from them (x86: CLFLUSH and MFENCE). The next
 * read comes from memory. Elsewhere only a barrier. */
void span_flush(const struct span *span);

#endif
