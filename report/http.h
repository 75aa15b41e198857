/*
 * What of HTTP/1.1 it takes to bring a file to a server: a PUT request and its answer (RFC 9110,
 * 9.3.4; RFC 9112). Answers are bytes of a stranger, and every one of them is checked.
 */
#ifndef ASSAY_REPORT_HTTP_H
#define ASSAY_REPORT_HTTP_H

#include <stddef.h>
#include <stdint.h>

#include "base/event.h"
#include "base/network.h"
#include "base/options.h"

enum {
    HTTP_PORT = 80,
    HTTP_HOST_SIZE = 24, /* "255.255.255.255:65535" */
    HTTP_REQUEST_SIZE = 768,
    HTTP_HEAD_MAX = 4096, /* bytes of an answer's status line and header */
};

struct http_url {
    uint8_t address[NETWORK_ADDRESS_SIZE];
    uint16_t port;
    char host[HTTP_HOST_SIZE];  /* with the port where the URL names one */
    char path[OPTION_URL_SIZE]; /* begins with a slash and ends without one */
};

/* http://ADDRESS[:PORT]/PATH, with an IPv4 address and a path of letters, digits and -._~/% (RFC
 * 3986, 3). ERR_UNSUPPORTED for another scheme and for a host's name, ERR_FORMAT for anything else,
 * with the reason in words. */
int http_parse_url(const char *url, struct http_url *ret_url, const char **ret_reason);

/* Writes the head of a request that puts `size` bytes at PATH/NAME; returns its length. 0: it does
 * not fit. The name's characters are the caller's care. */
size_t http_put(const struct http_url *url, const char *name, uint64_t size,
                char request[HTTP_REQUEST_SIZE]);

struct http_answer {
    unsigned status;        /* 100 to 599 */
    char reason[NAME_SIZE]; /* printable ASCII; may be empty */
    size_t head_size;       /* bytes up to the end of the empty line */
};

/* Reads the head of an answer (RFC 9112, 4 and 5) from what has come of it. ERR_ABSENT: it is good
 * so far and has no end yet. ERR_FORMAT: it is none, or longer than HTTP_HEAD_MAX. */
int http_parse_answer(const void *bytes, size_t size, struct http_answer *ret_answer);

#endif
