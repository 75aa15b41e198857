#include "diagnosis/drive_evidence.h"

/* Data that changed. */

bool drive_unfilled(const struct evidence *evidence, unsigned index)
{
    return drive_at(evidence, index)->faults[DISK_FAULT_STALE].count > 0;
}

void tell_unfilled(const struct evidence *evidence, unsigned index, struct text *text)
{
    const struct evidence_faults *faults = &drive_at(evidence, index)->faults[DISK_FAULT_STALE];

    tell_faults(faults, "reads claimed success and left the buffer unfilled", text);
    if (faults->status[0])
        text_format(text, ", %s", faults->status);
}

bool drive_corrupts_again(const struct evidence *evidence, unsigned index)
{
    return drive_at(evidence, index)->mismatches[MISMATCH_SECTORS_AGAIN].direct > 0;
}

bool drive_leaves_leftovers(const struct evidence *evidence, unsigned index)
{
    return drive_at(evidence, index)->mismatches[MISMATCH_LEFTOVER].direct > 0;
}

bool drive_corrupts_perhaps(const struct evidence *evidence, unsigned index)
{
    const struct evidence_mismatches *mismatches = drive_at(evidence, index)->mismatches;

    return mismatches[MISMATCH_LEFTOVER].count || mismatches[MISMATCH_SECTORS_AGAIN].count ||
           mismatches[MISMATCH_SECTORS].count;
}

bool drive_corrupts_bits(const struct evidence *evidence, unsigned index)
{
    return drive_at(evidence, index)->mismatches[MISMATCH_BITS].count > 0;
}

bool sectors_explained(const struct evidence *evidence, unsigned index)
{
    return drive_link_evidence(evidence, index) || sectors_spread(evidence) ||
           some_page_is_aliased(evidence);
}

bool bits_explained(const struct evidence *evidence, unsigned index)
{
    return drive_link_evidence(evidence, index) || bits_spread(evidence) ||
           some_page_failed(evidence) || some_page_is_aliased(evidence) ||
           some_processor_computed_wrong(evidence, 0);
}

/* "seen on arrival and in the second read" */
static void tell_hops(uint8_t hops, struct text *text)
{
    static const char *const words[HOPS] = {
        [HOP_ARRIVAL] = "on arrival from the drive",
        [HOP_COPY] = "after the copy in memory",
        [HOP_ROUND_TRIP] = "after compressing and decompressing",
        [HOP_ARENA] = "after a while in memory",
        [HOP_SECOND_READ] = "in the second read",
    };
    const char *before = ", seen ";

    for (unsigned hop = 0; hop < HOPS; hop++) {
        if (!(hops >> hop & 1))
            continue;
        text_format(text, "%s%s", before, words[hop]);
        before = " and ";
    }
}

void tell_corruption(const struct evidence *evidence, unsigned index, struct text *text)
{
    static const char *const looks[MISMATCH_CLASSES] = {
        [MISMATCH_LEFTOVER] = "held remains of an older read",
        [MISMATCH_SECTORS_AGAIN] = "differed, and again when reread",
        [MISMATCH_SECTORS] =
            "differed once, in whole sectors or by what could not be seen any more",
        [MISMATCH_BITS] = "differed in some bits while their page held",
    };
    const struct evidence_drive *drive = drive_at(evidence, index);

    for (unsigned kind = MISMATCH_LEFTOVER; kind < MISMATCH_CLASSES; kind++) {
        const struct evidence_mismatches *sum = &drive->mismatches[kind];

        if (!sum->count)
            continue;
        if (text->length)
            text_add(text, "; ");
        text_format(text, "%u blocks %s, first at LBA %llu", sum->count, looks[kind],
                    (unsigned long long)sum->lba);
        tell_hops(sum->hops, text);
        if (!sum->direct)
            text_add(text, " (the firmware may have copied them)");
    }
}

/* Blocks that were written for the test, and what came back of them. */

static uint32_t wrong_again(const struct evidence_drive *drive)
{
    uint32_t count = 0;

    for (unsigned fault = WRITE_LOST; fault <= WRITE_CORRUPTED; fault++)
        count += drive->writes[fault].again;
    return count;
}

bool drive_writes_wrong(const struct evidence *evidence, unsigned index)
{
    return written_wrong(drive_at(evidence, index)) > 0;
}

bool drive_writes_wrong_again(const struct evidence *evidence, unsigned index)
{
    return wrong_again(drive_at(evidence, index)) > 0;
}

bool writes_explained(const struct evidence *evidence, unsigned index)
{
    return sectors_explained(evidence, index) || some_processor_computed_wrong(evidence, 0);
}

/* Whether anything at all speaks against the memory. */
static bool memory_erred(const struct evidence *evidence)
{
    for (unsigned i = 0; i < evidence->page_count; i++) {
        if (page_failed_test(evidence, i) || page_failed_after_mismatch(evidence, i))
            return true;
    }
    for (unsigned i = 0; i < evidence->check_count; i++) {
        enum mca_source source = evidence->checks[i].error.source;

        if (source == MCA_MEMORY || source == MCA_MEMORY_OR_CACHE)
            return true;
    }
    return false;
}

bool writes_doubtful(const struct evidence *evidence, unsigned index)
{
    return writes_explained(evidence, index) || memory_erred(evidence);
}

bool drive_written_unreadable_again(const struct evidence *evidence, unsigned index)
{
    return drive_at(evidence, index)->writes[WRITE_UNREADABLE].again > 0;
}

bool drive_written_unreadable(const struct evidence *evidence, unsigned index)
{
    return drive_at(evidence, index)->writes[WRITE_UNREADABLE].count > 0;
}

bool drive_refuses_writes(const struct evidence *evidence, unsigned index)
{
    return drive_at(evidence, index)->writes[WRITE_FAILED].count > 0;
}

bool drive_refuses_writes_with_status(const struct evidence *evidence, unsigned index)
{
    const struct evidence_faults *failed = &drive_at(evidence, index)->writes[WRITE_FAILED];

    return failed->count && failed->status[0];
}

void tell_writes(const struct evidence *evidence, unsigned index, struct text *text)
{
    static const char *const words[WRITE_FAULTS] = {
        [WRITE_LOST] = "blocks hold what stood there before their write",
        [WRITE_MISPLACED] = "blocks hold one that was written elsewhere",
        [WRITE_TORN] = "blocks are written in part",
        [WRITE_CORRUPTED] = "blocks hold what was never written",
        [WRITE_UNREADABLE] = "written blocks cannot be read back",
        [WRITE_FAILED] = "blocks could not be written",
    };
    const struct evidence_drive *drive = drive_at(evidence, index);
    const char *status = "";

    for (unsigned fault = 0; fault < WRITE_FAULTS; fault++) {
        tell_faults(&drive->writes[fault], words[fault], text);
        if (drive->writes[fault].status[0] && !status[0])
            status = drive->writes[fault].status;
    }
    if (status[0])
        text_format(text, "; %s", status);
}
