#include "report/html.h"

#include "base/text.h"
#include "report/markup.h"
#include "report/memtest86.h"
#include "report/words.h"

static void write_head(struct writer *writer, const struct model *model)
{
    writer_text(writer, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
                        "'none';style-src 'unsafe-inline'\">\n<title>");
    if (model_is_injected(model))
        writer_text(writer, "SELF-TEST, injected faults - ");
    writer_format(writer, "Assay run %u: %s</title>\n<style>\n", (unsigned)model->run_start.number,
                  overall_names[words_overall(model)]);
    writer_text(writer, html_style);
    writer_text(writer, "</style>\n</head>\n<body>\n");
}

static void write_self_test(struct writer *writer, const struct model *model)
{
    if (!model_is_injected(model))
        return;
    writer_text(writer, "<div class=\"selftest\">SELF-TEST WITH INJECTED FAULTS<br>Assay made "
                        "these faults itself (");
    markup_text(writer, model->run_start.inject);
    writer_text(writer, "). This report says nothing about this machine.</div>\n");
}

static void write_run_line(struct writer *writer, const struct model *model)
{
    char when[80];
    struct text text = text_in(when, sizeof(when));

    text_date(&text, &model->run_start);
    text_add(&text, ", took ");
    text_duration(&text, model->end_us / 1000000);
    writer_text(writer, "<p class=\"run\">");
    markup_format(writer, "Assay %s, run %u, plan %s, %s", model->run_start.version,
                  (unsigned)model->run_start.number, model->run_start.plan, when);
    writer_text(writer, "</p>\n");
}

/* A record that breaks off is said before anything is concluded from it. */
static void write_damage(struct writer *writer, const struct model *model)
{
    if (model_is_damaged(model)) {
        writer_text(writer, "<p>The record of this run breaks off early: ");
        markup_text(writer, journal_stop_text(model->stop));
        writer_text(writer, ". What came after is missing here.</p>\n");
    } else if (!model->has_run_end) {
        writer_text(writer, "<p>The record of this run has no end: the machine stopped, or was "
                            "switched off, while it ran.</p>\n");
    }
}

static void write_verdict(struct writer *writer, const struct model *model)
{
    char memtest86[MEMTEST86_ADVICE_SIZE];

    writer_format(writer, "<header class=\"verdict %s\">\n", overall_names[words_overall(model)]);
    markup_element(writer, "h1", words_verdict(model));
    if (model->has_verdict && model->verdict.reason[0])
        markup_element(writer, "p", model->verdict.reason);
    markup_element(writer, "p", words_advice(model));
    if (memtest86_advice(model, memtest86))
        markup_element(writer, "p", memtest86);
    write_damage(writer, model);
    write_run_line(writer, model);
    writer_text(writer, "</header>\n");
}

static void write_item(struct writer *writer, const char *term, const char *text)
{
    if (!*text)
        return;
    markup_element(writer, "dt", term);
    markup_element(writer, "dd", text);
}

static void write_finding(struct writer *writer, const struct event_finding *finding)
{
    unsigned certainty = finding->certainty < CERTAINTIES ? finding->certainty : POSSIBLE;

    writer_format(writer, "<section class=\"finding %s\">\n", certainty_names[certainty]);
    markup_element(writer, "h3", words_finding(finding->id));
    writer_text(writer, "<dl>\n");
    write_item(writer, "Part", finding->component);
    write_item(writer, "How sure", words_certainty(certainty));
    write_item(writer, "Evidence", finding->evidence);
    write_item(writer, "What to do next", finding->advice);
    write_item(writer, "To find it again", finding->rerun);
    write_item(writer, "Verdict id", finding->id);
    writer_text(writer, "</dl>\n</section>\n");
}

static void write_findings(struct writer *writer, const struct model *model)
{
    uint8_t order[MODEL_FINDINGS];
    size_t count = words_order(model, order);

    writer_text(writer, "<h2>Findings</h2>\n");
    if (count == 0)
        writer_text(writer, "<p>None.</p>\n");
    for (size_t i = 0; i < count; i++)
        write_finding(writer, &model->findings[order[i]].finding);
    if (model->finding_rows.lost)
        writer_format(writer, "<p class=\"note\">%llu more findings are not shown here.</p>\n",
                      (unsigned long long)model->finding_rows.lost);
}

static void write_run_data(struct writer *writer, const struct model *model)
{
    const struct event_run_start *run = &model->run_start;
    char rerun[OPTIONS_SIZE + 2 * NAME_SIZE], value[80];
    struct text text = text_in(rerun, sizeof(rerun));

    text_rerun(&text, run);
    writer_text(writer, "<h2>Run data</h2>\n<dl>\n");
    write_item(writer, "Version", run->version);
    text = text_in(value, sizeof(value));
    text_date(&text, run);
    write_item(writer, "Started", value);
    write_item(writer, "Options given", run->options);
    write_item(writer, "Injected faults", run->inject);
    format_text(value, sizeof(value), "0x%016llx", (unsigned long long)run->seed);
    write_item(writer, "Seed", value);
    write_item(writer, "To run the same again", rerun);
    format_text(value, sizeof(value), "%llu, %s", (unsigned long long)model->event_count,
                journal_stop_text(model->stop));
    write_item(writer, "Events in the journal", value);
    writer_text(writer, "</dl>\n");
}

int html_write(const struct model *model, const struct output *output)
{
    struct writer writer;

    writer_init(&writer, output);
    write_head(&writer, model);
    write_self_test(&writer, model);
    write_verdict(&writer, model);
    write_findings(&writer, model);
    html_tested(&writer, model);
    html_not_tested(&writer, model);
    html_untested(&writer, model);
    html_plots(&writer, model);
    html_drives(&writer, model);
    html_links(&writer, model);
    html_errors(&writer, model);
    html_history(&writer, model);
    write_run_data(&writer, model);
    writer_text(&writer, "</body>\n</html>\n");
    return writer_finish(&writer);
}
