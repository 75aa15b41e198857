/*
 * The conditions and sentences of the rules; used by the table in rules.c alone. Each takes the
 * index of its subject. What a condition means stands in its rule's `needs` and `unless`.
 */
#ifndef ASSAY_DIAGNOSIS_CONDITIONS_H
#define ASSAY_DIAGNOSIS_CONDITIONS_H

#include "diagnosis/modules.h"
#include "diagnosis/rules.h"

/* Pages and memory. */
bool page_failed_again(const struct evidence *evidence, unsigned index);
bool page_failed_after_mismatch(const struct evidence *evidence, unsigned index);
bool page_failed_twice(const struct evidence *evidence, unsigned index);
bool page_shares_bit(const struct evidence *evidence, unsigned index);
bool page_failed_test(const struct evidence *evidence, unsigned index);
bool page_mismatched(const struct evidence *evidence, unsigned index);
bool page_is_aliased(const struct evidence *evidence, unsigned index);
bool page_shares_cells(const struct evidence *evidence, unsigned index);
bool page_mismatch_explained(const struct evidence *evidence, unsigned index);
/* Whether a page shows what makes memory-bit-error or memory-address-fault likely. */
bool some_page_failed(const struct evidence *evidence);
bool some_page_is_aliased(const struct evidence *evidence);
bool many_drives_explained(const struct evidence *evidence, unsigned index);
bool memory_under_many_drives(const struct evidence *evidence, unsigned index);
bool some_processor_computed_wrong(const struct evidence *evidence, unsigned index);
/* Added to what is told of memory: that it was wrong at heat alone. */
void tell_memory_heat(const struct evidence *evidence, struct text *text);
void tell_page(const struct evidence *evidence, unsigned index, struct text *text);
void tell_alias(const struct evidence *evidence, unsigned index, struct text *text);
void tell_many_drives(const struct evidence *evidence, unsigned index, struct text *text);
/* Whether blocks of drives on different controllers differed in the same manner. */
bool bits_spread(const struct evidence *evidence);
bool sectors_spread(const struct evidence *evidence);

/* Modules: rows of the memory map that tell of one that cannot be used. */
bool module_unsized_and_reported(const struct evidence *evidence, unsigned index);
bool module_unsized(const struct evidence *evidence, unsigned index);
bool module_missing_and_reported(const struct evidence *evidence, unsigned index);
bool module_missing(const struct evidence *evidence, unsigned index);
void tell_unsized(const struct evidence *evidence, unsigned index, struct text *text);
void tell_missing(const struct evidence *evidence, unsigned index, struct text *text);

/* Machine checks and processors. */
bool memory_uncorrected(const struct evidence *evidence, unsigned index);
bool memory_uncorrected_prior(const struct evidence *evidence, unsigned index);
bool memory_corrected_repeated(const struct evidence *evidence, unsigned index);
bool memory_corrected_once(const struct evidence *evidence, unsigned index);
bool uncorrected_beside(const struct evidence *evidence, unsigned index);
bool ambiguous_uncorrected(const struct evidence *evidence, unsigned index);
bool ambiguous_corrected(const struct evidence *evidence, unsigned index);
bool ambiguous(const struct evidence *evidence, unsigned index);
bool cpu_uncorrected(const struct evidence *evidence, unsigned index);
bool cpu_uncorrected_prior(const struct evidence *evidence, unsigned index);
bool cpu_corrected_repeated(const struct evidence *evidence, unsigned index);
bool cpu_corrected_once(const struct evidence *evidence, unsigned index);
bool check_from_outside(const struct evidence *evidence, unsigned index);
bool processor_computed_wrong(const struct evidence *evidence, unsigned index);
bool processor_computed_wrong_twice(const struct evidence *evidence, unsigned index);
bool some_page_failed_or_computed_wrong(const struct evidence *evidence, unsigned index);
bool processor_computed_wrong_once(const struct evidence *evidence, unsigned index);
void tell_check(const struct evidence *evidence, unsigned index, struct text *text);
void tell_compute(const struct evidence *evidence, unsigned index, struct text *text);
void tell_compute_unsure(const struct evidence *evidence, unsigned index, struct text *text);

/* Errors that were written down before the run (rules_prior.c). */
bool prior_memory_uncorrected(const struct evidence *evidence, unsigned index);
bool prior_memory_uncorrected_perhaps(const struct evidence *evidence, unsigned index);
bool prior_memory_corrected(const struct evidence *evidence, unsigned index);
bool prior_memory_explained(const struct evidence *evidence, unsigned index);
bool prior_memory_uncorrected_beside(const struct evidence *evidence, unsigned index);
bool prior_processor_uncorrected(const struct evidence *evidence, unsigned index);
bool prior_processor_perhaps(const struct evidence *evidence, unsigned index);
bool prior_processor_explained(const struct evidence *evidence, unsigned index);
bool prior_pcie(const struct evidence *evidence, unsigned index);
bool prior_pcie_explained(const struct evidence *evidence, unsigned index);
bool prior_fan(const struct evidence *evidence, unsigned index);
bool prior_power(const struct evidence *evidence, unsigned index);
bool prior_told_before(const struct evidence *evidence, unsigned index);
bool prior_heat(const struct evidence *evidence, unsigned index);
bool prior_heat_explained(const struct evidence *evidence, unsigned index);
void tell_prior(const struct evidence *evidence, unsigned index, struct text *text);
/* What else was written down of the same: added to a finding about memory or processors. */
void tell_prior_beside(const struct evidence *evidence, const struct rule *rule, unsigned index,
                       struct text *text);
/* What was written down that explains why a machine reset itself. */
void tell_prior_reset(const struct evidence *evidence, struct text *text);
/* The part that such an error is about, 0 where it is not known, and its name. The modules of a
 * memory error are for modules.h to name. */
part_id prior_part(const struct evidence *evidence, unsigned index);
void prior_modules(const struct evidence *evidence, unsigned index, struct modules *ret);
void prior_component(const struct evidence *evidence, unsigned index, struct text *text);

/* Drives. */
bool drive_warns(const struct evidence *evidence, unsigned index);
bool drive_predicts(const struct evidence *evidence, unsigned index);
bool drive_unreadable_again(const struct evidence *evidence, unsigned index);
bool drive_unreadable(const struct evidence *evidence, unsigned index);
bool drive_unfilled(const struct evidence *evidence, unsigned index);
bool drive_bad_sectors(const struct evidence *evidence, unsigned index);
bool drive_defects_rose(const struct evidence *evidence, unsigned index);
bool drive_silent_region(const struct evidence *evidence, unsigned index);
bool drive_silent_at_times(const struct evidence *evidence, unsigned index);
bool silence_explained(const struct evidence *evidence, unsigned index);
bool drive_link_fails(const struct evidence *evidence, unsigned index);
bool drive_link_failed_once(const struct evidence *evidence, unsigned index);
bool drive_link_evidence(const struct evidence *evidence, unsigned index);
bool drive_corrupts_again(const struct evidence *evidence, unsigned index);
bool drive_leaves_leftovers(const struct evidence *evidence, unsigned index);
bool drive_corrupts_perhaps(const struct evidence *evidence, unsigned index);
bool drive_corrupts_bits(const struct evidence *evidence, unsigned index);
bool sectors_explained(const struct evidence *evidence, unsigned index);
bool bits_explained(const struct evidence *evidence, unsigned index);
bool drive_slow_alone(const struct evidence *evidence, unsigned index);
bool drive_slow(const struct evidence *evidence, unsigned index);
bool drive_says_hot(const struct evidence *evidence, unsigned index);
bool drive_was_warm(const struct evidence *evidence, unsigned index);
bool drive_throttled(const struct evidence *evidence, unsigned index);
bool drive_failed_self_test(const struct evidence *evidence, unsigned index);
bool drive_logged_unreadable(const struct evidence *evidence, unsigned index);
bool drive_sata_below(const struct evidence *evidence, unsigned index);
bool drive_pcie_below(const struct evidence *evidence, unsigned index);
bool drive_writes_wrong(const struct evidence *evidence, unsigned index);
bool drive_writes_wrong_again(const struct evidence *evidence, unsigned index);
bool writes_explained(const struct evidence *evidence, unsigned index);
bool writes_doubtful(const struct evidence *evidence, unsigned index);
bool drive_written_unreadable_again(const struct evidence *evidence, unsigned index);
bool drive_written_unreadable(const struct evidence *evidence, unsigned index);
bool drive_refuses_writes(const struct evidence *evidence, unsigned index);
bool drive_refuses_writes_with_status(const struct evidence *evidence, unsigned index);
/* Written blocks that came back as something else. */
uint32_t written_wrong(const struct evidence_drive *drive);
void tell_throttled(const struct evidence *evidence, unsigned index, struct text *text);
void tell_self_test(const struct evidence *evidence, unsigned index, struct text *text);
void tell_below(const struct evidence *evidence, unsigned index, struct text *text);
void tell_writes(const struct evidence *evidence, unsigned index, struct text *text);
void tell_warning(const struct evidence *evidence, unsigned index, struct text *text);
void tell_hot_drive(const struct evidence *evidence, unsigned index, struct text *text);
void tell_prediction(const struct evidence *evidence, unsigned index, struct text *text);
void tell_unreadable(const struct evidence *evidence, unsigned index, struct text *text);
void tell_unfilled(const struct evidence *evidence, unsigned index, struct text *text);
void tell_defects(const struct evidence *evidence, unsigned index, struct text *text);
void tell_silence(const struct evidence *evidence, unsigned index, struct text *text);
void tell_link(const struct evidence *evidence, unsigned index, struct text *text);
void tell_corruption(const struct evidence *evidence, unsigned index, struct text *text);
void tell_slow(const struct evidence *evidence, unsigned index, struct text *text);

/* Several drives of one controller: the index is that of the first (rules_controller.c). */
bool controller_loses_drives(const struct evidence *evidence, unsigned index);
bool sectors_spread_over(const struct evidence *evidence, unsigned index);
bool controller_corrupts(const struct evidence *evidence, unsigned index);
void tell_controller_losses(const struct evidence *evidence, unsigned index, struct text *text);
void tell_controller_corruption(const struct evidence *evidence, unsigned index, struct text *text);
/* Added to what is told of a link: that the other drives of its controller are well. */
void tell_own_lead(const struct evidence *evidence, unsigned index, struct text *text);
/* Whether a drive shows what the two above are about. */
bool drive_reads_fail(const struct evidence *evidence, unsigned index);
bool drive_data_changes(const struct evidence *evidence, unsigned index);

/* Links of PCI Express (rules_pcie.c). */
bool link_uncorrected(const struct evidence *evidence, unsigned index);
bool link_corrected_repeatedly(const struct evidence *evidence, unsigned index);
bool link_corrected(const struct evidence *evidence, unsigned index);
bool link_fails_and_narrows(const struct evidence *evidence, unsigned index);
bool link_corrected_and_narrows(const struct evidence *evidence, unsigned index);
bool link_lost(const struct evidence *evidence, unsigned index);
bool link_narrower(const struct evidence *evidence, unsigned index);
bool link_slower(const struct evidence *evidence, unsigned index);
/* Whether it is named for its errors already. */
bool link_fails(const struct evidence *evidence, unsigned index);
void tell_pcie_errors(const struct evidence *evidence, unsigned index, struct text *text);
void tell_pcie_change(const struct evidence *evidence, unsigned index, struct text *text);
/* Whether a link showed errors in the run, one end of which is at this place. */
bool link_has_errors_at(const struct evidence *evidence, const char *place);
/* The drive behind a link; 0 where there is none. */
part_id link_drive(const struct evidence *evidence, unsigned index);

/* Voltages (rules_power.c). */
bool rail_outside(const struct evidence *evidence, unsigned index);
bool rail_dipped_with_others(const struct evidence *evidence, unsigned index);
bool rail_is_battery(const struct evidence *evidence, unsigned index);
void tell_rail(const struct evidence *evidence, unsigned index, struct text *text);

/* Series of samples, and the run. */
bool drive_too_hot(const struct evidence *evidence, unsigned index);
bool fan_stopped_before(const struct evidence *evidence, unsigned index);
bool some_fan_stopped(const struct evidence *evidence, unsigned index);
bool fan_stopped_and_says_so(const struct evidence *evidence, unsigned index);
bool fan_stopped(const struct evidence *evidence, unsigned index);
bool fan_below_threshold(const struct evidence *evidence, unsigned index);
/* Whether any temperature that is not a drive's was beyond its limit. */
bool some_part_too_hot(const struct evidence *evidence);
bool part_too_hot(const struct evidence *evidence, unsigned index);
bool part_too_hot_with_drive(const struct evidence *evidence, unsigned index);
/* A processor that slows down (rules_throttle.c). */
bool slow_when_hot(const struct evidence *evidence, unsigned index);
bool slow_when_hot_by_fault(const struct evidence *evidence, unsigned index);
bool slow_while_cool(const struct evidence *evidence, unsigned index);
void tell_slow_when_hot(const struct evidence *evidence, unsigned index, struct text *text);
void tell_slow_while_cool(const struct evidence *evidence, unsigned index, struct text *text);
bool heat_explained(const struct evidence *evidence, unsigned index);
/* Heat under load (rules_thermal.c). */
bool fan_slowed(const struct evidence *evidence, unsigned index);
bool fan_of_processor_deaf(const struct evidence *evidence, unsigned index);
bool fan_deaf(const struct evidence *evidence, unsigned index);
bool fan_never_turned(const struct evidence *evidence, unsigned index);
bool heatsink_far_beyond(const struct evidence *evidence, unsigned index);
bool heatsink_leaps(const struct evidence *evidence, unsigned index);
bool air_is_warm(const struct evidence *evidence, unsigned index);
bool air_is_short(const struct evidence *evidence, unsigned index);
/* Whether a processor was slowed down by heat, in a way that a cause can be named for. */
bool some_processor_throttles(const struct evidence *evidence);
/* What speaks against them: a fan that fails, or any cause that is named already. */
bool some_fan_fails(const struct evidence *evidence, unsigned index);
bool throttle_explained(const struct evidence *evidence, unsigned index);
void tell_fan_speed(const struct evidence *evidence, unsigned index, struct text *text);
void tell_throttle(const struct evidence *evidence, unsigned index, struct text *text);
void tell_fan(const struct evidence *evidence, unsigned index, struct text *text);
void tell_heat(const struct evidence *evidence, unsigned index, struct text *text);

/* Runs without an end. */
bool run_without_end(const struct evidence *evidence, unsigned index);
bool reset_supported(const struct evidence *evidence, unsigned index);
bool reset_by_hand(const struct evidence *evidence, unsigned index);
void tell_prior_run(const struct evidence *evidence, unsigned index, struct text *text);
/* What to do next, where more is known than that there was no end; false otherwise. */
bool reset_advise(const struct evidence *evidence, struct text *text);

#endif
