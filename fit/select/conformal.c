/* Finds the ends of conformal intervals by walking in from the largest residuals of all parts at once. */
#include "fit/select/conformal.h"

#include <assert.h>
#include <math.h>

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
}

static double end_at(const jf_calibration_part *part, size_t left, double sign, double centre)
{
    double value = sign * centre + part->residual[left - 1];
    return isnan(value) ? INFINITY : value;
}

/* Smallest t with at most `allowance` weight (in groups) above it among sign * centre + residual. */
static double upper_end(const jf_calibration *calibration, const double *centre, double sign,
                        double allowance)
{
    size_t left[JF_MAX_CALIBRATION_PARTS];
    double above = 0;

    assert(calibration->n_parts <= JF_MAX_CALIBRATION_PARTS);
    for (size_t k = 0; k < calibration->n_parts; k++) left[k] = calibration->parts[k].n;
    for (;;) {
        size_t best = calibration->n_parts;
        double largest = -INFINITY;

        for (size_t k = 0; k < calibration->n_parts; k++) {
            if (left[k] == 0) continue;
            double value = end_at(&calibration->parts[k], left[k], sign, centre[k]);
            if (best == calibration->n_parts || value > largest) {
                largest = value;
                best = k;
            }
        }
        if (best == calibration->n_parts) return -INFINITY; /* alpha near 1: nothing need be covered */
        above += calibration->parts[best].weight[left[best] - 1];
        if (above > allowance + slack) return largest;
        left[best]--;
    }
}

void jf_conformal_interval(const jf_calibration *calibration, const double *centre, double alpha, double *low,
                           double *high)
{
    double allowance = alpha * (double)(calibration->n_groups + 1) - 1;

    *low = -INFINITY;
    *high = INFINITY;
    if (allowance < -slack) return;
    *high = upper_end(calibration, centre, 1, allowance);
    *low = -upper_end(calibration, centre, -1, allowance);
}

size_t jf_conformal_groups_missing(size_t n_groups, double alpha)
{
    size_t needed = (size_t)ceil(1 / alpha - 1 - slack);
    return needed > n_groups ? needed - n_groups : 0;
}
