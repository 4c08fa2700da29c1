/* Properties of resamples, of their refits and of the intervals made of them. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "fit/fit.h"
#include "fit/infer/bootstrap.h"
#include "fit/infer/refitter.h"
#include "fit/problem/loss.h"
#include "tests/check.h"
#include "tests/law_data.h"
#include "tests/problem.h"

enum { N = 300, GROUPS = 30, B = 4000 };

static const char LINEAR[] = "y ~ a + b*x";
static const char CURVED[] = "y ~ lse(p - q*x, e)";

/* y of a line with errors that grow with x and share a part within groups; z of a curve; label s. */
static jf_table *draw_table(void)
{
    static double x[N], y[N], group[N];
    const char *names[] = {"x", "y", "g"};
    const double *values[] = {x, y, group};
    jf_stream stream = jf_stream_make(3, JF_FOR_TESTS, 0);
    double shared[GROUPS];

    for (size_t g = 0; g < GROUPS; g++) shared[g] = jf_stream_normal(&stream);
    for (size_t i = 0; i < N; i++) {
        group[i] = (double)(i % GROUPS);
        x[i] = 4 * jf_stream_uniform(&stream) + 0.02 * group[i];
        y[i] = 0.4 + log1p(exp(1.5 - x[i])) +
               (0.02 + 0.02 * x[i]) * (jf_stream_normal(&stream) + shared[i % GROUPS]);
    }
    return test_table(3, names, values, N);
}

typedef struct world {
    jf_table *table;
    jf_groups groups;
} world;

static int set_up(void **state)
{
    static world w;
    const char *by[] = {"g"};
    jf_error err = {0};

    test_settle_libraries(state);
    w.table = draw_table();
    check_ok(jf_groups_by(w.table, by, 1, &w.groups, &err), &err);
    *state = &w;
    return 0;
}

static int tear_down(void **state)
{
    world *w = *state;

    jf_table_free(w->table);
    jf_groups_free(&w->groups);
    return 0;
}

static jf_fit *fit_to(const world *w, const char *text, const jf_fit_options *options)
{
    jf_error err = {0};
    jf_law *law = NULL;
    jf_fit *fit = NULL;

    check_ok(jf_law_read(text, &law, &err), &err);
    check_ok(jf_fit_run(law, w->table, NULL, 0, &w->groups, options, &fit, &err), &err);
    jf_law_free(law);
    return fit;
}

static jf_fit_options bootstrap_options(int kind)
{
    jf_fit_options options = test_fit_options();

    options.ci = "wald,bootstrap";
    options.resample = jf_resample_names[kind];
    options.bootstrap = B;
    options.bootstrap_interval = "percentile";
    return options;
}

static const jf_interval_set *bootstrap_set(const jf_fit *fit)
{
    for (size_t i = 0; i < fit->n_intervals; i++)
        if (strncmp(fit->intervals[i].kind, "bootstrap:", 10) == 0) return &fit->intervals[i];
    fail_msg("no bootstrap intervals");
    return NULL;
}

/* The linearised error that each kind estimates. */
static const char *const errors_of[] = {"hc0", "cr1", "classical", "hc3", "cr1", "classical"};

static void bootstrap_errors_are_those_of_the_sandwich(void **state)
{
    /* A standard deviation of B values has the relative error 1/sqrt(2 B) = 1.1 %; pairs and cluster
     * resamples refit a design that varies, which adds terms of order 1/n and 1/G. */
    const double tolerance[] = {0.06, 0.12, 0.045, 0.045, 0.045, 0.045};

    for (int kind = 0; jf_resample_names[kind]; kind++) {
        jf_fit_options options = bootstrap_options(kind);
        options.se = errors_of[kind];
        jf_fit *fit = fit_to(*state, LINEAR, &options);
        const jf_interval_set *set = bootstrap_set(fit);

        assert_int_equal(set->n_failed, 0);
        for (size_t j = 0; j < fit->n_estimates; j++)
            check_close(set->error[j], fit->estimates[j].std_error, tolerance[kind], "%s: error of %s",
                        jf_resample_names[kind], fit->estimates[j].name);
        jf_fit_free(fit);
    }
}

static void any_number_of_threads_gives_the_same_bytes(void **state)
{
    for (int kind = 0; jf_resample_names[kind]; kind++) {
        jf_fit *first = NULL;

        for (int threads = 1; threads <= 8; threads = threads == 1 ? 2 : 4 * threads) {
            jf_fit_options options = bootstrap_options(kind);
            options.threads = threads;
            options.bootstrap = 200;
            options.loss = kind % 2 ? "huber:0.02" : "ls";
            options.bootstrap_interval = "bca";
            jf_fit *fit = fit_to(*state, CURVED, &options);
            if (!first) {
                first = fit;
                continue;
            }
            size_t size = fit->n_estimates * sizeof(double);
            assert_memory_equal(bootstrap_set(fit)->low, bootstrap_set(first)->low, size);
            assert_memory_equal(bootstrap_set(fit)->high, bootstrap_set(first)->high, size);
            assert_memory_equal(bootstrap_set(fit)->error, bootstrap_set(first)->error, size);
            jf_fit_free(fit);
        }
        jf_fit_free(first);
    }
}

static jf_bootstrap_basis basis_of(const jf_fit *fit, jf_loss loss)
{
    return (jf_bootstrap_basis){.problem = fit->problem,
                                .loss = loss,
                                .theta = fit->theta,
                                .fitted = fit->fitted,
                                .residual = fit->residual,
                                .leverage = fit->leverage,
                                .sigma = fit->sigma,
                                .max_iterations = 100};
}

/* Counts of resample r, moved by `shift` places. */
static double correlation(const double *a, const double *b, size_t shift)
{
    double sum = 0, squares_a = 0, squares_b = 0;

    for (size_t i = 0; i < N; i++) { /* counts have mean 1 */
        sum += (a[i] - 1) * (b[(i + shift) % N] - 1);
        squares_a += (a[i] - 1) * (a[i] - 1);
        squares_b += (b[i] - 1) * (b[i] - 1);
    }
    return sum / sqrt(squares_a * squares_b);
}

static void neighbouring_resamples_are_unrelated(void **state)
{
    enum { PAIRS = 400, SHIFTS = 3 };
    jf_fit_options options = test_fit_options();
    jf_fit *fit = fit_to(*state, LINEAR, &options);
    jf_bootstrap_basis basis = basis_of(fit, (jf_loss){JF_LOSS_LS, NAN});
    jf_resampler *resampler = NULL;
    jf_error err = {0};
    double counts[2][N], sum[SHIFTS] = {0};

    check_ok(jf_resampler_new(&basis, JF_RESAMPLE_PAIRS, &resampler, &err), &err);
    jf_resampler_draw(resampler, 7, 0, counts[0], NULL);
    for (size_t r = 1; r <= PAIRS; r++) {
        jf_resampler_draw(resampler, 7, r, counts[r % 2], NULL);
        for (size_t s = 0; s < SHIFTS; s++) sum[s] += correlation(counts[(r - 1) % 2], counts[r % 2], s);
    }
    /* The mean of PAIRS correlations over N rows has the standard deviation 1/sqrt(PAIRS N); 4 of them. */
    for (size_t s = 0; s < SHIFTS; s++)
        if (fabs(sum[s] / PAIRS) > 4 / sqrt((double)PAIRS * N))
            fail_msg("neighbours %zu draws apart correlate by %g", s, sum[s] / PAIRS);
    jf_resampler_free(resampler);
    jf_fit_free(fit);
}

static const char *const losses[] = {"ls",        "huber:0.02", "softl1:0.02", "cauchy:0.1",
                                     "tukey:0.4", "l1",         "quantile:0.3"};

/* The problem on rows repeated as often as they count, solved from scratch. */
static void solve_repeated(const jf_problem *problem, const double *counts, const jf_loss *loss,
                           const double *from, jf_solution *out)
{
    jf_solve_options options = test_solve_options();
    size_t index[N], n = 0;
    jf_problem *part = NULL;
    jf_error err = {0};

    for (size_t i = 0; i < problem->n; i++)
        for (double c = 0; c < counts[i]; c++) index[n++] = i;
    options.loss = *loss;
    options.from = from;
    options.local_only = true;
    check_ok(jf_problem_subset(problem, index, n, &part, &err), &err);
    check_ok(jf_solve(part, &options, out, &err), &err);
    jf_problem_free(part);
}

static void a_refit_by_counts_is_the_fit_to_repeated_rows(void **state)
{
    for (size_t l = 0; l < sizeof losses / sizeof *losses; l++) {
        jf_fit_options options = test_fit_options();
        jf_loss loss;
        jf_error err = {0};
        jf_resampler *resampler = NULL;
        jf_refitter *refitter = NULL;
        double counts[N], theta[3];

        options.loss = losses[l];
        check_ok(jf_loss_read(losses[l], &loss, &err), &err);
        jf_fit *fit = fit_to(*state, CURVED, &options);
        jf_bootstrap_basis basis = basis_of(fit, loss);
        check_ok(jf_resampler_new(&basis, JF_RESAMPLE_PAIRS, &resampler, &err), &err);
        check_ok(jf_refitter_new(fit->problem, &loss, 500, 1e-10, &refitter, &err), &err);
        for (size_t r = 0; r < 10; r++) {
            jf_solution wanted = {0};

            jf_resampler_draw(resampler, 5, r, counts, NULL);
            assert_true(jf_refitter_run(refitter, counts, NULL, fit->theta, theta));
            solve_repeated(fit->problem, counts, &loss, fit->theta, &wanted);
            if (!(jf_refitter_loss(refitter) <= wanted.loss * (1 + 1e-9)))
                fail_msg("%s: loss of resample %zu is %.17g, not %.17g", losses[l], r,
                         jf_refitter_loss(refitter), wanted.loss);
            for (size_t j = 0; j < 3 && !jf_loss_has_kink(&loss); j++)
                check_close(theta[j], wanted.theta[j], 1e-6, "%s: parameter %zu of resample %zu", losses[l],
                            j, r);
            jf_solution_clear(&wanted);
        }
        jf_refitter_free(refitter);
        jf_resampler_free(resampler);
        jf_fit_free(fit);
    }
}

static void a_level_that_loses_its_rows_is_a_failed_refit_and_counted(void **state)
{
    const world *w = *state;
    jf_fit_options options = bootstrap_options(JF_RESAMPLE_PAIRS);
    char cells[N][8];
    const char *of_row[N];
    bool told = false;

    for (size_t i = 0; i < N; i++) {
        snprintf(cells[i], sizeof cells[i], "%s", i == 17 ? "rare" : "usual");
        of_row[i] = cells[i];
    }
    test_add_labels(w->table, "s", of_row);
    jf_fit *fit = fit_to(w, "y ~ a + b*x + r[s = \"usual\"]", &options);
    const jf_interval_set *set = bootstrap_set(fit);
    double share = (double)set->n_failed / B, wanted = pow(1 - 1.0 / N, N);

    if (fabs(share - wanted) > 4 * sqrt(wanted * (1 - wanted) / B))
        fail_msg("%g of the resamples failed where %g lack the level", share, wanted);
    for (size_t i = 0; i < fit->warnings.n; i++)
        told |= !strcmp(fit->warnings.items[i].code, "W_BOOTSTRAP_FAILED");
    assert_true(told);
    for (size_t j = 0; j < fit->n_estimates; j++) assert_true(set->low[j] <= set->high[j]);
    jf_fit_free(fit);
}

/* Skewed refits x_i = exp(z_i) at normal quantiles, skewed jackknife; the limits are from
 * tests/reference/limits_of_bca.py. */
static void limits_are_those_of_an_independent_calculation(void **state)
{
    enum { REFITS = 999, LEFT_OUT = 50 };
    double refits[REFITS], left_out[LEFT_OUT];
    jf_bootstrap b = {.k = 1, .n_resamples = REFITS, .theta = refits};
    jf_bootstrap jackknife = {.k = 1, .n_resamples = LEFT_OUT, .theta = left_out};
    const double wanted[][2] = {{0.50013188590000002, 1.3549408140999997},
                                {-0.15494081409999971, 0.69986811409999994},
                                {0.50005750008249994, 1.3118837973488251}};
    jf_error err = {0};

    (void)state;
    for (size_t i = 0; i < REFITS; i++) refits[(i * 7) % REFITS] = pow((double)(i + 1) / 1000, 3) + 0.5;
    for (size_t i = 0; i < LEFT_OUT; i++) left_out[i] = 0.6 - 0.001 * pow((double)i / 10, 2);
    for (int kind = 0; kind < JF_INTERVAL_T; kind++) {
        double low, high;

        check_ok(
            jf_bootstrap_limits(&b, &jackknife, 0, 0.6, (jf_bootstrap_interval)kind, 0.9, &low, &high, &err),
            &err);
        check_close(low, wanted[kind][0], 1e-10, "%s, low", jf_bootstrap_interval_names[kind]);
        check_close(high, wanted[kind][1], 1e-10, "%s, high", jf_bootstrap_interval_names[kind]);
    }
}

/* Estimates of every kernel set that this machine has, against the first. */
static void instruction_sets_agree_to_a_millionth_of_an_error(void **state)
{
    const char *const sets[] = {"generic", "sse2", "avx2", "avx512"};
    const char *const own = jf_kernels_name();
    size_t compared = 0;

    for (size_t l = 0; l < 3; l++) {
        jf_fit *first = NULL;

        for (size_t s = 0; s < sizeof sets / sizeof *sets; s++) {
            jf_fit_options options = test_fit_options();

            if (!jf_kernels_choose(sets[s])) continue;
            options.loss = losses[l];
            jf_fit *fit = fit_to(*state, CURVED, &options);
            if (!first) {
                first = fit;
                continue;
            }
            for (size_t j = 0; j < fit->n_estimates; j++)
                if (fabs(fit->estimates[j].value - first->estimates[j].value) >
                    1e-6 * first->estimates[j].std_error)
                    fail_msg("%s, %s: %s is %.17g, not %.17g", sets[s], losses[l], fit->estimates[j].name,
                             fit->estimates[j].value, first->estimates[j].value);
            compared++;
            jf_fit_free(fit);
        }
        jf_fit_free(first);
    }
    assert_true(jf_kernels_choose(own));
    if (!compared) print_message("SKIPPED: one instruction set only\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bootstrap_errors_are_those_of_the_sandwich),
        cmocka_unit_test(any_number_of_threads_gives_the_same_bytes),
        cmocka_unit_test(neighbouring_resamples_are_unrelated),
        cmocka_unit_test(a_refit_by_counts_is_the_fit_to_repeated_rows),
        cmocka_unit_test(limits_are_those_of_an_independent_calculation),
        cmocka_unit_test(instruction_sets_agree_to_a_millionth_of_an_error),
        cmocka_unit_test(a_level_that_loses_its_rows_is_a_failed_refit_and_counted),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
