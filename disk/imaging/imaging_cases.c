#include "base/error.h"
#include "disk/imaging/imaging_parts.h"

static struct experiment *find_free(struct imaging *imaging)
{
    for (unsigned i = 0; i < imaging->experiment_limit; i++) {
        if (imaging->experiments[i].state == EXPERIMENT_NONE)
            return &imaging->experiments[i];
    }
    return NULL;
}

static void give_evidence(const struct difference_evidence *evidence)
{
    struct chunk *chunks[] = {evidence->read, evidence->copy, evidence->packed.chunk};

    for (unsigned i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
        if (chunks[i])
            pool_give(chunks[i]);
    }
}

void imaging_examine(struct imaging *imaging, unsigned drive,
                     const struct difference_evidence *evidence)
{
    struct imaging_drive *state = &imaging->drives[drive];
    struct experiment *experiment = find_free(imaging);

    if (!experiment || state->experiments == IMAGING_EXPERIMENTS_DRIVE) {
        state->uncounted++;
        give_evidence(evidence);
        return;
    }
    state->experiments++;
    experiment->drive = drive;
    experiment_begin(experiment, &imaging->tools, evidence, state->tour.moved,
                     tour_elsewhere(&state->tour, evidence->blocks));
}

unsigned imaging_experiments(const struct imaging *imaging)
{
    unsigned count = 0;

    for (unsigned i = 0; i < imaging->experiment_limit; i++)
        count += imaging->experiments[i].state != EXPERIMENT_NONE;
    return count;
}

bool imaging_examines(const struct imaging *imaging, unsigned drive)
{
    for (unsigned i = 0; i < imaging->experiment_limit; i++) {
        const struct experiment *experiment = &imaging->experiments[i];

        if (experiment->state != EXPERIMENT_NONE && experiment->drive == drive)
            return true;
    }
    return false;
}

struct experiment *imaging_waiting(struct imaging *imaging, unsigned drive)
{
    for (unsigned i = 0; i < imaging->experiment_limit; i++) {
        struct experiment *experiment = &imaging->experiments[i];

        if (experiment->state != EXPERIMENT_NONE && experiment->drive == drive &&
            experiment->target)
            return experiment;
    }
    return NULL;
}

static bool start_job(struct imaging *imaging, struct experiment *experiment, enum block_task task)
{
    struct imaging_slot *slot = imaging_slot_find(imaging, task);

    if (!slot)
        return false;
    slot->experiment = experiment;
    slot->drive = (uint8_t)experiment->drive;
    slot->lba = experiment->evidence.lba;
    slot->blocks = experiment->evidence.blocks;
    slot->work.size = experiment->evidence.size;
    slot->work.read = task == BLOCK_PAGE ? experiment->wrong : experiment->right;
    slot->work.page = experiment->page;
    slot->work.page_address = experiment->page_address;
    slot->work.test_page = imaging->config.test_page;
    experiment_job_begun(experiment);
    imaging_slot_start(imaging, slot);
    return true;
}

static bool advance(struct imaging *imaging, struct experiment *experiment)
{
    const struct tour *tour = &imaging->drives[experiment->drive].tour;
    bool may_read = imaging_can_read(imaging, experiment->drive);
    uint8_t before = experiment->state;

    switch (experiment_advance(experiment, &imaging->tools, tour->moved, may_read)) {
    case WANT_HASH:
        return start_job(imaging, experiment, BLOCK_HASH);
    case WANT_PAGE:
        return start_job(imaging, experiment, BLOCK_PAGE);
    case WANT_END:
        experiment_end(experiment, &imaging->tools);
        return true;
    default: /* reads are seen to by imaging_reads.c */
        return experiment->state != before;
    }
}

bool imaging_advance_experiments(struct imaging *imaging)
{
    bool any = false;

    for (unsigned i = 0; i < imaging->experiment_limit; i++) {
        if (imaging->experiments[i].state != EXPERIMENT_NONE)
            any |= advance(imaging, &imaging->experiments[i]);
    }
    return any;
}
