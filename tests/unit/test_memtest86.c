/* When a run's report says that memtest86+ is worth doing, and when it does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/text.h"
#include "report/memtest86.h"

#define MIB ((uint64_t)1024 * 1024)

enum { NO_PHASE = ENDINGS }; /* for `ending` */

struct sample {
    const char *name;
    const char *options;
    uint8_t ending; /* enum ending of the phase memory */
    uint64_t tested_mib, total_mib;
    const char *finding; /* its id; NULL: none */
    uint8_t certainty;
};

static struct model model;

static void add_finding(const char *id, uint8_t certainty)
{
    struct event_finding *finding = &model.findings[model.finding_rows.kept++].finding;

    copy_text(finding->id, sizeof(finding->id), id);
    finding->certainty = certainty;
}

static void add_coverage(const char *phase, part_id part, uint64_t tested, uint64_t total)
{
    struct event_coverage *coverage = &model.coverages[model.coverage_rows.kept++].coverage;

    copy_text(coverage->phase, sizeof(coverage->phase), phase);
    coverage->part = part;
    coverage->tested = tested;
    coverage->total = total;
}

static void make(const struct sample *sample)
{
    memset(&model, 0, sizeof(model));
    copy_text(model.run_start.options, sizeof(model.run_start.options), sample->options);
    if (sample->ending != NO_PHASE) {
        struct model_phase *phase = &model.phases[model.phase_rows.kept++];

        copy_text(phase->name, sizeof(phase->name), "memory");
        phase->ended = true;
        phase->ending = sample->ending;
        add_coverage("imaging", PART_ALL_MEMORY, 1, 1000); /* of another phase */
        add_coverage("memory", PART_FIRST_FREE, 1, 1000);  /* of another part */
        add_coverage("memory", PART_ALL_MEMORY, sample->tested_mib * MIB, sample->total_mib * MIB);
    }
    if (sample->finding)
        add_finding(sample->finding, sample->certainty);
}

static void says(const char *said, const char *needle, const char *name)
{
    if (!strstr(said, needle))
        fail_msg("%s: not said: %s\nin: %s", name, needle, said);
}

static void is_said(void **state)
{
    static const struct {
        struct sample sample;
        const char *says[2];
    } cases[] = {
        {{"gaps", "plan=memory", ENDED_DONE, 960, 1000, NULL, 0},
         {"40 MiB of memory were not tested", "a whole pass"}},
        {{"all of it was asked for", "memory=all range=all", ENDED_DONE, 960, 1000, NULL, 0},
         {"40 MiB of memory were not tested", "a whole pass"}},
        {{"nothing was reached", "", ENDED_DONE, 0, 1000, NULL, 0},
         {"1000 MiB of memory were not tested", "a whole pass"}},
        {{"a faulty drive beside gaps", "", ENDED_DONE, 960, 1000, "disk-media", CERTAIN},
         {"40 MiB of memory were not tested", "a whole pass"}},
        {{"a possible fault", "", ENDED_DONE, 1000, 1000, "memory-bit-error", POSSIBLE},
         {"a second opinion", "several passes"}},
        {{"a possible fault in a run of disks", "", NO_PHASE, 0, 0, "memory-bit-error", POSSIBLE},
         {"a second opinion", "several passes"}},
        {{"both", "", ENDED_DONE, 960, 1000, "memory-ecc-corrected", POSSIBLE},
         {"40 MiB of memory were not tested", "a second opinion"}},
    };
    char said[MEMTEST86_ADVICE_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *name = cases[i].sample.name;

        make(&cases[i].sample);
        if (!memtest86_advice(&model, said))
            fail_msg("%s: nothing is said", name);
        says(said, cases[i].says[0], name);
        says(said, cases[i].says[1], name);
        says(said, "plan=memtest86+", name);
        assert_string_equal(said + strlen(said) - 16, "read its screen."); /* nothing was cut */
    }
}

static void is_not_said(void **state)
{
    static const struct sample cases[] = {
        {"all is covered", "", ENDED_DONE, 1000, 1000, NULL, 0},
        {"enough is covered", "", ENDED_DONE, 970, 1000, NULL, 0},
        {"cut short", "", ENDED_CUT, 10, 1000, NULL, 0},
        {"skipped", "", ENDED_SKIPPED, 0, 1000, NULL, 0},
        {"no test of memory", "", NO_PHASE, 0, 0, NULL, 0},
        {"a size was asked for", "memory=256M", ENDED_DONE, 256, 1000, NULL, 0},
        {"a range was asked for", "plan=memory range=0-1000", ENDED_DONE, 1, 1000, NULL, 0},
        {"a module is bad", "", ENDED_DONE, 960, 1000, "memory-bit-error", CERTAIN},
        {"a module is likely bad", "", ENDED_DONE, 960, 1000, "memory-bit-error", LIKELY},
        {"something else is possible", "", ENDED_DONE, 1000, 1000, "disk-link", POSSIBLE},
    };
    char said[MEMTEST86_ADVICE_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        make(&cases[i]);
        if (memtest86_advice(&model, said))
            fail_msg("%s: said: %s", cases[i].name, said);
    }
}

/* One module sure, of another one not: the sure one is replaced first. */
static void the_surest_counts(void **state)
{
    static const struct sample possible = {"",      "", ENDED_DONE, 1000, 1000, "memory-bit-error",
                                           POSSIBLE};
    char said[MEMTEST86_ADVICE_SIZE];

    (void)state;
    make(&possible);
    add_finding("memory-bit-error", LIKELY);
    add_finding("memory-bit-error", POSSIBLE);
    assert_false(memtest86_advice(&model, said));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_said),
        cmocka_unit_test(is_not_said),
        cmocka_unit_test(the_surest_counts),
    };

    return cmocka_run_group_tests_name("memtest86", tests, NULL, NULL);
}
