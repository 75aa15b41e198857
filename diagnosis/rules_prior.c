/*
 * Errors that firmware, BMC or devices wrote down before the run.
 */
#include "diagnosis/conditions.h"

static const struct evidence_prior *prior_at(const struct evidence *evidence, unsigned index)
{
    return &evidence->priors[index];
}

static bool is(const struct evidence_prior *prior, enum prior_kind kind, bool uncorrected)
{
    return prior->count && prior->error.kind == kind && prior->uncorrected == uncorrected;
}

/* ---- memory */

void prior_modules(const struct evidence *evidence, unsigned index, struct modules *ret)
{
    const struct event_prior_error *error = &prior_at(evidence, index)->error;

    ret->count = 0;
    if (error->part)
        ret->parts[ret->count++] = error->part;
    if (error->part && error->other)
        ret->parts[ret->count++] = error->other;
    if (!error->part && error->has_address)
        modules_at(evidence, error->address, ret);
}

static bool names_modules(const struct evidence *evidence, unsigned index)
{
    struct modules modules;

    prior_modules(evidence, index, &modules);
    return modules.count > 0;
}

bool prior_memory_uncorrected(const struct evidence *evidence, unsigned index)
{
    return is(prior_at(evidence, index), PRIOR_MEMORY, true) && prior_at(evidence, index)->dated &&
           names_modules(evidence, index);
}

bool prior_memory_uncorrected_perhaps(const struct evidence *evidence, unsigned index)
{
    return is(prior_at(evidence, index), PRIOR_MEMORY, true);
}

bool prior_memory_corrected(const struct evidence *evidence, unsigned index)
{
    return is(prior_at(evidence, index), PRIOR_MEMORY, false);
}

/* One error is told by several, and not by all of them with its place. */
static bool is_told_better(const struct evidence *evidence, unsigned index)
{
    const struct evidence_prior *prior = prior_at(evidence, index);
    bool named = names_modules(evidence, index);

    for (unsigned i = 0; i < evidence->prior_count; i++) {
        if (i != index && is(prior_at(evidence, i), PRIOR_MEMORY, prior->uncorrected) && !named &&
            (i < index || names_modules(evidence, i)))
            return true;
    }
    return false;
}

bool prior_memory_explained(const struct evidence *evidence, unsigned index)
{
    return is_told_better(evidence, index);
}

static bool share_modules(const struct evidence *evidence, unsigned a, unsigned b)
{
    struct modules one, two;

    prior_modules(evidence, a, &one);
    prior_modules(evidence, b, &two);
    return !one.count || !two.count || modules_meet(&one, &two);
}

bool prior_memory_uncorrected_beside(const struct evidence *evidence, unsigned index)
{
    for (unsigned i = 0; i < evidence->prior_count; i++) {
        if (is(prior_at(evidence, i), PRIOR_MEMORY, true) && share_modules(evidence, index, i))
            return true;
    }
    return is_told_better(evidence, index);
}

/* ---- processors and PCI Express */

bool prior_processor_uncorrected(const struct evidence *evidence, unsigned index)
{
    const struct evidence_prior *prior = prior_at(evidence, index);

    return is(prior, PRIOR_PROCESSOR, true) && prior->dated && !prior->outside;
}

bool prior_processor_perhaps(const struct evidence *evidence, unsigned index)
{
    const struct evidence_prior *prior = prior_at(evidence, index);

    return prior->count && prior->error.kind == PRIOR_PROCESSOR;
}

/* All processors are one subject; and one that waited for memory that failed is not guilty. */
bool prior_processor_explained(const struct evidence *evidence, unsigned index)
{
    for (unsigned i = 0; i < evidence->prior_count; i++) {
        const struct evidence_prior *other = prior_at(evidence, i);

        if (other->count && i < index && other->error.kind == PRIOR_PROCESSOR)
            return true;
        if (is(other, PRIOR_PROCESSOR, true) && !other->outside && i != index)
            return true;
        if (prior_at(evidence, index)->outside && is(other, PRIOR_MEMORY, true))
            return true;
    }
    return false;
}

bool prior_pcie(const struct evidence *evidence, unsigned index)
{
    return is(prior_at(evidence, index), PRIOR_PCIE, true);
}

static bool names_device(const struct evidence_prior *prior)
{
    return prior->error.place[0] && prior->error.origin != PRIOR_SEL;
}

bool prior_pcie_explained(const struct evidence *evidence, unsigned index)
{
    if (link_has_errors_at(evidence, prior_at(evidence, index)->error.place))
        return true;
    for (unsigned i = 0; i < evidence->prior_count; i++) {
        if (i != index && prior_pcie(evidence, i) && !names_device(prior_at(evidence, index)) &&
            (i < index || names_device(prior_at(evidence, i))))
            return true;
    }
    return false;
}

/* ---- states of sensors */

bool prior_fan(const struct evidence *evidence, unsigned index)
{
    return is(prior_at(evidence, index), PRIOR_FAN, true);
}

bool prior_power(const struct evidence *evidence, unsigned index)
{
    return is(prior_at(evidence, index), PRIOR_POWER, true);
}

bool prior_heat(const struct evidence *evidence, unsigned index)
{
    return is(prior_at(evidence, index), PRIOR_TEMPERATURE, true);
}

bool prior_told_before(const struct evidence *evidence, unsigned index)
{
    const struct evidence_prior *prior = prior_at(evidence, index);

    for (unsigned i = 0; i < index; i++) {
        const struct evidence_prior *other = prior_at(evidence, i);

        if (other->count && other->error.kind == prior->error.kind &&
            text_equal(other->error.place, prior->error.place))
            return true;
    }
    return false;
}

bool prior_heat_explained(const struct evidence *evidence, unsigned index)
{
    if (some_part_too_hot(evidence))
        return true;
    for (unsigned i = 0; i < evidence->prior_count; i++) {
        if (prior_fan(evidence, i) || (i < index && prior_heat(evidence, i)))
            return true;
    }
    return some_fan_stopped(evidence, index);
}

/* ---- words */

/* The sensor of the run that the log means. */
static const struct evidence_series *series_of(const struct evidence *evidence, unsigned index)
{
    for (unsigned i = 0; i < evidence->series_count; i++) {
        if (text_equal(evidence->series[i].series.source, prior_at(evidence, index)->error.place))
            return &evidence->series[i];
    }
    return NULL;
}

part_id prior_part(const struct evidence *evidence, unsigned index)
{
    const struct event_prior_error *error = &prior_at(evidence, index)->error;
    const struct evidence_series *series = series_of(evidence, index);

    if (error->kind == PRIOR_PROCESSOR)
        return PART_ALL_PROCESSORS;
    return error->origin == PRIOR_SEL && series ? series->series.part : error->part;
}

void prior_component(const struct evidence *evidence, unsigned index, struct text *text)
{
    const struct event_prior_error *error = &prior_at(evidence, index)->error;
    const struct evidence_series *series = series_of(evidence, index);

    if (error->kind == PRIOR_MEMORY)
        text_add(text, "memory");
    else if (error->kind == PRIOR_PROCESSOR)
        text_add(text, "processor");
    else if (error->kind == PRIOR_PCIE && names_device(prior_at(evidence, index)))
        text_format(text, "PCI Express %s", error->place);
    else if (error->kind == PRIOR_PCIE)
        text_add(text, "PCI Express");
    else
        text_add(text, series ? series->series.name : error->place);
}
