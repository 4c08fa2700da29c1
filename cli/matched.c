/* Matched scaling of a table of runs: throughput gain, efficiency and energy by strategy, and where
 * strategies cross. */
#include "cli/matched.h"

#include <math.h>
#include "cli/words.h"
#include "core/memory.h"
#include "proxies/scaling.h"
#include "reports/json_table.h"
#include "reports/result.h"

enum { DRAWS = 2000 };

static jf_status numbers(const jf_table *table, const char *name, const double **out, jf_error *err)
{
    const jf_column *column;
    jf_status status = jf_table_get(table, name, &column, err);

    if (status == JF_OK && column->kind != JF_NUMERIC)
        status = jf_fail(err, JF_EDATA, "column '%s' holds no numbers", name);
    if (status != JF_OK) {
        jf_error_prefix(err, "--matched (make a column with --let '%s = ...')", name);
        return status;
    }
    *out = column->values;
    return JF_OK;
}

static jf_status find_columns(const jf_table *table, const char *along, jf_scaling_input *in, jf_error *err)
{
    const jf_column *energy = jf_table_find(table, "energy");
    jf_status status = JF_OK;

    JF_TRY(numbers(table, "gpus", &in->gpus, err));
    JF_TRY(numbers(table, "tokens", &in->tokens, err));
    JF_TRY(numbers(table, "duration", &in->duration, err));
    JF_TRY(numbers(table, along ? along : "gpus", &in->along, err));
    JF_TRY(jf_table_get(table, "strategy", &in->strategy, err));
    if (in->strategy->kind != JF_LABEL)
        JF_TRY(jf_fail(err, JF_EDATA, "--matched: column 'strategy' holds numbers (--label strategy)"));
    in->energy = energy && energy->kind == JF_NUMERIC ? energy->values : NULL;
done:
    return status;
}

/* ---- JSON ---- */

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *cell_json(const jf_scaling_cell *c, const jf_column *strategy)
{
    return json_pack(
        "{s:s, s:f, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "strategy",
        strategy->levels[c->strategy], "gpus", c->gpus, "runs", (json_int_t)c->n_runs, "families",
        (json_int_t)c->n_families, "gain", number(c->gain.value), "gain_low", number(c->gain.low),
        "gain_high", number(c->gain.high), "efficiency", number(c->efficiency.value), "efficiency_low",
        number(c->efficiency.low), "efficiency_high", number(c->efficiency.high), "energy_per_token",
        number(c->energy.value), "energy_low", number(c->energy.low), "energy_high", number(c->energy.high));
}

static json_t *crossover_json(const jf_crossover *c, const jf_column *strategy)
{
    const char *above = c->ahead_above > 0   ? strategy->levels[c->a]
                        : c->ahead_above < 0 ? strategy->levels[c->b]
                                             : NULL;

    return json_pack("{s:s, s:s, s:I, s:I, s:o, s:o, s:o, s:s?, s:s}", "a", strategy->levels[c->a], "b",
                     strategy->levels[c->b], "pairs", (json_int_t)c->n_pairs, "families",
                     (json_int_t)c->n_families, "at", number(c->at.value), "at_low", number(c->at.low),
                     "at_high", number(c->at.high), "ahead_above", above, "state",
                     jf_crossing_names[c->state]);
}

static json_t *scaling_json(const jf_scaling *s, const jf_scaling_input *in, const char *families,
                            const char *along)
{
    json_t *cells = json_array(), *crossovers = json_array();

    for (size_t i = 0; i < s->n_cells; i++)
        json_array_append_new(cells, cell_json(&s->cells[i], in->strategy));
    for (size_t i = 0; i < s->n_crossovers; i++)
        json_array_append_new(crossovers, crossover_json(&s->crossovers[i], in->strategy));
    return json_pack("{s:s, s:i, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "joulefit", JF_VERSION,
                     "schema", 1, "family", families, "along", along ? along : "gpus", "multi_gpu_runs",
                     (json_int_t)s->n_multi, "matched_runs", (json_int_t)s->n_matched, "single_gpu_runs",
                     (json_int_t)s->n_singles, "draws", (json_int_t)in->draws, "seed", (json_int_t)in->seed,
                     "matched", cells, "crossovers", crossovers);
}

/* ---- the document ---- */

static void add_crossings(jf_doc *doc, const json_t *result)
{
    const json_t *one;
    size_t i;

    json_array_foreach(jf_result_at(result, "crossovers"), i, one)
    {
        const char *a = jf_result_text(one, "a"), *b = jf_result_text(one, "b"),
                   *state = jf_result_text(one, "state");
        const char *above = jf_result_text(one, "ahead_above"), *along = jf_result_text(result, "along");
        char at[JF_NUMBER_TEXT], low[JF_NUMBER_TEXT], high[JF_NUMBER_TEXT];
        size_t pairs = jf_result_count(one, "pairs");
        if (state[0] == 'n') {
            jf_doc_list_item(doc, "%s and %s (%zu pairs): which of them gains along %s cannot be told", a, b,
                             pairs, along);
            continue;
        }
        if (state[0] == 'f') {
            jf_doc_list_item(
                doc,
                "%s and %s (%zu pairs): %s is ahead wherever both were measured, and no crossing is "
                "near along %s",
                a, b, pairs, above, along);
            continue;
        }
        jf_number_short(at, jf_result_number(one, "at"), 3);
        jf_number_short(low, jf_result_number(one, "at_low"), 3);
        jf_number_short(high, jf_result_number(one, "at_high"), 3);
        jf_doc_list_item(
            doc, "%s and %s (%zu pairs): equal throughput at %s = %s (%s to %s)%s; above it %s is ahead", a,
            b, pairs, along, at, low, high, state[0] == 'o' ? ", beyond what was measured" : "", above);
    }
}

static jf_status scaling_doc(const json_t *result, jf_doc **out, jf_error *err)
{
    static const jf_json_column columns[] = {{"strategy", "strategy", JF_FORM_TEXT},
                                             {"gpus", "gpus", JF_FORM_COUNT},
                                             {"runs", "runs", JF_FORM_COUNT, .priority = 1},
                                             {"families", "families", JF_FORM_COUNT, .priority = 2},
                                             {"gain", "gain", JF_FORM_NUMBER},
                                             {"low", "gain_low", JF_FORM_NUMBER, .priority = 2},
                                             {"high", "gain_high", JF_FORM_NUMBER, .priority = 2},
                                             {"efficiency", "efficiency", JF_FORM_NUMBER},
                                             {"energy per token", "energy_per_token", JF_FORM_NUMBER},
                                             {"low ", "energy_low", JF_FORM_NUMBER, .priority = 1},
                                             {"high ", "energy_high", JF_FORM_NUMBER, .priority = 1},
                                             {NULL}};
    jf_doc *doc = jf_doc_new("Matched scaling");

    *out = NULL;
    if (!doc) return jf_fail(err, JF_ENOMEM, "out of memory for a report");
    jf_doc_field(doc, "runs",
                 "%zu of %zu runs on several GPUs matched with %zu single-GPU runs of their family (%s)",
                 jf_result_count(result, "matched_runs"), jf_result_count(result, "multi_gpu_runs"),
                 jf_result_count(result, "single_gpu_runs"), jf_result_text(result, "family"));
    jf_json_table(doc, "medians over matched runs; one GPU is 1", columns, jf_result_at(result, "matched"),
                  3);
    add_crossings(doc, result);
    jf_doc_field(doc, "gain",
                 "tokens a second, over the median of the family's single-GPU runs; efficiency: gain by GPU");
    jf_doc_field(doc, "energy", "per token, over the same runs'; below 1 several GPUs cost less");
    jf_doc_field(doc, "low, high", "95 %% intervals, families drawn anew %zu times",
                 jf_result_count(result, "draws"));
    *out = doc;
    return JF_OK;
}

jf_status jf_matched_show(const jf_session *session, const jf_runs *runs, const char *families,
                          const char *along, jf_error *err)
{
    jf_scaling_input in = {.table = runs->table,
                           .rows = runs->rows,
                           .n_rows = runs->n_rows,
                           .draws = DRAWS,
                           .seed = session->common.seed};
    jf_groups groups = {0};
    jf_scaling scaling = {0};
    jf_words names = {0};
    json_t *json = NULL;
    jf_doc *doc = NULL;
    jf_status status = JF_OK;

    JF_TRY(jf_words_split(families, &names, err));
    JF_TRY(jf_groups_by(runs->table, (const char *const *)names.items, names.n, &groups, err));
    JF_TRY(find_columns(runs->table, along, &in, err));
    in.families = &groups;
    JF_TRY(jf_scaling_run(&in, &scaling, err));
    json = scaling_json(&scaling, &in, families, along);
    JF_TRY_NEW(json, err, "the result");
    if (jf_session_wants(session, "json")) {
        JF_TRY(jf_session_write_json(session, json, err));
        goto done;
    }
    JF_TRY(scaling_doc(json, &doc, err));
    JF_TRY(jf_session_write_doc(session, doc, err));
done:
    jf_doc_free(doc);
    json_decref(json);
    jf_scaling_clear(&scaling);
    jf_groups_free(&groups);
    jf_words_free(&names);
    return status;
}
