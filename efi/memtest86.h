/*
 * memtest86+ instead of a run: a program of its own that takes the machine from the firmware, and
 * so reaches memory that the firmware holds while Assay runs. It stands on the volume Assay was
 * started from, ends only with the machine, and leaves nothing on any medium.
 */
#ifndef ASSAY_EFI_MEMTEST86_H
#define ASSAY_EFI_MEMTEST86_H

#include "base/event.h"

/*
 * Says on the console what comes, gives the processors and the machine-check handler back to the
 * firmware, and starts it. Comes back only where it does not run: the console then says why, and
 * ends as that of a run does. No run is begun: nothing is written. Always OVERALL_INCOMPLETE.
 */
enum overall memtest86_start(void);

#endif
