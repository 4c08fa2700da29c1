/* What 'joulefit verify' found: what has changed, and the numbers that moved. */
#include <math.h>
#include <string.h>
#include "reports/compose/compose.h"
#include "reports/number.h"
#include "reports/result.h"

enum { MOST_SHOWN = 25 }; /* of one analysis */
enum { SHOWN_DIGITS = 8 };

static const char *show(const json_t *value, char *text)
{
    if (json_is_string(value)) return json_string_value(value);
    if (json_is_boolean(value)) return json_is_true(value) ? "true" : "false";
    return json_is_number(value) ? jf_show_plain(text, json_number_value(value), SHOWN_DIGITS) : "none";
}

/* "2.5 standard errors" */
static void add_distance(jf_doc_table *table, const json_t *one)
{
    const char *measure = jf_result_text(one, "measure");
    double by = jf_result_number(one, "by");
    char text[JF_NUMBER_TEXT];

    if (!isfinite(by)) return;
    jf_doc_table_cell(table, 3, "%s%s", jf_show_number(text, by, 2),
                      !strcmp(measure, "std_error")  ? " standard errors"
                      : !strcmp(measure, "relative") ? " of its size"
                                                     : "");
}

/* Do both paths begin with the same analysis? */
static bool same_analysis(const char *a, const char *b)
{
    size_t length = strcspn(a, ".");

    return length == strcspn(b, ".") && strncmp(a, b, length) == 0;
}

/* The first few of each analysis; returns their number. */
static size_t add_numbers(jf_doc *doc, const json_t *moved)
{
    jf_doc_table *table;
    const char *analysis = "";
    size_t i, n_of_analysis = 0, n_shown = 0;
    const json_t *one;

    if (json_array_size(moved) == 0) return 0;
    table = jf_doc_add_table(doc, "Numbers that moved");
    jf_doc_table_column(table, "number", JF_LEFT, 0);
    jf_doc_table_column(table, "was", JF_RIGHT, 0);
    jf_doc_table_column(table, "is", JF_RIGHT, 0);
    jf_doc_table_column(table, "by", JF_RIGHT, 1);
    json_array_foreach((json_t *)moved, i, one)
    {
        const char *path = jf_result_text(one, "number");
        char text[JF_NUMBER_TEXT];
        if (!same_analysis(path, analysis)) n_of_analysis = 0;
        analysis = path;
        if (n_of_analysis++ >= MOST_SHOWN) continue;
        n_shown++;
        jf_doc_table_row(table);
        jf_doc_table_cell(table, 0, "%s", path);
        jf_doc_table_cell(table, 1, "%s", show(json_object_get(one, "was"), text));
        jf_doc_table_cell(table, 2, "%s",
                          jf_result_at(one, "gone") ? "not there" : show(json_object_get(one, "is"), text));
        add_distance(table, one);
    }
    return n_shown;
}

jf_status jf_compose_verified(const json_t *verified, jf_doc **out, jf_error *err)
{
    const json_t *changed = jf_result_at(verified, "changed"), *moved = jf_result_at(verified, "moved"), *one;
    const char *title = jf_result_text(verified, "title");
    jf_status status = JF_OK;
    jf_doc *doc = jf_doc_new(*title ? title : "Study");
    char tolerance[JF_NUMBER_TEXT];
    size_t i, n_shown;

    *out = NULL;
    JF_TRY_NEW(doc, err, "a comparison");
    json_array_foreach((json_t *)changed, i, one)
        jf_doc_list_item(doc, "%s: %s", jf_result_text(one, "what"), jf_result_text(one, "how"));
    n_shown = add_numbers(doc, moved);
    jf_doc_field(doc, "compared", "%zu numbers and texts", jf_result_count(verified, "compared"));
    if (json_array_size(moved) > n_shown)
        jf_doc_field(doc, "moved", "%zu, of which %zu are listed", json_array_size(moved), n_shown);
    else
        jf_doc_field(doc, "moved", "%zu", n_shown);
    if (jf_result_count(verified, "new"))
        jf_doc_field(doc, "new", "%zu that were not there", jf_result_count(verified, "new"));
    jf_doc_field(doc, "tolerance", "%s standard errors, or of a number's size where it has none",
                 jf_show_plain(tolerance, jf_result_number(verified, "tolerance"), 6));
    JF_TRY(jf_doc_check(doc, err));
    *out = doc;
    doc = NULL;
done:
    jf_doc_free(doc);
    return status;
}
