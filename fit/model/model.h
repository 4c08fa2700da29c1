/* A fitted law without its data: what a model file holds, and predictions from it. */
#ifndef JF_FIT_MODEL_H
#define JF_FIT_MODEL_H

#include <jansson.h>
#include "fit/fit.h"

/* One input column as the fit saw it: what curves hold fixed and how far a new row is outside. */
typedef struct jf_model_input {
    char *name, *unit;
    bool is_label;
    double low, high, median; /* of a number */
    char **levels;            /* of a label, those that occurred */
    size_t n_levels;
    char *usual; /* the most frequent level */
} jf_model_input;

/* Where the numeric inputs of the runs lay: for Mahalanobis distances. */
typedef struct jf_model_spread {
    size_t n;        /* inputs that changed */
    size_t *input;   /* n: which of jf_model.inputs */
    bool *logs;      /* n: by the logarithm (all values were positive) */
    double *centre;  /* n */
    double *inverse; /* n x n: inverse covariance */
    double farthest; /* of the runs themselves */
} jf_model_spread;

typedef struct jf_model {
    char *law_text; /* the law as the user typed it */
    char *formula;  /* as it was fitted: error kind, ties and maps worked in */
    char *response; /* left side as it was fitted: "log(energy)" */
    char *raw_response, *response_unit;
    jf_error_kind error;
    char **names; /* k parameters of `formula` */
    double *values;
    size_t k;
    double *covariance; /* k x k, zeros for what was held */
    double *null;       /* k x n_null, column-major: directions that the data left open */
    size_t n_null;
    double *learned;
    size_t n_learned;
    double sigma, level;
    double t_df; /* of intervals; infinite: normal */
    size_t df;
    jf_model_input *inputs;
    size_t n_inputs;
    double smearing; /* laws of the logarithm: mean of observed / predicted, from median to mean; else NaN */
    jf_model_spread spread;
    jf_conformal *conformal; /* NULL: none was kept */
} jf_model;

jf_status jf_model_of_fit(const jf_fit *fit, jf_model **out, jf_error *err);
/* From the object of a fit (jf_fit_to_json). JF_EDATA for a damaged one. */
jf_status jf_model_of_json(const json_t *json, jf_model **out, jf_error *err);
/* The part of a fit's object that jf_model_of_json reads; NULL when memory ran out. */
json_t *jf_model_to_json(const jf_model *model);
void jf_model_free(jf_model *model);

/* For rows (NULL: all) of a table that has the inputs: prediction, standard error of the mean, on the law's
 * scale; raw prediction (median for log laws) with the band of the mean and the interval of a new run at
 * model->level. Outputs may be NULL. NaN where an input is missing or a level was never seen. */
typedef struct jf_model_prediction {
    double *value, *error;                           /* law's scale */
    double *raw, *mean_low, *mean_high, *low, *high; /* raw scale */
} jf_model_prediction;
/* Duan's smearing factor (1983) turns the median into the mean: model->smearing * raw. */
jf_status jf_model_predict(const jf_model *model, const jf_table *table, const size_t *rows, size_t n_rows,
                           const jf_model_prediction *out, jf_error *err);
/* Conformal intervals of new runs at `level`, raw scale: model->conformal is there. Infinite where there are
 * too few groups (jf_conformal_groups_missing) or a part cannot predict the row. */
jf_status jf_model_conformal(const jf_model *model, const jf_table *table, const size_t *rows, size_t n_rows,
                             double level, double *low, double *high, jf_error *err);
/* Mahalanobis distance of a row from the runs, in the numeric inputs (logarithms of positive ones); NaN where
 * one is missing, infinite where the logarithm of one does not exist. */
double jf_model_mahalanobis(const jf_model *model, const jf_table *table, size_t row);

#endif
