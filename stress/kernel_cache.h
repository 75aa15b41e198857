/*
 * Caches and the order of memory accesses, in the instructions of the processor.
 */
#ifndef ASSAY_STRESS_KERNEL_CACHE_H
#define ASSAY_STRESS_KERNEL_CACHE_H

/* Neither moves a memory access across the end of a kernel nor guesses what memory holds. */
static inline void compiler_barrier(void)
{
    __asm__ volatile("" ::: "memory");
}

static inline void flush_line(const void *line)
{
#if defined(__x86_64__)
    __builtin_ia32_clflush(line);
#else
    (void)line;
#endif
}

static inline void memory_fence(void)
{
#if defined(__x86_64__)
    __builtin_ia32_mfence();
#else
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

#endif
