#include "diagnosis/judge.h"

#include "base/text.h"
#include "diagnosis/causes.h"
#include "diagnosis/conditions.h"
#include "diagnosis/doubts.h"

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

/* Links have names and no parts; what was recorded of one before the run is none of these, or was
 * left out by its rule. */
static bool is_other_link(const struct match *match, const struct rule *rule, unsigned index)
{
    return rule->verdict == VERDICT_PCIE_LINK_ERRORS &&
           (match->rule->subject != rule->subject || match->index != index);
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
        if (!is_other_link(match, rule, index) && match->part == part &&
            (match->rule->subject != rule->subject || match->index == index ||
             rule->subject == SUBJECT_SERIES))
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
        if (is_named(matches, rule, i, part))
            continue;
        matches->list[matches->count] = (struct match){
            .rule = rule, .index = i, .part = part, .certainty = (uint8_t)rule->certainty};
        doubts_apply(evidence, &matches->list[matches->count++]);
    }
}

/* The order of the verdicts; where one error may be of memory or of a cache, memory comes first,
 * for it is the memory far more often. */
static unsigned rank(const struct rule *rule)
{
    return rule->matches == ambiguous ? 2 * VERDICT_MEMORY_ECC_CORRECTED + 1 : 2 * rule->verdict;
}

/* What another finding explains never comes before what nothing explains. */
static bool is_more_serious(const struct match *a, const struct match *b)
{
    if (!a->by != !b->by)
        return !a->by;
    if (a->certainty != b->certainty)
        return a->certainty > b->certainty;
    return rank(a->rule) < rank(b->rule);
}

/* Insertion sort: equals stay in the order in which they were found. */
static void sort(struct matches *matches)
{
    for (unsigned i = 1; i < matches->count; i++) {
        struct match match = matches->list[i];
        unsigned j = i;

        while (j > 0 && is_more_serious(&match, &matches->list[j - 1])) {
            matches->list[j] = matches->list[j - 1];
            j--;
        }
        matches->list[j] = match;
    }
}

/* What counts against it, last and never cut. */
static void write_against(const struct evidence *evidence, const struct match *match,
                          struct text *text)
{
    if (match->by) {
        text_format(text, "; explained by: %s, ", verdicts[match->by->verdict].id);
        rule_component(match->by, evidence, match->by_index, text);
    }
    if (verdicts[match->rule->verdict].subsystem == SUBSYSTEM_MEMORY &&
        match->rule->subject != SUBJECT_PRIOR && match->rule->subject != SUBJECT_MODULE)
        tell_memory_heat(evidence, text);
    if (match->against)
        text_format(text, "; against it speaks: %s", match->against);
}

static void write_evidence(const struct evidence *evidence, const struct match *match, char *buffer)
{
    char against[TEXT_SIZE];
    struct text last = text_in(against, sizeof(against)), text;

    write_against(evidence, match, &last);
    text = text_in(buffer, TEXT_SIZE - last.length);
    match->rule->tell(evidence, match->index, &text);
    tell_prior_beside(evidence, match->rule, match->index, &text);
    copy_text(buffer + text.length, TEXT_SIZE - text.length, against);
}

static void write_finding(const struct evidence *evidence, const struct match *match,
                          struct event_finding *finding)
{
    const struct verdict_entry *verdict = &verdicts[match->rule->verdict];
    struct text text = text_in(finding->component, sizeof(finding->component));

    copy_text(finding->id, sizeof(finding->id), verdict->id);
    finding->part = match->part;
    finding->certainty = match->certainty;
    rule_component(match->rule, evidence, match->index, &text);
    write_evidence(evidence, match, finding->evidence);
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
    causes_apply(evidence, &matches);
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
