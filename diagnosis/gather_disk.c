#include "diagnosis/gather.h"

#include "base/text.h"

enum {
    STRETCH_MIN_S = 3,
    STRETCH_MIN_READS = 2,
    SECOND_US = 1000000,
    HEAT_AGE_US = 60 * SECOND_US, /* a drive's temperature is read every 30 s */
    HEAT_MAX_MILLI = 200000,
};

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

static void add_fault(struct evidence_faults *faults, uint64_t lba, bool again, const char *status,
                      uint64_t time_us)
{
    faults->last_us = time_us;
    if (!faults->count++) {
        faults->first_us = time_us;
        faults->lba_first = faults->lba_low = faults->lba_high = lba;
        copy_text(faults->status, sizeof(faults->status), status);
    }
    faults->again += again;
    if (lba < faults->lba_low)
        faults->lba_low = lba;
    if (lba > faults->lba_high)
        faults->lba_high = lba;
}

void gather_disk_error(struct evidence *evidence, const struct event_disk_error *error,
                       uint64_t time_us)
{
    struct evidence_drive *drive = gather_drive(evidence, error->part);

    if (drive && error->fault < DISK_FAULTS)
        add_fault(&drive->faults[error->fault], error->lba, error->again, error->status, time_us);
}

void gather_write_error(struct evidence *evidence, const struct event_write_error *error,
                        uint64_t time_us)
{
    struct evidence_drive *drive = gather_drive(evidence, error->part);

    if (drive && error->fault < WRITE_FAULTS)
        add_fault(&drive->writes[error->fault], error->lba, error->again, error->status, time_us);
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
    pace->last_hot = false;
}

static void mark_hot(struct evidence_pace *pace)
{
    if (!pace->last_hot)
        pace->hot++;
    pace->last_hot = true;
}

void gather_pace(struct evidence *evidence, const struct event_pace *event, uint64_t time_us)
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
    pace->last_us = time_us;
    if (drive->warm &&
        drive->warm_us + HEAT_AGE_US + (uint64_t)event->duration_s * SECOND_US >= time_us)
        mark_hot(pace);
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

/* Where the drive itself says it is too hot: the warning temperature of NVMe, else its limit. */
static bool find_warning(const struct evidence_drive *drive, int64_t *ret_milli)
{
    uint64_t celsius;

    if (!evidence_state(drive, "warning-celsius", &celsius) &&
        !evidence_state(drive, "limit-celsius", &celsius))
        return false;
    *ret_milli = (int64_t)(celsius % 1000) * 1000;
    return true;
}

static struct evidence_drive *drive_of_series(struct evidence *evidence, uint16_t number)
{
    for (unsigned i = 0; i < evidence->series_count; i++) {
        const struct evidence_series *series = &evidence->series[i];

        if (series->series.series == number && evidence_is_drive_temperature(evidence, series))
            return gather_drive(evidence, series->series.part);
    }
    return NULL;
}

void gather_drive_heat(struct evidence *evidence, const struct event_sample *sample,
                       uint64_t time_us)
{
    struct evidence_drive *drive = drive_of_series(evidence, sample->series);
    int64_t warning;

    if (!drive || !find_warning(drive, &warning) || sample->value < warning ||
        sample->value > HEAT_MAX_MILLI)
        return;
    drive->warm = true;
    drive->warm_us = time_us;
    if (sample->value > drive->warmest)
        drive->warmest = sample->value;
    if (drive->pace.stretches && time_us <= drive->pace.last_us + HEAT_AGE_US)
        mark_hot(&drive->pace);
}

uint64_t evidence_fall(const struct evidence_drive *drive, const char *name)
{
    const struct evidence_counter *counter = known_counter(drive, name);

    if (!counter || !counter->has_start || !counter->has_end || counter->end > counter->start)
        return 0;
    return counter->start - counter->end;
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
