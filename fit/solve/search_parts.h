/* What the files of the search share: its points, and what each thread works with. */
#ifndef JF_FIT_SEARCH_PARTS_H
#define JF_FIT_SEARCH_PARTS_H

#include "fit/solve/local.h"
#include "fit/solve/solve.h"
#include "fit/solve/varpro.h"

/* A point with its loss: a draw, a screened start or a finished one. */
typedef struct jf_candidate {
    double *theta; /* k, in the search's memory */
    double loss;
    double sample_loss; /* where the rows searched are a sample: the loss on it */
    size_t iterations;
    bool converged, taken; /* `taken`: a screened start among the finished */
} jf_candidate;

/* What one thread works with. */
typedef struct jf_searcher {
    jf_local *light, *whole; /* on the rows searched, on all rows */
    jf_split *split;
    jf_minimum minimum;
    bool *logarithmic; /* k */
} jf_searcher;

enum {
    JF_SEARCH_POPULATION = 40,   /* the best so many draws are crossed */
    JF_SEARCH_SCREEN_STEPS = 40, /* of a start, before it is known to be worth more */
    JF_SEARCH_HOP_ROUNDS = 4     /* of leaving the best minimum, while that leads to a better one */
};

typedef struct jf_search_state {
    const jf_problem *problem;
    const jf_solve_options *options;
    jf_problem light; /* a sample of the rows, or all */
    bool sampled;
    size_t k, n_draws, n_starts, n_hops, n_screened, n_finished, n_given, n_dimensions;
    int n_threads;
    jf_searcher *searchers; /* n_threads */
    double *cube;           /* n_draws x n_dimensions */
    double *memory;         /* all thetas */
    jf_candidate *draws, *starts, *finished;
    const jf_candidate *best; /* of the finished, that hops leave from */
    size_t hop_round;
    size_t n_open, *open; /* parameters that the data do not tell at `best` */
    size_t n_sidesteps;
    jf_candidate *sidesteps;
    jf_candidate **ranked_draws; /* pointers to draws, lowest loss first */
    size_t generation, n_population;
    double *children, *child_losses; /* JF_SEARCH_POPULATION x k, and as many */
} jf_search_state;

/* Memory, threads and, for many rows, a sample of them. jf_search_clear takes what a failure left. */
jf_status jf_search_begin(const jf_problem *problem, const jf_solve_options *options, jf_search_state *search,
                          jf_error *err);
void jf_search_clear(jf_search_state *search);
/* Pointers into `list`, lowest loss first; ties by their place, so that the order never depends on the
 * sorting. Freed by the caller; NULL when memory ran out. */
jf_candidate **jf_search_ranked(jf_candidate *list, size_t n);
void jf_search_rank(jf_candidate **list, size_t n);

/* Fills search->starts with points worth a local fit: draws, improved by sweeps and by crossing. */
jf_status jf_search_draw(jf_search_state *search, jf_error *err);
/* The loss of squares at theta once its linear parameters are solved for (and set); infinity where there is
 * none. */
double jf_search_split_loss(jf_searcher *worker, double *theta);
/* A parameter as draws see it, logarithmically where its range is; and back, within bounds. */
double jf_search_coordinate(const jf_search_state *search, size_t j, double value);
double jf_search_value(const jf_search_state *search, size_t j, double coordinate);

/* Takes what a thread's solver came to. */
void jf_search_keep(const jf_search_state *search, const jf_minimum *minimum, jf_candidate *candidate);
/* Which positive parameters start `item` at theta searches on their logarithm: those that may differ by
 * orders of magnitude, for every other start. */
void jf_search_choose_logarithms(const jf_search_state *search, size_t item, const double *theta,
                                 bool *logarithmic);
/* Fits finished[item] further, on the rows of `local`; kept where that lowers its loss. */
jf_status jf_search_finish(jf_search_state *search, jf_local *local, size_t item, int thread,
                           jf_effort effort, jf_error *err);
/* Whether screening that `converged` proved a minimum: of kinks rounded off it proves none. */
bool jf_search_is_proved(const jf_search_state *search, bool converged);
/* Whether two losses of screened starts are of one minimum, as far as screening shows. */
bool jf_search_alike(double a, double b);
/* Whether two losses are the same minimum's. */
bool jf_search_same_loss(const jf_search_state *search, double a, double b);
/* Takes a screened start among the finished, of which it is the next; as finished where screening proved the
 * minimum that `before` (a finalist, or NULL) came to as well. */
void jf_search_take(jf_search_state *search, jf_candidate *start, const jf_candidate *before);
/* Leaves the best of the finished for better ones, as long as that goes on. */
jf_status jf_search_hop(jf_search_state *search, jf_error *err);
/* Leaves it where its bounds hold only for some values of what the data leave open there. */
jf_status jf_search_step_aside(jf_search_state *search, jf_error *err);
/* Chooses the best of the finished and lists the others. JF_EFIT where none is finite. */
jf_status jf_search_conclude(jf_search_state *search, jf_minimum *best, jf_solution *out, jf_error *err);

#endif
