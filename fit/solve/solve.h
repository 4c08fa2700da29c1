/* Finding the minimum: one call from a bound problem to the best parameters found, with the proof that they
 * are a minimum. The chain: linear laws directly (QR, bounded least squares); others from given and
 * quasi-random starts, screened in bulk by the lean solver (small.h), the best finished by GSL's trust region
 * (trust.h, the solver of record) and refined in extended precision (refine.h). */
#ifndef JF_FIT_SOLVE_H
#define JF_FIT_SOLVE_H

#include "fit/fit.h"
#include "fit/problem/problem.h"

/* sum over rows of weight * rho(residual); see loss.h for the kinds and their constants. */
typedef struct jf_loss {
    jf_loss_kind kind;
    double constant; /* delta of huber and softl1, scale of cauchy, c of tukey, q of quantile; NaN: none */
} jf_loss;

/* "ls", "huber:1e-3", "softl1:D", "cauchy:D", "tukey:C", "l1", "quantile:Q". */
/* Without a constant, huber, softl1, cauchy and tukey take their usual one (95 % efficiency at normal errors)
 * times a scale that is estimated from the data. */
jf_status jf_loss_read(const char *text, jf_loss *out, jf_error *err);

typedef struct jf_solve_options {
    jf_loss loss;
    size_t starts;      /* quasi-random starts for nonlinear laws, besides those given */
    bool local_only;    /* one local solve from `from`: refits on folds and resamples */
    bool lean;          /* with local_only: squares of linear laws too, where the rows tell all parameters */
    const double *from; /* k: first start (warm); NULL: problem->start where complete */
    size_t max_iterations;
    double tolerance; /* scaled gradient: max_j |g_j| / (|J_j| |r|) at which a fit has converged */
    uint64_t seed;
    int threads;
} jf_solve_options;

/* A parameter that has no best value: the loss goes on falling as it grows or shrinks (runaway.h). */
typedef struct jf_runaway {
    bool open;            /* it is one */
    double from, reached; /* how far it was followed */
    double fall;          /* of the loss on the way, as a part of it */
} jf_runaway;

typedef struct jf_solution {
    double *theta; /* k */
    signed char
        *bound; /* k: -1 at the lower bound, 1 at the upper, with a multiplier that holds it there; else 0 */
    bool *unidentified;  /* k: the data do not tell this parameter's value (its column repeats others or moves
                            nothing) */
    jf_runaway *runaway; /* k, or NULL: no parameter runs away */
    double loss;         /* sum of weight * rho; squares: the weighted residual sum of squares */
    double loss_constant;   /* as given or estimated; NaN: none */
    double scaled_gradient; /* of the free parameters */
    jf_outcome outcome;
    size_t iterations;
    size_t rank; /* of the scaled Jacobian over free parameters not at a bound */
    bool linear;
    size_t starts_tried, starts_finished, starts_agreeing;
    jf_basin *basins; /* different minima, best first, at most 10 */
    size_t n_basins;
    char failure[256]; /* why, when outcome is JF_FAILED or JF_FLAT: names row or parameter; else empty */
} jf_solution;

/* Errors are for what no fit could be tried with (memory, too many parameters); all else is an outcome. The
 * same bytes for any number of threads, provided that OpenBLAS runs with one (openblas_set_num_threads(1))
 * and GSL's error handler is off: `main` sees to both. */
jf_status jf_solve(const jf_problem *problem, const jf_solve_options *options, jf_solution *out,
                   jf_error *err);
void jf_solution_clear(jf_solution *solution);

#endif
