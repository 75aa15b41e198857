/*
 * The program as a whole, for the files that it consists of: main.c, from the options to the status
 * it leaves with; beginning.c, what is said of a run before it begins; ending.c, the files of a run
 * and its last words.
 */
#ifndef ASSAY_EFI_PROGRAM_H
#define ASSAY_EFI_PROGRAM_H

#include "efi/desk.h"
#include "efi/files.h"
#include "efi/run.h"
#include "efi/settings.h"
#include "report/compare.h"
#include "report/lava.h"
#include "report/resume.h"

enum {
    PRIOR_RUNS = 4, /* unfinished runs that are reported */
    LOOK_BACK = 8,  /* runs that are looked at for it */
};

/* Large, so not in the image's data, which the linker's script writes out in full. */
struct program {
    struct clock clock;
    struct access access;
    struct panel panel;
    struct lines lines;   /* with text from outside, in which no result for LAVA can stand */
    struct lines results; /* for LAVA, as they are */
    struct lines rewritten;
    struct desk desk;
    struct settings settings;
    struct machine machine;
    struct recorder recorder;
    struct run run;
    struct files_prior prior[PRIOR_RUNS];
    unsigned prior_count;
    bool looked_back; /* and no report tells of them yet */
    uint32_t number;  /* of this run */
    struct comparison comparison;
    struct last_moments moments; /* for the time of looking back */
    struct resume resume;        /* the run that the next one goes on with; number 0: none */
    char *earlier; /* its journal, JOURNAL_SIZE bytes; at a run's end that of the run before */
    size_t earlier_size;
    struct store store;
    bool has_store;
    bool writable;                  /* the volume Assay was started from */
    char not_writable[TEXT_SIZE];   /* why, otherwise */
    char journal[JOURNAL_SIZE + 1]; /* a file that fills its buffer counts as too large */
    struct model model;
    struct lava lava;
};

extern struct program *program;

static inline const struct options *options(void)
{
    return &program->settings.options;
}

/* Seconds, about; 0 where the machine has no clock. Only to differ from run to run. */
uint64_t wall_clock(void);

/* The first event of run `number`. */
void emit_start(enum plan plan, uint64_t seed, uint32_t number);

/* Finds unfinished runs, `last` being the newest of all; once until a report tells of them. */
void look_back(uint32_t last);
void emit_prior_runs(void);
void emit_option_notes(void);

/* The folder of this run, and its journal; without them the console has to do. */
void open_store(uint32_t number);

/* All that follows the verdict: files, the way to servers, the closing lines, the stick put in
 * order, results for LAVA. */
void write_reports(uint32_t number);

#endif
