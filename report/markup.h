/*
 * HTML pieces: escaped text, and tables whose tags cannot be left open.
 *
 * Whatever came from a drive, firmware or an option goes through markup_text() or markup_format().
 * Both escape & < > " ' and replace everything but printable ASCII by '?', so that no string can
 * become markup. Plain markup of our own goes through writer_text().
 */
#ifndef ASSAY_REPORT_MARKUP_H
#define ASSAY_REPORT_MARKUP_H

#include <stddef.h>
#include <stdint.h>

#include "report/model.h"
#include "report/output.h"

void markup_text(struct writer *writer, const char *text);
/* Formats, then escapes; what is longer than WRITER_FORMAT_MAX - 1 bytes is cut. */
__attribute__((format(printf, 2, 3))) void markup_format(struct writer *writer, const char *format,
                                                         ...);
/* <tag>text</tag>, the text escaped. */
void markup_element(struct writer *writer, const char *tag, const char *text);

/*
 * A table, cell by cell from left to right; rows open and close by themselves. On a narrow screen
 * each row becomes a list, every cell with its heading before it (see the style in html_style.c).
 */
struct table {
    struct writer *writer;
    const char *const *headings;
    size_t columns;
    size_t column; /* of the next cell */
};

void table_begin(struct table *table, struct writer *writer, const char *const *headings,
                 size_t columns);
__attribute__((format(printf, 2, 3))) void table_cell(struct table *table, const char *format, ...);
/* Fills up the last row; says below the table how many rows found no room in the model. */
void table_end(struct table *table, struct rows rows);

#endif
