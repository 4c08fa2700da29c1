/* An objective: its memory, the pass over the blocks of rows, the loss alone, and what is told of a point. */
#include "fit/problem/objective.h"

#include <float.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/parallel.h"
#include "fit/problem/loops.h"
#include "fit/problem/objective_parts.h"

/* Slots of more levels are added row by row. */
enum { MOST_LEVELS_WRITTEN_OUT = 6 };
/* A parameter whose whole size moves the values less than this fraction of the response tells nothing. */
static const double FAINTEST_COLUMN = 1e-11;

void jf_objective_free(jf_objective *o)
{
    if (!o) return;
    jf_team_free(o->team);
    jf_arena_free(o->arena);
    jf_free(o->used);
    jf_free(o->is_dense);
    jf_free(o->dense);
    jf_free(o->columns);
    jf_free(o->expanded);
    jf_free(o->packed);
    jf_free(o->curved);
    jf_free(o->second);
    jf_free(o->residual);
    jf_free(o->slots);
    jf_free(o->pairs);
    jf_free(o->sums);
    jf_free(o);
}

static void mark_used_slots(jf_objective *o)
{
    for (size_t s = 0; s < o->n_slots; s++) {
        const jf_slot *slot = jf_formula_slot(o->problem->formula, s);

        for (size_t i = 0; i < slot->n; i++)
            if (!o->problem->fixed[slot->first + i]) o->used[s] = true;
    }
}

/* Lists the dense columns and their curved pairs. */
static bool list_dense(jf_objective *o)
{
    size_t most = 0, pairs = o->n_slots * (o->n_slots + 1) / 2, expanded = 0;
    const jf_formula *formula = o->problem->formula;

    for (size_t s = 0; s < o->n_slots; s++) most += jf_formula_slot(formula, s)->n;
    o->all_plain = true;
    o->is_dense = JF_NEW_ZEROED(bool, o->n_slots);
    o->dense = JF_NEW_ARRAY(jf_dense, most);
    o->columns = JF_NEW_ARRAY(const double *, most);
    o->curved = JF_NEW_ARRAY(jf_curved, pairs);
    o->second = JF_NEW_ARRAY(const double *, pairs);
    if (!o->is_dense || !o->dense || !o->columns || !o->curved || !o->second) return false;
    for (size_t s = 0; s < o->n_slots; s++) {
        const jf_slot *slot = jf_formula_slot(formula, s);

        o->all_plain = o->all_plain && (!o->used[s] || !slot->is_levels);
        if (!o->used[s] || slot->n > MOST_LEVELS_WRITTEN_OUT) continue;
        o->is_dense[s] = true;
        for (size_t i = 0; i < slot->n; i++)
            o->dense[o->n_dense++] = (jf_dense){s, slot->first + i, slot->is_levels ? (int32_t)i : -1};
        expanded += slot->is_levels ? slot->n : 0;
        for (size_t b = 0; b <= s && !slot->is_levels; b++)
            if (o->is_dense[b] && !jf_formula_slot(formula, b)->is_levels &&
                !jf_formula_pair_is_zero(formula, s, b))
                o->curved[o->n_curved++] =
                    (jf_curved){s * (s + 1) / 2 + b, slot->first, jf_formula_slot(formula, b)->first};
    }
    o->expanded = JF_NEW_ARRAY(double, expanded *JF_BLOCK);
    o->packed = JF_NEW_ARRAY(double, o->n_dense *(o->n_dense + 1) / 2 + o->n_curved);
    return o->expanded && o->packed;
}

void jf_objective_refresh(jf_objective *o)
{
    double sums[3];

    o->n = o->problem->n;
    o->loops->spread(o->n, o->problem->response, o->problem->weight, 0, sums);
    o->rounding = 4 * DBL_EPSILON * sqrt(sums[2]);
}

jf_status jf_objective_open(const jf_problem *problem, const jf_penalty *penalty, jf_objective **out,
                            jf_error *err)
{
    jf_status status = JF_OK;
    jf_objective *o = JF_NEW(jf_objective);

    *out = NULL;
    JF_TRY_NEW(o, err, "a solver");
    o->problem = problem;
    o->penalty = *penalty;
    o->n = problem->n;
    o->k = problem->k;
    o->n_slots = jf_formula_n_slots(problem->formula);
    o->used = JF_NEW_ZEROED(bool, o->n_slots);
    o->residual = JF_NEW_ARRAY(double, 5 * (size_t)JF_BLOCK);
    o->slots = JF_NEW_ZEROED(const double *, o->n_slots);
    o->pairs = JF_NEW_ZEROED(const double *, o->n_slots *(o->n_slots + 1) / 2);
    o->sums = JF_NEW_ZEROED(jf_twofold, 2 * o->k);
    JF_TRY_NEW(o->used && o->residual && o->slots && o->pairs && o->sums ? o : NULL, err, "a solver");
    o->psi = o->residual + JF_BLOCK;
    o->bend = o->psi + JF_BLOCK;
    o->omega = o->bend + JF_BLOCK;
    o->row = o->omega + JF_BLOCK;
    mark_used_slots(o);
    o->loops = jf_loops_active();
    JF_TRY_NEW(list_dense(o) ? o : NULL, err, "a solver");
    JF_TRY(jf_arena_new(problem->formula, JF_HESSIAN, &o->arena, err));
    *out = o;
    o = NULL;
done:
    jf_objective_free(o);
    return status;
}

jf_status jf_objective_new(const jf_problem *problem, const jf_penalty *penalty, jf_objective **out,
                           jf_error *err)
{
    jf_status status = jf_objective_open(problem, penalty, out, err);

    if (status == JF_OK) jf_objective_refresh(*out);
    return status;
}

jf_status jf_point_new(size_t k, jf_point *out, jf_error *err)
{
    *out = (jf_point){.memory = JF_NEW_ZEROED(double, 3 * k + 2 * k * k)};
    if (!out->memory) return jf_fail(err, JF_ENOMEM, "out of memory for a solver");
    out->theta = out->memory;
    out->gradient = out->theta + k;
    out->length = out->gradient + k;
    out->normal = out->length + k;
    out->hessian = out->normal + k * k;
    return JF_OK;
}

void jf_point_clear(jf_point *point)
{
    jf_free(point->memory);
    *point = (jf_point){0};
}

enum { FITS_CACHE = 8192 }; /* rows beyond which the next block is asked for ahead of time */

static void prefetch(const double *x, size_t n)
{
    for (size_t i = 0; i < n; i += 8) __builtin_prefetch(x + i);
}

bool jf_objective_visit_some(jf_objective *o, const double *theta, jf_order order, size_t begin, size_t end,
                             jf_rows_work work, void *context)
{
    const jf_problem *p = o->problem;

    jf_eval_begin(p->formula, p->inputs, o->arena, theta, order);
    for (size_t row = begin; row < end; row += JF_BLOCK) {
        size_t n = end - row < JF_BLOCK ? end - row : JF_BLOCK;
        const double *value, *response = p->response + row, *weight = p->weight ? p->weight + row : NULL;

        if (o->n > FITS_CACHE) {
            prefetch(response, n);
            if (weight) prefetch(weight, n);
        }
        jf_eval_block(p->formula, p->inputs, o->arena, row, n, &value, order >= JF_GRADIENT ? o->slots : NULL,
                      order >= JF_HESSIAN ? o->pairs : NULL);
        if (!o->loops->subtract(n, response, value, o->residual) || jf_stop_requested()) return false;
        work(o, &(jf_rows){row, n, o->residual, weight, o->slots, o->pairs}, context);
    }
    return true;
}

bool jf_objective_visit(jf_objective *o, const double *theta, jf_order order, jf_rows_work work,
                        void *context)
{
    o->evaluations++;
    return jf_objective_visit_some(o, theta, order, 0, o->n, work, context);
}

jf_touch jf_rows_touch(const jf_objective *o, const jf_rows *rows, size_t slot)
{
    const jf_slot *s = jf_formula_slot(o->problem->formula, slot);
    const int32_t *codes = s->is_levels ? jf_inputs_codes(o->problem->inputs, s->input) + rows->row : NULL;

    return (jf_touch){s->first, codes};
}

static void add_loss(jf_objective *o, const jf_rows *rows, void *context)
{
    jf_twofold_add(context,
                   jf_penalty_block(&o->penalty, rows->n, rows->residual, rows->weight, o->psi, NULL, NULL));
}

bool jf_objective_loss(jf_objective *o, const double *theta, double *loss)
{
    jf_twofold sum = {0, 0};
    bool finite = jf_objective_visit(o, theta, JF_VALUE, add_loss, &sum);

    *loss = finite ? jf_twofold_value(&sum) : INFINITY;
    return isfinite(*loss);
}

double jf_scaled_gradient(const jf_objective *o, const jf_point *point, const bool *held)
{
    double worst = 0, size = fmax(point->size, o->rounding);

    for (size_t j = 0; j < o->k; j++) {
        double whole = point->length[j] * size;

        if ((held && held[j]) || point->gradient[j] == 0 || !(whole > 0)) continue;
        worst = fmax(worst, fabs(point->gradient[j]) / whole);
    }
    return worst;
}

bool jf_column_is_faint(const jf_objective *o, double length, double parameter)
{
    double whole = o->rounding / (4 * DBL_EPSILON), moves = length * fabs(parameter);

    return length <= 0 || (moves > 0 && moves < FAINTEST_COLUMN * whole);
}

void jf_find_held(const jf_problem *p, const jf_point *point, bool *held, signed char *side)
{
    for (size_t j = 0; j < p->k; j++) {
        bool low = point->theta[j] <= p->lower[j] && point->gradient[j] > 0;
        bool high = point->theta[j] >= p->upper[j] && point->gradient[j] < 0;

        held[j] = p->fixed[j] || low || high;
        if (side) side[j] = p->fixed[j] ? 0 : low ? -1 : high ? 1 : 0;
    }
}
/* Finding the row that is to blame. */
typedef struct blame {
    long row;
} blame;

static void find_bad_slope(jf_objective *o, const jf_rows *rows, void *context)
{
    blame *found = context;

    for (size_t i = 0; i < rows->n && found->row < 0; i++)
        for (size_t a = 0; a < o->n_slots; a++)
            if (o->used[a] && !isfinite(rows->slots[a][i])) found->row = (long)(rows->row + i);
}

long jf_objective_bad_row(jf_objective *o, const double *theta)
{
    const jf_problem *p = o->problem;
    blame found = {-1};

    jf_eval_begin(p->formula, p->inputs, o->arena, theta, JF_VALUE);
    for (size_t row = 0; row < o->n; row += JF_BLOCK) {
        size_t n = o->n - row < JF_BLOCK ? o->n - row : JF_BLOCK;
        const double *value;

        jf_eval_block(p->formula, p->inputs, o->arena, row, n, &value, NULL, NULL);
        for (size_t i = 0; i < n; i++)
            if (!isfinite(p->response[row + i] - value[i])) return (long)(row + i);
    }
    jf_objective_visit(o, theta, JF_GRADIENT, find_bad_slope, &found);
    return found.row;
}
