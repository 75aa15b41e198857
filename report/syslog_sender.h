/*
 * The events of a run on their way to a syslog receiver (report/syslog.h).
 *
 * Events become messages at once and wait in a queue until syslog_sender_send() is called, which
 * spends little time and never waits for the network. Of single errors only so many a second are
 * told; the rest is counted. When the queue is full the oldest of the least grave messages is
 * dropped and counted: their numbers leave gaps in `sequence`. When nothing leaves any more this is
 * said once in the run's own notes, and from then on tried once a minute.
 */
#ifndef ASSAY_REPORT_SYSLOG_SENDER_H
#define ASSAY_REPORT_SYSLOG_SENDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/event.h"
#include "base/network.h"
#include "report/console.h"
#include "report/syslog.h"

enum {
    SYSLOG_QUEUE = 64,
    SYSLOG_ERRORS_PER_SECOND = 4,
    SYSLOG_FAILURES = 5, /* in a row, a second between, before it is said */
    SYSLOG_FINISH_US = 2000000,
};

struct syslog_message {
    uint16_t length;
    uint8_t severity;
    char bytes[SYSLOG_SIZE];
};

struct syslog_sender {
    const struct clock *clock;
    const struct sink *sink; /* for notes about the sending itself */
    struct network network;
    bool has_network;
    struct syslog syslog;
    struct console console;
    struct syslog_message queue[SYSLOG_QUEUE]; /* from the oldest to the newest */
    unsigned count;
    uint32_t dropped;
    uint32_t window_s; /* the second in which errors are counted, of the run */
    unsigned errors;   /* told in it */
    uint32_t untold;
    unsigned failures; /* in a row */
    uint64_t retry_us; /* not before, by the clock */
};

/* The names are those of syslog_init(). */
void syslog_sender_init(struct syslog_sender *sender, const struct clock *clock,
                        const struct sink *sink, const char *serial, const char *product);

/* From here on messages leave. The network is copied. */
void syslog_sender_open(struct syslog_sender *sender, const struct network *network);

/* Takes in one event of the run, its time set. */
void syslog_sender_event(struct syslog_sender *sender, const struct event *event);

/* Sends what waits, for some 20 ms at most and one NETWORK_SEND_US. */
void syslog_sender_send(struct syslog_sender *sender);

/* The end of a run: sends what waits, for SYSLOG_FINISH_US at most. */
void syslog_sender_finish(struct syslog_sender *sender);

#endif
