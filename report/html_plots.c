#include "report/html.h"
#include "report/markup.h"
#include "report/svg.h"

/* Memory moves so much more than any drive that it has a plot of its own. */
static bool is_on_plot(const struct model_series *series, enum quantity quantity, bool memory)
{
    return series->declared.quantity == quantity && series->point_count > 0 &&
           (series->declared.part == PART_ALL_MEMORY) == memory;
}

/* Plots of the sampled series of one quantity, as many as fit on one plot together. */
static void write_plots(struct writer *writer, const struct model *model, enum quantity quantity,
                        bool memory)
{
    const struct model_series *series[SVG_SERIES_MAX];
    size_t count = 0;

    for (size_t i = 0; i < model->series_rows.kept; i++) {
        if (!is_on_plot(&model->series[i], quantity, memory))
            continue;
        series[count++] = &model->series[i];
        if (count == SVG_SERIES_MAX) {
            svg_plot(writer, model, series, count);
            count = 0;
        }
    }
    if (count)
        svg_plot(writer, model, series, count);
}

static bool has_samples(const struct model *model, enum quantity quantity)
{
    for (size_t i = 0; i < model->series_rows.kept; i++) {
        if (model->series[i].declared.quantity == quantity && model->series[i].point_count > 0)
            return true;
    }
    return false;
}

static const char *state_words(const struct model_series *series)
{
    if (series->was_above)
        return "beyond its upper limit";
    if (series->was_below)
        return "beyond its lower limit";
    if (series->was_slowed)
        return "its processor was slowed down";
    if (series->silent)
        return "fell silent";
    if (series->was_silent)
        return "silent for a while";
    return series->count ? "" : "no reading";
}

static void write_sensors(struct writer *writer, const struct model *model)
{
    static const char *const headings[] = {"Sensor", "Source", "Readings", "State"};
    struct table table;

    if (model->series_rows.kept == 0)
        return;
    writer_text(writer, "<h3>Sensors</h3>\n");
    table_begin(&table, writer, headings, 4);
    for (size_t i = 0; i < model->series_rows.kept; i++) {
        const struct model_series *series = &model->series[i];

        table_cell(&table, "%s", series->declared.name);
        table_cell(&table, "%s", series->declared.source);
        table_cell(&table, "%llu", (unsigned long long)series->count);
        table_cell(&table, "%s", state_words(series));
    }
    table_end(&table, model->series_rows);
}

void html_plots(struct writer *writer, const struct model *model)
{
    static const char *const titles[QUANTITIES] = {
        [QUANTITY_TEMPERATURE] = "Temperature",
        [QUANTITY_FAN_SPEED] = "Fan speed",
        [QUANTITY_VOLTAGE] = "Voltage",
        [QUANTITY_THROUGHPUT] = "Throughput",
        [QUANTITY_POWER] = "Power",
        [QUANTITY_CLOCK] = "Clock",
    };
    static const enum quantity order[QUANTITIES] = {QUANTITY_THROUGHPUT, QUANTITY_TEMPERATURE,
                                                    QUANTITY_FAN_SPEED,  QUANTITY_POWER,
                                                    QUANTITY_CLOCK,      QUANTITY_VOLTAGE};
    static const bool missed[QUANTITIES] = {
        [QUANTITY_THROUGHPUT] = true, [QUANTITY_TEMPERATURE] = true, [QUANTITY_FAN_SPEED] = true};

    writer_text(writer, "<h2>Over time</h2>\n");
    for (unsigned i = 0; i < QUANTITIES; i++) {
        if (!has_samples(model, order[i])) {
            if (missed[order[i]])
                writer_format(writer, "<p>%s: no readings.</p>\n", titles[order[i]]);
            continue;
        }
        markup_element(writer, "h3", titles[order[i]]);
        write_plots(writer, model, order[i], false);
        write_plots(writer, model, order[i], true);
    }
    write_sensors(writer, model);
}
