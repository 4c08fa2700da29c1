/* From maps in a YAML file to the settings of option tables. */
#include "cli/settings_file.h"

#include <stdint.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"

/* ---- values ---- */

/* Hands the text to the pool. */
static jf_status keep(const jf_settings_file *file, jf_text *text, const char **out, jf_error *err)
{
    jf_status status = JF_OK;

    *out = "";
    JF_TRY_NEW(!text->failed, err, file->name);
    if (text->length == 0) goto done;
    JF_TRY(jf_words_add(file->pool, text->data, text->length, err));
    *out = file->pool->items[file->pool->n - 1];
done:
    jf_text_free(text);
    return status;
}

static jf_status expected(const jf_settings_file *file, const jf_yaml *node, const char *what, jf_error *err)
{
    return jf_fail(err, JF_EDATA, "%s:%d: expected %s", file->name, node->line, what);
}

/* "a", or "0:2" of the list [0, 2]. */
static jf_status add_simple(const jf_settings_file *file, const jf_yaml *value, jf_text *text, jf_error *err)
{
    jf_status status = JF_OK;

    if (value->kind == JF_YAML_MAP) return expected(file, value, "a value, found a map", err);
    if (value->kind == JF_YAML_SCALAR) jf_text_add(text, value->text);
    for (size_t i = 0; value->kind == JF_YAML_LIST && i < value->n; i++) {
        if (value->items[i]->kind != JF_YAML_SCALAR) JF_TRY(expected(file, value->items[i], "a value", err));
        jf_text_addf(text, "%s%s", i ? ":" : "", value->items[i]->text);
    }
done:
    return status;
}

/* The i-th part of a list, or of a map as "key=value". */
static jf_status add_part(const jf_settings_file *file, const jf_yaml *value, size_t i, jf_text *text,
                          jf_error *err)
{
    if (value->kind == JF_YAML_MAP) {
        jf_text_addf(text, "%s=", value->keys[i]->text);
        return add_simple(file, value->items[i], text, err);
    }
    if (value->items[i]->kind != JF_YAML_SCALAR) return expected(file, value->items[i], "a value", err);
    jf_text_add(text, value->items[i]->text);
    return JF_OK;
}

jf_status jf_settings_text(const jf_settings_file *file, const jf_yaml *value, const char **out,
                           jf_error *err)
{
    jf_status status = JF_OK;
    jf_text text = {0};

    *out = NULL;
    if (value->kind == JF_YAML_SCALAR) {
        *out = value->text;
        return *value->text || value->quoted ? JF_OK : expected(file, value, "a value, found none", err);
    }
    for (size_t i = 0; i < value->n; i++) {
        if (i) jf_text_add(&text, ",");
        JF_TRY(add_part(file, value, i, &text, err));
    }
    status = keep(file, &text, out, err);
done:
    jf_text_free(&text);
    return status;
}

jf_status jf_settings_list(const jf_settings_file *file, const jf_yaml *value, jf_option_list *list,
                           jf_error *err)
{
    jf_status status = JF_OK;
    jf_text text = {0};
    const char *item;
    size_t n = value->kind == JF_YAML_SCALAR ? 1 : value->n;

    for (size_t i = 0; i < n; i++) {
        if (value->kind == JF_YAML_SCALAR) {
            JF_TRY(jf_settings_text(file, value, &item, err));
        } else {
            JF_TRY(add_part(file, value, i, &text, err));
            JF_TRY(keep(file, &text, &item, err));
        }
        if (!jf_option_list_add(list, item)) JF_TRY_NEW(NULL, err, file->name);
    }
done:
    jf_text_free(&text);
    return status;
}

jf_status jf_settings_path(const jf_settings_file *file, const char *path, const char **out, jf_error *err)
{
    jf_text text = {0};

    *out = path;
    if (!file->folder || *path == '/' || strcmp(path, "-") == 0) return JF_OK;
    jf_text_addf(&text, "%s/%s", file->folder, path);
    return keep(file, &text, out, err);
}

/* ---- keys ---- */

static bool is_listed(const char *key, const char *const *names)
{
    for (; names && *names; names++)
        if (strcmp(key, *names) == 0) return true;
    return false;
}

static jf_status unknown(const jf_settings_file *file, const jf_yaml *key, const char *const *others,
                         const jf_option_set *sets, size_t n_sets, jf_error *err)
{
    const char *names[256];
    char hint[200];
    size_t n = 0, most = sizeof names / sizeof *names;

    for (; others && others[n] && n < most; n++) names[n] = others[n];
    for (size_t i = 0; i < n_sets; i++)
        for (const jf_option *option = sets[i].table; option->name && n < most; option++)
            if (!option->aside) names[n++] = option->name;
    return jf_fail(err, JF_EDATA, "%s:%d: unknown key '%s'%s", file->name, key->line, key->text,
                   jf_did_you_mean(hint, sizeof hint, key->text, names, n));
}

/* A list option's paths become those of the working folder. */
static jf_status apply_list(const jf_settings_file *file, const jf_yaml *value, const jf_option *option,
                            jf_option_list *list, jf_error *err)
{
    jf_status status = JF_OK;
    size_t first = list->n;

    JF_TRY(jf_settings_list(file, value, list, err));
    for (size_t i = first; option->path && i < list->n; i++)
        JF_TRY(jf_settings_path(file, list->items[i], &list->items[i], err));
done:
    return status;
}

static jf_status apply_one(const jf_settings_file *file, const jf_yaml *key, const jf_yaml *value,
                           const jf_option *option, void *settings, jf_error *err)
{
    jf_status status = JF_OK;
    const char *text;

    if (option->aside)
        return jf_fail(err, JF_EDATA,
                       "%s:%d: '%s' changes no number, only where results go or how they look: it "
                       "is given on the command line",
                       file->name, key->line, key->text);
    if (option->kind == JF_OPTION_LIST)
        return apply_list(file, value, option, jf_option_field(option, settings), err);
    JF_TRY(jf_settings_text(file, value, &text, err));
    if (option->path) JF_TRY(jf_settings_path(file, text, &text, err));
    status = jf_options_set(option, settings, text, err);
    if (status != JF_OK) jf_error_prefix(err, "%s:%d", file->name, value->line);
done:
    return status;
}

jf_status jf_settings_apply(const jf_settings_file *file, const jf_yaml *map, const char *const *others,
                            const jf_option_set *sets, size_t n_sets, jf_error *err)
{
    jf_status status = JF_OK;

    if (!map) return JF_OK;
    if (map->kind != JF_YAML_MAP) return expected(file, map, "a map (key: value)", err);
    for (size_t i = 0; i < map->n; i++) {
        const jf_yaml *key = map->keys[i];
        void *settings;
        const jf_option *option = jf_options_find(sets, n_sets, key->text, &settings);
        if (is_listed(key->text, others)) continue;
        if (!option) JF_TRY(unknown(file, key, others, sets, n_sets, err));
        JF_TRY(apply_one(file, key, map->items[i], option, settings, err));
    }
done:
    return status;
}
