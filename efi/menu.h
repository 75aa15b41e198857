/*
 * The menu of plan=menu: what to do and how long it takes, the reports of earlier runs, and options
 * by hand. The firmware's watchdog is off in it.
 */
#ifndef ASSAY_EFI_MENU_H
#define ASSAY_EFI_MENU_H

#include "base/options.h"
#include "efi/desk.h"

enum menu_action { MENU_RUN, MENU_EARLIER, MENU_SETTINGS, MENU_QUIT };

struct menu_choice {
    enum menu_action action;
    enum plan plan; /* of MENU_RUN */
};

enum { MENU_COUNTDOWN_S = 30 };

/* Asks until something was chosen, by its key, or by the arrow keys and Enter. When nobody has
 * pressed any key within `countdown_s` the first one is taken; 0: it waits for ever. */
struct menu_choice menu_choose(const struct desk *desk, unsigned countdown_s);

/* Options for the runs to come, typed as they stand in assay.cfg. `check` finds what the parser
 * cannot know. What is wrong is said, and changes nothing. */
void menu_settings(const struct desk *desk, struct options *options,
                   void (*check)(const struct options *options, struct option_error *error));

#endif
