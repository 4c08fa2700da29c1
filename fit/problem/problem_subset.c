/* The same law on some of its rows. */
#include <string.h>
#include "core/memory.h"
#include "fit/problem/problem.h"

static double *gather(const double *from, const size_t *index, size_t n)
{
    double *to = JF_NEW_ARRAY(double, n);

    for (size_t i = 0; to && i < n; i++) to[i] = from[index[i]];
    return to;
}

static void *copy_array(const void *from, size_t n, size_t size)
{
    void *to = jf_alloc(n, size);

    if (to && n) memcpy(to, from, n * size);
    return to;
}

static bool gather_rows(jf_problem *part, const jf_problem *whole, const size_t *index, size_t n)
{
    part->n = n;
    part->rows = JF_NEW_ARRAY(size_t, n);
    for (size_t i = 0; part->rows && i < n; i++) part->rows[i] = jf_problem_row(whole, index[i]);
    part->response = gather(whole->response, index, n);
    part->log_slope = whole->log_slope ? gather(whole->log_slope, index, n) : NULL;
    part->raw = whole->raw == whole->response ? part->response : gather(whole->raw, index, n);
    part->weight = whole->weight ? gather(whole->weight, index, n) : NULL;
    return part->rows && part->response && (part->log_slope || !whole->log_slope) && part->raw &&
           (part->weight || !whole->weight);
}

static bool copy_parameters(jf_problem *part, const jf_problem *whole)
{
    size_t k = whole->k;

    part->k = k;
    part->lower = copy_array(whole->lower, k, sizeof(double));
    part->upper = copy_array(whole->upper, k, sizeof(double));
    part->fixed = copy_array(whole->fixed, k, sizeof(bool));
    part->start = copy_array(whole->start, k, sizeof(double));
    part->range_low = copy_array(whole->range_low, k, sizeof(double));
    part->range_high = copy_array(whole->range_high, k, sizeof(double));
    part->log_range = copy_array(whole->log_range, k, sizeof(bool));
    return part->lower && part->upper && part->fixed && part->start && part->range_low && part->range_high &&
           part->log_range;
}

jf_status jf_problem_subset(const jf_problem *whole, const size_t *index, size_t n, jf_problem **out,
                            jf_error *err)
{
    jf_status status = JF_OK;
    jf_problem *part = JF_NEW(jf_problem);

    *out = NULL;
    JF_TRY_NEW(part, err, "a part of the rows");
    part->shares = true;
    part->law = whole->law;
    part->formula = whole->formula;
    part->transform = whole->transform;
    part->error = whole->error;
    part->weights_kind = whole->weights_kind;
    part->threads = whole->threads;
    JF_TRY_NEW(gather_rows(part, whole, index, n) && copy_parameters(part, whole) ? part : NULL, err,
               "a part of the rows");
    JF_TRY(jf_inputs_subset(whole->formula, whole->inputs, index, n, NULL, &part->inputs, err));
    *out = part;
    part = NULL;
done:
    jf_problem_free(part);
    return status;
}
