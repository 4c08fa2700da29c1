/* The search for the lowest minimum. */
#include "fit/search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "core/parallel.h"
#include "core/stream.h"
#include "fit/local.h"
#include "fit/starts.h"
#include "fit/varpro.h"

enum {
    DRAWS_PER_START = 16,
    DRAWS_AT_ONCE = 16,
    SWEPT = 12,        /* the best so many draws are improved one parameter at a time */
    SWEEP_POINTS = 24, /* values tried of each */
    MOST_SWEPT_PARAMETERS = 10,
    POPULATION = 40, /* the best so many draws are crossed */
    GENERATIONS = 16,
    SCREEN_STEPS = 40,
    FEWEST_FINISHED = 10,
    HOPS = 16,          /* starts that leave the best minimum found by one or two parameters */
    FINISH_STEPS = 100, /* what has not settled by then goes on only if it is the best */
    ALIKE = 3,          /* so many finished starts of one loss are enough for a basin */
    CONTENDERS = 3,     /* the best so many minima are finished on all rows by the solver of record */
    MOST_BASINS = 10,
    FEW_ROWS = 4096 /* more rows than this are searched on a sample */
};

/* Minima that are worse by more than this fraction are not taken up again. */
static const double HOPELESS = 1e-2;

/* A point with its loss: a draw, a screened start or a finished one. */
typedef struct candidate {
    double *theta; /* k, in the search's memory */
    double loss;
    double sample_loss; /* where the rows searched are a sample: the loss on it */
    size_t iterations;
    bool converged;
} candidate;

/* What one thread works with. */
typedef struct searcher {
    jf_local *light, *whole; /* on the rows searched, on all rows */
    jf_split *split;
    jf_minimum minimum;
    bool *logarithmic; /* k */
} searcher;

typedef struct search {
    const jf_problem *problem;
    const jf_solve_options *options;
    jf_problem light; /* a sample of the rows, or all */
    bool sampled;
    size_t k, n_draws, n_starts, n_finished, n_given, n_dimensions;
    int n_threads;
    searcher *searchers; /* n_threads */
    double *cube;        /* n_draws x n_dimensions */
    double *memory;      /* all thetas */
    candidate *draws, *starts, *finished;
    const candidate *best;    /* of the finished, that hops leave from */
    candidate **ranked_draws; /* pointers to draws, lowest loss first */
    size_t generation, n_population;
    double *children, *child_losses; /* POPULATION x k, POPULATION */
} search;

/* ---- a sample of the rows ---------------------------------------------------------------------------------
 */

static void light_clear(search *s)
{
    if (!s->sampled) return;
    jf_inputs_free(s->light.inputs);
    jf_free(s->light.response);
    jf_free(s->light.weight);
}

/* One row drawn from each of `n` stretches of the data. */
static jf_status sample_rows(search *s, jf_error *err)
{
    const jf_problem *p = s->problem;
    jf_status status = JF_OK;
    size_t n = FEW_ROWS / 2 > 20 * p->k ? FEW_ROWS / 2 : 20 * p->k;
    jf_stream stream = jf_stream_make(s->options->seed, JF_FOR_STARTS, UINT64_MAX);
    size_t *index = NULL;

    s->light = *p;
    if (p->n <= FEW_ROWS || n >= p->n) return JF_OK;
    s->sampled = true;
    s->light.n = n;
    s->light.inputs = NULL;
    s->light.weight = NULL;
    s->light.response = JF_NEW_ARRAY(double, n);
    index = JF_NEW_ARRAY(size_t, n);
    if (p->weight) s->light.weight = JF_NEW_ARRAY(double, n);
    if (!s->light.response || !index || (p->weight && !s->light.weight))
        JF_TRY(jf_fail(err, JF_ENOMEM, "out of memory for starts"));
    for (size_t i = 0; i < n; i++) {
        size_t from = p->n * i / n, to = p->n * (i + 1) / n;

        index[i] = from + jf_stream_below(&stream, to - from);
        s->light.response[i] = p->response[index[i]];
        if (p->weight) s->light.weight[i] = p->weight[index[i]];
    }
    JF_TRY(jf_inputs_subset(p->formula, p->inputs, index, n, jf_inputs_learned(p->inputs), &s->light.inputs,
                            err));
done:
    jf_free(index);
    return status;
}

/* ---- memory -----------------------------------------------------------------------------------------------
 */

static void search_clear(search *s)
{
    for (int i = 0; s->searchers && i < s->n_threads; i++) {
        if (s->searchers[i].light != s->searchers[i].whole) jf_local_free(s->searchers[i].light);
        jf_local_free(s->searchers[i].whole);
        jf_split_free(s->searchers[i].split);
        jf_minimum_clear(&s->searchers[i].minimum);
        jf_free(s->searchers[i].logarithmic);
    }
    jf_free(s->searchers);
    jf_free(s->cube);
    jf_free(s->children);
    jf_free(s->memory);
    jf_free(s->draws);
    jf_free(s->starts);
    jf_free(s->finished);
    jf_free(s->ranked_draws);
    light_clear(s);
}

static jf_status searcher_new(search *s, searcher *worker, jf_error *err)
{
    const jf_solve_options *o = s->options;
    jf_status status = JF_OK;

    JF_TRY(jf_local_new(s->problem, &o->loss, o->max_iterations, o->tolerance, &worker->whole, err));
    worker->light = worker->whole;
    if (s->sampled)
        JF_TRY(jf_local_new(&s->light, &o->loss, o->max_iterations, o->tolerance, &worker->light, err));
    JF_TRY(jf_split_new(worker->light->objective, &worker->split, err));
    JF_TRY(jf_minimum_new(s->k, &worker->minimum, err));
    worker->logarithmic = JF_NEW_ZEROED(bool, s->k);
    JF_TRY_NEW(worker->logarithmic, err, "starts");
done:
    return status;
}

static double *hand_out(double **memory, size_t k, candidate *list, size_t n)
{
    for (size_t i = 0; i < n; i++, *memory += k) list[i] = (candidate){.theta = *memory, .loss = INFINITY};
    return *memory;
}

static jf_status search_new(search *s, jf_error *err)
{
    jf_status status = JF_OK;
    double *memory;

    s->k = s->problem->k;
    s->n_starts = s->options->starts;
    s->n_draws = s->n_starts * DRAWS_PER_START;
    s->n_threads = s->options->threads > 0 ? s->options->threads : jf_threads_available();
    JF_TRY(sample_rows(s, err));
    s->searchers = JF_NEW_ZEROED(searcher, (size_t)s->n_threads);
    JF_TRY_NEW(s->searchers, err, "starts");
    for (int i = 0; i < s->n_threads; i++) JF_TRY(searcher_new(s, &s->searchers[i], err));
    s->n_dimensions = s->searchers[0].split->n_search;
    s->cube = JF_NEW_ARRAY(double, s->n_draws * s->n_dimensions + 1);
    s->memory = JF_NEW_ZEROED(double, (s->n_draws + 2 * s->n_starts + 2 + HOPS) * s->k + 1);
    s->children = JF_NEW_ZEROED(double, POPULATION *(s->k + 1));
    s->draws = JF_NEW_ZEROED(candidate, s->n_draws + 1);
    s->starts = JF_NEW_ZEROED(candidate, s->n_starts + 1);
    s->finished = JF_NEW_ZEROED(candidate, s->n_starts + 2 + HOPS);
    if (!s->cube || !s->children || !s->memory || !s->draws || !s->starts || !s->finished)
        JF_TRY(jf_fail(err, JF_ENOMEM, "out of memory for starts"));
    s->child_losses = s->children + POPULATION * s->k;
    memory = s->memory;
    hand_out(&memory, s->k, s->draws, s->n_draws);
    hand_out(&memory, s->k, s->starts, s->n_starts);
    hand_out(&memory, s->k, s->finished, s->n_starts + 2 + HOPS);
    JF_TRY(jf_draw_cube(s->n_dimensions, s->n_draws, s->options->seed, s->cube, err));
done:
    return status;
}

static int by_loss(const void *a, const void *b)
{
    const candidate *x = *(const candidate *const *)a, *y = *(const candidate *const *)b;

    if (x->loss != y->loss) return x->loss < y->loss ? -1 : 1;
    return x < y ? -1 : x > y; /* position in its list: the order never depends on the sorting */
}

/* Pointers into `list`, lowest loss first. Freed by the caller; NULL when memory ran out. */
static candidate **ranked(candidate *list, size_t n)
{
    candidate **sorted = JF_NEW_ARRAY(candidate *, n + 1);

    for (size_t i = 0; sorted && i < n; i++) sorted[i] = &list[i];
    if (sorted) qsort(sorted, n, sizeof *sorted, by_loss);
    return sorted;
}

/* ---- draws ------------------------------------------------------------------------------------------------
 */

/* The middle of a range is where linear parameters are held while the others are tried. */
static double middle(const jf_problem *p, size_t j)
{
    return jf_draw_parameter(p, j, 0.5, false);
}

static void draw(const search *s, const jf_split *split, size_t i, double *theta)
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
static double split_loss(searcher *worker, double *theta)
{
    jf_objective *o = worker->light->objective;
    double loss;

    o->penalty = (jf_penalty){{JF_LOSS_LS, NAN}, 0};
    if (!jf_split_solve(worker->split, o, theta) || !jf_objective_loss(o, theta, &loss)) return INFINITY;
    return loss;
}

static jf_status try_draws(void *context, size_t item, int thread, jf_error *err)
{
    search *s = context;
    searcher *worker = &s->searchers[thread];

    (void)err;
    for (size_t i = item * DRAWS_AT_ONCE; i < (item + 1) * DRAWS_AT_ONCE && i < s->n_draws; i++) {
        draw(s, worker->split, i, s->draws[i].theta);
        s->draws[i].loss = split_loss(worker, s->draws[i].theta);
    }
    return JF_OK;
}

/* Improves a draw by trying other values of one searched parameter at a time: where some are right by chance,
 * as of two frequencies one, the others are found. */
static jf_status sweep(void *context, size_t item, int thread, jf_error *err)
{
    search *s = context;
    searcher *worker = &s->searchers[thread];
    candidate *c = s->ranked_draws[item];
    double *trial = worker->minimum.theta;
    jf_stream stream = jf_stream_make(s->options->seed, JF_FOR_STARTS, ((uint64_t)1 << 32) + item);

    (void)err;
    for (size_t d = 0; isfinite(c->loss) && d < s->n_dimensions; d++)
        for (size_t i = 0; i < SWEEP_POINTS; i++) {
            size_t j = worker->split->search[d];
            double u = ((double)(i / 2) + jf_stream_uniform(&stream)) / (SWEEP_POINTS / 2), loss;

            memcpy(trial, c->theta, s->k * sizeof *trial);
            trial[j] = jf_draw_parameter(s->problem, j, u, i % 2);
            loss = split_loss(worker, trial);
            if (!(loss < c->loss)) continue;
            memcpy(c->theta, trial, s->k * sizeof *trial);
            c->loss = loss;
        }
    return JF_OK;
}

/* A parameter as draws see it: logarithmically where its range is. */
static double coordinate(const search *s, size_t j, double value)
{
    return s->problem->log_range[j] && value > 0 ? log(value) : value;
}

static double value_of(const search *s, size_t j, double coordinate)
{
    double value = s->problem->log_range[j] ? exp(coordinate) : coordinate;

    return fmin(fmax(value, s->problem->lower[j]), s->problem->upper[j]);
}

/* One child of differential evolution (Storn and Price 1997; Zhang and Sanderson 2009: towards one of the
 * best): what one draw has right and another has right come together. Kept where it is better than its
 * parent. */
static jf_status cross(void *context, size_t item, int thread, jf_error *err)
{
    search *s = context;
    searcher *worker = &s->searchers[thread];
    jf_stream stream =
        jf_stream_make(s->options->seed, JF_FOR_STARTS, ((uint64_t)(2 + s->generation) << 32) + item);
    const candidate *parent = s->ranked_draws[item], *lead, *a, *b;
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
        double x = coordinate(s, j, parent->theta[j]);

        if (jf_stream_uniform(&stream) > 0.7 && d != kept) continue;
        x += stride * (coordinate(s, j, lead->theta[j]) - x) +
             stride * (coordinate(s, j, a->theta[j]) - coordinate(s, j, b->theta[j]));
        child[j] = value_of(s, j, x);
    }
    s->child_losses[item] = split_loss(worker, child);
    return JF_OK;
}

static jf_status evolve(search *s, jf_error *err)
{
    jf_status status = JF_OK;

    s->n_population = s->n_draws < POPULATION ? s->n_draws : POPULATION;
    for (s->generation = 0; s->generation < GENERATIONS && s->n_dimensions > 1; s->generation++) {
        JF_TRY(jf_parallel(s->n_population, s->n_threads, cross, s, err));
        for (size_t i = 0; i < s->n_population; i++) {
            if (!(s->child_losses[i] < s->ranked_draws[i]->loss)) continue;
            memcpy(s->ranked_draws[i]->theta, s->children + i * s->k, s->k * sizeof *s->children);
            s->ranked_draws[i]->loss = s->child_losses[i];
        }
        qsort(s->ranked_draws, s->n_population, sizeof *s->ranked_draws, by_loss);
    }
done:
    return status;
}

/* The draws to start from: three quarters the lowest, the rest as they came. */
static void choose_starts(search *s)
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

static jf_status draw_starts(search *s, jf_error *err)
{
    jf_status status = JF_OK;
    size_t chunks = (s->n_draws + DRAWS_AT_ONCE - 1) / DRAWS_AT_ONCE,
           swept = s->n_draws < SWEPT ? s->n_draws : SWEPT;

    JF_TRY(jf_parallel(chunks, s->n_threads, try_draws, s, err));
    s->ranked_draws = ranked(s->draws, s->n_draws);
    JF_TRY_NEW(s->ranked_draws, err, "starts");
    if (s->n_dimensions <= MOST_SWEPT_PARAMETERS) JF_TRY(jf_parallel(swept, s->n_threads, sweep, s, err));
    JF_TRY(evolve(s, err));
    choose_starts(s);
done:
    return status;
}

/* ---- screening and finishing ------------------------------------------------------------------------------
 */

static void keep(const search *s, const jf_minimum *minimum, candidate *c)
{
    memcpy(c->theta, minimum->theta, s->k * sizeof(double));
    c->loss = minimum->loss;
    c->iterations = minimum->iterations;
    c->converged = minimum->converged;
}

/* Positive parameters that may differ by orders of magnitude are searched on their logarithm by every other
 * start. */
static void choose_logarithms(const search *s, size_t item, const double *theta, bool *logarithmic)
{
    for (size_t j = 0; j < s->k; j++)
        logarithmic[j] = item % 2 == 0 && s->problem->log_range[j] && theta[j] > 0 &&
                         s->problem->lower[j] >= 0 && !s->problem->fixed[j];
}

static jf_status screen(void *context, size_t item, int thread, jf_error *err)
{
    search *s = context;
    searcher *worker = &s->searchers[thread];
    candidate *c = &s->starts[item];
    jf_minimum *m = &worker->minimum;

    (void)err;
    memcpy(m->theta, c->theta, s->k * sizeof(double));
    choose_logarithms(s, item, c->theta, worker->logarithmic);
    c->loss = INFINITY;
    if (jf_local_screen(worker->light, SCREEN_STEPS, worker->logarithmic, m)) keep(s, m, c);
    return JF_OK;
}

/* The screened starts to finish: the lowest, but only some of each loss. */
static jf_status choose_finalists(search *s, jf_error *err)
{
    candidate **sorted = ranked(s->starts, s->n_starts);
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
static jf_status finish_with(search *s, jf_local *local, size_t item, int thread, jf_effort effort,
                             jf_error *err)
{
    candidate *c = &s->finished[item];
    jf_minimum *m = &s->searchers[thread].minimum;
    jf_status status;

    memcpy(m->theta, c->theta, s->k * sizeof(double));
    m->iterations = c->iterations;
    status = jf_local_fit(local, effort, m, err);
    if (status == JF_OK && m->loss <= c->loss) keep(s, m, c);
    return status == JF_EFIT ? JF_OK : status;
}

/* Starts that were given go through the solver of record from where they stand; the others come to an end on
 * the rows searched. */
static jf_status finish(void *context, size_t item, int thread, jf_error *err)
{
    search *s = context;
    searcher *worker = &s->searchers[thread];

    if (item < s->n_given) return finish_with(s, worker->whole, item, thread, JF_OF_RECORD, err);
    worker->light->max_iterations =
        s->options->max_iterations < FINISH_STEPS ? s->options->max_iterations : FINISH_STEPS;
    return finish_with(s, worker->light, item, thread, JF_FULL, err);
}

/* Leaves the best minimum by one or two of its searched parameters drawn
 * anew: two minima often differ in few. */
static jf_status hop(void *context, size_t item, int thread, jf_error *err)
{
    search *s = context;
    searcher *worker = &s->searchers[thread];
    candidate *c = &s->finished[s->n_finished + item];
    jf_minimum *m = &worker->minimum;
    jf_stream stream = jf_stream_make(s->options->seed, JF_FOR_STARTS, ((uint64_t)1 << 40) + item);

    memcpy(m->theta, s->best->theta, s->k * sizeof(double));
    for (size_t i = 0; i <= item % 2; i++) {
        size_t j = worker->split->search[jf_stream_below(&stream, s->n_dimensions)];

        m->theta[j] = jf_draw_parameter(s->problem, j, jf_stream_uniform(&stream), item % 4 >= 2);
    }
    c->loss = split_loss(worker, m->theta);
    memcpy(c->theta, m->theta, s->k * sizeof(double));
    if (!isfinite(c->loss)) return JF_OK;
    choose_logarithms(s, item, c->theta, worker->logarithmic);
    c->loss = INFINITY;
    if (jf_local_screen(worker->light, SCREEN_STEPS, worker->logarithmic, m)) keep(s, m, c);
    c->loss = INFINITY;
    return finish_with(s, worker->light, s->n_finished + item, thread, JF_FULL, err);
}

static jf_status hop_around(search *s, jf_error *err)
{
    jf_status status = JF_OK;

    s->best = &s->finished[0];
    for (size_t i = 1; i < s->n_finished; i++)
        if (s->finished[i].loss < s->best->loss) s->best = &s->finished[i];
    if (!isfinite(s->best->loss) || !s->n_dimensions || !s->n_finished) return JF_OK;
    JF_TRY(jf_parallel(HOPS, s->n_threads, hop, s, err));
    s->n_finished += HOPS;
    s->n_starts += HOPS;
done:
    return status;
}

/* ---- the result -------------------------------------------------------------------------------------------
 */

/* Whether two losses are the same minimum's. */
static bool same_loss(const search *s, double a, double b)
{
    double rounding = 1e4 * s->searchers[0].whole->objective->rounding;

    return fabs(a - b) <= 1e-7 * fmax(a, b) + rounding * rounding;
}

static jf_status list_basins(const search *s, candidate *const *sorted, const candidate *best,
                             jf_solution *out, jf_error *err)
{
    jf_loss loss = s->options->loss;

    out->basins = JF_NEW_ZEROED(jf_basin, MOST_BASINS);
    if (!out->basins) return jf_fail(err, JF_ENOMEM, "out of memory for starts");
    for (size_t i = 0; i < s->n_finished && isfinite(sorted[i]->loss); i++) {
        double reported = jf_loss_reported(&loss, sorted[i]->loss);
        jf_basin *last = out->n_basins ? &out->basins[out->n_basins - 1] : NULL;
        double before = last ? last->loss / jf_loss_reported(&loss, 1) : 0;

        out->starts_agreeing += same_loss(s, sorted[i]->loss, best->loss);
        if (!sorted[i]->converged && sorted[i] != best) continue; /* a plateau, no minimum */
        if (last && same_loss(s, sorted[i]->loss, before))
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

/* The lowest, unless a start that was given came as low. */
static candidate *choose_best(const search *s, candidate *const *sorted)
{
    for (size_t i = 0; i < s->n_given; i++)
        if (s->finished[i].converged && same_loss(s, s->finished[i].loss, sorted[0]->loss))
            return &s->finished[i];
    return sorted[0];
}

/* Where the search went over a sample of the rows, the losses of its finalists are found anew on all of them.
 */
static void weigh_on_all_rows(search *s)
{
    for (size_t i = s->n_given; s->sampled && i < s->n_finished; i++) {
        candidate *c = &s->finished[i];

        c->sample_loss = c->loss;
        if (!jf_objective_loss(s->searchers[0].whole->objective, c->theta, &c->loss)) c->loss = INFINITY;
    }
}

/* What was one minimum on the sample is taken as one on all rows: the one that `done` went on to. */
static void carry_over(search *s, const candidate *done)
{
    for (size_t i = s->n_given; s->sampled && i < s->n_finished; i++) {
        candidate *c = &s->finished[i];

        if (c == done || done->sample_loss == 0 || !same_loss(s, c->sample_loss, done->sample_loss)) continue;
        memcpy(c->theta, done->theta, s->k * sizeof *c->theta);
        c->loss = done->loss;
    }
}

/* The solver of record for each minimum that may be the best one. */
static jf_status compare_contenders(search *s, candidate **sorted, jf_error *err)
{
    jf_local *whole = s->searchers[0].whole;
    jf_status status = JF_OK;
    double last = -1, best = sorted[0]->loss;
    size_t taken = 0;

    whole->max_iterations = s->options->max_iterations;
    for (size_t i = 0; i < s->n_finished && taken < CONTENDERS && isfinite(sorted[i]->loss); i++) {
        double loss = sorted[i]->loss;

        if (loss > best * (1 + HOPELESS) && !same_loss(s, loss, best)) break;
        if (same_loss(s, loss, last)) continue;
        last = loss;
        taken++;
        JF_TRY(finish_with(s, whole, (size_t)(sorted[i] - s->finished), 0, JF_OF_RECORD, err));
        carry_over(s, sorted[i]);
    }
    qsort(sorted, s->n_finished, sizeof *sorted, by_loss);
done:
    return status;
}

/* Chooses the best and lists the others. */
static jf_status conclude(search *s, jf_minimum *best, jf_solution *out, jf_error *err)
{
    jf_status status = JF_OK;
    candidate **sorted, *winner;

    weigh_on_all_rows(s);
    sorted = ranked(s->finished, s->n_finished);
    JF_TRY_NEW(sorted, err, "starts");
    if (!s->n_finished || !isfinite(sorted[0]->loss))
        JF_TRY(jf_fail(err, JF_EFIT, "no start came to a finite loss"));
    JF_TRY(compare_contenders(s, sorted, err));
    winner = choose_best(s, sorted);
    JF_TRY(list_basins(s, sorted, winner, out, err));
    memcpy(best->theta, winner->theta, s->k * sizeof(double));
    best->loss = INFINITY;
    best->iterations = winner->iterations;
    JF_TRY(jf_local_fit(s->searchers[0].whole, JF_FULL, best, err)); /* says what `winner` has no room for */
done:
    jf_free(sorted);
    return status;
}

/* The start that was given: options->from, else problem->start where it is complete. */
static void take_given(search *s)
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
    search s = {.problem = problem, .options = options};

    JF_TRY(search_new(&s, err));
    take_given(&s);
    if (s.n_starts) {
        JF_TRY(draw_starts(&s, err));
        JF_TRY(jf_parallel(s.n_starts, s.n_threads, screen, &s, err));
        JF_TRY(choose_finalists(&s, err));
    }
    JF_TRY(jf_parallel(s.n_finished, s.n_threads, finish, &s, err));
    if (s.n_starts) JF_TRY(hop_around(&s, err));
    JF_TRY(conclude(&s, best, out, err));
done:
    search_clear(&s);
    return status;
}
