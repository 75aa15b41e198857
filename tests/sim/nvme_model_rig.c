#include "tests/sim/nvme_model_rig.h"

#include <string.h>

static void count_pause(void *context)
{
    ((struct nvme_model *)context)->pauses++;
}

void nvme_rig_init(struct nvme_rig *rig, uint64_t seed)
{
    nvme_model_init(&rig->model, &rig->clock, seed);
    rig->config = (struct nvme_config){
        .bus = &rig->model.bus,
        .clock = &rig->model.time,
        .number = 7,
        .pause = count_pause,
        .pause_context = &rig->model,
    };
}

int nvme_rig_start(struct nvme_rig *rig)
{
    return nvme_start(&rig->controller, &rig->config);
}

const char *nvme_rig_amiss(struct nvme_rig *rig)
{
    if (rig->model.violations > 0)
        return rig->model.violation;
    if (nvme_model_lent(&rig->model) > 0)
        return "memory or mappings are left";
    if (rig->model.master)
        return "bus mastering is left on";
    return NULL;
}

const char *nvme_rig_stop(struct nvme_rig *rig)
{
    (void)nvme_stop(&rig->controller);
    return nvme_rig_amiss(rig);
}

bool nvme_rig_holds(const struct nvme_rig *rig, const struct block_device *device, uint64_t lba,
                    uint32_t blocks, const void *buffer)
{
    uint32_t nsid = ((const struct nvme_namespace *)device->context)->nsid;
    const uint8_t *at = buffer;
    uint8_t block[4096];

    for (uint32_t i = 0; i < blocks; i++, at += device->block_size) {
        nvme_model_content(&rig->model, nsid, lba + i, block);
        if (memcmp(at, block, device->block_size) != 0)
            return false;
    }
    return true;
}

bool nvme_rig_wait(struct nvme_rig *rig, const struct block_request *request, uint32_t step_us,
                   uint64_t limit_us)
{
    const struct block_device *device = nvme_device(&rig->controller, 0);
    uint64_t start_us = rig->clock.now_us;

    while (!request->done && rig->clock.now_us - start_us < limit_us) {
        device->poll(device->context);
        nvme_model_pass(&rig->model, step_us);
    }
    return request->done;
}
