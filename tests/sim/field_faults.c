/*
 * Which faults a field machine gets: only what it can show at all, for a fan that no sensor reads
 * is no fault that anything could find.
 */
#include "base/prng.h"
#include "diagnosis/verdicts.h"
#include "tests/sim/field.h"

enum { SECOND_US = 1000000 };

const char *const field_fault_names[FIELD_FAULTS] = {
    [FIELD_STUCK_BIT] = "stuck bit",
    [FIELD_WEAK_BIT] = "weak bit",
    [FIELD_ADDRESS_LINE] = "address line",
    [FIELD_ECC_REPEATED] = "ECC, repeated",
    [FIELD_ECC_SINGLE] = "ECC, once",
    [FIELD_ECC_UNCORRECTED] = "ECC, uncorrected",
    [FIELD_CACHE] = "processor cache",
    [FIELD_COMPUTE] = "computes wrong",
    [FIELD_UNREADABLE] = "unreadable sectors",
    [FIELD_PENDING] = "pending sectors",
    [FIELD_SILENT] = "silent failure",
    [FIELD_STALE] = "buffer not filled",
    [FIELD_CORRUPTION] = "silent corruption",
    [FIELD_LEAD] = "bad lead",
    [FIELD_LINK_LOST] = "link lost",
    [FIELD_SLOW_REGION] = "slow region",
    [FIELD_SLOWING] = "grows slow",
    [FIELD_PREDICTED] = "predicts failure",
    [FIELD_PCIE_ERRORS] = "PCIe link",
    [FIELD_HOT_DRIVE] = "hot drive",
    [FIELD_FAN] = "fan",
    [FIELD_AIRFLOW] = "airflow",
    [FIELD_VOLTAGE] = "voltage",
    [FIELD_LOGGED] = "recorded error",
    [FIELD_BOOT_RECORD] = "boot record",
    [FIELD_DEAD_MODULE] = "dead module",
    [FIELD_LOW_LINK] = "narrower link",
    [FIELD_PRIOR_RUN] = "run without end",
};

const uint8_t field_fault_verdicts[FIELD_FAULTS] = {
    [FIELD_STUCK_BIT] = VERDICT_MEMORY_BIT_ERROR,
    [FIELD_WEAK_BIT] = VERDICT_MEMORY_BIT_ERROR,
    [FIELD_ADDRESS_LINE] = VERDICT_MEMORY_ADDRESS_FAULT,
    [FIELD_ECC_REPEATED] = VERDICT_MEMORY_ECC_CORRECTED,
    [FIELD_ECC_SINGLE] = VERDICT_MEMORY_ECC_CORRECTED,
    [FIELD_ECC_UNCORRECTED] = VERDICT_MEMORY_ECC_UNCORRECTED,
    [FIELD_CACHE] = VERDICT_CPU_MACHINE_CHECK,
    [FIELD_COMPUTE] = VERDICT_CPU_COMPUTE_ERROR,
    [FIELD_UNREADABLE] = VERDICT_DISK_MEDIA,
    [FIELD_PENDING] = VERDICT_DISK_MEDIA,
    [FIELD_SILENT] = VERDICT_DISK_MEDIA,
    [FIELD_STALE] = VERDICT_DISK_SILENT_CORRUPTION,
    [FIELD_CORRUPTION] = VERDICT_DISK_SILENT_CORRUPTION,
    [FIELD_LEAD] = VERDICT_DISK_LINK,
    [FIELD_LINK_LOST] = VERDICT_DISK_LINK,
    [FIELD_SLOW_REGION] = VERDICT_DISK_SLOW,
    [FIELD_SLOWING] = VERDICT_DISK_SLOW,
    [FIELD_PREDICTED] = VERDICT_DISK_FAILING,
    [FIELD_PCIE_ERRORS] = VERDICT_PCIE_LINK_ERRORS,
    [FIELD_HOT_DRIVE] = VERDICT_DISK_HOT,
    [FIELD_FAN] = VERDICT_COOLING_FAN,
    [FIELD_AIRFLOW] = VERDICT_COOLING_AIRFLOW,
    [FIELD_VOLTAGE] = VERDICT_POWER_VOLTAGE,
    [FIELD_LOGGED] = VERDICT_MEMORY_ECC_UNCORRECTED,
    [FIELD_BOOT_RECORD] = VERDICT_MEMORY_ECC_UNCORRECTED,
    [FIELD_DEAD_MODULE] = VERDICT_MEMORY_UNUSABLE,
    [FIELD_LOW_LINK] = VERDICT_PCIE_LINK_DEGRADED,
    [FIELD_PRIOR_RUN] = VERDICT_RESET_UNDER_LOAD,
};

bool field_is_of_drive(enum field_fault fault)
{
    return fault >= FIELD_UNREADABLE && fault <= FIELD_HOT_DRIVE;
}

static const struct field_sensor *find_sensor(const struct field_machine *field,
                                              enum field_sensor_kind kind, unsigned fan)
{
    for (unsigned i = 0; i < field->sensor_count; i++) {
        if (field->sensors[i].kind == kind && field->sensors[i].fan == fan &&
            !field->sensors[i].silent_us)
            return &field->sensors[i];
    }
    return NULL;
}

static bool drive_can_show(const struct field_drive *drive, enum field_fault fault)
{
    bool sata = drive->kind == DRIVE_DISK || drive->kind == DRIVE_SSD;

    switch (fault) {
    case FIELD_PENDING:
    case FIELD_PREDICTED:
    case FIELD_STALE: /* else nobody can tell it from the one above */
        return drive->kind != DRIVE_USB;
    case FIELD_HOT_DRIVE: /* one that names a limit */
        return drive->kind == DRIVE_NVME ||
               (sata && !drive->sim.logs.without_logs && !drive->sim.logs.absent_pages &&
                !drive->sim.logs.garbage_pages);
    case FIELD_LEAD:
        return sata;
    case FIELD_PCIE_ERRORS:
        return drive->kind == DRIVE_NVME;
    case FIELD_SILENT:
        return drive->kind != DRIVE_USB && !drive->sim.device.link;
    default:
        return true;
    }
}

/* Whether anything this machine has can show it at all. */
static bool can_show(const struct field_machine *field, const struct field_dealt *dealt)
{
    switch (dealt->fault) {
    case FIELD_ECC_REPEATED:
    case FIELD_ECC_SINGLE:
    case FIELD_ECC_UNCORRECTED:
        return field->has_ecc;
    case FIELD_FAN:
        return dealt->fan < field->fan_count && field->fans[dealt->fan].fitted &&
               find_sensor(field, SENSOR_FAN, dealt->fan);
    case FIELD_AIRFLOW:
        return find_sensor(field, SENSOR_PROCESSOR, 0) != NULL;
    case FIELD_VOLTAGE:
        return find_sensor(field, SENSOR_VOLTAGE, 0) != NULL;
    case FIELD_LOGGED:
        return field->has_bmc && field->has_ecc;
    case FIELD_BOOT_RECORD:
        return field->has_ecc;
    case FIELD_DEAD_MODULE:
        return field->has_modules;
    case FIELD_LOW_LINK:
        return field_slot_can_show(field);
    default:
        return !field_is_of_drive(dealt->fault) ||
               drive_can_show(&field->drives[dealt->drive], dealt->fault);
    }
}

/* Faults for which a drive is read no more, at once or after a while. */
static bool ends_reading(enum field_fault fault)
{
    return fault == FIELD_PREDICTED || fault == FIELD_UNREADABLE || fault == FIELD_SILENT ||
           fault == FIELD_STALE || fault == FIELD_LINK_LOST;
}

/* What shows under load alone does not where the only drive is not read. */
static bool needs_reads(enum field_fault fault)
{
    return fault == FIELD_COMPUTE || fault == FIELD_AIRFLOW || fault == FIELD_FAN ||
           fault == FIELD_VOLTAGE || fault == FIELD_LOW_LINK;
}

/* A drive that is refused or has left shows nothing else, and one verdict is given once. */
static bool go_together(const struct field_machine *field, const struct field_dealt *a,
                        const struct field_dealt *b)
{
    bool one_drive =
        field_is_of_drive(a->fault) && field_is_of_drive(b->fault) && a->drive == b->drive;
    bool hides = a->fault == FIELD_PREDICTED || b->fault == FIELD_PREDICTED ||
                 a->fault == FIELD_LINK_LOST || b->fault == FIELD_LINK_LOST;

    if (one_drive && hides)
        return false;
    if (field->drive_count == 1 && ((ends_reading(a->fault) && needs_reads(b->fault)) ||
                                    (ends_reading(b->fault) && needs_reads(a->fault))))
        return false;
    if (field_fault_verdicts[a->fault] != field_fault_verdicts[b->fault])
        return true;
    return field_is_of_drive(a->fault) && a->drive != b->drive;
}

bool field_can_show(const struct field_machine *field, enum field_fault fault)
{
    for (unsigned i = 0; i < FIELD_DRIVES * FIELD_FANS; i++) {
        struct field_dealt dealt = {.fault = fault, .drive = i / FIELD_FANS, .fan = i % FIELD_FANS};

        if (dealt.drive < field->drive_count && can_show(field, &dealt))
            return true;
    }
    return false;
}

/* `fault`: FIELD_FAULTS for any. */
static void draw(struct field_machine *field, enum field_fault fault, struct field_dealt *dealt)
{
    do {
        *dealt = (struct field_dealt){
            .fault =
                fault < FIELD_FAULTS ? fault : (enum field_fault)field_below(field, FIELD_FAULTS),
            .drive = (unsigned)field_below(field, field->drive_count),
            .fan = field->fan_count ? (unsigned)field_below(field, field->fan_count) : 0,
            .at_us = field_from(field, 22, 60) * SECOND_US,
        };
    } while (!can_show(field, dealt));
}

/* Where something is slow all drives are four times as fast as on other machines, for one read of
 * the slow one would else take half a minute; so are those of some machines without. */
static void quicken(struct field_machine *field)
{
    bool quick = field_chance(field, 8);

    for (unsigned i = 0; i < field->fault_count; i++)
        quick |=
            field->faults[i].fault == FIELD_SLOW_REGION || field->faults[i].fault == FIELD_SLOWING;
    for (unsigned i = 0; i < field->drive_count && quick; i++) {
        field->drives[i].sim.pace *= 4;
        field->drives[i].inner_pace *= 4;
    }
}

/* Without a drive to be read the run is over soon. */
static void hasten(struct field_machine *field)
{
    for (unsigned i = 0; i < field->fault_count && field->drive_count == 1; i++) {
        if (!ends_reading(field->faults[i].fault))
            continue;
        for (unsigned j = 0; j < field->fault_count; j++) {
            if (j != i)
                field->faults[j].at_us = field_from(field, 2, 6) * SECOND_US;
        }
    }
}

void field_deal_faults(struct field_machine *field, enum field_fault first, unsigned count)
{
    field->fault_count = count;
    for (unsigned i = 0; i < count; i++) {
        do
            draw(field, i ? FIELD_FAULTS : first, &field->faults[i]);
        while (i > 0 && !go_together(field, &field->faults[0], &field->faults[i]));
    }
    hasten(field);
    quicken(field);
    for (unsigned i = 0; i < count; i++)
        field_apply(field, &field->faults[i]);
}
