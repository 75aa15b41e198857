/*
 * How two copies of a block differ.
 */
#ifndef ASSAY_DISK_DIFFERENCE_H
#define ASSAY_DISK_DIFFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DIFFERENCE_SECTOR = 512 };

struct difference {
    uint64_t bits;          /* that differ */
    uint32_t whole_sectors; /* of 512 bytes, of which more than a quarter of the bytes differ */
    size_t first;           /* byte offset of the first 64-bit word that differs */
    uint64_t mask;          /* the bits that differ in that word; a short last word is filled up
                               with equal bytes */
};

/* Compares `size` bytes; false, and *ret_difference untouched, when they are equal. */
bool difference_find(const void *wrong, const void *right, size_t size,
                     struct difference *ret_difference);

#endif
