#include "diagnosis/gather.h"

#include "base/text.h"

enum { STRETCH_MIN_S = 3, STRETCH_MIN_READS = 2 };

struct evidence_drive *gather_drive(struct evidence *evidence, part_id part)
{
    struct evidence_drive *drive;

    for (unsigned i = 0; i < evidence->drive_count; i++) {
        if (evidence->drives[i].part == part)
            return &evidence->drives[i];
    }
    if (evidence->drive_count == EVIDENCE_DRIVES) {
        evidence->left_out++;
        return NULL;
    }
    drive = &evidence->drives[evidence->drive_count++];
    drive->part = part;
    return drive;
}

void gather_disk_error(struct evidence *evidence, const struct event_disk_error *error)
{
    struct evidence_drive *drive = gather_drive(evidence, error->part);
    struct evidence_faults *faults;

    if (!drive || error->fault >= DISK_FAULTS)
        return;
    faults = &drive->faults[error->fault];
    if (!faults->count++) {
        faults->lba_first = faults->lba_low = faults->lba_high = error->lba;
        copy_text(faults->status, sizeof(faults->status), error->status);
    }
    faults->again += error->again;
    if (error->lba < faults->lba_low)
        faults->lba_low = error->lba;
    if (error->lba > faults->lba_high)
        faults->lba_high = error->lba;
}

static struct evidence_counter *find_counter(struct evidence_drive *drive, const char *name)
{
    struct evidence_counter *counter;

    for (unsigned i = 0; i < drive->counter_count; i++) {
        if (text_equal(drive->counters[i].name, name))
            return &drive->counters[i];
    }
    if (drive->counter_count == EVIDENCE_COUNTERS)
        return NULL;
    counter = &drive->counters[drive->counter_count++];
    copy_text(counter->name, sizeof(counter->name), name);
    return counter;
}

void gather_counter(struct evidence *evidence, const struct event_counter *event)
{
    struct evidence_drive *drive = gather_drive(evidence, event->part);
    struct evidence_counter *counter = drive ? find_counter(drive, event->name) : NULL;

    if (!counter) {
        evidence->left_out++;
        return;
    }
    if (event->moment == MOMENT_START) {
        counter->has_start = true;
        counter->start = event->value;
    } else {
        counter->has_end = true;
        counter->end = event->value;
    }
}

static void begin_stretch(struct evidence_pace *pace, const struct event_pace *event)
{
    pace->stretches++;
    pace->last_lba = event->lba;
    pace->last_s = 0;
    pace->last_witnessed = false;
}

void gather_pace(struct evidence *evidence, const struct event_pace *event)
{
    struct evidence_drive *drive = gather_drive(evidence, event->part);
    struct evidence_pace *pace;

    if (!drive || (event->others_known && !event->others_kept))
        return;
    if (event->duration_s < STRETCH_MIN_S || event->reads < STRETCH_MIN_READS)
        return;
    pace = &drive->pace;
    if (!pace->stretches || event->lba != pace->last_lba)
        begin_stretch(pace, event);
    if (pace->stretches == 1 || event->slow < pace->slow) {
        pace->lba = event->lba;
        pace->usual = event->usual;
        pace->slow = event->slow;
    }
    pace->total_s += event->duration_s - pace->last_s;
    pace->last_s = event->duration_s;
    if (event->others_known && !pace->last_witnessed) {
        pace->last_witnessed = true;
        pace->witnessed++;
    }
}

static const struct evidence_counter *known_counter(const struct evidence_drive *drive,
                                                    const char *name)
{
    for (unsigned i = 0; i < drive->counter_count; i++) {
        if (text_equal(drive->counters[i].name, name))
            return &drive->counters[i];
    }
    return NULL;
}

uint64_t evidence_rise(const struct evidence_drive *drive, const char *name)
{
    const struct evidence_counter *counter = known_counter(drive, name);

    if (!counter || !counter->has_start || !counter->has_end || counter->end < counter->start)
        return 0;
    return counter->end - counter->start;
}

bool evidence_state(const struct evidence_drive *drive, const char *name, uint64_t *ret_value)
{
    const struct evidence_counter *counter = known_counter(drive, name);

    if (!counter || (!counter->has_start && !counter->has_end))
        return false;
    *ret_value = counter->has_end ? counter->end : counter->start;
    return true;
}
