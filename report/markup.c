#include "report/markup.h"

#include <stdarg.h>

#include "base/text.h"

void markup_text(struct writer *writer, const char *text)
{
    for (; *text; text++) {
        if (*text < ' ' || *text > '~')
            writer_char(writer, '?');
        else if (*text == '&' || *text == '<' || *text == '>' || *text == '"' || *text == '\'')
            writer_format(writer, "&#%d;", *text);
        else
            writer_char(writer, *text);
    }
}

static void markup_list(struct writer *writer, const char *format, va_list arguments)
{
    char buffer[WRITER_FORMAT_MAX];
    struct text text = text_in(buffer, sizeof(buffer));

    text_format_list(&text, format, arguments);
    markup_text(writer, buffer);
}

void markup_format(struct writer *writer, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    markup_list(writer, format, arguments);
    va_end(arguments);
}

void markup_element(struct writer *writer, const char *tag, const char *text)
{
    writer_format(writer, "<%s>", tag);
    markup_text(writer, text);
    writer_format(writer, "</%s>\n", tag);
}

void table_begin(struct table *table, struct writer *writer, const char *const *headings,
                 size_t columns)
{
    *table = (struct table){.writer = writer, .headings = headings, .columns = columns};
    writer_text(writer, "<div class=\"scroll\"><table>\n<thead><tr>");
    for (size_t i = 0; i < columns; i++) {
        writer_text(writer, "<th>");
        markup_text(writer, headings[i]);
        writer_text(writer, "</th>");
    }
    writer_text(writer, "</tr></thead>\n<tbody>\n");
}

void table_cell(struct table *table, const char *format, ...)
{
    va_list arguments;

    if (table->column == 0)
        writer_text(table->writer, "<tr>");
    writer_text(table->writer, "<td data-label=\"");
    markup_text(table->writer, table->headings[table->column]);
    writer_text(table->writer, "\">");
    va_start(arguments, format);
    markup_list(table->writer, format, arguments);
    va_end(arguments);
    writer_text(table->writer, "</td>");
    if (++table->column == table->columns) {
        writer_text(table->writer, "</tr>\n");
        table->column = 0;
    }
}

void table_end(struct table *table, struct rows rows)
{
    while (table->column)
        table_cell(table, "%s", "");
    writer_text(table->writer, "</tbody>\n</table></div>\n");
    if (rows.lost)
        writer_format(table->writer, "<p class=\"note\">%llu more are not shown here.</p>\n",
                      (unsigned long long)rows.lost);
}
