/* Laws side by side: a column for each, a row for each parameter with its error beneath, then how well each
 * fits. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "reports/figures/parts.h"
#include "reports/number.h"
#include "reports/ranking.h"
#include "reports/tables.h"

enum { MOST_LAWS = 64, MOST_PARAMETERS = 512 };

typedef struct column {
    const char *title;
    const json_t *fit;
} column;

typedef struct lineup {
    column columns[MOST_LAWS];
    const char *parameters[MOST_PARAMETERS];
    size_t n_columns, n_parameters;
} lineup;

/* ---- which laws ---- */

static bool is_wanted(const jf_table_request *request, const json_t *candidate)
{
    const char *name = jf_result_text(candidate, "law.name");

    if (request->n_laws == 0) return !jf_result_flag(candidate, "baseline");
    for (size_t i = 0; i < request->n_laws; i++)
        if (!strcmp(request->laws[i], name)) return true;
    return false;
}

static void add_column(lineup *all, const json_t *fit)
{
    if (fit && all->n_columns < MOST_LAWS)
        all->columns[all->n_columns++] = (column){jf_result_text(fit, "law.name"), fit};
}

/* A law that was asked for and is nowhere is an error with a suggestion. */
static jf_status check_laws(const jf_table_request *request, jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t law = 0; law < request->n_laws && status == JF_OK; law++) {
        jf_figure_source source = {.law = request->laws[law]};
        const json_t *fit = NULL;
        status = JF_EUSAGE;
        for (size_t r = 0; r < request->n_results && !fit; r++) {
            source.result = request->results[r];
            status = jf_figure_fit(&source, &fit, err);
        }
    }
    return status;
}

/* Laws of a comparison: as asked for, else the best first. */
static jf_status add_candidates(lineup *all, const jf_table_request *request, const json_t *result,
                                jf_error *err)
{
    jf_ranked ranked = {0};
    jf_status status = jf_ranked_read(result, &ranked, err);

    for (size_t law = 0; status == JF_OK && law < request->n_laws; law++)
        for (size_t i = 0; i < ranked.n; i++)
            if (!strcmp(jf_result_text(ranked.candidates[i], "law.name"), request->laws[law]))
                add_column(all, jf_result_at(ranked.candidates[i], "fit"));
    for (size_t i = 0; status == JF_OK && request->n_laws == 0 && i < ranked.n; i++)
        if (is_wanted(request, ranked.candidates[i]))
            add_column(all, jf_result_at(ranked.candidates[i], "fit"));
    jf_ranked_free(&ranked);
    return status;
}

static void collect_parameters(lineup *all)
{
    for (size_t c = 0; c < all->n_columns; c++) {
        const json_t *list = jf_result_at(all->columns[c].fit, "parameters");
        for (size_t i = 0; i < json_array_size(list) && all->n_parameters < MOST_PARAMETERS; i++) {
            const char *name = jf_result_text(json_array_get(list, i), "name");
            size_t k = 0;
            while (k < all->n_parameters && strcmp(all->parameters[k], name) != 0) k++;
            if (k == all->n_parameters) all->parameters[all->n_parameters++] = name;
        }
    }
}

static const json_t *find_parameter(const json_t *fit, const char *name)
{
    const json_t *list = jf_result_at(fit, "parameters");

    for (size_t i = 0; i < json_array_size(list); i++)
        if (!strcmp(jf_result_text(json_array_get(list, i), "name"), name)) return json_array_get(list, i);
    return NULL;
}

/* Laws of one name are told apart by their places. */
static void add_title(jf_doc_table *table, const lineup *all, size_t c)
{
    const char *name = all->columns[c].title;
    char title[256];
    size_t twins = 1;

    for (size_t i = 0; i < c; i++) twins += !strcmp(all->columns[i].title, name);
    if (twins > 1)
        snprintf(title, sizeof title, "%s (%zu)", name, twins);
    else
        snprintf(title, sizeof title, "%s", name);
    jf_doc_table_column(table, title, JF_RIGHT, (int)c);
}

/* ---- rows ---- */

static void add_estimates(jf_doc_table *table, const lineup *all, const char *name, int digits)
{
    char text[JF_NUMBER_TEXT];

    jf_doc_table_row(table);
    jf_doc_table_cell(table, 0, "%s", name);
    for (size_t c = 0; c < all->n_columns; c++) {
        const json_t *parameter = find_parameter(all->columns[c].fit, name);
        double value = jf_result_number(parameter, "estimate");
        if (parameter)
            jf_doc_table_number(
                table, c + 1, value,
                jf_show_estimate(text, value, jf_result_number(parameter, "std_error"), digits));
    }
}

/* "(0.025)"; where there is no error, why. */
static void add_errors(jf_doc_table *table, const lineup *all, const char *name)
{
    jf_doc_table_row(table);
    jf_doc_table_words(table, 0, "", "%s std. error", name);
    for (size_t c = 0; c < all->n_columns; c++) {
        const json_t *parameter = find_parameter(all->columns[c].fit, name);
        double error = jf_result_number(parameter, "std_error");
        char text[JF_NUMBER_TEXT], shown[JF_NUMBER_TEXT + 2];
        if (!parameter) continue;
        if (isfinite(error)) {
            snprintf(shown, sizeof shown, "(%s)", jf_show_error(text, error));
            jf_doc_table_number(table, c + 1, error, shown);
        } else {
            jf_doc_table_cell(table, c + 1, "(%s)", jf_result_text(parameter, "state"));
        }
    }
}

typedef struct foot {
    const char *title, *key;
    int decimals; /* -1: significant digits of the report */
} foot;

static void add_foot(jf_doc_table *table, const lineup *all, const foot *row, int digits)
{
    char text[JF_NUMBER_TEXT];

    jf_doc_table_row(table);
    jf_doc_table_cell(table, 0, "%s", row->title);
    for (size_t c = 0; c < all->n_columns; c++) {
        double value = jf_result_number(all->columns[c].fit, row->key);
        jf_doc_table_number(table, c + 1, value,
                            row->decimals < 0 ? jf_show_number(text, value, digits)
                                              : jf_show_fixed(text, value, row->decimals));
    }
}

static bool any_has(const lineup *all, const char *key)
{
    for (size_t c = 0; c < all->n_columns; c++)
        if (jf_result_number(all->columns[c].fit, key) > 0) return true;
    return false;
}

static void add_feet(jf_doc_table *table, const lineup *all, int digits)
{
    static const foot feet[] = {{"runs", "n", 0}, {"groups", "groups", 0}, {"sigma", "sigma", -1},
                                {"R2", "r2", 4},  {"R2 raw", "r2_raw", 4}, {"AICc", "criteria.aicc", 1}};

    jf_doc_table_rule(table);
    for (size_t i = 0; i < sizeof feet / sizeof *feet; i++)
        if (strcmp(feet[i].key, "groups") != 0 || any_has(all, "groups"))
            add_foot(table, all, &feet[i], digits);
}

jf_status jf_table_side_by_side(jf_doc *doc, const jf_table_request *request, jf_error *err)
{
    jf_status status = JF_OK;
    lineup *all = JF_NEW(lineup);
    jf_doc_table *table;

    JF_TRY_NEW(all, err, "laws side by side");
    JF_TRY(check_laws(request, err));
    for (size_t r = 0; r < request->n_results; r++) {
        if (jf_result_at(request->results[r], "candidates"))
            JF_TRY(add_candidates(all, request, request->results[r], err));
        else
            add_column(all, jf_result_at(request->results[r], "parameters") ? request->results[r] : NULL);
    }
    collect_parameters(all);
    if (all->n_columns == 0) goto done;
    table = jf_doc_add_table(doc, "Laws side by side; standard errors in brackets");
    jf_doc_table_column(table, "", JF_LEFT, 0);
    for (size_t c = 0; c < all->n_columns; c++) add_title(table, all, c);
    for (size_t i = 0; i < all->n_parameters; i++) {
        add_estimates(table, all, all->parameters[i], request->digits);
        add_errors(table, all, all->parameters[i]);
    }
    add_feet(table, all, request->digits);
done:
    jf_free(all);
    return status;
}
