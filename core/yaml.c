/* YAML files read into a tree that remembers where everything stands (libyaml's events behind it). */
#include "core/yaml.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>
#include "core/input.h"
#include "core/memory.h"
#include "core/text.h"

enum {
    MOST_DEPTH = 64,
    MOST_NODES = 1000000,
    MOST_BYTES = 16 << 20,
};

typedef struct yaml_reader {
    yaml_parser_t parser;
    yaml_event_t event; /* the one that is being looked at */
    const char *name, *bytes;
    size_t length;
    size_t n_nodes;
    jf_error *err;
} yaml_reader;

/* libyaml gives no line for broken bytes, only their offset. */
static int line_of_offset(const yaml_reader *reader, size_t offset)
{
    int line = 1;

    for (size_t i = 0; i < offset && i < reader->length; i++) line += reader->bytes[i] == '\n';
    return line;
}

static jf_status parser_failed(yaml_reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    const char *problem = parser->problem ? parser->problem : "unreadable";

    if (parser->error == YAML_MEMORY_ERROR)
        return jf_fail(reader->err, JF_ENOMEM, "out of memory for %s", reader->name);
    if (parser->error == YAML_READER_ERROR)
        return jf_fail(reader->err, JF_EDATA, "%s:%d: %s", reader->name,
                       line_of_offset(reader, parser->problem_offset), problem);
    return jf_fail(reader->err, JF_EDATA, "%s:%d: not YAML: %s%s%s", reader->name,
                   (int)parser->problem_mark.line + 1, problem, parser->context ? " " : "",
                   parser->context ? parser->context : "");
}

/* Moves on to the next event. */
static jf_status next_event(yaml_reader *reader)
{
    yaml_event_delete(&reader->event);
    if (yaml_parser_parse(&reader->parser, &reader->event)) return JF_OK;
    memset(&reader->event, 0, sizeof reader->event);
    return parser_failed(reader);
}

static int event_line(const yaml_reader *reader)
{
    return (int)reader->event.start_mark.line + 1;
}

static jf_status refuse(yaml_reader *reader, const char *what)
{
    return jf_fail(reader->err, JF_EDATA, "%s:%d: %s are not allowed here", reader->name, event_line(reader),
                   what);
}

/* Anchors, aliases and tags: what lets a short file stand for a huge or an odd one. */
static jf_status refuse_indirection(yaml_reader *reader)
{
    const yaml_event_t *event = &reader->event;
    const yaml_char_t *anchor = NULL, *tag = NULL;

    if (event->type == YAML_ALIAS_EVENT) return refuse(reader, "aliases");
    if (event->type == YAML_SCALAR_EVENT) anchor = event->data.scalar.anchor, tag = event->data.scalar.tag;
    if (event->type == YAML_SEQUENCE_START_EVENT)
        anchor = event->data.sequence_start.anchor, tag = event->data.sequence_start.tag;
    if (event->type == YAML_MAPPING_START_EVENT)
        anchor = event->data.mapping_start.anchor, tag = event->data.mapping_start.tag;
    if (anchor) return refuse(reader, "anchors");
    if (tag) return refuse(reader, "tags");
    return JF_OK;
}

/* Fills `node` from the scalar that is being looked at. */
static jf_status take_scalar(yaml_reader *reader, jf_yaml *node)
{
    const char *value = (const char *)reader->event.data.scalar.value;
    size_t length = reader->event.data.scalar.length;
    yaml_scalar_style_t style = reader->event.data.scalar.style;

    if (memchr(value, 0, length)) return refuse(reader, "zero bytes");
    node->kind = JF_YAML_SCALAR;
    node->quoted = style == YAML_SINGLE_QUOTED_SCALAR_STYLE || style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    node->text = jf_copy_bytes(value, length);
    if (!node->text) return jf_fail(reader->err, JF_ENOMEM, "out of memory for %s", reader->name);
    return JF_OK;
}

static int by_text(const void *a, const void *b)
{
    const jf_yaml *first = *(jf_yaml *const *)a, *second = *(jf_yaml *const *)b;
    int order = strcmp(first->text, second->text);

    return order ? order : (first->line > second->line) - (first->line < second->line);
}

static jf_status refuse_equal_keys(yaml_reader *reader, const jf_yaml *map)
{
    jf_status status = JF_OK;
    jf_yaml **sorted = JF_NEW_ARRAY(jf_yaml *, map->n);

    JF_TRY_NEW(sorted, reader->err, reader->name);
    if (map->n) memcpy(sorted, map->keys, map->n * sizeof *sorted);
    qsort(sorted, map->n, sizeof *sorted, by_text);
    for (size_t i = 1; i < map->n; i++)
        if (!strcmp(sorted[i - 1]->text, sorted[i]->text)) {
            status = jf_fail(reader->err, JF_EDATA, "%s:%d: key '%s' stands twice (first in line %d)",
                             reader->name, sorted[i]->line, sorted[i]->text, sorted[i - 1]->line);
            break;
        }
done:
    jf_free(sorted);
    return status;
}

static jf_status read_node(yaml_reader *reader, int depth, jf_yaml **out);

/* Reads the values (and keys) up to the closing event, which stays the one that is looked at. */
static jf_status read_items(yaml_reader *reader, jf_yaml *node, yaml_event_type_t end, int depth)
{
    jf_status status = JF_OK;
    size_t capacity_items = 0, capacity_keys = 0;
    bool is_map = node->kind == JF_YAML_MAP;

    for (;;) {
        JF_TRY(next_event(reader));
        if (reader->event.type == end) break;
        if (!jf_grow((void **)&node->items, &capacity_items, node->n + 1, sizeof *node->items) ||
            (is_map && !jf_grow((void **)&node->keys, &capacity_keys, node->n + 1, sizeof *node->keys)))
            return jf_fail(reader->err, JF_ENOMEM, "out of memory for %s", reader->name);
        node->items[node->n] = NULL;
        if (is_map) node->keys[node->n] = NULL;
        node->n++; /* so that a failure below frees the half-read entry too */
        if (is_map) {
            if (reader->event.type != YAML_SCALAR_EVENT && reader->event.type != YAML_ALIAS_EVENT)
                return jf_fail(reader->err, JF_EDATA, "%s:%d: expected a key, found a list or a map",
                               reader->name, event_line(reader));
            JF_TRY(read_node(reader, depth, &node->keys[node->n - 1]));
            JF_TRY(next_event(reader));
        }
        JF_TRY(read_node(reader, depth, &node->items[node->n - 1]));
    }
    if (is_map) JF_TRY(refuse_equal_keys(reader, node));
done:
    return status;
}

/* The node that starts with the event that is being looked at. */
static jf_status read_node(yaml_reader *reader, int depth, jf_yaml **out)
{
    jf_status status = JF_OK;
    jf_yaml *node = NULL;

    *out = NULL;
    JF_TRY(refuse_indirection(reader));
    if (depth > MOST_DEPTH)
        return jf_fail(reader->err, JF_ELIMIT, "%s:%d: nested deeper than %d", reader->name,
                       event_line(reader), MOST_DEPTH);
    if (++reader->n_nodes > MOST_NODES)
        return jf_fail(reader->err, JF_ELIMIT, "%s:%d: more than %d values", reader->name, event_line(reader),
                       MOST_NODES);
    node = JF_NEW(jf_yaml);
    JF_TRY_NEW(node, reader->err, reader->name);
    node->line = event_line(reader);
    switch (reader->event.type) {
    case YAML_SCALAR_EVENT: JF_TRY(take_scalar(reader, node)); break;
    case YAML_SEQUENCE_START_EVENT:
        node->kind = JF_YAML_LIST;
        JF_TRY(read_items(reader, node, YAML_SEQUENCE_END_EVENT, depth + 1));
        break;
    case YAML_MAPPING_START_EVENT:
        node->kind = JF_YAML_MAP;
        JF_TRY(read_items(reader, node, YAML_MAPPING_END_EVENT, depth + 1));
        break;
    default:
        JF_TRY(jf_fail(reader->err, JF_EDATA, "%s:%d: expected a value", reader->name, event_line(reader)));
    }
    *out = node;
    node = NULL;
done:
    jf_yaml_free(node);
    return status;
}

static jf_status read_document(yaml_reader *reader, jf_yaml **out)
{
    jf_status status = JF_OK;
    jf_yaml *root = NULL;

    JF_TRY(next_event(reader)); /* start of the stream */
    JF_TRY(next_event(reader)); /* start of the document */
    if (reader->event.type == YAML_STREAM_END_EVENT)
        return jf_fail(reader->err, JF_EDATA, "%s: nothing in it", reader->name);
    JF_TRY(next_event(reader));
    JF_TRY(read_node(reader, 1, &root));
    JF_TRY(next_event(reader)); /* end of the document */
    JF_TRY(next_event(reader));
    if (reader->event.type != YAML_STREAM_END_EVENT)
        JF_TRY(jf_fail(reader->err, JF_EDATA, "%s:%d: a second document starts here, expected one",
                       reader->name, event_line(reader)));
    *out = root;
    root = NULL;
done:
    jf_yaml_free(root);
    return status;
}

jf_status jf_yaml_read(const char *name, const char *bytes, size_t length, jf_yaml **out, jf_error *err)
{
    jf_status status = JF_OK;
    yaml_reader reader = {.name = name, .bytes = bytes, .length = length, .err = err};

    *out = NULL;
    if (length > MOST_BYTES)
        return jf_fail(err, JF_ELIMIT, "%s: %zu bytes, at most %d are read", name, length, MOST_BYTES);
    if (!yaml_parser_initialize(&reader.parser)) return jf_fail(err, JF_ENOMEM, "out of memory for %s", name);
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)bytes, length);
    status = read_document(&reader, out);
    yaml_event_delete(&reader.event);
    yaml_parser_delete(&reader.parser);
    return status;
}

jf_status jf_yaml_read_file(const char *path, jf_yaml **out, jf_error *err)
{
    jf_status status = JF_OK;
    char *bytes = NULL;
    size_t length = 0;

    *out = NULL;
    JF_TRY(jf_input_read(path, MOST_BYTES, &bytes, &length, err));
    JF_TRY(jf_yaml_read(path, bytes, length, out, err));
done:
    jf_free(bytes);
    return status;
}

void jf_yaml_free(jf_yaml *node)
{
    if (!node) return;
    for (size_t i = 0; i < node->n; i++) {
        jf_yaml_free(node->items[i]);
        if (node->keys) jf_yaml_free(node->keys[i]);
    }
    jf_free(node->items);
    jf_free(node->keys);
    jf_free(node->text);
    jf_free(node);
}

const jf_yaml *jf_yaml_get(const jf_yaml *map, const char *key)
{
    if (!map || map->kind != JF_YAML_MAP) return NULL;
    for (size_t i = 0; i < map->n; i++)
        if (!strcmp(map->keys[i]->text, key)) return map->items[i];
    return NULL;
}

/* "inf" as users write it, ".inf" as YAML does. */
static bool read_infinity(const char *text, double *out)
{
    bool negative = *text == '-';

    if (negative || *text == '+') text++;
    if (*text == '.') text++;
    if (strcmp(text, "inf") != 0) return false;
    *out = negative ? -INFINITY : INFINITY;
    return true;
}

jf_status jf_yaml_number(const char *name, const jf_yaml *node, double *out, jf_error *err)
{
    if (node->kind != JF_YAML_SCALAR)
        return jf_fail(err, JF_EDATA, "%s:%d: expected a number, found a %s", name, node->line,
                       node->kind == JF_YAML_LIST ? "list" : "map");
    if (!node->quoted &&
        (read_infinity(node->text, out) || jf_number_read(node->text, strlen(node->text), out)))
        return JF_OK;
    return jf_fail(err, JF_EDATA, "%s:%d: expected a number, found '%s'%s", name, node->line, node->text,
                   node->quoted ? " in quotes" : "");
}

jf_status jf_yaml_check_keys(const char *name, const jf_yaml *map, const char *const *allowed, jf_error *err)
{
    size_t n_allowed = 0;
    char hint[200];

    if (map->kind != JF_YAML_MAP)
        return jf_fail(err, JF_EDATA, "%s:%d: expected a map (key: value)", name, map->line);
    while (allowed[n_allowed]) n_allowed++;
    for (size_t i = 0; i < map->n; i++) {
        const char *key = map->keys[i]->text;
        size_t j = 0;

        while (j < n_allowed && strcmp(key, allowed[j]) != 0) j++;
        if (j == n_allowed)
            return jf_fail(err, JF_EDATA, "%s:%d: unknown key '%s'%s", name, map->keys[i]->line, key,
                           jf_did_you_mean(hint, sizeof hint, key, allowed, n_allowed));
    }
    return JF_OK;
}
