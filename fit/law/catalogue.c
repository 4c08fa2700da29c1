/* Laws from YAML: the catalogue compiled into the program, and laws files of users. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "core/yaml.h"
#include "fit/law/law.h"

extern const char jf_laws_yaml[];
extern const size_t jf_laws_yaml_length;

static jf_status fail_at(const char *file, const jf_yaml *node, const jf_law *law, const char *what,
                         jf_error *err)
{
    return jf_fail(err, JF_EDATA, "%s:%d: law '%s': %s", file, node->line, law->name, what);
}

/* A copy of a scalar's text into *out; absent (NULL) gives NULL. */
static jf_status read_text(const char *file, const jf_yaml *node, char **out, jf_error *err)
{
    *out = NULL;
    if (!node) return JF_OK;
    if (node->kind != JF_YAML_SCALAR)
        return jf_fail(err, JF_EDATA, "%s:%d: expected a text", file, node->line);
    *out = jf_copy_text(node->text);
    return *out ? JF_OK : jf_fail(err, JF_ENOMEM, "out of memory for a law");
}

/* [low, high]; absent leaves both alone. */
static jf_status read_pair(const char *file, const jf_yaml *node, double *low, double *high, jf_error *err)
{
    jf_status status = JF_OK;
    double a, b;

    if (!node) return JF_OK;
    if (node->kind != JF_YAML_LIST || node->n != 2)
        return jf_fail(err, JF_EDATA, "%s:%d: expected [low, high]", file, node->line);
    JF_TRY(jf_yaml_number(file, node->items[0], &a, err));
    JF_TRY(jf_yaml_number(file, node->items[1], &b, err));
    if (a > b) return jf_fail(err, JF_EDATA, "%s:%d: the first number is above the second", file, node->line);
    *low = a;
    *high = b;
done:
    return status;
}

static jf_status read_number(const char *file, const jf_yaml *node, double *out, jf_error *err)
{
    return node ? jf_yaml_number(file, node, out, err) : JF_OK;
}

static jf_status read_flag(const char *file, const jf_yaml *node, bool *out, jf_error *err)
{
    if (!node) return JF_OK;
    if (node->kind == JF_YAML_SCALAR && strcmp(node->text, "true") == 0)
        *out = true;
    else if (node->kind == JF_YAML_SCALAR && strcmp(node->text, "false") == 0)
        *out = false;
    else
        return jf_fail(err, JF_EDATA, "%s:%d: expected true or false", file, node->line);
    return JF_OK;
}

static jf_status read_tie(const char *file, const jf_yaml *node, jf_law *law, const char *name, jf_error *err)
{
    jf_status status;
    jf_text text = {0};

    if (!node) return JF_OK;
    if (node->kind != JF_YAML_SCALAR) return fail_at(file, node, law, "tie: expected an expression", err);
    jf_text_addf(&text, "%s = %s", name, node->text);
    status = text.failed ? jf_fail(err, JF_ENOMEM, "out of memory for a tie")
                         : jf_law_set_tie(law, text.data, err);
    jf_text_free(&text);
    return status;
}

/* A scale parameter has a lower bound of 0 and is drawn on its logarithm. */
static void make_positive(jf_parameter_spec *spec)
{
    if (!spec->positive) return;
    spec->lower = fmax(spec->lower, 0);
    spec->log_range = true;
}

static jf_status check_spec(const char *file, const jf_yaml *node, const jf_law *law,
                            const jf_parameter_spec *spec, jf_error *err)
{
    if (spec->log_range && !isnan(spec->range_low) && !(spec->range_low > 0))
        return fail_at(file, node, law, "a logarithmic range must lie above 0", err);
    if (isinf(spec->range_low) || isinf(spec->range_high))
        return fail_at(file, node, law, "range: expected finite numbers", err);
    return JF_OK;
}

static jf_status read_parameter(const char *file, const char *name, const jf_yaml *node, jf_law *law,
                                jf_error *err)
{
    static const char *const keys[] = {"range", "bounds", "log",       "positive", "start",
                                       "fix",   "fixed",  "published", "tie",      NULL};
    jf_status status = JF_OK;
    jf_parameter_spec *spec = jf_law_spec(law, name);
    const jf_yaml *fix;

    JF_TRY_NEW(spec, err, "a parameter");
    spec->declared = true;
    if (node->kind == JF_YAML_SCALAR && node->text[0] == '\0') return JF_OK;
    if (node->kind != JF_YAML_MAP)
        return fail_at(file, node, law, "expected settings like {range: [0, 1]}", err);
    JF_TRY(jf_yaml_check_keys(file, node, keys, err));
    JF_TRY(read_pair(file, jf_yaml_get(node, "range"), &spec->range_low, &spec->range_high, err));
    JF_TRY(read_pair(file, jf_yaml_get(node, "bounds"), &spec->lower, &spec->upper, err));
    JF_TRY(read_flag(file, jf_yaml_get(node, "log"), &spec->log_range, err));
    JF_TRY(read_flag(file, jf_yaml_get(node, "positive"), &spec->positive, err));
    JF_TRY(read_number(file, jf_yaml_get(node, "start"), &spec->start, err));
    fix = jf_yaml_get(node, "fix") ? jf_yaml_get(node, "fix") : jf_yaml_get(node, "fixed");
    JF_TRY(read_number(file, fix, &spec->fixed, err));
    JF_TRY(read_number(file, jf_yaml_get(node, "published"), &spec->published, err));
    make_positive(spec);
    JF_TRY(check_spec(file, node, law, spec, err));
    JF_TRY(read_tie(file, jf_yaml_get(node, "tie"), law, name, err));
done:
    return status;
}

typedef struct search {
    const char *name;
    bool found;
} search;

static void see_name(void *context, const jf_ast *node, const char *name, bool is_level_column)
{
    search *wanted = context;

    (void)node, (void)is_level_column;
    if (strcmp(wanted->name, name) == 0) wanted->found = true;
}

static bool law_holds_name(const jf_law *law, const char *name)
{
    search wanted = {.name = name};

    jf_ast_names(law->response, see_name, &wanted);
    jf_ast_names(law->formula, see_name, &wanted);
    return wanted.found;
}

static bool law_holds_parameter(const jf_ast *ast, const char *name)
{
    if ((ast->kind == JF_AST_NAME || ast->kind == JF_AST_LEVELS) && strcmp(ast->text, name) == 0) return true;
    if (ast->kind == JF_AST_LEVELS) return false;
    for (size_t i = 0; i < ast->n_args; i++)
        if (law_holds_parameter(ast->args[i], name)) return true;
    return false;
}

static jf_status read_parameters(const char *file, const jf_yaml *node, jf_law *law, jf_error *err)
{
    jf_status status = JF_OK;

    if (!node) return JF_OK;
    if (node->kind != JF_YAML_MAP) return fail_at(file, node, law, "parameters: expected a map", err);
    for (size_t i = 0; i < node->n; i++) {
        char *base = jf_parameter_base(node->keys[i]->text);
        bool held;
        JF_TRY_NEW(base, err, "a parameter");
        held = law_holds_parameter(law->formula, base);
        jf_free(base);
        if (!held)
            return jf_fail(err, JF_EDATA, "%s:%d: law '%s': the formula has no parameter '%s'", file,
                           node->keys[i]->line, law->name, node->keys[i]->text);
        JF_TRY(read_parameter(file, node->keys[i]->text, node->items[i], law, err));
    }
done:
    return status;
}

static jf_status read_levels(const char *file, const jf_yaml *node, jf_law_input *input, jf_error *err)
{
    jf_status status = JF_OK;

    if (!node) return JF_OK;
    if (node->kind != JF_YAML_LIST)
        return jf_fail(err, JF_EDATA, "%s:%d: expected [level, level]", file, node->line);
    input->levels = JF_NEW_ZEROED(char *, node->n);
    JF_TRY_NEW(input->levels, err, "levels");
    input->n_levels = node->n;
    for (size_t i = 0; i < node->n; i++) JF_TRY(read_text(file, node->items[i], &input->levels[i], err));
done:
    return status;
}

static jf_status read_input(const char *file, const jf_yaml *key, const jf_yaml *node, jf_law_input *input,
                            jf_error *err)
{
    static const char *const keys[] = {"meaning", "unit", "range", "levels", NULL};
    jf_status status = JF_OK;
    const jf_yaml *unit = NULL;

    input->low = input->high = NAN;
    JF_TRY(read_text(file, key, &input->name, err));
    if (node->kind == JF_YAML_SCALAR) {
        JF_TRY(read_text(file, node, &input->meaning, err));
    } else if (node->kind == JF_YAML_MAP) {
        JF_TRY(jf_yaml_check_keys(file, node, keys, err));
        JF_TRY(read_text(file, jf_yaml_get(node, "meaning"), &input->meaning, err));
        JF_TRY(read_pair(file, jf_yaml_get(node, "range"), &input->low, &input->high, err));
        JF_TRY(read_levels(file, jf_yaml_get(node, "levels"), input, err));
        unit = jf_yaml_get(node, "unit");
    } else {
        return jf_fail(err, JF_EDATA, "%s:%d: expected what the input means", file, node->line);
    }
    JF_TRY(read_text(file, unit, &input->unit, err));
    if (!input->unit) input->unit = jf_copy_text("");
    if (!input->meaning) input->meaning = jf_copy_text("");
    JF_TRY_NEW(input->unit && input->meaning ? input : NULL, err, "an input");
done:
    return status;
}

static jf_status read_inputs(const char *file, const jf_yaml *node, jf_law *law, jf_error *err)
{
    jf_status status = JF_OK;

    if (!node) return JF_OK;
    if (node->kind != JF_YAML_MAP) return fail_at(file, node, law, "inputs: expected a map", err);
    law->inputs = JF_NEW_ZEROED(jf_law_input, node->n);
    JF_TRY_NEW(law->inputs, err, "inputs");
    for (size_t i = 0; i < node->n; i++) {
        if (!law_holds_name(law, node->keys[i]->text))
            return jf_fail(err, JF_EDATA, "%s:%d: law '%s': the formula does not read '%s'", file,
                           node->keys[i]->line, law->name, node->keys[i]->text);
        law->n_inputs++;
        JF_TRY(read_input(file, node->keys[i], node->items[i], &law->inputs[i], err));
    }
done:
    return status;
}

static jf_status read_formula(const char *file, const jf_yaml *node, jf_law **out, jf_error *err)
{
    const jf_yaml *formula = jf_yaml_get(node, "formula"), *name = jf_yaml_get(node, "name");
    jf_status status;

    if (!formula || formula->kind != JF_YAML_SCALAR)
        return jf_fail(err, JF_EDATA, "%s:%d: a law without a formula", file, node->line);
    if (!name || name->kind != JF_YAML_SCALAR || !name->text[0])
        return jf_fail(err, JF_EDATA, "%s:%d: a law without a name", file, node->line);
    status = jf_law_read(formula->text, out, err);
    if (status != JF_OK) {
        jf_error_prefix(err, "%s:%d: law '%s'", file, formula->line, name->text);
        return status;
    }
    jf_free((*out)->name);
    return read_text(file, name, &(*out)->name, err);
}

static jf_status read_law(const char *file, const jf_yaml *node, bool builtin, jf_law **out, jf_error *err)
{
    static const char *const keys[] = {"name",       "title", "group",  "formula", "inputs",
                                       "parameters", "error", "source", NULL};
    jf_status status = JF_OK;
    jf_law *law = NULL;
    const jf_yaml *kind;

    *out = NULL;
    if (node->kind != JF_YAML_MAP)
        return jf_fail(err, JF_EDATA, "%s:%d: expected a law with name and formula", file, node->line);
    JF_TRY(jf_yaml_check_keys(file, node, keys, err));
    JF_TRY(read_formula(file, node, &law, err));
    law->from_catalogue = builtin;
    JF_TRY(read_text(file, jf_yaml_get(node, "title"), &law->title, err));
    JF_TRY(read_text(file, jf_yaml_get(node, "group"), &law->group, err));
    JF_TRY(read_text(file, jf_yaml_get(node, "source"), &law->source, err));
    kind = jf_yaml_get(node, "error");
    if (kind && kind->kind != JF_YAML_SCALAR) {
        status = fail_at(file, kind, law, "error: expected log, additive or relative", err);
        goto done;
    }
    status = jf_error_kind_read(kind ? kind->text : NULL, &law->error, err);
    if (status != JF_OK) {
        jf_error_prefix(err, "%s:%d: law '%s'", file, kind->line, law->name);
        goto done;
    }
    JF_TRY(read_inputs(file, jf_yaml_get(node, "inputs"), law, err));
    JF_TRY(read_parameters(file, jf_yaml_get(node, "parameters"), law, err));
    *out = law;
    law = NULL;
done:
    jf_law_free(law);
    return status;
}

static jf_status append_law(const char *file, const jf_yaml *node, jf_law *law, jf_laws *laws, jf_error *err)
{
    for (size_t i = 0; i < laws->n; i++)
        if (strcmp(laws->items[i]->name, law->name) == 0)
            return jf_fail(err, JF_EDATA, "%s:%d: two laws are called '%s'", file, node->line, law->name);
    if (!jf_grow((void **)&laws->items, &laws->capacity, laws->n + 1, sizeof *laws->items))
        return jf_fail(err, JF_ENOMEM, "out of memory for laws");
    laws->items[laws->n++] = law;
    return JF_OK;
}

/* The list of laws itself, or the map's `laws:`. */
static jf_status read_laws(const char *file, const jf_yaml *root, bool builtin, jf_laws *out, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_yaml *list = root->kind == JF_YAML_MAP ? jf_yaml_get(root, "laws") : root;

    *out = (jf_laws){0};
    if (!list || list->kind != JF_YAML_LIST || list->n == 0)
        return jf_fail(err, JF_EDATA, "%s:%d: expected a list of laws", file, root->line);
    for (size_t i = 0; i < list->n; i++) {
        jf_law *law = NULL;
        JF_TRY(read_law(file, list->items[i], builtin, &law, err));
        status = append_law(file, list->items[i], law, out, err);
        if (status != JF_OK) {
            jf_law_free(law);
            goto done;
        }
    }
done:
    if (status != JF_OK) jf_laws_free(out);
    return status;
}

jf_status jf_laws_builtin(jf_laws *out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_yaml *root = NULL;

    *out = (jf_laws){0};
    JF_TRY(jf_yaml_read("laws.yaml", jf_laws_yaml, jf_laws_yaml_length, &root, err));
    JF_TRY(read_laws("laws.yaml", root, true, out, err));
done:
    jf_yaml_free(root);
    return status;
}

jf_status jf_laws_read_file(const char *path, jf_laws *out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_yaml *root = NULL;

    *out = (jf_laws){0};
    JF_TRY(jf_yaml_read_file(path, &root, err));
    JF_TRY(read_laws(path, root, false, out, err));
done:
    jf_yaml_free(root);
    return status;
}

void jf_laws_free(jf_laws *laws)
{
    if (!laws) return;
    for (size_t i = 0; i < laws->n; i++) jf_law_free(laws->items[i]);
    jf_free(laws->items);
    *laws = (jf_laws){0};
}

jf_status jf_laws_find(const jf_laws *laws, const char *name, const jf_law **out, jf_error *err)
{
    jf_status status;
    const char **names;
    char hint[128];

    *out = NULL;
    for (size_t i = 0; i < laws->n; i++) {
        if (strcmp(laws->items[i]->name, name) != 0) continue;
        *out = laws->items[i];
        return JF_OK;
    }
    names = JF_NEW_ARRAY(const char *, laws->n);
    if (!names) return jf_fail(err, JF_ENOMEM, "out of memory for names");
    for (size_t i = 0; i < laws->n; i++) names[i] = laws->items[i]->name;
    status = jf_fail(err, JF_EUSAGE, "no law '%s' in the catalogue%s", name,
                     jf_did_you_mean(hint, sizeof hint, name, names, laws->n));
    jf_free(names);
    return status;
}
