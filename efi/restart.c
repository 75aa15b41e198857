#include "efi/restart.h"

#include "base/text.h"
#include "efi/acpi.h"
#include "sensors/acpi_pm1.h"

static const char step[] = "read PM1 status";

void restart_read(const struct access *access, const char *skip, const struct sink *sink)
{
    struct event event = {.type = EVENT_RESTART, .restart.witness = RESTART_TOLD_BY_CHIPSET};
    size_t size = 0;
    const void *fadt = acpi_table("FACP", &size);
    struct acpi_pm1 pm1;
    uint16_t status;

    if (!fadt || acpi_pm1_find(fadt, size, &pm1) || text_equal(step, skip))
        return;
    emit_step(sink, step, false);
    if (!acpi_pm1_read(&pm1, access, &status))
        event.restart.cause = (uint8_t)acpi_pm1_cause(status);
    emit_step(sink, step, true);
    if (event.restart.cause != RESTART_UNKNOWN)
        emit(sink, &event);
}
