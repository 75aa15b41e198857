/*
 * Error records of any bytes, as a record and as a region of blocks: every walk ends, no section
 * leaves the bytes, and all that is in one can be read.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "sensors/cper_memory.h"
#include "sensors/cper_pcie.h"
#include "sensors/cper_processor.h"
#include "sensors/prior.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BANKS_MAX = 288 };

static struct memory_map map = {
    .modules = {{.device = {.handle = 0x1100}}, {.device = {.handle = 14}}},
    .module_count = 2,
    .ranges = {{0, 0, 0x7FFFFFFF, 0, 0}, {1, 0x40000000, 0xFFFFFFFFF, 0, 0}},
    .range_count = 2,
};

static void check(bool right)
{
    if (!right)
        __builtin_trap();
}

static void check_absent(struct cper_value value)
{
    check(value.present || value.value == 0);
}

static void read_memory(const struct cper_section *section)
{
    struct cper_modules modules;
    struct cper_memory memory;
    char buffer[256];
    struct text text = text_in(buffer, sizeof(buffer));

    if (cper_memory_of(section, &memory) != OK)
        return;
    check_absent(memory.address);
    check_absent(memory.chip);
    check_absent(memory.module_handle);
    check(cper_memory_type_text(&memory) != NULL);
    (void)cper_status_text(memory.status.value);
    cper_memory_place(&memory, &text);
    if (cper_memory_modules(&memory, &map, &modules) != OK)
        return;
    check(modules.count > 0 && modules.count <= map.module_count);
    for (unsigned i = 0; i < modules.count; i++)
        check(modules.indices[i] < map.module_count);
}

static void read_x86(const struct cper_section *section)
{
    struct cper_x86_context context;
    struct cper_x86_error error;
    struct cper_bank bank;
    struct cper_x86 x86;
    unsigned count = 0;

    if (cper_x86_begin(section, &x86) != OK)
        return;
    while (cper_x86_next_error(&x86, &error)) {
        check(cper_check_text(error.check) != NULL);
        check_absent(error.level);
        count++;
    }
    while (cper_x86_next_context(&x86, &context)) {
        unsigned banks = 0;

        while (banks < 4 && cper_x86_bank(&context, banks, &bank) == OK)
            banks++;
        check(context.registers.size <= section->body.size);
        count++;
    }
    check(count <= 126);
}

static void read_section(const struct cper_section *section)
{
    struct cper_machine_check machine_check;
    struct cper_processor processor;
    struct cper_firmware firmware;
    struct cper_pcie pcie;
    char buffer[256];
    struct text text = text_in(buffer, sizeof(buffer));

    check(cper_kind_text(section->kind) != NULL && cper_severity_text(section->severity) != NULL);
    cper_guid_text(&text, &section->type);
    check(text.length == 36);
    read_memory(section);
    read_x86(section);
    if (cper_processor_of(section, &processor) == OK)
        cper_processor_errors(&text, processor.errors.value);
    (void)cper_machine_check_of(section, &machine_check);
    if (cper_firmware_of(section, &firmware) == OK)
        check(firmware.log_size < section->body.size);
    if (cper_pcie_of(section, &pcie) == OK) {
        cper_pcie_place(&pcie, &text);
        aer_corrected_text(&text, pcie.aer.corrected);
        aer_uncorrected_text(&text, pcie.aer.uncorrected);
    }
}

static void read_walk(struct cper_walk *walk, const uint8_t *data, size_t size)
{
    struct cper_section section;
    unsigned count = 0;

    while (cper_next(walk, &section)) {
        const struct bytes *body = &section.body;

        check(body->size > 0 && body->data >= data && body->data + body->size <= data + size);
        read_section(&section);
        count++;
    }
    check(count <= CPER_SECTIONS_MAX);
    check(!cper_next(walk, &section));
}

/* The same bytes as rows of what was recorded before the run. */
static void read_rows(const uint8_t *data, size_t size)
{
    struct event_prior_error rows[4];
    struct prior_list list = {.rows = rows, .limit = 4, .map = &map};

    (void)prior_add_region(&list, data, size);
    (void)prior_add_record(&list, data, size);
    check(list.count <= list.limit && (!list.lost || list.count == list.limit));
    for (unsigned i = 0; i < list.count; i++) {
        check(rows[i].kind < PRIOR_KINDS && rows[i].severity < PRIOR_SEVERITIES);
        check(rows[i].part <= map.module_count && rows[i].other <= map.module_count);
        check(rows[i].text[0] != '\0');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cper_region region = cper_region_begin(data, size);
    struct cper_record record;
    struct cper_block block;
    struct cper_walk walk;

    read_rows(data, size);
    if (cper_record_begin(data, size, &record, &walk) == OK)
        read_walk(&walk, data, size);
    while (cper_region_next(&region, &block, &walk))
        read_walk(&walk, data, size);
    check(region.count <= CPER_BLOCKS_MAX);
    return 0;
}
