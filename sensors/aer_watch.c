#include "sensors/aer_watch.h"

#include "base/error.h"

enum { AT_UNCORRECTED = 0x04, AT_CORRECTED = 0x10 };

enum { AER_LOG_FULL = 1 << 15 };

static bool answers(const struct pcie_access *access, const struct aer_watched *watched)
{
    uint32_t identity;

    return access->read(access->context, 0, &identity) == OK && identity == watched->identity;
}

/* Bits of a status register that are not among `still`; they are cleared. Those that do not go are
 * added to `still`, those that went since are taken out. */
static uint32_t take(const struct pcie_access *access, uint16_t at, uint32_t left_alone,
                     uint32_t *still)
{
    uint32_t bits, after, new_bits;

    if (access->read(access->context, at, &bits) != OK || bits == UINT32_MAX)
        return 0;
    bits &= ~left_alone;
    new_bits = bits & ~*still;
    *still &= bits;
    if (!new_bits || access->write(access->context, at, new_bits) != OK)
        return new_bits;
    if (access->read(access->context, at, &after) == OK && after != UINT32_MAX)
        *still |= after & new_bits;
    return new_bits;
}

static void look(const struct pcie_access *access, struct aer_watched *watched,
                 uint32_t *ret_corrected, uint32_t *ret_uncorrected)
{
    *ret_uncorrected =
        take(access, watched->at + AT_UNCORRECTED, AER_NO_UNCORRECTED, &watched->uncorrected);
    *ret_corrected = take(access, watched->at + AT_CORRECTED, AER_NO_CORRECTED | AER_LOG_FULL,
                          &watched->corrected);
}

int aer_watch_begin(const struct pcie_access *access, const struct pcie_device *device,
                    struct aer_watched *ret_watched)
{
    uint32_t corrected, uncorrected;

    if (!device->has_aer)
        return ERR_ABSENT;
    *ret_watched = (struct aer_watched){
        .identity = device->vendor | (uint32_t)device->device << 16,
        .at = device->aer_at,
    };
    if (!answers(access, ret_watched))
        return ERR_ABSENT;
    look(access, ret_watched, &corrected, &uncorrected);
    return OK;
}

bool aer_watch_look(const struct pcie_access *access, struct aer_watched *watched,
                    struct event_pcie_error *ret_error)
{
    struct text text = text_in(ret_error->text, sizeof(ret_error->text));

    if (!answers(access, watched))
        return false;
    look(access, watched, &ret_error->corrected, &ret_error->uncorrected);
    aer_uncorrected_text(&text, ret_error->uncorrected);
    if (ret_error->corrected && ret_error->uncorrected)
        text_add(&text, ", ");
    aer_corrected_text(&text, ret_error->corrected);
    return ret_error->corrected || ret_error->uncorrected;
}
