/* The search for the lowest minimum: screening and finishing. */
#include "fit/solve/search.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "core/stream.h"
#include "fit/solve/search_parts.h"
#include "fit/solve/starts.h"

enum {
    FEWEST_FINISHED = 10,
    FINISH_STEPS = 100, /* what has not settled by then goes on only if it is the best */
    ALIKE = 3           /* so many finished starts of one loss are enough for a basin */
};

/* ---- screening and finishing ------------------------------------------------------------------------------
 */

void jf_search_keep(const jf_search_state *s, const jf_minimum *minimum, jf_candidate *c)
{
    memcpy(c->theta, minimum->theta, s->k * sizeof(double));
    c->loss = minimum->loss;
    c->iterations = minimum->iterations;
    c->converged = minimum->converged;
}

/* Positive parameters that may differ by orders of magnitude are searched on their logarithm by every other
 * start. */
void jf_search_choose_logarithms(const jf_search_state *s, size_t item, const double *theta,
                                 bool *logarithmic)
{
    for (size_t j = 0; j < s->k; j++)
        logarithmic[j] = item % 2 == 0 && s->problem->log_range[j] && theta[j] > 0 &&
                         s->problem->lower[j] >= 0 && !s->problem->fixed[j];
}

static jf_status screen(void *context, size_t item, int thread, jf_error *err)
{
    jf_search_state *s = context;
    jf_searcher *worker = &s->searchers[thread];
    jf_candidate *c = &s->starts[item];
    jf_minimum *m = &worker->minimum;

    (void)err;
    memcpy(m->theta, c->theta, s->k * sizeof(double));
    m->iterations = 0;
    jf_search_choose_logarithms(s, item, c->theta, worker->logarithmic);
    c->loss = INFINITY;
    if (jf_local_screen(worker->light, JF_SEARCH_SCREEN_STEPS, worker->logarithmic, m))
        jf_search_keep(s, m, c);
    return JF_OK;
}

bool jf_search_is_proved(const jf_search_state *s, bool converged)
{
    return converged && !jf_loss_has_kink(&s->options->loss);
}

bool jf_search_alike(double a, double b)
{
    return fabs(a - b) <= 1e-6 * fmax(a, b);
}

void jf_search_take(jf_search_state *s, jf_candidate *start, const jf_candidate *before)
{
    jf_candidate *c = &s->finished[s->n_finished++];

    start->taken = true;
    memcpy(c->theta, start->theta, s->k * sizeof(double));
    if (!before || !before->converged || !jf_search_is_proved(s, start->converged) ||
        !jf_search_same_loss(s, start->loss, before->loss))
        return;
    c->loss = start->loss;
    c->iterations = start->iterations;
    c->converged = true;
}

/* The screened starts to finish: the lowest, but only some of each loss. */
static jf_status choose_finalists(jf_search_state *s, jf_error *err)
{
    jf_candidate **sorted = jf_search_ranked(s->starts, s->n_starts);
    size_t wanted = s->n_starts / 4 > FEWEST_FINISHED ? s->n_starts / 4 : FEWEST_FINISHED;
    size_t alike = 0;
    const jf_candidate *last = NULL;

    if (!sorted) return jf_fail(err, JF_ENOMEM, "out of memory for starts");
    for (size_t i = 0; i < s->n_starts && s->n_finished < s->n_given + wanted; i++) {
        double loss = sorted[i]->loss;

        if (!isfinite(loss)) break;
        alike = last && jf_search_alike(loss, last->loss) ? alike + 1 : 0;
        if (alike < ALIKE || s->n_finished + s->n_starts - i <= s->n_given + wanted)
            jf_search_take(s, sorted[i], alike ? last : NULL);
        last = sorted[i];
    }
    jf_free(sorted);
    return JF_OK;
}

/* Fits one finalist further, on the rows of `local`; kept where that lowers its loss or it has none on these
 * rows yet. */
jf_status jf_search_finish(jf_search_state *s, jf_local *local, size_t item, int thread, jf_effort effort,
                           jf_error *err)
{
    jf_candidate *c = &s->finished[item];
    jf_minimum *m = &s->searchers[thread].minimum;
    size_t steps = s->options->max_iterations;
    jf_status status;

    local->max_iterations = effort == JF_FULL && steps > FINISH_STEPS ? FINISH_STEPS : steps;
    memcpy(m->theta, c->theta, s->k * sizeof(double));
    m->iterations = c->iterations;
    status = jf_local_fit(local, effort, m, err);
    if (status == JF_OK && m->loss <= c->loss) jf_search_keep(s, m, c);
    return status == JF_EFIT ? JF_OK : status;
}

/* Starts that were given go through the solver of record from where they stand; the others come to an end on
 * the rows searched. */
static jf_status finish(void *context, size_t item, int thread, jf_error *err)
{
    jf_search_state *s = context;
    jf_searcher *worker = &s->searchers[thread];

    if (isfinite(s->finished[item].loss)) return JF_OK;
    if (item < s->n_given) return jf_search_finish(s, worker->whole, item, thread, JF_OF_RECORD, err);
    return jf_search_finish(s, worker->light, item, thread, JF_FULL, err);
}

/* Has memory run out in a start that was then dropped? */
static bool any_starved(const jf_search_state *s)
{
    for (int i = 0; i < s->n_threads; i++)
        if (s->searchers[i].light->objective->starved || s->searchers[i].whole->objective->starved)
            return true;
    return false;
}

/* The start that was given: options->from, else problem->start where it is complete. */
static void take_given(jf_search_state *s)
{
    const double *from = s->options->from ? s->options->from : s->problem->start;

    for (size_t j = 0; j < s->k; j++)
        if (!isfinite(from[j])) return;
    memcpy(s->finished[0].theta, from, s->k * sizeof(double));
    s->n_given = s->n_finished = 1;
}

jf_status jf_search(const jf_problem *problem, const jf_solve_options *options, jf_minimum *best,
                    jf_solution *out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_search_state s;

    JF_TRY(jf_search_begin(problem, options, &s, err));
    take_given(&s);
    if (s.n_starts) {
        JF_TRY(jf_search_draw(&s, err));
        jf_progress_stage("starts");
        JF_TRY(jf_parallel(s.n_starts, s.n_threads, screen, &s, err));
        s.n_screened = s.n_starts;
        JF_TRY(choose_finalists(&s, err));
    }
    jf_progress_stage("best starts");
    JF_TRY(jf_parallel(s.n_finished, s.n_threads, finish, &s, err));
    if (s.n_starts) JF_TRY(jf_search_hop(&s, err));
    JF_TRY(jf_search_conclude(&s, best, out, err));
    if (any_starved(&s)) status = jf_fail(err, JF_ENOMEM, "out of memory for starts");
done:
    jf_search_clear(&s);
    return status;
}
