/* Runs on several GPUs matched with the single-GPU runs of their family. */
#include "proxies/matched.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"

/* One single-GPU row. */
typedef struct baseline_row {
    uint32_t family;
    double value;
} baseline_row;

static int by_family_and_value(const void *a, const void *b)
{
    const baseline_row *first = a, *second = b;

    if (first->family != second->family) return first->family < second->family ? -1 : 1;
    return (first->value > second->value) - (first->value < second->value);
}

static double median_of(const baseline_row *rows, size_t n)
{
    return n % 2 ? rows[n / 2].value : (rows[n / 2 - 1].value + rows[n / 2].value) / 2;
}

/* medians[family] from the sorted baseline rows; NaN where a family has none. */
static void take_medians(const baseline_row *rows, size_t n, double *medians, size_t n_families)
{
    for (size_t f = 0; f < n_families; f++) medians[f] = NAN;
    for (size_t first = 0, next; first < n; first = next) {
        for (next = first + 1; next < n && rows[next].family == rows[first].family;) next++;
        medians[rows[first].family] = median_of(rows + first, next - first);
    }
}

jf_status jf_match_baseline(const jf_groups *families, const double *gpus, const double *value,
                            jf_matched *out, jf_error *err)
{
    jf_status status = JF_OK;
    size_t n = families->n_rows;
    baseline_row *rows = JF_NEW_ARRAY(baseline_row, n);
    double *medians = JF_NEW_ARRAY(double, families->n_groups);

    memset(out, 0, sizeof *out);
    out->n_rows = n;
    out->baseline = JF_NEW_ARRAY(double, n);
    out->unmatched = JF_NEW_ARRAY(size_t, n);
    JF_TRY_NEW(rows && medians && out->baseline && out->unmatched, err, "matching runs");
    for (size_t i = 0; i < n; i++)
        if (gpus[i] == 1 && !isnan(value[i]))
            rows[out->n_baselines++] = (baseline_row){families->group[i], value[i]};
    qsort(rows, out->n_baselines, sizeof *rows, by_family_and_value);
    take_medians(rows, out->n_baselines, medians, families->n_groups);
    for (size_t i = 0; i < n; i++) {
        bool takes_part = !isnan(gpus[i]) && !isnan(value[i]);

        out->baseline[i] = takes_part ? medians[families->group[i]] : NAN;
        if (!takes_part || gpus[i] == 1) continue;
        out->n_multi++;
        if (isnan(out->baseline[i])) out->unmatched[out->n_unmatched++] = i;
    }
done:
    jf_free(rows);
    jf_free(medians);
    if (status != JF_OK) jf_matched_free(out);
    return status;
}

void jf_matched_free(jf_matched *matched)
{
    if (!matched) return;
    jf_free(matched->baseline);
    jf_free(matched->unmatched);
    memset(matched, 0, sizeof *matched);
}
