#include "diagnosis/drive_evidence.h"

enum {
    WARNING_TEMPERATURE = 1 << 1, /* NVMe Base 2.0, SMART log, critical warning */
    WARNINGS = 0x3F & ~WARNING_TEMPERATURE,
    REGION_BLOCKS = 1 << 17, /* 64 MiB of 512-byte blocks: one place of a drive */
};

/* The drive's own word. */

bool drive_warns(const struct evidence *evidence, unsigned index)
{
    return drive_state(evidence, index, "critical-warning") & WARNINGS;
}

bool drive_predicts(const struct evidence *evidence, unsigned index)
{
    return drive_state(evidence, index, "smart-status-failing") != 0;
}

bool drive_says_hot(const struct evidence *evidence, unsigned index)
{
    return drive_state(evidence, index, "critical-warning") & WARNING_TEMPERATURE ||
           drive_rise(evidence, index, "critical-temperature-minutes") ||
           drive_rise(evidence, index, "over-temperature-minutes") ||
           drive_rise(evidence, index, "over-limit-intervals");
}

bool drive_was_warm(const struct evidence *evidence, unsigned index)
{
    return drive_rise(evidence, index, "warning-temperature-minutes");
}

/* Every slow stretch fell into a time at which it had to throttle. */
bool drive_throttled(const struct evidence *evidence, unsigned index)
{
    const struct evidence_pace *pace = &drive_at(evidence, index)->pace;

    return pace->stretches && pace->hot >= pace->stretches;
}

bool drive_failed_self_test(const struct evidence *evidence, unsigned index)
{
    return drive_state(evidence, index, "self-test-failed") != 0;
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
    uint64_t warning = drive_state(evidence, index, "critical-warning");

    text_format(text, "critical warning 0x%02llx of the drive", (unsigned long long)warning);
    for (unsigned bit = 0; bit < sizeof(meanings) / sizeof(meanings[0]); bit++) {
        if (warning >> bit & 1)
            text_format(text, "; %s", meanings[bit]);
    }
}

void tell_hot_drive(const struct evidence *evidence, unsigned index, struct text *text)
{
    static const struct {
        const char *name, *words;
    } rows[] = {
        {"critical-temperature-minutes", "minutes above its critical temperature"},
        {"over-temperature-minutes", "minutes above its maximum operating temperature"},
        {"over-limit-intervals", "intervals above its maximum operating temperature"},
        {"warning-temperature-minutes", "minutes above its warning temperature"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t rise = drive_rise(evidence, index, rows[i].name);

        if (rise)
            text_format(text, "%s%llu more %s", text->length ? ", " : "the drive counted ",
                        (unsigned long long)rise, rows[i].words);
    }
    if (!text->length)
        tell_warning(evidence, index, text);
}

void tell_throttled(const struct evidence *evidence, unsigned index, struct text *text)
{
    const struct evidence_drive *drive = drive_at(evidence, index);

    text_add(text, "it reached ");
    text_milli(text, drive->warmest, 0);
    text_add(text, " C, at which it says itself that it is too hot, and throttled: ");
    tell_slow(evidence, index, text);
}

void tell_prediction(const struct evidence *evidence, unsigned index, struct text *text)
{
    (void)evidence;
    (void)index;
    text_add(text, "the drive answers to SMART RETURN STATUS that a threshold was exceeded");
}

void tell_self_test(const struct evidence *evidence, unsigned index, struct text *text)
{
    text_format(text, "the drive's last self-test failed with code %llu",
                (unsigned long long)drive_state(evidence, index, "self-test-result"));
    tell_state(evidence, index, "self-test-lba", text);
    tell_state(evidence, index, "self-test-hours", text);
    tell_state(evidence, index, "power-on-hours", text);
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
    return drive_state(evidence, index, "pending-sectors") ||
           drive_state(evidence, index, "uncorrectable-sectors") ||
           drive_state(evidence, index, "statistics-pending");
}

bool drive_defects_rose(const struct evidence *evidence, unsigned index)
{
    return drive_rise(evidence, index, "reallocated-sectors") ||
           drive_rise(evidence, index, "reported-uncorrectable") ||
           drive_rise(evidence, index, "statistics-uncorrectable") ||
           drive_rise(evidence, index, "media-errors");
}

/* Most entries of an error log are commands that the drive does not know: only the newest one is
 * looked at, and only if it came in this run. */
bool drive_logged_unreadable(const struct evidence *evidence, unsigned index)
{
    return drive_rise(evidence, index, "error-log-entries") &&
           drive_state(evidence, index, "last-error-is-medium");
}

void tell_faults(const struct evidence_faults *faults, const char *what, struct text *text)
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

void tell_state(const struct evidence *evidence, unsigned index, const char *name,
                struct text *text)
{
    uint64_t value = drive_state(evidence, index, name);

    if (value)
        text_format(text, "%s%s %llu", text->length ? ", " : "", name, (unsigned long long)value);
}

void tell_rise(const struct evidence *evidence, unsigned index, const char *name, struct text *text)
{
    uint64_t rise = drive_rise(evidence, index, name);

    if (rise)
        text_format(text, "%s%s rose by %llu", text->length ? ", " : "", name,
                    (unsigned long long)rise);
}

void tell_defects(const struct evidence *evidence, unsigned index, struct text *text)
{
    tell_state(evidence, index, "pending-sectors", text);
    tell_state(evidence, index, "uncorrectable-sectors", text);
    tell_state(evidence, index, "statistics-pending", text);
    tell_rise(evidence, index, "reallocated-sectors", text);
    tell_rise(evidence, index, "reported-uncorrectable", text);
    tell_rise(evidence, index, "statistics-uncorrectable", text);
    tell_rise(evidence, index, "media-errors", text);
    if (drive_logged_unreadable(evidence, index))
        text_format(text, "%sthe drive's own error log says unreadable at LBA %llu",
                    text->length ? ", " : "",
                    (unsigned long long)drive_state(evidence, index, "last-error-lba"));
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

static bool drive_left(const struct evidence *evidence, unsigned index)
{
    return drive_at(evidence, index)->faults[DISK_FAULT_GONE].count > 0;
}

bool drive_was_silent(const struct evidence *evidence, unsigned index)
{
    return silent_count(drive_at(evidence, index)) || drive_left(evidence, index);
}

/* A drive that is gone says nothing of its sectors. */
bool silence_explained(const struct evidence *evidence, unsigned index)
{
    return drive_link_evidence(evidence, index) || drive_left(evidence, index);
}

/* The driver and the drive count timeouts that a repeated read made good as well. */
bool drive_silent_at_times(const struct evidence *evidence, unsigned index)
{
    return drive_was_silent(evidence, index) ||
           drive_rise(evidence, index, "command-timeouts-seen") ||
           drive_rise(evidence, index, "command-timeouts");
}

void tell_silence(const struct evidence *evidence, unsigned index, struct text *text)
{
    const struct evidence_drive *drive = drive_at(evidence, index);

    tell_faults(&drive->faults[DISK_FAULT_TIMEOUT], "reads without an answer", text);
    tell_faults(&drive->faults[DISK_FAULT_ABORTED], "reads given up without a reason", text);
    if (drive->faults[DISK_FAULT_GONE].count)
        text_format(text, "%sthe drive left the machine during the run", text->length ? ", " : "");
    tell_rise(evidence, index, "command-timeouts-seen", text);
    tell_rise(evidence, index, "command-timeouts", text);
    text_add(text, "; no link error was counted beside it");
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
