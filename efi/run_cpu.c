/*
 * The processors' own sensors in a run.
 */
#include "base/text.h"
#include "efi/run.h"

static const char step[] = "processor sensors";

/* The first reading is a step of its own in the journal, on the boot processor alone: what would
 * hang there would hang on the others as well. */
static void begin(struct run *run)
{
    const struct machine *machine = run->machine;
    const struct cpu_sensors_config config = {
        .access = machine->access,
        .registers = &machine->cpu_registers,
        .brand = machine->part_count ? machine->parts[0].name : "",
        .sink = run->sink,
        .numbers = &run->numbers,
        .processors = machine->processors_working,
        .tsc_khz = machine->tsc_khz,
    };
    struct cpu_sample sample;

    emit_step(run->sink, step, false);
    cpu_sensors_begin(&run->cpu, &config);
    if (machine->cpu_sample(0, &sample))
        cpu_sensors_take(&run->cpu, 0, &sample);
    emit_step(run->sink, step, true);
    machine->cpu_sense(true);
}

void run_begin_cpu(struct run *run)
{
    if (!run->machine->cpu_sample)
        return;
    run->machine->cpu_sense(false);
    if (!run->config.sensors || !cpu_sensors_exist(&run->machine->cpu_registers))
        return;
    if (text_equal(run->config.skip, step))
        emit_not_tested(run->sink, "cpu-sensors", PART_ALL_PROCESSORS, false,
                        "the last boot hung while reading the processors' sensors");
    else
        begin(run);
}

/* The boot processor's sample is read now and says what time it is for all of them. */
void run_sample_cpu(struct run *run)
{
    struct cpu_sample sample;
    uint64_t now_us = 0;

    if (!run->cpu.begun)
        return;
    for (unsigned i = 0; i < CPU_PROCESSORS_MAX; i++) {
        if (!run->machine->cpu_sample(i, &sample))
            continue;
        if (i == 0)
            now_us = sample.time_us;
        cpu_sensors_take(&run->cpu, i, &sample);
    }
    cpu_sensors_tell(&run->cpu, now_us);
}
