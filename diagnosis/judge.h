/*
 * The judgement: findings by the rules, what was found good, and the verdict over all.
 *
 * Pure functions of the evidence, cheap enough to be asked each second while the run goes. What
 * they say while it goes can change: a stronger cause takes the place of a weaker one. So what is
 * shown live may be any of them, and what is reported is what the last one says.
 */
#ifndef ASSAY_DIAGNOSIS_JUDGE_H
#define ASSAY_DIAGNOSIS_JUDGE_H

#include "base/event.h"
#include "diagnosis/evidence.h"

enum {
    FINDINGS_LIMIT = 32,
    GOODS_LIMIT = 4,
    MEMORY_TRIED_PERCENT = 80,   /* below this the memory counts as not tested */
    COOLING_LOADED_PERCENT = 70, /* of what a processor may draw; below it cooling is not good */
};

/*
 * Findings, the most serious first: those that no other explains before those that one does, then
 * by certainty, then in the order of the verdicts. At most `limit` of them, and FINDINGS_LIMIT;
 * returns how many. A symptom that is but a face of a found cause is not a finding of its own
 * (causes.h), and what speaks against a finding makes it less certain (doubts.h).
 */
unsigned judge(const struct evidence *evidence, struct event_finding *ret, unsigned limit);

/*
 * Subsystems tested and found good, at most `limit`, GOODS_LIMIT being enough; returns how many.
 * `findings` are those of judge(). What each needs:
 *   memory-ok   coverage of PART_ALL_MEMORY of at least 80 % in the phase "memory"
 *   disk-ok     coverage of each drive that was not declared not tested, and of one at least
 *   cooling-ok  a fan seen turning, and no processor loaded too little
 *   cpu-ok      coverage of PART_ALL_PROCESSORS in the phases "machine-check" (tested and total:
 *               processors whose banks were read at the end, and all of them) and "hash" (moved:
 *               bytes hashed and compared)
 * and no finding of its subsystem; a not-tested event about "cooling" or "cpu" as a whole (no
 * part) takes that one back.
 */
unsigned judge_good(const struct evidence *evidence, const struct event_finding *findings,
                    unsigned finding_count, struct event_good *ret, unsigned limit);

/* Whether the load was too small to say that cooling is good: a processor drew less than
 * COOLING_LOADED_PERCENT of its own limit of power. Which one, into `reason` (TEXT_SIZE bytes). */
bool judge_loaded_little(const struct evidence *evidence, char *reason);

/*
 * The verdict over all, and why, into `reason` (TEXT_SIZE bytes). FAIL with a finding that is
 * certain or likely, else SUSPECT with any; else INCOMPLETE when the run or a phase was cut short,
 * a subject was not tested, less than 80 % of the memory was tried in a plan that has a memory
 * phase, or there was imaging without a drive; else PASS. A run that goes on counts as if it
 * ended here.
 */
enum overall judge_overall(const struct evidence *evidence, const struct event_finding *findings,
                           unsigned finding_count, char *reason);

/* Whether two findings differ in what they say: id, part, certainty or component. The wording of
 * the evidence, in which counts grow, is not compared. */
bool finding_differs(const struct event_finding *a, const struct event_finding *b);

/* Of earlier runs without an end that are no finding, because somebody ended them: a sentence of
 * the newest. False when there are none. */
bool judge_ended_runs(const struct evidence *evidence, char *buffer, size_t size);

#endif
