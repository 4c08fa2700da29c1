/* The list of tables, and what all have in common: captions, labels, chosen columns. */
#include "reports/tables.h"

#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "reports/figures/parts.h"
#include "reports/ranking.h"

/* ---- kinds ---- */

static bool is_comparison(const json_t *result)
{
    return jf_result_at(result, "candidates") != NULL;
}

/* The one fit that the request is about: a fit's own, or that of a comparison's first law named, else its
 * best. */
static jf_status the_fit(const jf_table_request *request, const json_t **out, jf_error *err)
{
    const json_t *first = request->results[0];
    jf_figure_source source = {.result = first, .law = request->n_laws ? request->laws[0] : NULL};

    *out = first;
    return is_comparison(first) ? jf_figure_fit(&source, out, err) : JF_OK;
}

static jf_report_options options_of(const jf_table_request *request)
{
    return (jf_report_options){.digits = request->digits};
}

static jf_status add_ranking(jf_doc *doc, const jf_table_request *request, jf_error *err)
{
    return is_comparison(request->results[0]) ? jf_compose_ranking(doc, request->results[0], err) : JF_OK;
}

static jf_status add_validation(jf_doc *doc, const jf_table_request *request, jf_error *err)
{
    return is_comparison(request->results[0]) ? jf_compose_validation(doc, request->results[0], err) : JF_OK;
}

static jf_status add_tests(jf_doc *doc, const jf_table_request *request, jf_error *err)
{
    (void)err;
    if (is_comparison(request->results[0]))
        jf_compose_law_tests(doc, jf_result_at(request->results[0], "tests"));
    else
        jf_compose_tests(doc, request->results[0]);
    return JF_OK;
}

static jf_status add_ablations(jf_doc *doc, const jf_table_request *request, jf_error *err)
{
    (void)err;
    jf_compose_ablation_table(doc, request->results[0]);
    return JF_OK;
}

static jf_status add_parameters(jf_doc *doc, const jf_table_request *request, jf_error *err)
{
    char caption[256];
    jf_report_options options = options_of(request);
    const json_t *fit;
    jf_status status = the_fit(request, &fit, err);

    snprintf(caption, sizeof caption, "Parameters of %s",
             status == JF_OK ? jf_result_text(fit, "law.name") : "");
    if (status == JF_OK) jf_compose_parameters(doc, fit, caption, &options);
    return status;
}

static jf_status add_intervals(jf_doc *doc, const jf_table_request *request, jf_error *err)
{
    jf_report_options options = options_of(request);
    const json_t *fit;
    jf_status status = the_fit(request, &fit, err);

    if (status == JF_OK) jf_compose_intervals(doc, fit, &options);
    return status;
}

static jf_status add_derived(jf_doc *doc, const jf_table_request *request, jf_error *err)
{
    const json_t *fit;
    jf_status status = the_fit(request, &fit, err);

    if (status == JF_OK) jf_compose_derived(doc, fit);
    return status;
}

static jf_status add_inputs(jf_doc *doc, const jf_table_request *request, jf_error *err)
{
    const json_t *fit;
    jf_status status = the_fit(request, &fit, err);

    if (status == JF_OK) jf_compose_inputs(doc, jf_result_at(fit, "model.inputs"));
    return status;
}

/* ---- sections of a report as tables ---- */

static jf_status add_multiverse(jf_doc *doc, const jf_table_request *request, jf_error *err)
{
    (void)err;
    jf_compose_multiverse(doc, request->results[0]);
    return JF_OK;
}

static jf_status add_levels(jf_doc *doc, const jf_table_request *request, jf_error *err)
{
    (void)err;
    jf_compose_by(doc, request->results[0]);
    return JF_OK;
}

static jf_status add_scopes(jf_doc *doc, const jf_table_request *request, jf_error *err)
{
    (void)err;
    jf_compose_scopes(doc, request->results[0]);
    return JF_OK;
}

static jf_status add_judged(jf_doc *doc, const jf_table_request *request, jf_error *err)
{
    (void)err;
    jf_compose_judged(doc, request->results[0]);
    return JF_OK;
}

static jf_status add_contours(jf_doc *doc, const jf_table_request *request, jf_error *err)
{
    (void)err;
    jf_compose_contours(doc, request->results[0]);
    return JF_OK;
}

static jf_status add_search(jf_doc *doc, const jf_table_request *request, jf_error *err)
{
    (void)err;
    jf_compose_search(doc, request->results[0], false);
    return JF_OK;
}

static jf_status add_stages(jf_doc *doc, const jf_table_request *request, jf_error *err)
{
    jf_ranked all = {0};
    jf_status status = JF_OK;

    if (!is_comparison(request->results[0])) return JF_OK;
    status = jf_ranked_read(request->results[0], &all, err);
    if (status == JF_OK) jf_compose_stages(doc, &all);
    jf_ranked_free(&all);
    return status;
}

const jf_table_kind jf_table_kinds[] = {
    {"ranking", "laws in order, with their scores, criteria and weights", "a comparison", add_ranking},
    {"laws", "laws side by side: parameters with their errors beneath", "fits or comparisons",
     jf_table_side_by_side},
    {"validation", "how well each law predicted what was held out, plan by plan", "a comparison",
     add_validation},
    {"tests", "tests between laws, or of statements about parameters",
     "a comparison of several laws, or a fit with --test", add_tests},
    {"ablations", "what each term of a law is worth", "a comparison with --ablate", add_ablations},
    {"parameters", "parameters of one law with errors and intervals", "a fit, or a comparison",
     add_parameters},
    {"intervals", "intervals of other kinds beside one another", "a fit with several kinds in --se or --ci",
     add_intervals},
    {"derived", "quantities derived from parameters", "a fit with --derive", add_derived},
    {"inputs", "range and levels of what a law reads", "a fit, or a comparison, saved with --save",
     add_inputs},
    {"multiverse", "a law under every way to count, and how far it moves", "a comparison with --multiverse",
     add_multiverse},
    {"levels", "a law at each level of a column, and whether one law holds for all", "a fit with --by",
     add_levels},
    {"scopes", "a law by the part of the machine whose energy is counted", "a fit with --by-scope",
     add_scopes},
    {"judged", "published constants judged on these runs", "a fit with --at", add_judged},
    {"contours", "joint regions of two parameters", "a fit with --contour", add_contours},
    {"search", "terms that a search chose, and how often", "a comparison with --search", add_search},
    {"stages", "what predicted columns are worth", "a comparison with --stage", add_stages},
    {NULL}};

jf_status jf_table_kind_find(const char *name, const jf_table_kind **out, jf_error *err)
{
    const char *names[64];
    char hint[128];
    jf_text all = {0};
    jf_status status;
    size_t n = 0;

    *out = NULL;
    for (; jf_table_kinds[n].name; n++) {
        if (!strcmp(jf_table_kinds[n].name, name)) {
            *out = &jf_table_kinds[n];
            jf_text_free(&all);
            return JF_OK;
        }
        names[n] = jf_table_kinds[n].name;
        jf_text_addf(&all, "%s%s", n ? ", " : "", names[n]);
    }
    status = jf_fail(err, JF_EUSAGE, "unknown table '%s'%s: expected one of %s", name,
                     jf_did_you_mean(hint, sizeof hint, name, names, n), all.data ? all.data : "");
    jf_text_free(&all);
    return status;
}

/* ---- captions, labels, columns ---- */

static jf_status find_column(const jf_doc_table *table, const char *title, size_t *out, jf_error *err)
{
    const char *names[64];
    char hint[128];
    size_t n = 0;

    for (*out = 0; *out < table->n_columns; ++*out) {
        if (!strcmp(table->columns[*out].title, title)) return JF_OK;
        if (n < sizeof names / sizeof *names) names[n++] = table->columns[*out].title;
    }
    return jf_fail(err, JF_EUSAGE, "--columns: the table has no column '%s'%s", title,
                   jf_did_you_mean(hint, sizeof hint, title, names, n));
}

static jf_status choose_columns(jf_doc_table *table, const jf_table_request *request, jf_error *err)
{
    jf_status status = JF_OK;
    size_t *chosen = JF_NEW_ZEROED(size_t, request->n_columns + 1);

    JF_TRY_NEW(chosen, err, "columns");
    for (size_t i = 0; i < request->n_columns; i++)
        JF_TRY(find_column(table, request->columns[i], &chosen[i], err));
    if (request->n_columns) jf_doc_table_choose(table, chosen, request->n_columns);
done:
    jf_free(chosen);
    return status;
}

static jf_status set_words(char **words, const char *text, jf_error *err)
{
    if (!text) return JF_OK;
    jf_free(*words);
    *words = jf_doc_clean(text);
    return *words ? JF_OK : jf_fail(err, JF_ENOMEM, "out of memory for a table");
}

jf_status jf_report_table_add(jf_doc *doc, const jf_table_kind *kind, const jf_table_request *request,
                              jf_error *err)
{
    jf_table_request whole = *request;
    jf_doc_table *table = NULL;
    jf_status status = JF_OK;
    size_t before = doc->n_blocks;

    if (whole.digits <= 0) whole.digits = 4;
    JF_TRY(kind->add(doc, &whole, err));
    JF_TRY(jf_doc_check(doc, err));
    jf_doc_drop_headings(doc, before);
    for (size_t i = before; i < doc->n_blocks && !table; i++) table = doc->blocks[i].table;
    if (!table)
        JF_TRY(jf_fail(err, JF_EDATA, "the result has nothing for the table '%s': it needs %s", kind->name,
                       kind->needs));
    JF_TRY(set_words(&table->caption,
                     request->caption ? request->caption
                     : table->caption ? NULL
                                      : kind->title,
                     err));
    JF_TRY(set_words(&table->label, request->label, err));
    status = choose_columns(table, request, err);
done:
    return status;
}
