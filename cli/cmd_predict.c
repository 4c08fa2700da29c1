/* joulefit predict: a fitted law applied to other runs, or to a grid of configurations. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "cli/command.h"
#include "cli/grid.h"
#include "cli/predictions.h"
#include "cli/result.h"
#include "cli/runs.h"
#include "cli/table_out.h"
#include "core/memory.h"
#include "data/columns.h"
#include "fit/model/model.h"
#include "fit/model/model_file.h"

typedef struct predict_own {
    const char *grid, *law;
    double level;
    int interval; /* jf_predict_interval */
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
    {"interval", 0, JF_OPTION_CHOICE, offsetof(predict_own, interval), "new",
     .choices = jf_predict_interval_names, .argument = "KIND",
     .help = "what low and high are: new (a new run, normal errors), mean, or conformal"},
    {NULL}};

static size_t predict_sets(void *settings, jf_option_set *sets)
{
    predict_settings *s = settings;

    sets[0] = (jf_option_set){"The prediction", predict_table, &s->own};
    return 1 + jf_runs_sets(&s->runs, NULL, sets + 1);
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
    status = jf_model_of_json(fit, out, err);
    if (status == JF_EDATA) jf_error_prefix(err, "%s", path);
    if (status != JF_OK) goto done;
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

/* May a column of the grid be read at all? Inputs are; others only by proxies and expressions that are asked
 * for. */
static bool is_read(const predict_settings *s, const jf_model *model, const char *name)
{
    const jf_option_list *lists[] = {&s->runs.let, &s->runs.maps, &s->runs.where};

    for (size_t i = 0; i < model->n_inputs; i++)
        if (!strcmp(model->inputs[i].name, name)) return true;
    if (s->runs.proxies.n) return true;
    for (size_t l = 0; l < sizeof lists / sizeof *lists; l++)
        for (size_t i = 0; i < lists[l]->n; i++)
            if (strstr(lists[l]->items[i], name)) return true;
    return false;
}

static jf_status refuse_unread(const predict_settings *s, const jf_model *model, const jf_table *grid,
                               jf_error *err)
{
    jf_status status = JF_OK;
    const char **names = JF_NEW_ARRAY(const char *, model->n_inputs);
    char hint[128];

    JF_TRY_NEW(names, err, "a grid");
    for (size_t i = 0; i < model->n_inputs; i++) names[i] = model->inputs[i].name;
    for (size_t c = 0; c < grid->n_columns; c++)
        if (!is_read(s, model, grid->columns[c].name))
            JF_TRY(
                jf_fail(err, JF_EUSAGE, "--grid: the model does not read '%s'%s", grid->columns[c].name,
                        jf_did_you_mean(hint, sizeof hint, grid->columns[c].name, names, model->n_inputs)));
done:
    jf_free(names);
    return status;
}

static jf_status read_grid(const jf_session *session, const predict_settings *s, const jf_words *maps,
                           const jf_model *model, jf_runs *runs, jf_error *err)
{
    jf_status status = JF_OK;

    JF_TRY(jf_grid_read(s->own.grid, &runs->table, err));
    JF_TRY(refuse_unread(s, model, runs->table, err));
    JF_TRY(jf_runs_prepare(&s->runs, maps, runs, err));
    for (size_t i = 0; i < model->n_inputs; i++)
        if (!jf_table_find(runs->table, model->inputs[i].name))
            JF_TRY(hold_at_usual(session, &model->inputs[i], runs->table, err));
done:
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
    JF_TRY(jf_predictions_add(model, (jf_predict_interval)s->own.interval, runs.table, &runs.warnings, err));
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
