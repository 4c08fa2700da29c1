/* The loss of a problem as a function of its parameters: value, gradient and second derivatives in one pass
 * over blocks of rows, into k x k accumulators. Nothing here is rows x k. One objective a thread. */
#ifndef JF_FIT_OBJECTIVE_H
#define JF_FIT_OBJECTIVE_H

#include "fit/problem/loss.h"
#include "fit/solve/minimum.h"
#include "fit/problem/problem.h"
#include "fit/solve/triangle.h"
#include "fit/problem/twofold.h"

/* A derivative column: slot, and level code (-1: plain). */
typedef struct jf_dense {
    size_t slot, parameter;
    int32_t level;
} jf_dense;

/* A second derivative by two plain parameters. */
typedef struct jf_curved {
    size_t pair, first, second; /* place in `pairs`, parameters */
} jf_curved;

typedef struct jf_objective {
    const jf_problem *problem; /* borrowed */
    jf_penalty penalty;
    size_t n, k, n_slots;
    jf_arena *arena;
    bool *used;                                  /* n_slots: has a parameter that is not fixed */
    double *residual, *psi, *bend, *omega, *row; /* one block each */
    const struct jf_loops *loops;
    /* Derivatives as dense columns, one a parameter: plain slots, and slots of few levels written out. */
    size_t n_dense;
    bool *is_dense;            /* n_slots */
    bool all_plain;            /* all slots that are used are dense and without levels */
    struct jf_dense *dense;    /* n_dense */
    const double **columns;    /* n_dense: of the block at hand */
    double *expanded, *packed; /* levels written out; results of loops */
    size_t n_curved;           /* pairs of plain slots with second derivatives */
    struct jf_curved *curved;
    const double **second;         /* n_curved: of the block at hand */
    const double **slots, **pairs; /* where the evaluator points at derivatives */
    jf_twofold *sums;              /* 2 k */
    struct jf_team *team;          /* for many rows: made when first needed */
    bool starved;                  /* memory ran out on the way: nothing found since is to be trusted */
    size_t evaluations;            /* passes over the rows */
    double rounding; /* length of residuals that are nothing but rounding: 4 eps |sqrt(w) response| */
} jf_objective;

/* One block of rows as evaluated: first row, rows, response - value, weights (NULL: all one), derivatives of
 * the value by slot and by slot pair (jf_eval_block). */
typedef struct jf_rows {
    size_t row, n;
    const double *residual, *weight;
    const double *const *slots, *const *pairs;
} jf_rows;
typedef void (*jf_rows_work)(jf_objective *objective, const jf_rows *rows, void *context);

/* What is known at one point. Residuals are response - value; matrices are k x k, both triangles filled. */
typedef struct jf_point {
    double *theta;    /* k */
    double loss;      /* sum of weight * rho (squares: half the weighted sum) */
    double *gradient; /* k: d loss / d theta */
    double *length;   /* k: |sqrt(w) J_j| */
    double size;      /* |sqrt(w) rho'|: of squares the residual length */
    double *normal;   /* sum of omega J J': Gauss-Newton */
    double *hessian;  /* exact second derivatives (filled on request) */
    double *memory;
} jf_point;

jf_status jf_objective_new(const jf_problem *problem, const jf_penalty *penalty, jf_objective **out,
                           jf_error *err);
void jf_objective_free(jf_objective *objective);

/* To be called when the rows, responses or weights of the problem have changed; never more rows than at
 * first. */
void jf_objective_refresh(jf_objective *objective);

jf_status jf_point_new(size_t k, jf_point *out, jf_error *err);
void jf_point_clear(jf_point *point);

/* Calls `work` for every block at theta; false, at once, where a value is not finite. */
bool jf_objective_visit(jf_objective *objective, const double *theta, jf_order order, jf_rows_work work,
                        void *context);
/* The parameter that slot `slot` touches in row rows->row + i, or -1. */
typedef struct jf_touch {
    size_t first;
    const int32_t *codes; /* of the block's rows; NULL: always `first` */
} jf_touch;
jf_touch jf_rows_touch(const jf_objective *objective, const jf_rows *rows, size_t slot);
static inline long jf_touched(const jf_touch *touch, size_t i)
{
    if (!touch->codes) return (long)touch->first;
    return touch->codes[i] < 0 ? -1 : (long)touch->first + touch->codes[i];
}

/* normal (k x k, upper triangle) += sum of weight J J' and right (k; NULL: not wanted) += sum of pull J over
 * the slots that are `chosen`. */
void jf_rows_normal(jf_objective *objective, const jf_rows *rows, const bool *chosen, const double *weight,
                    const double *pull, double *normal, double *right);

/* The loss alone; false (and infinity) where a row's value is not finite. */
bool jf_objective_loss(jf_objective *objective, const double *theta, double *loss);
/* Everything at point->theta; `exact` fills the hessian too. False where a value or a derivative is not
 * finite. */
bool jf_objective_at(jf_objective *objective, jf_point *point, bool exact);
/* Adds rows [sqrt(omega) J | sqrt(omega) r] at theta to a triangle, which is left open for more. Parameter j
 * goes to column[j] (-1: nowhere; NULL: j), divided by scale[j] (NULL: 1). */
bool jf_objective_triangle(jf_objective *objective, const double *theta, const long *column,
                           const double *scale, jf_triangle *triangle);
/* Loss, gradient and lengths at point->theta summed in double-double, for the last steps of a fit; the
 * matrices are left alone. */
bool jf_objective_precise(jf_objective *objective, jf_point *point);
/* Residuals response - value (n), and the Jacobian of the values (n x k, column-major, stride n; NULL: not
 * wanted). */
bool jf_objective_rows(jf_objective *objective, const double *theta, double *residual, double *jacobian);

/* max_j |g_j| / (|J_j| size) over the entries that are not `held` (NULL: none): the largest cosine between a
 * column and the residuals. Residuals that are only rounding count as if they were `rounding` long. */
double jf_scaled_gradient(const jf_objective *objective, const jf_point *point, const bool *held);
/* True for a column so short that doubling its parameter moves no value by what a double of the response
 * could show. */
bool jf_column_is_faint(const jf_objective *objective, double length, double parameter);
/* Tells for every parameter whether a solver must leave it alone: fixed, or at a bound that the gradient
 * presses it against. `side` (NULL: not wanted): -1, 1 where a bound holds it, else 0. */
void jf_find_held(const jf_problem *problem, const jf_point *point, bool *held, signed char *side);

/* The largest derivative by each parameter in size (k); infinite where one is not finite. */
void jf_objective_largest(jf_objective *objective, const double *theta, double *largest);

/* The first row whose value or derivative is not finite at theta, or -1. */
long jf_objective_bad_row(jf_objective *objective, const double *theta);

#endif
