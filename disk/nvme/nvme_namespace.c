/* What the controller and its namespaces say of themselves: Identify, NVMe Base 2.0, 5.17.2, and
 * for namespaces the NVM command set 4.1.5. */
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "disk/nvme/nvme_parts.h"
#include "disk/nvme/nvme_registers.h"

/* Identify Controller. */
enum {
    MDTS_OFFSET = 77,
    CNTRLTYPE_OFFSET = 111,
    CRDT_OFFSET = 128,
    OACS_OFFSET = 256,
    ELPE_OFFSET = 262,
    SQES_OFFSET = 512,
    CQES_OFFSET = 513,
    NN_OFFSET = 516,
    VWC_OFFSET = 525,
    OACS_SELF_TEST = 1 << 4,
    TYPE_UNKNOWN = 0,
    TYPE_IO = 1,
};

/* Identify Namespace. */
enum {
    NSZE_OFFSET = 0,
    NLBAF_OFFSET = 25,
    FLBAS_OFFSET = 26,
    LBAF_OFFSET = 128,
    FORMATS_PLAIN = 16, /* with more than these the index has two more bits */
    LBADS_MIN = 9,
    LBADS_MAX = 12,
};

static bool fits(uint8_t sizes, unsigned power)
{
    return (sizes & 0xF) <= power && sizes >> 4 >= power;
}

/* MDTS is a power of two in pages of CAP.MPSMIN, which is 4 KiB here. 0 is no limit. */
static uint32_t command_bytes(uint8_t mdts)
{
    if (mdts == 0 || mdts >= 8)
        return NVME_COMMAND_MAX;
    return (uint32_t)NVME_PAGE << mdts;
}

static int parse_controller(struct nvme_controller *controller)
{
    struct bytes page = bytes_of(controller->data, NVME_PAGE);
    uint8_t type = bytes_u8(&page, CNTRLTYPE_OFFSET);

    if (!fits(bytes_u8(&page, SQES_OFFSET), 6) || !fits(bytes_u8(&page, CQES_OFFSET), 4))
        return ERR_FORMAT;
    if (type != TYPE_UNKNOWN && type != TYPE_IO)
        return ERR_UNSUPPORTED;
    controller->command_bytes = command_bytes(bytes_u8(&page, MDTS_OFFSET));
    for (size_t i = 0; i < 3; i++)
        controller->retry_delays[i] = bytes_le16(&page, CRDT_OFFSET + 2 * i);
    controller->self_tests = bytes_le16(&page, OACS_OFFSET) & OACS_SELF_TEST;
    controller->error_entries = (uint16_t)(bytes_u8(&page, ELPE_OFFSET) + 1);
    controller->namespace_number = bytes_le32(&page, NN_OFFSET);
    controller->write_cache = bytes_u8(&page, VWC_OFFSET) & 1;
    return OK;
}

int nvme_identify(struct nvme_controller *controller)
{
    struct nvme_query query;
    int error = nvme_page_query(PAGE_IDENTIFY, 0, &query);

    if (error == OK)
        error = nvme_admin(controller, &query, NVME_ADMIN_US);
    return error == OK ? parse_controller(controller) : error;
}

__attribute__((format(printf, 3, 4))) static void refuse(struct nvme_controller *controller,
                                                         uint32_t nsid, const char *format, ...)
{
    struct nvme_refusal *refusal = &controller->refusals[controller->refusal_count++];
    struct text text = text_in(refusal->reason, sizeof(refusal->reason));
    va_list arguments;

    refusal->nsid = nsid;
    va_start(arguments, format);
    text_format_list(&text, format, arguments);
    va_end(arguments);
}

/* Takes in the Identify Namespace page in controller->data. */
static void parse_namespace(struct nvme_controller *controller, uint32_t nsid)
{
    struct bytes page = bytes_of(controller->data, NVME_PAGE);
    uint64_t count = bytes_le64(&page, NSZE_OFFSET);
    unsigned formats = bytes_u8(&page, NLBAF_OFFSET) + 1u;
    uint8_t current = bytes_u8(&page, FLBAS_OFFSET);
    unsigned index = (current & 0xF) | (formats > FORMATS_PLAIN ? (current >> 5 & 3u) << 4 : 0);
    uint32_t format = bytes_le32(&page, LBAF_OFFSET + 4 * index);
    unsigned metadata = format & 0xFFFF, power = format >> 16 & 0xFF;
    struct nvme_namespace *namespace = &controller->namespaces[controller->namespace_count];

    if (count == 0)
        return;
    if (index >= formats)
        refuse(controller, nsid, "its format is number %u of %u", index, formats);
    else if (power < LBADS_MIN || power > LBADS_MAX)
        refuse(controller, nsid, "formatted with blocks of 2^%u bytes", power);
    else if (metadata != 0)
        refuse(controller, nsid, "formatted with %u bytes of metadata per block", metadata);
    else if (count > UINT64_MAX >> power)
        refuse(controller, nsid, "its size makes no sense");
    else {
        *namespace = (struct nvme_namespace){.controller = controller, .nsid = nsid};
        nvme_device_init(namespace, 1u << power, count);
        controller->namespace_count++;
    }
}

/* A namespace that cannot be asked about is refused; only a controller that stopped answering is
 * an error. */
static int look_at(struct nvme_controller *controller, uint32_t nsid)
{
    struct nvme_query query;
    int error = nvme_page_query(PAGE_NAMESPACE, nsid, &query);

    if (error == OK)
        error = nvme_admin(controller, &query, NVME_ADMIN_US);
    if (error == OK)
        parse_namespace(controller, nsid);
    else if (error == ERR_IO)
        refuse(controller, nsid, "Identify Namespace failed with status %03Xh",
               controller->admin_status & 0x7FFu);
    else if (error == ERR_STALE)
        refuse(controller, nsid, "Identify Namespace gave nothing");
    return error == ERR_IO || error == ERR_STALE ? OK : error;
}

/* The active namespaces, in ascending order as the standard has them; what is not is the end. */
static unsigned parse_list(struct nvme_controller *controller, uint32_t *list)
{
    struct bytes page = bytes_of(controller->data, NVME_PAGE);
    uint32_t before = 0;
    unsigned count = 0;

    for (size_t at = 0; at < NVME_PAGE; at += 4) {
        uint32_t nsid = bytes_le32(&page, at);

        if (nsid <= before || nsid >= UINT32_MAX - 1)
            break;
        before = nsid;
        if (count < NVME_NAMESPACES)
            list[count++] = nsid;
        else
            controller->namespaces_beyond++;
    }
    return count;
}

static unsigned first_numbers(const struct nvme_controller *controller, uint32_t *list)
{
    unsigned count = 0;

    while (count < NVME_NAMESPACES && count < controller->namespace_number) {
        list[count] = count + 1;
        count++;
    }
    return count;
}

int nvme_find_namespaces(struct nvme_controller *controller)
{
    static const struct nvme_query query = {
        .opcode = ADMIN_IDENTIFY, .cdw10 = CNS_ACTIVE_LIST, .size = NVME_PAGE};
    uint32_t list[NVME_NAMESPACES];
    unsigned count = 0;
    int error = nvme_admin(controller, &query, NVME_ADMIN_US);

    if (error == OK)
        count = parse_list(controller, list);
    else if (error == ERR_IO) /* before NVMe 1.1 there is no list */
        count = first_numbers(controller, list);
    else
        return error;
    for (unsigned i = 0; i < count; i++) {
        error = look_at(controller, list[i]);
        if (error != OK)
            return error;
    }
    return OK;
}
