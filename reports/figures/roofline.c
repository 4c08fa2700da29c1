/* The roofline in time and in energy, with the runs on it. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "reports/figures/parts.h"

enum { N_ROOF = 61, MOST_ROOFS = 4 };

/* A kind of GPU as the runs used it. */
typedef struct roof {
    double peak, bandwidth, tdp; /* FLOP/s, byte/s, W */
} roof;

typedef struct roofline {
    double *intensity, *flops, *seconds, *energy; /* of each run */
    double *peak, *bandwidth, *tdp;
    double *rate, *yield; /* FLOP/s of one GPU; FLOP/J */
    jf_run_levels levels;
    size_t n;
    roof roofs[MOST_ROOFS];
    size_t n_roofs;
} roofline;

static void roofline_clear(roofline *of)
{
    double *arrays[] = {of->intensity, of->flops, of->seconds, of->energy, of->peak,
                        of->bandwidth, of->tdp,   of->rate,    of->yield};

    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) jf_free(arrays[i]);
    jf_run_levels_clear(&of->levels);
}

static void find_roofs(roofline *of)
{
    for (size_t i = 0; i < of->n; i++) {
        roof one = {of->peak[i], of->bandwidth[i], of->tdp[i]};
        size_t k = 0;
        if (!isfinite(one.peak) || !isfinite(one.bandwidth) || !isfinite(of->rate[i])) continue;
        while (k < of->n_roofs && (of->roofs[k].peak != one.peak || of->roofs[k].bandwidth != one.bandwidth))
            k++;
        if (k == of->n_roofs && of->n_roofs < MOST_ROOFS) of->roofs[of->n_roofs++] = one;
    }
}

static jf_status read_runs(const jf_figure_source *source, roofline *out, jf_error *err)
{
    jf_status status = JF_OK;

    out->n = jf_figure_n_runs(source);
    JF_TRY(jf_figure_run_numbers(source, "intensity", &out->intensity, err));
    JF_TRY(jf_figure_run_numbers(source, "C", &out->flops, err));
    JF_TRY(jf_figure_run_numbers(source, "device_seconds", &out->seconds, err));
    JF_TRY(jf_figure_run_numbers(source, "energy", &out->energy, err));
    JF_TRY(jf_figure_run_numbers(source, "peak", &out->peak, err));
    JF_TRY(jf_figure_run_numbers(source, "bandwidth", &out->bandwidth, err));
    JF_TRY(jf_figure_run_numbers(source, "tdp", &out->tdp, err));
    JF_TRY(jf_figure_run_levels(source, "gpu", &out->levels, err));
    out->rate = JF_NEW_ARRAY(double, out->n);
    out->yield = JF_NEW_ARRAY(double, out->n);
    JF_TRY_NEW(out->rate && out->yield, err, "a figure");
    for (size_t i = 0; i < out->n; i++) {
        out->rate[i] = out->flops[i] / out->seconds[i];
        out->yield[i] = out->flops[i] / out->energy[i];
    }
    find_roofs(out);
    if (out->n_roofs == 0)
        JF_TRY(jf_fail(err, JF_EDATA, "no run has an intensity, a duration and a GPU of known peak"));
done:
    return status;
}

/* From the least intensity to past the last ridge, so that the roofs are seen whole. */
static void find_range(const roofline *of, double *low, double *high)
{
    jf_figure_range(of->intensity, of->n, low, high);
    for (size_t k = 0; k < of->n_roofs; k++) {
        double ridge = of->roofs[k].peak / of->roofs[k].bandwidth;
        *low = fmin(*low, ridge / 4);
        *high = fmax(*high, ridge * 4);
    }
}

/* `powered`: over the rated power, which makes rates into FLOP/J. */
static jf_status add_roof(jf_panel *panel, const roof *one, double low, double high, bool powered, int dashes,
                          jf_error *err)
{
    double x[N_ROOF], y[N_ROOF], ridge = one->peak / one->bandwidth;
    jf_series line = {.kind = JF_SERIES_DASHED, .x = x, .y = y, .n = N_ROOF, .colour = dashes};
    char title[80];

    if (powered && !(one->tdp > 0)) return JF_OK;
    snprintf(title, sizeof title, "roof: %.4g TFLOP/s, %.4g GB/s", one->peak / 1e12, one->bandwidth / 1e9);
    for (size_t i = 0; i < N_ROOF; i++) {
        x[i] = low * pow(high / low, (double)i / (N_ROOF - 1));
        if (i > 0 && x[i - 1] < ridge && x[i] > ridge) x[i] = ridge; /* a sharp corner */
        y[i] = fmin(one->peak, one->bandwidth * x[i]) / (powered ? one->tdp : 1);
    }
    line.title = title;
    return jf_panel_add(panel, line, err);
}

static jf_status add_panel(jf_panel *panel, const roofline *of, const double *y, const char *title,
                           bool powered, jf_error *err)
{
    jf_status status = JF_OK;
    double low, high;

    find_range(of, &low, &high);
    JF_TRY(jf_axis_set(&panel->x, "arithmetic intensity of a step (FLOP/byte)", true, err));
    JF_TRY(jf_axis_set(&panel->y, title, true, err));
    for (size_t k = 0; k < of->n_roofs; k++)
        JF_TRY(add_roof(panel, &of->roofs[k], low, high, powered, (int)k, err));
    JF_TRY(jf_figure_add_levels(panel, &of->levels, of->intensity, y, of->n, err));
done:
    return status;
}

jf_status jf_figure_roofline(const jf_figure_source *source, jf_figure *figure, jf_error *err)
{
    roofline of = {0};
    jf_status status = JF_OK;

    JF_TRY(read_runs(source, &of, err));
    JF_TRY(jf_figure_set_panels(figure, 2, err));
    JF_TRY(add_panel(&figure->panels[0], &of, of.rate, "rate of one GPU (FLOP/s)", false, err));
    JF_TRY(add_panel(&figure->panels[1], &of, of.yield, "work for the energy (FLOP/J)", true, err));
    JF_TRY(jf_figure_caption(figure, err,
                             "Rooflines in time and in energy with %zu runs; left the lower of peak rate and "
                             "bandwidth times intensity, right the same over the rated power of the GPU",
                             of.n));
done:
    roofline_clear(&of);
    return status;
}
