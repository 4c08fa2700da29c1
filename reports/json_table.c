/* Tables of JSON objects. */
#include "reports/json_table.h"

#include <math.h>
#include "reports/number.h"
#include "reports/result.h"

static jf_align align_of(jf_form form)
{
    return form == JF_FORM_TEXT || form == JF_FORM_FLAG || form == JF_FORM_WORDS ? JF_LEFT : JF_RIGHT;
}

static void add_interval(jf_doc_table *table, size_t place, const jf_json_column *column,
                         const json_t *object, int digits)
{
    double low = jf_result_number(object, column->key), high = jf_result_number(object, column->upper);
    double error = jf_result_number(object, "std_error");
    char low_text[JF_NUMBER_TEXT], high_text[JF_NUMBER_TEXT];

    if (isnan(low) && isnan(high))
        jf_doc_table_cell(table, place, "-");
    else
        jf_doc_table_interval(table, place, low, high, jf_show_estimate(low_text, low, error, digits),
                              jf_show_estimate(high_text, high, error, digits));
}

static const char *show_statistic(char *text, double t)
{
    if (fabs(t) >= 1e5) return jf_show_number(text, t, 3);
    return jf_show_fixed(text, t, fabs(t) < 100 ? 2 : 0);
}

static const char *show(char *text, jf_form form, double value, double error, int digits)
{
    switch (form) {
    case JF_FORM_COUNT: return jf_show_fixed(text, value, 0);
    case JF_FORM_ESTIMATE: return jf_show_estimate(text, value, error, digits);
    case JF_FORM_ERROR: return jf_show_error(text, value);
    case JF_FORM_T: return show_statistic(text, value);
    case JF_FORM_P: return jf_show_p(text, value);
    default: return jf_show_number(text, value, digits);
    }
}

static void add_pair(jf_doc_table *table, size_t place, double first, double second)
{
    if (isfinite(first) && isfinite(second))
        jf_doc_table_cell(table, place, "%g, %g", first, second);
    else if (isfinite(first))
        jf_doc_table_cell(table, place, "%g", first);
}

static void add_words(jf_doc_table *table, size_t place, const jf_json_column *column, const char *text)
{
    jf_text words = {0};

    if (*text) column->words(&words, text);
    jf_doc_table_words(table, place, jf_table_words(table, &words), "%s", text);
    jf_text_free(&words);
}

static void add_cell(jf_doc_table *table, size_t place, const jf_json_column *column, const json_t *object,
                     int digits)
{
    double value = jf_result_number(object, column->key);
    char text[JF_NUMBER_TEXT];

    if (column->digits) digits = column->digits;
    switch (column->form) {
    case JF_FORM_TEXT: jf_doc_table_cell(table, place, "%s", jf_result_text(object, column->key)); break;
    case JF_FORM_FLAG:
        jf_doc_table_cell(table, place, "%s", jf_result_flag(object, column->key) ? "yes" : "");
        break;
    case JF_FORM_WORDS: add_words(table, place, column, jf_result_text(object, column->key)); break;
    case JF_FORM_INTERVAL: add_interval(table, place, column, object, digits); break;
    case JF_FORM_PAIR: add_pair(table, place, value, jf_result_number(object, column->upper)); break;
    default:
        jf_doc_table_number(table, place, value,
                            show(text, column->form, value, jf_result_number(object, "std_error"), digits));
    }
}

void jf_json_table_columns(jf_doc_table *table, const jf_json_column *columns)
{
    for (; columns->title; columns++)
        jf_doc_table_column(table, columns->title, align_of(columns->form), columns->priority);
}

void jf_json_table_row(jf_doc_table *table, const jf_json_column *columns, const json_t *object, int digits)
{
    jf_doc_table_row(table);
    jf_json_table_cells(table, 0, columns, object, digits);
}

void jf_json_table_cells(jf_doc_table *table, size_t from, const jf_json_column *columns,
                         const json_t *object, int digits)
{
    for (size_t c = 0; columns[c].title; c++) add_cell(table, from + c, &columns[c], object, digits);
}

jf_doc_table *jf_json_table(jf_doc *doc, const char *caption, const jf_json_column *columns,
                            const json_t *list, int digits)
{
    const json_t *object;
    jf_doc_table *table;
    size_t i;

    if (json_array_size(list) == 0) return NULL;
    table = jf_doc_add_table(doc, caption);
    jf_json_table_columns(table, columns);
    json_array_foreach((json_t *)list, i, object) jf_json_table_row(table, columns, object, digits);
    return table;
}
