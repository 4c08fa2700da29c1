/* joulefit verify: does a study still come out as it did? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli/study/study_verify.h"
#include "cli/study/study_work.h"
#include "core/memory.h"
#include "fit/model/json_parts.h"
#include "fit/model/model_file.h"
#include "reports/compose/compose.h"
#include "reports/manifest.h"
#include "reports/result.h"

typedef struct verify_settings {
    const char *base;
    double tolerance;
} verify_settings;

static const jf_option verify_table[] = {
    {"base", 0, JF_OPTION_TEXT, offsetof(verify_settings, base), .argument = "FOLDER",
     .help = "folder that the study's paths start from; else where it was, seen from the output folder"},
    {"tolerance", 0, JF_OPTION_NUMBER, offsetof(verify_settings, tolerance), "1e-6", 0, 1, .argument = "X",
     .help =
         "what numbers may move by: standard errors where there is one, else a share of their size (of 1 for "
         "p-values)"},
    {NULL}};

static size_t verify_sets(void *settings, jf_option_set *sets)
{
    sets[0] = (jf_option_set){"The comparison", verify_table, settings};
    return 1;
}

/* What the command holds while it works. */
typedef struct verifying {
    jf_session *session;
    const char *folder; /* the output folder, as typed */
    char *real;         /* and whole, for when the working folder has changed */
    json_t *manifest;
    jf_study study;
    jf_parts parts; /* of a folder of its own, where all is computed again */
    jf_study_work work;
    char *room;
    json_t *changed; /* what is not what it was: [{"what", "how"}] */
    jf_differences differences;
} verifying;

static char *path_in(const char *folder, const char *file)
{
    jf_text path = {0};
    jf_text_addf(&path, "%s/%s", folder, file);
    return jf_text_take(&path);
}

/* ---- what was ---- */

static jf_status read_manifest(verifying *v, jf_error *err)
{
    jf_status status = JF_OK;
    json_error_t why;
    char *path = NULL, *real = realpath(v->folder, NULL);

    v->real = real ? jf_copy_text(real) : NULL;
    free(real);
    if (!v->real) JF_TRY(jf_fail(err, JF_EDATA, "%s: no such folder", v->folder));
    path = path_in(v->real, "manifest.json");
    JF_TRY_NEW(path, err, "a manifest");
    v->manifest = json_load_file(path, 0, &why);
    if (!v->manifest && access(path, R_OK) != 0)
        JF_TRY(jf_fail(err, JF_EDATA, "%s: it holds no manifest.json: 'joulefit run' writes one", v->folder));
    if (!v->manifest)
        JF_TRY(jf_fail(err, JF_EDATA, "%s/manifest.json:%d: not JSON: %s", v->folder, why.line, why.text));
    if (!jf_result_at(v->manifest, "study.folder"))
        JF_TRY(jf_fail(err, JF_EDATA, "%s/manifest.json: this is no manifest of a study", v->folder));
done:
    jf_free(path);
    return status;
}

static jf_status read_study(verifying *v, const char *base, jf_error *err)
{
    const json_t *seed = jf_result_at(v->manifest, "seed");
    const char *was = jf_result_text(v->manifest, "study.folder");
    char *path = path_in(v->real, "study.yaml"), *folder = path_in(v->real, was);
    jf_status status = JF_OK;

    JF_TRY_NEW(path && folder, err, "a study");
    if (!base && access(folder, R_OK) != 0)
        JF_TRY(jf_fail(err, JF_EDATA,
                       "%s: the folder that the study's paths start from is not at %s: name it with --base",
                       v->folder, was));
    JF_TRY(jf_study_read(path, base ? base : folder, &v->study, err));
    if (json_is_integer(seed)) v->session->common.seed = (uint64_t)json_integer_value(seed);
done:
    jf_free(path);
    jf_free(folder);
    return status;
}

/* ---- files and versions ---- */

static void note_change(verifying *v, const char *what, const char *how)
{
    json_array_append_new(v->changed, json_pack("{s:s, s:s}", "what", what, "how", how));
}

static void changed(verifying *v, const char *what, const char *how)
{
    note_change(v, what, how);
    jf_warn(&v->session->warnings, "W_CHANGED", "%s: %s", what, how);
}

static void compare_file(verifying *v, const char *what, const char *path, const char *digest)
{
    char found[JF_DIGEST_TEXT];

    if (jf_digest_file(path, found, NULL) != JF_OK)
        changed(v, what, "is not there any more");
    else if (strcmp(found, digest) != 0)
        changed(v, what, "has changed since the results were made");
}

/* Outputs that somebody changed. */
static void compare_outputs(verifying *v)
{
    const char *name, *file;
    json_t *part, *digest;

    json_object_foreach(json_object_get(v->manifest, "parts"), name, part)
        json_object_foreach(json_object_get(part, "files"), file, digest)
    {
        char *path = path_in(v->real, file);
        if (path && json_is_string(digest)) compare_file(v, file, path, json_string_value(digest));
        jf_free(path);
    }
}

/* Data that are not what they were; the study that the folder's copy was made from. */
static void compare_sources(verifying *v)
{
    const json_t *analyses = jf_result_at(v->manifest, "analyses");
    const char *study = jf_result_text(v->manifest, "study.file");

    const json_t *source;
    json_t *seen = json_object();
    size_t k;

    for (size_t i = 0; i < json_array_size(analyses); i++)
        json_array_foreach((json_t *)jf_result_at(json_array_get(analyses, i), "sources"), k, source)
        {
            const char *file = jf_result_text(source, "file");
            if (json_object_get(seen, file) || strcmp(file, study) == 0) continue;
            json_object_set_new(seen, file, json_true());
            compare_file(v, file, file, jf_result_text(source, "sha256"));
        }
    json_decref(seen);
    if (*study && access(study, R_OK) == 0)
        compare_file(v, study, study, jf_result_text(v->manifest, "study.sha256"));
}

static jf_status compare_versions(verifying *v, jf_error *err)
{
    json_t *now = jf_manifest_versions(), *version;
    const char *name;

    if (!now) return jf_fail(err, JF_ENOMEM, "out of memory for versions");
    json_object_foreach(now, name, version)
    {
        const char *was = jf_result_text(jf_result_at(v->manifest, "versions"), name);
        const char *is = json_string_value(version);
        char how[256];
        if (strcmp(was, is) == 0) continue;
        snprintf(how, sizeof how, "was %.100s, is %.100s", *was ? was : "not there", is);
        changed(v, name, how);
    }
    if (strcmp(jf_result_text(v->manifest, "program_sha256"), v->work.program) != 0)
        note_change(v, "joulefit", "another build than the one that made the results");
    json_decref(now);
    return JF_OK;
}

/* ---- numbers ---- */

static jf_status compare_analysis(verifying *v, size_t a, jf_error *err)
{
    const char *name = v->study.analyses.items[a].name, *kind;
    jf_status status = JF_OK;
    json_t *old = NULL;
    char file[128], *path = NULL;

    snprintf(file, sizeof file, "results/%s.json", name);
    path = path_in(v->real, file);
    JF_TRY_NEW(path, err, "a result");
    if (access(path, R_OK) != 0 && !*jf_parts_digest(json_object_get(v->manifest, "parts"), file))
        goto done; /* a run of some parts only */
    JF_TRY(jf_study_compute(&v->work, a, err));
    JF_TRY(jf_result_read(path, &old, &kind, err));
    JF_TRY(jf_differences_add(&v->differences, name, old, v->work.analyses[a].result, err));
done:
    json_decref(old);
    jf_free(path);
    return status;
}

static jf_status open_room(verifying *v, jf_error *err)
{
    const char *base = getenv("TMPDIR");

    v->room = path_in(base && *base ? base : "/tmp", "joulefit-verify-XXXXXX");
    if (!v->room) return jf_fail(err, JF_ENOMEM, "out of memory for a folder");
    if (mkdtemp(v->room)) return jf_parts_open(v->room, &v->parts, err);
    jf_free(v->room);
    v->room = NULL;
    return jf_fail(err, JF_EOUTPUT, "no temporary folder can be made");
}

/* The outcome as JSON, and as a document where another format is asked for. */
static jf_status write_outcome(verifying *v, jf_error *err)
{
    const jf_differences *all = &v->differences;
    const char *outcome = json_array_size(all->moved) ? "moved" : "same";
    jf_status status = JF_OK;
    jf_doc *doc = NULL;
    json_t *json =
        json_pack("{s:s, s:i, s:s, s:s, s:s, s:s?, s:f, s:I, s:I, s:O, s:O}", "joulefit", JF_VERSION,
                  "schema", JF_SCHEMA, "kind", "verify", "folder", v->folder, "outcome", outcome, "title",
                  v->study.title, "tolerance", all->tolerance, "compared", (json_int_t)all->n_compared, "new",
                  (json_int_t)all->n_new, "changed", v->changed, "moved", all->moved);

    JF_TRY_NEW(json, err, "a comparison");
    if (jf_session_wants(v->session, "json")) {
        status = jf_session_write_json(v->session, json, err);
        goto done;
    }
    JF_TRY(jf_compose_verified(json, &doc, err));
    JF_TRY(jf_session_write_doc(v->session, doc, err));
done:
    jf_doc_free(doc);
    json_decref(json);
    return status;
}

static jf_status conclude(verifying *v, jf_error *err)
{
    size_t n_moved = json_array_size(v->differences.moved);
    jf_status status = write_outcome(v, err);

    if (status == JF_OK && n_moved)
        status = jf_fail(err, JF_EMOVED, "%s: %zu numbers are not what they were", v->folder, n_moved);
    return status;
}

static void clean_up(verifying *v)
{
    json_decref(v->changed);
    json_decref(v->differences.moved);
    jf_study_work_close(&v->work);
    jf_parts_remove(&v->parts);
    jf_parts_close(&v->parts);
    if (v->room) rmdir(v->room);
    jf_free(v->room);
    jf_study_free(&v->study);
    json_decref(v->manifest);
    jf_free(v->real);
}

static jf_status run_verify(jf_session *session, void *settings, jf_error *err)
{
    const verify_settings *s = settings;
    verifying v = {.session = session, .parts = {.lock = -1}, .differences = {.tolerance = s->tolerance}};
    jf_status status = JF_OK;

    JF_TRY(jf_session_argument(session, "FOLDER that 'joulefit run' has written", &v.folder, err));
    JF_TRY(read_manifest(&v, err));
    JF_TRY(read_study(&v, s->base, err));
    v.changed = json_array();
    v.differences.moved = json_array();
    JF_TRY_NEW(v.changed && v.differences.moved, err, "a comparison");
    JF_TRY(open_room(&v, err));
    JF_TRY(jf_study_work_open(session, &v.study, &v.parts, &v.work, err));
    v.work.silent = true;
    compare_outputs(&v);
    compare_sources(&v);
    JF_TRY(compare_versions(&v, err));
    for (size_t i = 0; i < v.study.analyses.n; i++) JF_TRY(compare_analysis(&v, i, err));
    JF_TRY(conclude(&v, err));
done:
    clean_up(&v);
    return status;
}

const jf_command jf_command_verify = {
    .name = "verify",
    .summary = "run a study again and say what no longer comes out the same",
    .usage = "verify FOLDER [OPTIONS]",
    .examples = "  joulefit run --example -o study.yaml\n"
                "  joulefit run study.yaml -o out --only measured\n"
                "  joulefit verify out\n",
    .settings_size = sizeof(verify_settings),
    .sets = verify_sets,
    .run = run_verify,
};
