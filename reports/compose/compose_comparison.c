/* The document of a comparison: the terminal's answer and the whole report. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "reports/json_table.h"
#include "reports/number.h"
#include "reports/plan_words.h"
#include "reports/ranking.h"

/* ---- ranking table ---- */

static void add_plan_columns(jf_doc_table *table, const jf_ranked *all, int priority)
{
    for (size_t p = 0; p < json_array_size(all->plans); p++) {
        jf_text title = {0};
        size_t same = 0;
        jf_plan_short(&title, jf_result_text(json_array_get(all->plans, p), "plan"));
        for (size_t q = 0; q < p; q++) {
            jf_text other = {0};
            jf_plan_short(&other, jf_result_text(json_array_get(all->plans, q), "plan"));
            same += !strcmp(jf_table_words(table, &other), jf_table_words(table, &title));
            jf_text_free(&other);
        }
        if (same) jf_text_addf(&title, " %zu", same + 1);
        jf_doc_table_column(table, jf_table_words(table, &title), JF_RIGHT, priority);
        jf_text_free(&title);
    }
}

static void add_flag(jf_text *flags, const char *flag)
{
    jf_text_addf(flags, "%s%s", flags->length ? ", " : "", flag);
}

static void add_flags(jf_doc_table *table, size_t column, const json_t *candidate)
{
    const char *outcome = jf_result_text(candidate, "fit.outcome");
    jf_text flags = {0};

    if (jf_result_flag(candidate, "post_run")) add_flag(&flags, "post-run");
    if (jf_result_flag(candidate, "baseline") || jf_result_flag(candidate, "is_baseline"))
        add_flag(&flags, "baseline");
    if (jf_result_flag(candidate, "searched")) add_flag(&flags, "searched");
    if (*outcome && strcmp(outcome, "converged") != 0) add_flag(&flags, outcome);
    jf_doc_table_cell(table, column, "%s", jf_table_words(table, &flags));
    jf_text_free(&flags);
}

static void add_ranked_row(jf_doc_table *table, const jf_ranked *all, size_t i)
{
    const json_t *candidate = all->candidates[i];
    size_t n_plans = json_array_size(all->plans), column = 0;
    double delta = jf_ranked_delta(all, i), weight = jf_ranked_weight(all, i);
    const char *name = jf_result_text(candidate, "law.name");
    char buffer[JF_NUMBER_TEXT];

    jf_doc_table_row(table);
    jf_doc_table_cell(table, column++, "%s", name);
    jf_doc_table_number(table, column, jf_result_number(candidate, "fit.k"),
                        jf_show_fixed(buffer, jf_result_number(candidate, "fit.k"), 0));
    for (size_t p = 0; p < n_plans; p++) {
        double score = jf_ranked_score(jf_ranked_validation(all, i, p), all->metric);
        jf_doc_table_number(table, ++column, score, jf_show_number(buffer, score, 3));
    }
    jf_doc_table_number(table, ++column, delta, jf_show_fixed(buffer, delta, 1));
    jf_doc_table_number(table, ++column, weight, weight < 5e-4 ? "0.000" : jf_show_fixed(buffer, weight, 3));
    add_flags(table, ++column, candidate);
    if (!strcmp(name, jf_result_text(all->comparison, "best.law"))) jf_doc_table_emphasise(table);
}

static void add_ranking(jf_doc *doc, const jf_ranked *all, const char *caption)
{
    jf_doc_table *table = jf_doc_add_table(doc, caption);

    jf_doc_table_column(table, "law", JF_LEFT, 0);
    jf_doc_table_column(table, "k", JF_RIGHT, 1);
    add_plan_columns(table, all, 0);
    jf_doc_table_column(table, "dAICc", JF_RIGHT, 2);
    jf_doc_table_column(table, "weight", JF_RIGHT, 3);
    jf_doc_table_column(table, "flags", JF_LEFT, 0);
    for (size_t i = 0; i < all->n; i++) add_ranked_row(table, all, i);
}

jf_status jf_compose_ranking(jf_doc *doc, const json_t *comparison, jf_error *err)
{
    jf_ranked all = {0};
    jf_status status = jf_ranked_read(comparison, &all, err);

    if (status == JF_OK) add_ranking(doc, &all, "Laws, the best first");
    jf_ranked_free(&all);
    return status;
}

static const char *metric_in_words(const char *metric)
{
    static const struct {
        const char *metric, *words;
    } all[] = {{"rmse_log",
                "root mean square error of the log of the response (0.10 is about 10 %); smaller is better"},
               {"rmse", "root mean square error on the law's scale; smaller is better"},
               {"rmse_raw", "root mean square error of the response; smaller is better"},
               {"mdape", "median absolute relative error; smaller is better"},
               {"mape", "mean absolute relative error; smaller is better"},
               {"r2", "R2 on the law's scale; larger is better"},
               {"r2_log", "R2 of the log of the response; larger is better"},
               {"r2_raw", "R2 of the response; larger is better"},
               {"within2", "share predicted within a factor of two; larger is better"}};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!strcmp(all[i].metric, metric)) return all[i].words;
    return metric;
}

static void add_plans(jf_doc *doc, const jf_ranked *all)
{
    for (size_t p = 0; p < json_array_size(all->plans); p++) {
        const json_t *plan = json_array_get(all->plans, p);
        size_t redrawn = jf_result_count(plan, "redrawn"), infeasible = jf_result_count(plan, "infeasible");
        jf_text name = {0}, words = {0};
        jf_plan_short(&name, jf_result_text(plan, "plan"));
        jf_plan_in_words(&words, plan);
        if (redrawn) jf_text_addf(&words, "; %zu redrawn", redrawn);
        if (infeasible) jf_text_addf(&words, "; %zu infeasible", infeasible);
        jf_doc_field(doc, jf_doc_words(doc, &name), "%s", jf_doc_words(doc, &words));
        jf_text_free(&name);
        jf_text_free(&words);
    }
}

static bool any_flagged(const jf_ranked *all, const char *flag)
{
    for (size_t i = 0; i < all->n; i++)
        if (jf_result_flag(all->candidates[i], flag)) return true;
    return false;
}

static void add_score_words(jf_doc *doc, const jf_ranked *all)
{
    jf_doc_field(doc, "score", "%s, median over splits: %s%s", all->metric, metric_in_words(all->metric),
                 jf_result_flag(all->comparison, "weighted") ? "; rows count by their weights" : "");
    jf_doc_field(doc, "dAICc, weight",
                 "AICc above the smallest, and Akaike weight, from the fits to all rows");
    if (any_flagged(all, "post_run"))
        jf_doc_field(doc, "post-run",
                     "reads values that are known only after a run: shown last, and not ranked");
    if (any_flagged(all, "searched"))
        jf_doc_field(doc, "searched",
                     "its scores are those of laws that the search chose anew without the runs they are "
                     "tested on; dAICc "
                     "and weight are of the law chosen on all rows, and flatter it");
    jf_compose_tree_words(doc, all->comparison);
}

static void add_verdict(jf_doc *doc, const json_t *comparison)
{
    const char *verdict = jf_result_text(comparison, "verdict");
    const char *next = jf_result_text(comparison, "next.sentence");
    if (*verdict) jf_doc_paragraph(doc, "%s", verdict);
    if (*next) jf_doc_paragraph(doc, "%s", next);
}

/* ---- the whole report ---- */

/* How firmly each law stands where groups are drawn anew. */
static void add_standing(jf_doc *doc, const jf_ranked *all)
{
    static const jf_json_column columns[] = {{"law", "law.name", JF_FORM_TEXT},
                                             {"p of the confidence set", "confidence_p", JF_FORM_P},
                                             {"would be chosen", "selected", JF_FORM_NUMBER},
                                             {"on the front", "on_front", JF_FORM_FLAG},
                                             {NULL}};
    jf_doc_table *table = jf_doc_add_table(doc, "Standing, by resampled groups");

    jf_json_table_columns(table, columns);
    for (size_t i = 0; i < all->n; i++) jf_json_table_row(table, columns, all->candidates[i], 3);
    jf_doc_paragraph(
        doc, "The laws with p of at least 0.05 form the 95 %% model confidence set: the best one is among "
             "them. Chosen: share of resamples in which the law has the smallest error. On the front: no law "
             "with as few parameters has a smaller score.");
}

enum { N_METRICS = 6 };
static const char *const shown_metrics[N_METRICS] = {"rmse_log", "r2_log", "bias_log",
                                                     "within2",  "mdape",  "coverage"};

static void add_metric_columns(jf_doc_table *table)
{
    jf_doc_table_column(table, "law", JF_LEFT, 0);
    for (size_t m = 0; m < N_METRICS; m++) jf_doc_table_column(table, shown_metrics[m], JF_RIGHT, (int)m);
    jf_doc_table_column(table, "9 in 10 within", JF_RIGHT, 1);
}

/* Law i under a plan, from column `first` on. */
static void add_metric_row(jf_doc_table *table, const jf_ranked *all, size_t i, size_t plan, size_t first)
{
    const json_t *validation = jf_ranked_validation(all, i, plan);
    double factor = jf_result_number(validation, "factor90");
    char factor_text[JF_NUMBER_TEXT], times[JF_NUMBER_TEXT + 2];

    jf_doc_table_cell(table, first, "%s", jf_result_text(all->candidates[i], "law.name"));
    for (size_t m = 0; m < N_METRICS; m++) {
        double score = jf_ranked_score(validation, shown_metrics[m]);
        char buffer[JF_NUMBER_TEXT];
        jf_doc_table_number(table, first + m + 1, score, jf_show_number(buffer, score, 3));
    }
    snprintf(times, sizeof times, "%s%s", isfinite(factor) ? "x" : "",
             jf_show_number(factor_text, factor, 3));
    jf_doc_table_number(table, first + N_METRICS + 1, factor, times);
}

static void add_metrics(jf_doc *doc, const jf_ranked *all, size_t plan)
{
    jf_doc_table *table = jf_doc_add_table(doc, jf_result_text(json_array_get(all->plans, plan), "plan"));

    add_metric_columns(table);
    for (size_t i = 0; i < all->n; i++) {
        jf_doc_table_row(table);
        add_metric_row(table, all, i, plan, 0);
    }
}

jf_status jf_compose_validation(jf_doc *doc, const json_t *comparison, jf_error *err)
{
    jf_ranked all = {0};
    jf_status status = jf_ranked_read(comparison, &all, err);
    jf_doc_table *table;

    if (status != JF_OK || json_array_size(all.plans) == 0) goto done;
    table = jf_doc_add_table(doc, "Predictions of what was held out: medians over splits");
    jf_doc_table_column(table, "plan", JF_LEFT, 0);
    add_metric_columns(table);
    for (size_t p = 0; p < json_array_size(all.plans); p++)
        for (size_t i = 0; i < all.n; i++) {
            jf_text name = {0};
            jf_plan_short(&name, jf_result_text(json_array_get(all.plans, p), "plan"));
            jf_doc_table_row(table);
            jf_doc_table_cell(table, 0, "%s", jf_table_words(table, &name));
            jf_text_free(&name);
            add_metric_row(table, &all, i, p, 1);
        }
done:
    jf_ranked_free(&all);
    return status;
}

static void add_laws(jf_doc *doc, const jf_ranked *all, const jf_report_options *options)
{
    jf_doc_heading(doc, 2, "Laws");
    for (size_t i = 0; i < all->n; i++) {
        const json_t *fit = jf_result_at(all->candidates[i], "fit");
        char r2[JF_NUMBER_TEXT], sigma[JF_NUMBER_TEXT];
        jf_doc_heading(doc, 3, "%zu. %s", i + 1, jf_result_text(all->candidates[i], "law.name"));
        jf_doc_code(doc, jf_result_text(all->candidates[i], "law.formula"));
        jf_doc_paragraph(doc, "On all rows: n = %zu, sigma %s, R2 %s on the law's scale; %s.",
                         jf_result_count(fit, "n"),
                         jf_show_number(sigma, jf_result_number(fit, "sigma"), options->digits),
                         jf_show_fixed(r2, jf_result_number(fit, "r2"), 4), jf_result_text(fit, "outcome"));
        jf_compose_parameters(doc, fit, NULL, options);
    }
}

static jf_status compose_whole(jf_doc *doc, const jf_ranked *all, const jf_report_options *options,
                               jf_error *err)
{
    jf_status status = JF_OK;

    add_verdict(doc, all->comparison);
    jf_doc_heading(doc, 2, "Data");
    jf_compose_data(doc, jf_result_at(all->comparison, "data"));
    jf_compose_multiverse(doc, all->comparison);
    jf_doc_heading(doc, 2, "Ranking");
    add_ranking(doc, all, NULL);
    add_score_words(doc, all);
    jf_doc_heading(doc, 2, "What was held out");
    add_plans(doc, all);
    jf_doc_heading(doc, 2, "Validation");
    for (size_t p = 0; p < json_array_size(all->plans); p++) add_metrics(doc, all, p);
    add_standing(doc, all);
    jf_compose_law_tests(doc, jf_result_at(all->comparison, "tests"));
    jf_compose_search(doc, all->comparison, false);
    jf_compose_stages(doc, all);
    jf_compose_ablations(doc, all->comparison);
    add_laws(doc, all, options);
    JF_TRY(jf_compose_figures(doc, all->comparison, err));
    jf_compose_warnings(doc, jf_result_at(all->comparison, "warnings"), true);
    jf_compose_reproduce(doc, all->comparison);
done:
    return status;
}

static void compose_brief(jf_doc *doc, const jf_ranked *all)
{
    jf_compose_data(doc, jf_result_at(all->comparison, "data"));
    jf_compose_multiverse(doc, all->comparison);
    add_ranking(doc, all, NULL);
    add_verdict(doc, all->comparison);
    add_plans(doc, all);
    add_score_words(doc, all);
    jf_compose_stages(doc, all);
    jf_compose_search(doc, all->comparison, true);
    jf_compose_warnings(doc, jf_result_at(all->comparison, "warnings"), false);
}

jf_status jf_compose_comparison_lines(jf_doc *doc, const json_t *comparison, jf_error *err)
{
    jf_ranked all = {0};
    jf_status status = jf_ranked_read(comparison, &all, err);

    if (status != JF_OK) goto done;
    add_verdict(doc, comparison);
    jf_compose_data(doc, jf_result_at(comparison, "data"));
    add_plans(doc, &all);
    add_score_words(doc, &all);
done:
    jf_ranked_free(&all);
    return status;
}

jf_status jf_compose_comparison(const json_t *comparison, const jf_report_options *options, jf_doc **out,
                                jf_error *err)
{
    jf_report_options chosen = options ? *options : (jf_report_options){0};
    jf_status status = JF_OK;
    jf_ranked all = {0};
    jf_doc *doc = NULL;
    char title[64];

    *out = NULL;
    if (chosen.digits <= 0) chosen.digits = 4;
    JF_TRY(jf_ranked_read(comparison, &all, err));
    snprintf(title, sizeof title, "Comparison of %zu laws", all.n);
    doc = jf_doc_new(title);
    JF_TRY_NEW(doc, err, "a report");
    if (chosen.brief)
        compose_brief(doc, &all);
    else
        JF_TRY(compose_whole(doc, &all, &chosen, err));
    JF_TRY(jf_doc_check(doc, err));
    *out = doc;
    doc = NULL;
done:
    jf_ranked_free(&all);
    jf_doc_free(doc);
    return status;
}
