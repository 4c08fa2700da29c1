/* Splits the rows, fits each part, and sets the parts against the whole. */
#include "fit/infer/by_level.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "fit/infer/by_tests.h"
#include "fit/infer/infer_parts.h"

enum { MOST_LEVELS = 50 };

void jf_by_clear(jf_by *by)
{
    if (!by) return;
    for (size_t i = 0; i < by->n_levels; i++) {
        jf_free(by->levels[i].level);
        jf_free(by->levels[i].failure);
        jf_fit_free(by->levels[i].fit);
    }
    jf_free(by->levels);
    jf_free(by->equal);
    jf_free(by->refused);
}

/* ---- levels ---- */

static jf_status find_column(const jf_fit_work *work, const jf_column **out)
{
    const jf_table *table = work->table;
    const char *name = work->options->by, **names;
    char hint[128] = "";

    *out = jf_table_find(table, name);
    if (*out) return JF_OK;
    names = JF_NEW_ARRAY(const char *, table->n_columns);
    for (size_t i = 0; names && i < table->n_columns; i++) names[i] = table->columns[i].name;
    if (names) jf_did_you_mean(hint, sizeof hint, name, names, table->n_columns);
    jf_free(names);
    return jf_fail(work->err, JF_EUSAGE, "--by: no column '%s'%s", name, hint);
}

/* The level of a row as text; false where it is missing. */
static bool level_of(const jf_column *column, size_t row, char buffer[JF_NUMBER_TEXT], const char **out)
{
    if (column->kind == JF_LABEL) {
        if (column->codes[row] < 0) return false;
        *out = column->levels[column->codes[row]];
        return true;
    }
    if (isnan(column->values[row])) return false;
    *out = jf_number_exact(buffer, column->values[row]);
    return true;
}

static jf_status add_level(const jf_fit_work *work, jf_by *by, const char *level)
{
    jf_level_fit *levels;

    if (by->n_levels == MOST_LEVELS)
        return jf_fail(work->err, JF_EDATA, "--by %s: more than %d levels", by->column, MOST_LEVELS);
    levels = jf_resize(by->levels, by->n_levels + 1, sizeof *levels);
    if (!levels) return jf_fail(work->err, JF_ENOMEM, "out of memory for levels");
    by->levels = levels;
    levels[by->n_levels] = (jf_level_fit){.level = jf_copy_text(level)};
    if (!levels[by->n_levels].level) return jf_fail(work->err, JF_ENOMEM, "out of memory for levels");
    by->n_levels++;
    return JF_OK;
}

/* of[i]: the level of row i of the fit, n_levels first seen first; MOST_LEVELS where it is missing. */
static jf_status deal_rows(const jf_fit_work *work, const jf_column *column, jf_by *by, size_t *of)
{
    jf_status status = JF_OK;
    char buffer[JF_NUMBER_TEXT];

    for (size_t i = 0; i < work->fit->n; i++) {
        const char *level;
        size_t at = 0;

        of[i] = MOST_LEVELS;
        if (!level_of(column, work->fit->rows[i], buffer, &level)) continue;
        while (at < by->n_levels && strcmp(by->levels[at].level, level) != 0) at++;
        if (at == by->n_levels) JF_TRY(add_level(work, by, level));
        of[i] = at;
        by->levels[at].n++;
    }
    if (by->n_levels < 2)
        JF_TRY(jf_fail(work->err, JF_EDATA, "--by %s: expected two levels or more among the rows, found %zu",
                       by->column, by->n_levels));
done:
    return status;
}

/* ---- fits ---- */

/* What the fits of levels are asked for: numbers and errors, nothing besides. */
static jf_fit_options options_of_level(const jf_fit_work *work)
{
    jf_fit_options options = *work->options;

    options.by = options.at = options.free = options.ci = NULL;
    options.derive = options.test = options.contour = (jf_option_list){0};
    options.conformal = JF_CONFORMAL_NONE;
    options.influence = true;
    if (work->fit->se == JF_SE_CLUSTER ||
        work->fit->se == JF_SE_CR2) /* as the whole, however few its groups */
        options.se = jf_se_names[work->fit->se == JF_SE_CR2 ? JF_SE_CR2 : JF_SE_CR1];
    return options;
}

static jf_status fit_rows(const jf_fit_work *work, const size_t *of, size_t level, bool all_fitted,
                          jf_fit **out, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_by *by = work->fit->by;
    jf_fit_options options = options_of_level(work);
    size_t *rows = JF_NEW_ARRAY(size_t, work->fit->n), n = 0;

    JF_TRY_NEW(rows, err, "levels");
    for (size_t i = 0; i < work->fit->n; i++)
        if (all_fitted ? of[i] < by->n_levels && by->levels[of[i]].fit : of[i] == level)
            rows[n++] = work->fit->rows[i];
    JF_TRY(jf_fit_run(work->law, work->table, rows, n, work->groups, &options, out, err));
done:
    jf_free(rows);
    return status;
}

/* A level that cannot be fitted is a row of the answer with its reason. */
static jf_status fit_level(const jf_fit_work *work, const size_t *of, size_t at)
{
    jf_level_fit *level = &work->fit->by->levels[at];
    jf_error why = {0};
    jf_status status = fit_rows(work, of, at, false, &level->fit, &why);
    const char *reason = why.message;

    if (status == JF_ENOMEM || status == JF_EINTERRUPTED) {
        if (work->err) *work->err = why;
        return status;
    }
    if (level->fit) level->n_groups = level->fit->n_groups;
    if (level->fit && level->fit->outcome != JF_FAILED) {
        work->fit->by->n_fitted++;
        return JF_OK;
    }
    if (level->fit && level->fit->failure) reason = level->fit->failure;
    level->failure = jf_copy_text(reason);
    jf_fit_free(level->fit);
    level->fit = NULL;
    return level->failure ? JF_OK : jf_fail(work->err, JF_ENOMEM, "out of memory for levels");
}

/* The pooled fit over the rows of the levels fitted: *pooled is NULL where that is work->fit. */
static jf_status fit_pooled(const jf_fit_work *work, const size_t *of, jf_fit **pooled)
{
    const jf_by *by = work->fit->by;
    size_t n = 0;

    *pooled = NULL;
    for (size_t i = 0; i < by->n_levels; i++) n += by->levels[i].fit ? by->levels[i].n : 0;
    return n == work->fit->n ? JF_OK : fit_rows(work, of, 0, true, pooled, work->err);
}

jf_status jf_by_add(jf_fit_work *work)
{
    jf_status status = JF_OK;
    jf_fit *fit = work->fit, *pooled = NULL;
    const jf_column *column;
    size_t *of = NULL;

    if (!work->options->by || fit->outcome == JF_FAILED) return JF_OK;
    JF_TRY(find_column(work, &column));
    if (jf_ast_has_levels_of(work->law->formula, column->name))
        JF_TRY(jf_fail(work->err, JF_EUSAGE, "--by %s: the law has a parameter for each level of it already",
                       column->name));
    fit->by = JF_NEW(jf_by);
    of = JF_NEW_ARRAY(size_t, fit->n);
    JF_TRY_NEW(fit->by && of ? fit->by : NULL, work->err, "levels");
    fit->by->column = work->options->by;
    JF_TRY(deal_rows(work, column, fit->by, of));
    for (size_t i = 0; i < fit->by->n_levels; i++) JF_TRY(fit_level(work, of, i));
    JF_TRY(fit_pooled(work, of, &pooled));
    JF_TRY(jf_by_test(work, pooled ? pooled : fit));
done:
    jf_fit_free(pooled);
    jf_free(of);
    return status;
}
