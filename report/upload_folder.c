#include "base/text.h"
#include "report/stamp.h"
#include "report/upload.h"

static void add_safe(struct text *text, const char *name)
{
    for (; *name; name++) {
        bool safe = (*name >= '0' && *name <= '9') || (*name >= 'A' && *name <= 'Z') ||
                    (*name >= 'a' && *name <= 'z');

        text_char(text, safe ? *name : '-');
    }
}

/* The first three fields of a UUID are little-endian in the table. */
static void add_uuid(struct text *text, const uint8_t uuid[UPLOAD_UUID_SIZE])
{
    static const uint8_t order[UPLOAD_UUID_SIZE] = {3, 2, 1,  0,  5,  4,  7,  6,
                                                    8, 9, 10, 11, 12, 13, 14, 15};

    for (unsigned i = 0; i < UPLOAD_UUID_SIZE; i++)
        text_format(text, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
                    uuid[order[i]]);
}

void upload_folder(const struct upload_machine *machine, const struct event_run_start *start,
                   char folder[UPLOAD_FOLDER_SIZE])
{
    struct text text = text_in(folder, UPLOAD_FOLDER_SIZE);

    if (machine->has_uuid)
        add_uuid(&text, machine->uuid);
    else if (machine->serial[0])
        text_add(&text, "serial-");
    else
        text_add(&text, "unknown");
    if (!machine->has_uuid)
        add_safe(&text, machine->serial);
    if (stamp_clock_is_known(start))
        text_format(&text, "/%04u%02u%02u-%02u%02u%02u", start->year, start->month, start->day,
                    start->hour, start->minute, start->second);
    else
        text_format(&text, "/undated-%llx", (unsigned long long)start->seed);
    text_format(&text, "-%u", (unsigned)start->number);
}
