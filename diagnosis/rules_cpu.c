#include "diagnosis/conditions.h"

static const struct evidence_check *check_at(const struct evidence *evidence, unsigned index)
{
    return &evidence->checks[index];
}

static bool is(const struct evidence *evidence, unsigned index, enum mca_source source,
               bool uncorrected)
{
    const struct mca_error *error = &check_at(evidence, index)->error;

    return error->source == source && error->uncorrected == uncorrected;
}

static uint32_t total(const struct evidence *evidence, unsigned index)
{
    return check_at(evidence, index)->in_run + check_at(evidence, index)->prior;
}

bool memory_uncorrected(const struct evidence *evidence, unsigned index)
{
    return is(evidence, index, MCA_MEMORY, true) && check_at(evidence, index)->in_run;
}

bool memory_uncorrected_prior(const struct evidence *evidence, unsigned index)
{
    return is(evidence, index, MCA_MEMORY, true) && check_at(evidence, index)->prior;
}

/* One error that two banks report is one. */
static bool is_same_error(const struct evidence_check *a, const struct evidence_check *b)
{
    return a->bank != b->bank && a->address == b->address;
}

/* At one module, whatever bank and channel told of it; where that is not known, of one bank and
 * channel. */
bool memory_corrected_repeated(const struct evidence *evidence, unsigned index)
{
    const struct evidence_check *check = check_at(evidence, index);
    part_id module = evidence_check_module(evidence, check);
    uint32_t errors = total(evidence, index);

    if (!is(evidence, index, MCA_MEMORY, false))
        return false;
    for (unsigned i = 0; module && i < evidence->check_count; i++) {
        const struct evidence_check *other = check_at(evidence, i);

        if (i != index && is(evidence, i, MCA_MEMORY, false) &&
            evidence_check_module(evidence, other) == module && !is_same_error(check, other))
            errors += total(evidence, i);
    }
    return errors >= 2;
}

bool memory_corrected_once(const struct evidence *evidence, unsigned index)
{
    return is(evidence, index, MCA_MEMORY, false);
}

bool uncorrected_beside(const struct evidence *evidence, unsigned index)
{
    const struct evidence_check *check = check_at(evidence, index);

    if (check->error.uncorrected)
        return false;
    for (unsigned i = 0; i < evidence->check_count; i++) {
        const struct evidence_check *other = &evidence->checks[i];

        if (other->error.source == check->error.source && other->error.uncorrected &&
            other->bank == check->bank && other->error.channel == check->error.channel)
            return true;
    }
    return false;
}

bool ambiguous_uncorrected(const struct evidence *evidence, unsigned index)
{
    return is(evidence, index, MCA_MEMORY_OR_CACHE, true);
}

bool ambiguous_corrected(const struct evidence *evidence, unsigned index)
{
    return is(evidence, index, MCA_MEMORY_OR_CACHE, false);
}

bool ambiguous(const struct evidence *evidence, unsigned index)
{
    return check_at(evidence, index)->error.source == MCA_MEMORY_OR_CACHE;
}

bool cpu_uncorrected(const struct evidence *evidence, unsigned index)
{
    return is(evidence, index, MCA_PROCESSOR, true) && check_at(evidence, index)->in_run;
}

bool cpu_uncorrected_prior(const struct evidence *evidence, unsigned index)
{
    return is(evidence, index, MCA_PROCESSOR, true) && check_at(evidence, index)->prior;
}

bool cpu_corrected_repeated(const struct evidence *evidence, unsigned index)
{
    return is(evidence, index, MCA_PROCESSOR, false) && total(evidence, index) >= 2;
}

bool cpu_corrected_once(const struct evidence *evidence, unsigned index)
{
    return is(evidence, index, MCA_PROCESSOR, false);
}

bool check_from_outside(const struct evidence *evidence, unsigned index)
{
    return check_at(evidence, index)->error.source == MCA_OUTSIDE;
}

bool processor_computed_wrong(const struct evidence *evidence, unsigned index)
{
    return evidence->wrong_counts[index] > 0;
}

/* Nothing that was wrong with memory for a moment comes to the same processor each time. */
bool processor_computed_wrong_twice(const struct evidence *evidence, unsigned index)
{
    for (unsigned i = 0; i < evidence->wrong_count; i++) {
        if (i != index && evidence->unsure_counts[i])
            return false;
    }
    return evidence->unsure_alone[index] >= 2;
}

bool some_page_failed_or_computed_wrong(const struct evidence *evidence, unsigned index)
{
    return some_page_failed(evidence) || some_page_is_aliased(evidence) ||
           some_processor_computed_wrong(evidence, index);
}

bool processor_computed_wrong_once(const struct evidence *evidence, unsigned index)
{
    return evidence->unsure_counts[index] > 0;
}

void tell_check(const struct evidence *evidence, unsigned index, struct text *text)
{
    const struct evidence_check *check = check_at(evidence, index);

    text_format(text, "processor %u, bank %u: %u %s", check->processor, check->bank,
                total(evidence, index), check->error.uncorrected ? "uncorrected" : "corrected");
    text_format(text, " (%s), status 0x%llx", check->error.what, (unsigned long long)check->status);
    if (check->has_address)
        text_format(text, ", address 0x%llx", (unsigned long long)check->address);
    if (check->prior && check->in_run)
        text_format(text, "; %u of them from before this run", check->prior);
    else if (check->prior)
        text_add(text, "; from before this run");
}

void tell_compute(const struct evidence *evidence, unsigned index, struct text *text)
{
    text_format(text,
                "equal bytes gave two different hashes on processor %u, and again when repeated "
                "(%u times)",
                evidence->wrong_processors[index], evidence->wrong_counts[index]);
}

void tell_compute_unsure(const struct evidence *evidence, unsigned index, struct text *text)
{
    text_format(text,
                "two hashes of the same block differed on processor %u, and no byte of it was "
                "wrong (%u times); hashed again, both were the same",
                evidence->wrong_processors[index], evidence->unsure_counts[index]);
}
