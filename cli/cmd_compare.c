/* joulefit compare: several laws on the same rows and the same splits. */
#include <math.h>
#include <string.h>
#include "cli/command.h"
#include "cli/law_options.h"
#include "cli/multiverse.h"
#include "cli/proxy_names.h"
#include "cli/result.h"
#include "cli/resume.h"
#include "cli/runs.h"
#include "core/memory.h"
#include "core/output.h"
#include "data/csv.h"
#include "fit/model/model_file.h"
#include "fit/select/compare.h"

typedef struct compare_outputs {
    const char *predictions, *save;
} compare_outputs;

typedef struct multiverse_options {
    jf_option_list roles;
} multiverse_options;

typedef struct compare_settings {
    jf_law_options law;
    jf_compare_options compare;
    jf_runs_options runs;
    multiverse_options multiverse;
    compare_outputs outputs;
} compare_settings;

static const jf_option multiverse_table[] = {
    {"multiverse", 0, JF_OPTION_LIST, offsetof(multiverse_options, roles), .argument = "ROLE=A,B,...",
     .help =
         "refit every law that reads ROLE with each way to count it, in all combinations with other roles: "
         "compute=exact,6nd,kaplan,megatron memory=M1,M2,traffic"},
    {NULL}};

static const jf_option outputs_table[] = {
    {"predictions", 0, JF_OPTION_TEXT, offsetof(compare_outputs, predictions), .argument = "FILE",
     .help = "write every prediction of a run that was held out, as CSV", .aside = true},
    {"save", 0, JF_OPTION_TEXT, offsetof(compare_outputs, save), .argument = "RESULT.json",
     .help = "write the whole result, for plot, report and predict", .aside = true},
    {NULL}};

static size_t compare_sets(void *settings, jf_option_set *sets)
{
    compare_settings *s = settings;
    size_t n = 4;

    sets[0] = (jf_option_set){"The laws", jf_law_options_table, &s->law};
    sets[1] = (jf_option_set){"The comparison", jf_compare_options_table, &s->compare};
    sets[2] = (jf_option_set){"Ways to count", multiverse_table, &s->multiverse};
    sets[3] = (jf_option_set){"The fits", jf_fit_options_table, &s->compare.fit};
    n += jf_runs_sets(&s->runs, NULL, sets + n);
    sets[n++] = (jf_option_set){"Other files to write", outputs_table, &s->outputs};
    return n;
}

static jf_status write_predictions(const jf_comparison *comparison, const char *path, jf_error *err)
{
    jf_status status = JF_OK;
    jf_text text = {0};

    jf_text_add(&text, "row,law,plan,split,observed,predicted,low,high\n");
    for (size_t i = 0; i < comparison->n_predictions; i++) {
        const jf_prediction *p = &comparison->predictions[i];
        const double cells[] = {p->observed, p->predicted, p->low, p->high};
        jf_text_addf(&text, "%zu", p->row + 1);
        jf_text_add(&text, ",");
        jf_csv_add_cell(&text, comparison->candidates[p->law].law->name);
        jf_text_add(&text, ",");
        jf_csv_add_cell(&text, comparison->plans[p->plan]->text);
        jf_text_addf(&text, ",%zu", p->split + 1);
        for (size_t c = 0; c < sizeof cells / sizeof *cells; c++) {
            jf_text_add(&text, ",");
            jf_csv_add_number(&text, cells[c]);
        }
        jf_text_add(&text, "\n");
    }
    JF_TRY_NEW(text.data && !text.failed, err, "--predictions");
    JF_TRY(jf_output_write(path, text.data, text.length, err));
done:
    jf_text_free(&text);
    return status;
}

/* The result as JSON, with the command that gives it again. */
static jf_status make_json(const jf_session *session, const jf_comparison *comparison,
                           const jf_multiverse *multiverse, bool rows, json_t **out, jf_error *err)
{
    jf_status status = JF_OK;

    *out = jf_comparison_to_json(comparison, rows);
    JF_TRY_NEW(*out, err, "the result");
    if (multiverse && json_object_set_new(*out, "multiverse", jf_multiverse_to_json(multiverse)) != 0)
        JF_TRY(jf_fail(err, JF_ENOMEM, "out of memory for the result"));
    JF_TRY(jf_result_add_command(*out, session, err));
done:
    return status;
}

static jf_status write_all(jf_session *session, const compare_outputs *outputs,
                           const jf_comparison *comparison, const jf_multiverse *multiverse, jf_error *err)
{
    jf_status status = JF_OK;
    json_t *json = NULL, *whole = NULL;

    JF_TRY(make_json(session, comparison, multiverse, false, &json, err));
    if (outputs->predictions) JF_TRY(write_predictions(comparison, outputs->predictions, err));
    if (outputs->save) {
        JF_TRY(make_json(session, comparison, multiverse, true, &whole, err));
        JF_TRY(jf_result_save(whole, outputs->save, err));
    }
    JF_TRY(jf_result_write(session, json, "compare", jf_result_brief(session), err));
done:
    json_decref(whole);
    json_decref(json);
    return status;
}

static void describe(jf_runs *runs, jf_comparison *comparison)
{
    for (size_t i = 0; i < comparison->n_candidates; i++) {
        jf_fit *fit = comparison->candidates[i].fit;
        if (!fit) continue;
        jf_runs_describe(runs, &fit->data);
        if (!comparison->candidates[i].is_baseline) jf_runs_note_read(runs, fit);
    }
    jf_warnings_append(&comparison->warnings, &runs->warnings);
}

static jf_status note_proxy_names(const jf_runs_options *options, jf_comparison *comparison, jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t i = 0; i < comparison->n_candidates && status == JF_OK; i++) {
        const jf_candidate *candidate = &comparison->candidates[i];
        if (candidate->fit && !candidate->is_baseline)
            status = jf_proxy_names_note(candidate->fit, &options->catalogues, &comparison->warnings, err);
    }
    return status;
}

static bool any_usable(const jf_comparison *comparison)
{
    for (size_t i = 0; i < comparison->n_candidates; i++) {
        const jf_candidate *candidate = &comparison->candidates[i];
        if (!candidate->is_baseline && candidate->fit && candidate->fit->outcome != JF_FAILED) return true;
    }
    return false;
}

static jf_status run_compare(jf_session *session, void *settings, jf_error *err)
{
    compare_settings *s = settings;
    jf_status status = JF_OK;
    jf_laws laws = {0}, first = {0};
    jf_words maps = {0};
    jf_runs runs = {0};
    jf_comparison *comparison = NULL;
    jf_multiverse_plan ways = {0};
    jf_multiverse *multiverse = NULL;

    JF_TRY(
        jf_multiverse_plan_read(&s->multiverse.roles, &session->arguments, &s->runs.catalogues, &ways, err));
    JF_TRY(jf_multiverse_plan_features(&ways, &s->runs.proxies, err));
    JF_TRY(jf_session_arguments(session, "DATA file", err));
    s->law.optional = s->compare.search != NULL;
    JF_TRY(jf_fit_options_check(&s->compare.fit, err));
    JF_TRY(jf_law_options_read(&s->law, &s->runs.maps, &laws, &maps, err));
    JF_TRY(jf_runs_read_files(session, &s->runs, &maps, &session->arguments, &runs, err));
    s->compare.fit.seed = session->common.seed;
    s->compare.fit.threads = session->common.threads;
    s->compare.pre_run = jf_runs_pre_run_only(&s->runs);
    s->compare.keep_predictions = s->outputs.predictions != NULL;
    JF_TRY(jf_multiverse_plan_check(&ways, runs.table, err));
    JF_TRY(jf_multiverse_plan_first(&ways, &laws, &first, err));
    if (ways.roles.n > 0)
        JF_TRY(jf_multiverse_run(&laws, &ways.roles, runs.table, runs.rows, runs.n_rows,
                                 jf_runs_groups(&runs), &s->compare, &multiverse, err));
    s->compare.fit.checkpoint = jf_resume_open(
        session, s->outputs.save, &(jf_resume_inputs){runs.table, s->law.file, NULL, &s->runs.catalogues});
    JF_TRY(jf_compare_run(&first, runs.table, runs.rows, runs.n_rows, jf_runs_groups(&runs), &s->compare,
                          &comparison, err));
    describe(&runs, comparison);
    JF_TRY(note_proxy_names(&s->runs, comparison, err));
    jf_warnings_append(&session->warnings, &comparison->warnings);
    JF_TRY(write_all(session, &s->outputs, comparison, multiverse, err));
    if (!any_usable(comparison)) status = jf_fail(err, JF_EFIT, "none of the laws has a usable fit");
done:
    jf_resume_close(session, s->compare.fit.checkpoint, status);
    jf_comparison_free(comparison);
    jf_warnings_append(&session->warnings, &runs.warnings);
    jf_runs_free(&runs);
    jf_words_free(&maps);
    jf_laws_free(&laws);
    jf_laws_free(&first);
    jf_multiverse_free(multiverse);
    jf_multiverse_plan_free(&ways);
    return status;
}

const jf_command jf_command_compare = {
    .name = "compare",
    .summary = "compare laws on the same runs and the same splits",
    .usage = "compare DATA... --law A --law B... | --laws FILE | --search TERMS [OPTIONS]",
    .examples =
        "  joulefit compare data/sets/bert_sweep_simulated.csv --proxy C,M,eta \\\n"
        "      --law roofline --law compute_power --group num_layers,hidden_size --save result.json\n"
        "  joulefit compare data/sets/bert_sweep_simulated.csv --where 'strategy == \"TP\"' \\\n"
        "      --law 'power: log(energy) ~ b0 + a*log(num_layers) + g*log(gpus)' \\\n"
        "      --law 'floor: energy ~ (k*num_layers*hidden_size^2 + e)*gpus^p' --error log \\\n"
        "      --validate kfold:5 --validate extrapolate:num_layers:0.75 --predictions held_out.csv\n"
        "  joulefit compare data/sets/bert_sweep_simulated.csv --group num_layers,hidden_size \\\n"
        "      --law 'log(energy) ~ b0 + a*log(compute) + b*log(memory) + r[strategy]*log2(gpus)' \\\n"
        "      --multiverse compute=exact,6nd,kaplan,megatron memory=M1,M2,traffic\n",
    .settings_size = sizeof(compare_settings),
    .sets = compare_sets,
    .run = run_compare,
};
