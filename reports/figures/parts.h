/* What the builders of figures share. */
#ifndef JF_REPORTS_FIGURES_PARTS_H
#define JF_REPORTS_FIGURES_PARTS_H

#include "reports/figures.h"
#include "reports/ranking.h"
#include "reports/result.h"

/* The fit that a figure is about: the result itself, or of a comparison the law that was asked for, or the
 * best. */
jf_status jf_figure_fit(const jf_figure_source *source, const json_t **out, jf_error *err);
const char *jf_figure_law_name(const json_t *fit);
/* Names of a comparison's laws in its order; the array is freed with jf_free. */
jf_status jf_figure_laws(const jf_ranked *all, const char ***out, jf_error *err);

/* Row-wise numbers of a fit ("rows.NAME"); an error when the result was saved without rows. */
jf_status jf_figure_rows(const json_t *fit, const char *name, double **out, size_t *n, jf_error *err);
/* Values of an input column by row: numbers, or labels; NULL when it has none such. */
const json_t *jf_figure_inputs(const json_t *fit);

/* "energy (J)" of the raw response, or with `word` in front: "measured energy (J)". */
void jf_figure_response_title(const json_t *fit, const char *word, char *title, size_t size);
/* "d_model" or "tokens (1)" of an input, with its unit from the model part. */
void jf_figure_input_title(const json_t *fit, const char *column, char *title, size_t size);

/* Are all numbers finite and positive, and their range so wide that a log axis reads better? */
bool jf_figure_wants_log(const double *numbers, size_t n, double least_ratio);
/* Does an estimate that could lie from low to high stand nearer to the middle of a log axis than of a linear
 * one, as one does that is known within a factor? */
bool jf_figure_is_factor(double low, double estimate, double high);
void jf_figure_range(const double *numbers, size_t n, double *low, double *high);

/* So many points that they are shown as a density: what stands under them is drawn over them. */
enum { JF_DENSE_POINTS = 1500 };
bool jf_figure_is_dense(size_t n);
/* Adds them so. */
jf_status jf_figure_add_density(jf_panel *panel, const double *x, const double *y, size_t n, jf_error *err);
/* The line of equality, or of zero, as it is drawn under few points (grey) or over a density (black). */
jf_status jf_figure_add_guide(jf_panel *panel, const double *x, const double *y, bool over, jf_error *err);

/* Lines of several levels or laws differ in grey, too: the first is solid, the others are dashed, each in its
 * own way. */
jf_series_kind jf_figure_line_kind(int colour);

/* Adds points coloured by the levels of the fit's first label input with few levels (all in one colour
 * without); a density where they are many. */
jf_status jf_figure_add_rows(jf_panel *panel, const json_t *fit, const double *x, const double *y, size_t n,
                             jf_error *err);
/* Sets the caption, printf-style. */
jf_status jf_figure_caption(jf_figure *figure, jf_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- runs ---- */

enum { JF_MOST_LEVELS = 6 };

/* Which of a few levels each run has. */
typedef struct jf_run_levels {
    const char *column; /* borrowed; NULL: there is none, and one nameless level */
    char *names[JF_MOST_LEVELS];
    size_t n;
    int *of_run; /* -1: missing, or none of the most frequent */
    size_t n_others;
} jf_run_levels;

size_t jf_figure_n_runs(const jf_figure_source *source);
/* A column of the runs that are drawn; freed with jf_free. */
jf_status jf_figure_run_numbers(const jf_figure_source *source, const char *name, double **out,
                                jf_error *err);
/* Levels of the column asked for with source->by, else of `usual` where there is such. */
jf_status jf_figure_run_levels(const jf_figure_source *source, const char *usual, jf_run_levels *out,
                               jf_error *err);
void jf_run_levels_clear(jf_run_levels *levels);
/* Points of the runs, a series a level; those that lack a value are left out. */
jf_status jf_figure_add_levels(jf_panel *panel, const jf_run_levels *levels, const double *x, const double *y,
                               size_t n, jf_error *err);

enum { JF_MOST_COUNTS = 64 };

/* Medians and quartiles at each number of GPUs. */
typedef struct jf_by_count {
    double x[JF_MOST_COUNTS], median[JF_MOST_COUNTS], low[JF_MOST_COUNTS], high[JF_MOST_COUNTS];
    size_t n;
} jf_by_count;

/* Of the runs (all n, or those whose entry in `levels` is `level`); x is the number of GPUs times `shift`, so
 * that levels stand a little beside one another. */
jf_status jf_figure_by_count(const double *gpus, const double *y, const int *levels, int level, size_t n,
                             double shift, jf_by_count *out, jf_error *err);

/* "RMS error of the log (rmse_log)". */
const char *jf_figure_metric_title(const char *metric, char *title, size_t size);

/* Can it be made of this? */
typedef bool jf_figure_server(const jf_figure_source *source);
jf_figure_server jf_figure_serves_bootstrap, jf_figure_serves_contours, jf_figure_serves_conventions,
    jf_figure_serves_efficiency, jf_figure_serves_ladder, jf_figure_serves_profiles;

/* The builders, one file each. */
typedef jf_status jf_figure_builder(const jf_figure_source *source, jf_figure *figure, jf_error *err);
jf_figure_builder jf_figure_bootstrap, jf_figure_contours, jf_figure_conventions, jf_figure_correlations,
    jf_figure_curve, jf_figure_efficiency, jf_figure_efficiency_parity, jf_figure_extrapolation,
    jf_figure_front, jf_figure_ladder, jf_figure_parity, jf_figure_profiles, jf_figure_quantiles,
    jf_figure_roofline, jf_figure_trace, jf_figure_residuals, jf_figure_scores, jf_figure_weights;

#endif
