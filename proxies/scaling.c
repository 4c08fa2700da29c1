/* Medians of matched runs by strategy and GPUs, crossings of strategies, and their intervals by drawing
 * families. */
#include "proxies/scaling.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "core/summary.h"
#include "proxies/matched.h"

const char *const jf_crossing_names[] = {"inside", "outside", "far", "none"};

/* A run on several GPUs beside its baseline. */
typedef struct matched_run {
    size_t family; /* numbered among the matched ones */
    int32_t strategy;
    double gpus, along, gain, energy;
} matched_run;

/* Two strategies in one family on one number of GPUs. */
typedef struct duel {
    size_t family;
    double x, difference; /* log of the column; log of throughput a over b */
} duel;

typedef struct worker {
    const jf_scaling_input *in;
    matched_run *runs;
    size_t n_runs, n_families;
    size_t *counts; /* n_families: times that each was drawn */
    double *drawn;  /* input->draws */
} worker;

/* ---- matching ---- */

static double *in_rows(const jf_scaling_input *in, const double *values, const double *over)
{
    double *out = JF_NEW_ARRAY(double, in->table->n_rows + 1);

    for (size_t i = 0; out && i < in->table->n_rows; i++) out[i] = NAN;
    for (size_t i = 0; out && i < in->n_rows; i++) {
        size_t row = in->rows ? in->rows[i] : i;
        out[row] = over ? values[row] / over[row] : values[row];
    }
    return out;
}

static jf_status list_runs(worker *w, const jf_matched *rate, const jf_matched *cost,
                           const double *throughput, const double *per_token, jf_scaling *out, jf_error *err)
{
    const jf_scaling_input *in = w->in;
    size_t *number = JF_NEW_ZEROED(size_t, in->families->n_groups + 1);
    jf_status status = JF_OK;

    w->runs = JF_NEW_ARRAY(matched_run, in->n_rows + 1);
    JF_TRY_NEW(number && w->runs, err, "matched runs");
    for (size_t i = 0; i < in->n_rows; i++) {
        size_t row = in->rows ? in->rows[i] : i;
        uint32_t family = in->families->group[row];
        double gain = throughput[row] / rate->baseline[row];
        if (!(in->gpus[row] > 1) || !isfinite(gain) || in->strategy->codes[row] < 0) continue;
        if (number[family] == 0) number[family] = ++w->n_families;
        w->runs[w->n_runs++] = (matched_run){number[family] - 1,
                                             in->strategy->codes[row],
                                             in->gpus[row],
                                             in->along[row],
                                             gain,
                                             cost ? per_token[row] / cost->baseline[row] : NAN};
    }
    out->n_matched = w->n_runs;
    out->n_multi = rate->n_multi;
    out->n_singles = rate->n_baselines;
    if (w->n_runs == 0)
        status = jf_fail(err, JF_EDATA, "none of %zu runs on several GPUs has a single-GPU run of its family",
                         rate->n_multi);
done:
    jf_free(number);
    return status;
}

static jf_status match_runs(worker *w, jf_scaling *out, jf_error *err)
{
    const jf_scaling_input *in = w->in;
    double *gpus = in_rows(in, in->gpus, NULL), *throughput = in_rows(in, in->tokens, in->duration);
    double *per_token = in->energy ? in_rows(in, in->energy, in->tokens) : NULL;
    jf_matched rate = {0}, cost = {0};
    jf_status status = JF_OK;

    JF_TRY_NEW(gpus && throughput && (per_token || !in->energy), err, "matched runs");
    JF_TRY(jf_match_baseline(in->families, gpus, throughput, &rate, err));
    if (per_token) JF_TRY(jf_match_baseline(in->families, gpus, per_token, &cost, err));
    JF_TRY(list_runs(w, &rate, per_token ? &cost : NULL, throughput, per_token, out, err));
done:
    jf_matched_free(&rate);
    jf_matched_free(&cost);
    jf_free(gpus);
    jf_free(throughput);
    jf_free(per_token);
    return status;
}

/* ---- drawing families ---- */

static void draw_families(worker *w, size_t draw)
{
    jf_stream stream = jf_stream_make(w->in->seed, JF_FOR_BOOTSTRAP, draw);

    memset(w->counts, 0, w->n_families * sizeof *w->counts);
    for (size_t i = 0; i < w->n_families; i++) w->counts[jf_stream_below(&stream, w->n_families)]++;
}

static void count_once(worker *w)
{
    for (size_t i = 0; i < w->n_families; i++) w->counts[i] = 1;
}

/* Low and high end from the n draws that gave a value; none when fewer than nine in ten did. */
static void take_interval(worker *w, size_t n, jf_span *span)
{
    if (10 * n < 9 * w->in->draws) return;
    jf_sort(w->drawn, n);
    span->low = jf_quantile(w->drawn, n, 0.025);
    span->high = jf_quantile(w->drawn, n, 0.975);
}

/* ---- cells ---- */

typedef struct valued {
    double value;
    size_t family;
} valued;

static int by_value(const void *a, const void *b)
{
    const valued *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

/* The value at place `place` when each is there as often as its family was drawn. */
static double value_at(const worker *w, const valued *sorted, size_t n, size_t place)
{
    size_t seen = 0;

    for (size_t i = 0; i < n; i++)
        if ((seen += w->counts[sorted[i].family]) > place) return sorted[i].value;
    return NAN;
}

static double counted_median(const worker *w, const valued *sorted, size_t n)
{
    size_t total = 0;

    for (size_t i = 0; i < n; i++) total += w->counts[sorted[i].family];
    if (total == 0) return NAN;
    return (value_at(w, sorted, n, (total - 1) / 2) + value_at(w, sorted, n, total / 2)) / 2;
}

static jf_span median_span(worker *w, valued *values, size_t n)
{
    jf_span span = {NAN, NAN, NAN};
    size_t n_drawn = 0;

    if (n == 0) return span;
    qsort(values, n, sizeof *values, by_value);
    count_once(w);
    span.value = counted_median(w, values, n);
    for (size_t draw = 0; draw < w->in->draws; draw++) {
        draw_families(w, draw);
        double median = counted_median(w, values, n);
        if (!isnan(median)) w->drawn[n_drawn++] = median;
    }
    take_interval(w, n_drawn, &span);
    return span;
}

static int by_cell(const void *a, const void *b)
{
    const matched_run *x = a, *y = b;

    if (x->strategy != y->strategy) return x->strategy < y->strategy ? -1 : 1;
    if (x->gpus != y->gpus) return x->gpus < y->gpus ? -1 : 1;
    return (x->family > y->family) - (x->family < y->family);
}

static void fill_cell(worker *w, const matched_run *runs, size_t n, valued *scratch, jf_scaling_cell *cell)
{
    size_t n_energy = 0;

    *cell = (jf_scaling_cell){.strategy = runs->strategy, .gpus = runs->gpus, .n_runs = n};
    for (size_t i = 0; i < n; i++) {
        cell->n_families += i == 0 || runs[i].family != runs[i - 1].family;
        scratch[i] = (valued){runs[i].gain, runs[i].family};
    }
    cell->gain = median_span(w, scratch, n);
    cell->efficiency =
        (jf_span){cell->gain.value / cell->gpus, cell->gain.low / cell->gpus, cell->gain.high / cell->gpus};
    for (size_t i = 0; i < n; i++)
        if (isfinite(runs[i].energy)) scratch[n_energy++] = (valued){runs[i].energy, runs[i].family};
    cell->energy = median_span(w, scratch, n_energy);
}

static jf_status make_cells(worker *w, jf_scaling *out, jf_error *err)
{
    valued *scratch = JF_NEW_ARRAY(valued, w->n_runs + 1);
    jf_status status = JF_OK;

    out->cells = JF_NEW_ZEROED(jf_scaling_cell, w->n_runs + 1);
    JF_TRY_NEW(scratch && out->cells, err, "matched runs");
    qsort(w->runs, w->n_runs, sizeof *w->runs, by_cell);
    for (size_t first = 0, next; first < w->n_runs; first = next) {
        const matched_run *run = &w->runs[first];
        for (next = first + 1; next < w->n_runs; next++)
            if (w->runs[next].strategy != run->strategy || w->runs[next].gpus != run->gpus) break;
        fill_cell(w, run, next - first, scratch, &out->cells[out->n_cells++]);
    }
done:
    jf_free(scratch);
    return status;
}

/* ---- crossings ---- */

/* Mean log gain and log column of one strategy in a family on so many GPUs; false where it has no run there.
 */
static bool mean_of(const worker *w, int32_t strategy, size_t family, double gpus, double *gain, double *x)
{
    size_t n = 0;

    *gain = *x = 0;
    for (size_t i = 0; i < w->n_runs; i++) {
        const matched_run *run = &w->runs[i];
        if (run->strategy != strategy || run->family != family || run->gpus != gpus || !(run->along > 0))
            continue;
        *gain += log(run->gain);
        *x += log(run->along);
        n++;
    }
    *gain /= (double)n;
    *x /= (double)n;
    return n > 0;
}

/* One duel for every family and number of GPUs that has runs of both; runs are sorted by cell. */
static size_t list_duels(const worker *w, int32_t a, int32_t b, duel *duels)
{
    size_t n = 0;

    for (size_t i = 0; i < w->n_runs; i++) {
        const matched_run *run = &w->runs[i];
        double gain_a, gain_b, x_a, x_b;
        bool first = i == 0 || by_cell(run, run - 1) != 0;
        if (run->strategy != a || !first) continue;
        if (!mean_of(w, a, run->family, run->gpus, &gain_a, &x_a)) continue;
        if (!mean_of(w, b, run->family, run->gpus, &gain_b, &x_b)) continue;
        duels[n++] = (duel){run->family, (x_a + x_b) / 2, gain_a - gain_b};
    }
    return n;
}

/* The zero of the line through the duels, as a log, and its slope; NaN where the column does not vary. */
static double crossing(const worker *w, const duel *duels, size_t n, double *slope)
{
    double sum = 0, mean_x = 0, mean_d = 0, xx = 0, xd = 0;

    for (size_t i = 0; i < n; i++) {
        double count = (double)w->counts[duels[i].family];
        sum += count;
        mean_x += count * duels[i].x;
        mean_d += count * duels[i].difference;
    }
    mean_x /= sum;
    mean_d /= sum;
    for (size_t i = 0; i < n; i++) {
        double count = (double)w->counts[duels[i].family], x = duels[i].x - mean_x;
        xx += count * x * x;
        xd += count * x * (duels[i].difference - mean_d);
    }
    *slope = xx > 1e-12 * sum ? xd / xx : NAN;
    return mean_x - mean_d / *slope;
}

static size_t count_duelling_families(const duel *duels, size_t n)
{
    size_t families = 0;

    for (size_t i = 0; i < n; i++) {
        bool met = false;
        for (size_t j = 0; j < i; j++) met |= duels[j].family == duels[i].family;
        families += !met;
    }
    return families;
}

static void find_crossing(worker *w, const duel *duels, size_t n, jf_crossover *out)
{
    double slope, at, low = INFINITY, high = -INFINITY;
    size_t n_drawn = 0, alike = 0;

    out->at = (jf_span){NAN, NAN, NAN};
    out->state = JF_CROSSING_NONE;
    count_once(w);
    at = crossing(w, duels, n, &slope);
    if (!isfinite(at)) return;
    for (size_t i = 0; i < n; i++) low = fmin(low, duels[i].x), high = fmax(high, duels[i].x);
    for (size_t draw = 0; draw < w->in->draws; draw++) {
        double other;
        draw_families(w, draw);
        double drawn = crossing(w, duels, n, &other);
        if (!isfinite(drawn)) continue;
        w->drawn[n_drawn++] = drawn;
        alike += (other > 0) == (slope > 0);
    }
    /* a slope of either sign has a crossing anywhere, or nowhere */
    if (40 * alike < 39 * w->in->draws) return;
    out->ahead_above = slope > 0 ? 1 : -1;
    if (at < low - log(2) || at > high + log(2)) {
        out->state = JF_CROSSING_FAR;
        if (at > high) out->ahead_above = -out->ahead_above;
        return;
    }
    out->at.value = at;
    take_interval(w, n_drawn, &out->at);
    out->at = (jf_span){exp(out->at.value), exp(out->at.low), exp(out->at.high)};
    out->state = at >= low && at <= high ? JF_CROSSING_INSIDE : JF_CROSSING_OUTSIDE;
}

static jf_status find_crossings(worker *w, jf_scaling *out, jf_error *err)
{
    size_t n_levels = w->in->strategy->n_levels;
    duel *duels = JF_NEW_ARRAY(duel, w->n_runs + 1);
    jf_status status = JF_OK;

    out->crossovers = JF_NEW_ZEROED(jf_crossover, n_levels * n_levels + 1);
    JF_TRY_NEW(duels && out->crossovers, err, "crossings");
    for (size_t a = 0; a < n_levels; a++)
        for (size_t b = a + 1; b < n_levels; b++) {
            jf_crossover *one = &out->crossovers[out->n_crossovers];
            size_t n = list_duels(w, (int32_t)a, (int32_t)b, duels);
            if (n < 3) continue;
            *one = (jf_crossover){.a = (int32_t)a, .b = (int32_t)b, .n_pairs = n};
            one->n_families = count_duelling_families(duels, n);
            find_crossing(w, duels, n, one);
            out->n_crossovers++;
        }
done:
    jf_free(duels);
    return status;
}

jf_status jf_scaling_run(const jf_scaling_input *input, jf_scaling *out, jf_error *err)
{
    worker w = {.in = input};
    jf_status status = JF_OK;

    *out = (jf_scaling){0};
    JF_TRY(match_runs(&w, out, err));
    w.counts = JF_NEW_ARRAY(size_t, w.n_families + 1);
    w.drawn = JF_NEW_ARRAY(double, input->draws + 1);
    JF_TRY_NEW(w.counts && w.drawn, err, "matched runs");
    JF_TRY(make_cells(&w, out, err));
    JF_TRY(find_crossings(&w, out, err));
done:
    jf_free(w.runs);
    jf_free(w.counts);
    jf_free(w.drawn);
    if (status != JF_OK) jf_scaling_clear(out);
    return status;
}

void jf_scaling_clear(jf_scaling *scaling)
{
    jf_free(scaling->cells);
    jf_free(scaling->crossovers);
    *scaling = (jf_scaling){0};
}
