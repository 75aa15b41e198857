/*
 * What is said of errors that were written down before the run.
 */
#include "diagnosis/conditions.h"

enum { TOLD = 150 }; /* characters of a record in a finding */

static const struct evidence_prior *prior_at(const struct evidence *evidence, unsigned index)
{
    return &evidence->priors[index];
}

static void add_origins(uint32_t origins, struct text *text)
{
    static const char *const words[PRIOR_ORIGINS] = {"the firmware (BERT)", "the firmware (record)",
                                                     "the BMC's event log",
                                                     "the device's registers"};
    bool first = true;

    for (unsigned i = 0; i < PRIOR_ORIGINS; i++) {
        if (!(origins >> i & 1))
            continue;
        text_format(text, "%s%s", first ? "" : " and ", words[i]);
        first = false;
    }
}

void tell_prior(const struct evidence *evidence, unsigned index, struct text *text)
{
    const struct evidence_prior *prior = prior_at(evidence, index);

    text_add(text, "before the run, told by ");
    add_origins(prior->origins, text);
    text_format(text, ": %.*s", TOLD, prior->error.text);
    if (prior->error.when[0])
        text_format(text, ", %s", prior->error.when);
    if (prior->count > 1)
        text_format(text, "; %u times", prior->count);
    if (!prior->dated)
        text_add(text, "; its age is not known");
}

/* The error of the finding as another witness tells it, the first that names a module first. */
static const struct evidence_prior *witness(const struct evidence *evidence, enum prior_kind kind,
                                            bool uncorrected, unsigned but)
{
    const struct evidence_prior *found = NULL;

    for (unsigned i = 0; i < evidence->prior_count; i++) {
        const struct evidence_prior *prior = prior_at(evidence, i);

        if (i != but && prior->count && prior->error.kind == kind &&
            prior->uncorrected == uncorrected && (!found || !found->error.part))
            found = prior;
    }
    return found;
}

static void tell_bank(const struct evidence *evidence, enum mca_source source, bool uncorrected,
                      struct text *text)
{
    for (unsigned i = 0; i < evidence->check_count; i++) {
        const struct evidence_check *check = &evidence->checks[i];

        if (check->error.source == source && check->error.uncorrected == uncorrected) {
            text_format(text, "; bank %u of processor %u holds one as well", check->bank,
                        check->processor);
            return;
        }
    }
}

void tell_prior_beside(const struct evidence *evidence, const struct rule *rule, unsigned index,
                       struct text *text)
{
    bool memory = verdicts[rule->verdict].subsystem == SUBSYSTEM_MEMORY;
    enum prior_kind kind = memory ? PRIOR_MEMORY : PRIOR_PROCESSOR;
    bool own = rule->subject == SUBJECT_PRIOR;
    const struct evidence_prior *other;
    bool uncorrected;

    if ((rule->subject != SUBJECT_CHECK && !own) ||
        (!memory && verdicts[rule->verdict].subsystem != SUBSYSTEM_CPU))
        return;
    uncorrected =
        own ? prior_at(evidence, index)->uncorrected : evidence->checks[index].error.uncorrected;
    if (own)
        tell_bank(evidence, memory ? MCA_MEMORY : MCA_PROCESSOR, uncorrected, text);
    other = witness(evidence, kind, uncorrected, own ? index : EVIDENCE_PRIORS);
    if (!other)
        return;
    text_add(text, "; ");
    add_origins(other->origins, text);
    text_add(text, own ? " tells of one, too" : " told of one before the run");
    if (memory && other->error.part)
        text_format(text, ", at %s", evidence_part(evidence, other->error.part)->place);
}

void tell_prior_reset(const struct evidence *evidence, struct text *text)
{
    for (unsigned i = 0; i < evidence->prior_count; i++) {
        const struct evidence_prior *prior = prior_at(evidence, i);

        if (!prior->count ||
            (prior->error.kind != PRIOR_WATCHDOG && prior->error.kind != PRIOR_POWER_LOSS))
            continue;
        text_format(text, "; the BMC's event log has: %.60s, %s", prior->error.text,
                    prior->error.when);
        return;
    }
}
