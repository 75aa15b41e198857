/*
 * The imaging workload over a file that stands in memory, as a program of the host.
 *
 *     pipeline engine FILE    the workload itself (disk/imaging/imaging.h), one whole pass
 *     pipeline stages FILE    what its jobs are made of, each alone on one processor
 *
 * The file is mapped and present; a read of the drive is a memcpy from it, as it is where a file
 * in memory stands behind a drive. The processors are two: this thread, which is the boot processor
 * and helps where it has nothing to read, and one worker.
 *
 * `engine` prints `moved BYTES`, `us TIME` and `helped JOBS`: bytes that were read and went through
 * all hops, repeats counted. It fails when anything was found or left out.
 *
 * `stages` prints `NAME BYTES US` for each stage, bytes being those of the blocks it worked on. The
 * stages go over WINDOW blocks one after another, so that none finds its data in a cache because
 * the one before has just been there, but that is far enough from the size of the file for each to
 * be measured beside the others.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "disk/canary.h"
#include "disk/imaging/imaging.h"
#include "disk/imaging/pack.h"

enum {
    BLOCK_SIZE = 512,
    CHUNKS = 512, /* the memory under test: all of it is gone through, none stays in a cache */
    WINDOW = 128,
    PART = 1,
};

static uint64_t time_us(void *context)
{
    struct timespec now;

    (void)context;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void wait_us(void *context, uint32_t duration_us)
{
    uint64_t end_us = time_us(context) + duration_us;

    while (time_us(context) < end_us)
        __builtin_ia32_pause();
}

static const struct clock real_clock = {.now_us = time_us, .wait_us = wait_us};

/* ---- the drive */

struct file {
    const uint8_t *data;
    uint64_t size; /* a multiple of 1 MiB */
};

static int open_file(const char *path, struct file *ret_file)
{
    struct stat status;
    void *data;
    int descriptor = open(path, O_RDONLY);

    if (descriptor < 0 || fstat(descriptor, &status))
        return ERR_ABSENT;
    data = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED | MAP_POPULATE, descriptor, 0);
    close(descriptor);
    if (data == MAP_FAILED || status.st_size < WINDOW * (off_t)CHUNK_SIZE)
        return ERR_RANGE;
    *ret_file = (struct file){data, (uint64_t)status.st_size / CHUNK_SIZE * CHUNK_SIZE};
    return OK;
}

static int file_read(void *context, uint64_t lba, uint32_t blocks, void *buffer)
{
    const struct file *file = context;

    memcpy(buffer, file->data + lba * BLOCK_SIZE, (size_t)blocks * BLOCK_SIZE);
    return OK;
}

/* ---- the memory under test */

static struct chunk chunks[CHUNKS];

static int make_pool(struct pool *pool)
{
    uint64_t size = (uint64_t)CHUNKS * CHUNK_SIZE;
    void *memory = aligned_alloc(2 << 20, size);

    if (!memory)
        return ERR_FULL;
    madvise(memory, size, MADV_HUGEPAGE); /* as in the image */
    memset(memory, 0x5A, size);
    pool_init(pool, chunks, CHUNKS);
    return pool_add(pool, memory, (uint64_t)(uintptr_t)memory, size);
}

/* ---- the processors: as efi/processors.c, with a thread for the other one */

struct crew {
    struct queue queue;
    atomic_bool stop;
    pthread_t other;
    unsigned helped; /* jobs done by the boot processor */
};

static void *other_processor(void *context)
{
    struct crew *crew = context;

    while (!atomic_load_explicit(&crew->stop, memory_order_acquire)) {
        if (!queue_run_one(&crew->queue, 1))
            __builtin_ia32_pause();
    }
    return NULL;
}

static int crew_submit(void *context, struct job *job)
{
    struct crew *crew = context;

    return queue_put(&crew->queue, job);
}

static void crew_poll(void *context)
{
    (void)context;
}

static bool crew_help(void *context)
{
    struct crew *crew = context;
    bool helped = queue_run_one(&crew->queue, 0);

    crew->helped += helped;
    return helped;
}

/* ---- engine */

static void count_event(void *context, struct event *event)
{
    unsigned *bad = context;

    if (event->type == EVENT_DISK_ERROR || event->type == EVENT_MISMATCH ||
        event->type == EVENT_NOT_TESTED)
        (*bad)++;
}

static int run_engine(struct file *file, struct pool *pool)
{
    static struct imaging imaging;
    static struct crew crew;
    unsigned bad = 0;
    struct sink sink = {.context = &bad, .emit = count_event};
    struct workers workers = {&crew, 1, crew_submit, crew_poll, crew_help};
    struct block_device device = {.context = file,
                                  .part = PART,
                                  .block_size = BLOCK_SIZE,
                                  .block_count = file->size / BLOCK_SIZE,
                                  .depth = 1,
                                  .read = file_read};
    const struct block_device *devices[] = {&device};
    struct imaging_config config = {.devices = devices,
                                    .device_count = 1,
                                    .pool = pool,
                                    .workers = &workers,
                                    .clock = &real_clock,
                                    .sink = &sink,
                                    .seed = 1,
                                    .phase = "imaging",
                                    .once = true};
    uint64_t begun_us;

    queue_init(&crew.queue);
    if (pthread_create(&crew.other, NULL, other_processor, &crew))
        return 1;
    begun_us = time_us(NULL);
    if (imaging_init(&imaging, &config) != OK)
        return 1;
    while (imaging_step(&imaging))
        ;
    printf("us %llu\n", (unsigned long long)(time_us(NULL) - begun_us));
    atomic_store(&crew.stop, true);
    pthread_join(crew.other, NULL);
    printf("moved %llu\nhelped %u\n", (unsigned long long)imaging_moved(&imaging, 0), crew.helped);
    return bad > 0 || imaging_tested(&imaging, 0) != file->size;
}

/* ---- stages */

/* One block and its buffers. */
struct station {
    const uint8_t *source;
    void *read, *copy, *packed;
    uint32_t packed_size;
    bool raw;
    bool bad;
};

static struct pack_state pack_state;
static volatile uint64_t sum; /* what hashing gives must go somewhere */

static void stage_stamp(struct station *at)
{
    canary_stamp(at->read, CHUNK_SIZE, 1);
}

static void stage_read(struct station *at)
{
    memcpy(at->read, at->source, CHUNK_SIZE);
}

static void stage_check(struct station *at)
{
    size_t first, last;

    at->bad |= canary_left(at->read, CHUNK_SIZE, 1, &first, &last) != 0;
}

static void stage_hash(struct station *at)
{
    sum ^= hash_block(at->read, CHUNK_SIZE).low;
}

static void stage_copy(struct station *at)
{
    memcpy(at->copy, at->read, CHUNK_SIZE);
}

static void stage_pack(struct station *at)
{
    at->packed_size = pack_block(&pack_state, at->copy, CHUNK_SIZE, at->packed, &at->raw);
}

static void stage_hash_packed(struct station *at)
{
    sum ^= hash_block(at->packed, at->packed_size).low;
}

static void stage_unpack(struct station *at)
{
    at->bad |= unpack_block(at->packed, at->packed_size, at->raw, at->read, CHUNK_SIZE) != OK;
}

static struct stage {
    const char *name;
    void (*run)(struct station *at);
    uint64_t us;
} stages[] = {
    {"stamp", stage_stamp, 0},
    {"read", stage_read, 0},
    {"check", stage_check, 0},
    {"hash", stage_hash, 0},
    {"copy", stage_copy, 0},
    {"pack", stage_pack, 0},
    {"hash-packed", stage_hash_packed, 0},
    {"unpack", stage_unpack, 0},
};

enum { STAGES = sizeof(stages) / sizeof(stages[0]) };

static bool run_window(struct pool *pool, struct station *stations, unsigned count)
{
    bool bad = false;

    for (unsigned i = 0; i < count; i++) {
        stations[i].read = pool_take(pool)->data;
        stations[i].copy = pool_take(pool)->data;
        stations[i].packed = pool_take(pool)->data;
    }
    for (unsigned s = 0; s < STAGES; s++) {
        uint64_t begun_us = time_us(NULL);

        for (unsigned i = 0; i < count; i++)
            stages[s].run(&stations[i]);
        stages[s].us += time_us(NULL) - begun_us;
    }
    for (unsigned i = 0; i < count; i++)
        bad |= stations[i].bad || memcmp(stations[i].read, stations[i].source, CHUNK_SIZE) != 0;
    for (size_t i = 0; i < pool->count; i++)
        pool_give(&pool->chunks[i]);
    return !bad;
}

static int run_stages(const struct file *file, struct pool *pool)
{
    uint64_t blocks = file->size / CHUNK_SIZE, done = 0;
    struct station stations[WINDOW];

    while (done < blocks) {
        unsigned count = blocks - done < WINDOW ? (unsigned)(blocks - done) : WINDOW;

        memset(stations, 0, sizeof(stations));
        for (unsigned i = 0; i < count; i++)
            stations[i].source = file->data + (done + i) * CHUNK_SIZE;
        if (!run_window(pool, stations, count))
            return 1;
        done += count;
    }
    for (unsigned s = 0; s < STAGES; s++)
        printf("%s %llu %llu\n", stages[s].name, (unsigned long long)file->size,
               (unsigned long long)stages[s].us);
    return 0;
}

int main(int argc, char **argv)
{
    struct file file;
    struct pool pool;

    if (argc != 3 || (strcmp(argv[1], "engine") != 0 && strcmp(argv[1], "stages") != 0)) {
        fprintf(stderr, "usage: pipeline engine|stages FILE\n");
        return 2;
    }
    if (open_file(argv[2], &file) != OK || make_pool(&pool) != OK) {
        fprintf(stderr, "pipeline: %s is no file of 128 MiB or more, or there is no memory\n",
                argv[2]);
        return 1;
    }
    return strcmp(argv[1], "engine") == 0 ? run_engine(&file, &pool) : run_stages(&file, &pool);
}
