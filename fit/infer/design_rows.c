/* Passes over the rows of a design. */
#include "fit/infer/design_rows.h"

#include <assert.h>
#include <math.h>
#include <string.h>
#include "core/expr/kernels.h"
#include "core/memory.h"
#include "fit/problem/loops.h"

enum { MOST_KEPT = 1 << 17 }; /* numbers: one megabyte */

/* The rows at hand. */
typedef struct block {
    double *memory;                   /* p columns of JF_DESIGN_ROWS; NULL where rows are kept */
    double **by_parameter, **ordered; /* p each: where columns lie */
} block;

static void block_clear(block *b)
{
    jf_free(b->memory);
    jf_free(b->by_parameter);
}

static jf_status block_new(const jf_design *design, block *b, jf_error *err)
{
    size_t p = design->p;

    if (!design->kept) b->memory = JF_NEW_ARRAY(double, (p + 1) * JF_DESIGN_ROWS);
    b->by_parameter = JF_NEW_ARRAY(double *, 2 * p + 1);
    if ((!b->memory && !design->kept) || !b->by_parameter) {
        block_clear(b);
        return jf_fail(err, JF_ENOMEM, "out of memory for rows of the Jacobian");
    }
    b->ordered = b->by_parameter + p;
    return JF_OK;
}

static void aim(const jf_design *design, size_t row, block *b)
{
    for (size_t j = 0; j < design->p; j++)
        b->by_parameter[j] =
            design->kept ? design->kept + j * design->stride + row : b->memory + j * JF_DESIGN_ROWS;
    for (size_t a = 0; a < design->p; a++) b->ordered[a] = b->by_parameter[design->order[a]];
}

/* Works n rows up from one stage to another. */
static void work_up(const jf_design *design, jf_row_stage from, jf_row_stage to, size_t row, size_t n,
                    const block *b)
{
    const jf_loops *loops = jf_loops_active();
    const double *weight = design->weight ? design->weight + row : NULL;

    for (size_t j = 0; j < design->p && from < JF_ROWS_SCALED && to >= JF_ROWS_SCALED; j++)
        loops->scale(n, b->by_parameter[j], weight, design->length[j] > 0 ? 1 / design->length[j] : 1,
                     b->by_parameter[j]);
    if (from < JF_ROWS_FIRST && to >= JF_ROWS_FIRST) loops->unmix(n, design->rank, b->ordered, design->first);
    if (from < JF_ROWS_Q && to >= JF_ROWS_Q && !design->once)
        loops->unmix(n, design->rank, b->ordered, design->second);
}

static void fetch(const jf_design *design, jf_row_stage stage, size_t row, size_t n, const block *b)
{
    design->source.fetch(design->source.context, row, n, b->by_parameter);
    work_up(design, JF_ROWS_RAW, stage, row, n, b);
    for (size_t j = 0; j < design->p && n % JF_LANES; j++)
        memset(b->by_parameter[j] + n, 0, (JF_LANES - n % JF_LANES) * sizeof(double));
}

static size_t rows_from(const jf_design *design, size_t row)
{
    return design->n - row < JF_DESIGN_ROWS ? design->n - row : JF_DESIGN_ROWS;
}

jf_status jf_design_pass(const jf_design *design, jf_row_stage stage, jf_design_work work, void *context,
                         jf_error *err)
{
    jf_status status = JF_OK;
    block b = {0};

    assert(!design->kept || design->stage == stage);
    JF_TRY(block_new(design, &b, err));
    for (size_t row = 0; row < design->n; row += JF_DESIGN_ROWS) {
        size_t n = rows_from(design, row);

        aim(design, row, &b);
        if (!design->kept) fetch(design, stage, row, n, &b);
        work(context, row, n, (const double *const *)(stage == JF_ROWS_RAW ? b.by_parameter : b.ordered));
    }
    block_clear(&b);
done:
    return status;
}

jf_status jf_design_visit(const jf_design *design, jf_design_work work, void *context, jf_error *err)
{
    return jf_design_pass(design, JF_ROWS_Q, work, context, err);
}

jf_status jf_design_advance(jf_design *design, jf_row_stage stage, jf_error *err)
{
    jf_status status = JF_OK;
    block b = {0};

    if (!design->kept) return JF_OK;
    JF_TRY(block_new(design, &b, err));
    for (size_t row = 0; row < design->n; row += JF_DESIGN_ROWS) {
        aim(design, row, &b);
        work_up(design, design->stage, stage, row, rows_from(design, row), &b);
    }
    design->stage = stage;
    block_clear(&b);
done:
    return status;
}

jf_status jf_design_keep(jf_design *design, jf_error *err)
{
    jf_status status = JF_OK;
    block b = {0};

    design->stride = (design->n + JF_LANES - 1) / JF_LANES * JF_LANES;
    if (design->stride * design->p > MOST_KEPT) return JF_OK;
    design->kept = JF_NEW_ZEROED(double, design->stride * design->p + 1);
    JF_TRY_NEW(design->kept, err, "the Jacobian");
    JF_TRY(block_new(design, &b, err));
    for (size_t row = 0; row < design->n; row += JF_DESIGN_ROWS) {
        aim(design, row, &b);
        design->source.fetch(design->source.context, row, rows_from(design, row), b.by_parameter);
    }
    block_clear(&b);
done:
    return status;
}
