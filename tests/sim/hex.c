#include "tests/sim/hex.h"

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

size_t from_hex(const char *text, uint8_t *ret_bytes, size_t size)
{
    size_t count = 0;

    while (text[0] && text[1] && count < size) {
        int high = digit(text[0]), low = digit(text[1]);

        if (high < 0 || low < 0) {
            text++;
            continue;
        }
        ret_bytes[count++] = (uint8_t)(high << 4 | low);
        text += 2;
    }
    return count;
}
