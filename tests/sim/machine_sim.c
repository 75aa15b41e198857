#include "tests/sim/machine_sim.h"

#include "base/prng.h"
#include "base/text.h"

enum {
    FIRST_DRIVE = 20,
    FIRST_FAN = 30,
    CPU_SENSOR = 40,
    STUCK_SENSOR = 41,
    STEP_S = 10,
    CPU_LIMIT = 98000,
    DRIVE_LIMIT = 72000,
    MEMORY_MIB = 8192,
};

const char *const fault_verdicts[FAULTS] = {
    [FAULT_STUCK_BIT] = "memory-bit-error",
    [FAULT_WEAK_BIT] = "memory-bit-error",
    [FAULT_ADDRESS_LINE] = "memory-address-fault",
    [FAULT_ECC_CORRECTED] = "memory-ecc-corrected",
    [FAULT_ECC_UNCORRECTED] = "memory-ecc-uncorrected",
    [FAULT_COMPUTE] = "cpu-compute-error",
    [FAULT_CACHE] = "cpu-machine-check",
    [FAULT_UNREADABLE] = "disk-media",
    [FAULT_PENDING] = "disk-media",
    [FAULT_LEAD] = "disk-link",
    [FAULT_CORRUPTS] = "disk-silent-corruption",
    [FAULT_SLOW] = "disk-slow",
    [FAULT_PREDICTED] = "disk-failing",
    [FAULT_HOT_DRIVE] = "disk-hot",
    [FAULT_FAN] = "cooling-fan",
    [FAULT_DUST] = "cooling-airflow",
    [FAULT_RESET] = "reset-under-load",
};

static uint64_t below(struct machine *machine, uint64_t limit)
{
    return prng_below(&machine->random, limit);
}

static bool chance(struct machine *machine, unsigned percent)
{
    return below(machine, 100) < percent;
}

/* Evenly from -size to size. */
static int64_t noise(struct machine *machine, int64_t size)
{
    return (int64_t)below(machine, (uint64_t)(2 * size + 1)) - size;
}

static void send(struct machine *machine, struct event *event)
{
    event->time_us = machine->now_us;
    machine->emit(machine->context, event);
}

static void send_part(struct machine *machine, part_id part, enum part_kind kind, const char *name,
                      const char *serial, const char *place)
{
    struct event event = {.type = EVENT_PART, .part = {.part = part, .kind = (uint8_t)kind}};

    copy_text(event.part.name, NAME_SIZE, name);
    copy_text(event.part.serial, SERIAL_SIZE, serial);
    copy_text(event.part.place, PLACE_SIZE, place);
    send(machine, &event);
}

static void send_series(struct machine *machine, uint16_t number, part_id part,
                        enum quantity quantity, const char *name, int64_t high)
{
    struct event event = {.type = EVENT_SERIES,
                          .series = {.series = number,
                                     .part = part,
                                     .quantity = (uint8_t)quantity,
                                     .has_high = high > 0,
                                     .high = high}};

    copy_text(event.series.name, NAME_SIZE, name);
    send(machine, &event);
}

static void send_sample(struct machine *machine, uint16_t series, int64_t value)
{
    struct event event = {.type = EVENT_SAMPLE, .sample = {.series = series, .value = value}};

    send(machine, &event);
}

static void send_counter(struct machine *machine, unsigned drive, enum moment moment,
                         const char *name, uint64_t value)
{
    struct event event = {.type = EVENT_COUNTER,
                          .counter = {.part = (part_id)(FIRST_DRIVE + drive),
                                      .moment = (uint8_t)moment,
                                      .value = value}};

    copy_text(event.counter.name, NAME_SIZE, name);
    send(machine, &event);
}

static void send_coverage(struct machine *machine, const char *phase, part_id part, uint64_t tested,
                          uint64_t total)
{
    struct event event = {
        .type = EVENT_COVERAGE,
        .coverage = {.part = part, .tested = tested, .total = total, .moved = tested}};

    copy_text(event.coverage.phase, NAME_SIZE, phase);
    send(machine, &event);
}

static bool faulty_drive(const struct machine *machine, unsigned drive, enum fault fault)
{
    return machine->faults[fault] && drive == machine->victims[fault];
}

static void build_drives(struct machine *machine)
{
    char serial[SERIAL_SIZE], place[PLACE_SIZE];
    bool shared = chance(machine, 40);

    for (unsigned i = 0; i < machine->drives; i++) {
        format_text(serial, sizeof(serial), "SIM%u", i);
        if (shared)
            format_text(place, sizeof(place), "PCI 00:17.0 port %u", i);
        else
            format_text(place, sizeof(place), "PCI %02u:00.0", i + 1);
        send_part(machine, (part_id)(FIRST_DRIVE + i), PART_DISK, "Drive", serial, place);
        send_series(machine, (uint16_t)(FIRST_DRIVE + i), (part_id)(FIRST_DRIVE + i),
                    QUANTITY_TEMPERATURE, "drive", DRIVE_LIMIT);
        machine->drive_heat[i] = machine->room + 6000;
    }
}

static void build(struct machine *machine)
{
    char name[NAME_SIZE];

    machine->drives = 1 + (unsigned)below(machine, SIM_DRIVES);
    machine->fans = 1 + (unsigned)below(machine, SIM_FANS);
    for (unsigned i = 0; i < FAULTS; i++)
        machine->victims[i] = i == FAULT_FAN ? 0 : (unsigned)below(machine, machine->drives);
    machine->room = 18000 + (int64_t)below(machine, 12000);
    machine->heat = machine->room + 12000;
    machine->semi_passive = chance(machine, 20);
    machine->stop_us = (200 + below(machine, 500)) * 1000000;
    machine->bit = below(machine, 64);
    machine->weak_page = below(machine, MEMORY_MIB * 256) * 4096;
    send_part(machine, PART_ALL_PROCESSORS, PART_PROCESSOR,
              chance(machine, 30) ? "AMD Ryzen" : "Intel Core", "", "");
    send_part(machine, PART_ALL_MEMORY, PART_MEMORY, "memory", "", "");
    build_drives(machine);
    for (unsigned i = 0; i < machine->fans; i++) {
        machine->speed[i] =
            i > 0 && chance(machine, 30) ? 0 : 900000 + (int64_t)below(machine, 1500000);
        format_text(name, sizeof(name), "Fan %u", i + 1);
        send_part(machine, (part_id)(FIRST_FAN + i), PART_FAN, name, "", "");
        send_series(machine, (uint16_t)(FIRST_FAN + i), (part_id)(FIRST_FAN + i),
                    QUANTITY_FAN_SPEED, name, 0);
    }
    send_part(machine, CPU_SENSOR, PART_SENSOR, "CPU", "", "");
    send_series(machine, CPU_SENSOR, CPU_SENSOR, QUANTITY_TEMPERATURE, "CPU", CPU_LIMIT);
    send_part(machine, STUCK_SENSOR, PART_SENSOR, "AUX", "", "");
    send_series(machine, STUCK_SENSOR, STUCK_SENSOR, QUANTITY_TEMPERATURE, "AUX", 100000);
}

/* Counters that stand from years ago, and what a faulty drive adds to them in the run. */
static void send_counters(struct machine *machine, enum moment moment, uint64_t seed)
{
    uint64_t kept = machine->random;
    bool end = moment == MOMENT_END;

    machine->random = seed;
    for (unsigned i = 0; i < machine->drives; i++) {
        bool unreadable = end && faulty_drive(machine, i, FAULT_UNREADABLE);
        bool lead = end && faulty_drive(machine, i, FAULT_LEAD);
        uint64_t rise = 1 + below(machine, 40);

        send_counter(machine, i, moment, "reallocated-sectors", below(machine, 4) * 8);
        send_counter(machine, i, moment, "interface-crc",
                     below(machine, 3) * 17 + (lead ? rise : 0));
        send_counter(machine, i, moment, "media-errors", below(machine, 3) + unreadable);
        send_counter(machine, i, moment, "unsafe-shutdowns", below(machine, 90));
        send_counter(machine, i, moment, "pending-sectors",
                     faulty_drive(machine, i, FAULT_PENDING) ? rise : 0);
        send_counter(machine, i, moment, "smart-status-failing",
                     faulty_drive(machine, i, FAULT_PREDICTED));
        send_counter(machine, i, moment, "critical-warning", 0);
    }
    machine->random = kept;
}

static bool fan_is_broken(const struct machine *machine, unsigned fan)
{
    return machine->faults[FAULT_FAN] && fan == machine->victims[FAULT_FAN] &&
           machine->now_us >= machine->stop_us;
}

/* Temperatures go a fixed part of the way to where load and air would have them. */
static void move_heat(struct machine *machine, int64_t load)
{
    int64_t target = machine->room + 12000 + load * 38;
    bool no_air = fan_is_broken(machine, machine->victims[FAULT_FAN]);

    if (no_air)
        target += load * 18;
    if (machine->faults[FAULT_DUST])
        target += load * 45;
    machine->heat += (target - machine->heat) / 6;
    for (unsigned i = 0; i < machine->drives; i++) {
        int64_t warm = machine->room + 6000 + load * 20 + (no_air ? load * 25 : 0);

        if (faulty_drive(machine, i, FAULT_HOT_DRIVE))
            warm += load * 36;
        machine->drive_heat[i] += (warm - machine->drive_heat[i]) / 9;
    }
}

static void sample(struct machine *machine, int64_t load)
{
    bool resting = machine->semi_passive && machine->heat < machine->room + 20000;

    move_heat(machine, load);
    send_sample(machine, CPU_SENSOR, machine->heat + noise(machine, 1500));
    send_sample(machine, STUCK_SENSOR, 127000);
    for (unsigned i = 0; i < machine->drives; i++)
        send_sample(machine, (uint16_t)(FIRST_DRIVE + i),
                    machine->drive_heat[i] / 1000 * 1000 + noise(machine, 1) * 1000);
    for (unsigned i = 0; i < machine->fans; i++) {
        int64_t speed = machine->speed[i] / 2 + machine->speed[i] * load / 2000;

        if (speed && !resting && !fan_is_broken(machine, i) && below(machine, 1000) != 0)
            speed += noise(machine, 40000);
        else
            speed = 0;
        send_sample(machine, (uint16_t)(FIRST_FAN + i), speed);
    }
}

static void fail_word(struct machine *machine, uint64_t address, uint64_t expected, uint64_t actual,
                      const char *test, enum memory_repeat repeat)
{
    struct event event = {.type = EVENT_MEMORY_ERROR,
                          .memory_error = {.address = address,
                                           .expected = expected,
                                           .actual = actual,
                                           .reread = actual,
                                           .processor = (uint16_t)below(machine, 8),
                                           .repeat = (uint8_t)repeat}};

    copy_text(event.memory_error.test, NAME_SIZE, test);
    send(machine, &event);
}

static void memory_faults(struct machine *machine)
{
    uint64_t page = machine->weak_page, other = page ^ 1 << 20,
             line = (uint64_t)1 << (14 + machine->bit % 18);
    uint64_t word = page + below(machine, 512) * 8, value = prng_next(&machine->random);

    if (machine->faults[FAULT_STUCK_BIT]) {
        uint64_t bit = (uint64_t)1 << machine->bit;

        if (chance(machine, 50))
            fail_word(machine, word, word, word ^ bit, "own-address", REPEAT_FAILED);
        fail_word(machine, word, value, value ^ bit, "moving-inversions", REPEAT_FAILED);
        fail_word(machine, word, ~value, ~value ^ bit, "random", REPEAT_FAILED);
    }
    if (machine->faults[FAULT_ADDRESS_LINE]) {
        for (uint64_t i = 0; i < 40; i++)
            fail_word(machine, other + i * 8, other + i * 8, (other + i * 8) ^ line, "own-address",
                      REPEAT_HELD);
        for (unsigned i = 0; i < 6; i++)
            fail_word(machine, other + i * 8, prng_next(&machine->random),
                      prng_next(&machine->random), "random", REPEAT_HELD);
    }
}

static void mismatch(struct machine *machine, unsigned drive, struct event_mismatch mismatch)
{
    struct event event = {.type = EVENT_MISMATCH, .mismatch = mismatch};

    event.mismatch.part = (part_id)(FIRST_DRIVE + drive);
    event.mismatch.lba = below(machine, 1000000000);
    if (!event.mismatch.address)
        event.mismatch.address = below(machine, MEMORY_MIB * 256) * 4096 + 64;
    if (!event.mismatch.hop)
        event.mismatch.hop = HOP_SECOND_READ;
    event.mismatch.processor = event.mismatch.compute ? 3 : (uint16_t)below(machine, 8);
    send(machine, &event);
}

static void fail_read(struct machine *machine, enum fault cause, enum disk_fault fault,
                      uint64_t lba, bool again)
{
    struct event event = {.type = EVENT_DISK_ERROR,
                          .disk_error = {.part = (part_id)(FIRST_DRIVE + machine->victims[cause]),
                                         .fault = (uint8_t)fault,
                                         .lba = lba,
                                         .blocks = 1,
                                         .again = again}};

    send(machine, &event);
}

static void slow_down(struct machine *machine, unsigned drive, bool known, bool kept)
{
    struct event event = {.type = EVENT_PACE,
                          .pace = {.part = (part_id)(FIRST_DRIVE + drive),
                                   .lba = below(machine, 1000000000),
                                   .usual = 180000000,
                                   .slow = 1000000 + below(machine, 15000000),
                                   .duration_s = 3 + (uint32_t)below(machine, 20),
                                   .reads = (uint16_t)(6 + below(machine, 30)),
                                   .others_known = known,
                                   .others_kept = kept}};

    send(machine, &event);
}

static void check(struct machine *machine, uint16_t bank, uint64_t status, uint64_t address)
{
    struct event event = {.type = EVENT_MACHINE_CHECK,
                          .machine_check = {.processor = (uint16_t)below(machine, 8),
                                            .bank = bank,
                                            .status = status,
                                            .address = address,
                                            .has_address = true}};

    send(machine, &event);
}

static void bits_differ(struct machine *machine)
{
    unsigned drive = (unsigned)below(machine, machine->drives);
    uint64_t bit = (uint64_t)1 << machine->bit;

    if (machine->faults[FAULT_STUCK_BIT] && chance(machine, 8))
        mismatch(machine, drive,
                 (struct event_mismatch){.bits = 1,
                                         .bit_mask = bit,
                                         .address = machine->weak_page + 8,
                                         .page = REPEAT_FAILED});
    if (machine->faults[FAULT_WEAK_BIT] && chance(machine, 15))
        mismatch(
            machine, drive,
            (struct event_mismatch){.bits = 1 + (uint32_t)below(machine, 2),
                                    .bit_mask = bit,
                                    .address = machine->weak_page + 8,
                                    .hop = chance(machine, 30) ? HOP_ARENA : 0,
                                    .page = chance(machine, 60) ? REPEAT_FAILED : REPEAT_HELD});
    if (machine->faults[FAULT_ADDRESS_LINE] && chance(machine, 8))
        mismatch(machine, drive,
                 (struct event_mismatch){.bits = 9000, .whole_sectors = 8, .page = REPEAT_HELD});
    if (machine->faults[FAULT_COMPUTE] && chance(machine, 15))
        mismatch(machine, drive,
                 (struct event_mismatch){.bits = 1, .compute = true, .page = REPEAT_HELD});
    if (machine->faults[FAULT_COMPUTE] && chance(machine, 5))
        mismatch(machine, drive,
                 (struct event_mismatch){
                     .bits = 1, .bit_mask = 4, .hop = HOP_ROUND_TRIP, .page = REPEAT_HELD});
}

static void drives_fail(struct machine *machine)
{
    const unsigned *victims = machine->victims;

    if (machine->faults[FAULT_UNREADABLE] && chance(machine, 8)) {
        fail_read(machine, FAULT_UNREADABLE, DISK_FAULT_MEDIUM, 5000000 + below(machine, 90000),
                  chance(machine, 80));
        if (chance(machine, 40))
            slow_down(machine, victims[FAULT_UNREADABLE], machine->drives > 1, machine->drives > 1);
    }
    if (machine->faults[FAULT_LEAD] && chance(machine, 10)) {
        fail_read(machine, FAULT_LEAD, chance(machine, 50) ? DISK_FAULT_LINK : DISK_FAULT_TIMEOUT,
                  below(machine, 1000000000), false);
        if (chance(machine, 15))
            mismatch(
                machine, victims[FAULT_LEAD],
                (struct event_mismatch){.bits = 5000, .whole_sectors = 8, .page = REPEAT_HELD});
    }
    if (machine->faults[FAULT_CORRUPTS] && chance(machine, 8))
        mismatch(machine, victims[FAULT_CORRUPTS],
                 (struct event_mismatch){.bits = 4000,
                                         .whole_sectors = 8,
                                         .again = chance(machine, 80),
                                         .leftover = chance(machine, 20),
                                         .page = REPEAT_HELD});
    if (machine->faults[FAULT_SLOW] && chance(machine, 6))
        slow_down(machine, victims[FAULT_SLOW], chance(machine, 80), true);
}

static void processors_report(struct machine *machine)
{
    uint64_t channel = machine->bit % 4;

    if (machine->faults[FAULT_ECC_CORRECTED] && chance(machine, 10))
        check(machine, 7, 0x8C00004000000090u + channel, machine->weak_page);
    if (machine->faults[FAULT_ECC_UNCORRECTED] && machine->now_us / 1000000 % 300 == 0)
        check(machine, 7, 0xBC00000000000090u + 4 + channel, machine->weak_page);
    if (machine->faults[FAULT_CACHE] && chance(machine, 10))
        check(machine, 2, 0x8C00000000000005u, 0);
}

/* Healthy machines stall as a whole now and then. */
static void stall(struct machine *machine)
{
    if (below(machine, 300) == 0)
        slow_down(machine, (unsigned)below(machine, machine->drives), true, false);
}

static void phase(struct machine *machine, const char *name, unsigned seconds, int64_t load)
{
    struct event start = {.type = EVENT_PHASE_START, .phase_start.planned_s = seconds};
    struct event end = {.type = EVENT_PHASE_END, .phase_end.ending = ENDED_DONE};
    bool imaging = text_equal(name, "imaging");

    copy_text(start.phase_start.phase, NAME_SIZE, name);
    copy_text(end.phase_end.phase, NAME_SIZE, name);
    send(machine, &start);
    for (unsigned s = 0; s < seconds; s += STEP_S) {
        machine->now_us += STEP_S * 1000000;
        sample(machine, load);
        if (load)
            processors_report(machine);
        if (imaging) {
            bits_differ(machine);
            drives_fail(machine);
            stall(machine);
        }
    }
    if (text_equal(name, "memory"))
        memory_faults(machine);
    send(machine, &end);
}

static void begin(struct machine *machine)
{
    struct event start = {.type = EVENT_RUN_START, .run_start = {.plan = "imaging"}};
    struct event prior = {.type = EVENT_PRIOR_RUN,
                          .prior_run = {.number = 3, .after_s = 400, .phase = "imaging"}};

    send(machine, &start);
    build(machine);
    if (machine->faults[FAULT_RESET])
        send(machine, &prior);
}

void machine_run(struct machine *machine)
{
    struct event end = {.type = EVENT_RUN_END, .run_end.ending = ENDED_DONE};
    uint64_t seed;

    begin(machine);
    seed = machine->random;
    send_counters(machine, MOMENT_START, seed);
    phase(machine, "baseline", 60, 0);
    phase(machine, "memory", 120, 700);
    send_coverage(machine, "memory", PART_ALL_MEMORY, MEMORY_MIB * 97ull / 100 << 20,
                  (uint64_t)MEMORY_MIB << 20);
    phase(machine, "disks", 60, 300);
    phase(machine, "imaging", 600 + (unsigned)below(machine, 600), 1000);
    for (unsigned i = 0; i < machine->drives; i++)
        send_coverage(machine, "imaging", (part_id)(FIRST_DRIVE + i), 1ull << 38, 1ull << 40);
    phase(machine, "cool-down", 240, 0);
    send_counters(machine, MOMENT_END, seed);
    send(machine, &end);
}

part_id machine_guilty(const struct machine *machine, enum fault fault)
{
    switch (fault) {
    case FAULT_STUCK_BIT:
    case FAULT_WEAK_BIT:
    case FAULT_ADDRESS_LINE:
    case FAULT_ECC_CORRECTED:
    case FAULT_ECC_UNCORRECTED:
        return PART_ALL_MEMORY;
    case FAULT_COMPUTE:
    case FAULT_CACHE:
        return PART_ALL_PROCESSORS;
    case FAULT_FAN:
        return (part_id)(FIRST_FAN + machine->victims[fault]);
    case FAULT_DUST:
        return CPU_SENSOR;
    case FAULT_RESET:
        return 0;
    default:
        return (part_id)(FIRST_DRIVE + machine->victims[fault]);
    }
}
