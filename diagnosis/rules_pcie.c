/*
 * Errors of PCI Express links in the run.
 */
#include "base/bits.h"
#include "diagnosis/conditions.h"

enum { CORRECTED_REPEATED = 2 };

static const struct evidence_link *link_at(const struct evidence *evidence, unsigned index)
{
    return &evidence->links[index];
}

bool link_uncorrected(const struct evidence *evidence, unsigned index)
{
    return link_at(evidence, index)->uncorrected_looks > 0;
}

/* The registers tell of which kind, and not how often: errors of two kinds are two, and so are
 * those that were there each time somebody looked. */
bool link_corrected_repeatedly(const struct evidence *evidence, unsigned index)
{
    const struct evidence_link *link = link_at(evidence, index);

    return link->corrected_looks >= CORRECTED_REPEATED ||
           count_bits(link->corrected) >= CORRECTED_REPEATED;
}

bool link_corrected(const struct evidence *evidence, unsigned index)
{
    return link_at(evidence, index)->corrected_looks > 0;
}

bool link_has_errors_at(const struct evidence *evidence, const char *place)
{
    for (unsigned i = 0; i < evidence->link_count; i++) {
        const struct evidence_link *link = link_at(evidence, i);

        if (place[0] && (text_equal(place, link->place) || text_equal(place, link->device)))
            return link->corrected_looks || link->uncorrected_looks;
    }
    return false;
}

/* "0000:01:00.0" is the controller of the drive at "NVMe 01:00.0". */
part_id link_drive(const struct evidence *evidence, unsigned index)
{
    const char *device = link_at(evidence, index)->device;

    if (!text_starts(device, "0000:"))
        return 0;
    for (unsigned i = 0; i < evidence->drive_count; i++) {
        const char *place = evidence_part(evidence, evidence->drives[i].part)->place;

        while (*place && *place != ' ')
            place++;
        if (*place && text_starts(place + 1, device + 5))
            return evidence->drives[i].part;
    }
    return 0;
}

void tell_pcie_errors(const struct evidence *evidence, unsigned index, struct text *text)
{
    const struct evidence_link *link = link_at(evidence, index);
    const struct evidence_part *drive = evidence_part(evidence, link_drive(evidence, index));

    text_format(text, "in the run the error registers of %s told of: %s", link->device, link->text);
    text_format(text, "; new corrected errors %u times, uncorrected %u times",
                link->corrected_looks, link->uncorrected_looks);
    if (drive->known && drive->kind == PART_DISK)
        text_format(text, "; behind it is %s", drive->serial[0] ? drive->serial : drive->name);
}
