#include "efi/earlier.h"

#include "base/error.h"
#include "base/text.h"
#include "report/summary.h"

/* False for a number without a journal that can be read. */
static bool read_run(const struct earlier *earlier, uint32_t number)
{
    size_t size = 0;

    return !earlier->read(number, earlier->buffer, earlier->size, &size) &&
           !model_build(earlier->model, earlier->buffer, size) && earlier->model->has_run_start;
}

static void add_finding(const struct model *model, struct text *text)
{
    const struct event_finding *finding = &model->findings[0].finding;

    if (!model->finding_rows.kept)
        return;
    text_format(text, "  %u: %s at %s", (unsigned)rows_seen(model->finding_rows), finding->id,
                finding->component);
}

static void list_run(const struct earlier *earlier, uint32_t number, char key,
                     const struct lines *lines)
{
    const struct model *model = earlier->model;
    const struct event_run_start *start = &model->run_start;
    char line[LINE_SIZE];
    struct text text = text_in(line, sizeof(line));

    text_format(&text, "  %c  %-4u  %04u-%02u-%02u %02u:%02u  %-9s  %-10s", key, (unsigned)number,
                start->year, start->month, start->day, start->hour, start->minute, start->plan,
                model->has_verdict ? overall_names[model->verdict.overall] : "no end");
    add_finding(model, &text);
    lines_format(lines, "%s", line);
}

/* Their numbers go into a list; returns how many there are. */
static unsigned list_runs(const struct earlier *earlier, const struct lines *lines,
                          uint32_t ret_numbers[EARLIER_SHOWN])
{
    uint32_t number = earlier->last;
    unsigned count = 0;

    lines_format(lines, "%s", "");
    lines_format(lines, "     run   began             plan       verdict     findings: the first");
    for (unsigned i = 0; i < EARLIER_LOOKS && number && count < EARLIER_SHOWN; i++, number--) {
        if (!read_run(earlier, number))
            continue;
        list_run(earlier, number, (char)('1' + count), lines);
        ret_numbers[count++] = number;
    }
    return count;
}

/* ---- a summary, as lines */

struct lines_output {
    const struct lines *lines;
    char line[LINE_SIZE];
    size_t length;
};

static int write_lines(void *context, const void *data, size_t size)
{
    struct lines_output *output = context;
    const char *bytes = data;

    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == '\n') {
            output->line[output->length] = '\0';
            output->length = 0;
            lines_format(output->lines, "%s", output->line);
        } else if (bytes[i] != '\r' && output->length < LINE_COLUMNS) {
            output->line[output->length++] = bytes[i];
        }
    }
    return OK;
}

static void show_run(const struct earlier *earlier, uint32_t number, const struct desk *desk)
{
    struct pager pager;
    struct lines lines = pager_lines(&pager, desk);
    struct lines_output context = {.lines = &lines};
    struct output output = {.context = &context, .write = write_lines};

    if (!read_run(earlier, number) || summary_write(earlier->model, &output))
        lines_format(desk->lines, "  Run %u cannot be read any longer.", (unsigned)number);
}

void earlier_show(const struct earlier *earlier, const struct desk *desk)
{
    uint32_t numbers[EARLIER_SHOWN];
    unsigned count, chosen;
    char key;

    for (;;) {
        count = list_runs(earlier, desk->lines, numbers);
        if (!count) {
            lines_format(desk->lines, "  There is no earlier run on this stick.");
            return;
        }
        lines_format(desk->rewritten, "  > which one? Any other key goes back.");
        key = desk_key(desk);
        lines_format(desk->lines, "%s", "");
        chosen = (unsigned)(key - '1');
        if (key < '1' || chosen >= count)
            return;
        show_run(earlier, numbers[chosen], desk);
    }
}
