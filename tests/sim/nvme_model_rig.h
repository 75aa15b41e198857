/*
 * Assay's NVMe driver on top of the model, for tests.
 */
#ifndef ASSAY_TESTS_SIM_NVME_MODEL_RIG_H
#define ASSAY_TESTS_SIM_NVME_MODEL_RIG_H

#include "disk/nvme/nvme.h"
#include "tests/sim/nvme_model.h"

/* Half a megabyte and more: not for the stack. */
struct nvme_rig {
    struct sim_clock clock;
    struct nvme_model model;
    struct nvme_config config;
    struct nvme_controller controller;
};

/* A healthy model; the test changes it, and then starts the driver. */
void nvme_rig_init(struct nvme_rig *rig, uint64_t seed);
int nvme_rig_start(struct nvme_rig *rig);
/* Stops the driver. NULL when all that was lent is back and the driver did nothing wrong, else what
 * is amiss. */
const char *nvme_rig_stop(struct nvme_rig *rig);
/* Likewise for a driver that did not start. */
const char *nvme_rig_amiss(struct nvme_rig *rig);
/* Whether the buffer holds these blocks as they should be. */
bool nvme_rig_holds(const struct nvme_rig *rig, const struct block_device *device, uint64_t lba,
                    uint32_t blocks, const void *buffer);
/* Polls every step_us until the request is done; false when limit_us is over before. */
bool nvme_rig_wait(struct nvme_rig *rig, const struct block_request *request, uint32_t step_us,
                   uint64_t limit_us);

#endif
