/* The catalogue of inputs, features and accelerators: read from YAML, checked, found by name. */
#include "proxies/catalogue.h"

#include <ctype.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "data/unit.h"

extern const char jf_proxies_yaml[];
extern const size_t jf_proxies_yaml_length;

/* --- freeing ------------------------------------------------------------------------------------------- */

static void free_texts(char **texts, size_t n)
{
    for (size_t i = 0; i < n; i++) jf_free(texts[i]);
    jf_free(texts);
}

static void clear_input(jf_input *input)
{
    jf_free(input->shown.name);
    jf_free(input->shown.unit);
    jf_free(input->shown.meaning);
    free_texts(input->shown.columns, input->shown.n_columns);
    free_texts(input->shown.defaults, input->shown.n_defaults);
    for (size_t i = 0; input->defaults && i < input->shown.n_defaults; i++) jf_ast_free(input->defaults[i]);
    jf_free(input->defaults);
    for (size_t i = 0; i < input->n_values; i++) {
        jf_free(input->values[i].name);
        free_texts(input->values[i].spellings, input->values[i].n_spellings);
    }
    jf_free(input->values);
    jf_free(input->warn_unless);
    memset(input, 0, sizeof *input);
}

static void clear_feature(jf_feature *feature)
{
    jf_free(feature->shown.name);
    jf_free(feature->shown.unit);
    jf_free(feature->shown.formula);
    jf_free(feature->shown.convention);
    jf_free(feature->shown.source);
    jf_free(feature->shown.meaning);
    jf_ast_free(feature->formula);
    free_texts(feature->needs, feature->n_needs);
    memset(feature, 0, sizeof *feature);
}

void jf_catalogue_free(jf_catalogue *catalogue)
{
    if (!catalogue) return;
    for (size_t i = 0; i < catalogue->n_inputs; i++) clear_input(&catalogue->inputs[i]);
    for (size_t i = 0; i < catalogue->n_features; i++) clear_feature(&catalogue->features[i]);
    jf_free(catalogue->inputs);
    jf_free(catalogue->features);
    jf_hardware_free(&catalogue->hardware);
    jf_free(catalogue);
}

/* --- finding ------------------------------------------------------------------------------------------- */

void jf_clean_text(const char *text, char cleaned[JF_CLEAN_SIZE])
{
    size_t length = 0;

    for (; *text && length < JF_CLEAN_SIZE - 1; text++)
        if (isalnum((unsigned char)*text)) cleaned[length++] = (char)tolower((unsigned char)*text);
    cleaned[length] = '\0';
}

const jf_input *jf_input_find(const jf_catalogue *catalogue, const char *name)
{
    for (size_t i = 0; i < catalogue->n_inputs; i++)
        if (!strcmp(catalogue->inputs[i].shown.name, name)) return &catalogue->inputs[i];
    return NULL;
}

const jf_feature *jf_feature_find(const jf_catalogue *catalogue, const char *name)
{
    for (size_t i = 0; i < catalogue->n_features; i++)
        if (!strcmp(catalogue->features[i].shown.name, name)) return &catalogue->features[i];
    return NULL;
}

/* "bert*" holds for every text that begins with "bert". */
static bool spelling_holds(const char *spelling, const char *cleaned)
{
    size_t length = strlen(spelling);

    if (length && spelling[length - 1] == '*') return !strncmp(spelling, cleaned, length - 1);
    return !strcmp(spelling, cleaned);
}

int jf_value_find(const jf_input *input, const char *text)
{
    char cleaned[JF_CLEAN_SIZE];

    jf_clean_text(text, cleaned);
    for (size_t v = 0; v < input->n_values; v++)
        for (size_t i = 0; i < input->values[v].n_spellings; i++)
            if (spelling_holds(input->values[v].spellings[i], cleaned)) return (int)v;
    return -1;
}

const char *jf_catalogue_hint(const jf_catalogue *catalogue, const char *name, char *buffer, size_t size)
{
    size_t n = 0;
    const char **names = JF_NEW_ARRAY(const char *, catalogue->n_inputs + catalogue->n_features);

    if (size) *buffer = '\0';
    if (!names) return buffer;
    for (size_t i = 0; i < catalogue->n_features; i++) names[n++] = catalogue->features[i].shown.name;
    for (size_t i = 0; i < catalogue->n_inputs; i++) names[n++] = catalogue->inputs[i].shown.name;
    jf_did_you_mean(buffer, size, name, names, n);
    jf_free(names);
    return buffer;
}

size_t jf_catalogue_n(const jf_catalogue *catalogue)
{
    return catalogue->n_features;
}

const jf_proxy *jf_catalogue_at(const jf_catalogue *catalogue, size_t index)
{
    return index < catalogue->n_features ? &catalogue->features[index].shown : NULL;
}

const jf_proxy *jf_catalogue_find(const jf_catalogue *catalogue, const char *name)
{
    const jf_feature *feature = jf_feature_find(catalogue, name);

    return feature ? &feature->shown : NULL;
}

size_t jf_catalogue_n_inputs(const jf_catalogue *catalogue)
{
    return catalogue->n_inputs;
}

const jf_proxy_input *jf_catalogue_input_at(const jf_catalogue *catalogue, size_t index)
{
    return index < catalogue->n_inputs ? &catalogue->inputs[index].shown : NULL;
}

const jf_proxy_input *jf_catalogue_find_input(const jf_catalogue *catalogue, const char *name)
{
    const jf_input *input = jf_input_find(catalogue, name);

    return input ? &input->shown : NULL;
}

const jf_hardware *jf_catalogue_hardware(const jf_catalogue *catalogue)
{
    return &catalogue->hardware;
}

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
            if (*text && text[strlen(text) - 1] == '*') strcat(cleaned, "*");
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
    if (!node->text || strcmp(node->text, "post"))
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
        out->needs = list.names, out->n_needs = list.n;
        return list.failed ? jf_fail(err, JF_ENOMEM, "out of memory for the catalogue") : JF_OK;
    }
    out->function = jf_proxy_function_find(name, &n_wanted);
    JF_TRY(read_texts(file, jf_yaml_get(map, "needs"), false, &out->needs, &out->n_needs, err));
    if (!out->function || out->n_needs != n_wanted)
        return jf_fail(err, JF_EDATA, "%s:%d: no function '%s' of %zu columns is built in", file, map->line,
                       name, out->n_needs);
done:
    return status;
}

static jf_status read_feature(const char *file, const jf_yaml *map, jf_feature *out, jf_error *err)
{
    static const char *const keys[] = {"name",    "formula", "in_c", "needs", "unit", "convention",
                                       "meaning", "source",  "part", "given", NULL};
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
        clear_input(old);
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
        clear_feature(old);
    else if (!jf_grow((void **)&catalogue->features, &catalogue->features_capacity, catalogue->n_features + 1,
                      sizeof *catalogue->features))
        return jf_fail(err, JF_ENOMEM, "out of memory for the catalogue");
    else
        old = &catalogue->features[catalogue->n_features++];
    *old = *feature;
    memset(feature, 0, sizeof *feature);
    return JF_OK;
}

static jf_status read_entry(jf_catalogue *catalogue, const char *file, const jf_yaml *map, jf_error *err)
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
    clear_input(&input);
    clear_feature(&feature);
    return status;
}

/* --- the whole ----------------------------------------------------------------------------------------- */

static jf_status find_need(const jf_catalogue *catalogue, const char *name, const jf_feature **feature,
                           const jf_input **input, const char *of, jf_error *err)
{
    char hint[200];

    *feature = jf_feature_find(catalogue, name);
    *input = jf_input_find(catalogue, name);
    if (*feature || *input) return JF_OK;
    return jf_fail(err, JF_EDATA, "%s: no input or feature '%s'%s", of, name,
                   jf_catalogue_hint(catalogue, name, hint, sizeof hint));
}

/* A feature is post-run when anything below it is. */
static jf_status set_known(const jf_catalogue *catalogue, jf_feature *feature, jf_error *err)
{
    jf_status status = JF_OK;

    if (feature->mark == 2) return JF_OK;
    if (feature->mark == 1)
        return jf_fail(err, JF_EDATA, "%s: its formula leads back to itself", feature->shown.name);
    feature->mark = 1;
    feature->shown.known = JF_PRE_RUN;
    for (size_t i = 0; i < feature->n_needs; i++) {
        const jf_feature *below;
        const jf_input *input;

        JF_TRY(find_need(catalogue, feature->needs[i], &below, &input, feature->shown.name, err));
        if (below) JF_TRY(set_known(catalogue, (jf_feature *)below, err));
        if ((below ? below->shown.known : input->shown.known) == JF_POST_RUN)
            feature->shown.known = JF_POST_RUN;
    }
    feature->mark = 2;
done:
    return status;
}

static jf_status read_list(jf_catalogue *catalogue, const char *file, const jf_yaml *root, jf_error *err)
{
    jf_status status = JF_OK;

    if (root->kind != JF_YAML_LIST)
        return jf_fail(err, JF_EDATA, "%s:%d: expected a list of entries", file, root->line);
    for (size_t i = 0; i < root->n; i++) JF_TRY(read_entry(catalogue, file, root->items[i], err));
    for (size_t i = 0; i < catalogue->n_features; i++) catalogue->features[i].mark = 0;
    for (size_t i = 0; i < catalogue->n_features; i++)
        JF_TRY(set_known(catalogue, &catalogue->features[i], err));
done:
    return status;
}

jf_status jf_catalogue_builtin(jf_catalogue **out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_yaml *root = NULL;
    jf_catalogue *catalogue = JF_NEW(jf_catalogue);

    *out = NULL;
    JF_TRY_NEW(catalogue, err, "the catalogue");
    JF_TRY(jf_hardware_builtin(&catalogue->hardware, err));
    JF_TRY(jf_yaml_read("proxies.yaml", jf_proxies_yaml, jf_proxies_yaml_length, &root, err));
    JF_TRY(read_list(catalogue, "proxies.yaml", root, err));
    *out = catalogue;
    catalogue = NULL;
done:
    jf_yaml_free(root);
    jf_catalogue_free(catalogue);
    return status;
}

jf_status jf_catalogue_add_file(jf_catalogue *catalogue, const char *path, jf_error *err)
{
    jf_status status = JF_OK;
    jf_yaml *root = NULL;

    JF_TRY(jf_yaml_read_file(path, &root, err));
    JF_TRY(read_list(catalogue, path, root, err));
done:
    jf_yaml_free(root);
    return status;
}
