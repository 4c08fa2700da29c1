/* Deals the groups of a training part into inner folds, refits without each, and reads intervals off. */
#include "fit/select/calibrate.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "fit/select/conformal.h"

enum { CV_FOLDS = 5, SPLIT_SHARE = 5 }; /* folds of CV+; one group in so many is set apart by a split */

typedef struct inner {
    const jf_calibrate_setup *setup;
    const jf_refit *refit;
    const size_t *train, *test;
    size_t n_train, n_test;
    size_t *rows_of_unit;     /* n_units: training rows of each */
    size_t *fold;             /* n_units: fold of each unit that trains; n_folds: in none (never left out) */
    size_t *inside, *outside; /* n_train: scratch */
    double *centre;           /* n_test x n_folds: each inner fit's prediction */
    jf_calibration_part parts[CV_FOLDS];
    jf_calibration calibration;
} inner;

size_t jf_calibration_groups(jf_interval_kind kind, size_t n_train_units)
{
    if (kind == JF_INTERVAL_NONE) return 0;
    return kind == JF_INTERVAL_CV ? n_train_units : (n_train_units + SPLIT_SHARE - 1) / SPLIT_SHARE;
}

/* Deals the training units to folds in random order. */
static jf_status deal(inner *in, size_t n_folds, jf_error *err)
{
    size_t n_units = in->setup->n_units, n = 0, left_out;
    size_t *order = JF_NEW_ARRAY(size_t, n_units + 1);
    jf_stream stream = in->setup->stream;

    if (!order) return jf_fail(err, JF_ENOMEM, "out of memory for an interval");
    for (size_t i = 0; i < in->n_train; i++) in->rows_of_unit[in->setup->unit[in->train[i]]]++;
    for (size_t u = 0; u < n_units; u++)
        if (in->rows_of_unit[u] > 0) order[n++] = u;
    jf_stream_shuffle(&stream, order, n);
    left_out = jf_calibration_groups(in->setup->kind, n);
    for (size_t i = 0; i < n; i++) in->fold[order[i]] = i < left_out ? i % n_folds : n_folds;
    in->calibration.n_groups = left_out;
    jf_free(order);
    return JF_OK;
}

/* Refits without fold k; its rows' residuals become a part, its predictions of the test rows column k. */
static jf_status run_fold(inner *in, size_t k, jf_error *err)
{
    const jf_problem *whole = in->refit->law->whole;
    jf_calibration_part *part = &in->parts[k];
    jf_status status = JF_OK;
    jf_refit refit = {0};
    size_t n_inside = 0, n_outside = 0, n_folds = in->calibration.n_parts;
    double *at_test = JF_NEW_ARRAY(double, in->n_test + 1);

    JF_TRY_NEW(at_test, err, "an interval");
    for (size_t i = 0; i < in->n_train; i++)
        if (in->fold[in->setup->unit[in->train[i]]] == k)
            in->outside[n_outside++] = in->train[i];
        else
            in->inside[n_inside++] = in->train[i];
    part->residual = JF_NEW_ARRAY(double, n_outside + 1);
    part->weight = JF_NEW_ARRAY(double, n_outside + 1);
    JF_TRY_NEW(part->residual, err, "an interval");
    JF_TRY_NEW(part->weight, err, "an interval");
    part->above = JF_NEW_ARRAY(double, n_outside + 1);
    JF_TRY_NEW(part->above, err, "an interval");
    part->n = n_outside;
    JF_TRY(jf_refit_run(in->refit->law, in->inside, n_inside, in->refit->theta, &refit, err));
    JF_TRY(jf_refit_predict(&refit, in->outside, n_outside, part->residual, err));
    JF_TRY(jf_refit_predict(&refit, in->test, in->n_test, at_test, err));
    for (size_t i = 0; i < n_outside; i++) {
        double residual = fabs(whole->response[in->outside[i]] - part->residual[i]);
        part->residual[i] = isnan(residual) ? INFINITY : residual;
        part->weight[i] = 1 / (double)in->rows_of_unit[in->setup->unit[in->outside[i]]];
    }
    for (size_t i = 0; i < in->n_test; i++) in->centre[i * n_folds + k] = at_test[i];
    jf_calibration_sort(part);
done:
    jf_free(at_test);
    jf_refit_clear(&refit);
    return status;
}

static void inner_clear(inner *in)
{
    for (size_t k = 0; k < CV_FOLDS; k++) {
        jf_free(in->parts[k].residual);
        jf_free(in->parts[k].weight);
        jf_free(in->parts[k].above);
    }
    jf_free(in->rows_of_unit);
    jf_free(in->fold);
    jf_free(in->inside);
    jf_free(in->outside);
    jf_free(in->centre);
}

static size_t count_units(const jf_calibrate_setup *setup, const size_t *train, size_t n_train, bool *seen)
{
    size_t n = 0;

    for (size_t i = 0; i < n_train; i++)
        if (!seen[setup->unit[train[i]]]) {
            seen[setup->unit[train[i]]] = true;
            n++;
        }
    return n;
}

static jf_status run_inner(inner *in, double *low, double *high, jf_error *err)
{
    size_t n_folds = in->setup->kind == JF_INTERVAL_CV ? CV_FOLDS : 1;
    jf_status status = JF_OK;

    in->calibration.parts = in->parts;
    in->calibration.n_parts = n_folds;
    in->rows_of_unit = JF_NEW_ZEROED(size_t, in->setup->n_units + 1);
    in->fold = JF_NEW_ZEROED(size_t, in->setup->n_units + 1);
    in->inside = JF_NEW_ARRAY(size_t, in->n_train + 1);
    in->outside = JF_NEW_ARRAY(size_t, in->n_train + 1);
    in->centre = JF_NEW_ARRAY(double, in->n_test *n_folds + 1);
    JF_TRY_NEW(in->rows_of_unit, err, "an interval");
    JF_TRY_NEW(in->fold, err, "an interval");
    JF_TRY_NEW(in->inside, err, "an interval");
    JF_TRY_NEW(in->outside, err, "an interval");
    JF_TRY_NEW(in->centre, err, "an interval");
    JF_TRY(deal(in, n_folds, err));
    for (size_t k = 0; k < n_folds; k++) JF_TRY(run_fold(in, k, err));
    jf_conformal_intervals(&in->calibration, in->centre, in->n_test, in->setup->alpha, low, high);
done:
    return status;
}

jf_status jf_calibrate(const jf_calibrate_setup *setup, const jf_refit *refit, const size_t *train,
                       size_t n_train, const size_t *test, size_t n_test, double *low, double *high,
                       jf_error *err)
{
    inner in = {
        .setup = setup, .refit = refit, .train = train, .test = test, .n_train = n_train, .n_test = n_test};
    bool *seen = JF_NEW_ZEROED(bool, setup->n_units + 1);
    jf_status status = JF_OK;
    size_t n_groups;

    JF_TRY_NEW(seen, err, "an interval");
    n_groups = jf_calibration_groups(setup->kind, count_units(setup, train, n_train, seen));
    for (size_t i = 0; i < n_test; i++) {
        low[i] = -INFINITY;
        high[i] = INFINITY;
    }
    if (jf_conformal_groups_missing(n_groups, setup->alpha) == 0) JF_TRY(run_inner(&in, low, high, err));
done:
    jf_free(seen);
    inner_clear(&in);
    return status;
}
