/*
 * What several drives of one controller have in common.
 */
#include "diagnosis/controllers.h"
#include "diagnosis/drive_evidence.h"

/* Unreadable sectors are of the drive, and make it time out as well; a read that was good when
 * repeated says too little of a controller. */
bool drive_reads_fail(const struct evidence *evidence, unsigned index)
{
    return (drive_link_evidence(evidence, index) || drive_was_silent(evidence, index)) &&
           !drive_unreadable(evidence, index) && !drive_bad_sectors(evidence, index) &&
           !drive_defects_rose(evidence, index);
}

bool drive_data_changes(const struct evidence *evidence, unsigned index)
{
    return (drive_corrupts_perhaps(evidence, index) || drive_unfilled(evidence, index) ||
            drive_writes_wrong(evidence, index)) &&
           !drive_reads_fail(evidence, index);
}

bool controller_loses_drives(const struct evidence *evidence, unsigned index)
{
    return controller_is_guilty(evidence, index, drive_reads_fail);
}

bool sectors_spread_over(const struct evidence *evidence, unsigned index)
{
    (void)index;
    return sectors_spread(evidence) || some_page_is_aliased(evidence);
}

bool controller_corrupts(const struct evidence *evidence, unsigned index)
{
    return controller_is_guilty(evidence, index, drive_data_changes);
}

void tell_controller_losses(const struct evidence *evidence, unsigned index, struct text *text)
{
    text_add(text, "link errors, timeouts or losses of ");
    controller_tell_drives(evidence, index, drive_reads_fail, text);
    text_add(text, ", and none of the drives on other controllers");
}

void tell_controller_corruption(const struct evidence *evidence, unsigned index, struct text *text)
{
    text_add(text, "data of ");
    controller_tell_drives(evidence, index, drive_data_changes, text);
    text_add(text, " changed, and none of the drives on other controllers");
}

/* What is wrong with one drive alone is its own lead or port. */
void tell_own_lead(const struct evidence *evidence, unsigned index, struct text *text)
{
    part_id part = evidence->drives[index].part;
    unsigned clean = 0;

    for (unsigned i = 0; i < evidence->drive_count; i++) {
        uint64_t total;

        if (i == index || !controllers_are_same(evidence, evidence->drives[i].part, part))
            continue;
        if (drive_reads_fail(evidence, i))
            return;
        clean += evidence_tested(evidence, evidence->drives[i].part, NULL, &total) > 0;
    }
    if (clean)
        text_format(text, "; none at %u other %s of its controller: its own lead or port", clean,
                    clean == 1 ? "drive" : "drives");
}
