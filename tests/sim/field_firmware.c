/*
 * What a field machine's firmware says: the region of errors of the last boot (BERT), by ACPI 6.4,
 * section 18.3.2.7.1, and UEFI 2.10, appendix N.2.5; and memory modules it cannot use.
 */
#include <string.h>

#include "base/text.h"
#include "sensors/prior.h"
#include "tests/sim/field.h"

enum { STATUS_SIZE_HERE = 20, ENTRY_SIZE = 72, MEMORY_SIZE = 80 };

/* Most have none, some an empty one. */
void field_deal_firmware(struct field_machine *field)
{
    field->region_size = field_chance(field, 30) ? STATUS_SIZE_HERE : 0;
}

static void put(uint8_t *bytes, size_t at, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        bytes[at + i] = (uint8_t)(value >> 8 * i);
}

/* One section, of a memory error that was not corrected. */
void field_add_boot_record(struct field_machine *field)
{
    static const uint8_t memory[16] = {0x14, 0x11, 0xBC, 0xA5, 0x64, 0x6F, 0xDE, 0x4E,
                                       0xB8, 0x63, 0x3E, 0x83, 0xED, 0x7C, 0x83, 0xB1};
    uint8_t *region = field->region, *entry = region + STATUS_SIZE_HERE,
            *error = entry + ENTRY_SIZE;
    uint64_t severity = field_chance(field, 70); /* fatal, or recoverable */

    memset(region, 0, sizeof(field->region));
    put(region, 0, 1 << 0 | 1 << 4, 4); /* uncorrected, one entry */
    put(region, 12, ENTRY_SIZE + MEMORY_SIZE, 4);
    put(region, 16, severity, 4);
    memcpy(entry, memory, sizeof(memory));
    put(entry, 16, severity, 4);
    put(entry, 20, 0x0300, 2);
    put(entry, 24, MEMORY_SIZE, 4);
    put(error, 0, 1 << 1 | 1 << 14, 8); /* the address and the type are valid */
    put(error, 16,
        FIELD_ADDRESS + field_below(field, (uint64_t)FIELD_CHUNKS * CHUNK_SIZE) / 64 * 64, 8);
    error[72] = field_chance(field, 60) ? 3 : 14; /* several bits, or found by a scrub */
    field->region_size = STATUS_SIZE_HERE + ENTRY_SIZE + MEMORY_SIZE;
}

/* A third module, of which nothing is in the map; its size may be known. */
static void list_dead_module(struct machine *machine, bool sized)
{
    struct event_part *part = &machine->parts[machine->part_count];

    part->parent = PART_ALL_MEMORY;
    part->kind = PART_MEMORY;
    copy_text(part->name, sizeof(part->name), "Module");
    copy_text(part->place, sizeof(part->place), "DIMM C1");
    machine->memory_map[machine->memory_map_count++] = (struct event_memory_map){
        .part = (part_id)machine->part_count++,
        .state = sized ? MEMORY_MISSING : MEMORY_UNSIZED,
    };
}

void field_list_firmware(struct field_machine *field)
{
    struct machine *machine = &field->machine;
    struct prior_list list = {.rows = machine->priors, .limit = RUN_PRIORS};

    if (field->dead_module)
        list_dead_module(machine, field->dead_module_sized);
    if (field->region_size)
        (void)prior_add_region(&list, field->region, field->region_size);
    machine->prior_count = list.count;
}
