/* Criteria, the nested F and Vuong of a whole comparison against R's lm, AIC, BIC and anova on the same runs
 * (tests/reference/select/make_cases.R). */
#include "tests/check.h"

#include <jansson.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "fit/select/compare.h"

static const double close = 1e-8;

static double number(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    assert_true(json_is_number(value));
    return json_number_value(value);
}

static void add_column(jf_table *table, const json_t *cases, const char *name)
{
    const json_t *array = json_object_get(cases, name);
    jf_column column = {.name = jf_copy_text(name), .kind = JF_NUMERIC};
    jf_error err = {0};

    column.values = JF_NEW_ARRAY(double, table->n_rows);
    assert_non_null(column.values);
    for (size_t i = 0; i < table->n_rows; i++) column.values[i] = json_number_value(json_array_get(array, i));
    check_ok(jf_table_add(table, &column, false, &err), &err);
}

typedef struct compared {
    json_t *cases;
    jf_table *table;
    jf_groups groups;
    jf_comparison *c;
} compared;

static const char *const laws_text[] = {"large: log(y) ~ b0 + a*log(x) + b*log(z)",
                                        "small: log(y) ~ b0 + a*log(x)", "raw: y ~ b0 + a*x + b*z"};

static int run(void **state)
{
    static compared all;
    const char *path = check_source("tests/reference/select/cases.json"), *by[] = {"group"};
    jf_compare_options options = {0};
    jf_laws laws = {0};
    jf_error err = {0};

    all.cases = path ? json_load_file(path, 0, NULL) : NULL;
    if (!all.cases) return -1;
    check_ok(jf_table_new(json_array_size(json_object_get(all.cases, "y")), &all.table, &err), &err);
    add_column(all.table, all.cases, "x");
    add_column(all.table, all.cases, "z");
    add_column(all.table, all.cases, "y");
    add_column(all.table, all.cases, "group");
    check_ok(jf_groups_by(all.table, by, 1, &all.groups, &err), &err);
    laws.items = JF_NEW_ZEROED(jf_law *, 3);
    for (laws.n = 0; laws.n < 3; laws.n++)
        check_ok(jf_law_read(laws_text[laws.n], &laws.items[laws.n], &err), &err);
    jf_options_default(jf_compare_options_table, &options);
    jf_fit_options_default(&options.fit);
    options.baselines = false;
    check_ok(jf_compare_run(&laws, all.table, NULL, 0, &all.groups, &options, &all.c, &err), &err);
    jf_laws_free(&laws);
    *state = &all;
    return 0;
}

static int drop(void **state)
{
    compared *all = *state;

    json_decref(all->cases);
    jf_comparison_free(all->c);
    jf_groups_free(&all->groups);
    jf_table_free(all->table);
    return 0;
}

static void log_and_raw_laws_have_the_criteria_of_r_on_one_scale(void **state)
{
    const compared *all = *state;
    const json_t *r = json_object_get(all->cases, "criteria");
    const jf_candidate *log_law = &all->c->candidates[0], *raw_law = &all->c->candidates[2];

    check_close(log_law->fit->loglik, number(r, "log_loglik"), close, "log-likelihood of the log law");
    check_close(log_law->fit->aic, number(r, "log_aic"), close, "AIC of the log law");
    check_close(log_law->fit->aicc, number(r, "log_aicc"), close, "AICc of the log law");
    check_close(log_law->fit->bic, number(r, "log_bic"), close, "BIC of the log law");
    check_close(raw_law->fit->loglik, number(r, "raw_loglik"), close, "log-likelihood of the raw law");
    check_close(raw_law->fit->aic, number(r, "raw_aic"), close, "AIC of the raw law");
    check_close(raw_law->fit->bic, number(r, "raw_bic"), close, "BIC of the raw law");
}

static void differences_and_weights_follow_from_them(void **state)
{
    const compared *all = *state;
    const json_t *r = json_object_get(all->cases, "criteria");
    const jf_candidate *log_law = &all->c->candidates[0], *raw_law = &all->c->candidates[2];
    double difference = number(r, "raw_aicc") - number(r, "log_aicc"), total = 0;

    assert_true(log_law->delta_aicc == 0 && log_law->delta_aic == 0 && log_law->delta_bic == 0);
    check_close(raw_law->delta_aicc, difference, close, "difference of AICc");
    check_close(raw_law->delta_bic, number(r, "raw_bic") - number(r, "log_bic"), close, "difference of BIC");
    check_close(raw_law->akaike_weight / log_law->akaike_weight, exp(-difference / 2), close,
                "ratio of weights");
    for (size_t i = 0; i < all->c->n_candidates; i++) total += all->c->candidates[i].akaike_weight;
    check_close(total, 1, 1e-12, "sum of weights");
}

static const jf_law_test *find_test(const jf_comparison *c, const char *kind, size_t a, size_t b)
{
    for (size_t i = 0; i < c->n_tests; i++)
        if (strcmp(c->tests[i].kind, kind) == 0 &&
            ((c->tests[i].a == a && c->tests[i].b == b) || (c->tests[i].a == b && c->tests[i].b == a)))
            return &c->tests[i];
    fail_msg("no test %s", kind);
    return NULL;
}

static void nested_laws_of_a_comparison_are_tested_as_anova_does(void **state)
{
    const compared *all = *state;
    const json_t *r = json_object_get(all->cases, "nested");
    const jf_law_test *f = find_test(all->c, "nested_f", 1, 0);

    check_close(f->statistic, number(r, "f"), close, "F");
    check_close(f->p_value, number(r, "p"), close, "its p-value");
    check_close(find_test(all->c, "likelihood_ratio", 1, 0)->statistic, number(r, "lr"), close,
                "likelihood ratio");
}

/* The comparison penalises by AIC; both laws have three parameters, so this is the plain statistic. */
static void vuong_of_a_comparison_agrees_with_long_hand(void **state)
{
    const compared *all = *state;
    const json_t *r = json_object_get(all->cases, "vuong");
    const jf_law_test *plain, *cluster;

    if (all->c->best == 1) fail_msg("the law without z cannot be best");
    plain = find_test(all->c, "vuong", 0, 2);
    cluster = find_test(all->c, "vuong_cluster", 0, 2);
    check_close(fabs(plain->statistic), json_number_value(json_array_get(json_object_get(r, "plain"), 0)),
                close, "Vuong");
    check_close(fabs(cluster->statistic), json_number_value(json_array_get(json_object_get(r, "cluster"), 0)),
                close, "Vuong by cluster");
    check_close(cluster->p_value, json_number_value(json_array_get(json_object_get(r, "cluster"), 1)), close,
                "its p-value");
}

static void robust_losses_have_no_criteria_and_the_result_says_why(void **state)
{
    const compared *all = *state;
    jf_compare_options options = {0};
    jf_laws laws = {0};
    jf_comparison *c = NULL;
    jf_error err = {0};
    size_t said = 0, wanted = 0;

    laws.items = JF_NEW_ZEROED(jf_law *, 3);
    for (laws.n = 0; laws.n < 3; laws.n++)
        check_ok(jf_law_read(laws_text[laws.n], &laws.items[laws.n], &err), &err);
    jf_options_default(jf_compare_options_table, &options);
    jf_fit_options_default(&options.fit);
    options.fit.loss = "huber:0.1";
    check_ok(jf_compare_run(&laws, all->table, NULL, 0, &all->groups, &options, &c, &err), &err);
    for (size_t i = 0; i < c->n_candidates; i++)
        assert_true(isnan(c->candidates[i].delta_aicc) && isnan(c->candidates[i].akaike_weight));
    for (size_t i = 0; i < c->n_tests; i++) assert_string_equal(c->tests[i].kind, "corrected_t");
    for (size_t i = 0; i < c->warnings.n; i++)
        said += strcmp(c->warnings.items[i].code, "W_NO_CRITERIA") == 0;
    for (size_t i = 0; i < c->n_candidates; i++) wanted += !c->candidates[i].trees; /* of trees nobody asks */
    assert_int_equal(said, wanted);
    jf_comparison_free(c);
    jf_laws_free(&laws);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log_and_raw_laws_have_the_criteria_of_r_on_one_scale),
        cmocka_unit_test(differences_and_weights_follow_from_them),
        cmocka_unit_test(nested_laws_of_a_comparison_are_tested_as_anova_does),
        cmocka_unit_test(vuong_of_a_comparison_agrees_with_long_hand),
        cmocka_unit_test(robust_losses_have_no_criteria_and_the_result_says_why),
    };
    return cmocka_run_group_tests(tests, run, drop);
}
