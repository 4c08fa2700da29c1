/* Linear laws without some of their rows: out of one factorisation they are what a refit finds, on random
 * laws, weights, held parameters and rows; where rows do not tell all parameters, the factorisation says so.
 */
#include "tests/check.h"
#include "tests/compare_sweep.h"

#include "fit/select/refit.h"

static const char *const linear[] = {
    "log(energy) ~ b0 + c*log(work)",
    "log(energy) ~ b0 + c*log(work) + d*log(layers) + r[strategy = \"Baseline\"]",
    "log(energy) ~ h[strategy] + c*log(work) + s[strategy]*log(layers)",
    "energy ~ b0 + c*work + d*layers + e*work*layers",
    "log(energy) ~ b0 + c*log(work) + d*log(layers) - 0.3*log(gpus)",
};
enum { N_LINEAR = sizeof linear / sizeof *linear, N_TRIES = 25 };

typedef struct bound {
    sweep s;
    jf_problem *problem;
    jf_left_out *left_out;
    jf_fit_options options;
    jf_refit_law law;
    double theta[32];
} bound;

static void bind(bound *b, const char *text, const char *weights, const char *fixed)
{
    jf_law *law = NULL;
    jf_warnings unheard = {0};
    jf_error err = {0};

    memset(b, 0, sizeof *b);
    make_sweep(31, 0.05, &b->s);
    jf_fit_options_default(&b->options);
    b->options.weights = weights;
    check_ok(jf_law_read(text, &law, &err), &err);
    if (fixed) check_ok(jf_law_set_fixed(law, fixed, &err), &err);
    check_ok(jf_problem_build(law, b->s.table, NULL, 0, &b->options, &unheard, &b->problem, &err), &err);
    b->law = (jf_refit_law){
        .whole = b->problem, .theta = b->theta, .loss = {JF_LOSS_LS, NAN}, .options = &b->options};
    check_ok(jf_left_out_new(b->problem, b->law.loss, &b->left_out, &err), &err);
    jf_warnings_free(&unheard);
    jf_law_free(law);
}

static void unbind(bound *b)
{
    jf_left_out_free(b->left_out);
    jf_problem_free(b->problem);
    jf_table_free(b->s.table);
}

/* The largest difference of predictions of all rows, in standard deviations of the response. */
static double difference(const bound *b, const size_t *index, size_t n)
{
    jf_refit_law quick = b->law;
    jf_refit refit = {0}, fast = {0};
    double slow_value[N], fast_value[N], largest = 0;
    size_t all[N];
    jf_error err = {0};

    quick.left_out = b->left_out;
    for (size_t i = 0; i < N; i++) all[i] = i;
    check_ok(jf_refit_run(&b->law, index, n, b->theta, &refit, &err), &err);
    check_ok(jf_refit_run(&quick, index, n, b->theta, &fast, &err), &err);
    assert_true(refit.part && !fast.part); /* the two ways, and not one twice */
    check_ok(jf_refit_predict(&refit, all, N, slow_value, &err), &err);
    check_ok(jf_refit_predict(&fast, all, N, fast_value, &err), &err);
    for (size_t i = 0; i < N; i++)
        largest = fmax(largest, fabs(slow_value[i] - fast_value[i]) / fmax(1, fabs(slow_value[i])));
    for (size_t j = 0; j < b->problem->k; j++) assert_true(refit.untrained[j] == fast.untrained[j]);
    jf_refit_clear(&refit);
    jf_refit_clear(&fast);
    return largest;
}

static void check_random_rows(const char *text, const char *weights, const char *fixed)
{
    jf_stream stream = jf_stream_make(9, JF_FOR_TESTS, 17);
    bound b;

    bind(&b, text, weights, fixed);
    assert_non_null(b.left_out);
    for (size_t t = 0; t < N_TRIES; t++) {
        double share = 0.2 + 0.79 * jf_stream_uniform(&stream), found;
        size_t index[N], n = 0;
        for (size_t i = 0; i < N; i++)
            if (jf_stream_uniform(&stream) < share) index[n++] = i;
        found = difference(&b, index, n);
        if (!(found < 1e-9)) fail_msg("%s, %zu rows: %g", text, n, found);
    }
    unbind(&b);
}

static void rows_left_out_leave_what_a_refit_finds(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_LINEAR; i++) check_random_rows(linear[i], NULL, NULL);
    check_random_rows(linear[1], "layers^2", NULL);
    check_random_rows(linear[1], NULL, "c=0.8,r[TP]=0.2");
}

static void rows_that_do_not_tell_a_parameter_are_left_to_the_solver(void **state)
{
    size_t index[N], n = 0;
    double theta[32];
    bound b;

    (void)state;
    bind(&b, linear[1], NULL, NULL);
    for (size_t i = 0; i < N; i++)
        if (jf_table_find(b.s.table, "strategy")->codes[i] != 1) index[n++] = i;
    assert_false(jf_left_out_fit(b.left_out, index, n, theta)); /* no row of FSDP */
    assert_false(jf_left_out_fit(b.left_out, index, 3, theta)); /* fewer rows than parameters */
    unbind(&b);
}

static void what_is_no_plain_least_squares_has_no_factorisation(void **state)
{
    static const char *const others[] = {"log(energy) ~ log(k + c*work)", "log(energy) ~ b0 + c*center(work)",
                                         "log(energy) ~ b0 + c*log(work) + d*log(work^2)"};
    jf_left_out *found = NULL;
    jf_error err = {0};
    bound b;

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        bind(&b, others[i], NULL, NULL);
        assert_null(b.left_out);
        unbind(&b);
    }
    bind(&b, linear[0], NULL, NULL);
    check_ok(jf_left_out_new(b.problem, (jf_loss){JF_LOSS_HUBER, 0.1}, &found, &err), &err);
    assert_null(found);
    b.problem->lower[1] = 0;
    check_ok(jf_left_out_new(b.problem, b.law.loss, &found, &err), &err);
    assert_null(found);
    unbind(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_left_out_leave_what_a_refit_finds),
        cmocka_unit_test(rows_that_do_not_tell_a_parameter_are_left_to_the_solver),
        cmocka_unit_test(what_is_no_plain_least_squares_has_no_factorisation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
