/* GSL's nonlinear least squares of L = exp(e) + exp(a - alpha log N) + exp(b - beta log D) on a large table,
 * as well as one can write it: vectorised rows, -march=native -ffast-math.
 *
 * usage: gsl_large CSV large|nlinear      multilarge (sums J'J by blocks) or multifit (keeps rows x
 * parameters, Cholesky); prints one JSON line: seconds of the fit, residual sum of squares */
#include <gsl/gsl_blas.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <gsl/gsl_multilarge_nlinear.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { P = 5, BLOCK = 1024 };

typedef struct table {
    size_t n, capacity;
    double *log_n, *log_d, *loss;
} table;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int residuals(const gsl_vector *x, void *context, gsl_vector *f)
{
    const table *t = context;
    double a = x->data[0], b = x->data[1], e = exp(x->data[2]), alpha = x->data[3], beta = x->data[4],
           *r = f->data;

#pragma omp simd
    for (size_t i = 0; i < t->n; i++)
        r[i] = e + exp(a - alpha * t->log_n[i]) + exp(b - beta * t->log_d[i]) - t->loss[i];
    return GSL_SUCCESS;
}

static void slopes_of(const gsl_vector *x, const table *t, size_t first, size_t n, double *out)
{
    double a = x->data[0], b = x->data[1], e = exp(x->data[2]), alpha = x->data[3], beta = x->data[4];

#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        double by_n = exp(a - alpha * t->log_n[first + i]), by_d = exp(b - beta * t->log_d[first + i]);

        out[i * P] = by_n;
        out[i * P + 1] = by_d;
        out[i * P + 2] = e;
        out[i * P + 3] = -by_n * t->log_n[first + i];
        out[i * P + 4] = -by_d * t->log_d[first + i];
    }
}

static int slopes(const gsl_vector *x, void *context, gsl_matrix *j)
{
    slopes_of(x, context, 0, ((const table *)context)->n, j->data);
    return GSL_SUCCESS;
}

static int slope_products(CBLAS_TRANSPOSE_t transpose, const gsl_vector *x, const gsl_vector *u,
                          void *context, gsl_vector *v, gsl_matrix *normal)
{
    const table *t = context;
    double block[BLOCK * P];

    if (v) gsl_vector_set_zero(v);
    if (normal) gsl_matrix_set_zero(normal);
    for (size_t i = 0; i < t->n; i += BLOCK) {
        size_t n = t->n - i < BLOCK ? t->n - i : BLOCK;
        gsl_matrix_view rows = gsl_matrix_view_array(block, n, P);

        slopes_of(x, t, i, n, block);
        if (v && transpose == CblasTrans) {
            gsl_vector_const_view part = gsl_vector_const_subvector(u, i, n);
            gsl_blas_dgemv(CblasTrans, 1, &rows.matrix, &part.vector, 1, v);
        } else if (v) {
            gsl_vector_view part = gsl_vector_subvector(v, i, n);
            gsl_blas_dgemv(CblasNoTrans, 1, &rows.matrix, u, 0, &part.vector);
        }
        if (normal) gsl_blas_dsyrk(CblasLower, CblasTrans, 1, &rows.matrix, 1, normal);
    }
    return GSL_SUCCESS;
}

static int read_table(const char *path, table *t)
{
    FILE *file = fopen(path, "r");
    char line[256], *at;

    if (!file || !fgets(line, sizeof line, file)) return 0;
    while (fgets(line, sizeof line, file)) {
        if (t->n == t->capacity) {
            t->capacity = t->capacity ? 2 * t->capacity : 1 << 14;
            t->log_n = realloc(t->log_n, t->capacity * sizeof(double));
            t->log_d = realloc(t->log_d, t->capacity * sizeof(double));
            t->loss = realloc(t->loss, t->capacity * sizeof(double));
            if (!t->log_n || !t->log_d || !t->loss) return 0;
        }
        t->log_n[t->n] = log(strtod(line, &at));
        t->log_d[t->n] = log(strtod(at + 1, &at));
        t->loss[t->n++] = strtod(at + 1, NULL);
    }
    fclose(file);
    return 1;
}

static void fit_large(table *t, const gsl_vector *from, gsl_vector *to)
{
    gsl_multilarge_nlinear_parameters settings = gsl_multilarge_nlinear_default_parameters();
    gsl_multilarge_nlinear_fdf problem = {
        .f = residuals, .df = slope_products, .n = t->n, .p = P, .params = t};
    gsl_multilarge_nlinear_workspace *w =
        gsl_multilarge_nlinear_alloc(gsl_multilarge_nlinear_trust, &settings, t->n, P);
    int info;

    gsl_multilarge_nlinear_init(from, &problem, w);
    gsl_multilarge_nlinear_driver(200, 1e-10, 1e-10, 0, NULL, NULL, &info, w);
    gsl_vector_memcpy(to, w->x);
    gsl_multilarge_nlinear_free(w);
}

static void fit_stored(table *t, const gsl_vector *from, gsl_vector *to)
{
    gsl_multifit_nlinear_parameters settings = gsl_multifit_nlinear_default_parameters();
    gsl_multifit_nlinear_fdf problem = {.f = residuals, .df = slopes, .n = t->n, .p = P, .params = t};
    gsl_multifit_nlinear_workspace *w;
    int info;

    settings.solver = gsl_multifit_nlinear_solver_cholesky;
    w = gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &settings, t->n, P);
    gsl_multifit_nlinear_init(from, &problem, w);
    gsl_multifit_nlinear_driver(200, 1e-10, 1e-10, 0, NULL, NULL, &info, w);
    gsl_vector_memcpy(to, w->x);
    gsl_multifit_nlinear_free(w);
}

int main(int argc, char **argv)
{
    double start[P] = {5, 6, 0, 0.3, 0.3}, end[P], begin, seconds, loss;
    gsl_vector_view from = gsl_vector_view_array(start, P), to = gsl_vector_view_array(end, P);
    struct rusage usage;
    gsl_vector *rest;
    table t = {0};

    if (argc < 3 || !read_table(argv[1], &t)) return 2;
    begin = now();
    (strcmp(argv[2], "large") == 0 ? fit_large : fit_stored)(&t, &from.vector, &to.vector);
    seconds = now() - begin;
    getrusage(RUSAGE_SELF, &usage);
    if (!(rest = gsl_vector_alloc(t.n))) return 2;
    residuals(&to.vector, &t, rest);
    gsl_blas_ddot(rest, rest, &loss);
    printf("{\"seconds\": %.6f, \"count\": %zu, \"loss\": %.15g, \"peak_MiB\": %.1f}\n", seconds, t.n, loss,
           (double)usage.ru_maxrss / 1024);
    return 0;
}
