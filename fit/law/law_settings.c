/* The settings strings of a law: "a=1,b=2", "a=0:2,h0[TP]=:1", "b = 2*a", "N=params". */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "fit/law/law.h"

/* One `NAME=VALUE` of a list; the pieces are owned copies without blanks around them. */
typedef struct setting {
    char *name, *value;
} setting;

static void setting_clear(setting *item)
{
    jf_free(item->name);
    jf_free(item->value);
    *item = (setting){0};
}

static char *trimmed(const char *text, size_t length)
{
    while (length && strchr(" \t\n", *text)) text++, length--;
    while (length && strchr(" \t\n", text[length - 1])) length--;
    return jf_copy_bytes(text, length);
}

const char *jf_find_outside(const char *text, const char *stops)
{
    int depth = 0;
    char quote = 0;
    const char *p = text;

    for (; *p; p++) {
        if (quote) {
            if (*p == quote) quote = 0;
        } else if (strchr("\"'`", *p)) {
            quote = *p;
        } else if (depth == 0 && strchr(stops, *p)) {
            break;
        } else if (*p == '[' || *p == '(') {
            depth++;
        } else if ((*p == ']' || *p == ')') && depth > 0) {
            depth--;
        }
    }
    return p;
}

static jf_status name_is_sound(const char *option, const char *name, jf_error *err)
{
    size_t base = strcspn(name, "[");
    size_t length = strlen(name);
    const char *end = jf_find_outside(name + base, "]");

    if (base == 0) return jf_fail(err, JF_EUSAGE, "%s: expected NAME=VALUE, found no name", option);
    if (name[base] && (length < base + 3 || name[length - 1] != ']' || *end))
        return jf_fail(err, JF_EUSAGE, "%s: '%s': expected a name like r or r[LEVEL]", option, name);
    return JF_OK;
}

/* Takes the next `NAME=VALUE` off *at; leaves item->name NULL at the end of the list. */
static jf_status next_setting(const char *option, const char **at, setting *item, jf_error *err)
{
    const char *start = *at, *end, *equals;

    *item = (setting){0};
    while (*start && strchr(" \t\n,", *start)) start++;
    *at = start;
    if (!*start) return JF_OK;
    end = jf_find_outside(start, ",");
    equals = jf_find_outside(start, "=");
    if (equals >= end)
        return jf_fail(err, JF_EUSAGE, "%s: expected NAME=VALUE, found '%.*s'", option, (int)(end - start),
                       start);
    item->name = trimmed(start, (size_t)(equals - start));
    item->value = trimmed(equals + 1, (size_t)(end - equals - 1));
    *at = end;
    if (!item->name || !item->value) return jf_fail(err, JF_ENOMEM, "out of memory for a setting");
    return name_is_sound(option, item->name, err);
}

/* Names of a law's formula that can be parameters, for checks and suggestions. */
typedef struct name_list {
    const char **items;
    size_t n, capacity;
    bool failed;
} name_list;

static void collect(name_list *list, const char *name)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->items[i], name) == 0) return;
    if (!jf_grow((void **)&list->items, &list->capacity, list->n + 1, sizeof *list->items)) {
        list->failed = true;
        return;
    }
    list->items[list->n++] = name;
}

static void collect_bases(const jf_ast *ast, name_list *list)
{
    if (ast->kind == JF_AST_NAME || ast->kind == JF_AST_LEVELS) collect(list, ast->text);
    if (ast->kind == JF_AST_LEVELS) return;
    for (size_t i = 0; i < ast->n_args; i++) collect_bases(ast->args[i], list);
}

/* The spec of a name that the formula holds; JF_EUSAGE with a suggestion when it does not. */
static jf_status named_spec(const char *option, jf_law *law, const char *name, jf_parameter_spec **out,
                            jf_error *err)
{
    jf_status status = JF_OK;
    name_list names = {0};
    char *base = jf_parameter_base(name);
    char hint[128];
    bool known = false;

    *out = NULL;
    JF_TRY_NEW(base, err, "a name");
    collect_bases(law->formula, &names);
    JF_TRY_NEW(names.failed ? NULL : base, err, "names");
    for (size_t i = 0; i < names.n && !known; i++) known = strcmp(names.items[i], base) == 0;
    if (!known) {
        status = jf_fail(err, JF_EUSAGE, "%s: law '%s' has no parameter '%s'%s", option, law->name, base,
                         jf_did_you_mean(hint, sizeof hint, base, names.items, names.n));
        goto done;
    }
    *out = jf_law_spec(law, name);
    JF_TRY_NEW(*out, err, "a parameter's settings");
done:
    jf_free(base);
    jf_free(names.items);
    return status;
}

static jf_status read_value(const char *option, const setting *item, const char *text, size_t length,
                            double *out, jf_error *err)
{
    if (jf_number_read(text, length, out)) return JF_OK;
    return jf_fail(err, JF_EUSAGE, "%s: '%s=%s': expected a number, found '%.*s'", option, item->name,
                   item->value, (int)length, text);
}

/* Sets the field at `offset` of the named specs: what --start and --fix share. */
static jf_status set_numbers(const char *option, jf_law *law, const char *text, size_t offset, jf_error *err)
{
    jf_status status = JF_OK;
    setting item = {0};
    jf_parameter_spec *spec;
    double value;

    for (;;) {
        JF_TRY(next_setting(option, &text, &item, err));
        if (!item.name) break;
        JF_TRY(read_value(option, &item, item.value, strlen(item.value), &value, err));
        JF_TRY(named_spec(option, law, item.name, &spec, err));
        *(double *)((char *)spec + offset) = value;
        setting_clear(&item);
    }
done:
    setting_clear(&item);
    return status;
}

jf_status jf_law_set_starts(jf_law *law, const char *text, jf_error *err)
{
    return set_numbers("--start", law, text, offsetof(jf_parameter_spec, start), err);
}

jf_status jf_law_set_fixed(jf_law *law, const char *text, jf_error *err)
{
    return set_numbers("--fix", law, text, offsetof(jf_parameter_spec, fixed), err);
}

void jf_law_release_published(jf_law *law)
{
    for (size_t i = 0; i < law->n_specs; i++)
        if (law->specs[i].fixed == law->specs[i].published) law->specs[i].fixed = NAN;
}

/* One end of "LOW:HIGH": empty, "inf" or "-inf" is open. */
static jf_status read_bound(const setting *item, const char *text, size_t length, double open, double *out,
                            jf_error *err)
{
    while (length && *text == ' ') text++, length--;
    *out = open;
    if (length == 0) return JF_OK;
    if (length == 3 && strncmp(text, "inf", 3) == 0)
        *out = INFINITY;
    else if (length == 4 && strncmp(text, "-inf", 4) == 0)
        *out = -INFINITY;
    else
        return read_value("--bounds", item, text, length, out, err);
    return JF_OK;
}

static jf_status set_bounds(jf_law *law, const setting *item, jf_error *err)
{
    jf_status status = JF_OK;
    jf_parameter_spec *spec;
    const char *colon = strchr(item->value, ':');
    double lower, upper;

    if (!colon)
        return jf_fail(err, JF_EUSAGE, "--bounds: '%s=%s': expected LOW:HIGH (either may be empty)",
                       item->name, item->value);
    JF_TRY(read_bound(item, item->value, (size_t)(colon - item->value), -INFINITY, &lower, err));
    JF_TRY(read_bound(item, colon + 1, strlen(colon + 1), INFINITY, &upper, err));
    if (lower > upper)
        return jf_fail(err, JF_EUSAGE, "--bounds: '%s=%s': lower bound is above the upper one", item->name,
                       item->value);
    if (lower == INFINITY || upper == -INFINITY)
        return jf_fail(err, JF_EUSAGE, "--bounds: '%s=%s': no number lies between these", item->name,
                       item->value);
    JF_TRY(named_spec("--bounds", law, item->name, &spec, err));
    spec->lower = lower;
    spec->upper = upper;
done:
    return status;
}

jf_status jf_law_set_bounds(jf_law *law, const char *text, jf_error *err)
{
    jf_status status = JF_OK;
    setting item = {0};

    for (;;) {
        JF_TRY(next_setting("--bounds", &text, &item, err));
        if (!item.name) break;
        JF_TRY(set_bounds(law, &item, err));
        setting_clear(&item);
    }
done:
    setting_clear(&item);
    return status;
}

static bool ast_mentions(const jf_ast *ast, const char *name)
{
    if ((ast->kind == JF_AST_NAME || ast->kind == JF_AST_LEVELS) && strcmp(ast->text, name) == 0) return true;
    for (size_t i = 0; i < ast->n_args; i++)
        if (ast_mentions(ast->args[i], name)) return true;
    return false;
}

/* Would following the ties of the names in `ast` come back to `name`? */
static bool tie_circles(const jf_law *law, const jf_ast *ast, const char *name, int depth)
{
    if (ast_mentions(ast, name)) return true;
    if (depth > 64) return true;
    for (size_t i = 0; i < law->n_specs; i++) {
        const jf_parameter_spec *spec = &law->specs[i];
        if (spec->tie && ast_mentions(ast, spec->name) && tie_circles(law, spec->tie, name, depth + 1))
            return true;
    }
    return false;
}

jf_status jf_law_set_tie(jf_law *law, const char *text, jf_error *err)
{
    jf_status status = JF_OK;
    setting item = {0};
    jf_parameter_spec *spec;
    jf_ast *tie = NULL;
    const char *equals = jf_find_outside(text, "=");

    if (!*equals || equals[1] == '=')
        return jf_fail(err, JF_EUSAGE, "--tie: expected 'NAME = EXPRESSION', found '%s'", text);
    item.name = trimmed(text, (size_t)(equals - text));
    JF_TRY_NEW(item.name, err, "a tie");
    JF_TRY(name_is_sound("--tie", item.name, err));
    if (strchr(item.name, '[')) {
        status = jf_fail(err, JF_EUSAGE,
                         "--tie: '%s': tie the whole of a level parameter, not one level of it", item.name);
        goto done;
    }
    JF_TRY(jf_ast_read("--tie", equals + 1, &tie, err));
    if (tie_circles(law, tie, item.name, 0)) {
        status = jf_fail(err, JF_EUSAGE, "--tie: '%s' would depend on itself", item.name);
        goto done;
    }
    JF_TRY(named_spec("--tie", law, item.name, &spec, err));
    jf_ast_free(spec->tie);
    spec->tie = tie;
    tie = NULL;
done:
    jf_ast_free(tie);
    setting_clear(&item);
    return status;
}

/* One entry of --map, read, and the stand-in name that keeps "a=b,b=a" from being applied twice. */
typedef struct mapping {
    setting item;
    jf_ast *with;
    char stand_in[24];
} mapping;

static bool stands_in_brackets(const jf_ast *ast, const char *name)
{
    for (size_t i = 0; i < ast->n_dimensions; i++)
        if (strcmp(ast->dimensions[i].column, name) == 0) return true;
    for (size_t i = 0; i < ast->n_args; i++)
        if (stands_in_brackets(ast->args[i], name)) return true;
    return false;
}

/* Level columns called `name` get the name that `with` is. */
static jf_status rename_dimensions(jf_ast *ast, const char *name, const jf_ast *with, jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t i = 0; i < ast->n_dimensions; i++) {
        char *column;
        if (strcmp(ast->dimensions[i].column, name) != 0) continue;
        column = jf_copy_text(with->text);
        if (!column) return jf_fail(err, JF_ENOMEM, "out of memory for a mapped name");
        jf_free(ast->dimensions[i].column);
        ast->dimensions[i].column = column;
    }
    for (size_t i = 0; i < ast->n_args; i++) JF_TRY(rename_dimensions(ast->args[i], name, with, err));
done:
    return status;
}

static jf_status replace_everywhere(jf_law *law, const char *name, const jf_ast *with, jf_error *err)
{
    jf_status status = JF_OK;

    JF_TRY(rename_dimensions(law->formula, name, with, err));
    JF_TRY(rename_dimensions(law->response, name, with, err));
    JF_TRY(jf_ast_substitute(&law->formula, name, with, err));
    JF_TRY(jf_ast_substitute(&law->response, name, with, err));
done:
    return status;
}

static void see_name(void *context, const jf_ast *node, const char *name, bool is_level_column)
{
    (void)node, (void)is_level_column;
    collect(context, name);
}

static jf_status law_reads(jf_law *law, const char *name, jf_error *err)
{
    name_list names = {0};
    char hint[128];
    bool found = false;
    jf_status status = JF_OK;

    jf_ast_names(law->response, see_name, &names);
    jf_ast_names(law->formula, see_name, &names);
    for (size_t i = 0; i < names.n && !found; i++) found = strcmp(names.items[i], name) == 0;
    if (!found)
        status = jf_fail(err, JF_EUSAGE, "--map: law '%s' does not read '%s'%s", law->name, name,
                         jf_did_you_mean(hint, sizeof hint, name, names.items, names.n));
    jf_free(names.items);
    return status;
}

/* What was mapped is an input no longer. */
static void forget_input(jf_law *law, const char *name)
{
    for (size_t i = 0; i < law->n_inputs; i++) {
        if (strcmp(law->inputs[i].name, name) != 0) continue;
        jf_law_input_clear(&law->inputs[i]);
        memmove(&law->inputs[i], &law->inputs[i + 1], (law->n_inputs - i - 1) * sizeof *law->inputs);
        law->n_inputs--;
        return;
    }
}

static jf_status read_mappings(jf_law *law, const char *text, mapping **list, size_t *n, jf_error *err)
{
    jf_status status = JF_OK;
    size_t capacity = 0;

    for (;;) {
        if (!jf_grow((void **)list, &capacity, *n + 1, sizeof **list))
            return jf_fail(err, JF_ENOMEM, "out of memory for --map");
        mapping *next = &(*list)[*n];
        *next = (mapping){0};
        status = next_setting("--map", &text, &next->item, err);
        if (status != JF_OK || !next->item.name) {
            setting_clear(&next->item);
            return status;
        }
        ++*n;
        JF_TRY(law_reads(law, next->item.name, err));
        JF_TRY(jf_ast_read("--map", next->item.value, &next->with, err));
        if (next->with->kind != JF_AST_NAME && stands_in_brackets(law->formula, next->item.name))
            return jf_fail(err, JF_EUSAGE,
                           "--map: '%s' stands inside level brackets, where only a column can",
                           next->item.name);
        snprintf(next->stand_in, sizeof next->stand_in, "\x01map%zu", *n);
    }
done:
    return status;
}

jf_status jf_law_map(jf_law *law, const char *text, jf_error *err)
{
    jf_status status = JF_OK;
    mapping *list = NULL;
    size_t n = 0;
    jf_ast *stand_in = NULL;

    JF_TRY(read_mappings(law, text, &list, &n, err));
    for (size_t i = 0; i < n; i++) {
        stand_in = jf_ast_name(list[i].stand_in);
        JF_TRY_NEW(stand_in, err, "--map");
        JF_TRY(replace_everywhere(law, list[i].item.name, stand_in, err));
        jf_ast_free(stand_in);
        stand_in = NULL;
    }
    for (size_t i = 0; i < n; i++) {
        JF_TRY(replace_everywhere(law, list[i].stand_in, list[i].with, err));
        forget_input(law, list[i].item.name);
    }
done:
    jf_ast_free(stand_in);
    for (size_t i = 0; i < n; i++) {
        setting_clear(&list[i].item);
        jf_ast_free(list[i].with);
    }
    jf_free(list);
    return status;
}
