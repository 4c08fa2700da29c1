/* Which columns a set of features needs: inputs found, defaults tried, formulas put in order. */
#include "proxies/plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "core/expr/evaluate.h"
#include "core/memory.h"
#include "core/text.h"
#include "data/unit.h"

/* --- slots --------------------------------------------------------------------------------------------- */

static bool find_slot(const jf_plan *plan, const char *name, size_t *slot)
{
    for (size_t i = 0; i < plan->n_slots; i++)
        if (!strcmp(plan->slots[i].name, name)) {
            *slot = i;
            return true;
        }
    return false;
}

static void clear_slot(jf_slot *slot)
{
    if (!slot->is_borrowed) jf_column_clear(&slot->column);
    jf_ast_free(slot->own_formula);
    jf_free(slot->needs);
    jf_free(slot->warning);
    memset(slot, 0, sizeof *slot);
}

/* Puts a slot in, taking over what it owns (on failure too). */
static jf_status push_slot(jf_plan *plan, jf_slot *slot, size_t *index, jf_error *err)
{
    if (!jf_grow((void **)&plan->slots, &plan->capacity, plan->n_slots + 1, sizeof *plan->slots)) {
        clear_slot(slot);
        return jf_fail(err, JF_ENOMEM, "out of memory for features");
    }
    *index = plan->n_slots;
    plan->slots[plan->n_slots++] = *slot;
    memset(slot, 0, sizeof *slot);
    return JF_OK;
}

void jf_plan_clear(jf_plan *plan)
{
    for (size_t i = 0; i < plan->n_slots; i++) clear_slot(&plan->slots[i]);
    jf_free(plan->slots);
    jf_free(plan->under_way);
    for (size_t i = 0; i < plan->n_family; i++) jf_free(plan->family[i]);
    jf_free(plan->family);
    memset(plan, 0, sizeof *plan);
}

/* The right side of "NAME=..." among the maps, or NULL. */
static const char *find_map(const jf_plan *plan, const char *name)
{
    size_t length = strlen(name);

    for (size_t i = 0; i < plan->request->n_maps; i++)
        if (!strncmp(plan->request->maps[i], name, length) && plan->request->maps[i][length] == '=')
            return plan->request->maps[i] + length + 1;
    return NULL;
}

/* --- formulas ------------------------------------------------------------------------------------------ */

/* Different names of an expression; `failed` when memory ran out. */
typedef struct needed_names {
    const char **names;
    size_t n, capacity;
    bool failed;
} needed_names;

static void note_name(void *context, const jf_ast *node, const char *name, bool is_level_column)
{
    needed_names *needed = context;

    (void)node, (void)is_level_column;
    for (size_t i = 0; i < needed->n; i++)
        if (!strcmp(needed->names[i], name)) return;
    needed->failed |=
        !jf_grow((void **)&needed->names, &needed->capacity, needed->n + 1, sizeof *needed->names);
    if (!needed->failed) needed->names[needed->n++] = name;
}

/* slot->needs = the slots of these names, added first. */
static jf_status add_needs(jf_plan *plan, const char *const *names, size_t n, jf_slot *slot, jf_error *err)
{
    jf_status status = JF_OK;

    slot->needs = JF_NEW_ARRAY(size_t, n);
    JF_TRY_NEW(slot->needs, err, "features");
    for (; slot->n_needs < n; slot->n_needs++)
        JF_TRY(jf_plan_add(plan, names[slot->n_needs], &slot->needs[slot->n_needs], err));
done:
    return status;
}

/* A slot made by `formula`, with what the formula needs. */
static jf_status add_formula(jf_plan *plan, jf_slot *slot, const jf_ast *formula, size_t *index,
                             jf_error *err)
{
    jf_status status = JF_OK;
    needed_names needed = {0};

    slot->formula = formula;
    jf_ast_names(formula, note_name, &needed);
    if (needed.failed) JF_TRY(jf_fail(err, JF_ENOMEM, "out of memory for features"));
    JF_TRY(add_needs(plan, needed.names, needed.n, slot, err));
    JF_TRY(push_slot(plan, slot, index, err));
done:
    jf_free(needed.names);
    clear_slot(slot);
    return status;
}

/* --- inputs -------------------------------------------------------------------------------------------- */

static jf_status add_given(jf_plan *plan, const jf_input *input, const char *name, const jf_column *column,
                           size_t *index, jf_error *err)
{
    jf_status status = JF_OK;
    jf_slot slot = {.name = name, .is_there = true};

    slot.unit = input && *input->shown.unit ? input->shown.unit : column->unit;
    if (input) {
        JF_TRY(jf_input_take(input, column, plan->table->n_rows, &slot, err));
    } else {
        slot.column = *column;
        slot.column.name = NULL;
        slot.is_borrowed = true;
    }
    JF_TRY(push_slot(plan, &slot, index, err));
done:
    clear_slot(&slot);
    return status;
}

/* "layers=depth": the right side is an expression over the table's own columns. */
static jf_status add_mapped(jf_plan *plan, const jf_input *input, const char *name, const char *text,
                            size_t *index, jf_error *err)
{
    jf_status status = JF_OK;
    jf_columns columns = jf_table_columns(plan->table);
    jf_ast *ast = NULL;
    jf_column column = {0};
    jf_slot slot = {.name = name, .is_there = true, .unit = input ? input->shown.unit : ""};
    jf_unit unit;

    JF_TRY(jf_ast_read("--map", text, &ast, err));
    JF_TRY(jf_evaluate("--map", ast, &columns, &column, err));
    jf_unit_of_expression(ast, &columns, &unit, &column.known);
    if (unit.known) jf_unit_print(&unit, column.unit, sizeof column.unit);
    column.name = jf_copy_text(text);
    JF_TRY_NEW(column.name, err, "a column");
    if (input) {
        JF_TRY(jf_input_take(input, &column, plan->table->n_rows, &slot, err));
        if (slot.is_borrowed)
            column.values = NULL, column.codes = NULL, column.levels = NULL, column.n_levels = 0;
        slot.is_borrowed = false; /* the arrays are the slot's now */
    } else {
        slot.column = column;
        slot.column.name = NULL;
        jf_free(column.name);
        column = (jf_column){0};
    }
    JF_TRY(push_slot(plan, &slot, index, err));
done:
    jf_ast_free(ast);
    jf_column_clear(&column);
    clear_slot(&slot);
    return status;
}

static jf_status fail_missing(const jf_input *input, jf_error *err)
{
    jf_text names = {0};
    jf_status status;

    for (size_t i = 0; i < input->shown.n_columns; i++)
        jf_text_addf(&names, "%s%s", i ? ", " : " (also known as ", input->shown.columns[i]);
    if (names.length) jf_text_add(&names, ")");
    status = jf_fail(err, JF_EUSAGE, "no column for '%s'%s; name one with --map %s=COLUMN", input->shown.name,
                     names.data ? names.data : "", input->shown.name);
    jf_text_free(&names);
    return status;
}

static void set_default_warning(const jf_input *input, const char *text, jf_slot *slot)
{
    jf_text message = {0};

    if (!input->warns) return;
    jf_text_addf(&message, "no column for %s, so %s is taken (%s)", input->shown.name, text,
                 input->shown.meaning);
    slot->warning_code = "W_PROXY_DEFAULT";
    slot->warn_unless = *input->warn_unless ? input->warn_unless : NULL;
    slot->warning = jf_text_take(&message); /* out of memory loses the warning, nothing else */
}

/* The first default whose own inputs are there. */
static jf_status add_default(jf_plan *plan, const jf_input *input, size_t *index, jf_error *err)
{
    for (size_t i = 0; i < input->shown.n_defaults; i++) {
        jf_error inner = {0};
        jf_slot slot = {.name = input->shown.name, .unit = input->shown.unit};
        jf_status status;

        set_default_warning(input, input->shown.defaults[i], &slot);
        status = add_formula(plan, &slot, input->defaults[i], index, &inner);
        if (status == JF_OK) return JF_OK;
        if (status != JF_EUSAGE) {
            if (err) *err = inner;
            return status;
        }
    }
    return fail_missing(input, err);
}

/* --architecture stands before any column. */
static jf_status add_architecture(jf_plan *plan, const jf_input *input, size_t *index, jf_error *err)
{
    jf_status status = JF_OK;
    jf_slot slot = {.name = input->shown.name, .unit = ""};
    int value = jf_value_find(input, plan->request->architecture);
    jf_text text = {0};

    if (value < 0) {
        for (size_t v = 0; v < input->n_values; v++)
            jf_text_addf(&text, "%s%s", v ? ", " : "", input->values[v].name);
        JF_TRY(jf_fail(err, JF_EDATA, "unknown architecture '%s' (one of %s)", plan->request->architecture,
                       text.data));
    }
    jf_text_addf(&text, "\"%s\"", input->values[value].name);
    JF_TRY_NEW(!text.failed, err, "features");
    JF_TRY(jf_ast_read("--arch", text.data, &slot.own_formula, err));
    JF_TRY(add_formula(plan, &slot, slot.own_formula, index, err));
done:
    jf_text_free(&text);
    clear_slot(&slot);
    return status;
}

static jf_status add_input(jf_plan *plan, const jf_input *input, size_t *index, jf_error *err)
{
    const jf_column *column;

    if (plan->request->architecture && !strcmp(input->shown.name, "arch"))
        return add_architecture(plan, input, index, err);
    column = jf_input_column(input, plan->table);
    if (column) return add_given(plan, input, input->shown.name, column, index, err);
    return add_default(plan, input, index, err);
}

/* --- features ------------------------------------------------------------------------------------------ */

static jf_status add_made(jf_plan *plan, const jf_feature *feature, size_t *index, jf_error *err)
{
    jf_status status = JF_OK;
    jf_slot slot = {.name = feature->shown.name, .unit = feature->shown.unit};

    if (feature->formula) return add_formula(plan, &slot, feature->formula, index, err);
    slot.feature = feature;
    JF_TRY(add_needs(plan, (const char *const *)feature->shown.needs, feature->shown.n_needs, &slot, err));
    JF_TRY(push_slot(plan, &slot, index, err));
done:
    clear_slot(&slot);
    return status;
}

/* The table's own column stands for a feature that may be given, and for one whose inputs are missing. */
static jf_status add_feature(jf_plan *plan, const jf_feature *feature, size_t *index, jf_error *err)
{
    const char *name = feature->shown.name;
    const jf_column *own = feature->shown.is_part ? NULL : jf_table_find(plan->table, name);
    jf_status status;
    jf_error inner = {0};

    if (own && feature->is_given) return add_given(plan, NULL, name, own, index, err);
    status = add_made(plan, feature, index, &inner);
    if (status == JF_EUSAGE && own) return add_given(plan, NULL, name, own, index, err);
    if (status != JF_OK && err) *err = inner;
    return status;
}

static jf_status add_any(jf_plan *plan, const char *name, size_t *index, jf_error *err)
{
    const jf_input *input = jf_input_find(plan->catalogue, name);
    const jf_feature *feature = jf_feature_find(plan->catalogue, name);
    const char *map = find_map(plan, name);
    char hint[200];

    if (map && (input || feature))
        return add_mapped(plan, input, input ? input->shown.name : feature->shown.name, map, index, err);
    if (feature) return add_feature(plan, feature, index, err);
    if (input) return add_input(plan, input, index, err);
    return jf_fail(err, JF_EUSAGE, "unknown proxy '%s'%s", name,
                   jf_catalogue_hint(plan->catalogue, name, hint, sizeof hint));
}

static bool is_under_way(const jf_plan *plan, const char *name)
{
    for (size_t i = 0; i < plan->n_under_way; i++)
        if (!strcmp(plan->under_way[i], name)) return true;
    return false;
}

jf_status jf_plan_add(jf_plan *plan, const char *name, size_t *slot, jf_error *err)
{
    jf_status status;
    const jf_input *input = jf_input_find(plan->catalogue, name);

    if (find_slot(plan, name, slot)) return JF_OK;
    if (is_under_way(plan, name)) /* tokens from steps from tokens: neither is there */
        return input ? fail_missing(input, err) : jf_fail(err, JF_EUSAGE, "'%s' needs itself", name);
    if (!jf_grow((void **)&plan->under_way, &plan->under_way_capacity, plan->n_under_way + 1,
                 sizeof *plan->under_way))
        return jf_fail(err, JF_ENOMEM, "out of memory for features");
    plan->under_way[plan->n_under_way++] = name;
    status = add_any(plan, name, slot, err);
    plan->n_under_way--;
    return status;
}

/* --- families ------------------------------------------------------------------------------------------ */

static jf_status push_family(jf_plan *plan, const char *column, size_t length, jf_error *err)
{
    char *name = jf_copy_bytes(column, length);
    const jf_column *found;
    jf_status status = JF_OK;

    JF_TRY_NEW(name, err, "families");
    JF_TRY(jf_table_get(plan->table, name, &found, err));
    plan->family[plan->n_family++] = name;
    name = NULL;
done:
    jf_free(name);
    return status;
}

/* "gpu,num_layers" of --map family=... */
static jf_status read_family(jf_plan *plan, const char *list, jf_error *err)
{
    jf_status status = JF_OK;
    size_t n = 1;

    for (const char *c = list; *c; c++) n += *c == ',';
    plan->family = JF_NEW_ZEROED(char *, n);
    JF_TRY_NEW(plan->family, err, "families");
    for (const char *c = list;; c++) {
        size_t length = strcspn(c, ",");
        JF_TRY(push_family(plan, c, length, err));
        c += length;
        if (!*c) break;
    }
done:
    return status;
}

jf_status jf_plan_find_family(jf_plan *plan, jf_error *err)
{
    jf_status status = JF_OK;
    const char *map = find_map(plan, "family");
    const jf_catalogue *catalogue = plan->catalogue;

    if (map) return read_family(plan, map, err);
    plan->family = JF_NEW_ZEROED(char *, catalogue->n_inputs);
    JF_TRY_NEW(plan->family, err, "families");
    for (size_t i = 0; i < catalogue->n_inputs; i++) {
        const jf_input *input = &catalogue->inputs[i];
        const char *mapped = find_map(plan, input->shown.name);
        const jf_column *column =
            mapped ? jf_table_find(plan->table, mapped) : jf_input_column(input, plan->table);

        if (input->shown.is_family && column)
            JF_TRY(push_family(plan, column->name, strlen(column->name), err));
    }
done:
    return status;
}
