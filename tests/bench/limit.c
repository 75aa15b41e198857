/*
 * The limit kernel of the benchmarks: how fast this host copies memory at this moment.
 *
 * Every processor copies a buffer larger than its caches to another, again and again for SECONDS.
 * Prints bytes copied by all of them, in MB (10^6) a second. A benchmark runs it before and after
 * each subject: where the two figures differ, the host had something else to do.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER_SIZE = 64 << 20, SECONDS = 3, THREADS_MAX = 64 };

struct copier {
    pthread_t thread;
    char *from, *to;
    double bytes_per_s;
};

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void *copy(void *context)
{
    struct copier *copier = context;
    double start = now_s(), end;
    double bytes = 0;

    do {
        memcpy(copier->to, copier->from, BUFFER_SIZE);
        __asm__ volatile("" ::"r"(copier->to) : "memory"); /* or the copy would be left out */
        bytes += BUFFER_SIZE;
        end = now_s();
    } while (end < start + SECONDS);
    copier->bytes_per_s = bytes / (end - start);
    return NULL;
}

/* Takes the buffers and touches them, so that no page is first touched while time is taken. */
static int prepare(struct copier *copier)
{
    copier->from = malloc(BUFFER_SIZE);
    copier->to = malloc(BUFFER_SIZE);
    if (!copier->from || !copier->to)
        return -1;
    memset(copier->from, 0x5A, BUFFER_SIZE);
    memset(copier->to, 0xA5, BUFFER_SIZE);
    return 0;
}

int main(void)
{
    static struct copier copiers[THREADS_MAX];
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    double sum = 0;

    if (count < 1)
        count = 1;
    if (count > THREADS_MAX)
        count = THREADS_MAX;
    for (long i = 0; i < count; i++) {
        if (prepare(&copiers[i]))
            return 1;
    }
    for (long i = 0; i < count; i++) {
        if (pthread_create(&copiers[i].thread, NULL, copy, &copiers[i]))
            return 1;
    }
    for (long i = 0; i < count; i++) {
        pthread_join(copiers[i].thread, NULL);
        sum += copiers[i].bytes_per_s;
    }
    printf("%.0f\n", sum / 1e6);
    return 0;
}
