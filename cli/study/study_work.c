/* A study's analyses: tasks built, computed or kept. */
#include "cli/study/study_work.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "cli/joins.h"
#include "cli/setup.h"
#include "core/clock.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/text.h"
#include "fit/model/model_file.h"
#include "reports/result.h"

const char *jf_study_text(jf_study *study, const char *format, ...)
{
    char text[4096];
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (length < 0 || (size_t)length >= sizeof text) return NULL;
    return jf_words_add(&study->pool, text, (size_t)length, NULL) == JF_OK && length
               ? study->pool.items[study->pool.n - 1]
               : NULL;
}

jf_status jf_study_go_on(const jf_study_work *work, jf_error *err)
{
    if (!jf_stop_requested()) return JF_OK;
    if (work->parts->n_made)
        jf_session_note(work->session,
                        "the parts that are finished are kept: the same command goes on from there");
    return jf_fail(err, JF_EINTERRUPTED, "interrupted");
}

/* ---- tasks ---- */

jf_status jf_study_files(const jf_study *study, const jf_yaml *data, jf_option_list *out, jf_error *err)
{
    jf_settings_file file = {.name = study->path};

    if (!jf_yaml_get(data, "file"))
        return jf_fail(err, JF_EDATA, "%s:%d: the data need 'file'", study->path, data->line);
    return jf_setup_files(&file, data, out, err);
}

/* --design takes one file. */
static jf_status set_data_option(const jf_study *study, const jf_yaml *data, const char *option,
                                 const jf_option_list *files, jf_task *task, jf_error *err)
{
    if (files->n > 1)
        return jf_fail(err, JF_EDATA, "%s:%d: file: expected one data file, as this is its --%s", study->path,
                       jf_yaml_get(data, "file")->line, option);
    jf_task_set(task, option, files->items[0]);
    return JF_OK;
}

/* Joins that cannot be, before any work. */
static jf_status check_joins(const jf_study *study, const jf_yaml *data, const jf_task *task, jf_error *err)
{
    void *settings;
    jf_status status;

    if (!jf_options_find(task->sets, task->n_sets, "join", &settings)) return JF_OK;
    status = jf_joins_check(settings, err);
    if (status != JF_OK) jf_error_prefix(err, "%s:%d", study->path, data->line);
    return status;
}

/* Laws that stand in the study itself are read from there. */
static void offer_laws(jf_study *study, jf_task *task)
{
    void *settings;
    const jf_option *option = jf_options_find(task->sets, task->n_sets, "laws", &settings);

    if (option && jf_yaml_get(study->root, "laws") && !*(const char **)jf_option_field(option, settings))
        *(const char **)jf_option_field(option, settings) = study->file;
}

static jf_status build_task(jf_study_work *work, jf_study_analysis *analysis, jf_error *err)
{
    static const char *const others[] = {"file", "source", "command", "title", "text", NULL};
    jf_study *study = work->study;
    const jf_yaml *maps[2] = {NULL, analysis->entry->map};
    const jf_analysis_kind *kind = jf_analysis_kind_of(analysis->entry->kind);
    jf_option_list files = {0}, none = {0};
    jf_task *task = &analysis->task;
    jf_status status = JF_OK;

    JF_TRY(jf_study_data(study, analysis->entry, &maps[0], err));
    JF_TRY(jf_study_files(study, maps[0], &files, err));
    JF_TRY(jf_task_build(study, jf_command_find(analysis->entry->kind), maps, 2, others,
                         kind->data_option ? &none : &files, &work->common, task, err));
    offer_laws(study, task);
    JF_TRY(check_joins(study, maps[0], task, err));
    if (kind->data_option) JF_TRY(set_data_option(study, maps[0], kind->data_option, &files, task, err));
    jf_command_keep(task->command, task->sets, task->n_sets, &task->session);
    if (task->session.command.failed) JF_TRY_NEW(NULL, err, "a command");
done:
    jf_option_list_free(&files);
    if (status != JF_OK) jf_study_blame(study, analysis->entry, "analysis", err);
    return status;
}

static jf_status read_seed(jf_study_work *work, jf_error *err)
{
    const jf_yaml *node = jf_yaml_get(work->study->root, "seed");
    jf_common_options usual;
    void *settings;
    jf_option_set set = {"", jf_common_options_table, &work->common};
    const jf_option *option;
    jf_status status;

    work->common = work->session->common;
    jf_options_default(jf_common_options_table, &usual);
    if (!node || work->common.seed != usual.seed) return JF_OK; /* --seed wins */
    if (node->kind != JF_YAML_SCALAR)
        return jf_fail(err, JF_EDATA, "%s:%d: seed: expected a number", work->study->path, node->line);
    option = jf_options_find(&set, 1, "seed", &settings);
    status = jf_options_set(option, settings, node->text, err);
    if (status != JF_OK) jf_error_prefix(err, "%s:%d", work->study->path, node->line);
    return status;
}

static jf_status name_result(jf_study_analysis *analysis, jf_error *err)
{
    jf_text file = {0};

    jf_text_addf(&file, "results/%s.json", analysis->entry->name);
    analysis->file = jf_text_take(&file);
    return analysis->file ? JF_OK : jf_fail(err, JF_ENOMEM, "out of memory for a result");
}

jf_status jf_study_work_open(jf_session *session, jf_study *study, jf_parts *parts, jf_study_work *out,
                             jf_error *err)
{
    jf_status status = JF_OK;

    *out = (jf_study_work){.session = session, .study = study, .parts = parts};
    out->analyses = JF_NEW_ZEROED(jf_study_analysis, study->analyses.n);
    JF_TRY_NEW(out->analyses, err, study->path);
    JF_TRY(jf_digest_file("/proc/self/exe", out->program, err));
    JF_TRY(read_seed(out, err));
    if (chdir(study->folder) != 0) JF_TRY(jf_fail(err, JF_EDATA, "%s: cannot go there", study->folder));
    for (size_t i = 0; i < study->analyses.n; i++) {
        out->analyses[i].entry = &study->analyses.items[i];
        JF_TRY(build_task(out, &out->analyses[i], err));
        JF_TRY(name_result(&out->analyses[i], err));
    }
    JF_TRY(jf_study_check_pieces(out, err));
done:
    if (status != JF_OK) jf_study_work_close(out);
    return status;
}

void jf_study_work_close(jf_study_work *work)
{
    for (size_t i = 0; work->analyses && i < work->study->analyses.n; i++) {
        jf_task_free(&work->analyses[i].task);
        json_decref(work->analyses[i].result);
        jf_free(work->analyses[i].file);
    }
    jf_free(work->analyses);
    *work = (jf_study_work){0};
}

/* ---- keys ---- */

/* A tree's words in order, with its shape. */
static void add_tree(jf_digest *digest, const jf_yaml *node)
{
    static const char *const kinds[] = {"-", "[", "{"};

    jf_digest_add_text(digest, node ? kinds[node->kind] : "0");
    if (node && node->text) jf_digest_add_text(digest, node->text);
    for (size_t i = 0; node && i < node->n; i++) {
        if (node->keys) jf_digest_add_text(digest, node->keys[i]->text);
        add_tree(digest, node->items[i]);
    }
}

/* What becomes of each file that a task reads. */
typedef jf_status file_visitor(void *context, const char *path, jf_error *err);

/* Files that options name. */
static jf_status visit_option_files(const jf_task *task, file_visitor *visit, void *context, jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t s = 0; s < task->n_sets; s++)
        for (const jf_option *option = task->sets[s].table; option->name; option++) {
            const void *field = jf_option_field(option, task->sets[s].settings);
            const jf_option_list *list = field;
            if (!option->path) continue;
            if (option->kind == JF_OPTION_TEXT && *(const char *const *)field)
                JF_TRY(visit(context, *(const char *const *)field, err));
            for (size_t i = 0; option->kind == JF_OPTION_LIST && i < list->n; i++)
                JF_TRY(visit(context, list->items[i], err));
        }
done:
    return status;
}

/* Its arguments from place `first` on, and the files that its options name. */
static jf_status visit_files(const jf_task *task, size_t first, file_visitor *visit, void *context,
                             jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t i = first; i < task->session.arguments.n; i++)
        JF_TRY(visit(context, task->session.arguments.items[i], err));
    status = visit_option_files(task, visit, context, err);
done:
    return status;
}

typedef struct digesting {
    const jf_study *study;
    jf_digest digest;
} digesting;

/* The study's own laws by their words, so that a comment changes nothing; other files by their bytes. */
static jf_status digest_file(void *context, const char *path, jf_error *err)
{
    digesting *work = context;
    char text[JF_DIGEST_TEXT];
    jf_status status = JF_OK;

    if (strcmp(path, work->study->file) == 0) {
        add_tree(&work->digest, jf_yaml_get(work->study->root, "laws"));
        return JF_OK;
    }
    status = jf_digest_file(path, text, err);
    if (status == JF_OK) jf_digest_add_text(&work->digest, text);
    return status;
}

jf_status jf_study_key(const jf_study_work *work, const jf_task *task, size_t first,
                       const char *const *made_of, size_t n_made_of, char key[JF_DIGEST_TEXT], jf_error *err)
{
    digesting all = {.study = work->study};
    jf_status status = JF_OK;

    jf_digest_begin(&all.digest);
    jf_digest_add_text(&all.digest, work->program);
    jf_digest_add_text(&all.digest, task->session.command.data);
    for (size_t i = 0; i < n_made_of; i++) jf_digest_add_text(&all.digest, made_of[i]);
    JF_TRY(visit_files(task, first, digest_file, &all, err));
    jf_digest_end(&all.digest, key);
done:
    return status;
}

static jf_status list_source(void *context, const char *path, jf_error *err)
{
    char digest[JF_DIGEST_TEXT];
    jf_status status = jf_digest_file(path, digest, err);

    if (status != JF_OK) return status;
    if (json_array_append_new(context, json_pack("{s:s, s:s}", "file", path, "sha256", digest)) == 0)
        return JF_OK;
    return jf_fail(err, JF_ENOMEM, "out of memory for the names of files");
}

jf_status jf_study_sources(const jf_study_analysis *analysis, json_t **out, jf_error *err)
{
    jf_status status;

    *out = json_array();
    if (!*out) return jf_fail(err, JF_ENOMEM, "out of memory for the names of files");
    status = visit_files(&analysis->task, 0, list_source, *out, err);
    if (status == JF_OK) return JF_OK;
    json_decref(*out);
    *out = NULL;
    return status;
}

/* ---- computing ---- */

/* What an analysis leaves: the option that asks for it, its file, and the only command where it means that.
 */
static const struct {
    const char *option, *format, *command;
} outputs[] = {{"save", "results/%s.json"},
               {"output", "results/%s.txt"},
               {"rows", "results/%s-rows.csv", "fit"},
               {"ledger", "results/%s-ledger.csv"}};

/* Points the task's outputs into the stage and lists them. */
static jf_status place_outputs(jf_study_work *work, jf_study_analysis *analysis, jf_words *files,
                               jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++) {
        char file[128], *path = NULL;
        if (!jf_task_has(&analysis->task, outputs[i].option)) continue;
        if (outputs[i].command && strcmp(outputs[i].command, analysis->entry->kind) != 0) continue;
        snprintf(file, sizeof file, outputs[i].format, analysis->entry->name);
        JF_TRY(jf_words_add(files, file, strlen(file), err));
        JF_TRY(jf_parts_make(work->parts, file, &path, err));
        status = jf_words_add(&work->study->pool, path, strlen(path), err);
        jf_free(path);
        JF_TRY(status);
        jf_task_set(&analysis->task, outputs[i].option, work->study->pool.items[work->study->pool.n - 1]);
    }
done:
    return status;
}

static jf_status run_task(jf_study_work *work, jf_study_analysis *analysis, const char *part, const char *key,
                          jf_error *err)
{
    jf_status status = JF_OK;
    jf_words files = {0};
    double start = jf_clock_seconds();

    JF_TRY(place_outputs(work, analysis, &files, err));
    status = analysis->task.command->run(&analysis->task.session, analysis->task.settings, err);
    analysis->failed = status == JF_EFIT && !jf_stop_requested();
    if (analysis->failed)
        jf_session_note(work->session, "%s: %s", analysis->entry->name, err ? err->message : "no usable fit");
    else
        JF_TRY(status);
    analysis->seconds = jf_clock_seconds() - start;
    status =
        jf_parts_done(work->parts, part, analysis->failed ? "" : key, &files, err); /* "" is kept by no run */
done:
    jf_words_free(&files);
    return status;
}

/* The result's warnings as the program's own, with the analysis's name. */
static void pass_warnings(jf_study_work *work, const jf_study_analysis *analysis)
{
    const json_t *list = jf_result_at(analysis->result, "warnings");

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *warning = json_array_get(list, i);
        const jf_warning_help *help = jf_warning_explain(jf_result_text(warning, "code"));
        if (help)
            jf_warn(&work->session->warnings, help->code, "%s: %s", analysis->entry->name,
                    jf_result_text(warning, "message"));
    }
}

static jf_status read_result(jf_study_work *work, jf_study_analysis *analysis, jf_error *err)
{
    jf_status status = JF_OK;
    char *path = NULL;
    const char *kind;

    JF_TRY(jf_parts_find(work->parts, analysis->file, &path, err));
    JF_TRY(jf_result_read(path, &analysis->result, &kind, err));
    if (!work->silent) pass_warnings(work, analysis);
done:
    jf_free(path);
    return status;
}

jf_status jf_study_compute(jf_study_work *work, size_t a, jf_error *err)
{
    jf_study_analysis *analysis = &work->analyses[a];
    char key[JF_DIGEST_TEXT], part[128];
    jf_status status = JF_OK;

    if (analysis->result) return JF_OK;
    JF_TRY(jf_study_go_on(work, err));
    snprintf(part, sizeof part, "analysis %s", analysis->entry->name);
    JF_TRY(jf_study_key(work, &analysis->task, 0, NULL, 0, key, err));
    analysis->kept = jf_parts_keep(work->parts, part, key);
    if (!analysis->kept) JF_TRY(run_task(work, analysis, part, key, err));
    JF_TRY(read_result(work, analysis, err));
    if (analysis->kept)
        jf_session_note(work->session, "%s: unchanged, kept", analysis->entry->name);
    else
        jf_session_note(work->session, "%s: %s, %.1f s", analysis->entry->name, analysis->entry->kind,
                        analysis->seconds);
done:
    if (status != JF_OK && status != JF_EINTERRUPTED)
        jf_study_blame(work->study, analysis->entry, "analysis", err);
    return status;
}
