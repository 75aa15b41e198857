#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "sensors/machine_check_handler.h"
#include "tests/sim/msr.h"

#define CORRECTED 0x9C00004000010090ull /* VAL EN MISCV ADDRV, count 1, memory read */
#define OPTIONAL 0xBD000000000000C0ull  /* VAL UC EN MISCV ADDRV S, memory scrubbing */
#define ACTION 0xBD80000000000134ull    /* the same and AR, data cache */
#define CORRUPT 0xBE00000000000090ull   /* VAL UC EN MISCV ADDRV PCC, memory read */
#define OVER (1ull << 62)

enum { RIPV = 1, EIPV = 2, MCIP = 4, BANKS = 10 };

static struct msr_model model;
static struct access access;
static struct machine_check_handler handler;
static struct event_machine_check taken[64];

/* A processor with its handler installed. */
static void install(enum msr_fault fault, unsigned banks)
{
    access = msr_access(&model);
    msr_init(&model, fault, banks);
    model.recovers = true;
    assert_int_equal(machine_check_handler_init(&handler, &access, 3), OK);
}

static int set_up(void **state)
{
    (void)state;
    install(MSR_HEALTHY, BANKS);
    return 0;
}

/* Nothing was done that the hardware would punish. */
static int no_harm(void **state)
{
    (void)state;
    return model.faults + model.invalid;
}

static enum machine_check_answer raise_with(unsigned bank, uint64_t status, uint64_t global)
{
    model.banks[bank] = (struct msr_bank){status, 0x3000, 0x8C};
    model.global = global;
    return machine_check_raised(&handler);
}

static unsigned take(void)
{
    return machine_check_take(&handler, taken, 64);
}

static void healthy_twin_is_silent(void **state)
{
    (void)state;
    assert_int_equal(machine_check_held(&handler), 0);
    assert_int_equal(take(), 0);
    assert_int_equal(model.writes, 0);
}

static void uncorrected_is_recorded_flushed_then_cleared(void **state)
{
    (void)state;
    assert_int_equal(raise_with(4, OPTIONAL, MCIP | RIPV), MACHINE_CHECK_GO_ON);
    assert_int_equal(model.global, 0);
    assert_int_equal(model.banks[4].status, OPTIONAL);
    assert_int_equal(machine_check_held(&handler), 1u << 4);
    assert_int_equal(take(), 1);
    assert_int_equal(taken[0].processor, 3);
    assert_int_equal(taken[0].bank, 4);
    assert_int_equal(taken[0].status, OPTIONAL);
    assert_true(taken[0].has_address && taken[0].has_misc && !taken[0].prior);
    assert_int_equal(taken[0].address, 0x3000);
    /* Taken, but perhaps not on the medium. */
    assert_int_equal(machine_check_held(&handler), 1u << 4);
    assert_int_equal(model.banks[4].status, OPTIONAL);
    machine_check_flushed(&handler);
    assert_int_equal(machine_check_held(&handler), 0);
    assert_int_equal(model.banks[4].status, 0);
    assert_int_equal(take(), 0);
}

static void corrected_alone_is_recorded(void **state)
{
    (void)state;
    assert_int_equal(raise_with(7, CORRECTED, MCIP | RIPV), MACHINE_CHECK_GO_ON);
    assert_int_equal(take(), 1);
    assert_int_equal(taken[0].status, CORRECTED);
}

static void fatal_writes_nothing(void **state)
{
    (void)state;
    assert_int_equal(raise_with(3, CORRUPT, MCIP | RIPV), MACHINE_CHECK_CORRUPT);
    assert_int_equal(model.writes, 0);
    assert_int_equal(model.banks[3].status, CORRUPT);
    assert_int_equal(model.global, MCIP | RIPV);
    assert_int_equal(take(), 0);
}

static void fatal_beside_a_mild_one(void **state)
{
    (void)state;
    model.banks[1].status = OPTIONAL;
    assert_int_equal(raise_with(9, CORRUPT, MCIP | RIPV), MACHINE_CHECK_CORRUPT);
    assert_int_equal(model.writes, 0);
}

static void nowhere_to_return_to(void **state)
{
    (void)state;
    assert_int_equal(raise_with(4, OPTIONAL, MCIP | EIPV), MACHINE_CHECK_NO_RETURN);
    assert_int_equal(model.writes, 0);
    assert_int_equal(take(), 0);
}

static void overflow(void **state)
{
    (void)state;
    assert_int_equal(raise_with(4, OPTIONAL | OVER, MCIP | RIPV), MACHINE_CHECK_GO_ON);
    assert_int_equal(raise_with(5, ACTION, MCIP | RIPV), MACHINE_CHECK_GO_ON);
    assert_int_equal(raise_with(6, ACTION | OVER, MCIP | RIPV), MACHINE_CHECK_LOST);
    /* Without MCG_SER_P bit 55 means something else. */
    model.recovers = false;
    assert_int_equal(machine_check_handler_init(&handler, &access, 3), OK);
    assert_int_equal(raise_with(7, ACTION | OVER, MCIP | RIPV), MACHINE_CHECK_GO_ON);
}

static void broadcast_without_an_error_of_its_own(void **state)
{
    (void)state;
    model.global = MCIP | RIPV;
    assert_int_equal(machine_check_raised(&handler), MACHINE_CHECK_GO_ON);
    assert_int_equal(model.global, 0);
    assert_int_equal(take(), 0);
    model.global = MCIP;
    assert_int_equal(machine_check_raised(&handler), MACHINE_CHECK_NO_RETURN);
}

static void another_in_a_bank_that_waits(void **state)
{
    (void)state;
    raise_with(4, OPTIONAL, MCIP | RIPV);
    take();
    raise_with(4, OPTIONAL | OVER, MCIP | RIPV);
    machine_check_flushed(&handler); /* the first of the two */
    assert_int_equal(machine_check_held(&handler), 1u << 4);
    assert_int_equal(take(), 1);
    assert_int_equal(taken[0].status, OPTIONAL | OVER);
    machine_check_flushed(&handler);
    assert_int_equal(machine_check_held(&handler), 0);
    assert_int_equal(model.banks[4].status, 0);
    /* Cleared, so the same once more is a new one. */
    raise_with(4, OPTIONAL, MCIP | RIPV);
    assert_int_equal(take(), 1);
}

static void raised_again_by_another_bank(void **state)
{
    (void)state;
    raise_with(4, OPTIONAL, MCIP | RIPV);
    raise_with(5, OPTIONAL, MCIP | RIPV);
    assert_int_equal(take(), 2); /* bank 4 is not told twice */
    assert_int_equal(taken[1].bank, 5);
}

static void shared_bank_cleared_by_another(void **state)
{
    (void)state;
    raise_with(4, OPTIONAL, MCIP | RIPV);
    model.banks[4].status = 0;
    assert_int_equal(machine_check_held(&handler), 0);
    model.banks[4].status = CORRECTED;
    assert_int_equal(machine_check_held(&handler), 0);
}

static void all_banks_and_no_more(void **state)
{
    static const unsigned counts[] = {32, 255};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        install(MSR_HEALTHY, counts[i]);
        assert_int_equal(raise_with(31, OPTIONAL, MCIP | RIPV), MACHINE_CHECK_GO_ON);
        assert_int_equal(take(), 1);
        assert_int_equal(taken[0].bank, 31);
        machine_check_flushed(&handler);
        assert_int_equal(machine_check_held(&handler), 0);
        assert_int_equal(model.banks[31].status, 0);
    }
}

static void what_has_no_room_stays_in_its_bank(void **state)
{
    (void)state;
    for (unsigned bank = 0; bank < BANKS; bank++)
        model.banks[bank].status = CORRECTED;
    assert_int_equal(raise_with(0, OPTIONAL, MCIP | RIPV), MACHINE_CHECK_GO_ON);
    assert_int_equal(machine_check_held(&handler), 0xFF);
    assert_int_equal(machine_check_read(&access, BANKS, 0xFF, 3, false, taken, 64), 2);
    assert_int_equal(take(), MACHINE_CHECK_RECORDS);
    for (unsigned i = 0; i < MACHINE_CHECK_RECORDS; i++)
        assert_int_equal(taken[i].bank, i);
}

static void takes_a_few_at_a_time(void **state)
{
    (void)state;
    raise_with(4, OPTIONAL, MCIP | RIPV);
    raise_with(5, OPTIONAL, MCIP | RIPV);
    assert_int_equal(machine_check_take(&handler, taken, 1), 1);
    assert_int_equal(taken[0].bank, 4);
    machine_check_flushed(&handler);
    assert_int_equal(machine_check_held(&handler), 1u << 5);
    assert_int_equal(machine_check_take(&handler, taken, 1), 1);
    assert_int_equal(taken[0].bank, 5);
}

static void records_go_round(void **state)
{
    (void)state;
    handler.put = handler.taken = handler.flushed = UINT32_MAX - 1;
    for (unsigned i = 0; i < 20; i++) {
        assert_int_equal(raise_with(i % BANKS, OPTIONAL, MCIP | RIPV), MACHINE_CHECK_GO_ON);
        assert_int_equal(machine_check_held(&handler), 1u << i % BANKS);
        assert_int_equal(take(), 1);
        assert_int_equal(taken[0].bank, i % BANKS);
        machine_check_flushed(&handler);
        assert_int_equal(machine_check_held(&handler), 0);
    }
}

static void left_from_before_a_reset(void **state)
{
    (void)state;
    msr_init(&model, MSR_HEALTHY, BANKS);
    model.banks[3].status = CORRUPT;
    model.global = MCIP;
    assert_int_equal(machine_check_handler_init(&handler, &access, 3), OK);
    assert_int_equal(model.global, 0);
    assert_int_equal(model.banks[3].status, CORRUPT);
    /* Not what this one is about, and left to be read as prior. */
    assert_int_equal(raise_with(4, OPTIONAL, MCIP | RIPV), MACHINE_CHECK_GO_ON);
    assert_int_equal(take(), 1);
    assert_int_equal(taken[0].bank, 4);
    assert_int_equal(machine_check_held(&handler), 1u << 4);
    /* Read and cleared, it counts when it comes again. */
    model.banks[3].status = 0;
    machine_check_held(&handler);
    assert_int_equal(raise_with(3, CORRUPT, MCIP | RIPV), MACHINE_CHECK_CORRUPT);
}

static void raised_without_end(void **state)
{
    (void)state;
    for (unsigned i = 0; i < MACHINE_CHECK_RAISES_MAX; i++)
        assert_int_equal(raise_with(4, OPTIONAL, MCIP | RIPV), MACHINE_CHECK_GO_ON);
    machine_check_held(&handler);
    for (unsigned i = 0; i < MACHINE_CHECK_RAISES_MAX; i++)
        assert_int_equal(raise_with(4, OPTIONAL, MCIP | RIPV), MACHINE_CHECK_GO_ON);
    assert_int_equal(raise_with(4, OPTIONAL, MCIP | RIPV), MACHINE_CHECK_REPEATS);
    assert_int_equal(model.global, MCIP | RIPV);
}

static void faulty_registers(void **state)
{
    (void)state;
    msr_init(&model, MSR_NO_MACHINE_CHECK, BANKS);
    assert_int_equal(machine_check_handler_init(&handler, &access, 3), ERR_UNSUPPORTED);
    install(MSR_BANK_UNREADABLE, BANKS);
    assert_int_equal(raise_with(2, OPTIONAL, MCIP | RIPV), MACHINE_CHECK_GO_ON);
    assert_int_equal(raise_with(4, OPTIONAL, MCIP | RIPV), MACHINE_CHECK_GO_ON);
    assert_int_equal(take(), 1);
    /* What cannot be cleared is told once. */
    install(MSR_CANNOT_CLEAR, BANKS);
    raise_with(4, OPTIONAL, MCIP | RIPV);
    assert_int_equal(take(), 1);
    machine_check_flushed(&handler);
    assert_int_equal(machine_check_held(&handler), 1u << 4);
    assert_int_equal(take(), 0);
}

static char lines[16][128];
static unsigned line_count;

static void put(const char *line)
{
    assert_in_range(strlen(line), 20, 79);
    strcpy(lines[line_count++], line);
}

static void tells_why_and_what(void **state)
{
    (void)state;
    line_count = 0;
    assert_int_equal(raise_with(3, CORRUPT, MCIP), MACHINE_CHECK_CORRUPT);
    model.banks[9] = (struct msr_bank){.status = 0xA000000000000005};
    machine_check_tell(&handler, MACHINE_CHECK_CORRUPT, put);
    assert_int_equal(line_count, 4);
    assert_string_equal(lines[0],
                        "ASSAY MACHINE-CHECK cpu 3: its state may be corrupt (MCG_STATUS 0x4)");
    assert_string_equal(lines[1], "ASSAY MACHINE-CHECK cpu 3 bank 3 status 0xBE00000000000090");
    assert_string_equal(lines[2], "ASSAY MACHINE-CHECK cpu 3 bank 3 address 0x3000");
    assert_string_equal(lines[3], "ASSAY MACHINE-CHECK cpu 3 bank 9 status 0xA000000000000005");
    assert_int_equal(model.writes, 0);
}

static void long_lines_fit(void **state)
{
    (void)state;
    install(MSR_HEALTHY, 32);
    handler.processor = 65535;
    model.banks[31] = (struct msr_bank){UINT64_MAX, UINT64_MAX, UINT64_MAX};
    model.global = MCIP | RIPV | EIPV | 8;
    for (unsigned i = MACHINE_CHECK_CORRUPT; i <= MACHINE_CHECK_REPEATS; i++) {
        line_count = 0;
        machine_check_tell(&handler, (enum machine_check_answer)i, put);
        assert_int_equal(line_count, 3);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, no_harm)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(healthy_twin_is_silent),
        TEST(uncorrected_is_recorded_flushed_then_cleared),
        TEST(corrected_alone_is_recorded),
        TEST(fatal_writes_nothing),
        TEST(fatal_beside_a_mild_one),
        TEST(nowhere_to_return_to),
        TEST(overflow),
        TEST(broadcast_without_an_error_of_its_own),
        TEST(another_in_a_bank_that_waits),
        TEST(raised_again_by_another_bank),
        TEST(shared_bank_cleared_by_another),
        TEST(all_banks_and_no_more),
        TEST(what_has_no_room_stays_in_its_bank),
        TEST(takes_a_few_at_a_time),
        TEST(records_go_round),
        TEST(left_from_before_a_reset),
        TEST(raised_without_end),
        TEST(faulty_registers),
        TEST(tells_why_and_what),
        TEST(long_lines_fit),
    };

    return cmocka_run_group_tests_name("machine_check_handler", tests, NULL, NULL);
}
