/* Normal equations of columns that are kept, with residuals and gradient found anew from the rows until the
 * gradient vanishes. */
#include "fit/infer/refit_linear.h"

#include <float.h>
#include <math.h>
#include <string.h>
#include "core/expr/kernels.h"
#include "core/memory.h"
#include "fit/loops.h"
#include "fit/triangle.h"

enum { ROWS = 256, MOST_CORRECTIONS = 4, MOST_NUMBERS = 1 << 20 };
static const double SMALLEST_PIVOT = 1e-10; /* below: squaring the rows loses too much */
static const double FAINTEST_COLUMN = 1e-11; /* a parameter that moves the values less tells nothing */

struct jf_refit_linear {
    const jf_problem *problem;
    const jf_loops *loops;
    double tolerance;
    size_t n, room, p; /* room: n in whole steps of the loops; p: free parameters */
    size_t *parameter; /* p */
    double *memory;
    double *columns;                    /* room x p: derivatives by the free parameters */
    double *offset;                     /* room: the law's values where these are zero */
    double *weight, *target, *residual; /* room: what is fitted to, less the offset */
    const double **at;                  /* p + 1: a block's columns, and its target */
    double *packed;                     /* (p + 1) (p + 2) / 2 */
    double *gram, *factor;              /* p x p */
    double *scale, *estimate, *pull;    /* p */
    double rounding;                    /* length of residuals that are nothing but rounding */
};

static size_t count_numbers(size_t room, size_t p, size_t k)
{
    return room * (p + 4) + (p + 1) * (p + 2) / 2 + 2 * p * p + 3 * p + (room * k + k);
}

bool jf_refit_linear_suits(const jf_problem *problem, const jf_loss *loss)
{
    return loss->kind == JF_LOSS_LS && jf_formula_is_linear(problem->formula) &&
           problem->n <= MOST_NUMBERS / (problem->k + 4);
}

void jf_refit_linear_free(jf_refit_linear *l)
{
    if (!l) return;
    jf_free(l->parameter);
    jf_free(l->memory);
    jf_free((void *)l->at);
    jf_free(l);
}
