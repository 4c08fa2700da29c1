/* A fit to a sample of the rows: its minimum is within a hundredth or so of the full one's. */
#include "fit/solve/approach.h"

#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "fit/solve/local.h"

enum { SAMPLE = 16384 };
static const double NEAR = 1e-5; /* scaled gradient: the sample is no better than that */

/* One row at random out of each of as many stretches as the sample has rows: in order, and in no step with
 * any pattern of theirs. */
static void draw(size_t n, size_t *index)
{
    jf_stream stream = jf_stream_make(JF_DEFAULT_SEED, JF_FOR_STARTS, (uint64_t)1 << 50);

    for (size_t i = 0; i < SAMPLE; i++) {
        size_t begin = i * n / SAMPLE, end = (i + 1) * n / SAMPLE;

        index[i] = begin + jf_stream_below(&stream, end - begin);
    }
}

static bool tells_all(const jf_problem *problem, const jf_minimum *minimum)
{
    size_t open = 0;

    for (size_t j = 0; j < problem->k; j++) open += !problem->fixed[j] && !minimum->bound[j];
    return minimum->converged && minimum->rank == open;
}

void jf_approach(const jf_problem *problem, const jf_loss *loss, size_t max_iterations, double *theta)
{
    jf_status status = JF_OK;
    size_t *index = JF_NEW_ARRAY(size_t, SAMPLE);
    jf_problem *part = NULL;
    jf_local *local = NULL;
    jf_minimum minimum = {0};

    JF_TRY_NEW(index, NULL, "a sample");
    draw(problem->n, index);
    JF_TRY(jf_problem_subset(problem, index, SAMPLE, &part, NULL));
    JF_TRY(jf_local_new(part, loss, max_iterations, NEAR, &local, NULL));
    JF_TRY(jf_minimum_new(problem->k, &minimum, NULL));
    memcpy(minimum.theta, theta, problem->k * sizeof *theta);
    JF_TRY(jf_local_fit(local, JF_LEAN, &minimum, NULL));
    if (tells_all(problem, &minimum)) memcpy(theta, minimum.theta, problem->k * sizeof *theta);
done:
    (void)status;
    jf_minimum_clear(&minimum);
    jf_local_free(local);
    jf_problem_free(part);
    jf_free(index);
}
