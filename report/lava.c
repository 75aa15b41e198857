#include "report/lava.h"

#include "base/text.h"

/* Columns of the last part of an id, which tells equal ones apart. */
enum { NUMBER_COLUMNS = 4 };

static const char *const result_words[LAVA_RESULTS] = {"PASS", "FAIL", "SKIP"};

static bool is_kept(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static char lower_case(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Everything but letters and digits becomes '_', once in a row and never in front. */
static void add_safe(struct text *id, const char *words)
{
    bool gap = false;

    for (; *words; words++) {
        char c = lower_case(*words);

        if (!is_kept(c)) {
            gap = true;
            continue;
        }
        if (gap && id->length > 0 && id->data[id->length - 1] != '_')
            text_char(id, '_');
        gap = false;
        text_char(id, c);
    }
}

static void make_id(const struct lava_case *result, char id[LAVA_ID_SIZE])
{
    struct text text = text_in(id, LAVA_ID_SIZE);

    text_add(&text, result->prefix);
    text.size = LAVA_ID_SIZE - NUMBER_COLUMNS - text_length(result->suffix);
    add_safe(&text, result->words);
    while (text.length > 0 && id[text.length - 1] == '_')
        id[--text.length] = '\0';
    text.size = LAVA_ID_SIZE;
    text_add(&text, result->suffix);
    if (text.length == 0)
        text_add(&text, "unnamed");
}

static bool is_taken(const struct lava *lava, const char *id)
{
    for (unsigned i = 0; i < lava->count; i++) {
        if (text_equal(lava->ids[i], id))
            return true;
    }
    return false;
}

/* The id, with a number behind it where another case has it already. */
static void take_id(struct lava *lava, const struct lava_case *result)
{
    char *id = lava->ids[lava->count];
    size_t length;

    make_id(result, id);
    length = text_length(id);
    for (unsigned number = 2; is_taken(lava, id); number++)
        format_text(id + length, LAVA_ID_SIZE - length, "_%u", number);
    lava->count++;
}

/* Nine columns at most. */
static int64_t shown(const struct lava_case *result)
{
    static const int64_t limits[] = {999999999000, 9999999900, 999999990, 9999999};
    int64_t limit = limits[result->decimals];

    if (result->milli > limit)
        return limit;
    return result->milli < -limit / 10 ? -limit / 10 : result->milli;
}

static void put_line(const struct lava *lava, const char *id, const struct lava_case *result)
{
    char measurement[16];
    struct text text = text_in(measurement, sizeof(measurement));

    text_milli(&text, shown(result), result->decimals);
    lines_format(lava->lines, "ASSAY TEST %s %s %s %s", id, result_words[result->result],
                 measurement, result->units);
}

void lava_begin(struct lava *lava, const struct lines *lines)
{
    lava->lines = lines;
    lava->count = lava->left_out = 0;
    lava->left_out_failed = false;
    lines_format(lines, "ASSAY START");
}

void lava_put(struct lava *lava, const struct lava_case *result)
{
    if (lava->count == LAVA_CASES) {
        lava->left_out++;
        lava->left_out_failed |= result->result == LAVA_FAIL;
        return;
    }
    take_id(lava, result);
    put_line(lava, lava->ids[lava->count - 1], result);
}

void lava_end(struct lava *lava, enum overall overall)
{
    if (lava->left_out)
        put_line(lava, "more_results",
                 &(struct lava_case){.result = lava->left_out_failed ? LAVA_FAIL : LAVA_SKIP,
                                     .milli = (int64_t)lava->left_out * 1000,
                                     .units = "results"});
    lines_format(lava->lines, "ASSAY END verdict=%s",
                 overall_names[overall < OVERALLS ? overall : OVERALL_INCOMPLETE]);
}

void lava_write_bad_options(struct lava *lava, unsigned count, const struct lines *lines)
{
    lava_begin(lava, lines);
    lava_put(lava, &(struct lava_case){.prefix = "options",
                                       .words = "",
                                       .suffix = "",
                                       .result = LAVA_FAIL,
                                       .milli = (int64_t)count * 1000,
                                       .units = "errors"});
    lava_end(lava, OVERALL_INCOMPLETE);
}

static bool looks_like_ours(const char *text)
{
    return text_starts(text, "ASSAY START") || text_starts(text, "ASSAY TEST") ||
           text_starts(text, "ASSAY END");
}

const char *lava_harmless(const char *line, char harmless[LINE_SIZE])
{
    const size_t blank = sizeof("ASSAY") - 1;
    bool changed = false;

    copy_text(harmless, LINE_SIZE, line);
    for (size_t i = 0; harmless[i]; i++) {
        if (looks_like_ours(harmless + i)) {
            harmless[i + blank] = '_';
            changed = true;
        }
    }
    return changed ? harmless : line;
}
