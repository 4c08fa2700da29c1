/* Predictions, intervals and distances as columns. */
#include "cli/predictions.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "fit/select/conformal.h"

const char *const jf_predict_interval_names[] = {"new", "mean", "conformal", NULL};

enum { PREDICTED, MEAN_LOW, MEAN_HIGH, LOW, HIGH, DISTANCE, INSIDE, MAHALANOBIS, SMEARED, N_ADDED };
static const char *const added_names[N_ADDED] = {
    "predicted", "mean_low", "mean_high", "low", "high", "distance", "inside", "mahalanobis", "smeared_mean"};

/* ---- distances ---- */

/* How far a value lies outside the runs that the law saw: in log units where both ends are positive, else in
 * widths of their range; 0 inside. A level never seen is infinitely far, a missing value NaN. */
static double input_distance(const jf_model_input *input, const jf_column *column, size_t row)
{
    double value, nearest;

    if (input->is_label) {
        if (column->kind != JF_LABEL || column->codes[row] < 0) return NAN;
        for (size_t i = 0; i < input->n_levels; i++)
            if (strcmp(input->levels[i], column->levels[column->codes[row]]) == 0) return 0;
        return INFINITY;
    }
    if (column->kind != JF_NUMERIC || isnan(column->values[row])) return NAN;
    value = column->values[row];
    if (value >= input->low && value <= input->high) return 0;
    nearest = value < input->low ? input->low : input->high;
    if (value > 0 && nearest > 0) return fabs(log(value / nearest));
    return input->high > input->low ? fabs(value - nearest) / (input->high - input->low) : INFINITY;
}

/* The farthest of all inputs. */
static double row_distance(const jf_model *model, const jf_table *table, size_t row)
{
    double farthest = 0;

    for (size_t i = 0; i < model->n_inputs; i++) {
        const jf_column *column = jf_table_find(table, model->inputs[i].name);
        double distance = column ? input_distance(&model->inputs[i], column, row) : NAN;
        if (isnan(distance)) return NAN;
        if (distance > farthest) farthest = distance;
    }
    return farthest;
}

/* A row is inside where every input lies in its range and their combination no farther out than a run's. */
static void fill_distances(const jf_model *model, const jf_table *table, double *values[N_ADDED])
{
    for (size_t row = 0; row < table->n_rows; row++) {
        double distance = row_distance(model, table, row), joint = jf_model_mahalanobis(model, table, row);
        bool inside = distance == 0 && !(joint > model->spread.farthest * (1 + 1e-9));

        values[DISTANCE][row] = distance;
        values[MAHALANOBIS][row] = joint;
        values[INSIDE][row] = isnan(distance) ? NAN : inside;
    }
}

/* ---- warnings ---- */

/* Says which input of the first row without a prediction is to blame. */
static void warn_of_gaps(const jf_model *model, const jf_table *table, const double *predicted,
                         jf_warnings *warnings)
{
    size_t n_gaps = 0, first = 0;
    char why[256] = "the law is not defined there";

    for (size_t row = table->n_rows; row-- > 0;)
        if (isnan(predicted[row])) first = row, n_gaps++;
    if (n_gaps == 0) return;
    for (size_t i = 0; i < model->n_inputs; i++) {
        const jf_model_input *input = &model->inputs[i];
        const jf_column *column = jf_table_find(table, input->name);
        double distance = column ? input_distance(input, column, first) : NAN;
        if (isnan(distance)) snprintf(why, sizeof why, "'%s' is missing", input->name);
        if (input->is_label && isinf(distance))
            snprintf(why, sizeof why, "the law never saw %s \"%s\"", input->name,
                     column->levels[column->codes[first]]);
    }
    jf_warn(warnings, "W_NO_PREDICTION", "%zu of %zu rows have no prediction; in the first of them %s",
            n_gaps, table->n_rows, why);
}

static void warn_of_distance(const jf_table *table, double *const values[N_ADDED], jf_warnings *warnings)
{
    size_t n_outside = 0, n_joint = 0;

    for (size_t row = 0; row < table->n_rows; row++) {
        if (isnan(values[PREDICTED][row]) || values[INSIDE][row] != 0) continue;
        n_outside++;
        n_joint += values[DISTANCE][row] == 0;
    }
    if (n_outside)
        jf_warn(warnings, "W_EXTRAPOLATION",
                "%zu of %zu predictions lie outside the runs that the law was fitted on%s", n_outside,
                table->n_rows,
                n_joint == 0 ? ""
                : n_joint == n_outside
                    ? ": each input is in its range, but no run had them together like this"
                    : ", some only in how their inputs go together");
}

static void warn_of_groups(const jf_model *model, jf_warnings *warnings)
{
    const jf_conformal *c = model->conformal;
    size_t missing = jf_conformal_groups_missing(c->n_groups, 1 - model->level);

    if (missing)
        jf_warn(warnings, "W_CONFORMAL_FEW",
                "conformal intervals at %g %% are infinite with %zu calibration %s: %zu more are needed",
                100 * model->level, c->n_groups, c->grouped ? "groups" : "rows", missing);
}

/* ---- columns ---- */

static bool is_left_out(const jf_model *model, jf_predict_interval interval, int column)
{
    if (column == SMEARED) return isnan(model->smearing);
    return interval == JF_PREDICT_MEAN && (column == LOW || column == HIGH);
}

static jf_status add_columns(const jf_model *model, jf_predict_interval interval, double *values[N_ADDED],
                             jf_table *table, jf_error *err)
{
    jf_status status = JF_OK;
    jf_column column = {0};

    for (int i = 0; i < N_ADDED; i++) {
        if (is_left_out(model, interval, i)) continue;
        column = (jf_column){.name = jf_copy_text(added_names[i]), .kind = JF_NUMERIC, .values = values[i]};
        values[i] = NULL;
        if ((i < DISTANCE || i == SMEARED) && model->response_unit)
            snprintf(column.unit, sizeof column.unit, "%s", model->response_unit);
        JF_TRY_NEW(column.name, err, "predictions");
        JF_TRY(jf_table_add(table, &column, false, err));
    }
done:
    jf_column_clear(&column);
    return status;
}

jf_status jf_predictions_add(const jf_model *model, jf_predict_interval interval, jf_table *table,
                             jf_warnings *warnings, jf_error *err)
{
    jf_status status = JF_OK;
    double *values[N_ADDED] = {0};
    size_t n = table->n_rows;

    if (interval == JF_PREDICT_CONFORMAL && !model->conformal)
        return jf_fail(
            err, JF_EUSAGE,
            "--interval conformal: the model keeps no calibration; 'fit --save' with --conformal cv or split "
            "makes one");
    for (int i = 0; i < N_ADDED; i++) {
        values[i] = JF_NEW_ARRAY(double, n);
        JF_TRY_NEW(values[i], err, "predictions");
    }
    jf_model_prediction out = {.raw = values[PREDICTED],
                               .mean_low = values[MEAN_LOW],
                               .mean_high = values[MEAN_HIGH],
                               .low = values[LOW],
                               .high = values[HIGH]};
    JF_TRY(jf_model_predict(model, table, NULL, n, &out, err));
    if (interval == JF_PREDICT_CONFORMAL) {
        JF_TRY(jf_model_conformal(model, table, NULL, n, model->level, values[LOW], values[HIGH], err));
        warn_of_groups(model, warnings);
    }
    for (size_t row = 0; row < n; row++) values[SMEARED][row] = model->smearing * values[PREDICTED][row];
    fill_distances(model, table, values);
    warn_of_gaps(model, table, values[PREDICTED], warnings);
    warn_of_distance(table, values, warnings);
    JF_TRY(add_columns(model, interval, values, table, err));
done:
    for (int i = 0; i < N_ADDED; i++) jf_free(values[i]);
    return status;
}
