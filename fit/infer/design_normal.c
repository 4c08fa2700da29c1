/* The factored Jacobian by normal equations: Cholesky's Q, made orthogonal a second time, is as good as
 * Householder's while the condition squared times the rounding stays small (Yamamoto et al. 2015), and takes
 * three passes over the rows; two where the columns are so different that the first is as good already. */
#include "fit/infer/design_normal.h"

#include <string.h>
#include "core/expr/kernels.h"
#include "core/memory.h"
#include "fit/loops.h"
#include "fit/triangle.h"

enum { ROWS = 256 };
/* Below this pivot the first Q is too far from orthogonal for the second. */
static const double SMALLEST_PIVOT = 1e-8;
/* Above this one it is orthogonal to 1e-13 or so. */
static const double GOOD_PIVOT = 1e-2;

typedef struct factors {
    const jf_loops *loops;
    size_t n, p;
    double *first, *second, *gram; /* p x p: upper factors; what is being summed */
    double *packed, *scale;        /* p (p + 1) / 2; p */
    double *ones, *tail;           /* ROWS; p x ROWS: the last rows, padded with zeros */
    double **at;                   /* p: a block's columns */
    double *memory;
} factors;

static void factors_clear(factors *f)
{
    jf_free(f->memory);
    jf_free(f->at);
}

static jf_status factors_new(size_t n, size_t p, factors *f, jf_error *err)
{
    size_t square = p * p, packed = p * (p + 1) / 2;

    *f = (factors){.loops = jf_loops_active(), .n = n, .p = p};
    f->memory = JF_NEW_ZEROED(double, 3 * square + packed + p + ROWS + p * ROWS);
    f->at = JF_NEW_ARRAY(double *, p);
    if (!f->memory || !f->at) {
        factors_clear(f);
        return jf_fail(err, JF_ENOMEM, "out of memory for the factored Jacobian");
    }
    f->first = f->memory;
    f->second = f->first + square;
    f->gram = f->second + square;
    f->packed = f->gram + square;
    f->scale = f->packed + packed;
    f->ones = f->scale + p;
    f->tail = f->ones + ROWS;
    for (size_t i = 0; i < ROWS; i++) f->ones[i] = 1;
    return JF_OK;
}

static void point_at(factors *f, double *matrix, size_t row)
{
    for (size_t j = 0; j < f->p; j++) f->at[j] = matrix + j * f->n + row;
}

/* gram += products of the n rows that f->at points at. */
static void add_gram(factors *f, size_t n)
{
    const double *packed = f->packed;

    for (size_t j = 0; j < f->p && n % JF_LANES; j++) {
        memcpy(f->tail + j * ROWS, f->at[j], n * sizeof(double));
        f->at[j] = f->tail + j * ROWS;
    }
    f->loops->gram(n, f->p, (const double *const *)f->at, f->ones, f->packed);
    for (size_t a = 0; a < f->p; a++)
        for (size_t b = 0; b <= a; b++) f->gram[b + a * f->p] += *packed++;
}

/* Cholesky of what was summed; returns the smallest pivot, 0 where there is no factor. */
static double factor_gram(factors *f, double *factor)
{
    double pivot = jf_cholesky(f->p, f->gram, 0, NULL, factor, f->scale);

    for (size_t j = 0; j < f->p; j++) /* jf_cholesky's is that of the matrix with a unit diagonal */
        for (size_t i = 0; i <= j; i++) factor[i + j * f->p] /= f->scale[j];
    memset(f->gram, 0, f->p * f->p * sizeof *f->gram);
    return pivot;
}

/* r = second * first. */
static void multiply_factors(const factors *f, double *r)
{
    memset(r, 0, f->p * f->p * sizeof *r);
    for (size_t j = 0; j < f->p; j++)
        for (size_t m = 0; m <= j; m++)
            for (size_t i = 0; i <= m; i++)
                r[i + j * f->p] += f->second[i + m * f->p] * f->first[m + j * f->p];
}

static size_t rows_from(const factors *f, size_t row)
{
    return f->n - row < ROWS ? f->n - row : ROWS;
}

/* The Gram matrix of `matrix`; its columns are first taken apart by `factor` (NULL: not). */
static void sum_gram(factors *f, double *matrix, const double *factor)
{
    for (size_t row = 0; row < f->n; row += ROWS) {
        point_at(f, matrix, row);
        if (factor) f->loops->unmix(rows_from(f, row), f->p, f->at, factor);
        add_gram(f, rows_from(f, row));
    }
}

static void unmix_rows(factors *f, double *matrix, const double *factor)
{
    for (size_t row = 0; row < f->n; row += ROWS) {
        point_at(f, matrix, row);
        f->loops->unmix(rows_from(f, row), f->p, f->at, factor);
    }
}

jf_status jf_design_normal(double *matrix, size_t n, size_t p, double *r, bool *told, jf_error *err)
{
    jf_status status = JF_OK;
    double pivot;
    factors f;

    *told = false;
    JF_TRY(factors_new(n, p, &f, err));
    sum_gram(&f, matrix, NULL);
    pivot = factor_gram(&f, f.first);
    if (!(pivot > SMALLEST_PIVOT)) goto clear;
    if (pivot > GOOD_PIVOT) {
        unmix_rows(&f, matrix, f.first);
        memcpy(r, f.first, p * p * sizeof *r);
    } else {
        sum_gram(&f, matrix, f.first);
        if (!(factor_gram(&f, f.second) > SMALLEST_PIVOT)) {
            status = jf_fail(err, JF_EFIT, "the Jacobian could not be factored");
            goto clear;
        }
        unmix_rows(&f, matrix, f.second);
        multiply_factors(&f, r);
    }
    *told = true;
clear:
    factors_clear(&f);
done:
    return status;
}
