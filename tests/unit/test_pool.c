/* The memory under test in chunks: cut, lent in rotation, given back, retired, found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/pool.h"

enum { LIMIT = 6 };

#define ADDRESS ((uint64_t)0x100000000)

static struct chunk chunks[LIMIT];
static struct pool pool;

/* The pool never touches what is in the memory: any pointer does. */
static uint8_t *const data = (uint8_t *)0x7000000;

static void ranges_are_cut(void **state)
{
    static const struct {
        uint64_t size;
        size_t count;
        uint32_t last;
        int error;
    } cases[] = {
        {0, 0, 0, OK},
        {4096, 1, 4096, OK},
        {CHUNK_SIZE, 1, CHUNK_SIZE, OK},
        {CHUNK_SIZE + 4096, 2, 4096, OK},
        {LIMIT * (uint64_t)CHUNK_SIZE, LIMIT, CHUNK_SIZE, OK},
        {LIMIT * (uint64_t)CHUNK_SIZE + 4096, LIMIT, CHUNK_SIZE, ERR_FULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t sum = 0;

        pool_init(&pool, chunks, LIMIT);
        assert_int_equal(pool_add(&pool, data, ADDRESS, cases[i].size), cases[i].error);
        assert_int_equal(pool.count, cases[i].count);
        for (size_t j = 0; j < pool.count; j++) {
            assert_ptr_equal(chunks[j].data, data + sum);
            assert_int_equal(chunks[j].address, ADDRESS + sum);
            assert_int_equal(chunks[j].state, CHUNK_FREE);
            assert_int_equal(chunks[j].filled, 0);
            sum += chunks[j].size;
        }
        assert_int_equal(pool.size, sum);
        if (pool.count)
            assert_int_equal(chunks[pool.count - 1].size, cases[i].last);
    }
}

static void make(void)
{
    pool_init(&pool, chunks, LIMIT);
    pool_add(&pool, data, ADDRESS, 3 * (uint64_t)CHUNK_SIZE);
    pool_add(&pool, data + 16 * CHUNK_SIZE, ADDRESS + 16 * (uint64_t)CHUNK_SIZE, CHUNK_SIZE + 8192);
}

static void lending_goes_round(void **state)
{
    (void)state;
    make();
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 4; i++) {
            struct chunk *chunk = pool_take(&pool);

            assert_ptr_equal(chunk, &chunks[i]);
            pool_give(chunk);
        }
    }
}

static void what_is_taken_is_not_lent(void **state)
{
    (void)state;
    make();
    chunks[1].filled = 5;
    for (unsigned i = 0; i < 4; i++)
        assert_non_null(pool_take(&pool));
    assert_null(pool_take(&pool)); /* the short one is no transfer buffer */
    assert_int_equal(chunks[1].filled, 0);
    assert_int_equal(chunks[4].state, CHUNK_FREE);
    pool_give(&chunks[2]);
    assert_ptr_equal(pool_take(&pool), &chunks[2]);
    assert_null(pool_take(&pool));
}

static void what_is_retired_stays(void **state)
{
    (void)state;
    make();
    assert_ptr_equal(pool_take(&pool), &chunks[0]);
    pool_retire(&chunks[0]);
    pool_give(&chunks[0]);
    assert_int_equal(chunks[0].state, CHUNK_RETIRED);
    for (unsigned i = 1; i < 4; i++)
        assert_ptr_equal(pool_take(&pool), &chunks[i]);
    assert_null(pool_take(&pool));
    assert_int_equal(pool.size, 4 * (uint64_t)CHUNK_SIZE + 8192);
}

static void addresses_are_found(void **state)
{
    const uint64_t second = ADDRESS + 16 * (uint64_t)CHUNK_SIZE;
    const struct {
        uint64_t address;
        struct chunk *chunk;
    } cases[] = {
        {0, NULL},
        {ADDRESS - 1, NULL},
        {ADDRESS, &chunks[0]},
        {ADDRESS + CHUNK_SIZE - 1, &chunks[0]},
        {ADDRESS + CHUNK_SIZE, &chunks[1]},
        {ADDRESS + 3 * (uint64_t)CHUNK_SIZE, NULL},
        {second, &chunks[3]},
        {second + CHUNK_SIZE + 8191, &chunks[4]},
        {second + CHUNK_SIZE + 8192, NULL},
        {UINT64_MAX, NULL},
    };

    (void)state;
    make();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_ptr_equal(pool_find(&pool, cases[i].address), cases[i].chunk);
}

static void what_is_dropped_is_gone(void **state)
{
    (void)state;
    make();
    chunks[0].tested = chunks[1].tested = true;
    assert_int_equal(pool_tested(&pool), 2 * (uint64_t)CHUNK_SIZE);
    pool_drop(&pool, &chunks[1]);
    assert_int_equal(pool.size, 3 * (uint64_t)CHUNK_SIZE + 8192);
    assert_int_equal(pool_tested(&pool), CHUNK_SIZE);
    assert_null(pool_find(&pool, ADDRESS + CHUNK_SIZE));
    assert_ptr_equal(pool_take(&pool), &chunks[0]);
    assert_ptr_equal(pool_take(&pool), &chunks[2]);
    pool_give(&chunks[1]);
    assert_int_equal(chunks[1].state, CHUNK_GONE);
}

static void an_empty_pool_lends_nothing(void **state)
{
    (void)state;
    pool_init(&pool, chunks, LIMIT);
    assert_null(pool_take(&pool));
    assert_null(pool_find(&pool, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_are_cut),
        cmocka_unit_test(lending_goes_round),
        cmocka_unit_test(what_is_taken_is_not_lent),
        cmocka_unit_test(what_is_retired_stays),
        cmocka_unit_test(addresses_are_found),
        cmocka_unit_test(what_is_dropped_is_gone),
        cmocka_unit_test(an_empty_pool_lends_nothing),
    };

    return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
