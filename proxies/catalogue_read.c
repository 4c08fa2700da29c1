/* One entry of the catalogue: an input, a feature or an accelerator, read from YAML and put in. */
#include "proxies/catalogue.h"

#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "data/unit.h"

/* --- reading parts of an entry ------------------------------------------------------------------------- */

/* A copy of the text of map[key], or "" when it is not there. */
static jf_status read_text(const char *file, const jf_yaml *map, const char *key, char **out, jf_error *err)
{
    const jf_yaml *node = jf_yaml_get(map, key);

    if (node && node->kind != JF_YAML_SCALAR)
        return jf_fail(err, JF_EDATA, "%s:%d: %s: expected a text", file, node->line, key);
    *out = jf_copy_text(node ? node->text : "");
    return *out ? JF_OK : jf_fail(err, JF_ENOMEM, "out of memory for the catalogue");
}

static jf_status read_flag(const char *file, const jf_yaml *map, const char *key, bool *out, jf_error *err)
{
    const jf_yaml *node = jf_yaml_get(map, key);

    *out = node && node->text && !strcmp(node->text, "true");
    if (node && !*out && !(node->text && !strcmp(node->text, "false")))
        return jf_fail(err, JF_EDATA, "%s:%d: %s: expected true or false", file, node->line, key);
    return JF_OK;
}

/* Texts of a list, or of a single text; cleaned (with a closing '*' kept) when `clean`. NULL gives none. */
static jf_status read_texts(const char *file, const jf_yaml *node, bool clean, char ***out, size_t *n_out,
                            jf_error *err)
{
    char cleaned[JF_CLEAN_SIZE + 1];
    size_t n = !node ? 0 : node->kind == JF_YAML_LIST ? node->n : 1;

    *out = JF_NEW_ZEROED(char *, n);
    if (!*out) return jf_fail(err, JF_ENOMEM, "out of memory for the catalogue");
    for (; *n_out < n; ++*n_out) {
        const jf_yaml *item = node->kind == JF_YAML_LIST ? node->items[*n_out] : node;
        const char *text = item->text;

        if (item->kind != JF_YAML_SCALAR)
            return jf_fail(err, JF_EDATA, "%s:%d: expected a text", file, item->line);
        if (clean) {
            jf_clean_text(item->text, cleaned);
            if (*text && text[strlen(text) - 1] == '*') {
                size_t length = strlen(cleaned);
                snprintf(cleaned + length, sizeof cleaned - length, "*");
            }
            text = cleaned;
        }
        (*out)[*n_out] = jf_copy_text(text);
        if (!(*out)[*n_out]) return jf_fail(err, JF_ENOMEM, "out of memory for the catalogue");
    }
    return JF_OK;
}

static jf_status read_formula(const char *file, int line, const char *name, const char *text, jf_ast **out,
                              jf_error *err)
{
    jf_status status = jf_ast_read(name, text, out, err);

    if (status != JF_OK) jf_error_prefix(err, "%s:%d", file, line);
    return status;
}

static jf_status check_unit(const char *file, const jf_yaml *map, const char *unit, jf_error *err)
{
    jf_unit parsed;
    jf_status status = *unit ? jf_unit_read(unit, &parsed, err) : JF_OK;

    if (status != JF_OK) jf_error_prefix(err, "%s:%d", file, map->line);
    return status;
}

static jf_status read_values(const char *file, const jf_yaml *map, jf_input *input, jf_error *err)
{
    jf_status status = JF_OK;

    if (!map) return JF_OK;
    if (map->kind != JF_YAML_MAP)
        return jf_fail(err, JF_EDATA, "%s:%d: values: expected a map", file, map->line);
    input->values = JF_NEW_ZEROED(jf_value, map->n);
    JF_TRY_NEW(input->values, err, "the catalogue");
    for (size_t i = 0; i < map->n; i++) {
        jf_value *value = &input->values[input->n_values++];

        value->name = jf_copy_text(map->keys[i]->text);
        JF_TRY_NEW(value->name, err, "the catalogue");
        JF_TRY(read_texts(file, map->items[i], true, &value->spellings, &value->n_spellings, err));
    }
done:
    return status;
}

static jf_status read_known(const char *file, const jf_yaml *map, jf_known *out, jf_error *err)
{
    const jf_yaml *node = jf_yaml_get(map, "known");

    *out = JF_PRE_RUN;
    if (!node || (node->text && !strcmp(node->text, "pre"))) return JF_OK;
    if (!node->text || strcmp(node->text, "post") != 0)
        return jf_fail(err, JF_EDATA, "%s:%d: known: expected pre or post", file, node->line);
    *out = JF_POST_RUN;
    return JF_OK;
}

/* --- entries ------------------------------------------------------------------------------------------- */

static jf_status read_defaults(const char *file, const jf_yaml *map, jf_input *out, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_yaml *node = jf_yaml_get(map, "default");

    JF_TRY(read_texts(file, node, false, &out->shown.defaults, &out->shown.n_defaults, err));
    out->defaults = JF_NEW_ZEROED(jf_ast *, out->shown.n_defaults);
    JF_TRY_NEW(out->defaults, err, "the catalogue");
    for (size_t i = 0; i < out->shown.n_defaults; i++)
        JF_TRY(
            read_formula(file, node->line, out->shown.name, out->shown.defaults[i], &out->defaults[i], err));
done:
    return status;
}

static jf_status read_input(const char *file, const jf_yaml *map, jf_input *out, jf_error *err)
{
    static const char *const keys[] = {"input",   "columns", "unit", "values",      "labels",
                                       "lenient", "default", "warn", "warn_unless", "family",
                                       "known",   "meaning", NULL};
    jf_status status = JF_OK;
    jf_proxy_input *shown = &out->shown;

    JF_TRY(jf_yaml_check_keys(file, map, keys, err));
    JF_TRY(read_text(file, map, "input", &shown->name, err));
    JF_TRY(read_text(file, map, "unit", &shown->unit, err));
    JF_TRY(read_text(file, map, "meaning", &shown->meaning, err));
    JF_TRY(check_unit(file, map, shown->unit, err));
    JF_TRY(read_texts(file, jf_yaml_get(map, "columns"), false, &shown->columns, &shown->n_columns, err));
    JF_TRY(read_values(file, jf_yaml_get(map, "values"), out, err));
    JF_TRY(read_flag(file, map, "labels", &out->is_label, err));
    out->is_label |= out->n_values > 0;
    JF_TRY(read_flag(file, map, "lenient", &out->is_lenient, err));
    JF_TRY(read_flag(file, map, "warn", &out->warns, err));
    JF_TRY(read_text(file, map, "warn_unless", &out->warn_unless, err));
    JF_TRY(read_flag(file, map, "family", &shown->is_family, err));
    JF_TRY(read_known(file, map, &shown->known, err));
    JF_TRY(read_defaults(file, map, out, err));
done:
    return status;
}

/* Collects the different names of a formula. */
typedef struct name_list {
    char **names;
    size_t n, capacity;
    bool failed;
} name_list;

static void collect_name(void *context, const jf_ast *node, const char *name, bool is_level_column)
{
    name_list *list = context;

    (void)node, (void)is_level_column;
    for (size_t i = 0; i < list->n; i++)
        if (!strcmp(list->names[i], name)) return;
    list->failed |= !jf_grow((void **)&list->names, &list->capacity, list->n + 1, sizeof *list->names);
    if (list->failed) return;
    list->names[list->n] = jf_copy_text(name);
    if (list->names[list->n])
        list->n++;
    else
        list->failed = true;
}

static jf_status read_how(const char *file, const jf_yaml *map, jf_feature *out, jf_error *err)
{
    jf_status status = JF_OK;
    name_list list = {0};
    size_t n_wanted = 0;
    const char *name = out->shown.name;

    JF_TRY(read_flag(file, map, "in_c", &out->shown.in_c, err));
    if (out->shown.in_c == (*out->shown.formula != '\0'))
        return jf_fail(err, JF_EDATA, "%s:%d: %s: expected either a formula or in_c: true", file, map->line,
                       name);
    if (!out->shown.in_c) {
        JF_TRY(read_formula(file, map->line, name, out->shown.formula, &out->formula, err));
        jf_ast_names(out->formula, collect_name, &list);
        out->shown.needs = list.names, out->shown.n_needs = list.n;
        return list.failed ? jf_fail(err, JF_ENOMEM, "out of memory for the catalogue") : JF_OK;
    }
    out->function = jf_proxy_function_find(name, &n_wanted, &out->shown.how);
    JF_TRY(read_texts(file, jf_yaml_get(map, "needs"), false, &out->shown.needs, &out->shown.n_needs, err));
    if (!out->function || out->shown.n_needs != n_wanted)
        return jf_fail(err, JF_EDATA, "%s:%d: no function '%s' of %zu columns is built in", file, map->line,
                       name, out->shown.n_needs);
done:
    return status;
}

static jf_status read_feature(const char *file, const jf_yaml *map, jf_feature *out, jf_error *err)
{
    static const char *const keys[] = {"name",       "formula", "in_c",   "needs", "unit",
                                       "convention", "meaning", "source", "part",  "given",
                                       "role",       "choice",  NULL};
    jf_status status = JF_OK;
    jf_proxy *shown = &out->shown;

    JF_TRY(jf_yaml_check_keys(file, map, keys, err));
    JF_TRY(read_text(file, map, "name", &shown->name, err));
    JF_TRY(read_text(file, map, "formula", &shown->formula, err));
    JF_TRY(read_text(file, map, "unit", &shown->unit, err));
    JF_TRY(read_text(file, map, "convention", &shown->convention, err));
    JF_TRY(read_text(file, map, "source", &shown->source, err));
    JF_TRY(read_text(file, map, "meaning", &shown->meaning, err));
    JF_TRY(check_unit(file, map, shown->unit, err));
    JF_TRY(read_text(file, map, "role", &shown->role, err));
    JF_TRY(read_text(file, map, "choice", &shown->choice, err));
    if (!*shown->role != !*shown->choice)
        JF_TRY(
            jf_fail(err, JF_EDATA, "%s:%d: %s: role and choice go together", file, map->line, shown->name));
    JF_TRY(read_flag(file, map, "part", &shown->is_part, err));
    JF_TRY(read_flag(file, map, "given", &out->is_given, err));
    if (!*shown->name) return jf_fail(err, JF_EDATA, "%s:%d: a feature without a name", file, map->line);
    JF_TRY(read_how(file, map, out, err));
done:
    return status;
}

/* Puts an entry in, in the place of one of its name. */
static jf_status add_input(jf_catalogue *catalogue, jf_input *input, jf_error *err)
{
    jf_input *old = (jf_input *)jf_input_find(catalogue, input->shown.name);

    if (old)
        jf_input_clear(old);
    else if (!jf_grow((void **)&catalogue->inputs, &catalogue->inputs_capacity, catalogue->n_inputs + 1,
                      sizeof *catalogue->inputs))
        return jf_fail(err, JF_ENOMEM, "out of memory for the catalogue");
    else
        old = &catalogue->inputs[catalogue->n_inputs++];
    *old = *input;
    memset(input, 0, sizeof *input);
    return JF_OK;
}

static jf_status add_feature(jf_catalogue *catalogue, jf_feature *feature, jf_error *err)
{
    jf_feature *old = (jf_feature *)jf_feature_find(catalogue, feature->shown.name);

    if (old)
        jf_feature_clear(old);
    else if (!jf_grow((void **)&catalogue->features, &catalogue->features_capacity, catalogue->n_features + 1,
                      sizeof *catalogue->features))
        return jf_fail(err, JF_ENOMEM, "out of memory for the catalogue");
    else
        old = &catalogue->features[catalogue->n_features++];
    *old = *feature;
    memset(feature, 0, sizeof *feature);
    return JF_OK;
}

jf_status jf_catalogue_read_entry(jf_catalogue *catalogue, const char *file, const jf_yaml *map,
                                  jf_error *err)
{
    jf_status status = JF_OK;
    jf_input input = {0};
    jf_feature feature = {0};

    if (map->kind != JF_YAML_MAP)
        return jf_fail(err, JF_EDATA, "%s:%d: expected an entry (name: ..., formula: ...)", file, map->line);
    if (jf_yaml_get(map, "peak_tflops")) return jf_hardware_add(&catalogue->hardware, file, map, err);
    if (jf_yaml_get(map, "input")) {
        JF_TRY(read_input(file, map, &input, err));
        JF_TRY(add_input(catalogue, &input, err));
    } else {
        JF_TRY(read_feature(file, map, &feature, err));
        JF_TRY(add_feature(catalogue, &feature, err));
    }
done:
    jf_input_clear(&input);
    jf_feature_clear(&feature);
    return status;
}
