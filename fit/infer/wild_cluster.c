/* One pass over the groups for each draw: with a = row j of the inverse, S_g = Q_g'u_g and c_g = Q_g'Q_g a, a
 * draw moves theta_j by a'd, d = sum of v_g S_g, and its score in group g is v_g a'S_g - c_g'd. */
#include "fit/infer/wild_cluster.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "fit/infer/cr2.h"
#include "fit/infer/infer_parts.h"

enum { FEW_GROUPS = 12, MOST_DOUBLINGS = 9, MOST_HALVINGS = 60 };
static const double CLOSE = 1e-10, CLOSE_ENOUGH = 1e-5; /* of an error: linear laws, others */
/* Relative: a |t| that is as large but for rounding, and for where a solver stops. */
static const double TIE = 1e-10, TIE_OF_SOLVERS = 1e-6;

struct jf_wild_cluster {
    const jf_fit_work *work;
    jf_profile_setup setup;
    size_t n_groups, n_draws;
    bool all;       /* every pattern once */
    double *factor; /* n_draws x n_groups */
    double *errors; /* n_theta^2: CR1, of the fit */
    double spread;  /* CR1's factor */
    jf_cr2 rows;    /* of the fit's design: Q */
    /* of one restricted fit */
    jf_design design;
    jf_row_matrix matrix;
    jf_cr2 own_rows;
    size_t n_active, *active;
    double *residual; /* n: times sqrt(weight) */
    double *start, *jacobian, *values, *better;
    jf_arena *arena;
    double *sums, *own, *slope, *moved; /* n_groups x rank; n_groups; n_groups x rank; rank */
};

void jf_wild_cluster_free(jf_wild_cluster *w)
{
    if (!w) return;
    void *const owned[] = {w->factor, w->errors, w->active, w->residual, w->start, w->jacobian,
                           w->values, w->better, w->sums,   w->own,      w->slope, w->moved};

    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) jf_free(owned[i]);
    jf_cr2_clear(&w->rows);
    jf_cr2_clear(&w->own_rows);
    jf_design_clear(&w->design);
    jf_arena_free(w->arena);
    jf_free(w);
}

/* ---- factors ---- */

static const double webb[] = {-1.224744871391589,  -1, -0.70710678118654757,
                              0.70710678118654757, 1,  1.224744871391589};
static const double signs[] = {-1, 1};

static jf_status draw_factors(jf_wild_cluster *w, size_t wanted, jf_error *err)
{
    bool few = w->n_groups < FEW_GROUPS;
    const double *points = few ? webb : signs;
    size_t n_points = few ? 6 : 2;
    double patterns = pow((double)n_points, (double)w->n_groups);

    w->all = patterns <= (double)wanted;
    w->n_draws = w->all ? (size_t)patterns : wanted;
    w->factor = JF_NEW_ARRAY(double, w->n_draws * w->n_groups);
    if (!w->factor) return jf_fail(err, JF_ENOMEM, "out of memory for resamples");
    for (size_t d = 0; d < w->n_draws; d++) {
        jf_stream stream = jf_stream_make(w->work->options->seed, JF_FOR_BOOTSTRAP, d);
        size_t pattern = d;
        for (size_t g = 0; g < w->n_groups; g++) {
            size_t point = w->all ? pattern % n_points : jf_stream_below(&stream, n_points);
            w->factor[d * w->n_groups + g] = points[point];
            pattern /= n_points;
        }
    }
    return JF_OK;
}

static jf_status make_room(jf_wild_cluster *w, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_problem *problem = w->work->problem;
    size_t n = problem->n, k = problem->k, groups = w->n_groups;

    w->errors = JF_NEW_ARRAY(double, k *k);
    w->active = JF_NEW_ARRAY(size_t, k);
    w->residual = JF_NEW_ARRAY(double, n);
    w->start = JF_NEW_ARRAY(double, k);
    w->better = JF_NEW_ARRAY(double, k);
    w->jacobian = JF_NEW_ARRAY(double, n *k);
    w->values = JF_NEW_ARRAY(double, n);
    w->sums = JF_NEW_ARRAY(double, groups *k);
    w->own = JF_NEW_ARRAY(double, groups);
    w->slope = JF_NEW_ARRAY(double, groups *k);
    w->moved = JF_NEW_ARRAY(double, k);
    JF_TRY_NEW(w->errors && w->active && w->residual && w->start && w->better && w->jacobian && w->values &&
                       w->sums && w->own && w->slope && w->moved
                   ? w
                   : NULL,
               err, "a bootstrap");
    JF_TRY(jf_arena_new(problem->formula, JF_GRADIENT, &w->arena, err));
done:
    return status;
}

jf_status jf_wild_cluster_new(const jf_fit_work *work, size_t n_draws, jf_wild_cluster **out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_wild_cluster *w = JF_NEW(jf_wild_cluster);
    double g = (double)work->n_groups, n = work->n_effective;

    *out = NULL;
    JF_TRY_NEW(w, err, "a bootstrap");
    w->work = work;
    w->setup = jf_profile_setup_of(work);
    w->setup.lower = 1; /* what is lower is no matter here */
    w->n_groups = work->n_groups;
    w->spread = g / (g - 1) * (n - 1) / (n - (double)work->fit->k);
    JF_TRY(draw_factors(w, n_draws, err));
    JF_TRY(make_room(w, err));
    JF_TRY(jf_cr2_new(&work->design, work->group, work->n_groups, &w->rows, err));
    JF_TRY(jf_fit_covariance((jf_fit_work *)work, JF_SE_CR1, w->errors));
    *out = w;
    w = NULL;
done:
    jf_wild_cluster_free(w);
    return status;
}

size_t jf_wild_cluster_draws(const jf_wild_cluster *w)
{
    return w->n_draws;
}

/* ---- a restricted fit ---- */

static double root_weight(const jf_problem *problem, size_t i)
{
    return problem->weight ? sqrt(problem->weight[i]) : 1;
}

static size_t place_of(const size_t *active, size_t n, size_t j)
{
    size_t a = 0;

    while (a < n && active[a] != j) a++;
    return a;
}

/* Linear laws: the residuals of the fit, moved along the one direction that theta_j has to itself. */
static bool restrict_linear(jf_wild_cluster *w, size_t j, double value)
{
    const jf_fit_work *work = w->work;
    const jf_design *d = &work->design;
    size_t a = place_of(work->active, d->p, j);
    const double *row = d->inverse + a * d->rank;
    double square = 0, step;

    for (size_t m = 0; m < d->rank; m++) square += row[m] * row[m];
    step = (work->fit->theta[j] - value) / square;
    for (size_t i = 0; i < d->n; i++) w->residual[i] = root_weight(work->problem, i) * work->fit->residual[i];
    for (size_t m = 0; m < d->rank; m++)
        for (size_t i = 0; i < d->n; i++) w->residual[i] += step * row[m] * w->rows.q[m * d->n + i];
    return square > 0;
}

/* Others: fitted with theta_j held; Jacobian and residuals are of there. */
static jf_status restrict_curved(jf_wild_cluster *w, size_t j, double value, bool *good, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_problem *problem = w->work->problem;
    size_t n = problem->n;
    jf_held held = {0};
    jf_row_source source;
    jf_error unfit = {0};

    *good = false;
    jf_cr2_clear(&w->own_rows);
    jf_design_clear(&w->design);
    JF_TRY(jf_held_new(&w->setup, &j, 1, w->better, &held, err));
    jf_held_move(&held, &value);
    memcpy(w->start, w->work->fit->theta, problem->k * sizeof *w->start);
    w->start[j] = value;
    JF_TRY(jf_held_refit(&held, w->start, err));
    if (isinf(held.z)) goto done;
    jf_formula_jacobian(problem->formula, problem->inputs, w->arena, held.theta, w->values, w->jacobian, n);
    for (size_t i = 0; i < n; i++)
        w->residual[i] = root_weight(problem, i) * (problem->response[i] - w->values[i]);
    for (size_t a = 0; a < w->work->design.p; a++)
        memmove(w->jacobian + a * n, w->jacobian + w->work->active[a] * n, n * sizeof *w->jacobian);
    w->matrix = (jf_row_matrix){.values = w->jacobian, .n = n, .p = w->work->design.p};
    source = jf_rows_of_matrix(&w->matrix);
    status = jf_design_build(&source, n, w->matrix.p, problem->weight, &w->design, &unfit);
    *good = status == JF_OK;
    if (*good) JF_TRY(jf_cr2_new(&w->design, w->work->group, w->n_groups, &w->own_rows, err));
    if (status == JF_EFIT) status = JF_OK; /* no derivatives there: no p */
    if (status != JF_OK) status = jf_fail(err, status, "%s", unfit.message);
done:
    jf_held_clear(&held);
    return status;
}

/* ---- the test ---- */

/* S_g, a'S_g and c_g of the groups. */
static void sum_groups(jf_wild_cluster *w, const jf_design *d, const double *q, const double *a)
{
    size_t rank = d->rank, n = d->n;

    memset(w->sums, 0, w->n_groups * rank * sizeof *w->sums);
    memset(w->slope, 0, w->n_groups * rank * sizeof *w->slope);
    for (size_t i = 0; i < n; i++) {
        size_t g = w->work->group[i];
        double along = 0;
        for (size_t m = 0; m < rank; m++) along += a[m] * q[m * n + i];
        for (size_t m = 0; m < rank; m++) {
            w->sums[g * rank + m] += w->residual[i] * q[m * n + i];
            w->slope[g * rank + m] += along * q[m * n + i];
        }
    }
    for (size_t g = 0; g < w->n_groups; g++) {
        w->own[g] = 0;
        for (size_t m = 0; m < rank; m++) w->own[g] += a[m] * w->sums[g * rank + m];
    }
}

/* |t| of one draw. */
static double t_of_draw(jf_wild_cluster *w, const jf_design *d, const double *a, const double *factor)
{
    size_t rank = d->rank;
    double move = 0, variance = 0;

    memset(w->moved, 0, rank * sizeof *w->moved);
    for (size_t g = 0; g < w->n_groups; g++)
        for (size_t m = 0; m < rank; m++) w->moved[m] += factor[g] * w->sums[g * rank + m];
    for (size_t m = 0; m < rank; m++) move += a[m] * w->moved[m];
    for (size_t g = 0; g < w->n_groups; g++) {
        double score = factor[g] * w->own[g];
        for (size_t m = 0; m < rank; m++) score -= w->slope[g * rank + m] * w->moved[m];
        variance += score * score;
    }
    return fabs(move) / sqrt(w->spread * variance);
}

jf_status jf_wild_cluster_p(jf_wild_cluster *w, size_t j, double value, double *p, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_fit_work *work = w->work;
    const jf_design *d = work->fit->linear ? &work->design : &w->design;
    size_t place = place_of(work->active, work->design.p, j), count = 0;
    double t = fabs(work->fit->theta[j] - value) / sqrt(w->errors[j * work->fit->n_theta + j]);
    const double *a;
    bool good;

    *p = NAN;
    if (place == work->design.p || !isfinite(t)) return JF_OK;
    if (work->fit->linear)
        good = restrict_linear(w, j, value);
    else
        JF_TRY(restrict_curved(w, j, value, &good, err));
    if (!good || !d->determined[place]) goto done;
    a = d->inverse + place * d->rank;
    sum_groups(w, d, work->fit->linear ? w->rows.q : w->own_rows.q, a);
    t *= 1 - (work->fit->linear ? TIE : TIE_OF_SOLVERS);
    for (size_t draw = 0; draw < w->n_draws; draw++)
        count += t_of_draw(w, d, a, w->factor + draw * w->n_groups) >= t;
    *p = ((double)count + !w->all) / ((double)w->n_draws + !w->all);
done:
    return status;
}

/* ---- the interval ---- */

/* The last value on this side of the estimate whose p is above `tail`. */
static jf_status find_end(jf_wild_cluster *w, size_t j, double side, double tail, jf_profile_end *end,
                          jf_error *err)
{
    jf_status status = JF_OK;
    const jf_fit *fit = w->work->fit;
    const jf_problem *problem = w->work->problem;
    double error = sqrt(w->errors[j * fit->n_theta + j]), inside = fit->theta[j], outside = NAN, p;
    double limit = side < 0 ? problem->lower[j] : problem->upper[j], step = 2 * error;

    *end = (jf_profile_end){NAN, JF_END_UNBOUNDED};
    for (int i = 0; i < MOST_DOUBLINGS && isnan(outside); i++, step *= 2) {
        double value = fit->theta[j] + side * step;
        bool at_limit = side * (value - limit) >= 0;

        if (at_limit) value = limit;
        JF_TRY(jf_wild_cluster_p(w, j, value, &p, err));
        if (isnan(p) || p <= tail)
            outside = value;
        else
            inside = value;
        if (at_limit && isnan(outside)) *end = (jf_profile_end){limit, JF_END_BOUND};
        if (at_limit) break;
    }
    if (isnan(outside)) goto done;
    for (int i = 0;
         i < MOST_HALVINGS && fabs(outside - inside) > (fit->linear ? CLOSE : CLOSE_ENOUGH) * error; i++) {
        double value = inside + 0.5 * (outside - inside);

        JF_TRY(jf_wild_cluster_p(w, j, value, &p, err));
        *(isnan(p) || p <= tail ? &outside : &inside) = value;
    }
    JF_TRY(jf_wild_cluster_p(w, j, outside, &p, err));
    *end = isnan(p) ? (jf_profile_end){NAN, JF_END_FAILED} : (jf_profile_end){inside, JF_END_OK};
done:
    return status;
}

jf_status jf_wild_cluster_interval(jf_wild_cluster *w, size_t j, double level, jf_profile_end ends[2],
                                   jf_error *err)
{
    jf_status status = JF_OK;

    for (int s = 0; s < 2; s++) JF_TRY(find_end(w, j, s ? 1 : -1, 1 - level, &ends[s], err));
done:
    return status;
}
