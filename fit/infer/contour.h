/* Joint confidence regions of two parameters (--contour a,b): the curve along which the loss, all other
 * parameters refitted, has grown by what F with 2 degrees of freedom allows. Source: Bates and Watts 1988,
 * section 6.1. */
#ifndef JF_FIT_INFER_CONTOUR_H
#define JF_FIT_INFER_CONTOUR_H

#include "fit/fit_parts.h"
#include "fit/infer/held.h"

#define JF_CONTOUR_FAR 100.0 /* radii of the ellipse that the curvature at the fit suggests */

/* What one curve is followed with. */
typedef struct jf_contour_setup {
    jf_profile_setup profile; /* quantile: of the region, as sqrt(2 F) */
    size_t which[2];
    bool logs[2];      /* follow the logarithm of a scale */
    double root[2][2]; /* lower triangle: of the estimates' (or their logarithms') covariance */
} jf_contour_setup;

/* Follows the curve; first, second and level of `out` are left alone. As jf_profile_run, `better` (k) and
 * `better_loss` take a lower minimum that is come on. Not followed beyond a bound of either parameter
 * (JF_CONTOUR_BOUND), nor beyond JF_CONTOUR_FAR times the region that the curvature at the fit suggests
 * (JF_CONTOUR_UNBOUNDED): the points then run from one end of the curve to the other. */
jf_status jf_contour_run(const jf_contour_setup *setup, jf_contour *out, double *better, double *better_loss,
                         jf_error *err);

/* contour_set.c: reads --contour and adds what it asks for to the fit, or leaves a better minimum in
 * work->better. */
jf_status jf_contours_add(jf_fit_work *work);

#endif
