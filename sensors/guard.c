#include "sensors/guard.h"

#include <stddef.h>

#include "base/error.h"

enum { FIRST_FREE_PORT = 0x100, INDEX_UNKNOWN = -1 };

const char *const guard_what_names[GUARD_CONFIG + 1] = {"port", "pair", "MSR",
                                                        "configuration offset"};

/* Devices of every PC beyond the first 256 ports, which are the board's own. */
static const struct {
    uint16_t first, last;
} legacy_ports[] = {
    {0x170, 0x177},                                                 /* second ATA channel */
    {0x1F0, 0x1F7},                                                 /* first ATA channel */
    {0x2E8, 0x2EF},                                                 /* serial ports 4, 2, 3, 1 */
    {0x2F8, 0x2FF}, {0x3E8, 0x3EF}, {0x3F8, 0x3FF}, {0x278, 0x27F}, /* parallel ports */
    {0x378, 0x37F}, {0x376, 0x377},                                 /* ATA control */
    {0x3B0, 0x3DF},                                                 /* display */
    {0x3F0, 0x3F7},                                                 /* diskettes, ATA control */
    {0x4D0, 0x4D1}, /* edge or level of interrupts */
    {0xCD6, 0xCD7}, /* power management index */
    {0xCF8, 0xCFF}, /* PCI configuration */
};

static bool overlap(uint32_t first, uint32_t last, uint32_t other_first, uint32_t other_last)
{
    return first <= other_last && other_first <= last;
}

static bool is_for_ports(const struct guard_rule *rule)
{
    return rule->what == GUARD_PORTS || rule->what == GUARD_PAIR;
}

/* The ports that a rule is about. */
static uint32_t first_port(const struct guard_placed *placed)
{
    return placed->base + placed->rule->at;
}

static uint32_t port_count(const struct guard_rule *rule)
{
    return rule->what == GUARD_PAIR ? 2 : rule->count;
}

static void refuse(struct guard *guard, enum guard_what what, uint32_t at, uint64_t value,
                   int32_t index)
{
    if (guard->refused < GUARD_REFUSALS_KEPT)
        guard->refusals[guard->refused] =
            (struct guard_refusal){.what = what, .at = at, .value = value, .index = index};
    guard->refused++;
}

/* The rule that a port belongs to, or NULL. */
static struct guard_placed *find_port(struct guard *guard, uint16_t port)
{
    for (unsigned i = 0; i < guard->rule_count; i++) {
        struct guard_placed *placed = &guard->rules[i];

        if (is_for_ports(placed->rule) && port >= first_port(placed) &&
            port - first_port(placed) < port_count(placed->rule))
            return placed;
    }
    return NULL;
}

static bool index_is_allowed(const struct guard_rule *rule, uint8_t value)
{
    if (!rule->indices)
        return true;
    for (unsigned i = 0; i < rule->index_count; i++)
        if (rule->indices[i] == value)
            return true;
    return false;
}

static bool data_is_allowed(const struct guard_rule *rule, uint32_t index, uint8_t value)
{
    for (unsigned i = 0; i < rule->register_count; i++) {
        const struct guard_register *allowed = &rule->registers[i];

        if (allowed->index == index && value >= allowed->first && value <= allowed->last)
            return true;
    }
    return false;
}

static bool port_is_allowed(const struct guard_placed *placed, uint16_t port, uint8_t value)
{
    if (!placed)
        return false;
    if (placed->rule->what == GUARD_PORTS)
        return !placed->rule->registers ||
               data_is_allowed(placed->rule, port - first_port(placed), value);
    if (port == first_port(placed))
        return index_is_allowed(placed->rule, value);
    return placed->index >= 0 && data_is_allowed(placed->rule, (uint32_t)placed->index, value);
}

static int in8(void *context, uint16_t port, uint8_t *ret_value)
{
    const struct guard *guard = context;

    return guard->behind->in8(guard->behind->context, port, ret_value);
}

static int out8(void *context, uint16_t port, uint8_t value)
{
    struct guard *guard = context;
    struct guard_placed *placed = find_port(guard, port);
    bool pair = placed && placed->rule->what == GUARD_PAIR;

    if (!port_is_allowed(placed, port, value)) {
        refuse(guard, GUARD_PORTS, port, value,
               pair && port != first_port(placed) ? placed->index : INDEX_UNKNOWN);
        return ERR_REFUSED;
    }
    if (pair && port == first_port(placed))
        placed->index = value;
    guard->passed++;
    return guard->behind->out8(guard->behind->context, port, value);
}

static int read_msr(void *context, uint32_t msr, uint64_t *ret_value)
{
    const struct guard *guard = context;

    return guard->behind->read_msr(guard->behind->context, msr, ret_value);
}

static bool is_same(struct pci_function a, struct pci_function b)
{
    return a.bus == b.bus && a.device == b.device && a.function == b.function;
}

/* Whether a rule allows writes to an MSR, or to a dword of a function's configuration space. */
static bool is_allowed(const struct guard *guard, enum guard_what what, uint32_t at,
                       struct pci_function function)
{
    for (unsigned i = 0; i < guard->rule_count; i++) {
        const struct guard_rule *rule = guard->rules[i].rule;

        if (rule->what == what && rule->at == at && is_same(rule->function, function))
            return true;
    }
    return false;
}

static int write_msr(void *context, uint32_t msr, uint64_t value)
{
    struct guard *guard = context;

    if (!is_allowed(guard, GUARD_MSR, msr, (struct pci_function){0})) {
        refuse(guard, GUARD_MSR, msr, value, INDEX_UNKNOWN);
        return ERR_REFUSED;
    }
    guard->passed++;
    return guard->behind->write_msr(guard->behind->context, msr, value);
}

static int read_config(void *context, struct pci_function function, uint16_t offset,
                       uint32_t *ret_value)
{
    const struct guard *guard = context;

    return guard->behind->read_config(guard->behind->context, function, offset, ret_value);
}

static int write_config(void *context, struct pci_function function, uint16_t offset,
                        uint32_t value)
{
    struct guard *guard = context;

    if (!is_allowed(guard, GUARD_CONFIG, offset, function)) {
        refuse(guard, GUARD_CONFIG, offset, value, INDEX_UNKNOWN);
        return ERR_REFUSED;
    }
    guard->passed++;
    return guard->behind->write_config(guard->behind->context, function, offset, value);
}

static int read_memory8(void *context, uint64_t address, uint8_t *ret_value)
{
    const struct guard *guard = context;

    return guard->behind->read_memory8(guard->behind->context, address, ret_value);
}

void guard_init(struct guard *guard, const struct access *behind)
{
    *guard = (struct guard){
        .behind = behind,
        .access =
            {
                .context = guard,
                .in8 = behind->in8 ? in8 : NULL,
                .out8 = behind->out8 ? out8 : NULL,
                .read_msr = behind->read_msr ? read_msr : NULL,
                .write_msr = behind->write_msr ? write_msr : NULL,
                .read_config = behind->read_config ? read_config : NULL,
                .write_config = behind->write_config ? write_config : NULL,
                .read_memory8 = behind->read_memory8 ? read_memory8 : NULL,
            },
    };
}

static void add(struct guard *guard, const struct guard_rule *rule, uint16_t base)
{
    guard->rules[guard->rule_count++] =
        (struct guard_placed){.rule = rule, .base = base, .index = INDEX_UNKNOWN};
}

int guard_allow(struct guard *guard, const struct guard_rule *rules, unsigned count)
{
    if (count > GUARD_RULES_MAX - guard->rule_count)
        return ERR_FULL;
    for (unsigned i = 0; i < count; i++)
        add(guard, &rules[i], 0);
    return OK;
}

static bool is_taken(const struct guard *guard, uint32_t first, uint32_t last)
{
    for (size_t i = 0; i < sizeof(legacy_ports) / sizeof(legacy_ports[0]); i++)
        if (overlap(first, last, legacy_ports[i].first, legacy_ports[i].last))
            return true;
    for (unsigned i = 0; i < guard->rule_count; i++) {
        const struct guard_placed *placed = &guard->rules[i];
        uint32_t from = placed->base ? placed->base : first_port(placed);
        uint32_t count = placed->base ? placed->rule->span : port_count(placed->rule);

        if (is_for_ports(placed->rule) && overlap(first, last, from, from + count - 1))
            return true;
    }
    return false;
}

int guard_place(struct guard *guard, const struct guard_rule *rule, uint16_t base)
{
    uint32_t last = (uint32_t)base + rule->span - 1;

    if (!is_for_ports(rule) || base < FIRST_FREE_PORT || base % rule->alignment ||
        last > UINT16_MAX)
        return ERR_RANGE;
    if (is_taken(guard, base, last))
        return ERR_REFUSED;
    if (guard->rule_count == GUARD_RULES_MAX)
        return ERR_FULL;
    add(guard, rule, base);
    return OK;
}
