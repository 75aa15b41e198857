#include "tests/sim/network.h"

#include <string.h>

#include "base/error.h"

enum { QUICK_US = 100 };

void sim_network_init(struct sim_network *of, struct sim_clock *time)
{
    memset(of, 0, sizeof(*of));
    of->time = time;
}

static bool times_out(const struct sim_network *of)
{
    return of->fault == NETWORK_SILENT ||
           (of->fault == NETWORK_FIRST_LATE && of->calls <= of->fault_count);
}

static int send(void *context, const void *data, size_t size)
{
    struct sim_network *of = context;

    of->calls++;
    of->time->now_us += times_out(of) || of->fault == NETWORK_SLOW ? NETWORK_SEND_US : QUICK_US;
    if (times_out(of))
        return ERR_TIMEOUT;
    if (of->fault == NETWORK_BROKEN)
        return ERR_IO;
    if (of->waiting == SIM_DATAGRAMS || size > SIM_DATAGRAM_SIZE)
        return ERR_FULL;
    memcpy(of->datagrams[of->waiting].bytes, data, size);
    of->datagrams[of->waiting].bytes[size] = '\0';
    of->datagrams[of->waiting++].size = size;
    if (of->fault != NETWORK_NEEDS_TENDING)
        of->count = of->waiting;
    return OK;
}

/* At every second look one of those that wait goes on its way. */
static void tend(void *context)
{
    struct sim_network *of = context;

    of->time->now_us += NETWORK_TEND_US;
    if (++of->looks % 2 == 0)
        of->count += of->count < of->waiting;
}

struct network sim_network_seam(struct sim_network *of)
{
    return (struct network){
        .context = of, .send = send, .tend = of->fault == NETWORK_NEEDS_TENDING ? tend : NULL};
}
