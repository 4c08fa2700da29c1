/* The exact minimum of a loss with a kink (l1, quantile) for a law that is linear, or made linear at a point:
 * such a minimum lies at a vertex, where as many rows as there are parameters have residual zero. */
#ifndef JF_FIT_VERTEX_H
#define JF_FIT_VERTEX_H

#include "fit/problem/objective.h"

/* From minimum->theta, at which the law is made linear, down along edges to the vertex with the lowest loss
 * (Barrodale and Roberts 1973; Koenker and d'Orey 1987). `lower` and `upper` (k): where theta may go, both
 * sides of minimum->theta.
 *
 * Everything in `minimum` is filled for the linear law: `converged` says that no edge leads down, proved by
 * multipliers between the slopes at the kink (q - 1 and q); `scaled_gradient` is what these multipliers leave
 * of the gradient. Rows that tie are told apart by shifts that are taken back at the end.
 *
 * Passes over the rows: two an edge. Memory: four numbers a row and O(k^2). JF_EFIT: the law or a derivative
 * is not finite at minimum->theta. JF_ENOMEM. */
jf_status jf_vertex_find(jf_objective *objective, const double *lower, const double *upper,
                         jf_minimum *minimum, jf_error *err);

#endif
