/* Leaving the best minimum found for a better one: by drawing some parameters anew, and along what the data
 * leave open. */
#include "fit/solve/search_parts.h"

#include <math.h>
#include <string.h>
#include "core/parallel.h"
#include "core/stream.h"
#include "fit/solve/starts.h"

/* Whether screening proved a minimum that is no lower than the best: nothing is left to find there. */
static bool is_another_minimum(const jf_search_state *s, const jf_minimum *m)
{
    return jf_search_is_proved(s, m->converged) &&
           (m->loss >= s->best->loss || jf_search_same_loss(s, m->loss, s->best->loss));
}

/* Hops leave by one or two of the searched parameters drawn anew: two minima often differ in few. */
static jf_status hop(void *context, size_t item, int thread, jf_error *err)
{
    jf_search_state *s = context;
    jf_searcher *worker = &s->searchers[thread];
    jf_candidate *c = &s->finished[s->n_finished + item];
    jf_minimum *m = &worker->minimum;
    jf_stream stream = jf_stream_make(s->options->seed, JF_FOR_STARTS,
                                      ((uint64_t)1 << 40) + s->hop_round * s->n_hops + item);

    memcpy(m->theta, s->best->theta, s->k * sizeof(double));
    m->iterations = 0;
    for (size_t i = 0; i <= item % 2; i++) {
        size_t j = worker->split->search[jf_stream_below(&stream, s->n_dimensions)];

        m->theta[j] = jf_draw_parameter(s->problem, j, jf_stream_uniform(&stream), item % 4 >= 2);
    }
    c->loss = jf_search_split_loss(worker, m->theta);
    memcpy(c->theta, m->theta, s->k * sizeof(double));
    if (!isfinite(c->loss)) return JF_OK;
    jf_search_choose_logarithms(s, item, c->theta, worker->logarithmic);
    c->loss = INFINITY;
    if (jf_local_screen(worker->light, JF_SEARCH_SCREEN_STEPS, worker->logarithmic, m)) {
        jf_search_keep(s, m, c);
        if (is_another_minimum(s, m)) return JF_OK;
    }
    c->loss = INFINITY;
    return jf_search_finish(s, worker->light, s->n_finished + item, thread, JF_FULL, err);
}

/* Points s->best to the lowest; true where that is lower than before. */
static bool find_best(jf_search_state *s)
{
    const jf_candidate *before = s->best;

    for (size_t i = 0; i < s->n_finished; i++)
        if (!s->best || s->finished[i].loss < s->best->loss) s->best = &s->finished[i];
    return s->best && isfinite(s->best->loss) &&
           (!before || !jf_search_same_loss(s, s->best->loss, before->loss));
}

/* Whether few came to the best, neither half of the finalists nor a third of all starts that were screened
 * (few of each loss are finalists): then there are many minima, and others may be as hard to find. */
static bool is_rare(const jf_search_state *s, size_t n_finalists)
{
    size_t screened = 0, finalists = 0;

    for (size_t i = 0; i < s->n_screened; i++) screened += jf_search_alike(s->starts[i].loss, s->best->loss);
    for (size_t i = 0; i < n_finalists; i++)
        finalists += jf_search_same_loss(s, s->finished[i].loss, s->best->loss);
    return 3 * screened < s->n_screened && 2 * finalists < n_finalists;
}

jf_status jf_search_hop(jf_search_state *s, jf_error *err)
{
    jf_status status = JF_OK;
    size_t n_finalists = s->n_finished;

    if (!s->n_dimensions || !find_best(s)) return JF_OK;
    for (s->hop_round = 0; s->hop_round < JF_SEARCH_HOP_ROUNDS; s->hop_round++) {
        JF_TRY(jf_parallel(s->n_hops, s->n_threads, hop, s, err));
        s->n_finished += s->n_hops;
        s->n_starts += s->n_hops;
        if (!find_best(s) && !is_rare(s, n_finalists)) break;
    }
    JF_TRY(jf_search_step_aside(s, err));
done:
    return status;
}
