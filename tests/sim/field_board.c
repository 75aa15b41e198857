/*
 * What a field machine's BMC wrote down before the run, and the error registers (AER) of the
 * links to its NVMe drives. Bits and numbers are those of PCI Express Base 6.0, section 7.8.4, and
 * of IPMI 2.0, section 32 and table 42-3.
 */
#include <string.h>

#include "base/error.h"
#include "base/prng.h"
#include "base/text.h"
#include "tests/sim/field.h"

enum { SECOND_US = 1000000, AER_AT = 0x100, AT_UNCORRECTED = 0x104, AT_CORRECTED = 0x110 };

static const uint32_t run_day = 1767225600; /* 2026-01-01, the day of all runs here */

/* ---- the event log */

static uint8_t *add_record(struct field_machine *field, uint32_t time)
{
    unsigned index = field->log_count++;
    uint8_t *record = field->log[index];

    memset(record, 0, sizeof(field->log[index]));
    record[0] = (uint8_t)(index + 1);
    record[2] = 0x02;
    for (unsigned i = 0; i < 4; i++)
        record[3 + i] = (uint8_t)(time >> 8 * i);
    record[7] = 0x20; /* the BMC said so */
    record[9] = 0x04;
    record[12] = 0x6F;
    record[14] = record[15] = 0xFF;
    return record;
}

/* What every log is full of: it was cleared, the machine started, drives are there. */
void field_deal_log(struct field_machine *field)
{
    static const uint8_t harmless[][2] = {
        {0x10, 0x02}, {0x1D, 0x00}, {0x12, 0x01}, {0x1F, 0x01}, {0x0D, 0x00}, {0x23, 0x00},
    };
    uint32_t time = run_day - 86400 * (uint32_t)field_from(field, 10, 400);
    uint64_t count = field_chance(field, 20) ? 0 : field_from(field, 1, 12);

    for (uint64_t i = 0; i < count; i++) {
        const uint8_t *event = harmless[i ? field_below(field, 5) : 0];
        uint8_t *record = add_record(field, time);

        record[10] = event[0];
        record[11] = (uint8_t)(0x80 + event[0]);
        record[13] = event[1];
        time += (uint32_t)field_from(field, 60, 60000);
    }
}

/* One to three errors that were not corrected, in the last weeks. */
void field_add_logged(struct field_machine *field)
{
    uint64_t count = field_from(field, 1, 3);

    for (uint64_t i = 0; i < count; i++) {
        uint8_t *record =
            add_record(field, run_day - 86400 * (uint32_t)field_from(field, 1, 6) - (uint32_t)i);

        record[10] = 0x0C;
        record[11] = 0x87;
        record[13] = 0x01;
    }
}

/* ---- error registers */

static int read_config(void *context, uint16_t offset, uint32_t *ret_value)
{
    const struct field_link *link = context;

    *ret_value = 0;
    if (offset == 0)
        *ret_value = 0xA80A144D;
    else if (offset == AT_UNCORRECTED)
        *ret_value = link->uncorrected;
    else if (offset == AT_CORRECTED)
        *ret_value = link->corrected;
    return OK;
}

/* A bit goes when it is written as 1. */
static int write_config(void *context, uint16_t offset, uint32_t value)
{
    struct field_link *link = context;

    if (offset == AT_UNCORRECTED)
        link->uncorrected &= ~value;
    else if (offset == AT_CORRECTED)
        link->corrected &= ~value;
    return OK;
}

static struct pcie_access access_to(struct field_link *link)
{
    return (struct pcie_access){.context = link, .read = read_config, .write = write_config};
}

/* What is left from before, by searching for devices or by an earlier run, says nothing; nor do
 * advisory errors and requests that are not supported. */
void field_deal_links(struct field_machine *field)
{
    for (unsigned i = 0; i < field->drive_count; i++) {
        struct field_link *link = &field->links[i];

        if (field_chance(field, 40))
            link->uncorrected = 1 << 20;
        if (field_chance(field, 40))
            link->corrected = 1 << 13 | (field_chance(field, 30) ? 1 << 0 : 0);
        link->harmless_permille = field_chance(field, 20) ? (uint32_t)field_from(field, 5, 200) : 0;
    }
}

/* Corrected errors again and again, or one that was not corrected. */
void field_add_link_errors(struct field_machine *field, unsigned drive, uint64_t at_us)
{
    static const uint8_t corrected[] = {0, 6, 7, 8, 12}, uncorrected[] = {4, 12, 14, 18};
    struct field_link *link = &field->links[drive];

    link->next_us = field_chance(field, 30) ? 5 * SECOND_US : at_us;
    if (field_chance(field, 30)) {
        link->bad_uncorrected = (uint32_t)1 << uncorrected[field_below(field, 4)];
        return;
    }
    link->bad_corrected = (uint32_t)1 << corrected[field_below(field, 5)];
    if (field_chance(field, 40))
        link->bad_corrected |= (uint32_t)1 << corrected[field_below(field, 5)];
    link->every_us = field_from(field, 1, 12) * SECOND_US;
}

void field_begin_links(struct field_machine *field)
{
    const struct pcie_device device = {
        .vendor = 0x144D, .device = 0xA80A, .has_aer = true, .aer_at = AER_AT};

    for (unsigned i = 0; i < field->drive_count; i++) {
        struct pcie_access access = access_to(&field->links[i]);

        if (field->drives[i].kind == DRIVE_NVME)
            (void)aer_watch_begin(&access, &device, &field->links[i].watched);
    }
}

static void raise_errors(struct field_machine *field, struct field_link *link)
{
    if (prng_below(&field->noise, 1000) < link->harmless_permille)
        link->corrected |= 1 << 13, link->uncorrected |= 1 << 20;
    if (!link->next_us || field->time.now_us < link->next_us)
        return;
    link->corrected |= link->bad_corrected;
    link->uncorrected |= link->bad_uncorrected;
    link->next_us = link->every_us ? field->time.now_us + link->every_us : 0;
}

unsigned field_pcie_errors(struct event_pcie_error *ret, unsigned limit)
{
    struct field_machine *field = field_running;
    unsigned count = 0;

    for (unsigned i = 0; i < field->drive_count && count < limit; i++) {
        struct field_link *link = &field->links[i];
        struct pcie_access access = access_to(link);

        if (field->drives[i].kind != DRIVE_NVME)
            continue;
        raise_errors(field, link);
        memset(&ret[count], 0, sizeof(ret[count]));
        if (!aer_watch_look(&access, &link->watched, &ret[count]))
            continue;
        format_text(ret[count].place, NAME_SIZE, "0000:%02x:00.0", i + 1);
        format_text(ret[count].port, NAME_SIZE, "0000:00:1%x.0", i);
        count++;
    }
    return count;
}
