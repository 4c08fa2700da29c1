/* Reading a study file and checking what it names. */
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/setup.h"
#include "cli/study/study.h"
#include "core/input.h"
#include "core/memory.h"
#include "core/text.h"
#include "reports/checklist.h"
#include "reports/figures.h"
#include "reports/tables.h"

enum { MOST_BYTES = 16 << 20 };

static const char *const fit_tables[] = {"parameters", "intervals", "derived",  "tests", "levels",
                                         "scopes",     "judged",    "contours", NULL};
static const char *const compare_tables[] = {"ranking",    "laws",   "validation", "tests", "ablations",
                                             "multiverse", "search", "stages",     NULL};
static const char *const no_tables[] = {NULL};

const jf_analysis_kind jf_analysis_kinds[] = {{"fit", fit_tables, JF_WANTS_FIT},
                                              {"compare", compare_tables, JF_WANTS_FIT | JF_WANTS_COMPARISON},
                                              {"simulate", no_tables, .data_option = "design"},
                                              {NULL}};

const jf_analysis_kind *jf_analysis_kind_of(const char *command)
{
    const jf_analysis_kind *kind = jf_analysis_kinds;

    while (strcmp(kind->command, command) != 0) kind++;
    return kind;
}

/* ---- paths ---- */

/* Bytes of `path` up to the end of its next part, from `start` on; 0 at its end. */
static size_t part_end(const char *path, size_t start)
{
    start += strspn(path + start, "/");
    return path[start] ? start + strcspn(path + start, "/") : 0;
}

char *jf_path_from(const char *from, const char *to)
{
    jf_text path = {0};
    size_t same = 0, end, length;

    while ((end = part_end(from, same)) && end == part_end(to, same) && !memcmp(from, to, end)) same = end;
    for (size_t at = same; (at = part_end(from, at));) jf_text_add(&path, path.length ? "/.." : "..");
    length = strlen(to + same);
    if (length > strspn(to + same, "/"))
        jf_text_addf(&path, "%s%s", path.length ? "/" : "", to + same + strspn(to + same, "/"));
    if (path.length == 0) jf_text_add(&path, ".");
    return jf_text_take(&path);
}

static jf_status find_folder(const char *path, const char *base, char **out, jf_error *err)
{
    char *folder = base ? jf_copy_text(base) : jf_folder_of(path),
         *real = folder ? realpath(folder, NULL) : NULL;
    jf_status status = JF_OK;

    JF_TRY_NEW(folder, err, path);
    if (!real) JF_TRY(jf_fail(err, JF_EDATA, "%s: no such folder: %s", folder, strerror(errno)));
    *out = jf_copy_text(real);
    JF_TRY_NEW(*out, err, path);
done:
    free(real);
    jf_free(folder);
    return status;
}

static jf_status place_study(const char *path, const char *base, jf_study *out, jf_error *err)
{
    jf_status status = JF_OK;
    char *real = realpath(path, NULL);

    if (!real) JF_TRY(jf_fail(err, JF_EDATA, "cannot read %s: %s", path, strerror(errno)));
    JF_TRY(find_folder(path, base, &out->folder, err));
    out->file = jf_path_from(out->folder, real);
    JF_TRY_NEW(out->file, err, path);
done:
    free(real);
    return status;
}

/* ---- parts ---- */

void jf_study_blame(const jf_study *study, const jf_study_entry *entry, const char *what, jf_error *err)
{
    char here[32];

    if (!err) return;
    snprintf(here, sizeof here, "%s:", study->path);
    if (strncmp(err->message, study->path, strlen(study->path)) == 0) return; /* it names its line already */
    if (entry->line)
        jf_error_prefix(err, "%s:%d: %s '%s'", study->path, entry->line, what, entry->name);
    else
        jf_error_prefix(err, "%s '%s'", what, entry->name);
}

/* Names become names of files and keys of numbers. */
static jf_status check_name(const jf_study *study, const jf_yaml *key, jf_error *err)
{
    const char *at = key->text;

    if (isalpha((unsigned char)*at))
        while (isalnum((unsigned char)*at) || (*at && strchr("_-", *at))) at++;
    if (*at || !*key->text || strlen(key->text) > 64)
        return jf_fail(
            err, JF_EDATA,
            "%s:%d: expected a name of letters, digits, _ and -, at most 64, beginning with a letter, "
            "found '%s'",
            study->path, key->line, key->text);
    return JF_OK;
}

static jf_status text_of(const jf_study *study, const jf_yaml *map, const char *key, const char **out,
                         jf_error *err)
{
    const jf_yaml *value = jf_yaml_get(map, key);

    *out = NULL;
    if (!value) return JF_OK;
    if (value->kind != JF_YAML_SCALAR || !*value->text)
        return jf_fail(err, JF_EDATA, "%s:%d: '%s': expected a text", study->path, value->line, key);
    *out = value->text;
    return JF_OK;
}

static jf_study_entry *add_entry(jf_study_entries *entries)
{
    if (!jf_grow((void **)&entries->items, &entries->capacity, entries->n + 1, sizeof *entries->items))
        return NULL;
    entries->items[entries->n] = (jf_study_entry){0};
    return &entries->items[entries->n++];
}

static size_t place_of(const jf_study_entries *entries, const char *name)
{
    size_t i = 0;
    while (i < entries->n && strcmp(entries->items[i].name, name) != 0) i++;
    return i;
}

static jf_status no_analysis(const jf_study *study, const jf_yaml *value, jf_error *err)
{
    const char *names[128];
    char hint[128];
    size_t n = 0;

    for (; n < study->analyses.n && n < 128; n++) names[n] = study->analyses.items[n].name;
    return jf_fail(err, JF_EDATA, "%s:%d: of: no analysis '%s'%s", study->path, value->line, value->text,
                   jf_did_you_mean(hint, sizeof hint, value->text, names, n));
}

static jf_status find_one_of(const jf_study *study, const jf_yaml *value, jf_study_entry *entry,
                             jf_error *err)
{
    if (value->kind != JF_YAML_SCALAR)
        return jf_fail(err, JF_EDATA, "%s:%d: of: expected the name of an analysis", study->path,
                       value->line);
    entry->of[entry->n_of] = place_of(&study->analyses, value->text);
    if (entry->of[entry->n_of++] == study->analyses.n) return no_analysis(study, value, err);
    return JF_OK;
}

/* `of: laws` or `of: [laws, step]`; the only analysis when there is one. */
static jf_status find_of(const jf_study *study, jf_study_entry *entry, jf_error *err)
{
    const jf_yaml *value = jf_yaml_get(entry->map, "of");
    size_t n = value && value->kind == JF_YAML_LIST ? value->n : 1;
    jf_status status = JF_OK;

    entry->of = JF_NEW_ZEROED(size_t, n + 1);
    if (!entry->of) return jf_fail(err, JF_ENOMEM, "out of memory for %s", study->path);
    if (!value && jf_yaml_get(entry->map, "source")) return JF_OK; /* of runs alone */
    if (!value && study->analyses.n > 1)
        return jf_fail(err, JF_EDATA, "%s:%d: '%s' needs 'of': which analysis it shows", study->path,
                       entry->line, entry->name);
    if (!value) entry->n_of = 1;
    if (value && value->kind == JF_YAML_SCALAR) return find_one_of(study, value, entry, err);
    for (size_t i = 0; value && i < value->n && status == JF_OK; i++)
        status = find_one_of(study, value->items[i], entry, err);
    return status;
}

static jf_status check_command(const jf_study *study, const jf_study_entry *entry, jf_error *err)
{
    const char *names[8];
    char hint[128];
    size_t n = 0;

    if (!entry->kind)
        return jf_fail(err, JF_EDATA, "%s:%d: analysis '%s' has no 'command'", study->path, entry->line,
                       entry->name);
    for (; jf_analysis_kinds[n].command; n++) {
        assert(n < sizeof names / sizeof *names);
        if (strcmp(jf_analysis_kinds[n].command, entry->kind) == 0) return JF_OK;
        names[n] = jf_analysis_kinds[n].command;
    }
    return jf_fail(err, JF_EDATA, "%s:%d: '%s' is no command of an analysis%s", study->path,
                   jf_yaml_get(entry->map, "command")->line, entry->kind,
                   jf_did_you_mean(hint, sizeof hint, entry->kind, names, n));
}

static jf_status check_table(const jf_study *study, jf_study_entry *entry, jf_error *err)
{
    const jf_table_kind *kind;
    jf_status status = find_of(study, entry, err);

    if (!entry->kind) entry->kind = "laws";
    return status == JF_OK ? jf_table_kind_find(entry->kind, &kind, err) : status;
}

static jf_status check_figure(const jf_study *study, jf_study_entry *entry, jf_error *err)
{
    const jf_figure_kind *kind;
    jf_status status = find_of(study, entry, err);

    if (status == JF_OK && !entry->kind) status = jf_fail(err, JF_EDATA, "it has no 'figure'");
    return status == JF_OK ? jf_figure_find(entry->kind, &kind, err) : status;
}

typedef enum part { ANALYSES, TABLES, FIGURES } part;
static const char *const part_keys[] = {"analyses", "tables", "figures"};
static const char *const kind_keys[] = {"command", "table", "figure"};
static const char *const part_names[] = {"analysis", "table", "figure"};

static jf_status check_entry(const jf_study *study, part which, jf_study_entry *entry, jf_error *err)
{
    jf_status status = which == ANALYSES ? check_command(study, entry, err)
                       : which == TABLES ? check_table(study, entry, err)
                                         : check_figure(study, entry, err);

    if (status != JF_OK) jf_study_blame(study, entry, part_names[which], err);
    return status;
}

static jf_status read_entries(jf_study *study, part which, jf_study_entries *out, jf_error *err)
{
    const jf_yaml *map = jf_yaml_get(study->root, part_keys[which]);
    jf_status status = JF_OK;

    if (map && map->kind != JF_YAML_MAP)
        return jf_fail(err, JF_EDATA, "%s:%d: %s: expected a map from names to settings", study->path,
                       map->line, part_keys[which]);
    for (size_t i = 0; map && i < map->n; i++) {
        jf_study_entry *entry = add_entry(out);
        JF_TRY_NEW(entry, err, study->path);
        *entry =
            (jf_study_entry){.name = map->keys[i]->text, .map = map->items[i], .line = map->keys[i]->line};
        JF_TRY(check_name(study, map->keys[i], err));
        if (entry->map->kind != JF_YAML_MAP)
            JF_TRY(jf_fail(err, JF_EDATA, "%s:%d: '%s': expected a map (key: value)", study->path,
                           entry->line, entry->name));
        JF_TRY(text_of(study, entry->map, kind_keys[which], &entry->kind, err));
        JF_TRY(check_entry(study, which, entry, err));
    }
done:
    return status;
}

/* An entry "ANALYSIS-KIND" that the study did not name. */
static jf_status add_unnamed(jf_study *study, size_t analysis, const char *kind, jf_study_entries *out,
                             jf_error *err)
{
    jf_status status = JF_OK;
    jf_study_entry *entry = add_entry(out);
    jf_text name = {0};

    JF_TRY_NEW(entry, err, study->path);
    jf_text_addf(&name, "%s-%s", study->analyses.items[analysis].name, kind);
    JF_TRY_NEW(!name.failed, err, study->path);
    JF_TRY(jf_words_add(&study->pool, name.data, name.length, err));
    entry->of = JF_NEW_ZEROED(size_t, 1);
    JF_TRY_NEW(entry->of, err, study->path);
    entry->of[0] = analysis;
    entry->n_of = 1;
    entry->kind = kind;
    entry->name = study->pool.items[study->pool.n - 1];
done:
    jf_text_free(&name);
    return status;
}

/* Is the figure drawn from such an analysis's result alone? */
static bool is_usual_figure(const jf_analysis_kind *of, const jf_figure_kind *kind)
{
    int wants = kind->wants & ~JF_TAKES_RUNS;

    return (wants & of->figures) && !(wants & ~of->figures);
}

/* Tables or figures that the study leaves to the program: those of each analysis's kind. */
static jf_status add_usual(jf_study *study, part which, jf_study_entries *out, jf_error *err)
{
    jf_status status = JF_OK;

    if (jf_yaml_get(study->root, part_keys[which])) return JF_OK;
    for (size_t a = 0; a < study->analyses.n; a++) {
        const jf_analysis_kind *of = jf_analysis_kind_of(study->analyses.items[a].kind);
        for (const char *const *name = of->tables; which == TABLES && *name; name++)
            JF_TRY(add_unnamed(study, a, *name, out, err));
        for (const jf_figure_kind *kind = jf_figure_kinds; which == FIGURES && kind->name; kind++)
            if (is_usual_figure(of, kind)) JF_TRY(add_unnamed(study, a, kind->name, out, err));
    }
done:
    return status;
}

/* ---- the whole ---- */

static jf_status check_answers(const jf_study *study, jf_error *err)
{
    const jf_yaml *answers = jf_yaml_get(study->root, "checklist");
    const char *keys[JF_CHECKLIST_ITEMS + 1];

    if (!answers) return JF_OK;
    jf_checklist_keys(keys);
    return jf_yaml_check_keys(study->path, answers, keys, err);
}

static jf_status check_sources(const jf_study *study, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_yaml *data;

    for (size_t i = 0; i < study->analyses.n && status == JF_OK; i++)
        status = jf_study_data(study, &study->analyses.items[i], &data, err);
    return status;
}

static jf_status read_parts(jf_study *study, jf_error *err)
{
    static const char *const keys[] = {"title", "author",   "abstract", "seed",    "data",      "sources",
                                       "laws",  "analyses", "tables",   "figures", "checklist", NULL};
    jf_status status = JF_OK;

    JF_TRY(jf_yaml_read(study->path, study->text, study->length, &study->root, err));
    JF_TRY(jf_yaml_check_keys(study->path, study->root, keys, err));
    JF_TRY(text_of(study, study->root, "title", &study->title, err));
    JF_TRY(text_of(study, study->root, "author", &study->author, err));
    JF_TRY(text_of(study, study->root, "abstract", &study->abstract, err));
    JF_TRY(read_entries(study, ANALYSES, &study->analyses, err));
    if (study->analyses.n == 0)
        JF_TRY(jf_fail(err, JF_EDATA, "%s: the study has no 'analyses'", study->path));
    JF_TRY(check_sources(study, err));
    JF_TRY(read_entries(study, TABLES, &study->tables, err));
    JF_TRY(read_entries(study, FIGURES, &study->figures, err));
    JF_TRY(add_usual(study, TABLES, &study->tables, err));
    JF_TRY(add_usual(study, FIGURES, &study->figures, err));
    JF_TRY(check_answers(study, err));
done:
    return status;
}

jf_status jf_study_read(const char *path, const char *base, jf_study *out, jf_error *err)
{
    jf_status status = JF_OK;

    *out = (jf_study){0};
    out->path = jf_copy_text(path);
    JF_TRY_NEW(out->path, err, path);
    JF_TRY(jf_input_read(path, MOST_BYTES, &out->text, &out->length, err));
    JF_TRY(place_study(path, base, out, err));
    JF_TRY(read_parts(out, err));
done:
    if (status != JF_OK) jf_study_free(out);
    return status;
}

static void free_entries(jf_study_entries *entries)
{
    for (size_t i = 0; i < entries->n; i++) jf_free(entries->items[i].of);
    jf_free(entries->items);
}

void jf_study_free(jf_study *study)
{
    free_entries(&study->analyses);
    free_entries(&study->tables);
    free_entries(&study->figures);
    jf_words_free(&study->pool);
    jf_yaml_free(study->root);
    jf_free(study->text);
    jf_free(study->file);
    jf_free(study->folder);
    jf_free(study->path);
    *study = (jf_study){0};
}

static jf_status no_source(const jf_study *study, const jf_yaml *value, const jf_yaml *sources, jf_error *err)
{
    const char *names[128];
    char hint[128];
    size_t n = 0;

    for (; sources && sources->kind == JF_YAML_MAP && n < sources->n && n < 128; n++)
        names[n] = sources->keys[n]->text;
    return jf_fail(err, JF_EDATA, "%s:%d: no source '%s' under 'sources'%s", study->path, value->line,
                   value->text, jf_did_you_mean(hint, sizeof hint, value->text, names, n));
}

jf_status jf_study_data(const jf_study *study, const jf_study_entry *analysis, const jf_yaml **out,
                        jf_error *err)
{
    const jf_yaml *value = jf_yaml_get(analysis->map, "source"),
                  *sources = jf_yaml_get(study->root, "sources");

    *out = jf_yaml_get(study->root, "data");
    if (value && (value->kind != JF_YAML_SCALAR || !*value->text))
        return jf_fail(err, JF_EDATA, "%s:%d: source: expected a name under 'sources'", study->path,
                       value->line);
    if (value) *out = jf_yaml_get(sources, value->text);
    if (value && !*out) return no_source(study, value, sources, err);
    if (!*out)
        return jf_fail(err, JF_EDATA, "%s:%d: analysis '%s' has no runs: the study has no part 'data'",
                       study->path, analysis->line, analysis->name);
    if ((*out)->kind != JF_YAML_MAP)
        return jf_fail(err, JF_EDATA, "%s:%d: expected a map (key: value)", study->path, (*out)->line);
    return JF_OK;
}
