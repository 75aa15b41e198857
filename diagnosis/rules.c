#include "diagnosis/rules.h"

#include "diagnosis/conditions.h"

const struct rule rules[] = {
    {"page-failed-again", VERDICT_MEMORY_BIT_ERROR, CERTAIN, SUBJECT_PAGE, page_failed_again, NULL,
     tell_page,
     "a page failed in a memory test, not of row activation alone, and failed again when it was "
     "tested without any drive",
     NULL},
    {"page-failed-under-dma", VERDICT_MEMORY_BIT_ERROR, LIKELY, SUBJECT_PAGE,
     page_failed_after_mismatch, NULL, tell_page,
     "a block of a drive differed and its page failed again when it was tested alone", NULL},
    {"page-failed-twice", VERDICT_MEMORY_BIT_ERROR, LIKELY, SUBJECT_PAGE, page_failed_twice,
     page_shares_cells, tell_page,
     "two memory tests, or a memory test and the imaging load, saw the same page wrong",
     "the page holds the addresses of others, or they hold its own (memory-address-fault)"},
    {"pages-share-a-bit", VERDICT_MEMORY_BIT_ERROR, LIKELY, SUBJECT_PAGE, page_shares_bit,
     page_shares_cells, tell_page,
     "memory tests, not of row activation alone, saw the same single bit wrong in two pages or "
     "more",
     "the page holds the addresses of others, or they hold its own (memory-address-fault)"},
    {"blocks-of-many-drives", VERDICT_MEMORY_BIT_ERROR, LIKELY, SUBJECT_MEMORY,
     memory_under_many_drives, many_drives_explained, tell_many_drives,
     "blocks of drives on different controllers differed in the same manner",
     "a link error was counted at the drive, a processor computed wrong, or two addresses reach "
     "one "
     "cell"},
    {"page-failed-once", VERDICT_MEMORY_BIT_ERROR, POSSIBLE, SUBJECT_PAGE, page_failed_test, NULL,
     tell_page, "a memory test saw a page wrong, and the page held afterwards", NULL},
    {"page-held-after-mismatch", VERDICT_MEMORY_BIT_ERROR, POSSIBLE, SUBJECT_PAGE, page_mismatched,
     page_mismatch_explained, tell_page,
     "a block of a drive differed in less than a sector, or differed between two places in "
     "memory, and its page held; the drive is named beside it where it took part",
     "a link error was counted at the drive, or a processor computed wrong"},

    {"words-hold-other-addresses", VERDICT_MEMORY_ADDRESS_FAULT, LIKELY, SUBJECT_PAGE,
     page_is_aliased, NULL, tell_alias,
     "in the address test two words or more held the address of other words, the page "
     "tested alone held, and no other test saw single bits wrong there; or the retest of a word "
     "found that what is written to it shows at another address, and the other way",
     NULL},

    {"reported-in-the-run", VERDICT_MEMORY_ECC_UNCORRECTED, CERTAIN, SUBJECT_CHECK,
     memory_uncorrected, NULL, tell_check,
     "a machine check with the error code of a memory controller and UC, in this run", NULL},
    {"recorded-at-a-module", VERDICT_MEMORY_ECC_UNCORRECTED, LIKELY, SUBJECT_PRIOR,
     prior_memory_uncorrected, NULL, tell_prior,
     "before the run the firmware or the BMC recorded an uncorrected memory error that leads to a "
     "module, by its handle or its address, and the record is not old",
     NULL},
    {"reported-before-the-run", VERDICT_MEMORY_ECC_UNCORRECTED, LIKELY, SUBJECT_CHECK,
     memory_uncorrected_prior, NULL, tell_check, "the same, left in its bank from before the run",
     NULL},
    {"memory-or-cache-uncorrected", VERDICT_MEMORY_ECC_UNCORRECTED, POSSIBLE, SUBJECT_CHECK,
     ambiguous_uncorrected, NULL, tell_check,
     "on an AMD processor, an uncorrected error of memory or last level cache; "
     "cpu-machine-check is named beside it",
     NULL},

    {"recorded", VERDICT_MEMORY_ECC_UNCORRECTED, POSSIBLE, SUBJECT_PRIOR,
     prior_memory_uncorrected_perhaps, prior_memory_explained, tell_prior,
     "before the run an uncorrected memory error was recorded with no module known, or of unknown "
     "age",
     "a record of the same severity names a module"},

    {"corrected-in-one-place", VERDICT_MEMORY_ECC_CORRECTED, LIKELY, SUBJECT_CHECK,
     memory_corrected_repeated, uncorrected_beside, tell_check,
     "two corrected errors or more at one module or, where the addresses do not tell which, of one "
     "bank and channel; those from before the run included",
     "an uncorrected error of the same bank and channel"},
    {"single-corrected", VERDICT_MEMORY_ECC_CORRECTED, POSSIBLE, SUBJECT_CHECK,
     memory_corrected_once, uncorrected_beside, tell_check,
     "one machine check with the error code of a memory controller, corrected",
     "an uncorrected error of the same bank and channel"},
    {"memory-or-cache-corrected", VERDICT_MEMORY_ECC_CORRECTED, POSSIBLE, SUBJECT_CHECK,
     ambiguous_corrected, uncorrected_beside, tell_check,
     "on an AMD processor, corrected errors of memory or last level cache; cpu-machine-check is "
     "named beside it",
     "an uncorrected error of the same bank"},

    {"recorded-corrected", VERDICT_MEMORY_ECC_CORRECTED, POSSIBLE, SUBJECT_PRIOR,
     prior_memory_corrected, prior_memory_uncorrected_beside, tell_prior,
     "before the run the firmware or the BMC recorded a corrected memory error",
     "an uncorrected one was recorded, too, or a record of the same severity names a module"},

    {"unsized-and-reported", VERDICT_MEMORY_UNUSABLE, LIKELY, SUBJECT_MODULE,
     module_unsized_and_reported, NULL, tell_unsized,
     "the firmware names the serial and part number of a module, gives it no size, and tells of an "
     "uncorrected error of it",
     NULL},
    {"missing-and-reported", VERDICT_MEMORY_UNUSABLE, LIKELY, SUBJECT_MODULE,
     module_missing_and_reported, NULL, tell_missing,
     "less memory is mapped than is installed, by the size of a module of which the firmware tells "
     "an uncorrected error",
     NULL},
    {"unsized", VERDICT_MEMORY_UNUSABLE, POSSIBLE, SUBJECT_MODULE, module_unsized, NULL,
     tell_unsized,
     "the firmware names the serial and part number of a module beside others, and gives it no "
     "size",
     NULL},
    {"missing", VERDICT_MEMORY_UNUSABLE, POSSIBLE, SUBJECT_MODULE, module_missing, NULL,
     tell_missing,
     "less memory is mapped than is installed, by the size of a module, and the machine has no "
     "more by its own map of memory; with error correction, only a module that the map leaves out",
     NULL},

    {"hash-differs-on-one-processor", VERDICT_CPU_COMPUTE_ERROR, CERTAIN, SUBJECT_PROCESSOR,
     processor_computed_wrong, NULL, tell_compute,
     "equal bytes gave two hashes on one processor, twice", NULL},
    {"hash-differs-now-and-then", VERDICT_CPU_COMPUTE_ERROR, LIKELY, SUBJECT_PROCESSOR,
     processor_computed_wrong_twice, NULL, tell_compute_unsure,
     "two hashes of a block differed though no byte of it was wrong, in two blocks or more that "
     "one processor had worked on alone, and on no other processor",
     NULL},
    {"hash-differs-once", VERDICT_CPU_COMPUTE_ERROR, POSSIBLE, SUBJECT_PROCESSOR,
     processor_computed_wrong_once, some_page_failed_or_computed_wrong, tell_compute_unsure,
     "two hashes of a block differed though no byte of it was wrong: the processor, or a bit that "
     "fell over and back",
     "memory failed a test, two addresses reach one cell, or a processor computed wrong"},

    {"uncorrected-in-the-run", VERDICT_CPU_MACHINE_CHECK, CERTAIN, SUBJECT_CHECK, cpu_uncorrected,
     NULL, tell_check, "a machine check of a cache, TLB or other inner part with UC, in this run",
     NULL},
    {"uncorrected-before-the-run", VERDICT_CPU_MACHINE_CHECK, LIKELY, SUBJECT_CHECK,
     cpu_uncorrected_prior, NULL, tell_check, "the same, left in its bank from before the run",
     NULL},
    {"corrected-repeatedly", VERDICT_CPU_MACHINE_CHECK, LIKELY, SUBJECT_CHECK,
     cpu_corrected_repeated, uncorrected_beside, tell_check,
     "two corrected errors of one bank or more", "an uncorrected error of the same bank"},
    {"corrected-once", VERDICT_CPU_MACHINE_CHECK, POSSIBLE, SUBJECT_CHECK, cpu_corrected_once,
     uncorrected_beside, tell_check, "one corrected error",
     "an uncorrected error of the same bank"},
    {"from-outside", VERDICT_CPU_MACHINE_CHECK, POSSIBLE, SUBJECT_CHECK, check_from_outside, NULL,
     tell_check,
     "a bus, timer or input/output error: the processor reports it and may only have "
     "waited for something else",
     NULL},
    {"cache-or-memory", VERDICT_CPU_MACHINE_CHECK, POSSIBLE, SUBJECT_CHECK, ambiguous,
     uncorrected_beside, tell_check,
     "on an AMD processor, an error of memory or last level cache; the memory is named "
     "beside it",
     "an uncorrected error of the same bank"},

    {"recorded-processor", VERDICT_CPU_MACHINE_CHECK, LIKELY, SUBJECT_PRIOR,
     prior_processor_uncorrected, NULL, tell_prior,
     "before the run the firmware or the BMC recorded an uncorrected error of a processor, and the "
     "record is not old",
     NULL},
    {"recorded-processor-perhaps", VERDICT_CPU_MACHINE_CHECK, POSSIBLE, SUBJECT_PRIOR,
     prior_processor_perhaps, prior_processor_explained, tell_prior,
     "such a record of unknown age, of a corrected error, or with a bus, timer or input/output "
     "code",
     "of the latter: an uncorrected memory error was recorded beside it"},

    {"critical-warning", VERDICT_DISK_FAILING, CERTAIN, SUBJECT_DRIVE, drive_warns, NULL,
     tell_warning, "a critical warning of an NVMe drive, but that of temperature", NULL},
    {"smart-status", VERDICT_DISK_FAILING, CERTAIN, SUBJECT_DRIVE, drive_predicts, NULL,
     tell_prediction, "the drive answers that one of its SMART thresholds was exceeded", NULL},
    {"self-test", VERDICT_DISK_FAILING, LIKELY, SUBJECT_DRIVE, drive_failed_self_test, NULL,
     tell_self_test, "the newest of the drive's self-tests that came to a result failed", NULL},

    {"unreadable-again", VERDICT_DISK_MEDIA, CERTAIN, SUBJECT_DRIVE, drive_unreadable_again, NULL,
     tell_unreadable, "the drive could not read sectors, nor when asked again", NULL},
    {"written-unreadable-again", VERDICT_DISK_MEDIA, CERTAIN, SUBJECT_DRIVE,
     drive_written_unreadable_again, drive_link_evidence, tell_writes,
     "a block that was written just before could not be read back, nor when asked again",
     "a link error was counted as well"},
    {"unreadable", VERDICT_DISK_MEDIA, LIKELY, SUBJECT_DRIVE, drive_unreadable, NULL,
     tell_unreadable, "the drive could not read sectors, once", NULL},
    {"pending-sectors", VERDICT_DISK_MEDIA, LIKELY, SUBJECT_DRIVE, drive_bad_sectors, NULL,
     tell_defects, "the drive counts pending or uncorrectable sectors", NULL},
    {"defects-rose", VERDICT_DISK_MEDIA, LIKELY, SUBJECT_DRIVE, drive_defects_rose, NULL,
     tell_defects, "its counts of reallocated sectors or media errors rose in the run", NULL},
    {"logged-unreadable", VERDICT_DISK_MEDIA, LIKELY, SUBJECT_DRIVE, drive_logged_unreadable, NULL,
     tell_defects, "the drive's error log grew in the run, and its newest entry is of the medium",
     NULL},
    {"written-unreadable", VERDICT_DISK_MEDIA, LIKELY, SUBJECT_DRIVE, drive_written_unreadable,
     drive_link_evidence, tell_writes,
     "a block that was written just before could not be read back, once",
     "a link error was counted as well"},
    {"write-refused", VERDICT_DISK_MEDIA, LIKELY, SUBJECT_DRIVE, drive_refuses_writes_with_status,
     drive_link_evidence, tell_writes, "the drive refused to write a block, and said why",
     "a link error was counted as well"},
    {"silent-in-one-region", VERDICT_DISK_MEDIA, LIKELY, SUBJECT_DRIVE, drive_silent_region,
     drive_link_evidence, tell_silence,
     "reads timed out or were given up, all in one region or again at one place",
     "a link error was counted as well"},
    {"silent-at-times", VERDICT_DISK_MEDIA, POSSIBLE, SUBJECT_DRIVE, drive_silent_at_times,
     silence_explained, tell_silence,
     "reads timed out or were given up here and there, or the drive or its driver counted "
     "timeouts; disk-link is named beside it",
     "a link error was counted as well, or the drive left"},
    {"write-failed", VERDICT_DISK_MEDIA, POSSIBLE, SUBJECT_DRIVE, drive_refuses_writes,
     drive_link_evidence, tell_writes, "a block could not be written, and nobody said why",
     "a link error was counted as well"},

    {"drives-of-one-controller-differ", VERDICT_DISK_SILENT_CORRUPTION, LIKELY, SUBJECT_CONTROLLER,
     controller_corrupts, sectors_spread_over, tell_controller_corruption,
     "data of two drives or more changed, which are most of those on their controller, and a drive "
     "on another one was read and shows nothing",
     "drives on other controllers show the same, or two addresses reach one cell"},
    {"written-wrong-again", VERDICT_DISK_SILENT_CORRUPTION, CERTAIN, SUBJECT_DRIVE,
     drive_writes_wrong_again, writes_doubtful, tell_writes,
     "a block that was written came back as another, an older or a broken one, and again when read "
     "again",
     "a link error was counted, drives on other controllers show the same, a processor computed "
     "wrong, or anything speaks against the memory"},
    {"written-wrong", VERDICT_DISK_SILENT_CORRUPTION, LIKELY, SUBJECT_DRIVE, drive_writes_wrong,
     writes_explained, tell_writes,
     "a block that was written came back as another, an older or a broken one",
     "a link error was counted, drives on other controllers show the same, two addresses reach one "
     "cell, or a processor computed wrong"},
    {"differs-again", VERDICT_DISK_SILENT_CORRUPTION, LIKELY, SUBJECT_DRIVE, drive_corrupts_again,
     sectors_explained, tell_corruption,
     "whole sectors differed, the same block differed again, and the page held",
     "a link error was counted, drives on other controllers show the same, two addresses reach one "
     "cell, or firmware may have copied the data"},
    {"leftovers", VERDICT_DISK_SILENT_CORRUPTION, LIKELY, SUBJECT_DRIVE, drive_leaves_leftovers,
     drive_link_evidence, tell_corruption,
     "a piece of the canary or of an older read was left in a block: controller, path or driver",
     "a link error was counted, or firmware may have copied the data"},
    {"unfilled", VERDICT_DISK_SILENT_CORRUPTION, LIKELY, SUBJECT_DRIVE, drive_unfilled,
     drive_link_evidence, tell_unfilled,
     "a read claimed success and left its buffer unfilled: controller, path or driver",
     "a link error was counted"},
    {"differs-perhaps", VERDICT_DISK_SILENT_CORRUPTION, POSSIBLE, SUBJECT_DRIVE,
     drive_corrupts_perhaps, sectors_explained, tell_corruption,
     "whole sectors of a block differed once, or firmware may have copied the data",
     "a link error was counted, drives on other controllers show the same, or two addresses reach "
     "one cell"},
    {"differs-in-bits", VERDICT_DISK_SILENT_CORRUPTION, POSSIBLE, SUBJECT_DRIVE,
     drive_corrupts_bits, bits_explained, tell_corruption,
     "a block differed in less than a sector and its page held: the drive's own memory, or that "
     "of the machine, which is named beside it",
     "a link error was counted, drives on other controllers show the same, memory failed a test, "
     "or a processor computed wrong"},

    {"drives-of-one-controller-fail", VERDICT_DISK_LINK, LIKELY, SUBJECT_CONTROLLER,
     controller_loses_drives, NULL, tell_controller_losses,
     "link errors, timeouts or losses of two drives or more, which are most of those on their "
     "controller, within ten minutes where they have a time, and a drive on another one was read "
     "and shows nothing",
     NULL},
    {"crc-errors", VERDICT_DISK_LINK, LIKELY, SUBJECT_DRIVE, drive_link_fails, NULL, tell_link,
     "two errors of the link or more (interface CRC or Phy events by status, by the rise of the "
     "drive's counters or by the driver's; the link lost, or reset where no command had failed), "
     "or one together with timeouts, aborted reads or blocks that differed",
     NULL},
    {"one-crc-error", VERDICT_DISK_LINK, POSSIBLE, SUBJECT_DRIVE, drive_link_failed_once, NULL,
     tell_link, "one such error and nothing else", NULL},
    {"no-answer-at-times", VERDICT_DISK_LINK, POSSIBLE, SUBJECT_DRIVE, drive_silent_at_times, NULL,
     tell_silence,
     "reads timed out or were given up here and there, the drive or its driver counted timeouts, "
     "or the drive left; disk-media is named beside it, but of a drive that left",
     NULL},
    {"sata-link-below", VERDICT_DISK_LINK, POSSIBLE, SUBJECT_DRIVE, drive_sata_below, NULL,
     tell_below, "a drive under load has a SATA link slower than drive and port both can do", NULL},

    {"link-fails-and-narrows", VERDICT_PCIE_LINK_ERRORS, CERTAIN, SUBJECT_LINK,
     link_fails_and_narrows, NULL, tell_pcie_errors,
     "under load a link became narrower than it had been in the run, not for power saving by the "
     "port's own word, and it shows an uncorrected error, or corrected ones of two kinds or again",
     NULL},
    {"link-uncorrected", VERDICT_PCIE_LINK_ERRORS, LIKELY, SUBJECT_LINK, link_uncorrected, NULL,
     tell_pcie_errors,
     "in the run an uncorrected error came up in the registers (AER) of one end of a link; "
     "requests that are not supported and access control are none",
     NULL},
    {"link-corrected-repeatedly", VERDICT_PCIE_LINK_ERRORS, LIKELY, SUBJECT_LINK,
     link_corrected_repeatedly, NULL, tell_pcie_errors,
     "in the run corrected errors of two kinds came up at one link, or of one kind again after "
     "they had been cleared",
     NULL},
    {"link-corrected-and-narrows", VERDICT_PCIE_LINK_ERRORS, LIKELY, SUBJECT_LINK,
     link_corrected_and_narrows, NULL, tell_pcie_errors,
     "under load a link became narrower, and one corrected error came up at it", NULL},
    {"link-lost", VERDICT_PCIE_LINK_ERRORS, LIKELY, SUBJECT_LINK, link_lost, NULL, tell_pcie_errors,
     "in the run nobody answered at the lower end of a link any more, in two looks in a row, while "
     "its port did; a card that was pulled out of a slot for it is none",
     NULL},
    {"link-corrected", VERDICT_PCIE_LINK_ERRORS, POSSIBLE, SUBJECT_LINK, link_corrected, NULL,
     tell_pcie_errors, "in the run one corrected error came up at a link", NULL},
    {"recorded-pcie", VERDICT_PCIE_LINK_ERRORS, POSSIBLE, SUBJECT_PRIOR, prior_pcie,
     prior_pcie_explained, tell_prior,
     "before the run an uncorrected error of a PCI Express device was recorded, or was left in its "
     "registers; requests that are not supported are none",
     "another such record names the device, or its link shows errors in the run"},

    {"link-narrower", VERDICT_PCIE_LINK_DEGRADED, LIKELY, SUBJECT_LINK, link_narrower, link_fails,
     tell_pcie_change,
     "under load a link became narrower than it had been in the run, in two looks in a row; links "
     "of graphics, and those that save power by the port's own word, are left out",
     "the link is named for its errors"},
    {"drive-link-below", VERDICT_PCIE_LINK_DEGRADED, LIKELY, SUBJECT_DRIVE, drive_pcie_below, NULL,
     tell_below,
     "a drive under load has a PCI Express link slower or narrower than drive and port both can do",
     NULL},
    {"link-slower", VERDICT_PCIE_LINK_DEGRADED, POSSIBLE, SUBJECT_LINK, link_slower, link_fails,
     tell_pcie_change,
     "under load a link became slower than it had been in the run and not narrower; left out are "
     "the same ones, and those whose port was given a lower target speed",
     "the link is named for its errors"},

    {"stopped-and-below", VERDICT_COOLING_FAN, CERTAIN, SUBJECT_SERIES, fan_stopped_and_says_so,
     NULL, tell_fan, "a fan turned in this run, read 0 twice, and is below its own threshold",
     NULL},
    {"stopped", VERDICT_COOLING_FAN, LIKELY, SUBJECT_SERIES, fan_stopped, NULL, tell_fan,
     "a fan turned in this run and read 0 twice, while the machine was neither resting nor "
     "cooling down",
     NULL},
    {"below-threshold", VERDICT_COOLING_FAN, LIKELY, SUBJECT_SERIES, fan_below_threshold, NULL,
     tell_fan, "the sensor of a fan reports it below its critical threshold", NULL},

    {"slowed", VERDICT_COOLING_FAN, LIKELY, SUBJECT_SERIES, fan_slowed, NULL, tell_fan_speed,
     "for 30 s under load a fan was below its own limit that it had kept before, or below 45 % of "
     "what it had turned at, in a machine as warm as it was then",
     NULL},
    {"processor-fan-deaf", VERDICT_COOLING_FAN, LIKELY, SUBJECT_SERIES, fan_of_processor_deaf,
     some_fan_stopped, tell_fan_speed,
     "the processor runs below its base clock at its limit of temperature, to which it rose slowly "
     "and by 15 degrees or more; the fan that bears its name turns no faster than at rest, and "
     "others do",
     "a fan stopped"},
    {"deaf", VERDICT_COOLING_FAN, POSSIBLE, SUBJECT_SERIES, fan_deaf, some_fan_stopped,
     tell_fan_speed, "the same, and no fan turns faster than at rest", "a fan stopped"},
    {"never-turned", VERDICT_COOLING_FAN, POSSIBLE, SUBJECT_SERIES, fan_never_turned,
     some_fan_stopped, tell_fan_speed,
     "the processor runs below its base clock at its limit of temperature, and the fan reads 0; it "
     "bears the processor's name, or no fan turns",
     "a fan stopped"},

    {"recorded-fan", VERDICT_COOLING_FAN, POSSIBLE, SUBJECT_PRIOR, prior_fan, prior_told_before,
     tell_prior,
     "in its event log the BMC has a fault of a fan that has not ended, not old or of unknown age",
     "another event of the same sensor is named"},

    {"far-from-seated", VERDICT_COOLING_HEATSINK, LIKELY, SUBJECT_SERIES, heatsink_far_beyond,
     some_fan_fails, tell_throttle,
     "for 30 s under load the processor runs below its base clock at its limit of temperature; it "
     "did so within 20 s of the load, or what goes of its rise in the first ten seconds after the "
     "load, and not at once, is more than a contact that is good can hold (of readings too far "
     "apart for that: about half of the rise goes within seconds); and by this leap in K/W it "
     "would leap by 60 degrees or more at the power it is made for, or at the most that it drew",
     "a fan fails"},
    {"leaps", VERDICT_COOLING_HEATSINK, POSSIBLE, SUBJECT_SERIES, heatsink_leaps, some_fan_fails,
     tell_throttle, "the same without power readings, or with a smaller leap in K/W",
     "a fan fails"},

    {"drive-above-limit", VERDICT_DISK_HOT, CERTAIN, SUBJECT_SERIES, drive_too_hot,
     fan_stopped_before, tell_heat, "two readings in a row above the drive's own limit",
     "a fan had stopped before"},
    {"drive-says-hot", VERDICT_DISK_HOT, LIKELY, SUBJECT_DRIVE, drive_says_hot, some_fan_stopped,
     tell_hot_drive,
     "the critical warning of temperature of an NVMe drive, or a rise of its minutes above the "
     "critical, or of an ATA drive above its specified, temperature",
     "a fan stopped"},
    {"hot-and-slow", VERDICT_DISK_HOT, LIKELY, SUBJECT_DRIVE, drive_throttled, some_fan_stopped,
     tell_throttled, "each time it was far below its pace it was at its own warning temperature",
     "a fan stopped"},
    {"warm", VERDICT_DISK_HOT, POSSIBLE, SUBJECT_DRIVE, drive_was_warm, some_fan_stopped,
     tell_hot_drive,
     "a rise of its minutes above its warning temperature, and nothing slower for it",
     "a fan stopped"},

    {"too-hot-with-a-drive", VERDICT_COOLING_AIRFLOW, LIKELY, SUBJECT_SERIES,
     part_too_hot_with_drive, heat_explained, tell_heat,
     "two readings in a row above the upper limit of a sensor that is not a drive's, and a drive "
     "that was above its own limit as well",
     "a fan fails, a processor is slowed down for heat, another part is named for it already, or "
     "the sensor never moves"},
    {"too-hot", VERDICT_COOLING_AIRFLOW, POSSIBLE, SUBJECT_SERIES, part_too_hot, heat_explained,
     tell_heat, "two readings in a row above the upper limit of a sensor that is not a drive's",
     "a fan fails, a processor is slowed down for heat, another part is named for it already, or "
     "the sensor never moves"},

    {"slow-and-warm-with-others", VERDICT_COOLING_AIRFLOW, LIKELY, SUBJECT_SERIES, air_is_warm,
     some_fan_fails, tell_throttle,
     "for 30 s under load the processor runs below its base clock at its limit of temperature, to "
     "which it rose slowly while fans turn, and another place rose by 10 degrees or more or a "
     "drive is above its limit",
     "a fan fails"},
    {"slow-and-warm", VERDICT_COOLING_AIRFLOW, POSSIBLE, SUBJECT_SERIES, air_is_short,
     some_fan_fails, tell_throttle, "the same of the processor alone", "a fan fails"},

    {"recorded-heat", VERDICT_COOLING_AIRFLOW, POSSIBLE, SUBJECT_PRIOR, prior_heat,
     prior_heat_explained, tell_prior,
     "in its event log the BMC has a temperature beyond its limit that has not ended, not old or "
     "of "
     "unknown age",
     "a fault of a fan is recorded or seen, a part is too hot in the run, or an earlier event is "
     "named"},

    {"slow-when-hot", VERDICT_COOLING_THROTTLE, LIKELY, SUBJECT_SERIES, slow_when_hot_by_fault,
     throttle_explained, tell_slow_when_hot,
     "a processor ran below its nominal clock for 30 s within 3 degrees of the temperature at "
     "which it slows itself down, in a desktop, tower or rack",
     "a fan fails, or another rule of cooling says why"},
    {"slow-when-hot-perhaps", VERDICT_COOLING_THROTTLE, POSSIBLE, SUBJECT_SERIES, slow_when_hot,
     throttle_explained, tell_slow_when_hot,
     "the same in a notebook, which may be built for it, or where the chassis is not known",
     "a fan fails, or another rule of cooling says why"},

    {"rail-outside", VERDICT_POWER_VOLTAGE, LIKELY, SUBJECT_SERIES, rail_outside, rail_is_battery,
     tell_rail,
     "two readings in a row of a voltage beyond its own critical limit, or one that the sensor "
     "itself reports so; less than half of a limit, or more than twice, is a sensor read wrongly",
     "it is that of a battery, by its name"},
    {"rail-dips", VERDICT_POWER_VOLTAGE, LIKELY, SUBJECT_SERIES, rail_dipped_with_others,
     rail_is_battery, tell_rail,
     "one such reading, and within a minute a drive was lost, timed out or had a link error, or a "
     "machine check came",
     "it is that of a battery, by its name"},
    {"slow-while-cool", VERDICT_POWER_VOLTAGE, POSSIBLE, SUBJECT_SERIES, slow_while_cool, NULL,
     tell_slow_while_cool,
     "in a desktop, tower or rack another device made the processor slow down (PROCHOT), while it "
     "was 15 degrees or more below the temperature at which it does so itself; or, in any machine, "
     "it ran for 30 s under load below its base clock, which it had reached before, so cool and "
     "after such a word",
     NULL},

    {"recorded-power", VERDICT_POWER_VOLTAGE, POSSIBLE, SUBJECT_PRIOR, prior_power,
     prior_told_before, tell_prior,
     "in its event log the BMC has a fault of a voltage or a power supply that has not ended, not "
     "old or of unknown age; a supply that lost its input is none",
     "another event of the same sensor is named"},

    {"slow-alone", VERDICT_DISK_SLOW, LIKELY, SUBJECT_DRIVE, drive_slow_alone, drive_throttled,
     tell_slow,
     "a stretch of some seconds far below the drive's own pace, while another device kept its own",
     "it was at its own warning temperature each time (disk-hot)"},
    {"slow", VERDICT_DISK_SLOW, POSSIBLE, SUBJECT_DRIVE, drive_slow, drive_throttled, tell_slow,
     "the same, with no other device measured meanwhile",
     "it was at its own warning temperature each time (disk-hot)"},

    {"run-ended-in-distress", VERDICT_RESET_UNDER_LOAD, LIKELY, SUBJECT_RUN, reset_supported,
     reset_by_hand, tell_prior_run,
     "the journal of an earlier run has no end, and when it ended a temperature was within 3 C of "
     "its "
     "limit, a voltage had dropped, errors were being corrected ever more often, a watchdog "
     "expired, or the BMC restarted the machine because of an event",
     "the user switched it off; reset button, a command to the BMC or the power button held down "
     "ended it and Assay runs again within 15 minutes; a watchdog does not count that Assay could "
     "not stop"},
    {"run-without-end", VERDICT_RESET_UNDER_LOAD, POSSIBLE, SUBJECT_RUN, run_without_end,
     reset_by_hand, tell_prior_run, "the journal of an earlier run has no end",
     "the user switched it off, or a hand did as above"},
};

const size_t rule_count = sizeof(rules) / sizeof(rules[0]);
