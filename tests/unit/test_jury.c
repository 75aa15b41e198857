/*
 * disk/imaging/jury.c: who computes wrong, by the votes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "disk/imaging/jury.h"

enum { PROCESSORS = 3, NONE = 99 };

/* Adds votes of processors 1 to 3 in turn; each letter is the hash that is given. */
static unsigned verdict_of(const char *votes)
{
    struct jury jury = {.count = 0};
    uint16_t processor;

    for (unsigned i = 0; votes[i]; i++)
        jury_add(&jury, (struct hash){.low = (uint64_t)votes[i]}, 1 + i % PROCESSORS);
    return jury_verdict(&jury, &processor) ? processor : NONE;
}

static void agreement_accuses_nobody(void **state)
{
    (void)state;
    assert_int_equal(verdict_of("aaaaaaaaaaaaaaaa"), NONE);
}

static void who_differs_twice_is_named(void **state)
{
    (void)state;
    assert_int_equal(verdict_of("aabaacaaaaaaaaaa"), 3);
    assert_int_equal(verdict_of("abaabaaaaaaaaaaa"), 2); /* the same wrong hash each time */
    assert_int_equal(verdict_of("xaayaazaauaavaaw"), 1); /* never right */
}

static void who_differs_once_is_not(void **state)
{
    (void)state;
    assert_int_equal(verdict_of("aabaaaaaaaaaaaaa"), NONE);
}

/* A bit of the block fell over between the votes, once or again and again. */
static void bytes_that_change_accuse_nobody(void **state)
{
    (void)state;
    assert_int_equal(verdict_of("aaaaaabbbbbbbbbb"), NONE);
    assert_int_equal(verdict_of("aaaaaaaabbbbbbbb"), NONE);
    assert_int_equal(verdict_of("aabbbaabbaaabbaa"), NONE);
    assert_int_equal(verdict_of("abaabaaabaaaaaaa"), NONE); /* and back, but not for one alone */
    assert_int_equal(verdict_of("aaaaaaaaaabcdefg"), NONE); /* something else writes there */
    assert_int_equal(verdict_of("aaaabcaaaaaabcaa"), NONE);
}

static void a_bad_processor_is_named_all_the_same(void **state)
{
    (void)state;
    assert_int_equal(verdict_of("aaxaaaaayaaaaabb"), 3);
}

/* Two copies of a block were wrong, and one processor had hashed both. */
static void other_copies_alone_accuse_nobody(void **state)
{
    struct jury jury = {.count = 0};
    const struct hash right = {.low = 1}, wrong = {.low = 2}, other = {.low = 3};
    uint16_t processor;

    (void)state;
    jury_add(&jury, right, 0);
    jury_recall(&jury, wrong, 3);
    jury_recall(&jury, other, 3);
    for (unsigned i = 0; i < 6; i++)
        jury_add(&jury, right, 1 + i % PROCESSORS);
    assert_false(jury_verdict(&jury, &processor));
    jury_add(&jury, (struct hash){.low = 4}, 3);
    jury_add(&jury, right, 1);
    assert_true(jury_verdict(&jury, &processor));
    assert_int_equal(processor, 3);
}

static void votes_beyond_the_table_are_left_out(void **state)
{
    (void)state;
    assert_int_equal(verdict_of("aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbbbbbb"), NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agreement_accuses_nobody),
        cmocka_unit_test(who_differs_twice_is_named),
        cmocka_unit_test(who_differs_once_is_not),
        cmocka_unit_test(bytes_that_change_accuse_nobody),
        cmocka_unit_test(a_bad_processor_is_named_all_the_same),
        cmocka_unit_test(other_copies_alone_accuse_nobody),
        cmocka_unit_test(votes_beyond_the_table_are_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
