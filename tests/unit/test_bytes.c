/* The bounded reader: right values within the data, 0 and `failed` outside of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"

enum { SIZE = 9 };

/* In memory of exactly that size, so that a sanitizer sees each read beyond. */
static struct bytes make(size_t size)
{
    uint8_t *data = malloc(size ? size : 1);

    for (size_t i = 0; i < size; i++)
        data[i] = (uint8_t)(0x11 * (i + 1));
    return bytes_of(data, size);
}

static void values_are_little_endian(void **state)
{
    struct bytes bytes = make(SIZE);

    (void)state;
    assert_int_equal(bytes_u8(&bytes, 8), 0x99);
    assert_int_equal(bytes_le16(&bytes, 1), 0x3322);
    assert_int_equal(bytes_le(&bytes, 0, 3), 0x332211);
    assert_int_equal(bytes_le32(&bytes, 5), 0x99887766);
    assert_int_equal(bytes_le64(&bytes, 1), 0x9988776655443322);
    assert_int_equal(bytes_le(&bytes, 0, 0), 0);
    assert_false(bytes.failed);
    free((void *)bytes.data);
}

static void outside_gives_zero_and_fails(void **state)
{
    static const struct {
        size_t offset, width;
        bool inside;
    } cases[] = {
        {0, 8, true},  {1, 8, true},         {2, 8, false},        {8, 1, true},
        {9, 1, false}, {9, 0, true},         {10, 0, false},       {8, 2, false},
        {6, 4, false}, {SIZE_MAX, 1, false}, {SIZE_MAX, 8, false}, {SIZE_MAX - 3, 4, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bytes bytes = make(SIZE);
        uint64_t value = bytes_le(&bytes, cases[i].offset, cases[i].width);

        assert_int_equal(bytes.failed, !cases[i].inside);
        assert_int_equal(value != 0, cases[i].inside && cases[i].width > 0);
        free((void *)bytes.data);
    }
}

static void a_length_may_lie(void **state)
{
    struct bytes bytes = make(SIZE);

    (void)state;
    assert_true(bytes_have(&bytes, 0, SIZE));
    assert_false(bytes_have(&bytes, 1, SIZE_MAX));
    free((void *)bytes.data);
}

static void failure_stays(void **state)
{
    struct bytes bytes = make(SIZE);

    (void)state;
    assert_int_equal(bytes_u8(&bytes, SIZE), 0);
    assert_int_equal(bytes_u8(&bytes, 0), 0);
    assert_true(bytes.failed);
    free((void *)bytes.data);
}

static void more_than_eight_bytes_are_no_number(void **state)
{
    struct bytes bytes = make(SIZE);

    (void)state;
    assert_int_equal(bytes_le(&bytes, 0, 9), 0);
    free((void *)bytes.data);
}

static void nothing_can_be_read_from_nothing(void **state)
{
    struct bytes bytes = bytes_of(NULL, 0);

    (void)state;
    assert_true(bytes_have(&bytes, 0, 0));
    assert_int_equal(bytes_u8(&bytes, 0), 0);
    assert_true(bytes.failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_little_endian),
        cmocka_unit_test(outside_gives_zero_and_fails),
        cmocka_unit_test(a_length_may_lie),
        cmocka_unit_test(failure_stays),
        cmocka_unit_test(more_than_eight_bytes_are_no_number),
        cmocka_unit_test(nothing_can_be_read_from_nothing),
    };

    return cmocka_run_group_tests_name("bytes", tests, NULL, NULL);
}
