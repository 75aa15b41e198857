/*
 * The state of a PCI Express link while a run goes: whether it becomes slower or narrower than it
 * was, goes down, and comes back (PCI Express Base 6.0, section 7.5.3). Nothing is written.
 *
 * A link is told of once as it was at the beginning, and then only when it changed. What healthy
 * links do is no change:
 *
 * - slower or narrower without load: power is saved. So it is where the port says that it was done
 *   for another reason than errors (Link Autonomous Bandwidth Status alone), where somebody set a
 *   lower target speed, and on links that `varies` names;
 * - faster or wider than at the beginning: that is then what it was;
 * - gone with a card that was pulled out of a slot made for it; or with the link above it, which
 *   is told of instead;
 * - anything that is seen once. Registers are read twice and must be equal, a link that trains is
 *   let be, and a change must show in two looks in a row: so a reset of the link is none.
 *
 * Registers of ones, a speed or a width of 0, and another device in the place of the one that was
 * there say nothing. What an end can do is read once, at the beginning: some devices lose it later.
 */
#ifndef ASSAY_SENSORS_LINK_WATCH_H
#define ASSAY_SENSORS_LINK_WATCH_H

#include "base/event.h"
#include "sensors/aer.h"

/* One end of a link. */
struct link_end {
    uint32_t identity; /* vendor and device: nobody else may answer */
    uint16_t at;       /* of the PCI Express capability; 0: there is no such end */
    uint32_t can;      /* Link Capabilities */
};

/* What a look shows: LINK_AT_START is a link as good as it ever was, LINK_CHANGES nothing. */
struct link_sight {
    uint8_t change; /* enum link_change */
    uint8_t speed, width;
};

struct link_watched {
    struct link_end device, port;
    bool port_tells; /* speed and width are read at the port, else at the device */
    bool varies;     /* the caller may set it: speed and width change by design, as with graphics */
    uint32_t class_code;
    uint8_t speed_best, width_best;
    uint8_t speed_most, width_most; /* both ends can do; 0: not known */
    struct link_sight last;         /* of the look before */
    struct link_sight told;
    uint8_t tellings;
};

/* `device` is the lower end of the link, `port` the upper one or NULL. ERR_ABSENT where the device
 * has no link, is itself a port above one, or does not tell the speed and the width. */
int link_watch_begin(const struct pcie_access *device, const struct pcie_access *port,
                     struct link_watched *ret_watched);

/*
 * Looks at the link; `loaded` says whether the machine is under load. True: *ret_link is filled but
 * for the places. The first call tells how it was at the beginning; a link that changes again and
 * again is told of LINK_TELLINGS times at most. `port` is NULL if it was so at the beginning.
 */
enum { LINK_TELLINGS = 8 };
bool link_watch_look(const struct pcie_access *device, const struct pcie_access *port,
                     struct link_watched *watched, bool loaded, struct event_pcie_link *ret_link);

#endif
