/* joulefit run: a whole study, from one file. */
#include <stdio.h>
#include <string.h>
#include "cli/study/study_work.h"
#include "core/clock.h"
#include "core/memory.h"
#include "core/output.h"
#include "reports/result.h"

extern const char jf_study_example_yaml[];
extern const size_t jf_study_example_yaml_length;

typedef struct run_settings {
    jf_option_list only;
    const char *base;
    bool example;
} run_settings;

static const jf_option run_table[] = {
    {"only", 0, JF_OPTION_LIST, offsetof(run_settings, only), .argument = "NAME,...",
     .help = "make these tables, figures or analyses, and leave the rest of the folder as it is",
     .aside = true},
    {"base", 0, JF_OPTION_TEXT, offsetof(run_settings, base), .argument = "FOLDER",
     .help = "folder that the study's paths start from; else the study's own", .aside = true},
    {"example", 0, JF_OPTION_FLAG, offsetof(run_settings, example),
     .help = "write an example of a study that runs on the bundled data, with comments"},
    {NULL}};

static size_t run_sets(void *settings, jf_option_set *sets)
{
    sets[0] = (jf_option_set){"The study", run_table, settings};
    return 1;
}

/* ---- which parts ---- */

static bool is_chosen(const jf_words *only, const char *name)
{
    for (size_t i = 0; i < only->n; i++)
        if (strcmp(only->items[i], name) == 0) return true;
    return only->n == 0;
}

static size_t collect(const jf_study_entries *entries, const char **names, size_t n, size_t most)
{
    for (size_t i = 0; i < entries->n && n < most; i++) names[n++] = entries->items[i].name;
    return n;
}

static jf_status check_only(const jf_study *study, const jf_words *only, jf_error *err)
{
    const char *names[512];
    char hint[128];
    size_t n = 0;

    n = collect(&study->tables, names, n, 512);
    n = collect(&study->figures, names, n, 512);
    n = collect(&study->analyses, names, n, 512);
    for (size_t i = 0; i < only->n; i++) {
        size_t k = 0;
        while (k < n && strcmp(names[k], only->items[i]) != 0) k++;
        if (k == n)
            return jf_fail(err, JF_EUSAGE, "--only: the study has no table, figure or analysis '%s'%s",
                           only->items[i], jf_did_you_mean(hint, sizeof hint, only->items[i], names, n));
    }
    return JF_OK;
}

/* ---- the run ---- */

static jf_status make_all(jf_study_work *work, const jf_words *only, jf_error *err)
{
    const jf_study *study = work->study;
    jf_status status = JF_OK;
    bool made;

    JF_TRY(jf_study_make_copy(work, err));
    for (size_t i = 0; i < study->analyses.n; i++)
        if (is_chosen(only, study->analyses.items[i].name)) JF_TRY(jf_study_compute(work, i, err));
    for (size_t i = 0; i < study->tables.n; i++)
        if (is_chosen(only, study->tables.items[i].name))
            JF_TRY(jf_study_make_table(work, &study->tables.items[i], &made, err));
    for (size_t i = 0; i < study->figures.n; i++)
        if (is_chosen(only, study->figures.items[i].name))
            JF_TRY(jf_study_make_figure(work, &study->figures.items[i], &made, err));
    if (only->n == 0)
        JF_TRY(jf_study_make_report(work, err));
    else
        JF_TRY(jf_parts_keep_others(work->parts, err));
done:
    return status;
}

/* What the terminal shows when all is done. */
static jf_status write_answer(jf_session *session, const jf_study_work *work, const char *folder,
                              const json_t *manifest, jf_error *err)
{
    jf_common_options common = session->common;
    jf_status status = JF_OK;
    jf_doc *doc = NULL;

    session->common.output = NULL; /* -o was the folder */
    if (jf_session_wants(session, "json")) {
        status = jf_session_write_json(session, manifest, err);
        goto done;
    }
    doc = jf_doc_new(work->study->title ? work->study->title : "Study");
    JF_TRY_NEW(doc, err, "the answer");
    for (size_t i = 0; i < work->study->analyses.n; i++) {
        const jf_study_analysis *analysis = &work->analyses[i];
        const char *verdict = jf_result_text(analysis->result, "verdict");
        const char *outcome = jf_result_text(analysis->result, "outcome");
        if (analysis->result)
            jf_doc_field(doc, analysis->entry->name, "%s", *verdict ? verdict : *outcome ? outcome : "done");
    }
    jf_doc_field(doc, "written", "%s: %zu parts made, %zu unchanged and kept; report.html shows all", folder,
                 work->parts->n_made, work->parts->n_kept);
    JF_TRY(jf_session_write_doc(session, doc, err));
done:
    session->common = common;
    jf_doc_free(doc);
    return status;
}

static jf_status any_failed(const jf_study_work *work, jf_error *err)
{
    for (size_t i = 0; i < work->study->analyses.n; i++)
        if (work->analyses[i].failed)
            return jf_fail(err, JF_EFIT, "analysis '%s' has no usable fit", work->analyses[i].entry->name);
    return JF_OK;
}

static jf_status run_study(jf_session *session, const run_settings *s, const char *path, jf_error *err)
{
    jf_status status = JF_OK;
    jf_words only = {0};
    jf_study study = {0};
    jf_parts parts = {.lock = -1};
    jf_study_work work = {0};
    json_t *manifest = NULL;
    double start = jf_clock_seconds();

    JF_TRY(jf_words_split_all(&s->only, &only, err));
    JF_TRY(jf_study_read(path, s->base, &study, err));
    JF_TRY(check_only(&study, &only, err));
    JF_TRY(jf_parts_open(session->common.output, &parts, err));
    JF_TRY(jf_study_work_open(session, &study, &parts, &work, err));
    JF_TRY(make_all(&work, &only, err));
    JF_TRY(jf_study_manifest(&work, jf_clock_seconds() - start, &manifest, err));
    JF_TRY(jf_parts_commit(&parts, manifest, err));
    JF_TRY(write_answer(session, &work, session->common.output, manifest, err));
    status = any_failed(&work, err);
done:
    json_decref(manifest);
    jf_study_work_close(&work);
    jf_parts_close(&parts);
    jf_study_free(&study);
    jf_words_free(&only);
    return status;
}

static jf_status run_run(jf_session *session, void *settings, jf_error *err)
{
    const run_settings *s = settings;
    const char *path;
    jf_status status;

    if (s->example)
        return jf_output_write(session->common.output ? session->common.output : "-", jf_study_example_yaml,
                               jf_study_example_yaml_length, err);
    status = jf_session_argument(session, "STUDY.yaml ('joulefit run --example' writes one)", &path, err);
    if (status != JF_OK) return status;
    if (!session->common.output || strcmp(session->common.output, "-") == 0)
        return jf_fail(err, JF_EUSAGE, "-o: expected a folder for the study's tables, figures and report");
    return run_study(session, s, path, err);
}

const jf_command jf_command_run = {
    .name = "run",
    .summary = "a whole study from one file: tables, figures, report, manifest",
    .usage = "run STUDY.yaml -o FOLDER [OPTIONS]",
    .examples = "  joulefit run --example -o study.yaml\n"
                "  joulefit run study.yaml -o out\n"
                "  joulefit run study.yaml -o out --only ranking,parity\n",
    .settings_size = sizeof(run_settings),
    .output_is_folder = true,
    .sets = run_sets,
    .run = run_run,
};
