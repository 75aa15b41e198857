#include "diagnosis/verdicts.h"

#include "base/text.h"

const char *const subsystem_names[SUBSYSTEMS] = {"memory", "cpu",  "disk",   "cooling",
                                                 "power",  "pcie", "machine"};

const struct verdict_entry verdicts[VERDICTS] = {
    [VERDICT_MEMORY_BIT_ERROR] =
        {"memory-bit-error", SUBSYSTEM_MEMORY, "bits differ and the error follows the address",
         "Reseat the memory modules and run again; if it fails again, try them one by one and "
         "replace the one that fails.",
         "a processor or memory controller run beyond its specification (XMP, overclock); a drive "
         "with bad memory of its own, where the page held"},
    [VERDICT_MEMORY_ADDRESS_FAULT] =
        {"memory-address-fault", SUBSYSTEM_MEMORY, "two addresses reach one cell",
         "Reseat the memory modules and run again; if it fails again, replace them.",
         "a dirty or bent contact in the slot; the memory controller"},
    [VERDICT_MEMORY_ECC_UNCORRECTED] =
        {"memory-ecc-uncorrected", SUBSYSTEM_MEMORY,
         "the memory controller reported an error it could not correct",
         "Replace the module that the evidence names; if none is named, try them one by one.",
         "the slot or the memory controller; on AMD processors the L3 cache, where the evidence "
         "says so"},
    [VERDICT_CPU_COMPUTE_ERROR] =
        {"cpu-compute-error", SUBSYSTEM_CPU, "a processor computed wrong",
         "Undo any overclock and run again; if it fails again, replace the processor.",
         "a supply voltage that is too low under load"},
    [VERDICT_CPU_MACHINE_CHECK] =
        {"cpu-machine-check", SUBSYSTEM_CPU, "a processor reported an error of its own",
         "Undo any overclock and run again; if it comes back, replace the processor.",
         "supply voltage or heat; for bus, timer and input/output codes a card or a drive that "
         "the processor waited for"},
    [VERDICT_DISK_FAILING] = {"disk-failing", SUBSYSTEM_DISK, "the drive predicts its own failure",
                              "Copy the data off this drive first, then replace the drive.",
                              "little: it is the drive's own statement"},
    [VERDICT_DISK_MEDIA] =
        {"disk-media", SUBSYSTEM_DISK, "the drive has unreadable or pending sectors",
         "Copy the data off this drive first, then replace the drive.",
         "a write that was cut by a power loss can leave one unreadable sector on a good drive; "
         "where only timeouts or aborted reads were seen, the lead or the power of the drive"},
    [VERDICT_DISK_SILENT_CORRUPTION] =
        {"disk-silent-corruption", SUBSYSTEM_DISK,
         "data from the drive changed and no error was reported",
         "Copy the data off and check it, then replace the drive; if it stays, change the "
         "controller.",
         "the controller, its driver or the path between; where few bits differ, memory"},
    [VERDICT_DISK_LINK] =
        {"disk-link", SUBSYSTEM_DISK, "the link between the drive and its controller fails",
         "Swap or reseat the lead of a SATA drive, then try another port; reseat an M.2 drive.",
         "the power of the drive; the drive's own electronics"},
    [VERDICT_COOLING_FAN] =
        {"cooling-fan", SUBSYSTEM_COOLING,
         "a fan stopped, is below its threshold, or does not answer to load",
         "Look whether the fan is blocked or unplugged; replace it if it does not turn.",
         "the fan's speed wire; a fan that its board switches off on purpose"},
    [VERDICT_COOLING_HEATSINK] = {"cooling-heatsink", SUBSYSTEM_COOLING,
                                  "the temperature leaps with load while fans turn",
                                  "Reseat the heat sink with new paste.",
                                  "a power limit set too high"},
    [VERDICT_POWER_VOLTAGE] =
        {"power-voltage", SUBSYSTEM_POWER,
         "a supply voltage is outside its limits, or the processor throttles while cool",
         "Try another power supply or adapter; then suspect the board.", "a sensor read wrongly"},
    [VERDICT_PCIE_LINK_ERRORS] = {"pcie-link-errors", SUBSYSTEM_PCIE,
                                  "a PCI Express link reports errors",
                                  "Reseat the card, then try another slot.",
                                  "power management of the link"},
    [VERDICT_MEMORY_ECC_CORRECTED] =
        {"memory-ecc-corrected", SUBSYSTEM_MEMORY,
         "the memory controller corrected errors of a module",
         "Run again; if it comes back at the same module, replace that module.",
         "a single one may be a stray particle; on AMD processors the L3 cache, where the "
         "evidence says so"},
    [VERDICT_MEMORY_UNUSABLE] = {"memory-unusable", SUBSYSTEM_MEMORY,
                                 "a module is installed and not usable",
                                 "Reseat the module, then try it alone.",
                                 "the slot; a mix that the board cannot run"},
    [VERDICT_COOLING_THROTTLE] = {"cooling-throttle", SUBSYSTEM_COOLING,
                                  "the processor slows down because it is too hot",
                                  "Clean the machine, reseat the heat sink and check the fans.",
                                  "a thin notebook built to run at its limit"},
    [VERDICT_PCIE_LINK_DEGRADED] = {"pcie-link-degraded", SUBSYSTEM_PCIE,
                                    "a PCI Express link is narrower or slower than it "
                                    "should be",
                                    "Reseat the card, and its riser if it has one, then try "
                                    "another slot.",
                                    "power saving; a slot with fewer lanes; the card itself"},
    [VERDICT_DISK_HOT] = {"disk-hot", SUBSYSTEM_DISK,
                          "the drive was above its own temperature limit",
                          "Give the drive more air; an NVMe drive may need a heat sink.",
                          "a fan that stopped; a limit the maker set low"},
    [VERDICT_COOLING_AIRFLOW] =
        {"cooling-airflow", SUBSYSTEM_COOLING, "parts are too hot while the fans turn",
         "Clean filters and vents, then run again.",
         "dried paste under the heat sink; a warm room; a sensor read wrongly"},
    [VERDICT_DISK_SLOW] =
        {"disk-slow", SUBSYSTEM_DISK, "the drive was at times far below its own pace",
         "Watch the drive, keep copies of its data, and replace it if it grows slower.",
         "a drive that throttles from heat, woke from sleep or tidied up; the path before it"},
    [VERDICT_RESET_UNDER_LOAD] =
        {"reset-under-load", SUBSYSTEM_MACHINE,
         "an earlier run ended without its end, and perhaps nobody switched the machine off",
         "If nobody switched it off, check power supply, cooling and memory, in this order.",
         "a power cut; somebody pressed the button or pulled the stick"},
    [VERDICT_CRASH_HARDWARE] = {"crash-hardware", SUBSYSTEM_MACHINE,
                                "what Windows recorded points at hardware",
                                "Trust the findings of this run.", "a driver that damages memory"},
    [VERDICT_CRASH_DRIVER_FIXED] =
        {"crash-driver-fixed", SUBSYSTEM_MACHINE,
         "what Windows recorded is a driver fault whose fix is already in place",
         "Trust the findings of this run.", "a second fault of the same driver"},
    [VERDICT_CRASH_KNOWN_DRIVER] =
        {"crash-known-driver", SUBSYSTEM_MACHINE,
         "what Windows recorded is a known driver fault not yet fixed here",
         "Apply the fix that the evidence names.", "failing hardware beside it"},
};

enum verdict verdict_find(const char *id)
{
    unsigned i = 0;

    while (i < VERDICTS && !text_equal(verdicts[i].id, id))
        i++;
    return (enum verdict)i;
}
