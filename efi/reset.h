/*
 * The last words of a machine, and its reset, where no firmware may be called.
 */
#ifndef ASSAY_EFI_RESET_H
#define ASSAY_EFI_RESET_H

/* Prints a line on the first serial port (3F8h) as the firmware has set it; nothing where none
 * answers. It never waits for longer than some milliseconds a character. */
void reset_print(const char *line);

/*
 * Resets the machine and does not return. By the reset control register (port CF9h) without power
 * cycle, which leaves what is in the machine-check banks; where that does nothing, by the keyboard
 * controller; else by a fault that has no handler.
 */
void reset_now(void);

#endif
