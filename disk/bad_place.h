/*
 * A bad place on a drive as far as it is known, and what to call it; the inside of the reader.
 */
#ifndef ASSAY_DISK_BAD_PLACE_H
#define ASSAY_DISK_BAD_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/block.h"
#include "base/event.h"
#include "base/text.h"

/* One read, and what became of it. */
struct attempt {
    uint64_t lba;
    uint32_t blocks;
    int error;   /* ERR_STALE: success was claimed and part of the canary is left */
    size_t size; /* bytes asked for */
    size_t left; /* bytes of lines that carry the canary */
    uint32_t left_first, left_last; /* the blocks, counted from lba, between which they stand */
};

struct bad_place {
    struct attempt failed; /* the narrowest read that failed */
    uint64_t lba;          /* where it begins */
    uint32_t blocks;       /* and how long it is */
    bool passing;          /* read again in pieces, all of it came */
    bool cut;              /* there was no time to narrow it down */
    bool again;            /* failed once more after it was narrowed down */
    bool gone;             /* the drive left meanwhile */
    bool others_read;      /* some other block of the drive read well */
    bool has_status;       /* the drive was asked about it */
    struct drive_status status;
};

/* The fault, by the rules of reader.h. */
enum disk_fault bad_place_fault(const struct bad_place *place);

/* Adds what firmware and drive said, in their own terms. */
void bad_place_text(const struct bad_place *place, struct text *text);

#endif
