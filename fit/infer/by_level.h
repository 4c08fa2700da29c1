/* One law at each level of a column against one law for all (--by). */
#ifndef JF_FIT_INFER_BY_LEVEL_H
#define JF_FIT_INFER_BY_LEVEL_H

#include "fit/fit_parts.h"

/* Fills work->fit->by: a fit to the rows of each level, and the tests that they are the same (Chow 1960).
 * With groups the levels' covariances are clustered over all levels at once, since a group may have rows at
 * several. JF_EUSAGE: no such column, a law that has a parameter for each of its levels already; JF_EDATA: a
 * single level, or more than 50. */
jf_status jf_by_add(jf_fit_work *work);
void jf_by_clear(jf_by *by);

#endif
