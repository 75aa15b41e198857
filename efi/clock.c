#include "efi/clock.h"

#include "base/bytes.h"
#include "efi/acpi.h"
#include "efi/firmware.h"
#include "efi/ports.h"

enum {
    TIMER_HZ = 3579545,
    TIMER_MASK = 0xFFFFFF, /* at least 24 bits count */
    MEASURE_US = 50000,
    RELAX_PAUSES = 64,
    RELAX_TURNS = 2048,
    PAUSE_NS_MAX = 300,   /* a real one takes 10 to 140 cycles */
    FADT_TIMER_PORT = 76, /* PM_TMR_BLK, ACPI 6.5 table 5.9 */
};

static struct {
    uint64_t start;
    uint64_t ticks_per_ms;
    bool pause_is_dear;
} state;

uint64_t clock_ticks(void)
{
    uint32_t low, high;

    __asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

uint64_t clock_ticks_for(uint64_t us)
{
    return us * state.ticks_per_ms / 1000;
}

static uint64_t now_us(void *context)
{
    uint64_t ticks = clock_ticks() - state.start;

    (void)context;
    /* In two steps, so that a week of ticks times a thousand stays within 64 bits. */
    return ticks / state.ticks_per_ms * 1000 +
           ticks % state.ticks_per_ms * 1000 / state.ticks_per_ms;
}

static void wait_us(void *context, uint32_t duration_us)
{
    uint64_t end = clock_ticks() + clock_ticks_for(duration_us);

    (void)context;
    while ((int64_t)(end - clock_ticks()) > 0) {
        if (!state.pause_is_dear)
            __asm__ volatile("pause");
    }
}

static void pause_often(unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        __asm__ volatile("pause");
}

static void measure_pause(void)
{
    uint64_t start = clock_ticks();

    pause_often(RELAX_PAUSES);
    state.pause_is_dear =
        (clock_ticks() - start) / RELAX_PAUSES > clock_ticks_for(1000) * PAUSE_NS_MAX / 1000000;
}

void clock_relax(void)
{
    if (!state.pause_is_dear) {
        pause_often(RELAX_PAUSES);
        return;
    }
    for (unsigned i = 0; i < RELAX_TURNS; i++)
        __asm__ volatile("" : : : "memory");
}

static uint16_t timer_port(void)
{
    size_t size = 0;
    const void *fadt = acpi_table("FACP", &size);
    struct bytes bytes = bytes_of(fadt, size);
    uint32_t port = fadt ? bytes_le32(&bytes, FADT_TIMER_PORT) : 0;

    return bytes.failed || port > UINT16_MAX ? 0 : (uint16_t)port;
}

/* Ticks of the counter while the timer runs for MEASURE_US; 0 when the timer stands still. */
static uint64_t measure_by_timer(uint16_t port)
{
    uint32_t wanted = (uint32_t)((uint64_t)TIMER_HZ * MEASURE_US / 1000000);
    uint32_t first = port_in32(port) & TIMER_MASK;
    uint64_t start = clock_ticks();

    for (uint32_t turns = 0; turns < 10000000; turns++) {
        uint32_t gone = ((port_in32(port) & TIMER_MASK) - first) & TIMER_MASK;

        if (gone >= wanted)
            return (clock_ticks() - start) * wanted / gone;
        if (turns == 100000 && !gone)
            return 0;
    }
    return 0;
}

bool clock_init(struct clock *ret_clock)
{
    uint16_t port = timer_port();
    uint64_t entry = clock_ticks();
    uint64_t ticks = port ? measure_by_timer(port) : 0;
    bool by_timer = ticks != 0;

    if (!by_timer) {
        uint64_t start = clock_ticks();

        firmware.boot->Stall(MEASURE_US);
        ticks = clock_ticks() - start;
    }
    state.ticks_per_ms = ticks * 1000 / MEASURE_US;
    if (!state.ticks_per_ms)
        state.ticks_per_ms = 1;
    state.start = entry;
    measure_pause();
    *ret_clock = (struct clock){.now_us = now_us, .wait_us = wait_us};
    return by_timer;
}
