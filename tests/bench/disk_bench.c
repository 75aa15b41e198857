/*
 * How fast disks are read from within the firmware, by Assay's own way and by the firmware's plain
 * one. A program of the firmware, made of the image's own objects; QEMU starts it in Assay's place.
 *
 * Load options: `path=own|firmware size=KIB depth=N ms=TIME`. With `own` disks are opened and read
 * as a run does it: own drivers where there are any, `depth` requests at once as far as the device
 * takes them. With `firmware` its drivers keep everything, and each disk is read by one synchronous
 * ReadBlocks() after another. A disk that is the firmware's with `own` too is read both ways, a
 * pass this way and a pass that way, so that what differs is the way and not the moment.
 *
 * Each disk is read from its first block to its last, again and again until `ms` have passed. All
 * of it goes into one buffer as large as the disk, and what is in the buffer after that is hashed:
 * the hash is that of the very data whose reading was timed. One line for each:
 *
 *     DISK <kind of place> <path> <KiB a request> <depth> <KiB> <us> <hash, 32 hex digits>
 *
 * and at the end `DISKS <count>`, or `ERROR <what>`.
 */
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/options.h"
#include "base/text.h"
#include "disk/request.h"
#include "efi/clock.h"
#include "efi/disks.h"
#include "efi/firmware.h"
#include "efi/terminal.h"

enum { DEPTH_MAX = 64 };

static struct wish {
    bool own;
    unsigned size, depth, ms;
} wish = {.own = true, .size = 1 << 20, .depth = 8, .ms = 1500};

static struct disk disks[DISKS_MAX];
static struct clock bench_clock;

/* ---- load options */

/* The number behind `key` in UTF-16 text, or `otherwise`. */
static unsigned number_of(const CHAR16 *text, size_t length, const char *key, unsigned otherwise)
{
    size_t size = strlen(key);

    for (size_t i = 0; i + size <= length; i++) {
        unsigned value = 0;
        size_t at = 0;

        while (at < size && text[i + at] == (CHAR16)key[at])
            at++;
        if (at < size)
            continue;
        for (at = i + size; at < length && text[at] >= '0' && text[at] <= '9'; at++)
            value = value * 10 + (text[at] - '0');
        return value;
    }
    return otherwise;
}

static bool read_wish(void)
{
    const CHAR16 *text = firmware.loaded->LoadOptions;
    size_t length = text ? firmware.loaded->LoadOptionsSize / sizeof(*text) : 0;

    wish.own = number_of(text, length, "path=firmware", 1) != 0; /* no digits follow: 0 */
    wish.size = number_of(text, length, "size=", wish.size >> 10) << 10;
    wish.depth = number_of(text, length, "depth=", wish.depth);
    wish.ms = number_of(text, length, "ms=", wish.ms);
    return wish.size >= 4096 && wish.depth >= 1 && wish.depth <= DEPTH_MAX;
}

/* ---- reading */

/* The whole disk once, as imaging reads: requests of wish.size, several at the device. */
static int pass_own(const struct disk *disk, uint8_t *buffer)
{
    static struct block_request requests[DEPTH_MAX];
    const struct block_device *device = disk->device;
    uint32_t blocks = wish.size / device->block_size;
    unsigned depth = request_depth(device) < wish.depth ? request_depth(device) : wish.depth;
    uint64_t begun = 0, ended = 0, count = (device->block_count + blocks - 1) / blocks;

    while (ended < count) {
        while (begun < count && begun - ended < depth) {
            struct block_request *request = &requests[begun % depth];
            uint64_t lba = begun * blocks, left = device->block_count - lba;
            int error;

            *request = (struct block_request){
                .operation = REQUEST_READ,
                .lba = lba,
                .blocks = left < blocks ? (uint32_t)left : blocks,
                .buffer = buffer + lba * device->block_size,
            };
            error = request_submit(device, &bench_clock, request);
            if (error == ERR_FULL)
                break;
            if (error)
                return error;
            begun++;
        }
        request_poll(device);
        /* In order: a request that ended before an older one waits for that. */
        while (ended < begun && requests[ended % depth].done) {
            if (requests[ended % depth].error)
                return requests[ended % depth].error;
            ended++;
        }
    }
    return OK;
}

static int pass_firmware(const struct disk *disk, uint8_t *buffer)
{
    EFI_BLOCK_IO *block = protocol_on(disk->handle, &block_io_guid);
    uint64_t size = disk->own.block_count * disk->own.block_size;

    if (!block)
        return ERR_GONE;
    for (uint64_t at = 0; at < size; at += wish.size) {
        uint64_t left = size - at;

        if (EFI_ERROR(block->ReadBlocks(block, block->Media->MediaId, at / disk->own.block_size,
                                        left < wish.size ? (UINTN)left : wish.size, buffer + at)))
            return ERR_IO;
    }
    return OK;
}

/* ---- one disk */

/* One way to read a disk, and what came of it. */
struct way {
    const char *name;
    int (*pass)(const struct disk *disk, uint8_t *buffer);
    unsigned depth;
    uint64_t us, passes;
    struct hash hash; /* of what the last pass has read */
};

static void print_way(const struct disk *disk, const struct way *way)
{
    uint64_t kib = disk->device->block_count * disk->device->block_size / 1024;
    char kind[PLACE_SIZE], line[LINE_SIZE];

    copy_text(kind, sizeof(kind), disk->place);
    for (char *c = kind; *c; c++)
        *c = *c == ' ' ? '\0' : *c;
    format_text(line, sizeof(line), "DISK %s %s %u %u %llu %llu %016llx%016llx", kind, way->name,
                wish.size >> 10, way->depth, (unsigned long long)(kib * way->passes),
                (unsigned long long)way->us, (unsigned long long)way->hash.high,
                (unsigned long long)way->hash.low);
    terminal_print(line);
}

/* Reads the disk once this way. The buffer is cleared, so that what is hashed was read now. */
static int one_pass(const struct disk *disk, struct way *way, uint8_t *buffer)
{
    uint64_t size = disk->device->block_count * disk->device->block_size, begun_us;
    int error;

    memset(buffer, 0, size);
    begun_us = clock_now_us(&bench_clock);
    error = way->pass(disk, buffer);
    way->us += clock_now_us(&bench_clock) - begun_us;
    way->passes++;
    return error;
}

/* Each way in turn, a pass at a time, until the first has had its time. */
static int measure_ways(const struct disk *disk, struct way *ways, unsigned count, uint8_t *buffer)
{
    uint64_t size = disk->device->block_count * disk->device->block_size;
    bool warm = false; /* the first passes do not count: the emulator translates code in them */
    bool over = false;

    while (!over) {
        over = warm && ways[0].us >= (uint64_t)wish.ms * 1000;
        for (unsigned i = 0; i < count; i++) {
            int error = one_pass(disk, &ways[i], buffer);

            if (error)
                return error;
            if (over)
                ways[i].hash = hash_block(buffer, size);
            if (!warm)
                ways[i].us = ways[i].passes = 0;
        }
        warm = true;
    }
    return OK;
}

static int measure(const struct disk *disk)
{
    unsigned depth = request_depth(disk->device);
    struct way own = {"own", pass_own, depth < wish.depth ? depth : wish.depth, .us = 0};
    struct way plain = {"firmware", pass_firmware, 1, .us = 0};
    struct way ways[2] = {wish.own ? own : plain, plain};
    unsigned count = wish.own && disk->device == &disk->own ? 2 : 1;
    uint64_t size = disk->device->block_count * disk->device->block_size;
    uint8_t *buffer = pages_for(size);
    int error;

    if (!buffer)
        return ERR_FULL;
    error = measure_ways(disk, ways, count, buffer);
    if (error) /* requests may still be at the device: the buffer is theirs */
        return error;
    for (unsigned i = 0; i < count; i++)
        print_way(disk, &ways[i]);
    give_pages_back(buffer, size);
    return OK;
}

static void print_event(void *context, struct event *event)
{
    char line[LINE_SIZE];

    (void)context;
    if (event->type != EVENT_NOTE)
        return;
    format_text(line, sizeof(line), "NOTE %s", event->note.text);
    terminal_print(line);
}

static int measure_all(void)
{
    struct sink sink = {.emit = print_event};
    struct disks_config config = {
        .clock = &bench_clock, .sink = &sink, .skip = "", .refuse = !wish.own};
    unsigned count;
    char line[LINE_SIZE];

    disks_open(&config);
    count = disks_list(disks, DISKS_MAX, &sink);
    for (unsigned i = 0; i < count; i++) {
        int error;

        watchdog_set(WATCHDOG_S);
        error = measure(&disks[i]);
        if (error) {
            format_text(line, sizeof(line), "ERROR %s: %s", disks[i].place, error_text(error));
            terminal_print(line);
        }
    }
    disks_close();
    format_text(line, sizeof(line), "DISKS %u", count);
    terminal_print(line);
    return OK;
}

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table);

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table)
{
    firmware_init(image, table);
    terminal_init(false);
    clock_init(&bench_clock);
    if (read_wish())
        measure_all();
    else
        terminal_print("ERROR bad load options");
    firmware.runtime->ResetSystem(EfiResetShutdown, EFI_SUCCESS, 0, NULL);
    return EFI_SUCCESS;
}
