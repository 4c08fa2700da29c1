/* joulefit fit: one law, one table of runs. */
#include <math.h>
#include <string.h>
#include "cli/by_scope.h"
#include "cli/command.h"
#include "cli/law_options.h"
#include "cli/proxy_names.h"
#include "cli/result.h"
#include "cli/resume.h"
#include "cli/runs.h"
#include "core/memory.h"
#include "core/output.h"
#include "data/csv.h"
#include "fit/infer/diagnose.h"
#include "fit/model/model_file.h"
#include "fit/problem/problem.h"

typedef struct fit_outputs {
    const char *rows, *save;
} fit_outputs;

typedef struct scope_options {
    bool each;
} scope_options;

typedef struct fit_settings {
    scope_options scope;
    jf_law_options law;
    fit_outputs outputs;
    jf_runs_options runs;
    jf_fit_options fit;
} fit_settings;

static const jf_option outputs_table[] = {
    {"rows", 0, JF_OPTION_TEXT, offsetof(fit_outputs, rows), .argument = "FILE",
     .help = "write observed, fitted, residual, leverage, Cook's distance, studentised residual and weight "
             "of each row, as CSV",
     .aside = true},
    {"save", 0, JF_OPTION_TEXT, offsetof(fit_outputs, save), .argument = "MODEL.json",
     .help = "write the fitted law, for predict, plot and report", .aside = true},
    {NULL}};

static const jf_option scope_table[] = {{"by-scope", 0, JF_OPTION_FLAG, offsetof(scope_options, each),
                                         .help = "refit the law with the energy of each part of the machine "
                                                 "that the runs tell: gpu, cpu, ram, total"},
                                        {NULL}};

static size_t fit_sets(void *settings, jf_option_set *sets)
{
    fit_settings *s = settings;
    size_t n = 2;

    sets[0] = (jf_option_set){"The law", jf_law_options_table, &s->law};
    sets[1] = (jf_option_set){"The fit", jf_fit_options_table, &s->fit};
    n += jf_runs_sets(&s->runs, NULL, sets + n);
    sets[n++] = (jf_option_set){"The scope", scope_table, &s->scope};
    sets[n++] = (jf_option_set){"Other files to write", outputs_table, &s->outputs};
    return n;
}

static jf_status write_rows(const jf_fit *fit, const jf_table *table, const char *path, jf_error *err)
{
    jf_status status = JF_OK;
    jf_text text = {0};

    jf_text_add(
        &text,
        "row,line,observed,fitted,residual,leverage,cook,weight,raw_observed,raw_fitted,studentised\n");
    for (size_t i = 0; i < fit->n; i++) {
        size_t row = fit->rows[i];
        jf_text_addf(&text, "%zu,%zu", row + 1, jf_table_line(table, row));
        const double cells[] = {fit->observed[i],     fit->fitted[i],      fit->residual[i],
                                fit->leverage[i],     jf_row_cook(fit, i), fit->weight ? fit->weight[i] : 1,
                                fit->raw_observed[i], fit->raw_fitted[i],  jf_row_studentised(fit, i)};
        for (size_t c = 0; c < sizeof cells / sizeof *cells; c++) {
            jf_text_add(&text, ",");
            jf_csv_add_number(&text, cells[c]);
        }
        jf_text_add(&text, "\n");
    }
    JF_TRY_NEW(text.data && !text.failed, err, "--rows");
    JF_TRY(jf_output_write(path, text.data, text.length, err));
done:
    jf_text_free(&text);
    return status;
}

/* The result as JSON, with the command that gives it again. `scopes` (NULL: none) is borrowed. */
static jf_status make_json(const jf_session *session, const jf_fit *fit, bool rows, json_t *scopes,
                           json_t **out, jf_error *err)
{
    jf_status status = JF_OK;

    *out = jf_fit_to_json(fit, rows);
    JF_TRY_NEW(*out, err, "the result");
    if (scopes && json_object_set(*out, "scopes", scopes) != 0)
        JF_TRY(jf_fail(err, JF_ENOMEM, "out of memory for the result"));
    JF_TRY(jf_result_add_command(*out, session, err));
done:
    return status;
}

static jf_status write_all(jf_session *session, const fit_outputs *outputs, const jf_fit *fit, json_t *scopes,
                           const jf_table *table, jf_error *err)
{
    jf_status status = JF_OK;
    json_t *json = NULL, *model = NULL;

    JF_TRY(make_json(session, fit, false, scopes, &json, err));
    if (outputs->rows) JF_TRY(write_rows(fit, table, outputs->rows, err));
    if (outputs->save) {
        JF_TRY(make_json(session, fit, true, scopes, &model, err));
        JF_TRY(jf_result_save(model, outputs->save, err));
    }
    JF_TRY(jf_result_write(session, json, "fit", jf_result_brief(session), err));
done:
    json_decref(model);
    json_decref(json);
    return status;
}

static jf_status the_one_law(const jf_laws *laws, jf_law **out, jf_error *err)
{
    if (laws->n > 1)
        return jf_fail(err, JF_EUSAGE, "fit takes one law, found %zu ('%s', '%s'%s); compare takes several",
                       laws->n, laws->items[0]->name, laws->items[1]->name, laws->n > 2 ? ", ..." : "");
    *out = laws->items[0];
    return JF_OK;
}

static jf_status run_fit(jf_session *session, void *settings, jf_error *err)
{
    fit_settings *s = settings;
    jf_status status = JF_OK;
    jf_laws laws = {0};
    jf_words maps = {0};
    jf_runs runs = {0};
    jf_fit *fit = NULL;
    jf_law *law = NULL;
    json_t *scopes = NULL;

    JF_TRY(jf_session_arguments(session, "DATA file", err));
    JF_TRY(jf_fit_options_check(&s->fit, err));
    JF_TRY(jf_law_options_read(&s->law, &s->runs.maps, &laws, &maps, err));
    JF_TRY(the_one_law(&laws, &law, err));
    if (s->fit.at) jf_law_release_published(law);
    JF_TRY(jf_runs_read_files(session, &s->runs, &maps, &session->arguments, &runs, err));
    if (s->outputs.save && s->fit.conformal == JF_CONFORMAL_AUTO) s->fit.conformal = JF_CONFORMAL_CV;
    s->fit.seed = session->common.seed;
    s->fit.threads = session->common.threads;
    s->fit.checkpoint = jf_resume_open(
        session, s->outputs.save, &(jf_resume_inputs){runs.table, s->law.file, NULL, &s->runs.catalogues});
    JF_TRY(jf_fit_run(law, runs.table, runs.rows, runs.n_rows, jf_runs_groups(&runs), &s->fit, &fit, err));
    if (jf_runs_pre_run_only(&s->runs) && fit->problem)
        JF_TRY(jf_problem_refuse_post_run(fit->problem, runs.table, err));
    JF_TRY(jf_proxy_names_note(fit, &s->runs.catalogues, &fit->warnings, err));
    jf_runs_note_read(&runs, fit);
    jf_warnings_append(&fit->warnings, &runs.warnings);
    jf_warnings_append(&session->warnings, &fit->warnings);
    jf_runs_describe(&runs, &fit->data);
    if (s->scope.each)
        JF_TRY(jf_by_scope(session, &(jf_scope_request){&s->runs, &maps, law, &s->fit, fit, runs.table},
                           &scopes, err));
    JF_TRY(write_all(session, &s->outputs, fit, scopes, runs.table, err));
    if (fit->outcome == JF_FAILED)
        status = jf_fail(err, JF_EFIT, "no usable fit: %s",
                         fit->failure ? fit->failure : "no start came to an end");
done:
    jf_resume_close(session, s->fit.checkpoint, status);
    json_decref(scopes);
    jf_fit_free(fit);
    jf_warnings_append(&session->warnings, &runs.warnings);
    jf_runs_free(&runs);
    jf_words_free(&maps);
    jf_laws_free(&laws);
    return status;
}

const jf_command jf_command_fit = {
    .name = "fit",
    .summary = "fit one law to runs",
    .usage = "fit DATA... --law LAW [OPTIONS]",
    .examples =
        "  joulefit fit data/sets/bert_sweep_simulated.csv --proxy C,M,eta --law roofline\n"
        "  joulefit fit data/sets/bert_sweep_simulated.csv --where 'gpus == 1' \\\n"
        "      --law 'log(energy) ~ h[gpu] + l*log(num_layers) + w*log(hidden_size) + s*log(seq_length)' \\\n"
        "      --group num_layers,hidden_size\n"
        "  joulefit fit data/sets/bert_sweep_simulated.csv --proxy flops_step,comm_bytes_step,batch \\\n"
        "      --law step_energy --save model.json --rows rows.csv\n"
        "  joulefit fit data/sets/published_runs.csv --where 'energy_kWh > 0 && C > 0' \\\n"
        "      --law 'energy ~ k*C^a' --error log --json\n",
    .settings_size = sizeof(fit_settings),
    .sets = fit_sets,
    .run = run_fit,
};
