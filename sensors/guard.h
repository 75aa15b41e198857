/*
 * The guard: access to the machine that can be shown to be read-only but for a list.
 *
 * It stands in front of struct access and is one itself. Reads pass. A write passes only where a
 * rule allows it, and is else counted, kept for the report, and refused with ERR_REFUSED. Rules are
 * data: each driver has a const table. Of an index and data pair the guard remembers the index that
 * was written last, so that a write to the data port is judged by the register that it would reach.
 *
 * For the boot processor alone, as the ports are.
 */
#ifndef ASSAY_SENSORS_GUARD_H
#define ASSAY_SENSORS_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/access.h"

enum {
    GUARD_RULES_MAX = 16,
    GUARD_REFUSALS_KEPT = 8,
};

enum guard_what {
    GUARD_PORTS,  /* `count` ports from `at` on */
    GUARD_PAIR,   /* an index port at `at`, its data port behind it */
    GUARD_MSR,    /* the MSR `at` */
    GUARD_CONFIG, /* the dword at offset `at` of `function` */
};

extern const char *const guard_what_names[GUARD_CONFIG + 1];

/* A register behind an index, or a port counted from a rule's first, and the values that it may be
 * given. */
struct guard_register {
    uint8_t index;
    uint8_t first, last;
};

struct guard_rule {
    enum guard_what what;
    uint32_t at; /* of ports: counted from the base when the rule is placed at one */
    uint16_t count;
    struct pci_function function;
    /* Of a pair: the values that the index port may be given, NULL for all. */
    const uint8_t *indices;
    uint8_t index_count;
    /* What may be written: of a pair the registers and their data, none for NULL; of ports what
     * each may be given, anything for NULL. */
    const struct guard_register *registers;
    uint8_t register_count;
    /* Of a rule that is placed at a base: the ports from there on that are the device's, and what
     * the base is to be a multiple of. */
    uint16_t span, alignment;
};

/* A write that was refused. */
struct guard_refusal {
    enum guard_what what; /* GUARD_PORTS for any port */
    uint32_t at;
    uint64_t value;
    int32_t index; /* that the data port would have reached; -1: no data port, or not known */
};

struct guard_placed {
    const struct guard_rule *rule;
    uint16_t base;
    int16_t index; /* of a pair, as written last; -1: none yet */
};

struct guard {
    struct access access; /* for those who are guarded */
    const struct access *behind;
    struct guard_placed rules[GUARD_RULES_MAX];
    unsigned rule_count;
    struct guard_refusal refusals[GUARD_REFUSALS_KEPT]; /* the first ones */
    unsigned refused, passed;                           /* writes in all */
};

/* Begins with an empty list. What is not there in `behind` is not there in the guard. Both must
 * outlive what is given guard->access. */
void guard_init(struct guard *guard, const struct access *behind);

/* Allows what stands in a const table of rules at fixed places. ERR_FULL when they do not all fit:
 * then none of them is allowed. */
int guard_allow(struct guard *guard, const struct guard_rule *rules, unsigned count);

/*
 * Allows a rule for ports at a base that was found at run time. ERR_RANGE when the base is 0, not
 * aligned, below 100h or beyond the last port; ERR_REFUSED when its ports overlap those of a
 * device that every PC has, or of a rule that is there already; ERR_FULL when there is no room.
 */
int guard_place(struct guard *guard, const struct guard_rule *rule, uint16_t base);

#endif
