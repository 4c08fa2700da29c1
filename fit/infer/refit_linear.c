/* Normal equations of columns that are kept; residuals and gradient are then found anew from the rows until
 * the gradient vanishes. */
#include "fit/infer/refit_linear.h"

#include <float.h>
#include <math.h>
#include <string.h>
#include "core/expr/kernels.h"
#include "core/memory.h"
#include "fit/problem/loops.h"
#include "fit/solve/triangle.h"

enum { ROWS = 256, MOST_CORRECTIONS = 4, MOST_NUMBERS = 1 << 20 };
static const double SMALLEST_PIVOT = 1e-10;  /* below: squaring the rows loses too much */
static const double FAINTEST_COLUMN = 1e-11; /* a parameter that moves the values by less tells nothing */

struct jf_refit_linear {
    const jf_problem *problem;
    const jf_loops *loops;
    double tolerance;
    size_t room, p;    /* rows in whole steps of the loops; parameters that are free */
    size_t *parameter; /* p */
    double *columns;   /* room x (k + 1), column-major: derivatives by the free ones, then what is fitted */
    double *offset;    /* room: the law's values where they are zero */
    double *weight;    /* room */
    double *residual;  /* 2 ROWS: residuals of a block, and these times their weights */
    const double **at; /* p + 1: a block's columns */
    double *packed;    /* (p + 1) (p + 2) / 2 */
    double *gram, *factor;           /* p x p */
    double *scale, *estimate, *pull; /* p */
    double *memory;
    double rounding; /* length of residuals that are nothing but rounding */
};

bool jf_refit_linear_suits(const jf_problem *problem, const jf_loss *loss)
{
    return loss->kind == JF_LOSS_LS && jf_formula_is_linear(problem->formula) &&
           problem->n <= MOST_NUMBERS / (problem->k + 4);
}

void jf_refit_linear_free(jf_refit_linear *l)
{
    if (!l) return;
    jf_free(l->parameter);
    jf_free((void *)l->at);
    jf_free(l->memory);
    jf_free(l);
}

static bool allocate(jf_refit_linear *l)
{
    size_t k = l->problem->k, p = l->p, room = l->room, packed = (p + 1) * (p + 2) / 2;

    l->parameter = JF_NEW_ARRAY(size_t, p);
    l->at = JF_NEW_ARRAY(const double *, p + 1);
    l->memory = JF_NEW_ZEROED(double, room *(k + 3) + (size_t)2 * ROWS + packed + 2 * p * p + 3 * p);
    if (!l->parameter || !l->at || !l->memory) return false;
    l->columns = l->memory;
    l->offset = l->columns + room * (k + 1);
    l->weight = l->offset + room;
    l->residual = l->weight + room;
    l->packed = l->residual + (size_t)2 * ROWS;
    l->gram = l->packed + packed;
    l->factor = l->gram + p * p;
    l->scale = l->factor + p * p;
    l->estimate = l->scale + p;
    l->pull = l->estimate + p;
    return true;
}

/* Derivatives, and values with the free parameters at zero; the columns of fixed ones are dropped. */
static jf_status evaluate(jf_refit_linear *l, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_problem *problem = l->problem;
    jf_arena *arena = NULL;
    double *theta = JF_NEW_ZEROED(double, problem->k);
    size_t p = 0;

    JF_TRY_NEW(theta, err, "refits");
    for (size_t j = 0; j < problem->k; j++)
        if (problem->fixed[j]) theta[j] = problem->lower[j];
    JF_TRY(jf_arena_new(problem->formula, JF_GRADIENT, &arena, err));
    jf_formula_jacobian(problem->formula, problem->inputs, arena, theta, l->offset, l->columns, l->room);
    for (size_t j = 0; j < problem->k; j++) {
        if (problem->fixed[j]) continue;
        if (p < j)
            memcpy(l->columns + p * l->room, l->columns + j * l->room, problem->n * sizeof *l->columns);
        l->parameter[p++] = j;
    }
done:
    jf_arena_free(arena);
    jf_free(theta);
    return status;
}

jf_status jf_refit_linear_new(const jf_problem *problem, double tolerance, jf_refit_linear **out,
                              jf_error *err)
{
    jf_status status = JF_OK;
    jf_refit_linear *l = JF_NEW(jf_refit_linear);

    *out = NULL;
    JF_TRY_NEW(l, err, "refits");
    l->problem = problem;
    l->loops = jf_loops_active();
    l->tolerance = tolerance;
    l->room = (problem->n + JF_LANES - 1) / JF_LANES * JF_LANES;
    l->p = jf_problem_n_free(problem);
    JF_TRY_NEW(allocate(l) ? l : NULL, err, "refits");
    JF_TRY(evaluate(l, err));
    *out = l;
    l = NULL;
done:
    jf_refit_linear_free(l);
    return status;
}

static double *target_of(const jf_refit_linear *l)
{
    return l->columns + l->p * l->room;
}

/* Points at the columns, and at what is fitted, from `row` on; returns how many rows are taken together. */
static size_t point_at(jf_refit_linear *l, size_t row)
{
    for (size_t j = 0; j <= l->p; j++) l->at[j] = l->columns + j * l->room + row;
    return l->room - row < ROWS ? l->room - row : ROWS;
}

/* Weights, targets and their products with the columns and each other: gram, pull, rounding. */
static void sum_products(jf_refit_linear *l, const double *counts, const double *response)
{
    const jf_problem *problem = l->problem;
    size_t n = problem->n, p = l->p;
    double sums[3];

    if (!response) response = problem->response;
    if (counts && problem->weight)
        l->loops->multiply(n, counts, problem->weight, l->weight);
    else if (counts || problem->weight)
        memcpy(l->weight, counts ? counts : problem->weight, n * sizeof *l->weight);
    else
        for (size_t i = 0; i < n; i++) l->weight[i] = 1;
    l->loops->subtract(n, response, l->offset, target_of(l));
    l->loops->spread(n, response, l->weight, 0, sums);
    l->rounding = 4 * DBL_EPSILON * sqrt(sums[2]);
    memset(l->gram, 0, p * p * sizeof *l->gram);
    memset(l->pull, 0, p * sizeof *l->pull);
    for (size_t row = 0; row < l->room; row += ROWS) {
        const double *packed = l->packed;

        l->loops->gram(point_at(l, row), p + 1, l->at, l->weight + row, l->packed);
        for (size_t a = 0; a < p; a++)
            for (size_t b = 0; b <= a; b++) l->gram[b + a * p] += *packed++;
        for (size_t b = 0; b < p; b++) l->pull[b] += *packed++;
    }
}

/* The gradient at the estimate, downhill, in `pull`; returns the weighted sum of squares. */
static double look(jf_refit_linear *l)
{
    const double *target = target_of(l);
    double squares = 0;
    size_t p = l->p;

    memset(l->pull, 0, p * sizeof *l->pull);
    for (size_t row = 0; row < l->room; row += ROWS) {
        double *residual = l->residual, *weighted = residual + ROWS;
        size_t n = point_at(l, row);

        memcpy(residual, target + row, n * sizeof *residual);
        l->loops->take_off(n, p, l->at, l->estimate, residual);
        l->loops->multiply(n, l->weight + row, residual, weighted);
        l->at[p] = residual;
        l->loops->products(n, p + 1, l->at, weighted, l->packed);
        for (size_t j = 0; j < p; j++) l->pull[j] += l->packed[j];
        squares += l->packed[p];
    }
    return squares;
}

static double scaled_gradient(const jf_refit_linear *l, double squares)
{
    double worst = 0, size = fmax(sqrt(squares), l->rounding);

    for (size_t j = 0; j < l->p; j++)
        if (l->pull[j] != 0) worst = fmax(worst, fabs(l->pull[j]) / (sqrt(l->gram[j + j * l->p]) * size));
    return worst;
}

static void correct(jf_refit_linear *l)
{
    jf_cholesky_solve(l->p, l->factor, l->scale, l->pull);
    for (size_t j = 0; j < l->p; j++) l->estimate[j] += l->pull[j];
}

/* Is every parameter of a size that shows in the values, and within its bounds? */
static bool is_sound(const jf_refit_linear *l)
{
    double faintest = FAINTEST_COLUMN * l->rounding / (4 * DBL_EPSILON);

    for (size_t a = 0; a < l->p; a++) {
        double x = l->estimate[a], moves = fabs(x) * sqrt(l->gram[a + a * l->p]);
        size_t j = l->parameter[a];

        if (x < l->problem->lower[j] || x > l->problem->upper[j] || (moves > 0 && moves < faintest))
            return false;
    }
    return true;
}

static void report(const jf_refit_linear *l, double *theta)
{
    for (size_t j = 0; j < l->problem->k; j++) theta[j] = l->problem->lower[j];
    for (size_t a = 0; a < l->p; a++) theta[l->parameter[a]] = l->estimate[a];
}

bool jf_refit_linear_run(jf_refit_linear *l, const double *counts, const double *response, double *theta,
                         double *loss)
{
    bool settled = false;

    sum_products(l, counts, response);
    if (!(jf_cholesky(l->p, l->gram, 0, NULL, l->factor, l->scale) > SMALLEST_PIVOT)) return false;
    memset(l->estimate, 0, l->p * sizeof *l->estimate);
    for (int i = 0; i < MOST_CORRECTIONS && !settled; i++) {
        double squares;

        correct(l);
        squares = look(l);
        *loss = squares / 2;
        settled = scaled_gradient(l, squares) <= l->tolerance;
    }
    if (!settled || !is_sound(l)) return false;
    report(l, theta);
    return true;
}
