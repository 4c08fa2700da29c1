/* Comparisons on a sweep whose truth is known: rows, refits, ranking, tests, words, bytes. */
#include "tests/check.h"
#include "tests/compare_sweep.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "fit/model/model_file.h"
#include "fit/problem/problem.h"
#include "fit/select/compare.h"
#include "fit/select/pairs.h"

static const char *const laws_text[] = {
    "additive: log(energy) ~ log(a + b*layers + c*work) + r[strategy = \"Baseline\"]",
    "product: log(energy) ~ b0 + b*log(layers) + c*log(work) + r[strategy = \"Baseline\"]",
    "small: log(energy) ~ b0 + c*log(work) + r[strategy = \"Baseline\"]",
    "raw: energy ~ k + b*layers + c*work + h[strategy = \"Baseline\"]",
};
enum { N_LAWS = sizeof laws_text / sizeof *laws_text };

static jf_comparison *compare_defaults(const sweep *s)
{
    jf_compare_options options;

    set_defaults(&options);
    return compare(s, laws_text, N_LAWS, NULL, 0, &options);
}

static size_t find_law(const jf_comparison *c, const char *name)
{
    for (size_t i = 0; i < c->n_candidates; i++)
        if (strcmp(c->candidates[i].law->name, name) == 0) return i;
    fail_msg("no candidate '%s'", name);
    return 0;
}

static void the_true_law_wins_or_ties_and_the_product_fails_outside(void **state)
{
    sweep s;
    jf_comparison *c;
    const jf_candidate *additive, *product;
    (void)state;
    make_sweep(1, 0.05, &s);
    c = compare_defaults(&s);
    additive = &c->candidates[find_law(c, "additive")];
    product = &c->candidates[find_law(c, "product")];
    assert_int_equal(c->best, find_law(c, "additive"));
    assert_int_equal(additive->rank, 1);
    assert_int_equal(c->n_plans, 2);
    assert_string_equal(c->plans[0]->text, "grouped:repeats=20,test=0.3");
    assert_string_equal(c->plans[1]->text, "extrapolate:work:0.75");
    assert_true(additive->validations[1].factor90 < 1.2);
    assert_true(product->validations[1].factor90 > 1.3);
    assert_true(strncmp(c->verdict, "Outside the data additive held", 30) == 0);
    jf_comparison_free(c);
    jf_table_free(s.table);
}

static void baselines_are_the_mean_powers_of_the_inputs_and_device_seconds(void **state)
{
    static const char *const wanted[] = {"mean", "power(layers)", "power(work)", "device-seconds"};
    jf_compare_options options;
    sweep s;
    jf_comparison *c;
    (void)state;
    make_sweep(1, 0.05, &s);
    c = compare_defaults(&s);
    assert_int_equal(c->n_candidates, N_LAWS + 4);
    for (size_t i = 0; i < 4; i++) assert_true(c->candidates[find_law(c, wanted[i])].is_baseline);
    assert_true(c->candidates[find_law(c, "device-seconds")].post_run);
    assert_true(c->candidates[find_law(c, "device-seconds")].rank > N_LAWS); /* however well it does */
    assert_false(c->candidates[find_law(c, "mean")].post_run);
    jf_comparison_free(c);
    set_defaults(&options);
    options.baselines = false;
    c = compare(&s, laws_text, N_LAWS, NULL, 0, &options);
    assert_int_equal(c->n_candidates, N_LAWS);
    jf_comparison_free(c);
    jf_table_free(s.table);
}

static void rows_that_one_law_lacks_are_seen_by_none(void **state)
{
    sweep s;
    jf_comparison *c;
    (void)state;
    make_sweep(2, 0.05, &s);
    column_values(s.table, "layers")[7] = NAN;
    column_values(s.table, "work")[11] = NAN;
    c = compare_defaults(&s);
    assert_int_equal(c->n_rows, N - 2);
    assert_int_equal(c->n_dropped, 2);
    for (size_t i = 0; i < c->n_candidates; i++) {
        assert_int_equal(c->candidates[i].fit->n, N - 2);
        assert_memory_equal(c->candidates[i].fit->rows, c->rows, c->n_rows * sizeof *c->rows);
    }
    jf_comparison_free(c);
    jf_table_free(s.table);
}

/* Refits share formulas and start warm; a fit from nothing on the training rows must predict the same. */
static void check_against_fresh_fits(const sweep *s, const jf_comparison *c,
                                     const jf_compare_options *options)
{
    for (size_t i = 0; i < c->n_predictions;) {
        const jf_prediction *p = &c->predictions[i];
        const jf_split *split = &c->plans[p->plan]->splits[p->split];
        double predicted[N];
        jf_fit *fit = NULL;
        jf_error err = {0};

        check_ok(jf_fit_run(c->candidates[p->law].law, s->table, split->train, split->n_train, NULL,
                            &options->fit, &fit, &err),
                 &err);
        check_ok(jf_fit_predict(fit, s->table, split->test, split->n_test, NULL, NULL, predicted, &err),
                 &err);
        for (size_t j = 0; j < split->n_test; j++, i++) {
            assert_int_equal(c->predictions[i].row, split->test[j]);
            check_close(c->predictions[i].predicted, predicted[j], 1e-6, "law %s, split %zu of %s, row %zu",
                        c->candidates[p->law].law->name, p->split, c->plans[p->plan]->text, split->test[j]);
        }
        jf_fit_free(fit);
    }
}

static void out_of_fold_predictions_are_those_of_fits_to_the_training_rows_alone(void **state)
{
    static const char *const texts[] = {
        "additive: log(energy) ~ log(a + b*layers + c*work) + r[strategy = \"Baseline\"]",
        "centred: log(energy) ~ b0 + b*center(log(layers)) + c*scale(log(work)) + c2*center(log(work))^2",
        "levels: log(energy) ~ h[strategy] + b*log(work)",
        "raw: energy ~ k + c*work",
    };
    static const char *const plans[] = {"grouped:repeats=2", "kfold:3", "holdout:layers > 20",
                                        "extrapolate:work:0.6"};
    jf_compare_options options;
    sweep s;
    jf_comparison *c;
    (void)state;
    make_sweep(3, 0.05, &s);
    set_defaults(&options);
    options.baselines = false;
    options.interval = JF_INTERVAL_NONE;
    c = compare(&s, texts, 4, plans, 4, &options);
    for (size_t i = 0; i < c->n_predictions; i++)
        if (isnan(c->predictions[i].predicted)) fail_msg("prediction %zu is missing", i);
    check_against_fresh_fits(&s, c, &options);
    jf_comparison_free(c);
    jf_table_free(s.table);
}

static void relative_errors_are_weighted_by_the_training_rows_alone(void **state)
{
    static const char *const texts[] = {"linear: energy ~ k + b*layers + c*work", "power: energy ~ k*work^p"};
    static const char *const plans[] = {"grouped:repeats=2", "extrapolate:work:0.6"};
    jf_compare_options options;
    sweep s;
    jf_comparison *c;
    (void)state;
    make_sweep(15, 0.05, &s);
    set_defaults(&options);
    options.baselines = false;
    options.interval = JF_INTERVAL_NONE;
    options.fit.error = "relative";
    c = compare(&s, texts, 2, plans, 2, &options);
    check_against_fresh_fits(&s, c, &options);
    jf_comparison_free(c);
    jf_table_free(s.table);
}

static void responses_of_test_rows_do_not_reach_their_predictions(void **state)
{
    static const char *const plan[] = {"extrapolate:work:0.75"};
    jf_compare_options options;
    sweep s;
    jf_comparison *a, *b;
    double *energy;
    (void)state;
    make_sweep(4, 0.05, &s);
    set_defaults(&options);
    a = compare(&s, laws_text, N_LAWS, plan, 1, &options);
    energy = column_values(s.table, "energy");
    for (size_t i = 0; i < a->plans[0]->splits[0].n_test; i++) energy[a->plans[0]->splits[0].test[i]] *= 1.7;
    b = compare(&s, laws_text, N_LAWS, plan, 1, &options);
    assert_int_equal(a->n_predictions, b->n_predictions);
    for (size_t i = 0; i < a->n_predictions; i++) {
        check_close(b->predictions[i].predicted, a->predictions[i].predicted, 1e-6, "prediction %zu", i);
        check_close(b->predictions[i].high, a->predictions[i].high, 1e-5, "its interval");
    }
    jf_comparison_free(a);
    jf_comparison_free(b);
    jf_table_free(s.table);
}

static char *printed(const jf_comparison *c)
{
    json_t *json = jf_comparison_to_json(c, true);
    char *text;

    assert_non_null(json);
    text = jf_json_print(json);
    assert_non_null(text);
    json_decref(json);
    return text;
}

static void one_two_and_eight_threads_give_the_same_bytes(void **state)
{
    static const char *const plans[] = {"grouped:repeats=4", "kfold:4", "ladder:work:3", "transfer:gpus:0,2"};
    jf_compare_options options;
    char *first = NULL;
    sweep s;
    (void)state;
    make_sweep(5, 0.05, &s);
    set_defaults(&options);
    for (int64_t threads = 1; threads <= 8; threads *= threads == 1 ? 2 : 4) {
        jf_comparison *c;
        char *text;
        options.fit.threads = threads;
        c = compare(&s, laws_text, N_LAWS, plans, 4, &options);
        text = printed(c);
        if (first)
            assert_string_equal(first, text);
        else
            first = text;
        if (text != first) jf_free(text);
        jf_comparison_free(c);
    }
    jf_free(first);
    jf_table_free(s.table);
}

static void another_unit_of_the_response_changes_no_difference_of_criteria(void **state)
{
    sweep s;
    jf_comparison *joules, *kilowatt_hours;
    double *energy;
    (void)state;
    make_sweep(6, 0.05, &s);
    joules = compare_defaults(&s);
    energy = column_values(s.table, "energy");
    for (size_t i = 0; i < N; i++) energy[i] /= 3.6e6;
    kilowatt_hours = compare_defaults(&s);
    for (size_t i = 0; i < joules->n_candidates; i++) {
        const jf_candidate *a = &joules->candidates[i], *b = &kilowatt_hours->candidates[i];
        assert_true(isfinite(a->delta_aic));
        assert_true(fabs(a->delta_aic - b->delta_aic) < 1e-8 * fmax(1, fabs(a->delta_aic)));
        assert_true(fabs(a->delta_aicc - b->delta_aicc) < 1e-8 * fmax(1, fabs(a->delta_aic)));
        assert_true(fabs(a->delta_bic - b->delta_bic) < 1e-8 * fmax(1, fabs(a->delta_aic)));
        assert_int_equal(a->rank, b->rank);
    }
    jf_comparison_free(joules);
    jf_comparison_free(kilowatt_hours);
    jf_table_free(s.table);
}

static void rowwise_likelihoods_add_up_to_the_fits(void **state)
{
    sweep s;
    jf_comparison *c;
    (void)state;
    make_sweep(7, 0.05, &s);
    c = compare_defaults(&s);
    for (size_t i = 0; i < c->n_candidates; i++) {
        double loglik[N], sum = 0;
        jf_fit_rowwise_loglik(c->candidates[i].fit, loglik);
        for (size_t r = 0; r < N; r++) sum += loglik[r];
        check_close(sum, c->candidates[i].fit->loglik, 1e-10, "law %s", c->candidates[i].law->name);
    }
    jf_comparison_free(c);
    jf_table_free(s.table);
}

static const jf_law_test *find_test(const jf_comparison *c, const char *kind, const char *a, const char *b)
{
    for (size_t i = 0; i < c->n_tests; i++)
        if (strcmp(c->tests[i].kind, kind) == 0 && c->tests[i].a == find_law(c, a) &&
            c->tests[i].b == find_law(c, b))
            return &c->tests[i];
    return NULL;
}

static void a_law_within_another_is_found_and_tested_and_others_are_not(void **state)
{
    sweep s;
    jf_comparison *c;
    const jf_law_test *f;
    (void)state;
    make_sweep(8, 0.05, &s);
    c = compare_defaults(&s);
    f = find_test(c, "nested_f", "small", "product");
    assert_non_null(f);
    assert_true(f->df == 1 && f->df2 == N - 5 && f->p_value < 1e-3);
    assert_non_null(find_test(c, "likelihood_ratio", "small", "product"));
    assert_null(find_test(c, "nested_f", "product", "small"));
    assert_null(find_test(c, "nested_f", "small", "raw"));
    for (size_t i = 0; i < c->n_candidates; i++) {
        const jf_candidate *other = &c->candidates[i];
        if (i == c->best || other->post_run || !isfinite(other->validations[0].over.mean.rmse_log)) continue;
        assert_non_null(find_test(c, "corrected_t", c->candidates[c->best].law->name, other->law->name));
        assert_non_null(find_test(c, "vuong_cluster", c->candidates[c->best].law->name, other->law->name));
    }
    jf_comparison_free(c);
    jf_table_free(s.table);
}

static void dropping_a_term_that_matters_makes_a_law_worse_and_one_that_does_not_no_worse(void **state)
{
    static const char *const texts[] = {
        "law: log(energy) ~ b0 + c*log(work) + n*log(layers + 7*(work > 1e9))",
        "idle: log(energy) ~ b0 + c*log(work) + n*sin(1000*layers)"};
    jf_compare_options options;
    sweep s;
    jf_comparison *c;
    (void)state;
    make_sweep(16, 0.05, &s);
    set_defaults(&options);
    options.ablate = JF_ABLATE_ALL;
    c = compare(&s, texts, 2, NULL, 0, &options);
    assert_int_equal(c->n_ablations, 4);
    for (size_t i = 0; i < 4; i++) {
        const jf_ablation *a = &c->ablations[i];
        bool idle = strstr(a->term, "sin") != NULL;
        assert_true(idle ? a->difference < 0.01 && a->p_adjusted > 0.05 : a->difference > 0.02);
        if (strstr(a->term, "work)") && a->term[0] == 'c') assert_true(a->p_adjusted < 1e-3);
    }
    jf_comparison_free(c);
    options.ablate = JF_ABLATE_NONE;
    c = compare(&s, texts, 2, NULL, 0, &options);
    assert_int_equal(c->n_ablations, 0);
    jf_comparison_free(c);
    jf_table_free(s.table);
}

static void the_same_law_twice_ties(void **state)
{
    static const char *const texts[] = {"one: log(energy) ~ b0 + c*log(work)",
                                        "two: log(energy) ~ b0 + c*(log(work) + 0)"};
    jf_compare_options options;
    sweep s;
    jf_comparison *c;
    (void)state;
    make_sweep(9, 0.05, &s);
    set_defaults(&options);
    options.baselines = false;
    c = compare(&s, texts, 2, NULL, 0, &options);
    assert_int_equal(c->n_indistinguishable, 1);
    assert_non_null(strstr(c->verdict, "cannot be told apart"));
    jf_comparison_free(c);
    jf_table_free(s.table);
}

static void splits_without_a_level_are_infeasible_only_for_the_laws_that_need_it(void **state)
{
    static const char *const texts[] = {"levels: log(energy) ~ h[strategy] + b*log(work)",
                                        "plain: log(energy) ~ b0 + b*log(work)"};
    static const char *const plans[] = {"rows:logo:strategy", "kfold:3"};
    jf_compare_options options;
    sweep s;
    jf_comparison *c;
    (void)state;
    make_sweep(10, 0.05, &s);
    set_defaults(&options);
    options.baselines = false;
    c = compare(&s, texts, 2, plans, 2, &options);
    assert_int_equal(c->best_plan, 1); /* the first judges one law only */
    jf_comparison_free(c);
    c = compare(&s, texts, 2, plans, 1, &options);
    assert_int_equal(c->plans[0]->infeasible, 3);
    assert_int_equal(c->candidates[0].validations[0].n_usable, 0);
    assert_int_equal(c->candidates[1].validations[0].n_usable, 3);
    assert_true(c->candidates[0].validations[0].splits[0].infeasible);
    assert_int_equal(c->best, 1);
    jf_comparison_free(c);
    jf_table_free(s.table);
}

static void intervals_cover_about_as_often_as_they_say_and_admit_when_groups_are_few(void **state)
{
    static const char *const plans[] = {"kfold:5"};
    jf_compare_options options;
    double covered = 0;
    sweep s;
    (void)state;
    set_defaults(&options);
    options.fit.level = 0.9;
    for (uint64_t seed = 20; seed < 30; seed++) {
        jf_comparison *c;
        make_sweep(seed, 0.1, &s);
        c = compare(&s, laws_text, 2, plans, 1, &options);
        covered += c->candidates[0].validations[0].pooled.coverage / 10;
        assert_int_equal(c->candidates[0].validations[0].groups_missing, 0);
        jf_comparison_free(c);
        jf_table_free(s.table);
    }
    assert_true(covered > 0.87 && covered < 0.96);
    make_sweep(20, 0.1, &s);
    options.fit.level = 0.99; /* needs 99 groups; 48 train */
    jf_comparison *c = compare(&s, laws_text, 2, plans, 1, &options);
    assert_int_equal(c->candidates[0].validations[0].groups_missing, 99 - 48);
    assert_true(c->candidates[0].validations[0].pooled.coverage == 1);
    assert_true(c->candidates[0].validations[0].pooled.width == INFINITY);
    jf_comparison_free(c);
    jf_table_free(s.table);
}

static void single_row_parts_have_pooled_metrics_and_are_ranked_by_them(void **state)
{
    static const char *const plans[] = {"rows:loo"};
    jf_compare_options options;
    sweep s;
    jf_comparison *c;
    (void)state;
    make_sweep(11, 0.05, &s);
    set_defaults(&options);
    options.interval = JF_INTERVAL_NONE;
    c = compare(&s, laws_text, 2, plans, 1, &options);
    for (size_t i = 0; i < c->n_candidates; i++) {
        const jf_validation *v = &c->candidates[i].validations[0];
        assert_int_equal(v->n_splits, N);
        assert_true(isnan(v->splits[0].metrics.rmse_log) && isnan(v->over.median.rmse_log));
        assert_true(c->candidates[i].score == v->pooled.rmse_log);
    }
    jf_comparison_free(c);
    jf_table_free(s.table);
}

static void every_key_of_the_contract_is_in_the_json(void **state)
{
    static const char *const keys[] = {
        "data", "plans", "candidates", "tests", "best", "indistinguishable", "verdict", "warnings", "seed"};
    static const char *const best_keys[] = {"law", "rule", "plan", "metric", "value"};
    sweep s;
    jf_comparison *c;
    json_t *json;
    (void)state;
    make_sweep(12, 0.05, &s);
    c = compare_defaults(&s);
    json = jf_comparison_to_json(c, false);
    assert_non_null(json);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) assert_non_null(json_object_get(json, keys[i]));
    for (size_t i = 0; i < sizeof best_keys / sizeof *best_keys; i++)
        assert_non_null(json_object_get(json_object_get(json, "best"), best_keys[i]));
    const json_t *first = json_array_get(json_object_get(json, "candidates"), 0);
    const json_t *validation = json_array_get(json_object_get(first, "validation"), 0);
    const json_t *rmse = json_object_get(json_object_get(validation, "metrics"), "rmse_log");
    assert_string_equal(json_string_value(json_object_get(json_object_get(first, "law"), "formula")),
                        strchr(laws_text[0], ':') + 2);
    check_close(json_number_value(json_object_get(rmse, "median")),
                c->candidates[0].validations[0].over.median.rmse_log, 0, "median rmse_log");
    assert_int_equal(json_array_size(json_object_get(validation, "splits")), 20);
    assert_non_null(json_object_get(json_object_get(first, "fit"), "parameters"));
    json_decref(json);
    jf_comparison_free(c);
    jf_table_free(s.table);
}

static void requests_that_make_no_sense_are_refused_with_the_reason(void **state)
{
    static const char *const two[] = {"a: log(energy) ~ b0", "a: log(energy) ~ b0 + b*log(work)"};
    static const char *const responses[] = {"a: log(energy) ~ b0", "b: log(duration) ~ b0"};
    static const char *const one[] = {"a: log(energy) ~ b0"};
    static const struct {
        const char *const *laws;
        size_t n;
        const char *criterion, *plan, *says;
    } cases[] = {
        {two, 2, "rmse_log", "kfold:3", "two laws are called 'a'"},
        {responses, 2, "rmse_log", "kfold:3", "expected one response"},
        {one, 1, "rmse", "kfold:3x", "folds: expected a whole number"},
        {one, 1, "rmse_lg", "kfold:3", "did you mean 'rmse_log'?"},
        {one, 1, "coverage", "kfold:3", "'coverage' cannot rank laws"},
        {one, 0, "rmse", "kfold:3", "no law to compare"},
    };
    sweep s;
    (void)state;
    make_sweep(13, 0.05, &s);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        jf_compare_options options;
        jf_comparison *c = NULL;
        jf_laws laws;
        jf_error err = {0};
        set_defaults(&options);
        options.criterion = cases[i].criterion;
        options.validate = (jf_option_list){(const char *[]){cases[i].plan}, 1, 1};
        read_laws(cases[i].laws, cases[i].n, &laws);
        assert_int_equal(jf_compare_run(&laws, s.table, NULL, 0, NULL, &options, &c, &err), JF_EUSAGE);
        if (!strstr(err.message, cases[i].says)) fail_msg("case %zu: %s", i, err.message);
        assert_null(c);
        jf_laws_free(&laws);
    }
    jf_table_free(s.table);
}

static bool refuse_after(void *left)
{
    size_t *allocations = left;
    if (*allocations == 0) return true;
    (*allocations)--;
    return false;
}

/* Runs a comparison with ever more allocations allowed, until it succeeds. */
static void fail_everywhere(const char *const *texts, size_t n, const jf_compare_options *options,
                            const sweep *s)
{
    jf_laws laws;
    size_t step = 1;

    read_laws(texts, n, &laws);
    for (size_t allowed = 0, failed = 1; failed; allowed += step) {
        size_t left = allowed;
        jf_comparison *c = NULL;
        jf_error err = {0};
        jf_status status;
        jf_memory_hook(refuse_after, &left);
        status = jf_compare_run(&laws, s->table, NULL, 0, &s->groups, options, &c, &err);
        jf_memory_hook(NULL, NULL);
        failed = status != JF_OK;
        if (failed && (status != JF_ENOMEM || c))
            fail_msg("allocation %zu: status %d, %s", allowed, status, err.message);
        jf_comparison_free(c);
        step = 1 + allowed / 15; /* every one at first, then ever fewer */
    }
    jf_laws_free(&laws);
}

static void a_failed_allocation_anywhere_is_reported_and_leaves_nothing(void **state)
{
    static const char *const staged[] = {"staged: log(energy) ~ b0 + c*log(work) + d*log(duration)"};
    const char *stage[] = {"duration ~ a + b*work"};
    jf_compare_options options;
    sweep s;
    (void)state;
    make_sweep(14, 0.05, &s);
    set_defaults(&options);
    options.validate = (jf_option_list){(const char *[]){"grouped:repeats=2", "extrapolate:work"}, 2, 2};
    fail_everywhere(laws_text, 2, &options, &s);
    options.search = "terms=log(work),s[strategy]; interactions=2; response=log(energy)";
    fail_everywhere(laws_text, 0, &options, &s);
    options.search = NULL;
    options.stage = (jf_option_list){stage, 1, 1};
    fail_everywhere(staged, 1, &options, &s);
    options.search = "terms=log(work),log(duration); response=log(energy)";
    fail_everywhere(staged, 1, &options, &s);
    jf_table_free(s.table);
}

/* A linear law refitted without one row misses it by r/(1 - h): its residual over one less its leverage. */
static void leaving_out_one_row_is_what_the_hat_matrix_says(void **state)
{
    static const char *const linear[] = {
        "small: log(energy) ~ b0 + c*log(work) + r[strategy = \"Baseline\"]"};
    jf_compare_options options;
    jf_laws laws;
    jf_comparison *c = NULL;
    jf_error err = {0};
    sweep s;
    const jf_fit *fit;

    (void)state;
    make_sweep(19, 0.05, &s);
    set_defaults(&options);
    options.baselines = false;
    options.interval = JF_INTERVAL_NONE;
    options.validate = (jf_option_list){(const char *[]){"loo"}, 1, 1};
    read_laws(linear, 1, &laws);
    check_ok(jf_compare_run(&laws, s.table, NULL, 0, NULL, &options, &c, &err), &err);
    fit = c->candidates[0].fit;
    assert_int_equal(c->n_predictions, N);
    for (size_t i = 0; i < N; i++) {
        size_t row = c->predictions[i].row;
        double wanted = log(c->predictions[i].observed) - fit->residual[row] / (1 - fit->leverage[row]);
        check_close(log(c->predictions[i].predicted), wanted, 1e-9, "row %zu", row);
    }
    jf_comparison_free(c);
    jf_laws_free(&laws);
    jf_table_free(s.table);
}

/* Held-out rows count by the weights that the user gave, and by nothing that a law made of its predictions.
 */
static void metrics_of_held_out_rows_are_weighted_by_the_user(void **state)
{
    static const char *const errors[] = {NULL, "relative"};
    static const char *const texts[] = {"sum: energy ~ k + b*layers + c*work"};
    sweep s;

    (void)state;
    make_sweep(29, 0.05, &s);
    for (size_t e = 0; e < 2; e++) {
        double squares[2] = {0}, total[2] = {0};
        const double *layers = column_values(s.table, "layers");
        jf_compare_options options;
        jf_comparison *c;

        set_defaults(&options);
        options.baselines = false;
        options.interval = JF_INTERVAL_NONE;
        options.fit.error = errors[e];
        options.fit.weights = "layers^2";
        c = compare(&s, texts, 1, (const char *[]){"kfold:4"}, 1, &options);
        for (size_t i = 0; i < c->n_predictions; i++) {
            const jf_prediction *p = &c->predictions[i];
            double error = log(p->predicted) - log(p->observed),
                   weight[2] = {layers[p->row] * layers[p->row], 1};
            for (size_t w = 0; w < 2; w++) {
                squares[w] += weight[w] * error * error;
                total[w] += weight[w];
            }
        }
        assert_true(c->weighted);
        check_close(c->candidates[0].validations[0].pooled.rmse_log, sqrt(squares[0] / total[0]), 1e-9,
                    "weighted error, law of errors %s", errors[e] ? errors[e] : "as written");
        assert_true(fabs(sqrt(squares[1] / total[1]) / sqrt(squares[0] / total[0]) - 1) > 0.01);
        jf_comparison_free(c);
    }
    jf_table_free(s.table);
}

/* X'X of the law's three columns (1, log work, log layers), all rows or those of one group. */
static void add_squares(const double *x, double sign, double out[3][3])
{
    for (size_t a = 0; a < 3; a++)
        for (size_t b = 0; b < 3; b++) out[a][b] += sign * x[a] * x[b];
}

/* b = m^-1 b by elimination. */
static void solve_three(double m[3][3], double b[3])
{
    for (size_t j = 0; j < 3; j++)
        for (size_t i = 0; i < 3; i++) {
            double f = i == j ? 0 : m[i][j] / m[j][j];
            for (size_t c = 0; c < 3; c++) m[i][c] -= f * m[j][c];
            b[i] -= f * b[j];
        }
    for (size_t j = 0; j < 3; j++) b[j] /= m[j][j];
}

/* Without a group of rows S: y_S - yhat_(-S) = (I - H_SS)^-1 r_S, with the hat matrix of the fit to all rows.
 * The inverse goes through the three columns: (I - H_SS)^-1 = I + X_S (X'X - X_S'X_S)^-1 X_S'. */
static void leaving_out_a_group_is_what_the_hat_matrix_says(void **state)
{
    static const char *const linear[] = {"law: log(energy) ~ b0 + c*log(work) + d*log(layers)"};
    jf_compare_options options;
    jf_comparison *c;
    const jf_fit *fit;
    double columns[N][3], all[3][3] = {{0}};
    sweep s;

    (void)state;
    make_sweep(23, 0.05, &s);
    set_defaults(&options);
    options.baselines = false;
    options.interval = JF_INTERVAL_NONE;
    c = compare(&s, linear, 1, (const char *[]){"loo"}, 1, &options);
    fit = c->candidates[0].fit;
    for (size_t i = 0; i < N; i++) {
        columns[i][0] = 1;
        columns[i][1] = log(column_values(s.table, "work")[i]);
        columns[i][2] = log(column_values(s.table, "layers")[i]);
        add_squares(columns[i], 1, all);
    }
    assert_int_equal(c->n_predictions, N);
    for (size_t p = 0; p < N; p++) {
        const jf_prediction *one = &c->predictions[p];
        const jf_split *split = &c->plans[0]->splits[one->split];
        double rest[3][3], move[3] = {0}, wanted = log(one->observed) - fit->residual[one->row];
        assert_int_equal(split->n_test, N / N_GROUPS);
        memcpy(rest, all, sizeof rest);
        for (size_t i = 0; i < split->n_test; i++) {
            add_squares(columns[split->test[i]], -1, rest);
            for (size_t a = 0; a < 3; a++)
                move[a] += columns[split->test[i]][a] * fit->residual[split->test[i]];
        }
        solve_three(rest, move);
        for (size_t a = 0; a < 3; a++) wanted -= columns[one->row][a] * move[a];
        check_close(log(one->predicted), wanted, 1e-9, "row %zu", one->row);
    }
    jf_comparison_free(c);
    jf_table_free(s.table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_true_law_wins_or_ties_and_the_product_fails_outside),
        cmocka_unit_test(baselines_are_the_mean_powers_of_the_inputs_and_device_seconds),
        cmocka_unit_test(rows_that_one_law_lacks_are_seen_by_none),
        cmocka_unit_test(out_of_fold_predictions_are_those_of_fits_to_the_training_rows_alone),
        cmocka_unit_test(relative_errors_are_weighted_by_the_training_rows_alone),
        cmocka_unit_test(responses_of_test_rows_do_not_reach_their_predictions),
        cmocka_unit_test(one_two_and_eight_threads_give_the_same_bytes),
        cmocka_unit_test(another_unit_of_the_response_changes_no_difference_of_criteria),
        cmocka_unit_test(rowwise_likelihoods_add_up_to_the_fits),
        cmocka_unit_test(a_law_within_another_is_found_and_tested_and_others_are_not),
        cmocka_unit_test(dropping_a_term_that_matters_makes_a_law_worse_and_one_that_does_not_no_worse),
        cmocka_unit_test(the_same_law_twice_ties),
        cmocka_unit_test(splits_without_a_level_are_infeasible_only_for_the_laws_that_need_it),
        cmocka_unit_test(intervals_cover_about_as_often_as_they_say_and_admit_when_groups_are_few),
        cmocka_unit_test(single_row_parts_have_pooled_metrics_and_are_ranked_by_them),
        cmocka_unit_test(every_key_of_the_contract_is_in_the_json),
        cmocka_unit_test(requests_that_make_no_sense_are_refused_with_the_reason),
        cmocka_unit_test(leaving_out_one_row_is_what_the_hat_matrix_says),
        cmocka_unit_test(metrics_of_held_out_rows_are_weighted_by_the_user),
        cmocka_unit_test(leaving_out_a_group_is_what_the_hat_matrix_says),
        cmocka_unit_test(a_failed_allocation_anywhere_is_reported_and_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
