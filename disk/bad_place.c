#include "disk/bad_place.h"

#include "base/error.h"
#include "disk/status.h"

enum disk_fault bad_place_fault(const struct bad_place *place)
{
    bool content = place->has_status && status_is_good(&place->status);
    enum disk_fault fault = DISK_FAULT_ABORTED;

    if (place->gone)
        return DISK_FAULT_GONE;
    if (place->has_status && !content)
        fault = status_fault(&place->status);
    if (fault != DISK_FAULT_ABORTED)
        return fault;
    if (place->failed.error == ERR_TIMEOUT)
        return DISK_FAULT_TIMEOUT;
    if (place->failed.error == ERR_STALE && content)
        return DISK_FAULT_STALE;
    if (place->again && place->others_read)
        return DISK_FAULT_MEDIUM;
    if (place->failed.error == ERR_STALE && !place->has_status)
        return DISK_FAULT_STALE;
    return DISK_FAULT_ABORTED;
}

static void failure_text(const struct attempt *failed, struct text *text)
{
    if (failed->error != ERR_STALE)
        text_format(text, "the answer was: %s", error_text(failed->error));
    else if (failed->left == failed->size)
        text_add(text, "the answer was success, and the buffer was left untouched");
    else
        text_format(text, "the answer was success, and %u of %u bytes were left untouched",
                    (unsigned)failed->left, (unsigned)failed->size);
}

void bad_place_text(const struct bad_place *place, struct text *text)
{
    if (place->has_status) {
        status_text(&place->status, text);
        text_add(text, "; ");
    }
    failure_text(&place->failed, text);
    if (place->passing)
        text_add(text, "; read again in pieces, all of it came");
    else if (place->gone)
        text_add(text, "; the drive is gone");
    else if (place->cut)
        text_add(text, "; too slow to be narrowed down further");
}
