#include "efi/terminal.h"

#include <string.h>

#include "base/text.h"
#include "efi/clock.h"
#include "efi/firmware.h"

enum {
    PAINT_US = 5000,
    LINE_CHARS = 128,
    POLL_US = 20000,
    VARIABLE_SIZE = 1024,
};

static struct {
    bool painted;
    bool rewritten; /* the cursor stands behind a line of terminal_rewrite() */
    struct screen shown;
    unsigned next_row;
    SERIAL_IO_INTERFACE *serial; /* only where the firmware's console leaves it out */
} state;

static void set_attribute(enum colour colour)
{
    static const uint8_t attributes[] = {
        [COLOUR_NORMAL] = EFI_LIGHTGRAY, [COLOUR_DIM] = EFI_CYAN,
        [COLOUR_GOOD] = EFI_LIGHTGREEN,  [COLOUR_WARN] = EFI_YELLOW,
        [COLOUR_BAD] = EFI_LIGHTRED,     [COLOUR_TITLE] = EFI_WHITE | EFI_BACKGROUND_BLUE,
    };

    firmware.table->ConOut->SetAttribute(firmware.table->ConOut, attributes[colour]);
}

/* True when one of the firmware's console devices is a serial line. */
static bool terminal_has_serial(void)
{
    static const CHAR16 name[] = {'C', 'o', 'n', 'O', 'u', 't', 0};
    UINT8 value[VARIABLE_SIZE] __attribute__((aligned(8)));
    UINTN size = sizeof(value);

    if (EFI_ERROR(firmware.runtime->GetVariable((CHAR16 *)name, &global_variable_guid, NULL, &size,
                                                value)))
        return true; /* unknown: better once than twice */
    /* A list of paths, one behind the other, each with an end node of its own. */
    for (size_t at = 0; at + 4 <= size;) {
        const EFI_DEVICE_PATH *node = (const EFI_DEVICE_PATH *)(value + at);
        size_t length = node->Length[0] | (size_t)node->Length[1] << 8;

        if (node->Type == PATH_MESSAGING && node->SubType == PATH_UART)
            return true;
        if (length < 4)
            break;
        at += length;
    }
    return false;
}

void terminal_init(bool painted)
{
    SIMPLE_TEXT_OUTPUT_INTERFACE *out = firmware.table->ConOut;

    state.painted = painted;
    if (!terminal_has_serial())
        state.serial = protocol_anywhere(&serial_io_guid);
    if (!painted)
        return;
    out->SetMode(out, 0); /* 80 by 25, UEFI 2.10 section 12.4.3 */
    out->EnableCursor(out, FALSE);
    set_attribute(COLOUR_NORMAL);
    out->ClearScreen(out);
    for (unsigned row = 0; row < SCREEN_ROWS; row++) {
        for (unsigned column = 0; column < SCREEN_COLUMNS; column++)
            state.shown.cells[row][column] = (struct cell){.c = ' ', .colour = COLOUR_NORMAL};
    }
}

unsigned terminal_serial_rate(void)
{
    SERIAL_IO_INTERFACE *serial = protocol_anywhere(&serial_io_guid);

    return serial && serial->Mode && terminal_has_serial() ? (unsigned)serial->Mode->BaudRate : 0;
}

/* `end` goes behind the line, padding first up to a number of columns. */
static void print(const char *begin, const char *line, unsigned columns, const char *end)
{
    CHAR16 wide[LINE_CHARS];
    char narrow[LINE_CHARS];
    UINTN length;

    format_text(narrow, sizeof(narrow), "%s%-*.*s%s", begin, (int)columns, SCREEN_COLUMNS - 1, line,
                end);
    length = text_length(narrow);
    for (UINTN i = 0; i <= length; i++)
        wide[i] = (CHAR16)(unsigned char)narrow[i];
    firmware.table->ConOut->OutputString(firmware.table->ConOut, wide);
    if (state.serial)
        state.serial->Write(state.serial, &length, narrow);
}

/* A line that was rewritten is left as it stands. */
void terminal_print(const char *line)
{
    print(state.rewritten ? "\r\n" : "", line, 0, "\r\n");
    state.rewritten = false;
}

void terminal_rewrite(const char *line)
{
    print("\r", line, SCREEN_COLUMNS - 1, "");
    state.rewritten = true;
}

static bool cells_equal(struct cell a, struct cell b)
{
    return a.c == b.c && a.colour == b.colour;
}

/* Paints the run of changed cells of one colour that begins at a column; returns its end. */
static unsigned paint_run(const struct cell *cells, struct cell *shown, unsigned row,
                          unsigned column)
{
    SIMPLE_TEXT_OUTPUT_INTERFACE *out = firmware.table->ConOut;
    enum colour colour = cells[column].colour;
    CHAR16 wide[SCREEN_COLUMNS + 1];
    unsigned length = 0;
    unsigned start = column;

    while (column < SCREEN_COLUMNS && cells[column].colour == colour &&
           !cells_equal(cells[column], shown[column])) {
        wide[length++] = (CHAR16)(unsigned char)cells[column].c;
        shown[column] = cells[column];
        column++;
    }
    wide[length] = 0;
    out->SetCursorPosition(out, start, row);
    set_attribute(colour);
    out->OutputString(out, wide);
    return column;
}

void terminal_paint(const struct screen *screen)
{
    uint64_t end = clock_ticks() + clock_ticks_for(PAINT_US);

    if (!state.painted)
        return;
    for (unsigned i = 0; i < SCREEN_ROWS; i++) {
        unsigned row = (state.next_row + i) % SCREEN_ROWS;
        /* The last cell of the last row would scroll the screen. */
        unsigned columns = row == SCREEN_ROWS - 1 ? SCREEN_COLUMNS - 1 : SCREEN_COLUMNS;

        for (unsigned column = 0; column < columns;) {
            if (cells_equal(screen->cells[row][column], state.shown.cells[row][column]))
                column++;
            else
                column = paint_run(screen->cells[row], state.shown.cells[row], row, column);
            if (clock_ticks() > end) {
                state.next_row = row;
                return;
            }
        }
    }
    state.next_row = 0;
}

void terminal_end_paint(void)
{
    SIMPLE_TEXT_OUTPUT_INTERFACE *out = firmware.table->ConOut;

    if (!state.painted)
        return;
    state.painted = false;
    set_attribute(COLOUR_NORMAL);
    out->ClearScreen(out);
    out->EnableCursor(out, TRUE);
}

char terminal_key(void)
{
    SIMPLE_INPUT_INTERFACE *in = firmware.table->ConIn;
    EFI_INPUT_KEY key = {0};

    if (!in || EFI_ERROR(in->ReadKeyStroke(in, &key)))
        return 0;
    switch (key.ScanCode) {
    case SCAN_ESC:
        return KEY_ESCAPE;
    case SCAN_UP:
        return KEY_UP;
    case SCAN_DOWN:
        return KEY_DOWN;
    default:
        return key.UnicodeChar < 128 ? (char)key.UnicodeChar : 0;
    }
}

void terminal_wait_key(unsigned seconds)
{
    for (uint64_t waited = 0; waited < (uint64_t)seconds * 1000000 && !terminal_key();
         waited += POLL_US)
        firmware.boot->Stall(POLL_US);
}
