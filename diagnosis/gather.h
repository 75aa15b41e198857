/*
 * How the single kinds of events are added to the evidence; used by evidence.c alone.
 */
#ifndef ASSAY_DIAGNOSIS_GATHER_H
#define ASSAY_DIAGNOSIS_GATHER_H

#include "diagnosis/evidence.h"

void gather_memory_map(struct evidence *evidence, const struct event_memory_map *map);
void gather_machine_check(struct evidence *evidence, const struct event_machine_check *event,
                          uint64_t time_us);
void gather_memory_region(struct evidence *evidence, const struct event_memory_region *region);
void gather_memory_retest(struct evidence *evidence, const struct event_memory_retest *retest);
void gather_memory_error(struct evidence *evidence, const struct event_memory_error *error);
/* Something was wrong with memory now: noted at each temperature. */
void gather_memory_heat(struct evidence *evidence);
void gather_mismatch(struct evidence *evidence, const struct event_mismatch *mismatch);

void gather_disk_error(struct evidence *evidence, const struct event_disk_error *error,
                       uint64_t time_us);
void gather_counter(struct evidence *evidence, const struct event_counter *counter);
void gather_pace(struct evidence *evidence, const struct event_pace *pace, uint64_t time_us);
void gather_write_error(struct evidence *evidence, const struct event_write_error *error,
                        uint64_t time_us);
/* Of a drive's temperature: whether it is at the limit at which the drive warns. */
void gather_drive_heat(struct evidence *evidence, const struct event_sample *sample,
                       uint64_t time_us);
/* The drive that is this part, entered if it is new; NULL when the table is full. */
struct evidence_drive *gather_drive(struct evidence *evidence, part_id part);

void gather_series(struct evidence *evidence, const struct event_series *series);
void gather_sample(struct evidence *evidence, const struct event_sample *sample, uint64_t time_us);
void gather_sensor_state(struct evidence *evidence, const struct event_sensor_state *state,
                         uint64_t time_us);
/* Errors of PCI Express links in the run. */
void gather_pcie_error(struct evidence *evidence, const struct event_pcie_error *error,
                       uint64_t time_us);
/* What changed of one; a link that stays as it is takes no room. */
void gather_pcie_link(struct evidence *evidence, const struct event_pcie_link *event,
                      uint64_t time_us);
/* Heat and what answers to it (gather_thermal.c); of a sample that gather_sample() has taken. */
void gather_thermal(struct evidence *evidence, const struct event_sample *sample, uint64_t time_us);
/* Whether the machine is as warm now as when this fan was fastest; false where that is not known.
 */
bool gather_as_warm(const struct evidence *evidence, const struct evidence_series *fan);
/* What a processor says itself of being slowed down, into the series of its first temperature. */
void gather_slowness(struct evidence_series *series, const struct event_sensor_state *state,
                     uint64_t time_us);
/* A phase has begun. */
void gather_stage(struct evidence *evidence, uint64_t time_us);
/* The entry of a series, NULL where it was not declared. */
struct evidence_series *gather_find_series(struct evidence *evidence, uint16_t number);
/* Errors from before the run; those too old to tell of this machine as it is are left out. */
void gather_prior_run(struct evidence *evidence, const struct event_prior_run *run);
void gather_prior_error(struct evidence *evidence, const struct event_prior_error *error);

/* The first phase that puts load on the machine begins: fans that stand still now were switched
 * off, however they turned when the machine was started. */
void gather_load(struct evidence *evidence);

#endif
