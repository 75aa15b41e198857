#include "disk/request.h"

#include "base/error.h"

static int perform(const struct block_device *device, const struct block_request *request)
{
    switch (request->operation) {
    case REQUEST_READ:
        return device->read(device->context, request->lba, request->blocks, request->buffer);
    case REQUEST_WRITE:
        return device->write
                   ? device->write(device->context, request->lba, request->blocks, request->buffer)
                   : ERR_REFUSED;
    case REQUEST_FLUSH:
        return device->flush ? device->flush(device->context) : OK;
    default:
        return ERR_UNSUPPORTED;
    }
}

int request_submit(const struct block_device *device, const struct clock *clock,
                   struct block_request *request)
{
    request->done = false;
    request->has_status = false;
    request->gap_us = 0;
    if (device->submit)
        return device->submit(device->context, request);
    request->begun_us = clock_now_us(clock);
    request->error = perform(device, request);
    request->ended_us = clock_now_us(clock);
    request->done = true;
    return OK;
}

void request_poll(const struct block_device *device)
{
    if (device->poll)
        device->poll(device->context);
}

unsigned request_depth(const struct block_device *device)
{
    return device->submit && device->depth > 1 ? device->depth : 1;
}
