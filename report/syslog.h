/*
 * Live events as syslog messages (RFC 5424), one event in one datagram (RFC 5426):
 *
 *   <PRI>1 TIMESTAMP HOSTNAME assay - MSGID [assay@32473 run="7" sequence="12" …] MSG
 *
 * The facility is `user`. TIMESTAMP stands only where the machine's clock and its zone are known,
 * and is in UTC; otherwise it is "-", and `time` among the structured data, seconds since the run
 * began, has to do. MSGID is the kind of event as in the journal (event_kinds[]). 32473 is the
 * enterprise number that RFC 5612 sets aside for documentation: Assay has none of its own.
 *
 * Everything is printable ASCII, so MSG has no byte order mark. Messages are shorter than
 * SYSLOG_SIZE bytes, more than the 480 that every receiver takes and less than the 2048 that it
 * should take (RFC 5426, 3.2); a text that does not fit ends in "...".
 */
#ifndef ASSAY_REPORT_SYSLOG_H
#define ASSAY_REPORT_SYSLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"

enum {
    SYSLOG_SIZE = 1024,     /* with a NUL, which is not sent */
    SYSLOG_HOST_SIZE = 256, /* RFC 5424, 6: HOSTNAME has 255 characters at most */
};

/* RFC 5424, table 2. */
enum syslog_severity {
    SYSLOG_ERROR = 3,
    SYSLOG_WARNING = 4,
    SYSLOG_NOTICE = 5,
    SYSLOG_INFO = 6,
    SYSLOG_DEBUG = 7,
};

struct syslog {
    char host[SYSLOG_HOST_SIZE];
    uint32_t run;
    uint32_t sequence; /* of the last message */
    bool dated;        /* the clock and its zone are known */
    int64_t start_ms;
    char phase[NAME_SIZE];
};

/* `serial` and `product` are what the machine calls itself: the serial number is its name here, or
 * else the product; either may be empty. */
void syslog_init(struct syslog *syslog, const char *serial, const char *product);

/* What every later message says of the run: its number, its clock, its phase. */
void syslog_follow(struct syslog *syslog, const struct event *event);

/* How grave an event is. False for one that no message is made of. */
bool syslog_severity(const struct event *event, enum syslog_severity *ret_severity);

/* Writes one message, with `words` as its MSG, and returns its length. The event's type is known.
 */
size_t syslog_format(struct syslog *syslog, const struct event *event,
                     enum syslog_severity severity, const char *words, char message[SYSLOG_SIZE]);

#endif
