/*
 * Holds bits of a file that is a guest's memory at 0 or 1, until it is killed or its parent ends:
 * stuck cells.
 *
 *   hold_bits FILE      one "OFFSET BIT VALUE" a line on standard input: OFFSET of a byte, BIT 0 to
 *                       7 in it; a "held" on standard output for each
 *
 * Looks about ten thousand times a second at all of them, and writes only when the guest has put
 * the other value there, so that it takes little of a processor the guest could use.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PAUSE_NS = 50000, BITS_MAX = 256 };

struct bit {
    _Atomic uint8_t *byte;
    uint8_t mask;
    int value;
};

static struct bit bits[BITS_MAX];
static unsigned count;

static void hold(const struct bit *bit)
{
    uint8_t now = atomic_load_explicit(bit->byte, memory_order_relaxed);

    if (bit->value && !(now & bit->mask))
        atomic_fetch_or(bit->byte, bit->mask);
    if (!bit->value && (now & bit->mask))
        atomic_fetch_and(bit->byte, (uint8_t)~bit->mask);
}

/* Takes one more bit from standard input, whose lines come whole. */
static void take(uint8_t *memory, uint64_t size)
{
    unsigned long long offset;
    unsigned bit;
    int value;

    if (scanf("%llu %u %d", &offset, &bit, &value) != 3)
        exit(0);
    if (count == BITS_MAX || offset >= size || bit > 7) {
        fprintf(stderr, "hold_bits: there is no room for it, or no such bit\n");
        exit(1);
    }
    bits[count] = (struct bit){
        .byte = (_Atomic uint8_t *)(memory + offset), .mask = (uint8_t)(1u << bit), .value = value};
    hold(&bits[count++]);
    puts("held");
    fflush(stdout);
}

int main(int argc, char **argv)
{
    const struct timespec pause = {.tv_nsec = PAUSE_NS};
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    int file = argc == 2 ? open(argv[1], O_RDWR) : -1;
    struct stat stat = {.st_size = 0};
    uint8_t *memory;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_TIMERSLACK, 1000);
    setvbuf(stdin, NULL, _IONBF, 0); /* what is buffered here, ppoll() does not see */
    if (file < 0 || fstat(file, &stat)) {
        perror("hold_bits FILE");
        return 1;
    }
    memory = mmap(NULL, (size_t)stat.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (memory == MAP_FAILED) {
        perror("hold_bits");
        return 1;
    }
    for (;;) {
        if (ppoll(&input, 1, &pause, NULL) > 0)
            take(memory, (uint64_t)stat.st_size);
        for (unsigned i = 0; i < count; i++)
            hold(&bits[i]);
    }
}
