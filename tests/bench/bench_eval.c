/* Times value and gradient of the Chinchilla law in log form against a hand-written loop, in ns a row.
 *
 * Run by hand from a release build, on a quiet machine: bench_eval [kernels]. The two are timed in turn and
 * the best of many rounds is shown, so that the ratio is what to read. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "core/expr/formula.h"
#include "core/memory.h"
#include "tests/bench/hand_loop.h"

static const char law[] = "lse(log_A - alpha*log(N), log_B - beta*log(D), log_E)";

typedef struct table {
    jf_column columns[2];
    size_t n_rows;
} table;

static const jf_column *find(const void *context, const char *name)
{
    const table *t = context;
    for (size_t i = 0; i < 2; i++)
        if (strcmp(t->columns[i].name, name) == 0) return &t->columns[i];
    return NULL;
}

static const jf_column *at(const void *context, size_t index)
{
    return &((const table *)context)->columns[index];
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void check(jf_status status, const jf_error *err)
{
    if (status == JF_OK) return;
    fprintf(stderr, "%s\n", err->message);
    exit(1);
}

typedef struct bench {
    table t;
    double *log_n, *log_d, *value, *gradient[5];
    jf_formula *formula;
    jf_inputs *inputs;
    jf_arena *arena;
} bench;

static void setup(bench *b, size_t n)
{
    static char name_n[] = "N", name_d[] = "D";
    jf_columns columns = {find, at, &b->t, 2, n};
    jf_ast *ast = NULL;
    jf_error err = {0};

    b->t.n_rows = n;
    b->t.columns[0] = (jf_column){.name = name_n, .values = malloc(n * sizeof(double))};
    b->t.columns[1] = (jf_column){.name = name_d, .values = malloc(n * sizeof(double))};
    b->log_n = aligned_alloc(64, (n + 8) / 8 * 64);
    b->log_d = aligned_alloc(64, (n + 8) / 8 * 64);
    b->value = aligned_alloc(64, (n + 8) / 8 * 64);
    for (int p = 0; p < 5; p++) b->gradient[p] = aligned_alloc(64, (n + 8) / 8 * 64);
    for (size_t i = 0; i < n; i++) {
        b->t.columns[0].values[i] = 1e7 * pow(10, 3 * (double)(i * 7919 % 1000) / 1000);
        b->t.columns[1].values[i] = 1e9 * pow(10, 3 * (double)(i * 104729 % 1000) / 1000);
        b->log_n[i] = log(b->t.columns[0].values[i]);
        b->log_d[i] = log(b->t.columns[1].values[i]);
    }
    check(jf_ast_read("law", law, &ast, &err), &err);
    check(jf_formula_bind("law", ast, &columns, NULL, 0, NULL, NULL, &b->formula, &err), &err);
    check(jf_inputs_build(b->formula, &columns, NULL, 0, NULL, &b->inputs, &err), &err);
    check(jf_arena_new(b->formula, JF_HESSIAN, &b->arena, &err), &err);
    jf_ast_free(ast);
}

static void teardown(bench *b)
{
    free(b->t.columns[0].values);
    free(b->t.columns[1].values);
    free(b->log_n);
    free(b->log_d);
    free(b->value);
    for (int p = 0; p < 5; p++) free(b->gradient[p]);
    jf_formula_free(b->formula);
    jf_inputs_free(b->inputs);
    jf_arena_free(b->arena);
}

/* What a solver does: sums of the gradient and of the value over all rows. */
static double engine(bench *b, const double *theta, jf_order order, double *sums)
{
    const double *value, *slots[5], *pairs[15];
    double total = 0;

    jf_eval_begin(b->formula, b->inputs, b->arena, theta, order);
    for (int p = 0; p < 5; p++) sums[p] = 0;
    for (size_t row = 0; row < b->t.n_rows; row += JF_BLOCK) {
        size_t n = b->t.n_rows - row < JF_BLOCK ? b->t.n_rows - row : JF_BLOCK;
        jf_eval_block(b->formula, b->inputs, b->arena, row, n, &value, slots, pairs);
        total += value[0];
        for (int p = 0; order >= JF_GRADIENT && p < 5; p++) sums[p] += slots[p][n - 1];
    }
    return total;
}

static double hand(bench *b, const double *theta, hand_loop loop, double *sums)
{
    double total = 0;

    for (int p = 0; p < 5; p++) sums[p] = 0;
    for (size_t row = 0; row < b->t.n_rows; row += JF_BLOCK) {
        size_t n = b->t.n_rows - row < JF_BLOCK ? b->t.n_rows - row : JF_BLOCK;
        loop(b->log_n + row, b->log_d + row, n, theta, b->value, b->gradient);
        total += b->value[0];
        for (int p = 0; p < 5; p++) sums[p] += b->gradient[p][n - 1];
    }
    return total;
}

static void measure(size_t n, size_t calls, hand_loop loop)
{
    const double theta[] = {6.0073, 0.3392, 6.0179, 0.2849, 0.5267};
    double best[4] = {INFINITY, INFINITY, INFINITY, INFINITY}, sums[5], more[5], total = 0, worst = 0;
    bench b;

    memset(&b, 0, sizeof b);
    setup(&b, n);
    for (int round = 0; round < 15; round++)
        for (int what = 0; what < 4; what++) {
            double start = now(), spent;
            for (size_t i = 0; i < calls; i++)
                total +=
                    what == 0 ? hand(&b, theta, loop, sums) : engine(&b, theta, (jf_order)(what - 1), sums);
            spent = (now() - start) / (double)(n * calls);
            if (spent < best[what]) best[what] = spent;
        }
    hand(&b, theta, loop, sums);
    engine(&b, theta, JF_GRADIENT, more);
    for (int p = 0; p < 5; p++) worst = fmax(worst, fabs(sums[p] / more[p] - 1));
    printf(
        "%8zu rows: hand %.2f, value %.2f, value+gradient %.2f (%.2f of hand), with second derivatives %.2f "
        "ns/row; gradients differ by %.1g%s\n",
        n, best[0], best[1], best[2], best[2] / best[0], best[3], worst, total == 0 ? "!" : "");
    teardown(&b);
}

int main(int argc, char **argv)
{
    if (argc > 1 && !jf_kernels_choose(argv[1])) {
        fprintf(stderr, "no kernels '%s' here\n", argv[1]);
        return 2;
    }
    printf("kernels: %s\n", jf_kernels_name());
    measure(240, 4000, hand_loop_for(jf_kernels_name()));
    measure(1000000, 1, hand_loop_for(jf_kernels_name()));
    return 0;
}
