/* joulefit predict: a fitted law applied to other runs, or to a grid of configurations. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "cli/command.h"
#include "cli/grid.h"
#include "cli/result.h"
#include "cli/runs.h"
#include "cli/table_out.h"
#include "core/memory.h"
#include "data/columns.h"
#include "fit/model.h"
#include "fit/model_file.h"

typedef struct predict_own {
    const char *grid, *law;
    double level;
} predict_own;

typedef struct predict_settings {
    predict_own own;
    jf_runs_options runs;
} predict_settings;

static const jf_option predict_table[] = {
    {"grid", 0, JF_OPTION_TEXT, offsetof(predict_own, grid), .argument = "'gpus=1,2,4; num_layers=4:24:4'",
     .help = "all combinations in place of a DATA file; inputs not named are held at their usual value"},
    {"law", 'l', JF_OPTION_TEXT, offsetof(predict_own, law), .argument = "NAME",
     .help = "which law of a comparison; else the best"},
    {"level", 0, JF_OPTION_NUMBER, offsetof(predict_own, level), "0.95", 0.5, 0.9999, .argument = "P",
     .help = "confidence of the two intervals"},
    {NULL}};

static size_t predict_sets(void *settings, jf_option_set *sets)
{
    predict_settings *s = settings;

    sets[0] = (jf_option_set){"The prediction", predict_table, &s->own};
    sets[1] = (jf_option_set){"The runs", jf_runs_options_table, &s->runs};
    return 2;
}

/* ---- the model ---- */

/* Is it the fit of a two-stage law of a comparison? */
static bool reads_prediction(const json_t *result, const json_t *fit)
{
    const json_t *candidate;
    size_t i;

    json_array_foreach(json_object_get(result, "candidates"), i, candidate)
    {
        const char *variant = json_string_value(json_object_get(candidate, "variant"));
        if (json_object_get(candidate, "fit") == fit) return variant && strcmp(variant, "predicted") == 0;
    }
    return false;
}

static jf_status read_model(const char *path, const predict_own *own, bool post_run, jf_model **out,
                            jf_error *err)
{
    jf_status status = JF_OK;
    json_t *result = NULL;
    const json_t *fit = NULL;
    const char *kind;

    JF_TRY(jf_result_read(path, &result, &kind, err));
    JF_TRY(jf_result_fit(result, kind, own->law, &fit, err));
    if (json_is_true(json_object_get(json_object_get(fit, "law"), "post_run")) && !post_run)
        JF_TRY(jf_fail(err, JF_EUSAGE,
                       "%s: the law reads what is known only after a run; --post-run allows it", path));
    if (reads_prediction(result, fit))
        JF_TRY(jf_fail(
            err, JF_EUSAGE,
            "%s: law '%s' reads what a first stage predicts: save the stage ('fit ... --save'), predict "
            "its column, and take it into a law of its own",
            path, json_string_value(json_object_get(json_object_get(fit, "law"), "name"))));
    JF_TRY(jf_model_of_json(fit, out, err));
    (*out)->level = own->level;
done:
    json_decref(result);
    return status;
}

/* ---- inputs that a grid does not name ---- */

/* A column that holds the input's usual value in every row. */
static jf_status usual_column(const jf_model_input *input, size_t n_rows, jf_column *out, jf_error *err)
{
    jf_status status = JF_OK;

    *out = (jf_column){.name = jf_copy_text(input->name), .kind = input->is_label ? JF_LABEL : JF_NUMERIC};
    JF_TRY_NEW(out->name, err, "a grid");
    if (input->is_label) {
        out->levels = JF_NEW_ZEROED(char *, 1);
        out->codes = JF_NEW_ZEROED(int32_t, n_rows);
        JF_TRY_NEW(out->levels && out->codes, err, "a grid");
        out->levels[0] = jf_copy_text(input->usual);
        JF_TRY_NEW(out->levels[0], err, "a grid");
        out->n_levels = 1;
    } else {
        out->values = JF_NEW_ARRAY(double, n_rows);
        JF_TRY_NEW(out->values, err, "a grid");
        for (size_t row = 0; row < n_rows; row++) out->values[row] = input->median;
    }
done:
    if (status != JF_OK) jf_column_clear(out);
    return status;
}

static jf_status hold_at_usual(const jf_session *session, const jf_model_input *input, jf_table *table,
                               jf_error *err)
{
    jf_column column;
    char number[JF_NUMBER_TEXT];
    const char *value = input->is_label ? input->usual : jf_number_short(number, input->median, 6);
    jf_status status;

    if (!value) return jf_fail(err, JF_EUSAGE, "--grid: give values for '%s'", input->name);
    jf_session_note(session, "--grid: '%s' is held at its usual value, %s", input->name, value);
    status = usual_column(input, table->n_rows, &column, err);
    if (status == JF_OK) status = jf_table_add(table, &column, false, err);
    jf_column_clear(&column);
    return status;
}

static jf_status read_grid(const jf_session *session, const predict_settings *s, const jf_words *maps,
                           const jf_model *model, jf_runs *runs, jf_error *err)
{
    jf_status status = JF_OK;

    JF_TRY(jf_grid_read(s->own.grid, &runs->table, err));
    JF_TRY(jf_runs_prepare(&s->runs, maps, runs, err));
    for (size_t i = 0; i < model->n_inputs; i++)
        if (!jf_table_find(runs->table, model->inputs[i].name))
            JF_TRY(hold_at_usual(session, &model->inputs[i], runs->table, err));
done:
    return status;
}

/* ---- predictions ---- */

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

enum { PREDICTED, MEAN_LOW, MEAN_HIGH, LOW, HIGH, DISTANCE, INSIDE, N_ADDED };
static const char *const added_names[N_ADDED] = {"predicted", "mean_low", "mean_high", "low",
                                                 "high",      "distance", "inside"};

static jf_status add_columns(const jf_model *model, double *values[N_ADDED], jf_table *table, jf_error *err)
{
    jf_status status = JF_OK;
    jf_column column = {0};

    for (int i = 0; i < N_ADDED; i++) {
        column = (jf_column){.name = jf_copy_text(added_names[i]), .kind = JF_NUMERIC, .values = values[i]};
        values[i] = NULL;
        if (i < DISTANCE && model->response_unit)
            snprintf(column.unit, sizeof column.unit, "%s", model->response_unit);
        JF_TRY_NEW(column.name, err, "predictions");
        JF_TRY(jf_table_add(table, &column, false, err));
    }
done:
    jf_column_clear(&column);
    return status;
}

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

static jf_status predict_rows(const jf_model *model, jf_table *table, jf_warnings *warnings, jf_error *err)
{
    jf_status status = JF_OK;
    double *values[N_ADDED] = {0};
    size_t n_outside = 0;

    for (int i = 0; i < N_ADDED; i++) {
        values[i] = JF_NEW_ARRAY(double, table->n_rows);
        JF_TRY_NEW(values[i], err, "predictions");
    }
    jf_model_prediction out = {.raw = values[PREDICTED],
                               .mean_low = values[MEAN_LOW],
                               .mean_high = values[MEAN_HIGH],
                               .low = values[LOW],
                               .high = values[HIGH]};
    JF_TRY(jf_model_predict(model, table, NULL, table->n_rows, &out, err));
    for (size_t row = 0; row < table->n_rows; row++) {
        double distance = row_distance(model, table, row);
        values[DISTANCE][row] = distance;
        values[INSIDE][row] = isnan(distance) ? NAN : distance == 0;
        n_outside += distance > 0 && !isnan(values[PREDICTED][row]);
    }
    warn_of_gaps(model, table, values[PREDICTED], warnings);
    if (n_outside)
        jf_warn(warnings, "W_EXTRAPOLATION",
                "%zu of %zu predictions lie outside the runs that the law was fitted on", n_outside,
                table->n_rows);
    JF_TRY(add_columns(model, values, table, err));
done:
    for (int i = 0; i < N_ADDED; i++) jf_free(values[i]);
    return status;
}

static jf_status check_arguments(const jf_session *session, const predict_own *own, jf_error *err)
{
    size_t n = session->arguments.n, wanted = own->grid ? 1 : 2;

    if (n == wanted) return JF_OK;
    if (own->grid)
        return jf_fail(err, JF_EUSAGE, "expected 'predict MODEL.json --grid ...', found %zu files", n);
    return jf_fail(err, JF_EUSAGE, "expected 'predict MODEL.json DATA' or --grid, found %zu file%s", n,
                   n == 1 ? "" : "s");
}

static jf_status run_predict(jf_session *session, void *settings, jf_error *err)
{
    predict_settings *s = settings;
    jf_status status = JF_OK;
    jf_words maps = {0};
    jf_runs runs = {0};
    jf_model *model = NULL;

    JF_TRY(check_arguments(session, &s->own, err));
    JF_TRY(read_model(session->arguments.items[0], &s->own, s->runs.post_run, &model, err));
    JF_TRY(jf_words_split_all(&s->runs.maps, &maps, err));
    if (s->own.grid)
        JF_TRY(read_grid(session, s, &maps, model, &runs, err));
    else
        JF_TRY(jf_runs_read(session, &s->runs, &maps, session->arguments.items[1], &runs, err));
    if (runs.rows) JF_TRY(jf_table_keep(runs.table, runs.rows, runs.n_rows, err));
    JF_TRY(predict_rows(model, runs.table, &runs.warnings, err));
    JF_TRY(jf_table_out(session, runs.table, NULL, runs.table->n_rows, err));
done:
    jf_warnings_append(&session->warnings, &runs.warnings);
    jf_model_free(model);
    jf_runs_free(&runs);
    jf_words_free(&maps);
    return status;
}

const jf_command jf_command_predict = {
    .name = "predict",
    .summary = "apply a fitted law to other runs or to a grid of configurations",
    .usage = "predict MODEL.json DATA | predict MODEL.json --grid 'COL=VALUES; ...'",
    .examples = "  joulefit fit data/sets/bert_sweep_simulated.csv --save model.json \\\n"
                "      --law 'log(energy) ~ h[strategy] + l*log(num_layers) + g*log2(gpus)'\n"
                "  joulefit predict model.json data/sets/bert_sweep_simulated.csv --where 'gpus == 8' \\\n"
                "      -o predicted.csv\n"
                "  joulefit predict model.json --grid 'gpus=1,2,4,8; num_layers=4:24:4; strategy=TP,FSDP'\n",
    .settings_size = sizeof(predict_settings),
    .sets = predict_sets,
    .run = run_predict,
};
