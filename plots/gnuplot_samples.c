/* Samples of series in the key. */
#include "plots/gnuplot_parts.h"

static void add_box_sample(const jf_writer *to, const jf_series *series, double left, double y,
                           unsigned transparency)
{
    jf_text_add(to->script, "set object rectangle from");
    jf_gnuplot_add_place(to, left, y - 1);
    jf_text_add(to->script, " to");
    jf_gnuplot_add_place(to, left + JF_KEY_SAMPLE_MM, y + 1);
    jf_text_addf(to->script, " fillcolor rgb '#%02x%06x' fillstyle solid noborder\n", transparency,
                 jf_gnuplot_colour(series));
}

static void add_band_sample(const jf_writer *to, const jf_series *series, double left, double y)
{
    add_box_sample(to, series, left, y, JF_BAND_TRANSPARENCY);
}

static void add_bar_sample(const jf_writer *to, const jf_series *series, double left, double y)
{
    add_box_sample(to, series, left, y, JF_BAR_TRANSPARENCY);
}

static void add_histogram_sample(const jf_writer *to, const jf_series *series, double left, double y)
{
    add_box_sample(to, series, left, y, JF_BOX_TRANSPARENCY);
}

/* From light to dark. */
static void add_density_sample(const jf_writer *to, const jf_series *series, double left, double y)
{
    enum { N_STEPS = 4 };

    (void)series;
    for (int i = 0; i < N_STEPS; i++) {
        jf_text_add(to->script, "set object rectangle from");
        jf_gnuplot_add_place(to, left + JF_KEY_SAMPLE_MM * i / N_STEPS, y - 1);
        jf_text_add(to->script, " to");
        jf_gnuplot_add_place(to, left + JF_KEY_SAMPLE_MM * (i + 1) / N_STEPS, y + 1);
        jf_text_addf(to->script, " fillcolor rgb '#%06x' fillstyle solid noborder\n",
                     jf_density_colour(i / (N_STEPS - 1.0)));
    }
}

static void add_point_sample(const jf_writer *to, const jf_series *series, double left, double y)
{
    jf_text_add(to->script, "set label '' at");
    jf_gnuplot_add_place(to, left + JF_KEY_SAMPLE_MM / 2, y);
    jf_text_add(to->script, " point");
    jf_gnuplot_add_point_style(to->script, series, 1);
    jf_text_add(to->script, "\n");
}

static void add_line_sample(const jf_writer *to, const jf_series *series, double left, double y)
{
    jf_text_add(to->script, "set arrow from");
    jf_gnuplot_add_place(to, left, y);
    jf_text_add(to->script, " to");
    jf_gnuplot_add_place(to, left + JF_KEY_SAMPLE_MM, y);
    jf_text_add(to->script, " nohead");
    jf_gnuplot_add_line_style(to->script, series);
    jf_text_add(to->script, "\n");
}

static void add_range_sample(const jf_writer *to, const jf_series *series, double left, double y)
{
    if (series->low) { /* else bare points */
        jf_text_add(to->script, "set arrow from");
        jf_gnuplot_add_place(to, left, y);
        jf_text_add(to->script, " to");
        jf_gnuplot_add_place(to, left + JF_KEY_SAMPLE_MM, y);
        jf_text_add(to->script, " nohead linewidth 1");
        jf_gnuplot_add_colour(to->script, 0, jf_gnuplot_colour(series));
        jf_text_add(to->script, "\n");
    }
    add_point_sample(to, series, left, y);
}

typedef void sample_writer(const jf_writer *to, const jf_series *series, double left, double y);

static sample_writer *const samples[JF_N_SERIES_KINDS] = {
    [JF_SERIES_POINTS] = add_point_sample,    [JF_SERIES_LINE] = add_line_sample,
    [JF_SERIES_DASHED] = add_line_sample,     [JF_SERIES_BAND] = add_band_sample,
    [JF_SERIES_BARS] = add_bar_sample,        [JF_SERIES_RANGES] = add_range_sample,
    [JF_SERIES_BOXES] = add_histogram_sample, [JF_SERIES_RULES] = add_line_sample,
    [JF_SERIES_DENSITY] = add_density_sample,
};

void jf_gnuplot_add_sample(const jf_writer *to, const jf_series *series, double left, double y)
{
    if (samples[series->kind]) samples[series->kind](to, series, left, y);
}
