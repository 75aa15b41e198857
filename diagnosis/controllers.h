/*
 * Drives by the controller that they are attached to, as their places tell: "SATA 00:17.0 port 2"
 * is at the controller "SATA 00:17.0".
 *
 * Drives of one controller that fail alike, while those of another do not, have the controller in
 * common: its card, its cables, its backplane, its power.
 */
#ifndef ASSAY_DIAGNOSIS_CONTROLLERS_H
#define ASSAY_DIAGNOSIS_CONTROLLERS_H

#include "base/text.h"
#include "diagnosis/evidence.h"

enum {
    CONTROLLER_DRIVES_MIN = 2, /* that fail alike, and more than half of those under load */
    CONTROLLER_WITHIN_S = 600, /* where their faults have a time: between one and the next */
};

/* Whether two drives are at one controller, or nobody knows. */
bool controllers_may_be_same(const struct evidence *evidence, part_id a, part_id b);

/* Whether two drives are known to be at one controller. */
bool controllers_are_same(const struct evidence *evidence, part_id a, part_id b);

/* What a drive shows, by its index. */
typedef bool (*drive_symptom)(const struct evidence *evidence, unsigned index);

/*
 * Whether the drive with this index is the first of a controller of which most drives show the
 * symptom, CONTROLLER_DRIVES_MIN at least, while one of another controller was under load and does
 * not. A drive without load says nothing of its controller.
 */
bool controller_is_guilty(const struct evidence *evidence, unsigned index, drive_symptom symptom);

/* Those of the same controller that show the symptom, "SER1, SER2". */
void controller_tell_drives(const struct evidence *evidence, unsigned index, drive_symptom symptom,
                            struct text *text);

/* "SATA controller 00:17.0" */
void controller_name(const struct evidence *evidence, unsigned index, struct text *text);

#endif
