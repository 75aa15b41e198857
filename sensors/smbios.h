/*
 * SMBIOS: what the firmware says about the machine's parts (DMTF DSP0134).
 *
 * All functions read the bytes of the structure table, wherever the caller found it; a table cut
 * short or one whose lengths lie is read as far as it makes sense. Texts are copied as copy_name()
 * does and are empty where the table gives none. A field beyond a structure's own length, as in
 * tables of older versions, counts as 0.
 */
#ifndef ASSAY_SENSORS_SMBIOS_H
#define ASSAY_SENSORS_SMBIOS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/event.h"

/* Structure types, DSP0134 section 7. */
enum smbios_type {
    SMBIOS_SYSTEM = 1,
    SMBIOS_BASEBOARD = 2,
    SMBIOS_CHASSIS = 3,
    SMBIOS_OEM_STRINGS = 11,
    SMBIOS_MEMORY_DEVICE = 17,
    SMBIOS_IPMI_DEVICE = 38,
    SMBIOS_END_OF_TABLE = 127,
};

struct smbios_structure {
    uint8_t type;
    uint16_t handle;
    struct bytes formatted; /* from the header on; offsets are those of the standard */
    struct bytes strings;   /* NUL-terminated, one after the other */
};

/* A walk over a table. It ends at the end of the bytes, at type 127, at a structure that makes no
 * sense, and after SMBIOS_STRUCTURES_MAX structures. */
enum { SMBIOS_STRUCTURES_MAX = 4096 };

struct smbios_walk {
    struct bytes table;
    size_t offset;
    unsigned count;
};

struct smbios_walk smbios_begin(const void *table, size_t size);
bool smbios_next(struct smbios_walk *walk, struct smbios_structure *ret_structure);

/* Copies string `number` of a structure, numbered from 1 (section 6.1.3). False, and an empty
 * text, where there is no such string. */
bool smbios_string(const struct smbios_structure *structure, unsigned number, char *ret_text,
                   size_t size);

/* Types 1 and 2: the system and its first board. */
struct smbios_product {
    char manufacturer[NAME_SIZE];
    char product[NAME_SIZE];
    char serial[SERIAL_SIZE];
};

/* ERR_ABSENT without such a structure. */
int smbios_system(const void *table, size_t size, struct smbios_product *ret_system);
int smbios_baseboard(const void *table, size_t size, struct smbios_product *ret_board);

/* Type 3: true when a chassis is of a kind that is carried and may run on a battery. */
bool smbios_is_notebook(const void *table, size_t size);

/* Type 11: OEM string `index`, counted from 0 over all structures of that type. ERR_ABSENT after
 * the last one. */
int smbios_oem_string(const void *table, size_t size, unsigned index, char *ret_text,
                      size_t text_size);

/* Type 17: one slot for a memory module. */
struct smbios_memory_device {
    uint16_t handle;
    bool size_known;
    uint64_t size;             /* bytes; 0 with size_known: the slot is empty */
    uint32_t speed;            /* MT/s the module is made for; 0: unknown */
    uint32_t configured_speed; /* MT/s it runs at; 0: unknown */
    char locator[PLACE_SIZE];  /* as printed on the board: "DIMM_A1" */
    char bank_locator[PLACE_SIZE];
    char manufacturer[NAME_SIZE];
    char serial[SERIAL_SIZE];
    char part_number[NAME_SIZE];
};

/* Slot `index`, counted from 0 in the order of the table. ERR_ABSENT after the last one. */
int smbios_memory_device(const void *table, size_t size, unsigned index,
                         struct smbios_memory_device *ret_device);

/* Type 38: how a BMC is reached. */
enum smbios_ipmi_interface {
    SMBIOS_IPMI_KCS = 1,
    SMBIOS_IPMI_SMIC = 2,
    SMBIOS_IPMI_BT = 3,
    SMBIOS_IPMI_SSIF = 4,
};

struct smbios_ipmi {
    uint8_t interface; /* enum smbios_ipmi_interface; others are unknown kinds */
    bool io_space;     /* ports; else memory-mapped, or an SMBus address for SSIF */
    uint64_t base;     /* the first register, its lowest bit put in place */
    unsigned spacing;  /* bytes from one register to the next: 1, 4 or 16 */
};

/* ERR_ABSENT without a type 38 structure, ERR_FORMAT when it names no address or the
 * reserved register spacing. */
int smbios_ipmi(const void *table, size_t size, struct smbios_ipmi *ret_ipmi);

#endif
