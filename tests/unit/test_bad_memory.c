/*
 * bad-memory.txt, read back as Linux, GRUB and Windows read it: the pages that failed are in it in
 * each of their words, and no other page near them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "report/bad_memory.h"
#include "report/journal.h"

enum {
    PAGES = 500,
    JOURNAL_BYTES = 1024 * 1024,
    FILE_BYTES = 64 * 1024,
    NEAR = 64, /* pages around a bad one that are looked at */
    PAGE_BYTES = 4096,
};

static char journal_bytes[JOURNAL_BYTES];
static struct journal journal;
static char file[FILE_BYTES];
static size_t file_size;

struct pages {
    uint64_t list[PAGES];
    unsigned count;
};

static bool has(const struct pages *pages, uint64_t page)
{
    for (unsigned i = 0; i < pages->count; i++) {
        if (pages->list[i] == page)
            return true;
    }
    return false;
}

static void add(struct pages *pages, uint64_t page)
{
    assert_true(pages->count < PAGES);
    pages->list[pages->count++] = page;
}

/* ---- the journal */

static void begin(void)
{
    struct event event = {.type = EVENT_RUN_START, .run_start.plan = "memory"};

    journal_init(&journal, journal_bytes, sizeof(journal_bytes));
    assert_int_equal(journal_append(&journal, &event), OK);
}

static void add_error(uint64_t address)
{
    struct event event = {.type = EVENT_MEMORY_ERROR,
                          .memory_error = {.address = address, .expected = 1, .actual = 3}};

    assert_int_equal(journal_append(&journal, &event), OK);
}

static void add_mismatch(uint64_t address, enum memory_repeat page)
{
    struct event event = {.type = EVENT_MISMATCH,
                          .mismatch = {.part = 3, .address = address, .page = (uint8_t)page}};

    assert_int_equal(journal_append(&journal, &event), OK);
}

static int to_file(void *context, const void *data, size_t size)
{
    (void)context;
    if (size >= sizeof(file) - file_size)
        return ERR_FULL;
    memcpy(file + file_size, data, size);
    file_size += size;
    file[file_size] = '\0';
    return OK;
}

static void write_file(void)
{
    const struct output output = {.write = to_file};

    file_size = 0;
    assert_int_equal(bad_memory_write(journal.data, journal.length, &output), OK);
}

/* ---- the readers */

/* What follows `before`, which stands at the beginning of a line. */
static const char *after(const char *before)
{
    const char *at = strstr(file, before);

    assert_non_null(at);
    assert_true(at == file || at[-1] == '\n');
    return at + strlen(before);
}

static uint64_t number(const char **at)
{
    char *end;
    uint64_t value = strtoull(*at, &end, 0);

    assert_true(end > *at);
    *at = end;
    return value;
}

/* Documentation of the kernel's parameters: memmap=nn[KMG]$ss[KMG], several with commas. Returns
 * what follows. */
static const char *read_memmap(const char *at, struct pages *ret)
{
    ret->count = 0;
    do {
        uint64_t size = number(&at), start;

        assert_int_equal(*at++, '$');
        start = number(&at);
        assert_int_equal(size % PAGE_BYTES + start % PAGE_BYTES, 0);
        for (uint64_t done = 0; done < size; done += PAGE_BYTES)
            add(ret, (start + done) / PAGE_BYTES);
    } while (*at++ == ',');
    return at - 1;
}

static void read_linux(struct pages *ret)
{
    assert_memory_equal(read_memmap(after("memmap="), ret), "\r\n", 2);
}

/* Takes a layer of escapes away: a backslash before any of `special` (GNU Bash manual, "Double
 * Quotes"; GRUB manual, "Quoting"). */
static void unescape(char *text, const char *special)
{
    char *to = text;

    for (const char *at = text; *at; at++) {
        if (*at == '\\' && at[1] && strchr(special, at[1]))
            at++;
        else
            assert_true(*at != '$'); /* it would be the beginning of a variable */
        *to++ = *at;
    }
    *to = '\0';
}

/* /etc/default/grub is a file of the shell, and what it says stands in one of GRUB's. */
static void read_default_grub(struct pages *ret)
{
    const char *at = after("GRUB_CMDLINE_LINUX=\"");
    size_t length = strcspn(at, "\"");
    char line[FILE_BYTES];

    assert_memory_equal(at + length, "\"\r\n", 3);
    memcpy(line, at, length);
    line[length] = '\0';
    unescape(line, "$`\"\\");
    unescape(line, "$\"\\ ");
    assert_memory_equal(line, "memmap=", 7);
    assert_string_equal(read_memmap(line + 7, ret), "");
}

struct pairs {
    uint64_t address[PAGES], mask[PAGES];
    unsigned count;
};

/* GRUB manual, badram: address,mask pairs with commas. */
static void read_grub(struct pairs *ret)
{
    const char *at = after("GRUB_BADRAM=\"");

    ret->count = 0;
    do {
        assert_true(ret->count < PAGES);
        ret->address[ret->count] = number(&at);
        assert_int_equal(*at++, ',');
        ret->mask[ret->count++] = number(&at);
    } while (*at++ == ',');
    assert_memory_equal(at - 1, "\"\r\n", 3);
}

static bool is_left_out(const struct pairs *pairs, uint64_t page)
{
    for (unsigned i = 0; i < pairs->count; i++) {
        if ((page * PAGE_BYTES & pairs->mask[i]) == (pairs->address[i] & pairs->mask[i]))
            return true;
    }
    return false;
}

/* bcdedit: page frame numbers in hex, with blanks. */
static void read_windows(struct pages *ret)
{
    const char *at = after("bcdedit /set {badmemory} badmemorylist");

    ret->count = 0;
    while (*at == ' ') {
        assert_memory_equal(at, " 0x", 3);
        at++;
        add(ret, number(&at));
    }
    assert_memory_equal(at, "\r\n", 2);
}

/* ---- what is expected */

static void check_same(const struct pages *a, const struct pages *b)
{
    assert_int_equal(a->count, b->count);
    for (unsigned i = 0; i < a->count; i++) {
        assert_true(has(b, a->list[i]));
        for (unsigned j = 0; j < i; j++)
            assert_true(a->list[j] < a->list[i]); /* in order, each once */
    }
}

static void check_grub(const struct pages *bad)
{
    struct pairs pairs;

    read_grub(&pairs);
    for (unsigned i = 0; i < bad->count; i++) {
        uint64_t first = bad->list[i] > NEAR ? bad->list[i] - NEAR : 0;

        for (uint64_t page = first; page <= bad->list[i] + NEAR; page++)
            assert_int_equal(is_left_out(&pairs, page), has(bad, page));
    }
}

static void check_file(const struct pages *bad)
{
    struct pages read;

    assert_true(bad_memory_exists(journal.data, journal.length));
    write_file();
    read_linux(&read);
    check_same(&read, bad);
    read_default_grub(&read);
    check_same(&read, bad);
    read_windows(&read);
    check_same(&read, bad);
    check_grub(bad);
    assert_null(strstr(file, "no room"));
}

static unsigned count_of(const char *text, const char *end, char c)
{
    unsigned count = 0;

    while (text < end)
        count += *text++ == c;
    return count;
}

/* ---- the tests */

static void pages_are_listed(void **state)
{
    static const struct {
        uint64_t pages[8]; /* 0 ends the list */
        unsigned ranges;
    } cases[] = {
        {{0x12345}, 1},
        {{0x12345, 0x12346}, 1},
        {{0x12346, 0x12345}, 1},
        {{0x12345, 0x12347}, 2},
        {{0x12345, 0x12347, 0x12346}, 1}, /* the one between joins them */
        {{0x12347, 0x12345, 0x12346}, 1},
        {{9, 3, 7, 5, 1}, 5},
        {{5, 5, 5, 6, 6}, 1},
        {{8, 9, 10, 11, 12, 13, 14, 15}, 1}, /* one aligned power of two */
        {{7, 8, 9, 10, 11, 12, 13, 14}, 1},  /* and none */
        {{3, 4}, 1},
        {{0xFFFFFFFFF, 0xFFFFFFFFE, 0x100000000}, 2},
        {{0x40, 0x80, 0x7F, 0x41, 0x3F}, 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pages bad = {.count = 0};
        const char *line;

        begin();
        for (unsigned j = 0; j < 8 && cases[i].pages[j]; j++) {
            add_error(cases[i].pages[j] * PAGE_BYTES + 8 * (j * 77 % 512));
            if (!has(&bad, cases[i].pages[j]))
                add(&bad, cases[i].pages[j]);
        }
        check_file(&bad);
        line = after("memmap=");
        assert_int_equal(count_of(line, strchr(line, '\r'), '$'), cases[i].ranges);
    }
}

static void page_zero_can_be_bad(void **state)
{
    const struct pages bad = {.list = {0}, .count = 1};

    (void)state;
    begin();
    add_error(8);
    check_file(&bad);
}

static void mismatches_count_where_the_page_failed(void **state)
{
    const struct pages bad = {.list = {0x2000}, .count = 1};

    (void)state;
    begin();
    add_mismatch(0x1000 * (uint64_t)PAGE_BYTES, REPEAT_HELD);
    add_mismatch(0x3000 * (uint64_t)PAGE_BYTES, REPEAT_NOT_TRIED);
    assert_false(bad_memory_exists(journal.data, journal.length));
    add_mismatch(0x2000 * (uint64_t)PAGE_BYTES + 4088, REPEAT_FAILED);
    check_file(&bad);
}

static void no_bad_page_no_file(void **state)
{
    (void)state;
    begin();
    assert_false(bad_memory_exists(journal.data, journal.length));
    assert_false(bad_memory_exists(NULL, 0));
}

/* Every third page, backwards: the table holds the first BAD_MEMORY_RANGES of them. */
static void too_many_are_counted(void **state)
{
    enum { MORE = 12 };
    struct pages bad = {.count = 0}, read;

    (void)state;
    begin();
    for (unsigned i = 0; i < BAD_MEMORY_RANGES + MORE; i++)
        add_error((10000 - 3 * (uint64_t)i) * PAGE_BYTES);
    for (unsigned i = 0; i < 100; i++) /* the same pages again and again */
        add_error((10000 - 3 * (uint64_t)(BAD_MEMORY_RANGES + i % MORE)) * PAGE_BYTES + 8 * i);
    for (unsigned i = 0; i < BAD_MEMORY_RANGES; i++)
        add(&bad, 10000 - 3 * (uint64_t)i);
    write_file();
    read_linux(&read);
    check_same(&read, &bad);
    check_grub(&bad);
    assert_non_null(strstr(file, "# 12 more pages found no room"));
}

/* What found no room at first, and lies in a range that has grown since, is not lost. */
static void what_grew_in_is_not_counted(void **state)
{
    (void)state;
    begin();
    for (unsigned i = 0; i < BAD_MEMORY_RANGES; i++)
        add_error((1000 + 4 * (uint64_t)i) * PAGE_BYTES);
    add_error(1002 * PAGE_BYTES); /* no room: it touches nobody */
    add_error(5000 * PAGE_BYTES);
    add_error(1001 * PAGE_BYTES);
    add_error(1002 * PAGE_BYTES);
    write_file();
    assert_non_null(strstr(file, "# 1 more pages found no room"));
}

/* More lost pages than one look through the journal can keep, and more than all looks can. */
static void lost_pages_are_counted_in_passes(void **state)
{
    static const struct {
        unsigned lost;
        const char *said;
    } cases[] = {
        {0, NULL},
        {255, "# 255 more pages"},
        {256, "# 256 more pages"},
        {257, "# 257 more pages"},
        {700, "# 700 more pages"},
        {16 * 256 + 50, "# at least 4096 more pages"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin();
        for (unsigned j = 0; j < BAD_MEMORY_RANGES + cases[i].lost; j++)
            add_error((9 + 2 * (uint64_t)j) * PAGE_BYTES);
        write_file();
        if (cases[i].said)
            assert_non_null(strstr(file, cases[i].said));
        else
            assert_null(strstr(file, "no room"));
    }
}

/* A full table still grows, and what grows together makes room. */
static void a_full_table_grows(void **state)
{
    struct pages bad = {.count = 0};

    (void)state;
    begin();
    for (unsigned i = 0; i < BAD_MEMORY_RANGES; i++)
        add_error((1000 + 2 * (uint64_t)i) * PAGE_BYTES);
    add_error(1001 * PAGE_BYTES);
    add_error(5000 * PAGE_BYTES);
    for (unsigned i = 0; i < BAD_MEMORY_RANGES; i++)
        add(&bad, 1000 + 2 * (uint64_t)i);
    add(&bad, 1001);
    add(&bad, 5000);
    check_file(&bad);
}

/* bcdedit's list ends at 256 pages, and says so; the ranges of the others hold all. */
static void a_long_range(void **state)
{
    struct pages read;

    (void)state;
    begin();
    for (unsigned i = 0; i < 300; i++)
        add_error((0x777 + (uint64_t)i) * PAGE_BYTES);
    write_file();
    read_linux(&read);
    assert_int_equal(read.count, 300);
    read_windows(&read);
    assert_int_equal(read.count, 256);
    assert_non_null(strstr(file, "Only the first 256 pages"));
}

static void add_region(uint64_t first, uint64_t last, uint64_t pages)
{
    struct event event = {.type = EVENT_MEMORY_REGION,
                          .memory_region = {.start = first * PAGE_BYTES + 16,
                                            .end = last * PAGE_BYTES + 23,
                                            .words = 1000,
                                            .pages = pages}};

    assert_int_equal(journal_append(&journal, &event), OK);
}

/* All of its pages are bad, and only two of them had room for an error of their own. */
static void a_dense_region_is_listed(void **state)
{
    struct pages bad = {.count = 0};

    (void)state;
    begin();
    add_error(0x5000 * (uint64_t)PAGE_BYTES);
    add_error(0x5001 * (uint64_t)PAGE_BYTES);
    add_region(0x5000, 0x5063, 100);
    add_region(0x5064, 0x5064, 1);
    for (uint64_t page = 0x5000; page <= 0x5064; page++)
        add(&bad, page);
    check_file(&bad);
    assert_null(strstr(file, "INCOMPLETE"));
}

/* Gigabytes with a few bad pages in them: those that are known, and the rest is said. */
static void a_thin_region_is_not_listed(void **state)
{
    const struct pages bad = {.list = {0x5000, 0x60000, 0x200000}, .count = 3};

    (void)state;
    begin();
    add_error(0x60000 * (uint64_t)PAGE_BYTES + 8);
    add_region(0x5000, 0x200000, 40);
    check_file(&bad);
    assert_non_null(strstr(file, "# INCOMPLETE: from 0x5000010 to 0x200000017 at least 40 pages "
                                 "failed, and only 3 are listed."));
    assert_non_null(strstr(file, "range=5000010-200000017"));
    begin();
    add_error(0x60000 * (uint64_t)PAGE_BYTES + 8);
    add_region(0x5000, 0x200000, 3);
    check_file(&bad);
    assert_null(strstr(file, "INCOMPLETE"));
}

/* What cannot be is not believed. */
static void nonsense_regions_are_left_out(void **state)
{
    (void)state;
    begin();
    add_region(0x5000, 0x4000, 1);
    add_region(0x5000, 0x5001, 0);
    add_region(0, (uint64_t)1 << 51, UINT64_MAX);
    assert_false(bad_memory_exists(journal.data, journal.length));
}

/* A dense region takes the place of pages that come before it in the journal. */
static void a_dense_region_finds_room(void **state)
{
    struct pages read;

    (void)state;
    begin();
    for (unsigned i = 0; i < BAD_MEMORY_RANGES + 1; i++)
        add_error((10000 + 2 * (uint64_t)i) * PAGE_BYTES);
    add_region(0x5000, 0x50FF, 256);
    write_file();
    read_linux(&read);
    assert_int_equal(read.count, BAD_MEMORY_RANGES - 1 + 256);
    assert_non_null(strstr(file, "# 2 more pages found no room"));
}

static int full(void *context, const void *data, size_t size)
{
    (void)context, (void)data, (void)size;
    return ERR_FULL;
}

static void a_full_volume_is_said(void **state)
{
    const struct output output = {.write = full};

    (void)state;
    begin();
    add_error(0x5000);
    assert_int_equal(bad_memory_write(journal.data, journal.length, &output), ERR_FULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_are_listed),
        cmocka_unit_test(page_zero_can_be_bad),
        cmocka_unit_test(mismatches_count_where_the_page_failed),
        cmocka_unit_test(no_bad_page_no_file),
        cmocka_unit_test(too_many_are_counted),
        cmocka_unit_test(what_grew_in_is_not_counted),
        cmocka_unit_test(lost_pages_are_counted_in_passes),
        cmocka_unit_test(a_full_table_grows),
        cmocka_unit_test(a_long_range),
        cmocka_unit_test(a_dense_region_is_listed),
        cmocka_unit_test(a_thin_region_is_not_listed),
        cmocka_unit_test(nonsense_regions_are_left_out),
        cmocka_unit_test(a_dense_region_finds_room),
        cmocka_unit_test(a_full_volume_is_said),
    };

    return cmocka_run_group_tests_name("bad memory", tests, NULL, NULL);
}
