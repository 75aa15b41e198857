/*
 * Records of the BMC's event log of any bytes: each can be told in words.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "sensors/prior.h"
#include "sensors/sel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (size_t at = 0; at < size; at += SEL_RECORD_SIZE) {
        char buffer[120];
        struct text text = text_in(buffer, sizeof(buffer));
        struct event_prior_error row;
        struct sel_record record;

        if (sel_record_of(bytes_of(data + at, size - at), &record) != OK)
            continue;
        sel_record_text(&record, &text);
        if (text.length == 0 || text.cut || record.topic >= SEL_TOPICS ||
            (record.is_bad && !record.asserted))
            __builtin_trap();
        if (prior_of_sel(&record, &row) && (row.kind >= PRIOR_KINDS || !row.text[0]))
            __builtin_trap();
        text = text_in(buffer, sizeof(buffer));
        sel_time_text(&record, &text);
        if (text.length == 0 || text.cut)
            __builtin_trap();
    }
    return 0;
}
