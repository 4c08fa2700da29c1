/* Least squares of many rows boiled down to a small triangle, block by block: |A x - b|^2 = |R x - d|^2 +
 * rest^2. Householder QR (LAPACK) of what has come so far stacked on the next rows, so that memory is
 * O(k^2 + block k) however many rows there are, and nothing is squared. */
#ifndef JF_FIT_TRIANGLE_H
#define JF_FIT_TRIANGLE_H

#include <stdbool.h>
#include <stddef.h>
#include "core/error.h"

typedef struct jf_triangle {
    size_t k; /* columns of A; at most `most` */
    size_t most;
    size_t capacity; /* rows of the stack; also its leading dimension */
    size_t filled;
    bool closed;   /* what lies in the stack is a triangle: row k holds `rest` */
    double *stack; /* capacity x (most + 1), column-major; column k is the right side */
    double *tau, *work;
    int lwork;
} jf_triangle;

/* For at most `most` columns and about n_rows rows (all at once when they are few). */
jf_status jf_triangle_new(size_t most, size_t n_rows, jf_triangle **out, jf_error *err);
void jf_triangle_free(jf_triangle *triangle);
/* Empties it, for k columns. */
void jf_triangle_reset(jf_triangle *triangle, size_t k);
/* Room for n more rows (n <= 256), zeroed: entry (i, j) is at [i + j * capacity]; column k is the right
 * side. */
double *jf_triangle_rows(jf_triangle *triangle, size_t n);
/* Finishes: afterwards stack[i + j * capacity], i <= j < k, is R; column k is d; rows short of k are zero. */
void jf_triangle_close(jf_triangle *triangle);
static inline double jf_triangle_r(const jf_triangle *t, size_t i, size_t j)
{
    return i <= j ? t->stack[i + j * t->capacity] : 0;
}
static inline double jf_triangle_d(const jf_triangle *t, size_t i)
{
    return t->stack[i + t->k * t->capacity];
}
double jf_triangle_rest(const jf_triangle *triangle);

/* x minimises |R x - d| over the columns that are not `skip` (NULL: none), whose x is left alone and taken as
 * zero. Columns are scaled to unit length, then pivoted (dgeqp3); columns whose pivot falls below `tolerance`
 * get x = 0 and dropped = true (NULL: not wanted). Returns the rank, or -1 when memory ran out. */
long jf_triangle_solve(const jf_triangle *triangle, const bool *skip, double tolerance, double *x,
                       bool *dropped);

/* Cholesky of the k x k matrix `a` (column-major, upper triangle read) scaled to unit diagonal, with
 * `damping` added to that diagonal; `factor` (k x k) and `scale` (k) hold the result. Returns the smallest
 * pivot (of the unit diagonal), or 0 when the matrix is not positive definite. */
double jf_cholesky(size_t k, const double *a, double damping, const double *diagonal, double *factor,
                   double *scale);
/* x = a^-1 x with the factor above. */
void jf_cholesky_solve(size_t k, const double *factor, const double *scale, double *x);

#endif
