/* The search for the lowest minimum: screening, finishing, choosing. */
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
    ALIKE = 3,          /* so many finished starts of one loss are enough for a basin */
    CONTENDERS = 3,     /* the best so many minima are finished on all rows by the solver of record */
    MOST_BASINS = 10
};

/* Minima that are worse by more than this fraction are not taken up again. */
static const double HOPELESS = 1e-2;

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

/* The screened starts to finish: the lowest, but only some of each loss. */
static jf_status choose_finalists(jf_search_state *s, jf_error *err)
{
    jf_candidate **sorted = jf_search_ranked(s->starts, s->n_starts);
    size_t wanted = s->n_starts / 4 > FEWEST_FINISHED ? s->n_starts / 4 : FEWEST_FINISHED;
    size_t alike = 0;
    double last = -1;

    if (!sorted) return jf_fail(err, JF_ENOMEM, "out of memory for starts");
    for (size_t i = 0; i < s->n_starts && s->n_finished < s->n_given + wanted; i++) {
        double loss = sorted[i]->loss;

        if (!isfinite(loss)) break;
        alike = fabs(loss - last) <= 1e-6 * loss ? alike + 1 : 0;
        last = loss;
        if (alike >= ALIKE && s->n_finished + s->n_starts - i > s->n_given + wanted) continue;
        memcpy(s->finished[s->n_finished++].theta, sorted[i]->theta, s->k * sizeof(double));
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

    if (item < s->n_given) return jf_search_finish(s, worker->whole, item, thread, JF_OF_RECORD, err);
    return jf_search_finish(s, worker->light, item, thread, JF_FULL, err);
}

/* ---- the result -------------------------------------------------------------------------------------------
 */

/* Whether two losses are the same minimum's. */
bool jf_search_same_loss(const jf_search_state *s, double a, double b)
{
    double rounding = 1e4 * s->searchers[0].whole->objective->rounding;

    return fabs(a - b) <= 1e-7 * fmax(a, b) + rounding * rounding;
}

static jf_status list_basins(const jf_search_state *s, jf_candidate *const *sorted, const jf_candidate *best,
                             jf_solution *out, jf_error *err)
{
    jf_loss loss = s->options->loss;

    out->basins = JF_NEW_ZEROED(jf_basin, MOST_BASINS);
    if (!out->basins) return jf_fail(err, JF_ENOMEM, "out of memory for starts");
    for (size_t i = 0; i < s->n_finished && isfinite(sorted[i]->loss); i++) {
        double reported = jf_loss_reported(&loss, sorted[i]->loss);
        jf_basin *last = out->n_basins ? &out->basins[out->n_basins - 1] : NULL;
        double before = last ? last->loss / jf_loss_reported(&loss, 1) : 0;

        out->starts_agreeing += jf_search_same_loss(s, sorted[i]->loss, best->loss);
        if (!sorted[i]->converged && sorted[i] != best) continue; /* a plateau, no minimum */
        if (last && jf_search_same_loss(s, sorted[i]->loss, before))
            last->count++;
        else if (out->n_basins < MOST_BASINS)
            out->basins[out->n_basins++] = (jf_basin){reported, 1};
        else
            break;
    }
    out->starts_tried = s->n_given + s->n_starts;
    out->starts_finished = s->n_finished;
    return JF_OK;
}

/* The lowest, unless a start that was given came as low, or another came as low with the proof that it is a
 * minimum: equal minima far out have fewer digits to prove it with. */
static jf_candidate *choose_best(const jf_search_state *s, jf_candidate *const *sorted)
{
    for (size_t i = 0; i < s->n_given; i++)
        if (s->finished[i].converged && jf_search_same_loss(s, s->finished[i].loss, sorted[0]->loss))
            return &s->finished[i];
    for (size_t i = 0; i < s->n_finished && jf_search_same_loss(s, sorted[i]->loss, sorted[0]->loss); i++)
        if (sorted[i]->converged) return sorted[i];
    return sorted[0];
}

/* Where the search went over a sample of the rows, the losses of its finalists are found anew on all of them.
 */
static void weigh_on_all_rows(jf_search_state *s)
{
    for (size_t i = s->n_given; s->sampled && i < s->n_finished; i++) {
        jf_candidate *c = &s->finished[i];

        c->sample_loss = c->loss;
        if (!jf_objective_loss(s->searchers[0].whole->objective, c->theta, &c->loss)) c->loss = INFINITY;
    }
}

/* What was one minimum on the sample is taken as one on all rows: the one that `done` went on to. */
static void carry_over(jf_search_state *s, const jf_candidate *done)
{
    for (size_t i = s->n_given; s->sampled && i < s->n_finished; i++) {
        jf_candidate *c = &s->finished[i];

        if (c == done || done->sample_loss == 0 || !jf_search_same_loss(s, c->sample_loss, done->sample_loss))
            continue;
        memcpy(c->theta, done->theta, s->k * sizeof *c->theta);
        c->loss = done->loss;
    }
}

/* The solver of record for each minimum that may be the best one. */
static jf_status compare_contenders(jf_search_state *s, jf_candidate **sorted, jf_error *err)
{
    jf_local *whole = s->searchers[0].whole;
    jf_status status = JF_OK;
    double last = -1, best = sorted[0]->loss;
    size_t taken = 0;

    for (size_t i = 0; i < s->n_finished && taken < CONTENDERS && isfinite(sorted[i]->loss); i++) {
        double loss = sorted[i]->loss;

        if (loss > best * (1 + HOPELESS) && !jf_search_same_loss(s, loss, best)) break;
        if (jf_search_same_loss(s, loss, last)) continue;
        last = loss;
        taken++;
        JF_TRY(jf_search_finish(s, whole, (size_t)(sorted[i] - s->finished), 0, JF_OF_RECORD, err));
        carry_over(s, sorted[i]);
    }
    jf_search_rank(sorted, s->n_finished);
done:
    return status;
}

/* Chooses the best and lists the others. */
static jf_status conclude(jf_search_state *s, jf_minimum *best, jf_solution *out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_candidate **sorted, *winner;

    weigh_on_all_rows(s);
    sorted = jf_search_ranked(s->finished, s->n_finished);
    JF_TRY_NEW(sorted, err, "starts");
    if (!s->n_finished || !isfinite(sorted[0]->loss))
        JF_TRY(jf_fail(err, JF_EFIT, "no start came to a finite loss"));
    JF_TRY(compare_contenders(s, sorted, err));
    winner = choose_best(s, sorted);
    JF_TRY(list_basins(s, sorted, winner, out, err));
    memcpy(best->theta, winner->theta, s->k * sizeof(double));
    best->loss = INFINITY;
    best->iterations = winner->iterations;
    s->searchers[0].whole->max_iterations = s->options->max_iterations;
    JF_TRY(jf_local_fit(s->searchers[0].whole, JF_FULL, best, err)); /* says what `winner` has no room for */
done:
    jf_free(sorted);
    return status;
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
        JF_TRY(choose_finalists(&s, err));
    }
    jf_progress_stage("best starts");
    JF_TRY(jf_parallel(s.n_finished, s.n_threads, finish, &s, err));
    if (s.n_starts) JF_TRY(jf_search_hop(&s, err));
    JF_TRY(conclude(&s, best, out, err));
    if (any_starved(&s)) status = jf_fail(err, JF_ENOMEM, "out of memory for starts");
done:
    jf_search_clear(&s);
    return status;
}
