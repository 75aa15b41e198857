/*
 * The options of a run.
 *
 * An option is key=value. The caller applies the sources from the weakest to the strongest:
 * assay.cfg, the board's own .cfg, SMBIOS strings, load options. What a stronger source says
 * replaces what a weaker one said. The keys, their values and their help stand in one table.
 *
 * A bad option starts no test, but it must not lose the way the run is to finish: after an error
 * the rest of a source is still read, everything good in it is applied, and the caller goes on
 * with the stronger sources. The first error is kept, all are counted.
 *
 * struct options is some kilobytes: it belongs into the state of a run, not on a stack.
 */
#ifndef ASSAY_BASE_OPTIONS_H
#define ASSAY_BASE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"

enum {
    OPTION_LIST_LIMIT = 16,
    OPTION_URL_LIMIT = 4,
    OPTION_URL_SIZE = 160,
    OPTION_VALUE_SIZE = 352, /* sixteen serial numbers of twenty characters, and their commas */
    OPTION_SECONDS_MAX = 7 * 24 * 3600,
    OPTION_CPUS_MAX = 4096,
    SYSLOG_PORT = 514, /* RFC 5426, 3.3 */
};

enum option_key {
    OPTION_PLAN,
    OPTION_MINUTES,
    OPTION_SECONDS,
    OPTION_DISKS,
    OPTION_WRITE,
    OPTION_WRITE_CONFIRM,
    OPTION_MEMORY,
    OPTION_RANGE,
    OPTION_TESTS,
    OPTION_CPUS,
    OPTION_SENSORS,
    OPTION_SEED,
    OPTION_UI,
    OPTION_CONSOLE,
    OPTION_REPORT_TO,
    OPTION_SYSLOG,
    OPTION_RESUME,
    OPTION_ON_FINISH,
    OPTION_INJECT,
    OPTION_KEYS,
};

enum plan {
    PLAN_MENU,
    PLAN_QUICK,
    PLAN_IMAGING,
    PLAN_OVERNIGHT,
    PLAN_MEMORY,
    PLAN_DISK,
    PLAN_SENSORS,
    PLAN_TRIAGE,
    PLAN_MEMTEST86,
    PLANS,
};

enum disk_choice { DISKS_ALL, DISKS_NONE, DISKS_LISTED };
enum write_choice { WRITE_NONE, WRITE_SCRATCH, WRITE_LISTED };
enum sensor_choice { SENSORS_SAFE, SENSORS_OFF, SENSORS_ALL };
enum ui_choice { UI_AUTO, UI_TEXT, UI_NONE };
enum console_choice { CONSOLE_PLAIN, CONSOLE_LAVA };

enum on_finish {
    FINISH_MENU,
    FINISH_RETURN,
    FINISH_REBOOT,
    FINISH_SHUTDOWN,
    FINISH_QEMU_EXIT,
};

/* Faults of the self-test; bit numbers of options.inject. */
enum inject {
    INJECT_MEMORY_BIT,   /* a stuck bit in one page */
    INJECT_MEMORY_ALIAS, /* one page shows the words of another */
    INJECT_MODULE,       /* a memory module that the firmware's tables call not usable */
    INJECT_DISK_MEDIA,   /* an unreadable sector */
    INJECT_DISK_STALE,   /* success with an unfilled buffer */
    INJECT_DISK_CORRUPT, /* a sector that is not what it was, each second time */
    INJECT_DISK_SLOW,    /* reads that take many times as long as at first */
    INJECT_DISK_CRC,     /* CRC errors on the drive's link */
    INJECT_DISK_FAILING, /* the drive predicts its failure */
    INJECT_DISK_HOT,     /* the drive is above its own limit */
    INJECT_DISK_DRIVER,  /* Assay's own disk drivers do not start: the firmware's are used */
    INJECT_PCIE_LINK,    /* the drive's PCIe link has one lane of four */
    INJECT_PCIE_ERRORS,  /* corrected errors of a PCIe link, again and again */
    INJECT_FAN_STOP,     /* a fan that turned reads 0 */
    INJECT_HEAT,         /* a part above its limit */
    INJECT_VOLTAGE,      /* a voltage below its limit */
    INJECT_MCE,          /* a corrected memory error in a machine-check bank */
    INJECT_MCE_MEMORY,   /* an uncorrected one */
    INJECT_MCE_CPU,      /* an uncorrected error of a cache */
    INJECT_CPU_COMPUTE,  /* processor 1 computes wrong */
    INJECT_RESET,        /* an earlier run that nobody ended */
    INJECT_MP_REFUSE,    /* the multiprocessor service refuses */
    INJECT_MP_SILENT,    /* says yes and starts nobody */
    INJECT_MP_BLOCKING,  /* refuses the starts that do not wait */
    INJECT_MP_HANG,      /* never comes back from the other processors */
    INJECTS,
};

struct option_list {
    unsigned count;
    char items[OPTION_LIST_LIMIT][SERIAL_SIZE];
};

/* Where an option was given. */
struct option_given {
    bool set;
    uint32_t source;               /* number of the source, rising with its strength */
    char where[NAME_SIZE];         /* "assay.cfg line 3" */
    char value[OPTION_VALUE_SIZE]; /* as it stood there */
};

struct options {
    uint8_t plan;        /* enum plan */
    uint8_t disk_choice; /* enum disk_choice */
    struct option_list disks;
    /* What may be overwritten, and only with write_confirmed, by disk/volumes/permission.h. */
    uint8_t write_choice; /* enum write_choice */
    struct option_list write;
    bool write_confirmed;
    uint64_t memory; /* bytes under test at most; 0: all */
    /* Physical addresses under test, whole pages, the end excluded; both 0: all. */
    uint64_t range_start, range_end;
    char tests[OPTION_VALUE_SIZE]; /* "all", or names separated by commas: not looked up here */
    uint32_t cpus;                 /* 0: all */
    uint8_t sensors;               /* enum sensor_choice */
    uint64_t seed;                 /* 0: random */
    uint8_t ui;                    /* enum ui_choice */
    uint8_t console;               /* enum console_choice */
    bool report_esp;
    bool report_variables; /* the outline of the run in a variable of the firmware */
    unsigned report_url_count;
    char report_urls[OPTION_URL_LIMIT][OPTION_URL_SIZE];
    char syslog_host[NAME_SIZE]; /* an IPv4 address; empty: none */
    uint16_t syslog_port;
    uint8_t resume;    /* 0 or 1 */
    uint8_t on_finish; /* enum on_finish */
    uint32_t inject;   /* bit n: enum inject n */
    uint32_t given_s;  /* seconds, or minutes in seconds; 0: not given */

    struct option_given given[OPTION_KEYS];
    uint32_t source;     /* number of the source that was applied last */
    bool source_strings; /* it was SMBIOS strings */
};

/* Zeroed by the caller once, then given to every source. */
struct option_error {
    unsigned count;
    char text[TEXT_SIZE]; /* of the first: where it stood, and what is wrong with it */
};

extern const char *const plan_names[PLANS];
extern const char *const inject_names[INJECTS];

void options_init(struct options *options);

/*
 * A configuration file: one key=value a line, `#` to the end of a line is a comment when it
 * begins the line or follows a blank; LF or CRLF; a UTF-8 byte order mark is tolerated. `where`
 * is the file's name. OK, or ERR_FORMAT when an error was added.
 */
int options_apply_text(struct options *options, const char *bytes, size_t size, const char *where,
                       struct option_error *error);

/* One SMBIOS type 11 string, without its "assay:". Strings applied one after another are one
 * source. `where` says which string: "SMBIOS string 2". OK or ERR_FORMAT. */
int options_apply_one(struct options *options, const char *assignment, const char *where,
                      struct option_error *error);

/*
 * Load options (UEFI 2.10, 9.1.1): UTF-16, several separated by blanks, with or without the
 * program's name before them and a NUL behind them. Boot managers put binary junk there: what is
 * not printable throughout, or holds words and no key=value among them, is not applied and sets
 * *ret_ignored. The program's name alone, or nothing, is no junk. OK or ERR_FORMAT.
 */
int options_apply_load_options(struct options *options, const void *bytes, size_t size,
                               bool *ret_ignored, struct option_error *error);

/*
 * To be called behind the last source. With Secure Boot on, firmware starts only what somebody has
 * signed; but nobody signs options, whatever their source, so none of them may make a signed Assay
 * overwrite a disk: write= is an error then, named by where it stood. OK or ERR_FORMAT.
 */
int options_check_secure_boot(const struct options *options, bool secure_boot,
                              struct option_error *error);

/* The options that were given, as "key=value key=value" in the order of the table. */
void options_render(const struct options *options, char *buffer, size_t size);

/* Length of the imaging phase of a plan: as given, else the plan's own; 0: the plan has none. */
uint32_t options_imaging_s(const struct options *options, enum plan plan);

/* Whether a drive with this serial number is to be tested. */
bool options_want_disk(const struct options *options, const char *serial);

static inline bool options_inject(const struct options *options, enum inject fault)
{
    return options->inject >> fault & 1;
}

/* Key, values and help of one option, for a help page; false past the last. */
bool options_help(unsigned index, const char **ret_key, const char **ret_values,
                  const char **ret_help);

#endif
