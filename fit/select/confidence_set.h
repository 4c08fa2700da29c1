/* The model confidence set and how often each law would be chosen, by resampling groups of out-of-fold
 * losses. */
#ifndef JF_FIT_SELECT_CONFIDENCE_SET_H
#define JF_FIT_SELECT_CONFIDENCE_SET_H

#include <stdint.h>
#include "core/error.h"

/* `loss`: n_groups x n_laws, row-major, each law's mean loss on each group, finite; losses of laws that were
 * held out together, so that groups are alike but for sampling. Refits are not repeated: what varies is which
 * groups were measured.
 *
 * p_value[law]: the model confidence set p-value of Hansen, Lunde and Nason (Econometrica 79, 2011, section
 * 2.1.2; T_max with bootstrap variances): laws with p >= alpha form the set that holds the best law with
 * probability 1 - alpha. frequency[law]: share of `draws` resamples of groups in which it has the smallest
 * mean loss (ties: the first). */
jf_status jf_confidence_set(const double *loss, size_t n_groups, size_t n_laws, size_t draws, uint64_t seed,
                            double *p_value, double *frequency, jf_error *err);

#endif
