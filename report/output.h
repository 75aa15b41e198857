/*
 * Where a report goes: a callback that takes bytes, and a small buffer in front of it.
 *
 * Reports are streamed, so that their size needs no memory. A writer remembers the first error and
 * drops what follows it; whoever writes asks once, with writer_finish().
 */
#ifndef ASSAY_REPORT_OUTPUT_H
#define ASSAY_REPORT_OUTPUT_H

#include <stddef.h>

struct output {
    void *context;
    /* Takes all `size` bytes, or returns an error. */
    int (*write)(void *context, const void *data, size_t size);
};

enum { WRITER_SIZE = 1024, WRITER_FORMAT_MAX = 512 };

/* Lives on the stack of the function that writes one report. */
struct writer {
    const struct output *output;
    int error; /* OK, or the first one */
    size_t used;
    char buffer[WRITER_SIZE];
};

void writer_init(struct writer *writer, const struct output *output);
void writer_bytes(struct writer *writer, const void *data, size_t size);
void writer_char(struct writer *writer, char c);
void writer_text(struct writer *writer, const char *text);
/* Formats at most WRITER_FORMAT_MAX - 1 bytes; more is ERR_RANGE. Long or foreign strings go
 * through writer_text. */
__attribute__((format(printf, 2, 3))) void writer_format(struct writer *writer, const char *format,
                                                         ...);
/* Brings the rest to the output and returns OK or the first error. */
int writer_finish(struct writer *writer);

#endif
