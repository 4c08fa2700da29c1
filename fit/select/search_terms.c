/* Reads what a search is to go through, and writes the law of any subset of its terms. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "fit/select/search.h"

static const char option[] = "--search";

/* ---- reading ---- */

static bool is_key(const char *key, size_t length, const char *name)
{
    return strlen(name) == length && memcmp(key, name, length) == 0;
}

static char *trimmed(const char *text, size_t length)
{
    while (length && strchr(" \t", *text)) text++, length--;
    while (length && strchr(" \t", text[length - 1])) length--;
    return jf_copy_bytes(text, length);
}

static jf_status add_term(jf_search_space *space, jf_search_term *term, jf_error *err)
{
    if (space->n_terms == JF_SEARCH_MOST_TERMS)
        return jf_fail(err, JF_ELIMIT, "%s: more than %d terms, interactions counted", option,
                       JF_SEARCH_MOST_TERMS);
    if (!jf_grow((void **)&space->terms, &space->capacity, space->n_terms + 1, sizeof *space->terms))
        return jf_fail(err, JF_ENOMEM, "out of memory for a search");
    space->terms[space->n_terms++] = *term;
    *term = (jf_search_term){0};
    return JF_OK;
}

static void clear_term(jf_search_term *term)
{
    jf_free(term->text);
    jf_ast_free(term->tree);
    jf_ast_free(term->levels);
    *term = (jf_search_term){0};
}

typedef struct name_check {
    const jf_table *table;
    const char *unknown;
    bool levels;
} name_check;

static void check_name(void *context, const jf_ast *node, const char *name, bool is_level_column)
{
    name_check *check = context;

    check->levels |= node->kind == JF_AST_LEVELS;
    if (node->kind == JF_AST_LEVELS && !is_level_column) return;
    if (!jf_table_find(check->table, name) && !check->unknown) check->unknown = name;
}

/* The first level, in their order, that occurs in the rows. */
static const char *first_level(const jf_column *column, const size_t *rows, size_t n_rows)
{
    int32_t first = -1;

    for (size_t i = 0; i < n_rows; i++) {
        int32_t code = column->codes[rows ? rows[i] : i];
        if (code >= 0 && (first < 0 || code < first)) first = code;
    }
    return first < 0 ? NULL : column->levels[first];
}

/* Level terms are effects relative to a level, so that they stand beside an intercept. */
static jf_status refer(jf_ast *levels, const jf_table *table, const size_t *rows, size_t n_rows,
                       jf_error *err)
{
    jf_status status = JF_OK;
    jf_column coded = {0};

    for (size_t d = 0; d < levels->n_dimensions; d++) {
        jf_ast_dimension *dimension = &levels->dimensions[d];
        const jf_column *column = jf_table_find(table, dimension->column);
        const char *level;
        if (dimension->reference) continue;
        if (column->kind == JF_NUMERIC) {
            JF_TRY(jf_column_as_labels(column, table->n_rows, &coded, err));
            column = &coded;
        }
        level = first_level(column, rows, n_rows);
        if (!level) JF_TRY(jf_fail(err, JF_EDATA, "%s: column '%s' has no value", option, dimension->column));
        dimension->reference = jf_copy_text(level);
        JF_TRY_NEW(dimension->reference, err, "a search");
        jf_column_clear(&coded);
    }
done:
    jf_column_clear(&coded);
    return status;
}

static jf_status read_term(jf_search_space *space, const char *text, const jf_table *table,
                           const size_t *rows, size_t n_rows, jf_error *err)
{
    jf_search_term term = {.share = NAN};
    name_check check = {.table = table};
    const jf_column *column;
    jf_ast *tree = NULL;
    char what[256];
    jf_status status = JF_OK;

    snprintf(what, sizeof what, "%s: term '%s'", option, text);
    JF_TRY(jf_ast_read(what, text, &tree, err));
    jf_ast_names(tree, check_name, &check);
    if (check.unknown) {
        jf_error why = {0};
        jf_table_get(table, check.unknown, &column, &why);
        JF_TRY(jf_fail(err, JF_EUSAGE, "%s: term '%s': %s", option, text, why.message));
    }
    if (check.levels && tree->kind != JF_AST_LEVELS)
        JF_TRY(
            jf_fail(err, JF_EUSAGE,
                    "%s: term '%s': expected an expression of columns or a level parameter like r[strategy]; "
                    "products of terms come with interactions=2",
                    option, text));
    term.text = jf_copy_text(text);
    JF_TRY_NEW(term.text, err, "a search");
    for (size_t i = 0; i < space->n_terms; i++)
        if (strcmp(space->terms[i].text, text) == 0)
            JF_TRY(jf_fail(err, JF_EUSAGE, "%s: term '%s' is there twice", option, text));
    if (check.levels) {
        JF_TRY(refer(tree, table, rows, n_rows, err));
        term.levels = tree;
    } else
        term.tree = tree;
    tree = NULL;
    JF_TRY(add_term(space, &term, err));
done:
    jf_ast_free(tree);
    clear_term(&term);
    return status;
}

static jf_status read_terms(jf_search_space *space, const char *list, const jf_table *table,
                            const size_t *rows, size_t n_rows, jf_error *err)
{
    jf_status status = JF_OK;
    char *one = NULL;

    for (const char *text = list; *text;) {
        const char *end = jf_find_outside(text, ",");
        one = trimmed(text, (size_t)(end - text));
        JF_TRY_NEW(one, err, "a search");
        if (*one) JF_TRY(read_term(space, one, table, rows, n_rows, err));
        jf_free(one);
        one = NULL;
        text = *end ? end + 1 : end;
    }
    space->n_main = space->n_terms;
done:
    jf_free(one);
    return status;
}

static jf_status read_count(const char *key, const char *value, size_t low, size_t *out, jf_error *err)
{
    double number;

    if (!jf_number_read(value, strlen(value), &number) || number != (double)(size_t)number ||
        number < (double)low || number > JF_SEARCH_MOST_TERMS)
        return jf_fail(err, JF_EUSAGE, "%s: %s: expected an integer from %zu to %d, found '%s'", option, key,
                       low, JF_SEARCH_MOST_TERMS, value);
    *out = (size_t)number;
    return JF_OK;
}

static jf_status unknown_key(const char *key, size_t length, jf_error *err)
{
    static const char *const keys[] = {"terms", "interactions", "most", "response", "plan"};
    char hint[128], *copy = jf_copy_bytes(key, length);
    jf_status status =
        jf_fail(err, JF_EUSAGE,
                "%s: expected terms=, interactions=, most=, response= or plan=, "
                "found '%s'%s",
                option, copy ? copy : "", jf_did_you_mean(hint, sizeof hint, copy ? copy : "", keys, 5));

    jf_free(copy);
    return status;
}

/* One KEY=VALUE; the terms are kept for later, when all else is known. */
static jf_status read_setting(jf_search_space *space, const char *text, size_t length, char **terms,
                              jf_error *err)
{
    const char *equals = memchr(text, '=', length);
    size_t key_length = equals ? (size_t)(equals - text) : length;
    char *value = equals ? trimmed(equals + 1, length - key_length - 1) : jf_copy_text("");
    jf_status status = JF_OK;

    JF_TRY_NEW(value, err, "a search");
    while (key_length && text[key_length - 1] == ' ') key_length--;
    if (equals && is_key(text, key_length, "terms") && !*terms) {
        *terms = value;
        value = NULL;
    } else if (equals && is_key(text, key_length, "interactions")) {
        JF_TRY(read_count("interactions", value, 1, &space->order, err));
    } else if (equals && is_key(text, key_length, "most")) {
        JF_TRY(read_count("most", value, 1, &space->most, err));
    } else if (equals && is_key(text, key_length, "response") && !space->response) {
        space->response = value;
        value = NULL;
    } else if (equals && is_key(text, key_length, "plan") && !space->plan) {
        space->plan = value;
        value = NULL;
    } else
        status = unknown_key(text, key_length, err);
done:
    jf_free(value);
    return status;
}

/* ---- interactions ---- */

/* A level parameter over the dimensions of both (a copy of the other where one is NULL). */
static jf_ast *join_levels(const jf_ast *a, const jf_ast *b, bool *ok)
{
    jf_ast *joined = a || b ? jf_ast_copy(a ? a : b) : NULL;

    *ok = joined || (!a && !b);
    if (!joined || !a || !b) return joined;
    size_t n = a->n_dimensions + b->n_dimensions;
    jf_ast_dimension *all = jf_resize(joined->dimensions, n, sizeof *all);
    *ok = all != NULL;
    for (size_t d = 0; all && d < b->n_dimensions; d++) {
        all[a->n_dimensions + d] = (jf_ast_dimension){jf_copy_text(b->dimensions[d].column),
                                                      jf_copy_text(b->dimensions[d].reference)};
        *ok &= all[a->n_dimensions + d].column && all[a->n_dimensions + d].reference;
        joined->n_dimensions++;
    }
    if (all) joined->dimensions = all;
    return joined;
}

/* The product of two terms; `b` is a main term. */
static jf_status multiply(jf_search_space *space, size_t a, size_t b, jf_error *err)
{
    const jf_search_term *left = &space->terms[a], *right = &space->terms[b];
    jf_search_term term = {.share = NAN};
    jf_text name = {0};
    bool ok = true;
    jf_status status = JF_OK;

    jf_text_addf(&name, "%s:%s", left->text, right->text);
    term.text = jf_text_take(&name);
    term.levels = join_levels(left->levels, right->levels, &ok);
    JF_TRY_NEW(ok && term.text, err, "a search");
    if (left->tree && right->tree)
        term.tree = jf_ast_call2(JF_FN_MUL, jf_ast_copy(left->tree), jf_ast_copy(right->tree));
    else if (left->tree || right->tree)
        term.tree = jf_ast_copy(left->tree ? left->tree : right->tree);
    JF_TRY_NEW(term.tree || !(left->tree || right->tree), err, "a search");
    JF_TRY(add_term(space, &term, err));
done:
    clear_term(&term);
    return status;
}

/* Products of up to space->order main terms, each in its order; `main_of` is the set of main terms of each
 * term. */
static jf_status add_interactions(jf_search_space *space, jf_error *err)
{
    uint64_t main_of[JF_SEARCH_MOST_TERMS];
    size_t last[JF_SEARCH_MOST_TERMS], begin = 0;
    jf_status status = JF_OK;

    for (size_t i = 0; i < space->n_main; i++) main_of[i] = UINT64_C(1) << i, last[i] = i;
    for (size_t order = 2; order <= space->order; order++) {
        size_t end = space->n_terms;
        for (size_t a = begin; a < end; a++)
            for (size_t b = last[a] + 1; b < space->n_main; b++) {
                size_t made = space->n_terms;
                JF_TRY(multiply(space, a, b, err));
                main_of[made] = main_of[a] | main_of[b];
                last[made] = b;
            }
        begin = end;
    }
    for (size_t i = space->n_main; i < space->n_terms; i++)
        for (size_t j = 0; j < i; j++)
            if ((main_of[j] & ~main_of[i]) == 0) space->terms[i].parents |= UINT64_C(1) << j;
done:
    return status;
}

jf_status jf_search_read(const char *text, const char *by_default, const jf_table *table, const size_t *rows,
                         size_t n_rows, jf_search_space *out, jf_error *err)
{
    jf_status status = JF_OK;
    char *terms = NULL;

    *out = (jf_search_space){.order = 1, .most = JF_SEARCH_MOST_TERMS};
    for (const char *at = text; *at;) {
        const char *end = jf_find_outside(at, ";");
        while (*at == ' ') at++;
        if (end > at) JF_TRY(read_setting(out, at, (size_t)(end - at), &terms, err));
        at = *end ? end + 1 : end;
    }
    if (!terms)
        JF_TRY(jf_fail(err, JF_EUSAGE,
                       "%s: expected terms=..., as in 'terms=log(C),r[strategy]; interactions=2'", option));
    if (!out->response && !by_default)
        JF_TRY(jf_fail(err, JF_EUSAGE,
                       "%s: no column 'energy': say what to predict, as in 'response=log(COLUMN)'", option));
    if (!out->response) out->response = jf_copy_text(by_default);
    JF_TRY_NEW(out->response, err, "a search");
    JF_TRY(read_terms(out, terms, table, rows, n_rows, err));
    if (out->n_terms == 0) JF_TRY(jf_fail(err, JF_EUSAGE, "%s: terms= names no term", option));
    JF_TRY(add_interactions(out, err));
done:
    jf_free(terms);
    if (status != JF_OK) jf_search_space_clear(out);
    return status;
}

/* ---- laws ---- */

static bool is_taken(const jf_search_space *space, const jf_table *table, const char *name, size_t upto)
{
    if (jf_table_find(table, name)) return true;
    for (size_t i = 0; i < upto && i < space->n_main; i++)
        if (space->terms[i].levels && strcmp(space->terms[i].levels->text, name) == 0) return true;
    return false;
}

/* A coefficient's name: b0, b1, ...; a level term keeps its own while no other has it. */
static void parameter_name(const jf_search_space *space, const jf_table *table, size_t term, size_t number,
                           char *name, size_t size)
{
    const jf_ast *levels = term < space->n_terms ? space->terms[term].levels : NULL;

    if (levels && term < space->n_main && !is_taken(space, table, levels->text, term)) {
        snprintf(name, size, "%s", levels->text);
        return;
    }
    snprintf(name, size, "b%zu", number);
    for (size_t length = strlen(name); is_taken(space, table, name, space->n_main) && length + 1 < size;
         length++)
        snprintf(name + length, size - length, "_");
}

/* `*sum` + the term with its parameter called `name`. */
static jf_status append_term(const jf_search_term *term, const char *name, jf_ast **sum, jf_error *err)
{
    jf_ast *factor = term->levels ? jf_ast_copy(term->levels) : jf_ast_name(name);

    if (factor && term->levels) {
        jf_free(factor->text);
        factor->text = jf_copy_text(name);
        if (!factor->text) {
            jf_ast_free(factor);
            factor = NULL;
        }
    }
    if (term->tree) factor = jf_ast_call2(JF_FN_MUL, factor, jf_ast_copy(term->tree));
    *sum = jf_ast_call2(JF_FN_ADD, *sum, factor);
    return *sum ? JF_OK : jf_fail(err, JF_ENOMEM, "out of memory for a search");
}

jf_status jf_search_law(const jf_search_space *space, const jf_table *table, uint64_t terms, jf_law **out,
                        jf_error *err)
{
    jf_status status = JF_OK;
    jf_ast *sum = NULL;
    jf_text text = {0};
    char *formula = NULL, name[128];
    size_t number = 1;

    *out = NULL;
    parameter_name(space, table, space->n_terms, 0, name, sizeof name);
    sum = jf_ast_name(name);
    JF_TRY_NEW(sum, err, "a search");
    for (size_t i = 0; i < space->n_terms; i++) {
        if (!(terms >> i & 1)) continue;
        parameter_name(space, table, i, number++, name, sizeof name);
        JF_TRY(append_term(&space->terms[i], name, &sum, err));
    }
    formula = jf_ast_print(sum);
    JF_TRY_NEW(formula, err, "a search");
    jf_text_addf(&text, "search: %s ~ %s", space->response, formula);
    JF_TRY_NEW(!text.failed, err, "a search");
    JF_TRY(jf_law_read(text.data, out, err));
done:
    jf_ast_free(sum);
    jf_text_free(&text);
    jf_free(formula);
    return status;
}

static void free_problems(jf_search_space *space)
{
    for (size_t i = 0; space->problems && i < space->n_terms; i++) jf_problem_free(space->problems[i]);
    jf_free(space->problems);
    space->problems = NULL;
}

static jf_status bind_term(jf_search_space *space, size_t i, const jf_table *table, const size_t *rows,
                           size_t n_rows, const jf_fit_options *options, jf_error *err)
{
    jf_warnings unheard = {0}; /* rows that fall out are told by the comparison */
    jf_law *law = NULL;
    jf_problem *problem = NULL;
    jf_status status = JF_OK;

    JF_TRY(jf_search_law(space, table, UINT64_C(1) << i, &law, err));
    status = jf_problem_build(law, table, rows, n_rows, options, &unheard, &problem, err);
    if (status != JF_OK) jf_error_prefix(err, "%s: term '%s'", option, space->terms[i].text);
    if (status != JF_OK) goto done;
    space->problems[i] = problem;
    if (!jf_formula_is_linear(problem->formula) || jf_formula_n_learned(problem->formula) > 0)
        status =
            jf_fail(err, JF_EUSAGE, "%s: term '%s' is not linear in its parameters or learns from the rows",
                    option, space->terms[i].text);
done:
    jf_law_free(law);
    jf_warnings_free(&unheard);
    return status;
}

jf_status jf_search_bind(jf_search_space *space, const jf_table *table, const size_t *rows, size_t n_rows,
                         bool main_only, const jf_fit_options *options, jf_error *err)
{
    size_t n = main_only ? space->n_main : space->n_terms;
    jf_status status = JF_OK;

    free_problems(space);
    space->problems = JF_NEW_ZEROED(jf_problem *, space->n_terms + 1);
    JF_TRY_NEW(space->problems, err, "a search");
    for (size_t i = 0; i < n; i++) JF_TRY(bind_term(space, i, table, rows, n_rows, options, err));
done:
    return status;
}

void jf_search_space_clear(jf_search_space *space)
{
    free_problems(space);
    for (size_t i = 0; i < space->n_terms; i++) clear_term(&space->terms[i]);
    jf_free(space->terms);
    jf_free(space->response);
    jf_free(space->plan);
    *space = (jf_search_space){0};
}
