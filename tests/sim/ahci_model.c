#include "tests/sim/ahci_model.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

const char *const ahci_fault_names[AHCI_FAULTS] = {
    [AHCI_HEALTHY] = "healthy",
    [AHCI_COMPLETION_LOST] = "completion lost",
    [AHCI_WRONG_TAG] = "wrong tag",
    [AHCI_UNUSED_TAG] = "unused tag",
    [AHCI_BUSY_STUCK] = "busy stuck",
    [AHCI_UNC] = "uncorrectable",
    [AHCI_IDNF] = "not found",
    [AHCI_ABRT] = "aborted",
    [AHCI_ICRC] = "interface CRC",
    [AHCI_DF] = "device fault",
    [AHCI_LOG_UNREADABLE] = "log unreadable",
    [AHCI_LOG_CORRUPT] = "log corrupt",
    [AHCI_LOG_WRONG_TAG] = "log names a wrong tag",
    [AHCI_GOES_ON] = "goes on after an error",
    [AHCI_QUIET_ERROR] = "quiet error",
    [AHCI_HALF_DMA] = "half of the DMA",
    [AHCI_DATA_CHANGES] = "data changes",
    [AHCI_STALE_DATA] = "stale data",
    [AHCI_CI_LATE] = "PxCI late",
    [AHCI_CRC_STORM] = "CRC storm",
    [AHCI_INTERFACE] = "interface error",
    [AHCI_LINK_DROPS] = "link drops",
    [AHCI_LINK_LOST] = "link lost",
    [AHCI_EXCHANGED] = "drive exchanged",
    [AHCI_DRIVE_DEAD] = "drive dead",
    [AHCI_HBA_VANISHES] = "controller vanishes",
    [AHCI_STOP_STUCK] = "stop stuck",
};

enum {
    STOP_US = 30,   /* until CR and FR fall */
    LINK_US = 8000, /* from the end of COMRESET to the first FIS */
    CR = 1 << 15,
    FR = 1 << 14,
    FRE = 1 << 4,
    SUD = 1 << 1,
    ST = 1,
};

#define SERR_LINK (1u << 16 | 1u << 26)
#define IS_LINK (1u << 22 | 1u << 6)

static int master(void *context, bool on)
{
    struct ahci_model *model = context;

    model->master = on;
    return OK;
}

static uint32_t config32(void *context, enum bus_end end, uint32_t offset)
{
    (void)context;
    (void)end;
    (void)offset;
    return UINT32_MAX;
}

static uint32_t capabilities(const struct ahci_model *model)
{
    return (MODEL_PORTS - 1) | (model->slots - 1u) << 8 | 3u << 20 | 1u << 30 |
           (model->staggered ? 1u << 27 : 0) | (model->wide ? 1u << 31 : 0);
}

static uint32_t read_port(const struct model_port *port, uint32_t offset)
{
    switch (offset) {
    case 0x00:
    case 0x04:
        return port->clb[offset / 4];
    case 0x08:
    case 0x0C:
        return port->fb[offset / 4 - 2];
    case 0x10:
        return port->is;
    case 0x14:
        return port->ie;
    case 0x18:
        return port->cmd;
    case 0x20:
        return port->tfd;
    case 0x24:
        return port->sig;
    case 0x28:
        return port->det == 3 ? 0x133 : port->det;
    case 0x2C:
        return port->sctl;
    case 0x30:
        return port->serr;
    case 0x34:
        return port->sact;
    case 0x38:
        return port->ci;
    default:
        return 0;
    }
}

static uint32_t read32(void *context, uint32_t offset)
{
    struct ahci_model *model = context;

    model->register_reads++;
    sim_clock_pass(model->clock, 1);
    ahci_model_run(model);
    if (model->vanished)
        return UINT32_MAX;
    if (offset >= 0x100 && offset < 0x100 + MODEL_PORTS * 0x80)
        return read_port(&model->ports[(offset - 0x100) / 0x80], offset % 0x80);
    switch (offset) {
    case 0x00:
        return capabilities(model);
    case 0x04:
        return model->ghc;
    case 0x0C:
        return (1 << MODEL_PORTS) - 1;
    case 0x10:
        return 0x00010301;
    case 0x24:
        return model->hands_off ? 1 : 0;
    case 0x28:
        return model->bohc;
    default:
        return 0;
    }
}

static void drop_commands(struct model_port *port)
{
    for (unsigned i = 0; i < MODEL_SLOTS; i++)
        port->commands[i].active = false;
}

static void clear_engine(struct model_port *port)
{
    port->ci = port->sact = 0;
    port->halted = false;
}

/* What the drive and the link are after COMRESET, or when the controller was reset. */
static void start_link(struct ahci_model *model, struct model_port *port)
{
    drop_commands(port);
    port->queue_error = port->stuck = false;
    port->tfd = 0x7F;
    port->sig = UINT32_MAX;
    port->ready_us = model->clock->now_us + LINK_US;
}

static void write_sctl(struct ahci_model *model, struct model_port *port, uint32_t value)
{
    if ((value & 0xF) == 1) {
        port->comresets++;
        if (port->cmd & ST)
            ahci_model_violation(model, "COMRESET with ST set");
        port->ready_us = 0;
        port->det = 0;
    } else if ((port->sctl & 0xF) == 1) {
        start_link(model, port);
    }
    port->sctl = value;
}

static void check_start(struct ahci_model *model, const struct model_port *port)
{
    if (!(port->cmd & FRE))
        ahci_model_violation(model, "ST set without FRE");
    if (port->cmd & CR)
        ahci_model_violation(model, "ST set while CR is set");
    if (port->tfd & 0x88 || port->det != 3)
        ahci_model_violation(model, "ST set with a drive that is not ready");
}

static void write_cmd(struct ahci_model *model, struct model_port *port, uint32_t value)
{
    uint32_t cmd = port->cmd;

    if (value & ST && !(cmd & ST)) {
        check_start(model, port);
        port->cmd |= CR;
    }
    if (!(value & ST) && cmd & ST) {
        clear_engine(port);
        port->stopped_us = model->clock->now_us + STOP_US;
    }
    if (value & FRE && !(cmd & FRE))
        port->cmd |= FR;
    if (!(value & FRE) && cmd & FRE) {
        if (cmd & (ST | CR))
            ahci_model_violation(model, "FRE cleared while commands run");
        port->cmd &= ~(uint32_t)FR;
    }
    if (value & SUD && !(cmd & SUD) && port->det == 0 && model->staggered)
        start_link(model, port);
    port->cmd = (port->cmd & (CR | FR)) | (value & ~(uint32_t)(CR | FR));
    if (value & FRE && !(cmd & FRE))
        ahci_model_first_fis(model, port);
}

static void write_address(struct ahci_model *model, struct model_port *port, uint32_t *address,
                          uint32_t value)
{
    if (port->cmd & (CR | FR))
        ahci_model_violation(model, "an address changed while the port runs");
    *address = value;
}

static void write_sact(struct ahci_model *model, struct model_port *port, uint32_t value)
{
    if (port->sact & value)
        ahci_model_violation(model, "a tag used again before it was done");
    if (port->cmd & ST)
        port->sact |= value;
}

static void write_port(struct ahci_model *model, struct model_port *port, uint32_t offset,
                       uint32_t value)
{
    switch (offset) {
    case 0x00:
    case 0x04:
        write_address(model, port, &port->clb[offset / 4], value);
        break;
    case 0x08:
    case 0x0C:
        write_address(model, port, &port->fb[offset / 4 - 2], value);
        break;
    case 0x10:
        port->is &= ~value;
        break;
    case 0x14:
        port->ie = value;
        break;
    case 0x18:
        write_cmd(model, port, value);
        break;
    case 0x2C:
        write_sctl(model, port, value);
        break;
    case 0x30:
        port->serr &= ~value;
        break;
    case 0x34:
        write_sact(model, port, value);
        break;
    case 0x38:
        ahci_model_issue(model, port, value);
        break;
    default:
        ahci_model_violation(model, "a write to a register that is not to be written");
    }
}

static void reset_controller(struct ahci_model *model)
{
    model->ghc = 0;
    for (unsigned i = 0; i < MODEL_PORTS; i++) {
        struct model_port *port = &model->ports[i];

        clear_engine(port);
        port->cmd = 0;
        port->stop_stuck = false;
        port->is = port->ie = port->serr = 0;
        port->det = 0;
        if (port->signature != 0 && !model->staggered)
            start_link(model, port);
    }
    model->stop_needs_reset = false;
}

static void write32(void *context, uint32_t offset, uint32_t value)
{
    struct ahci_model *model = context;

    model->register_writes++;
    sim_clock_pass(model->clock, 1);
    ahci_model_run(model);
    if (model->vanished)
        return;
    if (offset >= 0x100 && offset < 0x100 + MODEL_PORTS * 0x80) {
        write_port(model, &model->ports[(offset - 0x100) / 0x80], offset % 0x80, value);
    } else if (offset == 0x04) {
        model->ghc = value & 0x80000002;
        if (value & 1)
            reset_controller(model);
        if (value & 2)
            ahci_model_violation(model, "interrupts switched on");
    } else if (offset == 0x28) {
        model->bohc |= value & 2;
        if (!model->firmware_stuck)
            model->bohc &= ~1u;
    } else if (offset != 0x08) {
        ahci_model_violation(model, "a write to a register that is not to be written");
    }
}

/* A link that is to be up at a certain time, and an engine that is to stand still. */
static void run_link(struct ahci_model *model, struct model_port *port)
{
    uint64_t now_us = model->clock->now_us;
    bool stays = port->stop_stuck || model->stop_needs_reset;

    if (!(port->cmd & ST) && port->cmd & CR && now_us >= port->stopped_us && !stays)
        port->cmd &= ~(uint32_t)CR;
    if (port->back_us != 0 && now_us >= port->back_us) {
        port->back_us = 0;
        start_link(model, port);
    }
    if (port->ready_us == 0 || now_us < port->ready_us || port->back_us != 0 ||
        port->signature == 0)
        return;
    port->ready_us = 0;
    port->det = 3;
    port->serr |= SERR_LINK;
    port->is |= IS_LINK;
    ahci_model_first_fis(model, port);
}

void ahci_model_run(struct ahci_model *model)
{
    for (unsigned i = 0; i < MODEL_PORTS && !model->vanished; i++) {
        run_link(model, &model->ports[i]);
        ahci_model_run_drive(model, &model->ports[i]);
    }
}

struct model_port *ahci_model_attach(struct ahci_model *model, unsigned number, uint32_t block_size,
                                     uint64_t block_count, bool queued)
{
    struct model_port *port = &model->ports[number];

    memset(port, 0, sizeof(*port));
    port->signature = 0x00000101;
    port->block_size = block_size;
    port->block_count = block_count;
    port->large_lba = true;
    port->queued = queued;
    port->depth = 32;
    port->name = "MODEL DISK";
    port->serial = "M-0001";
    port->seed = 1000 + number;
    port->service_us = 100;
    port->away_us = 2000000;
    port->det = 3;
    port->tfd = 0x50;
    port->sig = port->signature;
    return port;
}

void ahci_model_init(struct ahci_model *model, struct sim_clock *clock)
{
    memset(model, 0, sizeof(*model));
    model->clock = clock;
    model->wide = true;
    model->slots = 32;
    model->random = 1;
    model->bus = (struct bus){
        .context = model,
        .read32 = read32,
        .write32 = write32,
        .config32 = config32,
        .master = master,
    };
    ahci_model_lend(model);
    ahci_model_attach(model, 1, 512, 1 << 24, true);
}

void ahci_model_end(struct ahci_model *model)
{
    if (model->master)
        ahci_model_violation(model, "bus mastering left on");
    for (unsigned i = 0; i < MODEL_PORTS && !model->vanished; i++) {
        if (model->ports[i].cmd & (ST | FRE) && !model->ports[i].stop_stuck)
            ahci_model_violation(model, "a port left running");
    }
    for (unsigned i = 0; i < MODEL_REGIONS; i++) {
        if (!model->regions[i].live)
            continue;
        ahci_model_violation(model, model->regions[i].mapped ? "a buffer never taken back"
                                                             : "memory never given back");
        free(model->regions[i].data);
        model->regions[i].live = false;
    }
}
