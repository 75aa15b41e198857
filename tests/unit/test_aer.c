#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "sensors/aer.h"
#include "tests/sim/hex.h"

static uint8_t config[PCIE_CONFIG_SIZE];

/* Lines of a dump: where they stand, and their bytes. */
struct line {
    uint16_t at;
    const char *hex;
};

static void fill(const struct line *lines, size_t count)
{
    memset(config, 0, sizeof(config));
    for (size_t i = 0; i < count; i++)
        from_hex(lines[i].hex, config + lines[i].at, 16);
}

#define FILL(lines) fill(lines, sizeof(lines) / sizeof((lines)[0]))

static void check_text(void (*add)(struct text *, uint32_t), uint32_t bits, const char *expected)
{
    char buffer[160];
    struct text text = text_in(buffer, sizeof(buffer));

    add(&text, bits);
    assert_string_equal(buffer, expected);
}

/* pciutils, tests/cap-vc-and-rcl: a network controller (10ec:8136) with a receiver error left, as
 * lspci states: CorrErr+ UnsuppReq+, 2.5GT/s x1 of 2.5GT/s x1, CESta RxErr+ NonFatalErr+. */
static const struct line network[] = {
    {0x00, "ec 10 36 81 07 04 10 00 02 00 00 02 08 00 00 00"},
    {0x30, "00 00 fe ff 40 00 00 00 00 00 00 00 0b 01 00 00"},
    {0x40, "01 50 03 7e 08 00 00 00 00 00 00 00 00 00 00 00"},
    {0x50, "05 70 81 00 0c 30 e0 fe 00 00 00 00 89 41 00 00"},
    {0x70, "10 ac 02 02 c1 8c 04 05 10 20 09 00 11 3c 07 00"},
    {0x80, "40 00 11 10 00 00 00 00 00 00 00 00 00 00 00 00"},
    {0xA0, "00 00 00 00 00 00 00 00 00 00 00 00 11 cc 01 00"},
    {0xC0, "00 00 00 00 00 00 00 00 00 00 00 00 03 00 00 80"},
    {0x100, "01 00 01 14 00 00 00 00 00 00 00 00 30 20 06 00"},
    {0x110, "01 20 00 00 00 20 00 00 a0 00 00 00 00 00 00 00"},
    {0x140, "02 00 01 16 00 00 00 00 00 00 00 00 00 00 00 00"},
    {0x160, "03 00 01 00 00 00 ff ff 00 00 00 24 00 00 00 00"},
};

/* The same file: a wireless adapter (168c:002a) with an uncorrected error left, as lspci states:
 * UncorrErr+ UnsuppReq+, UESta UnsupReq+, first error pointer 14h. */
static const struct line wireless[] = {
    {0x00, "8c 16 2a 00 07 00 10 00 01 00 80 02 10 00 00 00"},
    {0x30, "00 00 00 00 40 00 00 00 00 00 00 00 0a 01 00 00"},
    {0x40, "01 50 c2 5b 00 00 00 00 00 00 00 00 00 00 00 00"},
    {0x50, "05 60 00 00 00 00 00 00 00 00 00 00 00 00 00 00"},
    {0x60, "10 90 11 00 c0 0c 04 05 10 20 0a 00 11 38 03 00"},
    {0x70, "42 00 11 10 00 00 00 00 c0 03 00 00 00 00 00 00"},
    {0x90, "11 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"},
    {0x100, "01 00 01 14 00 00 10 00 00 00 00 00 11 20 06 00"},
    {0x110, "00 00 00 00 00 00 00 00 b4 00 00 00 01 00 00 04"},
    {0x120, "01 07 00 00 34 00 01 02 00 00 00 00 00 00 00 00"},
    {0x140, "02 00 01 16 00 00 00 00 00 00 00 00 00 00 00 00"},
};

/* pciutils, tests/cap-aer-root: a healthy root port (8086:2f04), its AER behind two other
 * capabilities, at 8GT/s x8 of 8GT/s x8. */
static const struct line port[] = {
    {0x00, "86 80 04 2f 07 00 10 00 02 00 04 06 10 00 81 00"},
    {0x30, "00 00 00 00 40 00 00 00 00 00 00 00 0b 01 10 00"},
    {0x40, "0d 60 00 00 86 80 00 00 00 00 00 00 00 00 00 00"},
    {0x60, "05 90 02 01 00 00 00 00 00 00 00 00 00 00 00 00"},
    {0x90, "10 e0 42 00 01 80 00 00 20 00 00 00 83 38 7a 03"},
    {0xA0, "40 00 83 70 00 00 00 00 c0 07 48 01 00 00 01 00"},
    {0xE0, "01 00 03 c8 08 00 00 00 00 00 00 00 00 00 00 00"},
    {0x100, "0b 00 01 11 02 00 c0 00 07 33 00 00 00 00 00 00"},
    {0x110, "0d 00 81 14 1f 00 1f 00 00 00 00 00 00 00 00 00"},
    {0x140, "00 00 00 00 00 00 00 00 01 00 01 1d 00 00 00 00"},
    {0x150, "00 00 00 00 30 20 06 00 00 00 00 00 00 20 00 00"},
};

static void reads_corrected_errors(void **state)
{
    struct pcie_device device;

    (void)state;
    FILL(network);
    assert_int_equal(pcie_read(config, sizeof(config), &device), OK);
    assert_int_equal(device.vendor, 0x10EC);
    assert_int_equal(device.device, 0x8136);
    assert_int_equal(device.class_code, 0x020000);
    assert_true(device.has_pcie);
    assert_int_equal(device.pcie.port, PCIE_ENDPOINT);
    assert_int_equal(device.pcie.status & 0xF, PCIE_CORRECTED | PCIE_UNSUPPORTED);
    assert_true(device.pcie.has_link);
    assert_true(device.pcie.is_active);
    assert_int_equal(device.pcie.speed, 1);
    assert_int_equal(device.pcie.width, 1);
    assert_int_equal(device.pcie.speed_most, 1);
    assert_int_equal(device.pcie.width_most, 1);
    assert_true(device.has_aer);
    assert_int_equal(device.aer.corrected, 0x2001);
    assert_int_equal(device.aer.corrected_mask, 0x2000);
    assert_int_equal(device.aer.uncorrected, 0);
    assert_int_equal(device.aer.uncorrected_severity, 0x00062030);
    assert_false(device.aer.has_root);
    check_text(aer_corrected_text, device.aer.corrected, "receiver error, advisory error");
}

static void reads_uncorrected_errors(void **state)
{
    struct pcie_device device;

    (void)state;
    FILL(wireless);
    assert_int_equal(pcie_read(config, sizeof(config), &device), OK);
    assert_int_equal(device.pcie.port, PCIE_LEGACY_ENDPOINT);
    assert_int_equal(device.pcie.status & 0xF, PCIE_NOT_FATAL | PCIE_UNSUPPORTED);
    assert_true(device.has_aer);
    assert_int_equal(device.aer.uncorrected, 1u << 20);
    assert_int_equal(device.aer.first, 0x14);
    assert_int_equal(device.aer.header[0], 0x04000001);
    assert_int_equal(device.aer.header[1], 0x00000701);
    assert_int_equal(device.aer.header[2], 0x02010034);
    assert_int_equal(device.aer.corrected, 0);
    check_text(aer_uncorrected_text, device.aer.uncorrected, "unsupported request");
}

static void reads_a_healthy_port(void **state)
{
    struct pcie_device device;

    (void)state;
    FILL(port);
    assert_int_equal(pcie_read(config, sizeof(config), &device), OK);
    assert_int_equal(device.pcie.port, PCIE_ROOT_PORT);
    assert_int_equal(device.pcie.status & 0xF, 0);
    assert_int_equal(device.pcie.speed, 3);
    assert_int_equal(device.pcie.width, 8);
    assert_int_equal(device.pcie.speed_most, 3);
    assert_int_equal(device.pcie.width_most, 8);
    assert_true(device.pcie.is_active); /* DLActive+ */
    assert_true(device.has_aer);
    assert_true(device.aer.has_root);
    assert_int_equal(device.aer.uncorrected | device.aer.corrected | device.aer.root_status, 0);
    check_text(aer_corrected_text, device.aer.corrected, "");
    config[0xA3] &= 0xDF; /* nobody at the other end, as an empty slot says */
    assert_int_equal(pcie_read(config, sizeof(config), &device), OK);
    assert_false(device.pcie.is_active);
}

static void reads_root_errors(void **state)
{
    struct pcie_device device;

    (void)state;
    FILL(port);
    config[0x148 + 0x30] = AER_ROOT_UNCORRECTED | AER_ROOT_NOT_FATAL;
    config[0x148 + 0x34] = 0x08, config[0x148 + 0x35] = 0x03;
    config[0x148 + 0x36] = 0x18, config[0x148 + 0x37] = 0x04;
    assert_int_equal(pcie_read(config, sizeof(config), &device), OK);
    assert_int_equal(device.aer.root_status, 0x24);
    assert_int_equal(device.aer.corrected_source, 0x0308);
    assert_int_equal(device.aer.uncorrected_source, 0x0418);
}

/* 256 bytes: no extended space, or one that reads as ones. */
static void does_without_extended_space(void **state)
{
    struct pcie_device device;

    (void)state;
    FILL(network);
    assert_int_equal(pcie_read(config, PCI_CONFIG_SIZE, &device), OK);
    assert_true(device.has_pcie);
    assert_false(device.has_aer);
    memset(config + 0x100, 0xFF, sizeof(config) - 0x100);
    assert_int_equal(pcie_read(config, sizeof(config), &device), OK);
    assert_false(device.has_aer);
    memset(config + 0x100, 0, sizeof(config) - 0x100);
    assert_int_equal(pcie_read(config, sizeof(config), &device), OK);
    assert_false(device.has_aer);
}

static void nobody_is_absent(void **state)
{
    struct pcie_device device;

    (void)state;
    memset(config, 0xFF, sizeof(config));
    assert_int_equal(pcie_read(config, sizeof(config), &device), ERR_ABSENT);
    assert_int_equal(pcie_read(config, 0, &device), ERR_ABSENT);
}

static void circles_end(void **state)
{
    struct pcie_device device;

    (void)state;
    FILL(network);
    config[0x51] = 0x40; /* MSI names power management as the next */
    assert_int_equal(pcie_read(config, sizeof(config), &device), ERR_FORMAT);
    assert_false(device.has_pcie);
    assert_int_equal(device.vendor, 0x10EC);
    config[0x51] = 0x20; /* among the registers of the header */
    assert_int_equal(pcie_read(config, sizeof(config), &device), ERR_FORMAT);
    FILL(port);
    config[0x112] = 0x01, config[0x113] = 0x10; /* access control names the first */
    assert_int_equal(pcie_read(config, sizeof(config), &device), ERR_FORMAT);
    assert_true(device.has_pcie);
    assert_false(device.has_aer);
    FILL(port);
    config[6] = 0; /* no capabilities at all */
    assert_int_equal(pcie_read(config, sizeof(config), &device), OK);
    assert_false(device.has_pcie);
}

static void cut_images_are_safe(void **state)
{
    (void)state;
    FILL(port);
    for (size_t size = 0; size < 0x200; size++) {
        struct pcie_device device;
        uint8_t *copy = test_malloc(size + 1);
        int error;

        memcpy(copy, config, size);
        error = pcie_read(copy, size, &device);
        assert_int_equal(error == ERR_ABSENT, size < 0x0C);
        if (size >= 0x0C && size < 0x94 + 16)
            assert_false(device.has_pcie);
        test_free(copy);
    }
}

static void names_bits(void **state)
{
    (void)state;
    check_text(aer_corrected_text, 0x00001140 | 1u << 3,
               "bit 3, bad packet, replayed too often, replay timed out");
    check_text(aer_uncorrected_text, 1u << 5 | 1u << 14,
               "link went down by surprise, no answer in time");
    assert_string_equal(pcie_speed_text(4), "16 GT/s");
    assert_string_equal(pcie_speed_text(0), "an unknown speed");
    assert_string_equal(pcie_speed_text(15), "an unknown speed");
    assert_string_equal(pcie_port_text(PCIE_ROOT_PORT), "root port");
    assert_string_equal(pcie_port_text(3), "port");
    assert_string_equal(pcie_port_text(77), "port");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_corrected_errors),
        cmocka_unit_test(reads_uncorrected_errors),
        cmocka_unit_test(reads_a_healthy_port),
        cmocka_unit_test(reads_root_errors),
        cmocka_unit_test(does_without_extended_space),
        cmocka_unit_test(nobody_is_absent),
        cmocka_unit_test(circles_end),
        cmocka_unit_test(cut_images_are_safe),
        cmocka_unit_test(names_bits),
    };

    return cmocka_run_group_tests_name("aer", tests, NULL, NULL);
}
