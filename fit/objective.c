/* The loss of a problem and its derivatives, block by block from the formula's slots. */
#include "fit/objective.h"

#include <cblas.h>
#include <float.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "fit/loops.h"

/* Beyond this many rows only the sums of whole blocks are carried in double-double. */
enum { ROWS_SUMMED_TWOFOLD = 100000 };
/* Slots of more levels are added row by row. */
enum { MOST_LEVELS_WRITTEN_OUT = 6 };
/* A parameter whose whole size moves the values less than this fraction of the response tells nothing. */
static const double FAINTEST_COLUMN = 1e-11;

void jf_objective_free(jf_objective *o)
{
    if (!o) return;
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
    o->is_dense = JF_NEW_ZEROED(bool, o->n_slots);
    o->dense = JF_NEW_ARRAY(jf_dense, most);
    o->columns = JF_NEW_ARRAY(const double *, most);
    o->curved = JF_NEW_ARRAY(jf_curved, pairs);
    o->second = JF_NEW_ARRAY(const double *, pairs);
    if (!o->is_dense || !o->dense || !o->columns || !o->curved || !o->second) return false;
    for (size_t s = 0; s < o->n_slots; s++) {
        const jf_slot *slot = jf_formula_slot(formula, s);

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

static double weighted_sum_of_squares(const jf_problem *problem)
{
    double sum = 0;

    for (size_t i = 0; i < problem->n; i++)
        sum += (problem->weight ? problem->weight[i] : 1) * problem->response[i] * problem->response[i];
    return sum;
}

void jf_objective_refresh(jf_objective *o)
{
    o->n = o->problem->n;
    o->rounding = 4 * DBL_EPSILON * sqrt(weighted_sum_of_squares(o->problem));
}

jf_status jf_objective_new(const jf_problem *problem, const jf_penalty *penalty, jf_objective **out,
                           jf_error *err)
{
    jf_status status = JF_OK;
    jf_objective *o = JF_NEW(jf_objective);

    *out = NULL;
    JF_TRY_NEW(o, err, "a solver");
    o->problem = problem;
    o->penalty = *penalty;
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
    jf_objective_refresh(o);
    JF_TRY(jf_arena_new(problem->formula, JF_HESSIAN, &o->arena, err));
    *out = o;
    o = NULL;
done:
    jf_objective_free(o);
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

static bool all_finite(const double *x, size_t n)
{
    int bad = 0;

    for (size_t i = 0; i < n; i++) bad |= !isfinite(x[i]);
    return !bad;
}

bool jf_objective_visit(jf_objective *o, const double *theta, jf_order order, jf_rows_work work,
                        void *context)
{
    const jf_problem *p = o->problem;

    o->evaluations++;
    jf_eval_begin(p->formula, p->inputs, o->arena, theta, order);
    for (size_t row = 0; row < o->n; row += JF_BLOCK) {
        size_t n = o->n - row < JF_BLOCK ? o->n - row : JF_BLOCK;
        const double *value;

        jf_eval_block(p->formula, p->inputs, o->arena, row, n, &value, order >= JF_GRADIENT ? o->slots : NULL,
                      order >= JF_HESSIAN ? o->pairs : NULL);
        if (!o->loops->subtract(n, p->response + row, value, o->residual)) return false;
        work(o, &(jf_rows){row, n, o->residual, p->weight ? p->weight + row : NULL, o->slots, o->pairs},
             context);
    }
    return true;
}

jf_touch jf_rows_touch(const jf_objective *o, const jf_rows *rows, size_t slot)
{
    const jf_slot *s = jf_formula_slot(o->problem->formula, slot);
    const int32_t *codes = s->is_levels ? jf_inputs_codes(o->problem->inputs, s->input) + rows->row : NULL;

    return (jf_touch){s->first, codes};
}

/* ---- value --------------------------------------------------------------------------------------------- */

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

/* ---- value, gradient, matrices ------------------------------------------------------------------------- */

typedef struct gathering {
    jf_point *point;
    jf_twofold loss, size;
    bool exact, squares;
} gathering;

/* out[parameter touched] += sign * sum of a_i b_i. */
static void add_vector(const jf_touch *touch, size_t n, const double *a, const double *b, double sign,
                       double *out)
{
    if (!touch->codes) {
        out[touch->first] += sign * cblas_ddot((int)n, a, 1, b, 1);
        return;
    }
    for (size_t i = 0; i < n; i++)
        if (touch->codes[i] >= 0) out[touch->first + (size_t)touch->codes[i]] += sign * a[i] * b[i];
}

static void add_entry(double *matrix, size_t k, size_t i, size_t j, double x)
{
    matrix[i < j ? i + j * k : j + i * k] += x; /* upper triangle */
}

/* matrix[touched by a, touched by b] += sign * sum of u_i v_i. */
static void add_matrix(const jf_touch *a, const jf_touch *b, size_t n, const double *u, const double *v,
                       double sign, double *matrix, size_t k)
{
    if (!a->codes && !b->codes) {
        add_entry(matrix, k, a->first, b->first, sign * cblas_ddot((int)n, u, 1, v, 1));
        return;
    }
    for (size_t i = 0; i < n; i++) {
        long row = jf_touched(a, i), column = jf_touched(b, i);

        if (row >= 0 && column >= 0) add_entry(matrix, k, (size_t)row, (size_t)column, sign * u[i] * v[i]);
    }
}

/* Adds the sum of weight * J_a J_b. */
static void add_pair(jf_objective *o, const jf_rows *rows, size_t b, const jf_touch *touch, double *matrix)
{
    jf_touch other = jf_rows_touch(o, rows, b);

    add_matrix(touch, &other, rows->n, o->row, rows->slots[b], 1, matrix, o->k);
}

/* sum of weight * J_a J_b over used slots b <= a that are not both dense, into `matrix`. */
static void add_products(jf_objective *o, const jf_rows *rows, size_t a, const jf_touch *touch,
                         const double *weight, double *matrix)
{
    bool begun = false;

    for (size_t b = 0; b <= a; b++) {
        if (!o->used[b] || (o->is_dense[a] && o->is_dense[b])) continue;
        if (!begun) o->loops->multiply(rows->n, weight, rows->slots[a], o->row);
        begun = true;
        add_pair(o, rows, b, touch, matrix);
    }
}

void jf_rows_normal(jf_objective *o, const jf_rows *rows, const bool *chosen, const double *weight,
                    const double *pull, double *normal, double *right)
{
    for (size_t a = 0; a < o->n_slots; a++) {
        jf_touch touch;

        if (!chosen[a]) continue;
        touch = jf_rows_touch(o, rows, a);
        o->loops->multiply(rows->n, weight, rows->slots[a], o->row);
        for (size_t b = 0; b <= a; b++)
            if (chosen[b]) add_pair(o, rows, b, &touch, normal);
        if (right) add_vector(&touch, rows->n, pull, rows->slots[a], 1, right);
    }
}

/* Two plain slots: gather_dense has added their second derivative. */
static bool is_curved_pair(const jf_objective *o, size_t a, size_t b)
{
    return o->is_dense[a] && o->is_dense[b] && !jf_formula_slot(o->problem->formula, a)->is_levels &&
           !jf_formula_slot(o->problem->formula, b)->is_levels;
}

/* minus the sum of psi * d2 value over slots b <= a that gather_dense leaves out. */
static void add_curvature(jf_objective *o, const jf_rows *rows, size_t a, const jf_touch *touch,
                          double *matrix)
{
    for (size_t b = 0; b <= a; b++) {
        const double *second = rows->pairs[a * (a + 1) / 2 + b];
        jf_touch other;

        if (!second || !o->used[b] || is_curved_pair(o, a, b)) continue;
        other = jf_rows_touch(o, rows, b);
        add_matrix(touch, &other, rows->n, o->psi, second, -1, matrix, o->k);
    }
}

static double weighted_square(size_t n, const double *psi, const double *weight)
{
    double sum = 0;

    if (!weight) return cblas_ddot((int)n, psi, 1, psi, 1);
    for (size_t i = 0; i < n; i++)
        if (weight[i] > 0) sum += psi[i] * psi[i] / weight[i];
    return sum;
}

/* psi, omega and the sums that depend on residuals only. */
static void gather_residuals(jf_objective *o, const jf_rows *rows, gathering *g)
{
    if (g->squares) {
        double sum;

        for (size_t i = 0; i < rows->n; i++) {
            o->omega[i] = rows->weight ? rows->weight[i] : 1;
            o->psi[i] = o->omega[i] * rows->residual[i];
        }
        sum = cblas_ddot((int)rows->n, o->psi, 1, rows->residual, 1);
        jf_twofold_add(&g->loss, 0.5 * sum);
        jf_twofold_add(&g->size, sum);
        return;
    }
    jf_twofold_add(&g->loss, jf_penalty_block(&o->penalty, rows->n, rows->residual, rows->weight, o->psi,
                                              o->bend, o->omega));
    jf_twofold_add(&g->size, weighted_square(rows->n, o->psi, rows->weight));
}

/* Points o->columns at the derivatives of the block. */
static void find_columns(jf_objective *o, const jf_rows *rows)
{
    double *room = o->expanded;

    for (size_t d = 0; d < o->n_dense; d++) {
        const jf_dense *dense = &o->dense[d];

        o->columns[d] = rows->slots[dense->slot];
        if (dense->level < 0) continue;
        o->loops->pick(rows->n, jf_rows_touch(o, rows, dense->slot).codes, dense->level, o->columns[d], room);
        o->columns[d] = room;
        room += JF_BLOCK;
    }
}

/* matrix += the sum of weight J J' over dense columns. */
static void add_gram(jf_objective *o, const jf_rows *rows, const double *weight, double *matrix)
{
    const double *packed = o->packed;

    o->loops->gram(rows->n, o->n_dense, o->columns, weight, o->row, o->packed);
    for (size_t a = 0; a < o->n_dense; a++)
        for (size_t b = 0; b <= a; b++)
            add_entry(matrix, o->k, o->dense[a].parameter, o->dense[b].parameter, *packed++);
}

static void gather_dense(jf_objective *o, const jf_rows *rows, gathering *g)
{
    jf_point *point = g->point;
    size_t n = 0;

    find_columns(o, rows);
    o->loops->products(rows->n, o->n_dense, o->columns, o->psi, o->packed);
    for (size_t d = 0; d < o->n_dense; d++) point->gradient[o->dense[d].parameter] -= o->packed[d];
    add_gram(o, rows, o->omega, point->normal);
    if (!g->squares) {
        o->loops->squares(rows->n, o->n_dense, o->columns, rows->weight, o->packed);
        for (size_t d = 0; d < o->n_dense; d++) point->length[o->dense[d].parameter] += o->packed[d];
        if (g->exact) add_gram(o, rows, o->bend, point->hessian);
    }
    if (!g->exact) return;
    for (size_t c = 0; c < o->n_curved; c++) /* a hinge has a pair in its knot that is zero: NULL */
        if (rows->pairs[o->curved[c].pair]) o->second[n++] = rows->pairs[o->curved[c].pair];
    o->loops->products(rows->n, n, o->second, o->psi, o->packed);
    for (size_t c = 0, i = 0; c < o->n_curved; c++)
        if (rows->pairs[o->curved[c].pair])
            add_entry(point->hessian, o->k, o->curved[c].first, o->curved[c].second, -o->packed[i++]);
}

/* What is not dense: slots of many levels, and second derivatives by levels. */
static void gather_sparse(jf_objective *o, const jf_rows *rows, size_t a, gathering *g)
{
    jf_point *point = g->point;
    const double *slope = rows->slots[a];
    jf_touch touch = jf_rows_touch(o, rows, a);

    add_products(o, rows, a, &touch, o->omega, point->normal);
    if (!g->squares && g->exact) add_products(o, rows, a, &touch, o->bend, point->hessian);
    if (g->exact) add_curvature(o, rows, a, &touch, point->hessian);
    if (o->is_dense[a]) return;
    add_vector(&touch, rows->n, o->psi, slope, -1, point->gradient);
    if (g->squares) return;
    for (size_t i = 0; i < rows->n; i++) o->row[i] = (rows->weight ? rows->weight[i] : 1) * slope[i];
    add_vector(&touch, rows->n, o->row, slope, 1, point->length);
}

static void gather(jf_objective *o, const jf_rows *rows, void *context)
{
    gathering *g = context;

    gather_residuals(o, rows, g);
    gather_dense(o, rows, g);
    for (size_t a = 0; a < o->n_slots; a++)
        if (o->used[a]) gather_sparse(o, rows, a, g);
}

static void mirror(double *matrix, size_t k)
{
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < j; i++) matrix[j + i * k] = matrix[i + j * k];
}

bool jf_objective_at(jf_objective *o, jf_point *point, bool exact)
{
    size_t k = o->k;
    gathering g = {.point = point, .exact = exact, .squares = o->penalty.loss.kind == JF_LOSS_LS};

    memset(point->gradient, 0, (2 * k + (exact ? 2 : 1) * k * k) * sizeof(double));
    if (!jf_objective_visit(o, point->theta, exact ? JF_HESSIAN : JF_GRADIENT, gather, &g)) return false;
    point->loss = jf_twofold_value(&g.loss);
    point->size = sqrt(jf_twofold_value(&g.size));
    for (size_t j = 0; j < k; j++)
        point->length[j] = sqrt(g.squares ? point->normal[j + j * k] : point->length[j]);
    if (exact && g.squares)
        for (size_t i = 0; i < k * k; i++) point->hessian[i] += point->normal[i];
    mirror(point->normal, k);
    if (exact) mirror(point->hessian, k);
    return isfinite(point->loss) && all_finite(point->gradient, k) && all_finite(point->normal, k * k) &&
           (!exact || all_finite(point->hessian, k * k));
}

/* ---- triangle ------------------------------------------------------------------------------------------ */

typedef struct reduction {
    jf_triangle *triangle;
    const long *column;
    const double *scale;
    bool finite;
} reduction;

static void reduce(jf_objective *o, const jf_rows *rows, void *context)
{
    reduction *to = context;
    jf_triangle *t = to->triangle;
    double *place = jf_triangle_rows(t, rows->n);

    jf_penalty_block(&o->penalty, rows->n, rows->residual, rows->weight, o->psi, NULL, o->omega);
    for (size_t i = 0; i < rows->n; i++) {
        o->omega[i] = sqrt(o->omega[i]);
        place[i + t->k * t->capacity] = o->omega[i] * rows->residual[i];
    }
    for (size_t a = 0; a < o->n_slots; a++) {
        jf_touch touch;

        if (!o->used[a]) continue;
        touch = jf_rows_touch(o, rows, a);
        to->finite = to->finite && all_finite(rows->slots[a], rows->n);
        for (size_t i = 0; i < rows->n; i++) {
            long j = jf_touched(&touch, i), column = j >= 0 && to->column ? to->column[j] : j;

            if (column < 0) continue;
            place[i + (size_t)column * t->capacity] =
                o->omega[i] * rows->slots[a][i] / (to->scale ? to->scale[j] : 1);
        }
    }
}

bool jf_objective_triangle(jf_objective *o, const double *theta, const long *column, const double *scale,
                           jf_triangle *triangle)
{
    reduction to = {triangle, column, scale, true};

    return jf_objective_visit(o, theta, JF_GRADIENT, reduce, &to) && to.finite;
}

/* ---- extended precision -------------------------------------------------------------------------------- */

typedef struct precise {
    jf_twofold loss, size;
    jf_twofold *gradient, *length; /* k */
} precise;

static void add_precise_slot(jf_objective *o, const jf_rows *rows, size_t a, precise *p)
{
    const double *slope = rows->slots[a];
    jf_touch touch = jf_rows_touch(o, rows, a);

    if (!touch.codes && o->n > ROWS_SUMMED_TWOFOLD) {
        jf_twofold_add(&p->gradient[touch.first], -cblas_ddot((int)rows->n, o->psi, 1, slope, 1));
        for (size_t i = 0; i < rows->n; i++) o->row[i] = (rows->weight ? rows->weight[i] : 1) * slope[i];
        jf_twofold_add(&p->length[touch.first], cblas_ddot((int)rows->n, o->row, 1, slope, 1));
        return;
    }
    for (size_t i = 0; i < rows->n; i++) {
        long j = jf_touched(&touch, i);

        if (j < 0) continue;
        jf_twofold_add_product(&p->gradient[j], -o->psi[i], slope[i]);
        jf_twofold_add(&p->length[j], (rows->weight ? rows->weight[i] : 1) * slope[i] * slope[i]);
    }
}

static void add_precise(jf_objective *o, const jf_rows *rows, void *context)
{
    precise *p = context;

    if (o->penalty.loss.kind == JF_LOSS_LS) {
        for (size_t i = 0; i < rows->n; i++) {
            o->psi[i] = (rows->weight ? rows->weight[i] : 1) * rows->residual[i];
            jf_twofold_add_product(&p->loss, 0.5 * o->psi[i], rows->residual[i]);
        }
    } else {
        jf_twofold_add(&p->loss, jf_penalty_block(&o->penalty, rows->n, rows->residual, rows->weight, o->psi,
                                                  NULL, NULL));
    }
    jf_twofold_add(&p->size, weighted_square(rows->n, o->psi, rows->weight));
    for (size_t a = 0; a < o->n_slots; a++)
        if (o->used[a]) add_precise_slot(o, rows, a, p);
}

bool jf_objective_precise(jf_objective *o, jf_point *point)
{
    precise p = {.gradient = o->sums, .length = o->sums + o->k};
    bool finite;

    memset(o->sums, 0, 2 * o->k * sizeof *o->sums);
    finite = jf_objective_visit(o, point->theta, JF_GRADIENT, add_precise, &p);
    for (size_t j = 0; finite && j < o->k; j++) {
        point->gradient[j] = jf_twofold_value(&p.gradient[j]);
        point->length[j] = sqrt(jf_twofold_value(&p.length[j]));
    }
    point->loss = finite ? jf_twofold_value(&p.loss) : INFINITY;
    point->size = finite ? sqrt(jf_twofold_value(&p.size)) : NAN;
    return finite && isfinite(point->loss) && all_finite(point->gradient, o->k);
}

/* ---- rows ---------------------------------------------------------------------------------------------- */

typedef struct copying {
    double *residual, *jacobian;
} copying;

static void copy_rows(jf_objective *o, const jf_rows *rows, void *context)
{
    copying *to = context;

    memcpy(to->residual + rows->row, rows->residual, rows->n * sizeof(double));
    if (!to->jacobian) return;
    for (size_t a = 0; a < o->n_slots; a++) {
        jf_touch touch = jf_rows_touch(o, rows, a);

        for (size_t i = 0; i < rows->n; i++) {
            long j = jf_touched(&touch, i);

            if (j >= 0) to->jacobian[rows->row + i + (size_t)j * o->n] = rows->slots[a][i];
        }
    }
}

bool jf_objective_rows(jf_objective *o, const double *theta, double *residual, double *jacobian)
{
    copying to = {residual, jacobian};

    if (jacobian) memset(jacobian, 0, o->n * o->k * sizeof *jacobian);
    if (!jf_objective_visit(o, theta, jacobian ? JF_GRADIENT : JF_VALUE, copy_rows, &to)) return false;
    return !jacobian || all_finite(jacobian, o->n * o->k);
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

jf_status jf_minimum_new(size_t k, jf_minimum *out, jf_error *err)
{
    *out = (jf_minimum){.loss = INFINITY, .scaled_gradient = NAN};
    out->theta = JF_NEW_ZEROED(double, k);
    out->bound = JF_NEW_ZEROED(signed char, k);
    out->unidentified = JF_NEW_ZEROED(bool, k);
    if (out->theta && out->bound && out->unidentified) return JF_OK;
    jf_minimum_clear(out);
    return jf_fail(err, JF_ENOMEM, "out of memory for a solver");
}

void jf_minimum_clear(jf_minimum *minimum)
{
    jf_free(minimum->theta);
    jf_free(minimum->bound);
    jf_free(minimum->unidentified);
    *minimum = (jf_minimum){.loss = INFINITY, .scaled_gradient = NAN};
}

void jf_minimum_copy(jf_minimum *to, const jf_minimum *from, size_t k)
{
    jf_minimum kept = *to;

    memcpy(to->theta, from->theta, k * sizeof *to->theta);
    memcpy(to->bound, from->bound, k * sizeof *to->bound);
    memcpy(to->unidentified, from->unidentified, k * sizeof *to->unidentified);
    *to = *from;
    to->theta = kept.theta;
    to->bound = kept.bound;
    to->unidentified = kept.unidentified;
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
