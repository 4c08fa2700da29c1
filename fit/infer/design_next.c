/* Judges candidate runs by what they would add to a fit's information matrix, and picks several in turn. */
#include "fit/infer/design_next.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "fit/infer/design_parts.h"

typedef struct search {
    const jf_fit *fit;
    const jf_goal *goal;
    size_t *active, p; /* parameters that are neither fixed nor at a bound */
    double *scale;     /* p: lengths of their columns */
    double *gradients; /* goal->n x p, scaled; NULL: everything */
    jf_knowledge known;
    jf_design_slopes slopes; /* of the candidates */
    double *rows;            /* n x p, row-major: candidates, scaled, each over its standard deviation */
    double *cost;            /* n */
    double *scratch;         /* 2 p */
    double first;            /* variance before anything is added */
} search;

static void search_clear(search *s)
{
    jf_free(s->active);
    jf_free(s->scale);
    jf_free(s->gradients);
    jf_free(s->rows);
    jf_free(s->cost);
    jf_free(s->scratch);
    jf_knowledge_clear(&s->known);
    jf_design_slopes_clear(&s->slopes);
}

void jf_next_clear(jf_next *next)
{
    jf_free(next->candidates);
    jf_free(next->chosen);
    *next = (jf_next){0};
}

static jf_status choose_active(search *s, jf_error *err)
{
    const jf_fit *fit = s->fit;

    s->active = JF_NEW_ARRAY(size_t, fit->n_theta);
    if (!s->active) return jf_fail(err, JF_ENOMEM, "out of memory for parameters");
    for (size_t j = 0; j < fit->n_theta; j++)
        if (fit->estimates[j].state != JF_STATE_FIXED && fit->estimates[j].state != JF_STATE_AT_BOUND)
            s->active[s->p++] = j;
    return s->p ? JF_OK : jf_fail(err, JF_EDATA, "no parameter of the law is free");
}

/* Standard deviation of one run whose prediction is `value`, of weight `weight`. */
static double deviation(const jf_fit *fit, double value, double weight)
{
    const jf_problem *problem = fit->problem;
    double sigma = problem->weight && problem->weights_kind == JF_WEIGHTS_ABSOLUTE ? 1 : fit->sigma;

    if (problem->error == JF_ERROR_RELATIVE && isnan(weight)) return sigma * fabs(value);
    return sigma / sqrt(isnan(weight) ? 1 : weight);
}

/* The fit's own runs: their Jacobian over their standard deviations, columns to length one. */
static jf_status learn_runs(search *s, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_fit *fit = s->fit;
    const jf_problem *problem = fit->problem;
    size_t n = problem->n, p = s->p;
    double *jacobian = JF_NEW_ARRAY(double, n * problem->k), *values = JF_NEW_ARRAY(double, n);
    jf_arena *arena = NULL;

    s->scale = JF_NEW_ARRAY(double, p);
    JF_TRY_NEW(jacobian && values && s->scale, err, "the Jacobian");
    JF_TRY(jf_arena_new(problem->formula, JF_GRADIENT, &arena, err));
    jf_formula_jacobian(problem->formula, problem->inputs, arena, fit->theta, values, jacobian, n);
    for (size_t a = 0; a < p; a++) {
        double *column = jacobian + a * n, square = 0;
        memmove(column, jacobian + s->active[a] * n, n * sizeof *column);
        for (size_t i = 0; i < n; i++) {
            column[i] /= deviation(fit, values[i], problem->weight ? problem->weight[i] : 1);
            square += column[i] * column[i];
        }
        if (!isfinite(square)) {
            status = jf_fail(err, JF_EFIT, "the derivatives at the solution are not finite");
            goto done;
        }
        s->scale[a] = square > 0 ? sqrt(square) : 1;
        for (size_t i = 0; i < n; i++) column[i] /= s->scale[a];
    }
    JF_TRY(jf_knowledge_new(jacobian, n, p, &s->known, err));
done:
    jf_arena_free(arena);
    jf_free(jacobian);
    jf_free(values);
    return status;
}

static jf_status scale_goal(search *s, jf_error *err)
{
    if (!s->goal->gradients) return JF_OK;
    s->gradients = JF_NEW_ARRAY(double, s->goal->n * s->p);
    if (!s->gradients) return jf_fail(err, JF_ENOMEM, "out of memory for a goal");
    for (size_t i = 0; i < s->goal->n; i++)
        for (size_t a = 0; a < s->p; a++)
            s->gradients[i * s->p + a] = s->goal->gradients[i * s->goal->k + s->active[a]] / s->scale[a];
    return JF_OK;
}

static jf_status read_costs(search *s, const jf_table *table, const size_t *rows, const char *name,
                            jf_error *err)
{
    jf_status status = JF_OK;
    const jf_column *column = NULL;
    char place[512];

    s->cost = JF_NEW_ARRAY(double, s->slopes.n);
    JF_TRY_NEW(s->cost, err, "costs");
    if (name) JF_TRY(jf_table_get(table, name, &column, err));
    if (column && column->kind != JF_NUMERIC)
        return jf_fail(err, JF_EUSAGE, "--cost: column '%s' holds labels, not numbers", name);
    for (size_t i = 0; i < s->slopes.n; i++) {
        size_t row = rows ? rows[i] : i;
        s->cost[i] = column ? column->values[row] : 1;
        if (!s->slopes.usable[i] || (s->cost[i] > 0 && isfinite(s->cost[i]))) continue;
        status = jf_fail(err, JF_EDATA, "%s: --cost %s: expected a number above zero",
                         jf_row_place(table, row, place, sizeof place), name);
        goto done;
    }
done:
    return status;
}

static jf_status read_candidates(search *s, const jf_table *table, const size_t *rows, size_t n,
                                 const char *cost, jf_error *err)
{
    jf_status status = JF_OK;
    size_t usable = 0;

    JF_TRY(jf_design_rows(s->fit, table, rows, n, &s->slopes, err));
    s->rows = JF_NEW_ARRAY(double, n * s->p);
    JF_TRY_NEW(s->rows, err, "candidates");
    for (size_t i = 0; i < n; i++) {
        double spread =
            deviation(s->fit, s->slopes.value[i], s->fit->problem->error == JF_ERROR_RELATIVE ? NAN : 1);
        s->slopes.usable[i] = s->slopes.usable[i] && spread > 0;
        usable += s->slopes.usable[i];
        for (size_t a = 0; a < s->p; a++)
            s->rows[i * s->p + a] = s->slopes.jacobian[s->active[a] * n + i] / s->scale[a] / spread;
    }
    if (!usable)
        JF_TRY(
            jf_fail(err, JF_EDATA,
                    "none of %zu candidates can be judged: a value that the law reads is missing, or a level "
                    "that it never saw",
                    n));
    JF_TRY(read_costs(s, table, rows, cost, err));
done:
    return status;
}

static double gain_of(double before, double after)
{
    if (isinf(before)) return isinf(after) ? 0 : INFINITY;
    return after > 0 ? log(before / after) / 2 : INFINITY;
}

/* What each candidate does to the variance `before`. */
static jf_status judge(search *s, double before, jf_next_run *runs, size_t *n_runs, jf_error *err)
{
    jf_status status = JF_OK;
    double unit = s->gradients ? 1 : s->first;

    *n_runs = 0;
    for (size_t i = 0; i < s->slopes.n; i++) {
        double after;
        if (!s->slopes.usable[i]) continue;
        JF_TRY(jf_knowledge_variance(&s->known, s->gradients, s->goal->n, s->rows + i * s->p, s->scratch,
                                     &after, err));
        runs[(*n_runs)++] =
            (jf_next_run){.row = i, /* turned into a row of the table at the end */
                          .cost = s->cost[i],
                          .error = isinf(after) ? INFINITY : sqrt(after / (isinf(unit) ? 1 : unit)),
                          .gain = gain_of(before, after)};
    }
done:
    return status;
}

/* Larger gain for its cost first; then the cheaper, then the earlier one. */
static int by_gain(const void *a, const void *b)
{
    const jf_next_run *x = a, *y = b;
    double gain_x = x->gain / x->cost, gain_y = y->gain / y->cost;

    if (gain_x != gain_y) return gain_x < gain_y ? 1 : -1;
    if (x->cost != y->cost) return x->cost > y->cost ? 1 : -1;
    if (x->error != y->error) return x->error > y->error ? 1 : -1;
    return (x->row > y->row) - (x->row < y->row);
}

/* One run after another, each the best after those before it. */
static jf_status choose(search *s, size_t n_next, jf_next *out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_next_run *runs = JF_NEW_ARRAY(jf_next_run, s->slopes.n);
    double before = s->first;
    size_t n = 0;

    out->chosen = JF_NEW_ARRAY(jf_next_run, n_next);
    JF_TRY_NEW(runs && out->chosen, err, "candidates");
    for (; out->n_chosen < n_next; out->n_chosen++) {
        size_t best = 0;
        JF_TRY(judge(s, before, runs, &n, err));
        for (size_t i = 1; i < n; i++)
            if (by_gain(&runs[i], &runs[best]) < 0) best = i;
        out->chosen[out->n_chosen] = runs[best];
        JF_TRY(jf_knowledge_add(&s->known, s->rows + runs[best].row * s->p, s->scratch, err));
        JF_TRY(jf_knowledge_variance(&s->known, s->gradients, s->goal->n, NULL, s->scratch, &before, err));
    }
done:
    jf_free(runs);
    return status;
}

static jf_status fill(search *s, const size_t *rows, const jf_next_options *options, jf_next *out,
                      jf_error *err)
{
    jf_status status = JF_OK;
    size_t n_next = options && options->n_next ? options->n_next : 1;

    s->scratch = JF_NEW_ARRAY(double, 2 * s->p);
    out->candidates = JF_NEW_ARRAY(jf_next_run, s->slopes.n);
    JF_TRY_NEW(s->scratch && out->candidates, err, "candidates");
    JF_TRY(jf_knowledge_variance(&s->known, s->gradients, s->goal->n, NULL, s->scratch, &s->first, err));
    out->before = isinf(s->first) ? INFINITY : s->gradients ? sqrt(s->first) : 1;
    JF_TRY(judge(s, s->first, out->candidates, &out->n_candidates, err));
    out->n_unusable = s->slopes.n - out->n_candidates;
    qsort(out->candidates, out->n_candidates, sizeof *out->candidates, by_gain);
    JF_TRY(choose(s, n_next, out, err));
    for (size_t i = 0; i < out->n_candidates && rows; i++)
        out->candidates[i].row = rows[out->candidates[i].row];
    for (size_t i = 0; i < out->n_chosen && rows; i++) out->chosen[i].row = rows[out->chosen[i].row];
done:
    return status;
}

jf_status jf_design_next(const jf_fit *fit, const jf_table *candidates, const size_t *rows, size_t n_rows,
                         const jf_goal *goal, const jf_next_options *options, jf_next *out, jf_error *err)
{
    jf_status status = JF_OK;
    search s = {.fit = fit, .goal = goal};

    *out = (jf_next){0};
    if (fit->outcome == JF_FAILED || !(fit->sigma > 0))
        return jf_fail(err, JF_EFIT, "what to measure next needs a fit with estimates and scatter");
    JF_TRY(choose_active(&s, err));
    JF_TRY(learn_runs(&s, err));
    JF_TRY(scale_goal(&s, err));
    JF_TRY(read_candidates(&s, candidates, rows, rows ? n_rows : candidates->n_rows,
                           options ? options->cost : NULL, err));
    JF_TRY(fill(&s, rows, options, out, err));
done:
    if (status != JF_OK) jf_next_clear(out);
    search_clear(&s);
    return status;
}
