/*
 * PCI Express links: their errors in the run, and what became of their speed and width.
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

bool link_lost(const struct evidence *evidence, unsigned index)
{
    return link_at(evidence, index)->lost;
}

bool link_narrower(const struct evidence *evidence, unsigned index)
{
    return link_at(evidence, index)->narrower;
}

bool link_slower(const struct evidence *evidence, unsigned index)
{
    return link_at(evidence, index)->slower;
}

bool link_fails_and_narrows(const struct evidence *evidence, unsigned index)
{
    return link_narrower(evidence, index) &&
           (link_uncorrected(evidence, index) || link_corrected_repeatedly(evidence, index));
}

/* Not with a change of speed alone: links make receiver errors while they are trained anew. */
bool link_corrected_and_narrows(const struct evidence *evidence, unsigned index)
{
    return link_narrower(evidence, index) && link_corrected(evidence, index);
}

bool link_fails(const struct evidence *evidence, unsigned index)
{
    return link_uncorrected(evidence, index) || link_corrected(evidence, index) ||
           link_lost(evidence, index);
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
static part_id drive_at_function(const struct evidence *evidence, const char *device)
{
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

part_id link_drive(const struct evidence *evidence, unsigned index)
{
    part_id drive = drive_at_function(evidence, link_at(evidence, index)->device);

    return drive ? drive : drive_at_function(evidence, link_at(evidence, index)->behind);
}

static void tell_behind(const struct evidence *evidence, unsigned index, struct text *text)
{
    const struct evidence_part *drive = evidence_part(evidence, link_drive(evidence, index));

    if (drive->known && drive->kind == PART_DISK)
        text_format(text, "; behind it is %s", drive->serial[0] ? drive->serial : drive->name);
}

static void add_change(const struct evidence_link *link, struct text *text)
{
    text_format(text, "the link to %s: %s%s", link->behind, link->change,
                link->back ? ", and later was so again" : "");
}

void tell_pcie_errors(const struct evidence *evidence, unsigned index, struct text *text)
{
    const struct evidence_link *link = link_at(evidence, index);

    if (link->corrected_looks || link->uncorrected_looks) {
        text_format(text, "in the run the error registers of %s told of: %s", link->device,
                    link->text);
        text_format(text, "; new corrected errors %u times, uncorrected %u times",
                    link->corrected_looks, link->uncorrected_looks);
    }
    if (link->change[0]) {
        text_add(text, text->length ? "; " : "in the run ");
        add_change(link, text);
    }
    tell_behind(evidence, index, text);
}

void tell_pcie_change(const struct evidence *evidence, unsigned index, struct text *text)
{
    text_add(text, "under load ");
    add_change(link_at(evidence, index), text);
    tell_behind(evidence, index, text);
}
