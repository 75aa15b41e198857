/*
 * Holds one bit of a file that is a guest's memory at 0 or 1, until it is killed or its
 * parent ends: a stuck cell.
 *
 *   hold_bit FILE OFFSET BIT VALUE      OFFSET of a byte, BIT 0 to 7 in it
 *
 * Looks about ten thousand times a second, and writes only when the guest has put the other value
 * there, so that it takes little of a processor the guest could use.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>

enum { PAGE = 4096, PAUSE_NS = 50000 };

static void hold(_Atomic uint8_t *byte, uint8_t mask, int value)
{
    const struct timespec pause = {.tv_nsec = PAUSE_NS};

    for (;;) {
        uint8_t now = atomic_load_explicit(byte, memory_order_relaxed);

        if (value && !(now & mask))
            atomic_fetch_or(byte, mask);
        if (!value && (now & mask))
            atomic_fetch_and(byte, (uint8_t)~mask);
        nanosleep(&pause, NULL);
    }
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: hold_bit FILE OFFSET BIT VALUE\n");
        return 2;
    }
    uint64_t offset = strtoull(argv[2], NULL, 0);
    int file = open(argv[1], O_RDWR);
    uint8_t *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file,
                         (off_t)(offset & ~(uint64_t)(PAGE - 1)));

    if (file < 0 || page == MAP_FAILED) {
        perror("hold_bit");
        return 1;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_TIMERSLACK, 1000);
    hold((_Atomic uint8_t *)(page + offset % PAGE), (uint8_t)(1u << (atoi(argv[3]) & 7)),
         atoi(argv[4]));
}
