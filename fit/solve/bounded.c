/* Bounded linear least squares by an active set whose multipliers are checked. */
#include "fit/solve/bounded.h"

#include <math.h>
#include "core/memory.h"

static const double RANK_TOLERANCE = 1e-13;
static const double MULTIPLIER_TOLERANCE = 1e-11; /* cosine between a column and the residual */

typedef struct active_set {
    const jf_triangle *whole;
    const double *lower, *upper;
    size_t k;
    double *x, *target, *residual, *length;
    signed char *side;
    bool *held, *refused; /* refused: freed in vain since the loss last fell */
    jf_triangle moved;    /* `whole` with d less what the held columns explain */
    double *stack;
} active_set;

static void active_set_clear(active_set *s)
{
    jf_free(s->target);
    jf_free(s->residual);
    jf_free(s->length);
    jf_free(s->held);
    jf_free(s->refused);
    jf_free(s->stack);
}

/* residual = d - R x over rows 0 .. k - 1. */
static void find_residual(active_set *s)
{
    for (size_t i = 0; i < s->k; i++) {
        double sum = jf_triangle_d(s->whole, i);

        for (size_t j = i; j < s->k; j++) sum -= jf_triangle_r(s->whole, i, j) * s->x[j];
        s->residual[i] = sum;
    }
}

static double residual_length(const active_set *s)
{
    double sum = 0;

    for (size_t i = 0; i < s->k; i++) sum += s->residual[i] * s->residual[i];
    return sqrt(sum);
}

static bool active_set_new(active_set *s)
{
    size_t k = s->k;

    s->target = JF_NEW_ZEROED(double, k);
    s->residual = JF_NEW_ZEROED(double, k);
    s->length = JF_NEW_ZEROED(double, k);
    s->held = JF_NEW_ZEROED(bool, k);
    s->refused = JF_NEW_ZEROED(bool, k);
    s->stack = JF_NEW_ZEROED(double, (k + 1) * (k + 1));
    if (!s->target || !s->residual || !s->length || !s->held || !s->refused || !s->stack) return false;
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i <= j; i++) {
            double r = jf_triangle_r(s->whole, i, j);

            s->stack[i + j * (k + 1)] = r;
            s->length[j] += r * r;
        }
    for (size_t j = 0; j < k; j++) s->length[j] = sqrt(s->length[j]);
    s->moved = (jf_triangle){.k = k, .capacity = k + 1, .filled = k + 1, .closed = true, .stack = s->stack};
    return true;
}

/* Puts an entry onto the bound that it reached. */
static void hold(active_set *s, size_t j)
{
    s->side[j] = s->target[j] <= s->lower[j] ? -1 : 1;
    s->x[j] = s->side[j] < 0 ? s->lower[j] : s->upper[j];
    s->held[j] = true;
}

/* The free entries' best values given the held ones, into target. */
static bool solve_free(active_set *s)
{
    for (size_t i = 0; i < s->k; i++) {
        double d = jf_triangle_d(s->whole, i);

        for (size_t j = i; j < s->k; j++)
            if (s->held[j]) d -= jf_triangle_r(s->whole, i, j) * s->x[j];
        s->stack[i + s->k * (s->k + 1)] = d;
    }
    return jf_triangle_solve(&s->moved, s->held, RANK_TOLERANCE, s->target, NULL) >= 0;
}

/* Moves the free entries to their best values, stopping at bounds on the way and holding what stopped there.
 */
static bool descend(active_set *s)
{
    for (size_t round = 0; round <= s->k; round++) {
        double step = 1;
        long first = -1;

        if (!solve_free(s)) return false;
        for (size_t j = 0; j < s->k; j++) {
            double bound, part;

            if (s->held[j] || (s->target[j] >= s->lower[j] && s->target[j] <= s->upper[j])) continue;
            bound = s->target[j] < s->lower[j] ? s->lower[j] : s->upper[j];
            part = (bound - s->x[j]) / (s->target[j] - s->x[j]);
            if (part < step || first < 0) step = part, first = (long)j;
        }
        for (size_t j = 0; j < s->k; j++)
            if (!s->held[j]) s->x[j] += step * (s->target[j] - s->x[j]);
        if (first < 0) return true;
        hold(s, (size_t)first);
        for (size_t j = 0; j < s->k; j++) /* others that arrived at the same moment */
            if (!s->held[j] && (s->x[j] <= s->lower[j] || s->x[j] >= s->upper[j]) &&
                (s->target[j] < s->lower[j] || s->target[j] > s->upper[j]))
                hold(s, j);
    }
    return true;
}

/* The held entry that would lower the loss most if freed, or -1. */
static long worst_multiplier(const active_set *s)
{
    double size = residual_length(s), worst = MULTIPLIER_TOLERANCE * size;
    long found = -1;

    for (size_t j = 0; j < s->k; j++) {
        double slope = 0;

        if (!s->held[j] || s->refused[j] || s->lower[j] == s->upper[j] || s->length[j] <= 0) continue;
        for (size_t i = 0; i <= j; i++) slope += jf_triangle_r(s->whole, i, j) * s->residual[i];
        slope *= -s->side[j] / s->length[j]; /* > 0: moving inwards lowers the loss */
        if (slope > worst) worst = slope, found = (long)j;
    }
    return found;
}

/* Starts at the unbounded solution, cut to the bounds. */
static bool begin(active_set *s)
{
    for (size_t j = 0; j < s->k; j++) {
        s->side[j] = 0;
        s->x[j] = 0;
        s->held[j] = s->lower[j] == s->upper[j];
        if (s->held[j]) s->x[j] = s->lower[j], s->side[j] = -1;
    }
    if (!solve_free(s)) return false;
    for (size_t j = 0; j < s->k; j++) {
        if (s->held[j]) continue;
        if (s->target[j] < s->lower[j] || s->target[j] > s->upper[j])
            hold(s, j);
        else
            s->x[j] = s->target[j];
    }
    return descend(s);
}

static jf_status settle(active_set *s, jf_error *err)
{
    size_t rounds = 20 * s->k + 100;
    double before = INFINITY;

    if (!begin(s)) return jf_fail(err, JF_ENOMEM, "out of memory for bounded least squares");
    while (rounds--) {
        double now;
        long j;

        find_residual(s);
        now = residual_length(s);
        if (now < before * (1 - 1e-14))
            for (size_t i = 0; i < s->k; i++) s->refused[i] = false;
        before = fmin(before, now);
        j = worst_multiplier(s);
        if (j < 0) return JF_OK;
        s->held[j] = false;
        s->side[j] = 0;
        s->refused[j] = true; /* until something else lowers the loss: no cycling */
        if (!descend(s)) return jf_fail(err, JF_ENOMEM, "out of memory for bounded least squares");
    }
    return jf_fail(err, JF_EFIT, "bounded least squares: the set of active bounds did not settle");
}

jf_status jf_bounded_solve(const jf_triangle *triangle, const double *lower, const double *upper, double *x,
                           signed char *side, jf_error *err)
{
    active_set s = {
        .whole = triangle, .lower = lower, .upper = upper, .k = triangle->k, .x = x, .side = side};
    jf_status status = JF_OK;

    if (!active_set_new(&s)) JF_TRY(jf_fail(err, JF_ENOMEM, "out of memory for bounded least squares"));
    JF_TRY(settle(&s, err));
done:
    active_set_clear(&s);
    return status;
}
