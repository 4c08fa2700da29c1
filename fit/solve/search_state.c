/* Memory of a search, and the rows it goes over. */
#include "fit/solve/search_parts.h"

#include <math.h>
#include <stdlib.h>
#include "core/memory.h"
#include "core/parallel.h"
#include "core/stream.h"
#include "fit/solve/starts.h"

enum {
    DRAWS_PER_START = 16,
    SIDESTEPS = 2,  /* one of so many starts leaves it along what the data leave open */
    HOPS = 4,       /* one of so many starts leaves the best minimum found by one or two parameters */
    FEW_ROWS = 4096 /* more rows than this are searched on a sample */
};

/* ---- a sample of the rows ---------------------------------------------------------------------------------
 */

static void light_clear(jf_search_state *s)
{
    if (!s->sampled) return;
    jf_inputs_free(s->light.inputs);
    jf_free(s->light.response);
    jf_free(s->light.weight);
}

/* One row drawn from each of `n` stretches of the data. */
static jf_status sample_rows(jf_search_state *s, jf_error *err)
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

void jf_search_clear(jf_search_state *s)
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
    jf_free(s->sidesteps);
    jf_free(s->open);
    jf_free(s->ranked_draws);
    light_clear(s);
}

static jf_status searcher_new(jf_search_state *s, jf_searcher *worker, jf_error *err)
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

static double *hand_out(double **memory, size_t k, jf_candidate *list, size_t n)
{
    for (size_t i = 0; i < n; i++, *memory += k) list[i] = (jf_candidate){.theta = *memory, .loss = INFINITY};
    return *memory;
}

jf_status jf_search_begin(const jf_problem *problem, const jf_solve_options *options, jf_search_state *s,
                          jf_error *err)
{
    jf_status status = JF_OK;
    size_t most_finished;
    double *memory;

    *s = (jf_search_state){.problem = problem, .options = options};
    s->k = s->problem->k;
    s->n_hops = s->options->starts / HOPS;
    s->n_starts = s->options->starts - s->n_hops;
    s->n_draws = s->options->starts * DRAWS_PER_START;
    s->n_sidesteps = s->options->starts / SIDESTEPS;
    most_finished = s->n_starts + 3 + JF_SEARCH_HOP_ROUNDS * s->n_hops;
    s->n_threads = s->options->threads > 0 ? s->options->threads : jf_threads_available();
    JF_TRY(sample_rows(s, err));
    s->searchers = JF_NEW_ZEROED(jf_searcher, (size_t)s->n_threads);
    JF_TRY_NEW(s->searchers, err, "starts");
    for (int i = 0; i < s->n_threads; i++) JF_TRY(searcher_new(s, &s->searchers[i], err));
    s->n_dimensions = s->searchers[0].split->n_search;
    s->cube = JF_NEW_ARRAY(double, s->n_draws * s->n_dimensions + 1);
    s->memory = JF_NEW_ZEROED(double, (s->n_draws + s->n_starts + most_finished + s->n_sidesteps) * s->k + 1);
    s->children = JF_NEW_ZEROED(double, JF_SEARCH_POPULATION *(s->k + 1));
    s->draws = JF_NEW_ZEROED(jf_candidate, s->n_draws + 1);
    s->starts = JF_NEW_ZEROED(jf_candidate, s->n_starts + 1);
    s->finished = JF_NEW_ZEROED(jf_candidate, most_finished);
    s->sidesteps = JF_NEW_ZEROED(jf_candidate, s->n_sidesteps + 1);
    s->open = JF_NEW_ZEROED(size_t, s->k + 1);
    if (!s->sidesteps || !s->open || !s->cube || !s->children || !s->memory || !s->draws || !s->starts ||
        !s->finished)
        JF_TRY(jf_fail(err, JF_ENOMEM, "out of memory for starts"));
    s->child_losses = s->children + JF_SEARCH_POPULATION * s->k;
    memory = s->memory;
    hand_out(&memory, s->k, s->draws, s->n_draws);
    hand_out(&memory, s->k, s->starts, s->n_starts);
    hand_out(&memory, s->k, s->finished, most_finished);
    hand_out(&memory, s->k, s->sidesteps, s->n_sidesteps);
    JF_TRY(jf_draw_cube(s->n_dimensions, s->n_draws, s->options->seed, s->cube, err));
done:
    return status;
}

static int by_loss(const void *a, const void *b)
{
    const jf_candidate *x = *(const jf_candidate *const *)a, *y = *(const jf_candidate *const *)b;

    if (x->loss != y->loss) return x->loss < y->loss ? -1 : 1;
    return x < y ? -1 : x > y; /* position in its list: the order never depends on the sorting */
}

void jf_search_rank(jf_candidate **list, size_t n)
{
    qsort(list, n, sizeof *list, by_loss);
}

jf_candidate **jf_search_ranked(jf_candidate *list, size_t n)
{
    jf_candidate **sorted = JF_NEW_ARRAY(jf_candidate *, n + 1);

    for (size_t i = 0; sorted && i < n; i++) sorted[i] = &list[i];
    if (sorted) jf_search_rank(sorted, n);
    return sorted;
}
