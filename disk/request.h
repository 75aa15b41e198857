/*
 * One way to give a request to a device, whether it takes several at once or is synchronous.
 */
#ifndef ASSAY_DISK_REQUEST_H
#define ASSAY_DISK_REQUEST_H

#include "base/block.h"
#include "base/clock.h"

/*
 * As block_device.submit. A device without one does the request before this returns: `done` is then
 * true at once, and begun_us and ended_us are before and after.
 */
int request_submit(const struct block_device *device, const struct clock *clock,
                   struct block_request *request);

/* Takes in what is done. Nothing to do for a device without poll. */
void request_poll(const struct block_device *device);

/* Requests that may be at the device at once. */
unsigned request_depth(const struct block_device *device);

#endif
