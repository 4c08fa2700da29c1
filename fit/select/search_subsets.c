/* Goes through subsets of terms: least squares from products of columns, one small Cholesky for a law and a
 * split. */
#include "fit/select/search_subsets.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/summary.h"
#include "fit/select/tests.h"
#include "fit/solve/triangle.h"

/* Columns that leave less than this of their squared length are taken for ones that others make up. */
static const double least_pivot = 1e-10;

/* ---- the design ---- */

/* Over the rows `index`; others become zero. */
static void centre_and_scale(jf_search_design *design, size_t column, const size_t *index, size_t n,
                             double *scale_out)
{
    size_t width = design->width, at = 0;
    double mean = 0, squares = 0, *values = design->values + column;

    for (size_t i = 0; i < n; i++) mean += values[index[i] * width] / (double)n;
    for (size_t i = 0; i < n; i++) {
        values[index[i] * width] -= mean;
        squares += values[index[i] * width] * values[index[i] * width];
    }
    *scale_out = squares > 0 ? sqrt(squares) : 1;
    for (size_t row = 0; row < design->n; row++) {
        bool is_in = at < n && index[at] == row;
        at += is_in;
        values[row * width] = is_in ? values[row * width] / *scale_out : 0;
    }
}

/* The columns of one term, which its law's Jacobian holds beside the intercept's. */
static jf_status copy_columns(jf_search_design *design, size_t term, const jf_inputs *inputs,
                              const size_t *index, size_t n, jf_error *err)
{
    const jf_problem *p = design->space->problems[term];
    double *jacobian = JF_NEW_ARRAY(double, p->n * p->k + 1), *values = JF_NEW_ARRAY(double, p->n + 1);
    double *theta = JF_NEW_ZEROED(double, p->k + 1), unused;
    jf_arena *arena = NULL;
    size_t to = design->space->terms[term].first;
    jf_status status = JF_OK;

    JF_TRY_NEW(jacobian, err, "a search");
    JF_TRY_NEW(values, err, "a search");
    JF_TRY_NEW(theta, err, "a search");
    JF_TRY(jf_arena_new(p->formula, JF_GRADIENT, &arena, err));
    jf_formula_jacobian(p->formula, inputs, arena, theta, values, jacobian, p->n);
    for (size_t j = 1; j < p->k; j++, to++) { /* parameter 0 is the intercept */
        for (size_t i = 0; i < p->n; i++) design->values[i * design->width + to] = jacobian[j * p->n + i];
        centre_and_scale(design, to, index, n, &unused);
    }
done:
    jf_arena_free(arena);
    jf_free(jacobian);
    jf_free(values);
    jf_free(theta);
    return status;
}

/* Values of all columns; `inputs` NULL, or NULL for a term: those of its problem. */
static jf_status fill_design(jf_search_design *design, jf_inputs *const *inputs, const size_t *index,
                             size_t n, jf_error *err)
{
    const jf_problem *first = design->space->problems[0];
    size_t width = design->width;
    jf_status status = JF_OK;

    design->values = JF_NEW_ARRAY(double, design->n *width + 1);
    JF_TRY_NEW(design->values, err, "a search");
    if (first->weight) design->root_weight = JF_NEW_ARRAY(double, design->n + 1);
    if (first->weight) JF_TRY_NEW(design->root_weight, err, "a search");
    for (size_t i = 0; i < design->n; i++) {
        design->values[i * width] = 1;
        design->values[(i + 1) * width - 1] = first->response[i];
        if (first->weight) design->root_weight[i] = sqrt(first->weight[i]);
    }
    for (size_t t = 0; t < design->space->n_terms; t++) {
        const jf_inputs *own = inputs && inputs[t] ? inputs[t] : design->space->problems[t]->inputs;
        JF_TRY(copy_columns(design, t, own, index, n, err));
    }
    centre_and_scale(design, width - 1, index, n, &design->response_scale);
done:
    return status;
}

jf_status jf_search_design_new(jf_search_space *space, jf_search_design *out, jf_error *err)
{
    jf_search_design design = {.space = space, .n = space->problems[0]->n, .width = 1};
    size_t *all = JF_NEW_ARRAY(size_t, design.n + 1);
    jf_status status = JF_OK;

    JF_TRY_NEW(all, err, "a search");
    for (size_t i = 0; i < design.n; i++) all[i] = i;
    for (size_t t = 0; t < space->n_terms; t++) {
        space->terms[t].first = design.width;
        space->terms[t].n = space->problems[t]->k - 1;
        design.width += space->terms[t].n;
        if (space->problems[t]->n != design.n)
            JF_TRY(jf_fail(err, JF_EDATA, "--search: term '%s' has no finite value in %zu of %zu rows",
                           space->terms[t].text, design.n - space->problems[t]->n, design.n));
    }
    design.width++;
    JF_TRY(fill_design(&design, NULL, all, design.n, err));
    *out = design;
    design = (jf_search_design){0};
done:
    jf_free(all);
    jf_search_design_clear(&design);
    return status;
}

jf_status jf_search_design_staged(const jf_search_design *base, jf_inputs *const *inputs, const size_t *index,
                                  size_t n, jf_search_design *out, jf_error *err)
{
    jf_search_design design = {.space = base->space, .n = base->n, .width = base->width};
    jf_status status = fill_design(&design, inputs, index, n, err);

    *out = status == JF_OK ? design : (jf_search_design){0};
    if (status != JF_OK) jf_search_design_clear(&design);
    return status;
}

void jf_search_design_clear(jf_search_design *design)
{
    jf_free(design->values);
    jf_free(design->root_weight);
    *design = (jf_search_design){0};
}

/* ---- products ---- */

/* out += X'X of these rows, a bounded number at a time. */
static void add_products(const jf_search_design *design, const size_t *rows, size_t n, double *block,
                         size_t block_rows, double *out)
{
    size_t width = design->width;

    for (size_t begin = 0; begin < n; begin += block_rows) {
        size_t count = n - begin < block_rows ? n - begin : block_rows;
        for (size_t i = 0; i < count; i++) {
            size_t row = rows[begin + i];
            double root = design->root_weight ? design->root_weight[row] : 1;
            for (size_t j = 0; j < width; j++) block[i * width + j] = root * design->values[row * width + j];
        }
        cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, (int)width, (int)count, 1, block, (int)width, 1,
                    out, (int)width);
    }
}

jf_status jf_search_products_new(const jf_search_design *design, const size_t *train, size_t n_train,
                                 const size_t *test, size_t n_test, double ratio, jf_search_products *out,
                                 jf_error *err)
{
    enum { BLOCK_ROWS = 256 };
    size_t area = design->width * design->width;
    double *block = JF_NEW_ARRAY(double, BLOCK_ROWS * design->width);
    jf_status status = JF_OK;

    *out = (jf_search_products){.n_train = n_train, .ratio = ratio};
    out->train = JF_NEW_ZEROED(double, area);
    out->test = JF_NEW_ZEROED(double, area);
    JF_TRY_NEW(block, err, "a search");
    JF_TRY_NEW(out->train, err, "a search");
    JF_TRY_NEW(out->test, err, "a search");
    add_products(design, train, n_train, block, BLOCK_ROWS, out->train);
    add_products(design, test, n_test, block, BLOCK_ROWS, out->test);
    for (size_t i = 0; i < n_test; i++)
        out->test_weight +=
            design->root_weight ? design->root_weight[test[i]] * design->root_weight[test[i]] : 1;
done:
    jf_free(block);
    return status;
}

void jf_search_products_free(jf_search_products *products, size_t n)
{
    for (size_t i = 0; products && i < n; i++) {
        jf_free(products[i].train);
        jf_free(products[i].test);
    }
    jf_free(products);
}

/* ---- subsets ---- */

/* The laws tried so far, and scratch for the next. */
typedef struct tried {
    const jf_search_design *design;
    const jf_search_products *splits;
    size_t n_splits;
    jf_search_result *laws;
    double *errors; /* n x n_splits */
    size_t n, capacity, errors_capacity;
    size_t *index;                   /* width: columns of the law at hand */
    double *matrix, *factor, *scale; /* width^2, width^2, width */
    double *x, *sorted;              /* width, n_splits */
} tried;

size_t jf_search_size(const jf_search_space *space, uint64_t terms)
{
    size_t k = 1;

    for (size_t t = 0; t < space->n_terms; t++)
        if (terms >> t & 1) k += space->terms[t].n;
    return k;
}

/* Fits the k columns of `index` to the training part into x; false where they are not all told apart. */
static bool solve(tried *s, const jf_search_products *split, size_t k)
{
    size_t width = s->design->width;

    if (split->n_train < k) return false;
    for (size_t j = 0; j < k; j++) {
        for (size_t i = 0; i <= j; i++)
            s->matrix[i + j * k] = split->train[s->index[i] * width + s->index[j]];
        s->x[j] = split->train[s->index[j] * width + width - 1];
    }
    if (!(jf_cholesky(k, s->matrix, 0, NULL, s->factor, s->scale) > least_pivot)) return false;
    jf_cholesky_solve(k, s->factor, s->scale, s->x);
    return true;
}

/* Root mean square error of x on the test part, in units of the response. */
static double test_error(const tried *s, const jf_search_products *split, size_t k)
{
    size_t width = s->design->width, y = width - 1;
    double sum = split->test[y * width + y];

    for (size_t j = 0; j < k; j++) {
        double row = -2 * split->test[s->index[j] * width + y] +
                     split->test[s->index[j] * width + s->index[j]] * s->x[j];
        for (size_t i = 0; i < j; i++) row += 2 * split->test[s->index[i] * width + s->index[j]] * s->x[i];
        sum += row * s->x[j];
    }
    return s->design->response_scale * sqrt(fmax(sum, 0) / split->test_weight);
}

static size_t take_columns(tried *s, uint64_t terms)
{
    const jf_search_space *space = s->design->space;
    size_t k = 0;

    s->index[k++] = 0;
    for (size_t t = 0; t < space->n_terms; t++)
        for (size_t j = 0; terms >> t & 1 && j < space->terms[t].n; j++)
            s->index[k++] = space->terms[t].first + j;
    return k;
}

/* Tries a law once; its place among those tried. */
static jf_status try_law(tried *s, uint64_t terms, size_t *place, jf_error *err)
{
    jf_search_result *law;
    double *errors;
    size_t k;

    for (*place = 0; *place < s->n; ++*place)
        if (s->laws[*place].terms == terms) return JF_OK;
    if (!jf_grow((void **)&s->laws, &s->capacity, s->n + 1, sizeof *s->laws) ||
        !jf_grow((void **)&s->errors, &s->errors_capacity, (s->n + 1) * s->n_splits, sizeof *s->errors))
        return jf_fail(err, JF_ENOMEM, "out of memory for a search");
    k = take_columns(s, terms);
    law = &s->laws[s->n];
    errors = s->errors + s->n++ * s->n_splits;
    *law = (jf_search_result){terms, k, INFINITY};
    for (size_t i = 0; i < s->n_splits; i++) {
        if (!solve(s, &s->splits[i], k)) return JF_OK; /* of no use on one split: out of the race */
        errors[i] = s->sorted[i] = test_error(s, &s->splits[i], k);
    }
    jf_sort(s->sorted, s->n_splits);
    law->score = jf_quantile(s->sorted, s->n_splits, 0.5);
    return JF_OK;
}

static size_t count_terms(uint64_t terms)
{
    size_t n = 0;

    for (; terms; terms &= terms - 1) n++;
    return n;
}

/* Every law that has `terms` of the first `next` terms: tries them, or counts them (s NULL) up to a limit. */
static jf_status every_law(const jf_search_space *space, uint64_t terms, size_t next, tried *s, size_t *n,
                           jf_error *err)
{
    jf_status status = JF_OK;
    size_t place;

    if (*n > JF_SEARCH_MOST_LAWS) return JF_OK;
    if (next == space->n_terms) {
        ++*n;
        return s ? try_law(s, terms, &place, err) : JF_OK;
    }
    JF_TRY(every_law(space, terms, next + 1, s, n, err));
    if ((space->terms[next].parents & ~terms) == 0 && count_terms(terms) < space->most)
        JF_TRY(every_law(space, terms | UINT64_C(1) << next, next + 1, s, n, err));
done:
    return status;
}

/* Can the term be taken in or out, so that no interaction stands without what it is made of? */
static bool may_change(const jf_search_space *space, uint64_t terms, size_t term)
{
    if (!(terms >> term & 1))
        return (space->terms[term].parents & ~terms) == 0 && count_terms(terms) < space->most;
    for (size_t t = 0; t < space->n_terms; t++)
        if (terms >> t & 1 && space->terms[t].parents >> term & 1) return false;
    return true;
}

/* From the intercept alone, the one change at a time that lowers the score most, until none does. */
static jf_status step_by_step(tried *s, jf_error *err)
{
    const jf_search_space *space = s->design->space;
    size_t at, place, best;
    jf_status status = JF_OK;

    JF_TRY(try_law(s, 0, &at, err));
    for (;;) {
        best = at;
        for (size_t t = 0; t < space->n_terms; t++) {
            uint64_t terms = s->laws[at].terms;
            if (!may_change(space, terms, t)) continue;
            JF_TRY(try_law(s, terms ^ UINT64_C(1) << t, &place, err));
            if (s->laws[place].score < s->laws[best].score) best = place;
        }
        if (best == at) break;
        at = best;
    }
done:
    return status;
}

/* Is `a` to be named before `b`? */
static bool stands_before(const jf_search_result *a, const jf_search_result *b)
{
    if (a->score != b->score) return a->score < b->score;
    return a->k != b->k ? a->k < b->k : a->terms < b->terms;
}

static void choose(tried *s, jf_search *out)
{
    size_t lead = 0;
    double ratio = 0;

    for (size_t i = 1; i < s->n; i++)
        if (stands_before(&s->laws[i], &s->laws[lead])) lead = i;
    out->chosen = s->laws[lead];
    if (!isfinite(out->chosen.score)) out->chosen.score = NAN;
    for (size_t i = 0; i < s->n_splits; i++) ratio += s->splits[i].ratio / (double)s->n_splits;
    for (size_t i = 0; i < s->n && !isnan(out->chosen.score); i++) {
        const jf_search_result *law = &s->laws[i];
        double mean = 0;
        bool smaller =
            law->k < out->chosen.k || (law->k == out->chosen.k && stands_before(law, &out->chosen));
        if (!isfinite(law->score) || !smaller) continue;
        for (size_t j = 0; j < s->n_splits; j++) {
            s->sorted[j] = s->errors[i * s->n_splits + j] - s->errors[lead * s->n_splits + j];
            mean += s->sorted[j] / (double)s->n_splits;
        }
        if (mean <= jf_corrected_error(s->sorted, s->n_splits, ratio)) out->chosen = *law;
    }
}

static void list_top(const tried *s, jf_search *out)
{
    for (size_t i = 0; i < s->n; i++) {
        size_t place = out->n_top;
        if (!isfinite(s->laws[i].score)) continue;
        while (place > 0 && stands_before(&s->laws[i], &out->top[place - 1])) place--;
        if (place == JF_SEARCH_TOP) continue;
        if (out->n_top < JF_SEARCH_TOP) out->n_top++;
        memmove(&out->top[place + 1], &out->top[place], (out->n_top - 1 - place) * sizeof *out->top);
        out->top[place] = s->laws[i];
    }
}

static jf_status tried_new(tried *s, jf_error *err)
{
    size_t width = s->design->width;
    jf_status status = JF_OK;

    s->index = JF_NEW_ARRAY(size_t, width);
    s->matrix = JF_NEW_ARRAY(double, width *width);
    s->factor = JF_NEW_ARRAY(double, width *width);
    s->scale = JF_NEW_ARRAY(double, width);
    s->x = JF_NEW_ARRAY(double, width);
    s->sorted = JF_NEW_ARRAY(double, s->n_splits + 1);
    JF_TRY_NEW(s->index && s->matrix && s->factor && s->scale && s->x && s->sorted, err, "a search");
done:
    return status;
}

jf_status jf_search_subsets(const jf_search_design *design, const jf_search_products *splits, size_t n_splits,
                            jf_search *out, jf_error *err)
{
    tried s = {.design = design, .splits = splits, .n_splits = n_splits};
    size_t n_laws = 0, met = 0;
    jf_status status = JF_OK;

    out->n_top = 0;
    JF_TRY(tried_new(&s, err));
    JF_TRY(every_law(design->space, 0, 0, NULL, &n_laws, err));
    out->exhaustive = n_laws <= JF_SEARCH_MOST_LAWS;
    JF_TRY(out->exhaustive ? every_law(design->space, 0, 0, &s, &met, err) : step_by_step(&s, err));
    out->n_laws = s.n;
    choose(&s, out);
    list_top(&s, out);
done:
    jf_free(s.laws);
    jf_free(s.errors);
    jf_free(s.index);
    jf_free(s.matrix);
    jf_free(s.factor);
    jf_free(s.scale);
    jf_free(s.x);
    jf_free(s.sorted);
    return status;
}
