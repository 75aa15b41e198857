#include "base/rerun.h"

enum { PAGE = 4096 };

static struct memory_range pages_of(uint64_t first, uint64_t last)
{
    return (struct memory_range){first - first % PAGE, last - last % PAGE + PAGE - 1};
}

static struct memory_range all_memory(void)
{
    return (struct memory_range){0, 0};
}

struct memory_range memory_range_of_error(const struct event_memory_error *error)
{
    bool far = error->repeat == REPEAT_HELD &&
               (error->shape == SHAPE_DECODER || error->shape == SHAPE_COUPLING);

    if (error->other)
        return error->other < error->address ? pages_of(error->other, error->address)
                                             : pages_of(error->address, error->other);
    return far ? all_memory() : pages_of(error->address, error->address);
}

struct memory_range memory_range_of_region(const struct event_memory_region *region)
{
    if (region->repeat != REPEAT_FAILED &&
        (region->shape == SHAPE_DECODER || region->shape == SHAPE_COUPLING))
        return all_memory();
    return pages_of(region->start, region->end);
}

/* The next name of a list; false at its end. */
static bool next_name(const char **at, char name[NAME_SIZE])
{
    struct text text = text_in(name, NAME_SIZE);

    if (!**at)
        return false;
    while (**at && **at != ',')
        text_char(&text, *(*at)++);
    if (**at)
        (*at)++;
    return true;
}

static bool has_name(const char *list, const char *wanted)
{
    char name[NAME_SIZE];

    while (next_name(&list, name)) {
        if (text_equal(name, wanted))
            return true;
    }
    return false;
}

static void add_tests(struct text *text, const char *tests)
{
    const char *at = tests;
    char name[NAME_SIZE];
    bool first = true;

    while (next_name(&at, name)) {
        bool sweep = text_equal(name, "sweep");

        if (sweep && has_name(tests, "random"))
            continue;
        text_format(text, "%s%s", first ? "" : ",", sweep ? "random" : name);
        first = false;
    }
    if (first)
        text_add(text, "all");
}

void text_memory_rerun(struct text *text, struct memory_range range, const char *tests,
                       uint64_t seed)
{
    text_add(text, "plan=memory range=");
    if (range.end)
        text_format(text, "%llx-%llx", (unsigned long long)range.start,
                    (unsigned long long)range.end);
    else
        text_add(text, "all");
    text_add(text, " tests=");
    add_tests(text, tests);
    text_format(text, " seed=0x%016llx", (unsigned long long)seed);
}

const char *memory_rerun_note(const char *tests)
{
    return has_name(tests, "sweep") ? " (the sweep beside imaging saw it; random comes nearest)"
                                    : "";
}
