/*
 * The other processors, through the firmware's multiprocessor service (PI 1.8 volume 2, 13.4).
 *
 * The service may refuse, lie or never answer, so there are four ways, tried in order: start all
 * without waiting; start one by one without waiting; start all again and again for short slices
 * and wait for each; do without. A way counts only when the processors were seen to run.
 *
 * Each processor runs on a stack of its own, takes jobs from the queue, and reads its own
 * machine-check banks and sensors once a second. None of them calls the firmware.
 */
#ifndef ASSAY_EFI_PROCESSORS_H
#define ASSAY_EFI_PROCESSORS_H

#include "base/access.h"
#include "base/event.h"
#include "base/workers.h"
#include "sensors/cpu.h"

/* Named faults of a self-test: a multiprocessor service that is worse than this machine's. */
enum mp_fault {
    MP_HEALTHY,
    MP_REFUSES,        /* every start */
    MP_REFUSES_EVENTS, /* the starts that do not wait */
    MP_SILENT,         /* claims success, starts nothing */
    MP_HANGS,          /* never returns */
};

struct processors_config {
    unsigned limit; /* processors to use, the boot processor counted */
    enum mp_fault fault;
    bool skip; /* the last boot hung here */
    const struct access *access;
    const struct sink *sink;
};

/* Starts what can be started; always leaves usable workers. Says in events what it found. */
void processors_start(const struct processors_config *config, struct workers *ret_workers);

/* How many processors work, the boot processor counted, and how many the machine has. */
unsigned processors_working(void);
unsigned processors_present(void);

/* The firmware's number of the boot processor. */
unsigned processors_boot_number(void);

/* Machine-check records that the other processors have found since the last call. */
unsigned processors_machine_checks(struct event_machine_check *ret, unsigned limit);

/* Whether the other processors read their sensors; at first they do not. */
void processors_sense(bool on);

/*
 * The latest sample of the sensors of processor `index`, from 0: those of the boot processor, which
 * are read by the call, then the others'. False where there is no such processor, or it has not
 * given one yet.
 */
bool processors_sample(unsigned index, struct cpu_sample *ret_sample);

/* Asks all to return to the firmware and waits up to a second for them. */
void processors_stop(void);

#endif
