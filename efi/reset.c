#include "efi/reset.h"

#include <stdbool.h>
#include <stdint.h>

#include "efi/clock.h"
#include "efi/ports.h"

enum {
    UART = 0x3F8,
    UART_LINE_STATUS = UART + 5,
    UART_ABSENT = 0xFF,
    UART_HOLDING_EMPTY = 0x20,
    UART_ALL_EMPTY = 0x40,
    UART_US = 20000, /* a character at 1200 baud takes less */

    RESET_CONTROL = 0xCF9,
    RESET_HARD = 0x02, /* processor and devices; bit 3, power cycle, stays clear */
    RESET_START = 0x04,
    KEYBOARD_COMMAND = 0x64,
    KEYBOARD_BUSY = 0x02,
    KEYBOARD_RESET = 0xFE,
    RESET_US = 200000,
};

static void wait(uint64_t us)
{
    uint64_t end = clock_ticks() + clock_ticks_for(us);

    while (clock_ticks() < end)
        __asm__ volatile("pause");
}

static bool wait_for_port(uint16_t port, uint8_t mask, uint8_t value, uint64_t us)
{
    uint64_t end = clock_ticks() + clock_ticks_for(us);

    while ((port_in8(port) & mask) != value) {
        if (clock_ticks() >= end)
            return false;
    }
    return true;
}

/* False when the port does not take it. */
static bool put(char c)
{
    if (!wait_for_port(UART_LINE_STATUS, UART_HOLDING_EMPTY, UART_HOLDING_EMPTY, UART_US))
        return false;
    port_out8(UART, (uint8_t)c);
    return true;
}

void reset_print(const char *line)
{
    bool alive = port_in8(UART_LINE_STATUS) != UART_ABSENT;

    for (; alive && *line; line++)
        alive = put(*line);
    if (alive && put('\r') && put('\n'))
        wait_for_port(UART_LINE_STATUS, UART_ALL_EMPTY, UART_ALL_EMPTY, UART_US);
}

void reset_now(void)
{
    static const struct __attribute__((packed)) {
        uint16_t limit;
        uint64_t base;
    } no_table;

    __asm__ volatile("cli");
    port_out8(RESET_CONTROL, RESET_HARD);
    port_out8(RESET_CONTROL, RESET_HARD | RESET_START);
    wait(RESET_US);
    wait_for_port(KEYBOARD_COMMAND, KEYBOARD_BUSY, 0, RESET_US);
    port_out8(KEYBOARD_COMMAND, KEYBOARD_RESET);
    wait(RESET_US);
    __asm__ volatile("lidt %0; int3" : : "m"(no_table));
    for (;;)
        __asm__ volatile("hlt");
}
