#include "efi/menu.h"

#include "efi/firmware.h"
#include "efi/terminal.h"

static const struct {
    char key;
    enum plan plan;
    const char *text;
} choices[] = {
    {'1', PLAN_QUICK, "Quick      all memory, all disks, 5 minutes of imaging load"},
    {'2', PLAN_IMAGING, "Imaging    the same with 30 minutes, as long as a usual backup"},
    {'3', PLAN_OVERNIGHT, "Overnight  the same with 8 hours"},
    {'4', PLAN_MEMORY, "Memory     memory alone, one pass of each test"},
    {'5', PLAN_DISK, "Disks      each disk alone, read through once (nothing is written)"},
    {'6', PLAN_SENSORS, "Sensors    fans and temperatures, 20 seconds"},
    {'7', PLAN_MEMTEST86, "memtest86+ that program instead: all memory, no report, no way back"},
};

enum { CHOICES = sizeof(choices) / sizeof(choices[0]), POLL_US = 20000 };

static void show(void)
{
    terminal_print("");
    terminal_print("  Assay finds the failing part in a computer. What shall it do?");
    terminal_print("");
    for (unsigned i = 0; i < CHOICES; i++) {
        char line[80] = "    ?  ";
        unsigned at = 7;

        line[4] = choices[i].key;
        for (const char *c = choices[i].text; *c && at < sizeof(line) - 1; c++)
            line[at++] = *c;
        line[at] = '\0';
        terminal_print(line);
    }
    terminal_print("    q  Quit");
    terminal_print("");
    terminal_print("  Press a key. Esc ends a run at any time and still writes its report.");
}

enum plan menu_choose(void)
{
    watchdog_set(0);
    show();
    for (;;) {
        char key = terminal_key();

        if (key == 'q' || key == 'Q')
            return PLAN_MENU;
        for (unsigned i = 0; i < CHOICES; i++) {
            if (choices[i].key == key)
                return choices[i].plan;
        }
        firmware.boot->Stall(POLL_US);
    }
}

bool menu_wait_key(unsigned seconds)
{
    for (uint64_t waited = 0; waited < (uint64_t)seconds * 1000000; waited += POLL_US) {
        if (terminal_key())
            return true;
        firmware.boot->Stall(POLL_US);
    }
    return false;
}
