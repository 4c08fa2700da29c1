/* The kinds of plan, and how the splits of any of them are made from what the kind decides. */
#include "fit/select/plan.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "core/summary.h"
#include "fit/select/plan_parts.h"

/* Rows that all training lists of one plan may hold together (1 GiB). */
static const size_t max_plan_rows = (size_t)1 << 27;

const jf_plan_kind jf_plan_kinds[] = {
    {"grouped", "grouped[:repeats=20,test=0.3]", "random groups held out, again and again", jf_read_grouped,
     jf_draw_grouped},
    {"kfold", "kfold[:10,repeats=1]", "every group held out once (in each repeat)", jf_read_kfold,
     jf_draw_kfold},
    {"loo", "loo", "every group (without groups: every row) held out alone", jf_read_loo, jf_draw_loo},
    {"logo", "logo:COLUMN", "every level of a column held out alone", jf_read_logo, jf_draw_logo},
    {"extrapolate", "extrapolate:COLUMN[:QUANTILE][:down]",
     "trained on one side of a quantile, tested beyond it", jf_read_extrapolate, jf_draw_extrapolate},
    {"ladder", "ladder:COLUMN[:RUNGS]", "trained up to each rung, tested in each band above it",
     jf_read_ladder, jf_draw_ladder},
    {"transfer", "transfer:COLUMN[:0,1,2,4,repeats=5]",
     "one level held out, then some of its groups given back", jf_read_transfer, jf_draw_transfer},
    {"holdout", "holdout:EXPRESSION", "the rows where the expression is true held out", jf_read_holdout,
     jf_draw_holdout},
    {NULL, NULL, NULL, NULL, NULL},
};

jf_stream jf_plan_stream_of(const jf_drawing *drawing, size_t index)
{
    uint32_t hash = 2166136261u; /* FNV-1a */

    for (const char *c = drawing->request->kind->name; *c; c++) hash = (hash ^ (unsigned char)*c) * 16777619u;
    return jf_stream_make(drawing->data->seed, JF_FOR_SPLITS, ((uint64_t)hash << 32) | (uint32_t)index);
}

bool jf_plan_lacks_level(const jf_drawing *drawing, const jf_side *sides)
{
    const jf_plan_data *data = drawing->data;

    for (size_t l = 0; l < data->n_levels; l++) {
        const int32_t *codes = data->levels[l];
        memset(drawing->seen, 0, drawing->seen_codes * sizeof *drawing->seen);
        for (size_t i = 0; i < data->n_rows; i++)
            if (sides[i] == JF_TRAIN) drawing->seen[codes[i] + 2] = true;
        for (size_t i = 0; i < data->n_rows; i++)
            if (sides[i] == JF_TEST && !drawing->seen[codes[i] + 2]) return true;
    }
    return false;
}

/* Values of the plan's column on one side, sorted, into `values`; how many. */
static size_t side_values(const jf_drawing *drawing, jf_side wanted, double *values)
{
    size_t n = 0;

    for (size_t i = 0; i < drawing->data->n_rows; i++)
        if (drawing->sides[i] == wanted) values[n++] = drawing->values[i];
    jf_sort(values, n);
    return n;
}

static jf_status measure_distance(const jf_drawing *drawing, jf_split *split, jf_error *err)
{
    double *train = JF_NEW_ARRAY(double, drawing->data->n_rows);
    double *test = JF_NEW_ARRAY(double, drawing->data->n_rows);
    jf_status status = JF_OK;
    size_t n_train, n_test;
    double edge, middle, end, sign;

    JF_TRY_NEW(train, err, "an extrapolation");
    JF_TRY_NEW(test, err, "an extrapolation");
    n_train = side_values(drawing, JF_TRAIN, train);
    n_test = side_values(drawing, JF_TEST, test);
    if (n_train == 0 || n_test == 0) goto done;
    edge = drawing->request->down ? train[0] : train[n_train - 1];
    end = drawing->request->down ? test[0] : test[n_test - 1];
    middle = jf_quantile(test, n_test, 0.5);
    sign = drawing->request->down ? -1 : 1;
    if (edge > 0 && middle > 0) split->distance = sign * log(middle / edge);
    if (edge > 0 && end > 0) split->reach = sign * log(end / edge);
done:
    jf_free(train);
    jf_free(test);
    return status;
}

/* Moves training rows of units that test out of the training part; counts the units on both sides. */
static void separate_units(jf_drawing *drawing, jf_split *split)
{
    size_t n_rows = drawing->data->n_rows;

    memset(drawing->unit_tests, 0, drawing->n_units * sizeof *drawing->unit_tests);
    for (size_t i = 0; i < n_rows; i++)
        if (drawing->sides[i] == JF_TEST && !drawing->unit_tests[drawing->unit[i]]) {
            drawing->unit_tests[drawing->unit[i]] = true;
            split->n_test_units++;
        }
    for (size_t i = 0; i < n_rows; i++) {
        if (drawing->sides[i] == JF_TRAIN && drawing->unit_tests[drawing->unit[i]])
            drawing->sides[i] = JF_OUT;
        split->n_train += drawing->sides[i] == JF_TRAIN;
        split->n_test += drawing->sides[i] == JF_TEST;
    }
    for (size_t i = 0; i < n_rows; i++) /* the flag now means: counted already */
        if (drawing->sides[i] == JF_TRAIN && !drawing->unit_tests[drawing->unit[i]]) {
            drawing->unit_tests[drawing->unit[i]] = true;
            split->n_train_units++;
        }
}

jf_status jf_plan_add_split(jf_drawing *drawing, char *name, jf_error *err)
{
    jf_plan *plan = drawing->plan;
    jf_status status = JF_OK;
    jf_split split = {.name = name, .distance = NAN, .reach = NAN};
    size_t train = 0, test = 0;

    JF_TRY_NEW(name, err, "a split");
    separate_units(drawing, &split);
    drawing->rows_held += split.n_train;
    if (drawing->rows_held > max_plan_rows)
        JF_TRY(jf_fail(err, JF_ELIMIT, "plan '%s' needs too much memory for %zu rows; take kfold",
                       drawing->request->text, drawing->data->n_rows));
    split.train = JF_NEW_ARRAY(size_t, split.n_train + 1);
    split.test = JF_NEW_ARRAY(size_t, split.n_test + 1);
    JF_TRY_NEW(split.train, err, "a split");
    JF_TRY_NEW(split.test, err, "a split");
    for (size_t i = 0; i < drawing->data->n_rows; i++) {
        if (drawing->sides[i] == JF_TRAIN) split.train[train++] = drawing->data->rows[i];
        if (drawing->sides[i] == JF_TEST) split.test[test++] = drawing->data->rows[i];
    }
    split.infeasible =
        split.n_train == 0 || split.n_test == 0 || jf_plan_lacks_level(drawing, drawing->sides);
    if (plan->extrapolates) JF_TRY(measure_distance(drawing, &split, err));
    if (!jf_grow((void **)&plan->splits, &plan->capacity, plan->n_splits + 1, sizeof *plan->splits))
        JF_TRY_NEW(NULL, err, "a split");
    plan->infeasible += split.infeasible;
    plan->splits[plan->n_splits++] = split;
    split = (jf_split){0};
done:
    jf_free(split.name);
    jf_free(split.train);
    jf_free(split.test);
    return status;
}

char *jf_plan_split_name(const char *format, ...)
{
    char name[256];
    va_list args;

    va_start(args, format);
    vsnprintf(name, sizeof name, format, args);
    va_end(args);
    return jf_copy_text(name);
}

size_t *jf_plan_shuffled_units(const jf_drawing *drawing, jf_stream *stream)
{
    size_t *order = JF_NEW_ARRAY(size_t, drawing->n_units);

    for (size_t i = 0; order && i < drawing->n_units; i++) order[i] = i;
    if (order) jf_stream_shuffle(stream, order, drawing->n_units);
    return order;
}

static jf_status read_request(char *text, jf_plan_request *request, jf_error *err)
{
    const char *names[sizeof jf_plan_kinds / sizeof *jf_plan_kinds];
    char hint[96], *kind, *rest = text;
    size_t n = 0;

    if (strncmp(rest, "rows:", 5) == 0) {
        request->by_rows = true;
        jf_text_add(&request->written, "rows:");
        rest += 5;
    }
    kind = jf_plan_next_field(&rest);
    for (const jf_plan_kind *k = jf_plan_kinds; k->name; k++) {
        names[n++] = k->name;
        if (strcmp(k->name, kind) == 0) request->kind = k;
    }
    if (!request->kind)
        return jf_fail(err, JF_EUSAGE, "unknown validation plan '%s'%s", kind,
                       jf_did_you_mean(hint, sizeof hint, kind, names, n));
    return request->kind->read(request, rest, err);
}

/* Numbers the units anew, so that groups without rows here do not count. */
static jf_status number_units(jf_drawing *drawing, bool by_rows, jf_error *err)
{
    const jf_plan_data *data = drawing->data;
    const jf_groups *groups = by_rows ? NULL : data->groups;
    size_t *number = NULL;

    drawing->unit = JF_NEW_ARRAY(size_t, data->n_rows);
    if (groups) number = JF_NEW_ZEROED(size_t, groups->n_groups); /* 0: not met yet */
    if (!drawing->unit || (groups && !number)) {
        jf_free(number);
        return jf_fail(err, JF_ENOMEM, "out of memory for a plan");
    }
    for (size_t i = 0; i < data->n_rows; i++) {
        if (!groups) {
            drawing->unit[i] = drawing->n_units++;
            continue;
        }
        uint32_t group = groups->group[data->rows[i]];
        if (number[group] == 0) number[group] = ++drawing->n_units;
        drawing->unit[i] = number[group] - 1;
    }
    jf_free(number);
    return JF_OK;
}

static jf_status begin_drawing(jf_drawing *drawing, bool by_rows, jf_error *err)
{
    const jf_plan_data *data = drawing->data;
    int32_t largest = 0;
    jf_status status = JF_OK;

    if (data->n_rows == 0) return jf_fail(err, JF_EDATA, "no rows to validate on");
    JF_TRY(number_units(drawing, by_rows, err));
    for (size_t l = 0; l < data->n_levels; l++)
        for (size_t i = 0; i < data->n_rows; i++)
            if (data->levels[l][i] > largest) largest = data->levels[l][i];
    drawing->seen_codes = (size_t)largest + 3; /* codes start at -2 */
    drawing->sides = JF_NEW_ZEROED(jf_side, data->n_rows);
    drawing->values = JF_NEW_ZEROED(double, data->n_rows);
    drawing->unit_tests = JF_NEW_ZEROED(bool, drawing->n_units);
    drawing->seen = JF_NEW_ZEROED(bool, drawing->seen_codes);
    JF_TRY_NEW(drawing->sides, err, "a plan");
    JF_TRY_NEW(drawing->values, err, "a plan");
    JF_TRY_NEW(drawing->unit_tests, err, "a plan");
    JF_TRY_NEW(drawing->seen, err, "a plan");
done:
    return status;
}

static void end_drawing(jf_drawing *drawing)
{
    jf_free(drawing->unit);
    jf_free(drawing->sides);
    jf_free(drawing->values);
    jf_free(drawing->unit_tests);
    jf_free(drawing->seen);
}

static jf_status describe_plan(jf_plan *plan, jf_plan_request *request, jf_error *err)
{
    jf_status status = JF_OK;

    plan->text = jf_text_take(&request->written);
    plan->kind = jf_copy_text(request->kind->name);
    plan->column = jf_copy_text(request->column);
    plan->extrapolates = request->quantile > 0 || request->kind->draw == jf_draw_ladder;
    plan->down = request->down;
    JF_TRY_NEW(plan->text, err, "a plan");
    JF_TRY_NEW(plan->kind, err, "a plan");
    if (request->column) JF_TRY_NEW(plan->column, err, "a plan");
done:
    return status;
}

jf_status jf_plan_build(const char *text, const jf_plan_data *data, jf_plan **out, jf_error *err)
{
    jf_status status = JF_OK;
    char *copy = jf_copy_text(text);
    jf_plan_request request = {.text = text, .folds = 10, .repeats = 1, .rungs = 5, .test = 0.3};
    jf_plan *plan = JF_NEW(jf_plan);
    jf_drawing drawing = {.data = data, .request = &request, .plan = plan};

    *out = NULL;
    JF_TRY_NEW(copy, err, "a plan");
    JF_TRY_NEW(plan, err, "a plan");
    JF_TRY(read_request(copy, &request, err));
    JF_TRY(describe_plan(plan, &request, err));
    plan->by_rows = request.by_rows || !data->groups;
    JF_TRY(begin_drawing(&drawing, request.by_rows, err));
    plan->n_units = drawing.n_units;
    JF_TRY(request.kind->draw(&drawing, err));
    if (plan->n_splits == 0)
        JF_TRY(jf_fail(err, JF_EDATA, "plan '%s': column '%s' has too few different values to split", text,
                       request.column));
    *out = plan;
    plan = NULL;
done:
    end_drawing(&drawing);
    jf_text_free(&request.written);
    jf_plan_free(plan);
    jf_free(copy);
    return status;
}

void jf_plan_free(jf_plan *plan)
{
    if (!plan) return;
    for (size_t i = 0; i < plan->n_splits; i++) {
        jf_free(plan->splits[i].name);
        jf_free(plan->splits[i].train);
        jf_free(plan->splits[i].test);
    }
    jf_free(plan->splits);
    jf_free(plan->text);
    jf_free(plan->kind);
    jf_free(plan->column);
    jf_free(plan);
}
