#include "sensors/cper_memory.h"

#include "base/error.h"
#include "sensors/cper_fields.h"

#define TO(name) offsetof(struct cper_memory, name)

enum { FORM_1_EXTENDED = 73 }; /* two more bits of the row, and the chip */

/* Memory error section, N.2.5 table N.13. */
static const struct cper_field form_1[] = {
    {0, 8, 8, TO(status)},       {1, 16, 8, TO(address)},       {2, 24, 8, TO(address_mask)},
    {3, 32, 2, TO(node)},        {4, 34, 2, TO(card)},          {5, 36, 2, TO(module)},
    {6, 38, 2, TO(bank)},        {7, 40, 2, TO(device)},        {8, 42, 2, TO(row)},
    {9, 44, 2, TO(column)},      {10, 46, 2, TO(bit)},          {11, 48, 8, TO(requestor)},
    {12, 56, 8, TO(responder)},  {13, 64, 8, TO(target)},       {14, 72, 1, TO(type)},
    {15, 74, 2, TO(rank)},       {16, 76, 2, TO(card_handle)},  {17, 78, 2, TO(module_handle)},
    {19, 39, 1, TO(bank_group)}, {20, 38, 1, TO(bank_address)},
};

/* Memory error section 2, N.2.6 table N.14. */
static const struct cper_field form_2[] = {
    {0, 8, 8, TO(status)},         {1, 16, 8, TO(address)},        {2, 24, 8, TO(address_mask)},
    {3, 32, 2, TO(node)},          {4, 34, 2, TO(card)},           {5, 36, 2, TO(module)},
    {6, 38, 2, TO(bank)},          {7, 40, 4, TO(device)},         {8, 44, 4, TO(row)},
    {9, 48, 4, TO(column)},        {10, 52, 4, TO(rank)},          {11, 56, 4, TO(bit)},
    {12, 60, 1, TO(chip)},         {13, 61, 1, TO(type)},          {14, 62, 1, TO(corrected)},
    {15, 64, 8, TO(requestor)},    {16, 72, 8, TO(responder)},     {17, 80, 8, TO(target)},
    {18, 88, 4, TO(card_handle)},  {19, 92, 4, TO(module_handle)}, {20, 39, 1, TO(bank_group)},
    {21, 38, 1, TO(bank_address)},
};

/* Extended, N.2.5: rows of 18 bits, and which chip of a stack. */
static void take_extended(struct bytes body, uint64_t valid, struct cper_memory *memory)
{
    uint64_t extended = bytes_u8(&body, FORM_1_EXTENDED);

    if (body.failed)
        return;
    if (valid >> 18 & 1 && memory->row.present)
        memory->row.value |= (extended & 3) << 16;
    if (valid >> 21 & 1)
        memory->chip = (struct cper_value){true, extended >> 5};
}

int cper_memory_of(const struct cper_section *section, struct cper_memory *ret_memory)
{
    struct bytes body = section->body;
    uint64_t valid = bytes_le64(&body, 0);
    struct cper_memory memory = {0};

    if (body.failed || (section->kind != CPER_MEMORY && section->kind != CPER_MEMORY_2))
        return ERR_FORMAT;
    if (section->kind == CPER_MEMORY) {
        cper_take_fields(&body, valid, form_1, sizeof(form_1) / sizeof(form_1[0]), &memory);
        take_extended(body, valid, &memory);
    } else {
        cper_take_fields(&body, valid, form_2, sizeof(form_2) / sizeof(form_2[0]), &memory);
        if (memory.corrected.present)
            memory.corrected.value = !(memory.corrected.value & 1);
    }
    *ret_memory = memory;
    return OK;
}

const char *cper_memory_type_text(const struct cper_memory *memory)
{
    static const char *const texts[CPER_MEMORY_TYPES] = {
        [CPER_MEMORY_UNKNOWN] = "error",
        [CPER_MEMORY_NO_ERROR] = "no error",
        [CPER_MEMORY_SINGLE_BIT] = "single-bit error",
        [CPER_MEMORY_MULTI_BIT] = "multi-bit error",
        [CPER_MEMORY_SINGLE_SYMBOL] = "single-symbol error",
        [CPER_MEMORY_MULTI_SYMBOL] = "multi-symbol error",
        [CPER_MEMORY_MASTER_ABORT] = "master abort",
        [CPER_MEMORY_TARGET_ABORT] = "target abort",
        [CPER_MEMORY_PARITY] = "parity error",
        [CPER_MEMORY_WATCHDOG] = "watchdog timeout",
        [CPER_MEMORY_INVALID_ADDRESS] = "invalid address",
        [CPER_MEMORY_MIRROR_BROKEN] = "broken mirror",
        [CPER_MEMORY_SPARING] = "sparing",
        [CPER_MEMORY_SCRUB_CORRECTED] = "error corrected by scrubbing",
        [CPER_MEMORY_SCRUB_UNCORRECTED] = "error that scrubbing could not correct",
        [CPER_MEMORY_MAP_OUT] = "memory taken out of use",
    };
    uint64_t type = cper_or_zero(memory->type);

    return type < CPER_MEMORY_TYPES ? texts[type] : texts[CPER_MEMORY_UNKNOWN];
}

const char *cper_status_text(uint64_t status)
{
    static const char *const texts[] = {
        [1] = "inside a part",
        [4] = "in memory",
        [5] = "in a translation buffer",
        [6] = "in a cache",
        [7] = "in a function unit",
        [8] = "in a self-test",
        [9] = "by an overflow of an internal queue",
        [16] = "on a bus",
        [17] = "virtual address not found",
        [18] = "improper access",
        [19] = "address that nobody has",
        [20] = "loss of lockstep",
        [21] = "response to no request",
        [22] = "parity of a bus",
        [23] = "protocol of a bus",
        [24] = "error from the path",
        [25] = "timed out",
        [26] = "poisoned data used",
    };
    uint64_t type = status >> 8 & 0xFF;

    return type < sizeof(texts) / sizeof(texts[0]) ? texts[type] : NULL;
}

static void add_number(struct text *text, const char *name, struct cper_value value)
{
    if (value.present)
        text_format(text, "%s%s %llu", text->length ? ", " : "", name,
                    (unsigned long long)value.value);
}

void cper_memory_place(const struct cper_memory *memory, struct text *text)
{
    add_number(text, "node", memory->node);
    add_number(text, "card", memory->card);
    add_number(text, "module", memory->module);
    add_number(text, "rank", memory->rank);
    if (memory->bank_group.present || memory->bank_address.present) {
        add_number(text, "bank group", memory->bank_group);
        add_number(text, "bank", memory->bank_address);
    } else {
        add_number(text, "bank", memory->bank);
    }
    add_number(text, "device", memory->device);
    add_number(text, "row", memory->row);
    add_number(text, "column", memory->column);
    add_number(text, "bit", memory->bit);
    add_number(text, "chip", memory->chip);
}

/* ---- which module */

static bool add_by_handle(const struct cper_memory *memory, const struct memory_map *map,
                          struct cper_modules *modules)
{
    if (!memory->module_handle.present)
        return false;
    for (unsigned i = 0; i < map->module_count; i++) {
        if (map->modules[i].device.handle == memory->module_handle.value) {
            modules->indices[modules->count++] = i;
            return true;
        }
    }
    return false;
}

/* The addresses the record may mean; false for none. A mask without a bit says nothing. */
static bool span(const struct cper_memory *memory, uint64_t *ret_start, uint64_t *ret_end)
{
    uint64_t mask = memory->address_mask.present ? memory->address_mask.value : UINT64_MAX;

    if (!memory->address.present || mask == 0)
        return false;
    *ret_start = memory->address.value & mask;
    *ret_end = memory->address.value | ~mask;
    return true;
}

static void add_once(struct cper_modules *modules, unsigned index)
{
    for (unsigned i = 0; i < modules->count; i++)
        if (modules->indices[i] == index)
            return;
    modules->indices[modules->count++] = index;
}

static void add_by_address(const struct cper_memory *memory, const struct memory_map *map,
                           struct cper_modules *modules)
{
    uint64_t start, end;

    if (!span(memory, &start, &end))
        return;
    for (unsigned i = 0; i < map->range_count; i++)
        if (map->ranges[i].start <= end && start <= map->ranges[i].end)
            add_once(modules, map->ranges[i].module);
}

static bool has(const struct cper_modules *modules, unsigned index)
{
    for (unsigned i = 0; i < modules->count; i++)
        if (modules->indices[i] == index)
            return true;
    return false;
}

int cper_memory_modules(const struct cper_memory *memory, const struct memory_map *map,
                        struct cper_modules *ret_modules)
{
    struct cper_modules named = {.by_handle = true}, around = {0};

    add_by_address(memory, map, &around);
    if (add_by_handle(memory, map, &named)) {
        named.contradicted = around.count && !has(&around, named.indices[0]);
        *ret_modules = named;
    } else if (around.count) {
        *ret_modules = around;
    } else {
        return ERR_ABSENT;
    }
    return OK;
}
