/*
 * Makes a journal of arbitrary bytes: each line of them becomes a line of the journal, with a
 * sequence number, a time and a checksum, so that a fuzzer gets past those and into the fields.
 */
#ifndef ASSAY_TESTS_FUZZ_SEALED_H
#define ASSAY_TESTS_FUZZ_SEALED_H

#include <stdint.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"

enum { SEALED_SIZE = 256 * 1024, SEALED_LINE = 4096 };

static inline size_t seal_lines(char *journal, const uint8_t *data, size_t size)
{
    struct text text = text_in(journal, SEALED_SIZE);
    const uint8_t *end = data + size;

    for (unsigned sequence = 1; data < end; sequence++) {
        const uint8_t *feed = memchr(data, '\n', (size_t)(end - data));
        size_t length = (size_t)((feed ? feed : end) - data);
        size_t start = text.length;

        if (length > SEALED_LINE || text.size - text.length < length + 64)
            break;
        text_format(&text, "%u %u ", sequence, sequence * 250000);
        for (size_t i = 0; i < length; i++)
            text_char(&text, (char)data[i]);
        text_format(&text, " #%08x\n", (unsigned)checksum(journal + start, text.length - start));
        data += length + (feed != NULL);
    }
    return text.length;
}

#endif
