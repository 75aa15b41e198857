#include "tests/bench/memory_limit.h"

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

enum { VECTOR_WORDS = 4, TURN_WORDS = 8 * VECTOR_WORDS };

AVX2 uint64_t limit_read(const uint64_t *words, size_t count)
{
    const __m256i *from = (const __m256i *)words;
    __m256i a = _mm256_setzero_si256(), b = a, c = a, d = a;

    for (size_t i = 0; i < count / VECTOR_WORDS; i += 8) {
        a = _mm256_or_si256(a, _mm256_or_si256(from[i], from[i + 4]));
        b = _mm256_or_si256(b, _mm256_or_si256(from[i + 1], from[i + 5]));
        c = _mm256_or_si256(c, _mm256_or_si256(from[i + 2], from[i + 6]));
        d = _mm256_or_si256(d, _mm256_or_si256(from[i + 3], from[i + 7]));
    }
    a = _mm256_or_si256(_mm256_or_si256(a, b), _mm256_or_si256(c, d));
    return (uint64_t)_mm256_extract_epi64(a, 0) | (uint64_t)_mm256_extract_epi64(a, 1) |
           (uint64_t)_mm256_extract_epi64(a, 2) | (uint64_t)_mm256_extract_epi64(a, 3);
}

AVX2 void limit_write(uint64_t *words, size_t count, uint64_t value)
{
    __m256i all = _mm256_set1_epi64x((long long)value);

    for (size_t i = 0; i < count; i += TURN_WORDS) {
        for (size_t k = 0; k < TURN_WORDS; k += VECTOR_WORDS)
            _mm256_stream_si256((__m256i *)(words + i + k), all);
    }
    _mm_sfence();
}

AVX2 void limit_copy(uint64_t *to, const uint64_t *from, size_t count)
{
    for (size_t i = 0; i < count; i += TURN_WORDS) {
        __m256i read[TURN_WORDS / VECTOR_WORDS];

        for (size_t k = 0; k < TURN_WORDS / VECTOR_WORDS; k++)
            read[k] = _mm256_load_si256((const __m256i *)(from + i) + k);
        for (size_t k = 0; k < TURN_WORDS / VECTOR_WORDS; k++)
            _mm256_stream_si256((__m256i *)(to + i) + k, read[k]);
    }
    _mm_sfence();
}
