/* Walks away from a minimum that is not proven, one parameter held at a time. */
#include "fit/solve/runaway.h"

#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "fit/solve/runaway_walk.h"

static const double PROVEN = 1e-5; /* relative offset of a minimum */
static const double WEAK = 1;      /* times itself: a standard error that calls for a look */
static const double FAR = 1e3;     /* a parameter so many times as large or small, and a walk has ended */
static const double NO_PART =
    1e-3; /* a parameter so small, in units that move the values by the residuals, is zero */
static const double MOST_UNITS = 1e6;      /* how much farther than FAR a small parameter is followed */
static const double MOST_SHARE = 0.1;      /* of the way back to one: longest step of a retreat */
static const double COST_OF_RETREAT = 0.5; /* of the loss */
static const double NO_FALL = 1e-9;        /* of the loss */
static const double NEAR = 1.1;            /* a parameter so many times as large is near by */
static const double ROOM = 1e120;          /* derivatives below this can be squared, and summed */
enum { MOST_ROUNDS = 3 };

/* ---- all parameters ---------------------------------------------------------------------------------------
 */

/* What one look at a minimum is about. */
typedef struct look {
    const jf_problem *problem;
    const jf_solve_options *options;
    jf_minimum *best;
    jf_runaway *runaway;
    jf_objective *objective;
    jf_point point; /* lengths of the columns at best */
    bool *weak;     /* k: hardly told by the rows */
    long *column;   /* k */
    double *scale;  /* k */
    double *lowest; /* k: the lowest point of all walks */
    double lowest_loss;
} look;

static bool keep_lowest(look *l, const double *theta)
{
    double loss;

    if (!jf_objective_loss(l->objective, theta, &loss) || !(loss < l->lowest_loss)) return false;
    l->lowest_loss = loss;
    memcpy(l->lowest, theta, l->problem->k * sizeof *theta);
    return true;
}

static bool is_settled(const jf_minimum *best)
{
    return best->converged && best->offset <= PROVEN;
}

static bool may_move(const look *l, size_t j)
{
    return !l->problem->fixed[j] && !l->best->bound[j];
}

static bool has_full_rank(const look *l)
{
    size_t n_free = 0;

    for (size_t j = 0; j < l->problem->k; j++) n_free += may_move(l, j);
    return l->best->rank >= n_free;
}

static bool is_faint(const look *l, size_t j)
{
    double length = l->point.length[j];

    return length > 0 && jf_column_is_faint(l->objective, length, l->best->theta[j]);
}

/* Walks to both sides with parameter j. */
static jf_status try_parameter(look *l, size_t j, jf_error *err)
{
    jf_status status = JF_OK;
    const double *theta = l->best->theta;
    double size = fabs(theta[j]),
           unit = l->point.length[j] > 0 ? l->point.size / l->point.length[j] : INFINITY;
    double end = FAR * fmax(size, fmin(unit, MOST_UNITS * size));
    jf_walk w;

    if (size == 0) return JF_OK;
    JF_TRY(jf_walk_new(l->problem, l->options, theta, j, &w, err));
    for (int side = 1; side >= -1 && !l->runaway[j].open; side -= 2) {
        if (side < 0 && size < NO_PART * unit) continue;
        if (!jf_walk_out(&w, l->problem, theta, side, side > 0 ? end : size / FAR)) {
            if (isfinite(w.lowest_loss)) keep_lowest(l, w.lowest);
            continue;
        }
        keep_lowest(l, w.lowest);
        if (!has_full_rank(l) && !is_faint(l, j) && w.lowest_loss > w.first_loss * (1 - NO_FALL))
            continue; /* level: a direction that moves no prediction */
        l->runaway[j] = (jf_runaway){.open = true,
                                     .from = theta[j],
                                     .reached = w.theta[j],
                                     .fall = w.first_loss > 0 ? 1 - w.lowest_loss / w.first_loss : 0};
    }
    if (w.local->objective->starved) status = jf_fail(err, JF_ENOMEM, "out of memory for a solver");
done:
    jf_walk_clear(&w);
    return status;
}

/* Marks parameters that are told less well than by their own size: their standard errors, from the
 * triangle of the columns. All are where there are no such errors. */
static jf_status mark_weak(look *l, jf_error *err)
{
    size_t k = l->problem->k, n = l->objective->n, m = 0;
    jf_status status = JF_OK;
    jf_triangle *t = NULL;
    bool told;

    for (size_t j = 0; j < k; j++) {
        bool free = may_move(l, j) && l->point.length[j] > 0;

        l->column[j] = free ? (long)m++ : -1;
        l->scale[j] = free ? l->point.length[j] : 1;
        l->weak[j] = free;
    }
    JF_TRY(jf_triangle_new(k, n, &t, err));
    jf_triangle_reset(t, m);
    told = jf_objective_triangle(l->objective, l->best->theta, l->column, l->scale, t);
    jf_triangle_close(t);
    if (!told || !m || LAPACKE_dtrtri(LAPACK_COL_MAJOR, 'U', 'N', (int)m, t->stack, (int)t->capacity))
        goto done;
    for (size_t j = 0; j < k; j++) {
        double sum = 0;

        if (l->column[j] < 0) continue;
        for (size_t b = (size_t)l->column[j]; b < m; b++)
            sum += pow(jf_triangle_r(t, (size_t)l->column[j], b), 2);
        sum = sqrt(sum / (double)(n > m ? n - m : 1)) * l->point.size / l->scale[j];
        l->weak[j] = !(sum < WEAK * fabs(l->best->theta[j]));
    }
done:
    jf_triangle_free(t);
    return status;
}

/* Is there something to look into? Where the search ended well only what is weak or faint is: a column that
 * repeats others says so itself. */
static bool is_suspect(const look *l, size_t j)
{
    if (!may_move(l, j)) return false;
    if (!is_settled(l->best) || l->weak[j]) return true;
    return l->best->unidentified[j] && is_faint(l, j);
}

static jf_status look_around(look *l, size_t *n_open, jf_error *err)
{
    jf_status status = JF_OK;

    *n_open = 0;
    l->lowest_loss = l->best->loss;
    memcpy(l->lowest, l->best->theta, l->problem->k * sizeof(double));
    memcpy(l->point.theta, l->best->theta, l->problem->k * sizeof(double));
    if (!jf_objective_precise(l->objective, &l->point)) return JF_OK;
    memset(l->weak, 0, l->problem->k * sizeof *l->weak);
    if (has_full_rank(l)) JF_TRY(mark_weak(l, err));
    for (size_t j = 0; j < l->problem->k; j++) {
        if (is_suspect(l, j)) JF_TRY(try_parameter(l, j, err));
        *n_open += l->runaway[j].open;
    }
done:
    return status;
}

/* A lower minimum of the usual kind: fitted properly. */
static jf_status go_lower(look *l, jf_error *err)
{
    jf_status status = JF_OK;
    jf_local *local = NULL;

    JF_TRY(jf_local_new(l->problem, &l->options->loss, l->options->max_iterations, l->options->tolerance,
                        &local, err));
    memcpy(l->best->theta, l->lowest, l->problem->k * sizeof(double));
    status = jf_local_fit(local, JF_OF_RECORD, l->best, err);
    if (status == JF_EFIT) status = JF_OK;
done:
    jf_local_free(local);
    return status;
}

/* The lowest point of all walks stands for the minimum that there is not. */
static void stand_in(look *l)
{
    memcpy(l->best->theta, l->lowest, l->problem->k * sizeof(double));
    l->best->loss = l->lowest_loss;
    l->best->converged = false;
    l->best->rank = 0;
}

static jf_status look_new(const jf_problem *problem, const jf_solve_options *options, jf_minimum *best,
                          jf_runaway *runaway, look *l, jf_error *err)
{
    jf_status status = JF_OK;
    jf_penalty penalty = {options->loss, 0};

    *l = (look){.problem = problem, .options = options, .best = best, .runaway = runaway};
    l->lowest = JF_NEW_ARRAY(double, 2 * problem->k);
    l->weak = JF_NEW_ZEROED(bool, problem->k);
    l->column = JF_NEW_ZEROED(long, problem->k);
    JF_TRY_NEW(l->lowest && l->weak && l->column ? l : NULL, err, "a solver");
    l->scale = l->lowest + problem->k;
    JF_TRY(jf_objective_new(problem, &penalty, &l->objective, err));
    JF_TRY(jf_point_new(problem->k, &l->point, err));
done:
    return status;
}

static void look_clear(look *l)
{
    jf_objective_free(l->objective);
    jf_point_clear(&l->point);
    jf_free(l->lowest);
    jf_free(l->weak);
    jf_free(l->column);
}

static void mark_overflown(look *l, size_t *n_open)
{
    *n_open = 0;
    jf_objective_largest(l->objective, l->best->theta, l->point.length);
    for (size_t j = 0; j < l->problem->k; j++) {
        double at = l->best->theta[j];

        if (l->problem->fixed[j] || l->point.length[j] < ROOM) continue;
        l->runaway[j] = (jf_runaway){.open = true, .from = at, .reached = at};
        ++*n_open;
    }
    l->best->converged = false;
    l->best->rank = 0;
}

/* Does parameter j lead out of the range of doubles near by? Its derivatives (`largest`) are too large to be
 * squared, or with a little more of it the law has no value. */
static bool is_edge(look *l, const double *theta, size_t j, double largest)
{
    double loss;
    bool out;

    if (!may_move(l, j)) return false;
    memcpy(l->point.theta, theta, l->problem->k * sizeof *theta);
    l->point.theta[j] *= NEAR;
    out = !jf_objective_loss(l->objective, l->point.theta, &loss);
    return out || largest > ROOM;
}

/* Marks all such parameters; tells whether there are any. */
static bool find_edges(look *l, const double *theta, bool *edge)
{
    bool any = false;

    jf_objective_largest(l->objective, theta, l->point.length);
    for (size_t j = 0; j < l->problem->k; j++) {
        edge[j] = is_edge(l, theta, j, l->point.length[j]);
        any = any || edge[j];
    }
    return any;
}

/* Back along the valley to where there is room: the parameter at the edge is held ever nearer to one (or,
 * where it is no scale, to zero). `*back`: got there. */
static jf_status retreat(look *l, size_t j, bool *back, jf_error *err)
{
    jf_status status = JF_OK;
    jf_walk w;

    *back = false;
    JF_TRY(jf_walk_new(l->problem, l->options, l->best->theta, j, &w, err));
    jf_walk_set_out(&w, l->best->theta);
    for (double share = JF_WALK_FIRST; share >= JF_WALK_LEAST && share < 1 && !*back;) {
        double now = w.theta[j];
        double value = w.scale[j] ? copysign(pow(fabs(now), 1 - share), now) : (1 - share) * now;
        bool first = isinf(w.lowest_loss), went = jf_walk_go_to(&w, value, COST_OF_RETREAT) == JF_WENT;

        share = went ? fmin(2 * share, MOST_SHARE) : first ? 2 * share : 0.25 * share;
        *back = went && !find_edges(l, w.theta, l->weak);
    }
    if (*back) {
        memcpy(l->best->theta, w.theta, w.k * sizeof(double));
        jf_objective_loss(l->objective, w.theta, &l->best->loss);
    }
    if (w.local->objective->starved) status = jf_fail(err, JF_ENOMEM, "out of memory for a solver");
done:
    jf_walk_clear(&w);
    return status;
}

/* From the edge of the range of doubles to where walks can begin; false in `*back` where no way leads there.
 */
static jf_status leave_edge(look *l, bool *back, jf_error *err)
{
    jf_status status = JF_OK;
    size_t k = l->problem->k;
    bool *edge = JF_NEW_ZEROED(bool, k);

    JF_TRY_NEW(edge, err, "a solver");
    *back = is_settled(l->best) || !find_edges(l, l->best->theta, edge);
    for (size_t j = 0; j < k && !*back; j++)
        if (edge[j]) JF_TRY(retreat(l, j, back, err));
done:
    jf_free(edge);
    return status;
}

jf_status jf_runaway_find(const jf_problem *problem, const jf_solve_options *options, bool overflown,
                          jf_minimum *best, jf_runaway *runaway, size_t *n_open, jf_error *err)
{
    jf_status status = JF_OK;
    bool back = false;
    look l;

    *n_open = 0;
    JF_TRY(look_new(problem, options, best, runaway, &l, err));
    if (overflown && !jf_objective_loss(l.objective, best->theta, &best->loss)) goto done;
    if (overflown) best->converged = false;
    JF_TRY(leave_edge(&l, &back, err));
    for (int round = 0; back && round < MOST_ROUNDS; round++) {
        JF_TRY(look_around(&l, n_open, err));
        if (*n_open || !(l.lowest_loss < best->loss * (1 - JF_WALK_LEVEL))) break;
        JF_TRY(go_lower(&l, err));
    }
    if (*n_open)
        stand_in(&l);
    else if (!back)
        mark_overflown(&l, n_open);
done:
    look_clear(&l);
    return status;
}
