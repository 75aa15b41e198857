/*
 * AMD's thermal registers: Tctl, Tdie and the temperatures of the chiplets.
 *
 * From family 17h on they lie in the system management network (SMN), which is read through a pair
 * of registers of 00:00.0: 60h takes an address, 64h then gives its value. Family 15h, models 60h
 * to 7Fh, has such a pair at B8h. Families 10h to 16h have the register in configuration space, A4h
 * of 00:18.3. Sources: AMD's BKDG and PPR of the families ("Reported Temperature Control"), and
 * what is published of the chiplets' registers.
 *
 * The pair belongs to the firmware's management mode as well, which may take it at any moment: a
 * value counts when the address still stands there after it was read, twice, with equal results.
 * The address register is put back. Only the processor in the first socket is seen.
 */
#ifndef ASSAY_SENSORS_CPU_AMD_H
#define ASSAY_SENSORS_CPU_AMD_H

#include "base/access.h"
#include "sensors/cpu_registers.h"

enum {
    AMD_CCDS_MAX = 12,
    AMD_TRIES_MAX = 6, /* of a pair that is not left alone */
};

/* All that is ever written, here for who keeps a list of what may be: the address registers in the
 * configuration space of 00:00.0, one dword each. */
struct amd_write {
    struct pci_function function;
    uint16_t offset;
};

#define AMD_WRITES                                                                                 \
    {                                                                                              \
        {{0, 0, 0}, 0x60},     /* families 17h and later */                                        \
            {{0, 0, 0}, 0xB8}, /* family 15h, models 60h to 7Fh */                                 \
    }

/* Where the registers are. */
enum amd_place { AMD_SMN, AMD_INDEX_15H, AMD_CONFIG };

struct amd_thermal {
    enum amd_place place;
    uint16_t ccd_offset; /* of the first chiplet's register */
    uint16_t ccd_mask;   /* chiplets whose reading was valid when they were looked for */
    int64_t offset;      /* Tctl is so much above Tdie, thousandths of a degree */
    bool relative;       /* Tctl is no temperature but a scale of its own, on which 70 is hot */
};

struct amd_reading {
    bool has_tctl;
    int64_t tctl, tdie; /* thousandths of a degree */
    uint16_t ccd_mask;
    int64_t ccd[AMD_CCDS_MAX];
};

/*
 * Whether this processor has sensors that can be read, and where. `brand` is its name from CPUID.
 * The identities of 00:00.0 and 00:18.3 are read first, of family 10h the kind of its memory as
 * well; only where they are those of a known processor its chiplets are looked for. ERR_ABSENT
 * where the identities are none of a known processor or there is a hypervisor, ERR_REFUSED for
 * those whose sensor is unreliable (family 10h in sockets F and AM2+, erratum 319), ERR_UNSUPPORTED
 * where the seam cannot reach configuration space.
 */
int amd_find(const struct access *access, const struct cpu_registers *registers, const char *brand,
             struct amd_thermal *ret_thermal);

/* Reads all that there is. ERR_IO when the pair was never left alone or gives no value; nothing is
 * taken over then. A chiplet that says its reading is not valid is left out. */
int amd_read(const struct access *access, const struct amd_thermal *thermal,
             struct amd_reading *ret_reading);

#endif
