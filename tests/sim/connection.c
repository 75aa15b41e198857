#include "tests/sim/connection.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

enum { QUICK_US = 100, LOOK_US = 1000, SECOND_US = 1000000 };

void sim_connection_init(struct sim_connection *of, struct sim_clock *time)
{
    memset(of, 0, sizeof(*of));
    of->time = time;
}

static bool has(const struct sim_connection *of, enum connection_fault fault)
{
    return of->fault == fault && of->opened > of->fault_from;
}

/* As the firmware does: until the time is up, or somebody has had enough. */
static int hang(struct sim_connection *of, const struct connection_wait *wait)
{
    while (of->time->now_us < wait->end_us && !wait->stop_asked(wait->context))
        of->time->now_us += LOOK_US;
    return ERR_TIMEOUT;
}

static int open_connection(void *context, const uint8_t address[NETWORK_ADDRESS_SIZE],
                           uint16_t port, const struct connection_wait *wait)
{
    struct sim_connection *of = context;

    (void)address;
    of->opened++;
    of->time->now_us += QUICK_US;
    of->port = port;
    of->in_head = true;
    of->gone = false;
    of->request_size = of->said = 0;
    if (has(of, CONNECTION_HANGS_AT_CONNECT))
        return hang(of, wait);
    if (has(of, CONNECTION_BROKEN))
        return ERR_IO;
    return has(of, CONNECTION_REFUSES) ? ERR_REFUSED : OK;
}

/* The head of the request: where its body goes, and how long it is. */
static void begin_file(struct sim_connection *of)
{
    struct sim_file *file = &of->files[of->count];
    const char *length = strstr(of->request, "\r\nContent-Length: ");
    const char *end = strstr(of->request, " HTTP/1.1\r\n");

    if (!length || !end || strncmp(of->request, "PUT ", 4) != 0)
        abort();
    memset(file->name, 0, sizeof(file->name));
    memcpy(file->name, of->request + 4, (size_t)(end - of->request) - 4);
    file->announced = strtoul(length + 18, NULL, 10);
    file->size = 0;
    of->in_head = false;
}

static void take(struct sim_connection *of, unsigned char byte)
{
    struct sim_file *file = &of->files[of->count];

    if (!of->in_head) {
        if (file->size == SIM_FILE_SIZE || file->size == file->announced)
            abort();
        file->bytes[file->size++] = byte;
        return;
    }
    if (of->request_size + 1 == SIM_REQUEST_SIZE)
        abort();
    of->request[of->request_size++] = (char)byte;
    of->request[of->request_size] = '\0';
    if (of->request_size >= 4 && strcmp(of->request + of->request_size - 4, "\r\n\r\n") == 0)
        begin_file(of);
}

static int send(void *context, const void *data, size_t size, const struct connection_wait *wait)
{
    struct sim_connection *of = context;

    of->time->now_us += QUICK_US;
    if (has(of, CONNECTION_HANGS_IN_BODY))
        return hang(of, wait);
    if (has(of, CONNECTION_VANISHES) || has(of, CONNECTION_SAYS_NO_EARLY)) {
        of->gone = true;
        return ERR_GONE;
    }
    for (size_t i = 0; i < size; i++)
        take(of, ((const unsigned char *)data)[i]);
    return OK;
}

static const char *answer_of(const struct sim_connection *of)
{
    if (has(of, CONNECTION_ANSWERS) || has(of, CONNECTION_SAYS_NO_EARLY))
        return of->answer;
    if (has(of, CONNECTION_TRUNCATES) || has(of, CONNECTION_HANGS_IN_HEAD))
        return "HTTP/1.1 201 Created\r\nContent-Le";
    if (has(of, CONNECTION_GARBAGE))
        return "\x16\x03\x01\x02";
    if (has(of, CONNECTION_ENDLESS))
        return of->said ? "X-More: and more\r\n" : "HTTP/1.1 201 Created\r\n";
    if (of->gone || has(of, CONNECTION_CLOSES) || has(of, CONNECTION_HANGS_AT_ANSWER))
        return "";
    return "HTTP/1.1 201 Created\r\nContent-Length: 0\r\nLocation: /x\r\n\r\n";
}

static int receive(void *context, void *buffer, size_t size, size_t *ret_size,
                   const struct connection_wait *wait)
{
    struct sim_connection *of = context;
    const char *answer = answer_of(of);
    bool endless = has(of, CONNECTION_ENDLESS), trickles = has(of, CONNECTION_TRICKLES);
    size_t length = strlen(answer), from = endless ? 0 : of->said;
    size_t part = length - from < size ? length - from : size;

    of->time->now_us += trickles ? SECOND_US : QUICK_US;
    if (of->time->now_us >= wait->end_us || wait->stop_asked(wait->context))
        return ERR_TIMEOUT;
    if (!part && (has(of, CONNECTION_HANGS_AT_ANSWER) || has(of, CONNECTION_HANGS_IN_HEAD)))
        return hang(of, wait);
    part = trickles && part > 1 ? 1 : part;
    memcpy(buffer, answer + from, part);
    of->said += part;
    *ret_size = part;
    return OK;
}

/* What came as a whole is kept; the rest is not, as with a server that is worth its name. */
static void close_connection(void *context)
{
    struct sim_connection *of = context;
    const struct sim_file *file = &of->files[of->count];

    of->closed++;
    if (!of->in_head && file->size == file->announced)
        of->count++;
}

struct connection sim_connection_seam(struct sim_connection *of)
{
    return (struct connection){.context = of,
                               .connect = open_connection,
                               .send = send,
                               .receive = receive,
                               .close = close_connection};
}
