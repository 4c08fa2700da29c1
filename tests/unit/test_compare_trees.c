/* Boosted trees and forests as baselines: what they see, what they do not, and what they cannot do. Skipped
 * where XGBoost is not there. */
#include "tests/check.h"
#include "tests/compare_sweep.h"
#include "tests/refuse.h"

#include <stdio.h>
#include "fit/model/model_file.h"
#include "fit/select/compare_trees.h"
#include "fit/select/refit.h"

static const char *const laws_text[] = {
    "additive: log(energy) ~ log(k + b*layers + c*work) + h[strategy = \"Baseline\"]",
    "device: log(energy) ~ b0 + a*log(gpus) + b*log(duration)"};
static const char *const plans[] = {"grouped:repeats=4,test=0.3", "extrapolate:work:0.75", "loo"};

static jf_comparison *compare_trees(const sweep *s, size_t n_plans, int threads, bool trees)
{
    jf_compare_options options;

    set_defaults(&options);
    options.trees = trees;
    options.ablate = JF_ABLATE_NONE;
    options.interval = JF_INTERVAL_NONE;
    options.fit.threads = threads;
    return compare(s, laws_text, 2, plans, n_plans, &options);
}

static const jf_candidate *find(const jf_comparison *c, const char *name)
{
    for (size_t i = 0; i < c->n_candidates; i++)
        if (strcmp(c->candidates[i].law->name, name) == 0) return &c->candidates[i];
    fail_msg("no candidate '%s'", name);
    return NULL;
}

static void trees_read_what_is_known_before_a_run_and_nothing_else(void **state)
{
    static const char *const wanted[] = {"layers", "work", "strategy", "gpus"};
    jf_comparison *c;
    sweep s;

    (void)state;
    make_sweep(1, 0.05, &s);
    c = compare_trees(&s, 2, 1, true);
    assert_int_equal(c->trees->state, JF_TREES_GROWN);
    assert_int_equal(strncmp(c->trees->words, "XGBoost ", 8), 0);
    assert_int_equal(c->trees->features.n_names, 4);
    assert_int_equal(c->trees->features.width, 3 + 3); /* three numbers, one column a strategy */
    for (size_t i = 0; i < 4; i++) assert_string_equal(c->trees->features.names[i], wanted[i]);
    for (jf_tree_kind kind = 0; kind < JF_N_TREE_KINDS; kind++) {
        const jf_candidate *one = find(c, jf_tree_names[kind]);
        assert_true(one->is_baseline && !one->post_run && one->trees);
        assert_true(one->fit->r2 > 0.9 && one->fit->r2 < 1);
        assert_true(isnan(one->fit->aic) && isnan(one->delta_aicc) && one->fit->n_estimates == 0);
        json_t *json = jf_fit_to_json(one->fit, true);
        assert_true(json && json_is_null(json_object_get(json, "model")));
        json_decref(json);
        assert_true(one->fit->k > 100); /* leaves: no law has as many parameters */
    }
    jf_comparison_free(c);
    c = compare_trees(&s, 1, 1, false);
    assert_int_equal(c->trees->state, JF_TREES_OFF);
    jf_comparison_free(c);
    jf_table_free(s.table);
}

/* Trees predict no value that they were not shown: beyond the data they must do worse than inside, and worse
 * than the law that made the data. */
static void trees_do_well_inside_and_fail_outside(void **state)
{
    jf_comparison *c;
    sweep s;

    (void)state;
    make_sweep(2, 0.05, &s);
    c = compare_trees(&s, 2, 1, true);
    for (jf_tree_kind kind = 0; kind < JF_N_TREE_KINDS; kind++) {
        const jf_candidate *trees = find(c, jf_tree_names[kind]), *law = find(c, "additive");
        double inside = trees->validations[0].pooled.rmse_log;
        assert_true(inside < 0.5 * find(c, "mean")->validations[0].pooled.rmse_log);
        assert_true(trees->validations[1].pooled.rmse_log > 1.2 * inside);
        assert_true(trees->validations[1].pooled.rmse_log > 3 * law->validations[1].pooled.rmse_log);
        assert_true(isnan(trees->validations[0].pooled.coverage));
    }
    assert_string_equal(c->candidates[c->best].law->name, "additive");
    jf_comparison_free(c);
    jf_table_free(s.table);
}

static bool same_predictions(const jf_comparison *a, const jf_comparison *b)
{
    bool same = a->n_predictions == b->n_predictions;

    for (size_t i = 0; same && i < a->n_predictions; i++)
        same = memcmp(&a->predictions[i].predicted, &b->predictions[i].predicted, sizeof(double)) == 0;
    return same;
}

static void any_number_of_threads_gives_the_same_trees_and_another_seed_others(void **state)
{
    jf_compare_options options;
    jf_comparison *one, *eight, *other;
    sweep s;

    (void)state;
    make_sweep(3, 0.05, &s);
    one = compare_trees(&s, 2, 1, true);
    eight = compare_trees(&s, 2, 8, true);
    assert_true(same_predictions(one, eight));
    set_defaults(&options);
    options.trees = true;
    options.interval = JF_INTERVAL_NONE;
    options.fit.seed++;
    other = compare(&s, laws_text, 2, (const char *[]){"extrapolate:work:0.75"}, 1, &options);
    assert_true(find(other, "random forest")->validations[0].pooled.rmse_log !=
                find(one, "random forest")->validations[1].pooled.rmse_log);
    jf_comparison_free(one);
    jf_comparison_free(eight);
    jf_comparison_free(other);
    jf_table_free(s.table);
}

/* Trees of every split see its training rows only. */
static void responses_of_test_rows_do_not_reach_the_predictions_of_trees(void **state)
{
    jf_comparison *before, *after;
    size_t compared = 0;
    sweep s;

    (void)state;
    make_sweep(4, 0.05, &s);
    before = compare_trees(&s, 2, 1, true);
    for (size_t plan = 0; plan < 2; plan++) {
        const jf_split *split = &before->plans[plan]->splits[0];
        double *energy = column_values(s.table, "energy");
        for (size_t i = 0; i < split->n_test; i++) energy[split->test[i]] *= 1 + (double)(i % 7);
        after = compare_trees(&s, 2, 1, true);
        for (jf_tree_kind kind = 0; kind < JF_N_TREE_KINDS; kind++) {
            const jf_candidate *old = find(before, jf_tree_names[kind]),
                               *new = find(after, jf_tree_names[kind]);
            size_t i = (size_t)(old - before->candidates), j = (size_t)(new - after->candidates);
            for (size_t a = 0, b = 0; a < before->n_predictions; a++) {
                const jf_prediction *p = &before->predictions[a], *q;
                if (p->law != i || p->plan != plan || p->split != 0) continue;
                while (after->predictions[b].law != j || after->predictions[b].plan != plan ||
                       after->predictions[b].row != p->row || after->predictions[b].split != 0)
                    b++;
                q = &after->predictions[b];
                assert_true(p->predicted == q->predicted);
                compared++;
            }
        }
        for (size_t i = 0; i < split->n_test; i++) energy[split->test[i]] /= 1 + (double)(i % 7);
        jf_comparison_free(after);
    }
    assert_true(compared > 100);
    jf_comparison_free(before);
    jf_table_free(s.table);
}

/* ---- by hand ---- */

typedef struct garden {
    jf_tree_library *library;
    char *words;
} garden;

static int open_library(void **state)
{
    static garden g;
    jf_error err = {0};

    check_ok(jf_tree_library_open(&g.library, &g.words, &err), &err);
    *state = &g;
    return 0;
}

static int close_library(void **state)
{
    garden *g = *state;

    jf_tree_library_close(g->library);
    jf_free(g->words);
    return 0;
}

/* A response that two columns of labels decide entirely: boosted trees must find it, to the last float. */
static void trees_find_a_table_of_four_values_and_weights_move_its_means(void **state)
{
    enum { ROWS = 40 };
    const garden *g = *state;
    float values[ROWS * 2];
    double target[ROWS], weight[ROWS], found[4], wanted[4] = {0};
    size_t index[ROWS];
    jf_tree_features features = {values, ROWS, 2, NULL, 0};
    jf_tree_learner learner = {g->library, &features, JF_TREES_BOOSTED, 5};
    jf_trees *trees = NULL;
    jf_error err = {0};

    for (size_t i = 0; i < ROWS; i++) {
        index[i] = i;
        values[2 * i] = (float)(i % 2);
        values[2 * i + 1] = (float)(i / 2 % 2);
        weight[i] = i < ROWS / 2 ? 3e9 : 1e9; /* precisions are relative */
        target[i] = 10 * (double)(i % 4) + (i < ROWS / 2 ? 0 : 4);
        wanted[i % 4] = 10 * (double)(i % 4) + 1; /* (3*0 + 1*4)/4 above */
    }
    check_ok(jf_trees_grow(&learner, index, ROWS, target, weight, &trees, &err), &err);
    check_ok(jf_trees_predict(trees, index, 4, found, &err), &err);
    for (size_t i = 0; i < 4; i++) check_close(found[i], wanted[i], 0.02, "weighted mean %zu", i);
    jf_trees_free(trees);
}

static void hostile_features_and_targets_are_refused_or_survived(void **state)
{
    const garden *g = *state;
    float values[] = {1, NAN, 3, 4, NAN, 6, 1e38f, -1e38f};
    double target[] = {1, 2, 3, 4, 1e300, -1e300, 5, 6}, found[8];
    size_t index[] = {0, 1, 2, 3, 4, 5, 6, 7};
    jf_tree_features features = {values, 8, 1, NULL, 0}, none = {values, 8, 0, NULL, 0};
    jf_trees *trees = NULL;
    jf_error err = {0};

    for (jf_tree_kind kind = 0; kind < JF_N_TREE_KINDS; kind++) {
        jf_tree_learner learner = {g->library, &features, kind, 5};
        check_ok(jf_trees_grow(&learner, index, 8, target, NULL, &trees, &err), &err); /* NaN: missing */
        check_ok(jf_trees_predict(trees, index, 8, found, &err), &err);
        for (size_t i = 0; i < 8; i++) assert_true(isfinite(found[i]));
        jf_trees_free(trees);
        check_ok(jf_trees_grow(&learner, index, 1, target, NULL, &trees, &err), &err); /* one row */
        check_ok(jf_trees_predict(trees, index, 2, found, &err), &err);
        assert_true(found[0] == 1 && found[1] == 1);
        jf_trees_free(trees);
        assert_int_equal(jf_trees_grow(&learner, index, 0, target, NULL, &trees, &err), JF_EDATA);
        learner.features = &none;
        assert_int_equal(jf_trees_grow(&learner, index, 8, target, NULL, &trees, &err), JF_EDATA);
        assert_non_null(strstr(err.message, "0 columns"));
        learner.features = &features;
        target[2] = NAN;
        assert_int_equal(jf_trees_grow(&learner, index, 8, target, NULL, &trees, &err), JF_EDATA);
        assert_non_null(strstr(err.message, "row 3"));
        assert_null(trees);
        target[2] = 3;
    }
}

/* What XGBoost itself refuses comes as one sentence. */
static void messages_of_xgboost_come_without_their_stack_trace(void **state)
{
    const garden *g = *state;
    float values[] = {1, INFINITY, 3};
    double target[] = {1, 2, 3};
    size_t index[] = {0, 1, 2};
    jf_tree_features features = {values, 3, 1, NULL, 0};
    jf_tree_learner learner = {g->library, &features, JF_TREES_BOOSTED, 5};
    jf_trees *trees = NULL;
    jf_error err = {0};

    assert_int_equal(jf_trees_grow(&learner, index, 3, target, NULL, &trees, &err), JF_EFIT);
    assert_int_equal(strncmp(err.message, "XGBoost: ", 9), 0);
    assert_null(strstr(err.message, "Stack"));
    assert_null(strchr(err.message, '\n'));
}

static void more_rows_than_the_most_are_drawn_from_and_the_draw_repeats(void **state)
{
    enum { ROWS = JF_TREES_MOST_ROWS + 500 };
    const garden *g = *state;
    float *values = JF_NEW_ARRAY(float, ROWS);
    double *target = JF_NEW_ARRAY(double, ROWS), found[2][8];
    size_t *index = JF_NEW_ARRAY(size_t, ROWS);
    jf_tree_features features = {values, ROWS, 1, NULL, 0};
    jf_tree_learner learner = {g->library, &features, JF_TREES_BOOSTED, 5};
    jf_error err = {0};

    for (size_t i = 0; i < ROWS; i++) {
        index[i] = i;
        values[i] = (float)(i % 97);
        target[i] = (double)(i % 97);
    }
    for (int turn = 0; turn < 2; turn++) {
        jf_trees *trees = NULL;
        check_ok(jf_trees_grow(&learner, index, ROWS, target, NULL, &trees, &err), &err);
        check_ok(jf_trees_predict(trees, index, 8, found[turn], &err), &err);
        jf_trees_free(trees);
    }
    assert_memory_equal(found[0], found[1], sizeof found[0]);
    for (size_t i = 0; i < 8; i++) assert_true(fabs(found[0][i] - target[i]) < 2);
    jf_free(values);
    jf_free(target);
    jf_free(index);
}

static void a_library_that_cannot_be_loaded_is_told_and_no_error(void **state)
{
    static const char *const names[] = {"libnot_there.so.9", NULL}, *const wrong[] = {"libm.so.6", NULL};
    jf_tree_library *library;
    jf_error err = {0};
    char *why;

    (void)state;
    check_ok(jf_tree_library_open_as(names, &library, &why, &err), &err);
    assert_null(library);
    assert_non_null(strstr(why, "libnot_there.so.9"));
    jf_free(why);
    check_ok(jf_tree_library_open_as(wrong, &library, &why, &err), &err);
    assert_null(library);
    assert_non_null(strstr(why, "XGBoostVersion"));
    jf_free(why);
}

static void laws_of_labels_of_rows_and_of_nothing_grow_no_trees(void **state)
{
    static const char *const nothing[] = {"device: log(energy) ~ b0 + b*log(duration)"};
    jf_compare_options options;
    jf_comparison *c;
    sweep s;

    (void)state;
    make_sweep(6, 0.05, &s);
    set_defaults(&options);
    options.trees = true;
    c = compare(&s, nothing, 1, plans, 1, &options);
    assert_int_equal(c->trees->state, JF_TREES_NO_FEATURES);
    for (size_t i = 0; i < c->n_candidates; i++) assert_null(c->candidates[i].trees);
    jf_comparison_free(c);
    jf_table_free(s.table);
}

static void a_failed_allocation_anywhere_is_reported_and_leaves_nothing(void **state)
{
    const garden *g = *state;
    float values[] = {1, 2, 3, 4};
    double target[] = {1, 2, 3, 4};
    size_t index[] = {0, 1, 2, 3};
    jf_tree_features features = {values, 4, 1, NULL, 0};
    jf_tree_learner learner = {g->library, &features, JF_TREES_FOREST, 5};
    jf_status status = JF_ENOMEM;
    refusal r = {0};

    for (; status != JF_OK; r.at++) {
        jf_trees *trees = NULL;
        jf_error err = {0};
        r.asked = 0;
        jf_memory_hook(refuse, &r);
        status = jf_trees_grow(&learner, index, 4, target, NULL, &trees, &err);
        jf_memory_hook(NULL, NULL);
        assert_true(status == JF_OK || (status == JF_ENOMEM && !trees));
        jf_trees_free(trees);
    }
    assert_true(r.at > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees_read_what_is_known_before_a_run_and_nothing_else),
        cmocka_unit_test(trees_do_well_inside_and_fail_outside),
        cmocka_unit_test(any_number_of_threads_gives_the_same_trees_and_another_seed_others),
        cmocka_unit_test(responses_of_test_rows_do_not_reach_the_predictions_of_trees),
        cmocka_unit_test(trees_find_a_table_of_four_values_and_weights_move_its_means),
        cmocka_unit_test(hostile_features_and_targets_are_refused_or_survived),
        cmocka_unit_test(messages_of_xgboost_come_without_their_stack_trace),
        cmocka_unit_test(more_rows_than_the_most_are_drawn_from_and_the_draw_repeats),
        cmocka_unit_test(a_library_that_cannot_be_loaded_is_told_and_no_error),
        cmocka_unit_test(laws_of_labels_of_rows_and_of_nothing_grow_no_trees),
        cmocka_unit_test(a_failed_allocation_anywhere_is_reported_and_leaves_nothing),
    };
    void *opened = NULL;
    bool there;

    open_library(&opened);
    there = ((garden *)opened)->library != NULL;
    if (!there) printf("SKIPPED: %s\n", ((garden *)opened)->words);
    close_library(&opened);
    return there ? cmocka_run_group_tests(tests, open_library, close_library) : 77;
}
