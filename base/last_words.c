#include "base/last_words.h"

void text_sample(struct text *text, enum quantity quantity, int64_t milli)
{
    switch (quantity) {
    case QUANTITY_TEMPERATURE:
        text_milli(text, milli, 1);
        text_add(text, " C");
        break;
    case QUANTITY_FAN_SPEED:
        text_milli(text, milli, 0);
        text_add(text, " rpm");
        break;
    case QUANTITY_VOLTAGE:
        text_milli(text, milli, 3);
        text_add(text, " V");
        break;
    case QUANTITY_POWER:
        text_milli(text, milli, 1);
        text_add(text, " W");
        break;
    case QUANTITY_CLOCK:
        text_milli(text, milli, 0);
        text_add(text, " MHz");
        break;
    default:
        text_milli(text, milli / 1000000, 0);
        text_add(text, " MB/s");
    }
}

void text_prior_end(struct text *text, const struct event_prior_run *run)
{
    text_format(text, "run %u has no end: its last word came after ", (unsigned)run->number);
    text_duration(text, run->after_s);
    if (run->load[0])
        text_format(text, ", in %s", run->load);
    else if (run->phase[0])
        text_format(text, " in the phase %s", run->phase);
    if (run->step[0])
        text_format(text, ", while it was at: %s", run->step);
}

void text_prior_heat(struct text *text, const struct event_prior_run *run)
{
    if (!run->hottest[0])
        return;
    text_format(text, "; %s was at ", run->hottest);
    text_sample(text, QUANTITY_TEMPERATURE, run->temperature);
    if (!run->has_limit)
        return;
    text_add(text, ", its limit is ");
    text_sample(text, QUANTITY_TEMPERATURE, run->limit);
}

void text_prior_dip(struct text *text, const struct event_prior_run *run)
{
    if (!run->dip[0])
        return;
    text_format(text, "; the voltage %s had dropped from ", run->dip);
    text_sample(text, QUANTITY_VOLTAGE, run->dip_from);
    text_add(text, " to ");
    text_sample(text, QUANTITY_VOLTAGE, run->dip_to);
}

void text_prior_corrected(struct text *text, const struct event_prior_run *run)
{
    if (run->corrected)
        text_format(text, "; errors corrected in its last minute: %u, in the one before: %u",
                    (unsigned)run->corrected, (unsigned)run->corrected_before);
}

void text_prior_trend(struct text *text, const struct event_prior_run *run)
{
    if (!run->trend[0])
        return;
    text_format(text, "; in its last minute %s %s from ", run->trend,
                run->trend_to < run->trend_from ? "fell" : "rose");
    text_sample(text, (enum quantity)run->trend_quantity, run->trend_from);
    text_add(text, " to ");
    text_sample(text, (enum quantity)run->trend_quantity, run->trend_to);
}

void text_prior_fan(struct text *text, const struct event_prior_run *run)
{
    if (!run->fan[0])
        return;
    text_format(text, "; %s turned at ", run->fan);
    text_sample(text, QUANTITY_FAN_SPEED, run->fan_speed);
    text_add(text, " of ");
    text_sample(text, QUANTITY_FAN_SPEED, run->fan_fastest);
}

void text_prior_found(struct text *text, const struct event_prior_run *run)
{
    if (run->found[0])
        text_format(text, "; it had found: %s", run->found);
}

void text_prior_answer(struct text *text, const struct event_prior_run *run)
{
    static const char *const answers[ANSWERS] = {
        [ANSWER_BY_ITSELF] = "; by itself, the user says",
        [ANSWER_HUNG] = "; it hung, the user says",
        [ANSWER_SWITCHED_OFF] = "; the user had switched it off",
    };

    if (run->answer < ANSWERS && answers[run->answer])
        text_add(text, answers[run->answer]);
}

void text_last_moments(struct text *text, const struct event_prior_run *run)
{
    text_prior_answer(text, run);
    text_prior_heat(text, run);
    text_prior_fan(text, run);
    text_prior_dip(text, run);
    text_prior_corrected(text, run);
    text_prior_trend(text, run);
    text_prior_found(text, run);
}

void text_prior_run(struct text *text, const struct event_prior_run *run)
{
    text_prior_end(text, run);
    text_last_moments(text, run);
}

const char *restart_words(unsigned cause)
{
    static const char *const words[RESTART_CAUSES] = {
        [RESTART_UNKNOWN] = "why the machine was restarted is not known",
        [RESTART_COMMAND] = "a command of somebody restarted the machine",
        [RESTART_RESET_BUTTON] = "somebody pressed the reset button",
        [RESTART_POWER_BUTTON] = "the machine was switched on with its button",
        [RESTART_POWER_OVERRIDE] = "the power button was held until the power went",
        [RESTART_WATCHDOG] = "a watchdog expired",
        [RESTART_POWER_BACK] = "the power came back after it had been lost",
        [RESTART_POLICY] = "an event made it restart the machine",
        [RESTART_SOFT] = "software, or a key, restarted the machine",
        [RESTART_ALARM] = "the clock switched the machine on",
        [RESTART_OTHER] = "a cause of the maker's own",
    };

    return words[cause < RESTART_CAUSES ? cause : RESTART_UNKNOWN];
}

const char *restart_witness_words(unsigned witness)
{
    return witness == RESTART_TOLD_BY_BMC ? "the BMC" : "the chipset";
}
