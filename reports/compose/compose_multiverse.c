/* The section on counting conventions: every universe a row, then how far each exponent and the fit move. */
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "reports/number.h"
#include "reports/result.h"

enum { MAX_SHOWN = 16 }; /* exponents that have columns; the JSON has all */

/* A parameter that stands above something that is counted. */
typedef struct exponent {
    const char *parameter, *of;
} exponent;

typedef struct layout {
    const json_t *laws, *roles;
    exponent exponents[MAX_SHOWN];
    size_t n_exponents;
    bool names_laws; /* there are several */
} layout;

static bool is_role(const json_t *law, const char *name)
{
    const json_t *roles = jf_result_at(law, "roles"), *role;
    size_t i;

    json_array_foreach((json_t *)roles, i, role)
    {
        if (json_is_string(role) && strcmp(json_string_value(role), name) == 0) return true;
    }
    return false;
}

static void note_exponent(layout *all, const char *parameter, const char *of)
{
    for (size_t i = 0; i < all->n_exponents; i++)
        if (!strcmp(all->exponents[i].parameter, parameter)) return;
    if (all->n_exponents < MAX_SHOWN) all->exponents[all->n_exponents++] = (exponent){parameter, of};
}

static layout lay_out(const json_t *multiverse)
{
    layout all = {.laws = jf_result_at(multiverse, "laws"), .roles = jf_result_at(multiverse, "roles")};
    const json_t *law, *move;
    size_t i, k;

    all.names_laws = json_array_size(all.laws) > 1;
    json_array_foreach((json_t *)all.laws, i, law)
    {
        json_array_foreach((json_t *)jf_result_at(law, "moves"), k, move)
        {
            const char *of = jf_result_text(move, "of");
            if (is_role(law, of)) note_exponent(&all, jf_result_text(move, "parameter"), of);
        }
    }
    return all;
}

/* ---- every universe ---- */

static void add_columns(jf_doc_table *table, const layout *all)
{
    const json_t *role;
    size_t i;

    if (all->names_laws) jf_doc_table_column(table, "law", JF_LEFT, 0);
    json_array_foreach((json_t *)all->roles, i, role)
        jf_doc_table_column(table, jf_result_text(role, "role"), JF_LEFT, 0);
    for (size_t e = 0; e < all->n_exponents; e++) {
        jf_text title = {0};
        jf_text_addf(&title, "%s of %s", all->exponents[e].parameter, all->exponents[e].of);
        jf_doc_table_column(table, jf_table_words(table, &title), JF_RIGHT, 0);
        jf_text_free(&title);
        jf_text_addf(&title, "error of %s", all->exponents[e].parameter);
        jf_doc_table_column(table, jf_table_words(table, &title), JF_RIGHT, 1);
        jf_text_free(&title);
    }
    jf_doc_table_column(table, "rmse_log", JF_RIGHT, 2);
    jf_doc_table_column(table, "dAICc", JF_RIGHT, 3);
    jf_doc_table_column(table, "score", JF_RIGHT, 0);
    jf_doc_table_column(table, "outside", JF_RIGHT, 4);
}

/* The universe's choice for a role, "-" where the law does not read it. */
static const char *choice_of(const json_t *law, const json_t *universe, const char *role)
{
    const json_t *roles = jf_result_at(law, "roles"), *choices = jf_result_at(universe, "choices"), *name;
    size_t k;

    json_array_foreach((json_t *)roles, k, name)
    {
        const char *choice = json_string_value(json_array_get(choices, k));
        if (json_is_string(name) && !strcmp(json_string_value(name), role)) return choice ? choice : "-";
    }
    return "-";
}

static const json_t *parameter_of(const json_t *universe, const char *name)
{
    const json_t *parameter;
    size_t i;

    json_array_foreach((json_t *)jf_result_at(universe, "parameters"), i, parameter)
    {
        if (!strcmp(jf_result_text(parameter, "name"), name)) return parameter;
    }
    return NULL;
}

static size_t add_exponents(jf_doc_table *table, size_t column, const layout *all, const json_t *universe)
{
    for (size_t e = 0; e < all->n_exponents; e++) {
        const json_t *parameter = parameter_of(universe, all->exponents[e].parameter);
        double value = jf_result_number(parameter, "estimate"),
               error = jf_result_number(parameter, "std_error");
        char text[JF_NUMBER_TEXT];

        jf_doc_table_number(table, column++, value, jf_show_estimate(text, value, error, 3));
        jf_doc_table_number(table, column++, error, jf_show_error(text, error));
    }
    return column;
}

static void add_universe(jf_doc_table *table, const layout *all, const json_t *law, const json_t *universe)
{
    static const struct {
        const char *key;
        int decimals; /* -1: three digits */
    } numbers[] = {{"rmse_log", -1}, {"delta_aicc", 1}, {"score", -1}, {"outside", -1}};
    const json_t *role;
    size_t i, column = 0;

    jf_doc_table_row(table);
    if (all->names_laws) jf_doc_table_cell(table, column++, "%s", jf_result_text(law, "law.name"));
    json_array_foreach((json_t *)all->roles, i, role)
        jf_doc_table_cell(table, column++, "%s", choice_of(law, universe, jf_result_text(role, "role")));
    column = add_exponents(table, column, all, universe);
    for (size_t n = 0; n < sizeof numbers / sizeof *numbers; n++) {
        double value = jf_result_number(universe, numbers[n].key);
        char text[JF_NUMBER_TEXT];
        jf_doc_table_number(table, column++, value,
                            numbers[n].decimals < 0 ? jf_show_number(text, value, 3)
                                                    : jf_show_fixed(text, value, numbers[n].decimals));
    }
}

static void add_universes(jf_doc *doc, const layout *all)
{
    jf_doc_table *table = jf_doc_add_table(doc, NULL);
    const json_t *law, *universe;
    size_t i, u;

    add_columns(table, all);
    json_array_foreach((json_t *)all->laws, i, law)
    {
        json_array_foreach((json_t *)jf_result_at(law, "universes"), u, universe)
            add_universe(table, all, law, universe);
    }
}

/* ---- how far it all moves ---- */

/* "kaplan, M1" */
static void add_place(jf_doc_table *table, size_t column, const json_t *law, size_t universe)
{
    const json_t *choices = jf_result_at(json_array_get(jf_result_at(law, "universes"), universe), "choices");
    const json_t *choice;
    jf_text place = {0};
    size_t k;

    json_array_foreach((json_t *)choices, k, choice)
        jf_text_addf(&place, "%s%s", k ? ", " : "", json_is_string(choice) ? json_string_value(choice) : "-");
    jf_doc_table_cell(table, column, "%s", jf_table_words(table, &place));
    jf_text_free(&place);
}

/* "compute 94 %, memory 5 %", the largest share first where there are two */
static void add_shares(jf_doc_table *table, size_t column, const json_t *move)
{
    const json_t *share;
    jf_text words = {0};
    size_t k;

    json_array_foreach((json_t *)jf_result_at(move, "shares"), k, share)
    {
        double value = jf_result_number(share, "share");
        if (!isfinite(value)) continue;
        jf_text_addf(&words, "%s%s %.0f %%", words.length ? ", " : "", jf_result_text(share, "role"),
                     100 * value);
    }
    jf_doc_table_cell(table, column, "%s", jf_table_words(table, &words));
    jf_text_free(&words);
}

/* A row "a of compute: from 0.3 (kaplan, M1) to 0.7 (exact, M2)". */
static void add_move(jf_doc_table *table, const layout *all, const json_t *law, const char *what,
                     const json_t *move)
{
    double low = jf_result_number(move, "low"), high = jf_result_number(move, "high");
    double error = jf_result_number(move, "std_error"), in_errors = jf_result_number(move, "in_errors");
    char text[JF_NUMBER_TEXT];
    size_t column = 0;

    if (isnan(low)) return;
    jf_doc_table_row(table);
    if (all->names_laws) jf_doc_table_cell(table, column++, "%s", jf_result_text(law, "law.name"));
    jf_doc_table_cell(table, column++, "%s", what);
    jf_doc_table_number(table, column++, low, jf_show_estimate(text, low, error, 3));
    add_place(table, column++, law, jf_result_count(move, "low_in"));
    jf_doc_table_number(table, column++, high, jf_show_estimate(text, high, error, 3));
    add_place(table, column++, law, jf_result_count(move, "high_in"));
    jf_doc_table_number(table, column++, in_errors,
                        isnan(in_errors) ? "" : jf_show_fixed(text, in_errors, 1));
    add_shares(table, column, move);
}

static void add_moves_of(jf_doc_table *table, const layout *all, const json_t *law)
{
    static const char *const fits[] = {"rmse_log", "aicc", "score", "outside"};
    const json_t *move;
    size_t i;

    json_array_foreach((json_t *)jf_result_at(law, "moves"), i, move)
    {
        jf_text what = {0};
        if (!jf_result_flag(move, "exponent")) continue;
        jf_text_addf(&what, "%s of %s", jf_result_text(move, "parameter"), jf_result_text(move, "of"));
        add_move(table, all, law, jf_table_words(table, &what), move);
        jf_text_free(&what);
    }
    for (size_t f = 0; f < sizeof fits / sizeof *fits; f++)
        add_move(table, all, law, fits[f], json_object_get(jf_result_at(law, "fit_moves"), fits[f]));
}

static void add_moves(jf_doc *doc, const layout *all)
{
    jf_doc_table *table = jf_doc_add_table(doc, NULL);
    const json_t *law;
    size_t i;

    if (all->names_laws) jf_doc_table_column(table, "law", JF_LEFT, 0);
    jf_doc_table_column(table, "moves", JF_LEFT, 0);
    jf_doc_table_column(table, "lowest", JF_RIGHT, 0);
    jf_doc_table_column(table, "lowest with", JF_LEFT, 2);
    jf_doc_table_column(table, "highest", JF_RIGHT, 0);
    jf_doc_table_column(table, "highest with", JF_LEFT, 2);
    jf_doc_table_column(table, "in errors", JF_RIGHT, 1);
    jf_doc_table_column(table, "by the choice of", JF_LEFT, 1);
    json_array_foreach((json_t *)all->laws, i, law) add_moves_of(table, all, law);
}

/* ---- in words ---- */

/* "exact is column C (exact matmul); ..." */
static void add_role(jf_doc *doc, const json_t *role)
{
    const json_t *choice;
    jf_text words = {0};
    size_t c;

    json_array_foreach((json_t *)jf_result_at(role, "choices"), c, choice)
    {
        const char *name = jf_result_text(choice, "name"), *column = jf_result_text(choice, "column");
        const char *convention = jf_result_text(choice, "convention");
        jf_text_addf(&words, "%s%s", c ? "; " : "", name);
        if (strcmp(name, column) != 0) jf_text_addf(&words, " is %s", column);
        if (*convention) jf_text_addf(&words, " (%s)", convention);
    }
    jf_doc_field(doc, jf_result_text(role, "role"), "%s", jf_doc_words(doc, &words));
    jf_text_free(&words);
}

static void add_words(jf_doc *doc, const layout *all)
{
    const json_t *law, *role;
    size_t i;

    json_array_foreach((json_t *)all->laws, i, law)
    {
        if (all->names_laws)
            jf_doc_paragraph(doc, "%s: %s", jf_result_text(law, "law.name"), jf_result_text(law, "verdict"));
        else
            jf_doc_paragraph(doc, "%s", jf_result_text(law, "verdict"));
    }
    json_array_foreach((json_t *)all->roles, i, role) add_role(doc, role);
    jf_doc_field(doc, "error", "standard error of the exponent before it");
    jf_doc_field(doc, "in errors",
                 "how many of these standard errors (their median) lie between lowest and highest");
    jf_doc_field(
        doc, "by the choice of",
        "share of the variance over universes that lies between the choices of a role; the rest is how "
        "they act together");
}

void jf_compose_multiverse(jf_doc *doc, const json_t *comparison)
{
    const json_t *multiverse = jf_result_at(comparison, "multiverse"), *law;
    layout all = lay_out(multiverse);
    size_t i;

    if (json_array_size(all.laws) == 0) return;
    jf_doc_heading(doc, 2, "Other ways to count");
    json_array_foreach((json_t *)all.laws, i, law) jf_doc_code(doc, jf_result_text(law, "law.formula"));
    add_universes(doc, &all);
    add_moves(doc, &all);
    add_words(doc, &all);
}
