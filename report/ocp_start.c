#include "base/text.h"
#include "report/ocp_lines.h"

enum { PART_MACHINE_ITSELF = 0 };

/* --- Parameters: the options that were given, "key=value key=value" ----------------------------
 */

/* Splits off the next word; false when there is none. */
static bool next_word(const char **at, char *word, size_t size)
{
    struct text text = text_in(word, size);

    while (**at == ' ')
        (*at)++;
    while (**at && **at != ' ')
        text_char(&text, *(*at)++);
    return text.length > 0;
}

/* Cuts a word in two at its '='; a word without one has an empty value. */
static const char *split_word(char *word)
{
    while (*word && *word != '=')
        word++;
    if (!*word)
        return word;
    *word = '\0';
    return word + 1;
}

static bool has_key(const char *options, const char *key)
{
    char word[OPTIONS_SIZE];

    while (next_word(&options, word, sizeof(word))) {
        split_word(word);
        if (text_equal(word, key))
            return true;
    }
    return false;
}

/* No option's key is anything but printable ASCII; two others might become equal in JSON. */
static bool is_key(const char *word)
{
    while (journal_is_plain(*word))
        word++;
    return !*word;
}

/* Of a key that stands there twice the last value counts, as in a run. */
static void write_parameters(struct ocp *ocp)
{
    const struct event_run_start *start = &ocp->model->run_start;
    const char *rest = start->options;
    char word[OPTIONS_SIZE];

    json_open(&ocp->json, "parameters");
    while (next_word(&rest, word, sizeof(word))) {
        const char *value = split_word(word);

        if (!is_key(word) || has_key(rest, word))
            continue;
        json_key(&ocp->json, word);
        json_string(&ocp->json, value);
    }
    if (model_is_injected(ocp->model) && !has_key(start->options, "inject"))
        json_text(&ocp->json, "inject", start->inject);
    json_object_end(&ocp->json);
}

/* --- The device under test -------------------------------------------------------------------- */

static void write_hardware(struct ocp *ocp, const struct event_part *part)
{
    json_object_begin(&ocp->json);
    ocp_hardware(ocp, part->part);
    json_text(&ocp->json, "name", model_part_name(ocp->model, part->part));
    json_text(&ocp->json, "partType", part_kind_names[part->kind]);
    json_text(&ocp->json, "location", part->place);
    json_text(&ocp->json, "serialNumber", part->serial);
    json_object_end(&ocp->json);
}

/* What a hardwareInfo has no field for. */
static void write_part_details(struct ocp *ocp, const struct event_part *part)
{
    json_object_begin(&ocp->json);
    ocp_hardware(ocp, part->part);
    json_number(&ocp->json, "parent", part->parent);
    json_text(&ocp->json, "detail", part->detail);
    if (part->size > 0)
        json_number(&ocp->json, "size", part->size);
    json_object_end(&ocp->json);
}

static void write_software(struct ocp *ocp)
{
    json_list(&ocp->json, "softwareInfos");
    json_object_begin(&ocp->json);
    json_text(&ocp->json, "softwareInfoId", "assay");
    json_text(&ocp->json, "name", "Assay");
    json_text(&ocp->json, "version", ocp->model->run_start.version);
    json_text(&ocp->json, "softwareType", "APPLICATION");
    json_object_end(&ocp->json);
    json_array_end(&ocp->json);
}

static void write_device(struct ocp *ocp)
{
    const struct model *model = ocp->model;
    const struct event_part *machine = model_part(model, PART_MACHINE_ITSELF);

    json_open(&ocp->json, "dutInfo");
    json_text(&ocp->json, "dutInfoId", machine && machine->serial[0] ? machine->serial : "machine");
    json_text(&ocp->json, "name", model_part_name(model, PART_MACHINE_ITSELF));
    write_software(ocp);
    json_list(&ocp->json, "hardwareInfos");
    for (uint32_t i = 0; i < model->part_rows.kept; i++)
        write_hardware(ocp, &model->parts[i].part);
    json_array_end(&ocp->json);
    json_open(&ocp->json, "metadata");
    json_list(&ocp->json, "parts");
    for (uint32_t i = 0; i < model->part_rows.kept; i++)
        write_part_details(ocp, &model->parts[i].part);
    json_array_end(&ocp->json);
    json_object_end(&ocp->json);
    json_object_end(&ocp->json);
}

/* --- The run ---------------------------------------------------------------------------------- */

static void write_run_start(struct ocp *ocp)
{
    const struct event_run_start *start = &ocp->model->run_start;
    struct json *json = ocp_run_line(ocp, "testRunStart");
    char command[OPTIONS_SIZE + 16];

    format_text(command, sizeof(command), "assay.efi %s", start->options);
    json_text(json, "name", model_is_injected(ocp->model) ? "assay self-test" : "assay");
    json_text(json, "version", start->version[0] ? start->version : "unknown");
    json_text(json, "commandLine", command);
    write_parameters(ocp);
    write_device(ocp);
    json_open(json, "metadata");
    json_text(json, "plan", start->plan);
    json_text(json, "inject", start->inject);
    json_number(json, "run", start->number);
    json_number(json, "imagingSeconds", start->imaging_s);
    json_key(json, "seed");
    json_hex(json, start->seed);
    ocp_end_line(ocp);
}

static void write_clock_log(struct ocp *ocp)
{
    const struct event_run_start *start = &ocp->model->run_start;

    if (!stamp_clock_is_known(start))
        ocp_run_log(ocp, "WARNING",
                    "The machine's clock could not be read: times count from 1970-01-01.");
    else if (!start->zone_known)
        ocp_run_log(ocp, "INFO",
                    "The time zone of the machine's clock is not known: it was taken as UTC.");
}

static void write_journal_logs(struct ocp *ocp)
{
    const struct model *model = ocp->model;
    char lost[TEXT_SIZE];
    char message[2 * TEXT_SIZE];

    if (model_is_damaged(model)) {
        format_text(message, sizeof(message), "The journal was read up to byte %llu only: %s.",
                    (unsigned long long)model->stop_offset, journal_stop_text(model->stop));
        ocp_run_log(ocp, "WARNING", message);
    }
    if (model->skipped_count > 0) {
        format_text(message, sizeof(message),
                    "%llu events are of kinds this version does not know.",
                    (unsigned long long)model->skipped_count);
        ocp_run_log(ocp, "WARNING", message);
    }
    model_losses(model, lost, sizeof(lost));
    if (lost[0]) {
        format_text(message, sizeof(message), "This report had no room for: %s.", lost);
        ocp_run_log(ocp, "WARNING", message);
    }
    if (!model->has_run_end)
        ocp_run_log(
            ocp, "ERROR",
            "The run did not end: it was reset, switched off or hung after its last event.");
}

void ocp_write_start(struct ocp *ocp)
{
    char message[TEXT_SIZE];

    ocp_schema_line(ocp);
    write_run_start(ocp);
    if (model_is_injected(ocp->model)) {
        format_text(message, sizeof(message),
                    "SELF-TEST: faults were injected on purpose (%s). "
                    "Nothing in this report says anything about the machine.",
                    ocp->model->run_start.inject);
        ocp_run_log(ocp, "WARNING", message);
    }
    write_clock_log(ocp);
    write_journal_logs(ocp);
}
