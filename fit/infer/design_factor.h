/* From the rows of a design to its factors. */
#ifndef JF_FIT_INFER_DESIGN_FACTOR_H
#define JF_FIT_INFER_DESIGN_FACTOR_H

#include "fit/infer/covariance.h"

/* Fills length and spread; JF_EFIT where a derivative is not finite. */
jf_status jf_design_measure(jf_design *design, jf_error *err);
/* Fills rank, order, first and second from the scaled rows. By normal equations where the columns are well
 * told apart, else by blocks of Householder QR with pivoting: then `*pivoted` (p x p, column-major, freed by
 * the caller) is the triangle whose leading rank x rank part is `first`; else NULL. */
jf_status jf_design_factor(jf_design *design, double **pivoted, jf_error *err);

#endif
