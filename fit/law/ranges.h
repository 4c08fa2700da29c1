/* Where to look for parameters about which nothing was said: from the data and the formula's shape. */
#ifndef JF_FIT_RANGES_H
#define JF_FIT_RANGES_H

#include <stdbool.h>
#include "core/expr/formula.h"

typedef struct jf_range {
    double low, high;
    bool log; /* spread evenly in the logarithm */
} jf_range;

/* Fills ranges[s] for every slot of `bound` whose `low` is NaN; those that are known help to find the others.
 * The formula should come to values from `low` to `high` on these rows. Exponents and slopes of logarithms
 * lie between -2 and 2, rates so that what they multiply stays within a few units, shifts within the data,
 * factors so that the size of the response comes out. Ranges are finite and not empty. */
void jf_ranges_guess(const jf_ast *formula, const jf_formula *bound, const jf_columns *columns,
                     const size_t *rows, size_t n_rows, double low, double high, jf_range *ranges);

#endif
