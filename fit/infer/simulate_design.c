/* The design of simulated studies: the columns and rows that are needed, a response for each, and the law
 * bound to them. */
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "fit/infer/simulate_parts.h"

/* ---- the design's columns ---- */

static void need(void *context, const jf_ast *node, const char *name, bool is_level_column)
{
    jf_truth_builder *b = context;

    (void)node, (void)is_level_column;
    if (jf_grow((void **)&b->names, &b->capacity, b->n_names + 1, sizeof *b->names))
        b->names[b->n_names++] = name;
    else
        b->failed = true;
}

static void first_name(void *context, const jf_ast *node, const char *name, bool is_level_column)
{
    (void)node, (void)is_level_column;
    if (!*(const char **)context) *(const char **)context = name;
}

static jf_status read_expression(const char *what, const char *text, jf_ast **out, jf_error *err)
{
    *out = NULL;
    return text ? jf_ast_read(what, text, out, err) : JF_OK;
}

/* Groups of some rows, numbered anew in their order. */
static jf_status take_groups(const jf_groups *from, const size_t *rows, size_t n, jf_groups *out,
                             jf_error *err)
{
    jf_status status = JF_OK;
    uint32_t *number = JF_NEW_ZEROED(uint32_t, from->n_groups);
    jf_groups made = {.n_rows = n, .group = JF_NEW_ARRAY(uint32_t, n)};

    JF_TRY_NEW(number && made.group, err, "groups");
    for (size_t i = 0; i < n; i++) {
        uint32_t group = from->group[rows[i]];
        if (!number[group]) number[group] = (uint32_t)++made.n_groups;
        made.group[i] = number[group] - 1;
    }
    *out = made;
    made.group = NULL;
done:
    jf_free(number);
    jf_free(made.group);
    return status;
}

/* The columns that the law, its weights and others read, for the chosen rows. */
jf_status jf_truth_take_columns(jf_truth_builder *b, jf_error *err)
{
    jf_status status = JF_OK;
    const char *raw = b->fit->response;
    jf_ast *trees[3] = {0};
    size_t *rows = b->truth->rows = JF_NEW_ARRAY(size_t, b->n_rows);

    if (!raw) jf_ast_names(b->law->response, first_name, &raw);
    if (!raw) return jf_fail(err, JF_EUSAGE, "law '%s': no column stands on its left side", b->law->name);
    b->raw = jf_copy_text(raw);
    JF_TRY_NEW(b->raw && rows, err, "a design");
    for (size_t i = 0; i < b->n_rows; i++) rows[i] = b->rows ? b->rows[i] : i;
    JF_TRY(read_expression("--weights", b->fit->weights, &trees[0], err));
    JF_TRY(read_expression("--sigma", b->fit->sigma, &trees[1], err));
    JF_TRY(read_expression("--scatter", b->options->scatter, &trees[2], err));
    jf_ast_names(b->law->response, need, b);
    jf_ast_names(b->law->formula, need, b);
    for (size_t i = 0; i < b->law->n_inputs; i++) need(b, NULL, b->law->inputs[i].name, false);
    for (size_t t = 0; t < 3; t++)
        if (trees[t]) jf_ast_names(trees[t], need, b);
    for (size_t i = 0; b->options->also && b->options->also[i]; i++)
        need(b, NULL, b->options->also[i], false);
    JF_TRY_NEW(!b->failed, err, "a design");
    JF_TRY(jf_table_extract(b->table, b->names, b->n_names, rows, b->n_rows, &b->truth->table, err));
    if (b->groups) JF_TRY(take_groups(b->groups, rows, b->n_rows, &b->truth->groups, err));
done:
    for (size_t t = 0; t < 3; t++) jf_ast_free(trees[t]);
    return status;
}

/* ---- the response ---- */

jf_status jf_truth_read_measured(jf_truth_builder *b, jf_error *err)
{
    const jf_column *found = jf_table_find(b->truth->table, b->raw);

    if (found && found->kind != JF_NUMERIC)
        return jf_fail(err, JF_EDATA, "column '%s': expected numbers, found labels", b->raw);
    b->measured = JF_NEW_ARRAY(double, b->n_rows);
    if (!b->measured) return jf_fail(err, JF_ENOMEM, "out of memory for a design");
    for (size_t i = 0; i < b->n_rows; i++) b->measured[i] = found ? found->values[i] : NAN;
    return JF_OK;
}

size_t jf_truth_first_measured(const jf_truth_builder *b)
{
    size_t i = 0;

    while (i < b->truth->table->n_rows && isnan(b->measured[i])) i++;
    return i;
}

jf_status jf_truth_set_response(jf_truth_builder *b, double filler, jf_error *err)
{
    jf_status status = JF_OK;
    size_t n = b->truth->table->n_rows;
    const jf_column *old = jf_table_find(b->truth->table, b->raw);
    jf_column column = {
        .known = JF_POST_RUN, .name = jf_copy_text(b->raw), .values = JF_NEW_ARRAY(double, n)};

    JF_TRY_NEW(column.name && column.values, err, "a design");
    if (old) memcpy(column.unit, old->unit, sizeof column.unit);
    for (size_t i = 0; i < n; i++) column.values[i] = isnan(b->measured[i]) ? filler : b->measured[i];
    JF_TRY(jf_table_add(b->truth->table, &column, true, err));
done:
    jf_column_clear(&column);
    return status;
}

double jf_truth_any_response(const jf_truth_builder *b)
{
    size_t i = jf_truth_first_measured(b);

    return i < b->truth->table->n_rows ? b->measured[i] : 0.5;
}

/* Leaves only the rows that were bound. */
static jf_status keep_bound(jf_truth_builder *b, jf_error *err)
{
    jf_status status = JF_OK;
    jf_truth *truth = b->truth;
    const size_t *rows = truth->problem->rows;
    jf_groups kept = {0};

    if (truth->groups.n_groups) {
        JF_TRY(take_groups(&truth->groups, rows, truth->problem->n, &kept, err));
        jf_groups_free(&truth->groups);
        truth->groups = kept;
    }
    for (size_t i = 0; i < truth->problem->n; i++) {
        b->measured[i] = b->measured[rows[i]];
        truth->rows[i] = truth->rows[rows[i]];
    }
    JF_TRY(jf_table_keep(truth->table, rows, truth->problem->n, err));
done:
    return status;
}

jf_status jf_truth_bind(jf_truth_builder *b, jf_error *err)
{
    jf_status status = JF_OK;
    jf_truth *truth = b->truth;

    JF_TRY(jf_truth_set_response(b, jf_truth_any_response(b), err));
    for (int pass = 0; pass < 2; pass++) {
        jf_problem_free(truth->problem);
        truth->problem = NULL;
        JF_TRY(jf_problem_build(b->law, truth->table, NULL, 0, b->fit, pass ? NULL : b->warnings,
                                &truth->problem, err));
        if (truth->problem->n == truth->table->n_rows) break;
        JF_TRY(keep_bound(b, err));
    }
    JF_TRY(jf_problem_part_from_table(truth->problem, err)); /* responses are drawn into the table */
    truth->n = truth->problem->n;
    if (truth->problem->weight && truth->problem->weights_kind == JF_WEIGHTS_FREQUENCY)
        status =
            jf_fail(err, JF_EUSAGE, "simulate draws one run a row: frequency weights have no place there");
done:
    return status;
}
