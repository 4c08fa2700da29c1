/* What a fit of many parameters will take, before it is begun. */
#include "core/memory.h"
#include "core/progress.h"
#include "fit/fit_parts.h"

/* Measured for laws with 800 to 1600 levels on 1600 to 16000 rows: factoring the Jacobian and what follows
 * from it take 0.9 to 1.8 ns for each k^2 (n + k). Starts and refits tell how far they are themselves. */
static const double seconds_of_factoring = 1.5e-9;

/* At least: two matrices as long as the rows, or six that are square, whichever is more. */
static double least_bytes(double n, double k)
{
    double tall = 2 * n * k, square = 6 * k * k;

    return sizeof(double) * (tall > square ? tall : square);
}

jf_status jf_fit_foresee(jf_fit_work *work)
{
    const jf_problem *problem = work->problem;
    double n = (double)problem->n, k = (double)jf_problem_n_free(problem), bytes = least_bytes(n, k);

    if (!jf_memory_would_fit(bytes))
        return jf_fail(work->err, JF_ENOMEM, "law '%s': out of memory for %zu free parameters on %zu rows",
                       problem->law->name, jf_problem_n_free(problem), problem->n);
    jf_progress_foresee("factoring the Jacobian of many parameters", seconds_of_factoring * k * k * (n + k));
    return JF_OK;
}
