#include "base/hash.h"
#include "base/text.h"
#include "report/fields.h"
#include "report/journal.h"

static void add_quoted(struct text *line, const char *string, size_t size)
{
    text_char(line, '"');
    for (size_t i = 0; i < size && string[i]; i++) {
        if (journal_is_plain(string[i]))
            text_char(line, string[i]);
        else
            text_format(line, "\\x%02x", (unsigned)(uint8_t)string[i]);
    }
    text_char(line, '"');
}

static bool is_empty(const struct event *event, const struct field *field)
{
    if (field->form == FIELD_TEXT)
        return field_text(event, field)[0] == '\0';
    return field_unsigned(event, field) == 0;
}

bool journal_can_hold(const struct event *event)
{
    const struct event_kind *kind;

    if (event->type >= EVENT_TYPES)
        return false;
    kind = &event_kinds[event->type];
    for (size_t i = 0; i < kind->field_count; i++) {
        const struct field *field = &kind->fields[i];

        if (field->form == FIELD_NAMED && field_unsigned(event, field) >= field->name_count)
            return false;
    }
    return true;
}

static void add_field(struct text *line, const struct event *event, const struct field *field)
{
    uint64_t value;

    text_char(line, ' ');
    text_add(line, field->name);
    text_char(line, '=');
    if (field->form == FIELD_TEXT) {
        add_quoted(line, field_text(event, field), field->size);
        return;
    }
    value = field_unsigned(event, field);
    if (field->form == FIELD_NAMED) {
        text_add(line, field->names[value]);
    } else if (field->form == FIELD_SIGNED) {
        text_format(line, "%s%llu", field_signed(event, field) < 0 ? "-" : "",
                    (unsigned long long)magnitude(field_signed(event, field)));
    } else {
        text_format(line, field->form == FIELD_HEX ? "0x%llx" : "%llu", (unsigned long long)value);
    }
}

size_t journal_encode(char *line, size_t size, uint64_t sequence, const struct event *event)
{
    const struct event_kind *kind;
    struct text text;

    if (!journal_can_hold(event) || size == 0)
        return 0;
    kind = &event_kinds[event->type];
    text = text_in(line, size);
    text_format(&text, "%llu %llu %s", (unsigned long long)sequence,
                (unsigned long long)event->time_us, kind->name);
    for (size_t i = 0; i < kind->field_count; i++) {
        if (!is_empty(event, &kind->fields[i]))
            add_field(&text, event, &kind->fields[i]);
    }
    text_format(&text, " #%08x", (unsigned)checksum(text.data, text.length));
    /* The line feed takes the place of the NUL. */
    if (text.cut)
        return 0;
    text.data[text.length] = '\n';
    return text.length + 1;
}
