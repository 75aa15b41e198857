#include "efi/discover.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "efi/acpi.h"
#include "efi/clock.h"
#include "efi/disks.h"
#include "efi/machine_check.h"
#include "efi/memory.h"
#include "efi/pcie_watch.h"
#include "efi/ports.h"
#include "efi/prior.h"
#include "efi/processors.h"
#include "efi/settings.h"
#include "sensors/kcs.h"
#include "sensors/machine_check.h"
#include "sensors/memory_map.h"
#include "sensors/smbios.h"
#include "sensors/spmi.h"
#include "sensors/srat.h"

#define MIB ((uint64_t)1024 * 1024)

static const uint32_t brand_leaf = 0x80000002; /* and the two behind it */

static struct disk disks[DISKS_MAX];
static struct memory_hold *memory;
static struct srat srat;

/* The brand string of CPUID leaves 80000002h to 80000004h. */
static void processor_name(char *name, size_t size)
{
    struct cpuid brand[3];

    if (cpuid(0x80000000, 0).eax < brand_leaf + 2) {
        copy_text(name, size, "processor");
        return;
    }
    for (unsigned i = 0; i < 3; i++)
        brand[i] = cpuid(brand_leaf + i, 0);
    copy_name(name, size, brand, sizeof(brand));
}

static struct event_part *add_part(struct machine *machine, enum part_kind kind)
{
    struct event_part *part = &machine->parts[machine->part_count++];

    memset(part, 0, sizeof(*part));
    part->kind = (uint8_t)kind;
    return part;
}

static void list_processors(struct machine *machine)
{
    struct event_part *part = add_part(machine, PART_PROCESSOR);

    part->part = PART_ALL_PROCESSORS;
    processor_name(part->name, sizeof(part->name));
    format_text(part->detail, sizeof(part->detail), "%u of %u processors at work",
                processors_working(), processors_present());
}

static void list_module(struct machine *machine, const struct memory_module *module)
{
    const struct smbios_memory_device *device = &module->device;
    struct event_part *part = add_part(machine, PART_MEMORY);

    part->parent = PART_ALL_MEMORY;
    part->size = device->size;
    copy_text(part->name, sizeof(part->name), device->part_number);
    copy_text(part->serial, sizeof(part->serial), device->serial);
    copy_text(part->place, sizeof(part->place), module->place);
    format_text(part->detail, sizeof(part->detail), "%s, %u MT/s", device->manufacturer,
                device->configured_speed ? device->configured_speed : device->speed);
}

/* All of it or nothing: a map without some of its modules would name the wrong one. */
static void list_memory_map(struct machine *machine, const struct memory_map *map,
                            unsigned first_part)
{
    machine->memory_map_count = 0;
    for (unsigned i = 0; i < map->module_count; i++) {
        if (map->modules[i].state != MEMORY_MAPPED)
            machine->memory_map[machine->memory_map_count++] =
                (struct event_memory_map){.part = (part_id)(first_part + i),
                                          .state = map->modules[i].state,
                                          .reported = map->modules[i].reported};
    }
    if (machine->memory_map_count + map->range_count > RUN_MEMORY_MAP)
        return;
    for (unsigned i = 0; i < map->range_count; i++) {
        const struct memory_range *range = &map->ranges[i];

        machine->memory_map[machine->memory_map_count++] =
            (struct event_memory_map){.part = (part_id)(first_part + range->module),
                                      .start = range->start,
                                      .end = range->end,
                                      .reported = map->modules[range->module].reported,
                                      .position = range->position,
                                      .depth = range->depth};
    }
}

static void list_modules(struct machine *machine, const void *table, size_t size, uint64_t seen)
{
    unsigned first_part = machine->part_count;
    struct memory_map *map = pages_for(sizeof(*map));

    if (!map)
        return;
    memory_map_read(table, size, seen, map);
    for (unsigned i = 0; i < map->module_count; i++)
        list_module(machine, &map->modules[i]);
    list_memory_map(machine, map, first_part);
    give_pages_back(map, sizeof(*map));
}

static void list_memory(struct machine *machine, const struct options *options, const void *table,
                        size_t size)
{
    struct event_part *part = add_part(machine, PART_MEMORY);
    bool part_of_it = options->range_start || options->range_end;

    part->part = PART_ALL_MEMORY;
    part->size = memory->conventional;
    copy_text(part->name, sizeof(part->name), "Memory");
    format_text(part->detail, sizeof(part->detail),
                "%llu MiB under test, %llu MiB left to the firmware meanwhile",
                (unsigned long long)(memory->pool.size / MIB),
                (unsigned long long)(memory_hold_spare(memory) / MIB));
    list_modules(machine, table, size, part_of_it ? UINT64_MAX : memory->conventional);
}

/* A drive is tested if it was asked for; the stick that carries Assay only by its own name. */
static void choose(struct run_disk *choice, const struct disk *disk, const struct options *options)
{
    choice->chosen = options_want_disk(options, disk->serial);
    if (!choice->chosen)
        copy_text(choice->reason, sizeof(choice->reason), "not asked for");
    if (disk->is_boot && disk->is_usb && options->disk_choice == DISKS_ALL) {
        choice->chosen = false;
        choice->is_stick = true;
        copy_text(choice->reason, sizeof(choice->reason), "the stick Assay was started from");
    }
}

static void allow_writes(unsigned index)
{
    disks_allow_writes(&disks[index]);
}

/* What was taken in the second before is on the medium: the run's tasks end with a flush. */
static uint32_t held_banks(void)
{
    handler_flushed();
    return handler_held();
}

static unsigned machine_checks(struct event_machine_check *ret, unsigned limit)
{
    unsigned count = handler_take(ret, limit);

    return count + processors_machine_checks(ret + count, limit - count);
}

static void say_handlers(const struct access *access, const struct sink *sink)
{
    unsigned installed = handler_installed();

    if (machine_check_banks(access) > 0 && installed < processors_working())
        emit_note(sink, SEVERITY_WARNING,
                  "Machine checks: Assay's handler is on %u of %u processors; an uncorrected error "
                  "on another may hang the machine.",
                  installed, processors_working());
}

static void list_disks(struct machine *machine, const struct options *options,
                       const struct sink *sink)
{
    machine->disk_count = disks_list(disks, DISKS_MAX, sink);
    for (unsigned i = 0; i < machine->disk_count; i++) {
        struct run_disk *choice = &machine->disks[i];
        struct disk *disk = &disks[i];

        memset(choice, 0, sizeof(*choice));
        choice->device = disk->device;
        choice->is_boot = disk->is_boot;
        choice->part.kind = PART_DISK;
        choice->part.size = disk->device->block_count * disk->device->block_size;
        copy_text(choice->part.name, sizeof(choice->part.name), disk->model);
        copy_text(choice->part.serial, sizeof(choice->part.serial), disk->serial);
        copy_text(choice->part.place, sizeof(choice->part.place), disk->place);
        format_text(choice->part.detail, sizeof(choice->part.detail), "%llu blocks of %u bytes",
                    (unsigned long long)disk->device->block_count, disk->device->block_size);
        choose(choice, disk, options);
    }
}

static bool find_bmc_in_smbios(struct machine *machine, const void *table, size_t size)
{
    struct smbios_ipmi ipmi;

    if (!table || smbios_ipmi(table, size, &ipmi) || ipmi.interface != SMBIOS_IPMI_KCS ||
        !ipmi.io_space || ipmi.base > UINT16_MAX)
        return false;
    machine->bmc_port = (uint16_t)ipmi.base;
    machine->bmc_spacing = ipmi.spacing;
    return true;
}

static bool find_bmc_in_acpi(struct machine *machine)
{
    size_t size = 0;
    const void *table = acpi_table("SPMI", &size);
    struct spmi_kcs kcs;

    if (!table || spmi_kcs(table, size, &kcs))
        return false;
    machine->bmc_port = kcs.port;
    machine->bmc_spacing = kcs.spacing;
    return true;
}

/* A BMC that SMBIOS or ACPI announces, or the default port: there, a probe of a bus that floats is
 * safe. */
static void find_bmc(struct machine *machine, const void *table, size_t size)
{
    machine->bmc_port = KCS_PORT_DEFAULT;
    machine->bmc_spacing = 1;
    if (!find_bmc_in_smbios(machine, table, size))
        (void)find_bmc_in_acpi(machine);
}

static void judge_smbus(struct machine *machine, const void *table, size_t size)
{
    struct smbios_product system, board;

    if (!table)
        return;
    memset(&system, 0, sizeof(system));
    memset(&board, 0, sizeof(board));
    (void)smbios_system(table, size, &system);
    (void)smbios_baseboard(table, size, &board);
    machine->smbus_unsafe = smbus_is_unsafe(system.manufacturer, board.manufacturer, board.product)
                                ? "machines of this kind were damaged by reading it"
                                : NULL;
}

static enum mp_fault processor_fault(const struct options *options)
{
    if (options_inject(options, INJECT_MP_REFUSE))
        return MP_REFUSES;
    if (options_inject(options, INJECT_MP_SILENT))
        return MP_SILENT;
    if (options_inject(options, INJECT_MP_BLOCKING))
        return MP_REFUSES_EVENTS;
    return options_inject(options, INJECT_MP_HANG) ? MP_HANGS : MP_HEALTHY;
}

static void take_memory(struct machine *machine, const struct options *options,
                        const struct sink *sink)
{
    struct memory_wish wish = {
        .limit = (options->memory ? options->memory : UINT64_MAX) & ~(uint64_t)4095,
        .start = options->range_start,
        .end = options->range_end ? options->range_end : UINT64_MAX,
    };
    int error = memory_take(&wish, sink, &memory);

    machine->memory = memory;
    machine->pool = memory->pool.count ? &memory->pool : NULL;
    machine->fill_rate = memory_fill_rate();
    machine->memory_total = memory_hold_counted(memory);
    if (!machine->pool)
        emit_not_tested(sink, "memory", PART_ALL_MEMORY, true, "none could be had: %s",
                        error ? error_text(error) : "the firmware's map has none free");
}

/* Nodes are told of when there are several. */
static void list_nodes(struct machine *machine, const struct sink *sink)
{
    size_t size = 0;
    const void *table = acpi_table("SRAT", &size);
    char buffer[TEXT_SIZE];
    struct text text = text_in(buffer, sizeof(buffer));

    machine->nodes = (struct memory_nodes){.ranges = &srat.ranges, .domain = srat.domain};
    if (!table)
        return;
    if (srat_read(table, size, &srat) == ERR_FULL)
        emit_note(sink, SEVERITY_WARNING, "NUMA: more nodes than this version can tell apart.");
    machine->nodes.count = srat.count;
    for (unsigned i = 0; i < srat.count; i++)
        text_format(&text, "%snode %u has %u", i ? ", " : "", (unsigned)srat.domain[i],
                    srat.processors[i]);
    if (srat.count > 1)
        emit_note(sink, SEVERITY_INFO, "NUMA: %u nodes; processors: %s.", srat.count, buffer);
}

/* Once in a boot, and before anything is taken from the firmware. */
static void list_priors(struct machine *machine, const char *skip, const void *table, size_t size,
                        const struct sink *sink)
{
    struct prior_list list = {.rows = machine->priors, .limit = RUN_PRIORS};
    struct memory_map *map = machine->priors_known ? NULL : pages_for(sizeof(*map));

    prior_say_hidden(sink);
    if (machine->priors_known)
        return;
    if (map)
        memory_map_read(table, size, UINT64_MAX, map);
    list.map = map;
    prior_read(&list, skip, sink);
    machine->prior_count = list.count;
    machine->priors_known = true;
    if (map)
        give_pages_back(map, sizeof(*map));
}

void discover(struct machine *machine, const struct options *options, const char *skip,
              const struct sink *sink)
{
    struct processors_config processors = {
        .limit = options->cpus ? options->cpus : OPTION_CPUS_MAX,
        .fault = processor_fault(options),
        .skip = text_equal(skip, "start processors"),
        .access = machine->access,
        .sink = sink,
    };
    struct disks_config disks_config = {
        .clock = machine->clock,
        .sink = sink,
        .skip = skip,
        .refuse = options_inject(options, INJECT_DISK_DRIVER),
    };
    size_t size = 0;
    const void *table = smbios_table(&size);

    machine->part_count = 0;
    list_priors(machine, skip, table, size, sink);
    disks_open(&disks_config);
    list_disks(machine, options, sink);
    processors_start(&processors, &machine->workers);
    machine->boot_processor = (uint16_t)processors_boot_number();
    machine->processors_working = processors_working();
    machine->processors_present = processors_present();
    machine->machine_checks = machine_checks;
    machine->pcie_errors = pcie_watch_take;
    machine->pcie_links = pcie_watch_links;
    machine->held_banks = held_banks;
    machine->cpu_sample = processors_sample;
    machine->cpu_sense = processors_sense;
    machine->cpu_registers = own_registers();
    machine->tsc_khz = (uint32_t)clock_ticks_for(1000);
    handler_install(machine->boot_processor);
    say_handlers(machine->access, sink);
    machine->allow_writes = allow_writes;
    take_memory(machine, options, sink);
    list_nodes(machine, sink);
    list_processors(machine);
    list_memory(machine, options, table, size);
    find_bmc(machine, table, size);
    judge_smbus(machine, table, size);
    pcie_watch_begin(skip, sink);
}
