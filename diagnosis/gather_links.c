#include "base/text.h"
#include "diagnosis/gather.h"

static struct evidence_link *find_link(struct evidence *evidence, const char *port)
{
    for (unsigned i = 0; i < evidence->link_count; i++) {
        if (text_equal(evidence->links[i].place, port))
            return &evidence->links[i];
    }
    if (evidence->link_count == EVIDENCE_LINKS) {
        evidence->left_out++;
        return NULL;
    }
    copy_text(evidence->links[evidence->link_count].place, NAME_SIZE, port);
    return &evidence->links[evidence->link_count++];
}

static void widen(struct evidence_link *link, uint64_t time_us)
{
    if (!link->corrected_looks && !link->uncorrected_looks && !link->slower && !link->narrower &&
        !link->lost)
        link->first_us = time_us;
    link->last_us = time_us;
}

void gather_pcie_error(struct evidence *evidence, const struct event_pcie_error *error,
                       uint64_t time_us)
{
    struct evidence_link *link = find_link(evidence, error->port[0] ? error->port : error->place);
    bool first;

    if (!link || !(error->corrected | error->uncorrected))
        return;
    widen(link, time_us);
    first = !link->corrected_looks && !link->uncorrected_looks;
    if (first || (error->uncorrected && !link->uncorrected_looks)) {
        copy_text(link->device, sizeof(link->device), error->place);
        copy_text(link->text, sizeof(link->text), error->text);
    }
    link->corrected_looks += error->corrected != 0;
    link->uncorrected_looks += error->uncorrected != 0;
    link->corrected |= error->corrected;
}

void gather_pcie_link(struct evidence *evidence, const struct event_pcie_link *event,
                      uint64_t time_us)
{
    struct evidence_link *link;
    bool lost = event->change == LINK_LOST;

    if (!lost && event->change != LINK_LOWER && event->change != LINK_BACK)
        return;
    link = find_link(evidence, event->port[0] ? event->port : event->device);
    if (!link)
        return;
    copy_text(link->behind, sizeof(link->behind), event->device);
    link->back = event->change == LINK_BACK;
    if (link->back)
        return;
    widen(link, time_us);
    if (lost || !link->lost)
        copy_text(link->change, sizeof(link->change), event->text);
    link->lost |= lost;
    link->slower |= !lost && event->speed < event->speed_best;
    link->narrower |= !lost && event->width < event->width_best;
}
