#include "diagnosis/drive_evidence.h"

enum { LINK_REPEATED = 2 };

/*
 * Counters of CRC and other transfer errors of a link, as the drive and the driver keep them. One
 * event shows in several: the largest rise says how many there were at least. Not among them are
 * phy-comresets and phy-not-ready, which resets by the host and the drive's own sleep raise.
 */
static const char *const error_counters[] = {
    "interface-crc",
    "statistics-interface-crc",
    "link-crc",
    "link-downshifts",
    "phy-command-crc",
    "phy-data-errors",
    "phy-data-errors-to-host",
    "phy-data-errors-to-drive",
    "phy-other-errors",
    "phy-other-errors-to-host",
    "phy-other-errors-to-drive",
    "phy-retries-to-host",
    "phy-crc-to-drive",
    "phy-not-crc-to-drive",
    "phy-data-crc-to-drive",
    "phy-data-not-crc-to-drive",
    "phy-other-crc-to-drive",
    "phy-other-not-crc-to-drive",
};

static bool is_pcie(const struct evidence *evidence, unsigned index)
{
    return drive_state(evidence, index, "link-width") != 0;
}

static uint64_t link_errors(const struct evidence *evidence, unsigned index)
{
    uint64_t errors = drive_at(evidence, index)->faults[DISK_FAULT_LINK].count;

    for (size_t i = 0; i < sizeof(error_counters) / sizeof(error_counters[0]); i++) {
        uint64_t rise = drive_rise(evidence, index, error_counters[i]);

        if (rise > errors)
            errors = rise;
    }
    return errors;
}

/* Resets that no failed command explains. A controller of NVMe resets for reasons of its own. */
static uint64_t spare_resets(const struct evidence *evidence, unsigned index)
{
    const struct evidence_drive *drive = drive_at(evidence, index);
    uint64_t resets = drive_rise(evidence, index, "link-resets");
    uint64_t commands =
        drive_rise(evidence, index, "command-timeouts-seen") + drive->writes[WRITE_FAILED].count;

    for (unsigned fault = 0; fault < DISK_FAULTS; fault++)
        commands += drive->faults[fault].count;
    return resets > commands && !is_pcie(evidence, index) ? resets - commands : 0;
}

/* Times that the link was lost, or came back slower. */
static uint64_t link_losses(const struct evidence *evidence, unsigned index)
{
    uint64_t losses = drive_rise(evidence, index, "link-phy-changes");
    uint64_t resets = spare_resets(evidence, index);

    if (resets > losses)
        losses = resets;
    if (!losses && !is_pcie(evidence, index) &&
        evidence_fall(drive_at(evidence, index), "link-generation"))
        losses = 1;
    return losses;
}

uint32_t written_wrong(const struct evidence_drive *drive)
{
    uint32_t count = 0;

    for (unsigned fault = WRITE_LOST; fault <= WRITE_CORRUPTED; fault++)
        count += drive->writes[fault].count;
    return count;
}

static uint32_t mismatch_count(const struct evidence_drive *drive)
{
    uint32_t count = written_wrong(drive);

    for (unsigned kind = MISMATCH_LEFTOVER; kind < MISMATCH_CLASSES; kind++)
        count += drive->mismatches[kind].count;
    return count;
}

static bool write_was_refused(const struct evidence_drive *drive)
{
    return drive->writes[WRITE_FAILED].count || drive->writes[WRITE_UNREADABLE].count;
}

bool drive_link_evidence(const struct evidence *evidence, unsigned index)
{
    return link_errors(evidence, index) || link_losses(evidence, index);
}

bool drive_link_fails(const struct evidence *evidence, unsigned index)
{
    const struct evidence_drive *drive = drive_at(evidence, index);

    if (!drive_link_evidence(evidence, index))
        return false;
    return link_errors(evidence, index) + link_losses(evidence, index) >= LINK_REPEATED ||
           drive->faults[DISK_FAULT_LINK].again || drive_silent_at_times(evidence, index) ||
           mismatch_count(drive) || write_was_refused(drive);
}

bool drive_link_failed_once(const struct evidence *evidence, unsigned index)
{
    return drive_link_evidence(evidence, index);
}

/* Against what both ends can do; a figure that is not known is 0, and below nothing. */
static bool is_below(const struct evidence *evidence, unsigned index, const char *now,
                     const char *drive, const char *port, uint64_t *ret_both)
{
    uint64_t is = drive_state(evidence, index, now);
    uint64_t one = drive_state(evidence, index, drive);
    uint64_t two = drive_state(evidence, index, port);

    *ret_both = one < two ? one : two;
    return is && is < *ret_both;
}

static bool generation_is_below(const struct evidence *evidence, unsigned index, uint64_t *ret_both)
{
    return is_below(evidence, index, "link-generation", "link-generation-drive",
                    "link-generation-port", ret_both);
}

static bool width_is_below(const struct evidence *evidence, unsigned index, uint64_t *ret_both)
{
    return is_below(evidence, index, "link-width", "link-width-drive", "link-width-port", ret_both);
}

/* An idle link may be slow to save power. */
bool drive_sata_below(const struct evidence *evidence, unsigned index)
{
    uint64_t both;

    return !is_pcie(evidence, index) && drive_is_loaded(evidence, index) &&
           generation_is_below(evidence, index, &both);
}

bool drive_pcie_below(const struct evidence *evidence, unsigned index)
{
    uint64_t both;

    return is_pcie(evidence, index) && drive_is_loaded(evidence, index) &&
           (generation_is_below(evidence, index, &both) || width_is_below(evidence, index, &both));
}

static void tell_fall(const struct evidence *evidence, unsigned index, const char *name,
                      struct text *text)
{
    uint64_t fall = evidence_fall(drive_at(evidence, index), name);

    if (fall)
        text_format(text, "%s%s fell by %llu in the run", text->length ? ", " : "", name,
                    (unsigned long long)fall);
}

void tell_below(const struct evidence *evidence, unsigned index, struct text *text)
{
    uint64_t both;

    if (generation_is_below(evidence, index, &both))
        text_format(text, "the link runs at generation %llu where drive and port can both do %llu",
                    (unsigned long long)drive_state(evidence, index, "link-generation"),
                    (unsigned long long)both);
    if (width_is_below(evidence, index, &both))
        text_format(text, "%sthe link is %llu lanes wide where drive and port both can do %llu",
                    text->length ? ", " : "",
                    (unsigned long long)drive_state(evidence, index, "link-width"),
                    (unsigned long long)both);
    tell_fall(evidence, index, "link-generation", text);
    tell_fall(evidence, index, "link-width", text);
}

void tell_link(const struct evidence *evidence, unsigned index, struct text *text)
{
    const struct evidence_drive *drive = drive_at(evidence, index);

    for (size_t i = 0; i < sizeof(error_counters) / sizeof(error_counters[0]); i++)
        tell_rise(evidence, index, error_counters[i], text);
    tell_rise(evidence, index, "link-phy-changes", text);
    tell_rise(evidence, index, "link-resets", text);
    tell_faults(&drive->faults[DISK_FAULT_LINK], "link errors", text);
    tell_faults(&drive->faults[DISK_FAULT_TIMEOUT], "timeouts", text);
    tell_faults(&drive->faults[DISK_FAULT_ABORTED], "aborted reads", text);
    tell_rise(evidence, index, "command-timeouts-seen", text);
    tell_rise(evidence, index, "command-timeouts", text);
    if (mismatch_count(drive))
        text_format(text, ", %u blocks differed", mismatch_count(drive));
    tell_below(evidence, index, text);
    tell_own_lead(evidence, index, text);
}
