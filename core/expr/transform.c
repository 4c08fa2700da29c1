/* The left side of a law: its value and slope, and its inverse in symbols or by bracketing. */
#include "core/expr/transform.h"

#include <math.h>
#include <string.h>
#include "core/expr/bound.h"
#include "core/expr/invert.h"
#include "core/memory.h"

struct jf_transform {
    char *raw;
    bool is_log, is_identity;
    jf_formula *forward;  /* inputs: the value, and the slope by `raw` */
    jf_formula *backward; /* reads z in place of `raw`; NULL: bracketing */
};

void jf_transform_free(jf_transform *transform)
{
    if (!transform) return;
    jf_free(transform->raw);
    jf_formula_free(transform->forward);
    jf_formula_free(transform->backward);
    jf_free(transform);
}

const char *jf_transform_raw(const jf_transform *transform)
{
    return transform->raw;
}

bool jf_transform_is_log(const jf_transform *transform)
{
    return transform->is_log;
}

bool jf_transform_is_identity(const jf_transform *transform)
{
    return transform->is_identity;
}

typedef struct only_name {
    const char *first, *second;
} only_name;

static void see_name(void *context, const jf_ast *node, const char *name, bool is_level_column)
{
    only_name *seen = context;

    (void)node, (void)is_level_column;
    if (!seen->first)
        seen->first = name;
    else if (strcmp(seen->first, name) != 0 && !seen->second)
        seen->second = name;
}

/* The raw response: the one that is asked for, or the only name there is. */
static jf_status choose_raw(const jf_ast *response, const char *asked, const char **raw, jf_error *err)
{
    only_name seen = {0};

    jf_ast_names(response, see_name, &seen);
    if (!seen.first) return jf_fail(err, JF_EUSAGE, "law: the left side has no column in it");
    if (!asked && seen.second)
        return jf_fail(
            err, JF_EUSAGE,
            "law: the left side has several columns ('%s', '%s'): say which is the raw response with "
            "--response",
            seen.first, seen.second);
    *raw = asked ? asked : seen.first;
    if (jf_ast_count(response, *raw) == 0)
        return jf_fail(err, JF_EUSAGE, "law: the response '%s' does not stand on the left side", *raw);
    return JF_OK;
}

static jf_status check_monotone(const jf_ast *response, const char *raw, jf_error *err)
{
    const jf_ast *bad = jf_ast_not_monotone(response, raw);
    const char *name;

    if (!bad) return JF_OK;
    name = bad->kind == JF_AST_CALL ? jf_functions[bad->function].name : "in";
    return jf_fail(err, JF_EUSAGE,
                   "law: column %d: the left side must rise or fall steadily with '%s', '%s' does not",
                   bad->position, raw, name);
}

static bool is_raw(const jf_ast *ast, const char *raw)
{
    return ast->kind == JF_AST_NAME && strcmp(ast->text, raw) == 0;
}

static jf_status bind_backward(jf_transform *t, const jf_ast *response, const jf_columns *columns,
                               jf_error *err)
{
    jf_ast *inverse = NULL;
    bool no_memory = false;
    jf_status status = JF_OK;

    if (jf_ast_count(response, t->raw) == 1) inverse = jf_ast_invert(response, t->raw, &no_memory);
    if (no_memory) return jf_fail(err, JF_ENOMEM, "out of memory for the left side of a law");
    if (inverse) status = jf_formula_bind_data("law", inverse, columns, NULL, &t->backward, err);
    jf_ast_free(inverse);
    return status;
}

jf_status jf_transform_new(const jf_ast *response, const char *raw, const jf_columns *columns,
                           jf_transform **out, jf_error *err)
{
    jf_transform *t = JF_NEW(jf_transform);
    jf_status status = JF_OK;

    *out = NULL;
    JF_TRY_NEW(t, err, "the left side of a law");
    JF_TRY(choose_raw(response, raw, &raw, err));
    t->raw = jf_copy_text(raw);
    JF_TRY_NEW(t->raw, err, "the left side of a law");
    JF_TRY(jf_formula_bind_data("law", response, columns, t->raw, &t->forward, err));
    if (t->forward->gives_labels)
        JF_TRY(jf_fail(err, JF_EUSAGE, "law: the left side gives labels, not numbers"));
    if (t->forward->n_learned)
        JF_TRY(jf_fail(err, JF_EUSAGE, "law: center, scale, mean and median cannot stand on the left side"));
    JF_TRY(check_monotone(response, t->raw, err));
    JF_TRY(bind_backward(t, response, columns, err));
    t->is_identity = is_raw(response, t->raw);
    t->is_log =
        response->kind == JF_AST_CALL && response->function == JF_FN_LOG && is_raw(response->args[0], t->raw);
    *out = t;
    t = NULL;
done:
    jf_transform_free(t);
    return status;
}

static jf_rows rows_of(const jf_columns *columns, const size_t *rows, size_t n_rows)
{
    return (jf_rows){rows, rows ? n_rows : columns->n_rows};
}

jf_status jf_transform_forward(const jf_transform *transform, const jf_columns *columns, const size_t *rows,
                               size_t n_rows, double *z, double *log_slope, jf_error *err)
{
    jf_rows wanted = rows_of(columns, rows, n_rows);
    jf_status status =
        jf_formula_write(transform->forward, columns, wanted, NULL, NULL, (double *[2]){z, log_slope}, err);

    for (size_t i = 0; status == JF_OK && log_slope && i < wanted.n; i++)
        log_slope[i] = log(fabs(log_slope[i]));
    return status;
}

/* g(y) for each row, y in place of the raw response. */
static jf_status apply(const jf_transform *t, const jf_formula *formula, const jf_columns *columns,
                       jf_rows rows, const double *y, double *z, jf_error *err)
{
    return jf_formula_write(formula, columns, rows, t->raw, y, (double *[2]){z, NULL}, err);
}

enum { HALVINGS = 80 }; /* of log|y| over 600 decades: down to the last bit */

typedef struct bracket {
    double *low, *high, *middle, *at_low, *at_high, *at_middle;
} bracket;

/* Halves log|y| in all rows at once; high takes the middle where `goes_down` says so. */
static jf_status halve(const jf_transform *t, const jf_columns *columns, jf_rows rows, const double *z,
                       double sign, bool (*goes_down)(const bracket *b, size_t i, double z), bracket *b,
                       jf_error *err)
{
    jf_status status = JF_OK;

    for (int k = 0; k < HALVINGS; k++) {
        for (size_t i = 0; i < rows.n; i++)
            b->middle[i] = sign * sqrt(fabs(b->low[i])) * sqrt(fabs(b->high[i]));
        JF_TRY(apply(t, t->forward, columns, rows, b->middle, b->at_middle, err));
        for (size_t i = 0; i < rows.n; i++) {
            if (goes_down(b, i, z[i]))
                b->high[i] = b->middle[i];
            else
                b->low[i] = b->middle[i];
        }
    }
done:
    return status;
}

/* The edge of what g is defined for, in rows where it is not at the far end. */
static bool outside_domain(const bracket *b, size_t i, double z)
{
    (void)z;
    return isnan(b->at_high[i]) && isnan(b->at_middle[i]);
}

static bool past_solution(const bracket *b, size_t i, double z)
{
    return (b->at_high[i] > b->at_low[i]) != (b->at_middle[i] < z);
}

/* Solves rows whose solution lies on one side of zero. */
static jf_status solve_side(const jf_transform *t, const jf_columns *columns, jf_rows rows, const double *z,
                            double sign, bracket *b, double *y, jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t i = 0; i < rows.n; i++) {
        b->low[i] = sign * 1e-300;
        b->high[i] = sign * 1e300;
    }
    JF_TRY(apply(t, t->forward, columns, rows, b->high, b->at_high, err));
    JF_TRY(halve(t, columns, rows, z, sign, outside_domain, b, err));
    for (size_t i = 0; i < rows.n; i++) {
        b->high[i] = b->low[i]; /* the last place that is inside */
        b->low[i] = sign * 1e-300;
    }
    JF_TRY(apply(t, t->forward, columns, rows, b->low, b->at_low, err));
    JF_TRY(apply(t, t->forward, columns, rows, b->high, b->at_high, err));
    JF_TRY(halve(t, columns, rows, z, sign, past_solution, b, err));
    for (size_t i = 0; i < rows.n; i++) {
        double least = fmin(b->at_low[i], b->at_high[i]), most = fmax(b->at_low[i], b->at_high[i]);
        if (isnan(y[i]) && z[i] > least && z[i] < most && !isnan(b->at_middle[i])) y[i] = b->middle[i];
    }
done:
    return status;
}

static jf_status solve(const jf_transform *t, const jf_columns *columns, jf_rows rows, const double *z,
                       double *y, jf_error *err)
{
    size_t n = rows.n;
    double *memory = JF_NEW_ARRAY(double, 6 * n);
    bracket b = {memory, memory + n, memory + 2 * n, memory + 3 * n, memory + 4 * n, memory + 5 * n};
    jf_status status = JF_OK;

    JF_TRY_NEW(memory, err, "the inverse of a law's left side");
    for (size_t i = 0; i < n; i++) y[i] = NAN;
    JF_TRY(solve_side(t, columns, rows, z, 1, &b, y, err));
    JF_TRY(solve_side(t, columns, rows, z, -1, &b, y, err));
done:
    jf_free(memory);
    return status;
}

jf_status jf_transform_inverse(const jf_transform *transform, const jf_columns *columns, const size_t *rows,
                               size_t n_rows, const double *z, double *y, jf_error *err)
{
    jf_rows wanted = rows_of(columns, rows, n_rows);

    if (transform->backward) return apply(transform, transform->backward, columns, wanted, z, y, err);
    return solve(transform, columns, wanted, z, y, err);
}
