/* Decides, kind by kind, which rows train and which test. */
#include "core/summary.h"
#include "fit/select/plan_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/expr/evaluate.h"
#include "core/memory.h"

enum { MAX_REDRAWS = 100 };

static void sides_of_first(jf_drawing *drawing, const size_t *order, size_t n_test)
{
    bool *tests = drawing->unit_tests;

    memset(tests, 0, drawing->n_units * sizeof *tests);
    for (size_t i = 0; i < n_test; i++) tests[order[i]] = true;
    for (size_t i = 0; i < drawing->data->n_rows; i++)
        drawing->sides[i] = tests[drawing->unit[i]] ? JF_TEST : JF_TRAIN;
}

jf_status jf_draw_grouped(jf_drawing *drawing, jf_error *err)
{
    const jf_plan_request *request = drawing->request;
    /* the small step back keeps 0.1 * 30 from becoming 4 by rounding */
    size_t n_test = (size_t)ceil(request->test * (double)drawing->n_units - 1e-9);
    jf_status status = JF_OK;
    size_t *order = NULL;

    if (n_test >= drawing->n_units)
        return jf_fail(err, JF_EDATA, "plan '%s': %zu of %zu %s would be held out and none be left to train",
                       request->text, n_test, drawing->n_units, drawing->plan->by_rows ? "rows" : "groups");
    for (size_t split = 0; split < request->repeats; split++) {
        jf_stream stream = jf_plan_stream_of(drawing, split);
        order = jf_plan_shuffled_units(drawing, &stream);
        JF_TRY_NEW(order, err, "a split");
        sides_of_first(drawing, order, n_test);
        for (int again = 0; again < MAX_REDRAWS && jf_plan_lacks_level(drawing, drawing->sides); again++) {
            jf_stream_shuffle(&stream, order, drawing->n_units);
            sides_of_first(drawing, order, n_test);
            drawing->plan->redrawn++;
        }
        JF_TRY(jf_plan_add_split(drawing, jf_plan_split_name("draw %zu", split + 1), err));
        jf_free(order);
        order = NULL;
    }
done:
    jf_free(order);
    return status;
}

static jf_status draw_folds(jf_drawing *drawing, size_t n_folds, const size_t *fold_of_unit,
                            const char *repeat, jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t fold = 0; fold < n_folds; fold++) {
        for (size_t i = 0; i < drawing->data->n_rows; i++)
            drawing->sides[i] = fold_of_unit[drawing->unit[i]] == fold ? JF_TEST : JF_TRAIN;
        JF_TRY(jf_plan_add_split(drawing, jf_plan_split_name("fold %zu%s", fold + 1, repeat), err));
    }
done:
    return status;
}

jf_status jf_draw_kfold(jf_drawing *drawing, jf_error *err)
{
    const jf_plan_request *request = drawing->request;
    jf_status status = JF_OK;
    size_t *order = NULL, *fold = JF_NEW_ARRAY(size_t, drawing->n_units);
    char repeat[32] = "";

    JF_TRY_NEW(fold, err, "folds");
    if (request->folds > drawing->n_units)
        JF_TRY(jf_fail(err, JF_EDATA, "plan '%s': %zu folds, but there are only %zu %s", request->text,
                       request->folds, drawing->n_units, drawing->plan->by_rows ? "rows" : "groups"));
    for (size_t r = 0; r < request->repeats; r++) {
        jf_stream stream = jf_plan_stream_of(drawing, r);
        jf_free(order);
        order = jf_plan_shuffled_units(drawing, &stream);
        JF_TRY_NEW(order, err, "folds");
        for (size_t i = 0; i < drawing->n_units; i++) fold[order[i]] = i % request->folds;
        if (request->repeats > 1) snprintf(repeat, sizeof repeat, " of repeat %zu", r + 1);
        JF_TRY(draw_folds(drawing, request->folds, fold, repeat, err));
    }
done:
    jf_free(order);
    jf_free(fold);
    return status;
}

jf_status jf_draw_loo(jf_drawing *drawing, jf_error *err)
{
    size_t *fold = JF_NEW_ARRAY(size_t, drawing->n_units);
    jf_status status = JF_OK;

    JF_TRY_NEW(fold, err, "folds");
    if (drawing->n_units < 2)
        JF_TRY(jf_fail(err, JF_EDATA, "plan 'loo': there is only one %s",
                       drawing->plan->by_rows ? "row" : "group"));
    for (size_t i = 0; i < drawing->n_units; i++) fold[i] = i;
    JF_TRY(draw_folds(drawing, drawing->n_units, fold, "", err));
done:
    jf_free(fold);
    return status;
}

/* The plan's column as labels. */
static jf_status label_column(const jf_drawing *drawing, jf_column *out, jf_error *err)
{
    const jf_table *table = drawing->data->table;
    const jf_column *column;
    jf_status status = jf_table_get(table, drawing->request->column, &column, err);

    if (status != JF_OK) {
        jf_error_prefix(err, "plan '%s'", drawing->request->text);
        return status;
    }
    return jf_column_as_labels(column, table->n_rows, out, err);
}

/* Rows of `level` test, rows of other levels train; false when the level does not occur. */
static bool sides_of_level(jf_drawing *drawing, const jf_column *labels, size_t level)
{
    bool found = false;

    for (size_t i = 0; i < drawing->data->n_rows; i++) {
        int32_t code = labels->codes[drawing->data->rows[i]];
        drawing->sides[i] = code < 0 ? JF_OUT : (size_t)code == level ? JF_TEST : JF_TRAIN;
        found |= drawing->sides[i] == JF_TEST;
    }
    return found;
}

jf_status jf_draw_logo(jf_drawing *drawing, jf_error *err)
{
    jf_column labels = {0};
    jf_status status = JF_OK;

    JF_TRY(label_column(drawing, &labels, err));
    for (size_t level = 0; level < labels.n_levels; level++)
        if (sides_of_level(drawing, &labels, level))
            JF_TRY(jf_plan_add_split(drawing, jf_plan_split_name("%s", labels.levels[level]), err));
done:
    jf_column_clear(&labels);
    return status;
}

/* Fills drawing->values and gives each unit the median of its values (NaN: none). */
static jf_status unit_medians(jf_drawing *drawing, double **out, jf_error *err)
{
    const jf_plan_data *data = drawing->data;
    const jf_column *column;
    jf_status status = JF_OK;
    double *medians = JF_NEW_ARRAY(double, drawing->n_units);
    double *of_unit = JF_NEW_ARRAY(double, data->n_rows);
    size_t *next = JF_NEW_ZEROED(size_t, drawing->n_units + 1);

    *out = NULL;
    JF_TRY_NEW(medians && of_unit && next ? medians : NULL, err, "group medians");
    status = jf_table_get(data->table, drawing->request->column, &column, err);
    if (status == JF_OK && column->kind != JF_NUMERIC)
        status = jf_fail(err, JF_EUSAGE, "column '%s' holds labels, expected numbers", column->name);
    if (status != JF_OK) {
        jf_error_prefix(err, "plan '%s'", drawing->request->text);
        goto done;
    }
    for (size_t i = 0; i < data->n_rows; i++) {
        drawing->values[i] = column->values[data->rows[i]];
        if (!isnan(drawing->values[i])) next[drawing->unit[i] + 1]++;
    }
    for (size_t u = 0; u < drawing->n_units; u++) next[u + 1] += next[u];
    for (size_t i = 0; i < data->n_rows; i++)
        if (!isnan(drawing->values[i])) of_unit[next[drawing->unit[i]]++] = drawing->values[i];
    for (size_t u = 0, from = 0; u < drawing->n_units; from = next[u++]) { /* next[u]: its end by now */
        jf_sort(of_unit + from, next[u] - from);
        medians[u] = jf_quantile(of_unit + from, next[u] - from, 0.5);
    }
    *out = medians;
    medians = NULL;
done:
    jf_free(medians);
    jf_free(of_unit);
    jf_free(next);
    return status;
}

/* The units' medians sorted, without NaN. */
static double *sorted_medians(const jf_drawing *drawing, const double *medians, size_t *n)
{
    double *sorted = JF_NEW_ARRAY(double, drawing->n_units);

    *n = 0;
    for (size_t u = 0; sorted && u < drawing->n_units; u++)
        if (!isnan(medians[u])) sorted[(*n)++] = medians[u];
    if (sorted) jf_sort(sorted, *n);
    return sorted;
}

jf_status jf_draw_extrapolate(jf_drawing *drawing, jf_error *err)
{
    jf_status status = JF_OK;
    double *medians = NULL, *sorted = NULL, end;
    bool down = drawing->request->down;
    size_t n;

    JF_TRY(unit_medians(drawing, &medians, err));
    sorted = sorted_medians(drawing, medians, &n);
    JF_TRY_NEW(sorted, err, "an extrapolation");
    end = jf_quantile(sorted, n, drawing->request->quantile);
    for (size_t i = 0; i < drawing->data->n_rows; i++) {
        double at = medians[drawing->unit[i]];
        drawing->sides[i] = isnan(drawing->values[i])      ? JF_OUT
                            : (down ? at < end : at > end) ? JF_TEST
                                                           : JF_TRAIN;
    }
    JF_TRY(jf_plan_add_split(
        drawing, jf_plan_split_name("%s %s", down ? "below" : "above", drawing->request->column), err));
done:
    jf_free(medians);
    jf_free(sorted);
    return status;
}

/* Rungs at the quantiles 1/(n+1) .. n/(n+1), rounded down to a value that occurs (so that no band is empty),
 * each once; how many. */
static size_t ladder_rungs(const double *sorted, size_t n, size_t wanted, double *rungs)
{
    size_t found = 0;

    for (size_t j = 1; j <= wanted && n > 0; j++) {
        double rung = sorted[(size_t)floor((double)j * (double)(n - 1) / (double)(wanted + 1))];
        if (rung < sorted[n - 1] && (found == 0 || rung > rungs[found - 1])) rungs[found++] = rung;
    }
    return found;
}

/* Train up to rung j, test in band b >= j: between rung b and the next. */
jf_status jf_draw_ladder(jf_drawing *drawing, jf_error *err)
{
    jf_status status = JF_OK;
    double *medians = NULL, *sorted = NULL, *rungs = JF_NEW_ARRAY(double, drawing->request->rungs);
    size_t n, n_rungs;

    JF_TRY_NEW(rungs, err, "a ladder");
    JF_TRY(unit_medians(drawing, &medians, err));
    sorted = sorted_medians(drawing, medians, &n);
    JF_TRY_NEW(sorted, err, "a ladder");
    n_rungs = ladder_rungs(sorted, n, drawing->request->rungs, rungs);
    for (size_t j = 0; j < n_rungs; j++)
        for (size_t b = j; b < n_rungs; b++) {
            double low = rungs[b], high = b + 1 < n_rungs ? rungs[b + 1] : INFINITY;
            for (size_t i = 0; i < drawing->data->n_rows; i++) {
                double at = isnan(drawing->values[i]) ? NAN : medians[drawing->unit[i]];
                drawing->sides[i] = at <= rungs[j] ? JF_TRAIN : at > low && at <= high ? JF_TEST : JF_OUT;
            }
            JF_TRY(jf_plan_add_split(drawing, jf_plan_split_name("rung %zu, band %zu", j + 1, b + 1), err));
        }
done:
    jf_free(medians);
    jf_free(sorted);
    jf_free(rungs);
    return status;
}

/* One level left out; `given` of its first `most` units (in `order`) train again, and the units after those
 * `most` test, so that all counts are judged on the same rows. */
static void sides_of_transfer(jf_drawing *drawing, const jf_column *labels, size_t level, const size_t *order,
                              size_t most, size_t given)
{
    bool *at_level = drawing->unit_tests; /* scratch: the unit has rows of this level */
    size_t place = 0;

    sides_of_level(drawing, labels, level);
    memset(at_level, 0, drawing->n_units * sizeof *at_level);
    for (size_t i = 0; i < drawing->data->n_rows; i++)
        if (drawing->sides[i] == JF_TEST) at_level[drawing->unit[i]] = true;
    for (size_t u = 0; u < drawing->n_units && place < most; u++) {
        if (!at_level[order[u]]) continue;
        for (size_t i = 0; i < drawing->data->n_rows; i++)
            if (drawing->unit[i] == order[u] && drawing->sides[i] == JF_TEST)
                drawing->sides[i] = place < given ? JF_TRAIN : JF_OUT;
        place++;
    }
}

jf_status jf_draw_transfer(jf_drawing *drawing, jf_error *err)
{
    const jf_plan_request *request = drawing->request;
    jf_column labels = {0};
    jf_status status = JF_OK;
    size_t *order = NULL, most = 0;

    for (size_t c = 0; c < request->n_counts; c++)
        if (request->counts[c] > most) most = request->counts[c];
    JF_TRY(label_column(drawing, &labels, err));
    for (size_t level = 0; level < labels.n_levels; level++) {
        if (!sides_of_level(drawing, &labels, level)) continue;
        for (size_t r = 0; r < request->repeats; r++) {
            jf_stream stream = jf_plan_stream_of(drawing, level * request->repeats + r);
            jf_free(order);
            order = jf_plan_shuffled_units(drawing, &stream);
            JF_TRY_NEW(order, err, "a split");
            for (size_t c = 0; c < request->n_counts; c++) {
                sides_of_transfer(drawing, &labels, level, order, most, request->counts[c]);
                JF_TRY(jf_plan_add_split(
                    drawing, jf_plan_split_name("%s +%zu", labels.levels[level], request->counts[c]), err));
            }
        }
    }
done:
    jf_free(order);
    jf_column_clear(&labels);
    return status;
}

jf_status jf_draw_holdout(jf_drawing *drawing, jf_error *err)
{
    const jf_plan_data *data = drawing->data;
    jf_columns columns = jf_table_columns(data->table);
    jf_ast *ast = NULL;
    jf_column truth = {0};
    jf_status status = JF_OK;

    JF_TRY(jf_ast_read("holdout", drawing->request->expression, &ast, err));
    JF_TRY(jf_evaluate("holdout", ast, &columns, &truth, err));
    if (truth.kind != JF_NUMERIC)
        JF_TRY(
            jf_fail(err, JF_EUSAGE, "plan '%s': expected a condition, found labels", drawing->request->text));
    for (size_t i = 0; i < data->n_rows; i++) {
        double value = truth.values[data->rows[i]];
        drawing->sides[i] = isnan(value) ? JF_OUT : value != 0 ? JF_TEST : JF_TRAIN;
    }
    JF_TRY(jf_plan_add_split(drawing, jf_plan_split_name("%s", drawing->request->expression), err));
done:
    jf_ast_free(ast);
    jf_column_clear(&truth);
    return status;
}
