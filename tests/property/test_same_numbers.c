/* The same data give the same numbers: to the byte for any number of threads, to a millionth of a standard
 * error for any instruction set. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "tests/check.h"
#include "tests/problem.h"

static const double LARGEST_SHIFT = 1e-6; /* standard errors */

/* Loss of runs of sizes N on D tokens, with noise and two kinds of device. */
static jf_table *make_runs(size_t n)
{
    const char *names[] = {"N", "D", "w", "L"};
    double *values[4];
    jf_table *table;

    for (int c = 0; c < 4; c++) assert_non_null(values[c] = JF_NEW_ARRAY(double, n));
    for (size_t i = 0; i < n; i++) {
        jf_stream stream = jf_stream_make(7, JF_FOR_TESTS, i);
        double size = 1e7 * exp(7 * jf_stream_uniform(&stream)),
               tokens = 1e9 * exp(6 * jf_stream_uniform(&stream));

        values[0][i] = size;
        values[1][i] = tokens;
        values[2][i] = 0.5 + jf_stream_uniform(&stream);
        values[3][i] = (1.8 + 480 / pow(size, 0.35) + 2100 / pow(tokens, 0.37)) *
                       exp(0.02 * jf_stream_normal(&stream) + (i % 3 ? 0 : 0.05));
    }
    table = test_table(4, names, (const double *const *)values, n);
    for (int c = 0; c < 4; c++) jf_free(values[c]);
    return table;
}

/* One row a law: what is fitted, and how. */
static const struct a_case {
    const char *law, *loss, *weights;
} cases[] = {
    {"L ~ exp(e) + exp(a - alpha*log(N)) + exp(b - beta*log(D))", "ls", NULL},
    {"log(L) ~ lse(a - alpha*log(N), b - beta*log(D), e)", "huber:1e-3", "w"},
    {"log(L) ~ c + a*log(N) + b*log(D) + g*log(N)*log(D)", "ls", "w"},
    {"L ~ k*N^a*D^b + E0", "softl1:0.05", NULL},
};
enum { N_CASES = sizeof cases / sizeof *cases };

static jf_fit *fit_case(const struct a_case *c, const jf_table *table, int64_t threads, int64_t starts)
{
    jf_fit_options options;
    jf_error err = {0};
    jf_law *law = NULL;
    jf_fit *fit = NULL;

    jf_fit_options_default(&options);
    options.threads = threads;
    options.starts = starts;
    options.seed = JF_DEFAULT_SEED;
    options.loss = c->loss;
    options.weights = c->weights;
    check_ok(jf_law_read(c->law, &law, &err), &err);
    check_ok(jf_fit_run(law, table, NULL, 0, NULL, &options, &fit, &err), &err);
    jf_law_free(law);
    return fit;
}

static void check_bytes(const jf_fit *a, const jf_fit *b, const char *what, int64_t threads)
{
    assert_int_equal(a->n_estimates, b->n_estimates);
    if (memcmp(a->theta, b->theta, a->n_theta * sizeof *a->theta) != 0)
        fail_msg("%s: %d threads end elsewhere than one", what, (int)threads);
    for (size_t i = 0; i < a->n_estimates; i++)
        if (memcmp(&a->estimates[i].std_error, &b->estimates[i].std_error, sizeof(double)) != 0)
            fail_msg("%s: %d threads give another error of %s", what, (int)threads, a->estimates[i].name);
}

/* More rows than one chunk of a sum, and few enough for a second. */
static void any_number_of_threads_gives_the_same_bytes(void **state)
{
    static const size_t sizes[] = {300, 140001};

    (void)state;
    for (size_t s = 0; s < 2; s++) {
        jf_table *table = make_runs(sizes[s]);

        for (size_t c = 0; c < (s ? 2 : N_CASES); c++) {
            jf_fit *one = fit_case(&cases[c], table, 1, 4);

            for (int64_t threads = s ? 8 : 2; threads <= 8; threads += 6) {
                jf_fit *many = fit_case(&cases[c], table, threads, 4);

                check_bytes(one, many, cases[c].law, threads);
                jf_fit_free(many);
            }
            jf_fit_free(one);
        }
        jf_table_free(table);
    }
}

static void instruction_sets_agree_to_a_millionth_of_an_error(void **state)
{
    static const char *const sets[] = {"avx512", "avx2"};
    const char *best = jf_kernels_name();
    jf_table *table = make_runs(411);

    (void)state;
    for (size_t c = 0; c < N_CASES; c++) {
        jf_fit *base, *other;

        if (!jf_kernels_choose("sse2")) jf_kernels_choose("generic");
        base = fit_case(&cases[c], table, 1, 8);
        for (size_t s = 0; s < 2; s++) {
            if (!jf_kernels_choose(sets[s])) {
                if (c == 0) print_message("SKIPPED: this machine has no %s\n", sets[s]);
                continue;
            }
            other = fit_case(&cases[c], table, 1, 8);
            for (size_t i = 0; i < base->n_estimates; i++) {
                const jf_estimate *a = &base->estimates[i], *b = &other->estimates[i];

                if (!(fabs(a->value - b->value) <= LARGEST_SHIFT * a->std_error))
                    fail_msg("%s: %s is %.17g with %s and %.17g without (error %g)", cases[c].law, a->name,
                             b->value, sets[s], a->value, a->std_error);
            }
            jf_fit_free(other);
        }
        jf_fit_free(base);
    }
    jf_kernels_choose(best);
    jf_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_threads_gives_the_same_bytes),
        cmocka_unit_test(instruction_sets_agree_to_a_millionth_of_an_error),
    };
    return cmocka_run_group_tests(tests, test_settle_libraries, NULL);
}
