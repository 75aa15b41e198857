/* Commands of the model: fetched, done when their time has come, completed. */
#include <string.h>

#include "base/prng.h"
#include "tests/sim/nvme_model_parts.h"

enum { OP_FLUSH = 0, OP_WRITE = 1, ADMIN_LOG = 2, ADMIN_ABORT = 8 };

static uint16_t identifier_of(const struct model_command *command)
{
    return (uint16_t)(command->entry[0] >> 16);
}

/* ---- completions */

static void post(struct nvme_model *model, unsigned number, uint16_t identifier, uint16_t status,
                 uint32_t value, bool met)
{
    struct model_queue *queue = &model->queues[number];
    uint32_t next = (queue->completion_tail + 1) % queue->completion_entries;
    bool phase = queue->phase ^ (met && model->fault == NVME_PHASE_STUCK);
    uint32_t entry[4] = {value, 0, queue->head | number << 16,
                         identifier | (uint32_t)phase << 16 | (uint32_t)status << 17};
    uint8_t *host;

    if (met && model->fault == NVME_COMPLETION_WRONG_QUEUE)
        entry[2] = queue->head | 7u << 16;
    if (met && model->fault == NVME_COMPLETION_WRONG_HEAD)
        entry[2] = queue->entries | number << 16;
    if (next == queue->completion_head && model->fault != NVME_COMPLETION_STRAY &&
        model->fault != NVME_COMPLETION_TWICE)
        model_violation(model, "completion queue %u is full", number);
    host = model_reach(model, queue->completions + 16ull * queue->completion_tail, 16, true);
    if (host != NULL)
        memcpy(host, entry, sizeof(entry));
    queue->completion_tail = next;
    if (next == 0)
        queue->phase = !queue->phase;
}

static void end(struct nvme_model *model, struct model_command *command, uint16_t status,
                uint32_t value, bool met)
{
    command->used = false;
    post(model, command->admin ? 0 : 1, identifier_of(command), status, value, met);
}

/* ---- what becomes of a command */

static struct model_command *find_command(struct nvme_model *model, uint16_t identifier)
{
    for (unsigned i = 0; i < MODEL_COMMANDS; i++) {
        struct model_command *command = &model->commands[i];

        if (command->used && !command->admin && identifier_of(command) == identifier)
            return command;
    }
    return NULL;
}

static bool can_abort(const struct nvme_model *model)
{
    return model->fault != NVME_STALLS_NO_ABORT && model->fault != NVME_LATE_DMA &&
           model->fault != NVME_RESET_FAILS && model->fault != NVME_RESET_STUCK;
}

/* Dword 0 of the completion is 1 when nothing was aborted. */
static void do_abort(struct nvme_model *model, struct model_command *abort)
{
    struct model_command *victim = find_command(model, (uint16_t)(abort->entry[10] >> 16));

    model->aborts++;
    if (model->fault == NVME_STALLS_ABORT_DEAF) {
        abort->stalled = true;
    } else if (!can_abort(model)) {
        end(model, abort, 0x001, 0, false);
    } else if (victim == NULL || victim->done) {
        end(model, abort, 0, 1, false);
    } else {
        end(model, abort, 0, 0, false);
        end(model, victim, 0x007, 0, false);
    }
}

static void do_admin(struct nvme_model *model, struct model_command *command)
{
    uint32_t value = 0;
    uint8_t opcode = (uint8_t)command->entry[0];

    if (opcode == ADMIN_ABORT) {
        do_abort(model, command);
        return;
    }
    if (opcode == ADMIN_LOG && model->fault == NVME_ADMIN_DEAF &&
        (model->fault_times == 0 || model->failed < model->fault_times)) {
        model->failed++;
        command->stalled = true;
        return;
    }
    end(model, command, model_admin(model, command->entry, &value), value, false);
}

static bool touches_fault(const struct nvme_model *model, const uint32_t *entry)
{
    uint64_t lba = model_get64(entry, 10);
    uint32_t blocks = (entry[12] & 0xFFFF) + 1;

    return (uint8_t)entry[0] != OP_FLUSH && lba < model->fault_lba + model->fault_blocks &&
           model->fault_lba < lba + blocks;
}

static bool meets_fault(struct nvme_model *model, const uint32_t *entry)
{
    if (model->fault == NVME_HEALTHY || model->fault == NVME_SLOW ||
        model->fault == NVME_COMPLETION_STRAY || model->fault >= NVME_ADMIN_DEAF ||
        !touches_fault(model, entry) ||
        (model->fault_times != 0 && model->failed >= model->fault_times))
        return false;
    if (model->fault == NVME_COMPLETION_SWAPPED && nvme_model_in_flight(model) < 2)
        return false;
    model->failed++;
    return true;
}

/* The status of a command that cannot be done, or 0. */
static uint16_t check(struct nvme_model *model, const struct model_namespace *space,
                      const uint32_t *entry)
{
    uint64_t lba = model_get64(entry, 10);
    uint32_t blocks = (entry[12] & 0xFFFF) + 1;

    if (space == NULL || space->metadata != 0 || (uint8_t)entry[0] > MODEL_READ) {
        model_violation(model, "I/O command %x to namespace %u", entry[0], entry[1]);
        return 0x00B;
    }
    if ((uint8_t)entry[0] == OP_FLUSH)
        return 0;
    if (lba >= space->blocks || blocks > space->blocks - lba) {
        model_violation(model, "command beyond the namespace");
        return 0x080;
    }
    if ((size_t)blocks * space->block_size > MODEL_DATA_MAX ||
        (model->mdts != 0 && (uint64_t)blocks * space->block_size >> 12 > 1ull << model->mdts)) {
        model_violation(model, "command of %u blocks is longer than MDTS", blocks);
        return 0x002;
    }
    return 0;
}

static void count(struct nvme_model *model, uint8_t opcode)
{
    model->reads += opcode == MODEL_READ;
    model->writes += opcode == OP_WRITE;
    model->flushes += opcode == OP_FLUSH;
}

/* The ways in which a command that met the fault ends, or not. True when it is dealt with. */
static bool do_fault(struct nvme_model *model, struct model_command *command,
                     const struct model_namespace *space)
{
    switch (model->fault) {
    case NVME_STALLS:
    case NVME_STALLS_NO_ABORT:
    case NVME_STALLS_ABORT_DEAF:
    case NVME_LATE_DMA:
    case NVME_RESET_FAILS:
    case NVME_RESET_STUCK:
        command->stalled = true;
        return true;
    case NVME_FATAL:
        model->csts |= CSTS_CFS;
        model->deaf = true;
        return true;
    case NVME_VANISHES:
        model->gone = true;
        return true;
    case NVME_STATUS:
        end(model, command, model->fault_status, 0, false);
        return true;
    case NVME_COMPLETION_LOST:
        model_move(model, space, command->entry, false);
        command->stalled = command->done = true;
        return true;
    default:
        return false;
    }
}

/* Completes the command that would be done last in its place; this one stays for ever. */
static void swap(struct nvme_model *model, struct model_command *command)
{
    const struct model_command *last = NULL;

    for (unsigned i = 0; i < MODEL_COMMANDS; i++) {
        const struct model_command *other = &model->commands[i];

        if (other->used && !other->admin && other != command && !other->stalled &&
            (last == NULL || other->due_us > last->due_us))
            last = other;
    }
    if (last != NULL)
        post(model, 1, identifier_of(last), 0, 0, false);
    command->stalled = command->done = true;
}

static void do_io(struct nvme_model *model, struct model_command *command)
{
    const uint32_t *entry = command->entry;
    const struct model_namespace *space = model_find(model, entry[1]);
    uint16_t status = check(model, space, entry);
    bool met = status == 0 && meets_fault(model, entry);

    count(model, (uint8_t)entry[0]);
    if (met && do_fault(model, command, space))
        return;
    if (status == 0 && (uint8_t)entry[0] != OP_FLUSH)
        model_move(model, space, entry, met);
    if (met && model->fault == NVME_COMPLETION_SWAPPED) {
        swap(model, command);
        return;
    }
    end(model, command, status, 0, met);
    if (met && model->fault == NVME_COMPLETION_TWICE) {
        model->repeats = true;
        model->repeated = identifier_of(command);
    }
}

static struct model_command *next_due(struct nvme_model *model)
{
    struct model_command *next = NULL;

    for (unsigned i = 0; i < MODEL_COMMANDS; i++) {
        struct model_command *command = &model->commands[i];

        if (command->used && !command->stalled && command->due_us <= model->clock->now_us &&
            (next == NULL || command->due_us < next->due_us))
            next = command;
    }
    return next;
}

static void count_order(struct nvme_model *model, const struct model_command *command)
{
    for (unsigned i = 0; i < MODEL_COMMANDS; i++) {
        const struct model_command *other = &model->commands[i];

        if (other->used && !other->admin && !command->admin &&
            other->sequence < command->sequence) {
            model->out_of_order++;
            return;
        }
    }
}

void model_run_due(struct nvme_model *model)
{
    struct model_command *command;

    while (model->next_due_us <= model->clock->now_us && !model->gone && !model->deaf &&
           (command = next_due(model)) != NULL) {
        count_order(model, command);
        if (command->admin)
            do_admin(model, command);
        else
            do_io(model, command);
    }
    if (model->next_due_us > model->clock->now_us)
        return;
    model->next_due_us = UINT64_MAX;
    for (unsigned i = 0; i < MODEL_COMMANDS; i++) {
        command = &model->commands[i];
        if (command->used && !command->stalled && command->due_us < model->next_due_us)
            model->next_due_us = command->due_us;
    }
}

/* ---- fetching */

/* Completions that belong to no command, before the command that was just taken in is done. */
static void post_strays(struct nvme_model *model, const struct model_command *command)
{
    uint16_t identifier = identifier_of(command);

    if (model->repeats)
        post(model, 1, model->repeated, 0, 0, false);
    model->repeats = false;
    if (model->fault != NVME_COMPLETION_STRAY || model->failed == model->fault_times ||
        !touches_fault(model, command->entry))
        return;
    model->failed++;
    post(model, 1, identifier ^ 0x0100, 0, 0, false);
    post(model, 1, 0x7FFF, 0, 0, false);
}

static void take_in(struct nvme_model *model, unsigned number, const uint8_t *host)
{
    struct model_command *command = NULL;
    unsigned in_flight = 0;
    uint64_t random = model->sequence * 7919ull + model->seed;

    for (unsigned i = 0; i < MODEL_COMMANDS; i++) {
        struct model_command *other = &model->commands[i];

        if (!other->used)
            command = command ? command : other;
        else if (other->admin == (number == 0) && identifier_of(other) == (host[2] | host[3] << 8))
            model_violation(model, "identifier %x is in flight already", identifier_of(other));
        in_flight += other->used && !other->admin;
    }
    if (command == NULL)
        return;
    *command =
        (struct model_command){.used = true, .admin = number == 0, .sequence = model->sequence++};
    memcpy(command->entry, host, sizeof(command->entry));
    command->due_us = model->clock->now_us + model->access_us +
                      (model->spread_us ? prng_below(&random, model->spread_us) : 0);
    if (number == 1 && model->fault == NVME_SLOW && touches_fault(model, command->entry))
        command->due_us += model->fault_us;
    if (command->due_us < model->next_due_us)
        model->next_due_us = command->due_us;
    if (number == 1)
        post_strays(model, command);
    if (number == 1 && in_flight + 1 > model->in_flight_most)
        model->in_flight_most = in_flight + 1;
}

void model_ring(struct nvme_model *model, unsigned number, uint32_t tail)
{
    struct model_queue *queue = &model->queues[number];

    queue->tail = tail;
    while (queue->head != queue->tail) {
        const uint8_t *host =
            model_reach(model, queue->submissions + 64ull * queue->head, 64, false);

        queue->head = (queue->head + 1) % queue->entries;
        if (host != NULL)
            take_in(model, number, host);
    }
}

void model_forget(struct nvme_model *model)
{
    for (unsigned i = 0; i < MODEL_COMMANDS; i++) {
        struct model_command *command = &model->commands[i];
        const struct model_namespace *space = model_find(model, command->entry[1]);

        if (command->used && !command->admin && command->stalled && space != NULL &&
            model->fault == NVME_LATE_DMA)
            model_move(model, space, command->entry, false);
        command->used = false;
    }
}

bool model_uses(struct nvme_model *model, const struct model_region *region)
{
    if (!model->master || model->gone || model->fault == NVME_COMPLETION_SWAPPED)
        return false;
    for (unsigned i = 0; i < MODEL_COMMANDS; i++) {
        const struct model_command *command = &model->commands[i];
        uint64_t first = model_get64(command->entry, 6);

        if (command->used && !command->admin && first >= region->address &&
            first - region->address < region->size)
            return true;
    }
    return false;
}
