/*
 * The hardware monitor of Nuvoton NCT6683D, NCT6686D and NCT6687D.
 *
 * A controller with a space of registers of its own behind three ports: page, index and data at
 * base + 4, + 5 and + 6. FFh in the page port says that nobody uses it; who wants to read waits for
 * that, writes page and index, reads, and gives it back by FFh. The data port is never written. A
 * page that stays at another value for NCT6683_WAITS looks was left so by somebody: it is used, and
 * put back as it was.
 *
 * What each of 32 inputs measures stands in a register of its own. These chips run firmware of the
 * board's maker, so without `all` only the makers are read whose firmware is known.
 */
#ifndef ASSAY_SENSORS_NCT6683_H
#define ASSAY_SENSORS_NCT6683_H

#include "sensors/hwm.h"

enum {
    NCT6683_WAITS = 4, /* looks at a page port that is in use, before it is used all the same */
};

extern const struct hwm_family nct6683_family;

#endif
