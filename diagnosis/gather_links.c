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

void gather_pcie_error(struct evidence *evidence, const struct event_pcie_error *error,
                       uint64_t time_us)
{
    struct evidence_link *link = find_link(evidence, error->port[0] ? error->port : error->place);
    bool first;

    if (!link || !(error->corrected | error->uncorrected))
        return;
    first = !link->corrected_looks && !link->uncorrected_looks;
    if (first)
        link->first_us = time_us;
    if (first || (error->uncorrected && !link->uncorrected_looks)) {
        copy_text(link->device, sizeof(link->device), error->place);
        copy_text(link->text, sizeof(link->text), error->text);
    }
    link->last_us = time_us;
    link->corrected_looks += error->corrected != 0;
    link->uncorrected_looks += error->uncorrected != 0;
    link->corrected |= error->corrected;
}
