/*
 * A run's files on their way to a server, by HTTP PUT: the report files (report/files.h) and, last
 * of all, the journal. Where journal.log stands on the server, nothing follows, and a report that
 * the server refused can be made from it.
 *
 * Their names are safe on any server and of one run alone:
 *
 *   <machine>/<YYYYMMDD-hhmmss>-<run>/<file>
 *
 * <machine> is the UUID of the firmware's tables, else "serial-" and the machine's serial number,
 * else "unknown". The moment is when the run began, as the machine's clock showed it; without a
 * clock it is "undated" and the run's seed. All of it is letters, digits, dashes and dots.
 *
 * Each file goes over a connection of its own. A file that the server refuses does not keep the
 * others; a server that cannot be reached, goes away or keeps silent is not tried again. The server
 * is believed when it answers 200 to 299.
 */
#ifndef ASSAY_REPORT_UPLOAD_H
#define ASSAY_REPORT_UPLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/connection.h"
#include "base/event.h"
#include "report/files.h"
#include "report/http.h"

enum {
    UPLOAD_S = 30,         /* for all servers together */
    UPLOAD_CONNECT_S = 5,  /* for one connection */
    UPLOAD_SILENCE_S = 10, /* for a piece of a file to leave, and for the whole answer to come */
    UPLOAD_UUID_SIZE = 16,
    UPLOAD_FOLDER_SIZE = 128,
    UPLOAD_PIECE = 128 * 1024,
};

/* What the firmware calls the machine. */
struct upload_machine {
    bool has_uuid;
    uint8_t uuid[UPLOAD_UUID_SIZE]; /* as in the table: DSP0134, 7.2.1 */
    char serial[SERIAL_SIZE];
};

/* upload_folder.c: <machine>/<moment>-<run> */
void upload_folder(const struct upload_machine *machine, const struct event_run_start *start,
                   char folder[UPLOAD_FOLDER_SIZE]);

/* Some 130 KiB: belongs into memory of its own. The caller fills in the first part. */
struct upload {
    const struct clock *clock;
    const struct connection *connection;
    bool (*stop_asked)(void *context); /* to end all of it: Esc */
    void *context;
    const struct report_source *source;
    char folder[UPLOAD_FOLDER_SIZE];

    uint64_t end_us;
    struct http_url url;
    bool stopped;
    uint64_t announced, sent; /* of the file under way, bytes */
    struct http_answer answer;
    size_t used;
    char piece[UPLOAD_PIECE];
    char head[HTTP_HEAD_MAX];
};

struct upload_result {
    unsigned due;     /* files there are */
    unsigned arrived; /* that the server took */
    uint64_t bytes;   /* in them */
    char text[TEXT_SIZE];
};

/* Sends all files to one server, until `end_us` at most and one CONNECTION_CLOSE_US. True when all
 * arrived. The text says where they went, or what was in the way of which file. */
bool upload_send(struct upload *upload, const char *url, uint64_t end_us,
                 struct upload_result *ret_result);

#endif
