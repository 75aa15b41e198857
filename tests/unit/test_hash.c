/* The hashes, against the values that the xxHash project itself checks by, seed 0. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"

enum { SIZE = 2367 };

static uint8_t bytes[SIZE];

/* The bytes that all of these values are of: the highest byte of a product that goes on. */
static int fill(void **state)
{
    uint64_t value = 2654435761u;

    (void)state;
    for (size_t i = 0; i < SIZE; i++) {
        bytes[i] = (uint8_t)(value >> 56);
        value *= 11400714785074694797u;
    }
    return 0;
}

static void xxh3_128(void **state)
{
    static const struct {
        size_t size;
        struct hash hash;
    } cases[] = {
        {0, {0x6001C324468D497F, 0x99AA06D3014798D8}},
        {1, {0xC44BDFF4074EECDB, 0xA6CD5E9392000F6A}},
        {6, {0x3E7039BDDA43CFC6, 0x082AFE0B8162D12A}},
        {24, {0x1E7044D28B1B901D, 0x0CE966E4678D3761}},
        {222, {0xF1AEBD597CEC6B3A, 0x337E09641B948717}},
        {512, {0x617E49599013CB6B, 0x18D2D110DCC9BCA1}},
        {2048, {0xDD59E2C3A5F038E0, 0xF736557FD47073A5}},
        {2367, {0xCB37AEB9E5D361ED, 0xE89C0F6FF369B427}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct hash hash = hash_block(bytes, cases[i].size);

        assert_int_equal(hash.low, cases[i].hash.low);
        assert_int_equal(hash.high, cases[i].hash.high);
    }
}

static void xxh32(void **state)
{
    static const struct {
        size_t size;
        uint32_t sum;
    } cases[] = {{0, 0x02CC5D05}, {1, 0xCF65B03E}, {14, 0x1208E7E2}, {222, 0x5BD11DBD}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(checksum(bytes, cases[i].size), cases[i].sum);
}

static void equal_in_both_halves(void **state)
{
    const struct hash hash = {.low = 1, .high = 2};

    (void)state;
    assert_true(hash_equal(hash, (struct hash){1, 2}));
    assert_false(hash_equal(hash, (struct hash){1, 3}));
    assert_false(hash_equal(hash, (struct hash){2, 2}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(xxh3_128),
        cmocka_unit_test(xxh32),
        cmocka_unit_test(equal_in_both_halves),
    };

    return cmocka_run_group_tests_name("hash", tests, fill, NULL);
}
