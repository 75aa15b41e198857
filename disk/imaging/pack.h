/*
 * Packing of a block as an imaging tool packs it: LZ4 in its block format, the fastest level.
 *
 * The work space is the caller's. The same bytes always give the same packed form, so that a
 * packed form that came to harm can be made again and compared.
 */
#ifndef ASSAY_DISK_PACK_H
#define ASSAY_DISK_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PACK_STATE_SIZE = 16416 + 32 };

struct pack_state {
    uint64_t space[PACK_STATE_SIZE / 8];
};

/*
 * Packs `size` bytes (1 to 1 MiB) into `packed`, which has room for `size` bytes. Where the packed
 * form would not be smaller, the bytes are copied as they are and *ret_raw is set. Gives the size
 * of what was stored.
 */
uint32_t pack_block(struct pack_state *state, const void *data, uint32_t size, void *packed,
                    bool *ret_raw);

/* Unpacks into exactly `size` bytes. ERR_FORMAT when the packed form is none of that size; the
 * buffer then holds anything. Never reads or writes outside, whatever the packed form holds. */
int unpack_block(const void *packed, uint32_t packed_size, bool raw, void *data, uint32_t size);

#endif
