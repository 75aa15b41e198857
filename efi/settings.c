#include "efi/settings.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "efi/files.h"
#include "efi/firmware.h"
#include "sensors/smbios.h"

enum {
    CFG_SIZE = 16 * 1024,
    OEM_STRINGS_MAX = 64,
    OEM_STRING_SIZE = 512,
    ENTRY3_SIZE = 24, /* DSP0134 section 5.2.2 */
    ENTRY2_SIZE = 31, /* section 5.2.1 */
};

const void *smbios_table(size_t *ret_size)
{
    const void *entry = configuration_table(&smbios3_guid);
    struct bytes bytes;

    if (entry && !memcmp(entry, "_SM3_", 5)) {
        bytes = bytes_of(entry, ENTRY3_SIZE);
        *ret_size = bytes_le32(&bytes, 12);
        return (const void *)(uintptr_t)bytes_le64(&bytes, 16);
    }
    entry = configuration_table(&smbios_guid);
    if (entry && !memcmp(entry, "_SM_", 4)) {
        bytes = bytes_of(entry, ENTRY2_SIZE);
        *ret_size = bytes_le16(&bytes, 22);
        return (const void *)(uintptr_t)bytes_le32(&bytes, 24);
    }
    *ret_size = 0;
    return NULL;
}

static void apply_file(struct settings *settings, const char *name)
{
    char path[NAME_SIZE * 2];
    char *cfg = pages_for(CFG_SIZE);
    size_t size = 0;
    int error;

    if (!cfg)
        return;
    format_text(path, sizeof(path), "\\EFI\\assay\\%s", name);
    error = files_read(path, cfg, CFG_SIZE, &size);
    if (error == ERR_FULL && !settings->error.count++)
        format_text(settings->error.text, sizeof(settings->error.text), "%s: longer than %u bytes",
                    name, CFG_SIZE - 1);
    if (!error)
        options_apply_text(&settings->options, cfg, size, name, &settings->error);
    give_pages_back(cfg, CFG_SIZE);
}

/* `<baseboard product>.cfg`, characters outside A-Za-z0-9 made _. */
static void apply_board_file(struct settings *settings, const void *table, size_t size)
{
    struct smbios_product board;
    char name[NAME_SIZE + 4];

    if (!table || smbios_baseboard(table, size, &board) || !board.product[0])
        return;
    for (char *c = board.product; *c; c++) {
        bool plain =
            (*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9');
        if (!plain)
            *c = '_';
    }
    format_text(name, sizeof(name), "%s.cfg", board.product);
    if (!text_equal_nocase(name, "assay.cfg"))
        apply_file(settings, name);
}

static void apply_strings(struct settings *settings, const void *table, size_t size)
{
    static char text[OEM_STRING_SIZE];
    char where[NAME_SIZE];

    for (unsigned i = 0; table && i < OEM_STRINGS_MAX; i++) {
        if (smbios_oem_string(table, size, i, text, sizeof(text)))
            return;
        format_text(where, sizeof(where), "SMBIOS string %u", i + 1);
        if (text_starts(text, "assay:"))
            options_apply_one(&settings->options, text + 6, where, &settings->error);
    }
}

/* UEFI 2.10, 3.3: 1 when the firmware looks at signatures, 0 or no such variable otherwise. */
static bool secure_boot_is_on(void)
{
    static const CHAR16 name[] = {'S', 'e', 'c', 'u', 'r', 'e', 'B', 'o', 'o', 't', 0};
    uint8_t value = 0;
    UINTN size = sizeof(value);
    EFI_STATUS status =
        firmware.runtime->GetVariable((CHAR16 *)name, &global_variable_guid, NULL, &size, &value);

    return !EFI_ERROR(status) && size == sizeof(value) && value == 1;
}

void settings_read(struct settings *settings)
{
    size_t size = 0;
    const void *table = smbios_table(&size);

    memset(&settings->error, 0, sizeof(settings->error));
    options_init(&settings->options);
    apply_file(settings, "assay.cfg");
    apply_board_file(settings, table, size);
    apply_strings(settings, table, size);
    if (firmware.loaded && firmware.loaded->LoadOptions)
        options_apply_load_options(&settings->options, firmware.loaded->LoadOptions,
                                   firmware.loaded->LoadOptionsSize,
                                   &settings->load_options_ignored, &settings->error);
    settings->secure_boot = secure_boot_is_on();
    options_check_secure_boot(&settings->options, settings->secure_boot, &settings->error);
}
