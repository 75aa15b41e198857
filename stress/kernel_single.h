/*
 * Kernels of which there is one variant for all processors: those of the tests that stand beside
 * filling, verifying and inverting. Plain words one by one; what they find, they tell as the
 * kernels of stress/kernel.h do.
 */
#ifndef ASSAY_STRESS_KERNEL_SINGLE_H
#define ASSAY_STRESS_KERNEL_SINGLE_H

#include "stress/kernel.h"

/*
 * Block move. The span holds a pattern; its lower half is copied to the upper one by the
 * processor's string moves, or the other way. Then the half that was copied is verified, the block
 * in the middle of an odd number with it, and the copy is compared with what the blocks copied must
 * hold: not where the block copied is itself wrong, so that no error is told twice. The pattern is
 * gone from the copy's half.
 */
void span_move_up(const struct span *span, enum pattern pattern, uint64_t seed,
                  struct memory_faults *faults);
void span_move_down(const struct span *span, enum pattern pattern, uint64_t seed,
                    struct memory_faults *faults);

/* Bytes of each half of a span that a block move or a drive's read uses: whole blocks, 0 for a span
 * of one block. */
size_t span_half(const struct span *span);

/*
 * Modulo-20. Writes the complement of a fixed pattern, twice, to every word but those whose
 * physical address in words, modulo 20, is that of the seed; they keep what they hold. Verifying
 * looks at all words.
 */
enum { MODULO_WORDS = 20 };

void span_surround(const struct span *span, enum pattern pattern, uint64_t seed);
void span_verify_surrounded(const struct span *span, enum pattern pattern, uint64_t seed,
                            struct memory_faults *faults);

/*
 * Ping-pong, by two processors at once: side 0 has the even words, side 1 the odd ones. Each
 * verifies its words and inverts them, twice, so that the pattern stands again at the end. The very
 * first word is a counter to which both add atomically; ping_pong_begin() clears it before either
 * side starts, and ping_pong_end() checks it after both and writes the pattern's word there.
 */
void ping_pong_begin(const struct span *span);
void ping_pong_side(const struct span *span, enum pattern pattern, uint64_t seed, unsigned side,
                    struct memory_faults *faults);
void ping_pong_end(const struct span *span, enum pattern pattern, uint64_t seed,
                   struct memory_faults *faults);

/*
 * Row activation: reads two lines in turn from memory, past the caches, ACTIVATE_ROUNDS times for
 * each of three distances between them, 128, 256 and 512 KiB around the middle of a chunk of 1 MiB;
 * so at least 256 KiB of the chunk on either side are never read and guard what lies beyond. A
 * smaller span is left alone. About 50 ms.
 */
enum {
    ACTIVATE_ROUNDS = 100000,
    ACTIVATE_DISTANCES = 3,
    ACTIVATE_SPAN = 1024 * 1024,
    ACTIVATE_MOVES = ACTIVATE_ROUNDS / 1024 * ACTIVATE_DISTANCES * 2 * ROW_SIZE / 1024,
};

void span_activate(const struct span *span);

/* Index of the first block of 4 KiB in which two buffers differ; the count of blocks if none does.
 */
size_t first_difference(const uint64_t *a, const uint64_t *b, size_t blocks);

#endif
