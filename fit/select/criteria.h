/* Information criteria of several laws side by side: differences and weights, or why there are none. */
#ifndef JF_FIT_SELECT_CRITERIA_H
#define JF_FIT_SELECT_CRITERIA_H

#include "fit/select/compare.h"

/* Fills delta_aic, delta_aicc, delta_bic and akaike_weight of the candidates. The smallest is taken among the
 * laws that read nothing post-run (among all, when every law does): those know the answer in part, stand
 * beside the others with negative differences, and get no weight. A fit without criteria (a robust loss) or
 * on other rows than the first is left out with the warning W_NO_CRITERIA. */
void jf_criteria_compare(jf_candidate *candidates, size_t n, jf_warnings *warnings);

#endif
