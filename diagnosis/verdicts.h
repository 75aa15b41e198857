/*
 * The verdicts Assay can give: what each means, what to do next, and what else it might be.
 *
 * The ids are a contract: reports carry them, and tests and users rely on them. Their order is
 * that of seriousness: of two findings equally certain the one that stands here first comes first.
 */
#ifndef ASSAY_DIAGNOSIS_VERDICTS_H
#define ASSAY_DIAGNOSIS_VERDICTS_H

#include <stddef.h>

enum subsystem {
    SUBSYSTEM_MEMORY,
    SUBSYSTEM_CPU,
    SUBSYSTEM_DISK,
    SUBSYSTEM_COOLING,
    SUBSYSTEM_POWER,
    SUBSYSTEM_PCIE,
    SUBSYSTEM_MACHINE, /* no single part */
    SUBSYSTEMS,
};

enum verdict {
    VERDICT_MEMORY_BIT_ERROR,
    VERDICT_MEMORY_ADDRESS_FAULT,
    VERDICT_MEMORY_ECC_UNCORRECTED,
    VERDICT_CPU_COMPUTE_ERROR,
    VERDICT_CPU_MACHINE_CHECK,
    VERDICT_DISK_FAILING,
    VERDICT_DISK_MEDIA,
    VERDICT_DISK_SILENT_CORRUPTION,
    VERDICT_DISK_LINK,
    VERDICT_COOLING_FAN,
    VERDICT_COOLING_HEATSINK,
    VERDICT_POWER_VOLTAGE,
    VERDICT_PCIE_LINK_ERRORS,
    VERDICT_MEMORY_ECC_CORRECTED,
    VERDICT_MEMORY_UNUSABLE,
    VERDICT_COOLING_THROTTLE,
    VERDICT_PCIE_LINK_DEGRADED,
    VERDICT_DISK_HOT,
    VERDICT_COOLING_AIRFLOW,
    VERDICT_DISK_SLOW,
    VERDICT_RESET_UNDER_LOAD,
    VERDICT_CRASH_HARDWARE,
    VERDICT_CRASH_DRIVER_FIXED,
    VERDICT_CRASH_KNOWN_DRIVER,
    VERDICTS,
};

struct verdict_entry {
    const char *id;
    enum subsystem subsystem;
    const char *meaning;   /* completes "the run shows that ..." */
    const char *advice;    /* what to do next: one plain sentence, an imperative */
    const char *otherwise; /* what else might look like this */
};

extern const struct verdict_entry verdicts[VERDICTS];
extern const char *const subsystem_names[SUBSYSTEMS];

/* The number of the verdict with this id, or VERDICTS. */
enum verdict verdict_find(const char *id);

#endif
