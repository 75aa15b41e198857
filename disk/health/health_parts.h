/*
 * The parsers of drive health: each takes the bytes of a page and their count, and gives ERR_FORMAT
 * when they are not what the standard says. Those of struct health add to what stands there; on an
 * error they have added nothing. For health*.c, their tests and their fuzzers.
 */
#ifndef ASSAY_DISK_HEALTH_PARTS_H
#define ASSAY_DISK_HEALTH_PARTS_H

#include "base/bytes.h"
#include "disk/health/health.h"

int ata_identify_parse(const void *data, size_t size, struct health_identity *ret);
/* `model` decides whose attributes count; without one ("") those that mean the same everywhere. */
int ata_smart_parse(const void *data, size_t size, const char *model, struct health *health);
int ata_smart_status_parse(const void *data, size_t size, struct health *health);
int nvme_identify_parse(const void *data, size_t size, struct health_identity *ret);
int nvme_smart_parse(const void *data, size_t size, struct health *health);

/* ACS-4, 9.2: which general purpose logs there are, by address. */
struct ata_logs {
    bool has[256];
};
int ata_directory_parse(const void *data, size_t size, struct ata_logs *ret);

/* ACS-4, 9.5: device statistics. Of pages that are not their own they take nothing. */
struct ata_statistics_pages {
    bool has[256];
};
int ata_statistics_directory_parse(const void *data, size_t size, struct ata_statistics_pages *ret);
/* The pages 01h, 04h, 05h, 06h and 07h; ERR_FORMAT when `number` is not that of the page. */
int ata_statistics_parse(const void *data, size_t size, uint8_t number, struct health *health);

/* Serial ATA 3.x, 13.7.4. */
int ata_phy_events_parse(const void *data, size_t size, struct health *health);
/* ACS-4, 9.7: extended comprehensive SMART error log, page 0. */
int ata_errors_parse(const void *data, size_t size, struct health *health);
/* ACS-3, 8 (SCT): the status response, formats 2 and 3. */
int ata_sct_status_parse(const void *data, size_t size, struct health *health);

/* ACS-4, 9.8: extended self-test log, page 0; and what SMART READ DATA says of a running test. */
int ata_self_tests_parse(const void *data, size_t size, struct self_test_state *ret);
int ata_self_test_progress_parse(const void *data, size_t size, struct self_test_state *ret);
int nvme_self_tests_parse(const void *data, size_t size, struct self_test_state *ret);
/* Into the values of struct health. */
void health_add_self_test(struct health *health, const struct self_test_state *state);

/* NVMe Base 2.0, 5.16.1.2: as many entries as `size` holds. */
int nvme_errors_parse(const void *data, size_t size, struct health *health);
/* NVM Command Set 1.0, 4.1.5.1: sizes, and whether it is being formatted. */
int nvme_namespace_parse(const void *data, size_t size, struct health_identity *identity);

/* Asks for a page into `page`, which is cleared before. */
int health_fetch(const struct block_device *device, enum drive_page which, uint8_t *page,
                 size_t size);

/* The sum of all bytes: 0 for a page with a checksum that is right. */
uint8_t health_sum(const void *data, size_t size);

#endif
