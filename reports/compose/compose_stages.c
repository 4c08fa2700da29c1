/* First stages: how well each predicts its column, and what the prediction is worth to the laws that read it.
 */
#include <string.h>

#include "reports/number.h"
#include "reports/plan_words.h"
#include "reports/ranking.h"

static void add_stages(jf_doc *doc, const json_t *stages)
{
    const json_t *stage;
    size_t i;

    json_array_foreach(stages, i, stage)
    {
        char r2[JF_NUMBER_TEXT], rmse[JF_NUMBER_TEXT];
        jf_doc_code(doc, jf_result_text(stage, "formula"));
        jf_doc_field(doc, jf_result_text(stage, "column"),
                     "predicted without the group of the row%s: R2 %s, typical "
                     "error %s",
                     jf_result_flag(stage, "post_run") ? " from what is known only after it" : "",
                     jf_show_number(r2, jf_result_number(stage, "r2"), 3),
                     jf_show_number(rmse, jf_result_number(stage, "rmse"), 3));
    }
}

/* The score of the law that stands beside `name` as `variant`; NaN without. */
static double variant_score(const jf_ranked *all, const char *name, const char *variant, size_t plan)
{
    for (size_t i = 0; i < all->n; i++)
        if (strcmp(jf_result_text(all->candidates[i], "variant"), variant) == 0 &&
            strcmp(jf_result_text(all->candidates[i], "variant_of"), name) == 0)
            return jf_ranked_score(jf_ranked_validation(all, i, plan), all->metric);
    return jf_result_number(NULL, "");
}

static void add_row(jf_doc_table *table, const jf_ranked *all, size_t i, size_t plan)
{
    const char *name = jf_result_text(all->candidates[i], "law.name");
    double scores[3] = {variant_score(all, name, "without", plan),
                        jf_ranked_score(jf_ranked_validation(all, i, plan), all->metric),
                        variant_score(all, name, "measured", plan)};
    jf_text words = {0};

    jf_plan_short(&words, jf_result_text(json_array_get(all->plans, plan), "plan"));
    jf_doc_table_row(table);
    jf_doc_table_cell(table, 0, "%s", name);
    jf_doc_table_cell(table, 1, "%s", jf_table_words(table, &words));
    for (size_t c = 0; c < 3; c++) {
        char text[JF_NUMBER_TEXT];
        jf_doc_table_number(table, c + 2, scores[c], jf_show_number(text, scores[c], 3));
    }
    jf_text_free(&words);
}

void jf_compose_stages(jf_doc *doc, const jf_ranked *all)
{
    const json_t *stages = jf_result_at(all->comparison, "stages");
    jf_doc_table *table;

    if (json_array_size(stages) == 0) return;
    jf_doc_heading(doc, 2, "First stages");
    add_stages(doc, stages);
    table =
        jf_doc_add_table(doc, "score without the column, with its prediction, and with what was measured");
    jf_doc_table_column(table, "law", JF_LEFT, 0);
    jf_doc_table_column(table, "held out", JF_LEFT, 0);
    jf_doc_table_column(table, "without", JF_RIGHT, 0);
    jf_doc_table_column(table, "predicted", JF_RIGHT, 0);
    jf_doc_table_column(table, "measured", JF_RIGHT, 0);
    for (size_t i = 0; i < all->n; i++) {
        if (strcmp(jf_result_text(all->candidates[i], "variant"), "predicted") != 0) continue;
        if (jf_result_flag(all->candidates[i], "baseline")) continue;
        for (size_t p = 0; p < json_array_size(all->plans); p++) add_row(table, all, i, p);
    }
    jf_doc_paragraph(
        doc, "A prediction that does no better than the law without the column adds nothing that the "
             "configuration does not say; what the measured column adds beyond that is known only after the "
             "run.");
}
