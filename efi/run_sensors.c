/*
 * The sensors of a run behind registers that are slow: the BMC's, those of Super I/O chips and
 * those on memory modules. They
 * get a share of the boot processor's time, and what all sensors took of it is counted.
 */
#include "base/text.h"
#include "efi/run.h"

enum {
    STEPS_MAX = 100,
    SUPERIO_STEPS_MAX = 10,   /* of some 20 to 100 register accesses of a microsecond */
    DIMM_STEPS_MAX = 2,       /* one ends a transfer, one begins the next */
    SHARE_NS_EACH_US = 8,     /* of the time that goes by: 0.8 % */
    CREDIT_NS_MAX = 60000000, /* that is saved up, and that a run begins with */
    DEBT_NS_MAX = 2000000,
    AT_ONCE_US = 5000,   /* in one call */
    PATIENCE_PART = 256, /* of the time between two calls, a busy BMC is watched */
};

void run_begin_sensing(struct run *run)
{
    run->begun_us = recorder_now_us(run->recorder);
    run->sensors_credit_ns = CREDIT_NS_MAX;
}

uint64_t run_count_sensing(struct run *run, uint64_t start_us)
{
    uint64_t spent_us = recorder_now_us(run->recorder) - start_us;

    run->sensing_us += spent_us;
    return spent_us;
}

static bool may_sense(const struct run *run, uint64_t start_us)
{
    uint64_t spent_us = recorder_now_us(run->recorder) - start_us;

    return spent_us < AT_ONCE_US && run->sensors_credit_ns > (int64_t)(spent_us * 1000);
}

/*
 * A run begins with some credit, for the list of a BMC's sensors, and from then on gets more as
 * time goes by. So the sensors of a BMC come round in seconds, and what they take stays below a
 * hundredth of any run of half a minute and more. A BMC that has something to do is not waited for,
 * but for a little while where calls are far apart.
 */
void run_step_sensors(struct run *run, uint64_t gone_us)
{
    uint64_t start_us = recorder_now_us(run->recorder);
    bool more = true;

    if (!run->config.sensors || !run->ipmi.clock)
        return;
    run->sensors_credit_ns += (int64_t)(gone_us * SHARE_NS_EACH_US);
    if (run->sensors_credit_ns > CREDIT_NS_MAX)
        run->sensors_credit_ns = CREDIT_NS_MAX;
    if (may_sense(run, start_us))
        superio_step(&run->superio);
    ipmi_set_patience(&run->ipmi, gone_us / PATIENCE_PART);
    for (unsigned i = 0; i < STEPS_MAX && more && may_sense(run, start_us); i++)
        more = ipmi_step(&run->ipmi);
    for (unsigned i = 1; i < SUPERIO_STEPS_MAX && may_sense(run, start_us); i++)
        superio_step(&run->superio);
    for (unsigned i = 0; i < DIMM_STEPS_MAX && may_sense(run, start_us); i++)
        dimm_step(&run->dimms);
    run->sensors_credit_ns -= (int64_t)(run_count_sensing(run, start_us) * 1000);
    if (run->sensors_credit_ns < -DEBT_NS_MAX) /* a step came to the medium in between */
        run->sensors_credit_ns = -DEBT_NS_MAX;
}

/* Why there is no sensor of a kind, where neither the BMC nor a Super I/O chip has one. */
static const char *why_no_sensor(const struct run *run, enum ipmi_state state)
{
    if (!run->config.sensors)
        return "switched off by sensors=off";
    if (state == IPMI_PROBING || !superio_is_settled(&run->superio))
        return "the run was over before the sensors were known";
    if (state == IPMI_READY)
        return "the BMC has none";
    if (superio_has_monitor(&run->superio))
        return "the Super I/O chip measures none";
    return "no BMC answers, and no Super I/O chip that this version reads";
}

void run_tell_sensing(struct run *run)
{
    uint64_t run_ms = (recorder_now_us(run->recorder) - run->begun_us) / 1000;
    uint64_t sensing_ms = run->sensing_us / 1000;
    unsigned share = run_ms ? (unsigned)(run->sensing_us * 10 / run_ms) : 0; /* in 1/10000 */

    emit_note(run->sink, SEVERITY_INFO,
              "Reading the sensors took %u.%02u %% of the run: %u.%03u s of %u.%03u s", share / 100,
              share % 100, (unsigned)(sensing_ms / 1000), (unsigned)(sensing_ms % 1000),
              (unsigned)(run_ms / 1000), (unsigned)(run_ms % 1000));
}

void run_settle_sensors(struct run *run)
{
    enum ipmi_state state = run->config.sensors ? ipmi_state(&run->ipmi) : IPMI_ABSENT;
    bool over = text_equal(run->phase_name, PHASE_OF_VERDICT);
    bool known = run->config.sensors && state != IPMI_PROBING;
    bool settled = !run->config.sensors || (known && superio_is_settled(&run->superio));
    bool fans = known && ipmi_fans(&run->ipmi);
    bool cpu = known && ipmi_has_cpu_temperature(&run->ipmi);
    const char *reason = why_no_sensor(run, state);

    if (run->sensors_settled || (!settled && !over))
        return;
    run->sensors_settled = true;
    fans |= run->config.sensors && superio_fans(&run->superio);
    cpu |= run->config.sensors && superio_has_cpu_temperature(&run->superio);
    cpu |= cpu_sensors_temperatures(&run->cpu) > 0;
    if (!fans)
        emit_not_tested(run->sink, "fans", 0, false, "%s", reason);
    if (!cpu)
        emit_not_tested(run->sink, "cpu-temperature", PART_ALL_PROCESSORS, false, "%s", reason);
}
