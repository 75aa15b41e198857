#include "report/json.h"

#include "base/error.h"
#include "report/fields.h"
#include "report/utf8.h"

struct json json_on(struct writer *writer)
{
    return (struct json){.writer = writer};
}

static void fail(struct json *json)
{
    if (json->writer->error == OK)
        json->writer->error = ERR_RANGE;
}

static void comma(struct json *json)
{
    if (json->has_items[json->depth])
        writer_char(json->writer, ',');
    json->has_items[json->depth] = true;
}

/* What stands before every value. */
static void value_begin(struct json *json)
{
    if (json->has_key)
        json->has_key = false;
    else if (json->in_object[json->depth])
        fail(json);
    else
        comma(json);
}

static void quoted(struct json *json, const char *text)
{
    uint32_t code;

    writer_char(json->writer, '"');
    while ((code = utf8_next(&text)) != 0) {
        if (code == '"' || code == '\\')
            writer_format(json->writer, "\\%c", (int)code);
        else if (code >= ' ' && code <= '~')
            writer_char(json->writer, (char)code);
        else if (code < 0x10000)
            writer_format(json->writer, "\\u%04x", (unsigned)code);
        else
            writer_format(json->writer, "\\u%04x\\u%04x",
                          (unsigned)(0xD800 + ((code - 0x10000) >> 10)),
                          (unsigned)(0xDC00 + (code & 0x3FF)));
    }
    writer_char(json->writer, '"');
}

void json_key(struct json *json, const char *key)
{
    if (!json->in_object[json->depth] || json->has_key)
        fail(json);
    comma(json);
    quoted(json, key);
    writer_char(json->writer, ':');
    json->has_key = true;
}

static void begin(struct json *json, bool object)
{
    value_begin(json);
    if (json->depth == JSON_DEPTH_MAX) {
        fail(json);
        return;
    }
    json->depth++;
    json->in_object[json->depth] = object;
    json->has_items[json->depth] = false;
    writer_char(json->writer, object ? '{' : '[');
}

static void end(struct json *json, bool object)
{
    if (json->depth == 0 || json->in_object[json->depth] != object || json->has_key) {
        fail(json);
        return;
    }
    json->depth--;
    writer_char(json->writer, object ? '}' : ']');
}

void json_object_begin(struct json *json)
{
    begin(json, true);
}

void json_object_end(struct json *json)
{
    end(json, true);
}

void json_array_begin(struct json *json)
{
    begin(json, false);
}

void json_array_end(struct json *json)
{
    end(json, false);
}

void json_string(struct json *json, const char *value)
{
    value_begin(json);
    quoted(json, value);
}

void json_unsigned(struct json *json, uint64_t value)
{
    value_begin(json);
    writer_format(json->writer, "%llu", (unsigned long long)value);
}

void json_signed(struct json *json, int64_t value)
{
    value_begin(json);
    writer_format(json->writer, "%s%llu", value < 0 ? "-" : "",
                  (unsigned long long)magnitude(value));
}

void json_milli(struct json *json, int64_t thousandths)
{
    uint64_t size = magnitude(thousandths);

    value_begin(json);
    writer_format(json->writer, "%s%llu.%03u", thousandths < 0 ? "-" : "",
                  (unsigned long long)(size / 1000), (unsigned)(size % 1000));
}

void json_hex(struct json *json, uint64_t value)
{
    value_begin(json);
    writer_format(json->writer, "\"0x%llx\"", (unsigned long long)value);
}

void json_bool(struct json *json, bool value)
{
    value_begin(json);
    writer_text(json->writer, value ? "true" : "false");
}

void json_text(struct json *json, const char *key, const char *value)
{
    if (!value[0])
        return;
    json_key(json, key);
    json_string(json, value);
}

void json_number(struct json *json, const char *key, uint64_t value)
{
    json_key(json, key);
    json_unsigned(json, value);
}

void json_flag(struct json *json, const char *key, bool value)
{
    json_key(json, key);
    json_bool(json, value);
}

void json_open(struct json *json, const char *key)
{
    json_key(json, key);
    json_object_begin(json);
}

void json_list(struct json *json, const char *key)
{
    json_key(json, key);
    json_array_begin(json);
}

void json_line_end(struct json *json)
{
    if (json->depth != 0)
        fail(json);
    writer_char(json->writer, '\n');
    *json = json_on(json->writer);
}
