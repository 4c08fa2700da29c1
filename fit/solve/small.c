/* Damped Newton steps on k x k normal equations, kept within bounds. */
#include "fit/solve/small.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"

static const double SMALLEST_PIVOT = 1e-10; /* below: squares are solved through QR instead */
static const double MOST_DAMPING = 1e15;
static const double MOST_LOG_STEP = 3; /* a factor of 20 a step */

struct jf_small {
    const jf_problem *problem;
    size_t k, n_free;
    jf_point here, there;
    bool *held, *blocked;
    size_t *free_index;                      /* free_index[i]: parameter of free row i */
    double *slope, *chain, *diagonal, *step; /* k, in search coordinates */
    double *matrix;                          /* k x k, in search coordinates */
    double *packed, *factor, *scale, *right; /* of the free parameters */
    jf_triangle *triangle;
    double damping, growth;
    double least_raised; /* damping after a step that failed is more than this */
};

void jf_small_free(jf_small *s)
{
    if (!s) return;
    jf_point_clear(&s->here);
    jf_point_clear(&s->there);
    jf_free(s->held);
    jf_free(s->blocked);
    jf_free(s->free_index);
    jf_free(s->slope);
    jf_triangle_free(s->triangle);
    jf_free(s);
}

jf_status jf_small_new(const jf_problem *problem, jf_small **out, jf_error *err)
{
    jf_status status = JF_OK;
    size_t k = problem->k;
    jf_small *s = JF_NEW(jf_small);

    *out = NULL;
    JF_TRY_NEW(s, err, "a solver");
    s->problem = problem;
    s->k = k;
    JF_TRY(jf_point_new(k, &s->here, err));
    JF_TRY(jf_point_new(k, &s->there, err));
    JF_TRY(jf_triangle_new(k, problem->n + k, &s->triangle, err));
    s->held = JF_NEW_ZEROED(bool, k);
    s->blocked = JF_NEW_ZEROED(bool, k);
    s->free_index = JF_NEW_ZEROED(size_t, k);
    s->slope = JF_NEW_ZEROED(double, 6 * k + 3 * k * k);
    if (!s->held || !s->blocked || !s->free_index || !s->slope)
        JF_TRY(jf_fail(err, JF_ENOMEM, "out of memory for a solver"));
    s->chain = s->slope + k;
    s->diagonal = s->chain + k;
    s->step = s->diagonal + k;
    s->scale = s->step + k;
    s->right = s->scale + k;
    s->matrix = s->right + k;
    s->packed = s->matrix + k * k;
    s->factor = s->packed + k * k;
    *out = s;
    s = NULL;
done:
    jf_small_free(s);
    return status;
}

static bool is_log(const jf_small_options *options, size_t j)
{
    return options->logarithmic && options->logarithmic[j];
}

/* Gradient, matrix and the largest diagonal so far in search coordinates: u = theta, or log theta. */
static void change_coordinates(jf_small *s, const jf_small_options *options, bool exact)
{
    const double *from = exact ? s->here.hessian : s->here.normal;
    size_t k = s->k;

    for (size_t j = 0; j < k; j++) {
        s->chain[j] = is_log(options, j) ? s->here.theta[j] : 1;
        s->slope[j] = s->chain[j] * s->here.gradient[j];
        s->diagonal[j] = fmax(s->diagonal[j], s->chain[j] * s->chain[j] * s->here.normal[j + j * k]);
    }
    for (size_t j = 0; j < k; j++) {
        for (size_t i = 0; i < k; i++) s->matrix[i + j * k] = s->chain[i] * s->chain[j] * from[i + j * k];
        if (exact && is_log(options, j)) s->matrix[j + j * k] += s->slope[j];
    }
}

static double lowest_step(const jf_small *s, const jf_small_options *options, size_t j)
{
    return is_log(options, j) ? -MOST_LOG_STEP : s->problem->lower[j] - s->here.theta[j];
}

static double highest_step(const jf_small *s, const jf_small_options *options, size_t j)
{
    double room = s->problem->upper[j] - s->here.theta[j];

    if (!is_log(options, j)) return room;
    return fmin(MOST_LOG_STEP, isfinite(room) ? log(s->problem->upper[j] / s->here.theta[j]) : MOST_LOG_STEP);
}

/* The damped step of the parameters that are neither held nor blocked, given the blocked ones' steps; false
 * when the matrix is not positive definite. */
static bool solve_normal(jf_small *s, double *pivot)
{
    size_t k = s->k, m = 0;

    for (size_t j = 0; j < k; j++)
        if (!s->held[j] && !s->blocked[j]) s->free_index[m++] = j;
    s->n_free = m;
    for (size_t b = 0; b < m; b++) {
        size_t j = s->free_index[b];

        s->right[b] = -s->slope[j];
        for (size_t i = 0; i < k; i++)
            if (s->blocked[i]) s->right[b] -= s->matrix[i + j * k] * s->step[i];
        for (size_t a = 0; a <= b; a++) s->packed[a + b * m] = s->matrix[s->free_index[a] + j * k];
        s->scale[b] = s->diagonal[j]; /* read by jf_cholesky before it is written */
    }
    *pivot = jf_cholesky(m, s->packed, s->damping, s->scale, s->factor, s->scale);
    if (*pivot <= 0) return false;
    jf_cholesky_solve(m, s->factor, s->scale, s->right);
    for (size_t b = 0; b < m; b++) s->step[s->free_index[b]] = s->right[b];
    return true;
}

/* The same step from the rows themselves, where squaring them lost too much: QR of the Jacobian over rows of
 * damping. */
static bool solve_rows(jf_small *s, jf_objective *o)
{
    double root = sqrt(s->damping);

    for (size_t j = 0; j < s->k; j++)
        s->right[j] = s->diagonal[j] > 0 ? sqrt(s->diagonal[j]) / s->chain[j] : 1;
    jf_triangle_reset(s->triangle, s->k);
    if (!jf_objective_triangle(o, s->here.theta, NULL, s->right, s->triangle)) return false;
    for (size_t j = 0; j < s->k; j++) jf_triangle_rows(s->triangle, 1)[j * s->triangle->capacity] = root;
    jf_triangle_close(s->triangle);
    for (size_t j = 0; j < s->k; j++) s->blocked[j] = s->blocked[j] || s->held[j]; /* skip both */
    if (jf_triangle_solve(s->triangle, s->blocked, 1e-14, s->step, NULL) < 0) {
        o->starved = true;
        return false;
    }
    for (size_t j = 0; j < s->k; j++) {
        if (s->blocked[j]) continue;
        s->step[j] /= s->right[j] * s->chain[j];
    }
    return true;
}

/* The step within bounds: what would leave them is put onto them and the rest solved again. */
static bool find_step(jf_small *s, jf_objective *o, const jf_small_options *options)
{
    bool squares = o->penalty.loss.kind == JF_LOSS_LS;

    memset(s->blocked, 0, s->k * sizeof *s->blocked);
    memset(s->step, 0, s->k * sizeof *s->step);
    for (size_t round = 0; round <= s->k; round++) {
        bool again = false;
        double pivot;

        if (!solve_normal(s, &pivot) && !squares) return false;
        if (squares && pivot < SMALLEST_PIVOT && (round || !solve_rows(s, o))) return pivot > 0;
        for (size_t j = 0; j < s->k; j++) {
            double low = lowest_step(s, options, j), high = highest_step(s, options, j);

            if (s->held[j] || s->blocked[j] || (s->step[j] >= low && s->step[j] <= high)) continue;
            s->step[j] = s->step[j] < low ? low : high;
            s->blocked[j] = again = true;
        }
        if (!again) return true;
    }
    return true;
}

/* there.theta = here.theta + step, cut to the bounds; false when nothing moved. */
static bool take_step(jf_small *s, const jf_small_options *options)
{
    bool moved = false;

    for (size_t j = 0; j < s->k; j++) {
        double old = s->here.theta[j], now = old;

        if (!s->held[j]) {
            now = is_log(options, j) ? old * exp(s->step[j]) : old + s->step[j];
            now = fmin(fmax(now, s->problem->lower[j]), s->problem->upper[j]);
        }
        s->there.theta[j] = now;
        moved = moved || now != old;
    }
    return moved;
}

/* The fall of the loss that the quadratic model promises. */
static double promised(const jf_small *s)
{
    double sum = 0;

    for (size_t j = 0; j < s->k; j++) {
        double row = 0;

        if (s->held[j]) continue;
        for (size_t i = 0; i < s->k; i++)
            if (!s->held[i]) row += s->matrix[i + j * s->k] * s->step[i];
        sum -= s->step[j] * (s->slope[j] + 0.5 * row);
    }
    return sum;
}

/* Nielsen's rule (1999): damping follows the gain ratio smoothly. */
static void adapt_damping(jf_small *s, bool accepted, double gain)
{
    if (!accepted) {
        s->damping = fmax(s->damping, s->least_raised) * s->growth;
        s->growth *= 2;
        return;
    }
    gain = 2 * fmin(gain, 1.5) - 1;
    s->damping *= fmax(0.1, 1 - gain * gain * gain);
    s->growth = 2;
}

static bool is_better(const jf_small *s, double fall)
{
    return fall > 0 && isfinite(s->there.loss);
}

/* One accepted step; false when none can be found. Where second derivatives curve down, a step of Gauss and
 * Newton leads on; more damping would crawl along the gradient. */
static bool advance(jf_small *s, jf_objective *o, const jf_small_options *options, bool exact)
{
    bool curves_down = false;

    while (s->damping < MOST_DAMPING) {
        double hope, fall;
        bool finite;

        if (!find_step(s, o, options)) {
            if (exact && !curves_down)
                change_coordinates(s, options, false);
            else
                adapt_damping(s, false, 0);
            curves_down = exact;
            continue;
        }
        if (!take_step(s, options)) return false;
        hope = promised(s);
        finite = jf_objective_at(o, &s->there, exact);
        fall = finite ? s->here.loss - s->there.loss : -INFINITY;
        if (finite && is_better(s, fall)) {
            jf_point kept = s->here;

            adapt_damping(s, true, hope > 0 ? fall / hope : 0);
            s->here = s->there;
            s->there = kept;
            return true;
        }
        if (finite && fabs(hope) <= 1e-15 * s->here.loss) return false; /* below what sums of doubles show */
        adapt_damping(s, false, 0);
    }
    return false;
}

bool jf_small_solve(jf_small *s, jf_objective *o, const jf_small_options *options, jf_minimum *minimum)
{
    bool exact = options->exact || (o->penalty.loss.kind != JF_LOSS_LS && !options->reweighted);
    size_t k = s->k, iteration = 0;

    memcpy(s->here.theta, minimum->theta, k * sizeof(double));
    if (!jf_objective_at(o, &s->here, exact)) return false;
    memset(s->diagonal, 0, k * sizeof(double));
    s->damping = options->warm ? 1e-12 : 1e-3;
    s->least_raised = options->warm ? 1e-4 : 1e-12;
    s->growth = 2;
    for (;; iteration++) {
        jf_find_held(s->problem, &s->here, s->held, minimum->bound);
        minimum->scaled_gradient = jf_scaled_gradient(o, &s->here, s->held);
        minimum->converged = minimum->scaled_gradient <= options->tolerance;
        if (minimum->converged || iteration >= options->max_iterations) break;
        change_coordinates(s, options, exact);
        if (!advance(s, o, options, exact)) break;
    }
    memcpy(minimum->theta, s->here.theta, k * sizeof(double));
    minimum->loss = s->here.loss;
    minimum->iterations += iteration;
    return true;
}

bool jf_small_is_definite(jf_small *s, const jf_objective *o, size_t *rank)
{
    size_t k = s->k, m = 0;

    for (size_t j = 0; j < k; j++) {
        if (s->held[j]) continue;
        if (jf_column_is_faint(o, s->here.length[j], s->here.theta[j])) return false;
        s->free_index[m++] = j;
    }
    for (size_t b = 0; b < m; b++)
        for (size_t a = 0; a <= b; a++)
            s->packed[a + b * m] = s->here.normal[s->free_index[a] + s->free_index[b] * k];
    *rank = m;
    return jf_cholesky(m, s->packed, 0, NULL, s->factor, s->scale) > SMALLEST_PIVOT;
}
