#include "diagnosis/doubts.h"

#include "diagnosis/conditions.h"
#include "diagnosis/drive_evidence.h"

enum {
    UNDEFINED_WARNINGS = 0xC0, /* NVMe Base 2.0, SMART log, critical warning: reserved */
    SELF_TEST_OLD_H = 1000,
    FAR_BELOW_MILLI = 10000,
    COOLER_MILLI = 2000,
    COOLER_SAMPLES = 6,
};

/* ---- memory and processors */

/* In a page that fails for good, or when it is warm, this does not happen; nor do two tests find
 * it by chance. */
static bool page_held_in_the_end(const struct evidence *evidence, unsigned index)
{
    const struct evidence_page *page = &evidence->pages[index];

    return page->rested == REPEAT_HELD && page->shape != SHAPE_HOT_ONLY && !page->other_test &&
           !page->mismatches && page->tested_wrong == 1;
}

static bool memory_fails_for_good(const struct evidence *evidence, unsigned index)
{
    (void)index;
    for (unsigned i = 0; i < evidence->page_count; i++) {
        if (page_failed_again(evidence, i))
            return true;
    }
    return false;
}

/* ---- drives */

static bool has_faults(const struct evidence_drive *drive)
{
    uint64_t first_us, last_us;

    return drive_fault_times(drive, &first_us, &last_us);
}

/* Without a read that failed, on a drive that was read and on one that was not. */
static bool idle_drive_counts_too(const struct evidence *evidence, unsigned index)
{
    if (has_faults(drive_at(evidence, index)) || !drive_is_loaded(evidence, index))
        return false;
    for (unsigned i = 0; i < evidence->drive_count; i++) {
        if (i != index && drive_link_evidence(evidence, i) && !drive_is_loaded(evidence, i) &&
            !has_faults(drive_at(evidence, i)))
            return true;
    }
    return false;
}

static bool machine_was_hot(const struct evidence *evidence, unsigned index)
{
    (void)index;
    return some_part_too_hot(evidence);
}

static bool warning_is_undefined(const struct evidence *evidence, unsigned index)
{
    return drive_state(evidence, index, "critical-warning") & UNDEFINED_WARNINGS;
}

/* A drive that has never run says nothing of its health, and neither does a page without values. */
static bool page_is_empty(const struct evidence *evidence, unsigned index)
{
    const struct evidence_drive *drive = drive_at(evidence, index);
    uint64_t hours;

    if (!evidence_state(drive, "power-on-hours", &hours) || hours)
        return false;
    for (unsigned i = 0; i < drive->counter_count; i++) {
        const struct evidence_counter *counter = &drive->counters[i];

        if ((counter->start || counter->end) && !text_equal(counter->name, "smart-status-failing"))
            return false;
    }
    return true;
}

static bool self_test_is_old(const struct evidence *evidence, unsigned index)
{
    uint64_t now = drive_state(evidence, index, "power-on-hours");
    uint64_t then = drive_state(evidence, index, "self-test-hours");

    return then && now > then && now - then > SELF_TEST_OLD_H &&
           !drive_bad_sectors(evidence, index) && !drive_defects_rose(evidence, index) &&
           !drive_unreadable(evidence, index);
}

/* By its own readings it was never near the limit. */
static bool drive_reads_cool(const struct evidence *evidence, unsigned index)
{
    for (unsigned i = 0; i < evidence->series_count; i++) {
        const struct evidence_series *series = &evidence->series[i];

        if (series->series.part == drive_at(evidence, index)->part &&
            series->series.quantity == QUANTITY_TEMPERATURE && series->series.has_high &&
            series->samples)
            return series->max + FAR_BELOW_MILLI < series->series.high;
    }
    return false;
}

/* ---- fans and voltages */

/* Whose work is done by nobody else. */
static bool it_got_cooler(const struct evidence *evidence, unsigned index)
{
    const struct evidence_stop *stop = &evidence->series[index].stop;

    return stop->has_heat && stop->samples >= COOLER_SAMPLES &&
           stop->hottest_last <= stop->hottest_then - COOLER_MILLI &&
           stop->others_last <= stop->others_then * 11 / 10;
}

/* A rail that is really too low gives way further under load. */
static bool rail_never_moved(const struct evidence *evidence, unsigned index)
{
    const struct evidence_series *series = &evidence->series[index];

    return series->outside_at_rest && evidence->loaded && series->outside == series->samples &&
           series->min == series->max;
}

const struct doubt doubts[] = {
    {"page-held-in-the-end", VERDICT_MEMORY_BIT_ERROR, "page-failed-again", SUBJECT_PAGE,
     page_held_in_the_end,
     "one word was wrong in one test, and at the end of the run its page held, though it was not "
     "cooler"},
    {"memory-fails", VERDICT_CPU_COMPUTE_ERROR, NULL, SUBJECT_PROCESSOR, memory_fails_for_good,
     "a page of the memory fails, too, so that the bytes may have changed between two hashes"},
    {"idle-drive-counts-too", VERDICT_DISK_LINK, NULL, SUBJECT_DRIVE, idle_drive_counts_too,
     "no read failed, and the counters of a drive that was not read rose as well"},
    {"machine-was-hot", VERDICT_DISK_SLOW, "slow", SUBJECT_DRIVE, machine_was_hot,
     "the machine was above a limit of its own temperatures, and may have slowed all down"},
    {"warning-undefined", VERDICT_DISK_FAILING, NULL, SUBJECT_DRIVE, warning_is_undefined,
     "its warning has bits that no standard defines, as a page full of ones has"},
    {"hot-undefined", VERDICT_DISK_HOT, "drive-says-hot", SUBJECT_DRIVE, warning_is_undefined,
     "its warning has bits that no standard defines, as a page full of ones has"},
    {"page-empty", VERDICT_DISK_FAILING, NULL, SUBJECT_DRIVE, page_is_empty,
     "all its counters are 0, its hours, too, as in a page that nobody filled"},
    {"self-test-old", VERDICT_DISK_FAILING, "self-test", SUBJECT_DRIVE, self_test_is_old,
     "that self-test is more than 1000 hours old, and nothing shows a defect since"},
    {"drive-reads-cool", VERDICT_DISK_HOT, "drive-says-hot", SUBJECT_DRIVE, drive_reads_cool,
     "its own temperature was never within 10 C of its limit"},
    {"got-cooler", VERDICT_COOLING_FAN, NULL, SUBJECT_SERIES, it_got_cooler,
     "under load it got cooler since then, and no other fan turns faster: its speed wire may be "
     "at fault"},
    {"rail-never-moved", VERDICT_POWER_VOLTAGE, NULL, SUBJECT_SERIES, rail_never_moved,
     "it read the same before the load and under it, as a sensor does that is read wrongly"},
};

const size_t doubt_count = sizeof(doubts) / sizeof(doubts[0]);

void doubts_apply(const struct evidence *evidence, struct match *match)
{
    for (size_t i = 0; i < doubt_count; i++) {
        const struct doubt *doubt = &doubts[i];

        if (doubt->verdict != match->rule->verdict || doubt->subject != match->rule->subject ||
            (doubt->rule && !text_equal(doubt->rule, match->rule->name)) ||
            !doubt->holds(evidence, match->index))
            continue;
        match->against = doubt->sentence;
        match_lower(match);
        return;
    }
}
