#include "base/text.h"

#include "base/error.h"

#define STB_SPRINTF_IMPLEMENTATION
#define STB_SPRINTF_STATIC
#define STB_SPRINTF_NOFLOAT
#define STB_SPRINTF_NOUNALIGNED
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_sprintf.h>
#pragma GCC diagnostic pop

struct text text_in(char *buffer, size_t size)
{
    buffer[0] = '\0';
    return (struct text){.data = buffer, .size = size};
}

void text_char(struct text *text, char c)
{
    if (text->length + 1 >= text->size) {
        text->cut = true;
        return;
    }
    text->data[text->length++] = c;
    text->data[text->length] = '\0';
}

void text_add(struct text *text, const char *string)
{
    while (*string)
        text_char(text, *string++);
}

void text_format_list(struct text *text, const char *format, va_list arguments)
{
    size_t room = text->size - text->length;
    int wanted = stbsp_vsnprintf(text->data + text->length, (int)room, format, arguments);

    if (wanted < 0)
        return;
    if ((size_t)wanted >= room) {
        text->cut = true;
        text->length = text->size - 1;
    } else {
        text->length += (size_t)wanted;
    }
}

void text_format(struct text *text, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    text_format_list(text, format, arguments);
    va_end(arguments);
}

void format_text(char *buffer, size_t size, const char *format, ...)
{
    struct text text = text_in(buffer, size);
    va_list arguments;

    va_start(arguments, format);
    text_format_list(&text, format, arguments);
    va_end(arguments);
}

void copy_text(char *buffer, size_t size, const char *string)
{
    struct text text = text_in(buffer, size);

    text_add(&text, string);
}

void copy_name(char *buffer, size_t size, const void *bytes, size_t count)
{
    const uint8_t *from = bytes;
    struct text text = text_in(buffer, size);

    while (count > 0 && *from == ' ') {
        from++;
        count--;
    }
    for (size_t i = 0; i < count && from[i]; i++)
        text_char(&text, from[i] >= ' ' && from[i] <= '~' ? (char)from[i] : '?');
    while (text.length > 0 && text.data[text.length - 1] == ' ')
        text.data[--text.length] = '\0';
}

bool text_equal(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool text_equal_nocase(const char *a, const char *b)
{
    while (*a && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return lower(*a) == lower(*b);
}

bool text_starts(const char *text, const char *prefix)
{
    while (*prefix) {
        if (*text++ != *prefix++)
            return false;
    }
    return true;
}

size_t text_length(const char *text)
{
    size_t length = 0;

    while (text[length])
        length++;
    return length;
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

int parse_u64(const char *text, unsigned base, uint64_t *ret_value)
{
    uint64_t value = 0;

    if (base == 16 && text[0] == '0' && lower(text[1]) == 'x')
        text += 2;
    if (!*text)
        return ERR_FORMAT;
    for (; *text; text++) {
        unsigned digit = (unsigned)digit_value(*text);

        if (digit >= base)
            return ERR_FORMAT;
        if (value > (UINT64_MAX - digit) / base)
            return ERR_RANGE;
        value = value * base + digit;
    }
    *ret_value = value;
    return OK;
}

void text_amount(struct text *text, uint64_t bytes)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    unsigned unit = 0;
    uint64_t scaled = bytes;

    while (scaled >= 10 * 1024 && unit + 1 < sizeof(units) / sizeof(units[0])) {
        scaled /= 1024;
        unit++;
    }
    if (scaled >= 1024 && unit + 1 < sizeof(units) / sizeof(units[0])) {
        text_format(text, "%llu.%llu %s", (unsigned long long)(scaled / 1024),
                    (unsigned long long)(scaled % 1024 * 10 / 1024), units[unit + 1]);
        return;
    }
    text_format(text, "%llu %s", (unsigned long long)scaled, units[unit]);
}

void text_duration(struct text *text, uint64_t seconds)
{
    if (seconds < 60)
        text_format(text, "%llu s", (unsigned long long)seconds);
    else if (seconds < 3600)
        text_format(text, "%llu min %llu s", (unsigned long long)(seconds / 60),
                    (unsigned long long)(seconds % 60));
    else
        text_format(text, "%llu h %llu min", (unsigned long long)(seconds / 3600),
                    (unsigned long long)(seconds % 3600 / 60));
}

void text_milli(struct text *text, int64_t milli, unsigned decimals)
{
    static const uint16_t divisors[] = {1000, 100, 10, 1};
    uint64_t size = milli < 0 ? 0 - (uint64_t)milli : (uint64_t)milli;

    if (milli < 0 && size / divisors[decimals])
        text_char(text, '-');
    text_format(text, "%llu", (unsigned long long)(size / 1000));
    if (decimals)
        text_format(text, ".%0*llu", (int)decimals,
                    (unsigned long long)(size % 1000 / divisors[decimals]));
}
