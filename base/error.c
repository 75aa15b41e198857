#include "base/error.h"

const char *error_text(int error)
{
    switch (error) {
    case OK:
        return "no error";
    case ERR_IO:
        return "the device reported a failure";
    case ERR_TIMEOUT:
        return "timed out";
    case ERR_ABSENT:
        return "not there";
    case ERR_FORMAT:
        return "malformed data";
    case ERR_RANGE:
        return "out of range";
    case ERR_FULL:
        return "no room left";
    case ERR_UNSUPPORTED:
        return "not supported";
    case ERR_REFUSED:
        return "refused";
    case ERR_STALE:
        return "success was claimed and no data came";
    case ERR_GONE:
        return "the device has left";
    default:
        return "unknown error";
    }
}
