/* Reads a plan's text and draws its splits: one row of jf_plan_kinds for each kind, and what they share. */
#include "fit/select/plan.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/expr/evaluate.h"
#include "core/memory.h"
#include "core/stream.h"
#include "core/text.h"
#include "fit/select/metrics.h"

enum { MAX_REDRAWS = 100, MAX_COUNTS = 16 };
/* Rows that all training lists of one plan may hold together (1 GiB). */
static const size_t max_plan_rows = (size_t)1 << 27;

/* A plan's text, understood. Fields that a kind has no use for keep their defaults. */
typedef struct jf_plan_request {
    const char *text;
    const jf_plan_kind *kind;
    bool by_rows, down;
    size_t folds, repeats, rungs;
    double test, quantile;
    size_t counts[MAX_COUNTS], n_counts; /* transfer: groups given back */
    char *column, *expression;           /* into the copy of the text that jf_plan_build holds */
    jf_text written;                     /* the text with its defaults */
} request_t;

typedef enum side { OUT, TRAIN, TEST } side;

/* A plan while it is drawn: rows are dealt out by unit, a group or (without groups) a row. */
typedef struct jf_drawing {
    const jf_plan_data *data;
    const request_t *request;
    jf_plan *plan;
    size_t *unit; /* n_rows: unit of each row, 0 .. n_units - 1 in order of appearance */
    size_t n_units;
    side *sides;       /* n_rows: what the kind decides for the next split */
    bool *unit_tests;  /* n_units: scratch of add_split */
    bool *seen;        /* scratch of lacks_level: codes that occur in training */
    size_t seen_codes; /* length of `seen` */
    double *values;    /* n_rows: of the plan's column, where it has a numeric one */
    size_t rows_held;  /* in all training lists so far */
} drawing_t;

/* ---- reading ---- */

/* Cuts the text before the next ':' off `*rest` and moves on; NULL when nothing is left. A name in backquotes
 * may hold colons. */
static char *next_field(char **rest)
{
    char *field = *rest, *end;

    if (!field) return NULL;
    if (*field == '`' && (end = strchr(field + 1, '`')) != NULL) {
        *end = '\0';
        *rest = end[1] == ':' ? end + 2 : NULL;
        return field + 1;
    }
    end = strchr(field, ':');
    if (end) *end = '\0';
    *rest = end ? end + 1 : NULL;
    return field;
}

static jf_status read_count(const request_t *request, const char *what, const char *text, size_t low,
                            size_t *out, jf_error *err)
{
    double value;

    if (!jf_number_read(text, strlen(text), &value) || value < (double)low || value > 1e6 ||
        value != floor(value))
        return jf_fail(err, JF_EUSAGE, "plan '%s': %s: expected a whole number from %zu, found '%s'",
                       request->text, what, low, text);
    *out = (size_t)value;
    return JF_OK;
}

static jf_status read_fraction(const request_t *request, const char *what, const char *text, double *out,
                               jf_error *err)
{
    if (!jf_number_read(text, strlen(text), out) || *out <= 0 || *out >= 1)
        return jf_fail(err, JF_EUSAGE, "plan '%s': %s: expected a number between 0 and 1, found '%s'",
                       request->text, what, text);
    return JF_OK;
}

static jf_status wrong_form(const request_t *request, jf_error *err)
{
    return jf_fail(err, JF_EUSAGE, "plan '%s': expected %s", request->text, request->kind->usage);
}

/* `repeats=5` and `test=0.3` between commas. */
static jf_status read_settings(request_t *request, char *rest, bool has_test, jf_error *err)
{
    jf_status status = JF_OK;
    char *save = NULL;

    for (char *item = rest ? strtok_r(rest, ",", &save) : NULL; item; item = strtok_r(NULL, ",", &save)) {
        if (strncmp(item, "repeats=", 8) == 0)
            JF_TRY(read_count(request, "repeats", item + 8, 1, &request->repeats, err));
        else if (has_test && strncmp(item, "test=", 5) == 0)
            JF_TRY(read_fraction(request, "test", item + 5, &request->test, err));
        else
            JF_TRY(wrong_form(request, err));
    }
done:
    return status;
}

static jf_status read_grouped(request_t *request, char *rest, jf_error *err)
{
    char share[JF_NUMBER_TEXT];
    jf_status status = JF_OK;

    request->repeats = 20;
    JF_TRY(read_settings(request, rest, true, err));
    jf_text_addf(&request->written, "grouped:repeats=%zu,test=%s", request->repeats,
                 jf_number_exact(share, request->test));
done:
    return status;
}

static jf_status read_kfold(request_t *request, char *rest, jf_error *err)
{
    jf_status status = JF_OK;
    char *more = rest ? strchr(rest, ',') : NULL;

    if (more) *more++ = '\0';
    if (rest) JF_TRY(read_count(request, "folds", rest, 2, &request->folds, err));
    JF_TRY(read_settings(request, more, false, err));
    jf_text_addf(&request->written, "kfold:%zu", request->folds);
    if (request->repeats > 1) jf_text_addf(&request->written, ",repeats=%zu", request->repeats);
done:
    return status;
}

static jf_status read_loo(request_t *request, char *rest, jf_error *err)
{
    if (rest) return wrong_form(request, err);
    jf_text_add(&request->written, "loo");
    return JF_OK;
}

/* The column that every kind below starts with. */
static jf_status read_column(request_t *request, char **rest, jf_error *err)
{
    char *name = next_field(rest);

    if (!name || !*name) return wrong_form(request, err);
    request->column = name;
    jf_text_addf(&request->written, "%s:%s", request->kind->name, name);
    return JF_OK;
}

static jf_status read_logo(request_t *request, char *rest, jf_error *err)
{
    jf_status status = JF_OK;

    JF_TRY(read_column(request, &rest, err));
    if (rest) JF_TRY(wrong_form(request, err));
done:
    return status;
}

static jf_status read_extrapolate(request_t *request, char *rest, jf_error *err)
{
    jf_status status = JF_OK;
    char share[JF_NUMBER_TEXT], *quantile, *way;

    JF_TRY(read_column(request, &rest, err));
    quantile = next_field(&rest);
    way = next_field(&rest);
    if (rest) JF_TRY(wrong_form(request, err));
    if (quantile && strcmp(quantile, "down") == 0 && !way) {
        way = quantile;
        quantile = NULL;
    }
    request->down = way && strcmp(way, "down") == 0;
    if (way && !request->down && strcmp(way, "up") != 0) JF_TRY(wrong_form(request, err));
    request->quantile = request->down ? 0.25 : 0.75;
    if (quantile) JF_TRY(read_fraction(request, "quantile", quantile, &request->quantile, err));
    jf_text_addf(&request->written, ":%s%s", jf_number_exact(share, request->quantile),
                 request->down ? ":down" : "");
done:
    return status;
}

static jf_status read_ladder(request_t *request, char *rest, jf_error *err)
{
    jf_status status = JF_OK;
    char *rungs;

    JF_TRY(read_column(request, &rest, err));
    rungs = next_field(&rest);
    if (rest) JF_TRY(wrong_form(request, err));
    if (rungs) JF_TRY(read_count(request, "rungs", rungs, 1, &request->rungs, err));
    jf_text_addf(&request->written, ":%zu", request->rungs);
done:
    return status;
}

static jf_status read_transfer(request_t *request, char *rest, jf_error *err)
{
    jf_status status = JF_OK;
    char *counts, *save = NULL;
    char by_default[] = "0,1,2,4";

    request->repeats = 5;
    JF_TRY(read_column(request, &rest, err));
    counts = next_field(&rest);
    if (rest) JF_TRY(wrong_form(request, err));
    for (char *item = strtok_r(counts ? counts : by_default, ",", &save); item;
         item = strtok_r(NULL, ",", &save)) {
        if (strncmp(item, "repeats=", 8) == 0) {
            JF_TRY(read_count(request, "repeats", item + 8, 1, &request->repeats, err));
            continue;
        }
        if (request->n_counts == MAX_COUNTS)
            JF_TRY(jf_fail(err, JF_EUSAGE, "plan '%s': at most %d counts", request->text, MAX_COUNTS));
        JF_TRY(read_count(request, "groups given back", item, 0, &request->counts[request->n_counts++], err));
    }
    if (request->n_counts == 0) JF_TRY(wrong_form(request, err));
    for (size_t i = 0; i < request->n_counts; i++)
        jf_text_addf(&request->written, "%c%zu", i ? ',' : ':', request->counts[i]);
    jf_text_addf(&request->written, ",repeats=%zu", request->repeats);
done:
    return status;
}

static jf_status read_holdout(request_t *request, char *rest, jf_error *err)
{
    if (!rest || !*rest) return wrong_form(request, err);
    request->expression = rest;
    jf_text_addf(&request->written, "holdout:%s", rest);
    return JF_OK;
}

/* ---- what all kinds share ---- */

/* Streams of one kind: plans of different kinds share no draws, and a longer plan begins as a shorter one. */
static jf_stream stream_of(const drawing_t *drawing, size_t index)
{
    uint32_t hash = 2166136261u; /* FNV-1a */

    for (const char *c = drawing->request->kind->name; *c; c++) hash = (hash ^ (unsigned char)*c) * 16777619u;
    return jf_stream_make(drawing->data->seed, JF_FOR_SPLITS, ((uint64_t)hash << 32) | (uint32_t)index);
}

/* Does a test row have a code that no training row has? */
static bool lacks_level(const drawing_t *drawing, const side *sides)
{
    const jf_plan_data *data = drawing->data;

    for (size_t l = 0; l < data->n_levels; l++) {
        const int32_t *codes = data->levels[l];
        memset(drawing->seen, 0, drawing->seen_codes * sizeof *drawing->seen);
        for (size_t i = 0; i < data->n_rows; i++)
            if (sides[i] == TRAIN) drawing->seen[codes[i] + 2] = true;
        for (size_t i = 0; i < data->n_rows; i++)
            if (sides[i] == TEST && !drawing->seen[codes[i] + 2]) return true;
    }
    return false;
}

/* Values of the plan's column on one side, sorted, into `values`; how many. */
static size_t side_values(const drawing_t *drawing, side wanted, double *values)
{
    size_t n = 0;

    for (size_t i = 0; i < drawing->data->n_rows; i++)
        if (drawing->sides[i] == wanted) values[n++] = drawing->values[i];
    jf_sort(values, n);
    return n;
}

static jf_status measure_distance(const drawing_t *drawing, jf_split *split, jf_error *err)
{
    double *train = JF_NEW_ARRAY(double, drawing->data->n_rows);
    double *test = JF_NEW_ARRAY(double, drawing->data->n_rows);
    jf_status status = JF_OK;
    size_t n_train, n_test;
    double edge, middle, end;

    JF_TRY_NEW(train, err, "an extrapolation");
    JF_TRY_NEW(test, err, "an extrapolation");
    n_train = side_values(drawing, TRAIN, train);
    n_test = side_values(drawing, TEST, test);
    if (n_train == 0 || n_test == 0) goto done;
    edge = drawing->request->down ? train[0] : train[n_train - 1];
    end = drawing->request->down ? test[0] : test[n_test - 1];
    middle = jf_quantile(test, n_test, 0.5);
    if (edge > 0 && middle > 0) split->distance = fabs(log(middle / edge));
    if (edge > 0 && end > 0) split->reach = fabs(log(end / edge));
done:
    jf_free(train);
    jf_free(test);
    return status;
}

/* Moves training rows of units that test out of the training part; counts the units on both sides. */
static void separate_units(drawing_t *drawing, jf_split *split)
{
    size_t n_rows = drawing->data->n_rows;

    memset(drawing->unit_tests, 0, drawing->n_units * sizeof *drawing->unit_tests);
    for (size_t i = 0; i < n_rows; i++)
        if (drawing->sides[i] == TEST && !drawing->unit_tests[drawing->unit[i]]) {
            drawing->unit_tests[drawing->unit[i]] = true;
            split->n_test_units++;
        }
    for (size_t i = 0; i < n_rows; i++) {
        if (drawing->sides[i] == TRAIN && drawing->unit_tests[drawing->unit[i]]) drawing->sides[i] = OUT;
        split->n_train += drawing->sides[i] == TRAIN;
        split->n_test += drawing->sides[i] == TEST;
    }
    for (size_t i = 0; i < n_rows; i++) /* the flag now means: counted already */
        if (drawing->sides[i] == TRAIN && !drawing->unit_tests[drawing->unit[i]]) {
            drawing->unit_tests[drawing->unit[i]] = true;
            split->n_train_units++;
        }
}

/* Writes drawing->sides down as the next split. Takes over `name`. */
static jf_status add_split(drawing_t *drawing, char *name, jf_error *err)
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
        if (drawing->sides[i] == TRAIN) split.train[train++] = drawing->data->rows[i];
        if (drawing->sides[i] == TEST) split.test[test++] = drawing->data->rows[i];
    }
    split.infeasible = split.n_train == 0 || split.n_test == 0 || lacks_level(drawing, drawing->sides);
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

static char *split_name(const char *format, ...) __attribute__((format(printf, 1, 2)));
static char *split_name(const char *format, ...)
{
    char name[256];
    va_list args;

    va_start(args, format);
    vsnprintf(name, sizeof name, format, args);
    va_end(args);
    return jf_copy_text(name);
}

/* Units in random order. */
static size_t *shuffled_units(const drawing_t *drawing, jf_stream *stream)
{
    size_t *order = JF_NEW_ARRAY(size_t, drawing->n_units);

    for (size_t i = 0; order && i < drawing->n_units; i++) order[i] = i;
    if (order) jf_stream_shuffle(stream, order, drawing->n_units);
    return order;
}

/* ---- drawing, kind by kind ---- */

static void sides_of_first(drawing_t *drawing, const size_t *order, size_t n_test)
{
    bool *tests = drawing->unit_tests;

    memset(tests, 0, drawing->n_units * sizeof *tests);
    for (size_t i = 0; i < n_test; i++) tests[order[i]] = true;
    for (size_t i = 0; i < drawing->data->n_rows; i++)
        drawing->sides[i] = tests[drawing->unit[i]] ? TEST : TRAIN;
}

static jf_status draw_grouped(drawing_t *drawing, jf_error *err)
{
    const request_t *request = drawing->request;
    /* the small step back keeps 0.1 * 30 from becoming 4 by rounding */
    size_t n_test = (size_t)ceil(request->test * (double)drawing->n_units - 1e-9);
    jf_status status = JF_OK;
    size_t *order = NULL;

    if (n_test >= drawing->n_units)
        return jf_fail(err, JF_EDATA, "plan '%s': %zu of %zu %s would be held out and none be left to train",
                       request->text, n_test, drawing->n_units, drawing->plan->by_rows ? "rows" : "groups");
    for (size_t split = 0; split < request->repeats; split++) {
        jf_stream stream = stream_of(drawing, split);
        order = shuffled_units(drawing, &stream);
        JF_TRY_NEW(order, err, "a split");
        sides_of_first(drawing, order, n_test);
        for (int again = 0; again < MAX_REDRAWS && lacks_level(drawing, drawing->sides); again++) {
            jf_stream_shuffle(&stream, order, drawing->n_units);
            sides_of_first(drawing, order, n_test);
            drawing->plan->redrawn++;
        }
        JF_TRY(add_split(drawing, split_name("draw %zu", split + 1), err));
        jf_free(order);
        order = NULL;
    }
done:
    jf_free(order);
    return status;
}

static jf_status draw_folds(drawing_t *drawing, size_t n_folds, const size_t *fold_of_unit,
                            const char *repeat, jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t fold = 0; fold < n_folds; fold++) {
        for (size_t i = 0; i < drawing->data->n_rows; i++)
            drawing->sides[i] = fold_of_unit[drawing->unit[i]] == fold ? TEST : TRAIN;
        JF_TRY(add_split(drawing, split_name("fold %zu%s", fold + 1, repeat), err));
    }
done:
    return status;
}

static jf_status draw_kfold(drawing_t *drawing, jf_error *err)
{
    const request_t *request = drawing->request;
    jf_status status = JF_OK;
    size_t *order = NULL, *fold = JF_NEW_ARRAY(size_t, drawing->n_units);
    char repeat[32] = "";

    JF_TRY_NEW(fold, err, "folds");
    if (request->folds > drawing->n_units)
        JF_TRY(jf_fail(err, JF_EDATA, "plan '%s': %zu folds, but there are only %zu %s", request->text,
                       request->folds, drawing->n_units, drawing->plan->by_rows ? "rows" : "groups"));
    for (size_t r = 0; r < request->repeats; r++) {
        jf_stream stream = stream_of(drawing, r);
        jf_free(order);
        order = shuffled_units(drawing, &stream);
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

static jf_status draw_loo(drawing_t *drawing, jf_error *err)
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
static jf_status label_column(const drawing_t *drawing, jf_column *out, jf_error *err)
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
static bool sides_of_level(drawing_t *drawing, const jf_column *labels, size_t level)
{
    bool found = false;

    for (size_t i = 0; i < drawing->data->n_rows; i++) {
        int32_t code = labels->codes[drawing->data->rows[i]];
        drawing->sides[i] = code < 0 ? OUT : (size_t)code == level ? TEST : TRAIN;
        found |= drawing->sides[i] == TEST;
    }
    return found;
}

static jf_status draw_logo(drawing_t *drawing, jf_error *err)
{
    jf_column labels = {0};
    jf_status status = JF_OK;

    JF_TRY(label_column(drawing, &labels, err));
    for (size_t level = 0; level < labels.n_levels; level++)
        if (sides_of_level(drawing, &labels, level))
            JF_TRY(add_split(drawing, split_name("%s", labels.levels[level]), err));
done:
    jf_column_clear(&labels);
    return status;
}

/* Fills drawing->values and gives each unit the median of its values (NaN: none). */
static jf_status unit_medians(drawing_t *drawing, double **out, jf_error *err)
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
static double *sorted_medians(const drawing_t *drawing, const double *medians, size_t *n)
{
    double *sorted = JF_NEW_ARRAY(double, drawing->n_units);

    *n = 0;
    for (size_t u = 0; sorted && u < drawing->n_units; u++)
        if (!isnan(medians[u])) sorted[(*n)++] = medians[u];
    if (sorted) jf_sort(sorted, *n);
    return sorted;
}

static jf_status draw_extrapolate(drawing_t *drawing, jf_error *err)
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
        drawing->sides[i] = isnan(drawing->values[i]) ? OUT : (down ? at < end : at > end) ? TEST : TRAIN;
    }
    JF_TRY(add_split(drawing, split_name("%s %s", down ? "below" : "above", drawing->request->column), err));
done:
    jf_free(medians);
    jf_free(sorted);
    return status;
}

/* Rungs at the quantiles 1/(n+1) .. n/(n+1), each different value once; how many. */
static size_t ladder_rungs(const double *sorted, size_t n, size_t wanted, double *rungs)
{
    size_t found = 0;

    for (size_t j = 1; j <= wanted && n > 0; j++) {
        double rung = jf_quantile(sorted, n, (double)j / (double)(wanted + 1));
        if (rung < sorted[n - 1] && (found == 0 || rung > rungs[found - 1])) rungs[found++] = rung;
    }
    return found;
}

/* Train up to rung j, test in band b >= j: between rung b and the next. */
static jf_status draw_ladder(drawing_t *drawing, jf_error *err)
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
                drawing->sides[i] = at <= rungs[j] ? TRAIN : at > low && at <= high ? TEST : OUT;
            }
            JF_TRY(add_split(drawing, split_name("rung %zu, band %zu", j + 1, b + 1), err));
        }
done:
    jf_free(medians);
    jf_free(sorted);
    jf_free(rungs);
    return status;
}

/* One level left out; `given` of its first `most` units (in `order`) train again, and the units after those
 * `most` test, so that all counts are judged on the same rows. */
static void sides_of_transfer(drawing_t *drawing, const jf_column *labels, size_t level, const size_t *order,
                              size_t most, size_t given)
{
    bool *at_level = drawing->unit_tests; /* scratch: the unit has rows of this level */
    size_t place = 0;

    sides_of_level(drawing, labels, level);
    memset(at_level, 0, drawing->n_units * sizeof *at_level);
    for (size_t i = 0; i < drawing->data->n_rows; i++)
        if (drawing->sides[i] == TEST) at_level[drawing->unit[i]] = true;
    for (size_t u = 0; u < drawing->n_units && place < most; u++) {
        if (!at_level[order[u]]) continue;
        for (size_t i = 0; i < drawing->data->n_rows; i++)
            if (drawing->unit[i] == order[u] && drawing->sides[i] == TEST)
                drawing->sides[i] = place < given ? TRAIN : OUT;
        place++;
    }
}

static jf_status draw_transfer(drawing_t *drawing, jf_error *err)
{
    const request_t *request = drawing->request;
    jf_column labels = {0};
    jf_status status = JF_OK;
    size_t *order = NULL, most = 0;

    for (size_t c = 0; c < request->n_counts; c++)
        if (request->counts[c] > most) most = request->counts[c];
    JF_TRY(label_column(drawing, &labels, err));
    for (size_t level = 0; level < labels.n_levels; level++) {
        if (!sides_of_level(drawing, &labels, level)) continue;
        for (size_t r = 0; r < request->repeats; r++) {
            jf_stream stream = stream_of(drawing, level * request->repeats + r);
            jf_free(order);
            order = shuffled_units(drawing, &stream);
            JF_TRY_NEW(order, err, "a split");
            for (size_t c = 0; c < request->n_counts; c++) {
                sides_of_transfer(drawing, &labels, level, order, most, request->counts[c]);
                JF_TRY(
                    add_split(drawing, split_name("%s +%zu", labels.levels[level], request->counts[c]), err));
            }
        }
    }
done:
    jf_free(order);
    jf_column_clear(&labels);
    return status;
}

static jf_status draw_holdout(drawing_t *drawing, jf_error *err)
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
        drawing->sides[i] = isnan(value) ? OUT : value != 0 ? TEST : TRAIN;
    }
    JF_TRY(add_split(drawing, split_name("%s", drawing->request->expression), err));
done:
    jf_ast_free(ast);
    jf_column_clear(&truth);
    return status;
}

const jf_plan_kind jf_plan_kinds[] = {
    {"grouped", "grouped[:repeats=20,test=0.3]", "random groups held out, again and again", read_grouped,
     draw_grouped},
    {"kfold", "kfold[:10,repeats=1]", "every group held out once (in each repeat)", read_kfold, draw_kfold},
    {"loo", "loo", "every group (without groups: every row) held out alone", read_loo, draw_loo},
    {"logo", "logo:COLUMN", "every level of a column held out alone", read_logo, draw_logo},
    {"extrapolate", "extrapolate:COLUMN[:QUANTILE][:down]",
     "trained on one side of a quantile, tested beyond it", read_extrapolate, draw_extrapolate},
    {"ladder", "ladder:COLUMN[:RUNGS]", "trained up to each rung, tested in each band above it", read_ladder,
     draw_ladder},
    {"transfer", "transfer:COLUMN[:0,1,2,4,repeats=5]",
     "one level held out, then some of its groups given back", read_transfer, draw_transfer},
    {"holdout", "holdout:EXPRESSION", "the rows where the expression is true held out", read_holdout,
     draw_holdout},
    {NULL, NULL, NULL, NULL, NULL},
};

/* ---- the whole ---- */

static jf_status read_request(char *text, request_t *request, jf_error *err)
{
    const char *names[sizeof jf_plan_kinds / sizeof *jf_plan_kinds];
    char hint[96], *kind, *rest = text;
    size_t n = 0;

    if (strncmp(rest, "rows:", 5) == 0) {
        request->by_rows = true;
        jf_text_add(&request->written, "rows:");
        rest += 5;
    }
    kind = next_field(&rest);
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
static jf_status number_units(drawing_t *drawing, bool by_rows, jf_error *err)
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

static jf_status begin_drawing(drawing_t *drawing, bool by_rows, jf_error *err)
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
    drawing->sides = JF_NEW_ZEROED(side, data->n_rows);
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

static void end_drawing(drawing_t *drawing)
{
    jf_free(drawing->unit);
    jf_free(drawing->sides);
    jf_free(drawing->values);
    jf_free(drawing->unit_tests);
    jf_free(drawing->seen);
}

static jf_status describe_plan(jf_plan *plan, request_t *request, jf_error *err)
{
    jf_status status = JF_OK;

    plan->text = jf_text_take(&request->written);
    plan->kind = jf_copy_text(request->kind->name);
    plan->column = jf_copy_text(request->column);
    plan->extrapolates = request->quantile > 0 || request->kind->draw == draw_ladder;
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
    request_t request = {.text = text, .folds = 10, .repeats = 1, .rungs = 5, .test = 0.3};
    jf_plan *plan = JF_NEW(jf_plan);
    drawing_t drawing = {.data = data, .request = &request, .plan = plan};

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
