#include "report/upload.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

enum { INTERIM_MAX = 4, SECOND_US = 1000000, LATE_ANSWER_S = 1, URL_SHOWN = 80 };

/* What was being done when it failed. */
enum stage { STAGE_CONNECT, STAGE_SEND, STAGE_ANSWER };

static int write_journal(const struct report_source *source, const struct output *output)
{
    return output->write(output->context, source->journal, source->size);
}

static const struct report_file journal_file = {.name = "journal.log", .write = write_journal};

/* File number `index` of those that are sent, or NULL past the last. */
static const struct report_file *file_at(unsigned index)
{
    if (index < REPORT_FILES)
        return &report_files[index];
    return index == REPORT_FILES ? &journal_file : NULL;
}

static bool is_due(const struct report_file *file, const struct report_source *source)
{
    return !file->is_due || file->is_due(source);
}

static bool stop_asked(void *context)
{
    struct upload *upload = context;

    upload->stopped = upload->stopped || upload->stop_asked(upload->context);
    return upload->stopped;
}

static struct connection_wait wait_for(struct upload *upload, unsigned seconds)
{
    uint64_t end_us = clock_now_us(upload->clock) + (uint64_t)seconds * SECOND_US;

    return (struct connection_wait){
        .end_us = end_us < upload->end_us ? end_us : upload->end_us,
        .stop_asked = stop_asked,
        .context = upload,
    };
}

static bool is_over(struct upload *upload)
{
    return stop_asked(upload) || clock_now_us(upload->clock) >= upload->end_us;
}

static int flush(struct upload *upload)
{
    const struct connection *connection = upload->connection;
    struct connection_wait wait = wait_for(upload, UPLOAD_SILENCE_S);
    size_t size = upload->used;

    upload->used = 0;
    if (!size)
        return OK;
    if (is_over(upload))
        return ERR_TIMEOUT;
    return connection->send(connection->context, upload->piece, size, &wait);
}

static int to_server(void *context, const void *data, size_t size)
{
    struct upload *upload = context;
    const char *from = data;

    if (size > upload->announced - upload->sent)
        return ERR_RANGE;
    upload->sent += size;
    while (size > 0) {
        size_t room = UPLOAD_PIECE - upload->used;
        size_t part = size < room ? size : room;
        int error;

        memcpy(upload->piece + upload->used, from, part);
        upload->used += part;
        from += part;
        size -= part;
        error = upload->used == UPLOAD_PIECE ? flush(upload) : OK;
        if (error)
            return error;
    }
    return OK;
}

static int count(void *context, const void *data, size_t size)
{
    uint64_t *total = context;

    (void)data;
    *total += size;
    return OK;
}

static int send_request(struct upload *upload, const struct report_file *file)
{
    struct output counted = {.context = &upload->announced, .write = count};
    struct output sent = {.context = upload, .write = to_server};
    char name[UPLOAD_FOLDER_SIZE + NAME_SIZE];
    int error;

    upload->announced = upload->sent = 0;
    error = file->write(upload->source, &counted);
    if (error)
        return error;
    format_text(name, sizeof(name), "%s/%s", upload->folder, file->name);
    upload->used = http_put(&upload->url, name, upload->announced, upload->piece);
    if (!upload->used)
        return ERR_RANGE;
    error = file->write(upload->source, &sent);
    if (!error)
        error = flush(upload);
    return error || upload->sent == upload->announced ? error : ERR_RANGE;
}

/* Reads heads of answers until one is final: those of 1xx are not (RFC 9110, 15.2). */
static int read_answer(struct upload *upload, unsigned seconds)
{
    const struct connection *connection = upload->connection;
    struct connection_wait wait = wait_for(upload, seconds);
    size_t length = 0;

    for (unsigned interim = 0; interim <= INTERIM_MAX;) {
        int error = http_parse_answer(upload->head, length, &upload->answer);
        size_t more = 0;

        if (!error && upload->answer.status >= 200)
            return OK;
        if (!error) {
            interim++;
            length -= upload->answer.head_size;
            memmove(upload->head, upload->head + upload->answer.head_size, length);
            continue;
        }
        if (error != ERR_ABSENT)
            return error;
        error = connection->receive(connection->context, upload->head + length,
                                    sizeof(upload->head) - length, &more, &wait);
        if (error || !more)
            return error ? error : ERR_GONE;
        length += more;
    }
    return ERR_FORMAT;
}

/* A server that refuses a file may close before it has read it: what it said counts more than that
 * it did. */
static int exchange(struct upload *upload, const struct report_file *file, enum stage *ret_stage)
{
    const struct connection *connection = upload->connection;
    struct connection_wait wait = wait_for(upload, UPLOAD_CONNECT_S);
    int error;

    *ret_stage = STAGE_CONNECT;
    error = connection->connect(connection->context, upload->url.address, upload->url.port, &wait);
    if (error)
        return error;
    *ret_stage = STAGE_SEND;
    error = send_request(upload, file);
    if (error == ERR_GONE && !read_answer(upload, LATE_ANSWER_S) && upload->answer.status >= 300)
        return OK;
    if (error)
        return error;
    *ret_stage = STAGE_ANSWER;
    return read_answer(upload, UPLOAD_SILENCE_S);
}

static void describe_answer(struct text *text, const struct http_answer *answer)
{
    text_format(text, "the server answered %u%s%s", answer->status, answer->reason[0] ? " " : "",
                answer->reason);
}

static void describe_error(struct text *text, struct upload *upload, enum stage stage, int error)
{
    if (upload->stopped)
        text_add(text, "ended by Esc");
    else if (error == ERR_TIMEOUT && is_over(upload))
        text_add(text, "the time for it was up");
    else if (error == ERR_TIMEOUT && stage == STAGE_CONNECT)
        text_format(text, "no connection within %u s", UPLOAD_CONNECT_S);
    else if (error == ERR_TIMEOUT)
        text_format(text, "the server %s for %u s",
                    stage == STAGE_SEND ? "took nothing" : "gave no answer", UPLOAD_SILENCE_S);
    else if (error == ERR_REFUSED && stage == STAGE_CONNECT)
        text_add(text, "the server refuses the connection");
    else if (error == ERR_GONE)
        text_format(text, "the server ended the connection %s",
                    stage == STAGE_ANSWER ? "before its answer's end" : "in the middle");
    else if (error == ERR_FORMAT && stage == STAGE_ANSWER)
        text_add(text, "what the server answered is no HTTP");
    else
        text_format(text, "%s %s",
                    stage == STAGE_CONNECT ? "no connection:" : "not sent:", error_text(error));
}

/* OK: the server took it. ERR_REFUSED: it did not want this one. Another error: it is not worth
 * trying the next. `reason` gets the words of the first failure. */
static int send_file(struct upload *upload, const struct report_file *file, struct text *reason)
{
    enum stage stage;
    bool first = !reason->length;
    int error;

    if (is_over(upload)) {
        stage = STAGE_SEND;
        error = ERR_TIMEOUT;
    } else {
        error = exchange(upload, file, &stage);
        upload->connection->close(upload->connection->context);
    }
    if (!error && upload->answer.status < 300)
        return OK;
    if (first)
        text_format(reason, "%s: ", file->name);
    if (first && error)
        describe_error(reason, upload, stage, error);
    else if (first)
        describe_answer(reason, &upload->answer);
    return error ? error == ERR_REFUSED ? ERR_GONE : error : ERR_REFUSED;
}

static void send_files(struct upload *upload, struct upload_result *result, struct text *reason)
{
    const struct report_file *file;
    int error = OK;

    for (unsigned i = 0; (file = file_at(i)); i++) {
        if (!is_due(file, upload->source))
            continue;
        result->due++;
        if (error && error != ERR_REFUSED)
            continue;
        error = send_file(upload, file, reason);
        if (error)
            continue;
        result->arrived++;
        result->bytes += upload->announced;
    }
}

bool upload_send(struct upload *upload, const char *url, uint64_t end_us,
                 struct upload_result *ret_result)
{
    struct upload_result result = {.due = 0};
    char words[TEXT_SIZE / 2];
    struct text reason = text_in(words, sizeof(words));
    const char *bad_url;

    upload->end_us = end_us;
    if (http_parse_url(url, &upload->url, &bad_url))
        text_add(&reason, bad_url);
    else
        send_files(upload, &result, &reason);
    if (!reason.length)
        format_text(result.text, sizeof(result.text),
                    "Reports sent to %.*s: %u files, %llu bytes, in %s.", URL_SHOWN, url,
                    result.arrived, (unsigned long long)result.bytes, upload->folder);
    else if (result.due)
        format_text(result.text, sizeof(result.text),
                    "Reports not sent to %.*s (%u of %u files arrived): %s.", URL_SHOWN, url,
                    result.arrived, result.due, words);
    else
        format_text(result.text, sizeof(result.text), "Reports not sent to %.*s: %s.", URL_SHOWN,
                    url, words);
    *ret_result = result;
    return !reason.length;
}
