/* Showing, saving and reading results. */
#include "cli/result.h"

#include <string.h>
#include "core/memory.h"
#include "core/output.h"
#include "fit/model/model_file.h"

enum { DEFAULT_DIGITS = 4 };

jf_report_options jf_result_brief(const jf_session *session)
{
    bool whole = session->common.verbose || !jf_session_wants(session, "text");
    return (jf_report_options){.digits = DEFAULT_DIGITS, .brief = !whole};
}

/* "out/report.md" and "parity" to "out/report-parity.png". */
static char *figure_path(const char *output, const char *name, const char *suffix)
{
    const char *slash = strrchr(output, '/'), *dot = strrchr(output, '.');
    size_t stem = dot && (!slash || dot > slash + 1) ? (size_t)(dot - output) : strlen(output);
    jf_text path = {0};

    jf_text_add_bytes(&path, output, stem);
    jf_text_addf(&path, "-%s%s", name, suffix);
    return jf_text_take(&path);
}

static jf_status draw_beside(const char *output, const char *suffix, jf_block *block, jf_error *err)
{
    jf_status status = JF_OK;
    char *path = figure_path(output, block->figure->name, suffix);
    const char *slash;

    JF_TRY_NEW(path, err, "a figure's name");
    JF_TRY(jf_figure_draw(block->figure, path, false, err));
    slash = strrchr(path, '/');
    block->path = jf_copy_text(slash ? slash + 1 : path);
    JF_TRY_NEW(block->path, err, "a figure's name");
done:
    jf_free(path);
    return status;
}

/* Markdown and LaTeX in a file have their figures beside them; other formats hold their own, or none. */
static jf_status draw_figures(const jf_session *session, jf_doc *doc, jf_error *err)
{
    bool latex = jf_session_wants(session, "latex");
    jf_status status = JF_OK;

    if (!jf_session_file(session) || !(latex || jf_session_wants(session, "markdown"))) return JF_OK;
    for (size_t i = 0; i < doc->n_blocks && status == JF_OK; i++)
        if (doc->blocks[i].figure)
            status = draw_beside(jf_session_file(session), latex ? ".pdf" : ".png", &doc->blocks[i], err);
    return status;
}

jf_status jf_result_write(jf_session *session, const json_t *result, const char *kind,
                          jf_report_options options, jf_error *err)
{
    jf_status status = JF_OK;
    jf_doc *doc = NULL;

    if (jf_session_wants(session, "json")) return jf_session_write_json(session, result, err);
    if (strcmp(kind, "fit") == 0)
        JF_TRY(jf_compose_fit(result, &options, &doc, err));
    else if (strcmp(kind, "simulate") == 0)
        JF_TRY(jf_compose_simulation(result, &options, &doc, err));
    else if (strcmp(kind, "verify") == 0)
        JF_TRY(jf_compose_verified(result, &doc, err));
    else
        JF_TRY(jf_compose_comparison(result, &options, &doc, err));
    JF_TRY(draw_figures(session, doc, err));
    JF_TRY(jf_session_write_doc(session, doc, err));
    session->warnings_shown = jf_session_on_terminal(session);
done:
    jf_doc_free(doc);
    return status;
}

jf_status jf_result_add_command(json_t *result, const jf_session *session, jf_error *err)
{
    const char *command = session->command.data;

    if (!result || !command || session->command.failed ||
        json_object_set_new(result, "command", json_string(command)) != 0)
        return jf_fail(err, JF_ENOMEM, "out of memory for the result");
    return JF_OK;
}

jf_status jf_result_save(const json_t *result, const char *path, jf_error *err)
{
    jf_status status = JF_OK;
    char *text = result ? jf_json_print(result) : NULL;

    JF_TRY_NEW(text, err, "a result to save");
    JF_TRY(jf_output_write(path, text, strlen(text), err));
done:
    jf_free(text);
    return status;
}

static const char *law_name(const json_t *holder)
{
    const char *name = json_string_value(json_object_get(json_object_get(holder, "law"), "name"));
    return name ? name : "";
}

jf_status jf_result_fit(const json_t *result, const char *kind, const char *law, const json_t **out,
                        jf_error *err)
{
    const json_t *candidates = json_object_get(result, "candidates"), *candidate;
    const char *names[256];
    char suggestion[256];
    size_t i, n = 0;

    *out = NULL;
    if (strcmp(kind, "simulate") == 0)
        return jf_fail(err, JF_EDATA, "the file holds simulated studies, not a fitted law");
    if (strcmp(kind, "verify") == 0)
        return jf_fail(err, JF_EDATA, "the file holds what verify found, not a fitted law");
    if (strcmp(kind, "fit") == 0) {
        if (law && strcmp(law, law_name(result)) != 0)
            return jf_fail(err, JF_EUSAGE, "--law: the file holds the law '%s', not '%s'", law_name(result),
                           law);
        *out = result;
        return JF_OK;
    }
    if (!law) law = json_string_value(json_object_get(json_object_get(result, "best"), "law"));
    json_array_foreach(candidates, i, candidate)
    {
        if (n < sizeof names / sizeof *names) names[n++] = law_name(candidate);
        if (!law || strcmp(law_name(candidate), law) != 0) continue;
        if (json_is_true(json_object_get(candidate, "trees")))
            return jf_fail(err, JF_EUSAGE, "'%s' are trees and have no formula: choose a law with --law",
                           law);
        *out = json_object_get(candidate, "fit");
    }
    if (*out) return JF_OK;
    if (!law) return jf_fail(err, JF_EDATA, "the file names no best law: choose one with --law");
    return jf_fail(err, JF_EUSAGE, "--law: no law '%s' in the file%s", law,
                   jf_did_you_mean(suggestion, sizeof suggestion, law, names, n));
}
