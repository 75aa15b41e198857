#include "base/pool.h"

#include "base/error.h"

void pool_init(struct pool *pool, struct chunk *chunks, size_t limit)
{
    *pool = (struct pool){.chunks = chunks, .limit = limit};
}

int pool_add(struct pool *pool, void *data, uint64_t address, uint64_t size)
{
    for (uint64_t done = 0; done < size; done += CHUNK_SIZE) {
        uint64_t left = size - done;

        if (pool->count == pool->limit)
            return ERR_FULL;
        pool->chunks[pool->count] = (struct chunk){
            .data = (uint8_t *)data + done,
            .address = address + done,
            .size = left < CHUNK_SIZE ? (uint32_t)left : CHUNK_SIZE,
            .state = CHUNK_FREE,
        };
        pool->size += pool->chunks[pool->count].size;
        pool->count++;
    }
    return OK;
}

struct chunk *pool_take(struct pool *pool)
{
    for (size_t tried = 0; tried < pool->count; tried++) {
        struct chunk *chunk = &pool->chunks[pool->next_lent];

        pool->next_lent = (pool->next_lent + 1) % pool->count;
        if (chunk->state == CHUNK_FREE && chunk->size == CHUNK_SIZE) {
            chunk->state = CHUNK_TAKEN;
            chunk->filled = 0;
            return chunk;
        }
    }
    return NULL;
}

void pool_give(struct chunk *chunk)
{
    if (chunk->state == CHUNK_TAKEN)
        chunk->state = CHUNK_FREE;
}

void pool_retire(struct chunk *chunk)
{
    chunk->state = CHUNK_RETIRED;
}

void pool_drop(struct pool *pool, struct chunk *chunk)
{
    pool->size -= chunk->size;
    *chunk = (struct chunk){.state = CHUNK_GONE};
}

uint64_t pool_tested(const struct pool *pool)
{
    uint64_t size = 0;

    for (size_t i = 0; i < pool->count; i++)
        size += pool->chunks[i].tested ? pool->chunks[i].size : 0;
    return size;
}

struct chunk *pool_find(struct pool *pool, uint64_t address)
{
    for (size_t i = 0; i < pool->count; i++) {
        struct chunk *chunk = &pool->chunks[i];

        if (address >= chunk->address && address - chunk->address < chunk->size)
            return chunk;
    }
    return NULL;
}
