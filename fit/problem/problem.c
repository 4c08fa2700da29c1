/* From a law and a table to the numbers that solvers work on: binding, and the order of the steps. */
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "fit/problem/problem_law.h"
#include "fit/problem/problem_parts.h"

void jf_problem_free(jf_problem *problem)
{
    if (!problem) return;
    jf_inputs_free(problem->inputs);
    if (!problem->shares) {
        jf_formula_free(problem->formula);
        jf_transform_free(problem->transform);
        jf_law_free(problem->owned_law);
    }
    jf_free(problem->rows);
    if (problem->response != problem->raw) jf_free(problem->response);
    if (!problem->borrows_raw) jf_free(problem->raw);
    jf_free(problem->log_slope);
    jf_free(problem->weight);
    jf_free(problem->lower);
    jf_free(problem->upper);
    jf_free(problem->fixed);
    jf_free(problem->start);
    jf_free(problem->range_low);
    jf_free(problem->range_high);
    jf_free(problem->log_range);
    jf_free(problem);
}

double jf_problem_log_slope(const jf_problem *problem, size_t i)
{
    if (problem->log_slope) return problem->log_slope[i];
    return jf_transform_is_log(problem->transform) ? -problem->response[i] : 0;
}

jf_status jf_problem_part_from_table(jf_problem *problem, jf_error *err)
{
    double *own;

    if (!problem->borrows_raw) return JF_OK;
    own = JF_NEW_ARRAY(double, problem->n);
    if (!own) return jf_fail(err, JF_ENOMEM, "out of memory for the response");
    memcpy(own, problem->raw, problem->n * sizeof *own);
    if (problem->response == problem->raw) problem->response = own;
    problem->raw = own;
    problem->borrows_raw = false;
    return JF_OK;
}

size_t jf_problem_n_free(const jf_problem *problem)
{
    size_t n = 0;

    for (size_t j = 0; j < problem->k; j++) n += !problem->fixed[j];
    return n;
}

const char *jf_row_place(const jf_table *table, size_t row, char *buffer, size_t size)
{
    if (table->file)
        snprintf(buffer, size, "%s:%zu", table->file, jf_table_line(table, row));
    else
        snprintf(buffer, size, "row %zu", row + 1);
    return buffer;
}

/* ---- binding ---- */

static jf_status declare(jf_builder *b)
{
    const jf_law *law = b->problem->law;
    size_t most = law->n_specs + b->options->declared.n;

    b->declared = JF_NEW_ARRAY(const char *, most);
    if (!b->declared) return jf_fail(b->err, JF_ENOMEM, "out of memory for names");
    for (size_t i = 0; i < law->n_specs; i++)
        if (law->specs[i].declared && !strchr(law->specs[i].name, '['))
            b->declared[b->n_declared++] = law->specs[i].name;
    for (size_t i = 0; i < b->options->declared.n; i++)
        b->declared[b->n_declared++] = b->options->declared.items[i];
    return JF_OK;
}

static jf_status bind(jf_builder *b, jf_warnings *warnings)
{
    jf_problem *problem = b->problem;
    jf_bind_options options = {
        .declared = b->declared, .n_declared = b->n_declared, .allow_typos = problem->law->from_catalogue};
    jf_status status = JF_OK;

    jf_inputs_free(problem->inputs);
    problem->inputs = NULL;
    jf_formula_free(problem->formula);
    problem->formula = NULL;
    JF_TRY(jf_formula_bind("law", problem->law->formula, &b->columns, b->rows, b->n_rows, &options, warnings,
                           &problem->formula, b->err));
    JF_TRY(
        jf_inputs_build(problem->formula, &b->columns, b->rows, b->n_rows, NULL, &problem->inputs, b->err));
done:
    return status;
}

static jf_status check_counts(const jf_builder *b)
{
    const jf_problem *problem = b->problem;
    long unused = jf_formula_unused(problem->formula);
    size_t n_free = jf_problem_n_free(problem);

    if (unused >= 0)
        return jf_fail(b->err, JF_EUSAGE, "law '%s': the formula does not depend on its parameter '%s'",
                       problem->law->name, jf_formula_parameter(problem->formula, (size_t)unused)->name);
    if (n_free > problem->n)
        return jf_fail(b->err, JF_EDATA, "law '%s' has %zu free parameters, but only %zu row%s can be used",
                       problem->law->name, n_free, problem->n, problem->n == 1 ? "" : "s");
    return JF_OK;
}

static jf_status build(jf_builder *b)
{
    jf_status status = JF_OK;
    jf_problem *problem = b->problem;

    JF_TRY(declare(b));
    JF_TRY(jf_problem_law_inputs(problem->law, b->table, b->err));
    JF_TRY(jf_transform_new(problem->law->response, b->options->response, &b->columns, &problem->transform,
                            b->err));
    JF_TRY(bind(b, b->warnings));
    JF_TRY(jf_problem_read_weights(b));
    JF_TRY(jf_problem_choose_rows(b));
    if (problem->n < b->n_rows) { /* levels and learned constants are those of the rows that are fitted */
        b->rows = problem->rows;
        b->n_rows = problem->n;
        JF_TRY(bind(b, NULL));
    }
    JF_TRY(jf_problem_law_settings(problem->law, problem->formula, b->table, b->err));
    JF_TRY(jf_problem_set_parameters(b));
    JF_TRY(check_counts(b));
done:
    return status;
}

jf_status jf_problem_build(const jf_law *law, const jf_table *table, const size_t *rows, size_t n_rows,
                           const jf_fit_options *options, jf_warnings *warnings, jf_problem **out,
                           jf_error *err)
{
    jf_status status = JF_OK;
    jf_builder b = {
        .table = table, .columns = jf_table_columns(table), .options = options, .warnings = warnings};

    *out = NULL;
    b.rows = rows;
    b.n_rows = rows ? n_rows : table->n_rows;
    b.err = err;
    b.problem = JF_NEW(jf_problem);
    JF_TRY_NEW(b.problem, err, "a problem");
    JF_TRY(jf_problem_law_prepare(law, options->error, &b.columns, &b.problem->owned_law, err));
    b.problem->law = b.problem->owned_law;
    b.problem->error = b.problem->owned_law->error;
    JF_TRY(build(&b));
    *out = b.problem;
    b.problem = NULL;
done:
    jf_problem_free(b.problem);
    jf_free(b.declared);
    jf_free(b.all_weights);
    return status;
}

jf_status jf_problem_refuse_post_run(const jf_problem *problem, const jf_table *table, jf_error *err)
{
    for (size_t i = 0; i < jf_formula_n_columns(problem->formula); i++) {
        const char *name = jf_formula_column(problem->formula, i);
        const jf_column *column = jf_table_find(table, name);
        if (column && column->known == JF_POST_RUN)
            return jf_fail(
                err, JF_EUSAGE,
                "--pre-run: law '%s' reads '%s', which is known only after a run; --post-run allows it",
                problem->law->name, name);
    }
    return JF_OK;
}
