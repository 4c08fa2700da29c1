/* How far the data of a panel reach along its axes. */
#ifndef JF_PLOTS_EXTENT_H
#define JF_PLOTS_EXTENT_H

#include "plots/figure.h"

typedef struct jf_span {
    double low, high;
    bool log;
    bool fractions; /* some point is no whole number */
} jf_span;

/* How many points have no place on the axes, and why. */
typedef struct jf_hidden {
    size_t n_missing, n_not_positive; /* the latter on a log axis */
} jf_hidden;

/* Ranges of both axes with some room at their ends, and the points that have no place on them. False when
 * nothing has one. */
bool jf_panel_extent(const jf_panel *panel, jf_span *x, jf_span *y, jf_hidden *hidden);
/* Can point i of the series be drawn on these axes? */
bool jf_series_visible(const jf_panel *panel, const jf_series *series, size_t i);
/* Is the series a line or the like, where a missing point is a gap and not something hidden? */
bool jf_series_is_line(const jf_series *series);

#endif
