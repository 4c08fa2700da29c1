/* The jobs that bench.py times: what people wait for, done by the library, one JSON line each.
 *
 * usage: jobs JOB CSV [ARGUMENTS] [threads=N]
 *   starts CSV COUNT all|staged        loss law, Huber 1e-3, from the grid of the published fit
 *   resamples CSV COUNT huber|squares  bootstrap of rows of the same law
 *   energy CSV STARTS RESAMPLES        energy law with known errors: starts, then a bootstrap of rows
 *   laws CSV REPEATS                   16 log-linear laws on grouped 70/30 splits, with HC3 errors
 *   load CSV                           a table into memory
 *   large CSV                          one nonlinear fit to a large table
 * Seconds are of the job alone: reading the file (but for `load`) and binding the law are not in them. */
#include <cblas.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include "core/memory.h"
#include "core/parallel.h"
#include "core/stream.h"
#include "data/csv.h"
#include "data/groups.h"
#include "fit/infer/bootstrap.h"
#include "fit/infer/covariance.h"
#include "fit/infer/refitter.h"
#include "fit/problem/loss.h"
#include "fit/solve/small.h"

enum { MAX_ITERATIONS = 500 };
/* Staged starts, by successive halving: so many iterations, then the best so many go on, to the end at last.
 */
static const struct {
    size_t iterations, survivors;
} stages[] = {{2, 1500}, {4, 500}, {8, 64}};
static const double TOLERANCE = 1e-9;
static const double DELTA = 1e-3;
static const char LOSS_LAW[] = "log(L) ~ lse(a - alpha*log(N), b - beta*log(D), e)";
static const char LARGE_LAW[] = "L ~ exp(e) + exp(a - alpha*log(N)) + exp(b - beta*log(D))";
static const char ENERGY_LAW[] = "E ~ k*C^a*M^b*eta^g*exp(r[regime = \"compute\"])";

typedef struct job {
    const char *path;
    char **arguments;
    int n_arguments, threads;
    jf_table *table;
    jf_error err;
} job;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static size_t count_argument(const job *j, int i)
{
    return i < j->n_arguments ? (size_t)strtoull(j->arguments[i], NULL, 10) : 0;
}

static bool argument_is(const job *j, int i, const char *text)
{
    return i < j->n_arguments && strcmp(j->arguments[i], text) == 0;
}

static jf_status bind(const job *j, const char *text, const char *sigma, jf_problem **out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_law *law = NULL;
    jf_fit_options options;

    jf_fit_options_default(&options);
    options.sigma = sigma;
    options.threads = j->threads;
    JF_TRY(jf_law_read(text, &law, err));
    JF_TRY(jf_problem_build(law, j->table, NULL, 0, &options, NULL, out, err));
done:
    jf_law_free(law);
    return status;
}

static void print_errors(const jf_bootstrap *b)
{
    printf(", \"failed\": %zu, \"se\": [", b->n_failed);
    for (size_t p = 0; p < b->k; p++) printf("%s%.6g", p ? ", " : "", jf_bootstrap_error(b, p));
    printf("]");
}

/* ---- starts ---- */

typedef struct search {
    const jf_problem *problem;
    jf_loss loss;
    double *starts; /* n x k */
    double *losses; /* n: where each start ended */
    size_t *chosen; /* starts that are run */
    size_t max_iterations;
    bool reweighted;
    jf_objective **objectives; /* by thread, as the next two */
    jf_small **solvers;
    jf_minimum *minima;
} search;

static jf_status run_start(void *context, size_t item, int thread, jf_error *err)
{
    search *s = context;
    size_t k = s->problem->k, start = s->chosen[item];
    jf_minimum *m = &s->minima[thread];
    jf_small_options options = {
        .max_iterations = s->max_iterations, .tolerance = TOLERANCE, .reweighted = s->reweighted};

    (void)err;
    memcpy(m->theta, s->starts + start * k, k * sizeof(double));
    if (!jf_small_solve(s->solvers[thread], s->objectives[thread], &options, m)) m->loss = INFINITY;
    memcpy(s->starts + start * k, m->theta, k * sizeof(double));
    s->losses[start] = m->loss;
    return JF_OK;
}

static jf_status open_search(job *j, search *s, size_t n)
{
    jf_status status = JF_OK;
    jf_penalty penalty = {s->loss, 0};
    size_t threads = (size_t)j->threads;

    s->losses = JF_NEW_ARRAY(double, n);
    s->chosen = JF_NEW_ARRAY(size_t, n);
    s->objectives = JF_NEW_ZEROED(jf_objective *, threads);
    s->solvers = JF_NEW_ZEROED(jf_small *, threads);
    s->minima = JF_NEW_ZEROED(jf_minimum, threads);
    JF_TRY_NEW(s->losses && s->chosen && s->objectives && s->solvers && s->minima ? s : NULL, &j->err,
               "starts");
    for (size_t i = 0; i < n; i++) s->chosen[i] = i;
    for (size_t t = 0; t < threads; t++) {
        JF_TRY(jf_objective_new(s->problem, &penalty, &s->objectives[t], &j->err));
        JF_TRY(jf_small_new(s->problem, &s->solvers[t], &j->err));
        JF_TRY(jf_minimum_new(s->problem->k, &s->minima[t], &j->err));
    }
done:
    return status;
}

static void close_search(job *j, search *s)
{
    for (int t = 0; s->minima && t < j->threads; t++) {
        jf_objective_free(s->objectives[t]);
        jf_small_free(s->solvers[t]);
        jf_minimum_clear(&s->minima[t]);
    }
    jf_free(s->starts);
    jf_free(s->losses);
    jf_free(s->chosen);
    jf_free(s->objectives);
    jf_free(s->solvers);
    jf_free(s->minima);
}

static int by_loss(const void *a, const void *b, void *losses)
{
    double x = ((double *)losses)[*(const size_t *)a], y = ((double *)losses)[*(const size_t *)b];

    return (x > y) - (x < y);
}

/* Runs the best `*left` starts on for some iterations, ranks them and lets no more than `survivors` stay. */
static jf_status run_stage(job *j, search *s, size_t iterations, size_t survivors, size_t *left)
{
    jf_status status = JF_OK;

    s->max_iterations = iterations;
    JF_TRY(jf_parallel(*left, j->threads, run_start, s, &j->err));
    qsort_r(s->chosen, *left, sizeof *s->chosen, by_loss, s->losses);
    if (*left > survivors) *left = survivors;
done:
    return status;
}

/* All starts to their end, or staged. Returns the best start. */
static jf_status run_search(job *j, search *s, size_t n, bool staged, size_t *best)
{
    jf_status status = JF_OK;
    size_t left = n;

    s->reweighted = true;
    for (size_t i = 0; staged && i < sizeof stages / sizeof *stages; i++)
        JF_TRY(run_stage(j, s, stages[i].iterations, stages[i].survivors, &left));
    s->reweighted = false;
    JF_TRY(run_stage(j, s, MAX_ITERATIONS, n, &left));
    *best = s->chosen[0];
done:
    return status;
}

static size_t agreeing(const search *s, size_t n, size_t best)
{
    size_t sum = 0;

    for (size_t i = 0; i < n; i++) sum += s->losses[i] <= s->losses[best] * (1 + 1e-6);
    return sum;
}

/* The grid of Hoffmann et al. 2022: 6 x 6 x 5 x 5 x 5 values of a, b, e, alpha, beta. */
static double grid_value(const char *name, size_t i)
{
    size_t beta = i % 5, alpha = i / 5 % 5, e = i / 25 % 5, b = i / 125 % 6, a = i / 750 % 6;

    if (strcmp(name, "a") == 0) return 5 * (double)a;
    if (strcmp(name, "b") == 0) return 5 * (double)b;
    if (strcmp(name, "e") == 0) return -1 + 0.5 * (double)e;
    return 0.5 * (double)(strcmp(name, "alpha") == 0 ? alpha : beta);
}

static jf_status do_starts(job *j)
{
    jf_status status = JF_OK;
    jf_problem *problem = NULL;
    search s = {.loss = {JF_LOSS_HUBER, DELTA}};
    size_t n = count_argument(j, 0), best;
    double begin;

    JF_TRY(bind(j, LOSS_LAW, NULL, &problem, &j->err));
    s.problem = problem;
    s.starts = JF_NEW_ARRAY(double, n * problem->k);
    JF_TRY_NEW(s.starts, &j->err, "starts");
    for (size_t i = 0; i < n; i++)
        for (size_t p = 0; p < problem->k; p++)
            s.starts[i * problem->k + p] =
                grid_value(jf_formula_parameter(problem->formula, p)->name, i * (4500 / n));
    begin = now();
    JF_TRY(open_search(j, &s, n));
    JF_TRY(run_search(j, &s, n, argument_is(j, 1, "staged"), &best));
    printf("{\"seconds\": %.6f, \"count\": %zu, \"loss\": %.15g, \"agreeing\": %zu}\n", now() - begin, n,
           s.losses[best], agreeing(&s, n, best));
done:
    close_search(j, &s);
    jf_problem_free(problem);
    return status;
}

/* ---- resamples ---- */

/* The full fit from which resamples start. */
static jf_status full_fit(job *j, const jf_problem *problem, const jf_loss *loss, const double *from,
                          jf_solution *out)
{
    jf_solve_options options = {.loss = *loss,
                                .starts = 64,
                                .local_only = from != NULL,
                                .from = from,
                                .max_iterations = MAX_ITERATIONS,
                                .tolerance = 1e-10,
                                .seed = JF_DEFAULT_SEED,
                                .threads = j->threads};

    return jf_solve(problem, &options, out, &j->err);
}

/* Resamples rows; the vectors that pairs do not need are one of zeros. */
static jf_status resample(job *j, const jf_problem *problem, const jf_loss *loss, const double *theta,
                          size_t n, jf_bootstrap *out)
{
    jf_status status = JF_OK;
    double *zeros = JF_NEW_ZEROED(double, problem->n);
    jf_bootstrap_basis basis = {.problem = problem,
                                .loss = *loss,
                                .theta = theta,
                                .fitted = zeros,
                                .residual = zeros,
                                .leverage = zeros,
                                .max_iterations = MAX_ITERATIONS};
    jf_bootstrap_options options = {
        .kind = JF_RESAMPLE_PAIRS, .n_resamples = n, .seed = JF_DEFAULT_SEED, .threads = j->threads};

    JF_TRY_NEW(zeros, &j->err, "resamples");
    JF_TRY(jf_bootstrap_run(&basis, &options, out, &j->err));
done:
    jf_free(zeros);
    return status;
}

static jf_status do_resamples(job *j)
{
    jf_status status = JF_OK;
    jf_loss loss = argument_is(j, 1, "huber") ? (jf_loss){JF_LOSS_HUBER, DELTA} : (jf_loss){JF_LOSS_LS, NAN};
    jf_problem *problem = NULL;
    jf_solution fit = {0};
    jf_bootstrap b = {0};
    double begin;

    JF_TRY(bind(j, LOSS_LAW, NULL, &problem, &j->err));
    JF_TRY(full_fit(j, problem, &loss, NULL, &fit));
    begin = now();
    JF_TRY(resample(j, problem, &loss, fit.theta, count_argument(j, 0), &b));
    printf("{\"seconds\": %.6f, \"count\": %zu, \"loss\": %.15g", now() - begin, b.n_resamples, fit.loss);
    print_errors(&b);
    printf("}\n");
done:
    jf_bootstrap_clear(&b);
    jf_solution_clear(&fit);
    jf_problem_free(problem);
    return status;
}

/* ---- energy ---- */

static double energy_start(const char *name, double u)
{
    if (strcmp(name, "k") == 0) return exp(log(0.1) + u * log(1e4));
    if (strcmp(name, "g") == 0) return -2 + 3 * u;
    if (name[0] == 'r') return -1 + 2 * u;
    return -1 + 3 * u;
}

static jf_status do_energy(job *j)
{
    jf_status status = JF_OK;
    jf_problem *problem = NULL;
    search s = {.loss = {JF_LOSS_LS, NAN}};
    size_t n = count_argument(j, 0), best;
    jf_bootstrap b = {0};
    double begin, middle;

    JF_TRY(bind(j, ENERGY_LAW, "sigma", &problem, &j->err));
    s.problem = problem;
    s.starts = JF_NEW_ARRAY(double, n * problem->k);
    JF_TRY_NEW(s.starts, &j->err, "starts");
    for (size_t i = 0; i < n; i++) {
        jf_stream stream = jf_stream_make(JF_DEFAULT_SEED, JF_FOR_TESTS, i);

        for (size_t p = 0; p < problem->k; p++)
            s.starts[i * problem->k + p] =
                energy_start(jf_formula_parameter(problem->formula, p)->name, jf_stream_uniform(&stream));
    }
    begin = now();
    JF_TRY(open_search(j, &s, n));
    JF_TRY(run_search(j, &s, n, false, &best));
    middle = now();
    JF_TRY(resample(j, problem, &s.loss, s.starts + best * problem->k, count_argument(j, 1), &b));
    printf("{\"seconds\": %.6f, \"seconds_starts\": %.6f, \"n_starts\": %zu, \"seconds_resamples\": %.6f, "
           "\"count\": %zu, \"loss\": %.15g, \"agreeing\": %zu",
           now() - begin, middle - begin, n, now() - middle, b.n_resamples, 2 * s.losses[best],
           agreeing(&s, n, best));
    print_errors(&b);
    printf("}\n");
done:
    jf_bootstrap_clear(&b);
    close_search(j, &s);
    jf_problem_free(problem);
    return status;
}

/* ---- laws ---- */

static const char *const terms[] = {"C",
                                    "M",
                                    "C M",
                                    "C eta",
                                    "M eta",
                                    "C M eta",
                                    "C batch",
                                    "C depth width",
                                    "C M eta batch",
                                    "C M eta depth",
                                    "C M eta depth width",
                                    "C M eta batch depth width",
                                    "C regime",
                                    "C M regime",
                                    "C M eta regime",
                                    "C M eta batch depth width regime"};
enum { N_LAWS = sizeof terms / sizeof *terms, MAX_PARAMETERS = 16 };

/* "C regime" to "log(E) ~ b0 + b1*log(C) + r[regime = "compute"]". */
static void write_law(const char *words, char *out, size_t size)
{
    int at = snprintf(out, size, "log(E) ~ b0"), i = 1;

    while (*words) {
        int length = (int)strcspn(words, " ");

        if (strncmp(words, "regime", 6) == 0)
            at += snprintf(out + at, size - (size_t)at, " + r[regime = \"compute\"]");
        else
            at += snprintf(out + at, size - (size_t)at, " + b%d*log(%.*s)", i++, length, words);
        words += length + (words[length] == ' ');
    }
}

/* What one thread works with. */
typedef struct splitter {
    jf_refitter *refitter[N_LAWS]; /* made when first needed, as the next */
    jf_arena *arena[N_LAWS];
    double *train;      /* rows x MAX_PARAMETERS: derivatives in the training rows */
    double *value;      /* rows */
    double *psi;        /* rows */
    double *covariance; /* MAX_PARAMETERS squared */
} splitter;

typedef struct split_work {
    job *job;
    size_t n, n_splits;    /* rows */
    jf_problem **problems; /* N_LAWS */
    double **jacobian;     /* N_LAWS: rows x k; laws that are linear have one for all splits */
    double *start;         /* N_LAWS x MAX_PARAMETERS: zeros, then the fits to all rows */
    double **counts;       /* by split: 1 for the rows that train, else 0 */
    size_t **train, **test;
    size_t *n_train, *n_test;
    double *score; /* laws x splits */
    double loss;   /* of the last law on all rows */
    splitter *splitters;
} split_work;

/* Reads a law, binds it, and fits it to all rows. */
static jf_status prepare_law(void *context, size_t law, int thread, jf_error *err)
{
    split_work *w = context;
    splitter *s = &w->splitters[thread];
    jf_loss squares = {JF_LOSS_LS, NAN};
    jf_status status = JF_OK;
    double *theta = w->start + law * MAX_PARAMETERS;
    char text[512];
    jf_problem *problem;

    write_law(terms[law], text, sizeof text);
    JF_TRY(bind(w->job, text, NULL, &w->problems[law], err));
    problem = w->problems[law];
    JF_TRY(jf_refitter_new(problem, &squares, 10, 1e-10, &s->refitter[law], err));
    if (!jf_refitter_run(s->refitter[law], NULL, NULL, theta, theta))
        JF_TRY(jf_fail(err, JF_EFIT, "law %zu: no fit", law));
    if (law + 1 == N_LAWS) w->loss = jf_refitter_loss(s->refitter[law]);
    w->jacobian[law] = JF_NEW_ARRAY(double, w->n * problem->k);
    JF_TRY_NEW(w->jacobian[law], err, "derivatives");
    JF_TRY(jf_arena_new(problem->formula, JF_GRADIENT, &s->arena[law], err));
    jf_formula_jacobian(problem->formula, problem->inputs, s->arena[law], theta, NULL, w->jacobian[law],
                        w->n);
done:
    return status;
}

/* HC3 covariance of a fit to the training rows of a split. */
static jf_status find_errors(const split_work *w, splitter *s, size_t law, size_t split, jf_error *err)
{
    jf_status status = JF_OK;
    jf_design design = {0};
    const jf_problem *problem = w->problems[law];
    const size_t *rows = w->train[split];
    size_t n = w->n_train[split];
    jf_row_matrix matrix = {s->train, n, problem->k};
    jf_row_source source = jf_rows_of_matrix(&matrix);

    for (size_t i = 0; i < n; i++) s->psi[i] = problem->response[rows[i]] - s->value[rows[i]];
    for (size_t p = 0; p < problem->k; p++) {
        const double *from = w->jacobian[law] + p * w->n;
        double *to = s->train + p * n;

        for (size_t i = 0; i < n; i++) to[i] = from[rows[i]];
    }
    JF_TRY(jf_design_build(&source, n, problem->k, NULL, &design, err));
    JF_TRY(jf_covariance_run(&design, JF_SE_HC3,
                             &(jf_scores){.psi = s->psi, .slope = 1, .n_effective = (double)n}, s->covariance,
                             err));
done:
    jf_design_clear(&design);
    return status;
}

/* Least squares on the training rows, HC3 errors, root mean square error of the test rows. */
static jf_status score_split(void *context, size_t item, int thread, jf_error *err)
{
    split_work *w = context;
    size_t law = item / w->n_splits, split = item % w->n_splits;
    splitter *s = &w->splitters[thread];
    const jf_problem *problem = w->problems[law];
    jf_loss squares = {JF_LOSS_LS, NAN};
    jf_status status = JF_OK;
    double theta[MAX_PARAMETERS], sum = 0;

    if (!s->refitter[law]) JF_TRY(jf_refitter_new(problem, &squares, 10, 1e-10, &s->refitter[law], err));
    if (!s->arena[law]) JF_TRY(jf_arena_new(problem->formula, JF_GRADIENT, &s->arena[law], err));
    if (!jf_refitter_run(s->refitter[law], w->counts[split], NULL, w->start + law * MAX_PARAMETERS, theta))
        JF_TRY(jf_fail(err, JF_EFIT, "law %zu, split %zu: no fit", law, split));
    jf_formula_values(problem->formula, problem->inputs, s->arena[law], theta, s->value);
    JF_TRY(find_errors(w, s, law, split, err));
    for (size_t i = 0; i < w->n_test[split]; i++) {
        size_t row = w->test[split][i];

        sum += pow(s->value[row] - problem->response[row], 2);
    }
    w->score[item] = sqrt(sum / (double)w->n_test[split]);
done:
    return status;
}

static jf_status draw_splits(split_work *w, const jf_groups *groups)
{
    jf_status status = JF_OK;
    size_t n = groups->n_rows, *order = JF_NEW_ARRAY(size_t, groups->n_groups);
    bool *trains = JF_NEW_ARRAY(bool, groups->n_groups);

    JF_TRY_NEW(order && trains ? order : NULL, &w->job->err, "splits");
    for (size_t s = 0; s < w->n_splits; s++) {
        jf_stream stream = jf_stream_make(JF_DEFAULT_SEED, JF_FOR_SPLITS, s);

        for (size_t g = 0; g < groups->n_groups; g++) order[g] = g;
        jf_stream_shuffle(&stream, order, groups->n_groups);
        for (size_t g = 0; g < groups->n_groups; g++)
            trains[order[g]] = (double)g < round(0.7 * (double)groups->n_groups);
        w->train[s] = JF_NEW_ARRAY(size_t, n);
        w->test[s] = JF_NEW_ARRAY(size_t, n);
        w->counts[s] = JF_NEW_ZEROED(double, n);
        JF_TRY_NEW(w->train[s] && w->test[s] && w->counts[s] ? order : NULL, &w->job->err, "splits");
        for (size_t i = 0; i < n; i++)
            if ((w->counts[s][i] = trains[groups->group[i]]))
                w->train[s][w->n_train[s]++] = i;
            else
                w->test[s][w->n_test[s]++] = i;
    }
done:
    jf_free(order);
    jf_free(trains);
    return status;
}

static double best_score(const split_work *w)
{
    double best = INFINITY;

    for (size_t l = 0; l < N_LAWS; l++) {
        double sum = 0;

        for (size_t s = 0; s < w->n_splits; s++) sum += w->score[l * w->n_splits + s];
        best = fmin(best, sum / (double)w->n_splits);
    }
    return best;
}

static jf_status open_splits(split_work *w)
{
    jf_status status = JF_OK;
    size_t threads = (size_t)w->job->threads, splits = w->n_splits;

    w->problems = JF_NEW_ZEROED(jf_problem *, N_LAWS);
    w->jacobian = JF_NEW_ZEROED(double *, N_LAWS);
    w->start = JF_NEW_ZEROED(double, N_LAWS *MAX_PARAMETERS);
    w->counts = JF_NEW_ZEROED(double *, splits);
    w->train = JF_NEW_ZEROED(size_t *, splits);
    w->test = JF_NEW_ZEROED(size_t *, splits);
    w->n_train = JF_NEW_ZEROED(size_t, splits);
    w->n_test = JF_NEW_ZEROED(size_t, splits);
    w->score = JF_NEW_ARRAY(double, N_LAWS *splits);
    w->splitters = JF_NEW_ZEROED(splitter, threads);
    JF_TRY_NEW(w->problems && w->jacobian && w->start && w->counts && w->train && w->test && w->n_train &&
                       w->n_test && w->score && w->splitters
                   ? w
                   : NULL,
               &w->job->err, "splits");
    for (size_t t = 0; t < threads; t++) {
        splitter *s = &w->splitters[t];

        s->train = JF_NEW_ARRAY(double, w->n *(MAX_PARAMETERS + 2) + MAX_PARAMETERS * MAX_PARAMETERS);
        JF_TRY_NEW(s->train, &w->job->err, "splits");
        s->value = s->train + w->n * MAX_PARAMETERS;
        s->psi = s->value + w->n;
        s->covariance = s->psi + w->n;
    }
done:
    return status;
}

static void close_splits(split_work *w)
{
    for (int t = 0; w->splitters && t < w->job->threads; t++) {
        for (size_t l = 0; l < N_LAWS; l++) {
            jf_refitter_free(w->splitters[t].refitter[l]);
            jf_arena_free(w->splitters[t].arena[l]);
        }
        jf_free(w->splitters[t].train);
    }
    for (size_t l = 0; l < N_LAWS && w->problems && w->jacobian; l++) {
        jf_problem_free(w->problems[l]);
        jf_free(w->jacobian[l]);
    }
    for (size_t s = 0; w->counts && w->train && w->test && s < w->n_splits; s++) {
        jf_free(w->counts[s]);
        jf_free(w->train[s]);
        jf_free(w->test[s]);
    }
    jf_free(w->problems);
    jf_free(w->jacobian);
    jf_free(w->start);
    jf_free(w->counts);
    jf_free(w->train);
    jf_free(w->test);
    jf_free(w->n_train);
    jf_free(w->n_test);
    jf_free(w->score);
    jf_free(w->splitters);
}

static jf_status do_laws(job *j)
{
    jf_status status = JF_OK;
    split_work w = {.job = j, .n = j->table->n_rows, .n_splits = count_argument(j, 0)};
    const char *const by[] = {"family"};
    jf_groups groups = {0};
    double begin, seconds;

    JF_TRY(open_splits(&w));
    JF_TRY(jf_groups_by(j->table, by, 1, &groups, &j->err));
    JF_TRY(draw_splits(&w, &groups));
    begin = now(); /* the laws are read and bound within the time, as formulas are by others */
    JF_TRY(jf_parallel(N_LAWS, j->threads, prepare_law, &w, &j->err));
    JF_TRY(jf_parallel(N_LAWS * w.n_splits, j->threads, score_split, &w, &j->err));
    seconds = now() - begin;
    printf("{\"seconds\": %.6f, \"count\": %zu, \"loss\": %.15g, \"rmse\": %.8g}\n", seconds,
           N_LAWS * w.n_splits, w.loss, best_score(&w));
done:
    close_splits(&w);
    jf_groups_free(&groups);
    return status;
}

/* ---- large tables ---- */

static double peak_MiB(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

static jf_status do_large(job *j)
{
    static const struct {
        const char *name;
        double value;
    } from[] = {{"a", 5}, {"b", 6}, {"e", 0}, {"alpha", 0.3}, {"beta", 0.3}};
    jf_status status = JF_OK;
    jf_problem *problem = NULL;
    jf_solution fit = {0};
    jf_loss squares = {JF_LOSS_LS, NAN};
    double theta[5], before, begin;

    JF_TRY(bind(j, LARGE_LAW, NULL, &problem, &j->err));
    for (size_t i = 0; i < 5; i++) theta[jf_formula_find(problem->formula, from[i].name)] = from[i].value;
    before = peak_MiB();
    begin = now();
    JF_TRY(full_fit(j, problem, &squares, theta, &fit));
    printf("{\"seconds\": %.6f, \"count\": %zu, \"loss\": %.15g, \"peak_MiB\": %.1f, \"peak_before_MiB\": "
           "%.1f}\n",
           now() - begin, problem->n, fit.loss, peak_MiB(), before);
done:
    jf_solution_clear(&fit);
    jf_problem_free(problem);
    return status;
}

static jf_status read_table(job *j)
{
    return jf_csv_read(j->path, &(jf_csv_options){0}, NULL, NULL, &j->table, &j->err);
}

static jf_status do_load(job *j)
{
    jf_status status = JF_OK;
    double begin = now(), sum = 0;
    const jf_column *column;

    JF_TRY(read_table(j));
    column = jf_table_find(j->table, "v00");
    for (size_t i = 0; column && i < j->table->n_rows; i++) sum += column->values[i];
    printf("{\"seconds\": %.6f, \"count\": %zu, \"loss\": %.15g, \"peak_MiB\": %.1f}\n", now() - begin,
           j->table->n_rows, sum, peak_MiB());
done:
    return status;
}

/* One row a job. */
static const struct {
    const char *name;
    jf_status (*run)(job *j);
    bool reads_itself;
} jobs[] = {{"starts", do_starts, false}, {"resamples", do_resamples, false},
            {"energy", do_energy, false}, {"laws", do_laws, false},
            {"load", do_load, true},      {"large", do_large, false}};

int main(int argc, char **argv)
{
    job j = {.threads = 1};
    jf_status status = JF_OK;

    gsl_set_error_handler_off();
    openblas_set_num_threads(1);
    if (argc > 3 && strncmp(argv[argc - 1], "threads=", 8) == 0) j.threads = atoi(argv[--argc] + 8);
    if (argc < 3 || j.threads < 1) {
        fprintf(stderr, "usage: jobs JOB CSV [ARGUMENTS] [threads=N]\n");
        return 2;
    }
    j.path = argv[2];
    j.arguments = argv + 3;
    j.n_arguments = argc - 3;
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
        if (strcmp(argv[1], jobs[i].name) != 0) continue;
        if (!jobs[i].reads_itself) status = read_table(&j);
        if (status == JF_OK) status = jobs[i].run(&j);
        jf_table_free(j.table);
        if (status != JF_OK) fprintf(stderr, "jobs: %s\n", j.err.message);
        return jf_status_exit_code(status);
    }
    fprintf(stderr, "jobs: no job '%s'\n", argv[1]);
    return 2;
}
