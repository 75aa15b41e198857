/* The rules: what happens in a run, and what must be found. Every fault has its healthy twin. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "diagnosis/doubts.h"
#include "diagnosis/rules.h"
#include "tests/sim/events.h"

#define A DISK(3, "SER1", "PCI 00:17.0 port 1")
#define B DISK(4, "SER2", "PCI 01:00.0")
#define B_BESIDE_A DISK(4, "SER2", "PCI 00:17.0 port 2")
#define NO_SERIAL DISK(5, "", "PCI 02:00.0")
#define SENSORS                                                                                    \
    PART(10, PART_FAN, "Fan 2"), PART(11, PART_SENSOR, "CPU"), FAN(1, 10), HEAT(2, 11, 95000)
/* The same of a board without a BMC. */
#define BOARD                                                                                      \
    PART(10, PART_FAN, "Fan 2"), PART(11, PART_SENSOR, "CPU"), HEAT(2, 11, 95000),                 \
        E(EVENT_SERIES, series, .series = 1, .part = 10, .quantity = QUANTITY_FAN_SPEED,           \
          .name = "Fan", .source = "test", .may_stop = true)

/* MCA codes: memory read error on channel 0, valid, corrected once; the same uncorrected. */
#define CORRECTED 0x8C00004000000090u
#define UNCORRECTED 0xBC00000000000090u
#define AMD_CORRECTED 0x9C2041000000011Bu
#define L1_CORRECTED 0x8C00004000000151u
#define TLB_UNCORRECTED 0xBC00000000000014u

#define WRITTEN(number, what, block, twice, said)                                                  \
    E(EVENT_WRITE_ERROR, write_error, .part = number, .fault = what, .lba = block, .again = twice, \
      .status = said)
#define LATER(seconds, kind, member, ...)                                                          \
    {                                                                                              \
        .type = kind, .time_us = (uint64_t)(seconds)*1000000, .member = { __VA_ARGS__ }            \
    }
#define STANDS(number, title, value) COUNTS(number, title, value, value)
#define IN_A(what) E(EVENT_RUN_START, run_start, .plan = "imaging", .chassis = what)
#define SLOWS(number, ...) E(EVENT_SENSOR_STATE, sensor_state, .series = number, __VA_ARGS__)
#define LOADED(number) COVERAGE("imaging", number, 1000, 1000)

/* Modules in their slots, and the addresses they have. */
#define MODULE(number, slot)                                                                       \
    E(EVENT_PART, part, .part = number, .parent = PART_ALL_MEMORY, .kind = PART_MEMORY,            \
      .name = "PN-9", .serial = "S" slot, .place = slot)
#define LIES(number, from, to)                                                                     \
    E(EVENT_MEMORY_MAP, memory_map, .part = number, .start = from, .end = to)
#define STATE(number, what, told)                                                                  \
    E(EVENT_MEMORY_MAP, memory_map, .part = number, .state = what, .reported = told)
#define A1 MODULE(20, "DIMM_A1")
#define B1 MODULE(21, "DIMM_B1")
#define IN_ROW A1, B1, LIES(20, 0, 0xFFFF), LIES(21, 0x10000, 0x1FFFF)
#define INTERLEAVED A1, B1, LIES(20, 0, 0x1FFFF), LIES(21, 0, 0x1FFFF)
/* MCi_MISC 8Ch: a physical address, Intel SDM volume 3, "IA32_MCi_MISC MSRs". */
#define CHECK_BEFORE(status_value, at, misc_value)                                                 \
    E(EVENT_MACHINE_CHECK, machine_check, .bank = 7, .status = status_value, .address = at,        \
      .has_address = true, .misc = misc_value, .has_misc = true, .prior = true)
#define CHECK_AT(status_value, at, misc_value)                                                     \
    E(EVENT_MACHINE_CHECK, machine_check, .bank = 7, .status = status_value, .address = at,        \
      .has_address = true, .misc = misc_value, .has_misc = true)

/* What was written down before the run; the run began on 1 March 2026. */
#define RUN_OF_MARCH                                                                               \
    E(EVENT_RUN_START, run_start, .plan = "imaging", .year = 2026, .month = 3, .day = 1)
#define MARCH 1772323200u
#define DAYS 86400u
#define RECORDED(from, what, how, ...)                                                             \
    E(EVENT_PRIOR_ERROR, prior_error, .origin = from, .kind = what, .severity = how,               \
      .text = "words", __VA_ARGS__)
#define LOGGED(what, how, number, at)                                                              \
    RECORDED(PRIOR_SEL, what, how, .code = 0x101, .place = "BMC sensor " #number, .time_s = at)
#define LOG_ENDED(what, number)                                                                    \
    RECORDED(PRIOR_SEL, what, PRIOR_RECOVERABLE, .code = 0x101, .place = "BMC sensor " #number,    \
             .ended = true)
/* What causes what, and what speaks against it. */
#define AT(seconds, number, reading)                                                               \
    LATER(seconds, EVENT_SAMPLE, sample, .series = number, .value = reading)
#define FAILS_AT(seconds, number, what)                                                            \
    LATER(seconds, EVENT_DISK_ERROR, disk_error, .part = number, .fault = what,                    \
          .lba = (seconds)*1000000ull, .blocks = 1, .status = "status")
#define CHECKED_AT(seconds, value)                                                                 \
    LATER(seconds, EVENT_MACHINE_CHECK, machine_check, .bank = 1, .status = value)
#define LINK_ERROR(seconds, at, of, corrected_bits, uncorrected_bits)                              \
    LATER(seconds, EVENT_PCIE_ERROR, pcie_error, .place = at, .port = of,                          \
          .corrected = corrected_bits, .uncorrected = uncorrected_bits, .text = "words")
/* Of a link that was at 16 GT/s with 8 lanes before. */
#define LINK_TOLD(seconds, of, at, what, generation, lanes)                                        \
    LATER(seconds, EVENT_PCIE_LINK, pcie_link, .change = what, .port = of, .device = at,           \
          .speed = generation, .width = lanes, .speed_best = 4, .width_best = 8, .text = "words")
#define LINK_NOW(seconds, what, generation, lanes)                                                 \
    LINK_TOLD(seconds, "0000:00:1c.0", "0000:01:00.0", what, generation, lanes)
#define RAIL(number, title, from, to)                                                              \
    E(EVENT_SERIES, series, .series = number, .part = 12, .quantity = QUANTITY_VOLTAGE,            \
      .name = title, .source = "BMC sensor 5", .has_low = true, .has_high = true, .low = from,     \
      .high = to)
#define V12 PART(12, PART_BMC, "BMC"), RAIL(5, "12V", 11400, 12600)
#define SATA1 DISK(3, "SER1", "SATA 00:17.0 port 1")
#define SATA2 DISK(4, "SER2", "SATA 00:17.0 port 2")
#define SATA3 DISK(6, "SER3", "SATA 00:17.0 port 3")
#define OTHER DISK(5, "SER9", "NVMe 01:00.0")
#define TWO_AND_OTHER SATA1, SATA2, OTHER, LOADED(3), LOADED(4), LOADED(5)
#define ALL_LOADED(...) PHASE("imaging"), __VA_ARGS__
#define HELD_IN_THE_END(at, what)                                                                  \
    E(EVENT_MEMORY_RETEST, memory_retest, .address = at, .repeat = REPEAT_HELD, .shape = what)
#define WRONG_AT(seconds)                                                                          \
    LATER(seconds, EVENT_MEMORY_ERROR, memory_error, .address = 0x1008, .actual = 8,               \
          .test = "random", .repeat = REPEAT_HELD)

#define LOGGED_FAN                                                                                 \
    PART(10, PART_FAN, "Fan 2"),                                                                   \
        E(EVENT_SERIES, series, .series = 1, .part = 10, .quantity = QUANTITY_FAN_SPEED,           \
          .name = "Fan 2", .source = "BMC sensor 2")

/* A processor with its limit at 100 C and its base clock at 2 GHz; fans. What they read under load,
 * that comes after 10 s, and while it cools down, from 400 s on. */
#define HOT_CPU                                                                                    \
    PART(11, PART_SENSOR, "CPU"), HEAT(2, 11, 100000),                                             \
        E(EVENT_SERIES, series, .series = 3, .part = 11, .quantity = QUANTITY_CLOCK,               \
          .name = "Clock", .has_low = true, .low = 2000000)
#define POWER_OF_CPU(limit)                                                                        \
    E(EVENT_SERIES, series, .series = 4, .part = 11, .quantity = QUANTITY_POWER, .name = "Power",  \
      .has_high = (limit) > 0, .high = limit)
#define FAN_NAMED(number, title)                                                                   \
    E(EVENT_SERIES, series, .series = number, .part = number, .quantity = QUANTITY_FAN_SPEED,      \
      .name = title)
#define AT(seconds, number, reading)                                                               \
    LATER(seconds, EVENT_SAMPLE, sample, .series = number, .value = reading)
#define RESTS PHASE("baseline"), READS(2, 40000)
#define LOAD_COMES LATER(10, EVENT_PHASE_START, phase_start, .phase = "memory")
#define LOAD_GOES LATER(400, EVENT_PHASE_START, phase_start, .phase = "cool-down")
/* It runs at half its base clock at its limit, for 31 s from this time on. */
#define SLOW_FROM(seconds)                                                                         \
    AT(seconds, 2, 99000), AT(seconds, 3, 1000000), AT((seconds) + 31, 3, 1000000)
#define SLOW_AT_ONCE RESTS, LOAD_COMES, SLOW_FROM(15)
#define SLOW_LATE RESTS, LOAD_COMES, SLOW_FROM(200)
#define FAN_LOADS(number, reading)                                                                 \
    AT(300, number, reading), AT(310, number, reading), AT(320, number, reading)

struct story {
    const char *name;
    const char *expected; /* "id certainty component" each, "; " between */
    struct event events[40];
};

static const struct story stories[] = {
    {"nothing happens", "", {A, B, SENSORS}},

    /* memory */
    {"a page fails again",
     "memory-bit-error certain page 0x12345000 bit 3",
     {WRONG(0x12345678, 0, 8, "random", REPEAT_FAILED)}},
    {"many pages, one cause",
     "memory-bit-error certain page 0x5000",
     {WRONG(0x1008, 0, 8, "random", REPEAT_HELD), WRONG(0x5008, 0, 0x18, "random", REPEAT_FAILED),
      WRONG(0x9008, 0, 8, "random", REPEAT_FAILED)}},
    {"a page fails once and holds",
     "memory-bit-error possible page 0x1000 bit 3",
     {WRONG(0x1008, 0, 8, "random", REPEAT_HELD)}},
    {"the same page in two tests",
     "memory-bit-error likely page 0x1000 bit 3",
     {WRONG(0x1008, 0, 8, "random", REPEAT_HELD),
      WRONG(0x1100, 8, 0, "moving-inversions", REPEAT_HELD)}},
    {"the same bit in two pages",
     "memory-bit-error likely page 0x1000 bit 3",
     {WRONG(0x1008, 0, 8, "random", REPEAT_HELD), WRONG(0x7008, 8, 0, "random", REPEAT_HELD)}},
    {"other bits in two pages are not the same",
     "memory-bit-error possible page 0x1000 bit 3",
     {WRONG(0x1008, 0, 8, "random", REPEAT_HELD), WRONG(0x7008, 4, 0, "random", REPEAT_HELD)}},
    {"a block differs and its page fails",
     "memory-bit-error likely page 0x8000 bit 5",
     {A, DIFFERS(3, .address = 0x8010, .bit_mask = 32, .bits = 1, .page = REPEAT_FAILED)}},
    {"a block differs and its page holds: both are named",
     "memory-bit-error possible page 0x8000 bit 5; disk-silent-corruption possible SER1 Model",
     {A, DIFFERS(3, .address = 0x8010, .bit_mask = 32, .bits = 1, .page = REPEAT_HELD)}},
    {"a bad page explains a block that differed elsewhere",
     "memory-bit-error certain page 0x1000 bit 3",
     {A, WRONG(0x1008, 0, 8, "random", REPEAT_FAILED),
      DIFFERS(3, .address = 0x8010, .bit_mask = 32, .bits = 1, .page = REPEAT_HELD)}},
    {"between two places in memory no drive takes part",
     "memory-bit-error possible page 0x8000 bit 5",
     {A, E(EVENT_MISMATCH, mismatch, .part = 3, .hop = HOP_ARENA, .address = 0x8010, .bit_mask = 32,
           .bits = 900, .whole_sectors = 1, .page = REPEAT_HELD)}},
    {"two drives on two controllers",
     "memory-bit-error likely memory",
     {A, B, DIFFERS(3, .address = 0x8010, .bit_mask = 32, .bits = 1, .page = REPEAT_HELD),
      DIFFERS(4, .address = 0x18010, .bit_mask = 64, .bits = 1, .page = REPEAT_HELD)}},
    {"two drives on one controller",
     "memory-bit-error possible page 0x8000 bit 5; disk-silent-corruption possible SER1 Model; "
     "disk-silent-corruption possible SER2 Model",
     {A, B_BESIDE_A, DIFFERS(3, .address = 0x8010, .bit_mask = 32, .bits = 1, .page = REPEAT_HELD),
      DIFFERS(4, .address = 0x18010, .bit_mask = 64, .bits = 1, .page = REPEAT_HELD)}},
    {"words hold the addresses of others",
     "memory-address-fault likely page 0x100000 bit 21",
     {WRONG(0x100000, 0x100000, 0x300000, "own-address", REPEAT_HELD),
      WRONG(0x100008, ~(uint64_t)0x100008, ~(uint64_t)0x300008, "own-address", REPEAT_HELD)}},
    {"one word in each of two pages, by the same address bit",
     "memory-address-fault likely page 0x100000 bit 21",
     {WRONG(0x100000, 0x100000, 0x300000, "own-address", REPEAT_HELD),
      WRONG(0x108000, 0x108000, 0x308000, "own-address", REPEAT_HELD)}},
    {"an address fault and a cell that fails",
     "memory-bit-error likely page 0x8000 bit 5; memory-address-fault likely page 0x100000 bit 21",
     {A, WRONG(0x100000, 0x100000, 0x300000, "own-address", REPEAT_HELD),
      WRONG(0x100008, 0x100008, 0x300008, "own-address", REPEAT_HELD),
      DIFFERS(3, .address = 0x8010, .bit_mask = 32, .bits = 1, .page = REPEAT_FAILED)}},
    {"an address fault is wrong in the random test, too",
     "memory-address-fault likely page 0x100000",
     {WRONG(0x100000, 0x100000, 0x300000, "own-address", REPEAT_HELD),
      WRONG(0x100008, 0x100008, 0x300008, "own-address", REPEAT_HELD),
      WRONG(0x100008, 0x1234567812345678, 0xF00D43219ABCDE01, "random", REPEAT_HELD)}},
    {"the words whose addresses are held are wrong in two tests as well",
     "memory-address-fault likely page 0x100000 bit 21",
     {WRONG(0x100000, 0x100000, 0x300000, "own-address", REPEAT_HELD),
      WRONG(0x100008, 0x100008, 0x300008, "own-address", REPEAT_HELD),
      WRONG(0x300008, 0x1234567812345678, 0xF00D43219ABCDE01, "random", REPEAT_HELD),
      WRONG(0x300008, 0x1234567812345678, 0xF00D43219ABCDE01, "sweep", REPEAT_HELD)}},
    {"other words that are wrong in two tests are none of these",
     "memory-bit-error likely page 0x500000; memory-address-fault likely page 0x100000 bit 21",
     {WRONG(0x100000, 0x100000, 0x300000, "own-address", REPEAT_HELD),
      WRONG(0x100008, 0x100008, 0x300008, "own-address", REPEAT_HELD),
      WRONG(0x500008, 0x1234567812345678, 0xF00D43219ABCDE01, "random", REPEAT_HELD),
      WRONG(0x500008, 0x1234567812345678, 0xF00D43219ABCDE01, "sweep", REPEAT_HELD)}},
    {"one word, and the retest found its other address",
     "memory-address-fault likely page 0x100000",
     {E(EVENT_MEMORY_ERROR, memory_error, .address = 0x100000, .expected = 0x1234567812345678,
        .actual = 0xF00D43219ABCDE01, .test = "random", .repeat = REPEAT_HELD,
        .shape = SHAPE_DECODER, .other = 0x300000),
      WRONG(0x100000, 0, 0x200000, "moving-inversions", REPEAT_HELD)}},
    {"a stuck bit is no address fault, though the address test sees it",
     "memory-bit-error certain page 0x100000 bit 21",
     {WRONG(0x100000, 0x100000, 0x300000, "own-address", REPEAT_FAILED),
      WRONG(0x100008, 0x100008, 0x300008, "own-address", REPEAT_FAILED)}},
    {"nor when another test sees the bit",
     "memory-bit-error likely page 0x100000 bit 21",
     {WRONG(0x100000, 0x100000, 0x300000, "own-address", REPEAT_HELD),
      WRONG(0x100008, 0x100008, 0x300008, "own-address", REPEAT_HELD),
      WRONG(0x100008, 0, 0x200000, "moving-inversions", REPEAT_HELD)}},
    {"one word alone is a bit, not an address",
     "memory-bit-error possible page 0x100000 bit 21",
     {WRONG(0x100000, 0x100000, 0x300000, "own-address", REPEAT_HELD),
      WRONG(0x100000, 0x100000, 0x300000, "own-address", REPEAT_HELD)}},
    {"an address fault explains blocks of many drives, and a page wrong once",
     "memory-address-fault likely page 0x100000 bit 21",
     {A, B, WRONG(0x100000, 0x100000, 0x300000, "own-address", REPEAT_HELD),
      WRONG(0x100008, 0x100008, 0x300008, "own-address", REPEAT_HELD),
      WRONG(0x108008, 0x1234567812345678, 0xF00D43219ABCDE01, "random", REPEAT_HELD),
      DIFFERS(3, .whole_sectors = 8, .page = REPEAT_HELD),
      DIFFERS(4, .whole_sectors = 8, .page = REPEAT_HELD)}},
    {"an uncorrected error explains a page wrong once",
     "memory-ecc-uncorrected certain memory channel 0 (bank 7)",
     {WRONG(0x1008, 0, 8, "random", REPEAT_HELD), CHECK(0, 7, UNCORRECTED, 0x1000, false)}},
    {"an uncorrected error takes many corrected ones with it",
     "memory-ecc-uncorrected certain memory channel 0 (bank 7)",
     {CHECK(0, 7, CORRECTED, 0x1000, false), CHECK(0, 7, CORRECTED, 0x1000, false),
      CHECK(0, 7, UNCORRECTED, 0x1000, false)}},
    {"on AMD as well",
     "memory-ecc-uncorrected possible memory (bank 17); "
     "cpu-machine-check possible processor 0 (bank 17)",
     {PART(1, PART_PROCESSOR, "AMD Ryzen 7"), CHECK(0, 17, AMD_CORRECTED, 0x1000, false),
      CHECK(0, 17, AMD_CORRECTED | 1ull << 61, 0x1000, false)}},
    {"one corrected error",
     "memory-ecc-corrected possible memory channel 0 (bank 7)",
     {CHECK(0, 7, CORRECTED, 0x12345000, false)}},
    {"two corrected errors",
     "memory-ecc-corrected likely memory channel 0 (bank 7)",
     {CHECK(0, 7, CORRECTED, 0x12345000, false), CHECK(0, 7, CORRECTED, 0x12345000, false)}},
    {"one corrected error, seen by all who share the bank",
     "memory-ecc-corrected possible memory channel 0 (bank 7)",
     {CHECK(0, 7, CORRECTED, 0x12345000, false), CHECK(1, 7, CORRECTED, 0x12345000, false),
      CHECK(2, 7, CORRECTED, 0x12345000, false)}},
    {"the bank counted five",
     "memory-ecc-corrected likely memory channel 0 (bank 7)",
     {CHECK(0, 7, 0x8C00014000000090u, 0x12345000, false)}},
    {"one corrected error on each of two channels",
     "memory-ecc-corrected possible memory channel 0 (bank 7); "
     "memory-ecc-corrected possible memory channel 1 (bank 7)",
     {CHECK(0, 7, CORRECTED, 0x1000, false), CHECK(0, 7, CORRECTED + 1, 0x2000, false)}},
    {"a corrected one of before and one of now",
     "memory-ecc-corrected likely memory channel 0 (bank 7)",
     {CHECK(0, 7, CORRECTED, 0x1000, true), CHECK(0, 7, CORRECTED, 0x2000, false)}},
    {"an uncorrected error takes the corrected ones with it",
     "memory-ecc-uncorrected certain memory channel 0 (bank 7)",
     {CHECK(0, 7, CORRECTED, 0x1000, false), CHECK(0, 7, UNCORRECTED, 0x1000, false)}},
    {"an uncorrected error of before",
     "memory-ecc-uncorrected likely memory channel 0 (bank 7)",
     {CHECK(0, 7, UNCORRECTED, 0x1000, true)}},
    {"AMD: memory or cache, both named",
     "memory-ecc-corrected possible memory (bank 17); "
     "cpu-machine-check possible processor 0 (bank 17)",
     {PART(1, PART_PROCESSOR, "AMD Ryzen 7"), CHECK(0, 17, AMD_CORRECTED, 0x1000, false)}},
    {"AMD: of before the run, and so before the processor is named",
     "memory-ecc-corrected possible memory (bank 17); "
     "cpu-machine-check possible processor 0 (bank 17)",
     {CHECK(0, 17, AMD_CORRECTED, 0x1000, true), PART(1, PART_PROCESSOR, "AMD Ryzen 7")}},
    {"AMD: uncorrected, both named",
     "memory-ecc-uncorrected possible memory (bank 17); "
     "cpu-machine-check possible processor 0 (bank 17)",
     {PART(1, PART_PROCESSOR, "AMD Ryzen 7"),
      CHECK(0, 17, AMD_CORRECTED | 1ull << 61, 0x1000, false)}},
    {"a bank without VAL says nothing", "", {CHECK(0, 7, 0x0C00004000000090u, 0, false)}},

    /* memory modules */
    {"the module an address lies in",
     "memory-bit-error certain DIMM_B1 page 0x12000 bit 3",
     {IN_ROW, WRONG(0x12008, 0, 8, "random", REPEAT_FAILED)}},
    {"or the other",
     "memory-bit-error certain DIMM_A1 page 0xf000 bit 3",
     {IN_ROW, WRONG(0xFFF8, 0, 8, "random", REPEAT_FAILED)}},
    {"one of two that are interleaved",
     "memory-bit-error certain one of DIMM_A1, DIMM_B1: page 0x12000 bit 3",
     {INTERLEAVED, WRONG(0x12008, 0, 8, "random", REPEAT_FAILED)}},
    {"an address that the map does not reach",
     "memory-bit-error certain page 0x20000 bit 3",
     {IN_ROW, WRONG(0x20008, 0, 8, "random", REPEAT_FAILED)}},
    {"modules without a map",
     "memory-bit-error certain page 0x2000 bit 3",
     {A1, WRONG(0x2008, 0, 8, "random", REPEAT_FAILED)}},
    {"a module that nobody declared",
     "memory-bit-error certain module (part 20) page 0x2000 bit 3",
     {LIES(20, 0, 0xFFFF), WRONG(0x2008, 0, 8, "random", REPEAT_FAILED)}},
    {"the module of an address fault",
     "memory-address-fault likely DIMM_A1 page 0x8000 bit 20",
     {IN_ROW, WRONG(0x8000, 0x8000, 0x108000, "own-address", REPEAT_HELD),
      WRONG(0x8008, 0x8008, 0x108008, "own-address", REPEAT_HELD)}},
    {"the module of a corrected error",
     "memory-ecc-corrected possible DIMM_B1 memory channel 0 (bank 7)",
     {IN_ROW, CHECK_AT(CORRECTED, 0x12345, 0x8C)}},
    {"the module of an uncorrected error",
     "memory-ecc-uncorrected certain one of DIMM_A1, DIMM_B1: memory channel 0 (bank 7)",
     {INTERLEAVED, CHECK_AT(UNCORRECTED, 0x12345, 0x8C)}},
    {"an address that may be another than one of physical memory",
     "memory-ecc-corrected possible memory channel 0 (bank 7)",
     {IN_ROW, CHECK_AT(CORRECTED, 0x12345, 0xCC)}},
    {"nor does one without MISC say so",
     "memory-ecc-corrected possible memory channel 0 (bank 7)",
     {IN_ROW, CHECK(0, 7, CORRECTED, 0x12345, false)}},
    {"AMD's addresses are those of a channel",
     "memory-ecc-corrected possible memory (bank 7); "
     "cpu-machine-check possible processor 0 (bank 7)",
     {PART(1, PART_PROCESSOR, "AMD Ryzen 7"), IN_ROW, CHECK_AT(AMD_CORRECTED, 0x12345, 0x8C)}},
    {"a cache has no module",
     "cpu-machine-check possible processor 0 (bank 7)",
     {IN_ROW, CHECK_AT(L1_CORRECTED, 0x12345, 0x8C)}},
    {"healthy modules", "", {IN_ROW}},
    {"a slot names a module and no size",
     "memory-unusable possible DIMM_B1",
     {A1, B1, LIES(20, 0, 0xFFFF), STATE(21, MEMORY_UNSIZED, false)}},
    {"and the firmware tells of an error of it",
     "memory-unusable likely DIMM_B1",
     {A1, B1, LIES(20, 0, 0xFFFF), STATE(21, MEMORY_UNSIZED, true)}},
    {"an error of a module that is in use is another matter",
     "",
     {A1, B1, LIES(20, 0, 0xFFFF), STATE(21, MEMORY_MAPPED, true)}},
    {"two slots without a size",
     "memory-unusable possible DIMM_A1; memory-unusable possible DIMM_B1",
     {A1, B1, STATE(20, MEMORY_UNSIZED, false), STATE(21, MEMORY_UNSIZED, false)}},
    {"less is mapped than installed, by one of two",
     "memory-unusable possible one of DIMM_A1, DIMM_B1",
     {INTERLEAVED, STATE(20, MEMORY_MISSING, false), STATE(21, MEMORY_MISSING, false)}},
    {"by this one",
     "memory-unusable possible DIMM_B1",
     {A1, B1, LIES(20, 0, 0xFFFF), STATE(21, MEMORY_MISSING, false)}},
    {"and of one of them it tells an error",
     "memory-unusable likely DIMM_B1",
     {INTERLEAVED, STATE(20, MEMORY_MISSING, false), STATE(21, MEMORY_MISSING, true)}},

    /* processors */
    {"a processor computes wrong",
     "cpu-compute-error certain processor 5",
     {A, DIFFERS(3, .address = 0x8010, .compute = true, .processor = 5),
      DIFFERS(3, .address = 0x9010, .bits = 1, .page = REPEAT_HELD)}},
    {"two processors compute wrong",
     "cpu-compute-error certain processor 5; cpu-compute-error certain processor 6",
     {A, DIFFERS(3, .compute = true, .processor = 5), DIFFERS(3, .compute = true, .processor = 6),
      DIFFERS(3, .compute = true, .processor = 5)}},
    {"two hashes of one block differ once, and no byte",
     "cpu-compute-error possible processor 5",
     {A, E(EVENT_MISMATCH, mismatch, .part = 3, .hop = HOP_ROUND_TRIP, .processor = 5)}},
    {"and again on the same processor",
     "cpu-compute-error likely processor 5",
     {A, E(EVENT_MISMATCH, mismatch, .part = 3, .hop = HOP_ROUND_TRIP, .processor = 5),
      E(EVENT_MISMATCH, mismatch, .part = 3, .hop = HOP_ARRIVAL, .processor = 5)}},
    {"of what was kept another one may have had the hash wrong",
     "cpu-compute-error possible processor 5",
     {A, E(EVENT_MISMATCH, mismatch, .part = 3, .hop = HOP_ARENA, .processor = 5),
      E(EVENT_MISMATCH, mismatch, .part = 3, .hop = HOP_ARENA, .processor = 5)}},
    {"on two processors it may be neither",
     "cpu-compute-error possible processor 5; cpu-compute-error possible processor 6",
     {A, E(EVENT_MISMATCH, mismatch, .part = 3, .hop = HOP_ROUND_TRIP, .processor = 5),
      E(EVENT_MISMATCH, mismatch, .part = 3, .hop = HOP_ROUND_TRIP, .processor = 5),
      E(EVENT_MISMATCH, mismatch, .part = 3, .hop = HOP_ROUND_TRIP, .processor = 6)}},
    {"memory that fails explains a hash that differed once",
     "memory-bit-error certain page 0x1000 bit 3",
     {A, WRONG(0x1008, 0, 8, "random", REPEAT_FAILED),
      E(EVENT_MISMATCH, mismatch, .part = 3, .hop = HOP_ARRIVAL, .processor = 5)}},
    {"a corrected cache error",
     "cpu-machine-check possible processor 2 (bank 1)",
     {CHECK(2, 1, L1_CORRECTED, 0, false)}},
    {"corrected cache errors",
     "cpu-machine-check likely processor 2 (bank 1)",
     {CHECK(2, 1, L1_CORRECTED, 0, false), CHECK(2, 1, L1_CORRECTED, 0, false)}},
    {"an uncorrected cache error takes the corrected ones with it",
     "cpu-machine-check certain processor 2 (bank 1)",
     {CHECK(2, 1, L1_CORRECTED, 0, false), CHECK(2, 1, L1_CORRECTED | 1ull << 61, 0, false)}},
    {"an uncorrected TLB error",
     "cpu-machine-check certain processor 2 (bank 1)",
     {CHECK(2, 1, TLB_UNCORRECTED, 0, false)}},
    {"an uncorrected TLB error of before",
     "cpu-machine-check likely processor 2 (bank 1)",
     {CHECK(2, 1, TLB_UNCORRECTED, 0, true)}},
    {"the internal timer waits for others",
     "cpu-machine-check possible processor 0 (bank 3)",
     {CHECK(0, 3, 0xBC00000000000400u, 0, false)}},

    {"a processor that computes wrong explains a page wrong once",
     "cpu-compute-error certain processor 5",
     {A, DIFFERS(3, .compute = true, .processor = 5), WRONG(0x1008, 0, 8, "random", REPEAT_HELD)}},
    {"and blocks of many drives",
     "cpu-compute-error certain processor 5",
     {A, B, DIFFERS(3, .compute = true, .processor = 5),
      DIFFERS(3, .address = 0x8010, .bits = 1, .page = REPEAT_HELD),
      DIFFERS(4, .address = 0x9010, .bits = 1, .page = REPEAT_HELD)}},

    /* drives */
    {"unreadable, and again",
     "disk-media certain SER1 Model",
     {A, READ_FAILS(3, DISK_FAULT_MEDIUM, 1000, true)}},
    {"unreadable once",
     "disk-media likely SER1 Model",
     {A, READ_FAILS(3, DISK_FAULT_MEDIUM, 1000, false)}},
    {"pending sectors count as they stand",
     "disk-media likely SER1 Model",
     {A, COUNTS(3, "pending-sectors", 8, 8)}},
    {"reallocated sectors that stand do not", "", {A, COUNTS(3, "reallocated-sectors", 8, 8)}},
    {"reallocated sectors rise",
     "disk-media likely SER1 Model",
     {A, COUNTS(3, "reallocated-sectors", 8, 9)}},
    {"media errors of years", "", {A, COUNTS(3, "media-errors", 70, 70)}},
    {"a counter read once only says nothing of a rise",
     "",
     {A, E(EVENT_COUNTER, counter, .part = 3, .moment = MOMENT_END, .name = "media-errors",
           .value = 7)}},
    {"a counter that falls did not rise", "", {A, COUNTS(3, "media-errors", 70, 2)}},
    {"timeouts in one region",
     "disk-media likely SER1 Model",
     {A, READ_FAILS(3, DISK_FAULT_TIMEOUT, 1000, false),
      READ_FAILS(3, DISK_FAULT_TIMEOUT, 3000, false)}},
    {"timeouts here and there: both named",
     "disk-media possible SER1 Model; disk-link possible SER1 Model",
     {A, READ_FAILS(3, DISK_FAULT_TIMEOUT, 1000, false),
      READ_FAILS(3, DISK_FAULT_TIMEOUT, 90000000, false)}},
    {"the drive leaves: of its sectors that says nothing",
     "disk-link possible SER1 Model",
     {A, READ_FAILS(3, DISK_FAULT_GONE, 1000, false)}},
    {"timeouts together with CRC errors",
     "disk-link likely SER1 Model",
     {A, READ_FAILS(3, DISK_FAULT_TIMEOUT, 1000, true), COUNTS(3, "interface-crc", 5, 6)}},
    {"CRC errors by status",
     "disk-link likely SER1 Model",
     {A, READ_FAILS(3, DISK_FAULT_LINK, 1000, false), READ_FAILS(3, DISK_FAULT_LINK, 7, false)}},
    {"one CRC error and nothing else",
     "disk-link possible SER1 Model",
     {A, COUNTS(3, "interface-crc", 5, 6)}},
    {"CRC errors of years", "", {A, COUNTS(3, "interface-crc", 5000, 5000)}},
    {"a link that fails explains what differs",
     "disk-link likely SER1 Model",
     {A, COUNTS(3, "interface-crc", 5, 6),
      DIFFERS(3, .whole_sectors = 8, .bits = 9000, .again = true, .page = REPEAT_HELD)}},
    {"and what it left behind",
     "disk-link likely SER1 Model",
     {A, COUNTS(3, "interface-crc", 5, 6),
      DIFFERS(3, .whole_sectors = 8, .leftover = true, .page = REPEAT_HELD)}},
    {"and what it did not fill",
     "disk-link likely SER1 Model",
     {A, COUNTS(3, "interface-crc", 5, 8), READ_FAILS(3, DISK_FAULT_STALE, 1000, false)}},
    {"and slowness",
     "disk-link likely SER1 Model",
     {A, COUNTS(3, "interface-crc", 5, 8), SLOW(3, 1000, 8, true, true)}},
    {"unreadable sectors explain timeouts elsewhere",
     "disk-media certain SER1 Model",
     {A, READ_FAILS(3, DISK_FAULT_MEDIUM, 1000, true),
      READ_FAILS(3, DISK_FAULT_TIMEOUT, 90000000, false)}},
    {"a drive that fails by its own word explains timeouts and slowness",
     "disk-failing certain SER1 Model",
     {A, COUNTS(3, "smart-status-failing", 1, 1), SLOW(3, 1000, 8, true, true),
      READ_FAILS(3, DISK_FAULT_TIMEOUT, 90000000, false)}},
    {"whole sectors, and again",
     "disk-silent-corruption likely SER1 Model",
     {A, DIFFERS(3, .whole_sectors = 8, .bits = 9000, .again = true, .page = REPEAT_HELD)}},
    {"whole sectors, and again, through the firmware's buffer",
     "disk-silent-corruption possible SER1 Model",
     {A, DIFFERS(3, .whole_sectors = 8, .bits = 9000, .again = true, .page = REPEAT_HELD,
                 .bounced = true)}},
    {"whole sectors once",
     "disk-silent-corruption possible SER1 Model",
     {A, DIFFERS(3, .whole_sectors = 8, .bits = 9000, .page = REPEAT_HELD)}},
    {"whole sectors once, and in a later visit once more",
     "disk-silent-corruption likely SER1 Model",
     {A, DIFFERS(3, .lba = 4096, .whole_sectors = 1, .bits = 900, .page = REPEAT_HELD),
      DIFFERS(3, .lba = 4096, .whole_sectors = 1, .bits = 900, .page = REPEAT_HELD)}},
    {"whole sectors once, at two places",
     "disk-silent-corruption possible SER1 Model",
     {A, DIFFERS(3, .lba = 4096, .whole_sectors = 1, .bits = 900, .page = REPEAT_HELD),
      DIFFERS(3, .lba = 8192, .whole_sectors = 1, .bits = 900, .page = REPEAT_HELD)}},
    {"what differed could not be seen any more: no page is blamed for it",
     "disk-silent-corruption possible SER1 Model",
     {A, DIFFERS(3, .lba = 4096, .address = 0x100000)}},
    {"the same block again",
     "disk-silent-corruption likely SER1 Model",
     {A, DIFFERS(3, .lba = 4096, .address = 0x100000), DIFFERS(3, .lba = 4096, .address = 0x8000)}},
    {"on drives of different controllers: memory",
     "memory-bit-error likely memory",
     {A, B, DIFFERS(3, .lba = 4096, .address = 0x100000), DIFFERS(4, .lba = 8192)}},
    {"a drive that corrupts explains bits that differ in its blocks",
     "disk-silent-corruption likely SER1 Model",
     {A, DIFFERS(3, .whole_sectors = 8, .bits = 9000, .again = true, .page = REPEAT_HELD),
      DIFFERS(3, .address = 0x8010, .bits = 1, .page = REPEAT_HELD)}},
    {"leftovers of an older read",
     "disk-silent-corruption likely SER1 Model",
     {A, DIFFERS(3, .whole_sectors = 8, .leftover = true, .page = REPEAT_HELD)}},
    {"a buffer that was not filled",
     "disk-silent-corruption likely SER1 Model",
     {A, READ_FAILS(3, DISK_FAULT_STALE, 1000, false)}},
    {"slow, and alone with it", "disk-slow likely SER1 Model", {A, SLOW(3, 1000, 8, true, true)}},
    {"slow, and nobody to compare",
     "disk-slow possible SER1 Model",
     {A, SLOW(3, 1000, 8, false, false)}},
    {"all are slow", "", {A, SLOW(3, 1000, 8, true, false)}},
    {"a single slow read",
     "",
     {A, E(EVENT_PACE, pace, .part = 3, .lba = 1, .usual = 2000, .slow = 9, .duration_s = 4,
           .reads = 1, .others_known = true, .others_kept = true)}},
    {"unreadable sectors explain slowness",
     "disk-media certain SER1 Model",
     {A, READ_FAILS(3, DISK_FAULT_MEDIUM, 1000, true), SLOW(3, 1000, 8, true, true)}},
    {"but not that of another drive",
     "disk-media certain SER1 Model; disk-slow likely SER2 Model",
     {A, B, READ_FAILS(3, DISK_FAULT_MEDIUM, 1000, true), SLOW(4, 1000, 8, true, true)}},
    {"the drive is unreliable by its own word",
     "disk-failing certain PCI 02:00.0 Model",
     {NO_SERIAL, COUNTS(5, "critical-warning", 4, 4)}},
    {"SMART status failing",
     "disk-failing certain SER1 Model",
     {A, COUNTS(3, "smart-status-failing", 1, 1)}},
    {"SMART status good", "", {A, COUNTS(3, "smart-status-failing", 0, 0)}},
    {"the warning of temperature is not one of failure",
     "disk-hot likely SER1 Model",
     {A, COUNTS(3, "critical-warning", 0, 2)}},
    {"minutes above the critical temperature",
     "disk-hot likely SER1 Model",
     {A, COUNTS(3, "critical-temperature-minutes", 5, 6)}},
    {"those of years", "", {A, COUNTS(3, "critical-temperature-minutes", 5, 5)}},
    {"pending sectors by the drive's statistics",
     "disk-media likely SER1 Model",
     {A, STANDS(3, "statistics-pending", 1)}},
    {"uncorrectable errors by the drive's statistics",
     "disk-media likely SER1 Model",
     {A, COUNTS(3, "statistics-uncorrectable", 4, 5)}},
    {"those of years, too", "", {A, STANDS(3, "statistics-uncorrectable", 4)}},
    {"the drive logs a sector it could not read",
     "disk-media likely SER1 Model",
     {A, COUNTS(3, "error-log-entries", 4, 5), COUNTS(3, "last-error-is-medium", 0, 1),
      COUNTS(3, "last-error-lba", 0, 4711)}},
    {"it logs a command it does not know",
     "",
     {A, COUNTS(3, "error-log-entries", 4, 9), STANDS(3, "last-error-is-medium", 0)}},
    {"it logged a sector long ago",
     "",
     {A, STANDS(3, "error-log-entries", 4), STANDS(3, "last-error-is-medium", 1)}},
    {"timeouts that only the driver saw: both named",
     "disk-media possible SER1 Model; disk-link possible SER1 Model",
     {A, COUNTS(3, "command-timeouts-seen", 0, 1)}},
    {"or only the drive",
     "disk-media possible SER1 Model; disk-link possible SER1 Model",
     {A, COUNTS(3, "command-timeouts", 7, 8)}},
    {"timeouts of years", "", {A, STANDS(3, "command-timeouts", 8)}},
    {"the last self-test failed",
     "disk-failing likely SER1 Model",
     {A, STANDS(3, "self-test-failed", 1), STANDS(3, "self-test-result", 7)}},
    {"the last self-test was good", "", {A, STANDS(3, "self-test-failed", 0)}},

    /* links */
    {"CRC errors by the drive's statistics",
     "disk-link likely SER1 Model",
     {A, COUNTS(3, "statistics-interface-crc", 0, 2)}},
    {"Phy events",
     "disk-link likely SER1 Model",
     {A, COUNTS(3, "phy-data-errors-to-host", 1, 3), COUNTS(3, "phy-data-errors", 1, 3)}},
    {"one error in every counter is one error",
     "disk-link possible SER1 Model",
     {A, COUNTS(3, "interface-crc", 0, 1), COUNTS(3, "statistics-interface-crc", 0, 1),
      COUNTS(3, "phy-data-errors", 0, 1), COUNTS(3, "link-crc", 0, 1)}},
    {"a CRC error, and the link is lost",
     "disk-link likely SER1 Model",
     {A, COUNTS(3, "link-crc", 0, 1), COUNTS(3, "link-phy-changes", 0, 1)}},
    {"the link is lost once",
     "disk-link possible SER1 Model",
     {A, COUNTS(3, "link-phy-changes", 0, 1)}},
    {"the link is lost once, and a command with it",
     "disk-link likely SER1 Model",
     {A, COUNTS(3, "link-phy-changes", 0, 1), COUNTS(3, "command-timeouts-seen", 0, 1)}},
    {"COMRESETs and the drive's sleep are no errors",
     "",
     {A, COUNTS(3, "phy-comresets", 3, 5), COUNTS(3, "phy-not-ready", 3, 305),
      COUNTS(3, "statistics-hardware-resets", 1, 3)}},
    {"resets that no command explains",
     "disk-link likely SER1 Model",
     {A, COUNTS(3, "link-resets", 1, 3)}},
    {"resets after commands that timed out",
     "disk-media possible SER1 Model; disk-link possible SER1 Model",
     {A, COUNTS(3, "link-resets", 1, 3), COUNTS(3, "command-timeouts-seen", 0, 2)}},
    {"resets after sectors that could not be read",
     "disk-media certain SER1 Model",
     {A, COUNTS(3, "link-resets", 1, 2), READ_FAILS(3, DISK_FAULT_MEDIUM, 1000, true)}},
    {"resets of an NVMe controller",
     "",
     {A, COUNTS(3, "link-resets", 1, 3), STANDS(3, "link-width", 4)}},
    {"the link steps down",
     "disk-link possible SER1 Model",
     {A, COUNTS(3, "link-generation", 3, 2)}},
    {"it steps down after errors",
     "disk-link likely SER1 Model",
     {A, COUNTS(3, "link-generation", 3, 2), COUNTS(3, "link-crc", 0, 1)}},
    {"a SATA link below what both ends can do",
     "disk-link possible SER1 Model",
     {A, STANDS(3, "link-generation", 1), STANDS(3, "link-generation-drive", 3),
      STANDS(3, "link-generation-port", 2), LOADED(3)}},
    {"a drive that can do more than its port",
     "",
     {A, STANDS(3, "link-generation", 2), STANDS(3, "link-generation-drive", 3),
      STANDS(3, "link-generation-port", 2), LOADED(3)}},
    {"a port nobody knows",
     "",
     {A, STANDS(3, "link-generation", 2), STANDS(3, "link-generation-drive", 3), LOADED(3)}},
    {"a slow link of a drive without load",
     "",
     {A, STANDS(3, "link-generation", 1), STANDS(3, "link-generation-drive", 3),
      STANDS(3, "link-generation-port", 3)}},
    {"an NVMe link too narrow",
     "pcie-link-degraded likely SER1 Model",
     {A, STANDS(3, "link-width", 2), STANDS(3, "link-width-drive", 4),
      STANDS(3, "link-width-port", 4), LOADED(3)}},
    {"an NVMe link too slow",
     "pcie-link-degraded likely SER1 Model",
     {A, STANDS(3, "link-width", 4), STANDS(3, "link-generation", 1),
      STANDS(3, "link-generation-drive", 4), STANDS(3, "link-generation-port", 3), LOADED(3)}},
    {"an NVMe drive in a slot of few lanes",
     "",
     {A, STANDS(3, "link-width", 2), STANDS(3, "link-width-drive", 4),
      STANDS(3, "link-width-port", 2), STANDS(3, "link-generation", 3), LOADED(3)}},

    /* writes */
    {"a write is lost, and again",
     "disk-silent-corruption certain SER1 Model",
     {A, WRITTEN(3, WRITE_LOST, 1000, true, "")}},
    {"a write is lost once",
     "disk-silent-corruption likely SER1 Model",
     {A, WRITTEN(3, WRITE_LOST, 1000, false, "")}},
    {"one is misplaced",
     "disk-silent-corruption likely SER1 Model",
     {A, WRITTEN(3, WRITE_MISPLACED, 1000, false, "")}},
    {"one is torn",
     "disk-silent-corruption certain SER1 Model",
     {A, WRITTEN(3, WRITE_TORN, 1000, true, "")}},
    {"one is corrupted, and the memory once failed",
     "disk-silent-corruption likely SER1 Model; memory-bit-error possible page 0x1000 bit 3",
     {A, WRITTEN(3, WRITE_CORRUPTED, 1000, true, ""), WRONG(0x1008, 0, 8, "random", REPEAT_HELD)}},
    {"one is corrupted, and the memory reported an error",
     "disk-silent-corruption likely SER1 Model; "
     "memory-ecc-corrected possible memory channel 0 (bank 7)",
     {A, WRITTEN(3, WRITE_CORRUPTED, 1000, true, ""), CHECK(0, 7, CORRECTED, 0x1000, false)}},
    {"on drives of different controllers: never a drive",
     "memory-bit-error likely memory",
     {A, B, WRITTEN(3, WRITE_CORRUPTED, 1000, true, ""),
      WRITTEN(4, WRITE_CORRUPTED, 2000, true, "")}},
    {"on drives of one controller",
     "disk-silent-corruption certain SER1 Model; disk-silent-corruption certain SER2 Model",
     {A, B_BESIDE_A, WRITTEN(3, WRITE_CORRUPTED, 1000, true, ""),
      WRITTEN(4, WRITE_CORRUPTED, 2000, true, "")}},
    {"a processor computes wrong: never a drive",
     "cpu-compute-error certain processor 5",
     {A, WRITTEN(3, WRITE_CORRUPTED, 1000, true, ""), DIFFERS(3, .compute = true, .processor = 5)}},
    {"a link that fails explains what was written wrong",
     "disk-link likely SER1 Model",
     {A, WRITTEN(3, WRITE_CORRUPTED, 1000, true, ""), COUNTS(3, "interface-crc", 5, 6)}},
    {"written, and cannot be read back",
     "disk-media likely SER1 Model",
     {A, WRITTEN(3, WRITE_UNREADABLE, 1000, false, "UNC")}},
    {"nor again",
     "disk-media certain SER1 Model",
     {A, WRITTEN(3, WRITE_UNREADABLE, 1000, true, "UNC")}},
    {"written, and the link fails",
     "disk-link likely SER1 Model",
     {A, WRITTEN(3, WRITE_UNREADABLE, 1000, true, ""), COUNTS(3, "link-crc", 0, 1)}},
    {"the drive refuses to write, and says why",
     "disk-media likely SER1 Model",
     {A, WRITTEN(3, WRITE_FAILED, 1000, true, "write fault")}},
    {"nobody says why",
     "disk-media possible SER1 Model",
     {A, WRITTEN(3, WRITE_FAILED, 1000, true, "")}},

    {"minutes above the warning temperature",
     "disk-hot possible SER1 Model",
     {A, COUNTS(3, "warning-temperature-minutes", 5, 6)}},
    {"warm years ago", "", {A, STANDS(3, "warning-temperature-minutes", 5)}},
    {"an ATA drive above its specified temperature",
     "disk-hot likely SER1 Model",
     {A, COUNTS(3, "over-temperature-minutes", 5, 6)}},
    {"by its SCT status",
     "disk-hot likely SER1 Model",
     {A, COUNTS(3, "over-limit-intervals", 5, 6)}},
    {"it throttles: hot, not slow",
     "disk-hot likely SER1 Model",
     {A, STANDS(3, "warning-celsius", 70), HEAT(9, 3, 80000), READS(9, 71000),
      SLOW(3, 1000, 8, true, true)}},
    {"it gets hot while it is slow",
     "disk-hot likely SER1 Model",
     {A, STANDS(3, "warning-celsius", 70), HEAT(9, 3, 80000), SLOW(3, 1000, 8, true, true),
      READS(9, 70000)}},
    {"slow and below its warning temperature",
     "disk-slow likely SER1 Model",
     {A, STANDS(3, "warning-celsius", 70), HEAT(9, 3, 80000), READS(9, 69000),
      SLOW(3, 1000, 8, true, true)}},
    {"slow long after it was hot",
     "disk-slow likely SER1 Model",
     {A, STANDS(3, "warning-celsius", 70), HEAT(9, 3, 80000), READS(9, 71000),
      LATER(300, EVENT_PACE, pace, .part = 3, .lba = 1000, .usual = 200, .slow = 9, .duration_s = 8,
            .reads = 9, .others_known = true, .others_kept = true)}},
    {"hot in one of two slow stretches",
     "disk-slow likely SER1 Model",
     {A, STANDS(3, "warning-celsius", 70), HEAT(9, 3, 80000), READS(9, 71000),
      SLOW(3, 1000, 8, true, true),
      LATER(300, EVENT_PACE, pace, .part = 3, .lba = 9000, .usual = 200, .slow = 9, .duration_s = 8,
            .reads = 9, .others_known = true, .others_kept = true)}},
    {"another drive is hot",
     "disk-slow likely SER1 Model",
     {A, B, STANDS(3, "warning-celsius", 70), STANDS(4, "warning-celsius", 70), HEAT(9, 4, 80000),
      READS(9, 71000), SLOW(3, 1000, 8, true, true)}},
    {"a stopped fan explains the throttling",
     "cooling-fan likely Fan 2",
     {A, SENSORS, STANDS(3, "warning-celsius", 70), HEAT(9, 3, 80000), READS(1, 900000),
      READS(1, 0), READS(1, 0), READS(1, 0), READS(9, 71000), SLOW(3, 1000, 8, true, true)}},

    {"a drive above its limit",
     "disk-hot certain SER1 Model",
     {A, HEAT(9, 3, 70000), READS(9, 40000), READS(9, 71000), READS(9, 72000)}},
    {"above it for one reading",
     "",
     {A, HEAT(9, 3, 70000), READS(9, 40000), READS(9, 71000), READS(9, 69000), READS(9, 71000)}},
    {"at its limit", "", {A, HEAT(9, 3, 70000), READS(9, 40000), READS(9, 70000), READS(9, 70000)}},

    {"heat explains slowness",
     "disk-hot certain SER1 Model",
     {A, HEAT(9, 3, 70000), READS(9, 40000), READS(9, 71000), READS(9, 72000),
      SLOW(3, 1000, 8, true, true)}},
    {"a stopped fan explains the drive's warning of temperature",
     "cooling-fan likely Fan 2",
     {A, SENSORS, READS(1, 900000), READS(1, 0), READS(1, 0), READS(1, 0),
      COUNTS(3, "critical-warning", 0, 2)}},

    /* cooling */
    {"a fan stops",
     "cooling-fan likely Fan 2",
     {SENSORS, READS(1, 1200000), READS(1, 0), READS(1, 0), READS(1, 0)}},
    {"a fan reads 0 once", "", {SENSORS, READS(1, 1200000), READS(1, 0), READS(1, 1200000)}},
    {"two readings of a fan are missed",
     "",
     {SENSORS, READS(1, 1200000), READS(1, 0), READS(1, 0), READS(1, 1200000)}},
    {"a header without a fan", "", {SENSORS, READS(1, 0), READS(1, 0), READS(1, 0), READS(1, 0)}},
    {"a fan stops and says so",
     "cooling-fan certain Fan 2",
     {SENSORS, READS(1, 1200000), READS(1, 0), READS(1, 0), READS(1, 0), LOW(1)}},
    {"a fan below its threshold",
     "cooling-fan likely Fan 2",
     {SENSORS, READS(1, 900000), LOW(1), READS(1, 200000), READS(1, 200000)}},
    {"one that is so in the very last reading",
     "",
     {SENSORS, READS(1, 900000), LOW(1), READS(1, 0)}},
    {"one without readings, by its own word", "cooling-fan likely Fan 2", {SENSORS, LOW(1)}},
    {"a fan stops when the machine cools down",
     "",
     {SENSORS, READS(2, 40000), READS(1, 900000), READS(2, 80000), READS(2, 50000), READS(1, 0),
      READS(1, 0), READS(1, 0)}},
    {"and it gets warm again before the fan turns again",
     "",
     {SENSORS, READS(2, 40000), READS(1, 900000), READS(2, 80000), READS(2, 50000), READS(1, 0),
      READS(1, 0), READS(1, 0), READS(2, 75000), READS(1, 0)}},
    {"one reading of 0, below its threshold by its own word",
     "",
     {SENSORS, READS(1, 1200000), LOW(1), READS(1, 0), NORMAL(1), READS(1, 1200000)}},
    {"two of them",
     "cooling-fan likely Fan 2",
     {SENSORS, READS(1, 1200000), LOW(1), READS(1, 0), READS(1, 0), NORMAL(1), READS(1, 1200000)}},
    {"a state that ends, of a sensor without values",
     "cooling-fan likely Fan 2",
     {SENSORS, LOW(1), NORMAL(1)}},
    {"a fan stops while it gets hotter",
     "cooling-fan likely Fan 2",
     {SENSORS, READS(2, 40000), READS(1, 900000), READS(2, 60000), READS(1, 0), READS(2, 80000),
      READS(1, 0), READS(1, 0)}},
    {"a fan stops in the cool-down phase",
     "",
     {SENSORS, PHASE("cool-down"), READS(1, 900000), READS(1, 0), READS(1, 0), READS(1, 0)}},
    {"a fan turned when the machine was started, and is off",
     "",
     {SENSORS, PHASE("baseline"), READS(1, 900000), READS(1, 0), READS(1, 0), READS(1, 0),
      PHASE_ENDS("baseline", ENDED_DONE), PHASE("memory"), READS(1, 0), READS(1, 0), READS(1, 0)}},
    {"a fan that may stop, and nothing is warm",
     "",
     {BOARD, READS(2, 40000), READS(1, 900000), READS(1, 0), READS(1, 0), READS(1, 0)}},
    {"a fan that may stop, and no temperature is known",
     "",
     {BOARD, READS(1, 900000), READS(1, 0), READS(1, 0), READS(1, 0)}},
    {"a fan that may stop, stops while it is warm",
     "cooling-fan likely Fan 2",
     {BOARD, READS(2, 40000), READS(1, 900000), READS(2, 60000), READS(1, 0), READS(1, 0),
      READS(1, 0)}},
    {"a fan that may stop, and does when it has cooled down",
     "",
     {BOARD, READS(2, 40000), READS(1, 900000), READS(2, 80000), READS(2, 50000), READS(1, 0),
      READS(1, 0), READS(1, 0), READS(2, 80000), READS(1, 0)}},
    {"a fan that had stopped explains a hot drive",
     "cooling-fan likely Fan 2",
     {SENSORS, A, HEAT(9, 3, 70000), READS(1, 900000), READS(1, 0), READS(1, 0), READS(1, 0),
      READS(9, 60000), READS(9, 71000), READS(9, 71000)}},
    {"too hot with fans turning",
     "cooling-airflow possible CPU",
     {SENSORS, READS(1, 900000), READS(2, 60000), READS(2, 96000), READS(2, 97000)}},
    {"the processor and a drive too hot with fans turning",
     "cooling-airflow likely CPU",
     {SENSORS, A, HEAT(9, 3, 70000), READS(1, 900000), READS(2, 60000), READS(2, 96000),
      READS(2, 97000), READS(9, 40000), READS(9, 71000), READS(9, 72000)}},
    {"the processor too hot, and a drive that says it is",
     "cooling-airflow likely CPU",
     {SENSORS, A, READS(1, 900000), READS(2, 60000), READS(2, 96000), READS(2, 97000),
      COUNTS(3, "critical-warning", 0, 2)}},
    {"a hot drive while the processor is at its limit",
     "disk-hot certain SER1 Model",
     {SENSORS, A, HEAT(9, 3, 70000), READS(1, 900000), READS(2, 60000), READS(2, 95000),
      READS(2, 95000), READS(9, 40000), READS(9, 71000), READS(9, 72000)}},
    {"hot, by the sensor's own word",
     "cooling-airflow possible CPU",
     {SENSORS, READS(1, 900000), READS(2, 60000), READS(2, 90000), HIGH(2)}},
    {"a sensor that always reads 127",
     "",
     {SENSORS, READS(1, 900000), READS(2, 127000), READS(2, 127000), READS(2, 127000)}},
    {"one reading above its limit, by its own word as well",
     "",
     {SENSORS, READS(1, 900000), READS(2, 60000), HIGH(2), READS(2, 120000), NORMAL(2),
      READS(2, 60000)}},
    {"at its limit, as some processors are by design",
     "",
     {SENSORS, READS(2, 60000), READS(2, 95000), READS(2, 95000)}},
    {"a processor slow at its limit, in a tower",
     "cooling-throttle likely CPU",
     {IN_A(CHASSIS_FIXED), SENSORS, READS(2, 60000), READS(2, 94000), SLOWS(2, .throttled = true),
      SLOWS(2, .throttled = true, .slow_when_hot = true)}},
    {"the same in a notebook",
     "cooling-throttle possible CPU",
     {IN_A(CHASSIS_PORTABLE), SENSORS, READS(2, 94000), SLOWS(2, .slow_when_hot = true)}},
    {"the same where nobody knows in what",
     "cooling-throttle possible CPU",
     {SENSORS, READS(2, 94000), SLOWS(2, .slow_when_hot = true)}},
    {"it throttled and kept its clock",
     "",
     {IN_A(CHASSIS_FIXED), SENSORS, READS(2, 60000), READS(2, 95000), SLOWS(2, .throttled = true)}},
    {"a stopped fan explains why it is slow",
     "cooling-fan likely Fan 2",
     {IN_A(CHASSIS_FIXED), SENSORS, READS(1, 900000), READS(2, 94000), READS(1, 0), READS(1, 0),
      READS(1, 0), SLOWS(2, .slow_when_hot = true)}},
    {"another device slows a cool processor down",
     "power-voltage possible CPU",
     {IN_A(CHASSIS_FIXED), SENSORS, READS(2, 60000), SLOWS(2, .prochot = true), READS(2, 94000)}},
    {"and a hot one",
     "",
     {IN_A(CHASSIS_FIXED), SENSORS, READS(2, 81000), SLOWS(2, .prochot = true), READS(2, 50000)}},
    {"and a cool one in a notebook",
     "",
     {IN_A(CHASSIS_PORTABLE), SENSORS, READS(2, 60000), SLOWS(2, .prochot = true)}},
    {"a stopped fan explains heat",
     "cooling-fan likely Fan 2",
     {SENSORS, READS(1, 900000), READS(2, 60000), READS(1, 0), READS(1, 0), READS(1, 0),
      READS(2, 96000), READS(2, 97000)}},

    /* heat under load */
    {"a heat sink that is loose: slow at once",
     "cooling-heatsink possible CPU",
     {HOT_CPU, SLOW_AT_ONCE}},
    {"a heat sink that is loose, in a tower: nothing else is named",
     "cooling-heatsink possible CPU",
     {IN_A(CHASSIS_FIXED), HOT_CPU, SLOW_AT_ONCE}},
    {"paste that is dry: slow late, and half of the rise goes within seconds",
     "cooling-heatsink possible CPU",
     {HOT_CPU, SLOW_LATE, LOAD_GOES, AT(408, 2, 66000)}},
    {"paste that is dry: a third of the rise goes after the first second",
     "cooling-heatsink possible CPU",
     {HOT_CPU, SLOW_LATE, LOAD_GOES, AT(401, 2, 85000), AT(408, 2, 75000)}},
    {"silicon that is hot by itself: all of it goes at once",
     "cooling-throttle possible CPU",
     {HOT_CPU, SLOW_LATE, LOAD_GOES, AT(401, 2, 60000), AT(408, 2, 58000)}},
    {"less of it goes so quickly",
     "cooling-throttle possible CPU",
     {HOT_CPU, SLOW_LATE, LOAD_GOES, AT(408, 2, 71000)}},
    {"too late to be called quick",
     "cooling-throttle possible CPU",
     {HOT_CPU, SLOW_LATE, LOAD_GOES, AT(420, 2, 50000)}},
    {"by its K/W it would leap by more than any that is seated",
     "cooling-heatsink likely CPU",
     {HOT_CPU, POWER_OF_CPU(65000), AT(5, 4, 5000), SLOW_LATE, AT(210, 4, 40000), LOAD_GOES,
      AT(408, 2, 60000)}},
    {"and by less than some that are",
     "cooling-heatsink possible CPU",
     {HOT_CPU, POWER_OF_CPU(45000), RESTS, AT(5, 4, 5000), LOAD_COMES, SLOW_FROM(200),
      AT(210, 4, 40000), LOAD_GOES, AT(408, 2, 60000)}},
    {"below its base clock at its limit for less than 30 s",
     "",
     {HOT_CPU, RESTS, LOAD_COMES, AT(15, 2, 99000), AT(15, 3, 1000000), AT(44, 3, 1000000)}},
    {"with a break",
     "",
     {HOT_CPU, RESTS, LOAD_COMES, AT(15, 2, 99000), AT(15, 3, 1000000), AT(30, 3, 2100000),
      AT(31, 3, 2100000), AT(46, 3, 1000000)}},
    {"one reading is no break",
     "cooling-heatsink possible CPU",
     {HOT_CPU, RESTS, LOAD_COMES, AT(15, 2, 99000), AT(15, 3, 1000000), AT(30, 3, 2100000),
      AT(46, 3, 1000000)}},
    {"at its limit above its base clock, as by design",
     "",
     {HOT_CPU, RESTS, LOAD_COMES, AT(15, 2, 100000), AT(15, 3, 2000000), AT(300, 3, 2000000)}},
    {"at its limit and at its base clock, as well as a clock is measured",
     "",
     {HOT_CPU, RESTS, LOAD_COMES, AT(15, 2, 100000), AT(15, 3, 1985000), AT(300, 3, 1985000)}},
    {"below its base clock and not at its limit",
     "",
     {HOT_CPU, RESTS, LOAD_COMES, AT(15, 2, 96000), AT(15, 3, 1000000), AT(300, 3, 1000000)}},
    {"slow and hot before any load",
     "",
     {HOT_CPU, PHASE("baseline"), READS(2, 99000), AT(1, 3, 1000000), AT(60, 3, 1000000)}},
    {"by the sensors' own word",
     "cooling-throttle possible CPU",
     {HOT_CPU, RESTS, LOAD_COMES, AT(60, 2, 99000),
      LATER(200, EVENT_SENSOR_STATE, sensor_state, .series = 2, .slow_when_hot = true)}},
    {"it slows down for heat, on a desk",
     "cooling-throttle likely CPU",
     {IN_A(CHASSIS_FIXED), HOT_CPU, SLOW_LATE}},
    {"on a lap", "cooling-throttle possible CPU", {IN_A(CHASSIS_PORTABLE), HOT_CPU, SLOW_LATE}},
    {"with fans that turn faster",
     "cooling-airflow possible CPU",
     {HOT_CPU, FAN_NAMED(7, "fan1"), AT(5, 7, 900000), SLOW_LATE, FAN_LOADS(7, 2000000)}},
    {"and a place that grew warm",
     "cooling-airflow likely CPU",
     {HOT_CPU, FAN_NAMED(7, "fan1"), HEAT(9, 12, 80000), AT(5, 7, 900000), AT(5, 9, 30000),
      SLOW_LATE, AT(300, 9, 40000), FAN_LOADS(7, 2000000)}},
    {"one cause is named once",
     "cooling-airflow possible CPU",
     {HOT_CPU, FAN_NAMED(7, "fan1"), HEAT(9, 12, 80000), AT(5, 7, 900000), SLOW_LATE,
      AT(300, 9, 81000), AT(301, 9, 81000), FAN_LOADS(7, 2000000)}},
    {"the only fan turns as it did at rest",
     "cooling-fan possible fan1",
     {HOT_CPU, FAN_NAMED(7, "fan1"), AT(5, 7, 900000), SLOW_LATE, FAN_LOADS(7, 950000)}},
    {"the processor's fan does, and another answers",
     "cooling-fan likely CPU Fan",
     {HOT_CPU, FAN_NAMED(7, "CPU Fan"), FAN_NAMED(8, "fan2"), AT(5, 7, 900000), AT(5, 8, 900000),
      SLOW_LATE, FAN_LOADS(7, 900000), FAN_LOADS(8, 2000000)}},
    {"another fan does",
     "cooling-airflow possible CPU",
     {HOT_CPU, FAN_NAMED(7, "CPU Fan"), FAN_NAMED(8, "fan2"), AT(5, 7, 900000), AT(5, 8, 900000),
      SLOW_LATE, FAN_LOADS(7, 2000000), FAN_LOADS(8, 900000)}},
    {"a pump need not answer",
     "cooling-throttle possible CPU",
     {HOT_CPU, FAN_NAMED(7, "AIO_PUMP"), AT(5, 7, 900000), SLOW_LATE, FAN_LOADS(7, 900000)}},
    {"a fan that does not answer, and the processor keeps its clock",
     "",
     {HOT_CPU, FAN_NAMED(7, "CPU Fan"), AT(5, 7, 900000), RESTS, LOAD_COMES, AT(200, 2, 99000),
      AT(200, 3, 2000000), AT(240, 3, 2000000), FAN_LOADS(7, 900000)}},
    {"nor does it explain a rise that comes at once",
     "cooling-heatsink possible CPU",
     {HOT_CPU, FAN_NAMED(7, "CPU Fan"), AT(5, 7, 900000), SLOW_AT_ONCE, FAN_LOADS(7, 900000)}},
    {"nor a machine that was as hot at rest",
     "cooling-airflow possible CPU",
     {HOT_CPU, FAN_NAMED(7, "CPU Fan"), AT(5, 7, 900000), PHASE("baseline"), READS(2, 86000),
      LOAD_COMES, SLOW_FROM(200), FAN_LOADS(7, 900000)}},
    {"the processor's fan never turns",
     "cooling-fan possible CPU Fan",
     {HOT_CPU, FAN_NAMED(7, "CPU Fan"), FAN_NAMED(8, "fan2"), AT(5, 7, 0), AT(5, 8, 900000),
      SLOW_LATE, FAN_LOADS(7, 0), FAN_LOADS(8, 2000000)}},
    {"a header without a fan",
     "cooling-airflow possible CPU",
     {HOT_CPU, FAN_NAMED(7, "fan1"), FAN_NAMED(8, "fan2"), AT(5, 7, 0), AT(5, 8, 900000), SLOW_LATE,
      FAN_LOADS(7, 0), FAN_LOADS(8, 2000000)}},
    {"a header without a fan, and the processor keeps its clock",
     "",
     {HOT_CPU, FAN_NAMED(7, "CPU Fan"), AT(5, 7, 0), RESTS, LOAD_COMES, AT(200, 2, 99000),
      AT(200, 3, 2000000), AT(240, 3, 2000000), FAN_LOADS(7, 0)}},
    {"a fan slows down while it is as warm",
     "cooling-fan likely fan1",
     {HOT_CPU, FAN_NAMED(7, "fan1"), RESTS, LOAD_COMES, AT(15, 2, 70000), AT(20, 7, 2000000),
      AT(30, 2, 71000), AT(40, 7, 800000), AT(71, 7, 800000)}},
    {"and another, because it got cooler",
     "",
     {HOT_CPU, FAN_NAMED(7, "fan1"), RESTS, LOAD_COMES, AT(15, 2, 70000), AT(20, 7, 2000000),
      AT(30, 2, 50000), AT(40, 7, 800000), AT(71, 7, 800000)}},
    {"or less",
     "",
     {HOT_CPU, FAN_NAMED(7, "fan1"), RESTS, LOAD_COMES, AT(15, 2, 70000), AT(20, 7, 2000000),
      AT(30, 2, 71000), AT(40, 7, 1000000), AT(71, 7, 1000000)}},
    {"a fan that stood while it was cool stops while it is as warm as when it turned",
     "cooling-fan likely fan1",
     {HOT_CPU, FAN_NAMED(7, "fan1"), RESTS, AT(5, 7, 0), LOAD_COMES, AT(15, 2, 70000),
      AT(20, 7, 2000000), AT(30, 2, 71000), AT(40, 7, 0), AT(41, 7, 0), AT(42, 7, 0)}},
    {"and another stops because it got cooler",
     "",
     {HOT_CPU, FAN_NAMED(7, "fan1"), RESTS, AT(5, 7, 0), LOAD_COMES, AT(15, 2, 70000),
      AT(20, 7, 2000000), AT(30, 2, 64000), AT(40, 7, 0), AT(41, 7, 0), AT(42, 7, 0)}},
    {"a fan that was about to stop when the load came turns again",
     "",
     {HOT_CPU, FAN_NAMED(7, "fan1"), RESTS, AT(5, 7, 900000), LOAD_COMES, AT(11, 7, 0),
      AT(12, 7, 0), AT(13, 7, 0), AT(16, 7, 2000000)}},
    {"slow and cool, and another device says so",
     "power-voltage possible CPU",
     {HOT_CPU, RESTS, AT(5, 3, 2500000), LOAD_COMES,
      LATER(11, EVENT_SENSOR_STATE, sensor_state, .series = 2, .prochot = true), AT(15, 2, 60000),
      AT(15, 3, 900000), AT(46, 3, 900000)}},
    {"nobody says so",
     "",
     {HOT_CPU, RESTS, AT(5, 3, 2500000), LOAD_COMES, AT(15, 2, 60000), AT(15, 3, 900000),
      AT(46, 3, 900000)}},
    {"kept slow by its firmware all the time",
     "",
     {HOT_CPU, RESTS, AT(5, 3, 1500000), LOAD_COMES,
      LATER(11, EVENT_SENSOR_STATE, sensor_state, .series = 2, .prochot = true), AT(15, 2, 60000),
      AT(15, 3, 900000), AT(46, 3, 900000)}},
    {"not so cool",
     "",
     {HOT_CPU, RESTS, AT(5, 3, 2500000), LOAD_COMES,
      LATER(11, EVENT_SENSOR_STATE, sensor_state, .series = 2, .prochot = true), AT(15, 2, 86000),
      AT(15, 3, 900000), AT(46, 3, 900000)}},

    /* what was recorded before the run */
    {"the firmware recorded an uncorrected error of a module",
     "memory-ecc-uncorrected likely DIMM_A1",
     {A1, B1, RECORDED(PRIOR_BERT, PRIOR_MEMORY, PRIOR_FATAL, .part = 20)}},
    {"by its address alone",
     "memory-ecc-uncorrected likely DIMM_B1",
     {IN_ROW, RECORDED(PRIOR_BERT, PRIOR_MEMORY, PRIOR_RECOVERABLE, .has_address = true,
                       .address = 0x12345)}},
    {"one of two modules",
     "memory-ecc-uncorrected likely one of DIMM_A1, DIMM_B1",
     {A1, B1, RECORDED(PRIOR_BERT, PRIOR_MEMORY, PRIOR_FATAL, .part = 20, .other = 21)}},
    {"of no known module",
     "memory-ecc-uncorrected possible memory",
     {A1, RECORDED(PRIOR_BERT, PRIOR_MEMORY, PRIOR_FATAL, .part = 0)}},
    {"of a module, and of unknown age",
     "memory-ecc-uncorrected possible DIMM_A1",
     {RUN_OF_MARCH, A1, RECORDED(PRIOR_VARIABLE, PRIOR_MEMORY, PRIOR_FATAL, .part = 20)}},
    {"of a module, years ago",
     "",
     {RUN_OF_MARCH, A1,
      RECORDED(PRIOR_VARIABLE, PRIOR_MEMORY, PRIOR_FATAL, .part = 20,
               .time_s = MARCH - 900 * DAYS)}},
    {"of a module, last week",
     "memory-ecc-uncorrected likely DIMM_A1",
     {RUN_OF_MARCH, A1,
      RECORDED(PRIOR_VARIABLE, PRIOR_MEMORY, PRIOR_FATAL, .part = 20, .time_s = MARCH - 7 * DAYS)}},
    {"of a module, by a clock that is wrong",
     "memory-ecc-uncorrected possible DIMM_A1",
     {RUN_OF_MARCH, A1,
      RECORDED(PRIOR_VARIABLE, PRIOR_MEMORY, PRIOR_FATAL, .part = 20,
               .time_s = MARCH + 900 * DAYS)}},
    {"one error in a bank, the region and the log",
     "memory-ecc-uncorrected likely DIMM_A1",
     {RUN_OF_MARCH, A1, CHECK(0, 7, UNCORRECTED, 0, true),
      RECORDED(PRIOR_BERT, PRIOR_MEMORY, PRIOR_FATAL, .part = 20),
      LOGGED(PRIOR_MEMORY, PRIOR_FATAL, 96, MARCH - DAYS)}},
    {"and once more in the run",
     "memory-ecc-uncorrected certain memory channel 0 (bank 7)",
     {A1, CHECK(0, 7, UNCORRECTED, 0, false),
      RECORDED(PRIOR_BERT, PRIOR_MEMORY, PRIOR_FATAL, .part = 20)}},
    {"in a bank that leads to one module, and in the log",
     "memory-ecc-uncorrected likely DIMM_A1 memory channel 0 (bank 7)",
     {IN_ROW, CHECK_BEFORE(UNCORRECTED, 0x1000, 0x8C), LOGGED(PRIOR_MEMORY, PRIOR_FATAL, 96, 0)}},
    {"in two modules",
     "memory-ecc-uncorrected likely DIMM_A1; memory-ecc-uncorrected likely DIMM_B1",
     {A1, B1, RECORDED(PRIOR_BERT, PRIOR_MEMORY, PRIOR_FATAL, .part = 20),
      RECORDED(PRIOR_BERT, PRIOR_MEMORY, PRIOR_FATAL, .part = 21)}},
    {"corrected errors of a module",
     "memory-ecc-corrected possible DIMM_A1",
     {A1, RECORDED(PRIOR_BERT, PRIOR_MEMORY, PRIOR_CORRECTED, .part = 20),
      RECORDED(PRIOR_BERT, PRIOR_MEMORY, PRIOR_CORRECTED, .part = 20)}},
    {"corrected, and in the end not",
     "memory-ecc-uncorrected likely DIMM_A1",
     {A1, RECORDED(PRIOR_BERT, PRIOR_MEMORY, PRIOR_CORRECTED, .part = 20),
      RECORDED(PRIOR_BERT, PRIOR_MEMORY, PRIOR_FATAL, .part = 20)}},
    {"a log without a module, and a record with one",
     "memory-ecc-corrected possible DIMM_A1",
     {A1, LOGGED(PRIOR_MEMORY, PRIOR_CORRECTED, 96, 0),
      RECORDED(PRIOR_BERT, PRIOR_MEMORY, PRIOR_CORRECTED, .part = 20)}},
    {"an error that was told of for information",
     "",
     {A1, RECORDED(PRIOR_BERT, PRIOR_MEMORY, PRIOR_INFORMATION, .part = 20)}},
    {"a processor",
     "cpu-machine-check likely processor",
     {RECORDED(PRIOR_BERT, PRIOR_PROCESSOR, PRIOR_FATAL, .status = TLB_UNCORRECTED)}},
    {"a processor, in its bank as well",
     "cpu-machine-check likely processor 0 (bank 1)",
     {CHECK(0, 1, TLB_UNCORRECTED, 0, true),
      RECORDED(PRIOR_BERT, PRIOR_PROCESSOR, PRIOR_FATAL, .bank = 1, .status = TLB_UNCORRECTED)}},
    {"a processor, and nobody knows when",
     "cpu-machine-check possible processor",
     {LOGGED(PRIOR_PROCESSOR, PRIOR_FATAL, 97, 0)}},
    {"a processor, in the log and in the region",
     "cpu-machine-check likely processor",
     {LOGGED(PRIOR_PROCESSOR, PRIOR_FATAL, 97, 0),
      RECORDED(PRIOR_BERT, PRIOR_PROCESSOR, PRIOR_FATAL, .status = TLB_UNCORRECTED)}},
    {"a corrected error of a processor",
     "cpu-machine-check possible processor",
     {RECORDED(PRIOR_BERT, PRIOR_PROCESSOR, PRIOR_CORRECTED, .status = L1_CORRECTED)}},
    {"a processor that waited for something",
     "cpu-machine-check possible processor",
     {RECORDED(PRIOR_BERT, PRIOR_PROCESSOR, PRIOR_FATAL, .status = 0xB200000000070F0F)}},
    {"a processor that waited for memory that failed",
     "memory-ecc-uncorrected likely DIMM_A1",
     {A1, RECORDED(PRIOR_BERT, PRIOR_MEMORY, PRIOR_FATAL, .part = 20),
      RECORDED(PRIOR_BERT, PRIOR_PROCESSOR, PRIOR_FATAL, .status = 0xB200000000070F0F)}},
    {"a processor that tells of memory",
     "memory-ecc-uncorrected possible memory",
     {RECORDED(PRIOR_BERT, PRIOR_PROCESSOR, PRIOR_FATAL, .status = UNCORRECTED)}},
    {"a device, in the region and in its registers",
     "pcie-link-errors possible PCI Express 0000:03:00.0",
     {RECORDED(PRIOR_BERT, PRIOR_PCIE, PRIOR_FATAL, .place = "0000:03:00.0"),
      RECORDED(PRIOR_AER, PRIOR_PCIE, PRIOR_RECOVERABLE, .place = "0000:03:00.0")}},
    {"a device, and the log that does not know which",
     "pcie-link-errors possible PCI Express 0000:03:00.0",
     {LOGGED(PRIOR_PCIE, PRIOR_RECOVERABLE, 98, 0),
      RECORDED(PRIOR_BERT, PRIOR_PCIE, PRIOR_FATAL, .place = "0000:03:00.0")}},
    {"a bus, by the log alone",
     "pcie-link-errors possible PCI Express",
     {LOGGED(PRIOR_PCIE, PRIOR_RECOVERABLE, 98, 0)}},
    {"a device with corrected errors",
     "",
     {RECORDED(PRIOR_AER, PRIOR_PCIE, PRIOR_CORRECTED, .place = "0000:03:00.0")}},
    {"a fan in the log",
     "cooling-fan possible Fan 2",
     {RUN_OF_MARCH, LOGGED_FAN, LOGGED(PRIOR_FAN, PRIOR_RECOVERABLE, 2, MARCH - 3 * DAYS)}},
    {"a fan in the log that came back",
     "",
     {RUN_OF_MARCH, LOGGED_FAN, LOGGED(PRIOR_FAN, PRIOR_RECOVERABLE, 2, MARCH - 3 * DAYS),
      LOG_ENDED(PRIOR_FAN, 2)}},
    {"another fan came back",
     "cooling-fan possible Fan 2",
     {RUN_OF_MARCH, LOGGED_FAN, LOGGED(PRIOR_FAN, PRIOR_RECOVERABLE, 2, MARCH - 3 * DAYS),
      LOG_ENDED(PRIOR_FAN, 3)}},
    {"a fan that came back and failed again",
     "cooling-fan possible Fan 2",
     {RUN_OF_MARCH, LOGGED_FAN, LOGGED(PRIOR_FAN, PRIOR_RECOVERABLE, 2, MARCH - 3 * DAYS),
      LOG_ENDED(PRIOR_FAN, 2), LOGGED(PRIOR_FAN, PRIOR_RECOVERABLE, 2, MARCH - 2 * DAYS)}},
    {"a fan in the log years ago",
     "",
     {RUN_OF_MARCH, LOGGED_FAN, LOGGED(PRIOR_FAN, PRIOR_RECOVERABLE, 2, MARCH - 900 * DAYS)}},
    {"a fan below two limits",
     "cooling-fan possible Fan 2",
     {LOGGED_FAN, LOGGED(PRIOR_FAN, PRIOR_RECOVERABLE, 2, 0),
      RECORDED(PRIOR_SEL, PRIOR_FAN, PRIOR_RECOVERABLE, .code = 0x102, .place = "BMC sensor 2")}},
    {"a fan in the log that stops in the run as well",
     "cooling-fan likely Fan 2",
     {LOGGED_FAN, LOGGED(PRIOR_FAN, PRIOR_RECOVERABLE, 2, 0), READS(1, 900000), READS(1, 0),
      READS(1, 0), READS(1, 0)}},
    {"a memory error does not end",
     "memory-ecc-corrected possible memory",
     {LOGGED(PRIOR_MEMORY, PRIOR_CORRECTED, 96, 0), LOG_ENDED(PRIOR_MEMORY, 96)}},
    {"heat in the log",
     "cooling-airflow possible BMC sensor 3",
     {LOGGED(PRIOR_TEMPERATURE, PRIOR_RECOVERABLE, 3, 0),
      LOGGED(PRIOR_TEMPERATURE, PRIOR_RECOVERABLE, 4, 0)}},
    {"heat in the log, from a fan",
     "cooling-fan possible BMC sensor 2",
     {LOGGED(PRIOR_TEMPERATURE, PRIOR_RECOVERABLE, 3, 0),
      LOGGED(PRIOR_FAN, PRIOR_RECOVERABLE, 2, 0)}},
    {"heat in the log and in the run",
     "cooling-airflow possible CPU",
     {SENSORS, READS(1, 900000), READS(2, 60000), READS(2, 96000), READS(2, 97000),
      LOGGED(PRIOR_TEMPERATURE, PRIOR_RECOVERABLE, 3, 0)}},
    {"a voltage in the log",
     "power-voltage possible BMC sensor 80",
     {LOGGED(PRIOR_POWER, PRIOR_RECOVERABLE, 80, 0)}},
    {"a drive, a watchdog and the mains in the log",
     "",
     {LOGGED(PRIOR_DRIVE, PRIOR_RECOVERABLE, 81, 0),
      LOGGED(PRIOR_WATCHDOG, PRIOR_RECOVERABLE, 99, 0),
      LOGGED(PRIOR_POWER_LOSS, PRIOR_RECOVERABLE, 100, 0)}},
    {"a watchdog supports a reset",
     "reset-under-load possible machine",
     {E(EVENT_PRIOR_RUN, prior_run, .number = 7, .after_s = 340, .phase = "imaging"),
      LOGGED(PRIOR_WATCHDOG, PRIOR_RECOVERABLE, 99, 0)}},

    /* controllers */
    {"CRC errors on one port only: its lead",
     "disk-link likely SER1 Model",
     {TWO_AND_OTHER, COUNTS(3, "interface-crc", 0, 9)}},
    {"on all drives of one controller: it is named once",
     "disk-link likely SATA controller 00:17.0",
     {TWO_AND_OTHER, COUNTS(3, "interface-crc", 0, 9), COUNTS(4, "interface-crc", 0, 4)}},
    {"on all of the machine's controllers: no controller",
     "disk-link likely SER1 Model; disk-link likely SER2 Model; disk-link likely SER9 Model",
     {TWO_AND_OTHER, COUNTS(3, "interface-crc", 0, 9), COUNTS(4, "interface-crc", 0, 4),
      COUNTS(5, "link-resets", 0, 4)}},
    {"nobody was read on another controller",
     "disk-link likely SER1 Model; disk-link likely SER2 Model",
     {SATA1, SATA2, OTHER, LOADED(3), LOADED(4), COUNTS(3, "interface-crc", 0, 9),
      COUNTS(4, "interface-crc", 0, 4)}},
    {"nobody knows where the other one is",
     "disk-link likely SER1 Model; disk-link likely SER2 Model",
     {SATA1, SATA2, DISK(5, "SER9", ""), LOADED(3), LOADED(4), LOADED(5),
      COUNTS(3, "interface-crc", 0, 9), COUNTS(4, "interface-crc", 0, 4)}},
    {"two of which nobody knows where they are",
     "disk-link likely SER1 Model; disk-link likely SER2 Model",
     {DISK(3, "SER1", "disk "), DISK(4, "SER2", "disk "), OTHER, LOADED(3), LOADED(4), LOADED(5),
      COUNTS(3, "interface-crc", 0, 9), COUNTS(4, "interface-crc", 0, 4)}},
    {"two of four: their leads",
     "disk-link likely SER1 Model; disk-link likely SER2 Model",
     {TWO_AND_OTHER, SATA3, DISK(7, "SER4", "SATA 00:17.0 port 4"), LOADED(6), LOADED(7),
      COUNTS(3, "interface-crc", 0, 9), COUNTS(4, "interface-crc", 0, 4)}},
    {"two of three: what they have in common",
     "disk-link likely SATA controller 00:17.0",
     {TWO_AND_OTHER, SATA3, LOADED(6), COUNTS(3, "interface-crc", 0, 9),
      COUNTS(4, "interface-crc", 0, 4)}},
    {"the drives of one controller leave",
     "disk-link likely SATA controller 00:17.0",
     {TWO_AND_OTHER, FAILS_AT(100, 3, DISK_FAULT_GONE), FAILS_AT(130, 4, DISK_FAULT_GONE)}},
    {"or do not answer, again and again",
     "disk-link likely SATA controller 00:17.0",
     {TWO_AND_OTHER, READ_FAILS(3, DISK_FAULT_TIMEOUT, 1000, true),
      READ_FAILS(4, DISK_FAULT_TIMEOUT, 90000000, true)}},
    {"their drivers counted timeouts that were good when repeated",
     "disk-media possible SER1 Model; disk-media possible SER2 Model; "
     "disk-link possible SER1 Model; disk-link possible SER2 Model",
     {TWO_AND_OTHER, COUNTS(3, "command-timeouts-seen", 0, 1),
      COUNTS(4, "command-timeouts-seen", 0, 1)}},
    {"one after the other, with hours between",
     "disk-link possible SER1 Model; disk-link possible SER2 Model",
     {TWO_AND_OTHER, FAILS_AT(100, 3, DISK_FAULT_GONE), FAILS_AT(9000, 4, DISK_FAULT_GONE)}},
    {"one of them has bad sectors: no controller",
     "disk-media certain SER1 Model; disk-link possible SER2 Model",
     {TWO_AND_OTHER, READ_FAILS(3, DISK_FAULT_MEDIUM, 1000, true),
      READ_FAILS(3, DISK_FAULT_TIMEOUT, 9000, false), FAILS_AT(10, 4, DISK_FAULT_GONE)}},
    {"beside a controller a drive with bad sectors",
     "disk-media likely SER3 Model; disk-link likely SATA controller 00:17.0",
     {TWO_AND_OTHER, SATA3, LOADED(6), COUNTS(3, "interface-crc", 0, 9),
      COUNTS(4, "interface-crc", 0, 4), STANDS(6, "pending-sectors", 3)}},
    {"data of the drives of one controller changes",
     "disk-silent-corruption likely SATA controller 00:17.0",
     {TWO_AND_OTHER,
      DIFFERS(3, .whole_sectors = 8, .bits = 9000, .again = true, .page = REPEAT_HELD),
      DIFFERS(4, .whole_sectors = 8, .leftover = true, .page = REPEAT_HELD)}},
    {"of one of them",
     "disk-silent-corruption likely SER1 Model",
     {TWO_AND_OTHER,
      DIFFERS(3, .whole_sectors = 8, .bits = 9000, .again = true, .page = REPEAT_HELD)}},
    {"what was written to them, too",
     "disk-silent-corruption likely SATA controller 00:17.0",
     {TWO_AND_OTHER, WRITTEN(3, WRITE_CORRUPTED, 1000, true, ""),
      WRITTEN(4, WRITE_LOST, 2000, true, "")}},

    /* power */
    {"a voltage below its limit",
     "power-voltage likely 12V",
     {V12, READS(5, 12000), READS(5, 11300), READS(5, 11200)}},
    {"one above it", "power-voltage likely 12V", {V12, READS(5, 12700), READS(5, 12800)}},
    {"by the sensor's own word",
     "power-voltage likely 12V",
     {V12, READS(5, 12000), READS(5, 11300), LOW(5), READS(5, 11900)}},
    {"one reading of it", "", {V12, READS(5, 12000), READS(5, 11300), READS(5, 12000)}},
    {"voltages at their limits", "", {V12, READS(5, 11400), READS(5, 12600), READS(5, 11400)}},
    {"a voltage that is not connected",
     "",
     {V12, READS(5, 0), READS(5, 0), READS(5, 300), LOW(5), READS(5, 0)}},
    {"the battery of the clock",
     "",
     {V12, RAIL(6, "VBAT", 2700, 3600), READS(6, 2500), READS(6, 2500)}},
    {"it dips while a drive leaves: it is named first",
     "power-voltage likely 12V; disk-link possible SER1 Model",
     {V12, SATA1, AT(90, 5, 12000), AT(100, 5, 11000), FAILS_AT(110, 3, DISK_FAULT_GONE),
      AT(120, 5, 12000)}},
    {"it dips an hour before",
     "disk-link possible SER1 Model",
     {V12, SATA1, AT(100, 5, 11000), AT(120, 5, 12000), FAILS_AT(3700, 3, DISK_FAULT_GONE)}},
    {"low voltage explains even what is certain",
     "power-voltage likely 12V; cpu-machine-check likely processor 0 (bank 1)",
     {V12, AT(90, 5, 11100), AT(100, 5, 11000), CHECKED_AT(105, TLB_UNCORRECTED)}},
    {"but nothing that came an hour later",
     "cpu-machine-check certain processor 0 (bank 1); power-voltage likely 12V",
     {V12, AT(90, 5, 11100), AT(100, 5, 11000), AT(110, 5, 12000),
      CHECKED_AT(3800, TLB_UNCORRECTED)}},
    {"links that reset, a card and an earlier reset",
     "power-voltage likely 12V; disk-link possible SER1 Model; "
     "pcie-link-errors possible PCI Express 0000:00:1c.0; reset-under-load possible machine",
     {V12, SATA1, AT(90, 5, 11100), AT(100, 5, 11000), COUNTS(3, "link-resets", 0, 3),
      LINK_ERROR(101, "0000:00:1c.0", "", 1, 0), LINK_ERROR(103, "0000:00:1c.0", "", 1, 0),
      E(EVENT_PRIOR_RUN, prior_run, .number = 7, .after_s = 340, .phase = "imaging")}},
    {"not sectors that cannot be read, nor a cell that fails",
     "memory-bit-error certain page 0x1000 bit 3; disk-media certain SER1 Model; "
     "power-voltage likely 12V",
     {V12, SATA1, AT(90, 5, 11100), AT(100, 5, 11000), FAILS_AT(101, 3, DISK_FAULT_MEDIUM),
      READ_FAILS(3, DISK_FAULT_MEDIUM, 1000, true), WRONG(0x1008, 0, 8, "random", REPEAT_FAILED)}},
    {"a controller that loses its drives, for want of power",
     "power-voltage likely 12V; disk-link possible SATA controller 00:17.0",
     {TWO_AND_OTHER, V12, AT(90, 5, 11100), AT(100, 5, 11000), FAILS_AT(101, 3, DISK_FAULT_GONE),
      FAILS_AT(102, 4, DISK_FAULT_GONE)}},

    /* links of PCI Express */
    {"a corrected error at a port",
     "pcie-link-errors possible PCI Express 0000:00:1c.0",
     {LINK_ERROR(10, "0000:00:1c.0", "", 1, 0)}},
    {"again",
     "pcie-link-errors likely PCI Express 0000:00:1c.0",
     {LINK_ERROR(10, "0000:00:1c.0", "", 1, 0), LINK_ERROR(20, "0000:00:1c.0", "", 1, 0)}},
    {"of two kinds",
     "pcie-link-errors likely PCI Express 0000:00:1c.0",
     {LINK_ERROR(10, "0000:00:1c.0", "", 0x81, 0)}},
    {"at both ends of a link",
     "pcie-link-errors likely PCI Express 0000:00:1c.0",
     {LINK_ERROR(10, "0000:00:1c.0", "", 1, 0),
      LINK_ERROR(10, "0000:01:00.0", "0000:00:1c.0", 1, 0)}},
    {"at two links",
     "pcie-link-errors possible PCI Express 0000:00:1c.0; "
     "pcie-link-errors possible PCI Express 0000:00:1d.0",
     {LINK_ERROR(10, "0000:00:1c.0", "", 1, 0), LINK_ERROR(10, "0000:00:1d.0", "", 1, 0)}},
    {"not corrected",
     "pcie-link-errors likely PCI Express 0000:00:1c.0",
     {LINK_ERROR(10, "0000:01:00.0", "0000:00:1c.0", 0, 0x4000)}},
    {"before the run, and in it",
     "pcie-link-errors likely PCI Express 0000:00:1c.0",
     {RECORDED(PRIOR_AER, PRIOR_PCIE, PRIOR_RECOVERABLE, .place = "0000:01:00.0"),
      LINK_ERROR(10, "0000:01:00.0", "0000:00:1c.0", 0, 0x4000)}},
    {"before the run, and elsewhere in it",
     "pcie-link-errors likely PCI Express 0000:00:1c.0; "
     "pcie-link-errors possible PCI Express 0000:02:00.0",
     {RECORDED(PRIOR_AER, PRIOR_PCIE, PRIOR_RECOVERABLE, .place = "0000:02:00.0"),
      LINK_ERROR(10, "0000:01:00.0", "0000:00:1c.0", 0, 0x4000)}},
    {"they explain the losses of the drive behind",
     "pcie-link-errors likely PCI Express 0000:00:1c.0; disk-link possible SER9 Model",
     {OTHER, LINK_ERROR(10, "0000:01:00.0", "0000:00:1c.0", 0, 0x4000),
      READ_FAILS(5, DISK_FAULT_GONE, 0, false)}},
    {"links as they were from the beginning",
     "",
     {LINK_NOW(1, LINK_AT_START, 1, 1), LINK_TOLD(1, "", "0000:02:00.0", LINK_AT_START, 4, 8),
      LINK_NOW(9, LINK_BACK, 4, 8)}},
    {"a link drops from 16 GT/s and 8 lanes to 2.5 GT/s and 4",
     "pcie-link-degraded likely PCI Express 0000:00:1c.0",
     {LINK_NOW(10, LINK_LOWER, 1, 4)}},
    {"for a while",
     "pcie-link-degraded likely PCI Express 0000:00:1c.0",
     {LINK_NOW(10, LINK_LOWER, 4, 4), LINK_NOW(20, LINK_BACK, 4, 8)}},
    {"its speed alone",
     "pcie-link-degraded possible PCI Express 0000:00:1c.0",
     {LINK_NOW(10, LINK_LOWER, 1, 8)}},
    {"two links drop, one without a port",
     "pcie-link-degraded likely PCI Express 0000:00:1c.0; "
     "pcie-link-degraded possible PCI Express 0000:02:00.0",
     {LINK_NOW(10, LINK_LOWER, 4, 1), LINK_TOLD(10, "", "0000:02:00.0", LINK_LOWER, 1, 8)}},
    {"one corrected error, and it drops",
     "pcie-link-errors likely PCI Express 0000:00:1c.0",
     {LINK_ERROR(10, "0000:00:1c.0", "", 1, 0), LINK_NOW(11, LINK_LOWER, 1, 4)}},
    {"one corrected error, and its speed alone drops",
     "pcie-link-errors possible PCI Express 0000:00:1c.0",
     {LINK_NOW(9, LINK_LOWER, 1, 8), LINK_ERROR(10, "0000:00:1c.0", "", 1, 0)}},
    {"it drops, and corrected errors again and again",
     "pcie-link-errors certain PCI Express 0000:00:1c.0",
     {LINK_NOW(9, LINK_LOWER, 4, 4), LINK_ERROR(10, "0000:00:1c.0", "", 1, 0),
      LINK_ERROR(20, "0000:00:1c.0", "", 1, 0)}},
    {"it drops, and an error elsewhere",
     "pcie-link-degraded likely PCI Express 0000:00:1c.0; "
     "pcie-link-errors possible PCI Express 0000:00:1d.0",
     {LINK_NOW(9, LINK_LOWER, 4, 4), LINK_ERROR(10, "0000:00:1d.0", "", 1, 0)}},
    {"it is lost",
     "pcie-link-errors likely PCI Express 0000:00:1c.0",
     {LINK_NOW(10, LINK_LOST, 0, 0)}},
    {"it drops, and is lost then",
     "pcie-link-errors likely PCI Express 0000:00:1c.0",
     {LINK_NOW(10, LINK_LOWER, 4, 4), LINK_NOW(20, LINK_LOST, 0, 0)}},
    {"it is lost, and the drive behind it",
     "pcie-link-errors likely PCI Express 0000:00:1c.0; disk-link possible SER9 Model",
     {OTHER, LINK_NOW(10, LINK_LOST, 0, 0), READ_FAILS(5, DISK_FAULT_GONE, 0, false)}},
    {"the link of a drive drops: it is named once",
     "pcie-link-degraded likely PCI Express 0000:00:1c.0",
     {OTHER, LOADED(5), LINK_NOW(10, LINK_LOWER, 4, 2), STANDS(5, "link-width", 2),
      STANDS(5, "link-width-drive", 8), STANDS(5, "link-width-port", 8)}},
    {"its speed alone: the drive is named",
     "pcie-link-degraded likely SER9 Model",
     {OTHER, LOADED(5), LINK_NOW(10, LINK_LOWER, 1, 8), STANDS(5, "link-width", 8),
      STANDS(5, "link-generation", 1), STANDS(5, "link-generation-drive", 4),
      STANDS(5, "link-generation-port", 4)}},

    /* memory and heat */
    {"memory errors when it is hot, and none before",
     "memory-bit-error possible page 0x1000 bit 3",
     {SENSORS, ALL_LOADED(READS(2, 41000), READS(2, 42000), READS(2, 44000), READS(2, 52000)),
      READS(2, 71000), WRONG_AT(5), READS(2, 72000), WRONG_AT(6), READS(2, 72000), WRONG_AT(7),
      READS(2, 73000), WRONG_AT(8)}},
    {"memory errors at any heat",
     "memory-bit-error possible page 0x1000 bit 3",
     {SENSORS, ALL_LOADED(READS(2, 41000), READS(2, 42000), WRONG_AT(3), READS(2, 52000)),
      READS(2, 71000), WRONG_AT(5), READS(2, 72000), WRONG_AT(6), READS(2, 73000), WRONG_AT(8)}},
    {"memory errors, and it was never cool",
     "memory-bit-error possible page 0x1000 bit 3",
     {SENSORS, ALL_LOADED(READS(2, 71000)), WRONG_AT(5), READS(2, 72000), WRONG_AT(6),
      READS(2, 72000), WRONG_AT(7), READS(2, 73000), WRONG_AT(8)}},
    {"memory errors of one moment",
     "memory-bit-error possible page 0x1000 bit 3",
     {SENSORS, ALL_LOADED(READS(2, 41000), READS(2, 42000), READS(2, 44000), READS(2, 52000)),
      READS(2, 71000), WRONG_AT(5), WRONG_AT(5), WRONG_AT(5), WRONG_AT(5)}},

    /* what speaks against it */
    {"a page that failed again and held in the end",
     "memory-bit-error likely page 0x1000 bit 3",
     {WRONG(0x1008, 0, 8, "random", REPEAT_FAILED), HELD_IN_THE_END(0x1000, SHAPE_TRANSIENT)}},
    {"it held in the end, and two tests had seen it",
     "memory-bit-error certain page 0x1000 bit 3",
     {WRONG(0x1008, 0, 8, "random", REPEAT_FAILED), WRONG(0x1008, 0, 8, "modulo", REPEAT_FAILED),
      HELD_IN_THE_END(0x1000, SHAPE_TRANSIENT)}},
    {"a processor computes wrong, or the memory does",
     "memory-bit-error certain page 0x1000 bit 3; cpu-compute-error likely processor 5",
     {A, DIFFERS(3, .compute = true, .processor = 5),
      WRONG(0x1008, 0, 8, "random", REPEAT_FAILED)}},
    {"the counters of a drive that rests rise as well",
     "disk-link possible SER1 Model; disk-link possible SER9 Model",
     {SATA1, OTHER, LOADED(3), COUNTS(3, "interface-crc", 0, 5), COUNTS(5, "link-crc", 0, 1)}},
    {"those of one that is read as well",
     "disk-link likely SER1 Model; disk-link possible SER9 Model",
     {SATA1, OTHER, LOADED(3), LOADED(5), COUNTS(3, "interface-crc", 0, 5),
      COUNTS(5, "link-crc", 0, 1)}},
    {"slow while the machine was too hot",
     "cooling-airflow possible CPU; disk-slow possible SER1 Model",
     {A, SENSORS, READS(1, 900000), READS(2, 60000), READS(2, 96000), READS(2, 97000),
      SLOW(3, 1000, 8, false, false)}},
    {"slow while another drive was not, and the machine too hot",
     "disk-slow likely SER1 Model; cooling-airflow possible CPU",
     {A, SENSORS, READS(1, 900000), READS(2, 60000), READS(2, 96000), READS(2, 97000),
      SLOW(3, 1000, 8, true, true)}},
    {"slow, and the machine not too hot",
     "disk-slow possible SER1 Model",
     {A, SENSORS, READS(1, 900000), READS(2, 60000), READS(2, 94000), READS(2, 94000),
      SLOW(3, 1000, 8, false, false)}},
    {"a page of the drive full of ones",
     "disk-failing likely SER1 Model; disk-hot possible SER1 Model",
     {A, STANDS(3, "critical-warning", 0xFF)}},
    {"a page without a value",
     "disk-failing likely SER1 Model",
     {A, STANDS(3, "smart-status-failing", 1), STANDS(3, "power-on-hours", 0),
      STANDS(3, "reallocated-sectors", 0)}},
    {"one with values",
     "disk-failing certain SER1 Model",
     {A, STANDS(3, "smart-status-failing", 1), STANDS(3, "power-on-hours", 0),
      STANDS(3, "start-stops", 4)}},
    {"a self-test that failed long ago",
     "disk-failing possible SER1 Model",
     {A, STANDS(3, "self-test-failed", 1), STANDS(3, "self-test-hours", 500),
      STANDS(3, "power-on-hours", 1501)}},
    {"and sectors that are bad now",
     "disk-failing likely SER1 Model; disk-media likely SER1 Model",
     {A, STANDS(3, "self-test-failed", 1), STANDS(3, "self-test-hours", 500),
      STANDS(3, "power-on-hours", 1501), STANDS(3, "pending-sectors", 1)}},
    {"one that failed lately",
     "disk-failing likely SER1 Model",
     {A, STANDS(3, "self-test-failed", 1), STANDS(3, "self-test-hours", 501),
      STANDS(3, "power-on-hours", 1501)}},
    {"a drive says it is hot, and reads cool",
     "disk-hot possible SER1 Model",
     {A, HEAT(9, 3, 70000), READS(9, 40000), COUNTS(3, "critical-warning", 0, 2)}},
    {"and reads warm",
     "disk-hot likely SER1 Model",
     {A, HEAT(9, 3, 70000), READS(9, 60000), COUNTS(3, "critical-warning", 0, 2)}},
    {"a fan reads 0 and the load gets cooler: its wire",
     "cooling-fan possible Fan 2",
     {SENSORS,
      ALL_LOADED(AT(15, 2, 70000), AT(15, 1, 900000), AT(15, 1, 0), AT(15, 1, 0), AT(15, 1, 0)),
      AT(15, 2, 67000), AT(15, 1, 0), AT(15, 1, 0), AT(15, 1, 0), AT(15, 1, 0), AT(15, 1, 0)}},
    {"a fan reads 0 and the load gets no cooler",
     "cooling-fan likely Fan 2",
     {SENSORS,
      ALL_LOADED(AT(15, 2, 70000), AT(15, 1, 900000), AT(15, 1, 0), AT(15, 1, 0), AT(15, 1, 0)),
      AT(15, 2, 69000), AT(15, 1, 0), AT(15, 1, 0), AT(15, 1, 0), AT(15, 1, 0), AT(15, 1, 0)}},
    {"a fan reads 0, and it gets cooler when the load ends",
     "cooling-fan likely Fan 2",
     {SENSORS,
      ALL_LOADED(AT(15, 2, 70000), AT(15, 1, 900000), AT(15, 1, 0), AT(15, 1, 0), AT(15, 1, 0)),
      AT(15, 1, 0),
      AT(15, 1, 0),
      AT(15, 1, 0),
      AT(15, 1, 0),
      PHASE_ENDS("imaging", ENDED_DONE),
      LATER(15, EVENT_PHASE_START, phase_start, .phase = "cool-down"),
      AT(15, 2, 60000),
      AT(15, 1, 0),
      AT(15, 1, 0),
      AT(15, 1, 0),
      PHASE_ENDS("cool-down", ENDED_DONE),
      LATER(15, EVENT_PHASE_START, phase_start, .phase = "verdict"),
      AT(15, 2, 50000),
      AT(15, 1, 0),
      AT(15, 1, 0),
      AT(15, 1, 0),
      AT(15, 1, 0),
      AT(15, 1, 0),
      AT(15, 1, 0)}},
    {"a fan reads 0, and another one does its work",
     "cooling-fan likely Fan 2",
     {SENSORS, PART(13, PART_FAN, "Fan 3"), FAN(7, 13),
      ALL_LOADED(AT(15, 2, 70000), AT(15, 7, 900000), AT(15, 1, 900000), AT(15, 1, 0), AT(15, 1, 0),
                 AT(15, 1, 0)),
      AT(15, 2, 67000), AT(15, 7, 1200000), AT(15, 1, 0), AT(15, 1, 0), AT(15, 1, 0), AT(15, 1, 0),
      AT(15, 1, 0)}},
    {"a voltage that never moves",
     "power-voltage possible 12V",
     {V12, PHASE("baseline"), READS(5, 11300), READS(5, 11300), ALL_LOADED(READS(5, 11300)),
      READS(5, 11300)}},
    {"one that moves with the load",
     "power-voltage likely 12V",
     {V12, PHASE("baseline"), READS(5, 11300), READS(5, 11300), ALL_LOADED(READS(5, 11240)),
      READS(5, 11240)}},

    /* the run */
    {"a run without an end, near a limit when it ended",
     "reset-under-load likely machine",
     {E(EVENT_PRIOR_RUN, prior_run, .number = 7, .after_s = 340, .phase = "imaging",
        .hottest = "CPU", .temperature = 99000, .has_limit = true, .limit = 100000)}},
    {"a run without an end",
     "reset-under-load possible machine",
     {E(EVENT_PRIOR_RUN, prior_run, .number = 7, .after_s = 340, .phase = "imaging")}},
    {"two faults are two findings",
     "memory-bit-error certain page 0x1000 bit 3; disk-media certain SER1 Model; "
     "cooling-fan likely Fan 2",
     {A, SENSORS, READS(1, 900000), READS(1, 0), READS(1, 0), READS(1, 0),
      READ_FAILS(3, DISK_FAULT_MEDIUM, 1000, true), WRONG(0x1008, 0, 8, "random", REPEAT_FAILED)}},
};

static struct evidence evidence;
static struct event_finding findings[FINDINGS_LIMIT];

static void check_finding(const struct event_finding *finding)
{
    assert_true(finding->evidence[0] && finding->advice[0] && finding->component[0]);
    for (const char *c = finding->evidence; *c; c++)
        assert_in_range(*c, ' ', '~');
}

static void add_story(const struct story *story)
{
    size_t limit = sizeof(story->events) / sizeof(story->events[0]);

    evidence_init(&evidence);
    for (size_t i = 0; i < limit && !is_no_event(&story->events[i]); i++)
        evidence_add(&evidence, &story->events[i]);
}

static void test_story(void **state)
{
    const struct story *story = *state;
    char found[1000];
    struct text text = text_in(found, sizeof(found));
    unsigned count;

    add_story(story);
    count = judge(&evidence, findings, FINDINGS_LIMIT);
    for (unsigned i = 0; i < count; i++) {
        check_finding(&findings[i]);
        text_format(&text, "%s%s %s %s", i ? "; " : "", findings[i].id,
                    certainty_names[findings[i].certainty], findings[i].component);
    }
    assert_string_equal(found, story->expected);
}

/* Where a block differed is said in words. */
static void test_hops_are_named(void **state)
{
    static const struct {
        uint8_t hop;
        const char *words;
    } rows[] = {{HOP_ARRIVAL, ", seen on arrival from the drive"},
                {HOP_SECOND_READ, ", seen in the second read"}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct event events[] = {
            A,
            E(EVENT_MISMATCH, mismatch, .part = 3, .hop = rows[i].hop, .lba = 77,
              .whole_sectors = 8, .again = true, .page = REPEAT_HELD),
        };
        char expected[TEXT_SIZE];

        evidence_init(&evidence);
        evidence_add(&evidence, &events[0]);
        evidence_add(&evidence, &events[1]);
        assert_int_equal(judge(&evidence, findings, FINDINGS_LIMIT), 1);
        format_text(expected, sizeof(expected),
                    "1 blocks differed, and again when reread, first at LBA 77%s", rows[i].words);
        assert_string_equal(findings[0].evidence, expected);
    }
}

/* What a finding rests on: the counters by name, and by how much. */
static void test_evidence_is_told(void **state)
{
    static const struct {
        const char *expected;
        struct event events[12];
    } rows[] = {
        {"the drive's own error log says unreadable at LBA 4711",
         {A, COUNTS(3, "error-log-entries", 4, 5), COUNTS(3, "last-error-is-medium", 0, 1),
          COUNTS(3, "last-error-lba", 0, 4711)}},
        {"link-crc rose by 2, phy-data-errors rose by 3, link-phy-changes rose by 1",
         {A, COUNTS(3, "link-crc", 0, 2), COUNTS(3, "phy-data-errors", 1, 4),
          COUNTS(3, "link-phy-changes", 0, 1)}},
        {"the link is 2 lanes wide where drive and port both can do 4",
         {A, STANDS(3, "link-width", 2), STANDS(3, "link-width-drive", 4),
          STANDS(3, "link-width-port", 8), LOADED(3)}},
        {"the drive counted 2 more minutes above its maximum operating temperature",
         {A, COUNTS(3, "over-temperature-minutes", 1, 3)}},
        {"2 blocks hold what was never written from LBA 5 to 9 (1 failed again); 40 bytes differ",
         {A, WRITTEN(3, WRITE_CORRUPTED, 9, true, "40 bytes differ"),
          WRITTEN(3, WRITE_CORRUPTED, 5, false, "")}},
        {"it reached 71 C, at which it says itself that it is too hot, and throttled: 1 slow "
         "stretch, 8 s in all; the slowest at LBA 1000 with 8.5 MiB/s of usually 190 MiB/s, while "
         "the "
         "others kept their pace",
         {A, STANDS(3, "limit-celsius", 70), HEAT(9, 3, 80000), READS(9, 71000),
          SLOW(3, 1000, 8, true, true)}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        evidence_init(&evidence);
        for (size_t j = 0; j < 12 && !is_no_event(&rows[i].events[j]); j++)
            evidence_add(&evidence, &rows[i].events[j]);
        assert_int_equal(judge(&evidence, findings, FINDINGS_LIMIT), 1);
        assert_string_equal(findings[0].evidence, rows[i].expected);
    }
}

/* A rule no story ends in is a rule nobody has tried. */
static void test_every_rule_is_used(void **state)
{
    (void)state;
    for (size_t r = 0; r < rule_count; r++) {
        bool used = false;

        for (size_t s = 0; s < sizeof(stories) / sizeof(stories[0]) && !used; s++) {
            add_story(&stories[s]);
            for (unsigned i = 0; i < subject_count(&evidence, rules[r].subject); i++)
                used |= rules[r].matches(&evidence, i);
        }
        if (!used)
            fail_msg("rule %s matches in no story", rules[r].name);
    }
}

static const struct {
    const char *story, *words;
} told[] = {
    {"one error in a bank, the region and the log", "bank 7 of processor 0 holds one as well"},
    {"one error in a bank, the region and the log", "the BMC's event log tells of one, too"},
    {"and once more in the run", "told of one before the run, at DIMM_A1"},
    {"of a module, and of unknown age", "its age is not known"},
    {"corrected errors of a module", "2 times"},
    {"a device, in the region and in its registers",
     "the firmware (BERT) and the device's registers"},
    {"a watchdog supports a reset", "the BMC's event log has: words"},
    {"CRC errors on one port only: its lead",
     "none at 1 other drive of its controller: its own lead or port"},
    {"on all drives of one controller: it is named once", "of SER1, SER2, and none of the drives"},
    {"it dips while a drive leaves: it is named first",
     "12V read down to 11.000 V, its own limit is 11.400 V; 1 of 3 readings were beyond it"},
    {"they explain the losses of the drive behind", "behind it is SER9"},
    {"they explain the losses of the drive behind",
     "explained by: pcie-link-errors, PCI Express 0000:00:1c.0"},
    {"it dips while a drive leaves: it is named first", "explained by: power-voltage, 12V"},
    {"memory errors when it is hot, and none before",
     "it came with heat: 4 times with Temp at 70 C or above, never in 4 cooler readings"},
    {"a page that failed again and held in the end", "against it speaks: one word was wrong"},
    {"a processor computes wrong, or the memory does", "against it speaks: a page of the memory"},
    {"the counters of a drive that rests rise as well", "against it speaks: no read failed"},
    {"slow while the machine was too hot", "against it speaks: the machine was above a limit"},
    {"a page of the drive full of ones", "against it speaks: its warning has bits"},
    {"a page without a value", "against it speaks: all its counters are 0"},
    {"a self-test that failed long ago", "against it speaks: that self-test is more than 1000"},
    {"a drive says it is hot, and reads cool", "against it speaks: its own temperature was never"},
    {"a fan reads 0 and the load gets cooler: its wire", "against it speaks: under load it got"},
    {"a voltage that never moves", "against it speaks: it read the same before the load"},
};

/* What a healthy twin must not say. */
static const char *const silent[] = {
    "memory errors at any heat",
    "memory errors, and it was never cool",
    "memory errors of one moment",
    "it held in the end, and two tests had seen it",
    "those of one that is read as well",
    "one with values",
    "and sectors that are bad now",
    "one that failed lately",
    "and reads warm",
    "a fan reads 0 and the load gets no cooler",
    "a fan reads 0, and another one does its work",
    "a fan reads 0, and it gets cooler when the load ends",
    "slow while another drive was not, and the machine too hot",
    "slow, and the machine not too hot",
    "one that moves with the load",
    "one after the other, with hours between",
    "nobody was read on another controller",
    "CRC errors by status",
    "but nothing that came an hour later",
};

static const struct story *story_named(const char *name)
{
    size_t s = 0;

    while (s < sizeof(stories) / sizeof(stories[0]) && strcmp(stories[s].name, name) != 0)
        s++;
    assert_true(s < sizeof(stories) / sizeof(stories[0]));
    return &stories[s];
}

/* All witnesses of one cause stand in its one finding; and what explains it, or speaks against it,
 * in that which it is about. */
static void test_witnesses_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
        bool found = false;
        unsigned count;

        add_story(story_named(told[i].story));
        count = judge(&evidence, findings, FINDINGS_LIMIT);
        for (unsigned j = 0; j < count; j++)
            found |= strstr(findings[j].evidence, told[i].words) != NULL;
        if (!found)
            fail_msg("%s: %s", told[i].story, findings[0].evidence);
    }
}

static void test_nothing_is_said_without_reason(void **state)
{
    static const char *const words[] = {"explained by", "against it speaks", "with heat",
                                        "its own lead"};

    (void)state;
    for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++) {
        unsigned count;

        add_story(story_named(silent[i]));
        count = judge(&evidence, findings, FINDINGS_LIMIT);
        assert_true(count > 0);
        for (unsigned j = 0; j < count; j++) {
            for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++)
                assert_null(strstr(findings[j].evidence, words[w]));
        }
    }
}

/* A row that no story needs is a row nobody has tried. */
static void test_every_doubt_is_used(void **state)
{
    (void)state;
    for (size_t d = 0; d < doubt_count; d++) {
        bool used = false, known = false;

        for (size_t i = 0; i < sizeof(told) / sizeof(told[0]) && !used; i++)
            used = strstr(told[i].words, "against it speaks: ") &&
                   strstr(doubts[d].sentence, told[i].words + strlen("against it speaks: ")) ==
                       doubts[d].sentence;
        for (size_t r = 0; r < rule_count; r++)
            known |= rules[r].verdict == doubts[d].verdict &&
                     rules[r].subject == doubts[d].subject &&
                     (!doubts[d].rule || text_equal(rules[r].name, doubts[d].rule));
        if (!known)
            fail_msg("doubt %s is about a rule that is not there", doubts[d].name);
        if (!used)
            fail_msg("doubt %s is in no story", doubts[d].name);
    }
}

static void test_every_rule_is_explained(void **state)
{
    (void)state;
    for (size_t r = 0; r < rule_count; r++) {
        assert_true(rules[r].name && rules[r].needs && rules[r].tell);
        if (rules[r].excluded)
            assert_non_null(rules[r].unless);
    }
    for (unsigned v = 0; v < VERDICTS; v++) {
        assert_int_equal(verdict_find(verdicts[v].id), v);
        assert_true(verdicts[v].meaning[0] && verdicts[v].advice[0] && verdicts[v].otherwise[0]);
    }
    assert_int_equal(verdict_find("no-such-verdict"), VERDICTS);
}

/* For the manual: each verdict that a story ends in, and the story. */
static void list_stories(void)
{
    for (size_t s = 0; s < sizeof(stories) / sizeof(stories[0]); s++) {
        for (unsigned v = 0; v < VERDICTS; v++) {
            const char *at = strstr(stories[s].expected, verdicts[v].id);

            if (at && at[strlen(verdicts[v].id)] == ' ')
                printf("%s story %s\n", verdicts[v].id, stories[s].name);
        }
    }
}

int main(int count, char **arguments)
{
    enum { STORIES = sizeof(stories) / sizeof(stories[0]) };
    static struct CMUnitTest tests[STORIES + 7] = {
        cmocka_unit_test(test_hops_are_named),
        cmocka_unit_test(test_evidence_is_told),
        cmocka_unit_test(test_every_rule_is_used),
        cmocka_unit_test(test_every_rule_is_explained),
        cmocka_unit_test(test_witnesses_are_named),
        cmocka_unit_test(test_nothing_is_said_without_reason),
        cmocka_unit_test(test_every_doubt_is_used),
    };

    if (count == 2 && strcmp(arguments[1], "--stories") == 0) {
        list_stories();
        return 0;
    }
    for (size_t i = 0; i < STORIES; i++)
        tests[i + 7] = (struct CMUnitTest){
            .name = stories[i].name, .test_func = test_story, .initial_state = (void *)&stories[i]};
    return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
