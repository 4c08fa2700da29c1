/* The loop that someone would write by hand for the Chinchilla law: value and five derivatives. */
#ifndef JF_TESTS_BENCH_HAND_LOOP_H
#define JF_TESTS_BENCH_HAND_LOOP_H

#include <stddef.h>

/* theta: log_A alpha log_B beta log_E; gradient: five arrays. All arrays hold n rounded up to 8. */
typedef void (*hand_loop)(const double *log_n, const double *log_d, size_t n, const double *theta,
                          double *value, double *const *gradient);

/* The loop compiled with the flags of those kernels. */
hand_loop hand_loop_for(const char *kernels);

void hand_loop_base(const double *log_n, const double *log_d, size_t n, const double *theta, double *value,
                    double *const *gradient);
#ifdef __x86_64__
void hand_loop_avx2(const double *log_n, const double *log_d, size_t n, const double *theta, double *value,
                    double *const *gradient);
void hand_loop_avx512(const double *log_n, const double *log_d, size_t n, const double *theta, double *value,
                      double *const *gradient);
#endif

#endif
