/* The PUT request, and the answers of servers of all kinds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/error.h"
#include "report/http.h"

static void test_urls(void **state)
{
    static const struct {
        const char *url, *host, *path;
        uint16_t port;
        uint8_t last; /* byte of the address */
    } good[] = {
        {"http://10.0.2.2/up", "10.0.2.2", "/up", 80, 2},
        {"http://10.0.2.3:8199/a/b/", "10.0.2.3:8199", "/a/b", 8199, 3},
        {"http://10.0.2.255:65535//", "10.0.2.255:65535", "", 65535, 255},
        {"http://10.0.2.4:1/~lab/a-b_c.d%20e", "10.0.2.4:1", "/~lab/a-b_c.d%20e", 1, 4},
    };
    const char *reason;

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct http_url url;

        assert_int_equal(http_parse_url(good[i].url, &url, &reason), OK);
        assert_string_equal(url.host, good[i].host);
        assert_string_equal(url.path, good[i].path);
        assert_int_equal(url.port, good[i].port);
        assert_int_equal(url.address[0], 10);
        assert_int_equal(url.address[3], good[i].last);
    }
}

static void test_bad_urls(void **state)
{
    static const struct {
        const char *url, *reason;
        int error;
    } bad[] = {
        {"tftp://10.0.2.2/up", "by http:// only", ERR_UNSUPPORTED},
        {"", "by http:// only", ERR_UNSUPPORTED},
        {"http://server/up", "IPv4 address", ERR_UNSUPPORTED},
        {"http://server.with.a.long.name.example:8199/up", "IPv4 address", ERR_UNSUPPORTED},
        {"http://10.0.2/up", "IPv4 address", ERR_UNSUPPORTED},
        {"http://10.0.2.2 /up", "IPv4 address", ERR_UNSUPPORTED},
        {"http://user@10.0.2.2/up", "IPv4 address", ERR_UNSUPPORTED},
        {"http://10.0.2.2:0/up", "port", ERR_FORMAT},
        {"http://10.0.2.2:65536/up", "port", ERR_FORMAT},
        {"http://10.0.2.2:/up", "port", ERR_FORMAT},
        {"http://10.0.2.2:8x/up", "port", ERR_FORMAT},
        {"http://10.0.2.2:-1/up", "port", ERR_FORMAT},
        {"http://10.0.2.2/a b", "path", ERR_FORMAT},
        {"http://10.0.2.2/a?b", "path", ERR_FORMAT},
        {"http://10.0.2.2/a\r\nX: b", "path", ERR_FORMAT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct http_url url = {.port = 7};
        const char *reason = "";

        assert_int_equal(http_parse_url(bad[i].url, &url, &reason), bad[i].error);
        if (!strstr(reason, bad[i].reason))
            fail_msg("%s: %s", bad[i].url, reason);
        assert_int_equal(url.port, 7);
    }
}

static void test_request(void **state)
{
    char request[HTTP_REQUEST_SIZE], name[HTTP_REQUEST_SIZE];
    const char *reason;
    struct http_url url;
    size_t length;

    (void)state;
    assert_int_equal(http_parse_url("http://10.0.2.2:8199/up/", &url, &reason), OK);
    length = http_put(&url, "m/r/summary.txt", 1234, request);
    assert_int_equal(length, strlen(request));
    assert_non_null(strstr(request, "PUT /up/m/r/summary.txt HTTP/1.1\r\nHost: 10.0.2.2:8199\r\n"));
    assert_non_null(strstr(request, "\r\nContent-Length: 1234\r\n"));
    assert_non_null(strstr(request, "\r\nConnection: close\r\n"));
    assert_string_equal(request + length - 4, "\r\n\r\n");
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    assert_int_equal(http_put(&url, name, 1, request), 0);
}

/* Whole, at every length before absent, and with what follows it untouched. */
static void check_answer(const char *text, unsigned status, const char *reason)
{
    size_t size = strlen(text);
    struct http_answer answer = {.status = 0};

    for (size_t part = 0; part < size; part++) {
        if (http_parse_answer(text, part, &answer) != ERR_ABSENT)
            fail_msg("%zu bytes of %s", part, text);
    }
    assert_int_equal(http_parse_answer(text, size, &answer), OK);
    assert_int_equal(answer.status, status);
    assert_string_equal(answer.reason, reason);
    assert_int_equal(answer.head_size, size);
}

static void test_answers(void **state)
{
    (void)state;
    check_answer("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", 201, "Created");
    check_answer("HTTP/1.0 204\r\n\r\n", 204, "");
    check_answer("HTTP/1.1 100 \n\n", 100, "");
    check_answer("HTTP/1.1 500 Internal Server Error\r\nX:\r\nA-b: c\t\x80\r\n\r\n", 500,
                 "Internal Server Error");
    check_answer("HTTP/1.1 403 \x1b[31mno\r\n\r\n", 403, "?[31mno");
}

static void test_answer_with_a_body(void **state)
{
    const char *text = "HTTP/1.1 413 Too Large\r\nA: b\r\n\r\nHTTP/1.1 201 Created\r\n\r\n";
    struct http_answer answer;

    (void)state;
    assert_int_equal(http_parse_answer(text, strlen(text), &answer), OK);
    assert_int_equal(answer.status, 413);
    assert_int_equal(answer.head_size, strlen("HTTP/1.1 413 Too Large\r\nA: b\r\n\r\n"));
}

static void test_no_answers(void **state)
{
    static const char *const bad[] = {
        "\r\n",
        "x",
        "HTTP/2 201 Created\r\n\r\n",
        "HTTP/1.1  201 Created\r\n\r\n",
        "HTTP/1.1 2O1 Created\r\n\r\n",
        "HTTP/1.1 2010\r\n\r\n",
        "HTTP/1.1 099 x\r\n\r\n",
        "HTTP/1.1 600 x\r\n\r\n",
        "HTTP/1.1 20\r\n\r\n",
        "HTTP/1.1 201 Created\r\nno field\r\n",
        "HTTP/1.1 201 Created\r\n: empty\r\n",
        "HTTP/1.1 201 Created\r\nA: \x01\r\n",
        "HTTP/1.1 201 Created\r\n folded: x\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n",
    };
    struct http_answer answer = {.status = 7};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (http_parse_answer(bad[i], strlen(bad[i]), &answer) != ERR_FORMAT)
            fail_msg("%s", bad[i]);
    }
    assert_int_equal(answer.status, 7);
}

static void test_endless_head(void **state)
{
    char text[HTTP_HEAD_MAX + 8] = "HTTP/1.1 201 Created\r\n";
    struct http_answer answer;

    (void)state;
    memset(text + 22, 'A', sizeof(text) - 22);
    assert_int_equal(http_parse_answer(text, HTTP_HEAD_MAX - 1, &answer), ERR_ABSENT);
    assert_int_equal(http_parse_answer(text, HTTP_HEAD_MAX, &answer), ERR_FORMAT);
    memcpy(text + HTTP_HEAD_MAX - 3, ":\n\n", 3);
    assert_int_equal(http_parse_answer(text, HTTP_HEAD_MAX, &answer), OK);
    memcpy(text + HTTP_HEAD_MAX - 3, ":A\n\n", 4);
    assert_int_equal(http_parse_answer(text, HTTP_HEAD_MAX + 1, &answer), ERR_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_urls),
        cmocka_unit_test(test_bad_urls),
        cmocka_unit_test(test_request),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_answer_with_a_body),
        cmocka_unit_test(test_no_answers),
        cmocka_unit_test(test_endless_head),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
