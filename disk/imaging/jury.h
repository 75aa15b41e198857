/*
 * A jury: several processors hash the same bytes, to find the one that computes wrong.
 */
#ifndef ASSAY_DISK_JURY_H
#define ASSAY_DISK_JURY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"

enum { JURY_VOTES = 16 };

struct jury_vote {
    struct hash hash;
    uint16_t processor;
};

/* Zeroed: nobody has voted. */
struct jury {
    struct jury_vote votes[JURY_VOTES];
    unsigned count;
};

/* Adds a vote; those beyond the table are left out. */
void jury_add(struct jury *jury, struct hash hash, unsigned processor);
bool jury_is_full(const struct jury *jury);
/* The processor that has given another hash than most votes, at least twice. False for none. */
bool jury_verdict(const struct jury *jury, uint16_t *ret_processor);

#endif
