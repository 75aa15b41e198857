#include <string.h>

#include "base/error.h"
#include "disk/imaging/experiment_parts.h"

enum { PAGE_SIZE = 4096, SECTOR = DIFFERENCE_SECTOR };

/* Writes down how `wrong` differs from what it should hold. False when it does not. */
static bool located(struct experiment *experiment, struct chunk *wrong, const void *right,
                    uint32_t size)
{
    struct event_mismatch *result = &experiment->result;
    struct difference difference;

    if (!difference_find(wrong->data, right, size, &difference))
        return false;
    result->bits = difference.bits < UINT32_MAX ? (uint32_t)difference.bits : UINT32_MAX;
    result->whole_sectors = difference.whole_sectors;
    result->address = wrong->address + difference.first;
    result->bit_mask = difference.mask;
    experiment->wrong = wrong;
    experiment->page = (uint8_t *)wrong->data + difference.first / PAGE_SIZE * PAGE_SIZE;
    experiment->page_address = wrong->address + difference.first / PAGE_SIZE * PAGE_SIZE;
    return true;
}

/* Packs the block as it should be once more and compares with the packed form that was kept. */
static bool located_in_packed(struct experiment *experiment, struct experiment_tools *tools)
{
    const struct packed_block *packed = &experiment->evidence.packed;
    struct chunk *again = experiment_take(experiment, tools);
    uint32_t size;
    bool raw, found;

    if (!again)
        return false;
    size = pack_block(&tools->pack, experiment->right->data, experiment->evidence.size, again->data,
                      &raw);
    found =
        located(experiment, packed->chunk, again->data, size < packed->size ? size : packed->size);
    experiment_forget(experiment, again);
    pool_give(again);
    return found;
}

/* Of the two copies, the one whose hash is still that of the arrival is right. */
static bool located_in_copies(struct experiment *experiment, struct experiment_tools *tools)
{
    const struct difference_evidence *evidence = &experiment->evidence;
    struct chunk *wrong = evidence->copy;

    experiment->right = evidence->read;
    if (evidence->hop != HOP_COPY ||
        (!hash_equal(experiment_hash(experiment, tools, evidence->read), evidence->hash) &&
         hash_equal(experiment_hash(experiment, tools, evidence->copy), evidence->hash))) {
        experiment->right = evidence->copy;
        wrong = evidence->read;
    }
    if (evidence->hop == HOP_ROUND_TRIP && located_in_packed(experiment, tools))
        return true;
    return located(experiment, wrong, experiment->right->data, evidence->size);
}

void experiment_locate(struct experiment *experiment, struct experiment_tools *tools)
{
    const struct difference_evidence *evidence = &experiment->evidence;
    bool found = false;

    if (evidence->compute) {
        experiment_enter(experiment, tools, EXPERIMENT_OVER);
        return;
    }
    if (evidence->hop == HOP_COPY || evidence->hop == HOP_ROUND_TRIP)
        found = located_in_copies(experiment, tools);
    experiment_enter(experiment, tools, found ? EXPERIMENT_PAGE : EXPERIMENT_THIRD);
}

/* Whole sectors differ in what was read: they may be of the read before. */
static void enter_found(struct experiment *experiment, const struct experiment_tools *tools)
{
    const struct difference_evidence *evidence = &experiment->evidence;
    bool older = evidence->arrived && experiment->wrong == evidence->read &&
                 experiment->result.whole_sectors > 0 && evidence->older_blocks > 0;

    experiment_enter(experiment, tools, older ? EXPERIMENT_OLDER : EXPERIMENT_PAGE);
}

/*
 * The first, the second and now a third reading: two that are equal outvote one. Of the first only
 * its hash is left.
 */
static void judge_readings(struct experiment *experiment, struct experiment_tools *tools,
                           struct chunk *third)
{
    const struct difference_evidence *evidence = &experiment->evidence;
    bool found = located(experiment, evidence->read, third->data, evidence->size);

    experiment->right = third;
    if (found)
        enter_found(experiment, tools);
    else if (hash_equal(experiment_hash(experiment, tools, third), evidence->first.hash))
        experiment_enter(experiment, tools, EXPERIMENT_JURY);
    else
        experiment_enter(experiment, tools, EXPERIMENT_SAME);
}

static void judge_third(struct experiment *experiment, struct experiment_tools *tools,
                        struct chunk *third)
{
    const struct difference_evidence *evidence = &experiment->evidence;
    bool found;

    if (evidence->hop == HOP_SECOND_READ) {
        judge_readings(experiment, tools, third);
        return;
    }
    experiment->right = third;
    if (evidence->packed_form)
        found = located_in_packed(experiment, tools);
    else
        found = located(experiment, evidence->read, third->data, evidence->size);
    if (found)
        enter_found(experiment, tools);
    else
        experiment_enter(experiment, tools, EXPERIMENT_JURY);
}

static void judge_same(struct experiment *experiment, struct experiment_tools *tools,
                       struct chunk *same)
{
    if (located(experiment, same, experiment->right->data, experiment->evidence.size))
        experiment_enter(experiment, tools, EXPERIMENT_PAGE);
    else
        experiment_enter(experiment, tools, EXPERIMENT_JURY);
}

/* Is the first wrong sector one of those that were read before? */
static void judge_older(struct experiment *experiment, struct experiment_tools *tools,
                        struct chunk *older)
{
    size_t first = (size_t)(experiment->result.address - experiment->wrong->address);
    const uint8_t *sector = (const uint8_t *)experiment->wrong->data + first / SECTOR * SECTOR;
    size_t size = (size_t)experiment->blocks * experiment->evidence.device->block_size;

    for (size_t i = 0; i < size; i += SECTOR) {
        if (memcmp((const uint8_t *)older->data + i, sector, SECTOR) == 0)
            experiment->result.leftover = true;
    }
    experiment_forget(experiment, older);
    pool_give(older);
    experiment_enter(experiment, tools, EXPERIMENT_PAGE);
}

static void judge_again(struct experiment *experiment, struct experiment_tools *tools,
                        struct chunk *chunk)
{
    uint32_t size = experiment->evidence.size;

    if (experiment->right) {
        experiment->result.again = memcmp(chunk->data, experiment->right->data, size) != 0;
        if (experiment->result.bits == 0)
            located(experiment, chunk, experiment->right->data, size);
    }
    experiment_enter(experiment, tools, EXPERIMENT_OVER);
}

void experiment_judge(struct experiment *experiment, struct experiment_tools *tools,
                      struct chunk *chunk)
{
    switch (experiment->state) {
    case EXPERIMENT_THIRD:
        judge_third(experiment, tools, chunk);
        break;
    case EXPERIMENT_SAME:
        judge_same(experiment, tools, chunk);
        break;
    case EXPERIMENT_OLDER:
        judge_older(experiment, tools, chunk);
        break;
    default:
        judge_again(experiment, tools, chunk);
    }
}
