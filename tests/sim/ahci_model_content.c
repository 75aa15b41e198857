/*
 * What the model's drives hold, and what they say of themselves.
 */
#include <string.h>

#include "base/prng.h"
#include "tests/sim/ahci_model.h"

enum { IDENTIFY = 0xEC, SMART = 0xB0 };

static int find_written(const struct model_port *port, uint64_t lba)
{
    for (unsigned i = 0; i < port->written_count; i++) {
        if (port->written_lba[i] == lba)
            return (int)i;
    }
    return -1;
}

void ahci_model_content(const struct model_port *port, uint64_t lba, uint8_t *block)
{
    uint64_t state = mix64(port->seed) ^ mix64(lba + 1);
    int written = find_written(port, lba);

    if (written >= 0) {
        memcpy(block, port->written[written], port->block_size);
        return;
    }
    for (uint32_t at = 0; at < port->block_size; at += 8) {
        uint64_t word = prng_next(&state);

        memcpy(block + at, &word, sizeof(word));
    }
}

void ahci_model_write(struct ahci_model *model, struct model_port *port, uint64_t lba,
                      const uint8_t *block)
{
    int at = find_written(port, lba);

    if (at < 0 && port->written_count == MODEL_WRITTEN) {
        ahci_model_violation(model, "the test writes more than the model keeps");
        return;
    }
    if (at < 0)
        at = (int)port->written_count++;
    port->written_lba[at] = lba;
    memcpy(port->written[at], block, port->block_size);
}

static void put_le(uint8_t *page, size_t offset, size_t width, uint64_t value)
{
    for (size_t i = 0; i < width; i++)
        page[offset + i] = (uint8_t)(value >> 8 * i);
}

static void put_text(uint8_t *page, size_t offset, size_t size, const char *text)
{
    size_t length = strlen(text);

    for (size_t i = 0; i < size; i++)
        page[offset + (i ^ 1)] = i < length ? (uint8_t)text[i] : ' ';
}

static void seal(uint8_t *page)
{
    uint8_t sum = 0;

    for (size_t i = 0; i < MODEL_PAGE - 1; i++)
        sum = (uint8_t)(sum + page[i]);
    page[MODEL_PAGE - 1] = (uint8_t)-sum;
}

static void identify(const struct model_port *port, uint8_t *page)
{
    put_text(page, 20, 20, port->serial);
    put_text(page, 46, 8, "1.0");
    put_text(page, 54, 40, port->name);
    put_le(page, 60 * 2, 4, port->large_lba ? 0x0FFFFFFF : port->block_count);
    put_le(page, 75 * 2, 2, port->depth - 1u);
    put_le(page, 76 * 2, 2, 0x000E | (port->queued ? 0x0100 : 0));
    put_le(page, 83 * 2, 2, 1 << 14 | (port->large_lba ? 1 << 10 : 0));
    if (port->large_lba)
        put_le(page, 100 * 2, 8, port->block_count);
    put_le(page, 106 * 2, 2, port->block_size == 512 ? 0x6003 : 0x5000);
    put_le(page, 117 * 2, 4, port->block_size / 2);
    page[510] = 0xA5;
    seal(page);
}

static bool read_log(struct model_port *port, uint8_t address, uint8_t number, uint8_t *page)
{
    enum ahci_fault fault = port->fault;

    page[0] = address;
    page[1] = number;
    if (address != 0x10)
        return address <= 0x11 || address == 0xE0;
    if (fault == AHCI_LOG_UNREADABLE || fault == AHCI_GOES_ON)
        return false;
    page[0] = port->queue_error ? port->log_tag : 0x80;
    page[1] = 0;
    page[2] = port->log_status;
    page[3] = port->log_error;
    seal(page);
    if (fault == AHCI_LOG_CORRUPT)
        page[0] ^= 1;
    return true;
}

/* Fills a page, or says no. */
bool ahci_model_page(struct model_port *port, const struct model_command *command, uint8_t *page)
{
    memset(page, 0, MODEL_PAGE);
    if (command->fis[2] == IDENTIFY) {
        identify(port, page);
        return true;
    }
    if (command->fis[2] == SMART) {
        page[0] = 0x10;
        page[2] = 9;
        seal(page);
        return command->fis[3] == 0xD0;
    }
    return read_log(port, command->fis[4], command->fis[5], page);
}
