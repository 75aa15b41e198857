/*
 * The chips that are known by their id.
 */
#include <stddef.h>

#include "sensors/ite.h"
#include "sensors/nct6683.h"
#include "sensors/nct6775.h"
#include "sensors/superio.h"

enum { DEVICE_NUVOTON = 0x0B, DEVICE_ITE = 0x04, EXACT = 0xFFFF };

#define NUVOTON(chip, bits, title, kind, lock)                                                     \
    {                                                                                              \
        .id = (chip), .mask = (bits), .name = (title), .family = SUPERIO_NCT6775,                  \
        .device = DEVICE_NUVOTON, .variant = (kind), .has_io_lock = (lock)                         \
    }
#define EMBEDDED(chip, title)                                                                      \
    {                                                                                              \
        .id = (chip), .mask = 0xFFF0, .name = (title), .family = SUPERIO_NCT6683,                  \
        .device = DEVICE_NUVOTON                                                                   \
    }
#define ITE(chip, title, kind)                                                                     \
    {                                                                                              \
        .id = (chip), .mask = EXACT, .name = (title), .family = SUPERIO_ITE, .device = DEVICE_ITE, \
        .variant = (kind)                                                                          \
    }
#define ITE_OPEN(chip, title, kind)                                                                \
    {                                                                                              \
        .id = (chip), .mask = EXACT, .name = (title), .family = SUPERIO_ITE, .device = DEVICE_ITE, \
        .variant = (kind), .stays_open = true                                                      \
    }
#define SKIPPED(chip, title, open)                                                                 \
    {                                                                                              \
        .id = (chip), .mask = EXACT, .name = (title), .family = SUPERIO_SKIPPED,                   \
        .stays_open = (open)                                                                       \
    }

/* The first that fits. */
static const struct superio_model models[] = {
    NUVOTON(0xB470, 0xFFF8, "NCT6775F", NCT6775, false),
    NUVOTON(0xC330, 0xFFF8, "NCT6776", NCT6776, false),
    NUVOTON(0xC560, 0xFFF8, "NCT6779D", NCT6779, false),
    NUVOTON(0xC800, 0xFFF8, "NCT6791D", NCT6791, true),
    NUVOTON(0xC910, 0xFFF8, "NCT6792D", NCT6792, true),
    NUVOTON(0xD120, 0xFFF8, "NCT6793D", NCT6793, true),
    NUVOTON(0xD350, 0xFFF8, "NCT6795D", NCT6795, true),
    NUVOTON(0xD420, 0xFFF8, "NCT6796D", NCT6796, true),
    NUVOTON(0xD42A, 0xFFFE, "NCT6796D-R", NCT6796, true),
    NUVOTON(0xD428, 0xFFF8, "NCT6798D", NCT6796, true),
    NUVOTON(0xD450, 0xFFF8, "NCT6797D", NCT6796, true),
    NUVOTON(0xD802, 0xFFFE, "NCT6796D-S or NCT6799D", NCT6796, true),
    NUVOTON(0xD806, 0xFFFE, "NCT6701D", NCT6796, true),
    NUVOTON(0xD800, 0xFFF8, "NCT6799D", NCT6796, true),
    EMBEDDED(0xC730, "NCT6683D"),
    EMBEDDED(0xD440, "NCT6686D"),
    EMBEDDED(0xD590, "NCT6687D"),
    ITE(0x8603, "IT8603E", ITE_THREE_AVCC),
    ITE(0x8607, "IT8607E", ITE_THREE_AVCC),
    ITE(0x8613, "IT8613E", ITE_8613),
    ITE(0x8620, "IT8620E", ITE_8620),
    ITE(0x8625, "IT8625E", ITE_8625),
    ITE(0x8628, "IT8628E", ITE_8628),
    ITE(0x8655, "IT8655E", ITE_8655),
    ITE(0x8665, "IT8665E", ITE_8665),
    ITE(0x8686, "IT8686E", ITE_8686),
    ITE(0x8688, "IT8688E", ITE_8686),
    ITE(0x8689, "IT8689E", ITE_8686),
    ITE(0x8721, "IT8721F", ITE_8721),
    ITE(0x8728, "IT8728F", ITE_8728),
    ITE(0x8771, "IT8771E", ITE_THREE),
    ITE(0x8772, "IT8772E", ITE_THREE),
    ITE(0x8786, "IT8786E", ITE_THREE),
    ITE_OPEN(0x8790, "IT8790E", ITE_SECOND_8790),
    ITE_OPEN(0x8733, "IT8792E", ITE_SECOND_8792),
    SKIPPED(0x8695, "IT87952E", true),
    SKIPPED(0x8696, "IT8696E", false),
    SKIPPED(0x8698, "IT8698E", false),
};

const struct superio_model *superio_model(uint16_t id)
{
    for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++)
        if ((id & models[i].mask) == models[i].id)
            return &models[i];
    return NULL;
}
