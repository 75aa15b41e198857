/* The rules: what happens in a run, and what must be found. Every fault has its healthy twin. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "diagnosis/judge.h"
#include "diagnosis/rules.h"
#include "tests/sim/events.h"

#define A DISK(3, "SER1", "PCI 00:17.0 port 1")
#define B DISK(4, "SER2", "PCI 01:00.0")
#define B_BESIDE_A DISK(4, "SER2", "PCI 00:17.0 port 2")
#define NO_SERIAL DISK(5, "", "PCI 02:00.0")
#define SENSORS                                                                                    \
    PART(10, PART_FAN, "Fan 2"), PART(11, PART_SENSOR, "CPU"), FAN(1, 10), HEAT(2, 11, 95000)

/* MCA codes: memory read error on channel 0, valid, corrected once; the same uncorrected. */
#define CORRECTED 0x8C00004000000090u
#define UNCORRECTED 0xBC00000000000090u
#define AMD_CORRECTED 0x9C2041000000011Bu
#define L1_CORRECTED 0x8C00004000000151u
#define TLB_UNCORRECTED 0xBC00000000000014u

struct story {
    const char *name;
    const char *expected; /* "id certainty component" each, "; " between */
    struct event events[16];
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
     "cpu-machine-check possible processor 0 (bank 17); "
     "memory-ecc-corrected possible memory (bank 17)",
     {PART(1, PART_PROCESSOR, "AMD Ryzen 7"), CHECK(0, 17, AMD_CORRECTED, 0x1000, false)}},
    {"AMD: uncorrected, both named",
     "memory-ecc-uncorrected possible memory (bank 17); "
     "cpu-machine-check possible processor 0 (bank 17)",
     {PART(1, PART_PROCESSOR, "AMD Ryzen 7"),
      CHECK(0, 17, AMD_CORRECTED | 1ull << 61, 0x1000, false)}},
    {"a bank without VAL says nothing", "", {CHECK(0, 7, 0x0C00004000000090u, 0, false)}},

    /* processors */
    {"a processor computes wrong",
     "cpu-compute-error certain processor 5",
     {A, DIFFERS(3, .address = 0x8010, .compute = true, .processor = 5),
      DIFFERS(3, .address = 0x9010, .bits = 1, .page = REPEAT_HELD)}},
    {"two processors compute wrong",
     "cpu-compute-error certain processor 5; cpu-compute-error certain processor 6",
     {A, DIFFERS(3, .compute = true, .processor = 5), DIFFERS(3, .compute = true, .processor = 6),
      DIFFERS(3, .compute = true, .processor = 5)}},
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
    {"the drive leaves",
     "disk-media possible SER1 Model; disk-link possible SER1 Model",
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
    {"a fan below its threshold", "cooling-fan likely Fan 2", {SENSORS, READS(1, 200000), LOW(1)}},
    {"a fan stops when the machine cools down",
     "",
     {SENSORS, READS(2, 40000), READS(1, 900000), READS(2, 80000), READS(2, 50000), READS(1, 0),
      READS(1, 0), READS(1, 0)}},
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
    {"a fan that had stopped explains a hot drive",
     "cooling-fan likely Fan 2",
     {SENSORS, A, HEAT(9, 3, 70000), READS(1, 900000), READS(1, 0), READS(1, 0), READS(1, 0),
      READS(9, 60000), READS(9, 71000), READS(9, 71000)}},
    {"too hot with fans turning",
     "cooling-airflow possible CPU",
     {SENSORS, READS(1, 900000), READS(2, 60000), READS(2, 96000), READS(2, 97000)}},
    {"hot, by the sensor's own word",
     "cooling-airflow possible CPU",
     {SENSORS, READS(1, 900000), READS(2, 60000), READS(2, 90000), HIGH(2)}},
    {"a sensor that always reads 127",
     "",
     {SENSORS, READS(1, 900000), READS(2, 127000), READS(2, 127000), READS(2, 127000)}},
    {"at its limit, as some processors are by design",
     "",
     {SENSORS, READS(2, 60000), READS(2, 95000), READS(2, 95000)}},
    {"a stopped fan explains heat",
     "cooling-fan likely Fan 2",
     {SENSORS, READS(1, 900000), READS(2, 60000), READS(1, 0), READS(1, 0), READS(1, 0),
      READS(2, 96000), READS(2, 97000)}},

    /* the run */
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

int main(void)
{
    enum { STORIES = sizeof(stories) / sizeof(stories[0]) };
    static struct CMUnitTest tests[STORIES + 2] = {
        cmocka_unit_test(test_every_rule_is_used),
        cmocka_unit_test(test_every_rule_is_explained),
    };

    for (size_t i = 0; i < STORIES; i++)
        tests[i + 2] = (struct CMUnitTest){
            .name = stories[i].name, .test_func = test_story, .initial_state = (void *)&stories[i]};
    return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
