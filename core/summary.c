#include "core/summary.h"

#include <math.h>
#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

void jf_sort(double *values, size_t n)
{
    if (n) qsort(values, n, sizeof *values, by_value);
}

double jf_mean(const double *values, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) sum += values[i];
    return n ? sum / (double)n : NAN;
}

double jf_quantile(const double *sorted, size_t n, double p)
{
    if (n == 0) return NAN;
    double place = p * (double)(n - 1), below = floor(place);
    size_t i = (size_t)below;

    if (i + 1 >= n || place == below) return sorted[i < n ? i : n - 1];
    if (isinf(sorted[i + 1])) return sorted[i + 1];
    return isinf(sorted[i]) ? sorted[i] : sorted[i] + (place - below) * (sorted[i + 1] - sorted[i]);
}

double jf_median(double *values, size_t n)
{
    jf_sort(values, n);
    return jf_quantile(values, n, 0.5);
}
