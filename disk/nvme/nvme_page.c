#include "disk/nvme/nvme_page.h"

#include "base/error.h"

enum {
    OPCODE_GET_LOG = 0x02,
    OPCODE_IDENTIFY = 0x06,
    OPCODE_SELF_TEST = 0x14,
    CNS_NAMESPACE = 0x00,
    CNS_CONTROLLER = 0x01,
    LOG_ERRORS = 0x01,
    LOG_SMART = 0x02,
    LOG_SELF_TESTS = 0x06,
};

enum scope {
    SCOPE_CONTROLLER, /* NSID is not used: 0 */
    SCOPE_ALL,        /* NSID FFFFFFFFh: the log of the whole drive */
    SCOPE_NAMESPACE,
};

struct row {
    uint8_t page; /* enum drive_page */
    uint8_t opcode;
    uint8_t scope; /* enum scope */
    uint8_t what;  /* CNS, or log page identifier */
    uint16_t size;
    bool whole;
};

static const struct row rows[] = {
    {PAGE_IDENTIFY, OPCODE_IDENTIFY, SCOPE_CONTROLLER, CNS_CONTROLLER, 4096, true},
    {PAGE_NAMESPACE, OPCODE_IDENTIFY, SCOPE_NAMESPACE, CNS_NAMESPACE, 4096, true},
    {PAGE_SMART, OPCODE_GET_LOG, SCOPE_ALL, LOG_SMART, 512, true},
    {PAGE_ERRORS, OPCODE_GET_LOG, SCOPE_ALL, LOG_ERRORS, 4096, false},
    {PAGE_SELF_TESTS, OPCODE_GET_LOG, SCOPE_ALL, LOG_SELF_TESTS, 564, false},
};

/* Get Log Page: the number of dwords less one, its lower half in CDW10 31:16. All here is short
 * enough for that half. */
static uint32_t log_dwords(size_t size)
{
    return (uint32_t)(size / 4 - 1) << 16;
}

static const struct row *find_row(enum drive_page page)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].page == page)
            return &rows[i];
    }
    return NULL;
}

static uint32_t scope_nsid(uint8_t scope, uint32_t nsid)
{
    if (scope == SCOPE_ALL)
        return UINT32_MAX;
    return scope == SCOPE_NAMESPACE ? nsid : 0;
}

int nvme_page_query(enum drive_page page, uint32_t nsid, struct nvme_query *ret_query)
{
    const struct row *row = find_row(page);

    if (row == NULL)
        return ERR_UNSUPPORTED;
    *ret_query = (struct nvme_query){
        .opcode = row->opcode,
        .nsid = scope_nsid(row->scope, nsid),
        .cdw10 = row->what | (row->opcode == OPCODE_GET_LOG ? log_dwords(row->size) : 0),
        .size = row->size,
        .whole = row->whole,
    };
    return OK;
}

void nvme_query_shorten(struct nvme_query *query, size_t size)
{
    if (query->opcode != OPCODE_GET_LOG || size >= query->size || size < 4)
        return;
    query->size = (uint16_t)(size & ~(size_t)3);
    query->cdw10 = (query->cdw10 & 0xFFFF) | log_dwords(query->size);
}

int nvme_self_test_query(enum self_test test, uint32_t nsid, struct nvme_query *ret_query)
{
    static const uint8_t codes[] = {
        [SELF_TEST_SHORT] = 0x1, [SELF_TEST_EXTENDED] = 0x2, [SELF_TEST_ABORT] = 0xF};

    if ((unsigned)test >= sizeof(codes))
        return ERR_RANGE;
    *ret_query = (struct nvme_query){
        .opcode = OPCODE_SELF_TEST,
        .nsid = nsid,
        .cdw10 = codes[test],
    };
    return OK;
}

int nvme_query_error(uint16_t status)
{
    switch (status & 0x7FF) {
    case 0x000:
        return OK;
    case 0x001: /* invalid command opcode */
    case 0x002: /* invalid field in command */
    case 0x109: /* invalid log page */
        return ERR_UNSUPPORTED;
    case 0x11D: /* device self-test in progress */
        return ERR_REFUSED;
    default:
        return ERR_IO;
    }
}
