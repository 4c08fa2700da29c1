/* Splitting a law into linear and searched parameters, and solving for the linear ones. */
#include "fit/solve/varpro.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "fit/solve/bounded.h"

void jf_split_free(jf_split *s)
{
    if (!s) return;
    jf_free(s->linear);
    jf_free(s->is_linear);
    jf_free(s->linear_index);
    jf_free(s->search);
    jf_free(s->normal);
    jf_triangle_free(s->triangle);
    jf_free(s->lower);
    jf_free(s->side);
    jf_free(s);
}

/* ---- which slots are linear together ---------------------------------------------------------------------
 */

/* pair_is_free(a, b): no product of slots a and b in the value, or in its exponential. */
typedef struct pairs {
    size_t n;
    bool *is_free; /* n (n + 1) / 2, (a, b) with b <= a at a (a + 1) / 2 + b */
} pairs;

static bool is_free(const pairs *p, size_t a, size_t b)
{
    return p->is_free[a >= b ? a * (a + 1) / 2 + b : b * (b + 1) / 2 + a];
}

static void pairs_of_value(const jf_objective *o, pairs *p)
{
    for (size_t a = 0; a < p->n; a++)
        for (size_t b = 0; b <= a; b++)
            p->is_free[a * (a + 1) / 2 + b] = jf_formula_pair_is_zero(o->problem->formula, a, b);
}

typedef struct probe {
    pairs *pairs;
    size_t rows_left;
} probe;

/* exp(f) has no product of a and b exactly where f_ab + f_a f_b = 0. */
static void try_pairs(jf_objective *o, const jf_rows *rows, void *context)
{
    probe *p = context;
    size_t n = rows->n < p->rows_left ? rows->n : p->rows_left;

    p->rows_left -= n;
    for (size_t a = 0; a < o->n_slots; a++)
        for (size_t b = 0; b <= a; b++) {
            size_t at = a * (a + 1) / 2 + b;
            const double *second = rows->pairs[at];

            for (size_t i = 0; i < n && p->pairs->is_free[at]; i++) {
                double product = rows->slots[a][i] * rows->slots[b][i], bend = second ? second[i] : 0;

                if (!(fabs(product + bend) <= 1e-9 * (fabs(product) + fabs(bend))))
                    p->pairs->is_free[at] = false;
            }
        }
}

/* A random point within the ranges. */
static void draw_probe(const jf_problem *p, uint64_t index, double *theta)
{
    jf_stream stream = jf_stream_make(0, JF_FOR_STARTS, UINT64_MAX - index);

    for (size_t j = 0; j < p->k; j++) {
        double u = jf_stream_uniform(&stream), low = p->range_low[j], high = p->range_high[j];

        theta[j] = p->log_range[j] ? low * pow(high / low, u) : low + u * (high - low);
        if (p->fixed[j]) theta[j] = p->lower[j];
    }
}

/* The same for exp(value), by trying it on some points; all false unless three points were finite. */
static void pairs_of_exponential(jf_objective *o, double *theta, pairs *p)
{
    size_t n_pairs = p->n * (p->n + 1) / 2, seen = 0;

    for (size_t i = 0; i < n_pairs; i++) p->is_free[i] = true;
    for (uint64_t i = 0; i < 60 && seen < 3; i++) {
        probe trial = {p, 1024};

        draw_probe(o->problem, i, theta);
        if (isfinite(theta[0]) && jf_objective_visit(o, theta, JF_HESSIAN, try_pairs, &trial)) seen++;
    }
    for (size_t i = 0; seen < 3 && i < n_pairs; i++) p->is_free[i] = false;
}

static size_t free_parameters(const jf_problem *problem, size_t slot)
{
    const jf_slot *s = jf_formula_slot(problem->formula, slot);
    size_t n = 0;

    for (size_t i = 0; i < s->n; i++) n += !problem->fixed[s->first + i];
    return n;
}

/* A large set of slots that are free of products among themselves, greedily: fewest conflicts first. Returns
 * the number of parameters in it. */
static size_t choose_slots(const jf_objective *o, const pairs *p, bool *chosen)
{
    size_t n = p->n, total = 0;

    memset(chosen, 0, n * sizeof *chosen);
    for (;;) {
        size_t best = n, fewest = SIZE_MAX;

        for (size_t a = 0; a < n; a++) {
            size_t conflicts = 0;
            bool fits = !chosen[a] && o->used[a] && is_free(p, a, a);

            for (size_t b = 0; b < n; b++) {
                if (!o->used[b] || is_free(p, a, b)) continue;
                conflicts += is_free(p, b, b);
                fits = fits && !chosen[b];
            }
            if (fits && conflicts < fewest) best = a, fewest = conflicts;
        }
        if (best == n) return total;
        chosen[best] = true;
        total += free_parameters(o->problem, best);
    }
}

static jf_status choose_split(jf_objective *o, jf_split *s, jf_error *err)
{
    jf_status status = JF_OK;
    size_t n = o->n_slots, plain, exponential;
    bool *other = JF_NEW_ZEROED(bool, n), *flags = JF_NEW_ZEROED(bool, n *(n + 1) / 2);
    double *theta = JF_NEW_ZEROED(double, o->k);
    pairs p = {n, flags};

    if (!other || !flags || !theta) JF_TRY(jf_fail(err, JF_ENOMEM, "out of memory for starts"));
    pairs_of_value(o, &p);
    plain = choose_slots(o, &p, s->linear);
    pairs_of_exponential(o, theta, &p);
    exponential = choose_slots(o, &p, other);
    s->exponential = exponential > plain;
    if (s->exponential) memcpy(s->linear, other, n * sizeof *other);
done:
    jf_free(other);
    jf_free(flags);
    jf_free(theta);
    return status;
}

static void list_parameters(const jf_objective *o, jf_split *s)
{
    for (size_t slot = 0; slot < o->n_slots; slot++) {
        const jf_slot *which = jf_formula_slot(o->problem->formula, slot);

        for (size_t i = 0; i < which->n; i++) {
            size_t j = which->first + i;

            if (o->problem->fixed[j]) continue;
            s->is_linear[j] = s->linear[slot];
            if (s->linear[slot])
                s->linear_index[s->n_linear++] = j;
            else
                s->search[s->n_search++] = j;
        }
    }
}

jf_status jf_split_new(jf_objective *o, jf_split **out, jf_error *err)
{
    jf_status status = JF_OK;
    size_t k = o->k;
    jf_split *s = JF_NEW(jf_split);

    *out = NULL;
    JF_TRY_NEW(s, err, "starts");
    s->linear = JF_NEW_ZEROED(bool, o->n_slots);
    s->is_linear = JF_NEW_ZEROED(bool, k);
    s->linear_index = JF_NEW_ZEROED(size_t, k);
    s->search = JF_NEW_ZEROED(size_t, k);
    s->normal = JF_NEW_ZEROED(double, k *k + k);
    s->lower = JF_NEW_ZEROED(double, 3 * k);
    s->side = JF_NEW_ZEROED(signed char, k);
    if (!s->linear || !s->is_linear || !s->linear_index || !s->search || !s->normal || !s->lower || !s->side)
        JF_TRY(jf_fail(err, JF_ENOMEM, "out of memory for starts"));
    s->right = s->normal + k * k;
    s->upper = s->lower + k;
    s->x = s->upper + k;
    JF_TRY(choose_split(o, s, err));
    list_parameters(o, s);
    JF_TRY(jf_triangle_new(s->n_linear, 1, &s->triangle, err));
    *out = s;
    s = NULL;
done:
    jf_split_free(s);
    return status;
}

/* ---- solving ------------------------------------------------------------------------------------------- */

/* Plain: residual r against columns J. Exponential: 1 - exp(-r) against columns exp(-r) J, where -r = value -
 * response. */
static void add_normal(jf_objective *o, const jf_rows *rows, void *context)
{
    jf_split *s = context;

    for (size_t i = 0; i < rows->n; i++) {
        double w = rows->weight ? rows->weight[i] : 1;
        double ratio = s->exponential ? exp(fmin(-rows->residual[i], 300)) : 1;

        o->omega[i] = w * ratio * ratio;
        o->psi[i] = w * ratio * (s->exponential ? 1 - ratio : rows->residual[i]);
    }
    jf_rows_normal(o, rows, s->linear, o->omega, o->psi, s->normal, s->right);
}

/* The normal equations of the linear parameters as a triangle R, d with R'R = normal and R'd = right; a trace
 * of damping carries columns that repeat others. False when even that is not positive definite. */
static bool make_triangle(jf_split *s, size_t k)
{
    jf_triangle *t = s->triangle;
    size_t m = s->n_linear;

    jf_triangle_reset(t, m);
    memset(t->stack, 0, t->capacity * (m + 1) * sizeof *t->stack);
    for (size_t b = 0; b < m; b++) {
        size_t j = s->linear_index[b];
        double d = s->right[j];

        for (size_t a = 0; a <= b; a++) {
            size_t i = s->linear_index[a];
            double sum = s->normal[i < j ? i + j * k : j + i * k];

            if (a == b) sum *= 1 + 1e-13;
            for (size_t c = 0; c < a; c++)
                sum -= t->stack[c + a * t->capacity] * t->stack[c + b * t->capacity];
            if (a < b) {
                double pivot = t->stack[a + a * t->capacity];

                t->stack[a + b * t->capacity] = pivot > 0 ? sum / pivot : 0;
            } else {
                t->stack[b + b * t->capacity] =
                    sum > 0 ? sqrt(sum) : 0; /* 0: repeats others, gets no value */
            }
        }
        for (size_t c = 0; c < b; c++) d -= t->stack[c + b * t->capacity] * t->stack[c + m * t->capacity];
        t->stack[b + m * t->capacity] =
            t->stack[b + b * t->capacity] > 0 ? d / t->stack[b + b * t->capacity] : 0;
    }
    t->filled = m + 1;
    t->closed = true;
    for (size_t i = 0; i < t->capacity * (m + 1); i++)
        if (!isfinite(t->stack[i])) return false;
    return true;
}

bool jf_split_solve(jf_split *s, jf_objective *o, double *theta)
{
    const jf_problem *p = o->problem;
    jf_status status;

    if (!s->n_linear) return true;
    memset(s->normal, 0, (o->k * o->k + o->k) * sizeof *s->normal);
    if (!jf_objective_visit(o, theta, JF_GRADIENT, add_normal, s) || !make_triangle(s, o->k)) return false;
    for (size_t b = 0; b < s->n_linear; b++) {
        size_t j = s->linear_index[b];

        s->lower[b] = p->lower[j] - theta[j];
        s->upper[b] = p->upper[j] - theta[j];
    }
    status = jf_bounded_solve(s->triangle, s->lower, s->upper, s->x, s->side, NULL);
    o->starved = o->starved || status == JF_ENOMEM;
    if (status != JF_OK) return false;
    for (size_t b = 0; b < s->n_linear; b++) {
        size_t j = s->linear_index[b];

        theta[j] = fmin(fmax(theta[j] + s->x[b], p->lower[j]), p->upper[j]);
    }
    return true;
}
