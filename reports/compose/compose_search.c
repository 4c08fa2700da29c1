/* What a search for a law went through: the number that chose the law beside the number that is reported for
 * it. */
#include <string.h>

#include "reports/json_table.h"
#include "reports/number.h"
#include "reports/plan_words.h"
#include "reports/result.h"

static void add_redone(jf_doc *doc, const json_t *search)
{
    const json_t *outer;
    size_t i;

    json_array_foreach(jf_result_at(search, "redone_in"), i, outer)
    {
        char score[JF_NUMBER_TEXT];
        jf_text name = {0};
        size_t redone = jf_result_count(outer, "redone");
        if (redone == 0) continue;
        jf_plan_short(&name, jf_result_text(outer, "plan"));
        jf_doc_field(doc, jf_doc_words(doc, &name),
                     "%s: what the search chose anew inside %zu training part%s, tested "
                     "beside it",
                     jf_show_number(score, jf_result_number(outer, "score"), 3), redone,
                     redone == 1 ? "" : "s");
        jf_text_free(&name);
    }
}

void jf_compose_search(jf_doc *doc, const json_t *comparison, bool brief)
{
    static const jf_json_column terms[] = {{"term", "term", JF_FORM_TEXT},
                                           {"k", "parameters", JF_FORM_COUNT, .priority = 1},
                                           {"in the law", "in_law", JF_FORM_FLAG},
                                           {"chosen anew", "chosen", JF_FORM_NUMBER},
                                           {NULL}};
    static const jf_json_column top[] = {{"terms", "terms", JF_FORM_TEXT},
                                         {"k", "parameters", JF_FORM_COUNT, .priority = 1},
                                         {"score", "score", JF_FORM_NUMBER},
                                         {"chosen", "chosen", JF_FORM_FLAG},
                                         {NULL}};
    const json_t *search = jf_result_at(comparison, "search");
    char score[JF_NUMBER_TEXT];
    size_t n = jf_result_count(search, "laws");

    if (!json_is_object(search)) return;
    jf_doc_heading(doc, 2, "Search");
    jf_doc_code(doc, jf_result_text(search, "formula"));
    jf_doc_field(doc, "tried",
                 "%zu laws of %zu terms by %s%s; taken: the fewest parameters within one corrected "
                 "standard error of the lowest",
                 n, json_array_size(jf_result_at(search, "terms")), jf_result_text(search, "plan"),
                 jf_result_flag(search, "exhaustive") ? ", every one" : ", terms added and dropped in turn");
    jf_doc_field(doc, "chose it", "%s: the error that the law was chosen by, which flatters it",
                 jf_show_number(score, jf_result_number(search, "score"), 3));
    add_redone(doc, search);
    jf_json_table(doc, "how often each term was chosen anew, as a share of these searches", terms,
                  jf_result_at(search, "terms"), 3);
    if (!brief) jf_json_table(doc, "the laws that came nearest", top, jf_result_at(search, "top"), 3);
}
