/*
 * A firmware that has memory: a map of pages behind struct memory_source, which keeps a record of
 * the least that it ever had free, and breaks its word in named ways.
 */
#ifndef ASSAY_TESTS_SIM_MEMORY_FIRMWARE_H
#define ASSAY_TESTS_SIM_MEMORY_FIRMWARE_H

#include <stdbool.h>
#include <stdint.h>

#include "stress/memory_hold.h"

enum {
    SIM_FIRMWARE_PAGES = 11 << 18, /* 11 GiB */
    SIM_FIRMWARE_DESCRIPTORS = 4096,
};

/* Types of UEFI 2.10 section 7.2.1 that tests lay out. */
enum sim_memory_type {
    SIM_RESERVED = 0,
    SIM_LOADER = 2,
    SIM_BOOT_SERVICES = 4,
    SIM_RUNTIME = 6,
    SIM_FREE = 7,
    SIM_UNUSABLE = 8,
    SIM_ACPI = 9,
    SIM_MMIO = 11,
    SIM_PERSISTENT = 14,
    SIM_NOTHING = 0xFF,
};

struct sim_firmware {
    uint8_t types[SIM_FIRMWARE_PAGES]; /* enum sim_memory_type of each page */
    uint8_t bytes[SIM_FIRMWARE_DESCRIPTORS * 48];
    struct memory_source source;
    bool unsorted; /* it gives its map back to front */

    /* What it does wrong; ranges of addresses, empty where it behaves. */
    uint64_t refuse_start, refuse_end; /* claims that touch these are refused */
    uint64_t feign_start, feign_end;   /* claims that touch these seem to succeed */
    uint64_t slow_start, slow_end;
    bool refuses_release, feigns_release;
    unsigned map_fails_at; /* from that reading on it has no map; 0: never */
    unsigned steals;       /* at every so many calls it takes its topmost free page; 0: never */

    unsigned maps, claims, releases, wrong_calls;
    uint64_t free_all, free_low; /* from 1 MiB on */
    uint64_t least_all, least_low;
    uint64_t stolen;
};

/* An empty machine. */
void sim_firmware_init(struct sim_firmware *firmware);
void sim_firmware_lay(struct sim_firmware *firmware, uint64_t start, uint64_t end,
                      enum sim_memory_type type);
/* The record of what was free at least begins here. */
void sim_firmware_watch(struct sim_firmware *firmware);

#endif
