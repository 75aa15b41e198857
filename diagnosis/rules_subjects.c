/*
 * What the rules look at: how many there are, which part each is, how it is named, and what to do
 * about it.
 */
#include "base/rerun.h"
#include "diagnosis/conditions.h"
#include "diagnosis/controllers.h"
#include "diagnosis/memory_form.h"
#include "diagnosis/rules.h"

unsigned subject_count(const struct evidence *evidence, enum subject subject)
{
    switch (subject) {
    case SUBJECT_PAGE:
        return evidence->page_count;
    case SUBJECT_MODULE:
        return evidence->memory_map_count;
    case SUBJECT_CHECK:
        return evidence->check_count;
    case SUBJECT_PRIOR:
        return evidence->prior_count;
    case SUBJECT_PROCESSOR:
        return evidence->wrong_count;
    case SUBJECT_DRIVE:
    case SUBJECT_CONTROLLER:
        return evidence->drive_count;
    case SUBJECT_LINK:
        return evidence->link_count;
    case SUBJECT_SERIES:
        return evidence->series_count;
    default:
        return 1;
    }
}

static bool is_about_memory(const struct rule *rule)
{
    return verdicts[rule->verdict].subsystem == SUBSYSTEM_MEMORY;
}

/* The modules a finding is about: none where there is no map. */
static void find_modules(const struct rule *rule, const struct evidence *evidence, unsigned index,
                         struct modules *ret)
{
    ret->count = 0;
    if (rule->subject == SUBJECT_PAGE)
        modules_at(evidence, evidence->pages[index].address, ret);
    else if (rule->subject == SUBJECT_MODULE)
        modules_like(evidence, index, ret);
    else if (rule->subject == SUBJECT_PRIOR && is_about_memory(rule))
        prior_modules(evidence, index, ret);
    else if (rule->subject == SUBJECT_CHECK && is_about_memory(rule) &&
             evidence->checks[index].physical)
        modules_at(evidence, evidence->checks[index].address, ret);
}

static part_id memory_part(const struct rule *rule, const struct evidence *evidence, unsigned index)
{
    struct modules modules;

    find_modules(rule, evidence, index, &modules);
    return modules.count == 1 ? modules.parts[0] : PART_ALL_MEMORY;
}

part_id rule_part(const struct rule *rule, const struct evidence *evidence, unsigned index)
{
    switch (rule->subject) {
    case SUBJECT_DRIVE:
        return evidence->drives[index].part;
    case SUBJECT_CONTROLLER:
        return evidence_part(evidence, evidence->drives[index].part)->parent;
    case SUBJECT_LINK:
        return link_drive(evidence, index);
    case SUBJECT_SERIES:
        return evidence->series[index].series.part;
    case SUBJECT_RUN:
        return 0;
    case SUBJECT_PRIOR:
        return is_about_memory(rule) ? memory_part(rule, evidence, index)
                                     : prior_part(evidence, index);
    default:
        if (!is_about_memory(rule))
            return PART_ALL_PROCESSORS;
        return memory_part(rule, evidence, index);
    }
}

/* "page 0x12345000 bit 3" */
static void name_page(const struct evidence_page *page, struct text *text)
{
    unsigned bit = 0;

    text_format(text, "page 0x%llx", (unsigned long long)page->page);
    if (!page->bits || (page->bits & (page->bits - 1)) != 0)
        return;
    while (!(page->bits >> bit & 1))
        bit++;
    text_format(text, " bit %u", bit);
}

static void name_check(const struct rule *rule, const struct evidence_check *check,
                       struct text *text)
{
    if (!is_about_memory(rule))
        text_format(text, "processor %u (bank %u)", check->processor, check->bank);
    else if (check->error.channel == CHANNEL_UNKNOWN)
        text_format(text, "memory (bank %u)", check->bank);
    else
        text_format(text, "memory channel %u (bank %u)", check->error.channel, check->bank);
}

/* Serial number, else place, then the name; of a fan or sensor that nobody declared, the name of
 * its series. */
static void name_part(const struct evidence_part *part, const char *otherwise, struct text *text)
{
    if (part->serial[0])
        text_add(text, part->serial);
    else if (part->kind == PART_DISK)
        text_add(text, part->place);
    if (part->name[0])
        text_format(text, "%s%s", text->length ? " " : "", part->name);
    if (!text->length)
        text_add(text, otherwise);
}

/* A voltage is of no part of its own. */
static void name_series(const struct evidence *evidence, const struct evidence_series *series,
                        struct text *text)
{
    if (series->series.quantity == QUANTITY_VOLTAGE)
        text_add(text, series->series.name);
    else
        name_part(evidence_part(evidence, series->series.part), series->series.name, text);
}

void rule_component(const struct rule *rule, const struct evidence *evidence, unsigned index,
                    struct text *text)
{
    struct modules modules;

    find_modules(rule, evidence, index, &modules);
    modules_name(evidence, &modules, text);
    if (modules.count && rule->subject != SUBJECT_MODULE && rule->subject != SUBJECT_PRIOR)
        text_add(text, modules.count > 1 ? ": " : " ");
    switch (rule->subject) {
    case SUBJECT_PAGE:
        name_page(&evidence->pages[index], text);
        break;
    case SUBJECT_MEMORY:
        text_add(text, "memory");
        break;
    case SUBJECT_MODULE: /* its name stands there already */
        break;
    case SUBJECT_CHECK:
        name_check(rule, &evidence->checks[index], text);
        break;
    case SUBJECT_PRIOR:
        if (!modules.count)
            prior_component(evidence, index, text);
        break;
    case SUBJECT_PROCESSOR:
        text_format(text, "processor %u", evidence->wrong_processors[index]);
        break;
    case SUBJECT_DRIVE:
        name_part(evidence_part(evidence, evidence->drives[index].part), "drive", text);
        break;
    case SUBJECT_CONTROLLER:
        controller_name(evidence, index, text);
        break;
    case SUBJECT_LINK:
        text_format(text, "PCI Express %s", evidence->links[index].place);
        break;
    case SUBJECT_SERIES:
        name_series(evidence, &evidence->series[index], text);
        break;
    case SUBJECT_RUN:
        text_add(text, "machine");
        break;
    }
}

void rule_advice(const struct rule *rule, const struct evidence *evidence, unsigned index,
                 struct text *text)
{
    struct modules modules;

    if (rule->verdict == VERDICT_RESET_UNDER_LOAD && reset_advise(evidence, text))
        return;
    find_modules(rule, evidence, index, &modules);
    if (rule->subject == SUBJECT_PAGE &&
        memory_form_advise(evidence, index, &modules, rule->verdict, text))
        return;
    if (rule->subject == SUBJECT_CONTROLLER)
        text_add(text, "Copy the data off; then reseat the controller and what its drives have in "
                       "common (cables, backplane, power), and replace it if it stays.");
    else if (!modules_advise(evidence, &modules, rule->verdict, text))
        text_add(text, verdicts[rule->verdict].advice);
}

/* The region that a row of cells makes with its page, or the page and its other address. */
static struct memory_range page_range(const struct evidence *evidence, unsigned index)
{
    const struct evidence_page *page = &evidence->pages[index];
    struct event_memory_error error = {.address = page->address,
                                       .repeat = page->test_repeat,
                                       .shape = page->shape,
                                       .other = page->other};

    if (!error.other && page->test_repeat != REPEAT_FAILED)
        error.other = page->alias;
    for (unsigned i = 0; !error.other && i < evidence->region_count; i++) {
        const struct event_memory_region *region = &evidence->regions[i];

        if (region->start <= page->address && page->address <= region->end && region->pages > 1 &&
            region->pages <= FORM_ROW_PAGES)
            return memory_range_of_region(region);
    }
    return memory_range_of_error(&error);
}

void rule_rerun(const struct rule *rule, const struct evidence *evidence, unsigned index,
                struct text *text)
{
    const struct event_memory_error error = {
        .address = rule->subject == SUBJECT_CHECK ? evidence->checks[index].address : 0};

    if (rule->subject == SUBJECT_PAGE)
        text_memory_rerun(text, page_range(evidence, index), evidence->pages[index].test,
                          evidence->run.seed);
    else if (rule->subject == SUBJECT_CHECK && rule->verdict != VERDICT_CPU_MACHINE_CHECK)
        text_memory_rerun(text,
                          evidence->checks[index].physical ? memory_range_of_error(&error)
                                                           : (struct memory_range){0, 0},
                          "", evidence->run.seed);
    else if (rule->subject == SUBJECT_MEMORY)
        text_memory_rerun(text, (struct memory_range){0, 0}, "", evidence->run.seed);
}
