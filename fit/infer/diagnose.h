/* Diagnostics of a fit: tests of its residuals, of its form, and against repeated runs. */
#ifndef JF_FIT_INFER_DIAGNOSE_H
#define JF_FIT_INFER_DIAGNOSE_H

#include "fit/fit_parts.h"

/* Of row i of the fit; NaN where the row's leverage is one. Cook 1977: how far the estimates move without the
 * row, in units of their covariance. Studentised (externally): the residual in units of the error that the
 * other rows tell. */
double jf_row_cook(const jf_fit *fit, size_t i);
double jf_row_studentised(const jf_fit *fit, size_t i);

#endif
