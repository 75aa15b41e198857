/* Options from any bytes: the first byte says which source, the rest is what stands there. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct options options;
    struct option_error error = {0};
    char text[OPTIONS_SIZE];
    bool ignored;

    if (size == 0)
        return 0;
    options_init(&options);
    if (data[0] % 3 == 0)
        options_apply_text(&options, (const char *)data + 1, size - 1, "assay.cfg", &error);
    if (data[0] % 3 == 1)
        options_apply_load_options(&options, data + 1, size - 1, &ignored, &error);
    if (data[0] % 3 == 2 && size < sizeof(text)) {
        memcpy(text, data + 1, size - 1);
        text[size - 1] = '\0';
        options_apply_one(&options, text, "SMBIOS string 1", &error);
    }
    options_render(&options, text, sizeof(text));
    options_check_secure_boot(&options, true, &error);
    return 0;
}
