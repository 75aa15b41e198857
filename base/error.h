/*
 * Errors.
 *
 * A function that can fail returns an int: OK, or one of the negative codes below. Out-parameters
 * are named ret_x and are untouched on failure. A code says what happened to the call, never what
 * is wrong with the machine: an unreadable sector is evidence, and evidence travels as events.
 * Firmware status codes are translated to these in efi/ and go no further.
 */
#ifndef ASSAY_BASE_ERROR_H
#define ASSAY_BASE_ERROR_H

enum error {
    OK = 0,
    ERR_IO = -1,          /* the device or firmware reported a failure */
    ERR_TIMEOUT = -2,     /* a bounded wait ran out */
    ERR_ABSENT = -3,      /* what was asked for is not there */
    ERR_FORMAT = -4,      /* the bytes are not what the standard says */
    ERR_RANGE = -5,       /* an argument or a size is out of range */
    ERR_FULL = -6,        /* a table, queue, buffer or volume has no room left */
    ERR_UNSUPPORTED = -7, /* the other side does not do this */
    ERR_REFUSED = -8,     /* the other side said no, or safety forbids it */
    ERR_STALE = -9,       /* success was claimed and the buffer was not filled */
    ERR_GONE = -10,       /* the device has left */
};

/* A short lower-case phrase for a code, for notes and logs: "timed out", "no room left". */
const char *error_text(int error);

#endif
