/* joulefit simulate: studies on a design, before or beside the measurements: recovery, coverage, power, what
 * next. */
#include <math.h>
#include <string.h>
#include "cli/command.h"
#include "cli/law_options.h"
#include "cli/result.h"
#include "cli/resume.h"
#include "cli/runs.h"
#include "cli/saved_law.h"
#include "cli/simulate_advice.h"
#include "cli/simulated_rows.h"
#include "core/memory.h"
#include "fit/model/model_file.h"
#include "fit/select/simulation.h"

typedef struct simulate_own {
    const char *design;
    jf_option_list truth;
    const char *sigma, *group_sd, *scatter;
    int64_t replicates;
    bool new_runs, recover;
    jf_option_list against, validate;
    const char *sizes, *criterion;
    jf_next_request next;
} simulate_own;

typedef struct simulate_outputs {
    const char *rows, *save;
} simulate_outputs;

typedef struct simulate_settings {
    simulate_own own;
    jf_law_options law;
    jf_fit_options fit;
    jf_runs_options runs;
    simulate_outputs outputs;
} simulate_settings;

#define AT(field) offsetof(simulate_own, field)
static const jf_option simulate_table[] = {
    {"design", 'd', JF_OPTION_TEXT, AT(design), .argument = "DATA",
     .help = "the runs whose configurations are simulated", .path = true},
    {"truth", 0, JF_OPTION_LIST, AT(truth), .argument = "a=1,b=2",
     .help = "true parameters (default: those of a fit to DATA, else published ones)"},
    {"sigma-value", 0, JF_OPTION_TEXT, AT(sigma), .argument = "X",
     .help = "scatter of runs on the law's scale (default: that of the fit)"},
    {"group-sd", 0, JF_OPTION_TEXT, AT(group_sd), .argument = "X",
     .help = "scatter that runs of one --group share (default: that of the fit's residuals)"},
    {"scatter", 0, JF_OPTION_TEXT, AT(scatter), .argument = "EXPR",
     .help = "a factor on each run's scatter, of which the fits know nothing"},
    {"replicates", 'n', JF_OPTION_INTEGER, AT(replicates), "1000", 2, 1000000, .argument = "N",
     .help = "data sets that are drawn"},
    {"new-runs", 0, JF_OPTION_FLAG, AT(new_runs), "true",
     .help = "measure intervals for new runs too: normal, band of the mean, conformal (split and CV+)"},
    {"recover", 0, JF_OPTION_FLAG, AT(recover),
     .help = "measure recovery and coverage also where --rows, --against or --goal asks for something else"},
    {NULL}};
static const jf_option power_table[] = {
    {"against", 0, JF_OPTION_LIST, AT(against), .argument = "LAW",
     .help = "how often data of the true law tell it from this one"},
    {"sizes", 0, JF_OPTION_TEXT, AT(sizes), "1,2,4", .argument = "N,...",
     .help = "multiples of the design that --against tries"},
    {"validate", 0, JF_OPTION_LIST, AT(validate), .argument = "PLAN",
     .help = "splits of --against (default: grouped with --group, else kfold:10)"},
    {"criterion", 0, JF_OPTION_TEXT, AT(criterion), "rmse_log", .argument = "METRIC",
     .help = "score of --against, as in compare"},
    {NULL}};
static const jf_option next_table[] = {
    {"goal", 0, JF_OPTION_LIST, AT(next.goals), .argument = "GOAL",
     .help =
         "what to know better by the next run: param:a, derive:'a/(a+b)', predict:'gpus=64; ...', or d (all "
         "parameters at once)"},
    {"candidates", 0, JF_OPTION_TEXT, AT(next.candidates), .argument = "FILE",
     .help = "runs that could be made (default: those of the design again)", .path = true},
    {"grid", 0, JF_OPTION_TEXT, AT(next.grid), .argument = "'gpus=1,2; ...'",
     .help = "all combinations in place of a file; other columns at their usual value"},
    {"cost", 0, JF_OPTION_TEXT, AT(next.cost), .argument = "COL",
     .help = "a column of the candidates: gains are judged by cost"},
    {"next", 0, JF_OPTION_INTEGER, AT(next.n_next), "1", 1, 1000, .argument = "N",
     .help = "how many runs to choose, one after another"},
    {NULL}};
#undef AT
static const jf_option outputs_table[] = {
    {"rows", 0, JF_OPTION_TEXT, offsetof(simulate_outputs, rows), .argument = "FILE",
     .help = "write one simulated table there, as CSV"},
    {"save", 0, JF_OPTION_TEXT, offsetof(simulate_outputs, save), .argument = "RESULT.json",
     .help = "write the whole result, for report", .aside = true},
    {NULL}};

static size_t simulate_sets(void *settings, jf_option_set *sets)
{
    simulate_settings *s = settings;
    size_t n = 5;

    sets[0] = (jf_option_set){"The simulation", simulate_table, &s->own};
    sets[1] = (jf_option_set){"Power", power_table, &s->own};
    sets[2] = (jf_option_set){"The next run", next_table, &s->own};
    sets[3] = (jf_option_set){"The law", jf_law_options_table, &s->law};
    sets[4] = (jf_option_set){"The fits", jf_fit_options_table, &s->fit};
    n += jf_runs_sets(&s->runs, NULL, sets + n);
    sets[n++] = (jf_option_set){"Other files to write", outputs_table, &s->outputs};
    return n;
}

/* Everything that one call works with. */
typedef struct job {
    jf_session *session;
    simulate_settings *s;
    jf_saved_law saved; /* where LAW is a file */
    jf_laws laws;       /* the true law, then the rivals */
    jf_words maps;
    jf_runs runs;
    jf_words also; /* columns that rivals read */
    jf_candidates candidates;
    jf_simulation result;
} job;

/* ---- laws ---- */

/* LAW, then --against, as if all had been given by --law. */
static jf_status read_laws(job *j, jf_error *err)
{
    jf_status status = JF_OK;
    simulate_settings *s = j->s;
    const char *law = j->session->arguments.n ? j->session->arguments.items[0] : NULL;
    jf_option_list given = s->law.laws, all = {0};

    if (!law && !given.n)
        return jf_fail(err, JF_EUSAGE, "no law: give its name, a formula or a saved model after 'simulate'");
    if (j->session->arguments.n + given.n > 1)
        return jf_fail(err, JF_EUSAGE,
                       "simulate draws from one law, found %zu; rivals are given by --against",
                       j->session->arguments.n + given.n);
    if (!law) law = given.items[0];
    if (jf_is_saved_law(law)) {
        JF_TRY(jf_saved_law_read(law, &j->saved, err));
        s->law.optional = true;
    } else {
        JF_TRY_NEW(jf_option_list_add(&all, law), err, "laws");
    }
    for (size_t i = 0; i < s->own.against.n; i++)
        JF_TRY_NEW(jf_option_list_add(&all, s->own.against.items[i]), err, "laws");
    s->law.laws = all;
    status = jf_law_options_read(&s->law, &s->runs.maps, &j->laws, &j->maps, err);
    s->law.laws = given;
    JF_TRY(status);
    if (!j->saved.law) goto done;
    JF_TRY_NEW(jf_grow((void **)&j->laws.items, &j->laws.capacity, j->laws.n + 1, sizeof *j->laws.items), err,
               "laws");
    memmove(j->laws.items + 1, j->laws.items, j->laws.n * sizeof *j->laws.items);
    j->laws.items[0] = j->saved.law;
    j->saved.law = NULL;
    j->laws.n++;
done:
    jf_option_list_free(&all);
    return status;
}

static void note_name(void *context, const jf_ast *node, const char *name, bool is_level_column)
{
    jf_words *names = context;

    (void)node, (void)is_level_column;
    jf_words_add(names, name, strlen(name), NULL);
}

/* ---- the parts ---- */

/* A standard deviation; NaN where none was given. */
static jf_status read_spread(const char *option, const char *text, double *out, jf_error *err)
{
    *out = NAN;
    if (!text) return JF_OK;
    if (jf_number_read(text, strlen(text), out) && *out >= 0 && isfinite(*out)) return JF_OK;
    return jf_fail(err, JF_EUSAGE, "%s: expected a number not below 0, found '%s'", option, text);
}

static jf_status find_truth(job *j, jf_error *err)
{
    jf_status status = JF_OK;
    simulate_settings *s = j->s;
    const jf_model *model = j->saved.model;
    const char **also = NULL;
    jf_truth_options options = {.values = &s->own.truth, .scatter = s->own.scatter};

    JF_TRY(read_spread("--sigma-value", s->own.sigma, &options.sigma, err));
    JF_TRY(read_spread("--group-sd", s->own.group_sd, &options.group_sd, err));
    if (model) {
        options.known_names = model->names;
        options.known_values = model->values;
        options.n_known = model->k;
        options.known_sigma = model->sigma;
        if (model->n_learned)
            jf_warn(
                &j->result.warnings, "W_LEARNED_ANEW",
                "the model's law has constants learned from its runs (center(), scale() or their like), and "
                "they are learned from the design here");
    }
    for (size_t i = 1; i < j->laws.n; i++) {
        jf_ast_names(j->laws.items[i]->formula, note_name, &j->also);
        jf_ast_names(j->laws.items[i]->response, note_name, &j->also);
    }
    also = JF_NEW_ZEROED(const char *, j->also.n + 1);
    JF_TRY_NEW(also, err, "a design");
    for (size_t i = 0; i < j->also.n; i++) also[i] = j->also.items[i];
    options.also = also;
    JF_TRY(jf_truth_build(j->laws.items[0], j->runs.table, j->runs.rows, j->runs.n_rows,
                          jf_runs_groups(&j->runs), &s->fit, &options, &j->result.warnings, &j->result.truth,
                          err));
done:
    jf_free(also);
    return status;
}

static jf_status recover(job *j, jf_error *err)
{
    jf_status status = JF_OK;
    simulate_settings *s = j->s;
    size_t n = (size_t)s->own.replicates;

    JF_TRY(jf_recovery_run(j->result.truth, j->laws.items[0], n, &s->fit, &j->result.recovery, err));
    j->result.has_recovery = true;
    if (s->own.new_runs)
        JF_TRY(jf_new_runs_coverage(j->result.truth, j->laws.items[0], n, &s->fit, &j->result.runs,
                                    &j->result.n_runs, err));
done:
    return status;
}

enum { MOST_SIZES = 32, MOST_COPIES = 10000 };

static jf_status read_sizes(const char *text, size_t *sizes, size_t *n, jf_error *err)
{
    *n = 0;
    for (const char *end; *text; text = *end ? end + 1 : end) {
        double value;
        end = text + strcspn(text, ",");
        if (*n == MOST_SIZES || !jf_number_read(text, (size_t)(end - text), &value) || value < 1 ||
            value > MOST_COPIES || value != floor(value))
            return jf_fail(err, JF_EUSAGE,
                           "--sizes: expected at most %d whole numbers from 1 to %d, found '%.*s'",
                           MOST_SIZES, MOST_COPIES, (int)(end - text), text);
        sizes[(*n)++] = (size_t)value;
    }
    return *n ? JF_OK : jf_fail(err, JF_EUSAGE, "--sizes: expected a number");
}

static jf_status find_power(job *j, jf_error *err)
{
    jf_status status = JF_OK;
    simulate_settings *s = j->s;
    size_t sizes[MOST_SIZES];
    const char *plan = j->result.truth->groups.n_groups ? "grouped" : "kfold:10";
    jf_power_options options = {.sizes = sizes, .n_replicates = (size_t)s->own.replicates};

    jf_options_default(jf_compare_options_table, &options.compare);
    options.compare.fit = s->fit;
    options.compare.fit.ci = NULL;
    options.compare.criterion = s->own.criterion;
    options.compare.validate = s->own.validate.n ? s->own.validate : (jf_option_list){&plan, 1, 1};
    JF_TRY(read_sizes(s->own.sizes, sizes, &options.n_sizes, err));
    JF_TRY(jf_power_run(j->result.truth, &j->laws, &options, &j->result.power, &j->result.n_power, err));
    j->result.laws = &j->laws;
    j->result.n_studies = options.n_replicates;
    j->result.plan = options.compare.validate.items[0];
    j->result.criterion = s->own.criterion;
done:
    return status;
}

/* ---- the command ---- */

static jf_status check_request(const job *j, jf_error *err)
{
    const simulate_own *own = &j->s->own;

    if (!own->design)
        return jf_fail(err, JF_EUSAGE,
                       "no design: give --design DATA, the runs whose configurations are simulated");
    if ((own->next.candidates || own->next.grid || own->next.cost) && !own->next.goals.n)
        return jf_fail(err, JF_EUSAGE,
                       "--candidates, --grid and --cost serve --goal: say what to know better "
                       "(--goal param:a, --goal d, ...)");
    if (j->s->outputs.rows && strcmp(j->s->outputs.rows, "-") == 0 &&
        (own->recover || own->against.n || own->next.goals.n))
        return jf_fail(err, JF_EUSAGE,
                       "--rows - leaves no room for other results on stdout: give --rows a file");
    return JF_OK;
}

static jf_status run_parts(job *j, jf_error *err)
{
    jf_status status = JF_OK;
    const simulate_settings *s = j->s;
    bool other = s->outputs.rows || s->own.against.n || s->own.next.goals.n;

    JF_TRY(find_truth(j, err));
    if (s->outputs.rows)
        JF_TRY(jf_simulated_rows_write(j->session, j->result.truth, &j->runs, s->outputs.rows, err));
    if (!other || s->own.recover) JF_TRY(recover(j, err));
    if (s->own.against.n) JF_TRY(find_power(j, err));
    if (s->own.next.goals.n)
        JF_TRY(jf_advise(j->session, &s->own.next, &s->runs, &s->fit, &j->maps, &j->runs, j->laws.items[0],
                         &j->candidates, &j->result, err));
done:
    return status;
}

static jf_status describe(job *j, jf_error *err)
{
    jf_simulation *r = &j->result;

    r->law = j->laws.items[0];
    r->formula = j->saved.formula ? j->saved.formula : r->law->text;
    r->seed = j->session->common.seed;
    r->data.file = jf_copy_text(j->runs.table->file);
    if (!r->data.file) return jf_fail(err, JF_ENOMEM, "out of memory for the result");
    memcpy(r->data.sha256, j->runs.table->sha256, sizeof r->data.sha256);
    r->data.rows_read = j->runs.table->rows_read;
    r->data.rows_used = r->truth->n;
    jf_runs_describe(&j->runs, &r->data);
    jf_data_drop(&r->data, "missing", j->runs.n_rows - r->truth->n);
    jf_warnings_append(&r->warnings, &j->runs.warnings);
    jf_warnings_append(&r->warnings, &j->candidates.runs.warnings);
    jf_simulation_judge(r);
    jf_warnings_append(&j->session->warnings, &r->warnings);
    return JF_OK;
}

static jf_status write_result(job *j, jf_error *err)
{
    jf_status status = JF_OK;
    json_t *json = NULL;
    bool only_rows = !j->result.has_recovery && !j->result.power && !j->result.advice;

    JF_TRY(describe(j, err));
    if (only_rows && !j->s->outputs.save) goto done;
    json = jf_simulation_to_json(&j->result);
    JF_TRY_NEW(json, err, "the result");
    JF_TRY(jf_result_add_command(json, j->session, err));
    if (j->s->outputs.save) JF_TRY(jf_result_save(json, j->s->outputs.save, err));
    if (!only_rows) JF_TRY(jf_result_write(j->session, json, "simulate", jf_result_brief(j->session), err));
done:
    json_decref(json);
    return status;
}

static jf_status run_simulate(jf_session *session, void *settings, jf_error *err)
{
    job j = {.session = session, .s = settings};
    jf_status status = JF_OK;

    JF_TRY(check_request(&j, err));
    j.s->fit.seed = session->common.seed;
    j.s->fit.threads = session->common.threads;
    JF_TRY(read_laws(&j, err));
    JF_TRY(jf_runs_read(session, &j.s->runs, &j.maps, j.s->own.design, &j.runs, err));
    j.s->fit.checkpoint =
        jf_resume_open(session, j.s->outputs.save,
                       &(jf_resume_inputs){j.runs.table, j.s->law.file, j.saved.file, &j.s->runs.catalogues});
    JF_TRY(run_parts(&j, err));
    JF_TRY(write_result(&j, err));
done:
    jf_resume_close(session, j.s->fit.checkpoint, status);
    jf_simulation_clear(&j.result);
    jf_candidates_free(&j.candidates);
    jf_runs_free(&j.runs);
    jf_words_free(&j.also);
    jf_words_free(&j.maps);
    jf_laws_free(&j.laws);
    jf_saved_law_clear(&j.saved);
    return status;
}

const jf_command jf_command_simulate = {
    .name = "simulate",
    .summary = "draw data from a law on a design: recovery, coverage, power, what to measure next",
    .usage = "simulate LAW|MODEL.json --design DATA [OPTIONS]",
    .examples =
        "  joulefit simulate compute_power --design data/sets/published_runs.csv --where 'C > 0' \\\n"
        "      --ci wald,profile --se classical,hc3 --replicates 200\n"
        "  joulefit simulate 'energy ~ e0 + k*C' --design data/sets/published_runs.csv --where 'C > 0' \\\n"
        "      --error log --truth e0=1e9,k=1e-11 --sigma-value 0.2 --rows -\n"
        "  joulefit simulate compute_power --design data/sets/published_runs.csv --where 'C > 0' \\\n"
        "      --against 'energy ~ e0 + k*C' --sizes 1,4 --replicates 50\n"
        "  joulefit simulate compute_power --design data/sets/published_runs.csv --where 'C > 0' \\\n"
        "      --goal param:a --goal d --grid 'C=1e20,1e22,1e24' --next 3\n",
    .settings_size = sizeof(simulate_settings),
    .sets = simulate_sets,
    .run = run_simulate,
};
