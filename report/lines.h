/*
 * Lines of plain text for people: printable ASCII, at most 79 columns, long sentences wrapped.
 *
 * Strings from drives, firmware and files go through here before they meet a terminal: whatever is
 * not printable ASCII becomes '?', so no name can move a cursor or break a line in two.
 */
#ifndef ASSAY_REPORT_LINES_H
#define ASSAY_REPORT_LINES_H

#include <stddef.h>

enum { LINE_COLUMNS = 79, LINE_SIZE = LINE_COLUMNS + 1 };

/* Who takes the lines. A line has no end-of-line characters; it is valid during the call. */
struct lines {
    void *context;
    void (*put)(void *context, const char *line);
};

/* One line; what does not fit is cut. */
__attribute__((format(printf, 2, 3))) void lines_format(const struct lines *lines,
                                                        const char *format, ...);
/*
 * One text on as many lines as it needs, broken at blanks; a word wider than a line is broken
 * where the line ends. The first line begins with `prefix`, the others with as many blanks.
 * Prefixes are cut to half a line.
 */
void lines_wrapped(const struct lines *lines, const char *prefix, const char *text);

/* Replaces everything but printable ASCII by '?', in place. */
void make_ascii(char *text);

#endif
