/* The inside of the NVMe model. */
#ifndef ASSAY_TESTS_SIM_NVME_MODEL_PARTS_H
#define ASSAY_TESTS_SIM_NVME_MODEL_PARTS_H

#include "tests/sim/nvme_model.h"

enum {
    MODEL_PAGE = 4096,
    MODEL_DATA_MAX = 1 << 20, /* of a command */
    MODEL_READ = 2,
    CC_EN = 1,
    CSTS_RDY = 1,
    CSTS_CFS = 2,
};

static inline uint64_t model_get64(const uint32_t *entry, unsigned dword)
{
    return entry[dword] | (uint64_t)entry[dword + 1] << 32;
}

__attribute__((format(printf, 2, 3))) void model_violation(struct nvme_model *model,
                                                           const char *format, ...);

/* nvme_model_memory.c */
void model_memory_seam(struct nvme_model *model);
/* Where the device's accesses of `size` bytes at an address go; NULL, and counted, for memory that
 * is not lent or not in this direction. */
uint8_t *model_reach(struct nvme_model *model, uint64_t address, size_t size, bool writes);

/* nvme_model_command.c */
void model_ring(struct nvme_model *model, unsigned queue, uint32_t tail);
void model_run_due(struct nvme_model *model);
/* At the end of a disable: commands in flight are forgotten. */
void model_forget(struct nvme_model *model);
/* Whether a command that is not ended uses memory of this region. */
bool model_uses(struct nvme_model *model, const struct model_region *region);

/* nvme_model_admin.c: gives the status. `ret_value` is dword 0 of the completion. */
uint16_t model_admin(struct nvme_model *model, const uint32_t *entry, uint32_t *ret_value);
/* nvme_model_data.c */
/* NULL when there is none of this number. */
const struct model_namespace *model_find(const struct nvme_model *model, uint32_t nsid);
/* Copies to the host's pages of a command. */
void model_give(struct nvme_model *model, const uint32_t *entry, const uint8_t *data, size_t size);
/* Moves the data of a read or write; `met`: as the fault has it. */
void model_move(struct nvme_model *model, const struct model_namespace *space,
                const uint32_t *entry, bool met);

#endif
