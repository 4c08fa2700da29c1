/* Quantities made of parameters ("ratio = a/(a + b)"): values and exact gradients. */
#ifndef JF_FIT_INFER_DERIVE_H
#define JF_FIT_INFER_DERIVE_H

#include "core/expr/formula.h"
#include "fit/law/law.h"

/* Value of `ast` at `theta` (the parameters of `formula`) and its gradient (n_parameters). Names are
 * parameters, as `a` or `h[TP]`, or tied ones of `law`; with `level` not NULL, bare names of level parameters
 * mean that level. `what` opens messages. JF_EUSAGE for a name that is no parameter. */
jf_status jf_derive(const char *what, const jf_ast *ast, const jf_law *law, const jf_formula *formula,
                    const double *theta, const char *brackets, double *value, double *gradient,
                    jf_error *err);
/* gradient' covariance gradient, skipping zero entries so that NaN elsewhere does no harm. */
double jf_quadratic(const double *gradient, const double *covariance, size_t n);

#endif
