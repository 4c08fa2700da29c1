/* Intervals inside one training part: inner refits by group, their residuals, and the intervals they give. */
#ifndef JF_FIT_SELECT_CALIBRATE_H
#define JF_FIT_SELECT_CALIBRATE_H

#include "core/stream.h"
#include "fit/select/compare.h"
#include "fit/select/refit.h"

typedef struct jf_calibrate_setup {
    jf_interval_kind kind; /* CV: five inner folds of groups; SPLIT: a fifth of the groups set apart */
    double alpha;          /* 1 - level */
    const size_t *unit;    /* of every row of the law: its group, or itself */
    size_t n_units;        /* unit[i] < n_units */
    jf_stream stream;      /* deals the groups out: the same for every law */
} jf_calibrate_setup;

/* Calibration groups that a training part with so many groups has. */
size_t jf_calibration_groups(jf_interval_kind kind, size_t n_train_units);

/* Intervals on the law's scale at the rows `test`, from refits inside `train` (indices into the law's rows)
 * that start at `refit`'s parameters. Infinite everywhere, at no cost, when there are too few groups. */
jf_status jf_calibrate(const jf_calibrate_setup *setup, const jf_refit *refit, const size_t *train,
                       size_t n_train, const size_t *test, size_t n_test, double *low, double *high,
                       jf_error *err);

#endif
