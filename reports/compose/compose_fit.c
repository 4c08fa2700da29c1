/* The document of one fit: the terminal's answer and the whole report. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "reports/number.h"
#include "reports/result.h"

/* ---- lines ---- */

static const char *noise_in_words(const char *error)
{
    if (!strcmp(error, "log")) return "on the logarithm (a factor): predictions are medians";
    if (!strcmp(error, "relative")) return "relative to the prediction";
    if (!strcmp(error, "additive")) return "additive";
    return "additive on the response as written";
}

static void add_outcome(jf_doc *doc, const json_t *fit)
{
    const char *outcome = jf_result_text(fit, "outcome"), *failure = jf_result_text(fit, "failure");
    size_t tried = jf_result_count(fit, "starts.tried"), finished = jf_result_count(fit, "starts.finished");
    size_t agreeing = jf_result_count(fit, "starts.agreeing"),
           basins = json_array_size(jf_result_at(fit, "starts.basins"));
    jf_text words = {0};

    jf_text_add(&words, outcome);
    if (*failure) jf_text_addf(&words, ": %s", failure);
    if (jf_result_flag(fit, "law.linear"))
        jf_text_add(&words, "; linear in its parameters, solved directly");
    else
        jf_text_addf(&words, "; of %zu starts %zu finished, %zu agree on the best", tried, finished,
                     agreeing);
    if (basins > 1) jf_text_addf(&words, " (%zu different ends)", basins);
    jf_doc_field(doc, "outcome", "%s", jf_doc_words(doc, &words));
    jf_text_free(&words);
}

static void add_counts(jf_doc *doc, const json_t *fit)
{
    size_t groups = jf_result_count(fit, "groups");
    jf_text words = {0};

    jf_text_addf(&words, "n = %zu, k = %zu, %zu degrees of freedom", jf_result_count(fit, "n"),
                 jf_result_count(fit, "k"), jf_result_count(fit, "df"));
    if (groups) jf_text_addf(&words, ", %zu groups", groups);
    jf_doc_field(doc, "size", "%s", jf_doc_words(doc, &words));
    jf_text_free(&words);
}

static bool is_log_law(const json_t *fit)
{
    return !strcmp(jf_result_text(fit, "law.error"), "log") ||
           !strncmp(jf_result_text(fit, "law.response"), "log(", 4);
}

/* Scatter about the law, in words that need no logarithm table. */
static void add_scatter(jf_doc *doc, const json_t *fit, int digits)
{
    double sigma = jf_result_number(fit, "sigma"), rmse = jf_result_number(fit, "rmse");
    double raw = jf_result_number(fit, "rmse_raw");
    const char *unit = jf_result_text(fit, "law.unit");
    char a[JF_NUMBER_TEXT], b[JF_NUMBER_TEXT], c[JF_NUMBER_TEXT], factor[64] = "";

    if (is_log_law(fit) && sigma < 20) {
        char by[JF_NUMBER_TEXT];
        snprintf(factor, sizeof factor, " (a factor of %s)", jf_show_number(by, exp(sigma), 3));
    }
    jf_doc_field(doc, "scatter", "sigma %s%s, RMSE %s; raw RMSE %s%s%s", jf_show_number(a, sigma, digits),
                 factor, jf_show_number(b, rmse, digits), jf_show_number(c, raw, digits), *unit ? " " : "",
                 unit);
}

static void add_quality(jf_doc *doc, const json_t *fit)
{
    char a[JF_NUMBER_TEXT], b[JF_NUMBER_TEXT];

    jf_doc_field(doc, "R2", "%s on the law's scale, %s raw", jf_show_fixed(a, jf_result_number(fit, "r2"), 4),
                 jf_show_fixed(b, jf_result_number(fit, "r2_raw"), 4));
}

static void add_criteria(jf_doc *doc, const json_t *fit)
{
    char a[JF_NUMBER_TEXT], b[JF_NUMBER_TEXT], c[JF_NUMBER_TEXT], d[JF_NUMBER_TEXT];
    const char *refused = jf_result_text(fit, "criteria.refused");
    double loglik = jf_result_number(fit, "criteria.loglik");

    if (!isfinite(loglik)) {
        jf_doc_field(doc, "criteria", "none: %s", *refused ? refused : "the likelihood does not exist");
        return;
    }
    jf_doc_field(doc, "criteria", "AIC %s, AICc %s, BIC %s, log-likelihood %s",
                 jf_show_fixed(a, jf_result_number(fit, "criteria.aic"), 2),
                 jf_show_fixed(b, jf_result_number(fit, "criteria.aicc"), 2),
                 jf_show_fixed(c, jf_result_number(fit, "criteria.bic"), 2), jf_show_fixed(d, loglik, 2));
}

static void add_errors_kind(jf_doc *doc, const json_t *fit)
{
    const char *kind = jf_result_text(fit, "covariance.kind");
    size_t groups = jf_result_count(fit, "groups");

    if (!strcmp(kind, "cluster") || !strcmp(kind, "cr1"))
        jf_doc_field(doc, "std. errors", "cluster-robust over %zu groups", groups);
    else if (!strcmp(kind, "cr2"))
        jf_doc_field(doc, "std. errors",
                     "cluster-robust over %zu groups, reduced for bias (CR2), degrees of freedom by "
                     "Satterthwaite for each parameter",
                     groups);
    else if (*kind)
        jf_doc_field(doc, "std. errors", "%s", kind);
}

static void add_law(jf_doc *doc, const json_t *fit)
{
    jf_doc_code(doc, jf_result_text(fit, "law.formula"));
    jf_doc_field(doc, "noise", "%s", noise_in_words(jf_result_text(fit, "law.error")));
    if (jf_result_flag(fit, "law.post_run"))
        jf_doc_field(doc, "post-run",
                     "reads inputs that are known only after a run: it explains, but cannot predict");
}

static void add_fit_lines(jf_doc *doc, const json_t *fit, int digits)
{
    add_errors_kind(doc, fit);
    add_scatter(doc, fit, digits);
    add_quality(doc, fit);
    add_criteria(doc, fit);
}

static void add_extras(jf_doc *doc, const json_t *fit)
{
    jf_compose_derived(doc, fit);
    jf_compose_tests(doc, fit);
    jf_compose_bootstrapped(doc, fit);
    jf_compose_contours(doc, fit);
}

/* ---- diagnostics ---- */

static void add_test(jf_doc *doc, const json_t *found, const char *key, const char *name, const char *against)
{
    const json_t *test = jf_result_at(found, key);
    double statistic = jf_result_number(test, "statistic");
    char a[JF_NUMBER_TEXT], p[JF_NUMBER_TEXT];

    if (!isfinite(statistic)) return;
    jf_doc_field(doc, name, "%s, p %s: small p speaks against %s", jf_show_number(a, statistic, 4),
                 jf_show_p(p, jf_result_number(test, "p_value")), against);
}

static void add_diagnostics(jf_doc *doc, const json_t *fit)
{
    const json_t *found = jf_result_at(fit, "diagnostics"), *repeats = jf_result_at(found, "repeats");
    double limit = jf_result_number(repeats, "r2_limit"),
           condition = jf_result_number(found, "condition_number");
    double watson = jf_result_number(found, "durbin_watson");
    char a[JF_NUMBER_TEXT];

    if (!jf_result_at(found, "breusch_pagan")) return; /* saved before there were any */
    jf_doc_heading(doc, 2, "Diagnostics");
    if (*jf_result_text(found, "refused")) {
        jf_doc_field(doc, "diagnostics", "none: %s", jf_result_text(found, "refused"));
        return;
    }
    add_test(doc, found, "breusch_pagan", "Breusch-Pagan", "equal scatter");
    add_test(doc, found, "jarque_bera", "Jarque-Bera", "normal residuals");
    add_test(doc, found, "anderson_darling", "Anderson-Darling", "normal residuals");
    add_test(doc, found, "reset", "RESET", "the law's form");
    if (isfinite(watson))
        jf_doc_field(doc, "Durbin-Watson", "%s (2: neighbouring rows have unrelated residuals)",
                     jf_show_number(a, watson, 4));
    add_test(doc, repeats, "lack_of_fit", "lack of fit", "the law, given the scatter of repeats");
    if (isfinite(limit))
        jf_doc_field(doc, "R2 limit", "%s: no law that reads configurations can beat it on these repeats",
                     jf_show_fixed(a, limit, 4));
    if (isfinite(condition)) jf_doc_field(doc, "condition", "%s", jf_show_number(a, condition, 4));
}

/* ---- the two documents ---- */

static void compose_brief(jf_doc *doc, const json_t *fit, const jf_report_options *options)
{
    add_law(doc, fit);
    jf_compose_data(doc, jf_result_at(fit, "data"));
    add_counts(doc, fit);
    add_outcome(doc, fit);
    jf_compose_parameters(doc, fit, NULL, options);
    jf_compose_intervals(doc, fit, options);
    jf_compose_scopes(doc, fit);
    add_extras(doc, fit);
    add_fit_lines(doc, fit, options->digits);
    jf_compose_judged(doc, fit);
    jf_compose_by(doc, fit);
    jf_compose_warnings(doc, jf_result_at(fit, "warnings"), false);
}

void jf_compose_inputs(jf_doc *doc, const json_t *inputs)
{
    const json_t *input;
    jf_doc_table *table;
    size_t i;

    if (json_array_size(inputs) == 0) return;
    table = jf_doc_add_table(doc, "Inputs as the fit saw them");
    jf_doc_table_column(table, "input", JF_LEFT, 0);
    jf_doc_table_column(table, "unit", JF_LEFT, 1);
    jf_doc_table_column(table, "lowest", JF_RIGHT, 0);
    jf_doc_table_column(table, "median", JF_RIGHT, 0);
    jf_doc_table_column(table, "highest", JF_RIGHT, 0);
    jf_doc_table_column(table, "levels", JF_LEFT, 0);
    json_array_foreach((json_t *)inputs, i, input)
    {
        static const char *const numbers[] = {"low", "median", "high"};
        const json_t *levels = jf_result_at(input, "levels"), *level;
        jf_text names = {0};
        char buffer[JF_NUMBER_TEXT];
        size_t k;
        jf_doc_table_row(table);
        jf_doc_table_cell(table, 0, "%s", jf_result_text(input, "name"));
        jf_doc_table_cell(table, 1, "%s", jf_result_text(input, "unit"));
        for (size_t c = 0; c < 3 && json_array_size(levels) == 0; c++) {
            double value = jf_result_number(input, numbers[c]);
            jf_doc_table_number(table, 2 + c, value, jf_show_plain(buffer, value, 6));
        }
        json_array_foreach((json_t *)levels, k, level) jf_text_addf(
            &names, "%s%s", k ? ", " : "", json_string_value(level) ? json_string_value(level) : "");
        jf_doc_table_cell(table, 5, "%s", jf_table_words(table, &names));
        jf_text_free(&names);
    }
}

void jf_compose_fit_lines(jf_doc *doc, const json_t *fit, int digits)
{
    add_law(doc, fit);
    jf_compose_data(doc, jf_result_at(fit, "data"));
    add_counts(doc, fit);
    add_outcome(doc, fit);
    add_fit_lines(doc, fit, digits);
}

static jf_status compose_whole(jf_doc *doc, const json_t *fit, const jf_report_options *options,
                               jf_error *err)
{
    jf_doc_heading(doc, 2, "Law");
    add_law(doc, fit);
    jf_doc_heading(doc, 2, "Data");
    jf_compose_data(doc, jf_result_at(fit, "data"));
    add_counts(doc, fit);
    jf_doc_heading(doc, 2, "Parameters");
    jf_compose_parameters(doc, fit, NULL, options);
    jf_compose_intervals(doc, fit, options);
    jf_compose_scopes(doc, fit);
    add_extras(doc, fit);
    jf_doc_heading(doc, 2, "Fit");
    add_outcome(doc, fit);
    add_fit_lines(doc, fit, options->digits);
    jf_compose_judged(doc, fit);
    jf_compose_by(doc, fit);
    add_diagnostics(doc, fit);
    jf_compose_inputs(doc, jf_result_at(fit, "model.inputs"));
    jf_compose_warnings(doc, jf_result_at(fit, "warnings"), true);
    if (jf_result_at(fit, "rows")) {
        jf_status status = jf_compose_figures(doc, fit, err);
        if (status != JF_OK) return status;
    }
    jf_compose_reproduce(doc, fit);
    return JF_OK;
}

jf_status jf_compose_fit(const json_t *fit, const jf_report_options *options, jf_doc **out, jf_error *err)
{
    jf_report_options chosen = options ? *options : (jf_report_options){0};
    jf_status status = JF_OK;
    jf_doc *doc;

    *out = NULL;
    if (chosen.digits <= 0) chosen.digits = 4;
    if (!jf_result_at(fit, "parameters"))
        return jf_fail(err, JF_EDATA, "expected the result of a fit: it has no 'parameters'");
    doc = jf_doc_new(jf_result_text(fit, "law.name"));
    JF_TRY_NEW(doc, err, "a report");
    if (chosen.brief)
        compose_brief(doc, fit, &chosen);
    else
        JF_TRY(compose_whole(doc, fit, &chosen, err));
    JF_TRY(jf_doc_check(doc, err));
    *out = doc;
    doc = NULL;
done:
    jf_doc_free(doc);
    return status;
}
