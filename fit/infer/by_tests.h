/* Tests that the fits of levels are one. */
#ifndef JF_FIT_INFER_BY_TESTS_H
#define JF_FIT_INFER_BY_TESTS_H

#include "fit/fit_parts.h"

/* Fills the tests of work->fit->by; `pooled` is the fit to the rows of all levels that were fitted. */
jf_status jf_by_test(jf_fit_work *work, const jf_fit *pooled);

#endif
