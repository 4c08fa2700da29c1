/* Inside a comparison: what its steps share while it is made. */
#ifndef JF_FIT_SELECT_COMPARE_PARTS_H
#define JF_FIT_SELECT_COMPARE_PARTS_H

#include "fit/problem.h"
#include "fit/select/compare.h"

/* A comparison in the making. */
typedef struct jf_maker {
    const jf_laws *given;
    const jf_table *table;
    const jf_groups *groups;
    const jf_compare_options *options;
    const size_t *rows; /* as asked for; NULL: all */
    size_t n_rows;
    jf_metric criterion;
    jf_problem **problems; /* of the laws given, on the rows asked for */
    jf_laws baselines;
    const int32_t **levels; /* codes of every level parameter of every law */
    size_t n_levels;
    jf_comparison *c;
} jf_maker;

jf_status jf_make_bind_given(jf_maker *m, jf_error *err);
/* The rows that are complete for every law given. */
jf_status jf_make_find_common_rows(jf_maker *m, jf_error *err);
/* Fits the laws given and the baselines, in that order, as candidates. */
jf_status jf_make_fits(jf_maker *m, jf_error *err);
jf_status jf_make_plans(jf_maker *m, jf_error *err);
size_t jf_make_count_groups(const jf_maker *m);
void jf_make_warn_of_scores(jf_maker *m);
void jf_make_warn_of_groups(jf_maker *m);
jf_status jf_make_list_predictions(jf_maker *m, jf_error *err);

#endif
