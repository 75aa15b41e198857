/*
 * Published register contents: a Ryzen 7 5800X3D whose register 59800h holds 69BB0000h at 56.6 °C
 * by HWiNFO; a Ryzen 7 3700X with AA0h in 59954h and 0 in the registers of other chiplets (issue 12
 * of zenpower). Others follow the formulae of the Linux documentation of k10temp and of AMD's PPR
 * for family 17h ("CurTemp": steps of 0.125 °C, from -49 °C with CUR_TEMP_RANGE_SEL or CurTempTjSel
 * 3).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "sensors/cpu_amd.h"
#include "tests/sim/cpu.h"

enum { INDEX_BEFORE = 0x5D5C0 };

static void is_left_as_found(const struct sim_cpu *cpu)
{
    assert_int_equal(cpu->index_60, INDEX_BEFORE);
    assert_int_equal(cpu->index_b8, 0);
    assert_int_equal(cpu->forbidden + cpu->faults, 0);
}

static void a_ryzen(void **state)
{
    struct sim_cpu cpu;
    struct access access = sim_cpu_access(&cpu);
    struct amd_thermal thermal;
    struct amd_reading reading;

    (void)state;
    sim_cpu_ryzen(&cpu, SIM_CPU_HEALTHY);
    assert_int_equal(amd_find(&access, &cpu.registers, "AMD Ryzen 7 5800X3D", &thermal), OK);
    assert_int_equal(thermal.ccd_mask, 1);
    assert_false(thermal.relative);
    assert_int_equal(amd_read(&access, &thermal, &reading), OK);
    assert_int_equal(reading.tctl, 56625);
    assert_int_equal(reading.tdie, 56625);
    assert_int_equal(reading.ccd_mask, 1);
    assert_int_equal(reading.ccd[0], 35000);
    is_left_as_found(&cpu);
}

static void scales_and_offsets(void **state)
{
    static const struct {
        uint32_t version, value;
        const char *brand;
        int64_t tctl, tdie;
    } rows[] = {
        {0x800F11, 0x50000000, "AMD Ryzen 7 1800X Eight-Core Processor", 80000, 60000},
        {0x800F82, 0x50000000, "AMD Ryzen 7 2700X Eight-Core Processor", 80000, 70000},
        {0x800F82, 0x50000000, "AMD Ryzen 7 2700 Eight-Core Processor", 80000, 80000},
        {0x800F82, 0x50000000, "AMD Ryzen Threadripper 2950X 16-Core Processor", 80000, 53000},
        {0x870F10, 0x50080000, "AMD Ryzen 7 3700X", 31000, 31000},
        {0x870F10, 0x50030000, "AMD Ryzen 7 3700X", 31000, 31000},
        {0x870F10, 0x50010000, "AMD Ryzen 7 3700X", 80000, 80000},
        {0xA60F12, 0x90200000, "AMD Ryzen 9 7950X", 144125, 144125},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sim_cpu cpu;
        struct access access = sim_cpu_access(&cpu);
        struct amd_thermal thermal;
        struct amd_reading reading;

        sim_cpu_ryzen(&cpu, SIM_CPU_HEALTHY);
        sim_cpu_is(&cpu, "AuthenticAMD", rows[i].version, 4, 1, 0, 0x6799);
        sim_cpu_smn(&cpu, 0x59800, rows[i].value);
        assert_int_equal(amd_find(&access, &cpu.registers, rows[i].brand, &thermal), OK);
        assert_int_equal(amd_read(&access, &thermal, &reading), OK);
        assert_int_equal(reading.tctl, rows[i].tctl);
        assert_int_equal(reading.tdie, rows[i].tdie);
        is_left_as_found(&cpu);
    }
}

/* Where the chiplets' registers are differs from model to model. */
static void chiplets(void **state)
{
    static const struct {
        uint32_t version, at;
        unsigned last; /* number of the last chiplet that may be there */
    } rows[] = {
        {0x830F10, 0x59954, 7}, {0xA00F11, 0x59954, 7},  {0xA40F41, 0x59B00, 7},
        {0xA60F12, 0x59B08, 7}, {0xA10F11, 0x59B00, 11}, {0x8A0F00, 0x59B00, 7},
        {0x800F11, 0x59954, 3},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sim_cpu cpu;
        struct access access = sim_cpu_access(&cpu);
        struct amd_thermal thermal;
        struct amd_reading reading;

        sim_cpu_ryzen(&cpu, SIM_CPU_HEALTHY);
        sim_cpu_is(&cpu, "AuthenticAMD", rows[i].version, 4, 1, 0, 0x6799);
        sim_cpu_smn(&cpu, 0x59954, 0);
        sim_cpu_smn(&cpu, rows[i].at, 0xAC8);                        /* 40 °C */
        sim_cpu_smn(&cpu, rows[i].at + 4, 0x2C8);                    /* not valid */
        sim_cpu_smn(&cpu, rows[i].at + 4 * rows[i].last, 0xB18);     /* 50 °C */
        sim_cpu_smn(&cpu, rows[i].at + 4 * rows[i].last + 4, 0xB18); /* something else */
        assert_int_equal(amd_find(&access, &cpu.registers, "AMD", &thermal), OK);
        assert_int_equal(amd_read(&access, &thermal, &reading), OK);
        assert_int_equal(reading.ccd_mask, 1 | 1 << rows[i].last);
        assert_int_equal(reading.ccd[0], 40000);
        assert_int_equal(reading.ccd[rows[i].last], 50000);
        is_left_as_found(&cpu);
    }
}

/* A new family: Tctl and no chiplets. */
static void zen_5(void **state)
{
    struct sim_cpu cpu;
    struct access access = sim_cpu_access(&cpu);
    struct amd_thermal thermal;

    (void)state;
    sim_cpu_ryzen(&cpu, SIM_CPU_HEALTHY);
    sim_cpu_is(&cpu, "AuthenticAMD", 0xB40F40, 4, 1, 0, 0x6799);
    cpu.root_identity = 0x14D81022;
    cpu.node_identity = 0x14E31022;
    assert_int_equal(amd_find(&access, &cpu.registers, "AMD Ryzen 9 9950X", &thermal), OK);
    assert_int_equal(thermal.ccd_mask, 0);
}

static void only_known_machines_are_written_to(void **state)
{
    static const struct {
        uint32_t version, root, node;
    } rows[] = {
        {0xA20F12, 0xFFFFFFFF, 0x16531022}, {0xA20F12, 0x14801022, 0xFFFFFFFF},
        {0xA20F12, 0x29C08086, 0x16531022}, {0xA20F12, 0x14801022, 0x16538086},
        {0xA20F12, 0x12371022, 0x16531022}, {0xC00F00, 0x14801022, 0x16531022},
        {0x660F01, 0x14801022, 0x15731022}, {0x100F43, 0x14801022, 0x16531022},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sim_cpu cpu;
        struct access access = sim_cpu_access(&cpu);
        struct amd_thermal thermal;

        sim_cpu_ryzen(&cpu, SIM_CPU_HEALTHY);
        sim_cpu_is(&cpu, "AuthenticAMD", rows[i].version, 4, 1, 0, 0);
        cpu.root_identity = rows[i].root;
        cpu.node_identity = rows[i].node;
        assert_int_equal(amd_find(&access, &cpu.registers, "AMD", &thermal), ERR_ABSENT);
        assert_int_equal(cpu.writes, 0);
    }
}

static void neither_guests_nor_others(void **state)
{
    struct sim_cpu cpu;
    struct access access = sim_cpu_access(&cpu);
    struct amd_thermal thermal;

    (void)state;
    sim_cpu_ryzen(&cpu, SIM_CPU_HEALTHY);
    cpu.registers.is_virtual = true;
    assert_int_equal(amd_find(&access, &cpu.registers, "AMD", &thermal), ERR_ABSENT);
    cpu.registers.is_virtual = false;
    cpu.registers.vendor = CPU_INTEL;
    assert_int_equal(amd_find(&access, &cpu.registers, "AMD", &thermal), ERR_ABSENT);
    cpu.registers.vendor = CPU_AMD;
    access.write_config = NULL;
    assert_int_equal(amd_find(&access, &cpu.registers, "AMD", &thermal), ERR_UNSUPPORTED);
    assert_int_equal(cpu.reads + cpu.writes, 0);
}

/* Family, models 60h to 7Fh of 15h: a pair at B8h; the others have the register in the open. */
static void older_families(void **state)
{
    struct sim_cpu cpu;
    struct access access = sim_cpu_access(&cpu);
    struct amd_thermal thermal;
    struct amd_reading reading;

    (void)state;
    sim_cpu_ryzen(&cpu, SIM_CPU_HEALTHY);
    sim_cpu_is(&cpu, "AuthenticAMD", 0x660F01, 4, 1, 0, 0);
    cpu.root_identity = 0x15761022;
    cpu.node_identity = 0x15731022;
    sim_cpu_smn(&cpu, 0xD8200CA4, 0x2B400000); /* 346 steps */
    assert_int_equal(amd_find(&access, &cpu.registers, "AMD A10-9700", &thermal), OK);
    assert_true(thermal.relative);
    assert_int_equal(amd_read(&access, &thermal, &reading), OK);
    assert_int_equal(reading.tctl, 43250);
    is_left_as_found(&cpu);
    sim_cpu_is(&cpu, "AuthenticAMD", 0x600F20, 4, 1, 0, 0);
    cpu.node_identity = 0x16031022;
    cpu.node_reported = 0x1E8B0F7F; /* 244 steps; below, bits of other meanings with TjSel 3 */
    cpu.writes = 0;
    assert_int_equal(amd_find(&access, &cpu.registers, "AMD FX-8350", &thermal), OK);
    assert_int_equal(amd_read(&access, &thermal, &reading), OK);
    assert_int_equal(reading.tctl, 30500 - 49000);
    cpu.node_reported = 0x1E880F7F; /* bit 19 says nothing in these families */
    assert_int_equal(amd_read(&access, &thermal, &reading), OK);
    assert_int_equal(reading.tctl, 30500);
    assert_int_equal(reading.ccd_mask, 0);
    assert_int_equal(cpu.writes, 0);
    is_left_as_found(&cpu);
}

/* AMD's Revision Guide for family 10h, erratum 319. */
static void erratum_319(void **state)
{
    static const struct {
        uint32_t version, package, memory;
        int error;
    } rows[] = {
        {0x100F43, 0, 0x100, ERR_REFUSED},             /* socket F */
        {0x100F43, 1u << 28, 0x100, OK},               /* AM3 by its memory */
        {0x100F42, 1u << 28, 0, ERR_REFUSED},          /* AM2+ */
        {0x100F22, 1u << 28, 0, ERR_REFUSED},          /* AM2+ */
        {0x100F43, 1u << 28, 0, OK},                   /* never made for AM2+ */
        {0x100F42, 1u << 28, 0xFFFFFFFF, ERR_REFUSED}, /* nobody tells */
        {0x100F42, 3u << 28, 0, OK},                   /* G34 */
        {0x600F20, 0, 0, OK},                          /* another family */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sim_cpu cpu;
        struct access access = sim_cpu_access(&cpu);
        struct amd_thermal thermal;

        sim_cpu_init(&cpu, SIM_CPU_HEALTHY);
        sim_cpu_is(&cpu, "AuthenticAMD", rows[i].version, 0, 0, 0, 0x1F9);
        cpu.leaves.extended_version.ebx = rows[i].package;
        cpu.registers = cpu_registers_of(&cpu.leaves);
        cpu.node_identity = 0x12031022;
        cpu.memory_config = rows[i].memory;
        assert_int_equal(amd_find(&access, &cpu.registers, "AMD", &thermal), rows[i].error);
        assert_int_equal(cpu.writes, 0);
    }
}

/* Management mode takes the pair now and then: the same readings, a few tries more. */
static void a_stolen_pair_changes_nothing(void **state)
{
    struct sim_cpu cpu;
    struct access access = sim_cpu_access(&cpu);
    struct amd_thermal thermal;
    struct amd_reading reading;

    (void)state;
    sim_cpu_ryzen(&cpu, SIM_CPU_PAIR_STOLEN);
    assert_int_equal(amd_find(&access, &cpu.registers, "AMD", &thermal), OK);
    for (unsigned i = 0; i < 50; i++) {
        assert_int_equal(amd_read(&access, &thermal, &reading), OK);
        assert_int_equal(reading.tctl, 56625);
        assert_int_equal(reading.ccd[0], 35000);
        is_left_as_found(&cpu);
    }
}

static void what_is_never_left_alone_is_given_up(void **state)
{
    static const enum sim_cpu_fault faults[] = {SIM_CPU_PAIR_TAKEN, SIM_CPU_PAIR_RESTLESS,
                                                SIM_CPU_PAIR_ONES, SIM_CPU_CONFIG_DIES};

    (void)state;
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        struct sim_cpu cpu;
        struct access access = sim_cpu_access(&cpu);
        struct amd_thermal thermal;
        struct amd_reading reading = {.tctl = 1};

        sim_cpu_ryzen(&cpu, SIM_CPU_HEALTHY);
        assert_int_equal(amd_find(&access, &cpu.registers, "AMD", &thermal), OK);
        cpu.fault = faults[i];
        cpu.reads = cpu.writes = 0;
        assert_int_equal(amd_read(&access, &thermal, &reading), ERR_IO);
        assert_int_equal(reading.tctl, 1);
        assert_in_range(cpu.writes, 0, 2 * AMD_TRIES_MAX + 1);
        assert_in_range(cpu.reads, 1, 4 * AMD_TRIES_MAX + 1);
        is_left_as_found(&cpu);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ryzen),
        cmocka_unit_test(scales_and_offsets),
        cmocka_unit_test(chiplets),
        cmocka_unit_test(zen_5),
        cmocka_unit_test(only_known_machines_are_written_to),
        cmocka_unit_test(neither_guests_nor_others),
        cmocka_unit_test(older_families),
        cmocka_unit_test(erratum_319),
        cmocka_unit_test(a_stolen_pair_changes_nothing),
        cmocka_unit_test(what_is_never_left_alone_is_given_up),
    };

    return cmocka_run_group_tests_name("cpu_amd", tests, NULL, NULL);
}
