#include "report/output.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

void writer_init(struct writer *writer, const struct output *output)
{
    writer->output = output;
    writer->error = OK;
    writer->used = 0;
}

static void flush(struct writer *writer)
{
    if (writer->error == OK && writer->used > 0)
        writer->error =
            writer->output->write(writer->output->context, writer->buffer, writer->used);
    writer->used = 0;
}

void writer_bytes(struct writer *writer, const void *data, size_t size)
{
    const char *from = data;

    while (size > 0) {
        size_t room = WRITER_SIZE - writer->used;
        size_t part = size < room ? size : room;

        memcpy(writer->buffer + writer->used, from, part);
        writer->used += part;
        from += part;
        size -= part;
        if (writer->used == WRITER_SIZE)
            flush(writer);
    }
}

void writer_char(struct writer *writer, char c)
{
    writer_bytes(writer, &c, 1);
}

void writer_text(struct writer *writer, const char *text)
{
    writer_bytes(writer, text, text_length(text));
}

void writer_format(struct writer *writer, const char *format, ...)
{
    char buffer[WRITER_FORMAT_MAX];
    struct text text = text_in(buffer, sizeof(buffer));
    va_list arguments;

    va_start(arguments, format);
    text_format_list(&text, format, arguments);
    va_end(arguments);
    if (text.cut && writer->error == OK)
        writer->error = ERR_RANGE;
    writer_bytes(writer, text.data, text.length);
}

int writer_finish(struct writer *writer)
{
    flush(writer);
    return writer->error;
}
