#include "report/svg.h"

#include "base/text.h"
#include "report/markup.h"
#include "report/words.h"

/* Units of the viewBox. */
enum {
    WIDTH = 1040,
    LEFT = 110,
    RIGHT = WIDTH - 20,
    TOP = 60,
    BOTTOM = 400,
    UNIT_TEXT = 24, /* baseline of the unit, above the axis */
    AXIS_TEXT = BOTTOM + 34,
    LEGEND = BOTTOM + 80, /* baseline of its first row */
    LEGEND_ROW = 36,
    LETTER = 15, /* about the width of one */
    TICKS_MAX = 6,
    GAP_FACTOR = 4, /* a line is broken where samples are this much rarer than usual */
};

/* Sums and products of these stay within 64 bits. */
static const int64_t value_max = 1000000000000000;

struct plot {
    struct writer *writer;
    const struct model *model;
    enum quantity quantity;
    const struct model_series *const *series;
    size_t count;
    int64_t low, high, step; /* of the vertical axis, in the thousandths of samples */
    uint64_t end_us;         /* of the horizontal axis, at least 1 s */
};

/* What a quantity is written in: `unit` is how many thousandths of a sample one of it is. */
static const struct {
    const char *name;
    int64_t unit;
    unsigned decimals;
    int64_t step_min;
    bool from_zero;
} scales[QUANTITIES] = {
    [QUANTITY_TEMPERATURE] = {"&#176;C", 1000, 0, 1000, false},
    [QUANTITY_FAN_SPEED] = {"rpm", 1000, 0, 1000, true},
    [QUANTITY_VOLTAGE] = {"V", 1000, 2, 10, false},
    [QUANTITY_THROUGHPUT] = {"MB/s", 1000000000, 0, 1000000000, true},
    [QUANTITY_POWER] = {"W", 1000, 0, 1000, true},
    [QUANTITY_CLOCK] = {"MHz", 1000, 0, 10000, true},
};

static int64_t bounded(int64_t value)
{
    if (value > value_max)
        return value_max;
    return value < -value_max ? -value_max : value;
}

static unsigned x_of(const struct plot *plot, uint64_t time_us)
{
    uint64_t milliseconds = (time_us < plot->end_us ? time_us : plot->end_us) / 1000;

    return (unsigned)(LEFT + milliseconds * (RIGHT - LEFT) / (plot->end_us / 1000));
}

static unsigned y_of(const struct plot *plot, int64_t value)
{
    value = bounded(value);
    if (value < plot->low)
        value = plot->low;
    if (value > plot->high)
        value = plot->high;
    return (unsigned)(BOTTOM - (value - plot->low) * (BOTTOM - TOP) / (plot->high - plot->low));
}

/* A limit far from everything measured would flatten the plot: then it stands in the legend only.
 */
static bool is_near(int64_t limit, int64_t low, int64_t high)
{
    int64_t room = (high - low > high / 2 ? high - low : high / 2) + 20000;

    return limit >= low - room && limit <= high + room;
}

static void include(struct plot *plot, int64_t value)
{
    value = bounded(value);
    if (value < plot->low)
        plot->low = value;
    if (value > plot->high)
        plot->high = value;
}

/* The smallest of 1, 2, 5, 10, 20, 50 … times the least step that needs few enough ticks. */
static int64_t round_step(int64_t span, int64_t step)
{
    static const int64_t factors[] = {1, 2, 5};

    for (unsigned i = 0; i < 45; i++) {
        int64_t candidate = step * factors[i % 3];

        if (span / candidate < TICKS_MAX)
            return candidate;
        if (i % 3 == 2)
            step *= 10;
    }
    return span;
}

static int64_t floor_to(int64_t value, int64_t step)
{
    int64_t rest = value % step;

    return value - (rest < 0 ? rest + step : rest);
}

static void scale_vertically(struct plot *plot)
{
    int64_t low, high;

    plot->low = bounded(plot->series[0]->low);
    plot->high = bounded(plot->series[0]->high);
    for (size_t i = 0; i < plot->count; i++) {
        include(plot, plot->series[i]->low);
        include(plot, plot->series[i]->high);
    }
    if (scales[plot->quantity].from_zero)
        include(plot, 0);
    low = plot->low;
    high = plot->high;
    for (size_t i = 0; i < plot->count; i++) {
        const struct event_series *declared = &plot->series[i]->declared;

        if (declared->has_low && is_near(bounded(declared->low), low, high))
            include(plot, declared->low);
        if (declared->has_high && is_near(bounded(declared->high), low, high))
            include(plot, declared->high);
    }
    plot->step = round_step(plot->high - plot->low, scales[plot->quantity].step_min);
    plot->low = floor_to(plot->low, plot->step);
    plot->high = floor_to(plot->high + plot->step - 1, plot->step);
    if (plot->high == plot->low)
        plot->high += plot->step;
}

/* The text at an end of the axis must not be cut by the edge of the drawing. */
static const char *anchor_at(unsigned x)
{
    return x > RIGHT - 40 ? "end" : "middle";
}

static void draw_vertical_axis(const struct plot *plot)
{
    struct writer *writer = plot->writer;

    for (unsigned i = 0; i <= TICKS_MAX + 1; i++) {
        int64_t value = plot->low + (int64_t)i * plot->step;
        char label[32];
        struct text text = text_in(label, sizeof(label));

        if (value > plot->high)
            break;
        text_milli(&text, value / (scales[plot->quantity].unit / 1000),
                   scales[plot->quantity].decimals);
        writer_format(writer, "<path class=\"grid\" d=\"M%u,%uH%u\"/>", LEFT, y_of(plot, value),
                      RIGHT);
        writer_format(writer, "<text x=\"%u\" y=\"%u\" text-anchor=\"end\">%s</text>\n", LEFT - 10,
                      y_of(plot, value) + 9, label);
    }
    writer_format(writer, "<text x=\"%u\" y=\"%u\" text-anchor=\"end\">%s</text>\n", LEFT - 10,
                  UNIT_TEXT, scales[plot->quantity].name);
}

static uint32_t time_step_s(uint64_t span_s)
{
    static const uint32_t steps[] = {1,     2,     5,     10,    15,    20,    30,   60,
                                     120,   300,   600,   900,   1200,  1800,  3600, 7200,
                                     10800, 14400, 21600, 43200, 86400, 172800};
    unsigned last = sizeof(steps) / sizeof(steps[0]) - 1;

    for (unsigned i = 0; i < last; i++) {
        if (span_s / steps[i] < TICKS_MAX)
            return steps[i];
    }
    return steps[last];
}

static void draw_horizontal_axis(const struct plot *plot)
{
    uint32_t step_s = time_step_s(plot->end_us / 1000000);
    unsigned unit_s = step_s < 60 ? 1 : step_s < 3600 ? 60 : 3600;
    const char *unit = step_s < 60 ? "s" : step_s < 3600 ? "min" : "h";

    for (unsigned i = 0; i <= TICKS_MAX; i++) {
        uint64_t second = (uint64_t)i * step_s;
        unsigned x = x_of(plot, second * 1000000);

        if (second * 1000000 > plot->end_us)
            break;
        writer_format(plot->writer, "<path class=\"grid\" d=\"M%u,%uv8\"/>", x, BOTTOM);
        writer_format(plot->writer, "<text x=\"%u\" y=\"%u\" text-anchor=\"%s\">%llu%s%s</text>\n",
                      x, AXIS_TEXT, anchor_at(x), (unsigned long long)(second / unit_s),
                      i ? " " : "", i ? unit : "");
    }
}

/* Every second phase is shaded; a name stands where it fits. */
static void draw_phases(const struct plot *plot)
{
    for (size_t i = 0; i < plot->model->phase_rows.kept; i++) {
        const struct model_phase *phase = &plot->model->phases[i];
        unsigned start = x_of(plot, phase->start_us);
        unsigned end = x_of(plot, phase->end_us);
        char name[NAME_SIZE];

        copy_text(name, sizeof(name), phase->name);
        if (end <= start)
            continue;
        writer_format(plot->writer,
                      "<rect class=\"band%u\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"/>",
                      (unsigned)(i % 2), start, TOP, end - start, BOTTOM - TOP);
        if (text_length(name) * LETTER > end - start)
            continue;
        writer_format(plot->writer,
                      "<text class=\"phase\" x=\"%u\" y=\"%u\" text-anchor=\"middle\">",
                      start / 2 + end / 2, TOP - 10);
        markup_text(plot->writer, name);
        writer_text(plot->writer, "</text>\n");
    }
}

static void draw_limit(const struct plot *plot, bool has, int64_t limit, size_t number)
{
    if (!has || bounded(limit) < plot->low || bounded(limit) > plot->high)
        return;
    writer_format(plot->writer, "<path class=\"limit c%u\" d=\"M%u,%uH%u\"/>\n", (unsigned)number,
                  LEFT, y_of(plot, limit), RIGHT);
}

/* Microseconds between two points beyond which nothing is known in between. */
static uint64_t gap_of(const struct model_series *series)
{
    uint64_t span = series->points[series->point_count - 1].time_us - series->points[0].time_us;

    return series->point_count < 3 ? UINT64_MAX : span / (series->point_count - 1) * GAP_FACTOR;
}

static void draw_point(const struct plot *plot, const struct model_point *point, bool begins,
                       bool upwards)
{
    unsigned x = x_of(plot, point->time_us);
    unsigned first = y_of(plot, upwards ? point->low : point->high);
    unsigned second = y_of(plot, upwards ? point->high : point->low);

    writer_format(plot->writer, "%c%u,%u", begins ? 'M' : 'L', x, first);
    if (second != first)
        writer_format(plot->writer, "V%u", second);
    else if (begins)
        writer_text(plot->writer, "h0"); /* a dot, should it stay alone */
}

static void draw_series(const struct plot *plot, size_t number)
{
    const struct model_series *series = plot->series[number];
    uint64_t gap = gap_of(series);

    draw_limit(plot, series->declared.has_low, series->declared.low, number);
    draw_limit(plot, series->declared.has_high, series->declared.high, number);
    writer_format(plot->writer, "<path class=\"line c%u\" d=\"", (unsigned)number);
    for (size_t i = 0; i < series->point_count; i++) {
        const struct model_point *point = &series->points[i];
        bool begins = i == 0 || point->time_us - series->points[i - 1].time_us > gap;

        draw_point(plot, point, begins, i % 2 == 0);
    }
    writer_text(plot->writer, "\"/>\n");
}

static void add_value(const struct plot *plot, struct text *text, int64_t value)
{
    text_milli(text, value / (scales[plot->quantity].unit / 1000), scales[plot->quantity].decimals);
}

/* "CPU package: 41 to 98, limit 100", and for a throughput the part it belongs to. */
static void draw_legend_row(const struct plot *plot, size_t number)
{
    const struct model_series *series = plot->series[number];
    unsigned y = LEGEND + (unsigned)number * LEGEND_ROW;
    char label[WRITER_FORMAT_MAX];
    struct text text = text_in(label, sizeof(label));

    text_format(&text, "%.40s: ", series->declared.name);
    add_value(plot, &text, series->low);
    text_add(&text, " to ");
    add_value(plot, &text, series->high);
    if (series->declared.has_low) {
        text_add(&text, plot->quantity == QUANTITY_CLOCK ? ", base clock " : ", lower limit ");
        add_value(plot, &text, series->declared.low);
    }
    if (series->declared.has_high) {
        text_add(&text, ", limit ");
        add_value(plot, &text, series->declared.high);
    }
    writer_format(plot->writer,
                  "<path class=\"line c%u\" d=\"M%u,%uh80\"/><text x=\"%u\" y=\"%u\">",
                  (unsigned)number, LEFT, y - 8, LEFT + 96, y);
    markup_text(plot->writer, label);
    writer_text(plot->writer, "</text>\n");
}

void svg_plot(struct writer *writer, const struct model *model,
              const struct model_series *const *series, size_t count)
{
    const struct model_series *sampled[SVG_SERIES_MAX] = {NULL};
    struct plot plot = {.writer = writer, .model = model, .series = sampled};

    for (size_t i = 0; i < count && plot.count < SVG_SERIES_MAX; i++) {
        if (series[i]->point_count > 0)
            sampled[plot.count++] = series[i];
    }
    if (plot.count == 0 || sampled[0]->declared.quantity >= QUANTITIES)
        return;
    plot.quantity = sampled[0]->declared.quantity;
    plot.end_us = model->end_us > 1000000 ? model->end_us : 1000000;
    scale_vertically(&plot);
    writer_format(writer, "<svg viewBox=\"0 0 %u %u\" role=\"img\">\n", WIDTH,
                  LEGEND + (unsigned)plot.count * LEGEND_ROW - 10);
    draw_phases(&plot);
    draw_vertical_axis(&plot);
    draw_horizontal_axis(&plot);
    for (size_t i = 0; i < plot.count; i++)
        draw_series(&plot, i);
    for (size_t i = 0; i < plot.count; i++)
        draw_legend_row(&plot, i);
    writer_text(writer, "</svg>\n");
}
