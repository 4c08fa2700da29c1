/* joulefit proxies: features of runs, computed, listed and explained. */
#include <string.h>
#include "cli/command.h"
#include "cli/runs.h"
#include "cli/table_out.h"
#include "core/memory.h"
#include "proxies/proxy.h"

typedef struct proxies_own {
    bool list;
    const char *explain;
} proxies_own;

typedef struct proxies_settings {
    proxies_own own;
    jf_runs_options runs;
} proxies_settings;

static const jf_option proxies_table[] = {
    {"list", 0, JF_OPTION_FLAG, offsetof(proxies_own, list), .help = "list the catalogue of features"},
    {"explain", 0, JF_OPTION_TEXT, offsetof(proxies_own, explain), .argument = "NAME",
     .help = "say how a feature is computed and where it comes from"},
    {NULL}};

static size_t proxies_sets(void *settings, jf_option_set *sets)
{
    proxies_settings *s = settings;

    sets[0] = (jf_option_set){"The catalogue", proxies_table, &s->own};
    sets[1] = (jf_option_set){"The runs", jf_runs_options_table, &s->runs};
    return 2;
}

static const char *or_dash(const char *text)
{
    return text && text[0] ? text : "-";
}

static const char *known_word(const jf_proxy *proxy)
{
    return proxy->known == JF_PRE_RUN ? "before" : "after";
}

static void list_proxies(jf_doc *doc, const jf_catalogue *catalogue)
{
    jf_doc_table *table = jf_doc_add_table(doc, NULL);

    jf_doc_table_column(table, "feature", JF_LEFT, 0);
    jf_doc_table_column(table, "unit", JF_LEFT, 1);
    jf_doc_table_column(table, "known", JF_LEFT, 2);
    jf_doc_table_column(table, "meaning", JF_LEFT, 0);
    for (size_t i = 0; i < jf_catalogue_n(catalogue); i++) {
        const jf_proxy *proxy = jf_catalogue_at(catalogue, i);
        jf_doc_table_row(table);
        jf_doc_table_cell(table, 0, "%s", proxy->name);
        jf_doc_table_cell(table, 1, "%s", or_dash(proxy->unit));
        jf_doc_table_cell(table, 2, "%s", known_word(proxy));
        jf_doc_table_cell(table, 3, "%s", or_dash(proxy->meaning));
    }
    jf_doc_paragraph(
        doc, "known: before a run, or only after it. --explain NAME says how one is computed; --proxy "
             "NAME,... adds it in fit, compare and predict.");
}

static void explain_proxy(jf_doc *doc, const jf_proxy *proxy)
{
    jf_doc_heading(doc, 1, "%s", proxy->name);
    if (proxy->meaning) jf_doc_paragraph(doc, "%s", proxy->meaning);
    if (proxy->formula) jf_doc_code(doc, proxy->formula);
    if (proxy->in_c)
        jf_doc_paragraph(doc, "Computed over several runs, which no formula of one run can say.");
    jf_doc_list_item(doc, "unit: %s", or_dash(proxy->unit));
    jf_doc_list_item(doc, "known %s the run", known_word(proxy));
    jf_doc_list_item(doc, "convention: %s", or_dash(proxy->convention));
    jf_doc_list_item(doc, "source: %s", or_dash(proxy->source));
}

static json_t *proxy_json(const jf_proxy *proxy)
{
    return json_pack("{s:s, s:s?, s:s?, s:s?, s:s?, s:s?, s:s}", "name", proxy->name, "meaning",
                     proxy->meaning, "unit", proxy->unit, "formula", proxy->formula, "convention",
                     proxy->convention, "source", proxy->source, "known",
                     proxy->known == JF_PRE_RUN ? "pre-run" : "post-run");
}

static json_t *catalogue_json(const jf_catalogue *catalogue)
{
    json_t *all = json_array();

    for (size_t i = 0; i < jf_catalogue_n(catalogue); i++)
        json_array_append_new(all, proxy_json(jf_catalogue_at(catalogue, i)));
    return json_pack("{s:s, s:i, s:o}", "joulefit", JF_VERSION, "schema", 1, "proxies", all);
}

static jf_status find_proxy(const jf_catalogue *catalogue, const char *name, const jf_proxy **out,
                            jf_error *err)
{
    jf_status status = JF_OK;
    size_t n = jf_catalogue_n(catalogue);
    const char **names = JF_NEW_ARRAY(const char *, n);
    char suggestion[128];

    JF_TRY_NEW(names, err, "names of features");
    *out = jf_catalogue_find(catalogue, name);
    for (size_t i = 0; i < n; i++) names[i] = jf_catalogue_at(catalogue, i)->name;
    if (!*out)
        status = jf_fail(err, JF_EUSAGE, "unknown feature '%s'%s; 'joulefit proxies --list' lists them", name,
                         jf_did_you_mean(suggestion, sizeof suggestion, name, names, n));
done:
    jf_free(names);
    return status;
}

static jf_status show_catalogue(const jf_session *session, const proxies_settings *s, jf_error *err)
{
    jf_status status = JF_OK;
    jf_catalogue *catalogue = NULL;
    const jf_proxy *proxy = NULL;
    jf_doc *doc = NULL;
    json_t *json = NULL;

    JF_TRY(jf_catalogue_builtin(&catalogue, err));
    for (size_t i = 0; i < s->runs.catalogues.n; i++)
        JF_TRY(jf_catalogue_add_file(catalogue, s->runs.catalogues.items[i], err));
    if (s->own.explain) JF_TRY(find_proxy(catalogue, s->own.explain, &proxy, err));
    if (jf_session_wants(session, "json")) {
        json = proxy ? proxy_json(proxy) : catalogue_json(catalogue);
        JF_TRY(jf_session_write_json(session, json, err));
    } else {
        doc = jf_doc_new(NULL);
        JF_TRY_NEW(doc, err, "the list of features");
        if (proxy)
            explain_proxy(doc, proxy);
        else
            list_proxies(doc, catalogue);
        JF_TRY(jf_session_write_doc(session, doc, err));
    }
done:
    json_decref(json);
    jf_doc_free(doc);
    jf_catalogue_free(catalogue);
    return status;
}

static jf_status run_proxies(jf_session *session, void *settings, jf_error *err)
{
    proxies_settings *s = settings;
    jf_status status = JF_OK;
    jf_words maps = {0};
    jf_runs runs = {0};
    const char *path;

    if (s->own.list || s->own.explain) {
        if (session->arguments.n)
            return jf_fail(err, JF_EUSAGE, "--list and --explain take no file, found '%s'",
                           session->arguments.items[0]);
        return show_catalogue(session, s, err);
    }
    JF_TRY(jf_session_argument(session, "DATA file (or --list, or --explain NAME)", &path, err));
    JF_TRY(jf_words_split_all(&s->runs.maps, &maps, err));
    s->runs.all_proxies = s->runs.proxies.n == 0;
    JF_TRY(jf_runs_read(session, &s->runs, &maps, path, &runs, err));
    JF_TRY(jf_table_out(session, runs.table, runs.rows, runs.n_rows, err));
done:
    jf_warnings_append(&session->warnings, &runs.warnings);
    jf_runs_free(&runs);
    jf_words_free(&maps);
    return status;
}

const jf_command jf_command_proxies = {
    .name = "proxies",
    .summary = "add features to runs: parameters, FLOPs, bytes, communication, efficiency",
    .usage = "proxies DATA [OPTIONS] | proxies --list | proxies --explain NAME",
    .examples = "  joulefit proxies --list\n"
                "  joulefit proxies --explain eta\n"
                "  joulefit proxies data/sets/bert_sweep_simulated.csv -o features.csv\n"
                "  joulefit proxies data/sets/bert_sweep_simulated.csv --proxy C,M,eta --where 'gpus == 8'\n",
    .settings_size = sizeof(proxies_settings),
    .sets = proxies_sets,
    .run = run_proxies,
};
