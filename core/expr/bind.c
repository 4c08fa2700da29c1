/* Binding a formula to columns: its slots and parameters, its derivatives, and the programs that compute
 * them. */
#include "core/expr/bound.h"

#include <string.h>
#include "core/memory.h"
#include "core/text.h"

enum {
    MAX_SLOTS = 4000,    /* parameters, a level parameter counting once */
    MAX_PAIR_SLOTS = 128 /* more than this get no second derivatives */
};

void jf_formula_free(jf_formula *formula)
{
    if (!formula) return;
    for (size_t i = 0; i < formula->n_sources; i++) {
        jf_free(formula->sources[i].column);
        jf_free(formula->sources[i].prefix);
    }
    for (size_t i = 0; formula->parameters && i < formula->n_parameters; i++) {
        jf_free(formula->parameters[i].name);
        jf_free(formula->parameters[i].base);
        jf_free(formula->parameters[i].level);
    }
    for (size_t i = 0; i < formula->n_levels; i++) jf_levels_clear(&formula->levels[i]);
    for (size_t i = 0; i < formula->n_learned; i++) jf_program_free(&formula->learned[i].program);
    for (int i = 0; i < 3; i++) jf_program_free(&formula->programs[i]);
    jf_program_free(&formula->data);
    jf_names_free(&formula->columns);
    jf_names_free(&formula->texts);
    jf_names_free(&formula->slot_names);
    jf_free(formula->sources);
    jf_free(formula->parameters);
    jf_free(formula->slots);
    jf_free(formula->levels);
    jf_free(formula->learned);
    jf_free(formula->gradient);
    jf_free(formula->pairs);
    jf_free(formula->pair_used);
    jf_free(formula->inputs.of_node);
    jf_free(formula->inputs.nodes);
    jf_dag_free(&formula->dag);
    jf_free(formula);
}

/* ---- names ---- */

static jf_status no_memory(const jf_binding *b)
{
    return jf_fail(b->err, JF_ENOMEM, "%s: out of memory for the formula", b->what);
}

const char *jf_binding_suggest(const jf_binding *binding, const char *name, char *buffer, size_t size)
{
    size_t n = binding->columns->n_columns;
    const char **names = JF_NEW_ARRAY(const char *, n);

    buffer[0] = '\0';
    if (!names) return buffer; /* a message without a suggestion is still a message */
    for (size_t i = 0; i < n; i++) names[i] = binding->columns->at(binding->columns->table, i)->name;
    jf_did_you_mean(buffer, size, name, names, n);
    jf_free(names);
    return buffer;
}

static bool is_declared(const jf_binding *b, const char *name)
{
    for (size_t i = 0; b->options && i < b->options->n_declared; i++)
        if (strcmp(b->options->declared[i], name) == 0) return true;
    return false;
}

/* A parameter of four letters or more that is one edit or only case away from a column is a typo. */
static jf_status check_typo(jf_binding *b, const jf_ast *ast)
{
    const char *name = ast->text;

    if (strlen(name) < 4 || is_declared(b, name) || (b->options && b->options->allow_typos)) return JF_OK;
    for (size_t i = 0; i < b->columns->n_columns; i++) {
        const char *column = b->columns->at(b->columns->table, i)->name;
        if (strcmp(name, column) == 0) continue; /* a level parameter beside a column of its name */
        if (jf_edit_distance(name, column, false) > 1 && jf_edit_distance(name, column, true) > 0) continue;
        return jf_binding_fail(
            b, JF_EUSAGE, ast,
            "'%s' is no column, and too near to '%s' to be taken for a parameter (did you mean "
            "'%s'? if not, declare it: --param %s)",
            name, column, column, name);
    }
    return JF_OK;
}

static jf_status check_new_parameter(jf_binding *b, const jf_ast *ast)
{
    char hint[128];

    if (b->data_only && ast->kind == JF_AST_LEVELS)
        return jf_binding_fail(b, JF_EUSAGE, ast, "level parameters (%s[...]) stand only in laws", ast->text);
    if (b->data_only)
        return jf_binding_fail(b, JF_EUSAGE, ast, "no column '%s'%s", ast->text,
                               jf_binding_suggest(b, ast->text, hint, sizeof hint));
    return check_typo(b, ast);
}

/* ---- slots ---- */

static bool same_dimensions(const jf_level_input *levels, const jf_ast *ast)
{
    if (levels->n_dimensions != ast->n_dimensions) return false;
    for (size_t d = 0; d < ast->n_dimensions; d++) {
        const jf_dimension *a = &levels->dimensions[d];
        const jf_ast_dimension *t = &ast->dimensions[d];
        if (strcmp(a->column, t->column) != 0 || !a->reference != !t->reference) return false;
        if (a->reference && strcmp(a->reference, t->reference) != 0) return false;
    }
    return true;
}

static jf_status check_same_use(jf_binding *b, const jf_ast *ast, const jf_slot *slot)
{
    if (slot->is_levels != (ast->kind == JF_AST_LEVELS))
        return jf_binding_fail(b, JF_EUSAGE, ast, "parameter '%s' stands with and without brackets",
                               ast->text);
    if (!slot->is_levels) return JF_OK;
    if (!same_dimensions(&b->formula->levels[slot->input], ast))
        return jf_binding_fail(b, JF_EUSAGE, ast, "parameter '%s' stands with two different brackets",
                               ast->text);
    if (b->warnings)
        jf_warn(b->warnings, "W_LEVELS_TWICE",
                "%s[...] stands more than once in the law and is the same parameter each time; if two were "
                "meant, "
                "give them two names",
                ast->text);
    return JF_OK;
}

static jf_status add_levels(jf_binding *b, const jf_ast *ast, jf_slot *slot)
{
    jf_formula *f = b->formula;
    jf_level_input made;
    jf_status status;

    for (size_t d = 0; d < ast->n_dimensions; d++)
        if (jf_names_add(&f->columns, ast->dimensions[d].column) < 0) return no_memory(b);
    if (!jf_grow((void **)&f->levels, &f->levels_capacity, f->n_levels + 1, sizeof made)) return no_memory(b);
    status = jf_levels_bind(b, ast, &made);
    if (status != JF_OK) return status;
    slot->is_levels = true;
    slot->input = f->n_levels;
    slot->n = made.n_parameters;
    f->levels[f->n_levels++] = made;
    return JF_OK;
}

jf_status jf_binding_slot(jf_binding *binding, const jf_ast *ast, size_t *slot)
{
    jf_formula *f = binding->formula;
    long known = jf_names_find(&f->slot_names, ast->text);
    jf_slot made = {.n = 1};
    jf_status status = JF_OK;

    *slot = (size_t)known;
    if (known >= 0) return check_same_use(binding, ast, &f->slots[known]);
    if (f->n_slots == MAX_SLOTS)
        return jf_binding_fail(binding, JF_ELIMIT, ast, "the law has more than %d parameters", MAX_SLOTS);
    JF_TRY(check_new_parameter(binding, ast));
    if (ast->kind == JF_AST_LEVELS) JF_TRY(add_levels(binding, ast, &made));
    if (f->n_slots) made.first = f->slots[f->n_slots - 1].first + f->slots[f->n_slots - 1].n;
    if (!jf_grow((void **)&f->slots, &f->slots_capacity, f->n_slots + 1, sizeof made))
        return no_memory(binding);
    if (jf_names_add(&f->slot_names, ast->text) < 0) return no_memory(binding);
    *slot = f->n_slots;
    f->slots[f->n_slots++] = made;
done:
    return status;
}

static jf_status name_parameters(jf_binding *b)
{
    jf_formula *f = b->formula;
    jf_status status = JF_OK;

    if (f->n_slots) f->n_parameters = f->slots[f->n_slots - 1].first + f->slots[f->n_slots - 1].n;
    f->parameters = JF_NEW_ZEROED(jf_parameter, f->n_parameters);
    JF_TRY_NEW(f->parameters, b->err, "parameters");
    for (size_t s = 0; s < f->n_slots; s++) {
        jf_parameter *first = &f->parameters[f->slots[s].first];
        const char *base = f->slot_names.items[s];
        if (f->slots[s].is_levels) {
            JF_TRY(jf_levels_name(&f->levels[f->slots[s].input], base, s, first, b->err));
            continue;
        }
        *first = (jf_parameter){.name = jf_copy_text(base), .base = jf_copy_text(base), .slot = s};
        if (!first->name || !first->base) JF_TRY(no_memory(b));
    }
done:
    return status;
}

/* ---- derivatives ---- */

/* pair_used: the derivative by one slot depends on the other, if only by a condition: a hinge is not linear
 * in its knot although its second derivative is zero almost everywhere. */
static bool survey_pairs(jf_formula *f)
{
    bool *needed = JF_NEW_ARRAY(bool, f->dag.n);

    if (!needed) return false;
    for (size_t a = 0; a < f->n_slots; a++) {
        jf_dag_mark(&f->dag, &f->gradient[a], 1, needed);
        for (size_t i = 0; i < f->dag.n; i++) {
            const jf_node *node = &f->dag.nodes[i];
            if (!needed[i] || (node->op != JF_OP_PARAMETER && node->op != JF_OP_LEVELS)) continue;
            if ((size_t)node->index <= a) f->pair_used[jf_pair(a, (size_t)node->index)] = true;
        }
    }
    for (size_t a = 0; a < f->n_slots; a++) f->slots[a].linear = !f->pair_used[jf_pair(a, a)];
    jf_free(needed);
    return true;
}

/* The leaf of a slot, which is in the graph already. */
static jf_ref leaf_of(jf_formula *f, size_t slot)
{
    return jf_dag_leaf(&f->dag, f->slots[slot].is_levels ? JF_OP_LEVELS : JF_OP_PARAMETER, (int)slot);
}

static bool build_pairs(jf_formula *f)
{
    size_t n = f->n_slots;
    jf_ref *by = JF_NEW_ARRAY(jf_ref, n);
    bool done = by != NULL;

    f->pairs = JF_NEW_ARRAY(jf_ref, n * (n + 1) / 2);
    for (size_t b = 0; done && f->pairs && b < n; b++) {
        done = jf_dag_tangents(&f->dag, f->gradient + b, n - b, leaf_of(f, b), by);
        for (size_t a = b; done && a < n; a++)
            f->pairs[jf_pair(a, b)] = by[a - b] == JF_ZERO ? JF_NONE : by[a - b];
    }
    jf_free(by);
    return done && f->pairs;
}

static jf_status derive(jf_binding *b)
{
    jf_formula *f = b->formula;
    size_t n = f->n_slots;

    f->gradient = JF_NEW_ZEROED(jf_ref, n + 1);
    f->pair_used = JF_NEW_ZEROED(bool, n *(n + 1) / 2);
    if (!f->gradient || !f->pair_used) return no_memory(b);
    if (n && !jf_dag_gradient(&f->dag, f->root, n, f->gradient)) return no_memory(b);
    if (!survey_pairs(f)) return no_memory(b);
    if (n > MAX_PAIR_SLOTS) return JF_OK;
    return build_pairs(f) ? JF_OK : no_memory(b);
}

/* ---- programs ---- */

/* Value; value and gradient; value, gradient and pairs. */
static bool schedule_rows(jf_formula *f)
{
    size_t n = f->n_slots, n_pairs = f->pairs ? n * (n + 1) / 2 : 0;
    jf_ref *roots = JF_NEW_ARRAY(jf_ref, 1 + n + n_pairs);
    bool done = roots != NULL;

    if (!done) return false;
    roots[0] = f->root;
    for (size_t s = 0; s < n; s++) roots[1 + s] = f->gradient[s];
    for (size_t p = 0; p < n_pairs; p++) roots[1 + n + p] = f->pairs[p];
    done = jf_program_of_formula(&f->dag, roots, 1, &f->inputs, &f->programs[JF_VALUE]) &&
           jf_program_of_formula(&f->dag, roots, 1 + n, &f->inputs, &f->programs[JF_GRADIENT]);
    if (done && f->pairs)
        done = jf_program_of_formula(&f->dag, roots, 1 + n + n_pairs, &f->inputs, &f->programs[JF_HESSIAN]);
    jf_free(roots);
    return done;
}

static bool schedule_data(jf_formula *f, jf_ref bad)
{
    size_t n = f->inputs.n;
    jf_ref *roots = JF_NEW_ARRAY(jf_ref, n + 1);
    bool done = roots != NULL;

    if (!done) return false;
    if (n) memcpy(roots, f->inputs.nodes, n * sizeof *roots);
    roots[n] = bad;
    done = jf_program_of_data(&f->dag, roots, n + 1, f->n_sources, &f->data);
    for (size_t i = 0; done && i < f->n_learned; i++)
        done = jf_program_of_data(&f->dag, &f->learned[i].argument, 1, f->n_sources, &f->learned[i].program);
    jf_free(roots);
    return done;
}

/* False when memory ran out. */
static bool find_bad_rows(jf_formula *f, jf_ref *bad)
{
    int *level_input = JF_NEW_ZEROED(int, f->n_slots);

    if (!level_input) return false;
    for (size_t s = 0; s < f->n_slots; s++)
        if (f->slots[s].is_levels) level_input[s] = (int)f->slots[s].input;
    *bad = jf_dag_bad_rows(&f->dag, f->root, level_input);
    jf_free(level_input);
    return true;
}

static jf_status schedule(jf_binding *b)
{
    jf_formula *f = b->formula;
    jf_ref bad = JF_ZERO;

    if (!find_bad_rows(f, &bad)) return no_memory(b);
    if (f->dag.failed)
        return f->dag.n >= JF_DAG_MAX ? jf_fail(b->err, JF_ELIMIT, "%s: the formula is too large", b->what)
                                      : no_memory(b);
    f->inputs.of_node = JF_NEW_ARRAY(int, f->dag.n);
    if (!f->inputs.of_node) return no_memory(b);
    for (size_t i = 0; i < f->dag.n; i++) f->inputs.of_node[i] = -1;
    return schedule_rows(f) && schedule_data(f, bad) ? JF_OK : no_memory(b);
}

jf_status jf_formula_bind(const char *what, const jf_ast *ast, const jf_columns *columns, const size_t *rows,
                          size_t n_rows, const jf_bind_options *options, jf_warnings *warnings,
                          jf_formula **out, jf_error *err)
{
    jf_formula *f = JF_NEW(jf_formula);
    jf_binding b = {.what = what,
                    .columns = columns,
                    .rows = {rows, rows ? n_rows : columns->n_rows},
                    .options = options,
                    .warnings = warnings,
                    .formula = f,
                    .err = err};
    jf_status status = JF_OK;

    *out = NULL;
    JF_TRY_NEW(f, err, "a formula");
    JF_TRY(jf_lower(&b, ast));
    JF_TRY(name_parameters(&b));
    JF_TRY(derive(&b));
    JF_TRY(schedule(&b));
    *out = f;
    f = NULL;
done:
    jf_formula_free(f);
    return status;
}

/* The leaf that reads a column as numbers, or JF_NONE. */
static jf_ref source_leaf(jf_formula *f, const char *column)
{
    for (size_t i = 0; i < f->n_sources; i++)
        if (f->sources[i].kind == JF_SOURCE_NUMBERS && strcmp(f->sources[i].column, column) == 0)
            return jf_dag_leaf(&f->dag, JF_OP_SOURCE, (int)i);
    return JF_NONE;
}

jf_status jf_formula_bind_data(const char *what, const jf_ast *ast, const jf_columns *columns,
                               const char *slope_of, jf_formula **out, jf_error *err)
{
    jf_formula *f = JF_NEW(jf_formula);
    jf_binding b = {.what = what,
                    .columns = columns,
                    .rows = {NULL, columns->n_rows},
                    .data_only = true,
                    .formula = f,
                    .err = err};
    jf_ref leaf, roots[2];
    jf_status status = JF_OK;

    *out = NULL;
    JF_TRY_NEW(f, err, "an expression");
    f->gradient = JF_NEW_ZEROED(jf_ref, 1);
    f->pair_used = JF_NEW_ZEROED(bool, 1);
    if (!f->gradient || !f->pair_used) JF_TRY(no_memory(&b));
    JF_TRY(jf_lower(&b, ast));
    leaf = slope_of ? source_leaf(f, slope_of) : JF_NONE;
    if (leaf >= 0 && !jf_dag_tangents(&f->dag, &f->root, 1, leaf, f->gradient)) JF_TRY(no_memory(&b));
    /* the value, and the slope, are inputs, also where they are constants */
    roots[0] = f->root;
    roots[1] = f->gradient[0];
    f->inputs.nodes = JF_NEW_ARRAY(jf_ref, 2);
    f->inputs.of_node = JF_NEW_ARRAY(int, 1);
    if (!f->inputs.nodes || !f->inputs.of_node) JF_TRY(no_memory(&b));
    memcpy(f->inputs.nodes, roots, sizeof roots);
    f->inputs.n = slope_of ? 2 : 1;
    if (!schedule_data(f, JF_ZERO)) JF_TRY(no_memory(&b));
    *out = f;
    f = NULL;
done:
    jf_formula_free(f);
    return status;
}

/* ---- questions ---- */

size_t jf_formula_n_parameters(const jf_formula *formula)
{
    return formula->n_parameters;
}

const jf_parameter *jf_formula_parameter(const jf_formula *formula, size_t index)
{
    return &formula->parameters[index];
}

size_t jf_formula_n_slots(const jf_formula *formula)
{
    return formula->n_slots;
}

const jf_slot *jf_formula_slot(const jf_formula *formula, size_t slot)
{
    return &formula->slots[slot];
}

long jf_formula_find(const jf_formula *formula, const char *name)
{
    for (size_t i = 0; i < formula->n_parameters; i++)
        if (strcmp(formula->parameters[i].name, name) == 0) return (long)i;
    return -1;
}

bool jf_formula_pair_is_zero(const jf_formula *formula, size_t slot_a, size_t slot_b)
{
    return !formula->pair_used[jf_pair(slot_a, slot_b)];
}

bool jf_formula_is_linear(const jf_formula *formula)
{
    for (size_t p = 0; p < formula->n_slots * (formula->n_slots + 1) / 2; p++)
        if (formula->pair_used[p]) return false;
    return true;
}

size_t jf_formula_n_columns(const jf_formula *formula)
{
    return formula->columns.n;
}

const char *jf_formula_column(const jf_formula *formula, size_t index)
{
    return formula->columns.items[index];
}

long jf_formula_unused(const jf_formula *formula)
{
    for (size_t s = 0; s < formula->n_slots; s++)
        if (formula->gradient[s] == JF_ZERO && formula->slots[s].n) return (long)formula->slots[s].first;
    return -1;
}

size_t jf_formula_n_learned(const jf_formula *formula)
{
    return formula->n_learned;
}
