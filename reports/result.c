/* Saved results read with defaults. */
#include "reports/result.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"

const json_t *jf_result_at(const json_t *object, const char *path)
{
    while (object && *path) {
        size_t length = strcspn(path, ".");
        char key[64];
        snprintf(key, sizeof key, "%.*s", (int)length, path);
        object = json_object_get(object, key);
        path += length + (path[length] == '.');
    }
    return object;
}

double jf_result_number(const json_t *object, const char *path)
{
    const json_t *member = jf_result_at(object, path);
    return json_is_number(member) ? json_number_value(member) : NAN;
}

size_t jf_result_count(const json_t *object, const char *path)
{
    double value = jf_result_number(object, path);
    return value > 0 ? (size_t)value : 0;
}

const char *jf_result_text(const json_t *object, const char *path)
{
    const char *text = json_string_value(jf_result_at(object, path));
    return text ? text : "";
}

bool jf_result_flag(const json_t *object, const char *path)
{
    return json_is_true(jf_result_at(object, path));
}

double *jf_result_numbers(const json_t *object, const char *path, size_t *n)
{
    const json_t *array = jf_result_at(object, path);
    double *numbers;

    *n = json_array_size(array);
    if (*n == 0) return NULL;
    numbers = JF_NEW_ARRAY(double, *n);
    for (size_t i = 0; numbers && i < *n; i++) {
        const json_t *member = json_array_get(array, i);
        numbers[i] = json_is_number(member) ? json_number_value(member) : NAN;
    }
    return numbers;
}

const char *jf_with_unit(char *buffer, size_t size, const char *name, const char *unit)
{
    if (unit && *unit)
        snprintf(buffer, size, "%s (%s)", name, unit);
    else
        snprintf(buffer, size, "%s", name);
    return buffer;
}

const char *jf_doc_words(jf_doc *doc, const jf_text *words)
{
    if (words->failed) doc->failed = true;
    return words->data ? words->data : "";
}

const char *jf_table_words(jf_doc_table *table, const jf_text *words)
{
    if (words->failed && table) table->failed = true;
    return words->data ? words->data : "";
}
