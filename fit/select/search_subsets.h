/* Inside a search: the design of all terms, and the best subset on given splits. */
#ifndef JF_FIT_SELECT_SEARCH_SUBSETS_H
#define JF_FIT_SELECT_SEARCH_SUBSETS_H

#include "fit/select/search.h"

/* The intercept, the columns of every term and, last, the response, for all rows: centred at their means and
 * scaled to length one (the intercept is all ones), which changes no prediction and keeps products small. */
typedef struct jf_search_design {
    const jf_search_space *space;
    size_t n, width;     /* rows; columns with intercept and response */
    double *values;      /* n x width, row-major */
    double *root_weight; /* n, or NULL */
    double response_scale;
} jf_search_design;

jf_status jf_search_design_new(jf_search_space *space, jf_search_design *out, jf_error *err);
/* The same layout over other values: terms with inputs[t] read those, for the rows `index` (places) alone;
 * other rows are zero. */
jf_status jf_search_design_staged(const jf_search_design *base, jf_inputs *const *inputs, const size_t *index,
                                  size_t n, jf_search_design *out, jf_error *err);
void jf_search_design_clear(jf_search_design *design);

/* The products of one split's columns: all that a subset's fit and its test error need. */
typedef struct jf_search_products {
    double *train, *test; /* width x width; the upper triangle */
    size_t n_train;
    double test_weight; /* rows that test, by their weights */
    double ratio;       /* units that test by units that train */
} jf_search_products;

/* Rows are places in the design. */
jf_status jf_search_products_new(const jf_search_design *design, const size_t *train, size_t n_train,
                                 const size_t *test, size_t n_test, double ratio, jf_search_products *out,
                                 jf_error *err);
void jf_search_products_free(jf_search_products *products, size_t n);

/* The best subset by the median over splits of the root mean square test error on the response's scale: among
 * the laws within one corrected standard error of the lowest, the one with the fewest parameters. `out`:
 * space, exhaustive, n_laws, chosen and top are filled. chosen.score is NaN when no law could be used on all
 * splits. */
jf_status jf_search_subsets(const jf_search_design *design, const jf_search_products *splits, size_t n_splits,
                            jf_search *out, jf_error *err);
/* Parameters of a law, the intercept counted. */
size_t jf_search_size(const jf_search_space *space, uint64_t terms);

#endif
