/* Numbers, texts and lists as JSON, and JSON as text. */
#include "fit/model/json_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "fit/model/model_file.h"

json_t *jf_json_number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *jf_json_numbers(const double *values, size_t n)
{
    json_t *list = json_array();

    for (size_t i = 0; list && i < n; i++) {
        if (json_array_append_new(list, jf_json_number(values[i])) == 0) continue;
        json_decref(list);
        return NULL;
    }
    return list;
}

json_t *jf_json_text(const char *text)
{
    return text ? json_string(text) : json_null();
}

json_t *jf_json_count(size_t n)
{
    return json_integer((json_int_t)n);
}

bool jf_json_push(json_t *list, json_t *item)
{
    if (list) return json_array_append_new(list, item) == 0;
    json_decref(item);
    return false;
}

json_t *jf_json_whole(json_t *list, bool is_whole)
{
    if (is_whole) return list;
    json_decref(list);
    return NULL;
}

/* ---- text ---- */

static void print_string(jf_text *text, const char *string)
{
    json_t *json = json_string(string);
    char *quoted = json ? json_dumps(json, JSON_ENCODE_ANY) : NULL;

    jf_text_add(text, quoted ? quoted : "null");
    if (!quoted) text->failed = true;
    free(quoted);
    json_decref(json);
}

/* A whole real keeps its ".0", so that it reads back as a real. */
static void print_real(jf_text *text, double value)
{
    char number[JF_NUMBER_TEXT];

    jf_text_add(text, jf_number_exact(number, value));
    if (!strpbrk(number, ".e")) jf_text_add(text, ".0");
}

static void print_scalar(jf_text *text, const json_t *json)
{

    switch (json_typeof(json)) {
    case JSON_STRING: print_string(text, json_string_value(json)); break;
    case JSON_INTEGER: jf_text_addf(text, "%lld", (long long)json_integer_value(json)); break;
    case JSON_REAL: print_real(text, json_real_value(json)); break;
    case JSON_TRUE: jf_text_add(text, "true"); break;
    case JSON_FALSE: jf_text_add(text, "false"); break;
    default: jf_text_add(text, "null"); break;
    }
}

static bool is_scalar(const json_t *json)
{
    return !json_is_array(json) && !json_is_object(json);
}

/* Lists of scalars, and objects of at most a few, stand on one line. */
static bool is_flat(const json_t *json)
{
    size_t i;
    const char *key;
    json_t *value;

    if (json_is_object(json) && json_object_size(json) > 6) return false;
    json_array_foreach(json, i, value) if (!is_scalar(value)) return false;
    json_object_foreach((json_t *)json, key, value) if (!is_scalar(value)) return false;
    return true;
}

static void print_break(jf_text *text, bool flat, size_t depth)
{
    if (flat) return;
    jf_text_add(text, "\n");
    jf_text_pad(text, ' ', 2 * depth);
}

static void print_json(jf_text *text, const json_t *json, size_t depth)
{
    bool flat = is_flat(json), first = true;
    const char *key;
    json_t *value;
    size_t i;

    if (is_scalar(json)) {
        print_scalar(text, json);
        return;
    }
    jf_text_add(text, json_is_array(json) ? "[" : "{");
    json_array_foreach(json, i, value)
    {
        if (i) jf_text_add(text, flat ? ", " : ",");
        print_break(text, flat, depth + 1);
        print_json(text, value, depth + 1);
        first = false;
    }
    json_object_foreach((json_t *)json, key, value)
    {
        if (!first) jf_text_add(text, flat ? ", " : ",");
        print_break(text, flat, depth + 1);
        print_string(text, key);
        jf_text_add(text, ": ");
        print_json(text, value, depth + 1);
        first = false;
    }
    print_break(text, flat || first, depth);
    jf_text_add(text, json_is_array(json) ? "]" : "}");
}

char *jf_json_print(const json_t *json)
{
    jf_text text = {0};

    if (!json) return NULL;
    print_json(&text, json, 0);
    jf_text_add(&text, "\n");
    if (text.failed) {
        jf_text_free(&text);
        return NULL;
    }
    return jf_text_take(&text);
}
