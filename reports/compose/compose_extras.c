/* Tables beside the parameters: derived quantities, joint tests; and what each term of a law is worth. */
#include <string.h>
#include "reports/json_table.h"
#include "reports/result.h"

enum { EXTRA_DIGITS = 4 };

/* Why what is named by `key` has no number, of those that have none. */
static void add_reasons(jf_doc *doc, const json_t *list, const char *key)
{
    const json_t *object;
    size_t i;

    json_array_foreach((json_t *)list, i, object)
    {
        const char *state = jf_result_text(object, "state");
        if (*state && strcmp(state, "ok") != 0)
            jf_doc_field(doc, jf_result_text(object, key), "no number: %s", state);
    }
}

void jf_compose_derived(jf_doc *doc, const json_t *fit)
{
    static const jf_json_column columns[] = {
        {"quantity", "name", JF_FORM_TEXT},
        {"is", "expression", JF_FORM_TEXT, .priority = 2},
        {"estimate", "estimate", JF_FORM_ESTIMATE},
        {"std. error", "std_error", JF_FORM_ERROR},
        {"interval", "ci_low", JF_FORM_INTERVAL, .priority = 1, .upper = "ci_high"},
        {NULL}};

    jf_json_table(doc, "derived quantities (delta method)", columns, jf_result_at(fit, "derived"),
                  EXTRA_DIGITS);
    add_reasons(doc, jf_result_at(fit, "derived"), "name");
}

void jf_compose_tests(jf_doc *doc, const json_t *fit)
{
    static const jf_json_column columns[] = {{"statement", "hypothesis", JF_FORM_TEXT},
                                             {"errors", "covariance", JF_FORM_TEXT, .priority = 1},
                                             {"F", "statistic", JF_FORM_NUMBER},
                                             {"df", "df1", JF_FORM_PAIR, .upper = "df2"},
                                             {"p", "p_value", JF_FORM_P},
                                             {NULL}};

    jf_json_table(doc, "tests of statements about parameters", columns, jf_result_at(fit, "tests"),
                  EXTRA_DIGITS);
    add_reasons(doc, jf_result_at(fit, "tests"), "hypothesis");
}

void jf_compose_ablation_table(jf_doc *doc, const json_t *comparison)
{
    static const jf_json_column columns[] = {
        {"law", "of", JF_FORM_TEXT, .priority = 1},
        {"without", "term", JF_FORM_TEXT},
        {"k", "parameters", JF_FORM_COUNT, .priority = 1},
        {"score", "score", JF_FORM_NUMBER},
        {"worse by", "worse_by", JF_FORM_NUMBER},
        {"p adjusted", "p_adjusted", JF_FORM_P},
        {"outside the data", "extrapolation", JF_FORM_NUMBER, .priority = 2},
        {NULL}};

    jf_json_table(doc, "A law without each of its terms, refitted on the same splits", columns,
                  jf_result_at(comparison, "ablations"), 3);
}

void jf_compose_ablations(jf_doc *doc, const json_t *comparison)
{
    if (json_array_size(jf_result_at(comparison, "ablations")) == 0) return;
    jf_doc_heading(doc, 2, "What each term is worth");
    jf_doc_paragraph(
        doc, "Each term of the law is left out in turn, and the rest is refitted on the same splits.");
    jf_compose_ablation_table(doc, comparison);
}
