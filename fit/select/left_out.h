/* Least squares of a linear law without some of its rows, from one factorisation of all of them. */
#ifndef JF_FIT_SELECT_LEFT_OUT_H
#define JF_FIT_SELECT_LEFT_OUT_H

#include "fit/problem/problem.h"
#include "fit/solve/solve.h"

/* With X the (weighted) columns of the free parameters and X = QR, leaving out the rows S changes Q'Q = I to
 * I - Q_S'Q_S, a k x k matrix whatever S is: the hat-matrix identity of leave-one-out, y_S - yhat_(-S) =
 * (I - H_SS)^-1 (y_S - yhat_S), in the form that also suits large S. */
typedef struct jf_left_out jf_left_out;

/* *out is NULL where the identity does not hold or pay: laws that are not linear, that learn from their rows,
 * have bounds or weights made from predictions, other losses than squares, columns that others make up, very
 * many rows. */
jf_status jf_left_out_new(const jf_problem *whole, jf_loss loss, jf_left_out **out, jf_error *err);
/* theta (k, with the values of fixed parameters) from the rows `index` alone (ascending, into the problem's
 * rows). False where these rows do not tell all parameters well, or memory is short: refit then. */
bool jf_left_out_fit(const jf_left_out *all, const size_t *index, size_t n, double *theta);
void jf_left_out_free(jf_left_out *all);

#endif
