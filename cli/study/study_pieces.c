/* A study's tables and figures. */
#include <stdio.h>
#include <string.h>
#include "cli/plot.h"
#include "cli/report_table.h"
#include "cli/runs.h"
#include "cli/study/study_work.h"
#include "core/memory.h"
#include "core/output.h"
#include "reports/figures.h"

enum { MOST_OF = 64 };

static const char *const figure_endings[] = {"pdf", "svg", "png"};

/* A key for what is made of results: the task in words, the results' bytes, and the runs that it reads
 * itself. */
static jf_status piece_key(const jf_study_work *work, const jf_study_entry *entry, const jf_task *task,
                           size_t first, char key[JF_DIGEST_TEXT], jf_error *err)
{
    const char *results[MOST_OF];
    size_t n = 0;

    for (; n < entry->n_of && n < MOST_OF; n++)
        results[n] = jf_parts_digest(work->parts->now, work->analyses[entry->of[n]].file);
    return jf_study_key(work, task, first, results, n, key, err);
}

static jf_status compute_all(jf_study_work *work, const jf_study_entry *entry, jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t i = 0; i < entry->n_of && status == JF_OK; i++)
        status = jf_study_compute(work, entry->of[i], err);
    return status;
}

/* A piece that nobody asked for by name and that the results do not give. */
static bool pass_over(const jf_study_entry *entry, jf_status *status)
{
    if (entry->map || (*status != JF_EDATA && *status != JF_EUSAGE)) return false;
    *status = JF_OK;
    return true;
}

static jf_status blame(const jf_study_work *work, const jf_study_entry *entry, const char *what,
                       jf_status status, jf_error *err)
{
    if (status != JF_OK && status != JF_EINTERRUPTED) jf_study_blame(work->study, entry, what, err);
    return status;
}

jf_status jf_study_check_pieces(jf_study_work *work, jf_error *err)
{
    const jf_study *study = work->study;
    jf_status status = JF_OK;

    for (size_t i = 0; i < study->tables.n && status == JF_OK; i++) {
        jf_task task = {0};
        status = blame(work, &study->tables.items[i], "table",
                       jf_study_table_task(work, &study->tables.items[i], &task, err), err);
        jf_task_free(&task);
    }
    for (size_t i = 0; i < study->figures.n && status == JF_OK; i++) {
        jf_task task = {0};
        status = blame(work, &study->figures.items[i], "figure",
                       jf_study_figure_task(work, &study->figures.items[i], &task, err), err);
        jf_task_free(&task);
    }
    return status;
}

/* ---- tables ---- */

jf_status jf_study_table_task(jf_study_work *work, const jf_study_entry *entry, jf_task *out, jf_error *err)
{
    static const char *const others[] = {"of", NULL};
    jf_status status = JF_OK;
    const char *label = jf_study_text(work->study, "tab:%s", entry->name);
    void *settings;
    const jf_option *option;

    JF_TRY(jf_task_build(work->study, &jf_command_report, &entry->map, 1, others, NULL, &work->common, out,
                         err));
    jf_task_set(out, "table", entry->kind);
    option = jf_options_find(out->sets, out->n_sets, "label", &settings);
    if (!*(const char **)jf_option_field(option, settings)) jf_task_set(out, "label", label);
    jf_command_keep(out->command, out->sets, out->n_sets, &out->session);
done:
    return status;
}

static jf_status build_table(jf_study_work *work, const jf_study_entry *entry, jf_task *task, jf_doc *doc,
                             jf_error *err)
{
    const json_t *results[MOST_OF];
    size_t n = 0;

    for (; n < entry->n_of && n < MOST_OF; n++) results[n] = work->analyses[entry->of[n]].result;
    return jf_report_table(task->settings, results, n, doc, err);
}

/* In every format; LaTeX as a fragment for the paper's \input. */
static jf_status write_table(jf_study_work *work, const char *name, const jf_doc *doc, jf_words *files,
                             jf_error *err)
{
    jf_status status = JF_OK;
    jf_text text = {0};
    char file[128], *path = NULL;

    for (const jf_doc_format *format = jf_doc_formats; format->name; format++) {
        jf_render_options options = {.fragment = strcmp(format->name, "latex") == 0};
        jf_text_free(&text);
        jf_free(path);
        path = NULL;
        snprintf(file, sizeof file, "tables/%s%s", name, format->suffix);
        JF_TRY(format->render(doc, &options, &text, err));
        JF_TRY(jf_parts_make(work->parts, file, &path, err));
        JF_TRY(jf_output_write(path, text.data ? text.data : "", text.length, err));
        JF_TRY(jf_words_add(files, file, strlen(file), err));
    }
done:
    jf_free(path);
    jf_text_free(&text);
    return status;
}

jf_status jf_study_make_table(jf_study_work *work, const jf_study_entry *entry, bool *made, jf_error *err)
{
    char key[JF_DIGEST_TEXT], part[128];
    jf_status status = JF_OK;
    jf_task task = {0};
    jf_words files = {0};
    jf_doc *doc = jf_doc_new("");

    *made = false;
    JF_TRY_NEW(doc, err, "a table");
    JF_TRY(compute_all(work, entry, err));
    JF_TRY(jf_study_go_on(work, err));
    JF_TRY(jf_study_table_task(work, entry, &task, err));
    JF_TRY(piece_key(work, entry, &task, 0, key, err));
    snprintf(part, sizeof part, "table %s", entry->name);
    *made = jf_parts_keep(work->parts, part, key);
    if (*made) goto done;
    status = build_table(work, entry, &task, doc, err);
    if (pass_over(entry, &status)) goto done;
    JF_TRY(status);
    JF_TRY(write_table(work, entry->name, doc, &files, err));
    JF_TRY(jf_parts_done(work->parts, part, key, &files, err));
    *made = true;
done:
    jf_doc_free(doc);
    jf_words_free(&files);
    jf_task_free(&task);
    return blame(work, entry, "table", status, err);
}

jf_status jf_study_add_table(jf_study_work *work, const jf_study_entry *entry, jf_doc *doc, jf_error *err)
{
    jf_task task = {0};
    jf_status status = jf_study_table_task(work, entry, &task, err);

    if (status == JF_OK) status = build_table(work, entry, &task, doc, err);
    pass_over(entry, &status);
    jf_task_free(&task);
    return blame(work, entry, "table", status, err);
}

/* ---- figures ---- */

static bool wants_result(const jf_figure_kind *kind)
{
    return kind->wants & (JF_WANTS_FIT | JF_WANTS_COMPARISON);
}

/* The map of the runs that the figure itself reads: `source`, else those of its analysis; NULL: it reads
 * none. */
static jf_status figure_data(const jf_study *study, const jf_study_entry *entry, const jf_figure_kind *kind,
                             const jf_yaml **out, jf_error *err)
{
    bool is_named = jf_yaml_get(entry->map, "source") != NULL;
    bool reads_runs = kind->wants & (JF_WANTS_RUNS | JF_WANTS_LOG | JF_TAKES_RUNS);

    *out = NULL;
    if (is_named && !reads_runs)
        return jf_fail(err, JF_EDATA, "source: figure '%s' is drawn from the result alone", kind->name);
    if (!reads_runs) return JF_OK;
    return jf_study_data(study, is_named ? entry : &study->analyses.items[entry->of[0]], out, err);
}

static bool is_about_runs(const char *key)
{
    jf_runs_options options;
    jf_option_set sets[2];
    size_t n = jf_runs_sets(&options, NULL, sets);
    void *settings;

    return jf_options_find(sets, n, key, &settings) != NULL;
}

/* What an analysis's own settings say of its runs: a map that borrows from it. Freed with drop_part. */
static jf_status runs_part(const jf_yaml *map, jf_yaml *out, jf_error *err)
{
    *out = (jf_yaml){.kind = JF_YAML_MAP,
                     .line = map->line,
                     .keys = JF_NEW_ARRAY(jf_yaml *, map->n + 1),
                     .items = JF_NEW_ARRAY(jf_yaml *, map->n + 1)};
    if (!out->keys || !out->items) return jf_fail(err, JF_ENOMEM, "out of memory for a figure");
    for (size_t i = 0; i < map->n; i++) {
        if (!is_about_runs(map->keys[i]->text)) continue;
        out->keys[out->n] = map->keys[i];
        out->items[out->n++] = map->items[i];
    }
    return JF_OK;
}

static void drop_part(jf_yaml *part)
{
    jf_free(part->keys);
    jf_free(part->items);
}

/* KIND [RESULT] [DATA...] */
static jf_status figure_words(const jf_study_work *work, const jf_study_entry *entry,
                              const jf_figure_kind *kind, const jf_yaml *data, jf_option_list *out,
                              jf_error *err)
{
    jf_status status = JF_OK;

    JF_TRY_NEW(jf_option_list_add(out, kind->name), err, "a figure");
    if (wants_result(kind))
        JF_TRY_NEW(jf_option_list_add(out, work->analyses[entry->of[0]].file), err, "a figure");
    if (data) status = jf_study_files(work->study, data, out, err);
done:
    return status;
}

jf_status jf_study_figure_task(jf_study_work *work, const jf_study_entry *entry, jf_task *out, jf_error *err)
{
    static const char *const others[] = {"file", "source", "of", "figure", "caption", "label", NULL};
    const jf_study_entry *analysis = &work->study->analyses.items[entry->of[0]];
    const jf_yaml *maps[3] = {NULL, NULL, entry->map};
    jf_yaml of_analysis = {0};
    jf_option_list words = {0};
    const jf_figure_kind *kind;
    jf_status status = JF_OK;

    JF_TRY(jf_figure_find(entry->kind, &kind, err));
    JF_TRY(figure_data(work->study, entry, kind, &maps[0], err));
    if (maps[0] && !jf_yaml_get(entry->map, "source")) { /* other runs have other columns */
        JF_TRY(runs_part(analysis->map, &of_analysis, err));
        maps[1] = &of_analysis;
    }
    JF_TRY(figure_words(work, entry, kind, maps[0], &words, err));
    JF_TRY(jf_task_build(work->study, &jf_command_plot, maps, 3, others, &words, &work->common, out, err));
    jf_command_keep(out->command, out->sets, out->n_sets, &out->session);
done:
    drop_part(&of_analysis);
    jf_option_list_free(&words);
    return status;
}

/* Place of the first argument that is a file of runs. */
static size_t first_file(const jf_study_entry *entry)
{
    const jf_figure_kind *kind = NULL;

    return jf_figure_find(entry->kind, &kind, NULL) == JF_OK && wants_result(kind) ? 2 : 1;
}

static jf_status set_caption(const jf_study_work *work, const jf_study_entry *entry, jf_figure *figure,
                             jf_error *err)
{
    const jf_yaml *caption = jf_yaml_get(entry->map, "caption");

    if (!caption) return JF_OK;
    if (caption->kind != JF_YAML_SCALAR)
        return jf_fail(err, JF_EDATA, "%s:%d: caption: expected a text", work->study->path, caption->line);
    jf_free(figure->caption);
    figure->caption = jf_doc_clean(caption->text);
    return figure->caption ? JF_OK : jf_fail(err, JF_ENOMEM, "out of memory for a figure");
}

/* From the result where it is: in place, or in the stage. */
static jf_status build_figure(jf_study_work *work, const jf_study_entry *entry, jf_task *task,
                              jf_figure **out, jf_error *err)
{
    jf_status status = JF_OK;
    char *path = NULL;

    *out = NULL;
    if (first_file(entry) == 2) {
        JF_TRY(jf_parts_find(work->parts, work->analyses[entry->of[0]].file, &path, err));
        task->session.arguments.items[1] = path;
    }
    JF_TRY(jf_plot_build(&task->session, task->settings, out, err));
    status = set_caption(work, entry, *out, err);
done:
    jf_free(path);
    return status;
}

static bool wants_script(jf_task *task)
{
    void *settings;
    const jf_option *option = jf_options_find(task->sets, task->n_sets, "keep", &settings);

    return option && *(const bool *)jf_option_field(option, settings);
}

static jf_status draw(jf_study_work *work, const char *name, const char *ending, const jf_figure *figure,
                      bool keep, jf_words *files, jf_error *err)
{
    jf_status status = JF_OK;
    char file[128], *path = NULL;

    snprintf(file, sizeof file, "figures/%s.%s", name, ending);
    JF_TRY(jf_parts_make(work->parts, file, &path, err));
    if (figure) JF_TRY(jf_figure_draw(figure, path, keep, err));
    JF_TRY(jf_words_add(files, file, strlen(file), err));
done:
    jf_free(path);
    return status;
}

jf_status jf_study_make_figure(jf_study_work *work, const jf_study_entry *entry, bool *made, jf_error *err)
{
    char key[JF_DIGEST_TEXT], part[128];
    jf_status status = JF_OK;
    jf_task task = {0};
    jf_words files = {0};
    jf_figure *figure = NULL;
    bool keep;

    *made = false;
    JF_TRY(compute_all(work, entry, err));
    JF_TRY(jf_study_go_on(work, err));
    JF_TRY(jf_study_figure_task(work, entry, &task, err));
    JF_TRY(piece_key(work, entry, &task, first_file(entry), key, err));
    snprintf(part, sizeof part, "figure %s", entry->name);
    *made = jf_parts_keep(work->parts, part, key);
    if (*made) goto done;
    keep = wants_script(&task);
    status = build_figure(work, entry, &task, &figure, err);
    if (pass_over(entry, &status)) goto done;
    JF_TRY(status);
    for (size_t i = 0; i < sizeof figure_endings / sizeof *figure_endings; i++)
        JF_TRY(draw(work, entry->name, figure_endings[i], figure, keep && i == 0, &files, err));
    for (size_t i = 0; keep && i < 2; i++)
        JF_TRY(draw(work, entry->name, i ? "dat" : "gp", NULL, false, &files, err));
    JF_TRY(jf_parts_done(work->parts, part, key, &files, err));
    *made = true;
done:
    jf_figure_free(figure);
    jf_words_free(&files);
    jf_task_free(&task);
    return blame(work, entry, "figure", status, err);
}

jf_status jf_study_add_figure(jf_study_work *work, const jf_study_entry *entry, jf_doc *doc, jf_error *err)
{
    const jf_yaml *label = jf_yaml_get(entry->map, "label");
    jf_task task = {0};
    jf_figure *figure = NULL;
    jf_status status = jf_study_figure_task(work, entry, &task, err);

    if (status == JF_OK) status = build_figure(work, entry, &task, &figure, err);
    if (pass_over(entry, &status)) goto done;
    JF_TRY(status);
    jf_doc_figure(doc, figure);
    figure = NULL;
    jf_doc_figure_name(doc, entry->name, label && label->kind == JF_YAML_SCALAR ? label->text : NULL);
done:
    jf_figure_free(figure);
    jf_task_free(&task);
    return blame(work, entry, "figure", status, err);
}
