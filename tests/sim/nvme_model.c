#include "tests/sim/nvme_model.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/prng.h"
#include "tests/sim/nvme_model_parts.h"

#define HANGS_US 3600000000u

const char *const nvme_fault_names[NVME_FAULTS] = {
    [NVME_HEALTHY] = "healthy",
    [NVME_COMPLETION_LOST] = "completion lost",
    [NVME_COMPLETION_STRAY] = "completion stray",
    [NVME_COMPLETION_TWICE] = "completion twice",
    [NVME_COMPLETION_SWAPPED] = "completion swapped",
    [NVME_COMPLETION_WRONG_QUEUE] = "completion of a wrong queue",
    [NVME_COMPLETION_WRONG_HEAD] = "completion with a wrong head",
    [NVME_PHASE_STUCK] = "phase stuck",
    [NVME_STALLS] = "stalls",
    [NVME_STALLS_NO_ABORT] = "stalls, no abort",
    [NVME_STALLS_ABORT_DEAF] = "stalls, abort deaf",
    [NVME_LATE_DMA] = "late DMA",
    [NVME_RESET_FAILS] = "reset fails",
    [NVME_RESET_STUCK] = "reset stuck",
    [NVME_FATAL] = "fatal",
    [NVME_VANISHES] = "vanishes",
    [NVME_STATUS] = "status",
    [NVME_DMA_HALF] = "DMA half",
    [NVME_DMA_NONE] = "DMA none",
    [NVME_BIT_FLIP] = "bit flip",
    [NVME_BLOCK_DIFFERS] = "block differs",
    [NVME_STALE_DATA] = "stale data",
    [NVME_SLOW] = "slow",
    [NVME_ADMIN_DEAF] = "admin deaf",
    [NVME_ABSENT] = "absent",
    [NVME_READY_NEVER] = "ready never",
    [NVME_READY_FATAL] = "ready fatal",
    [NVME_READY_STUCK] = "ready stuck",
    [NVME_IDENTIFY_GARBAGE] = "identify garbage",
    [NVME_IDENTIFY_EMPTY] = "identify empty",
    [NVME_IDENTIFY_FAILS] = "identify fails",
    [NVME_QUEUES_REFUSED] = "queues refused",
};

void model_violation(struct nvme_model *model, const char *format, ...)
{
    va_list arguments;

    if (model->violations++ > 0)
        return;
    va_start(arguments, format);
    vsnprintf(model->violation, sizeof(model->violation), format, arguments);
    va_end(arguments);
}

/* ---- the state of the controller */

static bool reset_is_stuck(const struct nvme_model *model)
{
    return model->fault == NVME_READY_STUCK ||
           (model->fault == NVME_RESET_STUCK && model->failed > 0);
}

static bool ready_never_comes(const struct nvme_model *model)
{
    return model->fault == NVME_READY_NEVER ||
           (model->fault == NVME_RESET_FAILS && model->failed > 0);
}

static void become_ready(struct nvme_model *model)
{
    if (model->fault == NVME_READY_FATAL)
        model->csts |= CSTS_CFS;
    if (model->fault == NVME_READY_FATAL || ready_never_comes(model))
        return;
    if ((model->cc >> 7 & 0xF) != 0 || (model->cc >> 4 & 7) != 0 || (model->cc >> 16 & 0xF) != 6 ||
        (model->cc >> 20 & 0xF) != 4)
        model_violation(model, "enabled with CC %08x", model->cc);
    memset(model->queues, 0, sizeof(model->queues));
    model->queues[0] = (struct model_queue){
        .submissions = model->asq,
        .completions = model->acq,
        .entries = (model->aqa & 0xFFF) + 1,
        .completion_entries = (model->aqa >> 16 & 0xFFF) + 1,
        .phase = true,
    };
    model->csts = CSTS_RDY;
    model->ever_enabled = true;
}

static void become_disabled(struct nvme_model *model)
{
    if (reset_is_stuck(model))
        return;
    model_forget(model);
    model->csts = 0;
    model->deaf = false;
    model->resets++;
}

static void turn(struct nvme_model *model)
{
    if (!model->turning || model->clock->now_us < model->turn_us)
        return;
    model->turning = false;
    if (model->cc & CC_EN)
        become_ready(model);
    else
        become_disabled(model);
}

static void advance(struct nvme_model *model)
{
    if (model->advancing)
        return;
    model->advancing = true;
    model_run_due(model);
    turn(model);
    model->advancing = false;
}

void nvme_model_pass(struct nvme_model *model, uint64_t duration_us)
{
    sim_clock_pass(model->clock, duration_us);
    if (model->clock->now_us - model->made_us > HANGS_US) {
        fprintf(stderr, "nvme_model: somebody waits for ever\n");
        abort();
    }
    advance(model);
}

/* ---- the clock seam */

static uint64_t model_now_us(void *context)
{
    struct nvme_model *model = context;

    nvme_model_pass(model, 1);
    return model->clock->now_us;
}

static void model_wait_us(void *context, uint32_t duration_us)
{
    nvme_model_pass(context, duration_us);
}

/* ---- registers */

static void write_cc(struct nvme_model *model, uint32_t value)
{
    uint32_t changed = model->cc ^ value;

    model->cc = value;
    if (value >> 14 & 3) {
        model->shut_down = true;
        model->csts |= 2 << 2;
        if (model->queues[1].submissions)
            model_violation(model, "shut down with queues");
    }
    if (!(changed & CC_EN))
        return;
    if (value & CC_EN && model->csts & CSTS_RDY)
        model_violation(model, "enabled while it is still ready");
    if (value & CC_EN && !model->master)
        model_violation(model, "enabled without bus mastering");
    model->turning = true;
    model->turn_us = model->clock->now_us + model->ready_us;
}

static bool is_gone(const struct nvme_model *model)
{
    return model->gone || model->fault == NVME_ABSENT;
}

static void set_half(uint64_t *value, bool upper, uint32_t half)
{
    *value = upper ? (*value & UINT32_MAX) | (uint64_t)half << 32
                   : (*value & ~(uint64_t)UINT32_MAX) | half;
}

static void write_doorbell(struct nvme_model *model, uint32_t offset, uint32_t value)
{
    uint32_t stride = 4u << model->dstrd;
    uint32_t index = (offset - 0x1000) / stride;
    struct model_queue *queue = &model->queues[index / 2 % 2];

    model->doorbells++;
    if ((offset - 0x1000) % stride != 0 || index >= 4 || !queue->submissions ||
        value >= (index % 2 ? queue->completion_entries : queue->entries)) {
        model_violation(model, "doorbell at %x with %x", offset, value);
        return;
    }
    if (!(model->csts & CSTS_RDY) || !(model->cc & CC_EN)) {
        model_violation(model, "doorbell of a disabled controller");
        return;
    }
    if (index % 2)
        queue->completion_head = value;
    else
        model_ring(model, index / 2, value);
}

static void model_write32(void *context, uint32_t offset, uint32_t value)
{
    struct nvme_model *model = context;

    nvme_model_pass(model, 1);
    if (is_gone(model))
        return;
    if (offset >= 0x24 && offset < 0x38 && (model->cc & CC_EN || model->csts & CSTS_RDY))
        model_violation(model, "register %x written while enabled", offset);
    switch (offset) {
    case 0x0C:
        model->intms |= value;
        break;
    case 0x14:
        write_cc(model, value);
        break;
    case 0x24:
        model->aqa = value;
        break;
    case 0x28:
    case 0x2C:
        set_half(&model->asq, offset == 0x2C, value);
        break;
    case 0x30:
    case 0x34:
        set_half(&model->acq, offset == 0x34, value);
        break;
    default:
        if (offset < 0x1000)
            model_violation(model, "register %x written", offset);
        else
            write_doorbell(model, offset, value);
    }
}

static uint32_t model_read32(void *context, uint32_t offset)
{
    struct nvme_model *model = context;

    nvme_model_pass(model, 1);
    model->register_reads++;
    if (is_gone(model))
        return UINT32_MAX;
    switch (offset) {
    case 0x00:
        return model->mqes | 1u << 16 | (uint32_t)model->ready_units << 24;
    case 0x04:
        return model->dstrd | 1u << 5 | (uint32_t)model->mpsmin << 16;
    case 0x08:
        return 0x00010400;
    case 0x14:
        return model->cc;
    case 0x1C:
        return model->csts;
    default:
        model_violation(model, "register %x read", offset);
        return 0;
    }
}

static uint32_t model_config32(void *context, enum bus_end end, uint32_t offset)
{
    struct nvme_model *model = context;
    const uint32_t *space = end == BUS_PORT ? model->port_config : model->function_config;

    if (offset % 4 != 0 || offset >= 256) {
        model_violation(model, "configuration space at %x", offset);
        return UINT32_MAX;
    }
    return model->gone && end == BUS_FUNCTION ? UINT32_MAX : space[offset / 4];
}

static int model_master(void *context, bool on)
{
    struct nvme_model *model = context;

    model->master = on;
    return 0;
}

/* ---- making one */

static void init_config(uint32_t *space, uint32_t type, uint32_t generation, uint32_t width)
{
    space[0] = 0x00101B36;
    space[1] = 1 << 20;
    space[0x34 / 4] = 0x40;
    space[0x40 / 4] = 0x60 << 8 | 0x11; /* MSI-X first */
    space[0x60 / 4] = 0x10 | type << 20;
    space[0x6C / 4] = generation | width << 4;
    space[0x70 / 4] = (generation | width << 4) << 16;
}

void nvme_model_init(struct nvme_model *model, struct sim_clock *clock, uint64_t seed)
{
    memset(model, 0, sizeof(*model));
    model->clock = clock;
    model->seed = seed;
    model->made_us = clock->now_us;
    model->fault_blocks = 1;
    model->fault_us = 1000000;
    model->mqes = 1023;
    model->mdts = 5;
    model->ready_units = 20;
    model->ready_us = 3000;
    model->access_us = 80;
    model->spread_us = 200;
    model->namespace_count = 2;
    model->namespace_number = 2;
    model->write_cache = true;
    model->self_tests = true;
    model->error_entries = 63;
    model->namespaces[0] =
        (struct model_namespace){.nsid = 1, .block_size = 512, .blocks = 1 << 22};
    model->namespaces[1] =
        (struct model_namespace){.nsid = 2, .block_size = 4096, .blocks = 1 << 20, .format = 1};
    init_config(model->function_config, 0, 4, 4);
    init_config(model->port_config, 4, 5, 8);
    model->next_address = 0x7300000000;
    model->bus = (struct bus){
        .context = model,
        .read32 = model_read32,
        .write32 = model_write32,
        .config32 = model_config32,
        .master = model_master,
    };
    model_memory_seam(model);
    model->time =
        (struct clock){.context = model, .now_us = model_now_us, .wait_us = model_wait_us};
}

unsigned nvme_model_lent(const struct nvme_model *model)
{
    unsigned count = 0;

    for (unsigned i = 0; i < MODEL_REGIONS; i++)
        count += model->regions[i].used;
    return count;
}

unsigned nvme_model_in_flight(const struct nvme_model *model)
{
    unsigned count = 0;

    for (unsigned i = 0; i < MODEL_COMMANDS; i++)
        count += model->commands[i].used;
    return count;
}
