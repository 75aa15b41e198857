/*
 * The hardware monitor of Nuvoton NCT6775F to NCT6799D.
 *
 * An index and a data port at base + 5 and + 6; register 4Eh selects the bank of all others and is
 * the only one that is written. It is read before and put back after each reading, and read again
 * at the end: when somebody else has selected another bank by then, that one stays and the reading
 * does not count.
 *
 * Fans, temperatures with the source that the firmware routes to them, and those voltages whose
 * divider is inside the chip: those of other pins are the board maker's. Of temperatures, AUXTIN
 * inputs are left out unless all is asked for, for most boards leave them open.
 */
#ifndef ASSAY_SENSORS_NCT6775_H
#define ASSAY_SENSORS_NCT6775_H

#include "sensors/hwm.h"

enum nct6775_variant {
    NCT6775,
    NCT6776,
    NCT6779,
    NCT6791,
    NCT6792,
    NCT6793,
    NCT6795,
    NCT6796, /* and NCT6797 to NCT6799 */
    NCT6775_VARIANTS,
};

extern const struct hwm_family nct6775_family;

/* The inputs of a variant, nct6775_tables.c. */
struct nct6775_temperature {
    uint16_t address, source; /* of the reading; of its selector, whose low 5 bits count */
    bool is_word;             /* with half degrees */
};

struct nct6775_table {
    const struct nct6775_temperature *temperatures;
    unsigned temperature_count;
    uint16_t fans; /* register of the first, the others follow */
    uint8_t fan_count;
    uint8_t fan_form;          /* enum nct6775_form */
    uint16_t voltages[5];      /* Vcore, AVCC, 3VCC, 3VSB, VBAT */
    uint16_t tsi;              /* AMD's interface to the processor, as a word; */
    uint8_t tsi_count;         /* the others follow */
    uint8_t peci_calibration;  /* source of the first; 0: none */
    const char *const *labels; /* of sources 0 to 31; NULL: not shown */
    uint32_t processor;        /* mask of sources: they are a processor's */
    uint32_t often_open;       /* mask of sources: AUXTIN */
    uint16_t alternates;       /* registers of SYSTIN, CPUTIN and AUXTIN as bytes; 0: none */
};

enum nct6775_form {
    NCT_RPM,     /* a word of revolutions per minute */
    NCT_COUNT13, /* 13 bits in two bytes, the lower one has 5 */
    NCT_COUNT16, /* a word, to be shifted by the divisor in bank 5 */
    NCT_BYTE,    /* whole degrees */
    NCT_WORD,    /* and half a degree in bit 7 of the second byte */
    NCT_TSI,     /* eighths of a degree in the upper 11 bits */
    NCT_VOLTAGE,
};

const struct nct6775_table *nct6775_table(enum nct6775_variant variant);

#endif
