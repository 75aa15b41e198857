#include "report/lines.h"

#include <stdarg.h>

#include "base/text.h"

void make_ascii(char *text)
{
    for (; *text; text++) {
        if (*text < ' ' || *text > '~')
            *text = '?';
    }
}

void lines_format(const struct lines *lines, const char *format, ...)
{
    char line[LINE_SIZE];
    struct text text = text_in(line, sizeof(line));
    va_list arguments;

    va_start(arguments, format);
    text_format_list(&text, format, arguments);
    va_end(arguments);
    make_ascii(line);
    lines->put(lines->context, line);
}

/* How many characters of a text go on a line of `room` columns. */
static size_t fitting(const char *text, size_t room)
{
    size_t length = text_length(text);
    size_t end = room;

    if (length <= room)
        return length;
    while (end > 0 && text[end] != ' ')
        end--;
    return end > 0 ? end : room;
}

void lines_wrapped(const struct lines *lines, const char *prefix, const char *text)
{
    char line[LINE_SIZE];
    char head[LINE_SIZE / 2];
    size_t indent;

    copy_text(head, sizeof(head), prefix);
    indent = text_length(head);
    do {
        size_t count = fitting(text, LINE_COLUMNS - indent);

        format_text(line, sizeof(line), "%*s%.*s", (int)indent, head, (int)count, text);
        make_ascii(line);
        lines->put(lines->context, line);
        head[0] = '\0';
        text += count;
        while (*text == ' ')
            text++;
    } while (*text);
}
