#include "diagnosis/conditions.h"

enum {
    WARNING_TEMPERATURE = 1 << 1, /* NVMe Base 2.0, SMART log, critical warning */
    WARNINGS = 0x3F & ~WARNING_TEMPERATURE,
    REGION_BLOCKS = 1 << 17, /* 64 MiB of 512-byte blocks: one place of a drive */
    LINK_REPEATED = 2,
};

static const struct evidence_drive *drive_at(const struct evidence *evidence, unsigned index)
{
    return &evidence->drives[index];
}

static uint64_t state_of(const struct evidence *evidence, unsigned index, const char *name)
{
    uint64_t value = 0;

    evidence_state(drive_at(evidence, index), name, &value);
    return value;
}

static uint64_t rise_of(const struct evidence *evidence, unsigned index, const char *name)
{
    return evidence_rise(drive_at(evidence, index), name);
}

/* The drive's own word. */

bool drive_warns(const struct evidence *evidence, unsigned index)
{
    return state_of(evidence, index, "critical-warning") & WARNINGS;
}

bool drive_predicts(const struct evidence *evidence, unsigned index)
{
    return state_of(evidence, index, "smart-status-failing") != 0;
}

bool drive_says_hot(const struct evidence *evidence, unsigned index)
{
    return state_of(evidence, index, "critical-warning") & WARNING_TEMPERATURE ||
           rise_of(evidence, index, "critical-temperature-minutes");
}

void tell_warning(const struct evidence *evidence, unsigned index, struct text *text)
{
    static const char *const meanings[] = {
        "spare space is below its threshold",
        "temperature is beyond its threshold",
        "reliability is degraded",
        "the media is read-only",
        "the backup of its memory failed",
        "persistent memory is unreliable",
    };
    uint64_t warning = state_of(evidence, index, "critical-warning");

    text_format(text, "critical warning 0x%02llx of the drive", (unsigned long long)warning);
    for (unsigned bit = 0; bit < sizeof(meanings) / sizeof(meanings[0]); bit++) {
        if (warning >> bit & 1)
            text_format(text, "; %s", meanings[bit]);
    }
}

void tell_hot_drive(const struct evidence *evidence, unsigned index, struct text *text)
{
    uint64_t minutes = rise_of(evidence, index, "critical-temperature-minutes");

    if (minutes)
        text_format(text, "the drive counted %llu more minutes above its critical temperature",
                    (unsigned long long)minutes);
    else
        tell_warning(evidence, index, text);
}

void tell_prediction(const struct evidence *evidence, unsigned index, struct text *text)
{
    (void)evidence;
    (void)index;
    text_add(text, "the drive answers to SMART RETURN STATUS that a threshold was exceeded");
}

/* Sectors. */

bool drive_unreadable_again(const struct evidence *evidence, unsigned index)
{
    return drive_at(evidence, index)->faults[DISK_FAULT_MEDIUM].again > 0;
}

bool drive_unreadable(const struct evidence *evidence, unsigned index)
{
    return drive_at(evidence, index)->faults[DISK_FAULT_MEDIUM].count > 0;
}

bool drive_bad_sectors(const struct evidence *evidence, unsigned index)
{
    return state_of(evidence, index, "pending-sectors") ||
           state_of(evidence, index, "uncorrectable-sectors");
}

bool drive_defects_rose(const struct evidence *evidence, unsigned index)
{
    return rise_of(evidence, index, "reallocated-sectors") ||
           rise_of(evidence, index, "reported-uncorrectable") ||
           rise_of(evidence, index, "media-errors");
}

static void tell_faults(const struct evidence_faults *faults, const char *what, struct text *text)
{
    if (!faults->count)
        return;
    text_format(text, "%s%u %s", text->length ? ", " : "", faults->count, what);
    text_format(text, " from LBA %llu", (unsigned long long)faults->lba_low);
    if (faults->lba_high != faults->lba_low)
        text_format(text, " to %llu", (unsigned long long)faults->lba_high);
    if (faults->again)
        text_format(text, " (%u failed again)", faults->again);
}

static void tell_state(const struct evidence *evidence, unsigned index, const char *name,
                       struct text *text)
{
    uint64_t value = state_of(evidence, index, name);

    if (value)
        text_format(text, "%s%s %llu", text->length ? ", " : "", name, (unsigned long long)value);
}

static void tell_rise(const struct evidence *evidence, unsigned index, const char *name,
                      struct text *text)
{
    uint64_t rise = rise_of(evidence, index, name);

    if (rise)
        text_format(text, "%s%s rose by %llu", text->length ? ", " : "", name,
                    (unsigned long long)rise);
}

void tell_defects(const struct evidence *evidence, unsigned index, struct text *text)
{
    tell_state(evidence, index, "pending-sectors", text);
    tell_state(evidence, index, "uncorrectable-sectors", text);
    tell_rise(evidence, index, "reallocated-sectors", text);
    tell_rise(evidence, index, "reported-uncorrectable", text);
    tell_rise(evidence, index, "media-errors", text);
}

void tell_unreadable(const struct evidence *evidence, unsigned index, struct text *text)
{
    const struct evidence_faults *faults = &drive_at(evidence, index)->faults[DISK_FAULT_MEDIUM];

    tell_faults(faults, "unreadable places", text);
    if (faults->status[0])
        text_format(text, ", %s", faults->status);
    tell_defects(evidence, index, text);
}

/* No answer, or one without a reason. */

static uint32_t silent_count(const struct evidence_drive *drive)
{
    return drive->faults[DISK_FAULT_TIMEOUT].count + drive->faults[DISK_FAULT_ABORTED].count;
}

static bool is_region(const struct evidence_faults *faults)
{
    return faults->again ||
           (faults->count >= 2 && faults->lba_high - faults->lba_low <= REGION_BLOCKS);
}

bool drive_silent_region(const struct evidence *evidence, unsigned index)
{
    const struct evidence_drive *drive = drive_at(evidence, index);

    return is_region(&drive->faults[DISK_FAULT_TIMEOUT]) ||
           is_region(&drive->faults[DISK_FAULT_ABORTED]);
}

bool drive_silent_at_times(const struct evidence *evidence, unsigned index)
{
    const struct evidence_drive *drive = drive_at(evidence, index);

    return silent_count(drive) || drive->faults[DISK_FAULT_GONE].count;
}

void tell_silence(const struct evidence *evidence, unsigned index, struct text *text)
{
    const struct evidence_drive *drive = drive_at(evidence, index);

    tell_faults(&drive->faults[DISK_FAULT_TIMEOUT], "reads without an answer", text);
    tell_faults(&drive->faults[DISK_FAULT_ABORTED], "reads given up without a reason", text);
    if (drive->faults[DISK_FAULT_GONE].count)
        text_format(text, "%sthe drive left the machine during the run", text->length ? ", " : "");
    text_add(text, "; no link error was counted beside it");
}

/* The link. */

static uint32_t mismatch_count(const struct evidence_drive *drive)
{
    uint32_t count = 0;

    for (unsigned kind = MISMATCH_LEFTOVER; kind < MISMATCH_CLASSES; kind++)
        count += drive->mismatches[kind].count;
    return count;
}

bool drive_link_evidence(const struct evidence *evidence, unsigned index)
{
    return drive_at(evidence, index)->faults[DISK_FAULT_LINK].count ||
           rise_of(evidence, index, "interface-crc");
}

bool drive_link_fails(const struct evidence *evidence, unsigned index)
{
    const struct evidence_drive *drive = drive_at(evidence, index);
    uint64_t rise = rise_of(evidence, index, "interface-crc");
    uint32_t faults = drive->faults[DISK_FAULT_LINK].count;

    if (!drive_link_evidence(evidence, index))
        return false;
    return rise >= LINK_REPEATED || faults >= LINK_REPEATED || (rise && faults) ||
           drive->faults[DISK_FAULT_LINK].again || drive_silent_at_times(evidence, index) ||
           mismatch_count(drive);
}

bool drive_link_failed_once(const struct evidence *evidence, unsigned index)
{
    return drive_link_evidence(evidence, index);
}

void tell_link(const struct evidence *evidence, unsigned index, struct text *text)
{
    const struct evidence_drive *drive = drive_at(evidence, index);

    tell_rise(evidence, index, "interface-crc", text);
    tell_faults(&drive->faults[DISK_FAULT_LINK], "link errors", text);
    tell_faults(&drive->faults[DISK_FAULT_TIMEOUT], "timeouts", text);
    tell_faults(&drive->faults[DISK_FAULT_ABORTED], "aborted reads", text);
    tell_rise(evidence, index, "command-timeouts", text);
    if (mismatch_count(drive))
        text_format(text, ", %u blocks differed", mismatch_count(drive));
}

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

void tell_corruption(const struct evidence *evidence, unsigned index, struct text *text)
{
    static const char *const looks[MISMATCH_CLASSES] = {
        [MISMATCH_LEFTOVER] = "held remains of an older read",
        [MISMATCH_SECTORS_AGAIN] = "differed in whole sectors, and again when reread",
        [MISMATCH_SECTORS] = "differed in whole sectors, once",
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
        if (!sum->direct)
            text_add(text, " (the firmware may have copied them)");
    }
}

/* Pace. */

bool drive_slow_alone(const struct evidence *evidence, unsigned index)
{
    return drive_at(evidence, index)->pace.witnessed > 0;
}

bool drive_slow(const struct evidence *evidence, unsigned index)
{
    return drive_at(evidence, index)->pace.stretches > 0;
}

void tell_slow(const struct evidence *evidence, unsigned index, struct text *text)
{
    const struct evidence_pace *pace = &drive_at(evidence, index)->pace;

    text_format(text, "%u slow %s, ", pace->stretches,
                pace->stretches == 1 ? "stretch" : "stretches");
    text_duration(text, pace->total_s);
    text_format(text, " in all; the slowest at LBA %llu with ", (unsigned long long)pace->lba);
    text_amount(text, pace->slow);
    text_add(text, "/s of usually ");
    text_amount(text, pace->usual);
    text_add(text, pace->witnessed ? "/s, while the others kept their pace"
                                   : "/s; no other device was measured meanwhile");
}
