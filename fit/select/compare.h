/* Comparing laws: the same rows, the same splits, one likelihood scale; a ranking and a sentence. */
#ifndef JF_FIT_SELECT_COMPARE_H
#define JF_FIT_SELECT_COMPARE_H

#include "core/options.h"
#include "fit/fit.h"
#include "fit/problem/problem.h"
#include "fit/select/metrics.h"
#include "fit/select/plan.h"

typedef struct jf_split_score {
    jf_metrics metrics; /* NaN for a test part of one row */
    size_t n_train, n_test;
    jf_outcome outcome;
    bool usable;     /* fitted, and every test row predicted */
    bool infeasible; /* for this law: training lacks a level that the test part has */
    double loss;     /* mean squared error of log raw (law's scale where the raw response is not positive) */
} jf_split_score;

/* Out-of-fold predictions of one law under one plan, split after split; NaN where a split was not usable. */
typedef struct jf_pool {
    size_t *first; /* n_splits + 1: where each split's test rows begin */
    size_t *place; /* n: index into the comparison's rows */
    double *value; /* n: law's scale */
    double *raw, *low, *high;
    size_t n;
} jf_pool;

/* A law under one plan. */
typedef struct jf_validation {
    size_t plan; /* index */
    jf_split_score *splits;
    size_t n_splits, n_usable;
    jf_metrics_summary over; /* over usable splits */
    jf_metrics pooled;       /* over all out-of-fold predictions */
    double factor90; /* nine out-of-fold predictions in ten lie within this factor of the measurement */
    jf_pool pool;
    size_t groups_missing; /* calibration groups that an interval of this level still needs; 0: enough */
} jf_validation;

/* What a law reads where a first stage predicts a column (two_stage.h). */
typedef enum jf_variant {
    JF_VARIANT_NONE,      /* reads no such column */
    JF_VARIANT_PREDICTED, /* the prediction */
    JF_VARIANT_MEASURED,  /* what was measured: knows in part what is to be predicted */
    JF_VARIANT_WITHOUT    /* the law without the column */
} jf_variant;
extern const char *const jf_variant_names[]; /* "none", "predicted", "measured", "without" */

typedef struct jf_candidate {
    jf_law *law;
    bool post_run, is_baseline;
    const struct jf_tree_learner *trees; /* grown in place of the law (compare_trees.h); NULL: the law */
    jf_fit *fit;                         /* on all rows */
    /* Chosen by a search: the problem of the law that was chosen inside the training part of each split,
     * split_laws[plan][split] (borrowed; NULL: none could be); NULL: the law itself everywhere. */
    jf_problem ***split_laws;
    jf_variant variant;
    size_t variant_of; /* MEASURED, WITHOUT: the candidate that reads the prediction */
    jf_validation *validations;
    size_t n_validations;
    double delta_aic, delta_aicc,
        delta_bic;        /* to the smallest among laws that read nothing post-run; NaN: refused */
    double akaike_weight; /* from AICc, among the same laws; NaN for post-run laws */
    /* From resampled groups of the plan that ranks; NaN for laws that cannot be best. */
    double confidence_p; /* model confidence set: the set at level 1 - alpha holds laws with p >= alpha */
    double selected;     /* share of resamples in which it has the smallest error */
    size_t rank;         /* 1: best by the rule */
    double score;        /* the criterion in the plan that ranks; NaN: not ranked */
    bool on_front;       /* no law with as few parameters has a lower score */
} jf_candidate;

/* A law that a search came upon, and the laws it chose inside the training parts of one plan's splits. */
typedef struct jf_search_result {
    uint64_t terms; /* bit i: term i */
    size_t k;
    double score;
} jf_search_result;
typedef struct jf_search_outer {
    jf_search_result
        *splits; /* n: what was chosen in each, scored by its own inner splits; score NaN: nothing */
    size_t n;    /* 0: the plan has too many splits */
} jf_search_outer;

/* A search for a law among subsets of terms. */
typedef struct jf_search {
    struct jf_search_space *space;
    char *plan;                       /* that scored laws during searches */
    bool exhaustive;                  /* every subset was tried */
    size_t n_laws;                    /* tried on all rows */
    jf_search_result chosen, top[10]; /* the rule's choice, and the lowest scores */
    size_t n_top;
    jf_search_outer *outer;   /* n_outer: by plan of the comparison */
    size_t n_outer, n_redone; /* searches in outer splits */
    size_t candidate; /* its place among the candidates, whose scores are those of the laws chosen anew */
} jf_search;

typedef struct jf_prediction { /* one out-of-fold prediction */
    size_t row, law, plan, split;
    double observed, predicted, low, high; /* raw scale */
} jf_prediction;

/* A test between two candidates, or of one law within another. */
typedef struct jf_law_test {
    const char *kind; /* "corrected_t", "vuong", "vuong_cluster", "nested_f", "likelihood_ratio" */
    size_t plan;      /* index; SIZE_MAX: on all rows */
    int metric;       /* jf_metric; -1: likelihood */
    size_t a, b;      /* candidates; a positive statistic favours a; nested: a within b */
    double statistic, df, df2, p_value, p_adjusted; /* Holm within the kind; NaN: none */
    const char *nested; /* nested ones: how that was seen, a name of nested.h; else NULL */
} jf_law_test;

/* A law without one of its terms, against the law itself on the same splits. */
typedef struct jf_ablation {
    size_t of;  /* the candidate whose term was dropped */
    char *term; /* "b*log(M)" */
    jf_candidate candidate;
    double difference; /* mean worsening of the criterion by dropping the term; NaN where it cannot be told */
    double statistic, p_value, p_adjusted; /* corrected t, Holm over the terms of the law */
} jf_ablation;

/* How the best law did beyond the data (outside.h). */
typedef enum jf_outside_state {
    JF_OUTSIDE_UNTRIED,
    JF_OUTSIDE_HELD,
    JF_OUTSIDE_HELD_LESS, /* held, but less well than inside */
    JF_OUTSIDE_UNCLEAR,
    JF_OUTSIDE_FAILED
} jf_outside_state;
extern const char *const jf_outside_names[]; /* "untried", "held", "held_less_well", "unclear", "failed" */
typedef struct jf_outside {
    jf_outside_state state;
    double ratio, low, high; /* errors outside by errors inside, and its 95 % limits; NaN: too few groups */
    size_t n_groups;         /* that were tested outside */
} jf_outside;

/* The intervals whose coverage and width are measured (conformal.h). */
typedef enum jf_interval_kind { JF_INTERVAL_CV, JF_INTERVAL_SPLIT, JF_INTERVAL_NONE } jf_interval_kind;
extern const char *const jf_interval_names[]; /* "cv", "split", "none"; ends with NULL */

/* Whose terms are dropped one at a time. */
typedef enum jf_ablate_kind { JF_ABLATE_BEST, JF_ABLATE_ALL, JF_ABLATE_NONE } jf_ablate_kind;
extern const char *const jf_ablate_names[]; /* "best", "all", "none"; ends with NULL */

/* All but the last three are rows of jf_compare_options_table. */
typedef struct jf_compare_options {
    jf_option_list validate; /* --validate PLAN, repeatable; empty: the defaults */
    bool baselines;
    bool trees;            /* among the baselines, where XGBoost is there */
    const char *criterion; /* a metric: its median over splits, pooled where parts have single rows */
    int interval;          /* jf_interval_kind */
    int ablate;            /* jf_ablate_kind; baselines have no terms to drop */
    jf_option_list stage;  /* --stage 'eta ~ FORMULA' (two_stage.h) */
    const char *search;    /* --search 'terms=...; interactions=2' (search.h), or NULL */
    bool keep_predictions;
    bool pre_run; /* laws that read what is known only after a run are refused; baselines are not */
    jf_fit_options fit;
} jf_compare_options;
extern const jf_option jf_compare_options_table[];

typedef struct jf_comparison {
    jf_plan **plans;
    size_t n_plans;
    jf_candidate *candidates; /* as given, baselines last */
    size_t n_candidates;
    jf_prediction *predictions;
    size_t n_predictions;
    size_t *rows; /* rows complete for all laws */
    size_t n_rows, n_dropped;
    size_t n_groups;
    jf_law_test *tests;
    size_t n_tests, tests_capacity;
    jf_ablation *ablations;
    size_t n_ablations;
    jf_search *search;        /* NULL: none was asked for */
    struct jf_stages *stages; /* NULL: none were asked for */
    struct jf_tree_baselines *trees;
    size_t best; /* index into candidates */
    char *rule, *metric;
    size_t best_plan;
    double best_value;
    jf_outside outside;
    size_t extrapolation; /* the plan that speaks for extrapolation; SIZE_MAX: none */
    size_t *indistinguishable,
        n_indistinguishable; /* candidates that the corrected test cannot tell from the best */
    char *verdict;           /* one plain sentence */
    struct {
        char *sentence; /* what to measure next; NULL: nothing to say */
        size_t row;     /* the run to make again */
        double gain;    /* share of the standard error that it takes off */
    } next;
    bool weighted; /* metrics count rows by weights that the user gave */
    jf_warnings warnings;
    uint64_t seed;
} jf_comparison;

/* Fits every law on the rows (NULL: all) that are complete for all of them, refits them on every split of
 * every plan, ranks and tests. `groups`: of the whole table, or NULL. A law that cannot be fitted is a
 * candidate with a failed fit; bad laws, plans and options are errors, as are laws with different raw
 * responses. The result does not depend on the number of threads. */
jf_status jf_compare_run(const jf_laws *laws, const jf_table *table, const size_t *rows, size_t n_rows,
                         const jf_groups *groups, const jf_compare_options *options, jf_comparison **out,
                         jf_error *err);
void jf_comparison_free(jf_comparison *comparison);

#endif
