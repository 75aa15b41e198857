/*
 * The menu of plan=menu: what to do, and how long it takes. The firmware's watchdog is off in it.
 */
#ifndef ASSAY_EFI_MENU_H
#define ASSAY_EFI_MENU_H

#include "base/options.h"

/* Asks until something was chosen. PLAN_MENU means quit. */
enum plan menu_choose(void);

/* Waits for any key, at most `seconds`; true when one was pressed. */
bool menu_wait_key(unsigned seconds);

#endif
