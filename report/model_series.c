/*
 * Series of samples: their extremes, and points enough to plot them.
 */
#include "base/text.h"
#include "report/model.h"

static struct model_series *find(struct model *model, uint16_t number)
{
    for (uint32_t i = 0; i < model->series_rows.kept; i++) {
        if (model->series[i].declared.series == number)
            return &model->series[i];
    }
    return NULL;
}

const struct model_series *model_series(const struct model *model, uint16_t series)
{
    return find((struct model *)model, series);
}

void model_declare_series(struct model *model, const struct event_series *declared)
{
    struct model_series *series = find(model, declared->series);

    if (!series) {
        if (model->series_rows.kept == MODEL_SERIES) {
            model->series_rows.lost++;
            return;
        }
        series = &model->series[model->series_rows.kept++];
        series->stride = 1;
    }
    series->declared = *declared;
}

static void widen(struct model_point *point, int64_t low, int64_t high)
{
    if (low < point->low)
        point->low = low;
    if (high > point->high)
        point->high = high;
}

/* Halves the points, each pair becoming the range of both: no extreme is lost. */
static void halve(struct model_series *series)
{
    for (uint32_t i = 0; i < series->point_count / 2; i++) {
        series->points[i] = series->points[2 * i];
        widen(&series->points[i], series->points[2 * i + 1].low, series->points[2 * i + 1].high);
    }
    series->point_count /= 2;
    series->stride *= 2;
    series->in_last = series->stride;
}

_Static_assert(MODEL_POINTS % 2 == 0, "points are halved in pairs");

static void add_point(struct model_series *series, uint64_t time_us, int64_t value)
{
    if (series->point_count > 0 && series->in_last < series->stride) {
        widen(&series->points[series->point_count - 1], value, value);
        series->in_last++;
        return;
    }
    if (series->point_count == MODEL_POINTS)
        halve(series);
    series->points[series->point_count++] =
        (struct model_point){.time_us = time_us, .low = value, .high = value};
    series->in_last = 1;
}

void model_add_sample(struct model *model, uint64_t time_us, const struct event_sample *sample)
{
    struct model_series *series = find(model, sample->series);

    if (!series) {
        model->stray_samples++;
        return;
    }
    if (series->count == 0)
        series->first = sample->value;
    if (series->count == 0 || sample->value < series->low) {
        series->low = sample->value;
        series->low_us = time_us;
    }
    if (series->count == 0 || sample->value > series->high) {
        series->high = sample->value;
        series->high_us = time_us;
    }
    series->count++;
    series->last = sample->value;
    series->last_us = time_us;
    series->silent = false;
    add_point(series, time_us, sample->value);
}

void model_set_sensor_state(struct model *model, const struct event_sensor_state *state)
{
    struct model_series *series = find(model, state->series);

    if (!series)
        return;
    series->silent = state->silent;
    series->was_silent |= state->silent;
    series->was_below |= state->below_critical;
    series->was_above |= state->above_critical;
    series->was_slowed |= state->throttled || state->prochot || state->slow_when_hot;
}
