#include "disk/search.h"

#include "base/error.h"
#include "base/prng.h"
#include "disk/canary.h"
#include "disk/status.h"

struct search {
    struct disk_reader *reader;
    uint64_t lba; /* of the first block in buffer */
    uint64_t end;
    uint8_t *buffer;
    uint64_t start_us; /* of the search */
    uint64_t place_us; /* of the search for this place */
    bool some_good;    /* a block of the drive was read well since */
    bool gone;
};

static uint8_t *buffer_at(const struct search *search, uint64_t lba)
{
    return search->buffer + (lba - search->lba) * search->reader->device->block_size;
}

static struct attempt read_piece(struct search *search, uint64_t lba, uint32_t blocks)
{
    struct disk_reader *reader = search->reader;
    struct attempt attempt;

    if (reader->pause != NULL)
        reader->pause(reader->pause_context);
    attempt = reader_attempt(reader, lba, blocks, buffer_at(search, lba));
    if (attempt.error == OK)
        search->some_good = true;
    if (attempt.error == ERR_GONE)
        search->gone = true;
    return attempt;
}

static bool out_of_time(const struct search *search)
{
    uint64_t now_us = clock_now_us(search->reader->clock);

    return search->gone || now_us - search->place_us >= READER_NARROW_US;
}

/* Whether the rest of the request may be looked into as well. */
static bool may_go_on(const struct search *search)
{
    const struct disk_reader *reader = search->reader;

    return !reader->given_up && clock_now_us(reader->clock) - search->start_us < READER_REQUEST_US;
}

/* Reads the failed range in pieces up to the first that fails, which takes its place. False when
 * there is none, or no time. */
static bool narrow_once(struct search *search, struct bad_place *place)
{
    uint64_t lba = place->failed.lba;
    uint32_t blocks = place->failed.blocks;
    uint32_t piece = (blocks + READER_PIECES - 1) / READER_PIECES;

    for (uint32_t at = 0; at < blocks; at += piece) {
        struct attempt attempt;

        if (out_of_time(search)) {
            place->cut = true;
            return false;
        }
        attempt = read_piece(search, lba + at, piece < blocks - at ? piece : blocks - at);
        if (attempt.error != OK) {
            place->failed = attempt;
            return true;
        }
    }
    place->passing = true;
    return false;
}

/* Each round leaves a sixteenth, so there are few. When time ran out over timeouts it is somewhere
 * in the whole range: a bus that has timed out once may do so at the next good block. */
static void narrow(struct search *search, struct bad_place *place)
{
    struct attempt whole = place->failed;

    while (place->failed.blocks > 1 && narrow_once(search, place))
        ;
    if (place->cut && place->failed.error == ERR_TIMEOUT)
        place->failed = whole;
    place->lba = place->failed.lba;
    place->blocks = place->failed.blocks;
    if (place->passing && place->failed.error == ERR_STALE) {
        place->lba += place->failed.left_first;
        place->blocks = place->failed.left_last - place->failed.left_first + 1;
    }
}

/* Reads by the drive's own command. False when there is none for these blocks. */
static bool ask(struct search *search, struct bad_place *place)
{
    struct disk_reader *reader = search->reader;
    const struct block_device *device = reader->device;
    uint8_t *buffer = buffer_at(search, place->lba);
    size_t first, last;
    int error;

    if (device->ask == NULL)
        return false;
    if (reader->pause != NULL)
        reader->pause(reader->pause_context);
    reader->canary_seed = prng_next(&reader->seed);
    canary_stamp(buffer, place->failed.size, reader->canary_seed);
    error = device->ask(device->context, place->lba, place->blocks, buffer, &place->status);
    if (error == ERR_UNSUPPORTED || error == ERR_RANGE)
        return false;
    place->has_status = error == OK;
    search->gone = search->gone || error == ERR_GONE;
    place->again = error != OK || !status_is_good(&place->status) ||
                   canary_left(buffer, place->failed.size, reader->canary_seed, &first, &last) != 0;
    return true;
}

/* Fills `again` and, where the drive can be asked, its status. */
static void look_again(struct search *search, struct bad_place *place)
{
    if (!place->passing && !search->gone && !ask(search, place))
        place->again = read_piece(search, place->lba, place->blocks).error != OK;
}

/* Counts the blocks that are bad behind a single one that is bad for good. */
static void measure(struct search *search, struct bad_place *place)
{
    uint64_t limit = search->end - place->lba;

    if (place->blocks != 1 || !place->again)
        return;
    if (limit > READER_EXTENT_MAX)
        limit = READER_EXTENT_MAX;
    while (place->blocks < limit && !out_of_time(search) &&
           read_piece(search, place->lba + place->blocks, 1).error != OK)
        place->blocks++;
}

/* Whether the drive reads at all: something of this request, or a block far from it, for which the
 * place of lost data in the buffer will do. One that read well before, and nowhere any more, has
 * left. */
static void look_elsewhere(struct search *search, struct bad_place *place)
{
    enum { PARTS = 4 };
    uint64_t count = search->reader->device->block_count;
    uint8_t *scratch = buffer_at(search, place->lba);
    bool asked = false;

    for (uint64_t i = 1; i < PARTS && place->again && !search->some_good && !search->gone &&
                         count >= PARTS && !(asked && out_of_time(search));
         i++) {
        uint64_t lba = (place->lba + count / PARTS * i) % count;

        asked = true;
        search->some_good = reader_attempt(search->reader, lba, 1, scratch).error == OK;
    }
    place->others_read = search->some_good;
    if (asked && !search->some_good && search->reader->has_read && place->failed.error != ERR_STALE)
        search->gone = true;
}

static void emit_place(const struct search *search, const struct bad_place *place)
{
    struct event event = {.type = EVENT_DISK_ERROR};
    struct text text = text_in(event.disk_error.status, sizeof(event.disk_error.status));

    event.disk_error.part = search->reader->device->part;
    event.disk_error.fault = (uint8_t)bad_place_fault(place);
    event.disk_error.lba = place->lba;
    event.disk_error.blocks = place->blocks;
    event.disk_error.again = place->again;
    bad_place_text(place, &text);
    emit(search->reader->sink, &event);
}

static void count_failure(const struct search *search)
{
    struct disk_reader *reader = search->reader;

    reader->failures++;
    reader->given_up = search->gone || reader->failures >= READER_FAILURES_MAX;
    if (search->gone)
        emit_not_tested(reader->sink, "disk", reader->device->part, true, "the drive has left");
    else if (reader->given_up)
        emit_not_tested(reader->sink, "disk", reader->device->part, true,
                        "the drive has given %u errors and is read no further, for it may hold "
                        "the only copy",
                        reader->failures);
}

/* Finds the first bad place in a failed range and tells of it. */
static struct bad_place find_place(struct search *search, const struct attempt *failed)
{
    struct bad_place place = {.failed = *failed};

    search->place_us = clock_now_us(search->reader->clock);
    narrow(search, &place);
    look_again(search, &place);
    measure(search, &place);
    look_elsewhere(search, &place);
    place.gone = search->gone;
    emit_place(search, &place);
    count_failure(search);
    return place;
}

/* The first block behind all that is settled with a place. */
static uint64_t behind(const struct bad_place *place)
{
    return place->passing ? place->failed.lba + place->failed.blocks : place->lba + place->blocks;
}

int reader_search(struct disk_reader *reader, const struct attempt *failed, void *buffer)
{
    struct search search = {
        .reader = reader,
        .lba = failed->lba,
        .end = failed->lba + failed->blocks,
        .buffer = buffer,
        .start_us = clock_now_us(reader->clock),
        .gone = failed->error == ERR_GONE,
    };
    struct attempt rest = *failed;
    int result = OK;

    for (unsigned places = 0; places < READER_PLACES_MAX; places++) {
        struct bad_place place = find_place(&search, &rest);
        uint64_t next = behind(&place);

        if (search.gone)
            return ERR_GONE;
        if (place.again && result == OK)
            result = place.failed.error;
        if (next == search.end)
            return result;
        if (!may_go_on(&search))
            break;
        rest = read_piece(&search, next, (uint32_t)(search.end - next));
        if (rest.error == OK)
            return result;
    }
    return result != OK ? result : rest.error;
}
