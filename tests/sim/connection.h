/*
 * A simulated HTTP server behind the connection seam, and the faults it may have. What it was given
 * is kept.
 */
#ifndef ASSAY_TESTS_SIM_CONNECTION_H
#define ASSAY_TESTS_SIM_CONNECTION_H

#include "base/connection.h"
#include "tests/sim/clock.h"

enum {
    SIM_FILES = 8,
    SIM_FILE_SIZE = 4 * 1024 * 1024,
    SIM_NAME_SIZE = 256,
    SIM_REQUEST_SIZE = 1024
};

enum connection_fault {
    CONNECTION_HEALTHY,
    CONNECTION_REFUSES,
    CONNECTION_HANGS_AT_CONNECT,
    CONNECTION_HANGS_IN_BODY,   /* takes a piece and no more */
    CONNECTION_HANGS_AT_ANSWER, /* takes all and says nothing */
    CONNECTION_HANGS_IN_HEAD,   /* says half of its answer's head */
    CONNECTION_CLOSES,          /* after the request, without a word */
    CONNECTION_TRUNCATES,       /* closes in the middle of its answer's head */
    CONNECTION_ANSWERS,         /* what stands in `answer` */
    CONNECTION_SAYS_NO_EARLY,   /* gives `answer` and closes before it has read the body */
    CONNECTION_VANISHES,        /* ends the connection in the body */
    CONNECTION_GARBAGE,
    CONNECTION_ENDLESS,  /* a header without end */
    CONNECTION_TRICKLES, /* a byte of its answer each second */
    CONNECTION_BROKEN,   /* the firmware fails */
    CONNECTION_FAULTS,
};

struct sim_file {
    char name[SIM_NAME_SIZE];
    size_t announced, size;
    unsigned char bytes[SIM_FILE_SIZE];
};

struct sim_connection {
    struct sim_clock *time;
    enum connection_fault fault;
    unsigned fault_from; /* file, from 0 on: those before find it healthy */
    const char *answer;  /* of CONNECTION_ANSWERS and CONNECTION_SAYS_NO_EARLY */
    uint16_t port;       /* of the last connection */
    unsigned opened, closed;
    unsigned count; /* files that came as a whole */
    bool in_head, gone;
    size_t request_size, said;
    char request[SIM_REQUEST_SIZE];
    struct sim_file files[SIM_FILES];
};

/* Some megabytes. */
void sim_connection_init(struct sim_connection *of, struct sim_clock *time);
struct connection sim_connection_seam(struct sim_connection *of);

#endif
