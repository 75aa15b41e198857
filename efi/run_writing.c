/*
 * The writing phase: which disks may be overwritten is decided, and those are.
 */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "efi/run.h"

/* By its serial number, or its place where that is not its own. */
static const char *name_of(const struct run *run, unsigned index)
{
    const struct run_disk *disks = run->machine->disks;

    for (unsigned i = 0; i < run->machine->disk_count; i++) {
        if (i != index && text_equal(disks[i].part.serial, disks[index].part.serial))
            return disks[index].part.place;
    }
    return run_disk_name(&disks[index]);
}

static void gather_facts(struct run *run)
{
    for (unsigned i = 0; i < run->machine->disk_count; i++) {
        const struct run_disk *disk = &run->machine->disks[i];

        run->facts[i] = (struct permission_disk){
            .serial = disk->part.serial,
            .is_boot = disk->is_boot,
            .chosen = disk->chosen,
            .device = disk->device,
        };
    }
}

/* Adds a disk to the targets, or says why not. */
static void decide(struct run *run, unsigned index, struct chunk *chunk)
{
    struct run_disk *disk = &run->machine->disks[index];
    struct permission *permission = &run->permissions[run->target_count];
    unsigned count = run->machine->disk_count;

    if (permission_needs_volumes(run->config.options, run->facts, count, index)) {
        volumes_read(disk->device, chunk->data, &run->volumes);
        run->facts[index].volumes = &run->volumes;
    }
    permission_decide(run->config.options, run->facts, count, index, permission);
    run->facts[index].scratch = permission->asked;
    run->facts[index].volumes = NULL;
    if (!permission->asked)
        return;
    if (permission->may_write && run->target_count == WRITING_DRIVES) {
        permission->may_write = false;
        copy_text(permission->reason, sizeof(permission->reason), "too many disks to write to");
    }
    if (permission->may_write && disk->device == run->injector.device) {
        permission->may_write = false;
        copy_text(permission->reason, sizeof(permission->reason),
                  "inject= gives it faults: it is not written to");
    }
    if (!permission->may_write) {
        emit_not_tested(run->sink, "write", disk->part.part, false, "%s: %s", name_of(run, index),
                        permission->reason);
        return;
    }
    run->machine->allow_writes(index);
    run->target_disk[run->target_count] = index;
    run->targets[run->target_count++] =
        (struct writing_target){.device = disk->device, .permission = permission};
}

static bool asked_for(const struct run *run)
{
    return run->config.options && run->config.options->write_choice != WRITE_NONE;
}

/* Each disk that the options name for it, or the reason why not. */
static void choose_targets(struct run *run)
{
    struct chunk *chunk = run->machine->pool ? pool_take(run->machine->pool) : NULL;
    char text[TEXT_SIZE];

    run->target_count = 0;
    if (!chunk) {
        emit_not_tested(run->sink, "write", 0, false, "there is no memory for buffers");
        return;
    }
    gather_facts(run);
    for (unsigned i = 0; i < run->machine->disk_count; i++)
        decide(run, i, chunk);
    for (unsigned i = 0; permission_missing(run->config.options, run->facts,
                                            run->machine->disk_count, i, text, sizeof(text));
         i++)
        emit_not_tested(run->sink, "write", 0, false, "%s", text);
    pool_give(chunk);
}

bool run_prepare_writing(struct run *run)
{
    if (!asked_for(run))
        return false;
    choose_targets(run);
    return run->target_count > 0;
}

int run_begin_writing(struct run *run, bool once)
{
    struct writing_config config = {
        .targets = run->targets,
        .target_count = run->target_count,
        .pool = run->machine->pool,
        .clock = run->machine->clock,
        .sink = run->sink,
        .run = run->config.stamp,
        .seed = run->config.seed,
        .phase = run->phase_name,
        .once = once,
        .verify_us = run->phase_planned_us / 2,
        .pause = run_tend,
        .pause_context = run,
    };
    int error = writing_init(&run->writing, &config);

    for (unsigned i = 0; !error && i < run->target_count; i++)
        run->disk_meters[run->target_disk[i]].moved = 0;
    run->writing_runs = !error;
    if (error)
        emit_not_tested(run->sink, "write", 0, false, "writing could not begin: %s",
                        error_text(error));
    return error;
}
