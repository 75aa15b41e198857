#include "tests/sim/sample_run.h"

#include "base/text.h"

enum {
    DISK_GOOD = PART_FIRST_FREE,
    DISK_BAD,
    FAN,
    SECONDS = 2400,
    SERIES_GOOD = 0,
    SERIES_BAD,
    SERIES_MEMORY,
    SERIES_PACKAGE,
    SERIES_DRIVE,
    SERIES_FAN,
};

static void say(const struct sink *sink, uint64_t second, struct event event)
{
    event.time_us = second * 1000000;
    emit(sink, &event);
}

static void say_start(const struct sink *sink)
{
    say(sink, 0,
        (struct event){.type = EVENT_RUN_START,
                       .run_start = {.version = "1.0.0",
                                     .plan = "imaging",
                                     .options = "plan=imaging minutes=30 report-to=esp",
                                     .seed = 0x1234ABCD5678EF01u,
                                     .number = 12,
                                     .imaging_s = 1800,
                                     .year = 2024,
                                     .month = 5,
                                     .day = 12,
                                     .hour = 14,
                                     .minute = 3,
                                     .second = 20}});
}

static void say_parts(const struct sink *sink)
{
    const struct event_part parts[] = {
        {.part = PART_ALL_PROCESSORS, .kind = PART_PROCESSOR, .name = "Example CPU, 8 cores"},
        {.part = PART_ALL_MEMORY, .kind = PART_MEMORY, .name = "Memory", .size = 17179869184u},
        {.part = DISK_GOOD,
         .kind = PART_DISK,
         .name = "Example NVMe 500",
         .serial = "NV500-0001",
         .place = "PCI 01:00.0",
         .detail = "firmware 2B2Q",
         .size = 500107862016u},
        {.part = DISK_BAD,
         .kind = PART_DISK,
         .name = "Example SATA 2000",
         .serial = "SA2000-0042",
         .place = "SATA port 1",
         .size = 2000398934016u},
        {.part = FAN, .kind = PART_FAN, .name = "CPU fan", .place = "CPU_FAN"},
    };

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        say(sink, 1, (struct event){.type = EVENT_PART, .part = parts[i]});
}

static void say_series(const struct sink *sink)
{
    const struct event_series series[] = {
        {.series = SERIES_GOOD,
         .part = DISK_GOOD,
         .quantity = QUANTITY_THROUGHPUT,
         .name = "Example NVMe 500"},
        {.series = SERIES_BAD,
         .part = DISK_BAD,
         .quantity = QUANTITY_THROUGHPUT,
         .name = "Example SATA 2000"},
        {.series = SERIES_MEMORY,
         .part = PART_ALL_MEMORY,
         .quantity = QUANTITY_THROUGHPUT,
         .name = "Memory"},
        {.series = SERIES_PACKAGE,
         .part = PART_ALL_PROCESSORS,
         .quantity = QUANTITY_TEMPERATURE,
         .name = "CPU package",
         .source = "IA32_PACKAGE_THERM_STATUS",
         .has_high = true,
         .high = 100000},
        {.series = SERIES_DRIVE,
         .part = DISK_GOOD,
         .quantity = QUANTITY_TEMPERATURE,
         .name = "Example NVMe 500",
         .source = "NVMe SMART log",
         .has_high = true,
         .high = 84000},
        {.series = SERIES_FAN,
         .part = FAN,
         .quantity = QUANTITY_FAN_SPEED,
         .name = "CPU_FAN",
         .source = "BMC sensor 2",
         .has_low = true,
         .low = 400000},
    };

    for (size_t i = 0; i < sizeof(series) / sizeof(series[0]); i++)
        say(sink, 2, (struct event){.type = EVENT_SERIES, .series = series[i]});
}

static void say_phase(const struct sink *sink, const char *name, uint64_t start, uint64_t end)
{
    struct event event = {.type = EVENT_PHASE_START};

    copy_text(event.phase_start.phase, NAME_SIZE, name);
    event.phase_start.planned_s = (uint32_t)(end - start);
    say(sink, start, event);
}

static void say_phase_end(const struct sink *sink, const char *name, uint64_t end)
{
    struct event event = {.type = EVENT_PHASE_END, .phase_end.ending = ENDED_DONE};

    copy_text(event.phase_end.phase, NAME_SIZE, name);
    say(sink, end, event);
}

static void say_sample(const struct sink *sink, uint64_t second, uint16_t series, int64_t value)
{
    say(sink, second,
        (struct event){.type = EVENT_SAMPLE, .sample = {.series = series, .value = value}});
}

static void say_progress(const struct sink *sink, const char *phase, uint64_t second,
                         uint64_t start, uint64_t end)
{
    struct event event = {.type = EVENT_PROGRESS};

    copy_text(event.progress.phase, NAME_SIZE, phase);
    event.progress.permille = (uint16_t)((second - start) * 1000 / (end - start));
    event.progress.left_s = (uint32_t)(end - second);
    say(sink, second, event);
}

/* A second of a phase; `load` is how hard everything works, in thousandths. */
static void say_second(const struct sink *sink, uint64_t second, int64_t load)
{
    int64_t wobble = (int64_t)(second * 7919 % 101);
    int64_t heat = 41000 + load * 50 - 50 * load * 60 / (60 + (int64_t)(second % 1800));

    if (load > 500) {
        say_sample(sink, second, SERIES_GOOD, (2100 + wobble) * 1000000000);
        say_sample(sink, second, SERIES_BAD, (180 + wobble / 4) * 1000000000);
    }
    if (load > 100)
        say_sample(sink, second, SERIES_MEMORY, (11000 + wobble * 20) * 1000000000);
    say_sample(sink, second, SERIES_PACKAGE, heat + wobble * 20);
    if (second % 30 == 0)
        say_sample(sink, second, SERIES_DRIVE, 38000 + load * 25);
    if (second % 10 == 0)
        say_sample(sink, second, SERIES_FAN, 900000 + load * 900 - (second > 2000 ? 700000 : 0));
}

static void say_memory_error(const struct sink *sink, uint64_t second, uint64_t address)
{
    say(sink, second,
        (struct event){.type = EVENT_MEMORY_ERROR,
                       .memory_error = {.address = address,
                                        .expected = 0xAAAAAAAAAAAAAAAAu,
                                        .actual = 0xAAAAAAAAAAAAA2AAu,
                                        .reread = 0xAAAAAAAAAAAAA2AAu,
                                        .test = "moving-inversions",
                                        .processor = 3,
                                        .repeat = REPEAT_FAILED,
                                        .has_temperature = true,
                                        .temperature = 88250}});
}

static void say_latencies(const struct sink *sink)
{
    const struct event_latency latencies[] = {
        {.phase = "imaging",
         .part = DISK_GOOD,
         .reads = 1210345,
         .undated = 12,
         .median_us = 416,
         .p99_us = 1184,
         .p999_us = 2944,
         .longest_us = 18211,
         .longest_lba = 77777,
         .histogram = "0,0,0,0,0,0,0,0,1190001,20000,300,20,15,8,1",
         .map = "9999999999999999999999999999999999999999999999999999999999999999"},
        {.phase = "disk",
         .part = DISK_BAD,
         .reads = 9000,
         .median_us = 5120,
         .p99_us = 12800,
         .p999_us = 17920,
         .longest_us = 24107,
         .longest_lba = 1024,
         .histogram = "0,0,0,0,0,0,0,0,0,0,0,17,8700,280,3",
         .map = "9999999999999999999999999999999999999888888888888888777777777766"},
        {.phase = "imaging",
         .part = DISK_BAD,
         .reads = 141020,
         .undated = 3,
         .median_us = 5120,
         .p99_us = 28672,
         .p999_us = 1310720,
         .longest_us = 14903211,
         .longest_lba = 123456789,
         .histogram = "0,0,0,0,0,0,0,0,0,0,0,230,126000,13200,940,210,180,140,77,30,9,3,0,1",
         .map = "999996421079999999999999999999988888888888--------------------77"},
    };

    for (size_t i = 0; i < sizeof(latencies) / sizeof(latencies[0]); i++)
        say(sink, 2219, (struct event){.type = EVENT_LATENCY, .latency = latencies[i]});
    say(sink, 2219,
        (struct event){.type = EVENT_BOTTLENECK,
                       .bottleneck = {.phase = "imaging",
                                      .setter = PACE_SET_BY_DRIVE,
                                      .part = DISK_BAD,
                                      .rate = 812345678,
                                      .drive_busy = 971,
                                      .drives_wait = 12,
                                      .processors_wait = 634}});
    for (uint32_t i = 0; i < 3; i++)
        say(sink, 2219,
            (struct event){.type = EVENT_OUTLIER,
                           .outlier = {.part = DISK_BAD,
                                       .lba = 123454000 + i * 2048,
                                       .blocks = 2048,
                                       .duration_us = 903211 + i * 7000000,
                                       .median_us = 5120}});
}

static void say_write_errors(const struct sink *sink)
{
    const struct event_write_error errors[] = {
        {.part = DISK_BAD,
         .fault = WRITE_LOST,
         .lba = 4096,
         .generation = 3,
         .found_lba = 4096,
         .found_generation = 2,
         .again = true},
        {.part = DISK_BAD,
         .fault = WRITE_UNREADABLE,
         .lba = 8192,
         .generation = 3,
         .again = true,
         .status = "firmware: device error; drive: status 51h, error 40h (UNC)"},
    };

    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        say(sink, 2218, (struct event){.type = EVENT_WRITE_ERROR, .write_error = errors[i]});
}

static void say_evidence(const struct sink *sink)
{
    for (uint64_t i = 0; i < 5; i++)
        say(sink, 1400,
            (struct event){.type = EVENT_DISK_ERROR,
                           .disk_error = {.part = DISK_BAD,
                                          .fault = DISK_FAULT_MEDIUM,
                                          .lba = 123456789 + i * 8,
                                          .blocks = 8,
                                          .again = true,
                                          .status = "firmware: device error; drive: status 51h, "
                                                    "error 40h (UNC)"}});
    say(sink, 1400,
        (struct event){.type = EVENT_MISMATCH,
                       .mismatch = {.part = DISK_GOOD,
                                    .hop = HOP_SECOND_READ,
                                    .lba = 77777,
                                    .bits = 1,
                                    .address = 0x2A3B4C010u,
                                    .bit_mask = 0x800,
                                    .page = REPEAT_FAILED}});
    say(sink, 1400,
        (struct event){.type = EVENT_PACE,
                       .pace = {.part = DISK_BAD,
                                .lba = 123400000,
                                .usual = 200000000,
                                .slow = 9000000,
                                .duration_s = 14,
                                .reads = 120,
                                .others_known = true,
                                .others_kept = true}});
    say(sink, 1400,
        (struct event){.type = EVENT_MACHINE_CHECK,
                       .machine_check = {.processor = 2,
                                         .bank = 7,
                                         .status = 0x8C00004000010090u,
                                         .address = 0x2A3B4C010u,
                                         .has_address = true,
                                         .prior = true}});
}

/* What goes wrong during the run, second by second. */
static void say_troubles(const struct sink *sink, uint64_t second)
{
    if (second >= 1300 && second < 1340)
        say_memory_error(sink, second, 0x2A3B4C000u + (second - 1300) * 8);
    if (second == 1400)
        say_evidence(sink);
    if (second == 2218)
        say_write_errors(sink);
    if (second == 2219)
        say_latencies(sink);
    if (second == 2001)
        say(sink, second,
            (struct event){.type = EVENT_SENSOR_STATE,
                           .sensor_state = {.series = SERIES_FAN, .below_critical = true}});
}

static void play_phase(const struct sink *sink, const char *name, uint64_t start, uint64_t end,
                       int64_t load)
{
    say_phase(sink, name, start, end);
    for (uint64_t second = start; second < end; second++) {
        say_second(sink, second, load);
        say_progress(sink, name, second, start, end);
        say_troubles(sink, second);
    }
    say_phase_end(sink, name, end);
}

static void say_counter(const struct sink *sink, const char *name, enum moment moment,
                        uint64_t value)
{
    struct event event = {.type = EVENT_COUNTER,
                          .counter = {.part = DISK_BAD, .moment = (uint8_t)moment, .value = value}};

    copy_text(event.counter.name, NAME_SIZE, name);
    say(sink, moment == MOMENT_START ? 3 : 2390, event);
}

static void say_coverage(const struct sink *sink, const char *phase, part_id part, uint64_t tested,
                         uint64_t total)
{
    struct event event = {
        .type = EVENT_COVERAGE,
        .coverage = {.part = part, .tested = tested, .total = total, .moved = tested * 3}};

    copy_text(event.coverage.phase, NAME_SIZE, phase);
    say(sink, 2391, event);
}

static void say_finding(const struct sink *sink, const struct event_finding *finding)
{
    say(sink, 2395, (struct event){.type = EVENT_FINDING, .finding = *finding});
}

static void say_findings(const struct sink *sink)
{
    say_finding(sink, &(struct event_finding){
                          .id = "cooling-fan",
                          .part = FAN,
                          .certainty = POSSIBLE,
                          .component = "CPU_FAN CPU fan",
                          .evidence = "It fell from 1800 to 1000 rpm under load, while the "
                                      "processor stayed at 88 C.",
                          .advice = "Look whether the fan turns freely, and run again."});
    say_finding(sink, &(struct event_finding){
                          .id = "disk-media",
                          .part = DISK_BAD,
                          .certainty = LIKELY,
                          .component = "SA2000-0042 Example SATA 2000",
                          .evidence = "5 reads failed at LBA 123456789 to 123456828, twice each; "
                                      "the drive reports UNC and 8 pending sectors.",
                          .advice = "Copy the data off this drive first, then replace it."});
    say_finding(sink, &(struct event_finding){
                          .id = "memory-bit-error",
                          .part = PART_ALL_MEMORY,
                          .certainty = CERTAIN,
                          .component = "DIMM_B1 8 GiB Example Memory",
                          .evidence = "Bit 11 was wrong at 40 addresses from 2A3B4C000h on, and "
                                      "again when the page was tested without any drive.",
                          .advice = "Replace or reseat the module in slot DIMM_B1."});
}

static void say_words(const struct sink *sink)
{
    say(sink, 2396,
        (struct event){.type = EVENT_GOOD,
                       .good = {.id = "pcie-ok", .evidence = "No link lost speed or width."}});
    say(sink, 2396,
        (struct event){.type = EVENT_NOT_TESTED,
                       .not_tested = {.subsystem = "pcie-aer",
                                      .reason = "the firmware keeps these errors to itself"}});
    say(sink, 2397,
        (struct event){.type = EVENT_NOTE,
                       .note = {.severity = SEVERITY_WARNING,
                                .text = "The machine's clock gives no time zone."}});
}

static void say_untested(const struct sink *sink)
{
    static const struct event_untested_range ranges[] = {
        {0, 0x9FFFF, 0xA0000, HELD_BELOW_1_MIB, true},
        {0x800000, 0x9FFFFF, 0x200000, HELD_BY_ACPI, false},
        {0x7D000000, 0x7D7FFFFF, 0x800000, HELD_BY_ASSAY, true},
        {0x7E000000, 0x7E0FFFFF, 0x100000, HELD_BY_ASSAY, false},
        {0x7E100000, 0x7E1FFFFF, 0x100000, HELD_LEFT, true},
        {0x90000000, 0x9FFFFFFF, 0x20000, HELD_BY_MANY, true},
    };

    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
        say(sink, 420, (struct event){.type = EVENT_UNTESTED_RANGE, .untested_range = ranges[i]});
}

void sample_run(const struct sink *sink)
{
    say_start(sink);
    say_parts(sink);
    say_series(sink);
    say(sink, 2,
        (struct event){.type = EVENT_PRIOR_RUN,
                       .prior_run = {.number = 11, .after_s = 1502, .phase = "imaging"}});
    say_counter(sink, "pending sectors", MOMENT_START, 0);
    say_counter(sink, "power-on hours", MOMENT_START, 20111);
    play_phase(sink, "baseline", 5, 60, 30);
    play_phase(sink, "memory", 60, 420, 700);
    say_untested(sink);
    play_phase(sink, "imaging", 420, 2220, 1000);
    play_phase(sink, "cool-down", 2220, 2390, 20);
    say_counter(sink, "pending sectors", MOMENT_END, 8);
    say_counter(sink, "power-on hours", MOMENT_END, 20111);
    say_counter(sink, "interface CRC errors", MOMENT_END, 3);
    say_coverage(sink, "memory", PART_ALL_MEMORY, 16500000000u, 17179869184u);
    say_coverage(sink, "imaging", DISK_GOOD, 500107862016u, 500107862016u);
    say_coverage(sink, "imaging", DISK_BAD, 310000000000u, 2000398934016u);
    say_findings(sink);
    say_words(sink);
    say(sink, 2398,
        (struct event){.type = EVENT_VERDICT,
                       .verdict = {.overall = OVERALL_FAIL,
                                   .reason = "A memory module is faulty for certain, and a drive "
                                             "very likely."}});
    say(sink, SECONDS, (struct event){.type = EVENT_RUN_END, .run_end.ending = ENDED_DONE});
}

/* Fills a text to its last byte. */
static void fill(char *text, size_t size, unsigned salt)
{
    static const char hostile[] = "</title></style><script>alert(1)</script>\" onload='x' &amp; "
                                  "\x1b[2J\x1b[1;1H\r\n ASSAY VERDICT PASS\t\x80\xff\xc3\xa4 <!-- ";

    for (size_t i = 0; i + 1 < size; i++)
        text[i] = hostile[(i + salt) % (sizeof(hostile) - 1)];
    text[size - 1] = '\0';
}

/* Every field of an event by its table: texts filled, numbers as large as they can be. */
static void fill_event(struct event *event, unsigned salt)
{
    const struct event_kind *kind = &event_kinds[event->type];

    for (size_t i = 0; i < kind->field_count; i++) {
        const struct field *field = &kind->fields[i];
        uint8_t *place = (uint8_t *)event + field->offset;

        if (field->form == FIELD_TEXT)
            fill((char *)place, field->size, salt);
        else if (field->form == FIELD_NAMED)
            *place = (uint8_t)(salt % field->name_count);
        else if (field->form == FIELD_FLAG)
            *place = salt % 2;
        else
            for (size_t byte = 0; byte < field->size; byte++)
                place[byte] = salt % 3 ? 0xFF : 0x7F;
    }
}

/* Numbers that must differ, or else all parts were one. */
static void number(struct event *event, unsigned salt)
{
    if (event->type == EVENT_PART)
        event->part.part = (part_id)salt;
    else if (event->type == EVENT_SERIES)
        event->series.series = (uint16_t)salt;
    else if (event->type == EVENT_SAMPLE)
        event->sample.series = (uint16_t)salt;
}

void hostile_run(const struct sink *sink)
{
    static const uint8_t ends[] = {EVENT_VERDICT, EVENT_RUN_END};
    uint64_t time_us = 0;

    for (unsigned salt = 0; salt < 300; salt++) {
        for (unsigned type = 0; type < EVENT_VERDICT; type++) {
            struct event event = {.type = (uint8_t)type, .time_us = time_us++ * 1000000};

            fill_event(&event, salt);
            number(&event, salt);
            emit(sink, &event);
        }
    }
    for (unsigned i = 0; i < sizeof(ends); i++) {
        struct event event = {.type = ends[i], .time_us = UINT64_MAX / 2};

        fill_event(&event, 2);
        emit(sink, &event);
    }
}
