/* Reads --contour, and follows the curves that it asks for. */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "core/text.h"
#include "fit/infer/contour.h"
#include "fit/infer/profile.h"

enum { MOST_LEVELS = 8 };
static const double MOST_USUAL =
    1e4; /* usual lengths: a longer error says that the curvature tells nothing */

const char *const jf_contour_state_names[] = {"closed", "bound", "unbounded", "failed", NULL};

/* ---- reading ---- */

typedef struct wish {
    size_t which[2];
    double levels[MOST_LEVELS];
    size_t n_levels;
} wish;

static jf_status find_estimate(const jf_fit_work *work, const char *text, size_t length, size_t *out)
{
    jf_status status = JF_OK;
    const jf_fit *fit = work->fit;
    const char **names = JF_NEW_ARRAY(const char *, fit->n_theta);
    char *name, hint[128];

    while (length && *text == ' ') text++, length--;
    while (length && text[length - 1] == ' ') length--;
    name = jf_copy_bytes(text, length);
    JF_TRY_NEW(names && name ? name : NULL, work->err, "a contour");
    for (*out = 0; *out < fit->n_theta; ++*out) {
        names[*out] = fit->estimates[*out].name;
        if (jf_parameter_name_same(names[*out], name)) break;
    }
    if (*out == fit->n_theta)
        status = jf_fail(work->err, JF_EUSAGE, "--contour: no parameter '%s'%s", name,
                         jf_did_you_mean(hint, sizeof hint, name, names, fit->n_theta));
    else if (work->problem->fixed[*out])
        status = jf_fail(work->err, JF_EUSAGE, "--contour: '%s' is fixed", name);
done:
    jf_free(names);
    jf_free(name);
    return status;
}

static jf_status read_levels(const jf_fit_work *work, const char *text, wish *out)
{
    while (*text) {
        size_t length = strcspn(text, ",");
        double level;

        if (!jf_number_read(text, length, &level) || !(level > 0 && level < 1))
            return jf_fail(work->err, JF_EUSAGE, "--contour: expected levels between 0 and 1, found '%s'",
                           text);
        if (out->n_levels == MOST_LEVELS)
            return jf_fail(work->err, JF_EUSAGE, "--contour: more than %d levels", MOST_LEVELS);
        out->levels[out->n_levels++] = level;
        text += length + (text[length] == ',');
    }
    return JF_OK;
}

/* "a,b" or "a,b:0.5,0.95". */
static jf_status read_wish(const jf_fit_work *work, const char *text, wish *out)
{
    jf_status status = JF_OK;
    const char *comma = jf_find_outside(text, ",:"),
               *colon = *comma == ',' ? jf_find_outside(comma + 1, ",:") : comma;

    *out = (wish){0};
    if (*comma != ',' || *colon == ',')
        return jf_fail(work->err, JF_EUSAGE,
                       "--contour: expected two parameters as 'a,b' or 'a,b:0.5,0.95', found '%s'", text);
    JF_TRY(find_estimate(work, text, (size_t)(comma - text), &out->which[0]));
    JF_TRY(find_estimate(work, comma + 1, (size_t)(colon - comma - 1), &out->which[1]));
    if (out->which[0] == out->which[1])
        JF_TRY(
            jf_fail(work->err, JF_EUSAGE, "--contour: expected two different parameters, found '%s'", text));
    if (*colon) JF_TRY(read_levels(work, colon + 1, out));
    if (!out->n_levels) out->levels[out->n_levels++] = work->fit->level;
done:
    return status;
}

/* ---- coordinates ---- */

/* The place of parameter j in the design, or design.p. */
static size_t place_in_design(const jf_fit_work *work, size_t j)
{
    size_t a = 0;

    while (a < work->design.p && work->active[a] != j) a++;
    return a;
}

static double covariance_of(const jf_fit_work *work, size_t i, size_t j)
{
    const jf_design *design = &work->design;
    size_t a = place_in_design(work, i), b = place_in_design(work, j);
    double sum = 0;

    if (!design->inverse || a == design->p || b == design->p) return NAN;
    if (!design->determined[a] || !design->determined[b]) return NAN;
    for (size_t m = 0; m < design->rank; m++)
        sum += design->inverse[a * design->rank + m] * design->inverse[b * design->rank + m];
    return sum * work->variance;
}

/* A length that is neither tiny nor huge: a tenth of the parameter, or of the range that its starts are drawn
 * from. */
static double usual_length(const jf_problem *problem, const double *theta, size_t j, bool log_scale)
{
    double length = 0.1 * fabs(theta[j]);

    if (log_scale) return 0.2;
    if (length > 0) return length;
    length = 0.1 * fabs(problem->range_high[j] - problem->range_low[j]);
    return length > 0 && isfinite(length) ? length : 1;
}

/* Coordinates in which the region of the tangent law is a circle of radius `quantile`; along the axes where
 * the curvature at the fit does not tell. */
static jf_contour_setup setup_of(const jf_fit_work *work, const wish *w, double level)
{
    jf_contour_setup s = {.profile = jf_profile_setup_of(work), .which = {w->which[0], w->which[1]}};
    const jf_problem *problem = work->problem;
    bool known = problem->weight && problem->weights_kind == JF_WEIGHTS_ABSOLUTE;
    double df = (double)work->fit->df, c[2][2], unit[2], rest;

    s.profile.quantile = known    ? sqrt(gsl_cdf_chisq_Pinv(level, 2))
                         : df > 0 ? sqrt(2 * gsl_cdf_fdist_Pinv(level, 2, df))
                                  : NAN;
    for (int i = 0; i < 2; i++) {
        size_t j = w->which[i];
        s.logs[i] = problem->log_range[j] && work->fit->theta[j] > 0 && problem->lower[j] >= 0;
        unit[i] = s.logs[i] ? work->fit->theta[j] : 1;
    }
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++)
            c[i][j] = covariance_of(work, w->which[i], w->which[j]) / (unit[i] * unit[j]);
    rest = c[1][1] - c[0][1] * c[0][1] / c[0][0];
    for (int i = 0; i < 2; i++) {
        double usual = usual_length(problem, work->fit->theta, w->which[i], s.logs[i]);
        if (work->fit->linear && c[i][i] > 0) continue; /* the curvature is the same everywhere */
        if (c[i][i] <= MOST_USUAL * MOST_USUAL * usual * usual) continue;
        rest = NAN;
        c[i][i] = usual * usual;
    }
    if (c[0][0] > 0 && rest > 1e-12 * c[1][1]) {
        s.root[0][0] = sqrt(c[0][0]);
        s.root[1][0] = c[0][1] / s.root[0][0];
        s.root[1][1] = sqrt(rest);
    } else {
        s.root[0][0] = sqrt(c[0][0]);
        s.root[1][1] = sqrt(c[1][1]);
    }
    return s;
}

/* ---- how it ended ---- */

/* Is there no telling how far the region goes along this parameter: no best value, no end of its profile, or
 * an error beyond itself where the search did not end well? */
static bool is_open(const jf_fit *fit, const jf_estimate *e)
{
    if (e->state == JF_STATE_UNIDENTIFIED) return true;
    if (e->state != JF_STATE_WEAK) return false;
    return e->identity.open_below || e->identity.open_above ||
           (e->identity.relative_error > 1 && fit->outcome != JF_CONVERGED);
}

/* The first of the two that is open, or NULL. */
static const jf_estimate *open_one(const jf_fit *fit, const jf_contour *contour)
{
    const jf_estimate *first = &fit->estimates[contour->first], *second = &fit->estimates[contour->second];

    if (is_open(fit, first)) return first;
    return is_open(fit, second) ? second : NULL;
}

/* How near the ends of the edge come to a bound of parameter `axis`, in sizes of the edge along it. */
static double gap_to_bound(const jf_fit *fit, const jf_contour *contour, size_t j, int axis)
{
    double gap = INFINITY, low = INFINITY, high = -INFINITY, size;

    for (size_t i = 0; i < contour->n_points; i++) {
        low = fmin(low, contour->points[2 * i + axis]);
        high = fmax(high, contour->points[2 * i + axis]);
    }
    size = high > low ? high - low : 1;
    for (size_t end = 0; end < 2 && contour->n_points; end++) {
        double at = contour->points[2 * (end ? contour->n_points - 1 : 0) + axis];
        gap = fmin(gap, fmin(at - fit->estimates[j].lower, fit->estimates[j].upper - at) / size);
    }
    return gap;
}

static const char *bound_name(const jf_fit *fit, const jf_contour *contour)
{
    bool first =
        gap_to_bound(fit, contour, contour->first, 0) <= gap_to_bound(fit, contour, contour->second, 1);

    return fit->estimates[first ? contour->first : contour->second].name;
}

/* A curve about a parameter that the rows leave open has no end, wherever the walk along it was lost. */
static jf_status give_reason(jf_fit_work *work, jf_contour *contour)
{
    const jf_estimate *open = open_one(work->fit, contour);

    bool held = contour->state == JF_CONTOUR_BOUND && open && isfinite(open->upper - open->lower);

    if (open && !held && contour->state != JF_CONTOUR_CLOSED) contour->state = JF_CONTOUR_UNBOUNDED;
    if (contour->state == JF_CONTOUR_CLOSED) return JF_OK;
    if (contour->state == JF_CONTOUR_UNBOUNDED && open)
        contour->reason =
            jf_format("these rows %s '%s'",
                      open->state == JF_STATE_WEAK ? "hardly determine" : "do not determine", open->name);
    else if (contour->state == JF_CONTOUR_UNBOUNDED)
        contour->reason =
            jf_format("the region goes on beyond %g times the size that the curvature at the fit suggests",
                      JF_CONTOUR_FAR);
    else if (contour->state == JF_CONTOUR_BOUND)
        contour->reason = jf_format("the region reaches a bound of '%s'", bound_name(work->fit, contour));
    else
        contour->reason = jf_format(work->fit->df ? "the edge was lost: refits along it do not agree"
                                                  : "no degrees of freedom are left");
    return contour->reason ? JF_OK : jf_fail(work->err, JF_ENOMEM, "out of memory for contours");
}

/* ---- all ---- */

typedef struct all_contours {
    jf_contour_setup *setups;
    jf_contour *contours;
    double *better, *better_loss;
    size_t k;
} all_contours;

static jf_status run_one(void *context, size_t i, int thread, jf_error *err)
{
    all_contours *all = context;
    const jf_profile_setup *profile = &all->setups[i].profile;

    (void)thread;
    all->better_loss[i] = INFINITY;
    if (!(profile->unit > 0 && profile->quantile > 0)) {
        all->contours[i].state = JF_CONTOUR_FAILED;
        return JF_OK;
    }
    return jf_contour_run(&all->setups[i], &all->contours[i], all->better + i * all->k, &all->better_loss[i],
                          err);
}

static jf_status run_all(jf_fit_work *work, all_contours *all)
{
    jf_status status = JF_OK;
    size_t n = work->fit->n_contours, best = 0;

    all->better = JF_NEW_ARRAY(double, n * all->k);
    all->better_loss = JF_NEW_ARRAY(double, n);
    JF_TRY_NEW(all->better && all->better_loss ? all : NULL, work->err, "contours");
    jf_progress_stage("contours");
    JF_TRY(jf_parallel(n, (int)work->options->threads, run_one, all, work->err));
    for (size_t i = 1; i < n; i++)
        if (all->better_loss[i] < all->better_loss[best]) best = i;
    if (n && isfinite(all->better_loss[best]) && !work->last)
        JF_TRY(jf_profile_keep_better(work, all->better + best * all->k, all->better_loss[best],
                                      all->contours[best].first));
done:
    jf_free(all->better);
    jf_free(all->better_loss);
    return status;
}

jf_status jf_contours_add(jf_fit_work *work)
{
    jf_status status = JF_OK;
    jf_fit *fit = work->fit;
    size_t n = work->options->contour.n;
    all_contours all = {.k = fit->n_theta};
    wish w;

    if (!n || fit->outcome == JF_FAILED) return JF_OK;
    fit->contours = JF_NEW_ZEROED(jf_contour, n * MOST_LEVELS);
    all.setups = JF_NEW_ZEROED(jf_contour_setup, n * MOST_LEVELS);
    JF_TRY_NEW(fit->contours && all.setups ? fit : NULL, work->err, "contours");
    all.contours = fit->contours;
    for (size_t i = 0; i < n; i++) {
        JF_TRY(read_wish(work, work->options->contour.items[i], &w));
        for (size_t level = 0; level < w.n_levels; level++) {
            fit->contours[fit->n_contours] =
                (jf_contour){.first = w.which[0], .second = w.which[1], .level = w.levels[level]};
            all.setups[fit->n_contours++] = setup_of(work, &w, w.levels[level]);
        }
    }
    JF_TRY(run_all(work, &all));
    for (size_t i = 0; i < fit->n_contours; i++) JF_TRY(give_reason(work, &fit->contours[i]));
    jf_profile_warn(work);
done:
    jf_free(all.setups);
    return status;
}
