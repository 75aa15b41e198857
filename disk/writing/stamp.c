#include "disk/writing/stamp.h"

#include <string.h>

#include "base/hash.h"
#include "base/prng.h"

enum {
    WORD_MAGIC,
    WORD_RUN,
    WORD_LBA,
    WORD_GENERATION, /* 56 bits, and the line's number below them */
    WORD_PAYLOAD,
    WORD_HASH = 7,
    WORDS = 8,
};

#define MAGIC 0x6B6C42796173734Eu

struct line {
    uint64_t words[WORDS];
};

_Static_assert(sizeof(struct line) == STAMP_LINE, "a line has no holes");

/* What a line is, seen from where it stands. */
enum line_kind { LINE_OF_HERE, LINE_ELSEWHERE, LINE_FOREIGN };

static uint64_t hash_line(const struct line *line)
{
    return hash_block(line, sizeof(line->words) - sizeof(line->words[WORD_HASH])).low;
}

static struct line make_line(uint64_t lba, uint32_t number, struct stamp stamp)
{
    struct line line = {{MAGIC, stamp.run, lba, stamp.generation << 8 | number}};
    uint64_t state = mix64(stamp.run ^ mix64(lba ^ mix64(line.words[WORD_GENERATION])));

    for (unsigned i = WORD_PAYLOAD; i < WORD_HASH; i++)
        line.words[i] = prng_next(&state);
    line.words[WORD_HASH] = hash_line(&line);
    return line;
}

static struct line line_at(const void *block, uint32_t number)
{
    struct line line;

    memcpy(&line, (const uint8_t *)block + (size_t)number * STAMP_LINE, sizeof(line));
    return line;
}

static struct stamp stamp_of(const struct line *line)
{
    return (struct stamp){line->words[WORD_RUN], line->words[WORD_GENERATION] >> 8};
}

static bool is_of(const struct line *line, struct stamp stamp)
{
    struct stamp own = stamp_of(line);

    return own.run == stamp.run && own.generation == stamp.generation;
}

static enum line_kind kind_of(const struct line *line, uint64_t lba, uint32_t number)
{
    if (line->words[WORD_MAGIC] != MAGIC || hash_line(line) != line->words[WORD_HASH])
        return LINE_FOREIGN;
    if (line->words[WORD_LBA] != lba || (line->words[WORD_GENERATION] & 0xFF) != number)
        return LINE_ELSEWHERE;
    return LINE_OF_HERE;
}

static bool is_good(const struct line *line, uint64_t lba, uint32_t number, struct stamp stamp)
{
    return kind_of(line, lba, number) == LINE_OF_HERE && is_of(line, stamp);
}

void stamp_fill(void *buffer, uint32_t block_size, uint64_t lba, uint32_t blocks,
                struct stamp stamp)
{
    uint8_t *bytes = buffer;

    for (uint32_t i = 0; i < blocks; i++) {
        for (uint32_t number = 0; number < block_size / STAMP_LINE; number++) {
            struct line line = make_line(lba + i, number, stamp);

            memcpy(bytes, &line, sizeof(line));
            bytes += sizeof(line);
        }
    }
}

uint32_t stamp_check(const void *buffer, uint32_t block_size, uint64_t lba, uint32_t blocks,
                     struct stamp stamp)
{
    const uint8_t *bytes = buffer;

    for (uint32_t i = 0; i < blocks; i++) {
        for (uint32_t number = 0; number < block_size / STAMP_LINE; number++) {
            struct line line = line_at(bytes + (size_t)i * block_size, number);

            if (!is_good(&line, lba + i, number, stamp))
                return i;
        }
    }
    return blocks;
}

/* Bits in which a line differs from the one that should stand there. */
static uint32_t bits_off(const struct line *line, uint64_t lba, uint32_t number, struct stamp stamp)
{
    struct line wanted = make_line(lba, number, stamp);
    uint32_t bits = 0;

    for (unsigned i = 0; i < WORDS; i++)
        bits += (uint32_t)__builtin_popcountll(line->words[i] ^ wanted.words[i]);
    return bits;
}

/* What examine and inspect gather beside the result. */
struct tally {
    bool mixed; /* lines of this place are of different writes */
    uint8_t sector_foreign[STAMP_BLOCK_MAX / STAMP_SECTOR]; /* lines of each sector */
};

/* Keeps what the first odd line says, and whether later ones say the same. */
static void note_found(struct stamp_result *result, struct tally *tally, const struct line *line)
{
    if (!result->has_found) {
        result->has_found = true;
        result->found = stamp_of(line);
        result->found_lba = line->words[WORD_LBA];
    } else if (!is_of(line, result->found)) {
        tally->mixed = true;
    }
}

static void note_odd(struct stamp_result *result, uint32_t number)
{
    if (result->odd_to == 0)
        result->odd = (uint16_t)number;
    result->odd_to = (uint16_t)(number + 1);
}

/* True when lines that are not Assay's fill sectors, as a write that was cut leaves them. */
static bool whole_sectors(const struct tally *tally)
{
    for (unsigned i = 0; i < STAMP_BLOCK_MAX / STAMP_SECTOR; i++) {
        if (tally->sector_foreign[i] % (STAMP_SECTOR / STAMP_LINE) != 0)
            return false;
    }
    return true;
}

static void count_foreign(struct stamp_result *result, struct tally *tally, uint32_t number)
{
    result->foreign++;
    tally->sector_foreign[number / (STAMP_SECTOR / STAMP_LINE)]++;
}

static void examine_line(const struct line *line, uint64_t lba, uint32_t number, struct stamp stamp,
                         struct stamp_result *result, struct tally *tally)
{
    enum line_kind kind = kind_of(line, lba, number);

    if (kind == LINE_OF_HERE && is_of(line, stamp)) {
        result->good++;
        return;
    }
    note_odd(result, number);
    if (kind == LINE_FOREIGN) {
        uint32_t bits = bits_off(line, lba, number, stamp);

        if (bits <= STAMP_ALIKE) {
            result->damaged++;
            result->bits += bits;
        } else {
            count_foreign(result, tally, number);
        }
        return;
    }
    note_found(result, tally, line);
    if (kind == LINE_ELSEWHERE)
        result->elsewhere++;
    else
        result->older++;
}

static enum stamp_state conclude(const struct stamp_result *result, const struct tally *tally,
                                 bool first)
{
    bool foreign = result->foreign != 0, valid = result->older || result->elsewhere;

    if (result->good == result->lines)
        return STAMP_GOOD;
    if (result->damaged != 0 || (foreign && !first))
        return STAMP_CORRUPTED;
    if (result->good != 0)
        return whole_sectors(tally) ? STAMP_TORN : STAMP_CORRUPTED;
    if (result->elsewhere != 0)
        return STAMP_MISPLACED;
    if (tally->mixed || (foreign && valid))
        return whole_sectors(tally) ? STAMP_TORN : STAMP_CORRUPTED;
    return STAMP_LOST;
}

enum stamp_state stamp_examine(const void *block, uint32_t block_size, uint64_t lba,
                               struct stamp stamp, struct stamp_result *ret_result)
{
    struct stamp_result result = {.lines = (uint16_t)(block_size / STAMP_LINE)};
    struct tally tally = {0};

    for (uint32_t number = 0; number < result.lines; number++) {
        struct line line = line_at(block, number);

        examine_line(&line, lba, number, stamp, &result, &tally);
    }
    result.state = conclude(&result, &tally, stamp.generation == 1);
    if (result.odd_to != 0)
        result.odd_to--;
    *ret_result = result;
    return (enum stamp_state)result.state;
}

static enum stamp_state conclude_any(const struct stamp_result *result, const struct tally *tally)
{
    if (result->foreign == result->lines)
        return STAMP_EMPTY;
    if (result->elsewhere != 0)
        return STAMP_MISPLACED;
    if (result->foreign == 0)
        return tally->mixed ? STAMP_TORN : STAMP_GOOD;
    return whole_sectors(tally) ? STAMP_TORN : STAMP_CORRUPTED;
}

enum stamp_state stamp_inspect(const void *block, uint32_t block_size, uint64_t lba,
                               struct stamp_result *ret_result)
{
    struct stamp_result result = {.lines = (uint16_t)(block_size / STAMP_LINE)};
    struct tally tally = {0};

    for (uint32_t number = 0; number < result.lines; number++) {
        struct line line = line_at(block, number);
        enum line_kind kind = kind_of(&line, lba, number);

        if (kind == LINE_FOREIGN) {
            count_foreign(&result, &tally, number);
            note_odd(&result, number);
            continue;
        }
        note_found(&result, &tally, &line);
        if (kind == LINE_ELSEWHERE) {
            if (result.elsewhere++ == 0) { /* that line is what there is to tell of */
                result.found = stamp_of(&line);
                result.found_lba = line.words[WORD_LBA];
            }
            note_odd(&result, number);
        } else if (is_of(&line, result.found)) {
            result.good++;
        } else {
            result.older++;
            note_odd(&result, number);
        }
    }
    result.state = conclude_any(&result, &tally);
    if (result.odd_to != 0)
        result.odd_to--;
    *ret_result = result;
    return (enum stamp_state)result.state;
}
