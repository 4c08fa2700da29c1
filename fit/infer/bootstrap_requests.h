/* Tied parameters, derived quantities and joint tests over the refits of a bootstrap. */
#ifndef JF_FIT_INFER_BOOTSTRAP_REQUESTS_H
#define JF_FIT_INFER_BOOTSTRAP_REQUESTS_H

#include "fit/fit_parts.h"
#include "fit/infer/bootstrap.h"

/* Turns refits of parameters into refits of estimates (tied ones too), then of derived quantities, then of
 * the distances that the statements of --test speak of. */
jf_status jf_bootstrap_widen(jf_fit_work *work, jf_bootstrap *bootstrap);
/* Fills set->test_p: the share of refits that are farther from the fit than the fit is from the statements,
 * by the covariance of the refits: (1 + count) / (1 + refits) (Davison and Hinkley 1997, section 4.4). NaN
 * where a statement has no distance. `bootstrap` was widened. */
jf_status jf_bootstrap_test(jf_fit_work *work, const jf_bootstrap *bootstrap, jf_interval_set *set);

#endif
