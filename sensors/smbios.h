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
    SMBIOS_MEMORY_ARRAY = 16,
    SMBIOS_MEMORY_DEVICE = 17,
    SMBIOS_MEMORY_ERROR_32 = 18,
    SMBIOS_ARRAY_MAPPED = 19,
    SMBIOS_DEVICE_MAPPED = 20,
    SMBIOS_MEMORY_ERROR_64 = 33,
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

/* The machine's UUID of type 1, as it stands there: its first three fields are little-endian
 * (section 7.2.1). ERR_ABSENT where none was set, which all bits alike say. */
enum { SMBIOS_UUID_SIZE = 16 };

int smbios_uuid(const void *table, size_t size, uint8_t ret_uuid[SMBIOS_UUID_SIZE]);

/* Type 3: portable when any chassis is. What is neither clearly that nor a desktop's, a tower's or
 * a rack's, as of a mini PC or an all-in-one, stays unknown. */
enum chassis smbios_chassis(const void *table, size_t size);

/* Type 11: OEM string `index`, counted from 0 over all structures of that type. ERR_ABSENT after
 * the last one. */
int smbios_oem_string(const void *table, size_t size, unsigned index, char *ret_text,
                      size_t text_size);

/* Type 17: one slot for a memory module. */
struct smbios_memory_device {
    uint16_t handle;
    uint16_t array;  /* handle of its type 16 structure */
    uint16_t error;  /* handle of its error, smbios_memory_error() */
    bool persistent; /* NVDIMM and the like: never under test */
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

/* Of one structure; ERR_FORMAT for one of another type. */
int smbios_memory_device_of(const struct smbios_structure *structure,
                            struct smbios_memory_device *ret_device);

/* Type 16: the slots of one memory controller, or of all. */
enum { SMBIOS_USE_SYSTEM_MEMORY = 3, SMBIOS_CORRECTION_NONE = 3 };

struct smbios_memory_array {
    uint16_t handle;
    uint8_t use;        /* section 7.17.2 */
    uint8_t correction; /* section 7.17.3 */
    uint64_t capacity;  /* bytes that it could hold; 0: unknown */
    uint16_t slots;
};

int smbios_memory_array_of(const struct smbios_structure *structure,
                           struct smbios_memory_array *ret_array);

/* Type 19: physical addresses of an array. `end` is the last byte. ERR_FORMAT also for a range that
 * ends before it begins. */
struct smbios_array_range {
    uint16_t handle;
    uint16_t array; /* handle of the type 16 structure */
    uint8_t width;  /* modules that make one row, where the firmware says so */
    uint64_t start, end;
};

int smbios_array_range_of(const struct smbios_structure *structure,
                          struct smbios_array_range *ret_range);

/* Type 20: physical addresses of a module. The addresses between may be shared with others. */
struct smbios_device_range {
    uint16_t device;      /* handle of the type 17 structure */
    uint16_t array_range; /* handle of the type 19 structure */
    uint8_t row;          /* 255: unknown, as for the next two */
    uint8_t position;     /* in the interleave, from 1 on; 0: not interleaved */
    uint8_t depth;        /* rows in one interleaved transfer; 0: not interleaved */
    uint64_t start, end;
};

int smbios_device_range_of(const struct smbios_structure *structure,
                           struct smbios_device_range *ret_range);

/* Types 18 and 33: true when the structure of this handle tells of an error that was not
 * corrected. FFFEh and FFFFh stand for none. */
bool smbios_memory_error(const void *table, size_t size, uint16_t handle);

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
