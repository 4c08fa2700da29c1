#ifndef JF_SUMMARY_H
#define JF_SUMMARY_H

#include <stddef.h>

/* Summaries of a list of numbers without NaN; infinities are numbers. Each gives NaN for an empty list. */

/* Ascending, in place. */
void jf_sort(double *values, size_t n);

double jf_mean(const double *values, size_t n);

/* Quantile at p in [0, 1] of values in ascending order: straight lines between order statistics, type 7 of
 * Hyndman and Fan 1996 (the default of R and numpy). Between a finite and an infinite value: the infinite
 * one. */
double jf_quantile(const double *sorted, size_t n, double p);

/* Sorts `values`; the mean of the middle two when n is even. */
double jf_median(double *values, size_t n);

#endif
