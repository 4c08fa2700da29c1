/* Two-stage laws: what is tested has no say in what is predicted, and the laws beside them show what that is
 * worth. */
#include "tests/check.h"
#include "tests/compare_sweep.h"

#include <stdio.h>
#include "fit/select/search.h"
#include "fit/select/two_stage.h"

static const char *const plans[] = {"grouped:repeats=5,test=0.3", "kfold:4", "extrapolate:work:0.75"};
static const char *const two_stage_law[] = {
    "two: log(energy) ~ b0 + b*log(layers) + c*log(work) + g*log(eta)"};

/* eta falls with work, and energy with eta. */
static void add_eta(sweep *s, double noise)
{
    jf_stream stream = jf_stream_make(77, JF_FOR_TESTS, 9);
    double eta[N], *work = column_values(s->table, "work"), *energy = column_values(s->table, "energy");

    for (size_t i = 0; i < N; i++) {
        eta[i] = 0.9 * (1 - exp(-0.4 * sqrt(work[i]))) * exp(noise * jf_stream_normal(&stream));
        energy[i] /= eta[i];
    }
    add_numbers(s->table, "eta", eta, JF_POST_RUN);
}

static jf_comparison *compare_stage(const sweep *s, const char *stage, int threads)
{
    const char *stages[] = {stage};
    jf_compare_options options;

    set_defaults(&options);
    options.stage = (jf_option_list){stages, 1, 1};
    options.ablate = JF_ABLATE_NONE;
    options.fit.threads = threads;
    return compare(s, two_stage_law, 1, plans, 3, &options);
}

static const char eta_stage[] = "eta: eta ~ top*(1 - exp(-rate*work^p))";

static const jf_candidate *variant(const jf_comparison *c, jf_variant wanted)
{
    for (size_t i = 0; i < c->n_candidates; i++)
        if (c->candidates[i].variant == wanted && !c->candidates[i].is_baseline) return &c->candidates[i];
    fail_msg("no law that reads the column %s", jf_variant_names[wanted]);
    return NULL;
}

static void a_measured_value_moves_neither_its_own_prediction_nor_training(void **state)
{
    sweep s;
    jf_comparison *before;
    size_t n_compared = 0;

    (void)state;
    make_sweep(21, 0.05, &s);
    add_eta(&s, 0.1);
    before = compare_stage(&s, eta_stage, 1);
    for (size_t p = 0; p < before->n_plans; p++) {
        const jf_split *split = &before->plans[p]->splits[0];
        const jf_validation *old = &variant(before, JF_VARIANT_PREDICTED)->validations[p], *new;
        double *eta = column_values(s.table, "eta"), kept[N];
        jf_comparison *after;

        memcpy(kept, eta, sizeof kept);
        for (size_t i = 0; i < split->n_test; i++) eta[split->test[i]] *= exp(sin((double)(3 * i)));
        after = compare_stage(&s, eta_stage, 1);
        new = &variant(after, JF_VARIANT_PREDICTED)->validations[p];
        check_close(new->splits[0].loss, old->splits[0].loss, 1e-6, "loss of plan %zu", p);
        n_compared += isfinite(new->splits[0].loss);
        /* the law that reads what was measured does move */
        assert_true(fabs(variant(after, JF_VARIANT_MEASURED)->validations[p].splits[0].loss -
                         variant(before, JF_VARIANT_MEASURED)->validations[p].splits[0].loss) > 1e-3);
        memcpy(eta, kept, sizeof kept);
        jf_comparison_free(after);
    }
    assert_int_equal(n_compared, before->n_plans);
    jf_comparison_free(before);
    free_sweep(&s);
}

static void predicted_stands_between_nothing_and_measured(void **state)
{
    sweep s;
    jf_comparison *c;
    const jf_candidate *predicted, *measured, *without;

    (void)state;
    make_sweep(22, 0.02, &s);
    add_eta(&s, 0.3);
    c = compare_stage(&s, eta_stage, 1);
    predicted = variant(c, JF_VARIANT_PREDICTED);
    measured = variant(c, JF_VARIANT_MEASURED);
    without = variant(c, JF_VARIANT_WITHOUT);
    assert_false(predicted->post_run);
    assert_true(measured->post_run);
    assert_false(without->post_run);
    assert_string_equal(predicted->law->name, "two");
    assert_string_equal(without->law->text, "log(energy) ~ b0 + b*log(layers) + c*log(work)");
    assert_string_equal(measured->law->name, "two (measured eta)");
    assert_int_equal(without->fit->k, 3);
    assert_true(measured->validations[0].pooled.rmse_log < 0.8 * predicted->validations[0].pooled.rmse_log);
    assert_true(isnan(predicted->fit->aic) && !isnan(without->fit->aic));
    assert_true(predicted->rank < measured->rank);
    assert_true(c->stages->items[0].r2 > 0 && c->stages->items[0].r2 < 1);
    jf_comparison_free(c);
    free_sweep(&s);
}

static jf_comparison *search_stage(const sweep *s, int threads)
{
    const char *stages[] = {"log(eta) ~ t0 + t1*log(work) + t2*log(work)^2"};
    jf_compare_options options;

    set_defaults(&options);
    options.stage = (jf_option_list){stages, 1, 1};
    options.search = "terms=log(layers),log(work),log(eta),h[strategy]; response=log(energy)";
    options.baselines = false;
    options.interval = JF_INTERVAL_NONE;
    options.fit.threads = threads;
    return compare(s, NULL, 0, plans, 3, &options);
}

/* Neither what was measured in the test part nor its response has a say in the law chosen without it, in that
 * choice's score, or in what the law predicts there. */
static void a_search_among_staged_columns_sees_nothing_of_the_test_part(void **state)
{
    jf_comparison *before, *eight;
    size_t n_compared = 0;
    sweep s;

    (void)state;
    make_sweep(24, 0.05, &s);
    add_eta(&s, 0.1);
    before = search_stage(&s, 1);
    eight = search_stage(&s, 8);
    assert_int_equal(before->n_candidates, 1);
    assert_int_equal(before->candidates[0].variant, JF_VARIANT_PREDICTED); /* the best reads eta */
    assert_true(before->search->n_redone > 8);
    for (size_t p = 0; p < before->n_plans; p++) {
        const jf_split *split = &before->plans[p]->splits[0];
        double *eta = column_values(s.table, "eta"), *energy = column_values(s.table, "energy");
        double kept_eta[N], kept_energy[N];
        jf_comparison *after;

        memcpy(kept_eta, eta, sizeof kept_eta);
        memcpy(kept_energy, energy, sizeof kept_energy);
        for (size_t i = 0; i < split->n_test; i++) {
            eta[split->test[i]] *= exp(sin((double)(3 * i)));
            energy[split->test[i]] *= exp(2 * sin((double)(7 * i)));
        }
        after = search_stage(&s, 1);
        assert_true(before->search->outer[p].splits[0].terms == after->search->outer[p].splits[0].terms);
        check_close(after->search->outer[p].splits[0].score, before->search->outer[p].splits[0].score, 1e-6,
                    "score in plan %zu", p);
        for (size_t a = 0; a < before->n_predictions; a++) {
            const jf_prediction *old = &before->predictions[a], *new = &after->predictions[a];
            assert_true(old->predicted == eight->predictions[a].predicted);
            if (old->plan != p || old->split != 0) continue;
            check_close(new->predicted, old->predicted, 1e-6, "plan %zu, row %zu", p, old->row);
            n_compared++;
        }
        memcpy(eta, kept_eta, sizeof kept_eta);
        memcpy(energy, kept_energy, sizeof kept_energy);
        jf_comparison_free(after);
    }
    assert_true(n_compared > 100);
    jf_comparison_free(before);
    jf_comparison_free(eight);
    free_sweep(&s);
}

static void a_staged_column_that_helps_is_chosen(void **state)
{
    jf_comparison *c;
    size_t eta_term = 2;
    sweep s;

    (void)state;
    make_sweep(25, 0.02, &s);
    add_eta(&s, 0);
    c = search_stage(&s, 1);
    assert_string_equal(c->search->space->terms[eta_term].text, "log(eta)");
    assert_true(c->search->space->terms[eta_term].share >
                0.9); /* what the stage predicts is what is needed */
    jf_comparison_free(c);
    free_sweep(&s);
}

/* A stage that needs no law at all: what it predicts without a group is the mean of the others. */
static void predictions_of_training_rows_are_made_without_their_group(void **state)
{
    sweep s;
    jf_comparison *c;
    const jf_column *predicted;
    const double *eta;

    (void)state;
    make_sweep(23, 0.05, &s);
    add_eta(&s, 0.2);
    c = compare_stage(&s, "eta ~ level", 1);
    predicted = jf_table_find(c->stages->table, "eta");
    eta = column_values(s.table, "eta");
    assert_int_equal(predicted->known, JF_PRE_RUN);
    assert_true(c->stages->items[0].r2 < 0);
    for (size_t i = 0; i < N;
         i++) { /* all rows of a group from one fit, which is the mean of rows outside its fold */
        double sum = 0;
        size_t n = 0;
        assert_true(predicted->values[i] == predicted->values[i % N_GROUPS]);
        for (size_t j = 0; j < N; j++)
            if (predicted->values[j] != predicted->values[i]) sum += eta[j], n++;
        check_close(predicted->values[i], sum / (double)n, 1e-9, "row %zu", i);
    }
    jf_comparison_free(c);
    free_sweep(&s);
}

static void any_number_of_threads_gives_the_same_scores(void **state)
{
    sweep s;
    jf_comparison *one, *three;

    (void)state;
    make_sweep(24, 0.05, &s);
    add_eta(&s, 0.1);
    one = compare_stage(&s, eta_stage, 1);
    three = compare_stage(&s, eta_stage, 3);
    for (size_t i = 0; i < one->n_candidates; i++)
        for (size_t p = 0; p < one->n_plans; p++)
            assert_memory_equal(&one->candidates[i].validations[p].pooled.rmse_log,
                                &three->candidates[i].validations[p].pooled.rmse_log, sizeof(double));
    jf_comparison_free(one);
    jf_comparison_free(three);
    free_sweep(&s);
}

static void check_refused(const sweep *s, const char *stage, const char *wanted)
{
    const char *stages[] = {stage};
    jf_compare_options options;
    jf_comparison *c = NULL;
    jf_laws laws;
    jf_error err = {0};

    set_defaults(&options);
    options.stage = (jf_option_list){stages, 1, 1};
    read_laws(two_stage_law, 1, &laws);
    assert_true(jf_compare_run(&laws, s->table, NULL, 0, &s->groups, &options, &c, &err) != JF_OK);
    if (!strstr(err.message, wanted)) fail_msg("'%s': expected '%s', found '%s'", stage, wanted, err.message);
    jf_laws_free(&laws);
}

static void what_cannot_be_a_stage_is_told(void **state)
{
    sweep s;

    (void)state;
    make_sweep(25, 0.05, &s);
    add_eta(&s, 0.1);
    check_refused(&s, "eta ~ a*etta", "did you mean 'eta'");
    check_refused(&s, "duration ~ a*work", "no law reads 'duration'");
    check_refused(&s, "eta ~ a + eta", "eta");
    check_refused(&s, "eta", "--stage 'eta'");
    free_sweep(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_measured_value_moves_neither_its_own_prediction_nor_training),
        cmocka_unit_test(predicted_stands_between_nothing_and_measured),
        cmocka_unit_test(predictions_of_training_rows_are_made_without_their_group),
        cmocka_unit_test(a_search_among_staged_columns_sees_nothing_of_the_test_part),
        cmocka_unit_test(a_staged_column_that_helps_is_chosen),
        cmocka_unit_test(any_number_of_threads_gives_the_same_scores),
        cmocka_unit_test(what_cannot_be_a_stage_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
