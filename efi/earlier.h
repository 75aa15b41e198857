/*
 * Earlier runs from this stick, for who has no other computer at hand: a list of them, and the
 * summary of the one that is chosen, made from its journal. Knows no firmware.
 */
#ifndef ASSAY_EFI_EARLIER_H
#define ASSAY_EFI_EARLIER_H

#include "efi/desk.h"
#include "report/model.h"

enum {
    EARLIER_SHOWN = 9, /* runs that are listed, newest first */
    EARLIER_LOOKS = 32 /* numbers that are looked at for them: folders may have been deleted */
};

struct earlier {
    uint32_t last; /* the newest run's number; 0: there is none */
    /* As files_read_journal(). */
    int (*read)(uint32_t number, void *buffer, size_t size, size_t *ret_size);
    char *buffer; /* for one journal, and the model of it */
    size_t size;
    struct model *model;
};

/* Until the user has seen enough. */
void earlier_show(const struct earlier *earlier, const struct desk *desk);

#endif
