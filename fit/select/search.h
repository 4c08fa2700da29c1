/* Searching for a law among the subsets of given terms, and validating the search itself. */
#ifndef JF_FIT_SELECT_SEARCH_H
#define JF_FIT_SELECT_SEARCH_H

#include "fit/select/compare.h"
#include "fit/problem/problem.h"

enum {
    JF_SEARCH_MOST_TERMS = 60, /* interactions counted */
    JF_SEARCH_MOST_LAWS =
        4096, /* all of them are tried up to here; beyond, terms are added and dropped in turn */
    JF_SEARCH_MOST_OUTER = 100, /* splits of one plan on which the search is redone */
    JF_SEARCH_TOP = 10          /* laws listed */
};

/* One term that a law may have. */
typedef struct jf_search_term {
    char *text;       /* "log(C)", "log(C):r[strategy]" */
    jf_ast *tree;     /* a product of columns; for a level term what it multiplies, or NULL */
    jf_ast *levels;   /* the level parameter with its references, or NULL */
    uint64_t parents; /* terms without which it cannot be in a law */
    size_t first, n;  /* its columns in the design */
    double share;     /* of the searches in outer splits that chose it; NaN: none were made */
} jf_search_term;

/* What `--search` says. Zero before use. */
typedef struct jf_search_space {
    char *response; /* "log(energy)" */
    char *plan;     /* NULL: chosen by the comparison */
    size_t order;   /* of the largest interaction */
    size_t most;    /* terms in one law */
    jf_search_term *terms;
    size_t n_terms, capacity, n_main; /* main terms come first */
    jf_problem **problems;            /* of each term alone, on the rows last bound to */
} jf_search_space;

/* "terms=log(C),log(M),r[strategy]; interactions=2; most=4; response=log(energy); plan=grouped". A term is an
 * expression of columns, which gets a coefficient, or a level parameter; `interactions` adds products of so
 * many terms, each in a law only together with what it is made of. `by_default`: the response where none is
 * named. */
jf_status jf_search_read(const char *text, const char *by_default, const jf_table *table, const size_t *rows,
                         size_t n_rows, jf_search_space *out, jf_error *err);
/* Binds every term to the rows, each as a law of its own; `main_only` leaves interactions out. */
jf_status jf_search_bind(jf_search_space *space, const jf_table *table, const size_t *rows, size_t n_rows,
                         bool main_only, const jf_fit_options *options, jf_error *err);
/* The law of these terms (bit i: term i), called "search". */
jf_status jf_search_law(const jf_search_space *space, const jf_table *table, uint64_t terms, jf_law **out,
                        jf_error *err);
void jf_search_space_clear(jf_search_space *space);

typedef struct jf_search_setup {
    const jf_table *table;
    const size_t *rows;
    size_t n_rows;
    const jf_groups *groups;
    const char *plan;      /* that scores laws during a search */
    jf_plan *const *outer; /* on whose splits the search is redone */
    size_t n_outer;
    const int32_t *const *levels; /* as jf_plan_data */
    size_t n_levels;
    const jf_fit_options *options;
    const struct jf_stages *stages; /* whose columns hold, inside an outer split, what its training part
                                       predicts; or NULL */
} jf_search_setup;

/* Searches on all rows and inside the training part of every outer split, fills `out` (but for candidate and
 * nested_score) and gives the law of every split: split_terms[plan][split], 0 where none was found. The
 * result does not depend on the number of threads. `space` is bound to the rows, and moved into out. */
jf_status jf_search_run(jf_search_space *space, const jf_search_setup *setup, jf_search *out, jf_error *err);
/* "log(C) + log(M) + r[strategy]"; "1" for the intercept alone. Freed with jf_free, NULL when memory ran out.
 */
char *jf_search_words(const jf_search_space *space, uint64_t terms);
struct json_t *jf_search_to_json(const jf_comparison *comparison);
void jf_search_free(jf_search *search);

#endif
