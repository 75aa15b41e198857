#include "sensors/prior.h"

#include "base/calendar.h"
#include "base/error.h"
#include "base/text.h"
#include "sensors/cper.h"
#include "sensors/cper_memory.h"
#include "sensors/cper_pcie.h"
#include "sensors/cper_processor.h"

static uint8_t severity_of(uint32_t severity)
{
    switch (severity) {
    case CPER_RECOVERABLE:
        return PRIOR_RECOVERABLE;
    case CPER_FATAL:
        return PRIOR_FATAL;
    case CPER_CORRECTED:
        return PRIOR_CORRECTED;
    default:
        return PRIOR_INFORMATION;
    }
}

static void take_time(const struct cper_time *time, struct event_prior_error *row)
{
    if (!time->present)
        return;
    row->time_s = calendar_seconds(time->year, time->month, time->day, time->hour, time->minute,
                                   time->second);
    format_text(row->when, sizeof(row->when), "%04u-%02u-%02u %02u:%02u:%02u", time->year,
                time->month, time->day, time->hour, time->minute, time->second);
}

/* ---- sections */

static void name_modules(const struct cper_memory *memory, const struct memory_map *map,
                         struct event_prior_error *row, struct text *text)
{
    struct cper_modules modules;

    if (!map || cper_memory_modules(memory, map, &modules) || modules.count > 2)
        return;
    row->part = (part_id)(modules.indices[0] + 1);
    if (modules.count == 2)
        row->other = (part_id)(modules.indices[1] + 1);
    if (modules.contradicted)
        text_add(text, "; by the map of memory its address lies in another module");
}

static void take_memory(const struct cper_section *section, const struct memory_map *map,
                        struct event_prior_error *row, struct text *text)
{
    struct cper_memory memory;
    char place[TEXT_SIZE / 2];
    struct text where = text_in(place, sizeof(place));

    row->kind = PRIOR_MEMORY;
    if (cper_memory_of(section, &memory))
        return;
    if (memory.type.present && memory.type.value == CPER_MEMORY_NO_ERROR)
        row->severity = PRIOR_INFORMATION;
    row->has_address = memory.address.present;
    row->address = memory.address.value;
    text_format(text, ": %s", cper_memory_type_text(&memory));
    if (row->has_address)
        text_format(text, " at 0x%llx", (unsigned long long)row->address);
    cper_memory_place(&memory, &where);
    if (where.length)
        text_format(text, ", %s", place);
    name_modules(&memory, map, row, text);
}

static void take_bank(const struct cper_bank *bank, struct event_prior_error *row,
                      struct text *text)
{
    row->bank = bank->bank;
    row->status = bank->status;
    text_format(text, ", bank %u, status 0x%llx", bank->bank, (unsigned long long)bank->status);
    if (bank->address.present)
        text_format(text, ", address 0x%llx", (unsigned long long)bank->address.value);
}

static void take_x86(const struct cper_section *section, struct event_prior_error *row,
                     struct text *text)
{
    struct cper_x86 x86;
    struct cper_x86_error error;
    struct cper_x86_context context;
    struct cper_bank bank;

    if (cper_x86_begin(section, &x86))
        return;
    if (x86.apic_id.present)
        text_format(text, ", APIC id %llu", (unsigned long long)x86.apic_id.value);
    if (cper_x86_next_error(&x86, &error))
        text_format(text, ": %s", cper_check_text(error.check));
    while (cper_x86_next_context(&x86, &context)) {
        if (cper_x86_bank(&context, 0, &bank) == OK) {
            take_bank(&bank, row, text);
            return;
        }
    }
}

static void take_processor(const struct cper_section *section, struct event_prior_error *row,
                           struct text *text)
{
    struct cper_processor processor;
    struct cper_machine_check check;

    row->kind = PRIOR_PROCESSOR;
    if (cper_processor_of(section, &processor) == OK) {
        if (processor.id.present)
            text_format(text, ", APIC id %llu", (unsigned long long)processor.id.value);
        if (processor.errors.present) {
            text_add(text, ": ");
            cper_processor_errors(text, processor.errors.value);
        }
    } else if (cper_machine_check_of(section, &check) == OK) {
        take_bank(&check.bank, row, text);
    } else {
        take_x86(section, row, text);
    }
}

static void take_pcie(const struct cper_section *section, struct event_prior_error *row,
                      struct text *text)
{
    struct cper_pcie pcie;
    struct text place = text_in(row->place, sizeof(row->place));

    row->kind = PRIOR_PCIE;
    if (cper_pcie_of(section, &pcie))
        return;
    cper_pcie_place(&pcie, &place);
    if (place.length)
        text_format(text, ", at %s", row->place);
    if (pcie.has_device)
        text_format(text, " (%04x:%04x)", pcie.vendor, pcie.device_id);
    if (pcie.has_aer && pcie.aer.uncorrected) {
        text_add(text, ": ");
        aer_uncorrected_text(text, pcie.aer.uncorrected);
    } else if (pcie.has_aer && pcie.aer.corrected) {
        text_add(text, ": ");
        aer_corrected_text(text, pcie.aer.corrected);
    }
}

static void take_section(const struct cper_section *section, const struct memory_map *map,
                         struct event_prior_error *row)
{
    struct text text = text_in(row->text, sizeof(row->text));

    row->severity = severity_of(section->severity);
    if (section->name[0])
        text_format(&text, "%s: ", section->name);
    text_format(&text, "%s, %s", cper_kind_text(section->kind),
                cper_severity_text(section->severity));
    switch (section->kind) {
    case CPER_MEMORY:
    case CPER_MEMORY_2:
        take_memory(section, map, row, &text);
        break;
    case CPER_PROCESSOR:
    case CPER_PROCESSOR_X86:
    case CPER_MACHINE_CHECK:
        take_processor(section, row, &text);
        break;
    case CPER_PCIE:
        take_pcie(section, row, &text);
        break;
    default:
        row->kind = PRIOR_OTHER;
        break;
    }
}

static int take_sections(struct prior_list *list, struct cper_walk *walk,
                         const struct event_prior_error *common, bool simulated)
{
    struct cper_section section;

    while (cper_next(walk, &section)) {
        struct event_prior_error row = *common;

        if (list->count == list->limit) {
            list->lost++;
            continue;
        }
        take_time(&section.time, &row);
        take_section(&section, list->map, &row);
        if (simulated)
            row.severity = PRIOR_INFORMATION;
        list->rows[list->count++] = row;
    }
    return walk->error;
}

/* ---- envelopes */

int prior_add_region(struct prior_list *list, const void *region, size_t size)
{
    const struct event_prior_error common = {.origin = PRIOR_BERT};
    struct cper_region blocks = cper_region_begin(region, size);
    struct cper_block block;
    struct cper_walk walk;
    int error = OK;

    while (cper_region_next(&blocks, &block, &walk)) {
        int broken = take_sections(list, &walk, &common, false);

        error = error ? error : broken;
    }
    return error ? error : blocks.error;
}

int prior_add_record(struct prior_list *list, const void *bytes, size_t size)
{
    struct event_prior_error common = {.origin = PRIOR_VARIABLE};
    struct cper_record record;
    struct cper_walk walk;
    int error = cper_record_begin(bytes, size, &record, &walk);

    if (error)
        return error;
    take_time(&record.time, &common);
    return take_sections(list, &walk, &common, record.simulated);
}
