/*
 * The terminal: the painted screen, plain lines, and the keyboard.
 *
 * Both go through the firmware's console alone where that includes the serial line, for a second
 * copy of our own would double every line there; where it does not, plain lines also go to the
 * serial port. Painting changes only cells that differ, and stops after a few milliseconds to go
 * on at the next call: a serial screen takes up to 170 ms for a whole page.
 */
#ifndef ASSAY_EFI_TERMINAL_H
#define ASSAY_EFI_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>

#include "efi/desk.h"
#include "report/live.h"

/* With `painted`, the screen is set to 80 columns by 25 lines and cleared. */
void terminal_init(bool painted);

/* One line of plain ASCII, at most 79 columns, its line end added. */
void terminal_print(const char *line);

/* Bits a second of the serial line that the firmware's console is on; 0 where it is on none. */
unsigned terminal_serial_rate(void);

void terminal_paint(const struct screen *screen);

/* Leaves the painted screen: cleared, normal colours, lines from the top. */
void terminal_end_paint(void);

/* The same in the place of the line that was shown so before. */
void terminal_rewrite(const char *line);

/* A key: its character, one of efi/desk.h, or 0 when none was pressed. Never waits. */
char terminal_key(void);

/* Waits for any key, at most `seconds`. */
void terminal_wait_key(unsigned seconds);

#endif
