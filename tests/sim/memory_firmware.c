#include "tests/sim/memory_firmware.h"

#include <string.h>

#include "base/error.h"

enum { DESCRIPTOR = 48, FIRST_PAGE = 256, LOW_PAGES = 1 << 20 };

static void set_page(struct sim_firmware *firmware, uint64_t page, uint8_t type)
{
    int64_t change = (type == SIM_FREE) - (firmware->types[page] == SIM_FREE);

    firmware->types[page] = type;
    if (page < FIRST_PAGE)
        return;
    firmware->free_all += (uint64_t)(change * FIRMWARE_PAGE);
    firmware->free_low += page < LOW_PAGES ? (uint64_t)(change * FIRMWARE_PAGE) : 0;
    if (firmware->free_all < firmware->least_all)
        firmware->least_all = firmware->free_all;
    if (firmware->free_low < firmware->least_low)
        firmware->least_low = firmware->free_low;
}

static void steal(struct sim_firmware *firmware)
{
    if (!firmware->steals || (firmware->claims + firmware->releases) % firmware->steals)
        return;
    for (uint64_t page = SIM_FIRMWARE_PAGES; page-- > FIRST_PAGE;) {
        if (firmware->types[page] == SIM_FREE) {
            set_page(firmware, page, SIM_BOOT_SERVICES);
            firmware->stolen += FIRMWARE_PAGE;
            return;
        }
    }
}

static void le(uint8_t *at, uint64_t value, unsigned width)
{
    for (unsigned i = 0; i < width; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static size_t list(struct sim_firmware *firmware)
{
    size_t count = 0;

    for (uint64_t page = 0, end; page < SIM_FIRMWARE_PAGES; page = end) {
        uint8_t *at = firmware->bytes + count * DESCRIPTOR;

        for (end = page + 1; end < SIM_FIRMWARE_PAGES; end++) {
            if (firmware->types[end] != firmware->types[page])
                break;
        }
        if (firmware->types[page] == SIM_NOTHING || count == SIM_FIRMWARE_DESCRIPTORS)
            continue;
        memset(at, 0, DESCRIPTOR);
        le(at, firmware->types[page], 4);
        le(at + 8, page * FIRMWARE_PAGE, 8);
        le(at + 24, end - page, 8);
        count++;
    }
    return count;
}

static void turn_round(struct sim_firmware *firmware, size_t count)
{
    uint8_t kept[DESCRIPTOR];

    for (size_t i = 0; i < count / 2; i++) {
        uint8_t *a = firmware->bytes + i * DESCRIPTOR;
        uint8_t *b = firmware->bytes + (count - 1 - i) * DESCRIPTOR;

        memcpy(kept, a, DESCRIPTOR);
        memcpy(a, b, DESCRIPTOR);
        memcpy(b, kept, DESCRIPTOR);
    }
}

static int map(void *context, struct extents *ret_extents)
{
    struct sim_firmware *firmware = context;
    size_t count;

    firmware->maps++;
    if (firmware->map_fails_at && firmware->maps >= firmware->map_fails_at)
        return ERR_IO;
    count = list(firmware);
    if (firmware->unsorted)
        turn_round(firmware, count);
    return firmware_map_read(firmware->bytes, count * DESCRIPTOR, DESCRIPTOR, HELD_BY_ASSAY,
                             ret_extents);
}

static bool touches(uint64_t start, uint64_t size, uint64_t from, uint64_t to)
{
    return start < to && from < start + size;
}

/* True when all the pages are of that type; a wrong question is counted. */
static bool are(struct sim_firmware *firmware, uint64_t start, uint64_t size, uint8_t type)
{
    if (start % FIRMWARE_PAGE || size % FIRMWARE_PAGE || !size ||
        (start + size) / FIRMWARE_PAGE > SIM_FIRMWARE_PAGES) {
        firmware->wrong_calls++;
        return false;
    }
    for (uint64_t i = 0; i < size / FIRMWARE_PAGE; i++) {
        if (firmware->types[start / FIRMWARE_PAGE + i] != type)
            return false;
    }
    return true;
}

static void set(struct sim_firmware *firmware, uint64_t start, uint64_t size, uint8_t type)
{
    for (uint64_t i = 0; i < size / FIRMWARE_PAGE; i++)
        set_page(firmware, start / FIRMWARE_PAGE + i, type);
}

static int claim(void *context, uint64_t start, uint64_t size)
{
    struct sim_firmware *firmware = context;

    firmware->claims++;
    steal(firmware);
    if (!are(firmware, start, size, SIM_FREE) ||
        touches(start, size, firmware->refuse_start, firmware->refuse_end))
        return ERR_ABSENT;
    if (!touches(start, size, firmware->feign_start, firmware->feign_end))
        set(firmware, start, size, SIM_LOADER);
    return OK;
}

static int release(void *context, uint64_t start, uint64_t size)
{
    struct sim_firmware *firmware = context;

    firmware->releases++;
    steal(firmware);
    if (!are(firmware, start, size, SIM_LOADER)) {
        firmware->wrong_calls++;
        return ERR_ABSENT;
    }
    if (firmware->refuses_release)
        return ERR_ABSENT;
    if (!firmware->feigns_release)
        set(firmware, start, size, SIM_FREE);
    return OK;
}

static uint64_t probe(void *context, uint64_t start, uint64_t size)
{
    struct sim_firmware *firmware = context;

    if (!are(firmware, start, size, SIM_LOADER))
        firmware->wrong_calls++;
    return size / (touches(start, size, firmware->slow_start, firmware->slow_end) ? 1 : 64);
}

void sim_firmware_init(struct sim_firmware *firmware)
{
    memset(firmware, 0, sizeof(*firmware));
    memset(firmware->types, SIM_NOTHING, sizeof(firmware->types));
    firmware->source = (struct memory_source){
        .context = firmware, .map = map, .claim = claim, .release = release, .probe = probe};
}

void sim_firmware_lay(struct sim_firmware *firmware, uint64_t start, uint64_t end,
                      enum sim_memory_type type)
{
    for (uint64_t page = start / FIRMWARE_PAGE; page < end / FIRMWARE_PAGE; page++)
        set_page(firmware, page, (uint8_t)type);
}

void sim_firmware_watch(struct sim_firmware *firmware)
{
    firmware->least_all = firmware->free_all;
    firmware->least_low = firmware->free_low;
}
