/* Options: good and bad ones, in every place they may stand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/error.h"
#include "base/options.h"
#include "base/text.h"

static struct options options;
static struct option_error error;
static char rendered[OPTIONS_SIZE];

static int setup(void **state)
{
    (void)state;
    options_init(&options);
    memset(&error, 0, sizeof(error));
    return 0;
}

static int apply_file(const char *text)
{
    return options_apply_text(&options, text, strlen(text), "assay.cfg", &error);
}

static const char *render(void)
{
    options_render(&options, rendered, sizeof(rendered));
    return rendered;
}

/* Widens ASCII to UTF-16, without a terminator. */
static size_t widen(const char *text, uint8_t *units)
{
    size_t i = 0;

    for (; text[i]; i++) {
        units[2 * i] = (uint8_t)text[i];
        units[2 * i + 1] = 0;
    }
    return 2 * i;
}

static int apply_load(const char *text, bool *ret_ignored)
{
    uint8_t units[2048];

    return options_apply_load_options(&options, units, widen(text, units), ret_ignored, &error);
}

static void test_defaults(void **state)
{
    (void)state;
    assert_int_equal(options.plan, PLAN_MENU);
    assert_true(options.report_esp);
    assert_true(options_want_disk(&options, "ANY"));
    assert_int_equal(options_imaging_s(&options, PLAN_QUICK), 300);
    assert_int_equal(options_imaging_s(&options, PLAN_IMAGING), 1800);
    assert_int_equal(options_imaging_s(&options, PLAN_OVERNIGHT), 28800);
    assert_int_equal(options_imaging_s(&options, PLAN_MEMORY), 0);
    assert_string_equal(render(), "");
}

static void test_good_values(void **state)
{
    static const char *const good[] = {"plan=memtest86+",
                                       "plan=quick",
                                       "minutes=10080",
                                       "seconds=1",
                                       "seconds=604800",
                                       "disks=all",
                                       "disks=none",
                                       "disks=S1,S2,WD-XYZ_3",
                                       "disks=1,2,3,4,5,6,7,8,9,a,b,c,d,e,f,g",
                                       "write=none",
                                       "write=scratch",
                                       "write=S1,WD-XYZ_3",
                                       "write-confirm=ERASE",
                                       "memory=256M",
                                       "memory=4g",
                                       "memory=1048576",
                                       "range=0-1000",
                                       "range=0x100000-0x1fffffff",
                                       "tests=own-address,moving-bit",
                                       "cpus=4",
                                       "cpus=all",
                                       "sensors=off",
                                       "seed=DEADBEEF",
                                       "seed=0x1",
                                       "seed=random",
                                       "ui=none",
                                       "console=lava",
                                       "report-to=none",
                                       "report-to=esp,http://h/p",
                                       "report-to=tftp://10.0.0.1/a",
                                       "syslog=none",
                                       "syslog=10.0.2.2:1514",
                                       "syslog=192.0.2.1",
                                       "syslog=log.example:514",
                                       "report-to=efi-variables",
                                       "report-to=esp,efi-variables",
                                       "resume=yes",
                                       "on-finish=qemu-exit",
                                       "inject=none",
                                       "inject=memory-bit,fan-stop"};

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        setup(state);
        assert_int_equal(options_apply_one(&options, good[i], "SMBIOS string 1", &error), OK);
        assert_string_equal(render(), good[i]);
        assert_int_equal(error.count, 0);
    }
}

static void test_bad_values(void **state)
{
    static const char *const bad[] = {"plan=fast",
                                      "plan=",
                                      "plan",
                                      "=quick",
                                      "minutes=0",
                                      "minutes=10081",
                                      "seconds=604801",
                                      "seconds=-1",
                                      "seconds=8s",
                                      "seconds=99999999999999999999",
                                      "disks=a,,b",
                                      "disks=a,all",
                                      "disks=1,2,3,4,5,6,7,8,9,a,b,c,d,e,f,g,h",
                                      "disks=a-serial-number-that-is-longer-than-forty-characters",
                                      "write=",
                                      "write=all",
                                      "write=S1,all",
                                      "write=S1,scratch",
                                      "write=none,S1",
                                      "write=S1,,S2",
                                      "write=1,2,3,4,5,6,7,8,9,a,b,c,d,e,f,g,h",
                                      "write-confirm=erase",
                                      "write-confirm=ERASE ALL",
                                      "write-confirm=",
                                      "memory=0",
                                      "memory=M",
                                      "memory=1K",
                                      "memory=99999999999T",
                                      "range=1000",
                                      "range=2000-1000",
                                      "range=-1000",
                                      "range=0-zz",
                                      "range=0-ffffffffffffffff",
                                      "tests=",
                                      "tests=a b",
                                      "cpus=0",
                                      "cpus=4097",
                                      "sensors=yes",
                                      "seed=0",
                                      "seed=xyz",
                                      "seed=11112222333344445",
                                      "ui=gui",
                                      "console=",
                                      "report-to=none,esp",
                                      "report-to=ftp://h/p",
                                      "report-to=http://h",
                                      "report-to=http:///p",
                                      "report-to=none,efi-variables",
                                      "syslog=:514",
                                      "syslog=10.0.2.2:",
                                      "syslog=10.0.2.2:0",
                                      "syslog=10.0.2.2:99999",
                                      "syslog=10.0.2.2 p",
                                      "syslog=[2001:db8::1]:514",
                                      "resume=1",
                                      "on-finish=halt",
                                      "inject=memory",
                                      "inject=mce,",
                                      "unknown=1",
                                      "Plan=quick",
                                      "plan=\x80"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        setup(state);
        assert_int_equal(options_apply_one(&options, bad[i], "SMBIOS string 1", &error),
                         ERR_FORMAT);
        assert_int_equal(error.count, 1);
        assert_true(text_starts(error.text, "SMBIOS string 1: "));
        assert_string_equal(render(), "");
    }
}

static void test_error_texts(void **state)
{
    static const struct {
        const char *file, *text;
    } cases[] = {
        {"\n\nminuets=3", "assay.cfg line 3: unknown key \"minuets\" (did you mean \"minutes\"?)"},
        {"colour=red", "assay.cfg line 1: unknown key \"colour\""},
        {"seconds=abc", "assay.cfg line 1: seconds=abc: not a number of seconds from 1 to 604800"},
        {"write=all", "assay.cfg line 1: write=all: not none, scratch, or up to 16 serial numbers "
                      "separated by commas"},
        {"syslog=log:", "assay.cfg line 1: syslog=log:: not none, or HOST or HOST:PORT"},
        {"quick", "assay.cfg line 1: \"quick\" is not key=value"},
        {"minutes=1\nseconds=1",
         "assay.cfg line 2: minutes and seconds are both given; give one of the two"},
        {"plan=r\xC3\xA4sch", "assay.cfg line 1: a character that is not plain ASCII"},
        {"\xFF\xFEp\0", "assay.cfg: the file is UTF-16; save it as plain text or UTF-8"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        setup(state);
        assert_int_equal(apply_file(cases[i].file), ERR_FORMAT);
        assert_string_equal(error.text, cases[i].text);
    }
}

static void test_file_forms(void **state)
{
    (void)state;
    assert_int_equal(apply_file("\xEF\xBB\xBF# comment\r\n\r\n  plan = quick \r\n"
                                "\tdisks=A 1, B2\t# two of them\r\nseed=1f"),
                     OK);
    assert_string_equal(render(), "plan=quick disks=A 1, B2 seed=1f");
    assert_string_equal(options.given[OPTION_DISKS].where, "assay.cfg line 4");
    assert_true(options_want_disk(&options, "A 1"));
    assert_true(options_want_disk(&options, "B2"));
    assert_false(options_want_disk(&options, "A"));
    assert_int_equal(options.seed, 0x1f);
}

static void test_file_with_nul_is_an_error(void **state)
{
    (void)state;
    assert_int_equal(options_apply_text(&options, "plan=quick\0x", 12, "assay.cfg", &error),
                     ERR_FORMAT);
    assert_int_equal(options.plan, PLAN_MENU);
}

static void test_long_lines(void **state)
{
    char line[600];

    (void)state;
    memset(line, 'x', sizeof(line));
    assert_int_equal(options_apply_text(&options, line, sizeof(line), "assay.cfg", &error),
                     ERR_FORMAT);
    assert_string_equal(error.text, "assay.cfg line 1: the line is too long");
    line[0] = '#';
    error.count = 0;
    assert_int_equal(options_apply_text(&options, line, sizeof(line), "assay.cfg", &error), OK);
}

static void test_bad_option_keeps_on_finish(void **state)
{
    bool ignored;

    (void)state;
    assert_int_equal(apply_file("speed=9\nplan=fast\non-finish=shutdown\n"), ERR_FORMAT);
    assert_int_equal(error.count, 2);
    assert_string_equal(error.text,
                        "assay.cfg line 1: unknown key \"speed\" (did you mean \"seed\"?)");
    assert_int_equal(options.on_finish, FINISH_SHUTDOWN);
    assert_int_equal(apply_load("seconds=x on-finish=qemu-exit", &ignored), ERR_FORMAT);
    assert_int_equal(error.count, 3);
    assert_int_equal(options.on_finish, FINISH_QEMU_EXIT);
    assert_true(text_starts(error.text, "assay.cfg line 1:"));
}

static void test_stronger_source_replaces(void **state)
{
    bool ignored;

    (void)state;
    assert_int_equal(apply_file("minutes=5\nplan=quick\ndisks=A,B"), OK);
    assert_int_equal(options_apply_text(&options, "seconds=7", 9, "board.cfg", &error), OK);
    assert_int_equal(options_imaging_s(&options, PLAN_QUICK), 7);
    assert_string_equal(render(), "plan=quick seconds=7 disks=A,B");
    assert_int_equal(apply_load("minutes=2 disks=all", &ignored), OK);
    assert_int_equal(options_imaging_s(&options, PLAN_QUICK), 120);
    assert_string_equal(render(), "plan=quick minutes=2 disks=all");
    assert_string_equal(options.given[OPTION_MINUTES].where, "load options");
    assert_true(options_want_disk(&options, "C"));
}

static void test_strings_are_one_source(void **state)
{
    (void)state;
    assert_int_equal(options_apply_one(&options, "minutes=5", "SMBIOS string 1", &error), OK);
    assert_int_equal(options_apply_one(&options, "seconds=5", "SMBIOS string 2", &error),
                     ERR_FORMAT);
    assert_true(text_starts(error.text, "SMBIOS string 2: minutes and seconds"));
}

static void test_load_options(void **state)
{
    static const struct {
        const char *text;
        int result;
        bool ignored;
        const char *rendered;
    } cases[] = {
        {"", OK, false, ""},
        {"assay.efi", OK, false, ""},
        {"plan=quick seconds=8", OK, false, "plan=quick seconds=8"},
        {"\\EFI\\assay\\assay.efi  plan=quick\tseconds=8 ", OK, false, "plan=quick seconds=8"},
        {"FS0:\\a=b.efi ui=none", OK, false, "ui=none"},
        {"Windows Boot Manager", OK, true, ""},
        {"assay.efi quick seconds=8", ERR_FORMAT, false, "seconds=8"},
        {"root=/dev/sda1 plan=disk", ERR_FORMAT, false, "plan=disk"},
        {"plan=quick\x01", OK, true, ""},
        {"seconds=abc", ERR_FORMAT, false, ""},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bool ignored = !cases[i].ignored;

        setup(state);
        assert_int_equal(apply_load(cases[i].text, &ignored), cases[i].result);
        assert_int_equal(ignored, cases[i].ignored);
        assert_string_equal(render(), cases[i].rendered);
    }
    assert_string_equal(error.text,
                        "load options: seconds=abc: not a number of seconds from 1 to 604800");
}

static void test_load_options_bytes(void **state)
{
    static const uint8_t bcd[] = "WINDOWS\0\1\0\0\0\x88\0\0\0x=\0";
    static const uint8_t ended[] = "u\0i\0=\0n\0o\0n\0e\0\0\0\xFF\xFFj";
    static const uint8_t odd[] = "u\0i\0=\0n\0o\0n\0e\0x";
    bool ignored;

    (void)state;
    assert_int_equal(options_apply_load_options(&options, bcd, sizeof(bcd), &ignored, &error), OK);
    assert_true(ignored);
    assert_int_equal(options_apply_load_options(&options, ended, 18, &ignored, &error), OK);
    assert_false(ignored);
    assert_string_equal(render(), "ui=none");
    setup(state);
    assert_int_equal(options_apply_load_options(&options, odd, 15, &ignored, &error), OK);
    assert_string_equal(render(), "ui=none");
    assert_int_equal(options_apply_load_options(&options, NULL, 0, &ignored, &error), OK);
    assert_false(ignored);
}

static void test_typed_values(void **state)
{
    (void)state;
    assert_int_equal(apply_file("memory=256M\nrange=10000800-1fffffff\ncpus=3\nresume=yes\n"
                                "report-to=http://h/p,esp,tftp://h/q\nsyslog=10.9.8.7:99\n"
                                "inject=mp-hang,mce\ntests=all"),
                     OK);
    assert_int_equal(options.memory, 256 << 20);
    assert_int_equal(options.range_start, 0x10000000);
    assert_int_equal(options.range_end, 0x20000000);
    assert_int_equal(options.cpus, 3);
    assert_string_equal(options.tests, "all");
    assert_string_equal(options.syslog_host, "10.9.8.7");
    assert_int_equal(options.syslog_port, 99);
    assert_true(options_inject(&options, INJECT_MCE));
    assert_true(options_inject(&options, INJECT_MP_HANG));
    assert_false(options_inject(&options, INJECT_MEMORY_BIT));
    assert_int_equal(options.report_url_count, 2);
    assert_string_equal(options.report_urls[0], "http://h/p");
    assert_string_equal(options.report_urls[1], "tftp://h/q");
    assert_true(options.report_esp);
    assert_false(options.report_variables);
    assert_int_equal(apply_file("report-to=efi-variables"), OK);
    assert_false(options.report_esp);
    assert_true(options.report_variables);
}

static void test_write(void **state)
{
    bool ignored;

    (void)state;
    assert_int_equal(options.write_choice, WRITE_NONE);
    assert_false(options.write_confirmed);
    assert_int_equal(apply_file("write=scratch\nwrite-confirm=ERASE"), OK);
    assert_int_equal(options.write_choice, WRITE_SCRATCH);
    assert_int_equal(options.write.count, 0);
    assert_true(options.write_confirmed);
    assert_int_equal(apply_load("write=A,B write-confirm=none", &ignored), OK);
    assert_int_equal(options.write_choice, WRITE_LISTED);
    assert_int_equal(options.write.count, 2);
    assert_string_equal(options.write.items[1], "B");
    assert_false(options.write_confirmed);
    assert_int_equal(apply_load("write=C,,D", &ignored), ERR_FORMAT);
    assert_int_equal(options.write.count, 2);
    assert_int_equal(apply_load("write=none", &ignored), OK);
    assert_int_equal(options.write_choice, WRITE_NONE);
    assert_int_equal(options.write.count, 0);
}

/* Nobody signs options, so with Secure Boot on none of them makes Assay write, whatever the source.
 */
static void test_secure_boot_refuses_writing(void **state)
{
    (void)state;
    assert_int_equal(apply_file("plan=quick\nwrite=S1\nwrite-confirm=ERASE"), OK);
    assert_int_equal(options_check_secure_boot(&options, true, &error), ERR_FORMAT);
    assert_int_equal(error.count, 1);
    assert_string_equal(error.text,
                        "assay.cfg line 2: write=S1 is refused while Secure Boot is on, "
                        "for nobody has signed the options");
    memset(&error, 0, sizeof(error));
    assert_int_equal(options_apply_one(&options, "write=scratch", "SMBIOS string 2", &error), OK);
    assert_int_equal(options_check_secure_boot(&options, true, &error), ERR_FORMAT);
    assert_true(text_starts(error.text, "SMBIOS string 2: write=scratch is refused"));
}

static void test_secure_boot_refuses_load_options(void **state)
{
    bool ignored;

    (void)state;
    assert_int_equal(apply_file("write=none"), OK);
    assert_int_equal(apply_load("assay.efi write=S1", &ignored), OK);
    assert_int_equal(options_check_secure_boot(&options, true, &error), ERR_FORMAT);
    assert_true(text_starts(error.text, "load options: write=S1 is refused"));
}

/* It comes on top of other errors, and does not hide the first. */
static void test_secure_boot_after_other_errors(void **state)
{
    (void)state;
    assert_int_equal(apply_file("colour=red\nwrite=S1"), ERR_FORMAT);
    assert_int_equal(options_check_secure_boot(&options, true, &error), ERR_FORMAT);
    assert_int_equal(error.count, 2);
    assert_true(text_starts(error.text, "assay.cfg line 1: unknown key"));
}

static void test_secure_boot_lets_the_rest_be(void **state)
{
    bool ignored;

    (void)state;
    assert_int_equal(options_check_secure_boot(&options, true, &error), OK);
    assert_int_equal(apply_file("plan=quick\nwrite=none\nwrite-confirm=ERASE"), OK);
    assert_int_equal(options_check_secure_boot(&options, true, &error), OK);
    assert_int_equal(apply_file("write=S1"), OK);
    assert_int_equal(options_check_secure_boot(&options, false, &error), OK);
    assert_int_equal(apply_load("write=none", &ignored),
                     OK); /* the stronger source takes it back */
    assert_int_equal(options_check_secure_boot(&options, true, &error), OK);
    assert_int_equal(error.count, 0);
    assert_string_equal(error.text, "");
}

static void test_help_names_every_key(void **state)
{
    const char *key, *values, *help;
    unsigned count = 0;

    (void)state;
    while (options_help(count, &key, &values, &help)) {
        assert_true(key[0] && values[0] && help[0]);
        count++;
    }
    assert_int_equal(count, OPTION_KEYS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_defaults, setup),
        cmocka_unit_test_setup(test_good_values, setup),
        cmocka_unit_test_setup(test_bad_values, setup),
        cmocka_unit_test_setup(test_error_texts, setup),
        cmocka_unit_test_setup(test_file_forms, setup),
        cmocka_unit_test_setup(test_file_with_nul_is_an_error, setup),
        cmocka_unit_test_setup(test_long_lines, setup),
        cmocka_unit_test_setup(test_bad_option_keeps_on_finish, setup),
        cmocka_unit_test_setup(test_stronger_source_replaces, setup),
        cmocka_unit_test_setup(test_strings_are_one_source, setup),
        cmocka_unit_test_setup(test_load_options, setup),
        cmocka_unit_test_setup(test_load_options_bytes, setup),
        cmocka_unit_test_setup(test_typed_values, setup),
        cmocka_unit_test_setup(test_write, setup),
        cmocka_unit_test_setup(test_secure_boot_refuses_writing, setup),
        cmocka_unit_test_setup(test_secure_boot_refuses_load_options, setup),
        cmocka_unit_test_setup(test_secure_boot_after_other_errors, setup),
        cmocka_unit_test_setup(test_secure_boot_lets_the_rest_be, setup),
        cmocka_unit_test_setup(test_help_names_every_key, setup),
    };

    return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
