/* Every error has words of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"

static void every_code_has_words(void **state)
{
    const char *unknown = error_text(ERR_GONE - 1);

    (void)state;
    for (int a = ERR_GONE; a <= OK; a++) {
        const char *text = error_text(a);

        assert_true(text[0] >= 'a' && text[0] <= 'z');
        assert_string_not_equal(text, unknown);
        for (int b = a + 1; b <= OK; b++)
            assert_string_not_equal(text, error_text(b));
    }
}

static void other_numbers_are_unknown(void **state)
{
    (void)state;
    assert_string_equal(error_text(1), error_text(ERR_GONE - 1));
    assert_string_equal(error_text(-4711), "unknown error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_has_words),
        cmocka_unit_test(other_numbers_are_unknown),
    };

    return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
