/*
 * The environment controller of ITE's IT87xx and IT86xx.
 *
 * An index and a data port at base + 5 and + 6. In the newer chips the upper three bits of register
 * 06h select a bank; all that is read here is in bank 0, so that register is written only when the
 * firmware left another one selected, and put back after each reading.
 *
 * Fans as 16-bit counts, temperatures in whole degrees, without names, for ITE numbers them only;
 * and those voltages that are the chip's own supplies.
 */
#ifndef ASSAY_SENSORS_ITE_H
#define ASSAY_SENSORS_ITE_H

#include "sensors/hwm.h"

enum ite_variant {
    ITE_THREE,       /* IT8771E, IT8772E, IT8786E: three fans */
    ITE_THREE_AVCC,  /* IT8603E, IT8607E: and AVCC3 */
    ITE_8620,        /* six fans and temperatures, the last three of which may be voltages */
    ITE_8628,        /* and AVCC3 */
    ITE_8728,        /* five fans */
    ITE_8613,        /* five fans, steps of 11 mV */
    ITE_8625,        /* six fans, of which the last stands elsewhere; banks */
    ITE_8655,        /* three fans, six temperatures, steps of 10.9 mV; banks */
    ITE_8665,        /* the same with six fans, as IT8625E */
    ITE_8686,        /* and after it: six fans and temperatures; banks */
    ITE_SECOND_8790, /* second chip of a board: three fans, steps of 10.9 mV */
    ITE_SECOND_8792, /* steps of 11 mV */
    ITE_8721,        /* three fans, each of which may be set to count in 8 bits */
    ITE_VARIANTS,
};

extern const struct hwm_family ite_family;

#endif
