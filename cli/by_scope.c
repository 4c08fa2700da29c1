/* The law refitted with the energy of every part of the machine. */
#include "cli/by_scope.h"

#include <string.h>
#include "core/text.h"
#include "data/columns.h"
#include "fit/model/model_file.h"

/* Places are those of the choices of --scope. */
static const char *const scopes[] = {"auto", "gpu", "cpu", "ram", "total"};
enum { FIRST_SCOPE = 1, N_SCOPES = 5 };

static json_t *parameters_json(const jf_fit *fit)
{
    json_t *list = json_array();

    for (size_t i = 0; i < fit->n_estimates; i++)
        json_array_append_new(list, json_pack("{s:s, s:o, s:o, s:s}", "name", fit->estimates[i].name,
                                              "estimate", jf_json_number(fit->estimates[i].value),
                                              "std_error", jf_json_number(fit->estimates[i].std_error),
                                              "state", jf_state_names[fit->estimates[i].state]));
    return list;
}

static json_t *scope_json(const char *scope, const char *column, const jf_fit *fit)
{
    return json_pack("{s:s, s:s, s:I, s:s, s:o, s:o, s:o}", "scope", scope, "column", column, "n",
                     (json_int_t)fit->n, "outcome", jf_outcome_names[fit->outcome], "sigma",
                     jf_json_number(fit->sigma), "r2", jf_json_number(fit->r2), "parameters",
                     parameters_json(fit));
}

static jf_status refit(const jf_session *session, const jf_scope_request *r, int scope, const char *column,
                       json_t *list, jf_error *err)
{
    jf_status status = JF_OK;
    jf_session quiet = *session; /* what was rejected has been told */
    jf_runs_options runs_options = *r->runs;
    jf_fit_options options = *r->options;
    jf_runs runs = {0};
    jf_fit *fit = NULL;

    quiet.common.quiet = true;
    runs_options.scope = scope;
    runs_options.ledger = NULL;
    options.ci = NULL;
    options.checkpoint = NULL;
    JF_TRY(jf_runs_read_files(&quiet, &runs_options, r->maps, &session->arguments, &runs, err));
    JF_TRY(
        jf_fit_run(r->law, runs.table, runs.rows, runs.n_rows, jf_runs_groups(&runs), &options, &fit, err));
    if (json_array_append_new(list, scope_json(scopes[scope], column, fit)) != 0)
        JF_TRY(jf_fail(err, JF_ENOMEM, "out of memory for --by-scope"));
done:
    if (status != JF_OK) jf_error_prefix(err, "--by-scope: %s", scopes[scope]);
    jf_fit_free(fit);
    jf_runs_free(&runs);
    return status;
}

static jf_status refuse(const jf_session *session, const jf_scope_request *r, jf_error *err)
{
    size_t n = 0;
    jf_text known = {0};
    jf_status status = JF_OK;

    for (int s = FIRST_SCOPE; s < N_SCOPES; s++) {
        if (!jf_table_scope_column(r->table, scopes[s])) continue;
        jf_text_addf(&known, "%s%s", n++ ? ", " : "", scopes[s]);
    }
    if (strcmp(r->fit->raw_response, "energy") != 0)
        status = jf_fail(err, JF_EUSAGE, "--by-scope: the law's response is '%s'; write it of 'energy'",
                         r->fit->raw_response);
    else if (n < 2)
        status = jf_fail(err, JF_EUSAGE,
                         "--by-scope: the runs tell the energy of %s%s, so there is nothing to compare",
                         n ? "one scope only: " : "no scope", n ? known.data : "");
    for (size_t i = 0; i < session->arguments.n && status == JF_OK; i++)
        if (strcmp(session->arguments.items[i], "-") == 0)
            status =
                jf_fail(err, JF_EUSAGE, "--by-scope reads the runs again, which standard input cannot give");
    jf_text_free(&known);
    return status;
}

jf_status jf_by_scope(const jf_session *session, const jf_scope_request *request, json_t **out, jf_error *err)
{
    jf_status status = JF_OK;

    *out = json_array();
    JF_TRY(refuse(session, request, err));
    for (int s = FIRST_SCOPE; s < N_SCOPES; s++) {
        const char *column = jf_table_scope_column(request->table, scopes[s]);
        if (column) JF_TRY(refit(session, request, s, column, *out, err));
    }
done:
    if (status != JF_OK) {
        json_decref(*out);
        *out = NULL;
    }
    return status;
}
