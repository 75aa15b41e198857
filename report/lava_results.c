/*
 * Which results a run gives LAVA: findings first, the verdict last.
 */
#include "base/text.h"
#include "report/lava_parts.h"
#include "report/words.h"

int64_t lava_thousandths(uint64_t count)
{
    return count < INT64_MAX / 1000 ? (int64_t)count * 1000 : INT64_MAX;
}

void lava_put_own(const struct lava_writing *writing, const char *id, enum lava_result result,
                  int64_t milli, unsigned decimals, const char *units)
{
    lava_put(writing->lava, &(struct lava_case){.prefix = id,
                                                .words = "",
                                                .suffix = "",
                                                .result = result,
                                                .milli = milli,
                                                .decimals = decimals,
                                                .units = units});
}

/* ---- findings, and the subsystems */

bool lava_is_accused(const struct model *model, const char *prefix)
{
    for (uint32_t i = 0; i < model->finding_rows.kept; i++) {
        if (text_starts(model->findings[i].finding.id, prefix))
            return true;
    }
    return false;
}

static void put_findings(const struct lava_writing *writing)
{
    const struct model *model = writing->model;
    uint8_t order[MODEL_FINDINGS];
    size_t count = words_order(model, order);

    for (size_t i = 0; i < count; i++) {
        const struct event_finding *finding = &model->findings[order[i]].finding;
        unsigned certainty = finding->certainty < CERTAINTIES ? finding->certainty : POSSIBLE;
        char words[NAME_SIZE + TEXT_SIZE];

        format_text(words, sizeof(words), "%s %s", finding->id, finding->component);
        lava_put(writing->lava, &(struct lava_case){.prefix = "",
                                                    .words = words,
                                                    .suffix = "",
                                                    .result = LAVA_FAIL,
                                                    .milli = 1000,
                                                    .units = certainty_names[certainty]});
    }
    if (model->finding_rows.lost)
        lava_put_own(writing, "more_findings", LAVA_FAIL,
                     lava_thousandths(model->finding_rows.lost), 0, "findings");
}

static bool is_good(const struct model *model, const char *subsystem)
{
    char id[NAME_SIZE];

    format_text(id, sizeof(id), "%sok", subsystem);
    for (uint32_t i = 0; i < model->good_rows.kept; i++) {
        if (text_equal(model->goods[i].good.id, id))
            return true;
    }
    return false;
}

/* Good, accused, or neither of the two: not tested well enough to say. */
static void put_subsystems(const struct lava_writing *writing)
{
    static const struct {
        const char *prefix, *id;
    } subsystems[] = {
        {"memory-", "subsystem_memory"},   {"cpu-", "subsystem_cpu"},   {"disk-", "subsystem_disk"},
        {"cooling-", "subsystem_cooling"}, {"pcie-", "subsystem_pcie"},
    };

    for (size_t i = 0; i < sizeof(subsystems) / sizeof(subsystems[0]); i++) {
        bool accused = lava_is_accused(writing->model, subsystems[i].prefix);
        bool judged = accused || is_good(writing->model, subsystems[i].prefix);

        lava_put_own(writing, subsystems[i].id, judged ? lava_failed_if(accused) : LAVA_SKIP,
                     judged ? 1000 : 0, 0, "judged");
    }
}

/* ---- phases */

static void put_phases(const struct lava_writing *writing)
{
    static const enum lava_result results[ENDINGS] = {
        [ENDED_DONE] = LAVA_PASS, [ENDED_CUT] = LAVA_FAIL, [ENDED_SKIPPED] = LAVA_SKIP};
    const struct model *model = writing->model;

    for (uint32_t i = 0; i < model->phase_rows.kept; i++) {
        const struct model_phase *phase = &model->phases[i];
        bool known = phase->ended && phase->ending < ENDINGS;

        lava_put(writing->lava,
                 &(struct lava_case){.prefix = "phase_",
                                     .words = phase->name,
                                     .suffix = "",
                                     .result = known ? results[phase->ending] : LAVA_FAIL,
                                     .milli = (int64_t)((phase->end_us - phase->start_us) / 1000),
                                     .decimals = 1,
                                     .units = "s"});
    }
}

/* ---- what was not tested, and the verdict */

/* A drive's name stands behind what was not tested of it. */
static void put_not_tested(const struct lava_writing *writing)
{
    const struct model *model = writing->model;

    for (uint32_t i = 0; i < model->not_tested_rows.kept; i++) {
        const struct event_not_tested *row = &model->not_tested[i].not_tested;
        const struct event_part *part = model_part(model, row->part);
        char words[NAME_SIZE + PLACE_SIZE];

        format_text(words, sizeof(words), "%s %s", row->subsystem,
                    part && part->kind == PART_DISK ? lava_drive_name(part) : "");
        lava_put(writing->lava, &(struct lava_case){.prefix = "not_tested_",
                                                    .words = words,
                                                    .suffix = "",
                                                    .result = LAVA_SKIP,
                                                    .units = "tested"});
    }
    if (model->not_tested_rows.lost)
        lava_put_own(writing, "more_not_tested", LAVA_SKIP,
                     lava_thousandths(model->not_tested_rows.lost), 0, "results");
}

/* A self-test says nothing about the machine. */
static void put_injected(const struct lava_writing *writing)
{
    const char *faults = writing->model->run_start.inject;
    uint64_t count = 1;

    if (!model_is_injected(writing->model))
        return;
    for (; *faults; faults++)
        count += *faults == ',';
    lava_put_own(writing, "injected_faults", LAVA_SKIP, lava_thousandths(count), 0, "faults");
}

void lava_write(struct lava *lava, const struct model *model, unsigned memory_wanted,
                const struct lines *lines)
{
    const struct lava_writing writing = {
        .lava = lava, .model = model, .memory_wanted = memory_wanted};
    enum overall overall = words_overall(model);

    lava_begin(lava, lines);
    put_injected(&writing);
    put_findings(&writing);
    put_subsystems(&writing);
    put_phases(&writing);
    lava_put_measured(&writing);
    put_not_tested(&writing);
    lava_put_own(&writing, "verdict", lava_failed_if(overall != OVERALL_PASS),
                 lava_thousandths(rows_seen(model->finding_rows)), 0, "findings");
    lava_end(lava, overall);
}
