#include "base/options.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

enum {
    KEY_SIZE = 24,
    ASSIGNMENT_SIZE = OPTION_VALUE_SIZE + KEY_SIZE,
    QUOTE_SIZE = 48, /* of a bad value, in an error */
    DIFFERENCE_MAX = 2,
};

struct key {
    const char *name;
    int (*parse)(struct options *options, const struct key *key, const char *value);
    const char *values; /* completes "not ..." in an error */
    const char *help;
    uint16_t offset;          /* of the uint8_t a word is kept in */
    const char *const *words; /* in the order of their enum */
    uint8_t word_count;
};

const char *const plan_names[PLANS] = {"menu", "quick",   "imaging", "overnight", "memory",
                                       "disk", "sensors", "triage",  "memtest86+"};
const char *const inject_names[INJECTS] = {
    "memory-bit",   "memory-alias", "module",      "disk-media",   "disk-stale",
    "disk-corrupt", "disk-slow",    "disk-crc",    "disk-failing", "disk-hot",
    "disk-driver",  "pcie-link",    "pcie-errors", "fan-stop",     "heat",
    "voltage",      "mce",          "mce-memory",  "mce-cpu",      "cpu-compute",
    "reset",        "mp-refuse",    "mp-silent",   "mp-blocking",  "mp-hang"};
static const char *const sensor_words[] = {"safe", "off", "all"};
static const char *const ui_words[] = {"auto", "text", "none"};
static const char *const console_words[] = {"plain", "lava"};
static const char *const resume_words[] = {"no", "yes"};
static const char *const finish_words[] = {"menu", "return", "reboot", "shutdown", "qemu-exit"};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_printable(char c)
{
    return c >= ' ' && c <= '~';
}

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Copies the next part of a comma-separated list, blanks around it left out; *position moves past
 * it. False at the end of the list. A part that is empty or too long gives an empty one. */
static bool next_item(const char *list, size_t *position, char *item, size_t size)
{
    size_t start = *position, end = start;

    if (start > 0 && list[start - 1] == '\0')
        return false;
    while (list[end] && list[end] != ',')
        end++;
    *position = end + 1;
    while (start < end && is_blank(list[start]))
        start++;
    while (end > start && is_blank(list[end - 1]))
        end--;
    item[0] = '\0';
    if (end - start < size) {
        memcpy(item, list + start, end - start);
        item[end - start] = '\0';
    }
    return true;
}

static int parse_number(const char *value, uint64_t min, uint64_t max, uint64_t *ret_number)
{
    uint64_t number;

    if (parse_u64(value, 10, &number) != OK || number < min || number > max)
        return ERR_FORMAT;
    *ret_number = number;
    return OK;
}

static int parse_word(struct options *options, const struct key *key, const char *value)
{
    for (uint8_t i = 0; i < key->word_count; i++) {
        if (text_equal(value, key->words[i])) {
            *((uint8_t *)options + key->offset) = i;
            return OK;
        }
    }
    return ERR_FORMAT;
}

static int parse_minutes(struct options *options, const struct key *key, const char *value)
{
    uint64_t minutes;

    (void)key;
    if (parse_number(value, 1, OPTION_SECONDS_MAX / 60, &minutes) != OK)
        return ERR_FORMAT;
    options->given_s = (uint32_t)minutes * 60;
    return OK;
}

static int parse_seconds(struct options *options, const struct key *key, const char *value)
{
    uint64_t seconds;

    (void)key;
    if (parse_number(value, 1, OPTION_SECONDS_MAX, &seconds) != OK)
        return ERR_FORMAT;
    options->given_s = (uint32_t)seconds;
    return OK;
}

static int parse_serials(struct option_list *list, const char *value)
{
    struct option_list parsed = {0};
    char serial[SERIAL_SIZE];
    size_t position = 0;

    while (next_item(value, &position, serial, sizeof(serial))) {
        if (!serial[0] || text_equal(serial, "all") || text_equal(serial, "none") ||
            text_equal(serial, "scratch") || parsed.count == OPTION_LIST_LIMIT)
            return ERR_FORMAT;
        copy_text(parsed.items[parsed.count++], SERIAL_SIZE, serial);
    }
    *list = parsed;
    return OK;
}

static int parse_disks(struct options *options, const struct key *key, const char *value)
{
    (void)key;
    if (text_equal(value, "all") || text_equal(value, "none")) {
        options->disk_choice = text_equal(value, "all") ? DISKS_ALL : DISKS_NONE;
        options->disks.count = 0;
        return OK;
    }
    if (parse_serials(&options->disks, value) != OK)
        return ERR_FORMAT;
    options->disk_choice = DISKS_LISTED;
    return OK;
}

static int parse_write(struct options *options, const struct key *key, const char *value)
{
    (void)key;
    if (text_equal(value, "none") || text_equal(value, "scratch")) {
        options->write_choice = text_equal(value, "none") ? WRITE_NONE : WRITE_SCRATCH;
        options->write.count = 0;
        return OK;
    }
    if (parse_serials(&options->write, value) != OK)
        return ERR_FORMAT;
    options->write_choice = WRITE_LISTED;
    return OK;
}

static int parse_write_confirm(struct options *options, const struct key *key, const char *value)
{
    (void)key;
    if (!text_equal(value, "none") && !text_equal(value, "ERASE"))
        return ERR_FORMAT;
    options->write_confirmed = text_equal(value, "ERASE");
    return OK;
}

/* A number of bytes with K, M, G or T behind it, or without. */
static int parse_size(const char *value, uint64_t *ret_size)
{
    static const char units[] = "KMGT";
    char digits[KEY_SIZE];
    size_t length = text_length(value);
    uint64_t number;
    unsigned shift = 0;

    if (length == 0 || length >= sizeof(digits))
        return ERR_FORMAT;
    copy_text(digits, sizeof(digits), value);
    for (unsigned i = 0; units[i]; i++) {
        if (digits[length - 1] == units[i] || digits[length - 1] == units[i] + 'a' - 'A')
            shift = 10 * (i + 1);
    }
    if (shift)
        digits[length - 1] = '\0';
    if (parse_number(digits, 1, UINT64_MAX >> shift, &number) != OK)
        return ERR_FORMAT;
    *ret_size = number << shift;
    return OK;
}

static int parse_memory(struct options *options, const struct key *key, const char *value)
{
    uint64_t size = 0;

    (void)key;
    if (!text_equal(value, "all") && (parse_size(value, &size) != OK || size < 1024 * 1024))
        return ERR_FORMAT;
    options->memory = size;
    return OK;
}

/* START-END, widened to whole pages, so that an END of 1fffffff and of 20000000 are the same. */
static int parse_range(struct options *options, const struct key *key, const char *value)
{
    const uint64_t in_page = 4095;
    char start[KEY_SIZE];
    size_t dash = 0;
    uint64_t first = 0, end = 0;

    (void)key;
    if (!text_equal(value, "all")) {
        while (value[dash] && value[dash] != '-')
            dash++;
        if (!value[dash] || dash >= sizeof(start))
            return ERR_FORMAT;
        memcpy(start, value, dash);
        start[dash] = '\0';
        if (parse_u64(start, 16, &first) != OK || parse_u64(value + dash + 1, 16, &end) != OK ||
            first >= end || end > UINT64_MAX - in_page)
            return ERR_FORMAT;
    }
    options->range_start = first & ~in_page;
    options->range_end = (end + in_page) & ~in_page;
    return OK;
}

static int parse_tests(struct options *options, const struct key *key, const char *value)
{
    (void)key;
    for (size_t i = 0; value[i]; i++) {
        if (!is_letter_or_digit(value[i]) && value[i] != '-' && value[i] != ',')
            return ERR_FORMAT;
    }
    copy_text(options->tests, sizeof(options->tests), value);
    return OK;
}

static int parse_cpus(struct options *options, const struct key *key, const char *value)
{
    uint64_t cpus = 0;

    (void)key;
    if (!text_equal(value, "all") && parse_number(value, 1, OPTION_CPUS_MAX, &cpus) != OK)
        return ERR_FORMAT;
    options->cpus = (uint32_t)cpus;
    return OK;
}

static int parse_seed(struct options *options, const struct key *key, const char *value)
{
    uint64_t seed = 0;

    (void)key;
    if (!text_equal(value, "random") && (parse_u64(value, 16, &seed) != OK || seed == 0))
        return ERR_FORMAT;
    options->seed = seed;
    return OK;
}

/* http://HOST/PATH or tftp://HOST/PATH: something stands on both sides of the first slash. */
static bool is_url(const char *text)
{
    size_t i = 7, host = 7;

    if (!text_starts(text, "http://") && !text_starts(text, "tftp://"))
        return false;
    while (text[i] && text[i] != '/' && !is_blank(text[i]))
        i++;
    return i > host && text[i] == '/' && text[i + 1];
}

static int parse_report_to(struct options *options, const struct key *key, const char *value)
{
    char urls[OPTION_URL_LIMIT][OPTION_URL_SIZE], item[OPTION_URL_SIZE];
    unsigned count = 0;
    size_t position = 0;
    bool esp = false, variables = false, none = text_equal(value, "none");

    (void)key;
    while (!none && next_item(value, &position, item, sizeof(item))) {
        if (text_equal(item, "esp"))
            esp = true;
        else if (text_equal(item, "efi-variables"))
            variables = true;
        else if (!is_url(item) || count == OPTION_URL_LIMIT)
            return ERR_FORMAT;
        else
            copy_text(urls[count++], OPTION_URL_SIZE, item);
    }
    for (unsigned i = 0; i < count; i++)
        copy_text(options->report_urls[i], OPTION_URL_SIZE, urls[i]);
    options->report_esp = esp;
    options->report_variables = variables;
    options->report_url_count = count;
    return OK;
}

static int parse_syslog(struct options *options, const struct key *key, const char *value)
{
    size_t length = 0;
    uint64_t port = SYSLOG_PORT;

    (void)key;
    if (text_equal(value, "none")) {
        options->syslog_host[0] = '\0';
        return OK;
    }
    while (is_letter_or_digit(value[length]) || value[length] == '.' || value[length] == '-')
        length++;
    if (length == 0 || length >= sizeof(options->syslog_host))
        return ERR_FORMAT;
    if (value[length] &&
        (value[length] != ':' || parse_number(value + length + 1, 1, UINT16_MAX, &port) != OK))
        return ERR_FORMAT;
    memcpy(options->syslog_host, value, length);
    options->syslog_host[length] = '\0';
    options->syslog_port = (uint16_t)port;
    return OK;
}

static int parse_inject(struct options *options, const struct key *key, const char *value)
{
    char name[KEY_SIZE];
    size_t position = 0;
    uint32_t faults = 0;

    (void)key;
    while (!text_equal(value, "none") && next_item(value, &position, name, sizeof(name))) {
        unsigned fault = 0;

        while (fault < INJECTS && !text_equal(name, inject_names[fault]))
            fault++;
        if (fault == INJECTS)
            return ERR_FORMAT;
        faults |= (uint32_t)1 << fault;
    }
    options->inject = faults;
    return OK;
}

#define WORDS(member, list)                                                                        \
    .parse = parse_word, .offset = offsetof(struct options, member), .words = list,                \
    .word_count = sizeof(list) / sizeof((list)[0])

static const struct key keys[OPTION_KEYS] = {
    [OPTION_PLAN] = {.name = "plan",
                     .values = "one of menu, quick, imaging, overnight, memory, disk, sensors, "
                               "triage, memtest86+",
                     .help = "what to run",
                     WORDS(plan, plan_names)},
    [OPTION_MINUTES] = {.name = "minutes",
                        .parse = parse_minutes,
                        .values = "a number of minutes from 1 to 10080",
                        .help = "length of the imaging phase; quick 5, imaging 30, overnight 480"},
    [OPTION_SECONDS] = {.name = "seconds",
                        .parse = parse_seconds,
                        .values = "a number of seconds from 1 to 604800",
                        .help = "the same in seconds"},
    [OPTION_DISKS] = {.name = "disks",
                      .parse = parse_disks,
                      .values = "all, none, or up to 16 serial numbers separated by commas",
                      .help = "which drives are read"},
    [OPTION_WRITE] = {.name = "write",
                      .parse = parse_write,
                      .values = "none, scratch, or up to 16 serial numbers separated by commas",
                      .help = "which drives may be overwritten, all that is on them; scratch: "
                              "only partitions named assay-scratch"},
    [OPTION_WRITE_CONFIRM] = {.name = "write-confirm",
                              .parse = parse_write_confirm,
                              .values = "none or ERASE",
                              .help = "ERASE must stand beside write, or nothing is written"},
    [OPTION_MEMORY] = {.name = "memory",
                       .parse = parse_memory,
                       .values = "all, or a size of 1M or more such as 256M",
                       .help = "how much memory is tested"},
    [OPTION_RANGE] = {.name = "range",
                      .parse = parse_range,
                      .values = "all, or START-END in hex with START below END",
                      .help = "physical addresses that are tested"},
    [OPTION_TESTS] = {.name = "tests",
                      .parse = parse_tests,
                      .values = "all, or names of tests separated by commas",
                      .help = "which memory tests run"},
    [OPTION_CPUS] = {.name = "cpus",
                     .parse = parse_cpus,
                     .values = "all, or a number from 1 to 4096",
                     .help = "how many processors take part"},
    [OPTION_SENSORS] = {.name = "sensors",
                        .values = "one of safe, off, all",
                        .help = "which sensors are read",
                        WORDS(sensors, sensor_words)},
    [OPTION_SEED] = {.name = "seed",
                     .parse = parse_seed,
                     .values = "random, or 1 to ffffffffffffffff in hex",
                     .help = "where random numbers begin; the report names the one used"},
    [OPTION_UI] = {.name = "ui",
                   .values = "one of auto, text, none",
                   .help = "the screen",
                   WORDS(ui, ui_words)},
    [OPTION_CONSOLE] = {.name = "console",
                        .values = "plain or lava",
                        .help = "the lines on the serial console",
                        WORDS(console, console_words)},
    [OPTION_REPORT_TO] = {.name = "report-to",
                          .parse = parse_report_to,
                          .values = "none, or esp, http://HOST/PATH, tftp://HOST/PATH, "
                                    "efi-variables separated by commas",
                          .help = "where reports go; esp is the volume Assay was started from"},
    [OPTION_SYSLOG] = {.name = "syslog",
                       .parse = parse_syslog,
                       .values = "none, or HOST or HOST:PORT",
                       .help = "where events are sent while the run goes"},
    [OPTION_RESUME] = {.name = "resume",
                       .values = "no or yes",
                       .help = "go on with a run that was interrupted",
                       WORDS(resume, resume_words)},
    [OPTION_ON_FINISH] = {.name = "on-finish",
                          .values = "one of menu, return, reboot, shutdown, qemu-exit",
                          .help = "what follows the verdict",
                          WORDS(on_finish, finish_words)},
    [OPTION_INJECT] = {.name = "inject",
                       .parse = parse_inject,
                       .values =
                           "none, or some of memory-bit, memory-alias, module, disk-media, "
                           "disk-stale, disk-corrupt, disk-slow, disk-crc, disk-failing, disk-hot, "
                           "disk-driver, pcie-link, fan-stop, heat, mce, mce-memory, mce-cpu, "
                           "cpu-compute, reset, mp-refuse, mp-silent, mp-blocking, mp-hang",
                       .help = "faults to feign, as a test of Assay itself"},
};

void options_init(struct options *options)
{
    memset(options, 0, sizeof(*options));
    copy_text(options->tests, sizeof(options->tests), "all");
    options->report_esp = true;
    options->syslog_port = SYSLOG_PORT;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How many letters must be put in, left out or changed to make one word the other (V. Levenshtein,
 * 1965); words too long to be a key are wholly different. */
static size_t difference(const char *a, const char *b)
{
    size_t row[KEY_SIZE], length = text_length(b);

    if (length >= KEY_SIZE || text_length(a) >= KEY_SIZE)
        return KEY_SIZE;
    for (size_t j = 0; j <= length; j++)
        row[j] = j;
    for (size_t i = 0; a[i]; i++) {
        size_t diagonal = row[0];

        row[0] = i + 1;
        for (size_t j = 0; j < length; j++) {
            size_t changed = diagonal + (a[i] != b[j]);

            diagonal = row[j + 1];
            row[j + 1] = smaller(changed, smaller(row[j], row[j + 1]) + 1);
        }
    }
    return row[length];
}

static const struct key *similar_key(const char *name)
{
    const struct key *best = NULL;
    size_t best_difference = DIFFERENCE_MAX + 1;

    for (size_t i = 0; i < OPTION_KEYS; i++) {
        size_t d = difference(name, keys[i].name);

        if (d < best_difference) {
            best_difference = d;
            best = &keys[i];
        }
    }
    return best;
}

/* Cuts long text and makes it printable, for an error. */
static const char *quote(char *buffer, const char *text)
{
    copy_name(buffer, QUOTE_SIZE, text, text_length(text));
    if (text_length(text) >= QUOTE_SIZE)
        copy_text(buffer + QUOTE_SIZE - 4, 4, "...");
    return buffer;
}

/* The text for an error, if it is the first; another buffer to throw away, if it is not. */
static struct text begin_error(struct option_error *error, const char *where, char *spare)
{
    struct text text;

    text = error->count++ ? text_in(spare, QUOTE_SIZE) : text_in(error->text, TEXT_SIZE);
    text_format(&text, "%s: ", where);
    return text;
}

static int fail(struct option_error *error, const char *where, const char *what)
{
    char spare[QUOTE_SIZE];
    struct text text = begin_error(error, where, spare);

    text_add(&text, what);
    return ERR_FORMAT;
}

static int fail_key(struct option_error *error, const char *where, const char *name)
{
    char spare[QUOTE_SIZE], quoted[QUOTE_SIZE];
    struct text text = begin_error(error, where, spare);
    const struct key *similar = similar_key(name);

    text_format(&text, "unknown key \"%s\"", quote(quoted, name));
    if (similar)
        text_format(&text, " (did you mean \"%s\"?)", similar->name);
    return ERR_FORMAT;
}

static int fail_value(struct option_error *error, const char *where, const struct key *key,
                      const char *value)
{
    char spare[QUOTE_SIZE], quoted[QUOTE_SIZE];
    struct text text = begin_error(error, where, spare);

    text_format(&text, "%s=%s: not %s", key->name, quote(quoted, value), key->values);
    return ERR_FORMAT;
}

/* Seconds and minutes are one thing: beside each other in one source they are an error, in a
 * stronger source the one replaces the other. */
static bool replace_duration(struct options *options, enum option_key key)
{
    struct option_given *other =
        &options->given[key == OPTION_MINUTES ? OPTION_SECONDS : OPTION_MINUTES];

    if (key != OPTION_MINUTES && key != OPTION_SECONDS)
        return true;
    if (other->set && other->source == options->source)
        return false;
    other->set = false;
    return true;
}

static int apply_value(struct options *options, enum option_key key, const char *value,
                       const char *where, struct option_error *error)
{
    struct option_given *given = &options->given[key];

    if (!value[0] || text_length(value) >= OPTION_VALUE_SIZE)
        return fail_value(error, where, &keys[key], value);
    if (!replace_duration(options, key))
        return fail(error, where, "minutes and seconds are both given; give one of the two");
    if (keys[key].parse(options, &keys[key], value) != OK)
        return fail_value(error, where, &keys[key], value);
    given->set = true;
    given->source = options->source;
    copy_text(given->where, sizeof(given->where), where);
    copy_text(given->value, sizeof(given->value), value);
    return OK;
}

static char *trim(char *text)
{
    size_t end = text_length(text);

    while (end > 0 && is_blank(text[end - 1]))
        text[--end] = '\0';
    while (is_blank(*text))
        text++;
    return text;
}

/* One assignment, taken apart in place. */
static int apply(struct options *options, char *assignment, const char *where,
                 struct option_error *error)
{
    char quoted[QUOTE_SIZE], what[TEXT_SIZE];
    char *name = trim(assignment), *value = name;

    for (size_t i = 0; name[i]; i++) {
        if (!is_printable(name[i]) && name[i] != '\t')
            return fail(error, where, "a character that is not plain ASCII");
    }
    while (*value && *value != '=')
        value++;
    if (!*value || value == name) {
        format_text(what, sizeof(what), "\"%s\" is not key=value", quote(quoted, name));
        return fail(error, where, what);
    }
    *value++ = '\0';
    name = trim(name);
    for (size_t i = 0; i < OPTION_KEYS; i++) {
        if (text_equal(name, keys[i].name))
            return apply_value(options, (enum option_key)i, trim(value), where, error);
    }
    return fail_key(error, where, name);
}

/* The bytes of one line: its comment cut off, then applied when anything is left. */
static int apply_line(struct options *options, const char *line, size_t length, const char *where,
                      struct option_error *error)
{
    char assignment[ASSIGNMENT_SIZE];
    size_t end = 0;

    if (length > 0 && line[length - 1] == '\r')
        length--;
    while (length > 0 && is_blank(*line)) {
        line++;
        length--;
    }
    while (end < length && !(line[end] == '#' && (end == 0 || is_blank(line[end - 1]))))
        end++;
    if (end == 0)
        return OK;
    if (end >= sizeof(assignment))
        return fail(error, where, "the line is too long");
    for (size_t i = 0; i < end; i++)
        assignment[i] = line[i] ? line[i] : '\x7f'; /* a NUL is no end here, but no text either */
    assignment[end] = '\0';
    return apply(options, assignment, where, error);
}

static void begin_source(struct options *options, bool strings)
{
    if (!strings || !options->source_strings)
        options->source++;
    options->source_strings = strings;
}

int options_apply_text(struct options *options, const char *bytes, size_t size, const char *where,
                       struct option_error *error)
{
    char place[NAME_SIZE];
    size_t start = 0;
    int result = OK;

    begin_source(options, false);
    if (size >= 2 && (memcmp(bytes, "\xFF\xFE", 2) == 0 || memcmp(bytes, "\xFE\xFF", 2) == 0))
        return fail(error, where, "the file is UTF-16; save it as plain text or UTF-8");
    if (size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
        start = 3;
    for (unsigned line = 1; start < size; line++) {
        size_t end = start;

        while (end < size && bytes[end] != '\n')
            end++;
        format_text(place, sizeof(place), "%.30s line %u", where, line);
        if (apply_line(options, bytes + start, end - start, place, error) != OK)
            result = ERR_FORMAT;
        start = end + 1;
    }
    return result;
}

int options_apply_one(struct options *options, const char *assignment, const char *where,
                      struct option_error *error)
{
    char copy[ASSIGNMENT_SIZE];

    begin_source(options, true);
    if (text_length(assignment) >= sizeof(copy))
        return fail(error, where, "the string is too long");
    copy_text(copy, sizeof(copy), assignment);
    return apply(options, copy, where, error);
}

/* The next word of UTF-16 text as ASCII, '?' for what is not. 0 at the end, else the unit behind
 * the word. A word longer than the buffer comes cut. */
static size_t next_word(const uint8_t *units, size_t count, size_t from, char *word, size_t size)
{
    struct text text = text_in(word, size);
    size_t i = from;

    while (i < count && units[2 * i + 1] == 0 && is_blank((char)units[2 * i]))
        i++;
    while (i < count && !(units[2 * i + 1] == 0 && is_blank((char)units[2 * i]))) {
        text_char(&text, units[2 * i + 1] == 0 && is_printable((char)units[2 * i])
                             ? (char)units[2 * i]
                             : '?');
        i++;
    }
    return text.length ? i : 0;
}

/* Units before the terminator, or 0 where one of them is no printable character: a control
 * character, a private or unassigned end of the plane, a byte order mark. */
static size_t printable_units(const uint8_t *bytes, size_t size)
{
    size_t count = 0;

    for (; 2 * count + 1 < size; count++) {
        unsigned unit = bytes[2 * count] | (unsigned)bytes[2 * count + 1] << 8;

        if (unit == 0)
            break;
        if ((unit < ' ' && unit != '\t') || (unit > '~' && unit < 0xA0) || unit >= 0xFDD0)
            return 0;
    }
    return count;
}

/* letters, digits and dashes, then '=' */
static bool looks_like_option(const char *word)
{
    size_t i = 0;

    while (is_letter_or_digit(word[i]) || word[i] == '-' || word[i] == '_')
        i++;
    return i > 0 && word[i] == '=';
}

/* Whether the words hold options; *ret_first is where they begin, *ret_words how many words there
 * are. */
static bool find_options(const uint8_t *units, size_t count, size_t *ret_first, size_t *ret_words)
{
    char word[ASSIGNMENT_SIZE];
    bool found = false;
    size_t words = 0, at = 0, next;

    *ret_first = 0;
    while ((next = next_word(units, count, at, word, sizeof(word))) > 0) {
        if (looks_like_option(word))
            found = true;
        else if (words == 0)
            *ret_first = next;
        words++;
        at = next;
    }
    *ret_words = words;
    return found;
}

int options_apply_load_options(struct options *options, const void *bytes, size_t size,
                               bool *ret_ignored, struct option_error *error)
{
    const uint8_t *units = bytes;
    size_t count = size ? printable_units(units, size) : 0;
    bool empty = size < 2 || (units[0] == 0 && units[1] == 0);
    char word[ASSIGNMENT_SIZE];
    size_t at, words;
    int result = OK;

    begin_source(options, false);
    if (!find_options(units, count, &at, &words)) {
        *ret_ignored = words > 1 || (count == 0 && !empty);
        return OK;
    }
    *ret_ignored = false;
    while ((at = next_word(units, count, at, word, sizeof(word))) > 0) {
        if (apply(options, word, "load options", error) != OK)
            result = ERR_FORMAT;
    }
    return result;
}

int options_check_secure_boot(const struct options *options, bool secure_boot,
                              struct option_error *error)
{
    const struct option_given *given = &options->given[OPTION_WRITE];
    char quoted[QUOTE_SIZE], what[TEXT_SIZE];

    if (!secure_boot || options->write_choice == WRITE_NONE)
        return OK;
    format_text(what, sizeof(what),
                "write=%s is refused while Secure Boot is on, for nobody has signed the options",
                quote(quoted, given->value));
    return fail(error, given->where, what);
}

void options_render(const struct options *options, char *buffer, size_t size)
{
    struct text text = text_in(buffer, size);

    for (size_t i = 0; i < OPTION_KEYS; i++) {
        if (options->given[i].set)
            text_format(&text, "%s%s=%s", text.length ? " " : "", keys[i].name,
                        options->given[i].value);
    }
}

uint32_t options_imaging_s(const struct options *options, enum plan plan)
{
    static const uint32_t defaults_s[PLANS] = {
        [PLAN_QUICK] = 300,
        [PLAN_IMAGING] = 1800,
        [PLAN_OVERNIGHT] = 28800,
    };

    return defaults_s[plan] && options->given_s ? options->given_s : defaults_s[plan];
}

bool options_want_disk(const struct options *options, const char *serial)
{
    for (unsigned i = 0; i < options->disks.count; i++) {
        if (text_equal(options->disks.items[i], serial))
            return true;
    }
    return options->disk_choice == DISKS_ALL;
}

bool options_help(unsigned index, const char **ret_key, const char **ret_values,
                  const char **ret_help)
{
    if (index >= OPTION_KEYS)
        return false;
    *ret_key = keys[index].name;
    *ret_values = keys[index].values;
    *ret_help = keys[index].help;
    return true;
}
