/* The search of a comparison: its terms, its rows, and the law it chooses as one candidate more. */
#include <math.h>
#include <string.h>

#include "core/expr/ast.h"
#include "core/memory.h"
#include "core/text.h"
#include "fit/select/compare_parts.h"

/* ---- terms ---- */

/* The left side of the laws given, as they are fitted; without one, the logarithm of the response; NULL where
 * there is no such column. */
static jf_status default_response(const jf_maker *m, char **out, jf_error *err)
{
    const char *raw = m->options->fit.response ? m->options->fit.response : "energy";
    jf_text text = {0};

    *out = NULL;
    if (m->given->n > 0) {
        *out = jf_ast_print(m->problems[0]->law->response);
    } else if (jf_table_find(m->table, raw)) {
        jf_text_add(&text, "log(");
        jf_name_print(&text, raw);
        jf_text_add(&text, ")");
        *out = jf_text_take(&text);
    } else {
        return JF_OK;
    }
    return *out ? JF_OK : jf_fail(err, JF_ENOMEM, "out of memory for a search");
}

/* The problems of the terms stand behind those of the laws given: rows and baselines are found from all. */
static void append_problems(jf_maker *m, const jf_search_space *space, size_t n_terms)
{
    m->n_problems = m->given->n;
    for (size_t t = 0; t < n_terms; t++) m->problems[m->n_problems++] = space->problems[t];
}

static jf_status refuse_other_settings(const jf_maker *m, jf_error *err)
{
    const char *loss = m->options->fit.loss;
    const char *found = jf_transform_raw(m->space.problems[0]->transform);
    const char *wanted = jf_transform_raw(m->problems[0]->transform);

    if (loss && strcmp(loss, "ls") != 0)
        return jf_fail(err, JF_EUSAGE, "--search goes by least squares, and not with --loss %s", loss);
    if (strcmp(found, wanted) != 0)
        return jf_fail(err, JF_EUSAGE, "the laws predict '%s' and --search '%s': expected one response",
                       wanted, found);
    return JF_OK;
}

jf_status jf_make_read_search(jf_maker *m, jf_error *err)
{
    char *response = NULL;
    jf_problem **problems;
    jf_status status = JF_OK;

    if (!m->options->search) return JF_OK;
    JF_TRY(default_response(m, &response, err));
    JF_TRY(jf_search_read(m->options->search, response, m->table, m->rows,
                          m->rows ? m->n_rows : m->table->n_rows, &m->space, err));
    JF_TRY(jf_search_bind(&m->space, m->table, m->rows, m->n_rows, true, &m->options->fit, err));
    problems = jf_resize(m->problems, m->given->n + m->space.n_terms + 1, sizeof *problems);
    JF_TRY_NEW(problems, err, "a search");
    m->problems = problems;
    append_problems(m, &m->space, m->space.n_main);
    JF_TRY(refuse_other_settings(m, err));
done:
    jf_free(response);
    return status;
}

jf_status jf_make_bind_search(jf_maker *m, jf_error *err)
{
    jf_status status = JF_OK;

    if (!m->options->search) return JF_OK;
    m->n_problems = m->given->n; /* those of the terms are about to go */
    JF_TRY(jf_search_bind(&m->space, m->table, m->c->rows, m->c->n_rows, false, &m->options->fit, err));
    append_problems(m, &m->space, m->space.n_terms);
done:
    return status;
}

/* ---- laws chosen in the parts ---- */

static jf_status bind_chosen(jf_maker *m, uint64_t terms, jf_problem **out, jf_error *err)
{
    jf_warnings unheard = {0};
    jf_law *law = NULL;
    jf_status status = JF_OK;

    *out = NULL;
    for (size_t i = 0; i < m->n_chosen; i++)
        if (m->chosen[i].terms == terms) {
            *out = m->chosen[i].problem;
            return JF_OK;
        }
    if (!jf_grow((void **)&m->chosen, &m->chosen_capacity, m->n_chosen + 1, sizeof *m->chosen))
        return jf_fail(err, JF_ENOMEM, "out of memory for a search");
    JF_TRY(jf_search_law(m->c->search->space, m->table, terms, &law, err));
    JF_TRY(jf_problem_build(law, m->table, m->c->rows, m->c->n_rows, &m->options->fit, &unheard, out, err));
    m->chosen[m->n_chosen++] = (jf_chosen){terms, *out};
done:
    jf_law_free(law);
    jf_warnings_free(&unheard);
    return status;
}

/* The candidate is judged by the laws that the search chooses without the test part. */
static jf_status give_split_laws(jf_maker *m, jf_candidate *candidate, jf_error *err)
{
    const jf_search *search = m->c->search;
    jf_status status = JF_OK;

    m->split_laws = JF_NEW_ZEROED(jf_problem **, search->n_outer + 1);
    JF_TRY_NEW(m->split_laws, err, "a search");
    for (size_t p = 0; p < search->n_outer; p++) {
        const jf_search_outer *outer = &search->outer[p];
        if (outer->n == 0) continue;
        m->split_laws[p] = JF_NEW_ZEROED(jf_problem *, outer->n + 1);
        JF_TRY_NEW(m->split_laws[p], err, "a search");
        for (size_t i = 0; i < outer->n; i++)
            if (!isnan(outer->splits[i].score))
                JF_TRY(bind_chosen(m, outer->splits[i].terms, &m->split_laws[p][i], err));
    }
    candidate->split_laws = m->split_laws;
done:
    return status;
}

/* ---- the search ---- */

/* The plan that scores laws during the search: as asked for, else the first one given that draws or deals
 * groups at random, else a default. */
static char *search_plan(const jf_maker *m)
{
    jf_text text = {0};

    if (m->space.plan) return jf_copy_text(m->space.plan);
    for (size_t i = 0; i < m->c->n_plans; i++)
        if (strcmp(m->c->plans[i]->kind, "grouped") == 0 || strcmp(m->c->plans[i]->kind, "kfold") == 0)
            return jf_copy_text(m->c->plans[i]->text);
    if (m->groups) return jf_copy_text("grouped");
    jf_text_addf(&text, "kfold:%zu", m->c->n_rows < 10 ? m->c->n_rows : 10);
    return jf_text_take(&text);
}

static void warn_of_search(jf_maker *m)
{
    for (size_t p = 0; p < m->c->search->n_outer; p++)
        if (m->c->search->outer[p].n == 0)
            jf_warn(&m->c->warnings, "W_SEARCHED",
                    "plan %s has more than %d splits, so the search was not made anew in each: there the law "
                    "chosen "
                    "on all rows is scored, which flatters it",
                    m->c->plans[p]->text, JF_SEARCH_MOST_OUTER);
}

jf_status jf_make_search(jf_maker *m, jf_error *err)
{
    jf_search_setup setup = {.table = m->table,
                             .rows = m->c->rows,
                             .n_rows = m->c->n_rows,
                             .groups = m->groups,
                             .outer = m->c->plans,
                             .n_outer = m->c->n_plans,
                             .levels = m->levels + m->n_given_levels,
                             .n_levels = m->n_levels - m->n_given_levels,
                             .options = &m->options->fit,
                             .stages = m->c->stages};
    char *plan = NULL;
    jf_law *law = NULL;
    jf_status status = JF_OK;

    if (!m->options->search) return JF_OK;
    plan = search_plan(m);
    JF_TRY_NEW(plan, err, "a search");
    setup.plan = plan;
    m->c->search = JF_NEW(jf_search);
    JF_TRY_NEW(m->c->search, err, "a search");
    JF_TRY(jf_search_run(&m->space, &setup, m->c->search, err));
    if (isnan(m->c->search->chosen.score))
        JF_TRY(jf_fail(err, JF_EDATA, "--search: no law could be used on all splits of %s", plan));
    JF_TRY(jf_search_law(m->c->search->space, m->table, m->c->search->chosen.terms, &law, err));
    m->c->search->candidate = m->c->n_candidates;
    JF_TRY(jf_make_candidate(m, law, false, err));
    JF_TRY(give_split_laws(m, &m->c->candidates[m->c->search->candidate], err));
    warn_of_search(m);
done:
    jf_free(plan);
    jf_law_free(law);
    return status;
}

void jf_make_forget_search(jf_maker *m)
{
    for (size_t i = 0; i < m->n_chosen; i++) jf_problem_free(m->chosen[i].problem);
    jf_free(m->chosen);
    for (size_t p = 0; m->split_laws && m->c && p < m->c->n_plans; p++) jf_free(m->split_laws[p]);
    jf_free(m->split_laws);
    if (m->c && m->c->search && m->c->search->candidate < m->c->n_candidates)
        m->c->candidates[m->c->search->candidate].split_laws = NULL;
    jf_search_space_clear(&m->space);
}
