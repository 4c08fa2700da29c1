/* Tables beside the parameters: derived quantities, joint tests, other intervals; and what each term of a law
 * is worth. */
#include "reports/number.h"
#include "reports/result.h"

void jf_compose_derived(jf_doc *doc, const json_t *fit)
{
    const json_t *list = jf_result_at(fit, "derived"), *one;
    jf_doc_table *table;
    size_t i;

    if (json_array_size(list) == 0) return;
    table = jf_doc_add_table(doc, "derived quantities (delta method)");
    jf_doc_table_column(table, "quantity", JF_LEFT, 0);
    jf_doc_table_column(table, "is", JF_LEFT, 2);
    jf_doc_table_column(table, "estimate", JF_RIGHT, 0);
    jf_doc_table_column(table, "std. error", JF_RIGHT, 0);
    jf_doc_table_column(table, "low", JF_RIGHT, 1);
    jf_doc_table_column(table, "high", JF_RIGHT, 1);
    json_array_foreach((json_t *)list, i, one)
    {
        double value = jf_result_number(one, "estimate"), error = jf_result_number(one, "std_error");
        double low = jf_result_number(one, "ci_low"), high = jf_result_number(one, "ci_high");
        char text[JF_NUMBER_TEXT];

        jf_doc_table_row(table);
        jf_doc_table_cell(table, 0, "%s", jf_result_text(one, "name"));
        jf_doc_table_cell(table, 1, "%s", jf_result_text(one, "expression"));
        jf_doc_table_number(table, 2, value, jf_show_estimate(text, value, error, 4));
        jf_doc_table_number(table, 3, error, jf_show_error(text, error));
        jf_doc_table_number(table, 4, low, jf_show_estimate(text, low, error, 4));
        jf_doc_table_number(table, 5, high, jf_show_estimate(text, high, error, 4));
    }
}

void jf_compose_tests(jf_doc *doc, const json_t *fit)
{
    const json_t *list = jf_result_at(fit, "tests"), *one;
    jf_doc_table *table;
    size_t i;

    if (json_array_size(list) == 0) return;
    table = jf_doc_add_table(doc, "tests of statements about parameters");
    jf_doc_table_column(table, "statement", JF_LEFT, 0);
    jf_doc_table_column(table, "errors", JF_LEFT, 1);
    jf_doc_table_column(table, "F", JF_RIGHT, 0);
    jf_doc_table_column(table, "df", JF_RIGHT, 0);
    jf_doc_table_column(table, "p", JF_RIGHT, 0);
    json_array_foreach((json_t *)list, i, one)
    {
        double f = jf_result_number(one, "statistic"), p = jf_result_number(one, "p_value");
        char text[JF_NUMBER_TEXT];

        jf_doc_table_row(table);
        jf_doc_table_cell(table, 0, "%s", jf_result_text(one, "hypothesis"));
        jf_doc_table_cell(table, 1, "%s", jf_result_text(one, "covariance"));
        jf_doc_table_number(table, 2, f, jf_show_number(text, f, 4));
        jf_doc_table_cell(table, 3, "%g, %g", jf_result_number(one, "df1"), jf_result_number(one, "df2"));
        jf_doc_table_number(table, 4, p, jf_show_p(text, p));
    }
}

void jf_compose_ablations(jf_doc *doc, const json_t *comparison)
{
    const json_t *list = jf_result_at(comparison, "ablations"), *one;
    jf_doc_table *table;
    size_t i;

    if (json_array_size(list) == 0) return;
    jf_doc_heading(doc, 2, "What each term is worth");
    jf_doc_paragraph(
        doc, "Each term of the law is left out in turn, and the rest is refitted on the same splits.");
    table = jf_doc_add_table(doc, NULL);
    jf_doc_table_column(table, "law", JF_LEFT, 1);
    jf_doc_table_column(table, "without", JF_LEFT, 0);
    jf_doc_table_column(table, "k", JF_RIGHT, 1);
    jf_doc_table_column(table, "score", JF_RIGHT, 0);
    jf_doc_table_column(table, "worse by", JF_RIGHT, 0);
    jf_doc_table_column(table, "p adjusted", JF_RIGHT, 0);
    jf_doc_table_column(table, "outside the data", JF_RIGHT, 2);
    json_array_foreach((json_t *)list, i, one)
    {
        static const char *const numbers[] = {"score", "worse_by", NULL, "extrapolation"};
        double p = jf_result_number(one, "p_adjusted");
        char text[JF_NUMBER_TEXT];

        jf_doc_table_row(table);
        jf_doc_table_cell(table, 0, "%s", jf_result_text(one, "of"));
        jf_doc_table_cell(table, 1, "%s", jf_result_text(one, "term"));
        jf_doc_table_cell(table, 2, "%.0f", jf_result_number(one, "parameters"));
        for (size_t c = 0; c < 4; c++) {
            double value = numbers[c] ? jf_result_number(one, numbers[c]) : p;
            jf_doc_table_number(table, c + 3, value,
                                numbers[c] ? jf_show_number(text, value, 3) : jf_show_p(text, value));
        }
    }
}
