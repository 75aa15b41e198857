/*
 * Memory modules: which of them an address may lie in, by the map in the evidence, and how they
 * are named and told apart.
 */
#ifndef ASSAY_DIAGNOSIS_MODULES_H
#define ASSAY_DIAGNOSIS_MODULES_H

#include "base/text.h"
#include "diagnosis/evidence.h"
#include "diagnosis/verdicts.h"

enum { MODULES_MAX = 48 };

/* One of them it is; none where nothing is known. */
struct modules {
    part_id parts[MODULES_MAX];
    unsigned count;
};

/* The modules that a physical address may lie in, in the order of the map. None where the map does
 * not reach, or where some of it is lost: whoever is left might be the wrong one. */
void modules_at(const struct evidence *evidence, uint64_t address, struct modules *ret);

/* The module of a row of the map that is MEMORY_UNSIZED; of one that is MEMORY_MISSING all that
 * are: memory is short by one of them. */
void modules_like(const struct evidence *evidence, unsigned row, struct modules *ret);

/* Whether two sets have a module in common. */
bool modules_meet(const struct modules *a, const struct modules *b);

/* "DIMM_A1"; "one of DIMM_A1, DIMM_B1"; nothing for none. */
void modules_name(const struct evidence *evidence, const struct modules *modules,
                  struct text *text);

/* What to do with the module in its slot, or how to tell which of several it is. False, and
 * nothing added, where none is known or the verdict is not about a module. */
bool modules_advise(const struct evidence *evidence, const struct modules *modules,
                    enum verdict verdict, struct text *text);

#endif
