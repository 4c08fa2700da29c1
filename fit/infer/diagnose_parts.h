/* The parts of jf_fit_diagnose; each fills its members of work->fit->diagnostics. */
#ifndef JF_FIT_INFER_DIAGNOSE_PARTS_H
#define JF_FIT_INFER_DIAGNOSE_PARTS_H

#include "fit/fit_parts.h"

jf_status jf_test_residuals(jf_fit_work *work);     /* residual_tests.c */
jf_status jf_judge_repeats(jf_fit_work *work);      /* repeats.c */
jf_status jf_compare_regressors(jf_fit_work *work); /* regressors.c */
double jf_p_of_f(double statistic, double df1, double df2);

#endif
