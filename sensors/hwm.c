#include "sensors/hwm.h"

#include "base/error.h"

enum { COUNTS_PER_MINUTE = 1350000, MILLI = 1000, HALF = 0x80, HALF_DEGREE = 500 };

void hwm_init(struct hwm *hwm, const struct access *access, const struct superio_chip *chip,
              bool all)
{
    *hwm = (struct hwm){.access = access, .model = chip->model, .base = chip->base, .all = all};
}

void hwm_add(struct hwm *hwm, struct hwm_input input)
{
    if (hwm->input_count == HWM_INPUTS_MAX)
        return;
    hwm->inputs[hwm->input_count++] = input;
}

int hwm_in(const struct hwm *hwm, unsigned offset, uint8_t *ret_value)
{
    return hwm->access->in8(hwm->access->context, (uint16_t)(hwm->base + offset), ret_value);
}

int hwm_out(const struct hwm *hwm, unsigned offset, uint8_t value)
{
    return hwm->access->out8(hwm->access->context, (uint16_t)(hwm->base + offset), value);
}

int hwm_get(const struct hwm *hwm, uint8_t index, uint8_t *ret_value)
{
    int error = hwm_out(hwm, HWM_INDEX, index);

    return error ? error : hwm_in(hwm, HWM_DATA, ret_value);
}

int hwm_put(const struct hwm *hwm, uint8_t index, uint8_t value)
{
    int error = hwm_out(hwm, HWM_INDEX, index);

    return error ? error : hwm_out(hwm, HWM_DATA, value);
}

int hwm_read_twice(const struct hwm *hwm,
                   int (*read_once)(const struct hwm *hwm, uint16_t address, unsigned count,
                                    uint16_t *ret_value),
                   uint16_t address, unsigned count, uint16_t *ret_value)
{
    uint16_t last = 0;
    bool has_last = false;

    for (unsigned i = 0; i < HWM_TRIES; i++) {
        uint16_t value;
        int error = read_once(hwm, address, count, &value);

        if (error && error != ERR_STALE)
            return error;
        if (!error && has_last && value == last) {
            *ret_value = value;
            return OK;
        }
        has_last = !error;
        last = error ? 0 : value;
    }
    return ERR_STALE;
}

int hwm_list_error(struct hwm *hwm, int error)
{
    if (error != ERR_STALE || ++hwm->failures > HWM_RETRIES)
        return error;
    return HWM_BUSY;
}

int64_t hwm_count_to_speed(uint32_t count)
{
    return count ? (int64_t)(COUNTS_PER_MINUTE / count) * MILLI : 0;
}

int64_t hwm_half_degrees(uint16_t word)
{
    return (int64_t)(int8_t)(word >> 8) * MILLI + (word & HALF ? HALF_DEGREE : 0);
}
