/*
 * What the rules about series of samples share.
 */
#ifndef ASSAY_DIAGNOSIS_SERIES_EVIDENCE_H
#define ASSAY_DIAGNOSIS_SERIES_EVIDENCE_H

#include "diagnosis/conditions.h"

static inline const struct evidence_series *series_at(const struct evidence *evidence,
                                                      unsigned index)
{
    return &evidence->series[index];
}

static inline bool series_is_fan(const struct evidence_series *series)
{
    return series->series.quantity == QUANTITY_FAN_SPEED;
}

#endif
