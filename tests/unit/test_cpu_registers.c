/*
 * CPUID leaves of real processors, as their makers document them and as dumps in public show them
 * (leaf 6 of Kaby Lake 27F7h in kernel mail of January 2023; an EC2 m6a guest's in a hypervisor's
 * sources); the registers that they have: Intel SDM volume 4, AMD's PPR.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/sim/cpu.h"

/* Registers by letter, in the order of cpu_register_exists(). */
static const struct {
    char letter;
    uint32_t msr;
} letters[] = {
    {'i', 0xCE},  {'c', 0xE7},       {'c', 0xE8},       {'t', 0x19C}, {'j', 0x1A2},
    {'p', 0x1B1}, {'e', 0x606},      {'e', 0x610},      {'e', 0x611}, {'e', 0x614},
    {'d', 0x619}, {'a', 0xC0010299}, {'a', 0xC001029B},
};

static void has_exactly(const struct cpu_registers *registers, const char *wanted)
{
    for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
        bool is_wanted = false;

        for (const char *letter = wanted; *letter; letter++)
            is_wanted |= *letter == letters[i].letter;
        assert_int_equal(cpu_register_exists(registers, letters[i].msr), is_wanted);
    }
}

static void real_processors(void **state)
{
    static const struct {
        const char *name, *vendor;
        uint32_t version, power_eax, power_ecx, extended_power;
        unsigned family, model;
        const char *registers;
    } rows[] = {
        {"Core 2 Duo E8400", "GenuineIntel", 0x1067A, 0x1, 0x1, 0, 6, 0x17, "ct"},
        {"Xeon X7460 (Dunnington)", "GenuineIntel", 0x106D1, 0x1, 0x1, 0, 6, 0x1D, "ct"},
        {"Atom N450", "GenuineIntel", 0x106CA, 0x1, 0x1, 0, 6, 0x1C, "ct"},
        {"Core i7-920", "GenuineIntel", 0x106A5, 0x3, 0x1, 0x100, 6, 0x1A, "ctj"},
        {"Core i7-2600", "GenuineIntel", 0x206A7, 0x77, 0x9, 0x100, 6, 0x2A, "ictjpe"},
        {"Core i7-4770", "GenuineIntel", 0x306C3, 0x77, 0x9, 0x100, 6, 0x3C, "ictjpe"},
        {"Xeon E5-2680 v3", "GenuineIntel", 0x306F2, 0x77, 0x9, 0x100, 6, 0x3F, "ictjped"},
        {"Core i7-7700", "GenuineIntel", 0x906E9, 0x27F7, 0x1, 0x100, 6, 0x9E, "ictjped"},
        {"Core i9-12900K", "GenuineIntel", 0x90672, 0xDFCFF7, 0x409, 0x100, 6, 0x97, "ictjpe"},
        {"Xeon Platinum 8480", "GenuineIntel", 0x806F8, 0xDFCFF7, 0x9, 0x100, 6, 0x8F, "ictjped"},
        {"Pentium 4", "GenuineIntel", 0xF29, 0, 0, 0, 0xF, 2, ""},
        {"Phenom II X4 955", "AuthenticAMD", 0x100F43, 0, 0, 0x1F9, 0x10, 4, ""},
        {"FX-8350", "AuthenticAMD", 0x600F20, 0, 0x1, 0x7D9, 0x15, 2, "c"},
        {"Ryzen 7 1800X", "AuthenticAMD", 0x800F11, 0x4, 0x1, 0x6799, 0x17, 1, "ca"},
        {"Ryzen 7 5800X3D", "AuthenticAMD", 0xA20F12, 0x4, 0x1, 0x6799, 0x19, 0x21, "ca"},
        {"Hygon C86", "HygonGenuine", 0x900F01, 0x4, 0x1, 0x6799, 0x18, 0, "ca"},
        {"VIA Nano", "CentaurHauls", 0x6F8, 0x3, 0x1, 0, 6, 0xF, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sim_cpu cpu;

        sim_cpu_init(&cpu, SIM_CPU_HEALTHY);
        sim_cpu_is(&cpu, rows[i].vendor, rows[i].version, rows[i].power_eax, rows[i].power_ecx, 0,
                   rows[i].extended_power);
        assert_int_equal(cpu.registers.family, rows[i].family);
        assert_int_equal(cpu.registers.model, rows[i].model);
        has_exactly(&cpu.registers, rows[i].registers);
        assert_false(cpu_register_exists(&cpu.registers, 0x19B));
        assert_false(cpu_register_exists(&cpu.registers, 0x638));
    }
}

/* What a model has, its guests need not have. */
static void guests(void **state)
{
    struct sim_cpu cpu;

    (void)state;
    sim_cpu_init(&cpu, SIM_CPU_HEALTHY);
    sim_cpu_is(&cpu, "GenuineIntel", 0x906E9, 0x4, 0, 0, 0x100); /* KVM: ARAT only */
    cpu.leaves.version.ecx = 0x80000000;
    cpu.registers = cpu_registers_of(&cpu.leaves);
    has_exactly(&cpu.registers, "");
    cpu.leaves.power.ecx = 1; /* a hypervisor that passes the clock's counters on */
    cpu.registers = cpu_registers_of(&cpu.leaves);
    has_exactly(&cpu.registers, "c");
    sim_cpu_is(&cpu, "AuthenticAMD", 0xA00F11, 0x4, 0, 0, 0x100); /* EC2 m6a */
    cpu.leaves.version.ecx = 0xFFFA3203;
    cpu.registers = cpu_registers_of(&cpu.leaves);
    has_exactly(&cpu.registers, "");
    assert_true(cpu.registers.is_virtual);
}

static void without_msrs_there_is_nothing(void **state)
{
    struct sim_cpu cpu;

    (void)state;
    sim_cpu_core(&cpu, SIM_CPU_HEALTHY, 1, 40);
    cpu.leaves.version.edx &= ~(1u << 5);
    cpu.registers = cpu_registers_of(&cpu.leaves);
    has_exactly(&cpu.registers, "");
    sim_cpu_core(&cpu, SIM_CPU_HEALTHY, 1, 40);
    cpu.leaves.version.edx &= ~(1u << 22);
    cpu.registers = cpu_registers_of(&cpu.leaves);
    has_exactly(&cpu.registers, "icejd");
}

/* Units of the memory's counter: Intel's datasheet 330784, section "DRAM energy". */
static void units_of_memory(void **state)
{
    struct sim_cpu cpu;

    (void)state;
    sim_cpu_init(&cpu, SIM_CPU_HEALTHY);
    sim_cpu_is(&cpu, "GenuineIntel", 0x306F2, 0x77, 0x9, 0, 0);
    assert_true(cpu.registers.dram_unit_fixed);
    sim_cpu_is(&cpu, "GenuineIntel", 0x206D7, 0x77, 0x9, 0, 0);
    assert_true(cpu.registers.energy_dram && !cpu.registers.dram_unit_fixed);
}

/* TjMax of Atoms: the Linux documentation of coretemp. */
static void fixed_temperatures(void **state)
{
    struct sim_cpu cpu;

    (void)state;
    sim_cpu_init(&cpu, SIM_CPU_HEALTHY);
    sim_cpu_is(&cpu, "GenuineIntel", 0x106CA, 0x1, 0x1, 0, 0); /* N450 */
    assert_int_equal(cpu.registers.tj_max, 100);
    sim_cpu_is(&cpu, "GenuineIntel", 0x106C2, 0x1, 0x1, 0, 0); /* N270, 230 or 330 */
    assert_int_equal(cpu.registers.tj_max, 0);
    sim_cpu_is(&cpu, "GenuineIntel", 0x30661, 0x1, 0x1, 0, 0); /* D2700 */
    assert_int_equal(cpu.registers.tj_max, 100);
    sim_cpu_is(&cpu, "GenuineIntel", 0x30669, 0x1, 0x1, 0, 0); /* S12x0 */
    assert_int_equal(cpu.registers.tj_max, 0);
    sim_cpu_is(&cpu, "GenuineIntel", 0x906E9, 0x27F7, 0x1, 0, 0);
    assert_int_equal(cpu.registers.tj_max, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_processors),
        cmocka_unit_test(guests),
        cmocka_unit_test(without_msrs_there_is_nothing),
        cmocka_unit_test(units_of_memory),
        cmocka_unit_test(fixed_temperatures),
    };

    return cmocka_run_group_tests_name("cpu_registers", tests, NULL, NULL);
}
