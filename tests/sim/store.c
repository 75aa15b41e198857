#include "tests/sim/store.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static bool fails(const struct sim_store *store, enum store_fault fault)
{
    return store->fault == fault && store->clock->now_us >= store->fault_us;
}

static int breach(struct sim_store *store)
{
    store->breaches++;
    return ERR_RANGE;
}

/* The file of that name as it lies, or an unused place for it; NULL when there is none. */
static struct sim_file *find(struct sim_store *store, const char *name)
{
    for (unsigned i = 0; i < store->file_count; i++) {
        if (strcmp(store->files[i].name, name) == 0)
            return &store->files[i];
    }
    return store->file_count < SIM_STORE_FILES ? &store->files[store->file_count] : NULL;
}

/* Bytes of a file that lie prepared. */
static size_t room_of(const struct sim_store *store, const char *name)
{
    bool small = store->fault == STORE_SMALL || store->fault == STORE_FULL;

    if (store->fault == STORE_UNPREPARED)
        return 0;
    return small && strcmp(name, "report.html") == 0 ? SMALL_ROOM : sizeof(store->files[0].data);
}

static int create(void *context, const char *name, bool grows)
{
    struct sim_store *store = context;
    struct sim_file *file = find(store, name);

    if (store->open || !file || strlen(name) >= sizeof(file->name))
        return breach(store);
    if (grows && !store->may_grow)
        return breach(store);
    if (!grows && !room_of(store, name))
        return ERR_ABSENT;
    strcpy(file->name, name);
    file->size = 0;
    file->finished = false;
    store->room = grows && store->fault != STORE_FULL ? sizeof(file->data) : room_of(store, name);
    store->open = file;
    return OK;
}

static int append(void *context, const void *data, size_t size)
{
    struct sim_store *store = context;
    struct sim_file *file = store->open;

    if (!file)
        return breach(store);
    if (fails(store, STORE_REPORTS_FAIL))
        return ERR_IO;
    if (size > store->room - file->size)
        return ERR_FULL;
    memcpy(file->data + file->size, data, size);
    file->size += size;
    return OK;
}

static int finish(void *context)
{
    struct sim_store *store = context;

    if (!store->open)
        return breach(store);
    store->open->finished = true;
    store->file_count += store->open == &store->files[store->file_count];
    store->open = NULL;
    return OK;
}

static int journal_create(void *context, size_t size)
{
    struct sim_store *store = context;

    if (store->fault == STORE_REFUSES)
        return ERR_REFUSED;
    if (store->journal)
        return breach(store);
    store->journal = malloc(size);
    memset(store->journal, ' ', size);
    store->journal_size = size;
    store->flush_us = store->clock->now_us;
    return OK;
}

static int journal_write(void *context, size_t offset, const void *data, size_t size)
{
    struct sim_store *store = context;

    if (!store->journal || store->journal_closed || offset > store->journal_size ||
        size > store->journal_size - offset)
        return breach(store);
    if (fails(store, STORE_JOURNAL_FAILS))
        return ERR_IO;
    memcpy(store->journal + offset, data, size);
    return OK;
}

static int journal_flush(void *context)
{
    struct sim_store *store = context;
    uint64_t gone_us = store->clock->now_us - store->flush_us;

    if (!store->journal || store->journal_closed)
        return breach(store);
    if (fails(store, STORE_FLUSH_FAILS))
        return ERR_IO;
    if (gone_us > store->longest_us)
        store->longest_us = gone_us;
    store->flush_us = store->clock->now_us;
    store->flushes++;
    return OK;
}

static void journal_close(void *context)
{
    struct sim_store *store = context;

    if (!store->journal || store->journal_closed)
        breach(store);
    store->journal_closed = true;
}

void sim_store_init(struct sim_store *store, const struct sim_clock *clock)
{
    memset(store, 0, sizeof(*store));
    store->clock = clock;
    store->seam = (struct store){
        .context = store,
        .create = create,
        .append = append,
        .finish = finish,
        .journal_create = journal_create,
        .journal_write = journal_write,
        .journal_flush = journal_flush,
        .journal_close = journal_close,
    };
}

void sim_store_free(struct sim_store *store)
{
    free(store->journal);
    store->journal = NULL;
}

const struct sim_file *sim_store_file(const struct sim_store *store, const char *name)
{
    for (unsigned i = 0; i < store->file_count; i++) {
        if (store->files[i].finished && strcmp(store->files[i].name, name) == 0)
            return &store->files[i];
    }
    return NULL;
}
