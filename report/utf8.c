#include "report/utf8.h"

#include <stdbool.h>

struct form {
    uint8_t mask, lead; /* of the first byte */
    uint8_t more;       /* bytes that follow it */
    uint32_t lowest;    /* code point; a lower one would be overlong */
};

static const struct form forms[] = {
    {0x80, 0x00, 0, 0},
    {0xE0, 0xC0, 1, 0x80},
    {0xF0, 0xE0, 2, 0x800},
    {0xF8, 0xF0, 3, 0x10000},
};

static bool is_character(uint32_t code)
{
    return code <= 0x10FFFF && !(code >= 0xD800 && code <= 0xDFFF);
}

/* Reads one sequence of a form; a NUL ends it early, for it is no continuation byte. */
static bool read_form(const char *text, const struct form *form, uint32_t *ret_code)
{
    uint32_t code = (uint8_t)text[0] & (uint8_t)~form->mask;

    for (uint8_t i = 1; i <= form->more; i++) {
        if (((uint8_t)text[i] & 0xC0) != 0x80)
            return false;
        code = code << 6 | ((uint8_t)text[i] & 0x3F);
    }
    *ret_code = code;
    return code >= form->lowest && is_character(code);
}

uint32_t utf8_next(const char **text)
{
    uint8_t first = (uint8_t) * *text;
    uint32_t code = 0;

    if (first == 0)
        return 0;
    for (unsigned i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if ((first & forms[i].mask) == forms[i].lead && read_form(*text, &forms[i], &code)) {
            *text += 1 + forms[i].more;
            return code;
        }
    }
    (*text)++;
    return UTF8_REPLACEMENT;
}
