/* The manifest: what an output folder was made of, when, where and by what. */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include "cli/study/study_work.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "reports/manifest.h"
#include "reports/result.h"

static json_t *host(void)
{
    struct utsname about;

    if (uname(&about) != 0) return json_object();
    return json_pack("{s:s, s:s, s:s, s:s, s:i}", "name", about.nodename, "system", about.sysname, "release",
                     about.release, "machine", about.machine, "threads", jf_threads_available());
}

/* "2026-06-23T14:05:00Z" */
static json_t *time_now(void)
{
    char text[32];
    time_t now = time(NULL);
    struct tm parts;

    if (!gmtime_r(&now, &parts)) return json_null();
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return json_string(text);
}

static json_t *analysis_to_json(const jf_study_analysis *analysis)
{
    json_t *sources = NULL;
    const json_t *data = jf_result_at(analysis->result, "data");

    if (jf_study_sources(analysis, &sources, NULL) != JF_OK) return NULL;
    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:b, s:f, s:s, s:I, s:I, s:s, s:O?}", "name",
                     analysis->entry->name, "command", jf_result_text(analysis->result, "command"), "result",
                     analysis->file, "file", jf_result_text(data, "file"), "sources", sources, "kept",
                     analysis->kept, "seconds", analysis->seconds, "sha256", jf_result_text(data, "sha256"),
                     "rows_read", (json_int_t)jf_result_count(data, "rows_read"), "rows_used",
                     (json_int_t)jf_result_count(data, "rows_used"), "outcome",
                     *jf_result_text(analysis->result, "outcome")
                         ? jf_result_text(analysis->result, "outcome")
                         : jf_result_text(analysis->result, "best.law"),
                     "seed", jf_result_at(analysis->result, "seed"));
}

static json_t *analyses_to_json(const jf_study_work *work)
{
    json_t *list = json_array();

    for (size_t i = 0; list && i < work->study->analyses.n; i++) {
        if (!work->analyses[i].result) continue;
        if (json_array_append_new(list, analysis_to_json(&work->analyses[i])) == 0) continue;
        json_decref(list);
        return NULL;
    }
    return list;
}

/* The study's file and folder as seen from the output folder, so that a copy of both elsewhere still finds
 * them. */
static json_t *study_to_json(const jf_study_work *work)
{
    const jf_study *study = work->study;
    char *folder = jf_path_from(work->parts->folder, study->folder), digest[JF_DIGEST_TEXT];
    jf_digest hash;
    json_t *json;

    jf_digest_begin(&hash);
    jf_digest_add(&hash, study->text, study->length);
    jf_digest_end(&hash, digest);
    json = folder ? json_pack("{s:s, s:s, s:s, s:s?}", "folder", folder, "file", study->file, "sha256",
                              digest, "title", study->title)
                  : NULL;
    jf_free(folder);
    return json;
}

jf_status jf_study_manifest(const jf_study_work *work, double seconds, json_t **out, jf_error *err)
{
    *out = json_pack("{s:s, s:i, s:s, s:s, s:o, s:o, s:f, s:o, s:I, s:o, s:o, s:O}", "joulefit", JF_VERSION,
                     "schema", 1, "program_sha256", work->program, "command",
                     work->session->command.data ? work->session->command.data : "", "versions",
                     jf_manifest_versions(), "time", time_now(), "seconds", seconds, "host", host(), "seed",
                     (json_int_t)work->common.seed, "study", study_to_json(work), "analyses",
                     analyses_to_json(work), "parts", work->parts->now);
    return *out ? JF_OK : jf_fail(err, JF_ENOMEM, "out of memory for a manifest");
}
