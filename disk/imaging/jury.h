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
    uint32_t recalled; /* bit per vote: not of the bytes that the others have hashed */
};

/* Adds a vote; those beyond the table are left out. */
void jury_add(struct jury *jury, struct hash hash, unsigned processor);
/* One of the votes to begin with: what the processor made of another copy of the bytes, which may
 * have been a wrong one. */
void jury_recall(struct jury *jury, struct hash hash, unsigned processor);
bool jury_is_full(const struct jury *jury);
/* The processor that has given another hash than most votes, at least twice, and not of other
 * copies alone. False for none. A hash that two processors have given counts against neither, nor
 * does one beside which others differ from the most: then the bytes themselves have changed
 * between the votes. */
bool jury_verdict(const struct jury *jury, uint16_t *ret_processor);

#endif
