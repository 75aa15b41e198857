/*
 * Host program: writes docs/verdicts.md from the tables of verdicts, rules, causes and doubts.
 *
 *     scripts/list-tested | assay-verdicts > docs/verdicts.md
 *
 * From its input come lines "ID KIND NAME": how the verdict ID is tested, where KIND is inject
 * (NAME is a fault of the self-test), qemu (a case) or story (of tests/unit/test_rules.c). Exit 1
 * when a line is none of these, or there are too many.
 */
#include <stdio.h>
#include <string.h>

#include "diagnosis/causes.h"
#include "diagnosis/doubts.h"

enum { LINES_MAX = 1024, LINE_BYTES = 200, KINDS = 3 };

static const struct {
    const char *kind, *title, *around;
} kinds[KINDS] = {
    {"inject", "self-test, `inject=`", "`"},
    {"qemu", "in QEMU, cases of `tests/qemu/cases.py`", "`"},
    {"story", "stories of `tests/unit/test_rules.c`", ""},
};

static struct test {
    enum verdict verdict;
    unsigned kind;
    char name[LINE_BYTES];
} tests[LINES_MAX];
static size_t test_count;

static bool take_line(const char *line)
{
    struct test *test = &tests[test_count];
    char id[LINE_BYTES], kind[LINE_BYTES];

    if (test_count == LINES_MAX || sscanf(line, "%199s %199s %199[^\n]", id, kind, test->name) != 3)
        return false;
    test->verdict = verdict_find(id);
    while (test->kind < KINDS && strcmp(kinds[test->kind].kind, kind) != 0)
        test->kind++;
    test_count++;
    return test->verdict < VERDICTS && test->kind < KINDS;
}

static bool read_tests(void)
{
    char line[LINE_BYTES * 3];

    while (fgets(line, sizeof(line), stdin)) {
        if (!take_line(line)) {
            fprintf(stderr, "assay-verdicts: not understood, or one too many: %s", line);
            return false;
        }
    }
    return true;
}

static void print_tests(enum verdict verdict)
{
    printf("How it is tested:\n\n");
    for (unsigned kind = 0; kind < KINDS; kind++) {
        const char *before = "";

        printf("- %s: ", kinds[kind].title);
        for (size_t i = 0; i < test_count; i++) {
            if (tests[i].verdict != verdict || tests[i].kind != kind)
                continue;
            printf("%s%s%s%s", before, kinds[kind].around, tests[i].name, kinds[kind].around);
            before = kinds[kind].around[0] ? ", " : "; ";
        }
        printf("%s\n", before[0] ? "" : "not yet");
    }
    printf("\n");
}

static void print_rules(enum verdict verdict)
{
    bool any = false;

    for (size_t i = 0; i < rule_count; i++) {
        const struct rule *rule = &rules[i];

        if (rule->verdict != verdict)
            continue;
        if (!any)
            printf("| certainty | evidence | not when | rule |\n|---|---|---|---|\n");
        printf("| %s | %s | %s | %s |\n", certainty_names[rule->certainty], rule->needs,
               rule->unless ? rule->unless : "", rule->name);
        any = true;
    }
    if (!any)
        printf("This version does not give this verdict yet.\n");
    printf("\n");
}

static void print_doubts(enum verdict verdict)
{
    bool any = false;

    for (size_t i = 0; i < doubt_count; i++) {
        if (doubts[i].verdict != verdict)
            continue;
        if (!any)
            printf("Against it speaks, and makes it a step less certain:\n\n");
        printf("- %s", doubts[i].sentence);
        if (doubts[i].rule)
            printf(" (rule %s)", doubts[i].rule);
        printf("\n");
        any = true;
    }
    if (any)
        printf("\n");
}

/* Rows of the table of causes in which a verdict is the symptom. Several may differ in the time
 * or the certainty alone. */
static void print_causes(enum verdict verdict, bool same, const char *title)
{
    static const char *const wheres[] = {"", " of the same part",
                                         " of the controller that the drive is at"};
    const char *before = title;

    for (size_t i = 0; i < cause_count; i++) {
        const struct cause *cause = &causes[i];

        if (cause->symptom != verdict || cause->same != same)
            continue;
        printf("%s%s%s", before, verdicts[cause->verdict].id, wheres[cause->where]);
        if (cause->within_s)
            printf(" within %u s", cause->within_s);
        if (cause->symptom_max < CERTAIN)
            printf(" (if at most %s)", certainty_names[cause->symptom_max]);
        before = ", ";
    }
    if (before != title)
        printf(".\n\n");
}

static void print_verdict(enum verdict verdict)
{
    const struct verdict_entry *entry = &verdicts[verdict];

    printf("## %s\n\n", entry->id);
    printf("Subsystem %s: %s.\n\n", subsystem_names[entry->subsystem], entry->meaning);
    print_rules(verdict);
    print_doubts(verdict);
    print_causes(verdict, true, "Not named beside its cause: ");
    print_causes(verdict, false, "A step less certain, and never first, when explained by: ");
    printf("What else it might be: %s.\n\n", entry->otherwise);
    printf("What to do: %s\n\n", entry->advice);
    print_tests(verdict);
}

int main(void)
{
    if (!read_tests())
        return 1;
    printf("# Verdicts\n\n"
           "Made by `make docs/verdicts.md` from the tables in `diagnosis/` (`verdicts.c`, "
           "`rules.c`, `causes.c`, `doubts.c`) and from\n"
           "the tests; do not edit. The order is that of seriousness. `certain` and `likely` make "
           "the run a FAIL, `possible` makes it SUSPECT.\n"
           "Of the rules for one verdict the first that matches speaks. What another finding "
           "explains says so in its evidence.\n\n"
           "Beside the tests named here `make sim` tries the verdicts on simulated machines with "
           "no fault, one and two.\n\n");
    for (unsigned i = 0; i < VERDICTS; i++)
        print_verdict((enum verdict)i);
    return 0;
}
