/*
 * Which admin command fetches a page of an NVMe drive, for whoever has a way to send one: Assay's
 * own driver (nvme.h) and the firmware's pass-thru.
 *
 * NVMe Base 2.0: Identify 5.17, Get Log Page 5.16, Device Self-test 5.9.
 */
#ifndef ASSAY_DISK_NVME_PAGE_H
#define ASSAY_DISK_NVME_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/block.h"

/* An admin command without data, or with data to the host. */
struct nvme_query {
    uint8_t opcode;
    uint32_t nsid;
    uint32_t cdw10, cdw11;
    uint16_t size; /* bytes that it gives; 0 without data */
    bool whole;    /* a drive fills all of them: a log of errors or tests may be shorter */
};

/* ERR_UNSUPPORTED for a page that NVMe does not have. `nsid` is that of the namespace; pages of
 * the controller leave it out. */
int nvme_page_query(enum drive_page page, uint32_t nsid, struct nvme_query *ret_query);

/* Makes a query for a log ask for less than its whole size: `size` bytes, a multiple of 4, not 0.
 * More than it asks for changes nothing. */
void nvme_query_shorten(struct nvme_query *query, size_t size);

/* The command that begins or ends a self-test of the controller and one namespace. ERR_RANGE for a
 * test that is none of the enum. */
int nvme_self_test_query(enum self_test test, uint32_t nsid, struct nvme_query *ret_query);

/*
 * What the status of such a command means for who asked: OK; ERR_UNSUPPORTED when the drive does
 * not know the command, the field or the log; ERR_REFUSED when a self-test is running already;
 * ERR_IO for the rest.
 */
int nvme_query_error(uint16_t status);

#endif
