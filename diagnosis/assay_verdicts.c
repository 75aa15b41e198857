/*
 * Host program: writes docs/verdicts.md from the tables of verdicts and rules.
 *
 *     assay-verdicts > docs/verdicts.md
 */
#include <stdio.h>

#include "diagnosis/rules.h"

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

static void print_verdict(enum verdict verdict)
{
    const struct verdict_entry *entry = &verdicts[verdict];

    printf("## %s\n\n", entry->id);
    printf("Subsystem %s: %s.\n\n", subsystem_names[entry->subsystem], entry->meaning);
    print_rules(verdict);
    printf("What else it might be: %s.\n\n", entry->otherwise);
    printf("What to do: %s\n\n", entry->advice);
}

int main(void)
{
    printf("# Verdicts\n\n"
           "Made from the tables in `diagnosis/verdicts.c` and `diagnosis/rules.c`; do not edit.\n"
           "The order is that of seriousness. `certain` and `likely` make the run a FAIL, "
           "`possible` makes it SUSPECT.\n"
           "Of the rules for one verdict the first that matches speaks.\n\n"
           "How they are tested: each rule has at least one story in `tests/unit/test_rules.c`, "
           "most beside a healthy twin\n"
           "that must give no finding, and `make sim` tries the verdicts on simulated machines "
           "with no fault, one and two.\n\n");
    for (unsigned i = 0; i < VERDICTS; i++)
        print_verdict((enum verdict)i);
    return 0;
}
