#include "base/bits.h"
#include "base/error.h"
#include "disk/writing/writing_parts.h"

static uint64_t divide_up(uint64_t value, uint64_t by)
{
    return value / by + (value % by != 0);
}

static bool is_range(const struct block_device *device, const struct lba_range *range,
                     uint64_t end_before)
{
    return range->blocks != 0 && range->first >= end_before && range->first < device->block_count &&
           range->blocks <= device->block_count - range->first;
}

int layout_init(struct writing_layout *layout, const struct block_device *device,
                const struct permission *permission)
{
    uint64_t end = 0;

    if (!permission->may_write || permission->range_count == 0 ||
        permission->range_count > PERMISSION_RANGES || device->block_size < STAMP_BLOCK_MIN ||
        device->block_size > STAMP_BLOCK_MAX || WRITING_PIECE_SIZE % device->block_size != 0)
        return ERR_REFUSED;
    *layout = (struct writing_layout){.block_size = device->block_size};
    layout->piece_blocks = WRITING_PIECE_SIZE / device->block_size;
    for (unsigned i = 0; i < permission->range_count; i++) {
        const struct lba_range *range = &permission->ranges[i];
        uint64_t quarter = divide_up(divide_up(range->blocks, layout->piece_blocks), 4);

        if (!is_range(device, range, end))
            return ERR_REFUSED;
        end = range->first + range->blocks;
        if (quarter > WRITING_STRETCH_PIECES)
            quarter = WRITING_STRETCH_PIECES;
        layout->ranges[i] = *range;
        layout->stretch_blocks[i] = (uint32_t)quarter * layout->piece_blocks;
        layout->stretch_count += divide_up(range->blocks, layout->stretch_blocks[i]);
        layout->blocks += range->blocks;
    }
    layout->range_count = permission->range_count;
    while ((uint64_t)1 << layout->bits < layout->stretch_count)
        layout->bits++;
    return OK;
}

bool layout_stretch(const struct writing_layout *layout, uint64_t turn,
                    struct writing_stretch *ret_stretch)
{
    uint64_t number = reverse_bits(turn, layout->bits);

    for (unsigned i = 0; i < layout->range_count; i++) {
        const struct lba_range *range = &layout->ranges[i];
        uint64_t count = divide_up(range->blocks, layout->stretch_blocks[i]);
        uint64_t start = number * layout->stretch_blocks[i], left;

        if (number >= count) {
            number -= count;
            continue;
        }
        left = range->blocks - start;
        ret_stretch->lba = range->first + start;
        ret_stretch->blocks =
            left < layout->stretch_blocks[i] ? (uint32_t)left : layout->stretch_blocks[i];
        ret_stretch->pieces = (uint32_t)divide_up(ret_stretch->blocks, layout->piece_blocks);
        return true;
    }
    return false;
}

/* Of two numbers in a row at most one stands for no stretch. */
uint64_t layout_next(const struct writing_layout *layout, uint64_t turn)
{
    uint64_t all = (uint64_t)1 << layout->bits;

    do {
        turn++;
    } while (turn < all && reverse_bits(turn, layout->bits) >= layout->stretch_count);
    return turn < all ? turn : 0;
}

void layout_piece(const struct writing_layout *layout, const struct writing_stretch *stretch,
                  uint32_t piece, uint64_t *ret_lba, uint32_t *ret_blocks)
{
    uint32_t start = piece * layout->piece_blocks, left = stretch->blocks - start;

    *ret_lba = stretch->lba + start;
    *ret_blocks = left < layout->piece_blocks ? left : layout->piece_blocks;
}

bool layout_contains(const struct writing_layout *layout, uint64_t lba, uint32_t blocks)
{
    for (unsigned i = 0; i < layout->range_count; i++) {
        const struct lba_range *range = &layout->ranges[i];

        if (lba >= range->first && lba - range->first < range->blocks &&
            blocks <= range->blocks - (lba - range->first))
            return true;
    }
    return false;
}
