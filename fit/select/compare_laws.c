/* Binds the laws of a comparison, finds the rows that all of them can use, and fits laws and baselines there.
 */
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "fit/select/baselines.h"
#include "fit/select/compare_parts.h"

/* Says whose error it is, unless it says so itself. */
static void name_law(const jf_law *law, jf_error *err)
{
    if (err && strncmp(err->message, "law '", 5) != 0) jf_error_prefix(err, "law '%s'", law->name);
}

jf_status jf_make_bind_given(jf_maker *m, jf_error *err)
{
    jf_warnings of_binding = {0}; /* which rows fall out is told once, for all laws together */
    jf_status status = JF_OK;
    const char *raw;

    m->problems = JF_NEW_ZEROED(jf_problem *, m->given->n + 1);
    JF_TRY_NEW(m->problems, err, "laws");
    for (size_t i = 0; i < m->given->n; i++) {
        const jf_law *law = m->given->items[i];
        for (size_t j = 0; j < i; j++)
            if (strcmp(m->given->items[j]->name, law->name) == 0)
                JF_TRY(jf_fail(err, JF_EUSAGE, "two laws are called '%s'", law->name));
        status = jf_problem_build(law, m->table, m->rows, m->n_rows, &m->options->fit, &of_binding,
                                  &m->problems[i], err);
        m->n_problems = i + 1;
        if (status != JF_OK) {
            name_law(law, err);
            goto done;
        }
        raw = jf_transform_raw(m->problems[0]->transform);
        if (strcmp(jf_transform_raw(m->problems[i]->transform), raw) != 0)
            JF_TRY(jf_fail(
                err, JF_EUSAGE, "law '%s' predicts '%s' and law '%s' predicts '%s': expected one response",
                m->given->items[0]->name, raw, law->name, jf_transform_raw(m->problems[i]->transform)));
    }
done:
    for (size_t i = 0; i < of_binding.n; i++)
        if (strcmp(of_binding.items[i].code, "W_ROWS_DROPPED") != 0)
            jf_warn(&m->c->warnings, of_binding.items[i].code, "%s", of_binding.items[i].message);
    jf_warnings_free(&of_binding);
    return status;
}

/* The rows that are complete for every law given. */
jf_status jf_make_find_common_rows(jf_maker *m, jf_error *err)
{
    size_t n_asked = m->rows ? m->n_rows : m->table->n_rows,
           *laws = JF_NEW_ZEROED(size_t, m->table->n_rows + 1);
    size_t n_stages = m->c->stages ? m->c->stages->n : 0;
    jf_status status = JF_OK;

    JF_TRY_NEW(laws, err, "rows");
    m->c->rows = JF_NEW_ARRAY(size_t, m->table->n_rows + 1);
    JF_TRY_NEW(m->c->rows, err, "rows");
    for (size_t i = 0; i < m->n_problems; i++)
        for (size_t j = 0; j < m->problems[i]->n; j++) laws[jf_problem_row(m->problems[i], j)]++;
    for (size_t i = 0; m->stage_problems && i < n_stages; i++)
        for (size_t j = 0; j < m->stage_problems[i]->n; j++) laws[jf_problem_row(m->stage_problems[i], j)]++;
    for (size_t row = 0; row < m->table->n_rows; row++)
        if (laws[row] == m->n_problems + n_stages) m->c->rows[m->c->n_rows++] = row;
    m->c->n_dropped = n_asked - m->c->n_rows;
    if (m->c->n_rows == 0) JF_TRY(jf_fail(err, JF_EDATA, "no row has what all %zu laws need", m->n_problems));
    if (m->c->n_dropped > 0)
        jf_warn(&m->c->warnings, "W_ROWS_DROPPED",
                "%zu of %zu rows lack a value that one of the laws needs, so no law sees them",
                m->c->n_dropped, n_asked);
done:
    jf_free(laws);
    return status;
}

/* What a fit says of the data, and not of its law, holds for the comparison. */
static void warn_of_data(jf_maker *m, const jf_fit *fit)
{
    static const char *const codes[] = {"W_DUPLICATES", "W_SIMULATED"};

    for (size_t i = 0; i < fit->warnings.n; i++)
        for (size_t j = 0; j < sizeof codes / sizeof *codes; j++)
            if (strcmp(fit->warnings.items[i].code, codes[j]) == 0)
                jf_warn(&m->c->warnings, codes[j], "%s", fit->warnings.items[i].message);
}

/* To a fit the rows that another law lacks look filtered. */
static void tell_incomplete(const jf_maker *m, jf_data_summary *data)
{
    size_t left_out = data->rows_read - data->rows_used;

    jf_data_drop(data, "filter", left_out > m->c->n_dropped ? left_out - m->c->n_dropped : 0);
    jf_data_drop(data, "missing", m->c->n_dropped);
}

/* A law that reads what a stage predicts is not judged by its likelihood: that of the stage is not in it. */
static jf_status note_stages(const jf_maker *m, jf_candidate *candidate, jf_error *err)
{
    jf_fit *fit = candidate->fit;

    if (!m->c->stages || !fit->problem || !jf_stages_read_by(m->c->stages, fit->problem)) return JF_OK;
    candidate->variant = JF_VARIANT_PREDICTED;
    fit->loglik = fit->aic = fit->aicc = fit->bic = NAN;
    jf_free(fit->criteria_refused);
    fit->criteria_refused = jf_copy_text("the law reads what a first stage predicts");
    return fit->criteria_refused ? JF_OK : jf_fail(err, JF_ENOMEM, "out of memory for a law");
}

jf_status jf_make_candidate(jf_maker *m, const jf_law *law, bool is_baseline, jf_error *err)
{
    jf_candidate *candidate;
    jf_status status = JF_OK;

    if (!jf_grow((void **)&m->c->candidates, &m->capacity, m->c->n_candidates + 1, sizeof *candidate))
        return jf_fail(err, JF_ENOMEM, "out of memory for laws");
    candidate = &m->c->candidates[m->c->n_candidates];
    *candidate = (jf_candidate){0};
    candidate->law = jf_law_copy(law);
    JF_TRY_NEW(candidate->law, err, "a law");
    m->c->n_candidates++;
    candidate->is_baseline = is_baseline;
    status = jf_fit_run(law, m->table, m->c->rows, m->c->n_rows, m->groups, &m->options->fit, &candidate->fit,
                        err);
    if (status == JF_OK && candidate->fit->n != m->c->n_rows)
        status = jf_fail(err, JF_EDATA, "%zu of the %zu common rows could be used", candidate->fit->n,
                         m->c->n_rows);
    if (status != JF_OK) {
        name_law(law, err);
        goto done;
    }
    tell_incomplete(m, &candidate->fit->data);
    JF_TRY(note_stages(m, candidate, err));
    candidate->post_run = candidate->fit->post_run;
    warn_of_data(m, candidate->fit);
    if (candidate->fit->outcome == JF_FAILED)
        jf_warn(&m->c->warnings, "W_LAW_FAILED", "law '%s' could not be fitted: %s", law->name,
                candidate->fit->failure ? candidate->fit->failure : "no reason given");
done:
    return status;
}

/* A baseline that says what a given law says in other words (log k for k) fits every row alike: it is left
 * out. */
static bool repeats_given(const jf_comparison *c)
{
    const jf_fit *fit = c->candidates[c->n_candidates - 1].fit;

    for (size_t i = 0; i + 1 < c->n_candidates; i++) {
        const jf_fit *given = c->candidates[i].fit;
        bool same = given->k == fit->k && given->n == fit->n && given->outcome == fit->outcome &&
                    fit->outcome != JF_FAILED && fit->k < fit->n;
        for (size_t r = 0; same && r < fit->n; r++)
            same = fabs(given->raw_fitted[r] - fit->raw_fitted[r]) <= 1e-9 * fabs(fit->raw_fitted[r]);
        if (same) return true;
    }
    return false;
}

void jf_make_drop_last(jf_comparison *c)
{
    jf_candidate *last = &c->candidates[--c->n_candidates];

    jf_law_free(last->law);
    jf_fit_free(last->fit);
    *last = (jf_candidate){0};
}

jf_status jf_make_given(jf_maker *m, jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t i = 0; i < m->given->n; i++) {
        JF_TRY(jf_make_candidate(m, m->given->items[i], false, err));
        JF_TRY(jf_make_variants(m, err));
    }
done:
    return status;
}

static bool is_taken(const jf_comparison *c, const char *name)
{
    for (size_t i = 0; i < c->n_candidates; i++)
        if (strcmp(c->candidates[i].law->name, name) == 0) return true;
    return false;
}

jf_status jf_make_baselines(jf_maker *m, jf_error *err)
{
    jf_status status = JF_OK;

    if (!m->options->baselines) return JF_OK;
    JF_TRY(jf_baselines_make(m->problems, m->n_problems, m->table, m->c->rows, m->c->n_rows, &m->baselines,
                             err));
    for (size_t i = 0; i < m->baselines.n; i++) {
        if (is_taken(m->c, m->baselines.items[i]->name)) continue;
        JF_TRY(jf_make_candidate(m, m->baselines.items[i], true, err));
        if (repeats_given(m->c)) jf_make_drop_last(m->c);
    }
done:
    return status;
}
