/* The first stages of a comparison, and the laws that show what their predictions are worth. */
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "fit/select/ablate.h"
#include "fit/select/compare_parts.h"

const char *const jf_variant_names[] = {"none", "predicted", "measured", "without"};

jf_status jf_make_read_stages(jf_maker *m, jf_error *err)
{
    jf_status status = JF_OK;

    if (m->options->stage.n == 0) return JF_OK;
    m->c->stages = JF_NEW(jf_stages);
    JF_TRY_NEW(m->c->stages, err, "stages");
    JF_TRY(jf_stages_read(&m->options->stage, &m->options->fit, m->c->stages, err));
    m->stage_problems = JF_NEW_ZEROED(jf_problem *, m->c->stages->n + 1);
    JF_TRY_NEW(m->stage_problems, err, "stages");
    JF_TRY(jf_stages_bind(m->c->stages, m->table, m->rows, m->n_rows, m->stage_problems, err));
done:
    return status;
}

static jf_status refuse_unread(const jf_maker *m, jf_error *err)
{
    for (size_t s = 0; s < m->c->stages->n; s++) {
        const jf_stages one = {.items = &m->c->stages->items[s], .n = 1};
        bool read = false;
        for (size_t i = 0; i < m->n_problems; i++) read |= jf_stages_read_by(&one, m->problems[i]);
        if (!read)
            return jf_fail(err, JF_EUSAGE, "--stage '%s': no law reads '%s'", one.items->law->text,
                           one.items->column);
    }
    return JF_OK;
}

jf_status jf_make_stages(jf_maker *m, jf_error *err)
{
    jf_status status = JF_OK;

    if (!m->c->stages) return JF_OK;
    JF_TRY(refuse_unread(m, err));
    JF_TRY(
        jf_stages_fill(m->c->stages, m->table, m->c->rows, m->c->n_rows, m->groups, &m->options->fit, err));
    m->table = m->c->stages->table;
done:
    return status;
}

/* ---- laws beside the two-stage law ---- */

static char *variant_name(const jf_law *law, const char *how, const char *columns)
{
    jf_text text = {0};

    jf_text_addf(&text, "%s (%s %s)", law->name, how, columns);
    return jf_text_take(&text);
}

/* The staged columns that the law reads: "eta, power". */
static char *columns_read(const jf_maker *m, const jf_problem *problem)
{
    jf_text text = {0};

    for (size_t s = 0; s < m->c->stages->n; s++) {
        const jf_stages one = {.items = &m->c->stages->items[s], .n = 1};
        if (jf_stages_read_by(&one, problem))
            jf_text_addf(&text, "%s%s", text.length ? ", " : "", one.items->column);
    }
    return jf_text_take(&text);
}

static jf_status law_of_measured(const jf_maker *m, const jf_law *law, const char *name, jf_law **out,
                                 jf_error *err)
{
    jf_law *made = jf_law_copy(law);
    jf_ast *column = NULL;
    jf_text text = {0};
    char *response = NULL, *formula = NULL;
    jf_status status = JF_OK;

    *out = NULL;
    JF_TRY_NEW(made, err, "a law");
    for (size_t s = 0; s < m->c->stages->n; s++) {
        column = jf_ast_name(m->c->stages->items[s].measured);
        JF_TRY_NEW(column, err, "a law");
        JF_TRY(jf_ast_substitute(&made->formula, m->c->stages->items[s].column, column, err));
        jf_ast_free(column);
        column = NULL;
    }
    response = jf_ast_print(made->response);
    formula = jf_ast_print(made->formula);
    JF_TRY_NEW(response && formula, err, "a law");
    jf_text_addf(&text, "%s ~ %s", response, formula);
    jf_free(made->text);
    jf_free(made->name);
    made->text = jf_text_take(&text);
    made->name = jf_copy_text(name);
    JF_TRY_NEW(made->text && made->name, err, "a law");
    *out = made;
    made = NULL;
done:
    jf_ast_free(column);
    jf_free(response);
    jf_free(formula);
    jf_law_free(made);
    return status;
}

static jf_status law_without_stages(const jf_maker *m, const jf_law *law, const char *name, jf_law **out,
                                    jf_error *err)
{
    jf_columns columns = jf_table_columns(m->table);
    jf_law *made = jf_law_copy(law), *next = NULL;
    jf_status status = JF_OK;

    *out = NULL;
    JF_TRY_NEW(made, err, "a law");
    for (size_t s = 0; s < m->c->stages->n; s++) {
        JF_TRY(jf_law_without(made, m->c->stages->items[s].column, name, &columns, &m->options->fit.declared,
                              &next, err));
        jf_law_free(made);
        made = next;
    }
    *out = made;
    made = NULL;
done:
    jf_law_free(made);
    return status;
}

static jf_status add_variant(jf_maker *m, const jf_law *law, jf_variant variant, size_t of, jf_error *err)
{
    jf_error why = {0};
    size_t before = m->c->n_candidates;
    jf_status status = jf_make_candidate(m, law, false, &why);

    if (status == JF_ENOMEM || status == JF_EINTERRUPTED) {
        if (err) *err = why;
        return status;
    }
    if (status != JF_OK) { /* what the column held together */
        jf_warn(&m->c->warnings, "W_NO_VARIANT", "beside '%s' stands no law %s: %s",
                m->c->candidates[of].law->name,
                variant == JF_VARIANT_MEASURED ? "of what was measured" : "without what the stage predicts",
                why.message);
        while (m->c->n_candidates > before) jf_make_drop_last(m->c);
        return JF_OK;
    }
    m->c->candidates[before].variant = variant;
    m->c->candidates[before].variant_of = of;
    return JF_OK;
}

jf_status jf_make_variants(jf_maker *m, jf_error *err)
{
    size_t of = m->c->n_candidates - 1;
    const jf_candidate *base = &m->c->candidates[of];
    jf_law *law = NULL, *measured = NULL, *without = NULL;
    char *columns = NULL, *name = NULL;
    jf_status status = JF_OK;

    if (base->variant != JF_VARIANT_PREDICTED) return JF_OK;
    law = jf_law_copy(base->law); /* candidates move when more are added */
    columns = columns_read(m, base->fit->problem);
    JF_TRY_NEW(law && columns, err, "a law");
    name = variant_name(law, "no", columns);
    JF_TRY_NEW(name, err, "a law");
    JF_TRY(law_without_stages(m, law, name, &without, err));
    JF_TRY(add_variant(m, without, JF_VARIANT_WITHOUT, of, err));
    jf_free(name);
    name = variant_name(law, "measured", columns);
    JF_TRY_NEW(name, err, "a law");
    JF_TRY(law_of_measured(m, law, name, &measured, err));
    JF_TRY(add_variant(m, measured, JF_VARIANT_MEASURED, of, err));
done:
    jf_free(columns);
    jf_free(name);
    jf_law_free(law);
    jf_law_free(measured);
    jf_law_free(without);
    return status;
}
