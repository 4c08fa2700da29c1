/* Conformal prediction intervals that count groups, by cross-validation (CV+) or a split-off part. */
#ifndef JF_FIT_SELECT_CONFORMAL_H
#define JF_FIT_SELECT_CONFORMAL_H

#include <stddef.h>

/* The rows that one inner fit has not seen: absolute residuals with weights 1/(rows of the group), ascending.
 * A row that the inner fit cannot predict has an infinite residual. */
typedef struct jf_calibration_part {
    double *residual, *weight; /* n each */
    double *above;             /* n + 1: weight from here to the end; jf_calibration_sort fills it */
    size_t n;
} jf_calibration_part;

enum { JF_MAX_CALIBRATION_PARTS = 32 };

/* CV+ has a part for each inner fold; split conformal has one. */
typedef struct jf_calibration {
    jf_calibration_part *parts;
    size_t n_parts;
    size_t n_groups; /* in all parts; each counts 1/(n_groups + 1), and a new group the same */
} jf_calibration;

/* Sorts a part's residuals, weights along, and sums the weights. */
void jf_calibration_sort(jf_calibration_part *part);

/* Intervals of n new runs; `centre` is n x n_parts, row-major: what each inner fit predicts (NaN: cannot).
 * Each is the widest that leaves weight alpha outside on each side (Barber, Candes, Ramdas and Tibshirani,
 * Annals of Statistics 49, 2021, section 1.3; with weights by group). It covers with probability 1 - 2 alpha
 * at least (CV+; split: 1 - alpha) and in practice about 1 - alpha. Infinite when alpha (n_groups + 1) < 1.
 */
void jf_conformal_intervals(const jf_calibration *calibration, const double *centre, size_t n, double alpha,
                            double *low, double *high);

/* Groups that are still missing for a finite interval: ceil(1/alpha - 1) - n_groups, or 0. */
size_t jf_conformal_groups_missing(size_t n_groups, double alpha);

#endif
