#include "diagnosis/judge.h"

#include "base/text.h"
#include "diagnosis/conditions.h"
#include "diagnosis/rules.h"

/* What was found, before any text is made of it. */
struct match {
    const struct rule *rule;
    unsigned index;
    part_id part;
};

struct matches {
    struct match list[FINDINGS_LIMIT];
    unsigned count;
};

/* A cause that is at least likely takes the place of a symptom no more certain than itself. */
struct explanation {
    enum verdict cause, symptom;
    bool same_part;
    enum certainty symptom_max;
};

static const struct explanation explanations[] = {
    {VERDICT_DISK_MEDIA, VERDICT_DISK_SLOW, true, LIKELY},
    {VERDICT_DISK_LINK, VERDICT_DISK_SLOW, true, LIKELY},
    {VERDICT_DISK_FAILING, VERDICT_DISK_SLOW, true, LIKELY},
    {VERDICT_DISK_HOT, VERDICT_DISK_SLOW, true, LIKELY},
    {VERDICT_COOLING_AIRFLOW, VERDICT_DISK_HOT, false, CERTAIN},
    {VERDICT_DISK_MEDIA, VERDICT_DISK_LINK, true, POSSIBLE},
    {VERDICT_DISK_FAILING, VERDICT_DISK_LINK, true, POSSIBLE},
    {VERDICT_DISK_FAILING, VERDICT_DISK_MEDIA, true, POSSIBLE},
    {VERDICT_MEMORY_ADDRESS_FAULT, VERDICT_MEMORY_BIT_ERROR, false, POSSIBLE},
    {VERDICT_MEMORY_ECC_UNCORRECTED, VERDICT_MEMORY_BIT_ERROR, false, POSSIBLE},
    {VERDICT_CPU_COMPUTE_ERROR, VERDICT_MEMORY_BIT_ERROR, false, POSSIBLE},
};

static bool spans_memory(const struct rule *rule)
{
    return rule->subject == SUBJECT_PAGE || rule->subject == SUBJECT_MEMORY;
}

/* An error that was recorded before the run is the one that stands in a bank as well, unless both
 * name a module and not the same. */
static bool is_same_error(const struct match *match, const struct rule *rule, part_id part)
{
    return (rule->subject == SUBJECT_PRIOR) != (match->rule->subject == SUBJECT_PRIOR) &&
           verdicts[rule->verdict].subsystem == SUBSYSTEM_MEMORY &&
           (part == PART_ALL_MEMORY || match->part == PART_ALL_MEMORY);
}

/* The rules stand strongest first: a later one has nothing to add on the same subject. All pages
 * are one subject. */
static bool is_named(const struct matches *matches, const struct rule *rule, unsigned index,
                     part_id part)
{
    for (unsigned i = 0; i < matches->count; i++) {
        const struct match *match = &matches->list[i];

        if (match->rule->verdict != rule->verdict)
            continue;
        if ((spans_memory(rule) && spans_memory(match->rule)) || is_same_error(match, rule, part))
            return true;
        if (match->part == part && (match->rule->subject != rule->subject ||
                                    match->index == index || rule->subject == SUBJECT_SERIES))
            return true;
    }
    return false;
}

static void apply_rule(const struct evidence *evidence, const struct rule *rule,
                       struct matches *matches)
{
    unsigned count = subject_count(evidence, rule->subject);

    for (unsigned i = 0; i < count && matches->count < FINDINGS_LIMIT; i++) {
        part_id part;

        if (!rule->matches(evidence, i) || (rule->excluded && rule->excluded(evidence, i)))
            continue;
        part = rule_part(rule, evidence, i);
        if (!is_named(matches, rule, i, part))
            matches->list[matches->count++] = (struct match){rule, i, part};
    }
}

static bool explains(const struct match *cause, const struct match *symptom)
{
    if (cause->rule->certainty == POSSIBLE)
        return false;
    for (size_t i = 0; i < sizeof(explanations) / sizeof(explanations[0]); i++) {
        const struct explanation *explanation = &explanations[i];

        if (explanation->cause == cause->rule->verdict &&
            explanation->symptom == symptom->rule->verdict &&
            symptom->rule->certainty <= explanation->symptom_max &&
            (!explanation->same_part || cause->part == symptom->part))
            return true;
    }
    return false;
}

static bool is_explained(const struct matches *matches, const struct match *symptom)
{
    for (unsigned i = 0; i < matches->count; i++) {
        if (explains(&matches->list[i], symptom))
            return true;
    }
    return false;
}

static void drop_symptoms(struct matches *matches)
{
    struct matches kept;

    kept.count = 0;
    for (unsigned i = 0; i < matches->count; i++) {
        if (!is_explained(matches, &matches->list[i]))
            kept.list[kept.count++] = matches->list[i];
    }
    for (unsigned i = 0; i < kept.count; i++)
        matches->list[i] = kept.list[i];
    matches->count = kept.count;
}

/* The order of the verdicts; where one error may be of memory or of a cache, memory comes first,
 * for it is the memory far more often. */
static unsigned rank(const struct rule *rule)
{
    return rule->matches == ambiguous ? 2 * VERDICT_MEMORY_ECC_CORRECTED + 1 : 2 * rule->verdict;
}

static bool is_more_serious(const struct rule *a, const struct rule *b)
{
    if (a->certainty != b->certainty)
        return a->certainty > b->certainty;
    return rank(a) < rank(b);
}

/* Insertion sort: equals stay in the order in which they were found. */
static void sort(struct matches *matches)
{
    for (unsigned i = 1; i < matches->count; i++) {
        struct match match = matches->list[i];
        unsigned j = i;

        while (j > 0 && is_more_serious(match.rule, matches->list[j - 1].rule)) {
            matches->list[j] = matches->list[j - 1];
            j--;
        }
        matches->list[j] = match;
    }
}

static void write_finding(const struct evidence *evidence, const struct match *match,
                          struct event_finding *finding)
{
    const struct verdict_entry *verdict = &verdicts[match->rule->verdict];
    struct text text = text_in(finding->component, sizeof(finding->component));

    copy_text(finding->id, sizeof(finding->id), verdict->id);
    finding->part = match->part;
    finding->certainty = (uint8_t)match->rule->certainty;
    rule_component(match->rule, evidence, match->index, &text);
    text = text_in(finding->evidence, sizeof(finding->evidence));
    match->rule->tell(evidence, match->index, &text);
    tell_prior_beside(evidence, match->rule, match->index, &text);
    text = text_in(finding->advice, sizeof(finding->advice));
    rule_advice(match->rule, evidence, match->index, &text);
    text = text_in(finding->rerun, sizeof(finding->rerun));
    rule_rerun(match->rule, evidence, match->index, &text);
}

unsigned judge(const struct evidence *evidence, struct event_finding *ret, unsigned limit)
{
    struct matches matches;

    matches.count = 0;
    for (size_t i = 0; i < rule_count; i++)
        apply_rule(evidence, &rules[i], &matches);
    drop_symptoms(&matches);
    sort(&matches);
    if (matches.count > limit)
        matches.count = limit;
    for (unsigned i = 0; i < matches.count; i++)
        write_finding(evidence, &matches.list[i], &ret[i]);
    return matches.count;
}

bool finding_differs(const struct event_finding *a, const struct event_finding *b)
{
    return a->part != b->part || a->certainty != b->certainty || !text_equal(a->id, b->id) ||
           !text_equal(a->component, b->component);
}
