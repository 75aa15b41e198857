#include "report/closing.h"

#include "base/text.h"
#include "report/words.h"

/* A string as one word: never empty, no blanks. */
static void add_word(struct text *text, const char *word)
{
    if (!*word)
        text_char(text, '-');
    for (; *word; word++)
        text_char(text, *word == ' ' ? '-' : *word);
}

void closing_finding(const struct event_finding *finding, char line[LINE_SIZE])
{
    struct text text = text_in(line, LINE_SIZE);
    unsigned certainty = finding->certainty < CERTAINTIES ? finding->certainty : POSSIBLE;

    text_add(&text, "ASSAY FINDING ");
    add_word(&text, finding->id);
    text_format(&text, " %s %s", certainty_names[certainty], finding->component);
    make_ascii(line);
}

void closing_not_tested(const struct event_not_tested *not_tested, char line[LINE_SIZE])
{
    struct text text = text_in(line, LINE_SIZE);

    text_add(&text, "ASSAY NOT-TESTED ");
    add_word(&text, not_tested->subsystem);
    text_format(&text, " %s", not_tested->reason);
    make_ascii(line);
}

void closing_verdict(enum overall overall, char line[LINE_SIZE])
{
    format_text(line, LINE_SIZE, "ASSAY VERDICT %s",
                overall_names[overall < OVERALLS ? overall : OVERALL_INCOMPLETE]);
}

/* Text from outside never begins a line, so none can pass for one of the contract's. */
static void put_paragraph(const struct lines *lines, const struct event_finding *finding)
{
    char head[TEXT_SIZE + NAME_SIZE];

    format_text(head, sizeof(head), "%s: %s", words_finding(finding->id), finding->component);
    lines_wrapped(lines, "* ", head);
    lines_wrapped(lines, "  How sure:   ", words_certainty(finding->certainty));
    lines_wrapped(lines, "  Evidence:   ", finding->evidence);
    lines_wrapped(lines, "  What to do: ", finding->advice);
    if (finding->rerun[0])
        lines_wrapped(lines, "  To find it again: ", finding->rerun);
    lines_format(lines, "%s", "");
}

static void put_paragraphs(const struct model *model, const struct lines *lines,
                           const uint8_t *order, size_t count)
{
    lines_format(lines, "%s", "");
    if (model_is_injected(model))
        lines_format(lines, "*** INJECTED FAULTS: SELF-TEST *** not this machine's own faults.");
    for (size_t i = 0; i < count; i++)
        put_paragraph(lines, &model->findings[order[i]].finding);
    if (model->finding_rows.lost)
        lines_format(lines, "%llu more findings found no room.",
                     (unsigned long long)model->finding_rows.lost);
    lines_wrapped(lines, "", words_verdict(model));
    if (model->has_verdict && model->verdict.reason[0])
        lines_wrapped(lines, "  ", model->verdict.reason);
    lines_wrapped(lines, "  ", words_advice(model));
}

/* With the drive before the reason: two drives may have the same one. */
static struct event_not_tested with_drive(const struct model *model,
                                          const struct event_not_tested *not_tested)
{
    const struct event_part *part = model_part(model, not_tested->part);
    struct event_not_tested named = *not_tested;
    const char *name = "";

    if (part && part->kind == PART_DISK)
        name = part->serial[0] ? part->serial : part->place;
    if (name[0] && !text_starts(not_tested->reason, name))
        format_text(named.reason, sizeof(named.reason), "%s: %s", name, not_tested->reason);
    return named;
}

void closing_lines(const struct model *model, const struct lines *lines)
{
    char line[LINE_SIZE];
    uint8_t order[MODEL_FINDINGS];
    size_t count = words_order(model, order);

    put_paragraphs(model, lines, order, count);
    for (size_t i = 0; i < count; i++) {
        closing_finding(&model->findings[order[i]].finding, line);
        lines->put(lines->context, line);
    }
    for (size_t i = 0; i < model->not_tested_rows.kept; i++) {
        struct event_not_tested not_tested = with_drive(model, &model->not_tested[i].not_tested);

        closing_not_tested(&not_tested, line);
        lines->put(lines->context, line);
    }
    closing_verdict(words_overall(model), line);
    lines->put(lines->context, line);
}
