/*
 * Names of what PCI Express devices report.
 */
#include "sensors/aer.h"

/* Correctable errors, section 7.8.4.5. */
static const char *const corrected[32] = {
    [0] = "receiver error",     [6] = "bad packet",        [7] = "bad link message",
    [8] = "replayed too often", [12] = "replay timed out", [13] = "advisory error",
    [14] = "internal error",    [15] = "header log full",
};

/* Uncorrectable errors, section 7.8.4.2. */
static const char *const uncorrected[32] = {
    [4] = "link protocol error",
    [5] = "link went down by surprise",
    [12] = "poisoned data",
    [13] = "flow control error",
    [14] = "no answer in time",
    [15] = "request aborted",
    [16] = "unexpected answer",
    [17] = "receiver overflow",
    [18] = "malformed packet",
    [19] = "end-to-end checksum error",
    [20] = "unsupported request",
    [21] = "access control violation",
    [22] = "internal error",
    [23] = "multicast blocked",
    [24] = "atomic operation blocked",
    [25] = "packet prefix blocked",
    [26] = "poisoned data blocked",
    [27] = "deferrable write blocked",
    [28] = "encryption check failed",
    [29] = "misrouted encrypted packet",
    [30] = "partial checksum error",
    [31] = "untranslated request blocked",
};

static void add_names(struct text *text, uint32_t bits, const char *const *names)
{
    bool first = true;

    for (unsigned i = 0; i < 32; i++) {
        if (!(bits >> i & 1))
            continue;
        text_add(text, first ? "" : ", ");
        if (names[i])
            text_add(text, names[i]);
        else
            text_format(text, "bit %u", i);
        first = false;
    }
}

void aer_corrected_text(struct text *text, uint32_t bits)
{
    add_names(text, bits, corrected);
}

void aer_uncorrected_text(struct text *text, uint32_t bits)
{
    add_names(text, bits, uncorrected);
}

const char *pcie_speed_text(uint8_t speed)
{
    static const char *const texts[] = {NULL,      "2.5 GT/s", "5 GT/s", "8 GT/s",
                                        "16 GT/s", "32 GT/s",  "64 GT/s"};

    return speed > 0 && speed < sizeof(texts) / sizeof(texts[0]) ? texts[speed]
                                                                 : "an unknown speed";
}

const char *pcie_port_text(uint8_t port)
{
    static const char *const texts[] = {
        [PCIE_ENDPOINT] = "device",
        [PCIE_LEGACY_ENDPOINT] = "device",
        [PCIE_ROOT_PORT] = "root port",
        [PCIE_UPSTREAM] = "upstream port of a switch",
        [PCIE_DOWNSTREAM] = "downstream port of a switch",
        [PCIE_TO_PCI] = "bridge to PCI",
        [PCI_TO_PCIE] = "bridge from PCI",
        [PCIE_ROOT_ENDPOINT] = "device in the root complex",
        [PCIE_EVENT_COLLECTOR] = "event collector",
    };

    return port < sizeof(texts) / sizeof(texts[0]) && texts[port] ? texts[port] : "port";
}

const char *pcie_class_text(uint32_t class_code)
{
    static const struct {
        uint32_t class_code, bits; /* the bits of it that count */
        const char *text;
    } classes[] = {
        {0x010400, 0xFFFF00, "RAID controller"},    {0x010600, 0xFFFF00, "SATA controller"},
        {0x010700, 0xFFFF00, "SAS controller"},     {0x010800, 0xFFFF00, "NVMe controller"},
        {0x010000, 0xFF0000, "storage controller"}, {0x020000, 0xFF0000, "network controller"},
        {0x030000, 0xFF0000, "display controller"}, {0x040000, 0xFF0000, "multimedia device"},
        {0x060400, 0xFFFF00, "bridge or switch"},   {0x0C0300, 0xFFFF00, "USB controller"},
        {0x120000, 0xFF0000, "accelerator"},
    };

    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if ((class_code & classes[i].bits) == classes[i].class_code)
            return classes[i].text;
    }
    return "device";
}
