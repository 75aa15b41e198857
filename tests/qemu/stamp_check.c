/*
 * What stands on a disk image that Assay wrote, as the host sees it:
 *
 *     stamp_check FILE BLOCK-SIZE
 *
 * One line `STATE COUNT` for each state of disk/writing/stamp.h, and before them one line for each
 * block that is neither whole nor empty, `STATE LBA FOUND-LBA FOUND-RUN FOUND-GENERATION`, at most
 * 1000.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "disk/writing/stamp.h"

enum { LINES_MAX = 1000, BLOCKS_AT_ONCE = 256 };

static const char *const names[STAMP_STATES] = {"good",      "empty", "lost",
                                                "misplaced", "torn",  "corrupted"};

static void tell(uint64_t lba, const struct stamp_result *result)
{
    printf("%s %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", names[result->state], lba,
           result->found_lba, result->found.run, result->found.generation);
}

int main(int count, char **arguments)
{
    static uint8_t blocks[BLOCKS_AT_ONCE * STAMP_BLOCK_MAX];
    uint64_t counts[STAMP_STATES] = {0}, lba = 0;
    unsigned lines = 0;
    uint32_t size = count == 3 ? (uint32_t)strtoul(arguments[2], NULL, 10) : 0;
    FILE *file = size >= STAMP_BLOCK_MIN && size <= STAMP_BLOCK_MAX && size % STAMP_SECTOR == 0
                     ? fopen(arguments[1], "rb")
                     : NULL;
    size_t got;

    if (!file) {
        fprintf(stderr, "usage: stamp_check FILE BLOCK-SIZE\n");
        return 2;
    }
    while ((got = fread(blocks, size, BLOCKS_AT_ONCE, file)) > 0) {
        for (size_t i = 0; i < got; i++, lba++) {
            struct stamp_result result;
            enum stamp_state state = stamp_inspect(blocks + i * size, size, lba, &result);

            counts[state]++;
            if (state != STAMP_GOOD && state != STAMP_EMPTY && lines++ < LINES_MAX)
                tell(lba, &result);
        }
    }
    if (ferror(file))
        return 2;
    fclose(file);
    for (unsigned state = 0; state < STAMP_STATES; state++)
        printf("%s %" PRIu64 "\n", names[state], counts[state]);
    return 0;
}
