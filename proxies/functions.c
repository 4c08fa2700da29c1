/* Features that no formula can say: hardware look-ups and matched runs, one function each. */
#include "proxies/functions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "proxies/matched.h"

/* --- hardware ------------------------------------------------------------------------------------------ */

/* The GPU of a name; NULL where it is not known and that is let pass. A name that leaves the variant open is
 * warned of. */
static jf_status find_gpu(const jf_proxy_call *call, const char *name, const jf_gpu **out, jf_error *err)
{
    jf_error inner = {0};
    bool assumed = false;
    jf_status status = jf_hardware_find(call->hardware, name, out, &assumed, &inner);

    if (assumed)
        jf_warn(call->warnings, "W_GPU_ASSUMED", "'%s' does not say which variant; %s is taken", name,
                (*out)->name);
    if (status != JF_OK && call->is_lenient) {
        jf_warn(call->warnings, "W_PROXY_SKIPPED", "%s; what needs its data is missing there", inner.message);
        return JF_OK;
    }
    if (status != JF_OK && err) *err = inner;
    return status;
}

/* The GPU of every level of a label column, NULL where it is not known; `*out` is owned. */
static jf_status find_gpus(const jf_proxy_call *call, const jf_column *column, const jf_gpu ***out,
                           jf_error *err)
{
    jf_status status = JF_OK;
    const jf_gpu **gpus = JF_NEW_ZEROED(const jf_gpu *, column->n_levels);

    JF_TRY_NEW(gpus, err, "GPUs");
    for (size_t i = 0; i < column->n_levels; i++) JF_TRY(find_gpu(call, column->levels[i], &gpus[i], err));
    *out = gpus;
    gpus = NULL;
done:
    jf_free(gpus);
    return status;
}

/* values = pick(gpu of the row). */
static jf_status gpu_property(const jf_proxy_call *call, double *values, double (*pick)(const jf_gpu *),
                              jf_error *err)
{
    jf_status status = JF_OK;
    const jf_column *gpu = call->needs[0];
    const jf_gpu **gpus = NULL;

    JF_TRY(find_gpus(call, gpu, &gpus, err));
    for (size_t i = 0; i < call->n_rows; i++) {
        const jf_gpu *found = gpu->codes[i] < 0 ? NULL : gpus[gpu->codes[i]];
        values[i] = found ? pick(found) : NAN;
    }
done:
    jf_free(gpus);
    return status;
}

static double bandwidth_of(const jf_gpu *gpu)
{
    return gpu->bandwidth;
}

static double memory_of(const jf_gpu *gpu)
{
    return gpu->memory_byte;
}

static double tdp_of(const jf_gpu *gpu)
{
    return gpu->tdp_w;
}

static double idle_of(const jf_gpu *gpu)
{
    return gpu->idle_w;
}

static double one_way_of(const jf_gpu *gpu)
{
    return gpu->link / 2;
}

static double fp32_of(const jf_gpu *gpu)
{
    return jf_gpu_peak(gpu, "fp32");
}

static jf_status do_peak_fp32(const jf_proxy_call *call, double *values, jf_error *err)
{
    return gpu_property(call, values, fp32_of, err);
}

static jf_status do_bandwidth(const jf_proxy_call *call, double *values, jf_error *err)
{
    return gpu_property(call, values, bandwidth_of, err);
}

static jf_status do_gpu_memory(const jf_proxy_call *call, double *values, jf_error *err)
{
    return gpu_property(call, values, memory_of, err);
}

static jf_status do_tdp(const jf_proxy_call *call, double *values, jf_error *err)
{
    return gpu_property(call, values, tdp_of, err);
}

static jf_status do_idle_power(const jf_proxy_call *call, double *values, jf_error *err)
{
    return gpu_property(call, values, idle_of, err);
}

static jf_status do_link(const jf_proxy_call *call, double *values, jf_error *err)
{
    return gpu_property(call, values, one_way_of, err);
}

/* A run says that it used a type for which its GPU has no peak. */
static void warn_of_no_peak(const jf_proxy_call *call, const char *gpu, const char *precision)
{
    jf_warn(call->warnings, "W_NO_PEAK", "%s has no %s peak; features that need it are missing there", gpu,
            precision);
}

/* Fills values from the table of peaks by (GPU, precision), and marks the pairs that are used. */
static void spread_peaks(const jf_proxy_call *call, const double *peaks, bool *used, double *values)
{
    const jf_column *gpu = call->needs[0], *precision = call->needs[1];

    for (size_t i = 0; i < call->n_rows; i++) {
        int32_t g = gpu->codes[i], p = precision->codes[i];
        size_t pair = (size_t)g * precision->n_levels + (size_t)p;

        values[i] = g < 0 || p < 0 ? NAN : peaks[pair];
        if (g >= 0 && p >= 0) used[pair] = true;
    }
}

static jf_status do_peak(const jf_proxy_call *call, double *values, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_column *precision = call->needs[1];
    size_t n_precisions = precision->n_levels, n_pairs = call->needs[0]->n_levels * n_precisions;
    const jf_gpu **gpus = NULL;
    double *peaks = JF_NEW_ARRAY(double, n_pairs);
    bool *used = JF_NEW_ZEROED(bool, n_pairs);

    JF_TRY_NEW(peaks && used, err, "peaks");
    JF_TRY(find_gpus(call, call->needs[0], &gpus, err));
    for (size_t pair = 0; pair < n_pairs; pair++) {
        const jf_gpu *gpu = gpus[pair / n_precisions];
        peaks[pair] = gpu ? jf_gpu_peak(gpu, precision->levels[pair % n_precisions]) : NAN;
    }
    spread_peaks(call, peaks, used, values);
    for (size_t pair = 0; pair < n_pairs; pair++)
        if (used[pair] && isnan(peaks[pair]) && gpus[pair / n_precisions])
            warn_of_no_peak(call, gpus[pair / n_precisions]->name, precision->levels[pair % n_precisions]);
done:
    jf_free(gpus);
    jf_free(peaks);
    jf_free(used);
    return status;
}

/* --- matched runs -------------------------------------------------------------------------------------- */

enum { N_LISTED = 5 };

/* "num_layers=6, gpu=A100", the columns of a run's family. */
static void describe_family(const jf_proxy_call *call, size_t row, jf_text *out)
{
    for (size_t i = 0; i < call->n_family; i++) {
        const jf_column *column = jf_table_find(call->table, call->family[i]);
        char number[JF_NUMBER_TEXT];
        bool is_label = column->kind == JF_LABEL;
        const char *value = "-";

        if (is_label && column->codes[row] >= 0) value = column->levels[column->codes[row]];
        if (!is_label && !isnan(column->values[row])) value = jf_number_exact(number, column->values[row]);
        jf_text_addf(out, "%s%s=%s", i ? ", " : "", call->family[i], value);
    }
}

static jf_status flag_unmatched(const jf_proxy_call *call, const jf_matched *matched, jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t i = 0; call->ledger && i < matched->n_unmatched; i++) {
        size_t row = matched->unmatched[i];
        jf_text family = {0};

        describe_family(call, row, &family);
        if (family.failed)
            status = jf_fail(err, JF_ENOMEM, "out of memory for the ledger");
        else
            status =
                jf_ledger_add(call->ledger, JF_FLAGGED, call->table->file, jf_table_line(call->table, row),
                              call->name, family.data, "no single-GPU run of this family", err);
        jf_text_free(&family);
        JF_TRY(status);
    }
done:
    return status;
}

static void warn_of_unmatched(const jf_proxy_call *call, const jf_matched *matched)
{
    jf_text lines = {0};

    if (!matched->n_unmatched) return;
    for (size_t i = 0; i < matched->n_unmatched && i < N_LISTED; i++)
        jf_text_addf(&lines, "%s%zu", i ? ", " : "", jf_table_line(call->table, matched->unmatched[i]));
    jf_warn(call->warnings, "W_UNMATCHED",
            "%zu of %zu runs on several GPUs have no single-GPU run of their family, so no efficiency "
            "(line%s %s%s)",
            matched->n_unmatched, matched->n_multi, matched->n_unmatched > 1 ? "s" : "",
            lines.data ? lines.data : "?",
            matched->n_unmatched > N_LISTED ? ", ...; --ledger FILE lists all" : "");
    jf_text_free(&lines);
}

/* The baseline of needs[1] by family; needs[0] is the number of GPUs. */
static jf_status match(const jf_proxy_call *call, jf_groups *families, jf_matched *matched, jf_error *err)
{
    jf_status status = JF_OK;

    if (!call->n_family)
        return jf_fail(err, JF_EDATA,
                       "no column tells families of runs apart; name some with --map family=A,B");
    JF_TRY(jf_groups_by(call->table, call->family, call->n_family, families, err));
    JF_TRY(jf_match_baseline(families, call->needs[0]->values, call->needs[1]->values, matched, err));
    warn_of_unmatched(call, matched);
    JF_TRY(flag_unmatched(call, matched, err));
done:
    return status;
}

static jf_status do_speed_up(const jf_proxy_call *call, double *values, jf_error *err)
{
    jf_status status = JF_OK;
    const double *gpus = call->needs[0]->values, *throughput = call->needs[1]->values;
    jf_groups families = {0};
    jf_matched matched = {0};

    JF_TRY(match(call, &families, &matched, err));
    for (size_t i = 0; i < call->n_rows; i++) /* a baseline is its own measure, repeats included */
        values[i] = gpus[i] == 1 && !isnan(throughput[i]) ? 1 : throughput[i] / matched.baseline[i];
done:
    jf_groups_free(&families);
    jf_matched_free(&matched);
    return status;
}

static jf_status do_duration_1(const jf_proxy_call *call, double *values, jf_error *err)
{
    jf_status status = JF_OK;
    jf_groups families = {0};
    jf_matched matched = {0};

    JF_TRY(match(call, &families, &matched, err));
    memcpy(values, matched.baseline, call->n_rows * sizeof *values);
done:
    jf_groups_free(&families);
    jf_matched_free(&matched);
    return status;
}

/* Rows whose tokens differ from the median tokens of their family's single-GPU runs by more than one in 1000.
 */
static size_t count_other_work(const jf_matched *matched, const double *tokens)
{
    size_t n = 0;

    for (size_t i = 0; i < matched->n_rows; i++)
        n += fabs(tokens[i] - matched->baseline[i]) > 1e-3 * matched->baseline[i];
    return n;
}

static jf_status do_eta_duration(const jf_proxy_call *call, double *values, jf_error *err)
{
    jf_status status = JF_OK;
    const double *speed_up = call->needs[0]->values, *gpus = call->needs[1]->values;
    const double *tokens = call->needs[2]->values;
    jf_groups families = {0};
    jf_matched matched = {0};
    size_t n_other;

    JF_TRY(jf_groups_by(call->table, call->family, call->n_family, &families, err));
    JF_TRY(jf_match_baseline(&families, gpus, tokens, &matched, err));
    n_other = count_other_work(&matched, tokens);
    if (n_other)
        jf_warn(call->warnings, "W_OTHER_WORK",
                "%zu runs trained on other numbers of tokens than their single-GPU run; eta_duration mixes "
                "work and "
                "efficiency there (eta is free of this)",
                n_other);
    for (size_t i = 0; i < call->n_rows; i++) values[i] = speed_up[i] / gpus[i];
done:
    jf_groups_free(&families);
    jf_matched_free(&matched);
    return status;
}

/* --- the list ------------------------------------------------------------------------------------------ */

#define LOOK_UP "looked up in the hardware catalogue by the name of the GPU"
#define MATCH   "computed over the runs of a family: the single-GPU runs that agree in its columns"

static const struct {
    const char *name;
    jf_proxy_function *function;
    size_t n_needs;
    const char *how;
} functions[] = {
    {"peak", do_peak, 2, LOOK_UP " and the precision"},
    {"peak_fp32", do_peak_fp32, 1, LOOK_UP},
    {"bandwidth", do_bandwidth, 1, LOOK_UP},
    {"gpu_memory", do_gpu_memory, 1, LOOK_UP},
    {"tdp", do_tdp, 1, LOOK_UP},
    {"idle_power", do_idle_power, 1, LOOK_UP},
    {"link_one_way", do_link, 1, LOOK_UP},
    {"speed_up", do_speed_up, 2, MATCH},
    {"duration_1", do_duration_1, 2, MATCH},
    {"eta_duration", do_eta_duration, 3, "speed_up_duration/gpus, with a warning where tokens differ"},
};

jf_proxy_function *jf_proxy_function_find(const char *name, size_t *n_needs, const char **how)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (!strcmp(functions[i].name, name)) {
            *n_needs = functions[i].n_needs;
            *how = functions[i].how;
            return functions[i].function;
        }
    return NULL;
}
