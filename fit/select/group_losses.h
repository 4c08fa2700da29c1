/* Out-of-fold losses by group: what resampling of groups works on. */
#ifndef JF_FIT_SELECT_GROUP_LOSSES_H
#define JF_FIT_SELECT_GROUP_LOSSES_H

#include "fit/select/compare.h"

/* (Weighted) mean squared error of log y (of y where a measurement is not positive) of each law on each group
 * (row, where the plan goes by rows) over the splits of plan `plan` with counts[split], out of fold. `laws`:
 * n_laws candidates that could be used on all these splits. *loss: n_units x n_laws, row-major, for the units
 * tested at least once; infinite where a prediction makes no sense. */
jf_status jf_group_losses(const jf_comparison *comparison, size_t plan, const bool *counts,
                          const size_t *laws, size_t n_laws, const jf_groups *groups, double **loss,
                          size_t *n_units, jf_error *err);

#endif
