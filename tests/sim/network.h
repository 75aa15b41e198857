/*
 * A simulated network behind the network seam, and the faults it may have. What arrives is kept.
 */
#ifndef ASSAY_TESTS_SIM_NETWORK_H
#define ASSAY_TESTS_SIM_NETWORK_H

#include <stdbool.h>

#include "base/network.h"
#include "tests/sim/clock.h"

enum { SIM_DATAGRAMS = 256, SIM_DATAGRAM_SIZE = 2048 };

enum network_fault {
    NETWORK_HEALTHY,
    NETWORK_FIRST_LATE,    /* the first `fault_count` calls time out */
    NETWORK_SILENT,        /* every call times out */
    NETWORK_BROKEN,        /* every call fails at once */
    NETWORK_SLOW,          /* every call takes nearly all of its time, and succeeds */
    NETWORK_NEEDS_TENDING, /* datagrams wait, and one leaves at every second look */
};

struct sim_network {
    struct sim_clock *time;
    enum network_fault fault;
    unsigned fault_count;
    unsigned calls;
    unsigned looks;
    unsigned waiting; /* datagrams that were taken */
    unsigned count;   /* of which so many arrived */
    struct {
        size_t size;
        char bytes[SIM_DATAGRAM_SIZE + 1]; /* with a NUL behind it */
    } datagrams[SIM_DATAGRAMS];
};

/* Set the fault before the seam is made. */
void sim_network_init(struct sim_network *of, struct sim_clock *time);
struct network sim_network_seam(struct sim_network *of);

#endif
