#include "report/files.h"

#include "report/bad_memory.h"
#include "report/html.h"
#include "report/junit.h"
#include "report/ocp.h"
#include "report/summary.h"

static int write_summary(const struct report_source *source, const struct output *output)
{
    return summary_write(source->model, output);
}

static int write_html(const struct report_source *source, const struct output *output)
{
    return html_write(source->model, output);
}

static int write_ocp(const struct report_source *source, const struct output *output)
{
    return ocp_write(source->journal, source->size, source->model, output);
}

static int write_junit(const struct report_source *source, const struct output *output)
{
    return junit_write(source->model, output);
}

static int write_bad_memory(const struct report_source *source, const struct output *output)
{
    return bad_memory_write(source->journal, source->size, output);
}

static bool has_bad_memory(const struct report_source *source)
{
    return bad_memory_exists(source->journal, source->size);
}

const struct report_file report_files[REPORT_FILES] = {
    {.name = "summary.txt", .room = 64 * 1024, .write = write_summary},
    {.name = "report.html", .room = 512 * 1024, .write = write_html},
    {.name = "report.jsonl", .room = 4096 * 1024, .write = write_ocp},
    {.name = "junit.xml", .room = 128 * 1024, .write = write_junit},
    {.name = "bad-memory.txt",
     .room = 64 * 1024,
     .is_due = has_bad_memory,
     .write = write_bad_memory},
};
