/* Packing, unpacking and comparing blocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/prng.h"
#include "disk/imaging/difference.h"
#include "disk/imaging/pack.h"

enum { SIZE_MAX_BLOCK = 1024 * 1024 };

struct buffers {
    struct pack_state state;
    uint8_t *data, *packed, *again;
};

static int make_buffers(void **state)
{
    struct buffers *buffers = malloc(sizeof(*buffers));

    buffers->data = malloc(SIZE_MAX_BLOCK);
    buffers->packed = malloc(SIZE_MAX_BLOCK);
    buffers->again = malloc(SIZE_MAX_BLOCK);
    *state = buffers;
    return 0;
}

static int free_buffers(void **state)
{
    struct buffers *buffers = *state;

    free(buffers->data);
    free(buffers->packed);
    free(buffers->again);
    free(buffers);
    return 0;
}

static void fill(uint8_t *data, size_t size, bool random)
{
    uint64_t state = 7;

    for (size_t i = 0; i < size; i++)
        data[i] = random ? (uint8_t)prng_next(&state) : (uint8_t)(i % 251 + i / 4096);
}

static const struct {
    uint32_t size;
    bool random;
    bool raw;
} samples[] = {
    {1, false, true},
    {13, false, true},
    {512, true, true},
    {512, false, false},
    {4096, false, false},
    {65536, true, true},
    {65537, false, false},
    {SIZE_MAX_BLOCK, true, true},
    {SIZE_MAX_BLOCK, false, false},
};

static void test_round_trips(void **state)
{
    struct buffers *buffers = *state;

    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        uint32_t size = samples[i].size;
        uint8_t *packed = malloc(size), *back = malloc(size); /* of the exact size, for ASan */
        uint32_t count;
        bool raw = !samples[i].raw;

        fill(buffers->data, size, samples[i].random);
        count = pack_block(&buffers->state, buffers->data, size, packed, &raw);
        if (size > 512) /* less is not worth the search */
            assert_int_equal(raw, samples[i].raw);
        assert_true(raw ? count == size : count < size);
        assert_int_equal(unpack_block(packed, count, raw, back, size), OK);
        assert_memory_equal(back, buffers->data, size);
        free(packed);
        free(back);
    }
}

static void test_same_bytes_same_form(void **state)
{
    struct buffers *buffers = *state;
    uint32_t first, second;
    bool raw;

    fill(buffers->data, SIZE_MAX_BLOCK, false);
    memset(&buffers->state, 0xFF, sizeof(buffers->state));
    first = pack_block(&buffers->state, buffers->data, SIZE_MAX_BLOCK, buffers->packed, &raw);
    second = pack_block(&buffers->state, buffers->data, SIZE_MAX_BLOCK, buffers->again, &raw);
    assert_int_equal(first, second);
    assert_memory_equal(buffers->packed, buffers->again, first);
}

static void test_harmed_forms_stay_inside(void **state)
{
    struct buffers *buffers = *state;
    uint64_t random = 3;
    uint8_t *back = malloc(4096);
    unsigned refused = 0;

    for (unsigned i = 0; i < 2000; i++) {
        uint32_t count;
        uint8_t *packed;
        bool raw;

        fill(buffers->data, 4096, false);
        count = pack_block(&buffers->state, buffers->data, 4096, buffers->packed, &raw);
        packed = malloc(count);
        memcpy(packed, buffers->packed, count);
        packed[prng_below(&random, count)] ^= (uint8_t)(1u << prng_below(&random, 8));
        if (unpack_block(packed, count, raw, back, 4096) == ERR_FORMAT)
            refused++;
        assert_int_equal(unpack_block(packed, count, true, back, 4096), ERR_FORMAT);
        free(packed);
    }
    assert_true(refused > 0);
    free(back);
}

static void test_differences(void **state)
{
    struct buffers *buffers = *state;
    struct difference difference = {.bits = 77};

    fill(buffers->data, 8192, true);
    memcpy(buffers->again, buffers->data, 8192);
    assert_false(difference_find(buffers->again, buffers->data, 8192, &difference));
    assert_int_equal(difference.bits, 77);

    buffers->again[4096 + 11] ^= 0x28;
    buffers->again[8191] ^= 0x01;
    assert_true(difference_find(buffers->again, buffers->data, 8192, &difference));
    assert_int_equal(difference.bits, 3);
    assert_int_equal(difference.whole_sectors, 0);
    assert_int_equal(difference.first, 4096 + 8);
    assert_int_equal(difference.mask, (uint64_t)0x28 << 24);

    for (unsigned i = 0; i < 128; i++) /* a quarter: not yet whole */
        buffers->again[512 + i] ^= 0xFF;
    difference_find(buffers->again, buffers->data, 8192, &difference);
    assert_int_equal(difference.whole_sectors, 0);
    buffers->again[512 + 500] ^= 0xFF;
    difference_find(buffers->again, buffers->data, 8192, &difference);
    assert_int_equal(difference.whole_sectors, 1);
    assert_int_equal(difference.first, 512);
}

/* Sizes of packed forms are odd: the last word is short. */
static void test_difference_at_odd_end(void **state)
{
    struct difference difference;
    uint8_t *a = malloc(523), *b = malloc(523);

    (void)state;
    memset(a, 0, 523);
    memset(b, 0, 523);
    b[522] = 0x80;
    assert_true(difference_find(a, b, 523, &difference));
    assert_int_equal(difference.first, 520);
    assert_int_equal(difference.mask, 0x800000);
    assert_int_equal(difference.bits, 1);
    free(a);
    free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trips),
        cmocka_unit_test(test_same_bytes_same_form),
        cmocka_unit_test(test_harmed_forms_stay_inside),
        cmocka_unit_test(test_differences),
        cmocka_unit_test(test_difference_at_odd_end),
    };

    return cmocka_run_group_tests_name("pack", tests, make_buffers, free_buffers);
}
