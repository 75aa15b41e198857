#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "report/journal.h"

enum { CHECKSUM_LENGTH = 10 }; /* " #" and eight digits */

struct cursor {
    const char *at;
    const char *end;
};

static bool take_char(struct cursor *cursor, char c)
{
    if (cursor->at == cursor->end || *cursor->at != c)
        return false;
    cursor->at++;
    return true;
}

/* The bytes up to the next `stop` or the end, which may be none. */
static struct cursor take_until(struct cursor *cursor, char stop)
{
    struct cursor word = {cursor->at, cursor->at};

    while (word.end < cursor->end && *word.end != stop)
        word.end++;
    cursor->at = word.end;
    return word;
}

static bool word_is(struct cursor word, const char *name)
{
    size_t length = (size_t)(word.end - word.at);

    return text_length(name) == length && memcmp(word.at, name, length) == 0;
}

static int parse_word(struct cursor word, unsigned base, uint64_t *ret_value)
{
    char digits[24];
    size_t length = (size_t)(word.end - word.at);

    if (length >= sizeof(digits))
        return ERR_FORMAT;
    memcpy(digits, word.at, length);
    digits[length] = '\0';
    return parse_u64(digits, base, ret_value);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One character of quoted text, escaped or not. */
static int take_text_char(struct cursor *cursor, char *ret_char)
{
    int high, low;

    if (!take_char(cursor, '\\')) {
        if (cursor->at == cursor->end || !journal_is_plain(*cursor->at))
            return ERR_FORMAT;
        *ret_char = *cursor->at++;
        return OK;
    }
    if (!take_char(cursor, 'x') || cursor->end - cursor->at < 2)
        return ERR_FORMAT;
    high = hex_digit(cursor->at[0]);
    low = hex_digit(cursor->at[1]);
    if (high < 0 || low < 0 || (high == 0 && low == 0))
        return ERR_FORMAT;
    *ret_char = (char)(high * 16 + low);
    cursor->at += 2;
    return OK;
}

/* Reads quoted text into a buffer of `size` bytes; what does not fit is cut. */
static int take_quoted(struct cursor *cursor, char *buffer, size_t size)
{
    struct text text = text_in(buffer, size);

    if (!take_char(cursor, '"'))
        return ERR_FORMAT;
    memset(buffer, 0, size); /* of a text given twice nothing of the first remains */
    while (!take_char(cursor, '"')) {
        char c = 0;

        if (take_text_char(cursor, &c) != OK)
            return ERR_FORMAT;
        text_char(&text, c);
    }
    return OK;
}

static int store(struct event *event, const struct field *field, uint64_t value)
{
    if (field->size < 8 && value >> (8 * field->size) != 0)
        return ERR_FORMAT;
    if (field->form == FIELD_FLAG && value > 1)
        return ERR_FORMAT;
    memcpy((char *)event + field->offset, &value, field->size);
    return OK;
}

static int store_signed(struct event *event, const struct field *field, struct cursor word)
{
    bool negative = take_char(&word, '-');
    uint64_t limit = ((uint64_t)1 << (8 * field->size - 1)) - !negative;
    uint64_t size = 0;

    if (parse_word(word, 10, &size) != OK || size > limit)
        return ERR_FORMAT;
    if (negative)
        size = 0 - size;
    memcpy((char *)event + field->offset, &size, field->size);
    return OK;
}

static int store_named(struct event *event, const struct field *field, struct cursor word)
{
    for (uint8_t i = 0; i < field->name_count; i++) {
        if (word_is(word, field->names[i]))
            return store(event, field, i);
    }
    return ERR_UNSUPPORTED;
}

static int store_word(struct event *event, const struct field *field, struct cursor word)
{
    uint64_t value = 0;

    if (field->form == FIELD_SIGNED)
        return store_signed(event, field, word);
    if (field->form == FIELD_NAMED)
        return store_named(event, field, word);
    if (parse_word(word, field->form == FIELD_HEX ? 16 : 10, &value) != OK)
        return ERR_FORMAT;
    return store(event, field, value);
}

static const struct field *find_field(const struct event_kind *kind, struct cursor name)
{
    for (size_t i = 0; i < kind->field_count; i++) {
        if (word_is(name, kind->fields[i].name))
            return &kind->fields[i];
    }
    return NULL;
}

static bool has_blank(struct cursor word)
{
    take_until(&word, ' ');
    return word.at < word.end;
}

/* Reads "name=value" into the event; a field that is not known is passed over. */
static int take_field(struct cursor *cursor, const struct event_kind *kind, struct event *event)
{
    struct cursor name = take_until(cursor, '=');
    const struct field *field = find_field(kind, name);
    char unknown[1];
    bool quoted;

    if (has_blank(name) || !take_char(cursor, '='))
        return ERR_FORMAT;
    quoted = cursor->at < cursor->end && *cursor->at == '"';
    if (field && (field->form == FIELD_TEXT) != quoted)
        return ERR_FORMAT;
    if (quoted)
        return take_quoted(cursor, field ? (char *)event + field->offset : unknown,
                           field ? field->size : sizeof(unknown));
    if (!field) {
        take_until(cursor, ' ');
        return OK;
    }
    return store_word(event, field, take_until(cursor, ' '));
}

static const struct event_kind *take_kind(struct cursor *cursor, struct event *event)
{
    struct cursor word = take_until(cursor, ' ');

    for (unsigned type = 0; type < EVENT_TYPES; type++) {
        if (word_is(word, event_kinds[type].name)) {
            event->type = (uint8_t)type;
            return &event_kinds[type];
        }
    }
    return NULL;
}

/* Checks the checksum and leaves the line before it. */
static int take_checksum(struct cursor *line)
{
    size_t length;
    uint64_t expected = 0;
    struct cursor digits;

    if (line->end > line->at && line->end[-1] == '\n')
        line->end--;
    if (line->end > line->at && line->end[-1] == '\r')
        line->end--;
    length = (size_t)(line->end - line->at);
    if (length < CHECKSUM_LENGTH)
        return ERR_FORMAT;
    digits = (struct cursor){line->end - 8, line->end};
    line->end -= CHECKSUM_LENGTH;
    if (memcmp(line->end, " #", 2) != 0 || parse_word(digits, 16, &expected) != OK)
        return ERR_FORMAT;
    return expected == checksum(line->at, length - CHECKSUM_LENGTH) ? OK : ERR_FORMAT;
}

int journal_decode(const char *line, size_t length, uint64_t *ret_sequence, struct event *ret_event)
{
    struct cursor cursor = {line, line + length};
    const struct event_kind *kind;
    struct event event;
    uint64_t sequence = 0;
    int error = OK;

    memset(&event, 0, sizeof(event));
    if (take_checksum(&cursor) != OK || parse_word(take_until(&cursor, ' '), 10, &sequence) != OK ||
        !take_char(&cursor, ' ') ||
        parse_word(take_until(&cursor, ' '), 10, &event.time_us) != OK || !take_char(&cursor, ' '))
        return ERR_FORMAT;
    kind = take_kind(&cursor, &event);
    if (!kind)
        error = ERR_UNSUPPORTED;
    while (error == OK && cursor.at < cursor.end)
        error = take_char(&cursor, ' ') ? take_field(&cursor, kind, &event) : ERR_FORMAT;
    if (error == OK || error == ERR_UNSUPPORTED)
        *ret_sequence = sequence;
    if (error == OK)
        *ret_event = event;
    return error;
}
