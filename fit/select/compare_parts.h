/* Inside a comparison: what its steps share while it is made. */
#ifndef JF_FIT_SELECT_COMPARE_PARTS_H
#define JF_FIT_SELECT_COMPARE_PARTS_H

#include "fit/problem/problem.h"
#include "fit/select/compare.h"
#include "fit/select/search.h"
#include "fit/select/two_stage.h"

/* A law that a search chose somewhere, bound to the rows of the comparison. */
typedef struct jf_chosen {
    uint64_t terms;
    jf_problem *problem;
} jf_chosen;

/* A comparison in the making. */
typedef struct jf_maker {
    const jf_laws *given;
    const jf_table *table;
    const jf_groups *groups;
    const jf_compare_options *options;
    const size_t *rows; /* as asked for; NULL: all */
    size_t n_rows;
    jf_metric criterion;
    /* Of the laws given, on the rows asked for, and (borrowed) of the terms of the search. */
    jf_problem **problems;
    size_t n_problems;
    jf_laws baselines;
    const int32_t **levels;          /* codes of every level parameter of every law */
    size_t n_levels, n_given_levels; /* those of the laws given come first, those of the search last */
    size_t capacity;                 /* of c->candidates */
    jf_problem *
        *stage_problems; /* of the stages, on the rows asked for; they say which rows stages can use */
    jf_search_space space;
    jf_chosen *chosen; /* every law that a search chose, once */
    size_t n_chosen, chosen_capacity;
    jf_problem ***split_laws; /* of the search's candidate */
    jf_comparison *c;
} jf_maker;

jf_status jf_make_bind_given(jf_maker *m, jf_error *err);
/* The rows that are complete for every law given. */
jf_status jf_make_find_common_rows(jf_maker *m, jf_error *err);
/* Fits a law to the common rows and appends it to the candidates. */
jf_status jf_make_candidate(jf_maker *m, const jf_law *law, bool is_baseline, jf_error *err);
void jf_make_drop_last(jf_comparison *c);
jf_status jf_make_given(jf_maker *m, jf_error *err);
jf_status jf_make_baselines(jf_maker *m, jf_error *err);
/* Trees behind them, where they are asked for and XGBoost is there; c->trees says what became of it. */
jf_status jf_make_trees(jf_maker *m, jf_error *err);
jf_status jf_make_plans(jf_maker *m, jf_error *err);
/* First stages, where there are some: read and bound to the rows asked for; then, on the common rows, fitted,
 * and the table replaced by one that holds their predictions. */
jf_status jf_make_read_stages(jf_maker *m, jf_error *err);
jf_status jf_make_stages(jf_maker *m, jf_error *err);
/* For the last candidate, where it reads what a stage predicts: beside it the law that reads what was
 * measured, and the law without. */
jf_status jf_make_variants(jf_maker *m, jf_error *err);
/* The search, where one is asked for: its terms on the rows asked for; all of them on the common rows, before
 * plans are drawn; the search itself and its candidate, after. */
jf_status jf_make_read_search(jf_maker *m, jf_error *err);
jf_status jf_make_bind_search(jf_maker *m, jf_error *err);
jf_status jf_make_search(jf_maker *m, jf_error *err);
void jf_make_forget_search(jf_maker *m);
size_t jf_make_count_groups(const jf_maker *m);
void jf_make_warn_of_scores(jf_maker *m);
void jf_make_warn_of_groups(jf_maker *m);
jf_status jf_make_list_predictions(jf_maker *m, jf_error *err);

#endif
