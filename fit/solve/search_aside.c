/* Leaving a minimum whose bounds hold only for some values of what the data leave open. A term that its bound
 * keeps at zero leaves its exponent open, say: that the term is better away was then seen for one exponent.
 * So what is open is drawn anew, the rest fitted around it, and all let go: where a bound holds no longer,
 * the fit goes on from there. */
#include "fit/solve/search_parts.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/parallel.h"
#include "core/stream.h"
#include "fit/solve/runaway_walk.h"
#include "fit/solve/starts.h"

static const double FIRST_STRIDE = 0.05, LEAST_STRIDE = 0.01; /* of the way to go */
static const double FAR = 1e20, WIDE = 10;                    /* how much further than ranges */

/* Anywhere within the bounds and, every other time, at one of them: what a bound holds back is the most where
 * the open ones are extreme. A walk ends by itself where the others come to their bounds. */
static double draw_open(const jf_problem *p, size_t j, double u)
{
    double low = p->lower[j], high = p->upper[j], share = fmin(fmax(2 * u - 0.5, 0), 1);

    if (p->log_range[j]) {
        low = fmax(low, p->range_low[j] / FAR), high = fmin(high, p->range_high[j] * FAR);
        return low * pow(high / low, share);
    }
    if (isinf(low)) low = p->range_low[j] - WIDE * (p->range_high[j] - p->range_low[j]);
    if (isinf(high)) high = p->range_high[j] + WIDE * (p->range_high[j] - p->range_low[j]);
    return low + share * (high - low);
}

/* Walks parameter walk->j towards `end`, the others following, as far as the loss stays level. */
static void go_towards(const jf_search_state *s, jf_walk *walk, double end)
{
    double begin = walk->theta[walk->j], from = jf_search_coordinate(s, walk->j, begin);
    double way = jf_search_coordinate(s, walk->j, end) - from, stride = FIRST_STRIDE, gone = 0;

    if (jf_walk_go_to(walk, begin, 0) != JF_WENT) return;
    while (gone < 1 && stride >= LEAST_STRIDE) {
        double next = fmin(gone + stride, 1), value = jf_search_value(s, walk->j, from + next * way);
        bool went = jf_walk_go_to(walk, value, JF_WALK_LEVEL) == JF_WENT;

        if (went) gone = next;
        stride = went ? 2 * stride : 0.25 * stride;
    }
}

/* Walks along what is open, one after the other, each item beginning with another. */
static jf_status wander(const jf_search_state *s, const jf_problem *problem, size_t item, double *theta,
                        double *smoothing, jf_error *err)
{
    jf_stream stream = jf_stream_make(s->options->seed, JF_FOR_STARTS, ((uint64_t)1 << 41) + item);
    jf_status status = JF_OK;
    jf_walk walk = {0};

    for (size_t i = 0; i < s->n_open; i++) {
        size_t j = s->open[(item + i) % s->n_open];

        JF_TRY(jf_walk_new(problem, s->options, theta, j, &walk, err));
        jf_walk_set_out(&walk, theta);
        go_towards(s, &walk, draw_open(s->problem, j, jf_stream_uniform(&stream)));
        memcpy(theta, walk.theta, s->k * sizeof *theta);
        *smoothing = walk.smoothing;
        jf_walk_clear(&walk);
    }
done:
    if (status != JF_OK) jf_walk_clear(&walk);
    return status;
}

static jf_status step_aside(void *context, size_t item, int thread, jf_error *err)
{
    jf_search_state *s = context;
    jf_searcher *worker = &s->searchers[thread];
    jf_candidate *c = &s->sidesteps[item];
    jf_minimum *m = &worker->minimum;
    jf_status status = JF_OK;
    double smoothing = 0;

    memcpy(m->theta, s->best->theta, s->k * sizeof(double));
    JF_TRY(wander(s, worker->light->objective->problem, item, m->theta, &smoothing, err));
    m->iterations = 0;
    jf_search_choose_logarithms(s, item, m->theta, worker->logarithmic);
    if (jf_local_walk(worker->light, smoothing, worker->logarithmic, m)) jf_search_keep(s, m, c);
done:
    return status;
}

/* Lists what the data leave open at the best minimum; nothing where no bound holds. */
static jf_status find_open(jf_search_state *s, jf_error *err)
{
    jf_searcher *worker = &s->searchers[0];
    jf_minimum *m = &worker->minimum;
    jf_status status;
    size_t n_held = 0;

    s->n_open = 0;
    memcpy(m->theta, s->best->theta, s->k * sizeof(double));
    status = jf_local_fit(worker->light, JF_FULL, m, err);
    if (status != JF_OK) return status == JF_EFIT ? JF_OK : status;
    for (size_t j = 0; j < s->k; j++) n_held += m->bound[j] != 0;
    for (size_t j = 0; n_held && j < s->k; j++)
        if (m->unidentified[j]) s->open[s->n_open++] = j;
    return JF_OK;
}

/* The lowest of the sidesteps is finished with the others where it left the minimum. */
jf_status jf_search_step_aside(jf_search_state *s, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_candidate *lowest = s->sidesteps;

    JF_TRY(find_open(s, err));
    if (!s->n_open || !s->n_sidesteps) goto done;
    JF_TRY(jf_parallel(s->n_sidesteps, s->n_threads, step_aside, s, err));
    for (size_t i = 1; i < s->n_sidesteps; i++)
        if (s->sidesteps[i].loss < lowest->loss) lowest = &s->sidesteps[i];
    if (!(lowest->loss < s->best->loss) || jf_search_same_loss(s, lowest->loss, s->best->loss)) goto done;
    memcpy(s->finished[s->n_finished].theta, lowest->theta, s->k * sizeof(double));
    JF_TRY(jf_search_finish(s, s->searchers[0].light, s->n_finished, 0, JF_FULL, err));
    s->n_finished++;
done:
    return status;
}
