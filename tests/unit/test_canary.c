/* The canary: what was stamped and not overwritten is found, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/prng.h"
#include "disk/canary.h"

enum { SIZE = 64 * 1024, UNTOUCHED = 12345 };

static uint8_t buffer[SIZE + 1];

static void fill(uint64_t seed, size_t from, size_t to)
{
    for (size_t at = from; at < to; at++)
        buffer[at] = (uint8_t)prng_next(&seed);
}

static void whole_buffer(void **state)
{
    size_t first = UNTOUCHED, last = UNTOUCHED;

    (void)state;
    canary_stamp(buffer, SIZE, 7);
    assert_int_equal(canary_left(buffer, SIZE, 7, &first, &last), SIZE / CANARY_LINE);
    assert_int_equal(first, 0);
    assert_int_equal(last, SIZE - CANARY_LINE);
    fill(1, 0, SIZE);
    first = last = UNTOUCHED;
    assert_int_equal(canary_left(buffer, SIZE, 7, &first, &last), 0);
    assert_int_equal(first, UNTOUCHED);
    assert_int_equal(last, UNTOUCHED);
}

static void one_sector_left(void **state)
{
    size_t first, last;

    (void)state;
    for (size_t at = 0; at < SIZE; at += 512) {
        canary_stamp(buffer, SIZE, at);
        fill(at, 0, at);
        fill(at + 1, at + 512, SIZE);
        assert_int_equal(canary_left(buffer, SIZE, at, &first, &last), 512 / CANARY_LINE);
        assert_int_equal(first, at);
        assert_int_equal(last, at + 512 - CANARY_LINE);
    }
}

/* The stamps of another read are data. */
static void another_seed(void **state)
{
    size_t first, last;

    (void)state;
    canary_stamp(buffer, SIZE, 8);
    for (uint64_t seed = 9; seed < 100; seed++)
        assert_int_equal(canary_left(buffer, SIZE, seed, &first, &last), 0);
}

/* A piece of the buffer that was copied to another line of it is data as well. */
static void another_line(void **state)
{
    size_t first, last;

    (void)state;
    canary_stamp(buffer, SIZE, 3);
    memcpy(buffer, buffer + 512, 512);
    assert_int_equal(canary_left(buffer, SIZE, 3, &first, &last), SIZE / CANARY_LINE - 8);
    assert_int_equal(first, 512);
}

static void odd_sizes(void **state)
{
    size_t first, last;

    (void)state;
    memset(buffer, 0, sizeof(buffer));
    canary_stamp(buffer, 63, 1);
    assert_int_equal(buffer[0], 0);
    assert_int_equal(canary_left(buffer, 63, 1, &first, &last), 0);
    assert_int_equal(canary_left(buffer, 0, 1, &first, &last), 0);
    canary_stamp(buffer + 1, 100, 1);
    assert_int_equal(canary_left(buffer + 1, 100, 1, &first, &last), 1);
    assert_int_equal(buffer[65], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_buffer), cmocka_unit_test(one_sector_left),
        cmocka_unit_test(another_seed), cmocka_unit_test(another_line),
        cmocka_unit_test(odd_sizes),
    };

    return cmocka_run_group_tests_name("canary", tests, NULL, NULL);
}
