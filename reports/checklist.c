/* The checklist's items and what the program knows of each. */
#include "reports/checklist.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "fit/fit.h"
#include "reports/number.h"
#include "reports/plan_words.h"
#include "reports/result.h"

/* What one result says of an item. `fit` is the result's own fit, or its best law's. */
typedef struct about {
    const json_t *result, *fit;
    jf_text *out;
} about;

static bool is_comparison(const about *a)
{
    return jf_result_at(a->result, "candidates") != NULL;
}

/* ---- law ---- */

static void say_form(const about *a)
{
    jf_text_addf(a->out, "%s", jf_result_text(a->fit, "law.formula"));
}

static void say_purpose(const about *a)
{
    jf_text_add(a->out, jf_result_flag(a->fit, "law.post_run")
                            ? "explanation: the law reads values that are known only after a run"
                            : "prediction: the law reads only what is known before a run");
}

static void say_parameters(const about *a)
{
    jf_text_addf(a->out, "%zu fitted of %zu", jf_result_count(a->fit, "k"),
                 json_array_size(jf_result_at(a->fit, "parameters")));
}

static void say_laws(const about *a)
{
    size_t n = json_array_size(jf_result_at(a->result, "candidates"));
    jf_text_addf(a->out, "%zu", n ? n : 1);
}

static void say_errors(const about *a)
{
    const char *error = jf_result_text(a->fit, "law.error");
    jf_text_add(a->out, !strcmp(error, "log") ? "logarithmic (a factor)"
                        : *error              ? error
                                              : "additive on the response");
}

static void say_others(const about *a)
{
    const json_t *candidates = jf_result_at(a->result, "candidates");
    const char *best = jf_result_text(a->result, "best.law");
    size_t n = 0;

    if (!is_comparison(a)) jf_text_add(a->out, "none here");
    for (size_t i = 0; i < json_array_size(candidates); i++) {
        const char *name = jf_result_text(json_array_get(candidates, i), "law.name");
        if (strcmp(name, best) != 0) jf_text_addf(a->out, "%s%s", n++ ? ", " : "", name);
    }
}

/* ---- runs ---- */

static void say_runs(const about *a)
{
    jf_text_addf(a->out, "%zu", jf_result_count(a->fit, "n"));
}

static void say_largest(const about *a)
{
    const json_t *inputs = jf_result_at(a->fit, "model.inputs");
    char text[JF_NUMBER_TEXT];
    size_t n = 0;

    for (size_t i = 0; i < json_array_size(inputs); i++) {
        const json_t *input = json_array_get(inputs, i);
        const char *unit = jf_result_text(input, "unit");
        double high = jf_result_number(input, "high");
        if (!isfinite(high)) continue;
        jf_text_addf(a->out, "%s%s %s%s%s", n++ ? ", " : "", jf_result_text(input, "name"),
                     jf_show_plain(text, high, 4), *unit ? " " : "", unit);
    }
}

/* The values of an option in the command that made the result, "A; B". */
static size_t say_option(const about *a, const char *option)
{
    const char *at = jf_result_text(a->result, "command");
    char flag[40];
    size_t n = 0;

    snprintf(flag, sizeof flag, " --%s ", option);
    while ((at = strstr(at, flag))) {
        const char *end;
        at += strlen(flag);
        end = *at == '\'' ? strchr(at + 1, '\'') : at + strcspn(at, " ");
        if (*at == '\'') at++;
        jf_text_add(a->out, n++ ? "; " : "");
        jf_text_add_bytes(a->out, at, end ? (size_t)(end - at) : strlen(at));
    }
    return n;
}

/* Is a feature among those that the program was asked to make? */
static bool is_made(const about *a, const char *name)
{
    jf_text made = {0};
    about alone = {a->result, a->fit, &made};
    bool found = false;

    say_option(&alone, "proxy");
    for (const char *at = made.data; at && *at && !found; at += strcspn(at, ",; "), at += strspn(at, ",; "))
        found = strcspn(at, ",; ") == strlen(name) && !strncmp(at, name, strlen(name));
    jf_text_free(&made);
    return found;
}

static void say_counted(const about *a, const char *const *names)
{
    const json_t *inputs = jf_result_at(a->fit, "model.inputs");
    size_t n = 0;

    for (; *names; names++)
        for (size_t i = 0; i < json_array_size(inputs); i++)
            if (!strcmp(jf_result_text(json_array_get(inputs, i), "name"), *names))
                jf_text_addf(a->out, "%s%s: %s", n++ ? "; " : "", *names,
                             is_made(a, *names)
                                 ? "joulefit's feature of that name ('joulefit proxies --explain')"
                                 : "a column of the data");
    if (n == 0) jf_text_add(a->out, "not read by the law");
}

static void say_parameter_count(const about *a)
{
    say_counted(a, (const char *const[]){"params", "params_no_embed", "N", "params_matmul", NULL});
}

static void say_flops(const about *a)
{
    say_counted(a, (const char *const[]){"C", "flops_step", "flops", "C_6ND", "C_exact", NULL});
}

/* ---- data ---- */

static void say_points(const about *a)
{
    jf_text_addf(a->out, "%zu rows, one a run", jf_result_count(a->fit, "n"));
}

static void say_response(const about *a)
{
    const char *unit = jf_result_text(a->fit, "law.unit"), *raw = jf_result_text(a->fit, "law.raw_response");

    if (!*raw) raw = jf_result_text(a->fit, "model.raw_response");
    if (!*raw) raw = jf_result_text(a->fit, "law.response");
    jf_text_addf(a->out, "%s%s%s", raw, *unit ? " in " : "", unit);
}

static void say_changes(const about *a)
{
    size_t before = a->out->length;

    if (say_option(a, "aggregate")) jf_text_add(a->out, " over repeats; ");
    say_option(a, "let");
    if (a->out->length == before) jf_text_add(a->out, "none");
}

static void say_subset(const about *a)
{
    const json_t *dropped = jf_result_at(a->fit, "data.dropped");

    jf_text_addf(a->out, "%zu of %zu rows", jf_result_count(a->fit, "data.rows_used"),
                 jf_result_count(a->fit, "data.rows_read"));
    for (size_t i = 0; i < json_array_size(dropped); i++)
        jf_text_addf(a->out, "; %s: %zu dropped", jf_result_text(json_array_get(dropped, i), "reason"),
                     jf_result_count(json_array_get(dropped, i), "rows"));
    jf_text_add(a->out, "; rule: ");
    if (!say_option(a, "where")) jf_text_add(a->out, "all complete rows");
}

static void say_resampling(const about *a)
{
    const json_t *sets = jf_result_at(a->fit, "intervals");
    size_t n = 0;

    for (size_t i = 0; i < json_array_size(sets); i++)
        if (jf_result_number(json_array_get(sets, i), "resamples") > 0)
            jf_text_addf(a->out, "%s%s", n++ ? ", " : "", jf_result_text(json_array_get(sets, i), "kind"));
    if (n == 0) jf_text_add(a->out, "none");
    jf_text_add(a->out, "; groups: ");
    if (!say_option(a, "group")) jf_text_add(a->out, "none, rows stand alone");
}

/* ---- fitting ---- */

static void say_algorithm(const about *a)
{
    jf_text_add(a->out,
                jf_result_flag(a->fit, "law.linear")
                    ? "linear least squares by QR"
                    : "nonlinear least squares by trust regions with exact derivatives, from many starts");
}

static void say_objective(const about *a)
{
    const char *loss = jf_result_text(a->fit, "loss.name");
    jf_text_addf(a->out, "%s", !*loss || !strcmp(loss, "ls") ? "sum of squared residuals (ls)" : loss);
}

static void say_settings(const about *a)
{
    static const char *const names[] = {"tolerance", "max-iterations", "bounds"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const jf_option *row = jf_fit_options_table;
        size_t before = a->out->length;
        while (row->name && strcmp(row->name, names[i]) != 0) row++;
        if (!row->name && i < 2) continue;
        jf_text_addf(a->out, "%s%s ", i ? ", " : "", names[i]);
        if (!say_option(a, names[i])) {
            if (row->name && row->by_default)
                jf_text_add(a->out, row->by_default);
            else if (!a->out->failed)
                a->out->data[a->out->length = before] = '\0';
        }
    }
}

static void say_starts(const about *a)
{
    if (jf_result_flag(a->fit, "law.linear"))
        jf_text_add(a->out, "none: solved directly");
    else
        jf_text_addf(a->out, "%zu drawn over the ranges, %zu finished, %zu agree on the best",
                     jf_result_count(a->fit, "starts.tried"), jf_result_count(a->fit, "starts.finished"),
                     jf_result_count(a->fit, "starts.agreeing"));
}

static void say_unseen(const about *a)
{
    const json_t *plans = jf_result_at(a->result, "plans");

    if (!is_comparison(a)) jf_text_add(a->out, "not checked in this fit");
    for (size_t i = 0; i < json_array_size(plans); i++) {
        jf_text_add(a->out, i ? "; " : "");
        jf_plan_in_words(a->out, json_array_get(plans, i));
    }
}

static void say_uncertainty(const about *a)
{
    const json_t *sets = jf_result_at(a->fit, "intervals");

    jf_text_addf(a->out, "%s errors; intervals:", jf_result_text(a->fit, "covariance.kind"));
    for (size_t i = 0; i < json_array_size(sets); i++)
        jf_text_addf(a->out, "%s %s", i ? "," : "", jf_result_text(json_array_get(sets, i), "kind"));
    if (is_comparison(a)) jf_text_add(a->out, "; conformal intervals of predictions");
}

static void say_goodness(const about *a)
{
    const json_t *candidates = jf_result_at(a->result, "candidates");
    char r2[JF_NUMBER_TEXT], rmse[JF_NUMBER_TEXT];
    size_t n = 0;

    jf_text_addf(a->out, "R2 %s, RMSE %s on the law's scale",
                 jf_show_fixed(r2, jf_result_number(a->fit, "r2"), 4),
                 jf_show_number(rmse, jf_result_number(a->fit, "rmse"), 4));
    for (size_t i = 0; i < json_array_size(candidates); i++)
        n += jf_result_flag(json_array_get(candidates, i), "baseline") ||
             jf_result_flag(json_array_get(candidates, i), "is_baseline");
    if (n) jf_text_addf(a->out, "; beside %zu baselines", n);
}

static void say_identity(const about *a)
{
    const json_t *seed = jf_result_at(a->result, "seed");
    const char *sha256 = jf_result_text(a->fit, "data.sha256");

    jf_text_addf(a->out,
                 "joulefit %s, seed %lld, data sha256 %.12s...; its command stands under How to reproduce",
                 jf_result_text(a->result, "joulefit"), (long long)json_integer_value(seed), sha256);
}

/* ---- the list ---- */

typedef struct item {
    const char *key, *text;
    void (*say)(const about *a); /* NULL: only the author knows */
} item;

static const item items[JF_CHECKLIST_ITEMS] = {
    {"domain", "Which domain is studied", NULL},
    {"measuring_code", "Is the training (measuring) code public", NULL},
    {"analysis_code", "Is the analysis code public", NULL},
    {"raw_logs", "Are the checkpoints or raw logs public", NULL},
    {"scores", "Are the measured scores of each run public", NULL},
    {"form", "The exact form, every variable and parameter named", say_form},
    {"purpose", "What the law is for", say_purpose},
    {"parameters", "How many parameters it has", say_parameters},
    {"laws", "How many separate laws were fitted", say_laws},
    {"errors", "Are errors additive, relative or logarithmic", say_errors},
    {"other_forms", "Which other forms were tried", say_others},
    {"runs", "Number of runs behind each law", say_runs},
    {"largest", "Largest compute, parameter count, data size", say_largest},
    {"data_description", "Is the data described well enough to obtain it", NULL},
    {"hyperparameters", "Are hyperparameters given, chosen per size or fixed", NULL},
    {"parameter_count", "How parameters are counted", say_parameter_count},
    {"flops", "How FLOPs are counted", say_flops},
    {"hardware", "Hardware, number of GPUs, strategy, precision, driver", NULL},
    {"tracker", "Tracker and version, sampling period, scope, components, PUE", NULL},
    {"repeats", "Repeats per configuration, warm-up, idle power", NULL},
    {"points", "Number of points per law", say_points},
    {"response", "Which measured quantity is fitted, in which unit", say_response},
    {"changes", "Any change to it: smoothing, subtraction, averaging", say_changes},
    {"subset", "Which subset was used, which points were dropped, by which rule", say_subset},
    {"resampling", "Whether resampling was used, and its unit", say_resampling},
    {"algorithm", "Algorithm", say_algorithm},
    {"objective", "Objective, with its constants", say_objective},
    {"settings", "Settings: tolerances, limits, bounds", say_settings},
    {"starts", "Start values: how many, how chosen, how many agreed", say_starts},
    {"unseen", "Checked on unseen data, how far outside the range", say_unseen},
    {"uncertainty", "Uncertainty of parameters and predictions", say_uncertainty},
    {"goodness", "Goodness of fit, with baselines", say_goodness},
    {"remarks", "Anything unusual done to make the fit work", NULL},
    {"identity", "Seed, program version, data hash, command line", say_identity},
};

void jf_checklist_keys(const char **keys)
{
    for (size_t i = 0; i < JF_CHECKLIST_ITEMS; i++) keys[i] = items[i].key;
    keys[JF_CHECKLIST_ITEMS] = NULL;
}

static const json_t *fit_of(const json_t *result)
{
    const json_t *candidates = jf_result_at(result, "candidates");
    const char *best = jf_result_text(result, "best.law");

    if (!candidates) return result;
    for (size_t i = 0; i < json_array_size(candidates); i++)
        if (!strcmp(jf_result_text(json_array_get(candidates, i), "law.name"), best))
            return jf_result_at(json_array_get(candidates, i), "fit");
    return NULL;
}

/* "step: 13; laws: 490", or the text alone where all results say the same. */
static void say_all(const item *it, const jf_checklist_source *source, jf_text *out)
{
    jf_text first = {0};
    bool alike = true;

    for (size_t i = 0; i < source->n; i++) {
        jf_text one = {0};
        about a = {source->results[i], fit_of(source->results[i]), &one};
        if (a.fit) it->say(&a);
        if (i == 0) jf_text_add(&first, one.data ? one.data : "");
        alike = alike && !strcmp(one.data ? one.data : "", first.data ? first.data : "");
        jf_text_addf(out, "%s%s: %s", i ? "; " : "", source->names[i], one.data ? one.data : "-");
        out->failed |= one.failed;
        jf_text_free(&one);
    }
    if (alike && first.data && out->data) {
        out->length = 0;
        jf_text_add(out, first.data);
    }
    jf_text_free(&first);
}

void jf_checklist_add(jf_doc *doc, const jf_checklist_source *source, size_t *n_open)
{
    size_t open = 0;

    for (size_t i = 0; i < JF_CHECKLIST_ITEMS; i++) {
        const char *author = source->answer ? source->answer(source->context, items[i].key) : NULL;
        jf_text words = {0};
        if (items[i].say && source->n) say_all(&items[i], source, &words);
        if (author) jf_text_addf(&words, "%s%s", words.length ? ". " : "", author);
        if (words.length == 0) {
            jf_text_addf(&words, "OPEN (the study answers it under 'checklist: %s')", items[i].key);
            open++;
        }
        jf_doc_list_item(doc, "%zu. %s: %s", i + 1, items[i].text, jf_doc_words(doc, &words));
        jf_text_free(&words);
    }
    jf_doc_paragraph(doc, open ? "%zu of %d items are open." : "No item is open (%zu of %d).", open,
                     JF_CHECKLIST_ITEMS);
    if (n_open) *n_open = open;
}
