#define _GNU_SOURCE
#include "tests/sim/memory_pages.h"

#include <assert.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stress/pattern.h"

static void map(struct memory_pages *pages, size_t at, size_t from, size_t size)
{
    void *mapped = mmap((uint8_t *)pages->words + at, size, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_FIXED, pages->file, (off_t)from);

    assert(mapped == (uint8_t *)pages->words + at);
    (void)mapped;
}

void memory_pages_open(struct memory_pages *pages, size_t size)
{
    void *mapped;

    assert(sysconf(_SC_PAGESIZE) == BLOCK_SIZE && size % BLOCK_SIZE == 0);
    pages->size = size;
    pages->file = memfd_create("memory under test", 0);
    assert(pages->file >= 0 && ftruncate(pages->file, (off_t)size) == 0);
    mapped = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, pages->file, 0);
    assert(mapped != MAP_FAILED);
    pages->words = mapped;
}

void memory_pages_close(struct memory_pages *pages)
{
    munmap(pages->words, pages->size);
    close(pages->file);
}

void memory_pages_alias(struct memory_pages *pages, size_t page, size_t other)
{
    map(pages, page * BLOCK_SIZE, other * BLOCK_SIZE, BLOCK_SIZE);
}

void memory_pages_mend(struct memory_pages *pages)
{
    map(pages, 0, 0, pages->size);
}
