#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "sensors/kcs.h"
#include "tests/sim/bmc.h"

struct bench {
    struct bmc bmc;
    struct access access;
    struct clock clock;
    struct kcs kcs;
};

static const uint8_t get_device_id[] = {0x06 << 2, 0x01};

static void set_up(struct bench *bench, enum bmc_fault fault, unsigned spacing)
{
    bmc_init(&bench->bmc, fault);
    bench->bmc.spacing = spacing;
    bench->access = bmc_access(&bench->bmc);
    bench->clock = bmc_clock(&bench->bmc);
    kcs_init(&bench->kcs, &bench->access, &bench->clock, 0xCA2, spacing);
}

/* Runs one transaction, looking every 50 us; each look is short and the whole is bounded. */
static int transact(struct bench *bench, const uint8_t *request, size_t size)
{
    uint64_t start_us = bench->bmc.now_us;
    int result = kcs_start(&bench->kcs, request, size);

    if (result != OK)
        return result;
    do {
        uint64_t before_us = bench->bmc.now_us;

        result = kcs_step(&bench->kcs);
        assert_true(bench->bmc.now_us - before_us <= 3);
        bmc_sleep(&bench->bmc, 50);
        assert_true(bench->bmc.now_us - start_us < KCS_TRANSACTION_US + 1000);
    } while (result == KCS_BUSY);
    return result;
}

static void talks_at_every_spacing(void **state)
{
    static const unsigned spacings[] = {1, 4, 16};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct bench bench;

        set_up(&bench, BMC_HEALTHY, spacings[i]);
        for (int again = 0; again < 3; again++) {
            assert_int_equal(transact(&bench, get_device_id, 2), OK);
            assert_int_equal(bench.kcs.response_size, 3 + 11);
            assert_int_equal(bench.kcs.response[0], 0x1C);
            assert_int_equal(bench.kcs.response[2], 0);
            assert_int_equal(bench.kcs.response[13], 0x12);
        }
        assert_int_equal(bench.bmc.strays, 0);
        assert_int_equal(bench.bmc.breaches, 0);
    }
}

static void every_fault_ends(void **state)
{
    static const struct {
        enum bmc_fault fault;
        int result;
        uint64_t at_least_us;
    } cases[] = {
        {BMC_FLOATING, ERR_ABSENT, 0},
        {BMC_NEVER_ANSWERS, ERR_IO, 0},
        {BMC_STUCK_IBF, ERR_TIMEOUT, 1000000},
        {BMC_STUCK_OBF, OK, 0},
        {BMC_ENDLESS, ERR_IO, 0},
        {BMC_HICCUP, ERR_IO, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bench bench;

        set_up(&bench, cases[i].fault, 1);
        assert_int_equal(transact(&bench, get_device_id, 2), cases[i].result);
        assert_true(bench.bmc.now_us >= cases[i].at_least_us);
        assert_int_equal(bench.bmc.strays, 0);
        assert_int_equal(bench.bmc.breaches, 0);
    }
}

static void floating_bus_is_not_written_to(void **state)
{
    struct bench bench;

    (void)state;
    set_up(&bench, BMC_FLOATING, 1);
    assert_int_equal(kcs_start(&bench.kcs, get_device_id, 2), OK);
    assert_int_equal(kcs_step(&bench.kcs), ERR_ABSENT);
    assert_int_equal(bench.bmc.writes, 0);
}

static void gives_up_for_good(void **state)
{
    struct bench bench;

    (void)state;
    set_up(&bench, BMC_STUCK_IBF, 1);
    for (int i = 0; i < KCS_FAILURES_MAX; i++) {
        assert_false(kcs_is_dead(&bench.kcs));
        assert_int_equal(transact(&bench, get_device_id, 2), ERR_TIMEOUT);
    }
    assert_true(kcs_is_dead(&bench.kcs));
    bench.bmc.fault = BMC_HEALTHY;
    assert_int_equal(kcs_start(&bench.kcs, get_device_id, 2), ERR_GONE);
}

static void recovers_from_error_state(void **state)
{
    struct bench bench;

    (void)state;
    set_up(&bench, BMC_HICCUP, 1);
    assert_int_equal(transact(&bench, get_device_id, 2), ERR_IO);
    assert_int_equal(bench.kcs.failures, 1);
    assert_int_equal(transact(&bench, get_device_id, 2), OK);
    assert_int_equal(bench.kcs.failures, 0);
    assert_int_equal(bench.bmc.breaches, 0);
}

static void other_response_is_refused(void **state)
{
    struct bench bench;

    (void)state;
    set_up(&bench, BMC_GARBAGE, 1);
    assert_int_equal(transact(&bench, get_device_id, 2), ERR_FORMAT);
}

/* A firmware call of a minute in the middle of a transaction is not the BMC's fault. */
static void long_absence_is_forgiven(void **state)
{
    struct bench bench;
    int result = KCS_BUSY;

    (void)state;
    set_up(&bench, BMC_HEALTHY, 1);
    assert_int_equal(kcs_start(&bench.kcs, get_device_id, 2), OK);
    for (int i = 0; i < 100 && result == KCS_BUSY; i++) {
        bmc_sleep(&bench.bmc, i % 10 == 5 ? 60000000 : 50);
        result = kcs_step(&bench.kcs);
    }
    assert_int_equal(result, OK);
}

static void bad_requests_are_refused(void **state)
{
    static const uint8_t big[KCS_MESSAGE_SIZE + 1];
    struct bench bench;

    (void)state;
    set_up(&bench, BMC_HEALTHY, 1);
    assert_int_equal(kcs_start(&bench.kcs, big, 1), ERR_RANGE);
    assert_int_equal(kcs_start(&bench.kcs, big, sizeof(big)), ERR_RANGE);
    assert_int_equal(kcs_start(&bench.kcs, big, KCS_MESSAGE_SIZE), OK);
    assert_int_equal(kcs_start(&bench.kcs, get_device_id, 2), ERR_REFUSED);
    assert_int_equal(bench.bmc.writes, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(talks_at_every_spacing),
        cmocka_unit_test(every_fault_ends),
        cmocka_unit_test(floating_bus_is_not_written_to),
        cmocka_unit_test(gives_up_for_good),
        cmocka_unit_test(recovers_from_error_state),
        cmocka_unit_test(other_response_is_refused),
        cmocka_unit_test(long_absence_is_forgiven),
        cmocka_unit_test(bad_requests_are_refused),
    };

    return cmocka_run_group_tests_name("kcs", tests, NULL, NULL);
}
