/* Goals of a next measurement: gradients of what is to be known better. */
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "fit/infer/design_parts.h"
#include "fit/infer/derive.h"

void jf_goal_clear(jf_goal *goal)
{
    jf_free(goal->name);
    jf_free(goal->gradients);
    *goal = (jf_goal){0};
}

jf_status jf_goal_quantity(const jf_fit *fit, const jf_law *law, const char *expression, jf_goal *out,
                           jf_error *err)
{
    jf_status status = JF_OK;
    jf_ast *ast = NULL;
    double value;

    *out = (jf_goal){.name = jf_copy_text(expression), .n = 1, .k = fit->n_theta};
    out->gradients = JF_NEW_ZEROED(double, fit->n_theta);
    JF_TRY_NEW(out->name && out->gradients, err, "a goal");
    JF_TRY(jf_ast_read("--goal", expression, &ast, err));
    JF_TRY(
        jf_derive("--goal", ast, law, fit->problem->formula, fit->theta, NULL, &value, out->gradients, err));
done:
    jf_ast_free(ast);
    if (status != JF_OK) jf_goal_clear(out);
    return status;
}

jf_status jf_design_rows(const jf_fit *fit, const jf_table *table, const size_t *rows, size_t n,
                         jf_design_slopes *out, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_formula *formula = fit->problem->formula;
    jf_columns columns = jf_table_columns(table);
    jf_inputs *inputs = NULL;
    jf_arena *arena = NULL;

    *out = (jf_design_slopes){.n = n, .k = fit->n_theta};
    out->value = JF_NEW_ARRAY(double, n);
    out->jacobian = JF_NEW_ARRAY(double, n * out->k);
    out->usable = JF_NEW_ZEROED(bool, n);
    JF_TRY_NEW(out->value && out->jacobian && out->usable, err, "candidates");
    JF_TRY(jf_inputs_build(formula, &columns, rows, n, fit->learned, &inputs, err));
    JF_TRY(jf_arena_new(formula, JF_GRADIENT, &arena, err));
    jf_formula_jacobian(formula, inputs, arena, fit->theta, out->value, out->jacobian, n);
    for (size_t i = 0; i < n; i++) {
        out->usable[i] = !jf_inputs_row_missing(inputs, i) && isfinite(out->value[i]);
        for (size_t j = 0; j < out->k; j++)
            out->usable[i] = out->usable[i] && isfinite(out->jacobian[j * n + i]);
    }
done:
    jf_arena_free(arena);
    jf_inputs_free(inputs);
    if (status != JF_OK) jf_design_slopes_clear(out);
    return status;
}

void jf_design_slopes_clear(jf_design_slopes *slopes)
{
    jf_free(slopes->value);
    jf_free(slopes->jacobian);
    jf_free(slopes->usable);
    *slopes = (jf_design_slopes){0};
}

jf_status jf_goal_predictions(const jf_fit *fit, const char *name, const jf_table *table, const size_t *rows,
                              size_t n_rows, jf_goal *out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_design_slopes slopes = {0};
    size_t n = rows ? n_rows : table->n_rows;

    *out = (jf_goal){.name = jf_copy_text(name), .n = n, .k = fit->n_theta};
    out->gradients = JF_NEW_ARRAY(double, n * fit->n_theta);
    JF_TRY_NEW(out->name && out->gradients, err, "a goal");
    JF_TRY(jf_design_rows(fit, table, rows, n, &slopes, err));
    for (size_t i = 0; i < n; i++) {
        if (!slopes.usable[i]) {
            status =
                jf_fail(err, JF_EDATA,
                        "--goal '%s': the law has no prediction there: a value that it reads is missing, or "
                        "a level that it never saw",
                        name);
            goto done;
        }
        for (size_t j = 0; j < out->k; j++) out->gradients[i * out->k + j] = slopes.jacobian[j * n + i];
    }
done:
    jf_design_slopes_clear(&slopes);
    if (status != JF_OK) jf_goal_clear(out);
    return status;
}

jf_status jf_goal_everything(jf_goal *out, jf_error *err)
{
    *out = (jf_goal){.name = jf_copy_text("d")};
    return out->name ? JF_OK : jf_fail(err, JF_ENOMEM, "out of memory for a goal");
}
