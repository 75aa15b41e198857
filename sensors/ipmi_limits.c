/*
 * The thresholds of a sensor, as the BMC has them now, before the sensor is declared.
 */
#include "base/error.h"
#include "sensors/ipmi_tasks.h"

/* Section 35.9. */
enum { GET_SENSOR_THRESHOLDS = 0x27 };

void ipmi_ask_thresholds(struct ipmi *ipmi)
{
    const struct ipmi_sdr *sdr = &ipmi->walk.sdr;

    ipmi_ask(ipmi, NETFN_SENSOR, sdr->lun, GET_SENSOR_THRESHOLDS, &sdr->number, 1);
}

/* A sensor whose limits have factors of their own is declared when these are known as well. */
static void next_limit(struct ipmi *ipmi)
{
    if (ipmi->walk.limits_due) {
        ipmi_next(ipmi, TASK_LIMIT_FACTORS);
        return;
    }
    ipmi_declare(ipmi, &ipmi->walk.sdr);
    ipmi_next_record(ipmi);
}

/* Section 35.9: the BMC's present thresholds beat those of the record, which are its defaults. */
void ipmi_take_thresholds(struct ipmi *ipmi, int completion, struct bytes data)
{
    struct ipmi_sdr *sdr = &ipmi->walk.sdr;

    if (completion < 0)
        return;
    if (completion == 0 && bytes_have(&data, 0, 7)) {
        sdr->readable &= bytes_u8(&data, 0);
        sdr->low = bytes_u8(&data, 2);
        sdr->high = bytes_u8(&data, 5);
    }
    ipmi->walk.limits_due = 0;
    if (sdr->values == VALUES_BY_READING)
        ipmi->walk.limits_due = sdr->readable & (LOWER_CRITICAL | UPPER_CRITICAL);
    next_limit(ipmi);
}

static bool low_is_due(const struct ipmi *ipmi)
{
    return ipmi->walk.limits_due & LOWER_CRITICAL;
}

void ipmi_ask_limit_factors(struct ipmi *ipmi)
{
    const struct ipmi_sdr *sdr = &ipmi->walk.sdr;
    uint8_t request[] = {sdr->number, low_is_due(ipmi) ? sdr->low : sdr->high};

    ipmi_ask(ipmi, NETFN_SENSOR, sdr->lun, GET_SENSOR_READING_FACTORS, request, sizeof(request));
}

/* A limit without factors is none. */
void ipmi_take_limit_factors(struct ipmi *ipmi, int completion, struct bytes data)
{
    struct ipmi_sdr *sdr = &ipmi->walk.sdr;
    uint8_t limit = low_is_due(ipmi) ? LOWER_CRITICAL : UPPER_CRITICAL;
    bool known =
        completion == 0 &&
        ipmi_factors_parse(data, low_is_due(ipmi) ? &sdr->low_factors : &sdr->high_factors) == OK;

    if (!known && !ipmi_gives_up(ipmi, completion))
        return;
    if (!known)
        sdr->readable &= (uint8_t)~limit;
    ipmi->walk.limits_due &= (uint8_t)~limit;
    next_limit(ipmi);
}
