/* The catalogue of features and inputs in words. */
#include "cli/proxies_show.h"

#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "proxies/proxy.h"

static const char *or_none(const char *text, const char *none)
{
    return text && text[0] ? text : none;
}

static const char *known_words(jf_known known)
{
    return known == JF_PRE_RUN ? "before the run" : "only after the run";
}

/* ---- the list ---- */

static void list_features(jf_doc *doc, const jf_catalogue *catalogue)
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
        jf_doc_table_cell(table, 1, "%s", or_none(proxy->unit, "-"));
        jf_doc_table_cell(table, 2, "%s", proxy->known == JF_PRE_RUN ? "before" : "after");
        jf_doc_table_cell(table, 3, "%s", or_none(proxy->meaning, "-"));
    }
    jf_doc_paragraph(doc,
                     "known: before a run, or only after it. --explain NAME says how one is computed (of "
                     "inputs too: which columns it is read from); --proxy NAME,... adds it in fit, compare "
                     "and predict.");
}

/* ---- what a feature is read from ---- */

/* Different inputs below a feature, in order of appearance. */
typedef struct input_list {
    const jf_proxy_input **items;
    size_t n, capacity;
    bool failed;
} input_list;

static void note_input(input_list *list, const jf_proxy_input *input)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->items[i] == input) return;
    if (jf_grow((void **)&list->items, &list->capacity, list->n + 1, sizeof *list->items))
        list->items[list->n++] = input;
    else
        list->failed = true;
}

static void collect_inputs(const jf_catalogue *catalogue, const jf_proxy *proxy, input_list *list)
{
    for (size_t i = 0; i < proxy->n_needs; i++) {
        const jf_proxy *below = jf_catalogue_find(catalogue, proxy->needs[i]);
        const jf_proxy_input *input = jf_catalogue_find_input(catalogue, proxy->needs[i]);

        if (below)
            collect_inputs(catalogue, below, list);
        else if (input)
            note_input(list, input);
    }
}

static void join(jf_text *out, char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) jf_text_addf(out, "%s%s", i ? ", " : "", words[i]);
}

/* "precision: fp32, tf32, fp16, bf16, fp8" */
static void add_values(const jf_catalogue *catalogue, const jf_proxy_input *input, jf_text *out)
{
    const char *value;

    for (size_t i = 0; (value = jf_catalogue_input_value(catalogue, input->name, i)); i++)
        jf_text_addf(out, "%s%s", i ? ", " : "", value);
}

static void add_field(jf_doc *doc, const char *name, jf_text *words, const char *none)
{
    if (words->failed)
        doc->failed = true;
    else
        jf_doc_field(doc, name, "%s", words->length ? words->data : none);
    jf_text_free(words);
}

/* ---- one entry ---- */

static void explain_input(jf_doc *doc, const jf_catalogue *catalogue, const jf_proxy_input *input)
{
    jf_text columns = {0}, values = {0}, defaults = {0};

    jf_doc_heading(doc, 1, "%s", input->name);
    jf_doc_paragraph(doc, "%s", input->meaning);
    join(&columns, input->columns, input->n_columns);
    join(&defaults, input->defaults, input->n_defaults);
    add_values(catalogue, input, &values);
    jf_doc_field(doc, "kind", "an input: read from a column of the runs, or tied with --map %s=COLUMN",
                 input->name);
    add_field(doc, "other names", &columns, "none");
    if (values.length) add_field(doc, "values", &values, "");
    add_field(doc, "without a column", &defaults, "features that need it cannot be made");
    jf_doc_field(doc, "unit", "%s", or_none(input->unit, "none"));
    jf_doc_field(doc, "known", "%s", known_words(input->known));
    jf_doc_field(doc, "family", "%s",
                 input->is_family ? "runs of one family agree in it" : "runs of one family may differ in it");
    jf_text_free(&values);
}

static void explain_inputs_of(jf_doc *doc, const jf_catalogue *catalogue, const jf_proxy *proxy)
{
    input_list list = {0};
    jf_doc_table *table;

    collect_inputs(catalogue, proxy, &list);
    if (list.failed) doc->failed = true;
    table = list.n ? jf_doc_add_table(doc, "read from the runs") : NULL;
    jf_doc_table_column(table, "input", JF_LEFT, 0);
    jf_doc_table_column(table, "columns that are taken for it", JF_LEFT, 0);
    jf_doc_table_column(table, "without one", JF_LEFT, 1);
    for (size_t i = 0; i < list.n; i++) {
        jf_text columns = {0}, defaults = {0};
        join(&columns, list.items[i]->columns, list.items[i]->n_columns);
        join(&defaults, list.items[i]->defaults, list.items[i]->n_defaults);
        if (columns.failed || defaults.failed) doc->failed = true;
        jf_doc_table_row(table);
        jf_doc_table_cell(table, 0, "%s", list.items[i]->name);
        jf_doc_table_cell(table, 1, "%s%s%s", list.items[i]->name, columns.length ? ", " : "",
                          columns.length ? columns.data : "");
        jf_doc_table_cell(table, 2, "%s", defaults.length ? defaults.data : "needed");
        jf_text_free(&columns);
        jf_text_free(&defaults);
    }
    jf_free((void *)list.items);
}

static void explain_feature(jf_doc *doc, const jf_catalogue *catalogue, const jf_proxy *proxy)
{
    jf_text needs = {0};

    jf_doc_heading(doc, 1, "%s", proxy->name);
    jf_doc_paragraph(doc, "%s", proxy->meaning);
    if (*proxy->formula) jf_doc_code(doc, proxy->formula);
    if (proxy->how) jf_doc_field(doc, "computed", "%s", proxy->how);
    join(&needs, proxy->needs, proxy->n_needs);
    add_field(doc, "made from", &needs, "nothing");
    jf_doc_field(doc, "unit", "%s", or_none(proxy->unit, "none: a count or a ratio"));
    jf_doc_field(doc, "known", "%s", known_words(proxy->known));
    jf_doc_field(doc, "convention", "%s", or_none(proxy->convention, "-"));
    jf_doc_field(doc, "source", "%s", or_none(proxy->source, "-"));
    if (*proxy->role) jf_doc_field(doc, "way to count", "--multiverse %s=%s", proxy->role, proxy->choice);
    jf_doc_field(doc, "added", "%s",
                 proxy->is_part ? "only when asked for by name"
                                : "by 'joulefit proxies', and when asked for by name");
    explain_inputs_of(doc, catalogue, proxy);
}

/* ---- JSON ---- */

static json_t *texts_json(char *const *texts, size_t n)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n; i++) json_array_append_new(list, json_string(texts[i]));
    return list;
}

static const char *known_code(jf_known known)
{
    return known == JF_PRE_RUN ? "pre-run" : "post-run";
}

static json_t *feature_json(const jf_proxy *proxy)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s?, s:o, s:s, s:s, s:s, s:s?, s:s?, s:b}", "name", proxy->name,
                     "meaning", proxy->meaning, "unit", proxy->unit, "formula", proxy->formula, "computed",
                     proxy->how, "needs", texts_json(proxy->needs, proxy->n_needs), "convention",
                     proxy->convention, "source", proxy->source, "known", known_code(proxy->known), "role",
                     *proxy->role ? proxy->role : NULL, "choice", *proxy->choice ? proxy->choice : NULL,
                     "part", proxy->is_part);
}

static json_t *input_json(const jf_proxy_input *input)
{
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:s, s:b}", "input", input->name, "meaning", input->meaning,
                     "unit", input->unit, "columns", texts_json(input->columns, input->n_columns), "defaults",
                     texts_json(input->defaults, input->n_defaults), "known", known_code(input->known),
                     "family", input->is_family);
}

static json_t *catalogue_json(const jf_catalogue *catalogue)
{
    json_t *features = json_array(), *inputs = json_array();

    for (size_t i = 0; i < jf_catalogue_n(catalogue); i++)
        json_array_append_new(features, feature_json(jf_catalogue_at(catalogue, i)));
    for (size_t i = 0; i < jf_catalogue_n_inputs(catalogue); i++)
        json_array_append_new(inputs, input_json(jf_catalogue_input_at(catalogue, i)));
    return json_pack("{s:s, s:i, s:o, s:o}", "joulefit", JF_VERSION, "schema", 1, "proxies", features,
                     "inputs", inputs);
}

/* ---- finding and showing ---- */

static jf_status fail_unknown(const jf_catalogue *catalogue, const char *name, jf_error *err)
{
    jf_status status = JF_OK;
    size_t n_features = jf_catalogue_n(catalogue), n_inputs = jf_catalogue_n_inputs(catalogue);
    const char **names = JF_NEW_ARRAY(const char *, n_features + n_inputs);
    char suggestion[128];

    JF_TRY_NEW(names, err, "names of features");
    for (size_t i = 0; i < n_features; i++) names[i] = jf_catalogue_at(catalogue, i)->name;
    for (size_t i = 0; i < n_inputs; i++) names[n_features + i] = jf_catalogue_input_at(catalogue, i)->name;
    status = jf_fail(err, JF_EUSAGE, "unknown feature '%s'%s; 'joulefit proxies --list' lists them", name,
                     jf_did_you_mean(suggestion, sizeof suggestion, name, names, n_features + n_inputs));
done:
    jf_free(names);
    return status;
}

static jf_status check_name(const jf_catalogue *catalogue, const char *name, jf_error *err)
{
    if (jf_catalogue_find(catalogue, name) || jf_catalogue_find_input(catalogue, name)) return JF_OK;
    return fail_unknown(catalogue, name, err);
}

static void explain(jf_doc *doc, const jf_catalogue *catalogue, const char *name)
{
    const jf_proxy *proxy = jf_catalogue_find(catalogue, name);

    if (proxy)
        explain_feature(doc, catalogue, proxy);
    else
        explain_input(doc, catalogue, jf_catalogue_find_input(catalogue, name));
}

static json_t *one_json(const jf_catalogue *catalogue, const char *name)
{
    const jf_proxy *proxy = jf_catalogue_find(catalogue, name);

    return proxy ? feature_json(proxy) : input_json(jf_catalogue_find_input(catalogue, name));
}

/* The list, one entry, or an array of entries. */
static json_t *answer_json(const jf_catalogue *catalogue, const jf_words *names)
{
    json_t *all;

    if (names->n == 0) return catalogue_json(catalogue);
    if (names->n == 1) return one_json(catalogue, names->items[0]);
    all = json_array();
    for (size_t i = 0; i < names->n; i++) json_array_append_new(all, one_json(catalogue, names->items[i]));
    return all;
}

jf_status jf_proxies_show(const jf_session *session, const jf_option_list *catalogues, const jf_words *names,
                          jf_error *err)
{
    jf_status status = JF_OK;
    jf_catalogue *catalogue = NULL;
    jf_doc *doc = NULL;
    json_t *json = NULL;

    JF_TRY(jf_catalogue_builtin(&catalogue, err));
    for (size_t i = 0; i < catalogues->n; i++)
        JF_TRY(jf_catalogue_add_file(catalogue, catalogues->items[i], err));
    for (size_t i = 0; i < names->n; i++) JF_TRY(check_name(catalogue, names->items[i], err));
    if (jf_session_wants(session, "json")) {
        json = answer_json(catalogue, names);
        JF_TRY(jf_session_write_json(session, json, err));
        goto done;
    }
    doc = jf_doc_new(NULL);
    JF_TRY_NEW(doc, err, "the list of features");
    if (names->n == 0) list_features(doc, catalogue);
    for (size_t i = 0; i < names->n; i++) explain(doc, catalogue, names->items[i]);
    JF_TRY(jf_session_write_doc(session, doc, err));
done:
    json_decref(json);
    jf_doc_free(doc);
    jf_catalogue_free(catalogue);
    return status;
}
