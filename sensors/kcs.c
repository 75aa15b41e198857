#include "sensors/kcs.h"

#include <string.h>

#include "base/error.h"

/* The status register and the states in its bits 7:6. */
enum {
    STATUS_OBF = 0x01,
    STATUS_IBF = 0x02,
    STATUS_STATE = 0xC0,
    STATUS_FLOATING = 0xFF,
    STATE_IDLE = 0x00,
    STATE_READ = 0x40,
    STATE_WRITE = 0x80,
};

/* Control codes. */
enum {
    GET_STATUS_ABORT = 0x60,
    WRITE_START = 0x61,
    WRITE_END = 0x62,
    READ = 0x68,
};

const struct guard_rule kcs_rule = {.what = GUARD_PORTS, .count = 1, .span = 1, .alignment = 1};

void kcs_init(struct kcs *kcs, const struct access *access, const struct clock *clock,
              uint16_t port, unsigned spacing)
{
    *kcs = (struct kcs){
        .access = access,
        .clock = clock,
        .data_port = port,
        .command_port = (uint16_t)(port + spacing),
        .phase = KCS_REST,
        .result = ERR_ABSENT,
    };
}

static void begin_wait(struct kcs *kcs)
{
    kcs->seen_us = clock_now_us(kcs->clock);
    kcs->waited_us = 0;
}

/* Time counts while somebody looks: after a long absence of the caller the answer may well be
 * there, and is to be taken. */
static bool waited_too_long(struct kcs *kcs)
{
    uint64_t now_us = clock_now_us(kcs->clock);
    uint64_t gap_us = now_us - kcs->seen_us;
    uint32_t limit_us = kcs->phase < KCS_ABORT ? KCS_TRANSACTION_US - KCS_ABORT_US : KCS_ABORT_US;

    kcs->seen_us = now_us;
    kcs->waited_us += gap_us < KCS_GAP_US ? (uint32_t)gap_us : KCS_GAP_US;
    return kcs->waited_us >= limit_us;
}

int kcs_start(struct kcs *kcs, const uint8_t *request, size_t size)
{
    if (size < 2 || size > sizeof(kcs->request))
        return ERR_RANGE;
    if (kcs->phase != KCS_REST)
        return ERR_REFUSED;
    if (kcs_is_dead(kcs))
        return ERR_GONE;
    memcpy(kcs->request, request, size);
    kcs->request_size = size;
    kcs->sent = 0;
    kcs->response_size = 0;
    begin_wait(kcs);
    kcs->phase = KCS_START;
    return OK;
}

bool kcs_is_dead(const struct kcs *kcs)
{
    return kcs->failures >= KCS_FAILURES_MAX;
}

static int finish(struct kcs *kcs, int result)
{
    kcs->phase = KCS_REST;
    kcs->result = result;
    kcs->failures = result == OK ? 0 : kcs->failures + 1;
    return result;
}

/* Leaves the transaction by way of the abort sequence; `error` becomes its result. */
static int start_abort(struct kcs *kcs, int error)
{
    kcs->result = error;
    kcs->phase = KCS_ABORT;
    begin_wait(kcs);
    return KCS_BUSY;
}

/* Writes a register and goes to the next phase: with this a step ends. */
static int put(struct kcs *kcs, uint16_t port, uint8_t value, enum kcs_phase next)
{
    if (kcs->access->out8(kcs->access->context, port, value) != OK)
        return finish(kcs, ERR_IO);
    kcs->phase = next;
    return KCS_BUSY;
}

static int get_data(struct kcs *kcs, uint8_t *ret_value)
{
    return kcs->access->in8(kcs->access->context, kcs->data_port, ret_value);
}

/* Takes away a byte that nobody waits for. */
static void clear_output(struct kcs *kcs, uint8_t status)
{
    uint8_t ignored;

    if (status & STATUS_OBF)
        (void)get_data(kcs, &ignored);
}

/* Nothing can be done before the BMC has done something. */
static int wait_for_bmc(struct kcs *kcs)
{
    kcs->waits = true;
    return KCS_BUSY;
}

/* The next byte of the request; before the last one goes WRITE_END. Section 9.15. */
static int write_next(struct kcs *kcs, uint8_t status)
{
    if ((status & STATUS_STATE) != STATE_WRITE)
        return start_abort(kcs, ERR_IO);
    clear_output(kcs, status);
    if (kcs->phase == KCS_WRITE && kcs->sent == kcs->request_size - 1)
        return put(kcs, kcs->command_port, WRITE_END, KCS_WRITE_LAST);
    return put(kcs, kcs->data_port, kcs->request[kcs->sent++],
               kcs->phase == KCS_WRITE ? KCS_WRITE : KCS_READ);
}

/* Section 9.3: the response repeats network function, LUN and command, the function made odd. */
static int check_response(struct kcs *kcs)
{
    bool matches = kcs->response_size >= 3 && kcs->response[0] == (kcs->request[0] | 0x04) &&
                   kcs->response[1] == kcs->request[1];

    return finish(kcs, matches ? OK : ERR_FORMAT);
}

/*
 * Section 9.15. In the idle state one more byte without meaning follows; some controllers leave it
 * out, so it is taken when it is there and not waited for.
 */
static int read_next(struct kcs *kcs, uint8_t status)
{
    uint8_t value;

    if ((status & STATUS_STATE) == STATE_IDLE) {
        clear_output(kcs, status);
        return check_response(kcs);
    }
    if ((status & STATUS_STATE) != STATE_READ)
        return start_abort(kcs, ERR_IO);
    if (!(status & STATUS_OBF))
        return wait_for_bmc(kcs);
    if (kcs->response_size == sizeof(kcs->response) || get_data(kcs, &value) != OK)
        return start_abort(kcs, ERR_IO);
    kcs->response[kcs->response_size++] = value;
    return put(kcs, kcs->data_port, READ, KCS_READ);
}

/* The BMC gives the reason for its error, which is of no use here, and goes to idle. */
static int abort_read(struct kcs *kcs, uint8_t status)
{
    if ((status & STATUS_STATE) != STATE_READ)
        return finish(kcs, kcs->result);
    if (!(status & STATUS_OBF))
        return wait_for_bmc(kcs);
    clear_output(kcs, status);
    return put(kcs, kcs->data_port, READ, KCS_ABORT_END);
}

/* What can be done now that the BMC has taken the last byte. */
static int advance(struct kcs *kcs, uint8_t status)
{
    switch (kcs->phase) {
    case KCS_START:
        clear_output(kcs, status);
        return put(kcs, kcs->command_port, WRITE_START, KCS_WRITE);
    case KCS_WRITE:
    case KCS_WRITE_LAST:
        return write_next(kcs, status);
    case KCS_READ:
        return read_next(kcs, status);
    case KCS_ABORT:
        return put(kcs, kcs->command_port, GET_STATUS_ABORT, KCS_ABORT_ZERO);
    case KCS_ABORT_ZERO:
        clear_output(kcs, status);
        return put(kcs, kcs->data_port, 0, KCS_ABORT_READ);
    case KCS_ABORT_READ:
        return abort_read(kcs, status);
    case KCS_ABORT_END:
        clear_output(kcs, status);
        return finish(kcs, kcs->result);
    case KCS_REST:
        break;
    }
    return kcs->result;
}

int kcs_step(struct kcs *kcs)
{
    uint8_t status;

    kcs->waits = false;
    if (kcs->phase == KCS_REST)
        return kcs->result;
    if (kcs->access->in8(kcs->access->context, kcs->command_port, &status) != OK)
        return finish(kcs, ERR_IO);
    if (status == STATUS_FLOATING)
        return finish(kcs, ERR_ABSENT);
    if (waited_too_long(kcs))
        return kcs->phase < KCS_ABORT ? start_abort(kcs, ERR_TIMEOUT) : finish(kcs, kcs->result);
    if (status & STATUS_IBF)
        return wait_for_bmc(kcs);
    return advance(kcs, status);
}
