#include "report/xml.h"

#include <stdbool.h>

#include "report/utf8.h"

/* XML 1.0, section 2.2, production Char; utf8_next gives no surrogates. */
static bool is_allowed(uint32_t code)
{
    if (code < ' ')
        return code == '\t' || code == '\n' || code == '\r';
    return code != 0xFFFE && code != 0xFFFF;
}

void xml_text(struct writer *writer, const char *text)
{
    uint32_t code;

    while ((code = utf8_next(&text)) != 0) {
        if (!is_allowed(code))
            code = UTF8_REPLACEMENT;
        if (code >= ' ' && code <= '~' && code != '<' && code != '>' && code != '&' &&
            code != '"' && code != '\'')
            writer_char(writer, (char)code);
        else
            writer_format(writer, "&#%u;", (unsigned)code);
    }
}

void xml_attribute(struct writer *writer, const char *name, const char *value)
{
    writer_format(writer, " %s=\"", name);
    xml_text(writer, value);
    writer_char(writer, '"');
}
