/* Predicts the columns of first stages without the group of the row that is predicted. */
#include "fit/select/two_stage.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/stream.h"
#include "core/text.h"

enum { INNER_FOLDS = 5 };

/* ---- reading and binding ---- */

/* The one column in a stage's response. */
typedef struct response_name {
    const char *name;
    size_t n;
} response_name;

static void note_name(void *context, const jf_ast *node, const char *name, bool is_level_column)
{
    response_name *found = context;

    (void)node, (void)is_level_column;
    if (!found->name || strcmp(found->name, name) != 0) found->n++;
    found->name = name;
}

static jf_status read_stage(const char *text, const jf_fit_options *options, jf_stage *out, jf_error *err)
{
    response_name response = {0};
    jf_text measured = {0};
    jf_status status = JF_OK;

    JF_TRY(jf_law_read(text, &out->law, err));
    jf_ast_names(out->law->response, note_name, &response);
    if (response.n != 1)
        JF_TRY(jf_fail(err, JF_EUSAGE, "expected one column on the left of '~', found %zu", response.n));
    out->column = jf_copy_text(response.name);
    jf_text_addf(&measured, "%s (measured)", response.name);
    out->measured = jf_text_take(&measured);
    JF_TRY_NEW(out->column && out->measured, err, "a stage");
    out->options = *options;
    out->options.loss = "ls";
    out->options.weights = out->options.sigma = out->options.response = out->options.error = NULL;
    out->options.se = "classical";
    out->options.ci = NULL;
    out->options.derive = out->options.test = (jf_option_list){0};
done:
    return status;
}

jf_status jf_stages_read(const jf_option_list *texts, const jf_fit_options *options, jf_stages *out,
                         jf_error *err)
{
    jf_status status = JF_OK;

    *out = (jf_stages){0};
    out->items = JF_NEW_ZEROED(jf_stage, texts->n + 1);
    JF_TRY_NEW(out->items, err, "stages");
    for (size_t i = 0; i < texts->n; i++) {
        status = read_stage(texts->items[i], options, &out->items[out->n++], err);
        for (size_t j = 0; status == JF_OK && j < i; j++)
            if (strcmp(out->items[i].column, out->items[j].column) == 0)
                status = jf_fail(err, JF_EUSAGE, "two stages predict '%s'", out->items[i].column);
        if (status != JF_OK) jf_error_prefix(err, "--stage '%s'", texts->items[i]);
        if (status != JF_OK) goto done;
    }
done:
    if (status != JF_OK) jf_stages_clear(out);
    return status;
}

static jf_status refuse_chains(const jf_stages *stages, const jf_problem *problem, const jf_stage *of,
                               jf_error *err)
{
    for (size_t c = 0; c < jf_formula_n_columns(problem->formula); c++)
        for (size_t i = 0; i < stages->n; i++)
            if (strcmp(stages->items[i].column, jf_formula_column(problem->formula, c)) == 0)
                return jf_fail(err, JF_EUSAGE,
                               "--stage: the stage for '%s' reads '%s', which a stage predicts", of->column,
                               stages->items[i].column);
    return JF_OK;
}

jf_status jf_stages_bind(const jf_stages *stages, const jf_table *table, const size_t *rows, size_t n_rows,
                         jf_problem **problems, jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t i = 0; i < stages->n; i++) {
        const jf_stage *stage = &stages->items[i];
        jf_warnings unheard = {0};
        status =
            jf_problem_build(stage->law, table, rows, n_rows, &stage->options, &unheard, &problems[i], err);
        jf_warnings_free(&unheard);
        if (status != JF_OK) jf_error_prefix(err, "--stage '%s'", stage->law->text);
        if (status != JF_OK) goto done;
        JF_TRY(refuse_chains(stages, problems[i], stage, err));
    }
done:
    return status;
}

/* ---- predicting ---- */

/* One stage on one training part. */
typedef struct stage_run {
    const jf_stage *stage;
    jf_refit_law law;
    const jf_table *table;
    double *values; /* of the table's rows, for the column */
} stage_run;

static jf_status stage_begin(const jf_stages *stages, size_t i, double *values, stage_run *out, jf_error *err)
{
    const jf_stage *stage = &stages->items[i];
    size_t n = stages->table->n_rows;
    jf_status status = JF_OK;

    *out = (stage_run){.stage = stage, .table = stages->table, .values = values + i * n};
    out->law = (jf_refit_law){.whole = stage->fit->problem,
                              .theta = stage->fit->theta,
                              .fitted = stage->fit->fitted,
                              .options = &stage->options};
    JF_TRY(jf_loss_read("ls", &out->law.loss, err));
done:
    return status;
}

/* Fits to the places `train` and writes predictions of the places `at`. */
static jf_status predict_from(const stage_run *run, const size_t *train, size_t n_train, const size_t *at,
                              size_t n_at, jf_error *err)
{
    const jf_problem *whole = run->law.whole;
    jf_columns columns = jf_table_columns(run->table);
    double *value = JF_NEW_ARRAY(double, 2 * n_at + 1), *raw = value + n_at;
    size_t *rows = JF_NEW_ARRAY(size_t, n_at + 1);
    jf_refit refit = {0};
    jf_status status = JF_OK;

    JF_TRY_NEW(value && rows, err, "a stage");
    for (size_t i = 0; i < n_at; i++) rows[i] = jf_problem_row(whole, at[i]);
    JF_TRY(jf_refit_run(&run->law, train, n_train, run->law.theta, &refit, err));
    JF_TRY(jf_refit_predict(&refit, at, n_at, value, err));
    JF_TRY(jf_transform_inverse(whole->transform, &columns, rows, n_at, value, raw, err));
    for (size_t i = 0; i < n_at; i++) run->values[rows[i]] = raw[i];
done:
    jf_refit_clear(&refit);
    jf_free(value);
    jf_free(rows);
    return status;
}

/* Deals the units of the training rows to folds, in random order; fold of each unit. */
static size_t *deal(const size_t *unit, size_t n_units, const size_t *train, size_t n_train, jf_stream stream,
                    size_t *n_folds)
{
    size_t *fold = JF_NEW_ZEROED(size_t, n_units + 1), *order = JF_NEW_ARRAY(size_t, n_units + 1), n = 0;

    if (!fold || !order) {
        jf_free(fold);
        jf_free(order);
        return NULL;
    }
    for (size_t i = 0; i < n_train; i++) {
        if (fold[unit[train[i]]]++ == 0) order[n++] = unit[train[i]];
    }
    jf_stream_shuffle(&stream, order, n);
    *n_folds = n < INNER_FOLDS ? n : INNER_FOLDS;
    for (size_t i = 0; i < n; i++) fold[order[i]] = i % INNER_FOLDS;
    jf_free(order);
    return fold;
}

/* Every training row from a fit without its unit. */
static jf_status predict_out_of_fold(const stage_run *run, const size_t *unit, size_t n_units,
                                     const size_t *train, size_t n_train, jf_stream stream, jf_error *err)
{
    size_t n_folds = 0, *fold = deal(unit, n_units, train, n_train, stream, &n_folds);
    size_t *inside = JF_NEW_ARRAY(size_t, n_train + 1), *outside = JF_NEW_ARRAY(size_t, n_train + 1);
    jf_status status = JF_OK;

    JF_TRY_NEW(fold && inside && outside, err, "a stage");
    for (size_t k = 0; k < n_folds; k++) {
        size_t n_inside = 0, n_outside = 0;
        for (size_t i = 0; i < n_train; i++)
            if (fold[unit[train[i]]] == k)
                outside[n_outside++] = train[i];
            else
                inside[n_inside++] = train[i];
        JF_TRY(predict_from(run, inside, n_inside, outside, n_outside, err));
    }
done:
    jf_free(fold);
    jf_free(inside);
    jf_free(outside);
    return status;
}

jf_status jf_stages_split(const jf_stages *stages, const size_t *unit, size_t n_units, const size_t *train,
                          size_t n_train, const size_t *test, size_t n_test, uint64_t seed, uint64_t key,
                          double *values, jf_error *err)
{
    size_t n_all = stages->n * stages->table->n_rows;
    jf_status status = JF_OK;
    stage_run run;

    for (size_t i = 0; i < n_all; i++) values[i] = NAN;
    for (size_t i = 0; i < stages->n; i++) {
        jf_stream stream = jf_stream_make(seed, JF_FOR_SPLITS, UINT64_C(0x57) << 56 | key);
        JF_TRY(stage_begin(stages, i, values, &run, err));
        JF_TRY(predict_out_of_fold(&run, unit, n_units, train, n_train, stream, err));
        if (n_test > 0) JF_TRY(predict_from(&run, train, n_train, test, n_test, err));
    }
done:
    return status;
}

/* ---- the table ---- */

size_t *jf_stages_units(const size_t *rows, size_t n_rows, const jf_groups *groups, size_t *n_units)
{
    size_t *unit = JF_NEW_ARRAY(size_t, n_rows + 1);

    for (size_t i = 0; unit && i < n_rows; i++) unit[i] = groups ? groups->group[rows[i]] : i;
    *n_units = groups ? groups->n_groups : n_rows;
    return unit;
}

/* Moves what was measured to a column of its own, and puts `values` in its place. */
static jf_status put_column(jf_table *table, const jf_stage *stage, const double *values, jf_error *err)
{
    const jf_column *old = jf_table_find(table, stage->column);
    jf_column measured = {.kind = JF_NUMERIC, .known = old->known}, predicted = measured;
    jf_status status = JF_OK;

    memcpy(measured.unit, old->unit, sizeof measured.unit);
    memcpy(predicted.unit, old->unit, sizeof predicted.unit);
    predicted.known = stage->post_run ? JF_POST_RUN : JF_PRE_RUN;
    measured.name = jf_copy_text(stage->measured);
    predicted.name = jf_copy_text(stage->column);
    measured.values = JF_NEW_ARRAY(double, table->n_rows + 1);
    predicted.values = JF_NEW_ARRAY(double, table->n_rows + 1);
    JF_TRY_NEW(measured.name && predicted.name && measured.values && predicted.values, err, "a stage");
    memcpy(measured.values, old->values, table->n_rows * sizeof *values);
    memcpy(predicted.values, values, table->n_rows * sizeof *values);
    JF_TRY(jf_table_add(table, &measured, false, err));
    JF_TRY(jf_table_add(table, &predicted, true, err));
done:
    jf_column_clear(&measured);
    jf_column_clear(&predicted);
    return status;
}

/* How well the column is predicted without its group; an error where some row is not. */
static jf_status judge(jf_stage *stage, const double *values, jf_error *err)
{
    const jf_problem *p = stage->fit->problem;
    double residual = 0, total = 0, mean = 0;
    size_t missing = 0;

    for (size_t i = 0; i < p->n; i++) mean += p->raw[i] / (double)p->n;
    for (size_t i = 0; i < p->n; i++) {
        double error = values[jf_problem_row(p, i)] - p->raw[i];
        missing += !isfinite(error);
        residual += error * error;
        total += (p->raw[i] - mean) * (p->raw[i] - mean);
    }
    if (missing > 0)
        return jf_fail(err, JF_EDATA,
                       "--stage: '%s' cannot be predicted without its own group in %zu of %zu rows",
                       stage->column, missing, p->n);
    stage->rmse = sqrt(residual / (double)p->n);
    stage->r2 = total > 0 ? 1 - residual / total : NAN;
    return JF_OK;
}

static jf_status fit_stage(jf_stage *stage, const jf_table *table, const size_t *rows, size_t n_rows,
                           const jf_groups *groups, jf_error *err)
{
    jf_status status = JF_OK;

    JF_TRY(jf_fit_run(stage->law, table, rows, n_rows, groups, &stage->options, &stage->fit, err));
    if (stage->fit->outcome == JF_FAILED)
        JF_TRY(jf_fail(err, JF_EFIT, "no usable fit: %s",
                       stage->fit->failure ? stage->fit->failure : "no start came to an end"));
    stage->post_run = stage->fit->post_run;
done:
    if (status != JF_OK) jf_error_prefix(err, "--stage '%s'", stage->law->text);
    return status;
}

jf_status jf_stages_fill(jf_stages *stages, const jf_table *table, const size_t *rows, size_t n_rows,
                         const jf_groups *groups, const jf_fit_options *options, jf_error *err)
{
    size_t n_units, *unit = jf_stages_units(rows, n_rows, groups, &n_units),
                    *all = JF_NEW_ARRAY(size_t, n_rows + 1);
    double *values = JF_NEW_ARRAY(double, stages->n * table->n_rows + 1);
    jf_status status = JF_OK;

    JF_TRY_NEW(unit && all && values, err, "stages");
    for (size_t i = 0; i < n_rows; i++) all[i] = i;
    JF_TRY(jf_table_copy(table, &stages->table, err));
    for (size_t i = 0; i < stages->n; i++)
        JF_TRY(fit_stage(&stages->items[i], table, rows, n_rows, groups, err));
    JF_TRY(jf_stages_split(stages, unit, n_units, all, n_rows, NULL, 0, options->seed, 0, values, err));
    for (size_t i = 0; i < stages->n; i++) {
        JF_TRY(judge(&stages->items[i], values + i * table->n_rows, err));
        JF_TRY(put_column(stages->table, &stages->items[i], values + i * table->n_rows, err));
    }
done:
    jf_free(unit);
    jf_free(all);
    jf_free(values);
    return status;
}

/* ---- laws that read staged columns ---- */

bool jf_stages_read_by(const jf_stages *stages, const jf_problem *problem)
{
    for (size_t c = 0; c < jf_formula_n_columns(problem->formula); c++)
        for (size_t i = 0; i < stages->n; i++)
            if (strcmp(stages->items[i].column, jf_formula_column(problem->formula, c)) == 0) return true;
    return false;
}

/* A table with other columns in places. */
typedef struct overlay {
    const jf_table *table;
    const jf_column *columns;
    size_t n;
} overlay;

static const jf_column *find_over(const void *context, const char *name)
{
    const overlay *over = context;

    for (size_t i = 0; i < over->n; i++)
        if (strcmp(over->columns[i].name, name) == 0) return &over->columns[i];
    return jf_table_find(over->table, name);
}

static const jf_column *at_over(const void *context, size_t index)
{
    const overlay *over = context;

    return index < over->table->n_columns ? find_over(context, over->table->columns[index].name) : NULL;
}

jf_status jf_stages_inputs(const jf_stages *stages, const jf_problem *problem, const double *values,
                           jf_inputs **out, jf_error *err)
{
    jf_column *columns = JF_NEW_ZEROED(jf_column, stages->n + 1);
    overlay over = {stages->table, columns, stages->n};
    jf_columns seen = {.find = find_over,
                       .at = at_over,
                       .table = &over,
                       .n_columns = stages->table->n_columns,
                       .n_rows = stages->table->n_rows};
    jf_status status = JF_OK;

    *out = NULL;
    JF_TRY_NEW(columns, err, "a stage");
    for (size_t i = 0; i < stages->n; i++) {
        columns[i] = *jf_table_find(stages->table, stages->items[i].column);
        columns[i].values = (double *)(values + i * stages->table->n_rows); /* read only */
    }
    JF_TRY(jf_inputs_build(problem->formula, &seen, problem->rows, problem->n, NULL, out, err));
done:
    jf_free(columns);
    return status;
}

void jf_stages_clear(jf_stages *stages)
{
    for (size_t i = 0; stages->items && i < stages->n; i++) {
        jf_free(stages->items[i].column);
        jf_free(stages->items[i].measured);
        jf_law_free(stages->items[i].law);
        jf_fit_free(stages->items[i].fit);
    }
    jf_free(stages->items);
    jf_table_free(stages->table);
    *stages = (jf_stages){0};
}
