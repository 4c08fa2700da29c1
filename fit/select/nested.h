/* Is one fitted law a special case of another? */
#ifndef JF_FIT_SELECT_NESTED_H
#define JF_FIT_SELECT_NESTED_H

#include "fit/fit.h"

/* How it was decided, on the rows of the fits. */
typedef enum jf_nesting {
    JF_NOT_NESTED,   /* or it cannot be seen */
    JF_NESTED_SPAN,  /* both linear: the columns of the small law lie in the span of the large one's */
    JF_NESTED_CURVE, /* the large law reaches the small one's predictions, at its fit and at two points beside
                        it, and there its derivatives span those of the small law */
    JF_NESTED_AT_EDGE, /* the large law reaches them only at a bound, or where one of its parameters changes
                          nothing: the distribution of F and likelihood ratio is not the usual one there */
    JF_N_NESTINGS
} jf_nesting;
extern const char *const jf_nesting_names[JF_N_NESTINGS]; /* "none", "span", "curve", "edge" */

enum { JF_NESTED_MOST_ROWS = 20000 }; /* more are not looked through for laws that are not linear */

/* Is `small` what `large` becomes when some of its parameters are fixed or tied? Looked for between
 * least-squares fits that converged, of one response on the same rows, `large` with more parameters and (for
 * laws that are not linear) reading every column that `small` reads. */
jf_status jf_fit_nesting(const jf_fit *small, const jf_fit *large, jf_nesting *out, jf_error *err);

#endif
