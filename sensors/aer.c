#include "sensors/aer.h"

#include "base/error.h"

/* Configuration space, section 7.5.1. */
enum {
    AT_STATUS = 0x06,
    AT_CLASS = 0x08,
    AT_CAPABILITIES = 0x34,
    HAS_CAPABILITIES = 1 << 4,
    EXTENDED = 0x100,
    CAPABILITY_PCIE = 0x10,
    CAPABILITY_AER = 0x0001,
    CAPABILITIES_MAX = 48, /* those that fit into 192 bytes */
    EXTENDED_MAX = (PCIE_CONFIG_SIZE - EXTENDED) / 8,
};

/* PCI Express capability, section 7.5.3. */
enum {
    PCIE_FLAGS = 0x02,
    PCIE_DEVICE_STATUS = 0x0A,
    PCIE_LINK_CAPABILITIES = 0x0C,
    PCIE_LINK_STATUS = 0x12,
    LINK_TELLS_ACTIVE = 1 << 20, /* of the capabilities */
    LINK_ACTIVE = 1 << 13,       /* of the status */
};

bool pcie_reports_for_others(uint8_t port)
{
    return port == PCIE_ROOT_PORT || port == PCIE_EVENT_COLLECTOR;
}

int pcie_state_of(struct bytes capability, struct pcie_state *ret_state)
{
    uint8_t port = bytes_le16(&capability, PCIE_FLAGS) >> 4 & 0xF;
    uint32_t can = bytes_le32(&capability, PCIE_LINK_CAPABILITIES);
    uint16_t link = bytes_le16(&capability, PCIE_LINK_STATUS);

    if (!bytes_have(&capability, 0, PCIE_CAPABILITY_SIZE))
        return ERR_FORMAT;
    *ret_state = (struct pcie_state){
        .port = port,
        .status = bytes_le16(&capability, PCIE_DEVICE_STATUS),
        .has_link = port != PCIE_ROOT_ENDPOINT && port != PCIE_EVENT_COLLECTOR,
        .is_active = !(can & LINK_TELLS_ACTIVE) || link & LINK_ACTIVE,
        .speed = link & 0xF,
        .width = link >> 4 & 0x3F,
        .speed_most = can & 0xF,
        .width_most = can >> 4 & 0x3F,
    };
    return OK;
}

int aer_state_of(struct bytes capability, bool is_root, struct aer_state *ret_state)
{
    struct aer_state aer;

    if (!bytes_have(&capability, 0, AER_SIZE))
        return ERR_FORMAT;
    aer = (struct aer_state){
        .uncorrected = bytes_le32(&capability, 0x04),
        .uncorrected_mask = bytes_le32(&capability, 0x08),
        .uncorrected_severity = bytes_le32(&capability, 0x0C),
        .corrected = bytes_le32(&capability, 0x10),
        .corrected_mask = bytes_le32(&capability, 0x14),
        .first = bytes_le32(&capability, 0x18) & 0x1F,
    };
    for (unsigned i = 0; i < 4; i++)
        aer.header[i] = bytes_le32(&capability, 0x1C + (size_t)i * 4);
    if (is_root && capability.size >= AER_ROOT_SIZE) {
        aer.has_root = true;
        aer.root_status = bytes_le32(&capability, 0x30);
        aer.corrected_source = bytes_le16(&capability, 0x34);
        aer.uncorrected_source = bytes_le16(&capability, 0x36);
    }
    *ret_state = aer;
    return OK;
}

/* ---- finding the capabilities */

/* Registers one at a time; the first failure is kept, and what is read after it is 0. */
struct reader {
    const struct pcie_access *access;
    bool failed;
};

static uint32_t read32(struct reader *reader, uint16_t offset)
{
    uint32_t value = 0;

    if (!reader->failed && reader->access->read(reader->access->context, offset, &value) != OK)
        reader->failed = true;
    return reader->failed ? 0 : value;
}

/* Copies whole registers; how many bytes came before the first failure. */
static size_t copy(const struct pcie_access *access, uint16_t offset, uint8_t *ret_bytes,
                   size_t size)
{
    struct reader reader = {.access = access};
    size_t done = 0;

    for (; done + 4 <= size && offset + done + 4 <= PCIE_CONFIG_SIZE; done += 4) {
        uint32_t value = read32(&reader, (uint16_t)(offset + done));

        if (reader.failed)
            break;
        for (unsigned i = 0; i < 4; i++)
            ret_bytes[done + i] = (uint8_t)(value >> 8 * i);
    }
    return done;
}

static int find_pcie(const struct pcie_access *access, struct pcie_device *device)
{
    struct reader reader = {.access = access};
    uint8_t bytes[PCIE_CAPABILITY_SIZE];
    uint16_t at = read32(&reader, AT_CAPABILITIES) & 0xFC;

    for (unsigned i = 0; i < CAPABILITIES_MAX && at != 0; i++) {
        uint32_t header = read32(&reader, at);

        if (reader.failed || at < 0x40)
            return ERR_FORMAT;
        if ((header & 0xFF) == CAPABILITY_PCIE) {
            size_t size = copy(access, at, bytes, sizeof(bytes));

            device->has_pcie = pcie_state_of(bytes_of(bytes, size), &device->pcie) == OK;
            device->pcie_at = at;
            return device->has_pcie ? OK : ERR_FORMAT;
        }
        at = header >> 8 & 0xFC;
    }
    return at == 0 ? OK : ERR_FORMAT;
}

/* An extended space that is not there reads as zeros or as ones. */
static int find_aer(const struct pcie_access *access, struct pcie_device *device)
{
    struct reader reader = {.access = access};
    bool is_root = pcie_reports_for_others(device->pcie.port);
    uint8_t bytes[AER_ROOT_SIZE];
    uint16_t at = EXTENDED;

    for (unsigned i = 0; i < EXTENDED_MAX && at != 0; i++) {
        uint32_t header = read32(&reader, at);

        if (at == EXTENDED && (reader.failed || header == 0 || header == UINT32_MAX))
            return OK;
        if (reader.failed || at < EXTENDED)
            return ERR_FORMAT;
        if ((header & 0xFFFF) == CAPABILITY_AER) {
            size_t size = copy(access, at, bytes, is_root ? AER_ROOT_SIZE : AER_SIZE);

            device->has_aer = aer_state_of(bytes_of(bytes, size), is_root, &device->aer) == OK;
            device->aer_at = at;
            return device->has_aer ? OK : ERR_FORMAT;
        }
        at = header >> 20 & 0xFFC;
    }
    return at == 0 ? OK : ERR_FORMAT;
}

int pcie_read_by(const struct pcie_access *access, struct pcie_device *ret_device)
{
    struct reader reader = {.access = access};
    uint32_t id = read32(&reader, 0);
    uint32_t status = read32(&reader, AT_STATUS & ~3u) >> 16;
    uint32_t class_code = read32(&reader, AT_CLASS) >> 8;
    int error;

    if (reader.failed || (id & 0xFFFF) == 0xFFFF)
        return ERR_ABSENT;
    *ret_device = (struct pcie_device){
        .vendor = (uint16_t)id, .device = (uint16_t)(id >> 16), .class_code = class_code};
    if (!(status & HAS_CAPABILITIES))
        return OK;
    error = find_pcie(access, ret_device);
    return error == OK && ret_device->has_pcie ? find_aer(access, ret_device) : error;
}

static int read_image(void *context, uint16_t offset, uint32_t *ret_value)
{
    struct bytes bytes = *(const struct bytes *)context;

    *ret_value = bytes_le32(&bytes, offset);
    return bytes.failed ? ERR_RANGE : OK;
}

int pcie_read(const void *config, size_t size, struct pcie_device *ret_device)
{
    struct bytes image = bytes_of(config, size);
    struct pcie_access access = {.context = &image, .read = read_image};

    return pcie_read_by(&access, ret_device);
}
