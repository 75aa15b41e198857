/*
 * Runs without an end: what supports that the machine is at fault, what speaks against it, and what
 * to do next.
 */
#include "base/last_words.h"
#include "base/text.h"
#include "diagnosis/conditions.h"
#include "diagnosis/judge.h"

enum {
    NEAR_LIMIT = 3000,    /* thousandths of a degree */
    CORRECTED_RISING = 2, /* corrected errors in the last minute */
    /* Seconds: a machine that was restarted at once runs Assay again by then. What is told of the
     * last restart is about another one when the run had its last word long before. */
    RESTARTED_S = 900,
    LOG_BEFORE_S = 120, /* the clocks of BMC and machine may differ by so much */
};

bool run_without_end(const struct evidence *evidence, unsigned index)
{
    (void)index;
    return evidence->prior_runs > 0;
}

/* Whether `now_s` is so soon after the run's last word that both belong together. */
static bool is_soon(const struct event_prior_run *run, uint64_t now_s)
{
    return run->ended_s && now_s >= run->ended_s && now_s - run->ended_s <= RESTARTED_S;
}

static bool is_told(const struct evidence *evidence, enum restart_cause cause)
{
    for (unsigned i = 0; i < RESTART_WITNESSES; i++) {
        if (evidence->restarts[i] >> cause & 1)
            return true;
    }
    return false;
}

/* The restart that is told of is the end of the newest run. */
static bool restart_is_its_end(const struct evidence *evidence)
{
    const struct event_prior_run *run = &evidence->prior_run;

    return is_soon(run, evidence_run_began_s(evidence)) &&
           (!evidence->ended_runs || evidence->ended_run.number < run->number);
}

static bool was_hot(const struct event_prior_run *run)
{
    return run->hottest[0] && run->has_limit && run->limit > 0 &&
           run->temperature >= run->limit - NEAR_LIMIT;
}

static bool was_correcting(const struct event_prior_run *run)
{
    return run->corrected >= CORRECTED_RISING && run->corrected > run->corrected_before;
}

/* An entry of the BMC's log from when the run ended. */
static const struct evidence_prior *logged(const struct evidence *evidence, enum prior_kind kind)
{
    const struct event_prior_run *run = &evidence->prior_run;

    for (unsigned i = 0; i < evidence->prior_count; i++) {
        const struct evidence_prior *prior = &evidence->priors[i];

        if (prior->count && prior->error.kind == kind &&
            is_soon(run, prior->error.time_s + LOG_BEFORE_S))
            return prior;
    }
    return NULL;
}

/* A watchdog that Assay could not stop would have restarted a machine in good health. */
static bool watchdog_expired(const struct evidence *evidence)
{
    if (evidence->prior_run.watchdog_ran)
        return false;
    return (restart_is_its_end(evidence) && is_told(evidence, RESTART_WATCHDOG)) ||
           logged(evidence, PRIOR_WATCHDOG);
}

static bool bmc_acted(const struct evidence *evidence)
{
    return restart_is_its_end(evidence) && is_told(evidence, RESTART_POLICY);
}

bool reset_supported(const struct evidence *evidence, unsigned index)
{
    const struct event_prior_run *run = &evidence->prior_run;

    return run_without_end(evidence, index) &&
           (was_hot(run) || run->dip[0] || was_correcting(run) || watchdog_expired(evidence) ||
            bmc_acted(evidence));
}

/* Of the causes that stand for somebody's hand the one that is told, else RESTART_UNKNOWN. Too much
 * heat may set the chipset's bit, and one that stood there before tells nothing. */
static enum restart_cause hand(const struct evidence *evidence)
{
    const struct event_prior_run *run = &evidence->prior_run;

    if (is_told(evidence, RESTART_RESET_BUTTON))
        return RESTART_RESET_BUTTON;
    if (is_told(evidence, RESTART_COMMAND))
        return RESTART_COMMAND;
    if (is_told(evidence, RESTART_POWER_OVERRIDE) && !run->override_stood && !was_hot(run))
        return RESTART_POWER_OVERRIDE;
    return RESTART_UNKNOWN;
}

/* A button ends one run; what the user says is believed before it. */
bool reset_by_hand(const struct evidence *evidence, unsigned index)
{
    (void)index;
    return evidence->prior_runs == 1 && evidence->prior_run.answer == ANSWER_NONE &&
           restart_is_its_end(evidence) && hand(evidence) != RESTART_UNKNOWN;
}

/* ---- words */

/* A piece of a sentence, left out as a whole where it finds no room. */
static void add_piece(struct text *text, const char *piece)
{
    if (text->length + text_length(piece) < text->size)
        text_add(text, piece);
}

static void add_words(struct text *text, const struct event_prior_run *run,
                      void (*write)(struct text *, const struct event_prior_run *))
{
    char piece[TEXT_SIZE];
    struct text words = text_in(piece, sizeof(piece));

    write(&words, run);
    add_piece(text, piece);
}

static void add_restarts(struct text *text, const struct evidence *evidence)
{
    const char *last = restart_is_its_end(evidence) ? "" : "last time, ";
    char piece[TEXT_SIZE];
    bool told = false;

    for (unsigned i = 0; i < RESTART_WITNESSES; i++) {
        for (unsigned cause = RESTART_UNKNOWN + 1; cause < RESTART_CAUSES; cause++) {
            if (!(evidence->restarts[i] >> cause & 1))
                continue;
            format_text(piece, sizeof(piece), "; %s%s says: %s", last, restart_witness_words(i),
                        restart_words(cause));
            add_piece(text, piece);
            told = true;
        }
    }
    if (!told && evidence->prior_run.answer == ANSWER_NONE)
        add_piece(text, "; what restarted it is not known");
}

/* What supports the finding stands before what only belongs to it. */
void tell_prior_run(const struct evidence *evidence, unsigned index, struct text *text)
{
    const struct event_prior_run *run = &evidence->prior_run;
    char piece[TEXT_SIZE];

    (void)index;
    text_prior_end(text, run);
    if (was_hot(run))
        add_words(text, run, text_prior_heat);
    add_words(text, run, text_prior_dip);
    add_words(text, run, text_prior_corrected);
    add_words(text, run, text_prior_answer);
    add_restarts(text, evidence);
    if (run->watchdog_ran)
        add_piece(text, "; a watchdog of the BMC ran in it");
    if (evidence->prior_runs > 1) {
        format_text(piece, sizeof(piece), "; %u runs without an end in all", evidence->prior_runs);
        add_piece(text, piece);
    }
    tell_prior_reset(evidence, text);
    add_words(text, run, text_prior_trend);
    if (!was_hot(run))
        add_words(text, run, text_prior_heat);
}

bool reset_advise(const struct evidence *evidence, struct text *text)
{
    const struct event_prior_run *run = &evidence->prior_run;

    if (was_hot(run))
        text_add(text, "Check the cooling first: it was near its limit when the run ended. Then ");
    else if (run->dip[0])
        text_add(text, "Try another power supply, and check its leads. Then ");
    else if (was_correcting(run))
        text_add(text, "Test the memory overnight: it was correcting errors. Then ");
    else if (run->answer != ANSWER_BY_ITSELF && run->answer != ANSWER_HUNG)
        return false;
    if (run->answer == ANSWER_HUNG)
        text_add(text, "check cooling, memory and the version of the firmware, in this order.");
    else
        text_add(text, "check power supply, cooling and memory, in this order.");
    /* Where nothing stands before, it begins the sentence. */
    if (text->data[0] == 'c')
        text->data[0] = 'C';
    return true;
}

bool judge_ended_runs(const struct evidence *evidence, char *buffer, size_t size)
{
    struct text text = text_in(buffer, size);

    if (reset_by_hand(evidence, 0)) {
        text_format(&text,
                    "Run %u has no end, and that is no finding: %s, soon after its last word. ",
                    (unsigned)evidence->prior_run.number, restart_words(hand(evidence)));
        text_add(&text, "If it hung before, check cooling, memory and firmware.");
        return true;
    }
    if (evidence->ended_runs)
        text_format(&text,
                    "Run %u has no end, and that is no finding: the user had switched it off.",
                    (unsigned)evidence->ended_run.number);
    return evidence->ended_runs > 0;
}
