/* Times a Huber loss and its gradient, as joulefit evaluates a formula, against a loop written by hand for
 * that one law: ns a row.
 *
 * usage: bench_gradient CSV [KERNELS [CALLS]]
 * The two are timed in turn and the best of many rounds counts, so that the ratio is what to read. Blocks of
 * rows are evaluated as solvers do it: the law's value and derivatives, the loss of the residuals, sums of
 * products. Prints one JSON line. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "core/expr/kernels.h"
#include "data/csv.h"
#include "fit/problem/loops.h"
#include "fit/problem/objective.h"
#include "tests/bench/hand_loop.h"

static const char law_text[] = "log(L) ~ lse(a - alpha*log(N), b - beta*log(D), e)";
static const char *const names[] = {"a", "alpha", "b", "beta", "e"};
static const double theta[] = {6.0073, 0.3392, 6.0179, 0.2849, 0.5267};
static const double DELTA = 1e-3;
enum { ROUNDS = 31, ROWS_A_ROUND = 1000000 };

typedef struct bench {
    jf_table *table;
    jf_problem *problem;
    jf_objective *objective;
    double *columns[3];
    hand_rows rows;
    double theta[5]; /* in the order of the problem */
    size_t place[5]; /* there, of each name */
} bench;

static double now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

static jf_status fill_column(bench *b, const char *name, double **out, jf_error *err)
{
    const jf_column *column;
    size_t n = b->table->n_rows;
    jf_status status = JF_OK;

    *out = aligned_alloc(64, (n + 8) / 8 * 64);
    JF_TRY_NEW(*out, err, "a column");
    JF_TRY(jf_table_get(b->table, name, &column, err));
    for (size_t i = 0; i < n; i++) (*out)[i] = log(column->values[i]);
done:
    return status;
}

static jf_status open_bench(const char *path, bench *b, jf_error *err)
{
    jf_status status = JF_OK;
    jf_penalty penalty = {{JF_LOSS_HUBER, DELTA}, 0};
    jf_fit_options options;
    jf_law *law = NULL;

    jf_fit_options_default(&options);
    options.threads = 1;
    JF_TRY(jf_csv_read(path, NULL, NULL, NULL, &b->table, err));
    JF_TRY(jf_law_read(law_text, &law, err));
    JF_TRY(jf_problem_build(law, b->table, NULL, 0, &options, NULL, &b->problem, err));
    JF_TRY(jf_objective_new(b->problem, &penalty, &b->objective, err));
    for (size_t p = 0; p < 5; p++) {
        b->place[p] = (size_t)jf_formula_find(b->problem->formula, names[p]);
        b->theta[b->place[p]] = theta[p];
    }
    JF_TRY(fill_column(b, "N", &b->columns[0], err));
    JF_TRY(fill_column(b, "D", &b->columns[1], err));
    JF_TRY(fill_column(b, "L", &b->columns[2], err));
    b->rows = (hand_rows){b->columns[0], b->columns[1], b->columns[2], b->table->n_rows};
done:
    jf_law_free(law);
    return status;
}

static void close_bench(bench *b)
{
    for (int c = 0; c < 3; c++) free(b->columns[c]);
    jf_objective_free(b->objective);
    jf_problem_free(b->problem);
    jf_table_free(b->table);
}

/* Adds a block's loss and gradient to six sums, as solvers do it. */
static void add_block(jf_objective *o, const jf_rows *rows, void *context)
{
    double *sums = context, part[5];

    sums[0] +=
        jf_penalty_block(&o->penalty, rows->n, rows->residual, rows->weight, o->psi, o->bend, o->omega);
    for (size_t i = rows->n; i % JF_LANES; i++) o->psi[i] = 0;
    o->loops->products(rows->n, 5, rows->slots, o->psi, part);
    for (size_t p = 0; p < 5; p++) sums[1 + p] -= part[p];
}

/* The best of many rounds of `calls` calls, in turn: ns a row. */
static void measure(bench *b, hand_loop loop, size_t calls, double ours[6], double hand[6], double best[2])
{
    double keep = 0;

    best[0] = best[1] = INFINITY;
    for (int round = 0; round < 2 * ROUNDS; round++) {
        double begin = now_ns(), spent;

        for (size_t i = 0; i < calls; i++) {
            if (round % 2)
                loop(&b->rows, theta, DELTA, hand);
            else {
                memset(ours, 0, 6 * sizeof *ours);
                jf_objective_visit(b->objective, b->theta, JF_GRADIENT, add_block, ours);
            }
            keep += hand[0] + ours[0];
        }
        spent = (now_ns() - begin) / (double)(calls * b->table->n_rows);
        if (spent < best[round % 2]) best[round % 2] = spent;
    }
    if (isnan(keep)) fprintf(stderr, "bench_gradient: not a number\n");
}

/* The largest relative difference of loss and gradient. */
static double difference(const bench *b, const double ours[6], const double hand[6])
{
    double worst = fabs(ours[0] / hand[0] - 1);

    for (size_t p = 0; p < 5; p++) worst = fmax(worst, fabs(ours[1 + b->place[p]] / hand[1 + p] - 1));
    return worst;
}

int main(int argc, char **argv)
{
    double ours[6] = {0}, hand[6] = {0}, best[2];
    bench b = {0};
    jf_error err = {0};

    if (argc < 2 || (argc > 2 && !jf_kernels_choose(argv[2]))) {
        fprintf(stderr, "usage: bench_gradient CSV [KERNELS [CALLS]]\n");
        return 2;
    }
    if (open_bench(argv[1], &b, &err) != JF_OK) {
        fprintf(stderr, "bench_gradient: %s\n", err.message);
        close_bench(&b);
        return 1;
    }
    measure(&b, hand_loop_for(jf_kernels_name()),
            argc > 3 ? strtoul(argv[3], NULL, 10) : ROWS_A_ROUND / b.table->n_rows + 1, ours, hand, best);
    printf("{\"kernels\": \"%s\", \"rows\": %zu, \"ns\": %.3f, \"hand_ns\": %.3f, \"difference\": %.2g}\n",
           jf_kernels_name(), b.table->n_rows, best[0], best[1], difference(&b, ours, hand));
    close_bench(&b);
    return 0;
}
