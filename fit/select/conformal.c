/* Finds the ends of conformal intervals by walking through the residuals of all parts at once. */
#include "fit/select/conformal.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>

/* Weights that should add up to the allowance exactly may miss it by rounding. */
static const double slack = 1e-9;

static void sift_down(jf_calibration_part *part, size_t root, size_t n)
{
    double residual = part->residual[root], weight = part->weight[root];

    for (size_t child; (child = 2 * root + 1) < n; root = child) {
        if (child + 1 < n && part->residual[child + 1] > part->residual[child]) child++;
        if (part->residual[child] <= residual) break;
        part->residual[root] = part->residual[child];
        part->weight[root] = part->weight[child];
    }
    part->residual[root] = residual;
    part->weight[root] = weight;
}

/* Heap sort: two arrays move together and nothing is allocated. */
void jf_calibration_sort(jf_calibration_part *part)
{
    for (size_t root = part->n / 2; root-- > 0;) sift_down(part, root, part->n);
    for (size_t end = part->n; end-- > 1;) {
        double residual = part->residual[end], weight = part->weight[end];
        part->residual[end] = part->residual[0];
        part->weight[end] = part->weight[0];
        part->residual[0] = residual;
        part->weight[0] = weight;
        sift_down(part, 0, end);
    }
    part->above[part->n] = 0;
    for (size_t i = part->n; i-- > 0;) part->above[i] = part->above[i + 1] + part->weight[i];
}

/* Where the walk stands: elements before inside[k] of part k are at or below the end. Runs are alike, so the
 * end of the last one, as an offset from its first centre, is where the next walk begins. */
typedef struct walk {
    const jf_calibration *calibration;
    double sign, allowance;
    size_t inside[JF_MAX_CALIBRATION_PARTS];
    double offset;
} walk;

static double value_at(const walk *w, const double *centre, size_t k, size_t i)
{
    double value = w->sign * centre[k] + w->calibration->parts[k].residual[i];
    return isnan(value) ? INFINITY : value;
}

/* Moves all parts to `guess`; the weight above it. */
static double move_to(walk *w, const double *centre, double guess)
{
    double above = 0;

    for (size_t k = 0; k < w->calibration->n_parts; k++) {
        const jf_calibration_part *part = &w->calibration->parts[k];
        size_t *i = &w->inside[k];
        while (*i < part->n && value_at(w, centre, k, *i) <= guess) ++*i;
        while (*i > 0 && value_at(w, centre, k, *i - 1) > guess) --*i;
        above += part->above[*i];
    }
    return above;
}

/* The part whose next element outside is the smallest (`up`), or whose last one inside is the largest; its
 * value goes to *value. n_parts when there is none. */
static size_t next_part(const walk *w, const double *centre, bool up, double *value)
{
    size_t found = w->calibration->n_parts;

    for (size_t k = 0; k < w->calibration->n_parts; k++) {
        if (up ? w->inside[k] == w->calibration->parts[k].n : w->inside[k] == 0) continue;
        double at = value_at(w, centre, k, up ? w->inside[k] : w->inside[k] - 1);
        if (found == w->calibration->n_parts || (up ? at < *value : at > *value)) {
            *value = at;
            found = k;
        }
    }
    return found;
}

/* Smallest t with at most the allowed weight (in groups) above it among sign * centre + residual. */
static double upper_end(walk *w, const double *centre)
{
    double guess = w->sign * centre[0] + w->offset, value = -INFINITY;
    double above = move_to(w, centre, isnan(guess) ? INFINITY : guess);
    size_t n_parts = w->calibration->n_parts, k;

    if (above > w->allowance + slack)
        while (above > w->allowance + slack && (k = next_part(w, centre, true, &value)) < n_parts)
            above -= w->calibration->parts[k].weight[w->inside[k]++];
    else
        for (;;) {
            value = -INFINITY; /* alpha near 1: nothing need be covered */
            k = next_part(w, centre, false, &value);
            if (k == n_parts) break;
            above += w->calibration->parts[k].weight[w->inside[k] - 1];
            if (above > w->allowance + slack) break;
            w->inside[k]--;
        }
    w->offset = value - w->sign * centre[0];
    if (isnan(w->offset)) w->offset = INFINITY;
    return value;
}

void jf_conformal_intervals(const jf_calibration *calibration, const double *centre, size_t n, double alpha,
                            double *low, double *high)
{
    double allowance = alpha * (double)(calibration->n_groups + 1) - 1;
    walk up = {.calibration = calibration, .sign = 1, .allowance = allowance, .offset = INFINITY};
    walk down = {.calibration = calibration, .sign = -1, .allowance = allowance, .offset = INFINITY};

    assert(calibration->n_parts <= JF_MAX_CALIBRATION_PARTS);
    for (size_t i = 0; i < n; i++) {
        const double *at = centre + i * calibration->n_parts;
        high[i] = allowance < -slack ? INFINITY : upper_end(&up, at);
        low[i] = allowance < -slack ? -INFINITY : -upper_end(&down, at);
    }
}

size_t jf_conformal_groups_missing(size_t n_groups, double alpha)
{
    size_t needed = (size_t)ceil(1 / alpha - 1 - slack);
    return needed > n_groups ? needed - n_groups : 0;
}
