/*
 * Any journal as junit.xml: it is well-formed, in ASCII, with the cases its head announces.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "report/junit.h"
#include "tests/fuzz/sealed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { REPORT_SIZE = 4 << 20, DEPTH_MAX = 8, TAG_SIZE = 32 };

static char report[REPORT_SIZE];
static size_t report_length;

static int keep(void *context, const void *data, size_t size)
{
    (void)context;
    if (size >= REPORT_SIZE - report_length)
        return ERR_FULL;
    memcpy(report + report_length, data, size);
    report_length += size;
    return OK;
}

static void check(bool good)
{
    if (!good)
        abort();
}

/* --- A checker of XML as far as JUnit files use it ---------------------------------------------
 */

struct checker {
    const char *at;
    char open[DEPTH_MAX][TAG_SIZE];
    unsigned depth;
    unsigned cases;
};

static bool is_xml_character(unsigned long code)
{
    return code == 9 || code == 10 || code == 13 || (code >= 0x20 && code <= 0xD7FF) ||
           (code >= 0xE000 && code <= 0xFFFD) || (code >= 0x10000 && code <= 0x10FFFF);
}

/* Text or an attribute's value up to `stop`: ASCII, '&' only as a reference to a legal character.
 */
static void pass_text(struct checker *checker, char stop)
{
    for (; *checker->at != stop; checker->at++) {
        char c = *checker->at;
        char *end;

        check((c >= ' ' && c <= '~') || (stop == '<' && c == '\n'));
        check(c != '<' && c != '>' && c != '"');
        if (c != '&')
            continue;
        check(checker->at[1] == '#');
        check(is_xml_character(strtoul(checker->at + 2, &end, 10)));
        check(*end == ';');
        checker->at = end;
    }
}

static void pass_name(struct checker *checker, char name[TAG_SIZE])
{
    size_t length = 0;

    while ((*checker->at >= 'a' && *checker->at <= 'z') || *checker->at == '-') {
        check(length + 1 < TAG_SIZE);
        name[length++] = *checker->at++;
    }
    check(length > 0);
    name[length] = '\0';
}

static void pass_char(struct checker *checker, char c)
{
    check(*checker->at == c);
    checker->at++;
}

static void pass_end_tag(struct checker *checker)
{
    char name[TAG_SIZE];

    pass_name(checker, name);
    pass_char(checker, '>');
    check(checker->depth > 0 && strcmp(checker->open[--checker->depth], name) == 0);
}

static void pass_tag(struct checker *checker)
{
    char name[TAG_SIZE];

    pass_char(checker, '<');
    if (*checker->at == '/') {
        checker->at++;
        pass_end_tag(checker);
        return;
    }
    check(checker->depth < DEPTH_MAX);
    pass_name(checker, checker->open[checker->depth]);
    checker->cases += strcmp(checker->open[checker->depth], "testcase") == 0;
    while (*checker->at == ' ') {
        checker->at++;
        pass_name(checker, name);
        pass_char(checker, '=');
        pass_char(checker, '"');
        pass_text(checker, '"');
        pass_char(checker, '"');
    }
    if (*checker->at == '/')
        checker->at++;
    else
        checker->depth++;
    pass_char(checker, '>');
}

static void check_report(void)
{
    static const char head[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    struct checker checker = {.at = report + sizeof(head) - 1};
    const char *tests;

    report[report_length] = '\0';
    check(strncmp(report, head, sizeof(head) - 1) == 0);
    do {
        pass_tag(&checker);
        if (checker.depth > 0)
            pass_text(&checker, '<');
    } while (checker.depth > 0);
    check(strcmp(checker.at, "\n") == 0 && checker.at + 1 == report + report_length);
    tests = strstr(report, " tests=\"");
    check(tests && strtoul(tests + strlen(" tests=\""), NULL, 10) == checker.cases);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char journal[SEALED_SIZE];
    static struct model model;
    struct output output = {.write = keep};

    report_length = 0;
    model_build(&model, journal, seal_lines(journal, data, size));
    check(junit_write(&model, &output) == OK);
    check_report();
    return 0;
}
