/* A law refitted under every combination of counting conventions: its universes made, fitted and validated.
 */
#include "fit/select/multiverse.h"

#include <math.h>
#include <string.h>
#include "core/expr/ast.h"
#include "core/memory.h"
#include "core/text.h"

/* ---- owning ---- */

void jf_roles_free(jf_roles *roles)
{
    for (size_t r = 0; r < roles->n; r++) {
        jf_role *role = &roles->items[r];
        for (size_t c = 0; c < role->n_choices; c++) {
            jf_free(role->choices[c].name);
            jf_free(role->choices[c].column);
            jf_free(role->choices[c].convention);
        }
        jf_free(role->choices);
        jf_free(role->name);
    }
    jf_free(roles->items);
    *roles = (jf_roles){0};
}

void jf_move_clear(jf_move *move)
{
    jf_free(move->parameter);
    jf_free(move->of);
    jf_free(move->shares);
    *move = (jf_move){0};
}

static void clear_law(jf_law_multiverse *law)
{
    for (size_t i = 0; i < law->n_moves; i++) jf_move_clear(&law->moves[i]);
    jf_free(law->moves);
    jf_free(law->rmse_log);
    jf_free(law->roles);
    jf_free(law->verdict);
    jf_comparison_free(law->comparison);
    jf_law_free(law->law);
    *law = (jf_law_multiverse){0};
}

void jf_multiverse_free(jf_multiverse *multiverse)
{
    if (!multiverse) return;
    for (size_t i = 0; i < multiverse->n_laws; i++) clear_law(&multiverse->laws[i]);
    jf_free(multiverse->laws);
    jf_roles_free(&multiverse->roles);
    jf_free(multiverse);
}

/* ---- which column stands for a role ---- */

/* What the law calls the role: its name, or the one of its columns that the law reads; NULL: neither. */
static jf_status find_filled(const jf_law *law, const jf_role *role, const char **out, jf_error *err)
{
    *out = jf_law_reads(law, role->name) ? role->name : NULL;
    if (*out) return JF_OK;
    for (size_t c = 0; c < role->n_choices; c++) {
        const char *column = role->choices[c].column;
        if ((*out && strcmp(*out, column) == 0) || !jf_law_reads(law, column)) continue;
        if (*out)
            return jf_fail(
                err, JF_EUSAGE,
                "--multiverse: law '%s' reads '%s' and '%s', two ways to count %s: write %s for the one "
                "that is to change",
                law->name, *out, column, role->name, role->name);
        *out = column;
    }
    return JF_OK;
}

jf_status jf_role_fill(jf_law *law, const jf_role *role, const char *column, bool *reads, jf_error *err)
{
    jf_status status = JF_OK;
    jf_text map = {0};
    const char *from;

    JF_TRY(find_filled(law, role, &from, err));
    *reads = from != NULL;
    if (!from || strcmp(from, column) == 0) goto done;
    jf_text_addf(&map, "%s=", from);
    jf_name_print(&map, column);
    JF_TRY_NEW(!map.failed, err, "--multiverse");
    JF_TRY(jf_law_map(law, map.data, err));
done:
    jf_text_free(&map);
    return status;
}

/* ---- universes ---- */

size_t jf_universe_choice(const jf_multiverse *multiverse, const jf_law_multiverse *law, size_t universe,
                          size_t k)
{
    for (size_t after = law->n_roles - 1; after > k; after--)
        universe /= multiverse->roles.items[law->roles[after]].n_choices;
    return universe % multiverse->roles.items[law->roles[k]].n_choices;
}

/* The law with the roles' names in it, and which of them it reads. */
static jf_status settle_roles(const jf_multiverse *m, const jf_law *law, jf_law_multiverse *out,
                              jf_error *err)
{
    jf_status status = JF_OK;

    out->law = jf_law_copy(law);
    out->roles = JF_NEW_ARRAY(size_t, m->roles.n + 1);
    JF_TRY_NEW(out->law && out->roles, err, "--multiverse");
    out->n_universes = 1;
    for (size_t r = 0; r < m->roles.n; r++) {
        const jf_role *role = &m->roles.items[r];
        bool reads;
        JF_TRY(jf_role_fill(out->law, role, role->name, &reads, err));
        if (!reads) continue;
        out->roles[out->n_roles++] = r;
        out->n_universes *= role->n_choices;
        if (out->n_universes > JF_MAX_UNIVERSES)
            JF_TRY(jf_fail(err, JF_ELIMIT, "--multiverse: more than %d combinations for law '%s'",
                           JF_MAX_UNIVERSES, law->name));
    }
done:
    return status;
}

/* "exact, M1" */
static jf_status name_universe(const jf_multiverse *m, const jf_law_multiverse *law, size_t universe,
                               jf_law *out, jf_error *err)
{
    jf_text name = {0};

    for (size_t k = 0; k < law->n_roles; k++) {
        const jf_role *role = &m->roles.items[law->roles[k]];
        jf_text_addf(&name, "%s%s", k ? ", " : "",
                     role->choices[jf_universe_choice(m, law, universe, k)].name);
    }
    jf_free(out->name);
    out->name = jf_text_take(&name);
    return out->name ? JF_OK : jf_fail(err, JF_ENOMEM, "out of memory for --multiverse");
}

/* The text of a law whose names were replaced. */
static jf_status print_law(jf_law *law, jf_error *err)
{
    jf_status status = JF_OK;
    char *response = jf_ast_print(law->response), *formula = jf_ast_print(law->formula);
    jf_text text = {0};

    JF_TRY_NEW(response && formula, err, "--multiverse");
    jf_text_addf(&text, "%s ~ %s", response, formula);
    jf_free(law->text);
    law->text = jf_text_take(&text);
    JF_TRY_NEW(law->text, err, "--multiverse");
done:
    jf_free(response);
    jf_free(formula);
    return status;
}

static jf_status make_universes(const jf_multiverse *m, const jf_law_multiverse *law, jf_laws *out,
                                jf_error *err)
{
    jf_status status = JF_OK;
    bool reads;

    for (size_t u = 0; u < law->n_universes; u++) {
        jf_law *copy = jf_law_copy(law->law);
        if (!copy || !jf_grow((void **)&out->items, &out->capacity, out->n + 1, sizeof *out->items)) {
            jf_law_free(copy);
            return jf_fail(err, JF_ENOMEM, "out of memory for --multiverse");
        }
        out->items[out->n++] = copy;
        for (size_t k = 0; k < law->n_roles; k++) {
            const jf_role *role = &m->roles.items[law->roles[k]];
            const jf_choice *choice = &role->choices[jf_universe_choice(m, law, u, k)];
            JF_TRY(jf_role_fill(copy, role, choice->column, &reads, err));
        }
        JF_TRY(print_law(copy, err));
        JF_TRY(name_universe(m, law, u, copy, err));
    }
done:
    return status;
}

/* Root mean square of log(fitted/observed), raw scale. */
static double rmse_log_of(const jf_fit *fit)
{
    double sum = 0;

    if (!fit || fit->outcome == JF_FAILED || fit->n == 0) return NAN;
    for (size_t i = 0; i < fit->n; i++) {
        double error = log(fit->raw_fitted[i]) - log(fit->raw_observed[i]);
        sum += error * error;
    }
    return isfinite(sum) ? sqrt(sum / (double)fit->n) : NAN;
}

/* What the refits are run with: only what the table of universes shows. */
static jf_compare_options lean(const jf_compare_options *options)
{
    jf_compare_options out = *options;

    out.baselines = false;
    out.interval = JF_INTERVAL_NONE;
    out.ablate = JF_ABLATE_NONE;
    out.keep_predictions = false;
    out.fit.ci = NULL;
    return out;
}

static jf_status run_law(const jf_multiverse *m, const jf_table *table, const size_t *rows, size_t n_rows,
                         const jf_groups *groups, const jf_compare_options *options, jf_law_multiverse *law,
                         jf_error *err)
{
    jf_status status = JF_OK;
    jf_compare_options chosen = lean(options);
    jf_laws universes = {0};

    JF_TRY(print_law(law->law, err));
    JF_TRY(make_universes(m, law, &universes, err));
    JF_TRY(jf_compare_run(&universes, table, rows, n_rows, groups, &chosen, &law->comparison, err));
    law->rmse_log = JF_NEW_ARRAY(double, law->n_universes);
    JF_TRY_NEW(law->rmse_log, err, "--multiverse");
    for (size_t u = 0; u < law->n_universes; u++)
        law->rmse_log[u] = rmse_log_of(law->comparison->candidates[u].fit);
    JF_TRY(jf_moves_find(law->law, law->comparison, &law->moves, &law->n_moves, err));
    JF_TRY(jf_moves_measure(m, law, err));
done:
    if (status != JF_OK) jf_error_prefix(err, "--multiverse: law '%s'", law->law->name);
    jf_laws_free(&universes);
    return status;
}

static jf_status refuse_unread(const jf_multiverse *m, jf_error *err)
{
    for (size_t r = 0; r < m->roles.n; r++) {
        const char *name = m->roles.items[r].name;
        bool is_read = false;
        for (size_t i = 0; i < m->n_laws; i++)
            for (size_t k = 0; k < m->laws[i].n_roles; k++) is_read = is_read || m->laws[i].roles[k] == r;
        if (!is_read)
            return jf_fail(
                err, JF_EUSAGE,
                "--multiverse: no law reads '%s': write it in the law, or tie an input to it with --map "
                "INPUT=%s",
                name, name);
    }
    return JF_OK;
}

/* Lays out the laws that read a role. */
static jf_status settle_laws(jf_multiverse *m, const jf_laws *laws, jf_error *err)
{
    jf_status status = JF_OK;

    m->laws = JF_NEW_ZEROED(jf_law_multiverse, laws->n + 1);
    JF_TRY_NEW(m->laws, err, "--multiverse");
    for (size_t i = 0; i < laws->n; i++) {
        jf_law_multiverse *law = &m->laws[m->n_laws++];
        JF_TRY(settle_roles(m, laws->items[i], law, err));
        if (law->n_roles > 0) continue;
        clear_law(law);
        m->n_laws--;
    }
    JF_TRY(refuse_unread(m, err));
done:
    return status;
}

jf_status jf_multiverse_run(const jf_laws *laws, jf_roles *roles, const jf_table *table, const size_t *rows,
                            size_t n_rows, const jf_groups *groups, const jf_compare_options *options,
                            jf_multiverse **out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_multiverse *m = JF_NEW(jf_multiverse);

    *out = NULL;
    JF_TRY_NEW(m, err, "--multiverse");
    m->roles = *roles;
    *roles = (jf_roles){0};
    JF_TRY(settle_laws(m, laws, err));
    for (size_t i = 0; i < m->n_laws; i++)
        JF_TRY(run_law(m, table, rows, n_rows, groups, options, &m->laws[i], err));
    *out = m;
    m = NULL;
done:
    jf_multiverse_free(m);
    jf_roles_free(roles);
    return status;
}
