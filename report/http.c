#include "report/http.h"

#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/version.h"

enum { STATUS_END = 12 }; /* of "HTTP/1.1 201" */

static const char *const scheme = "http://";

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_one_of(char c, const char *others)
{
    while (*others && *others != c)
        others++;
    return *others || is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* The port of "10.0.0.1:8080", which is cut off; HTTP_PORT without one, 0 for a bad one. */
static uint16_t take_port(char *host)
{
    uint64_t port = HTTP_PORT;

    for (; *host; host++) {
        if (*host != ':')
            continue;
        if (!is_digit(host[1]) || parse_u64(host + 1, 10, &port) || port > UINT16_MAX)
            port = 0;
        *host = '\0';
        break;
    }
    return (uint16_t)port;
}

/* Without the slashes at its end. */
static bool copy_path(const char *path, char ret_path[OPTION_URL_SIZE])
{
    size_t length = 0;

    for (; path[length]; length++) {
        if (length + 1 == OPTION_URL_SIZE || !is_one_of(path[length], "-._~/%"))
            return false;
    }
    while (length && path[length - 1] == '/')
        length--;
    memcpy(ret_path, path, length);
    ret_path[length] = '\0';
    return true;
}

int http_parse_url(const char *url, struct http_url *ret_url, const char **ret_reason)
{
    struct http_url found = {.port = 0};
    char host[HTTP_HOST_SIZE];
    size_t length = 0;

    *ret_reason = "this version sends by http:// only";
    if (!text_starts(url, scheme))
        return ERR_UNSUPPORTED;
    url += text_length(scheme);
    while (url[length] && url[length] != '/')
        length++;
    copy_text(found.host, length < HTTP_HOST_SIZE ? length + 1 : HTTP_HOST_SIZE, url);
    copy_text(host, sizeof(host), found.host);
    found.port = take_port(host);
    *ret_reason = "names are not resolved: give an IPv4 address";
    if (length >= HTTP_HOST_SIZE || network_parse_address(host, found.address))
        return ERR_UNSUPPORTED;
    *ret_reason = "its port is none";
    if (!found.port)
        return ERR_FORMAT;
    *ret_reason = "its path has characters that are not safe";
    if (!copy_path(url + length, found.path))
        return ERR_FORMAT;
    *ret_url = found;
    return OK;
}

size_t http_put(const struct http_url *url, const char *name, uint64_t size,
                char request[HTTP_REQUEST_SIZE])
{
    struct text text = text_in(request, HTTP_REQUEST_SIZE);

    text_format(&text,
                "PUT %s/%s HTTP/1.1\r\n"
                "Host: %s\r\n"
                "User-Agent: Assay/" ASSAY_VERSION "\r\n"
                "Content-Type: application/octet-stream\r\n"
                "Content-Length: %llu\r\n"
                "Connection: close\r\n\r\n",
                url->path, name, url->host, (unsigned long long)size);
    return text.cut ? 0 : text.length;
}

/* "HTTP/1.1 201 Created", the words being optional. */
static bool read_status(const char *line, size_t length, struct http_answer *answer)
{
    static const char form[] = "HTTP/1.d ddd";

    if (length < STATUS_END || (length > STATUS_END && line[STATUS_END] != ' '))
        return false;
    for (unsigned i = 0; i < STATUS_END; i++) {
        if (form[i] == 'd' ? !is_digit(line[i]) : line[i] != form[i])
            return false;
    }
    answer->status = (unsigned)(line[9] - '0') * 100 + (unsigned)(line[10] - '0') * 10 +
                     (unsigned)(line[11] - '0');
    copy_name(answer->reason, sizeof(answer->reason), line + STATUS_END, length - STATUS_END);
    return answer->status >= 100 && answer->status <= 599;
}

/* name: value (RFC 9112, 5; the name is a token of RFC 9110, 5.6.2). */
static bool is_field(const char *line, size_t length)
{
    size_t name = 0;

    while (name < length && is_one_of(line[name], "!#$%&'*+-.^_`|~"))
        name++;
    if (!name || name == length || line[name] != ':')
        return false;
    for (size_t i = name; i < length; i++) {
        if ((unsigned char)line[i] < ' ' && line[i] != '\t')
            return false;
    }
    return true;
}

/* Whether bytes that are no whole line yet may become a status line. */
static bool begins_well(const char *bytes, size_t size)
{
    static const char start[] = "HTTP/1.";
    size_t known = size < sizeof(start) - 1 ? size : sizeof(start) - 1;

    return memcmp(bytes, start, known) == 0;
}

int http_parse_answer(const void *bytes, size_t size, struct http_answer *ret_answer)
{
    const char *text = bytes;
    struct http_answer answer = {.status = 0};
    size_t limit = size < HTTP_HEAD_MAX ? size : HTTP_HEAD_MAX, start = 0;

    for (size_t i = 0; i < limit; i++) {
        size_t length = i - start;

        if (text[i] != '\n')
            continue;
        length -= length && text[i - 1] == '\r';
        if (start && !length) {
            answer.head_size = i + 1;
            *ret_answer = answer;
            return OK;
        }
        if (start ? !is_field(text + start, length) : !read_status(text, length, &answer))
            return ERR_FORMAT;
        start = i + 1;
    }
    return size >= HTTP_HEAD_MAX || (!start && size && !begins_well(text, size)) ? ERR_FORMAT
                                                                                 : ERR_ABSENT;
}
