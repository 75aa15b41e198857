#include "base/network.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"

enum { DHCP_PAD = 0, DHCP_ROUTER = 3, DHCP_END = 255 };

int network_parse_address(const char *text, uint8_t ret_address[NETWORK_ADDRESS_SIZE])
{
    uint8_t address[NETWORK_ADDRESS_SIZE];

    for (unsigned i = 0; i < NETWORK_ADDRESS_SIZE; i++) {
        unsigned number = 0, digits = 0;

        for (; *text >= '0' && *text <= '9' && digits < 4; digits++)
            number = number * 10 + (unsigned)(*text++ - '0');
        if (digits < 1 || digits > 3 || number > UINT8_MAX)
            return ERR_FORMAT;
        if (*text++ != (i + 1 < NETWORK_ADDRESS_SIZE ? '.' : '\0'))
            return ERR_FORMAT;
        address[i] = (uint8_t)number;
    }
    memcpy(ret_address, address, sizeof(address));
    return OK;
}

int network_dhcp_router(const void *options, size_t size, uint8_t ret_address[NETWORK_ADDRESS_SIZE])
{
    struct bytes bytes = bytes_of(options, size);
    size_t at = 0;

    while (at < size) {
        uint8_t tag = bytes_u8(&bytes, at++), length;

        if (tag == DHCP_PAD)
            continue;
        length = bytes_u8(&bytes, at++);
        if (tag == DHCP_END || !bytes_have(&bytes, at, length))
            return ERR_ABSENT;
        if (tag == DHCP_ROUTER && length >= NETWORK_ADDRESS_SIZE) {
            memcpy(ret_address, bytes.data + at, NETWORK_ADDRESS_SIZE);
            return OK;
        }
        at += length;
    }
    return ERR_ABSENT;
}
