/*
 * The panel seam: what a run needs of the person in front of the machine. Knows no firmware.
 */
#ifndef ASSAY_EFI_PANEL_H
#define ASSAY_EFI_PANEL_H

#include <stdbool.h>

#include "report/live.h"

struct panel {
    bool painted; /* the live screen is shown; otherwise plain lines as things happen */
    void (*paint)(const struct screen *screen);
    void (*print)(const char *line);
    bool (*stop_asked)(void); /* Esc was pressed since the last call */
    void (*alive)(void);      /* called each second: the run is not hung */
};

#endif
