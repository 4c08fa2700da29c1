/* Where local fits start: draws over the ranges, improved while only losses are looked at. */
#include "fit/solve/search_parts.h"

#include <math.h>
#include <string.h>
#include "core/parallel.h"
#include "core/stream.h"
#include "fit/solve/starts.h"

enum {
    DRAWS_AT_ONCE = 16,
    SWEPT = 12,        /* the best so many draws are improved one parameter at a time */
    SWEEP_POINTS = 24, /* values tried of each */
    MOST_SWEPT_PARAMETERS = 10,
    GENERATIONS = 16 /* of crossing the best draws */
};

/* The middle of a range is where linear parameters are held while the others are tried. */
static double middle(const jf_problem *p, size_t j)
{
    return jf_draw_parameter(p, j, 0.5, false);
}

static void draw(const jf_search_state *s, const jf_split *split, size_t i, double *theta)
{
    const double *u = s->cube + i * s->n_dimensions;
    bool wide = i % 2 == 1, partly_given = i % 4 >= 2;

    for (size_t j = 0; j < s->k; j++) theta[j] = middle(s->problem, j);
    for (size_t d = 0; d < s->n_dimensions; d++) {
        size_t j = split->search[d];
        bool given = partly_given && isfinite(s->problem->start[j]);

        theta[j] = given ? s->problem->start[j] : jf_draw_parameter(s->problem, j, u[d], wide);
    }
}

/* The loss of squares at theta once the linear parameters are solved for. */
double jf_search_split_loss(jf_searcher *worker, double *theta)
{
    jf_objective *o = worker->light->objective;
    double loss;

    o->penalty = (jf_penalty){{JF_LOSS_LS, NAN}, 0};
    if (!jf_split_solve(worker->split, o, theta) || !jf_objective_loss(o, theta, &loss)) return INFINITY;
    return loss;
}

static jf_status try_draws(void *context, size_t item, int thread, jf_error *err)
{
    jf_search_state *s = context;
    jf_searcher *worker = &s->searchers[thread];

    (void)err;
    for (size_t i = item * DRAWS_AT_ONCE; i < (item + 1) * DRAWS_AT_ONCE && i < s->n_draws; i++) {
        draw(s, worker->split, i, s->draws[i].theta);
        s->draws[i].loss = jf_search_split_loss(worker, s->draws[i].theta);
    }
    return JF_OK;
}

/* Improves a draw by trying other values of one searched parameter at a time: where some are right by chance,
 * as of two frequencies one, the others are found. */
static jf_status sweep(void *context, size_t item, int thread, jf_error *err)
{
    jf_search_state *s = context;
    jf_searcher *worker = &s->searchers[thread];
    jf_candidate *c = s->ranked_draws[item];
    double *trial = worker->minimum.theta;
    jf_stream stream = jf_stream_make(s->options->seed, JF_FOR_STARTS, ((uint64_t)1 << 32) + item);

    (void)err;
    for (size_t d = 0; isfinite(c->loss) && d < s->n_dimensions; d++)
        for (size_t i = 0; i < SWEEP_POINTS; i++) {
            size_t j = worker->split->search[d], pair = i / 2, n_pairs = SWEEP_POINTS / 2;
            double u = ((double)pair + jf_stream_uniform(&stream)) / (double)n_pairs, loss;

            memcpy(trial, c->theta, s->k * sizeof *trial);
            trial[j] = jf_draw_parameter(s->problem, j, u, i % 2);
            loss = jf_search_split_loss(worker, trial);
            if (!(loss < c->loss)) continue;
            memcpy(c->theta, trial, s->k * sizeof *trial);
            c->loss = loss;
        }
    return JF_OK;
}

/* A parameter as draws see it: logarithmically where its range is. */
double jf_search_coordinate(const jf_search_state *s, size_t j, double value)
{
    return s->problem->log_range[j] && value > 0 ? log(value) : value;
}

double jf_search_value(const jf_search_state *s, size_t j, double coordinate)
{
    double value = s->problem->log_range[j] ? exp(coordinate) : coordinate;

    return fmin(fmax(value, s->problem->lower[j]), s->problem->upper[j]);
}

/* One child of differential evolution (Storn and Price 1997; Zhang and Sanderson 2009: towards one of the
 * best): what one draw has right and another has right come together. Kept where it is better than its
 * parent. */
static jf_status cross(void *context, size_t item, int thread, jf_error *err)
{
    jf_search_state *s = context;
    jf_searcher *worker = &s->searchers[thread];
    jf_stream stream =
        jf_stream_make(s->options->seed, JF_FOR_STARTS, ((uint64_t)(2 + s->generation) << 32) + item);
    const jf_candidate *parent = s->ranked_draws[item], *lead, *a, *b;
    double *child = s->children + item * s->k;
    double stride = 0.4 + 0.5 * jf_stream_uniform(&stream);
    size_t kept;

    (void)err;
    lead = s->ranked_draws[jf_stream_below(&stream, 1 + s->n_population / 5)];
    a = s->ranked_draws[jf_stream_below(&stream, s->n_population)];
    b = s->ranked_draws[jf_stream_below(&stream, s->n_population)];
    kept = jf_stream_below(&stream, s->n_dimensions);
    memcpy(child, parent->theta, s->k * sizeof *child);
    for (size_t d = 0; d < s->n_dimensions; d++) {
        size_t j = worker->split->search[d];
        double x = jf_search_coordinate(s, j, parent->theta[j]);

        if (jf_stream_uniform(&stream) > 0.7 && d != kept) continue;
        x += stride * (jf_search_coordinate(s, j, lead->theta[j]) - x) +
             stride * (jf_search_coordinate(s, j, a->theta[j]) - jf_search_coordinate(s, j, b->theta[j]));
        child[j] = jf_search_value(s, j, x);
    }
    s->child_losses[item] = jf_search_split_loss(worker, child);
    return JF_OK;
}

static jf_status evolve(jf_search_state *s, jf_error *err)
{
    jf_status status = JF_OK;

    s->n_population = s->n_draws < JF_SEARCH_POPULATION ? s->n_draws : JF_SEARCH_POPULATION;
    for (s->generation = 0; s->generation < GENERATIONS && s->n_dimensions > 1; s->generation++) {
        JF_TRY(jf_parallel(s->n_population, s->n_threads, cross, s, err));
        for (size_t i = 0; i < s->n_population; i++) {
            if (!(s->child_losses[i] < s->ranked_draws[i]->loss)) continue;
            memcpy(s->ranked_draws[i]->theta, s->children + i * s->k, s->k * sizeof *s->children);
            s->ranked_draws[i]->loss = s->child_losses[i];
        }
        jf_search_rank(s->ranked_draws, s->n_population);
    }
done:
    return status;
}

/* The draws to start from: three quarters the lowest, the rest as they came. */
static void choose_starts(jf_search_state *s)
{
    size_t n = 0, best = s->n_starts - s->n_starts / 4;

    for (size_t i = 0; i < s->n_draws && n < best; i++, n++)
        memcpy(s->starts[n].theta, s->ranked_draws[i]->theta, s->k * sizeof(double));
    for (size_t i = 0; i < s->n_draws && n < s->n_starts; i++) {
        if (!isfinite(s->draws[i].loss)) continue;
        memcpy(s->starts[n++].theta, s->draws[i].theta, s->k * sizeof(double));
    }
    s->n_starts = n;
}

jf_status jf_search_draw(jf_search_state *s, jf_error *err)
{
    jf_status status = JF_OK;
    size_t chunks = (s->n_draws + DRAWS_AT_ONCE - 1) / DRAWS_AT_ONCE,
           swept = s->n_draws < SWEPT ? s->n_draws : SWEPT;

    JF_TRY(jf_parallel(chunks, s->n_threads, try_draws, s, err));
    s->ranked_draws = jf_search_ranked(s->draws, s->n_draws);
    JF_TRY_NEW(s->ranked_draws, err, "starts");
    if (s->n_dimensions <= MOST_SWEPT_PARAMETERS) JF_TRY(jf_parallel(swept, s->n_threads, sweep, s, err));
    JF_TRY(evolve(s, err));
    choose_starts(s);
done:
    return status;
}
