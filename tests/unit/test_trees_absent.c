/* Comparisons of a program that was built without XGBoost: trees_absent.c stands in this test for what the
 * build found. */
#include "tests/check.h"
#include "tests/compare_sweep.h"

#include "fit/model/model_file.h"
#include "fit/select/compare_trees.h"

static const char *const law[] = {"power: log(energy) ~ b0 + c*log(work) + r[strategy = \"Baseline\"]"};
static const char *const plans[] = {"grouped:repeats=3", "extrapolate:work"};

static void without_the_library_all_else_is_there_and_the_result_says_why(void **state)
{
    jf_compare_options options;
    jf_comparison *c;
    json_t *json;
    sweep s;

    (void)state;
    make_sweep(3, 0.05, &s);
    set_defaults(&options);
    options.trees = true;
    c = compare(&s, law, 1, plans, 2, &options);
    assert_int_equal(c->trees->state, JF_TREES_NO_LIBRARY);
    assert_non_null(strstr(c->trees->words, "libxgboost-dev"));
    assert_int_equal(c->n_candidates, 4); /* beside the law: mean, power(work), device-seconds */
    for (size_t i = 0; i < c->n_candidates; i++) assert_null(c->candidates[i].trees);
    json = jf_comparison_to_json(c, false);
    assert_string_equal(json_string_value(json_object_get(json_object_get(json, "trees"), "state")),
                        "no_library");
    json_decref(json);
    jf_comparison_free(c);
    jf_table_free(s.table);
}

static void growing_without_a_library_is_an_error_that_says_so(void **state)
{
    jf_tree_learner learner = {0};
    size_t index = 0, leaves;
    double target = 1;
    jf_trees *trees = NULL;
    jf_error err = {0};

    (void)state;
    assert_int_equal(jf_trees_grow(&learner, &index, 1, &target, NULL, &trees, &err), JF_EUSAGE);
    assert_null(trees);
    assert_non_null(strstr(err.message, "without XGBoost"));
    assert_int_equal(jf_trees_predict(NULL, &index, 1, &target, &err), JF_EUSAGE);
    assert_int_equal(jf_trees_count_leaves(NULL, &leaves, &err), JF_EUSAGE);
    jf_trees_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_the_library_all_else_is_there_and_the_result_says_why),
        cmocka_unit_test(growing_without_a_library_is_an_error_that_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
