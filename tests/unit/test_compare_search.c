/* Searches for a law: what is gone through, that scores are those of the laws themselves, and that nothing
 * leaks. */
#include "tests/check.h"
#include "tests/compare_sweep.h"

#include <stdio.h>
#include "fit/select/search.h"

static const char *const plans[] = {"grouped:repeats=6,test=0.3", "extrapolate:work:0.75"};
static const char terms[] =
    "terms=log(work),log(layers),gpus,s[strategy]; interactions=2; response=log(energy)";

static jf_comparison *search(const sweep *s, const char *text, const char *const *laws, size_t n_laws)
{
    jf_compare_options options;

    set_defaults(&options);
    options.search = text;
    options.ablate = JF_ABLATE_NONE;
    return compare(s, laws, n_laws, plans, 2, &options);
}

static uint64_t bit_of(const jf_search *found, const char *term)
{
    for (size_t t = 0; t < found->space->n_terms; t++)
        if (strcmp(found->space->terms[t].text, term) == 0) return UINT64_C(1) << t;
    fail_msg("no term %s", term);
    return 0;
}

static void every_subset_is_tried_and_no_interaction_stands_alone(void **state)
{
    sweep s;
    jf_comparison *c;
    const jf_search *found;

    (void)state;
    make_sweep(11, 0.05, &s);
    c = search(&s, "terms=log(work),log(layers),gpus; interactions=2; response=log(energy)", NULL, 0);
    found = c->search;
    assert_true(found->exhaustive);
    assert_int_equal(found->n_laws, 1 + 3 + 3 * 2 + 8);
    for (size_t i = 0; i < found->n_top; i++)
        for (size_t t = 0; t < found->space->n_terms; t++)
            if (found->top[i].terms >> t & 1)
                assert_true((found->space->terms[t].parents & ~found->top[i].terms) == 0);
    for (size_t i = 1; i < found->n_top; i++) assert_true(found->top[i - 1].score <= found->top[i].score);
    assert_true(found->chosen.score >= found->top[0].score);
    jf_comparison_free(c);
    free_sweep(&s);
}

/* The quick least squares of a search against the engine that fits every law. */
static void the_score_of_a_law_is_the_one_that_the_comparison_finds(void **state)
{
    sweep s;
    jf_compare_options options;
    jf_comparison *c, *again;
    const char *law;

    (void)state;
    make_sweep(12, 0.05, &s);
    c = search(&s, terms, NULL, 0);
    law = c->candidates[c->search->candidate].law->text;
    set_defaults(&options);
    again = compare(&s, &law, 1, plans, 2, &options);
    check_close(c->search->chosen.score, again->candidates[0].validations[0].over.median.rmse, 1e-9,
                "score of %s", law);
    jf_comparison_free(again);
    jf_comparison_free(c);
    free_sweep(&s);
}

static void the_terms_that_drew_the_runs_are_found(void **state)
{
    sweep s;
    jf_comparison *c;
    uint64_t wanted;

    (void)state;
    make_sweep(13, 0.02, &s);
    for (size_t i = 0; i < N; i++)
        column_values(s.table, "energy")[i] = pow(column_values(s.table, "work")[i], 0.7) *
                                              pow(column_values(s.table, "layers")[i], 0.3) *
                                              exp(0.1 * sin((double)(13 * i)));
    c = search(&s, terms, NULL, 0);
    wanted = bit_of(c->search, "log(work)") | bit_of(c->search, "log(layers)");
    assert_true(c->search->chosen.terms == wanted);
    assert_true(c->search->space->terms[0].share > 0.99);
    assert_int_equal(c->search->n_redone, 7);
    jf_comparison_free(c);
    free_sweep(&s);
}

/* What a split's test runs measured moves neither the law chosen without them nor its own score. */
static void what_is_tested_has_no_say_in_what_is_chosen(void **state)
{
    sweep s;
    jf_comparison *before, *after;
    const jf_split *split;
    double *energy;

    (void)state;
    make_sweep(14, 0.05, &s);
    before = search(&s, terms, NULL, 0);
    split = &before->plans[0]->splits[2];
    energy = column_values(s.table, "energy");
    for (size_t i = 0; i < split->n_test; i++) energy[split->test[i]] *= exp(3 * sin((double)(7 * i)));
    after = search(&s, terms, NULL, 0);
    assert_true(before->search->outer[0].splits[2].terms == after->search->outer[0].splits[2].terms);
    check_close(after->search->outer[0].splits[2].score, before->search->outer[0].splits[2].score, 1e-9,
                "score");
    assert_true(after->candidates[0].validations[0].splits[2].loss >
                before->candidates[0].validations[0].splits[2].loss);
    jf_comparison_free(before);
    jf_comparison_free(after);
    free_sweep(&s);
}

static void many_terms_are_gone_through_step_by_step(void **state)
{
    sweep s;
    jf_comparison *c;

    (void)state;
    make_sweep(15, 0.05, &s);
    c = search(
        &s,
        "terms=log(work),log(layers),gpus,s[strategy],work,layers,sqrt(work),sqrt(layers); interactions=2; "
        "response=log(energy); plan=kfold:5",
        NULL, 0);
    assert_false(c->search->exhaustive);
    assert_true(c->search->n_laws > 8 && c->search->n_laws < JF_SEARCH_MOST_LAWS);
    assert_true(isfinite(c->search->chosen.score));
    assert_string_equal(c->search->plan, "kfold:5");
    jf_comparison_free(c);
    free_sweep(&s);
}

static void check_refused(const sweep *s, const char *text, const char *wanted)
{
    jf_compare_options options;
    jf_comparison *c = NULL;
    jf_laws laws = {0};
    jf_error err = {0};

    set_defaults(&options);
    options.search = text;
    assert_true(jf_compare_run(&laws, s->table, NULL, 0, &s->groups, &options, &c, &err) != JF_OK);
    if (!strstr(err.message, wanted)) fail_msg("'%s': expected '%s', found '%s'", text, wanted, err.message);
    assert_null(c);
}

static void what_cannot_be_searched_is_told(void **state)
{
    sweep s;

    (void)state;
    make_sweep(16, 0.05, &s);
    check_refused(&s, "terms=log(wrok)", "did you mean 'work'");
    check_refused(&s, "terms=", "names no term");
    check_refused(&s, "interactions=2", "expected terms=");
    check_refused(&s, "terms=work; interaction=2", "did you mean 'interactions'");
    check_refused(&s, "terms=work; interactions=0", "expected an integer from 1");
    check_refused(&s, "terms=work,work", "is there twice");
    check_refused(&s, "terms=s[strategy]*work", "expected an expression of columns or a level parameter");
    check_refused(&s, "terms=center(work)", "learns from the rows");
    check_refused(&s, "terms=work,,log(", "log(");
    free_sweep(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_subset_is_tried_and_no_interaction_stands_alone),
        cmocka_unit_test(the_score_of_a_law_is_the_one_that_the_comparison_finds),
        cmocka_unit_test(the_terms_that_drew_the_runs_are_found),
        cmocka_unit_test(what_is_tested_has_no_say_in_what_is_chosen),
        cmocka_unit_test(many_terms_are_gone_through_step_by_step),
        cmocka_unit_test(what_cannot_be_searched_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
