/* Ranges of kinds, against an array with the kind of every address. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/extents.h"
#include "base/prng.h"

enum { ADDRESSES = 64, LIMIT = 80, KINDS = 4 };

static struct extent list[LIMIT];
static struct extents extents;
static uint8_t expected[ADDRESSES];

static void begin(size_t limit)
{
    memset(expected, 0, sizeof(expected));
    extents_init(&extents, list, limit);
}

/* Sorted, disjoint, neighbours of one kind in one piece, and what the array says. */
static void check(void)
{
    for (size_t i = 0; i < extents.count; i++) {
        assert_true(list[i].start < list[i].end);
        assert_true(list[i].kind != EXTENT_NONE);
        if (i > 0) {
            assert_true(list[i - 1].end <= list[i].start);
            assert_false(list[i - 1].end == list[i].start && list[i - 1].kind == list[i].kind);
        }
    }
    for (uint64_t at = 0; at < ADDRESSES; at++)
        assert_int_equal(extents_kind(&extents, at), expected[at]);
}

static uint64_t size_of(uint64_t start, uint64_t end, uint64_t kinds)
{
    uint64_t size = 0;

    for (uint64_t at = start; at < end; at++)
        size += expected[at] && kinds >> expected[at] & 1;
    return size;
}

static void ranges_are_as_painted(void **state)
{
    uint64_t random = 1;

    (void)state;
    for (unsigned round = 0; round < 300; round++) {
        begin(LIMIT);
        for (unsigned i = 0; i < 60; i++) {
            uint64_t start = prng_below(&random, ADDRESSES), end = prng_below(&random, ADDRESSES);
            unsigned kind = (unsigned)prng_below(&random, KINDS);
            uint64_t where = prng_below(&random, 1 << KINDS) & ~(uint64_t)1;
            bool all = prng_below(&random, 2);

            if (all)
                assert_int_equal(extents_paint(&extents, start, end, kind), OK);
            else
                assert_int_equal(extents_paint_where(&extents, start, end, where, kind), OK);
            for (uint64_t at = start; at < end; at++)
                if (all || (expected[at] && where >> expected[at] & 1))
                    expected[at] = (uint8_t)kind;
            check();
            assert_int_equal(extents_size(&extents, start, end, where), size_of(start, end, where));
        }
    }
}

static void a_full_table_changes_nothing(void **state)
{
    (void)state;
    begin(3);
    for (uint64_t i = 0; i < 3; i++) {
        assert_int_equal(extents_paint(&extents, i * 10, i * 10 + 4, 1), OK);
        memset(expected + i * 10, 1, 4);
    }
    assert_int_equal(extents_paint(&extents, 40, 41, 1), ERR_FULL);
    assert_int_equal(extents_paint(&extents, 11, 12, 2), ERR_FULL);
    assert_int_equal(extents_paint_where(&extents, 11, 12, EXTENT_ANY, 2), ERR_FULL);
    assert_int_equal(extents_paint(&extents, 11, 12, EXTENT_NONE), ERR_FULL);
    check();
    assert_int_equal(extents_paint(&extents, 4, 10, 1), OK);
    memset(expected + 4, 1, 6);
    check();
}

static void the_ends_of_the_address_space(void **state)
{
    struct extent found;

    (void)state;
    begin(LIMIT);
    assert_int_equal(extents_paint(&extents, UINT64_MAX - 8, UINT64_MAX, 1), OK);
    assert_int_equal(extents_paint(&extents, 0, 1, 1), OK);
    assert_int_equal(extents_paint(&extents, 5, 5, 1), OK);
    assert_int_equal(extents_paint(&extents, 6, 5, 1), OK);
    assert_int_equal(extents_size(&extents, 0, UINT64_MAX, EXTENT_ANY), 9);
    assert_true(extents_next(&extents, 1, UINT64_MAX, EXTENT_ANY, &found));
    assert_int_equal(found.start, UINT64_MAX - 8);
    assert_false(extents_next(&extents, UINT64_MAX, UINT64_MAX, EXTENT_ANY, &found));
    assert_false(extents_next(&extents, 1, 1, EXTENT_ANY, &found));
}

static void copies_fit_or_are_empty(void **state)
{
    struct extent few[1], more[2];
    struct extents to;

    (void)state;
    begin(LIMIT);
    extents_paint(&extents, 1, 2, 1);
    extents_paint(&extents, 5, 6, 2);
    extents_init(&to, few, 1);
    assert_int_equal(extents_copy(&to, &extents), ERR_FULL);
    assert_int_equal(to.count, 0);
    extents_init(&to, more, 2);
    assert_int_equal(extents_copy(&to, &extents), OK);
    assert_int_equal(extents_kind(&to, 5), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_are_as_painted),
        cmocka_unit_test(a_full_table_changes_nothing),
        cmocka_unit_test(the_ends_of_the_address_space),
        cmocka_unit_test(copies_fit_or_are_empty),
    };

    return cmocka_run_group_tests_name("extents", tests, NULL, NULL);
}
