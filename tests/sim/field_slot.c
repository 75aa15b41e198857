/*
 * A card in a slot of a field machine: the registers of both ends of its link, by PCI Express Base
 * 6.0, section 7.5.3, and what becomes of its speed and width.
 */
#include "base/error.h"
#include "base/prng.h"
#include "base/text.h"
#include "tests/sim/field.h"

enum { SECOND_US = 1000000, CAPABILITY = 0x40, ROOT_PORT = 4 };

enum { TRAINS = 1 << 11, ACTIVE = 1 << 13, MANAGED = 1 << 14, AUTONOMOUS = 1 << 15 };

static uint32_t link_status(const struct field_slot *slot)
{
    uint8_t speed = slot->is_low ? slot->low_speed : slot->speed;
    uint8_t width = slot->is_low ? slot->low_width : slot->width;
    uint32_t status = ACTIVE | (slot->was_low ? MANAGED : 0);

    if (slot->trains)
        status = TRAINS | 1;
    else if (slot->rests)
        status |= AUTONOMOUS | 1 | (uint32_t)width << 4;
    else
        status |= speed | (uint32_t)width << 4;
    return status << 16;
}

static uint32_t register_of(const struct field_end *end, uint16_t offset)
{
    const struct field_slot *slot = end->slot;

    switch (offset) {
    case 0x00:
        return end->is_port ? 0x460D8086 : 0x15B38086;
    case 0x04:
        return 1 << 20;
    case 0x08:
        return end->is_port ? 0x06040000 : slot->class_code << 8;
    case 0x34:
        return CAPABILITY;
    case CAPABILITY:
        return 0x10 | (uint32_t)(2 | (end->is_port ? ROOT_PORT << 4 : 0)) << 16;
    case CAPABILITY + 0x0C:
        return slot->speed | (uint32_t)slot->width << 4 | (end->is_port ? 3 << 20 : 0);
    case CAPABILITY + 0x10:
        return link_status(slot);
    case CAPABILITY + 0x30:
        return slot->speed;
    default:
        return 0;
    }
}

static int read_register(void *context, uint16_t offset, uint32_t *ret_value)
{
    *ret_value = register_of(context, offset);
    return OK;
}

static int write_register(void *context, uint16_t offset, uint32_t value)
{
    (void)context, (void)offset, (void)value;
    return ERR_IO; /* nobody is to */
}

static struct pcie_access access_to(struct field_end *end)
{
    return (struct pcie_access){.context = end, .read = read_register, .write = write_register};
}

/* Healthy links rest while nobody needs them, those of graphics as they like; some train anew now
 * and then. */
void field_deal_slot(struct field_machine *field)
{
    static const uint8_t widths[] = {1, 4, 8, 16};
    struct field_slot *slot = &field->slot;

    slot->fitted = field_chance(field, 50);
    slot->class_code = field_chance(field, 30) ? 0x030000 : 0x020000;
    slot->speed = (uint8_t)field_from(field, 2, 5);
    slot->width = widths[field_below(field, 4)];
    slot->rests_permille = field_chance(field, 40) ? (uint32_t)field_from(field, 20, 400) : 0;
    slot->trains_permille = field_chance(field, 20) ? (uint32_t)field_from(field, 1, 20) : 0;
    for (unsigned i = 0; i < 2; i++)
        slot->ends[i] = (struct field_end){.slot = slot, .is_port = i == 1};
}

/* Where graphics change their link as they like, nothing can be told. */
bool field_slot_can_show(const struct field_machine *field)
{
    return field->slot.fitted && field->slot.width > 1 && field->slot.class_code != 0x030000;
}

/* It comes up again with half of its lanes or fewer, and now and then with less of its speed too;
 * after a while some are what they were, until the next time. */
void field_add_low_link(struct field_machine *field, uint64_t at_us)
{
    struct field_slot *slot = &field->slot;

    slot->low_us = at_us;
    slot->low_width = slot->width > 4 && field_chance(field, 50) ? 4 : 1;
    slot->low_speed = field_chance(field, 30) ? 1 : slot->speed;
    slot->low_for_us = field_chance(field, 30) ? field_from(field, 10, 20) * SECOND_US : 0;
}

void field_begin_slot(struct field_machine *field)
{
    struct field_slot *slot = &field->slot;
    struct pcie_access device = access_to(&slot->ends[0]), port = access_to(&slot->ends[1]);

    if (slot->fitted && link_watch_begin(&device, &port, &slot->watched))
        slot->fitted = false;
    slot->watched.varies = slot->class_code == 0x030000;
}

static void change(struct field_machine *field, struct field_slot *slot)
{
    uint64_t now_us = field->time.now_us;

    slot->is_low = slot->low_us && now_us >= slot->low_us &&
                   (!slot->low_for_us || now_us < slot->low_us + slot->low_for_us);
    slot->was_low |= slot->is_low;
    slot->rests = prng_below(&field->noise, 1000) < slot->rests_permille;
    slot->trains = prng_below(&field->noise, 1000) < slot->trains_permille;
}

unsigned field_pcie_links(bool loaded, struct event_pcie_link *ret, unsigned limit)
{
    struct field_slot *slot = &field_running->slot;
    struct pcie_access device = access_to(&slot->ends[0]), port = access_to(&slot->ends[1]);

    if (!slot->fitted || !limit)
        return 0;
    change(field_running, slot);
    if (!link_watch_look(&device, &port, &slot->watched, loaded, ret))
        return 0;
    copy_text(ret->device, NAME_SIZE, "0000:09:00.0");
    copy_text(ret->port, NAME_SIZE, "0000:00:01.0");
    return 1;
}
