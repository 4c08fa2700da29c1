/* The columns that predict adds to a table of runs. */
#ifndef JF_CLI_PREDICTIONS_H
#define JF_CLI_PREDICTIONS_H

#include "core/warnings.h"
#include "data/table.h"
#include "fit/model/model.h"

/* What `low` and `high` are: of a new run with normal errors; of the mean, which is mean_low and mean_high,
 * and no more; or of a new run by the model's calibration. */
typedef enum jf_predict_interval {
    JF_PREDICT_NEW,
    JF_PREDICT_MEAN,
    JF_PREDICT_CONFORMAL
} jf_predict_interval;
extern const char *const jf_predict_interval_names[];

/* Adds predicted (a median for laws of the logarithm), mean_low, mean_high, low, high, distance (how far
 * beyond the range of an input, in log units or ranges), inside, mahalanobis (how far from the runs in all
 * numeric inputs together), and for laws of the logarithm smeared_mean. JF_EDATA: a table without the inputs;
 * JF_EUSAGE: conformal intervals from a model that keeps no calibration. */
jf_status jf_predictions_add(const jf_model *model, jf_predict_interval interval, jf_table *table,
                             jf_warnings *warnings, jf_error *err);

#endif
