/* The catalogue of inputs, features and accelerators: built in or from files, checked, found by name. */
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

void jf_input_clear(jf_input *input)
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

void jf_feature_clear(jf_feature *feature)
{
    jf_free(feature->shown.name);
    jf_free(feature->shown.unit);
    jf_free(feature->shown.formula);
    jf_free(feature->shown.convention);
    jf_free(feature->shown.source);
    jf_free(feature->shown.meaning);
    jf_free(feature->shown.role);
    jf_free(feature->shown.choice);
    jf_ast_free(feature->formula);
    free_texts(feature->shown.needs, feature->shown.n_needs);
    memset(feature, 0, sizeof *feature);
}

void jf_catalogue_free(jf_catalogue *catalogue)
{
    if (!catalogue) return;
    for (size_t i = 0; i < catalogue->n_inputs; i++) jf_input_clear(&catalogue->inputs[i]);
    for (size_t i = 0; i < catalogue->n_features; i++) jf_feature_clear(&catalogue->features[i]);
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

const jf_proxy *jf_catalogue_choice(const jf_catalogue *catalogue, const char *role, const char *choice)
{
    for (size_t i = 0; i < catalogue->n_features; i++) {
        const jf_proxy *proxy = &catalogue->features[i].shown;
        if (!strcmp(proxy->role, role) && (!choice || !strcmp(proxy->choice, choice))) return proxy;
    }
    return NULL;
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

const char *jf_catalogue_input_value(const jf_catalogue *catalogue, const char *name, size_t index)
{
    const jf_input *input = jf_input_find(catalogue, name);

    return input && index < input->n_values ? input->values[index].name : NULL;
}

const jf_hardware *jf_catalogue_hardware(const jf_catalogue *catalogue)
{
    return &catalogue->hardware;
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
    for (size_t i = 0; i < feature->shown.n_needs; i++) {
        const jf_feature *below;
        const jf_input *input;

        JF_TRY(find_need(catalogue, feature->shown.needs[i], &below, &input, feature->shown.name, err));
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
    for (size_t i = 0; i < root->n; i++)
        JF_TRY(jf_catalogue_read_entry(catalogue, file, root->items[i], err));
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
