/* A study's report in its faces, its numbers and its checklist. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "cli/study/study_work.h"
#include "core/memory.h"
#include "core/output.h"
#include "fit/model/model_file.h"
#include "plots/process.h"
#include "reports/checklist.h"
#include "reports/manifest.h"
#include "reports/number.h"
#include "reports/numbers.h"
#include "reports/result.h"

static const double latex_limit_s = 120;
static const double least_room = 1 << 20; /* bytes that pdflatex finds enough */

/* ---- what stands in it ---- */

/* A fit or a comparison, as tables, numbers of a fit and the checklist want it. */
static bool is_fitted(const jf_study_analysis *analysis)
{
    return jf_result_at(analysis->result, "parameters") || jf_result_at(analysis->result, "candidates");
}

static void add_summary(const jf_study_work *work, jf_doc *doc)
{
    jf_doc_heading(doc, 2, "Summary");
    for (size_t i = 0; i < work->study->analyses.n; i++) {
        const jf_study_analysis *analysis = &work->analyses[i];
        const char *verdict = jf_result_text(analysis->result, "verdict");
        char r2[JF_NUMBER_TEXT];
        if (*verdict)
            jf_doc_list_item(doc, "%s: %s", analysis->entry->name, verdict);
        else if (!is_fitted(analysis))
            jf_doc_list_item(doc, "%s: %s, below", analysis->entry->name, analysis->entry->kind);
        else
            jf_doc_list_item(doc, "%s: %s, n = %zu, R2 %s on the law's scale", analysis->entry->name,
                             jf_result_text(analysis->result, "outcome"),
                             jf_result_count(analysis->result, "n"),
                             jf_show_fixed(r2, jf_result_number(analysis->result, "r2"), 4));
    }
}

/* Tables and figures stand with the first analysis that they show. */
static jf_status add_pieces(jf_study_work *work, size_t a, jf_doc *doc, jf_error *err)
{
    const jf_study *study = work->study;
    jf_status status = JF_OK;

    for (size_t i = 0; i < study->tables.n; i++)
        if (study->tables.items[i].of[0] == a)
            JF_TRY(jf_study_add_table(work, &study->tables.items[i], doc, err));
    for (size_t i = 0; i < study->figures.n; i++)
        if (study->figures.items[i].of[0] == a)
            JF_TRY(jf_study_add_figure(work, &study->figures.items[i], doc, err));
done:
    return status;
}

/* Simulated studies have one report of their own. */
static jf_status add_simulation(const jf_study_analysis *analysis, jf_doc *doc, jf_error *err)
{
    jf_report_options options = {.brief = true};
    jf_doc *whole = NULL;
    jf_status status = jf_compose_simulation(analysis->result, &options, &whole, err);

    if (status == JF_OK) jf_doc_append(doc, whole);
    jf_doc_free(whole);
    return status;
}

static jf_status add_section(jf_study_work *work, size_t a, jf_doc *doc, jf_error *err)
{
    const jf_study_analysis *analysis = &work->analyses[a];
    const jf_yaml *title = jf_yaml_get(analysis->entry->map, "title"),
                  *text = jf_yaml_get(analysis->entry->map, "text");
    jf_status status = JF_OK;

    jf_doc_heading(doc, 2, "%s", title && title->text ? title->text : analysis->entry->name);
    if (text && text->text) jf_doc_paragraph(doc, "%s", text->text);
    if (jf_result_at(analysis->result, "candidates"))
        JF_TRY(jf_compose_comparison_lines(doc, analysis->result, err));
    else if (is_fitted(analysis))
        jf_compose_fit_lines(doc, analysis->result, 4);
    else
        JF_TRY(add_simulation(analysis, doc, err));
    JF_TRY(add_pieces(work, a, doc, err));
    jf_compose_warnings(doc, jf_result_at(analysis->result, "warnings"), false);
done:
    return status;
}

static const char *answer(const void *context, const char *key)
{
    const jf_yaml *node = jf_yaml_get(jf_yaml_get(((const jf_study *)context)->root, "checklist"), key);
    return node && node->kind == JF_YAML_SCALAR && *node->text ? node->text : NULL;
}

static jf_status add_checklist(const jf_study_work *work, jf_doc *doc, jf_error *err)
{
    size_t n = 0, most = work->study->analyses.n;
    const json_t **results = JF_NEW_ZEROED(const json_t *, most);
    const char **names = JF_NEW_ZEROED(const char *, most);
    jf_status status = JF_OK;

    JF_TRY_NEW(results && names, err, "a checklist");
    for (size_t i = 0; i < most; i++) {
        if (!is_fitted(&work->analyses[i])) continue;
        results[n] = work->analyses[i].result;
        names[n++] = work->analyses[i].entry->name;
    }
    jf_checklist_add(
        doc,
        &(jf_checklist_source){
            .results = results, .names = names, .n = n, .answer = answer, .context = work->study},
        NULL);
done:
    jf_free(results);
    jf_free(names);
    return status;
}

static const char *data_text(const jf_study_analysis *analysis, const char *key)
{
    const json_t *fit = json_array_get(jf_result_at(analysis->result, "candidates"), 0);
    const json_t *data = jf_result_at(analysis->result, "data");

    return jf_result_text(data ? data : jf_result_at(fit, "fit.data"), key);
}

/* Each data file once. */
static void add_data(const jf_study_work *work, jf_doc *doc)
{
    for (size_t i = 0; i < work->study->analyses.n; i++) {
        const char *file = data_text(&work->analyses[i], "file");
        size_t k = 0;
        while (k < i && strcmp(data_text(&work->analyses[k], "file"), file) != 0) k++;
        if (k == i && *file) jf_doc_field(doc, file, "sha256 %s", data_text(&work->analyses[i], "sha256"));
    }
}

/* No time and no host: the same study gives the same report. Those stand in the manifest. */
static jf_status add_origin(const jf_study_work *work, jf_doc *doc, jf_error *err)
{
    json_t *versions = jf_manifest_versions(), *value;
    jf_text words = {0};
    jf_status status = JF_OK;
    const char *name;

    JF_TRY_NEW(versions, err, "a report");
    jf_doc_heading(doc, 2, "How to reproduce");
    jf_doc_paragraph(
        doc, "The study, beside this report as study.yaml, gives everything again: joulefit run "
             "study.yaml -o FOLDER. joulefit verify FOLDER says whether it still comes out the same. Each "
             "analysis is one command, in the folder that the study's paths start from:");
    for (size_t i = 0; i < work->study->analyses.n; i++)
        jf_doc_code(doc, jf_result_text(work->analyses[i].result, "command"));
    add_data(work, doc);
    json_object_foreach(versions, name, value)
        jf_text_addf(&words, "%s%s %s", words.length ? "; " : "", name, json_string_value(value));
    jf_doc_field(doc, "versions", "%s", jf_doc_words(doc, &words));
    jf_doc_field(doc, "seed", "%llu", (unsigned long long)work->common.seed);
done:
    json_decref(versions);
    jf_text_free(&words);
    return status;
}

static jf_status build_report(jf_study_work *work, jf_doc **out, jf_error *err)
{
    const jf_study *study = work->study;
    jf_status status = JF_OK;
    jf_doc *doc = jf_doc_new(study->title ? study->title : "Study");

    *out = NULL;
    JF_TRY_NEW(doc, err, "a report");
    jf_doc_set_front(doc, study->author, study->abstract);
    add_summary(work, doc);
    for (size_t i = 0; i < study->analyses.n; i++) JF_TRY(add_section(work, i, doc, err));
    jf_doc_heading(doc, 2, "Reporting checklist");
    JF_TRY(add_checklist(work, doc, err));
    JF_TRY(add_origin(work, doc, err));
    JF_TRY(jf_doc_check(doc, err));
    *out = doc;
    doc = NULL;
done:
    jf_doc_free(doc);
    return status;
}

/* ---- faces ---- */

/* Figures stand beside the report: PDF for LaTeX, PNG for the others. */
static jf_status name_figures(jf_doc *doc, const char *ending, jf_error *err)
{
    for (size_t i = 0; i < doc->n_blocks; i++) {
        jf_block *block = &doc->blocks[i];
        jf_text path = {0};
        if (!block->figure) continue;
        jf_text_addf(&path, "figures/%s%s", block->name ? block->name : block->figure->name, ending);
        jf_free(block->path);
        block->path = jf_text_take(&path);
        if (!block->path) return jf_fail(err, JF_ENOMEM, "out of memory for a report");
    }
    return JF_OK;
}

static jf_status write_file(jf_study_work *work, const char *file, const char *bytes, size_t length,
                            jf_words *files, jf_error *err)
{
    jf_status status = JF_OK;
    char *path = NULL;

    JF_TRY(jf_parts_make(work->parts, file, &path, err));
    JF_TRY(jf_output_write(path, bytes ? bytes : "", length, err));
    JF_TRY(jf_words_add(files, file, strlen(file), err));
done:
    jf_free(path);
    return status;
}

static jf_status write_doc(jf_study_work *work, const char *stem, const char *format_name, jf_doc *doc,
                           jf_words *files, jf_error *err)
{
    const jf_doc_format *format = jf_doc_format_find(format_name);
    jf_status status = JF_OK;
    jf_text text = {0};
    char file[64];

    JF_TRY(jf_study_go_on(work, err));
    snprintf(file, sizeof file, "%s%s", stem, format->suffix);
    JF_TRY(name_figures(doc, strcmp(format_name, "latex") == 0 ? ".pdf" : ".png", err));
    JF_TRY(format->render(doc, NULL, &text, err));
    JF_TRY(write_file(work, file, text.data, text.length, files, err));
done:
    jf_text_free(&text);
    return status;
}

static jf_status write_numbers(jf_study_work *work, jf_words *files, jf_error *err)
{
    jf_status status = JF_OK;
    jf_text text = {0};

    jf_numbers_begin(&text);
    for (size_t i = 0; i < work->study->analyses.n; i++)
        JF_TRY(jf_numbers_add(work->analyses[i].entry->name, work->analyses[i].result, 4, &text, err));
    JF_TRY_NEW(!text.failed, err, "numbers");
    JF_TRY(write_file(work, "numbers.tex", text.data, text.length, files, err));
done:
    jf_text_free(&text);
    return status;
}

static jf_status write_checklist(jf_study_work *work, jf_words *files, jf_error *err)
{
    jf_status status = JF_OK;
    jf_doc *doc = jf_doc_new("Reporting checklist");

    JF_TRY_NEW(doc, err, "a checklist");
    JF_TRY(add_checklist(work, doc, err));
    JF_TRY(write_doc(work, "checklist", "markdown", doc, files, err));
done:
    jf_doc_free(doc);
    return status;
}

/* ---- PDF ---- */

/* Figures that were kept stand in place and not in the stage: TeX finds them through links, taken away after
 * it. */
static jf_status link_figures(const jf_study_work *work, const jf_doc *doc, bool take_away, jf_error *err)
{
    jf_status status = JF_OK;
    char *here = NULL, *there = NULL;

    for (size_t i = 0; i < doc->n_blocks && status == JF_OK; i++) {
        const char *path = doc->blocks[i].path;
        if (!path) continue;
        status = jf_parts_make(work->parts, path, &here, err);
        if (status == JF_OK) status = jf_parts_find(work->parts, path, &there, err);
        if (status == JF_OK && take_away) {
            char target[8];
            if (readlink(here, target, sizeof target) > 0) unlink(here);
        } else if (status == JF_OK && strcmp(here, there) != 0) {
            bool linked = symlink(there, here) == 0;
            (void)linked; /* a figure that is not found leaves a box with its name */
        }
        jf_free(here);
        jf_free(there);
        here = there = NULL;
    }
    return status;
}

/* Nothing of the time goes into the file: the same report is the same bytes. */
static const char *const latex[] = {
    "pdflatex",
    "-interaction=nonstopmode",
    "-halt-on-error",
    "-no-shell-escape",
    "-jobname=report",
    "\\pdfinfoomitdate1\\pdfsuppressptexinfo15\\pdftrailerid{}\\input{report.tex}",
    NULL};

static void remove_traces(const jf_study_work *work)
{
    static const char *const traces[] = {"report.aux", "report.log", "report.out"};

    for (size_t i = 0; i < sizeof traces / sizeof *traces; i++) {
        char *path = NULL;
        if (jf_parts_make(work->parts, traces[i], &path, NULL) == JF_OK) unlink(path);
        jf_free(path);
    }
}

/* A full disk is no fault of the report's. */
static jf_status check_room(const jf_study_work *work, jf_error *err)
{
    struct statvfs disk;

    if (statvfs(work->parts->stage, &disk) != 0 ||
        (double)disk.f_bavail * (double)disk.f_frsize >= least_room)
        return JF_OK;
    return jf_fail(err, JF_EOUTPUT, "%s/report.pdf: cannot write: %s", work->parts->folder, strerror(ENOSPC));
}

/* report.pdf where there is pdflatex; a report that does not compile is told, the rest of the study stands.
 */
static jf_status compile(jf_study_work *work, jf_doc *doc, jf_words *files, bool *made, jf_error *err)
{
    jf_status status = JF_OK;
    jf_process_end end = {0};

    *made = false;
    JF_TRY(name_figures(doc, ".pdf", err));
    JF_TRY(link_figures(work, doc, false, err));
    for (int pass = 0; pass < 2; pass++) {
        jf_text_free(&end.words);
        JF_TRY(jf_process_run(latex, work->parts->stage, latex_limit_s, &end, err));
        if (end.missing || end.timed_out || end.exit_code != 0) break;
    }
    *made = !end.missing && !end.timed_out && end.exit_code == 0;
    if (!*made) JF_TRY(check_room(work, err));
    if (end.missing)
        jf_session_note(work->session,
                        "no report.pdf: it needs pdflatex, which is not there (Debian: apt install "
                        "texlive-latex-recommended)");
    else if (!*made)
        jf_warn(&work->session->warnings, "W_NO_PDF", "pdflatex could not make report.pdf of report.tex%s",
                end.timed_out ? ": it was stopped at its time limit" : "");
    else
        status = jf_words_add(files, "report.pdf", strlen("report.pdf"), err);
done:
    link_figures(work, doc, true, NULL);
    remove_traces(work);
    jf_text_free(&end.words);
    return status;
}

/* ---- the part ---- */

static void report_key(const jf_study_work *work, char key[JF_DIGEST_TEXT])
{
    const char *name;
    json_t *part;
    jf_digest digest;

    jf_digest_begin(&digest);
    jf_digest_add_text(&digest, work->program);
    jf_digest_add_text(&digest, work->study->text);
    json_object_foreach(work->parts->now, name, part)
    {
        jf_digest_add_text(&digest, name);
        jf_digest_add_text(&digest, json_string_value(json_object_get(part, "key")));
    }
    jf_digest_end(&digest, key);
}

jf_status jf_study_make_copy(jf_study_work *work, jf_error *err)
{
    char key[JF_DIGEST_TEXT];
    jf_status status = JF_OK;
    jf_words files = {0};
    jf_digest digest;

    jf_digest_begin(&digest);
    jf_digest_add(&digest, work->study->text, work->study->length);
    jf_digest_end(&digest, key);
    if (jf_parts_keep(work->parts, "study", key)) goto done;
    JF_TRY(write_file(work, "study.yaml", work->study->text, work->study->length, &files, err));
    JF_TRY(jf_parts_done(work->parts, "study", key, &files, err));
done:
    jf_words_free(&files);
    return status;
}

jf_status jf_study_make_report(jf_study_work *work, jf_error *err)
{
    static const char *const formats[] = {"html", "markdown", "text", "latex"};
    char key[JF_DIGEST_TEXT];
    jf_status status = JF_OK;
    jf_words files = {0};
    jf_doc *doc = NULL;
    bool compiled;

    JF_TRY(jf_study_go_on(work, err));
    report_key(work, key);
    if (jf_parts_keep(work->parts, "report", key)) goto done;
    JF_TRY(build_report(work, &doc, err));
    JF_TRY(write_numbers(work, &files, err));
    JF_TRY(write_checklist(work, &files, err));
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        JF_TRY(write_doc(work, "report", formats[i], doc, &files, err));
    JF_TRY(compile(work, doc, &files, &compiled, err));
    /* without its PDF it is kept by no run: what was in the way may be gone then */
    JF_TRY(jf_parts_done(work->parts, "report", compiled ? key : "", &files, err));
done:
    jf_doc_free(doc);
    jf_words_free(&files);
    return status;
}
