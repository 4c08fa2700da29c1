/* What stands beside the ranking of a comparison: tests between its laws, and trees among its baselines. */
#include <string.h>
#include "reports/json_table.h"
#include "reports/plan_words.h"
#include "reports/ranking.h"

/* Which trees stand among the baselines, or why there are none; results of before say nothing. */
void jf_compose_tree_words(jf_doc *doc, const json_t *comparison)
{
    const char *state = jf_result_text(comparison, "trees.state");
    const char *library = jf_result_text(comparison, "trees.library");

    if (!strcmp(state, "grown"))
        jf_doc_field(
            doc, "trees",
            "boosted trees and a random forest by %s, of the columns that the laws read and that are "
            "known before a run; k is the number of their leaves; they have no intervals",
            library);
    else if (!strcmp(state, "no_library"))
        jf_doc_field(doc, "trees", "no boosted trees or forest among the baselines: %s", library);
    else if (!strcmp(state, "no_features"))
        jf_doc_field(doc, "trees",
                     "no boosted trees or forest among the baselines: the laws read no column that is known "
                     "before a run and differs between runs");
}

static bool any_nested(const json_t *tests)
{
    for (size_t i = 0; i < json_array_size(tests); i++)
        if (*jf_result_text(json_array_get(tests, i), "nested")) return true;
    return false;
}

/* "corrected t" of "corrected_t". */
static void test_in_words(jf_text *out, const char *kind)
{
    static const char *const words[][2] = {{"corrected_t", "corrected t"},
                                           {"vuong", "Vuong"},
                                           {"vuong_cluster", "Vuong, groups"},
                                           {"nested_f", "F"},
                                           {"likelihood_ratio", "likelihood ratio"}};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i][0], kind) == 0) kind = words[i][1];
    jf_text_add(out, kind);
}

void jf_compose_law_tests(jf_doc *doc, const json_t *tests)
{
    bool nested = any_nested(tests);
    const jf_json_column columns[] = {{"kind", "kind", JF_FORM_WORDS, .words = test_in_words},
                                      {"plan", "plan", JF_FORM_WORDS, .priority = 3, .words = jf_plan_short},
                                      {"metric", "metric", JF_FORM_TEXT, .priority = 4},
                                      {"a", "a", JF_FORM_TEXT},
                                      {"b", "b", JF_FORM_TEXT},
                                      {"statistic", "statistic", JF_FORM_NUMBER, .priority = 2},
                                      {"p", "p_value", JF_FORM_P, .priority = 1},
                                      {"p adjusted", "p_adjusted", JF_FORM_P},
                                      {nested ? "nested" : NULL, "nested", JF_FORM_TEXT, .priority = 1},
                                      {NULL}};

    jf_json_table(doc, "Tests between laws", columns, tests, 3);
    if (nested)
        jf_doc_paragraph(
            doc,
            "Nested: law a is law b with parameters fixed or tied. Seen by span: both are linear, and the "
            "columns of a lie in the span of those of b. By curve: b reaches the predictions of a, at its "
            "fit and at two points beside it, and has its derivatives there. At an edge: only at a bound "
            "of b, or where a parameter of b changes nothing, and no F or likelihood ratio test holds. For "
            "laws that are not linear F is approximate.");
}
