/* What the steps of inference share: scores.c, estimates.c, wald.c and requests.c build on each other in this
 * order. A quantity is known by its gradient by the n_theta parameters of the formula. */
#ifndef JF_FIT_INFER_INFER_PARTS_H
#define JF_FIT_INFER_INFER_PARTS_H

#include "fit/fit_parts.h"

/* scores.c */
/* Fills work->psi, slope and variance. */
jf_status jf_fit_score(jf_fit_work *work);
/* Covariance of all parameters into `whole` (n_theta^2): zeros for what is fixed or at a bound. */
jf_status jf_fit_covariance(jf_fit_work *work, jf_se_kind kind, double *whole);
/* Degrees of freedom of `m` quantities with these gradients (m x n_theta): the same for all but under cr2;
 * infinite: normal. */
jf_status jf_fit_degrees(jf_fit_work *work, jf_se_kind kind, const double *gradients, size_t m, double *df);
/* Those of predictions and of joint tests. */
double jf_fit_common_degrees(const jf_fit_work *work, jf_se_kind kind);
/* How quantities with these gradients follow Q'e: m x rank of the design. */
void jf_fit_moves(const jf_fit_work *work, const double *gradients, size_t m, double *moves);
/* Two-sided quantile of t (or the normal); NaN without degrees of freedom. */
double jf_t_quantile(double level, double df);
double jf_t_p_value(double statistic, double df);

/* estimates.c: the list of estimates, and their gradients (most_estimates x n_theta, zeroed). */
jf_status jf_estimates_add_parameters(jf_fit_work *work, double *gradients);
jf_status jf_estimates_add_ties(jf_fit_work *work, double *gradients);
double *jf_gradient_row(double *gradients, const jf_fit *fit, size_t i);
/* The value of tied estimate i at theta, and its gradient (n_theta); NaN for what is not tied. */
jf_status jf_estimate_value(jf_fit_work *work, size_t i, const double *theta, double *gradient,
                            double *value);

/* wald.c */
/* Has this quantity a Wald error at all? */
bool jf_has_error(const jf_fit_work *work, const double *gradient, jf_state state);
/* Why a quantity made of parameters has none, or NULL. */
const char *jf_why_no_error(const jf_fit_work *work, const double *gradient);
/* Does the gradient have a part along a direction that the data leave open, or by a parameter that runs away?
 */
bool jf_is_open(const jf_fit *fit, const double *gradient);
double jf_bilinear(const double *a, const double *covariance, const double *b, size_t n);

/* joint_test.c */
/* F test that `q` quantities with these gradients (q x n_theta) are where they are `distance` away from; NaN
 * where one has no error (NaN distance), and where one follows from the others (*dependent). */
jf_status jf_joint_test(jf_fit_work *work, size_t q, const double *distance, const double *gradients,
                        jf_wald_test *test, bool *dependent);
/* distance' covariance^-1 distance; false, and NaN, where the covariance (overwritten) has no inverse. */
bool jf_wald_quadratic(double *covariance, const double *distance, size_t q, double *out);
/* Upper tail of F; infinite df2: of chi-squared / df1. NaN without degrees of freedom. */
double jf_f_p_value(double statistic, double df1, double df2);

/* requests.c */
jf_status jf_fit_add_requests(jf_fit_work *work);
/* "lhs = rhs" as the expression "(lhs) - (rhs)", of `length` bytes; JF_EUSAGE without an '='. */
jf_status jf_statement_parse(jf_fit_work *work, const char *text, size_t length, jf_ast **out);

#endif
