#include "disk/imaging/tour.h"

#include "base/bits.h"
#include "base/error.h"

int tour_init(struct tour *tour, uint32_t block_size, uint64_t block_count, uint64_t seed)
{
    uint64_t piece_blocks, pieces, quarter;

    if (block_size == 0 || TOUR_PIECE_SIZE % block_size != 0 || block_count == 0 ||
        block_count > UINT64_MAX / block_size)
        return ERR_RANGE;
    piece_blocks = TOUR_PIECE_SIZE / block_size;
    pieces = (block_count - 1) / piece_blocks + 1;
    quarter = (pieces + 3) / 4;
    if (quarter > TOUR_PIECES)
        quarter = TOUR_PIECES;
    *tour = (struct tour){
        .block_size = block_size,
        .piece_blocks = (uint32_t)piece_blocks,
        .block_count = block_count,
        .stretch_blocks = quarter * piece_blocks,
        .stretch_count = (pieces - 1) / quarter + 1,
    };
    tour->offset = seed % tour->stretch_count;
    while (tour->bits < 63 && (uint64_t)1 << tour->bits < tour->stretch_count)
        tour->bits++;
    return OK;
}

/* The next stretch in the order. The numbers go to a power of two: those that stand for no stretch
 * are passed over, of two in a row at most one. */
static uint64_t next_index(struct tour *tour)
{
    uint64_t all = (uint64_t)1 << tour->bits;
    uint64_t index = reverse_bits(tour->turn, tour->bits);

    do {
        tour->turn++;
    } while (tour->turn < all && reverse_bits(tour->turn, tour->bits) >= tour->stretch_count);
    if (tour->turn == all) {
        tour->turn = 0;
        tour->pass++;
    }
    index += tour->offset;
    return index < tour->stretch_count ? index : index - tour->stretch_count;
}

static uint64_t stretch_size(const struct tour *tour, uint64_t index)
{
    uint64_t left = tour->block_count - index * tour->stretch_blocks;

    return left < tour->stretch_blocks ? left : tour->stretch_blocks;
}

uint64_t tour_elsewhere(const struct tour *tour, uint64_t blocks)
{
    uint64_t rest = (tour->block_count - blocks) * tour->block_size;

    return rest < TOUR_ELSEWHERE_SIZE ? rest : TOUR_ELSEWHERE_SIZE;
}

static bool is_due(const struct tour *tour, const struct tour_stretch *stretch)
{
    return tour->moved >=
           stretch->read_until + tour_elsewhere(tour, stretch_size(tour, stretch->index));
}

static struct tour_stretch *newest(struct tour *tour)
{
    return &tour->pending[(tour->oldest + tour->pending_count - 1) % TOUR_PENDING];
}

static void begin_stretch(struct tour *tour)
{
    struct tour_stretch *stretch;
    uint64_t blocks;

    tour->pending_count++;
    stretch = newest(tour);
    stretch->pass = tour->pass;
    stretch->index = next_index(tour);
    blocks = stretch_size(tour, stretch->index);
    stretch->piece_count = (uint32_t)((blocks - 1) / tour->piece_blocks + 1);
    for (uint32_t i = 0; i < TOUR_PIECES; i++)
        stretch->pieces[i] = (struct tour_piece){.state = PIECE_UNKNOWN};
    tour->mode = TOUR_FIRST;
}

static void end_stretch(struct tour *tour)
{
    if (tour->mode == TOUR_FIRST) {
        newest(tour)->read_until = tour->begun;
    } else {
        if (tour->pending[tour->oldest].pass == 0)
            tour->finished++;
        tour->oldest = (tour->oldest + 1) % TOUR_PENDING;
        tour->pending_count--;
    }
    tour->mode = TOUR_CHOOSE;
    tour->next_piece = 0;
}

static void choose(struct tour *tour)
{
    const struct tour_stretch *oldest = &tour->pending[tour->oldest];

    if (tour->pending_count == TOUR_PENDING || (tour->pending_count > 0 && is_due(tour, oldest)))
        tour->mode = TOUR_SECOND;
    else
        begin_stretch(tour);
    tour->next_piece = 0;
}

/* Passes over pieces that get no second reading, to their end at most. */
static void skip_unknown(struct tour *tour)
{
    const struct tour_stretch *stretch = &tour->pending[tour->oldest];

    while (tour->mode == TOUR_SECOND && stretch->pieces[tour->next_piece].state == PIECE_UNKNOWN) {
        tour->next_piece++;
        if (tour->next_piece == stretch->piece_count)
            end_stretch(tour);
    }
}

bool tour_next(struct tour *tour, struct tour_read *ret_read)
{
    struct tour_stretch *stretch;
    uint64_t start, left;

    /* After at most TOUR_PENDING seconds there is a first to read. */
    for (int i = 0; i <= TOUR_PENDING; i++) {
        if (tour->mode == TOUR_CHOOSE)
            choose(tour);
        skip_unknown(tour);
        if (tour->mode != TOUR_CHOOSE)
            break;
    }
    stretch = tour->mode == TOUR_SECOND ? &tour->pending[tour->oldest] : newest(tour);
    if (tour->mode == TOUR_SECOND && stretch->pieces[tour->next_piece].state == PIECE_WAITING)
        return false;
    start = (uint64_t)tour->next_piece * tour->piece_blocks;
    left = stretch_size(tour, stretch->index) - start;
    *ret_read = (struct tour_read){
        .lba = stretch->index * tour->stretch_blocks + start,
        .blocks = left < tour->piece_blocks ? (uint32_t)left : tour->piece_blocks,
        .second = tour->mode == TOUR_SECOND,
        .first_pass = stretch->pass == 0,
        .piece = &stretch->pieces[tour->next_piece],
    };
    return true;
}

void tour_advance(struct tour *tour, uint32_t bytes)
{
    const struct tour_stretch *stretch =
        tour->mode == TOUR_SECOND ? &tour->pending[tour->oldest] : newest(tour);

    tour->begun += bytes;
    tour->next_piece++;
    if (tour->next_piece >= stretch->piece_count)
        end_stretch(tour);
}

void tour_arrived(struct tour *tour, uint32_t bytes)
{
    tour->moved += bytes;
}

void tour_failed(struct tour *tour, uint32_t bytes)
{
    tour->begun -= bytes;
}

void tour_add_elsewhere(struct tour *tour, uint32_t bytes)
{
    tour->begun += bytes;
    tour->moved += bytes;
}

bool tour_is_over(const struct tour *tour)
{
    return tour->finished >= tour->stretch_count;
}
