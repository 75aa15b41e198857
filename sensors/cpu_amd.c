#include "sensors/cpu_amd.h"

#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

enum {
    VENDOR_AMD = 0x1022,
    VENDOR_HYGON = 0x1D94,
    NODE_DEVICE = 0x18,
    SMN_INDEX = 0x60,
    INDEX_15H = 0xB8,
    REPORTED_TEMPERATURE = 0xA4,
    MEMORY_CONFIG = 0x94, /* of 00:18.2: bit 8, DDR3 */
    DDR3 = 1 << 8,
    STEP_MILLI = 125, /* thousandths of a degree */
    RANGE_MILLI = 49000,
    CURRENT_SHIFT = 21,
    RANGE_SELECT = 1 << 19,
    TJ_SELECT = 3 << 16,
    CCD_VALID = 1 << 11,
    CCD_MASK = 0x7FF,
};

static const uint32_t all_ones = 0xFFFFFFFF, smn_tctl = 0x00059800, index_15h_tctl = 0xD8200CA4;

static const struct pci_function root = {0, 0, 0}, node_control = {0, NODE_DEVICE, 3},
                                 node_memory = {0, NODE_DEVICE, 2};

/* Device 00:00.0 and 00:18.3 of the families with an index pair. */
static const uint16_t zen_roots[] = {0x1450, 0x15D0, 0x1480, 0x1630, 0x14B5, 0x14A4,
                                     0x14D8, 0x14E8, 0x153A, 0x1507, 0x1122};
static const uint16_t zen_nodes[] = {0x1463, 0x15EB, 0x1493, 0x144B, 0x1443, 0x13F3, 0x1727,
                                     0x1653, 0x14B0, 0x167C, 0x166D, 0x14E3, 0x14F3, 0x12FB,
                                     0x12C3, 0x16FB, 0x12CB, 0x124B, 0x12BB};
static const uint16_t roots_15h[] = {0x1576};
static const uint16_t nodes_15h[] = {0x1573, 0x15B3};
/* 00:18.3 of families 10h to 16h, those above apart. */
static const uint16_t old_nodes[] = {0x1203, 0x1303, 0x1703, 0x1603,
                                     0x1403, 0x141D, 0x1533, 0x1583};

#define HAS(table, device) has(table, sizeof(table) / sizeof((table)[0]), device)

static bool has(const uint16_t *table, size_t count, unsigned device)
{
    for (size_t i = 0; i < count; i++) {
        if (table[i] == device)
            return true;
    }
    return false;
}

static int config(const struct access *access, struct pci_function function, uint16_t offset,
                  uint32_t *ret_value)
{
    return access->read_config(access->context, function, offset, ret_value);
}

/* The device of a function that AMD or Hygon made, else 0. */
static unsigned device_of(const struct access *access, struct pci_function function)
{
    uint32_t identity;

    if (config(access, function, 0, &identity))
        return 0;
    return (identity & 0xFFFF) == VENDOR_AMD || (identity & 0xFFFF) == VENDOR_HYGON ? identity >> 16
                                                                                    : 0;
}

/* ---- what is where */

/* Registers of the chiplets, as many as there may be. */
struct amd_ccds {
    uint8_t family, first, last; /* models */
    uint8_t count;
    uint16_t offset;
};

/* Of models that are not here only Tctl is known. */
static const struct amd_ccds ccd_models[] = {
    {0x17, 0x01, 0x01, 4, 0x154},  {0x17, 0x08, 0x08, 4, 0x154},  {0x17, 0x11, 0x11, 4, 0x154},
    {0x17, 0x18, 0x18, 4, 0x154},  {0x17, 0x31, 0x31, 8, 0x154},  {0x17, 0x60, 0x60, 8, 0x154},
    {0x17, 0x68, 0x68, 8, 0x154},  {0x17, 0x71, 0x71, 8, 0x154},  {0x17, 0xA0, 0xAF, 8, 0x300},
    {0x19, 0x00, 0x01, 8, 0x154},  {0x19, 0x08, 0x08, 8, 0x154},  {0x19, 0x21, 0x21, 8, 0x154},
    {0x19, 0x50, 0x5F, 8, 0x154},  {0x19, 0x40, 0x4F, 8, 0x300},  {0x19, 0x60, 0x7F, 8, 0x308},
    {0x19, 0x10, 0x1F, 12, 0x300}, {0x19, 0xA0, 0xAF, 12, 0x300},
};

static const struct amd_ccds *ccds_of(const struct cpu_registers *registers)
{
    for (size_t i = 0; i < sizeof(ccd_models) / sizeof(ccd_models[0]); i++) {
        const struct amd_ccds *ccds = &ccd_models[i];

        if (registers->family == ccds->family && registers->model >= ccds->first &&
            registers->model <= ccds->last)
            return ccds;
    }
    return NULL;
}

/* Some of the first Zens report a Tctl above their temperature, so that their fans turn earlier. */
static int64_t offset_of(const struct cpu_registers *registers, const char *brand)
{
    static const struct {
        const char *begins;
        int64_t offset;
    } brands[] = {
        {"AMD Ryzen 5 1600X", 20000},         {"AMD Ryzen 7 1700X", 20000},
        {"AMD Ryzen 7 1800X", 20000},         {"AMD Ryzen 7 2700X", 10000},
        {"AMD Ryzen Threadripper 19", 27000}, {"AMD Ryzen Threadripper 29", 27000},
    };

    for (size_t i = 0; registers->family == 0x17 && i < sizeof(brands) / sizeof(brands[0]); i++) {
        if (text_starts(brand, brands[i].begins))
            return brands[i].offset;
    }
    return 0;
}

/* Erratum 319: unreliable in sockets F and AM2+. A socket of AM2+ and AM3 shows itself by its
 * memory, or else by the stepping. */
static bool is_unreliable(const struct access *access, const struct cpu_registers *registers)
{
    enum { SOCKET_F = 0, SOCKET_AM = 1 };
    uint32_t memory;

    if (registers->family != 0x10 || registers->package_type > SOCKET_AM)
        return false;
    if (registers->package_type == SOCKET_F)
        return true;
    if (config(access, node_memory, MEMORY_CONFIG, &memory) || memory == all_ones)
        return true;
    return !(memory & DDR3) &&
           (registers->model < 4 || (registers->model == 4 && registers->stepping <= 2));
}

/* ---- reading */

/* One look through a pair; ERR_STALE when the address had been changed by the time. */
static int look(const struct access *access, uint16_t index, uint32_t address, uint32_t *ret_value)
{
    uint32_t value, after;
    int error = access->write_config(access->context, root, index, address);

    if (!error)
        error = config(access, root, index + 4, &value);
    if (!error)
        error = config(access, root, index, &after);
    if (!error && after != address)
        error = ERR_STALE;
    if (!error)
        *ret_value = value;
    return error;
}

static int look_twice(const struct access *access, uint16_t index, uint32_t address,
                      uint32_t *ret_value)
{
    uint32_t first, second;
    int error = look(access, index, address, &first);

    if (!error)
        error = look(access, index, address, &second);
    if (!error && first != second)
        error = ERR_STALE;
    if (!error && first == all_ones)
        error = ERR_ABSENT;
    if (!error)
        *ret_value = first;
    return error;
}

static int read_pair(const struct access *access, uint16_t index, uint32_t address,
                     uint32_t *ret_value)
{
    uint32_t saved;
    int error = config(access, root, index, &saved);

    if (error)
        return error;
    error = ERR_STALE;
    for (unsigned i = 0; i < AMD_TRIES_MAX && error == ERR_STALE; i++)
        error = look_twice(access, index, address, ret_value);
    access->write_config(access->context, root, index, saved);
    return error;
}

static int read_tctl(const struct access *access, const struct amd_thermal *thermal,
                     uint32_t *ret_value)
{
    switch (thermal->place) {
    case AMD_SMN:
        return read_pair(access, SMN_INDEX, smn_tctl, ret_value);
    case AMD_INDEX_15H:
        return read_pair(access, INDEX_15H, index_15h_tctl, ret_value);
    default:
        return config(access, node_control, REPORTED_TEMPERATURE, ret_value);
    }
}

/* One of two fields says that the scale begins at -49 degrees; the first is there from 17h on. */
static int64_t tctl_of(const struct amd_thermal *thermal, uint32_t value)
{
    int64_t milli = (int64_t)(value >> CURRENT_SHIFT) * STEP_MILLI;
    bool range = thermal->place == AMD_SMN && value & RANGE_SELECT;
    bool shifted = range || (value & TJ_SELECT) == TJ_SELECT;

    return shifted ? milli - RANGE_MILLI : milli;
}

/* False where the chiplet says that its reading is not valid, or is not there. */
static bool read_ccd(const struct access *access, uint16_t offset, unsigned ccd, int64_t *ret_milli)
{
    uint32_t value;

    if (read_pair(access, SMN_INDEX, smn_tctl + offset + 4 * ccd, &value) || !(value & CCD_VALID))
        return false;
    *ret_milli = (int64_t)(value & CCD_MASK) * STEP_MILLI - RANGE_MILLI;
    return true;
}

static void find_valid_ccds(const struct access *access, const struct amd_ccds *ccds,
                            struct amd_thermal *thermal)
{
    int64_t milli;

    thermal->ccd_offset = ccds->offset;
    for (unsigned i = 0; i < ccds->count && i < AMD_CCDS_MAX; i++)
        thermal->ccd_mask |= (uint16_t)((unsigned)read_ccd(access, ccds->offset, i, &milli) << i);
}

int amd_read(const struct access *access, const struct amd_thermal *thermal,
             struct amd_reading *ret_reading)
{
    struct amd_reading reading = {.has_tctl = false};
    uint32_t value;

    /* Neither value is one that a processor at work reports. */
    if (read_tctl(access, thermal, &value) || value == all_ones || value == 0)
        return ERR_IO;
    reading.has_tctl = true;
    reading.tctl = tctl_of(thermal, value);
    reading.tdie = reading.tctl - thermal->offset;
    for (unsigned i = 0; i < AMD_CCDS_MAX; i++) {
        if (thermal->ccd_mask >> i & 1 && read_ccd(access, thermal->ccd_offset, i, &reading.ccd[i]))
            reading.ccd_mask |= (uint16_t)(1u << i);
    }
    *ret_reading = reading;
    return OK;
}

/* ---- finding */

static int find_old(const struct access *access, const struct cpu_registers *registers,
                    struct amd_thermal *ret_thermal)
{
    unsigned node = device_of(access, node_control);
    bool has_pair = HAS(nodes_15h, node) && HAS(roots_15h, device_of(access, root));

    if (registers->family < 0x10 || !(has_pair || HAS(old_nodes, node)))
        return ERR_ABSENT;
    if (is_unreliable(access, registers))
        return ERR_REFUSED;
    *ret_thermal =
        (struct amd_thermal){.place = has_pair ? AMD_INDEX_15H : AMD_CONFIG, .relative = true};
    return OK;
}

int amd_find(const struct access *access, const struct cpu_registers *registers, const char *brand,
             struct amd_thermal *ret_thermal)
{
    const struct amd_ccds *ccds = ccds_of(registers);

    if (!access->read_config || !access->write_config)
        return ERR_UNSUPPORTED;
    if (registers->is_virtual || (registers->vendor != CPU_AMD && registers->vendor != CPU_HYGON))
        return ERR_ABSENT;
    if (registers->family < 0x17)
        return find_old(access, registers, ret_thermal);
    if (registers->family > 0x1A || !HAS(zen_roots, device_of(access, root)) ||
        !HAS(zen_nodes, device_of(access, node_control)))
        return ERR_ABSENT;
    *ret_thermal = (struct amd_thermal){.place = AMD_SMN, .offset = offset_of(registers, brand)};
    if (ccds)
        find_valid_ccds(access, ccds, ret_thermal);
    return OK;
}
