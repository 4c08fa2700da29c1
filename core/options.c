/* Option tables: defaults and checked values. */
#include "core/options.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>
#include "core/memory.h"

enum { LARGEST_EXACT_BITS = 53 };

static size_t choices_count(const char *const *choices)
{
    size_t n = 0;
    while (choices[n]) n++;
    return n;
}

void *jf_option_field(const jf_option *option, void *settings)
{
    return (char *)settings + option->offset;
}

bool jf_option_may_be_negated(const jf_option *option)
{
    return option->kind == JF_OPTION_FLAG && option->by_default && strcmp(option->by_default, "true") == 0;
}

void jf_option_range(const jf_option *option, jf_text *out)
{
    char low[JF_NUMBER_TEXT], high[JF_NUMBER_TEXT];
    bool has_low = isfinite(option->low), has_high = isfinite(option->high);

    jf_number_exact(low, option->low);
    jf_number_exact(high, option->high);
    if (has_low && has_high && option->high < 0x1p53)
        jf_text_addf(out, "from %s to %s", low, high);
    else if (has_low)
        jf_text_addf(out, "at least %s", low);
    else if (has_high)
        jf_text_addf(out, "at most %s", high);
}

static jf_status bad_number(const jf_option *option, const char *text, jf_error *err)
{
    const char *kind = option->kind == JF_OPTION_INTEGER ? "a whole number" : "a number";
    jf_text range = {0};
    jf_status status;

    jf_option_range(option, &range);
    status = jf_fail(err, JF_EUSAGE, "--%s: expected %s%s%s, found '%s'", option->name, kind,
                     range.length ? " " : "", range.length ? range.data : "", text);
    jf_text_free(&range);
    return status;
}

static jf_status set_number(const jf_option *option, void *field, const char *text, jf_error *err)
{
    double value;

    if (!jf_number_read(text, strlen(text), &value) || value < option->low || value > option->high)
        return bad_number(option, text, err);
    if (option->kind == JF_OPTION_NUMBER) {
        *(double *)field = value;
        return JF_OK;
    }
    if (value != floor(value) || fabs(value) > ldexp(1, LARGEST_EXACT_BITS))
        return bad_number(option, text, err);
    *(int64_t *)field = (int64_t)value;
    return JF_OK;
}

static jf_status set_choice(const jf_option *option, void *field, const char *text, jf_error *err)
{
    size_t n = choices_count(option->choices);
    char suggestion[128];
    jf_text all = {0};
    jf_status status;

    for (size_t i = 0; i < n; i++) {
        if (strcmp(option->choices[i], text) != 0) continue;
        *(int *)field = (int)i;
        return JF_OK;
    }
    for (size_t i = 0; i < n; i++)
        jf_text_addf(&all, "%s%s", i == 0 ? "" : i + 1 == n ? " or " : ", ", option->choices[i]);
    status =
        jf_fail(err, JF_EUSAGE, "--%s: expected %s, found '%s'%s", option->name, all.data ? all.data : "",
                text, jf_did_you_mean(suggestion, sizeof suggestion, text, option->choices, n));
    jf_text_free(&all);
    return status;
}

static jf_status set_flag(const jf_option *option, void *field, const char *text, jf_error *err)
{
    bool yes = strcmp(text, "true") == 0;

    if (!yes && strcmp(text, "false") != 0)
        return jf_fail(err, JF_EUSAGE, "--%s: expected true or false, found '%s'", option->name, text);
    *(bool *)field = yes;
    return JF_OK;
}

jf_status jf_options_set(const jf_option *option, void *settings, const char *text, jf_error *err)
{
    void *field = jf_option_field(option, settings);

    switch (option->kind) {
    case JF_OPTION_FLAG: return set_flag(option, field, text, err);
    case JF_OPTION_INTEGER:
    case JF_OPTION_NUMBER: return set_number(option, field, text, err);
    case JF_OPTION_CHOICE: return set_choice(option, field, text, err);
    case JF_OPTION_TEXT: *(const char **)field = text; return JF_OK;
    case JF_OPTION_LIST:
        if (!jf_option_list_add(field, text))
            return jf_fail(err, JF_ENOMEM, "out of memory for the values of --%s", option->name);
        return JF_OK;
    }
    assert(!"an option of no known kind");
    return JF_EUSAGE;
}

static void set_empty(const jf_option *option, void *field)
{
    switch (option->kind) {
    case JF_OPTION_FLAG: *(bool *)field = false; break;
    case JF_OPTION_INTEGER: *(int64_t *)field = 0; break;
    case JF_OPTION_NUMBER: *(double *)field = 0; break;
    case JF_OPTION_CHOICE: *(int *)field = 0; break;
    case JF_OPTION_TEXT: *(const char **)field = NULL; break;
    case JF_OPTION_LIST: *(jf_option_list *)field = (jf_option_list){0}; break;
    }
}

void jf_options_default(const jf_option *table, void *settings)
{
    for (const jf_option *option = table; option->name; option++) {
        jf_status status = JF_OK;
        set_empty(option, jf_option_field(option, settings));
        if (option->by_default) status = jf_options_set(option, settings, option->by_default, NULL);
        assert(status == JF_OK && "a default outside its own range");
        (void)status;
    }
}

bool jf_option_list_add(jf_option_list *list, const char *item)
{
    if (!jf_grow((void **)&list->items, &list->capacity, list->n + 1, sizeof *list->items)) return false;
    list->items[list->n++] = item;
    return true;
}

void jf_option_list_free(jf_option_list *list)
{
    jf_free(list->items);
    *list = (jf_option_list){0};
}

void jf_options_free(const jf_option *table, void *settings)
{
    for (const jf_option *option = table; option->name; option++)
        if (option->kind == JF_OPTION_LIST) jf_option_list_free(jf_option_field(option, settings));
}

bool jf_option_is_taken_over(const jf_option_set *sets, size_t n_sets, size_t set, const jf_option *option)
{
    for (size_t later = set + 1; later < n_sets; later++)
        for (const jf_option *other = sets[later].table; other->name; other++)
            if (strcmp(other->name, option->name) == 0) return true;
    return false;
}

const jf_option *jf_options_find(const jf_option_set *sets, size_t n_sets, const char *name, void **settings)
{
    for (size_t i = n_sets; i-- > 0;)
        for (const jf_option *option = sets[i].table; option->name; option++)
            if (strcmp(option->name, name) == 0) {
                *settings = sets[i].settings;
                return option;
            }
    *settings = NULL;
    return NULL;
}
