/*
 * The HTML report: its order, its escapes, its plots, and that every tag is closed. With a folder
 * in ASSAY_HTML_OUT the samples are written there to be looked at.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "report/html.h"
#include "report/journal.h"
#include "report/svg.h"
#include "tests/sim/sample_run.h"

enum { PAGE_SIZE = 4 << 20, JOURNAL_SIZE = 8 << 20, DEPTH_MAX = 32, TAG_SIZE = 16 };

static struct model model;
static struct journal journal;
static char journal_bytes[JOURNAL_SIZE];
static char page[PAGE_SIZE];
static size_t page_length;

static int keep(void *context, const void *data, size_t size)
{
    (void)context;
    if (size >= PAGE_SIZE - page_length)
        return ERR_FULL;
    memcpy(page + page_length, data, size);
    page_length += size;
    page[page_length] = '\0';
    return OK;
}

static const struct output output = {.write = keep};

static void feed(void *context, struct event *event)
{
    (void)context;
    journal_append(&journal, event);
}

static const struct sink sink = {.emit = feed};

static int start(void **state)
{
    (void)state;
    memset(&model, 0, sizeof(model));
    journal_init(&journal, journal_bytes, sizeof(journal_bytes));
    page_length = 0;
    page[0] = '\0';
    return 0;
}

/* Reads one tag behind its '<'; returns what follows its '>'. */
static const char *read_tag(const char *at, char name[TAG_SIZE], bool *ret_closes, bool *ret_empty)
{
    size_t length = 0;
    char quote = 0;

    *ret_closes = *at == '/';
    at += *ret_closes || *at == '!';
    while (isalnum((unsigned char)*at)) {
        assert_true(length + 1 < TAG_SIZE);
        name[length++] = *at++;
    }
    assert_true(length > 0);
    name[length] = '\0';
    for (; *at && (quote || *at != '>'); at++) {
        assert_true(quote == '"' || *at != '<');
        if (*at == '"')
            quote = quote ? 0 : '"';
    }
    assert_int_equal(*at, '>');
    *ret_empty = at[-1] == '/';
    return at + 1;
}

static bool is_void(const char *name)
{
    return !strcmp(name, "meta") || !strcmp(name, "br") || !strcmp(name, "DOCTYPE");
}

/* Every tag that opens is closed, in order, and is one of ours; every & is one of our escapes. */
static void is_well_formed(const char *text)
{
    static const char known[] =
        " DOCTYPE html head meta title style body div br header h1 h2 h3 p b section dl dt dd "
        "table thead tbody tr th td svg path text rect figure figcaption details summary ";
    char open[DEPTH_MAX][TAG_SIZE], name[TAG_SIZE], padded[TAG_SIZE + 2];
    size_t depth = 0;
    bool closes, empty;

    while (*text) {
        if (*text == '&')
            assert_int_equal(text[1], '#');
        assert_true(*text == '\n' || (*text >= ' ' && *text <= '~'));
        if (*text++ != '<')
            continue;
        text = read_tag(text, name, &closes, &empty);
        snprintf(padded, sizeof(padded), " %s ", name);
        if (!strstr(known, padded))
            fail_msg("a tag that is not ours: <%s>", name);
        if (closes) {
            assert_true(depth > 0);
            assert_string_equal(open[--depth], name);
        } else if (!empty && !is_void(name)) {
            assert_true(depth < DEPTH_MAX);
            memcpy(open[depth++], name, TAG_SIZE);
        }
    }
    assert_int_equal(depth, 0);
}

static void show(const char *name)
{
    const char *folder = getenv("ASSAY_HTML_OUT");
    char path[512];
    FILE *file;

    if (!folder)
        return;
    snprintf(path, sizeof(path), "%s/%s.html", folder, name);
    file = fopen(path, "wb");
    assert_non_null(file);
    fwrite(page, 1, page_length, file);
    fclose(file);
}

/* Writes a report and holds what must be so of every one. */
static void write_page(const char *name)
{
    static const char *const outside[] = {
        "http:", "https:", " src=", " href=", "url(", "@import", "<script", "<link"};

    if (journal.length)
        model_build(&model, journal.data, journal.length);
    assert_int_equal(html_write(&model, &output), OK);
    show(name);
    is_well_formed(page);
    for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++)
        assert_null(strstr(page, outside[i]));
}

static void in_order(const char *const *order, size_t count)
{
    const char *at = page;

    for (size_t i = 0; i < count; i++) {
        at = strstr(at, order[i]);
        if (!at)
            fail_msg("missing or out of order: %s", order[i]);
    }
}

static size_t count_of(const char *needle)
{
    size_t found = 0;

    for (const char *at = page; (at = strstr(at, needle)); at++)
        found++;
    return found;
}

static void keeps_its_order(void **state)
{
    static const char *const order[] = {
        "<title>Assay run 12: FAIL</title>",
        "FAIL: a part is faulty, or very likely so.",
        "A memory module is faulty for certain",
        "<h2>Findings",
        "DIMM_B1 8 GiB Example Memory",
        "certain: the test shows it directly",
        "Replace or reseat the module",
        "SA2000-0042 Example SATA 2000",
        "CPU_FAN CPU fan",
        "<h2>What was tested",
        "288 GiB of 1.8 TiB (15.4 %)",
        "<h2>What was not tested",
        "pcie-aer",
        "<h3>Memory that no test looked at",
        "that was free when Assay started",
        "Assay itself",
        "8.0 MiB",
        "Never free",
        "ACPI tables",
        "<details><summary>Each of the 6 ranges",
        "0x7d000000",
        "0x7d7fffff",
        "</details>",
        "<h3>Throughput",
        "<h3>Temperature",
        "<h3>Fan speed",
        "<h2>Drives",
        "1210345",
        "416 us",
        "aria-label=\"Histogram",
        "<rect class=\"bar\"",
        "aria-label=\"Map of the drive",
        "No region is below half of the usual pace.",
        "pending sectors",
        "+8",
        "14.9 s at LBA 123456789",
        "2 ms</text>",
        "999996421079999999999999999999988888888888",
        "<rect class=\"stuck\"",
        "Below half of its usual pace: 174 GiB to 291 GiB (at worst under 10 %).",
        "123458096",
        "<p>Phase imaging: 812 MB/s. ",
        "<h2>Memory errors: 40",
        "aaaaaaaaaaaaa2aa",
        "8 more are not shown here",
        "<h2>Disk errors: 5",
        "<h2>Write errors: 2",
        "LBA 4096, generation 3",
        "LBA 4096, generation 2",
        "it cannot be read",
        "<h2>Machine checks: 1",
        "<h2>Earlier runs without an end",
        "<h2>Notes",
        "<h2>Run data",
        "plan=imaging seed=0x1234abcd5678ef01 minutes=30 report-to=esp",
    };

    (void)state;
    sample_run(&sink);
    write_page("sample");
    in_order(order, sizeof(order) / sizeof(order[0]));
    assert_int_equal(count_of("<svg viewBox=\"0 0 1000 220\""), 3); /* latency: histogram, map */
    assert_int_equal(count_of("<svg viewBox=\"0 0 960 93\""), 3);
    assert_int_equal(count_of("<svg"), 6 + 4); /* memory has a throughput plot of its own */
    assert_int_equal(count_of("selftest\""), 0);
}

static void self_test_is_loud(void **state)
{
    static const char *const order[] = {"<title>SELF-TEST", "<div class=\"selftest\">",
                                        "memory-bit", "<h1>"};
    struct event event = {.type = EVENT_RUN_START, .run_start.inject = "memory-bit"};

    (void)state;
    journal_append(&journal, &event);
    write_page("injected");
    in_order(order, sizeof(order) / sizeof(order[0]));
}

static struct event link_at(enum link_change change, const char *device, const char *text)
{
    struct event event = {.type = EVENT_PCIE_LINK,
                          .time_us = 65000000,
                          .pcie_link = {.change = (uint8_t)change, .port = "0000:00:01.0"}};

    copy_text(event.pcie_link.device, NAME_SIZE, device);
    copy_text(event.pcie_link.text, TEXT_SIZE, text);
    return event;
}

/* Each link once, as it was told of last. */
static void links_are_listed(void **state)
{
    static const char *const order[] = {"<h2>Links of PCI Express",
                                        "0000:01:00.0",
                                        "2.5 GT/s, 4 lanes; it was",
                                        "became slower or narrower,",
                                        "0000:02:00.0",
                                        "8 GT/s, 1 lane<",
                                        "no change<"};
    struct event events[] = {
        link_at(LINK_AT_START, "0000:01:00.0", "16 GT/s, 8 lanes"),
        link_at(LINK_AT_START, "0000:02:00.0", "8 GT/s, 1 lane"),
        link_at(LINK_LOWER, "0000:01:00.0", "2.5 GT/s, 4 lanes; it was 16 GT/s, 8 lanes")};

    (void)state;
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
        journal_append(&journal, &events[i]);
    write_page("links");
    in_order(order, sizeof(order) / sizeof(order[0]));
    assert_int_equal(count_of("0000:01:00.0"), 1);
}

static void nothing_is_no_pass(void **state)
{
    (void)state;
    write_page("empty");
    assert_non_null(strstr(page, "INCOMPLETE: the run came to no verdict"));
    assert_null(strstr(page, "PASS:"));
    assert_non_null(strstr(page, "Throughput: no readings."));
}

/* write_page holds the rest. */
static void hostile_text_is_harmless(void **state)
{
    (void)state;
    hostile_run(&sink);
    write_page("hostile");
    assert_non_null(strstr(page, "&#60;script&#62;alert(1)&#60;/script&#62;"));
    assert_non_null(strstr(page, "more are not shown here"));
}

static void output_errors_come_back(void **state)
{
    (void)state;
    page_length = PAGE_SIZE - 100;
    assert_int_equal(html_write(&model, &output), ERR_FULL);
}

static struct model_series *add_series(enum quantity quantity)
{
    struct model_series *series = &model.series[model.series_rows.kept++];

    *series = (struct model_series){.declared.quantity = (uint8_t)quantity};
    copy_text(series->declared.name, NAME_SIZE, "Sensor");
    return series;
}

static void add_point(struct model_series *series, uint64_t time_us, int64_t low, int64_t high)
{
    struct model_point *point = &series->points[series->point_count++];

    *point = (struct model_point){.time_us = time_us, .low = low, .high = high};
    if (series->point_count == 1 || low < series->low)
        series->low = low;
    if (series->point_count == 1 || high > series->high)
        series->high = high;
    series->count++;
}

static void plot(size_t count)
{
    const struct model_series *series[MODEL_SERIES];
    struct writer writer;

    for (size_t i = 0; i < count; i++)
        series[i] = &model.series[i];
    writer_init(&writer, &output);
    svg_plot(&writer, &model, series, count);
    assert_int_equal(writer_finish(&writer), OK);
    is_well_formed(page);
}

static void a_plot_without_points_is_none(void **state)
{
    (void)state;
    add_series(QUANTITY_TEMPERATURE);
    plot(0);
    plot(1);
    assert_int_equal(page_length, 0);
}

static void a_plot_of_one_point_is_a_dot(void **state)
{
    (void)state;
    add_point(add_series(QUANTITY_TEMPERATURE), 0, 40000, 40000);
    plot(1);
    assert_non_null(strstr(page, "<path class=\"line c0\" d=\"M110,400h0\"/>"));
    assert_non_null(strstr(page, ">40</text>"));
    assert_non_null(strstr(page, ">41</text>"));
}

static void a_plot_of_many_points(void **state)
{
    struct model_series *series = add_series(QUANTITY_TEMPERATURE);

    (void)state;
    model.end_us = 600000000;
    series->declared.has_high = true;
    series->declared.high = 100000;
    for (uint64_t i = 0; i < MODEL_POINTS; i++)
        add_point(series, i * 1000000, 40000 + (int64_t)i * 100, 45000 + (int64_t)i * 100);
    plot(1);
    assert_non_null(strstr(page, "<path class=\"limit c0\""));
    assert_non_null(strstr(page, ">100</text>"));
    assert_non_null(strstr(page, ">8 min</text>"));
    assert_non_null(strstr(page, "Sensor: 40 to 70, limit 100"));
    assert_int_equal(count_of("M110,"), 4 + 1 + 1 + 1 + 1); /* grid, time, limit, line, legend */
}

static void a_plot_breaks_its_line_at_a_gap(void **state)
{
    struct model_series *series = add_series(QUANTITY_THROUGHPUT);

    (void)state;
    model.end_us = 1000000000;
    for (uint64_t i = 0; i < 20; i++)
        add_point(series, (i < 10 ? i : i + 900) * 1000000, 5000000000, 5000000000);
    plot(1);
    assert_int_equal(count_of("h0"), 2);
}

static void a_plot_holds_any_number(void **state)
{
    static const int64_t values[] = {INT64_MIN, INT64_MAX, -1, 0, 1};

    (void)state;
    model.end_us = UINT64_MAX;
    for (unsigned quantity = 0; quantity < QUANTITIES; quantity++) {
        for (size_t i = 0; i < 5; i++) {
            for (size_t j = 0; j < 5; j++) {
                struct model_series *series;

                model.series_rows.kept = 0;
                series = add_series((enum quantity)quantity);
                series->declared.has_low = series->declared.has_high = true;
                series->declared.low = values[j];
                series->declared.high = values[i];
                add_point(series, 0, values[i], values[j]);
                add_point(series, UINT64_MAX, values[j], values[i]);
                add_point(series, 5, values[j], values[j]);
                page_length = 0;
                plot(1);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(keeps_its_order, start),
        cmocka_unit_test_setup(self_test_is_loud, start),
        cmocka_unit_test_setup(links_are_listed, start),
        cmocka_unit_test_setup(nothing_is_no_pass, start),
        cmocka_unit_test_setup(hostile_text_is_harmless, start),
        cmocka_unit_test_setup(output_errors_come_back, start),
        cmocka_unit_test_setup(a_plot_without_points_is_none, start),
        cmocka_unit_test_setup(a_plot_of_one_point_is_a_dot, start),
        cmocka_unit_test_setup(a_plot_of_many_points, start),
        cmocka_unit_test_setup(a_plot_breaks_its_line_at_a_gap, start),
        cmocka_unit_test_setup(a_plot_holds_any_number, start),
    };

    return cmocka_run_group_tests_name("html", tests, NULL, NULL);
}
