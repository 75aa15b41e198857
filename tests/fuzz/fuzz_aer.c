/*
 * Configuration spaces of any bytes: the walks over the capabilities end, within the bytes.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "sensors/aer_watch.h"
#include "sensors/link_watch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A space whose registers fail from some offset on. */
struct space {
    const uint8_t *data;
    size_t size, reads;
    uint16_t at; /* where the error registers begin */
};

static int read_space(void *context, uint16_t offset, uint32_t *ret_value)
{
    struct space *space = context;

    if (offset % 4 != 0 || offset >= PCIE_CONFIG_SIZE || ++space->reads > 2000)
        __builtin_trap();
    if ((size_t)offset + 4 > space->size)
        return ERR_IO;
    *ret_value = space->data[offset] | (uint32_t)space->data[offset + 1] << 8 |
                 (uint32_t)space->data[offset + 2] << 16 | (uint32_t)space->data[offset + 3] << 24;
    return OK;
}

/* Only the two status registers are written, and never a bit that healthy machines show. */
static int write_space(void *context, uint16_t offset, uint32_t value)
{
    const struct space *space = context;

    if ((offset != space->at + 0x04 || value & AER_NO_UNCORRECTED) &&
        (offset != space->at + 0x10 || value & AER_NO_CORRECTED))
        __builtin_trap();
    return OK;
}

static void watch(struct space *space, const struct pcie_device *device)
{
    struct pcie_access access = {.context = space, .read = read_space, .write = write_space};
    struct event_pcie_error error = {.place = ""};
    struct aer_watched watched;

    space->reads = 0;
    space->at = device->aer_at;
    if (aer_watch_begin(&access, device, &watched) == OK &&
        aer_watch_look(&access, &watched, &error))
        __builtin_trap(); /* nothing that stands and does not go is told of */
}

/* Registers that stay as they are tell of no change, whatever they hold; nothing is written. */
static void watch_link(struct space *space)
{
    struct pcie_access access = {.context = space, .read = read_space};
    struct event_pcie_link told;
    struct link_watched watched;

    space->reads = 0;
    if (link_watch_begin(&access, space->size % 2 ? &access : NULL, &watched))
        return;
    if (!link_watch_look(&access, &access, &watched, false, &told) || !told.text[0])
        __builtin_trap();
    for (unsigned i = 0; i < 3; i++) {
        if (link_watch_look(&access, &access, &watched, true, &told))
            __builtin_trap();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct space space = {.data = data, .size = size};
    struct pcie_access access = {.context = &space, .read = read_space};
    struct pcie_device device = {0}, again = {0};
    char buffer[600];
    struct text text = text_in(buffer, sizeof(buffer));
    int error = pcie_read(data, size, &device);

    if (pcie_read_by(&access, &again) != error || device.has_aer != again.has_aer ||
        device.aer.corrected != again.aer.corrected || (device.has_aer && !device.has_pcie))
        __builtin_trap();
    watch(&space, &again);
    watch_link(&space);
    aer_corrected_text(&text, device.aer.corrected);
    aer_uncorrected_text(&text, device.aer.uncorrected);
    if (!pcie_speed_text(device.pcie.speed) || !pcie_port_text(device.pcie.port))
        __builtin_trap();
    return 0;
}
