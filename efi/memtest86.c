#include "efi/memtest86.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "efi/files.h"
#include "efi/firmware.h"
#include "efi/machine_check.h"
#include "efi/menu.h"
#include "efi/processors.h"
#include "efi/terminal.h"
#include "report/closing.h"

enum {
    SHOWN_S = 5,
    PATH_CHARS = 64,
    OPTION_CHARS = 64,
    PATH_BYTES_MAX = 1024, /* of the volume's own device path */
    PATH_FILE = 4,         /* subtype of a media node that names a file: UEFI 2.10, 10.3.5.4 */
    NODE_HEAD = 4,         /* bytes of a node before what it says */
};

static const char *const file_path = "\\EFI\\assay\\memtest86+x64.efi";

static void put_line(void *context, const char *line)
{
    (void)context;
    terminal_print(line);
}

static void say(const char *prefix, const char *text)
{
    const struct lines lines = {.put = put_line};

    lines_wrapped(&lines, prefix, text);
}

/* UTF-16 with its end; returns the bytes it takes. */
static size_t widen(CHAR16 *to, size_t limit, const char *from)
{
    size_t count = 0;

    while (from[count] && count + 1 < limit) {
        to[count] = (CHAR16)(unsigned char)from[count];
        count++;
    }
    to[count] = 0;
    return (count + 1) * sizeof(CHAR16);
}

static void put_node(uint8_t *at, unsigned type, unsigned subtype, size_t size)
{
    at[0] = (uint8_t)type;
    at[1] = (uint8_t)subtype;
    at[2] = (uint8_t)size;
    at[3] = (uint8_t)(size >> 8);
}

/* The device path of the file: that of the volume, and a node that names the file on it. */
static EFI_DEVICE_PATH *path_of_file(EFI_HANDLE volume)
{
    static uint8_t path[PATH_BYTES_MAX + NODE_HEAD + PATH_CHARS * sizeof(CHAR16) + NODE_HEAD]
        __attribute__((aligned(8)));
    const EFI_DEVICE_PATH *prefix = protocol_on(volume, &device_path_guid);
    size_t size = path_size(prefix), name_size;
    CHAR16 name[PATH_CHARS];

    if (!size || size > PATH_BYTES_MAX)
        return NULL;
    name_size = widen(name, PATH_CHARS, file_path);
    memcpy(path, prefix, size);
    put_node(path + size, PATH_MEDIA, PATH_FILE, NODE_HEAD + name_size);
    memcpy(path + size + NODE_HEAD, name, name_size);
    put_node(path + size + NODE_HEAD + name_size, 0x7F, 0xFF, NODE_HEAD);
    return (EFI_DEVICE_PATH *)path;
}

/*
 * Where the firmware's console is on a serial line, the screen goes there too. On one processor
 * then: with several, 6.10 stops for good at an error, for they all print at once.
 */
static void set_options(EFI_HANDLE image)
{
    static CHAR16 wide[OPTION_CHARS];
    EFI_LOADED_IMAGE *loaded = protocol_on(image, &loaded_image_guid);
    unsigned rate = terminal_serial_rate();
    char text[OPTION_CHARS];

    if (!loaded || !rate)
        return;
    format_text(text, sizeof(text), "console=ttyS0,%u nosmp", rate);
    loaded->LoadOptionsSize = (UINT32)widen(wide, OPTION_CHARS, text);
    loaded->LoadOptions = wide;
}

/* Why it cannot even be tried; NULL where it can. */
static const char *obstacle(EFI_HANDLE volume)
{
    if (!protocol_on(volume, &file_system_guid))
        return "booted from a network, not from the stick";
    if (!files_exists(file_path))
        return "\\EFI\\assay\\memtest86+x64.efi is not there";
    if (!protocol_anywhere(&graphics_output_guid)) /* it would stop without a word */
        return "it needs a display, and there is none";
    return NULL;
}

/* The loaded program, or NULL and why there is none. */
static EFI_HANDLE load(EFI_HANDLE volume, char *reason, size_t size)
{
    EFI_DEVICE_PATH *path = path_of_file(volume);
    EFI_HANDLE image = NULL;
    EFI_STATUS status = EFI_UNSUPPORTED;

    if (path)
        status = firmware.boot->LoadImage(FALSE, firmware.image, path, NULL, 0, &image);
    if (!EFI_ERROR(status))
        return image;
    /* What may not be started may yet have been loaded (UEFI 2.10, 7.4.1). */
    if (status == EFI_SECURITY_VIOLATION && image)
        firmware.boot->UnloadImage(image);
    if (status == EFI_SECURITY_VIOLATION || status == EFI_ACCESS_DENIED)
        copy_text(reason, size, "Secure Boot refuses it: switch that off");
    else
        format_text(reason, size, "the firmware cannot load it: %s",
                    error_text(firmware_error(status)));
    return NULL;
}

/* What another program must not find in use. The next run takes it all again. */
static void let_go(void)
{
    processors_stop();
    handler_remove();
    watchdog_set(0);
}

/* Does not come back where all is well. */
static void start(EFI_HANDLE image, char *reason, size_t size)
{
    EFI_STATUS status;

    set_options(image);
    say("", "memtest86+ now takes this machine over. It never returns and writes no report: read "
            "its screen, and switch the machine off, or press its Esc key, to end it.");
    terminal_print("It starts in 5 seconds, or at a key.");
    terminal_wait_key(SHOWN_S);
    let_go();
    status = firmware.boot->StartImage(image, NULL, NULL);
    handler_install((uint16_t)processors_boot_number());
    format_text(reason, size, "it gave up: %s",
                status == EFI_SUCCESS ? "it gave no reason" : error_text(firmware_error(status)));
}

/* What a run without a report ends in. */
static void say_end(const char *why)
{
    struct event_not_tested not_tested = {.subsystem = "memory"};
    char line[LINE_SIZE];

    say("memtest86+ does not run: ", why);
    format_text(not_tested.reason, sizeof(not_tested.reason), "memtest86+: %s", why);
    closing_not_tested(&not_tested, line);
    terminal_print(line);
    closing_verdict(OVERALL_INCOMPLETE, line);
    terminal_print(line);
}

enum overall memtest86_start(void)
{
    EFI_HANDLE volume = firmware.loaded ? firmware.loaded->DeviceHandle : NULL;
    const char *why_not = obstacle(volume);
    char why[TEXT_SIZE];
    EFI_HANDLE image = NULL;

    if (why_not)
        copy_text(why, sizeof(why), why_not);
    else
        image = load(volume, why, sizeof(why));
    if (image)
        start(image, why, sizeof(why));
    say_end(why);
    return OVERALL_INCOMPLETE;
}
