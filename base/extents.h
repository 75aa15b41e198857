/*
 * Ranges of addresses, each of one kind: sorted, disjoint, neighbours of one kind in one piece.
 *
 * Addresses in no range have the kind EXTENT_NONE. Kinds are the user's own, 1 to 63, so that a set
 * of them is one number. Nothing is lost silently: what finds no room is refused.
 */
#ifndef ASSAY_BASE_EXTENTS_H
#define ASSAY_BASE_EXTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EXTENT_NONE = 0, EXTENT_KINDS = 64 };

struct extent {
    uint64_t start, end; /* `end` is the first address behind it */
    uint8_t kind;
};

struct extents {
    struct extent *list;
    size_t count;
    size_t limit; /* room in list[] */
};

#define EXTENT_KIND(kind) ((uint64_t)1 << (kind))
/* Every kind but EXTENT_NONE. */
#define EXTENT_ANY (~(uint64_t)1)

void extents_init(struct extents *extents, struct extent *list, size_t limit);

/* All from start to end is of that kind from now on; with EXTENT_NONE, of none. Nothing happens to
 * an empty range. ERR_FULL when the table has no room: nothing has changed then. */
int extents_paint(struct extents *extents, uint64_t start, uint64_t end, unsigned kind);
/* As extents_paint(), but only where the kind is one of `where`, which EXTENT_NONE cannot be.
 * ERR_FULL when some of it found no room: that part has not changed. */
int extents_paint_where(struct extents *extents, uint64_t start, uint64_t end, uint64_t where,
                        unsigned kind);
/* The ranges of another table. ERR_FULL when they do not fit: *to is empty then. */
int extents_copy(struct extents *to, const struct extents *from);

/* Bytes of these kinds from start to end. */
uint64_t extents_size(const struct extents *extents, uint64_t start, uint64_t end, uint64_t kinds);
/* The kind of an address. */
unsigned extents_kind(const struct extents *extents, uint64_t address);
/* The first range of these kinds that ends behind `start`, cut to what lies from start to end.
 * False when there is none. A loop goes on at the end of what it got. */
bool extents_next(const struct extents *extents, uint64_t start, uint64_t end, uint64_t kinds,
                  struct extent *ret_extent);

#endif
