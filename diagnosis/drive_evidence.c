#include "diagnosis/drive_evidence.h"

const struct evidence_drive *drive_at(const struct evidence *evidence, unsigned index)
{
    return &evidence->drives[index];
}

uint64_t drive_state(const struct evidence *evidence, unsigned index, const char *name)
{
    uint64_t value = 0;

    evidence_state(drive_at(evidence, index), name, &value);
    return value;
}

uint64_t drive_rise(const struct evidence *evidence, unsigned index, const char *name)
{
    return evidence_rise(drive_at(evidence, index), name);
}

bool drive_is_loaded(const struct evidence *evidence, unsigned index)
{
    uint64_t total;

    return evidence_tested(evidence, drive_at(evidence, index)->part, NULL, &total) > 0;
}

bool drive_fault_times(const struct evidence_drive *drive, uint64_t *ret_first_us,
                       uint64_t *ret_last_us)
{
    bool known = false;

    for (unsigned fault = 0; fault < DISK_FAULTS; fault++) {
        const struct evidence_faults *faults = &drive->faults[fault];

        if (!faults->count)
            continue;
        if (!known || faults->first_us < *ret_first_us)
            *ret_first_us = faults->first_us;
        if (!known || faults->last_us > *ret_last_us)
            *ret_last_us = faults->last_us;
        known = true;
    }
    return known;
}
