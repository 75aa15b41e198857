/*
 * HEST: the sources of hardware errors (ACPI 6.5, section 18.3.2).
 */
#include "base/error.h"
#include "sensors/acpi_fields.h"

enum {
    AT_COUNT = 36,
    AT_SOURCES = 40,
    BANK_SIZE = 28,
    FLAG_FIRMWARE_FIRST = 1,
    FLAG_GLOBAL = 2,
    FLAG_ASSISTED = 4,
    NO_RELATED = 0xFFFF,
};

/* How long a source is, 0 for a kind that is not known: tables 18.4 to 18.13 and 18.18. */
static size_t source_size(struct bytes *table, size_t at, uint16_t type)
{
    switch (type) {
    case HEST_MACHINE_CHECK:
        return 40 + (size_t)bytes_u8(table, at + 32) * BANK_SIZE;
    case HEST_CORRECTED_MACHINE_CHECK:
    case HEST_DEFERRED_MACHINE_CHECK:
        return 48 + (size_t)bytes_u8(table, at + 44) * BANK_SIZE;
    case HEST_NMI:
        return 20;
    case HEST_AER_ROOT:
        return 48;
    case HEST_AER_DEVICE:
        return 44;
    case HEST_AER_BRIDGE:
        return 56;
    case HEST_GENERIC:
        return 64;
    case HEST_GENERIC_2:
        return 92;
    default:
        return 0;
    }
}

/* Machine checks and AER have flags, table 18.4; generic sources say whom they speak for. */
static void read_source(struct bytes *table, size_t at, struct hest_source *source)
{
    uint8_t flags = bytes_u8(table, at + 6);

    source->firmware_first = flags & FLAG_FIRMWARE_FIRST;
    source->assisted = flags & FLAG_ASSISTED;
    switch (source->type) {
    case HEST_MACHINE_CHECK:
        source->banks = bytes_u8(table, at + 32);
        break;
    case HEST_CORRECTED_MACHINE_CHECK:
    case HEST_DEFERRED_MACHINE_CHECK:
        source->notification = bytes_u8(table, at + 16);
        source->banks = bytes_u8(table, at + 44);
        break;
    case HEST_AER_ROOT:
    case HEST_AER_DEVICE:
    case HEST_AER_BRIDGE:
        source->global = flags & FLAG_GLOBAL;
        source->bus = bytes_u8(table, at + 16);
        source->device = (uint8_t)bytes_le16(table, at + 20);
        source->function = (uint8_t)bytes_le16(table, at + 22);
        break;
    default:
        break;
    }
}

static void read_generic(struct bytes *table, size_t at, struct hest_source *source)
{
    source->related = bytes_le16(table, at + 4);
    source->status = acpi_address_at(table, at + 20);
    source->notification = bytes_u8(table, at + 32);
    source->block_size = bytes_le32(table, at + 60);
}

static bool is_generic(uint16_t type)
{
    return type == HEST_GENERIC || type == HEST_GENERIC_2;
}

int hest_begin(const void *table, size_t size, struct hest_walk *ret_walk)
{
    struct hest_walk walk = {.offset = AT_SOURCES};
    size_t length;
    int error = acpi_check_table(table, size, "HEST", &length);

    if (error != OK)
        return error;
    walk.table = bytes_of(table, length);
    walk.left = bytes_le32(&walk.table, AT_COUNT);
    if (walk.table.failed)
        return ERR_FORMAT;
    if (walk.left > HEST_SOURCES_MAX) {
        walk.left = HEST_SOURCES_MAX;
        walk.error = ERR_FULL;
    }
    *ret_walk = walk;
    return OK;
}

bool hest_next(struct hest_walk *walk, struct hest_source *ret_source)
{
    struct bytes table = walk->table;
    size_t at = walk->offset;
    struct hest_source source = {.type = bytes_le16(&table, at), .related = NO_RELATED};
    size_t size = source_size(&table, at, source.type);

    if (walk->left == 0)
        return false;
    if (table.failed || size == 0 || !bytes_have(&table, at, size)) {
        walk->error = table.failed ? ERR_FORMAT : ERR_UNSUPPORTED;
        walk->left = 0;
        return false;
    }
    source.id = bytes_le16(&table, at + 2);
    source.enabled = source.type == HEST_NMI || bytes_u8(&table, at + 7);
    if (is_generic(source.type))
        read_generic(&table, at, &source);
    else if (source.type != HEST_NMI)
        read_source(&table, at, &source);
    walk->left--;
    walk->offset += size;
    *ret_source = source;
    return true;
}

static void add_to_view(const struct hest_source *source, struct hest_view *view)
{
    if (!source->enabled)
        return;
    view->sources++;
    view->blocks += is_generic(source->type);
    switch (source->type) {
    case HEST_MACHINE_CHECK:
        view->machine_checks_first |= source->firmware_first;
        break;
    case HEST_CORRECTED_MACHINE_CHECK:
        view->corrected_first |= source->firmware_first;
        break;
    case HEST_AER_ROOT:
    case HEST_AER_DEVICE:
    case HEST_AER_BRIDGE:
        view->aer_first |= source->firmware_first;
        break;
    default:
        break;
    }
}

int hest_view(const void *table, size_t size, struct hest_view *ret_view)
{
    struct hest_view view = {0};
    struct hest_source source;
    struct hest_walk walk;
    int error = hest_begin(table, size, &walk);

    if (error != OK)
        return error;
    while (hest_next(&walk, &source))
        add_to_view(&source, &view);
    view.complete = walk.error == OK;
    *ret_view = view;
    return OK;
}
