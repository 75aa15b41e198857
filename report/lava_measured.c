/*
 * What a run has measured, for LAVA: coverage, throughput, temperature, counts of errors.
 */
#include "base/text.h"
#include "report/lava_parts.h"

/* As much of a drive's name as stands in each of its ids. */
enum { DRIVE_NAME_SIZE = 25 };

/* Thousandths of a percent, cut: 100000 is all of it. */
static int64_t share(uint64_t tested, uint64_t total)
{
    enum { ALL = 100000 };

    if (total == 0)
        return 0;
    if (tested >= total)
        return ALL;
    return (int64_t)(total < UINT64_MAX / ALL ? tested * ALL / total : tested / (total / ALL));
}

/* The most that a phase, or any phase (NULL), has tested of a part; NULL when none has. */
static const struct event_coverage *coverage_of(const struct model *model, part_id part,
                                                const char *phase)
{
    const struct event_coverage *most = NULL;

    for (uint32_t i = 0; i < model->coverage_rows.kept; i++) {
        const struct event_coverage *coverage = &model->coverages[i].coverage;

        if (coverage->part == part && (!phase || text_equal(coverage->phase, phase)) &&
            (!most || coverage->tested > most->tested))
            most = coverage;
    }
    return most;
}

static bool has_phase(const struct model *model, const char *name)
{
    for (uint32_t i = 0; i < model->phase_rows.kept; i++) {
        if (text_equal(model->phases[i].name, name))
            return true;
    }
    return false;
}

static uint64_t wrong_words(const struct model *model)
{
    uint64_t told = rows_seen(model->memory_error_rows), sum = 0;

    for (uint32_t i = 0; i < model->memory_region_rows.kept; i++) {
        uint64_t words = model->memory_regions[i].memory_region.words;

        sum = words < UINT64_MAX - sum ? sum + words : UINT64_MAX;
    }
    return sum > told ? sum : told;
}

static void put_memory(const struct lava_writing *writing)
{
    static const char phase[] = "memory";
    const struct event_coverage *coverage = coverage_of(writing->model, PART_ALL_MEMORY, phase);
    uint64_t tested = coverage ? coverage->tested : 0, total = coverage ? coverage->total : 0;
    uint64_t wrong = wrong_words(writing->model);
    bool enough = tested && tested >= total / 100 * writing->memory_wanted;
    bool wanted = has_phase(writing->model, phase);

    lava_put_own(writing, "memory_coverage", wanted ? lava_failed_if(!enough) : LAVA_SKIP,
                 share(tested, total), 3, "percent");
    lava_put_own(writing, "memory_coverage_wanted", wanted ? LAVA_PASS : LAVA_SKIP,
                 (int64_t)writing->memory_wanted * 1000, 3, "percent");
    lava_put_own(writing, "memory_errors",
                 tested || wrong
                     ? lava_failed_if(wrong && lava_is_accused(writing->model, "memory-"))
                     : LAVA_SKIP,
                 lava_thousandths(wrong), 0, "errors");
}

/* Bytes per second of a drive's fastest second. */
static uint64_t fastest(const struct model *model, part_id part)
{
    for (uint32_t i = 0; i < model->series_rows.kept; i++) {
        const struct model_series *series = &model->series[i];

        if (series->declared.part == part && series->declared.quantity == QUANTITY_THROUGHPUT &&
            series->count && series->high > 0)
            return (uint64_t)series->high / 1000;
    }
    return 0;
}

static bool is_slow(const struct model *model, part_id part)
{
    for (uint32_t i = 0; i < model->finding_rows.kept; i++) {
        const struct event_finding *finding = &model->findings[i].finding;

        if (finding->part == part && text_equal(finding->id, "disk-slow"))
            return true;
    }
    return false;
}

const char *lava_drive_name(const struct event_part *part)
{
    if (part->serial[0])
        return part->serial;
    return part->place[0] ? part->place : part->name;
}

static void put_drive(const struct lava_writing *writing, const struct event_part *part)
{
    const struct event_coverage *coverage = coverage_of(writing->model, part->part, NULL);
    uint64_t rate = fastest(writing->model, part->part);
    bool tested = coverage && coverage->tested;
    char name[DRIVE_NAME_SIZE];

    copy_text(name, sizeof(name), lava_drive_name(part));
    lava_put(writing->lava,
             &(struct lava_case){.prefix = "disk_",
                                 .words = name,
                                 .suffix = "_coverage",
                                 .result = tested ? LAVA_PASS : LAVA_SKIP,
                                 .milli = tested ? share(coverage->tested, coverage->total) : 0,
                                 .decimals = 3,
                                 .units = "percent"});
    lava_put(writing->lava,
             &(struct lava_case){
                 .prefix = "disk_",
                 .words = name,
                 .suffix = "_throughput",
                 .result = rate ? lava_failed_if(is_slow(writing->model, part->part)) : LAVA_SKIP,
                 .milli = (int64_t)(rate / 1000),
                 .decimals = 1,
                 .units = "MB/s"});
}

/* Of all drives together: the tables keep no count for each. */
static void put_disk_errors(const struct lava_writing *writing, bool tested)
{
    const struct model *model = writing->model;
    uint64_t count = rows_seen(model->disk_error_rows) + rows_seen(model->mismatch_rows) +
                     rows_seen(model->write_error_rows);

    lava_put_own(writing, "disk_errors",
                 tested || count ? lava_failed_if(count && lava_is_accused(model, "disk-"))
                                 : LAVA_SKIP,
                 lava_thousandths(count), 0, "errors");
}

static void put_drives(const struct lava_writing *writing)
{
    const struct model *model = writing->model;
    bool tested = false;

    for (uint32_t i = 0; i < model->part_rows.kept; i++) {
        const struct event_part *part = &model->parts[i].part;

        if (part->kind != PART_DISK)
            continue;
        put_drive(writing, part);
        tested |= coverage_of(model, part->part, NULL) != NULL;
    }
    put_disk_errors(writing, tested);
}

/* The series with the highest temperature, or NULL. */
static const struct model_series *hottest(const struct model *model)
{
    const struct model_series *most = NULL;

    for (uint32_t i = 0; i < model->series_rows.kept; i++) {
        const struct model_series *series = &model->series[i];

        if (series->declared.quantity == QUANTITY_TEMPERATURE && series->count &&
            (!most || series->high > most->high))
            most = series;
    }
    return most;
}

static void put_temperature(const struct lava_writing *writing)
{
    const struct model_series *series = hottest(writing->model);
    bool has_limit = series && series->declared.has_high;
    bool accused = series && series->was_above &&
                   (lava_is_accused(writing->model, "cooling-") ||
                    lava_is_accused(writing->model, "disk-hot"));

    lava_put_own(writing, "temperature", series ? lava_failed_if(accused) : LAVA_SKIP,
                 series ? series->high : 0, 3, "celsius");
    lava_put_own(writing, "temperature_wanted", has_limit ? LAVA_PASS : LAVA_SKIP,
                 has_limit ? series->declared.high : 0, 3, "celsius");
}

/* Those that came in the run; what the table had no room for counts as such. */
static void put_machine_checks(const struct lava_writing *writing)
{
    const struct model *model = writing->model;
    const struct event_coverage *watched = coverage_of(model, PART_ALL_PROCESSORS, "machine-check");
    uint64_t count = model->machine_check_rows.lost;
    bool accused = lava_is_accused(model, "cpu-") || lava_is_accused(model, "memory-ecc");

    for (uint32_t i = 0; i < model->machine_check_rows.kept; i++)
        count += !model->machine_checks[i].machine_check.prior;
    lava_put_own(writing, "machine_checks",
                 (watched && watched->tested) || count ? lava_failed_if(count && accused)
                                                       : LAVA_SKIP,
                 lava_thousandths(count), 0, "errors");
}

void lava_put_measured(const struct lava_writing *writing)
{
    put_memory(writing);
    put_drives(writing);
    put_temperature(writing);
    put_machine_checks(writing);
}
