/*
 * Any bytes as a server's answer and as a URL: an answer that is taken holds what it says, and one
 * that is refused is refused whatever follows it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "report/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good)
        abort();
}

static void check_answer(const uint8_t *data, size_t size)
{
    struct http_answer answer, shorter;
    int error = http_parse_answer(data, size, &answer);

    if (error == OK) {
        check(answer.status >= 100 && answer.status <= 599);
        check(answer.head_size >= 4 && answer.head_size <= size);
        check(answer.head_size <= HTTP_HEAD_MAX && data[answer.head_size - 1] == '\n');
        check(http_parse_answer(data, answer.head_size - 1, &shorter) == ERR_ABSENT);
    } else {
        check(error == ERR_ABSENT || error == ERR_FORMAT);
        check(error == ERR_FORMAT || size < HTTP_HEAD_MAX);
        check(size == 0 || http_parse_answer(data, size - 1, &shorter) != OK);
    }
}

static void check_url(const uint8_t *data, size_t size)
{
    char text[OPTION_URL_SIZE + 16], request[HTTP_REQUEST_SIZE];
    struct http_url url;
    const char *reason;
    size_t length;

    if (size >= sizeof(text))
        return;
    memcpy(text, data, size);
    text[size] = '\0';
    if (http_parse_url(text, &url, &reason))
        return;
    check(url.port > 0 && !strpbrk(url.path, " ?#\r\n") && !strpbrk(url.host, " /\r\n"));
    length = http_put(&url, "name", size, request);
    check(length == strlen(request) && length > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_answer(data, size);
    check_url(data, size);
    return 0;
}
