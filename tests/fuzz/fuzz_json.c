/*
 * Any journal as report.jsonl: each line is one valid JSON object in printable ASCII.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "report/ocp.h"
#include "tests/fuzz/sealed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { REPORT_SIZE = 8 << 20, DEPTH_MAX = 32 };

static char report[REPORT_SIZE];
static size_t report_length;

static int keep(void *context, const void *data, size_t size)
{
    (void)context;
    if (size > REPORT_SIZE - report_length)
        return ERR_FULL;
    memcpy(report + report_length, data, size);
    report_length += size;
    return OK;
}

/* --- A checker of JSON (RFC 8259): each function passes what it accepts, else NULL -------------
 */

static const char *value(const char *at, unsigned depth);

static const char *literal(const char *at, const char *word)
{
    return strncmp(at, word, strlen(word)) == 0 ? at + strlen(word) : NULL;
}

static const char *digits(const char *at)
{
    const char *first = at;

    while (*at >= '0' && *at <= '9')
        at++;
    return at > first ? at : NULL;
}

static const char *number(const char *at)
{
    if (*at == '-')
        at++;
    if (*at == '0' && at[1] >= '0' && at[1] <= '9')
        return NULL;
    at = digits(at);
    return at && *at == '.' ? digits(at + 1) : at;
}

static const char *escape(const char *at)
{
    if (*at != 'u')
        return *at && strchr("\"\\/bfnrt", *at) ? at + 1 : NULL;
    for (int i = 1; i <= 4; i++) {
        if (!at[i] || !strchr("0123456789abcdefABCDEF", at[i]))
            return NULL;
    }
    return at + 5;
}

static const char *string(const char *at)
{
    if (*at++ != '"')
        return NULL;
    while (at && *at != '"') {
        if (*at < ' ' || *at > '~')
            return NULL;
        at = *at == '\\' ? escape(at + 1) : at + 1;
    }
    return at ? at + 1 : NULL;
}

static const char *item(const char *at, bool object, unsigned depth)
{
    if (object) {
        at = string(at);
        if (!at || *at++ != ':')
            return NULL;
    }
    return value(at, depth + 1);
}

static const char *items(const char *at, bool object, unsigned depth)
{
    char end = object ? '}' : ']';

    if (*at == end)
        return at + 1;
    for (at = item(at, object, depth); at && *at == ','; at = item(at + 1, object, depth))
        ;
    return at && *at == end ? at + 1 : NULL;
}

static const char *value(const char *at, unsigned depth)
{
    if (depth > DEPTH_MAX)
        return NULL;
    switch (*at) {
    case '{':
    case '[':
        return items(at + 1, *at == '{', depth);
    case '"':
        return string(at);
    case 't':
        return literal(at, "true");
    case 'f':
        return literal(at, "false");
    default:
        return number(at);
    }
}

static void check_lines(void)
{
    const char *at = report;

    report[report_length] = '\0';
    while (*at) {
        if (*at != '{')
            abort();
        at = value(at, 0);
        if (!at || *at++ != '\n')
            abort();
    }
    if (at != report + report_length)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char journal[SEALED_SIZE];
    static struct model model;
    struct output output = {.write = keep};
    size_t length = seal_lines(journal, data, size);
    int error;

    report_length = 0;
    model_build(&model, journal, length);
    error = ocp_write(journal, length, &model, &output);
    if (error == ERR_FULL)
        return 0;
    if (error != OK || report_length == REPORT_SIZE)
        abort();
    check_lines();
    return 0;
}
