/* Which of the finished starts is the result, with a proof where one can be had, and what is told of the
 * others. */
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "fit/solve/search_parts.h"

enum {
    CONTENDERS = 3,  /* the best so many minima are finished on all rows by the solver of record */
    MORE_PROOFS = 8, /* so many other starts may be finished for want of a proof */
    MOST_BASINS = 10
};

/* Minima that are worse by more than this fraction are not taken up again. */
static const double HOPELESS = 1e-2;

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

/* Fits a candidate once more, which tells what it has no room for; it is the winner unless another was proved
 * before or it is the second without a proof. */
static jf_status try_winner(jf_search_state *s, jf_candidate *c, jf_minimum *best, jf_candidate **winner,
                            jf_error *err)
{
    jf_minimum *m = &s->searchers[0].minimum;
    jf_status status;

    if (*winner && best->converged) return JF_OK;
    memcpy(m->theta, c->theta, s->k * sizeof(double));
    m->loss = INFINITY;
    m->iterations = c->iterations;
    status = jf_local_fit(s->searchers[0].whole, JF_FULL, m, err);
    if (*winner && status == JF_EFIT) return JF_OK;
    if (*winner && !m->converged) return status;
    jf_minimum_copy(best, m, s->k);
    *winner = c;
    return status;
}

/* The lowest, unless a start that was given came as low, or another came as low with the proof that it is a
 * minimum: equal minima far out, as the aliases of a frequency, have fewer digits to prove it with. */
static jf_status choose_best(jf_search_state *s, jf_candidate **sorted, jf_minimum *best,
                             jf_candidate **winner, jf_error *err)
{
    double lowest = sorted[0]->loss;
    jf_status status = JF_OK;

    s->searchers[0].whole->max_iterations = s->options->max_iterations;
    *winner = NULL;
    for (size_t i = 0; i < s->n_given; i++)
        if (s->finished[i].converged && jf_search_same_loss(s, s->finished[i].loss, lowest))
            JF_TRY(try_winner(s, &s->finished[i], best, winner, err));
    for (size_t i = 0; i < s->n_finished && jf_search_same_loss(s, sorted[i]->loss, lowest); i++)
        if (sorted[i]->converged) JF_TRY(try_winner(s, sorted[i], best, winner, err));
    if (!*winner) JF_TRY(try_winner(s, sorted[0], best, winner, err));
done:
    return status;
}

/* Finishes other starts that came as low as the winner, until one has its proof; true when there were any. */
static jf_status look_for_proof(jf_search_state *s, const jf_candidate *winner, bool *any, jf_error *err)
{
    double low = s->sampled ? winner->sample_loss : winner->loss;
    jf_status status = JF_OK;
    size_t before = s->n_finished;

    for (size_t i = 0; i < s->n_screened && s->n_finished < before + MORE_PROOFS; i++) {
        jf_candidate *start = &s->starts[i];
        const jf_candidate *c = &s->finished[s->n_finished];

        if (start->taken || !jf_search_alike(start->loss, low)) continue;
        jf_search_take(s, start, NULL);
        JF_TRY(jf_search_finish(s, s->searchers[0].whole, s->n_finished - 1, 0, JF_FULL, err));
        if (c->converged && jf_search_same_loss(s, c->loss, winner->loss)) break;
    }
    *any = s->n_finished > before;
done:
    return status;
}

jf_status jf_search_conclude(jf_search_state *s, jf_minimum *best, jf_solution *out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_candidate **sorted, *winner;
    bool more = false;

    weigh_on_all_rows(s);
    sorted = jf_search_ranked(s->finished, s->n_finished);
    JF_TRY_NEW(sorted, err, "starts");
    if (!s->n_finished || !isfinite(sorted[0]->loss))
        JF_TRY(jf_fail(err, JF_EFIT, "no start came to a finite loss"));
    JF_TRY(compare_contenders(s, sorted, err));
    JF_TRY(choose_best(s, sorted, best, &winner, err));
    if (!best->converged) JF_TRY(look_for_proof(s, winner, &more, err));
    if (more) {
        jf_free(sorted);
        sorted = jf_search_ranked(s->finished, s->n_finished);
        JF_TRY_NEW(sorted, err, "starts");
        JF_TRY(choose_best(s, sorted, best, &winner, err));
    }
    JF_TRY(list_basins(s, sorted, winner, out, err));
done:
    jf_free(sorted);
    return status;
}
