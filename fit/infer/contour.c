/* Follows a curve of constant profile loss by predictor and corrector: the tangent is exact, for at the
 * refitted minimum the loss moves with the two held parameters alone. */
#include "fit/infer/contour.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "fit/problem/loss.h"

enum { MOST_POINTS = 1500, MOST_CORRECTIONS = 6, MOST_TRIES = 60 };
static const double CLOSE = 1e-7;    /* of the quantile: a point lies on the curve */
static const double FIRST = 0.08;    /* step, in radii; also the largest next to the fit */
static const double SMALLEST = 2e-4; /* step, in radii */
static const double BEND = 0.35;     /* radians that the curve may turn in one step */
static const double STRAIGHT = 0.07; /* radians below which steps grow */

/* A place of the plane, in coordinates in which the region of a linear law is a circle. */
typedef struct place {
    double u[2];
    double z, slope[2]; /* slope of z^2 by u */
    bool outside;       /* beyond a bound: z is infinite */
    double *theta;      /* k */
} place;

typedef struct tracer {
    const jf_contour_setup *setup;
    jf_held held;
    jf_arena *arena;
    double *jacobian, *residual, *psi, *start;
    place here, next;
} tracer;

static void tracer_clear(tracer *t)
{
    void *const owned[] = {t->jacobian, t->residual, t->psi, t->start, t->here.theta, t->next.theta};

    jf_held_clear(&t->held);
    jf_arena_free(t->arena);
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) jf_free(owned[i]);
}

static jf_status tracer_new(tracer *t, double *better, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_problem *problem = t->setup->profile.problem;

    JF_TRY(jf_held_new(&t->setup->profile, t->setup->which, 2, better, &t->held, err));
    JF_TRY(jf_arena_new(problem->formula, JF_GRADIENT, &t->arena, err));
    t->jacobian = JF_NEW_ARRAY(double, problem->n * problem->k);
    t->residual = JF_NEW_ARRAY(double, problem->n);
    t->psi = JF_NEW_ARRAY(double, problem->n);
    t->start = JF_NEW_ARRAY(double, problem->k);
    t->here.theta = JF_NEW_ARRAY(double, problem->k);
    t->next.theta = JF_NEW_ARRAY(double, problem->k);
    JF_TRY_NEW(t->jacobian && t->residual && t->psi && t->start && t->here.theta && t->next.theta ? t : NULL,
               err, "a contour");
done:
    return status;
}

static void swap(place *a, place *b)
{
    place c = *a;

    *a = *b;
    *b = c;
}

/* The two parameters at a place. */
static void values_at(const jf_contour_setup *s, const double u[2], double value[2])
{
    for (int i = 0; i < 2; i++) {
        double at = s->profile.theta[s->which[i]], moved = s->root[i][0] * u[0] + s->root[i][1] * u[1];
        value[i] = s->logs[i] ? at * exp(moved) : at + moved;
    }
}

static bool is_outside(const jf_contour_setup *s, const double value[2])
{
    const jf_problem *problem = s->profile.problem;

    for (int i = 0; i < 2; i++)
        if (!(value[i] >= problem->lower[s->which[i]] && value[i] <= problem->upper[s->which[i]]))
            return true;
    return false;
}

/* Slope of z^2 by the coordinates: others are at their best, so the loss moves with the held ones alone. */
static void find_slope(tracer *t, place *p)
{
    const jf_contour_setup *s = t->setup;
    const jf_problem *problem = s->profile.problem;
    jf_penalty penalty = {.loss = s->profile.penalty};
    double scale = (penalty.loss.kind == JF_LOSS_LS ? 2 : 1) / s->profile.unit, by[2];
    size_t n = problem->n;

    jf_formula_jacobian(problem->formula, problem->inputs, t->arena, p->theta, t->residual, t->jacobian, n);
    for (size_t i = 0; i < n; i++) t->residual[i] = problem->response[i] - t->residual[i];
    jf_penalty_block(&penalty, n, t->residual, problem->weight, t->psi, NULL, NULL);
    for (int a = 0; a < 2; a++) {
        const double *column = t->jacobian + s->which[a] * n;
        by[a] = 0;
        for (size_t i = 0; i < n; i++) by[a] -= scale * t->psi[i] * column[i];
        if (s->logs[a]) by[a] *= p->theta[s->which[a]];
    }
    p->slope[0] = by[0] * s->root[0][0] + by[1] * s->root[1][0];
    p->slope[1] = by[0] * s->root[0][1] + by[1] * s->root[1][1];
}

/* Fills t->next at u, refitted from t->here, and from the fit where that seems too far out. */
static jf_status look_at(tracer *t, const double u[2], jf_error *err)
{
    jf_status status = JF_OK;
    const jf_contour_setup *s = t->setup;
    size_t size = s->profile.problem->k * sizeof(double);
    double value[2];

    values_at(s, u, value);
    t->next.u[0] = u[0];
    t->next.u[1] = u[1];
    t->next.z = INFINITY;
    t->next.outside = is_outside(s, value);
    if (t->next.outside) return JF_OK;
    jf_held_move(&t->held, value);
    for (int from = 0; from < 2 && t->held.z > s->profile.quantile; from++) {
        memcpy(t->start, from ? s->profile.theta : t->here.theta, size);
        for (int i = 0; i < 2; i++) t->start[s->which[i]] = value[i];
        JF_TRY(jf_held_refit(&t->held, t->start, err));
    }
    t->next.z = t->held.z;
    if (isinf(t->next.z)) goto done;
    memcpy(t->next.theta, t->held.theta, size);
    find_slope(t, &t->next);
done:
    return status;
}

static double length(const double v[2])
{
    return hypot(v[0], v[1]);
}

static bool is_on_curve(const tracer *t, const place *p)
{
    return fabs(p->z - t->setup->profile.quantile) <= CLOSE * t->setup->profile.quantile;
}

/* ---- the first point ---- */

static void stand_at_fit(tracer *t)
{
    memset(&t->here.u, 0, sizeof t->here.u);
    t->here.z = 0;
    memcpy(t->here.theta, t->setup->profile.theta, t->setup->profile.problem->k * sizeof(double));
}

/* Goes out along a ray until the loss has grown too much, and closes in on the place where it crosses: that
 * is then t->here. */
static jf_status cross_ray(tracer *t, const double ray[2], bool *found, jf_error *err)
{
    jf_status status = JF_OK;
    double q = t->setup->profile.quantile, inside = 0, outside = INFINITY, z_inside = 0, z_outside = INFINITY;
    double at = q;

    *found = false;
    stand_at_fit(t);
    for (int i = 0; i < MOST_TRIES; i++) {
        double u[2] = {at * ray[0], at * ray[1]}, share;

        JF_TRY(look_at(t, u, err));
        if (isfinite(t->held.better_loss) || (t->next.outside && isinf(outside) && inside == 0 && i > 8))
            break;
        *found = is_on_curve(t, &t->next);
        if (t->next.z > q)
            outside = at, z_outside = t->next.z;
        else
            inside = at, z_inside = t->next.z;
        if (*found || t->next.z < q) swap(&t->here, &t->next);
        if (*found || inside > JF_CONTOUR_FAR * q) break;
        share = isfinite(z_outside) ? (q - z_inside) / (z_outside - z_inside) : 0.5;
        if (!(share > 0.02 && share < 0.98) || i % 4 == 3) share = 0.5;
        at = isinf(outside) ? inside * 2 : inside + share * (outside - inside);
    }
done:
    return status;
}

static jf_status find_start(tracer *t, bool *found, jf_error *err)
{
    static const double rays[][2] = {{1, 0},     {-1, 0},      {0, 1},      {0, -1},
                                     {0.7, 0.7}, {-0.7, -0.7}, {0.7, -0.7}, {-0.7, 0.7}};
    jf_status status = JF_OK;

    *found = false;
    for (size_t i = 0; i < sizeof rays / sizeof *rays && !*found; i++) {
        JF_TRY(cross_ray(t, rays[i], found, err));
        if (isfinite(t->held.better_loss)) break;
    }
done:
    return status;
}

/* ---- along the curve ---- */

/* Newton's steps along the slope, from where t->next was looked at, onto the curve. */
static jf_status correct(tracer *t, bool *good, jf_error *err)
{
    jf_status status = JF_OK;
    double q = t->setup->profile.quantile;

    *good = false;
    for (int i = 0; i < MOST_CORRECTIONS; i++) {
        double square, step, u[2];

        if (isinf(t->next.z) || isfinite(t->held.better_loss)) return JF_OK;
        *good = is_on_curve(t, &t->next);
        square = t->next.slope[0] * t->next.slope[0] + t->next.slope[1] * t->next.slope[1];
        if (*good || !(square > 0)) return JF_OK;
        step = (q * q - t->next.z * t->next.z) / square;
        u[0] = t->next.u[0] + step * t->next.slope[0];
        u[1] = t->next.u[1] + step * t->next.slope[1];
        JF_TRY(look_at(t, u, err));
    }
    *good = is_on_curve(t, &t->next);
done:
    return status;
}

/* Unit vector along the curve; `side` 1 goes round the fit against the clock. */
static void tangent(const place *p, double side, double out[2])
{
    double size = length(p->slope);

    out[0] = -side * p->slope[1] / size;
    out[1] = side * p->slope[0] / size;
}

static bool add_point(jf_contour *out, size_t *capacity, const tracer *t)
{
    if (!jf_grow((void **)&out->points, capacity, out->n_points + 1, 2 * sizeof(double))) return false;
    values_at(t->setup, t->here.u, out->points + 2 * out->n_points++);
    return true;
}

/* One step from t->here, shortened until the curve is met again without a sharp turn. False where no step is
 * short enough; *blocked tells whether a bound stood in the way. */
static jf_status take_step(tracer *t, double side, double *step, bool *taken, bool *blocked, jf_error *err)
{
    jf_status status = JF_OK;
    double q = t->setup->profile.quantile, along[2], after[2];

    tangent(&t->here, side, along);
    *taken = *blocked = false;
    for (; *step > SMALLEST * q && !*taken; *step *= *taken ? 1 : 0.5) {
        double u[2] = {t->here.u[0] + *step * along[0], t->here.u[1] + *step * along[1]}, turn, moved[2];

        JF_TRY(look_at(t, u, err));
        JF_TRY(correct(t, taken, err));
        if (isfinite(t->held.better_loss)) return JF_OK;
        *blocked = *blocked || t->next.outside;
        if (!*taken) continue;
        tangent(&t->next, side, after);
        moved[0] = t->next.u[0] - t->here.u[0];
        moved[1] = t->next.u[1] - t->here.u[1];
        turn = acos(fmin(fmax(along[0] * after[0] + along[1] * after[1], -1), 1));
        *taken = turn < BEND && length(moved) < 2 * *step;
        if (*taken && turn < STRAIGHT) *step *= 1.5;
    }
done:
    return status;
}

/* Follows the curve from t->here until it closes or ends. */
static jf_status follow(tracer *t, double side, jf_contour *out, size_t *capacity, jf_error *err)
{
    jf_status status = JF_OK;
    double q = t->setup->profile.quantile, step = FIRST * q, first[2] = {t->here.u[0], t->here.u[1]},
           along[2];

    tangent(&t->here, side, along);
    out->state = JF_CONTOUR_FAILED;
    for (size_t i = 0; i < MOST_POINTS; i++) {
        bool taken, blocked;
        double gap[2], now[2];

        step = fmin(step, FIRST * fmax(q, length(t->here.u)));
        JF_TRY(take_step(t, side, &step, &taken, &blocked, err));
        if (!taken) {
            if (blocked) out->state = JF_CONTOUR_BOUND;
            goto done;
        }
        swap(&t->here, &t->next);
        gap[0] = t->here.u[0] - first[0];
        gap[1] = t->here.u[1] - first[1];
        tangent(&t->here, side, now);
        if (i > 4 && length(gap) < 1.01 * step && now[0] * along[0] + now[1] * along[1] > 0.5) {
            out->state = JF_CONTOUR_CLOSED;
            goto done;
        }
        if (!add_point(out, capacity, t)) return jf_fail(err, JF_ENOMEM, "out of memory for a contour");
        if (length(t->here.u) > JF_CONTOUR_FAR * q) {
            out->state = JF_CONTOUR_UNBOUNDED;
            goto done;
        }
    }
done:
    return status;
}

static void reverse(jf_contour *c)
{
    for (size_t i = 0, j = c->n_points; i + 1 < j--; i++)
        for (int d = 0; d < 2; d++) {
            double value = c->points[2 * i + d];
            c->points[2 * i + d] = c->points[2 * j + d];
            c->points[2 * j + d] = value;
        }
}

/* A curve that did not close goes on from its first point the other way. */
static jf_status follow_both(tracer *t, jf_contour *out, jf_error *err)
{
    jf_status status = JF_OK;
    size_t capacity = 0, size = t->setup->profile.problem->k * sizeof(double);
    place first = t->here;
    jf_contour_state one;

    first.theta = JF_NEW_ARRAY(double, t->setup->profile.problem->k);
    JF_TRY_NEW(first.theta, err, "a contour");
    memcpy(first.theta, t->here.theta, size);
    if (!add_point(out, &capacity, t)) JF_TRY(jf_fail(err, JF_ENOMEM, "out of memory for a contour"));
    JF_TRY(follow(t, 1, out, &capacity, err));
    one = out->state;
    if (one == JF_CONTOUR_CLOSED || isfinite(t->held.better_loss)) goto done;
    reverse(out);
    memcpy(t->here.theta, first.theta, size);
    memcpy(t->here.u, first.u, sizeof first.u);
    memcpy(t->here.slope, first.slope, sizeof first.slope);
    t->here.z = first.z;
    JF_TRY(follow(t, -1, out, &capacity, err));
    if (one == JF_CONTOUR_FAILED || (one == JF_CONTOUR_UNBOUNDED && out->state != JF_CONTOUR_FAILED))
        out->state = one;
done:
    jf_free(first.theta);
    return status;
}

jf_status jf_contour_run(const jf_contour_setup *setup, jf_contour *out, double *better, double *better_loss,
                         jf_error *err)
{
    jf_status status = JF_OK;
    tracer t = {.setup = setup};
    bool found;

    *better_loss = INFINITY;
    out->state = JF_CONTOUR_UNBOUNDED;
    JF_TRY(tracer_new(&t, better, err));
    JF_TRY(find_start(&t, &found, err));
    if (found) JF_TRY(follow_both(&t, out, err));
    *better_loss = t.held.better_loss;
done:
    tracer_clear(&t);
    return status;
}
