/* One pass over the groups for each draw: with A (q x rank) the rows of the inverse that the statements take
 * together, S_g = Q_g'u_g and C_g = A Q_g'Q_g, a draw moves what is stated by A d, d = sum of v_g S_g, and
 * its score in group g is v_g A S_g - C_g d. */
#include "fit/infer/wild_cluster.h"

#include <lapacke.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "fit/infer/design_rows.h"
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
    /* of one restricted fit */
    jf_design design;
    jf_row_matrix matrix;
    double *residual; /* n: times sqrt(weight) */
    double *start, *jacobian, *values, *better;
    jf_arena *arena;
    double *sums, *moved; /* n_groups x rank; rank */
};

/* Statements that are tested together, and room for their draws. */
typedef struct statements {
    size_t q;
    const size_t *which; /* q parameters, each said to be values[i]; NULL: of linear laws, `distance` tells */
    const double *values;
    double *distance;                /* q: from true, at the fit */
    double *rows;                    /* A */
    double *own;                     /* n_groups x q: A S_g */
    double *slope;                   /* n_groups x q x rank: C_g */
    double *move, *score, *variance; /* q, q, q x q */
} statements;

void jf_wild_cluster_free(jf_wild_cluster *w)
{
    if (!w) return;
    void *const owned[] = {w->factor, w->errors, w->residual, w->start, w->jacobian,
                           w->values, w->better, w->sums,     w->moved};

    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) jf_free(owned[i]);
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
    w->residual = JF_NEW_ARRAY(double, n);
    w->start = JF_NEW_ARRAY(double, k);
    w->better = JF_NEW_ARRAY(double, k);
    w->jacobian = JF_NEW_ARRAY(double, n *k);
    w->values = JF_NEW_ARRAY(double, n);
    w->sums = JF_NEW_ARRAY(double, groups *k);
    w->moved = JF_NEW_ARRAY(double, k);
    JF_TRY_NEW(w->errors && w->residual && w->start && w->better && w->jacobian && w->values && w->sums &&
                       w->moved
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

/* What passes over Q work on. */
typedef struct pass {
    jf_wild_cluster *wild;
    const jf_design *design;
    statements *s;
} pass;

/* Moves residuals by Q times w->moved. */
static void move_residuals(void *context, size_t row, size_t n, const double *const *q)
{
    const pass *p = context;
    jf_wild_cluster *w = p->wild;

    for (size_t m = 0; m < p->design->rank; m++)
        for (size_t i = 0; i < n; i++) w->residual[row + i] += w->moved[m] * q[m][i];
}

/* Linear laws: the residuals of the fit, moved along the directions that the statements have to themselves.
 */
static jf_status restrict_linear(jf_wild_cluster *w, statements *s, bool *good, jf_error *err)
{
    const jf_fit_work *work = w->work;
    const jf_design *d = &work->design;
    size_t q = s->q, rank = d->rank;
    double *step = s->move, *square = s->variance;

    for (size_t a = 0; a < q; a++) {
        step[a] = s->distance[a];
        for (size_t b = 0; b < q; b++) {
            square[a * q + b] = 0;
            for (size_t m = 0; m < rank; m++)
                square[a * q + b] += s->rows[a * rank + m] * s->rows[b * rank + m];
        }
    }
    *good = LAPACKE_dposv(LAPACK_ROW_MAJOR, 'L', (lapack_int)q, 1, square, (lapack_int)q, step, 1) == 0;
    if (!*good) return JF_OK;
    for (size_t i = 0; i < d->n; i++) w->residual[i] = root_weight(work->problem, i) * work->fit->residual[i];
    memset(w->moved, 0, rank * sizeof *w->moved);
    for (size_t a = 0; a < q; a++)
        for (size_t m = 0; m < rank; m++) w->moved[m] += step[a] * s->rows[a * rank + m];
    return jf_design_visit(d, move_residuals, &(pass){w, d, s}, err);
}

/* Others: fitted with the parameters held; Jacobian and residuals are of there. */
static jf_status restrict_curved(jf_wild_cluster *w, const statements *s, bool *good, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_problem *problem = w->work->problem;
    size_t n = problem->n;
    jf_held held = {0};
    jf_row_source source;
    jf_error unfit = {0};

    *good = false;
    jf_design_clear(&w->design);
    JF_TRY(jf_held_new(&w->setup, s->which, s->q, w->better, &held, err));
    jf_held_move(&held, s->values);
    memcpy(w->start, w->work->fit->theta, problem->k * sizeof *w->start);
    for (size_t i = 0; i < s->q; i++) w->start[s->which[i]] = s->values[i];
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
    if (status == JF_EFIT) status = JF_OK; /* no derivatives there: no p */
    if (status != JF_OK) status = jf_fail(err, status, "%s", unfit.message);
done:
    jf_held_clear(&held);
    return status;
}

/* ---- the test ---- */

static void add_rows(void *context, size_t row, size_t n, const double *const *q)
{
    const pass *p = context;
    jf_wild_cluster *w = p->wild;
    statements *s = p->s;
    size_t rank = p->design->rank;

    for (size_t i = 0; i < n; i++) {
        size_t g = w->work->group[row + i];
        for (size_t m = 0; m < rank; m++) w->sums[g * rank + m] += w->residual[row + i] * q[m][i];
        for (size_t a = 0; a < s->q; a++) {
            double *slope = s->slope + (g * s->q + a) * rank, along = 0;
            for (size_t m = 0; m < rank; m++) along += s->rows[a * rank + m] * q[m][i];
            for (size_t m = 0; m < rank; m++) slope[m] += along * q[m][i];
        }
    }
}

/* S_g, A S_g and C_g of the groups. */
static jf_status sum_groups(jf_wild_cluster *w, const jf_design *d, statements *s, jf_error *err)
{
    jf_status status = JF_OK;
    size_t rank = d->rank;

    memset(w->sums, 0, w->n_groups * rank * sizeof *w->sums);
    memset(s->slope, 0, w->n_groups * s->q * rank * sizeof *s->slope);
    JF_TRY(jf_design_visit(d, add_rows, &(pass){w, d, s}, err));
    for (size_t i = 0; i < w->n_groups * s->q; i++) {
        s->own[i] = 0;
        for (size_t m = 0; m < rank; m++)
            s->own[i] += s->rows[i % s->q * rank + m] * w->sums[i / s->q * rank + m];
    }
done:
    return status;
}

/* Root of the Wald statistic of one draw: |t| of a single statement. */
static double t_of_draw(jf_wild_cluster *w, const jf_design *d, statements *s, const double *factor)
{
    size_t rank = d->rank, q = s->q;
    double square;

    memset(w->moved, 0, rank * sizeof *w->moved);
    memset(s->move, 0, q * sizeof *s->move);
    memset(s->variance, 0, q * q * sizeof *s->variance);
    for (size_t g = 0; g < w->n_groups; g++)
        for (size_t m = 0; m < rank; m++) w->moved[m] += factor[g] * w->sums[g * rank + m];
    for (size_t a = 0; a < q; a++)
        for (size_t m = 0; m < rank; m++) s->move[a] += s->rows[a * rank + m] * w->moved[m];
    for (size_t g = 0; g < w->n_groups; g++) {
        for (size_t a = 0; a < q; a++) {
            const double *slope = s->slope + (g * q + a) * rank;
            s->score[a] = factor[g] * s->own[g * q + a];
            for (size_t m = 0; m < rank; m++) s->score[a] -= slope[m] * w->moved[m];
        }
        for (size_t a = 0; a < q; a++)
            for (size_t b = 0; b < q; b++) s->variance[a * q + b] += w->spread * s->score[a] * s->score[b];
    }
    if (q == 1) return fabs(s->move[0]) / sqrt(s->variance[0]);
    return jf_wald_quadratic(s->variance, s->move, q, &square) ? sqrt(square) : INFINITY;
}

/* Root of the Wald statistic of the data, by CR1. */
static double t_of_data(const jf_wild_cluster *w, statements *s, const double *gradients)
{
    size_t k = w->work->fit->n_theta, q = s->q;
    double square;

    for (size_t a = 0; a < q; a++)
        for (size_t b = 0; b < q; b++)
            s->variance[a * q + b] = jf_bilinear(gradients + a * k, w->errors, gradients + b * k, k);
    if (q == 1) return fabs(s->distance[0]) / sqrt(s->variance[0]);
    return jf_wald_quadratic(s->variance, s->distance, q, &square) ? sqrt(square) : NAN;
}

static void clear_statements(statements *s)
{
    void *const owned[] = {s->rows, s->own, s->slope, s->move, s->score, s->variance};

    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) jf_free(owned[i]);
}

static jf_status make_statements(const jf_wild_cluster *w, statements *s, jf_error *err)
{
    size_t q = s->q, rank = w->work->design.p; /* at most */

    s->rows = JF_NEW_ARRAY(double, q *rank);
    s->own = JF_NEW_ARRAY(double, w->n_groups *q);
    s->slope = JF_NEW_ARRAY(double, w->n_groups *q *rank);
    s->move = JF_NEW_ARRAY(double, q);
    s->score = JF_NEW_ARRAY(double, q);
    s->variance = JF_NEW_ARRAY(double, q *q);
    if (s->rows && s->own && s->slope && s->move && s->score && s->variance) return JF_OK;
    return jf_fail(err, JF_ENOMEM, "out of memory for a test");
}

/* The rows of the inverse at the restricted fit; false where it does not tell what is stated. */
static bool take_rows(const jf_wild_cluster *w, statements *s)
{
    const jf_design *d = &w->design;

    for (size_t i = 0; i < s->q; i++) {
        size_t place = place_of(w->work->active, d->p, s->which[i]);
        if (place == d->p || !d->determined[place]) return false;
        memcpy(s->rows + i * d->rank, d->inverse + place * d->rank, d->rank * sizeof *s->rows);
    }
    return true;
}

static jf_status test_statements(jf_wild_cluster *w, statements *s, const double *gradients, double *p,
                                 jf_error *err)
{
    jf_status status = JF_OK;
    const jf_fit_work *work = w->work;
    bool linear = work->fit->linear, good = true;
    const jf_design *d = linear ? &work->design : &w->design;
    size_t count = 0;
    double t;

    *p = NAN;
    JF_TRY(make_statements(w, s, err));
    t = t_of_data(w, s, gradients);
    if (!isfinite(t)) goto done;
    if (linear) {
        jf_fit_moves(work, gradients, s->q, s->rows);
        JF_TRY(restrict_linear(w, s, &good, err));
    } else {
        JF_TRY(restrict_curved(w, s, &good, err));
        good = good && take_rows(w, s);
    }
    if (!good) goto done;
    JF_TRY(sum_groups(w, d, s, err));
    t *= 1 - (linear ? TIE : TIE_OF_SOLVERS);
    for (size_t draw = 0; draw < w->n_draws; draw++)
        count += t_of_draw(w, d, s, w->factor + draw * w->n_groups) >= t;
    *p = ((double)count + !w->all) / ((double)w->n_draws + !w->all);
done:
    clear_statements(s);
    return status;
}

jf_status jf_wild_cluster_joint(jf_wild_cluster *w, size_t q, const double *gradients, double *distance,
                                const size_t *which, const double *values, double *p, jf_error *err)
{
    statements s = {.q = q, .which = which, .values = values, .distance = distance};

    return test_statements(w, &s, gradients, p, err);
}

jf_status jf_wild_cluster_p(jf_wild_cluster *w, size_t j, double value, double *p, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_fit *fit = w->work->fit;
    double *gradient = JF_NEW_ZEROED(double, fit->n_theta), distance = fit->theta[j] - value;

    *p = NAN;
    JF_TRY_NEW(gradient, err, "a test");
    gradient[j] = 1;
    if (place_of(w->work->active, w->work->design.p, j) < w->work->design.p)
        JF_TRY(jf_wild_cluster_joint(w, 1, gradient, &distance, &j, &value, p, err));
done:
    jf_free(gradient);
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
