/* Many rows summed by several threads: the rows lie in chunks of a fixed size, each brought together by
 * itself and added up in the order of the chunks, so that any number of threads gives the same bytes. */
#include <math.h>
#include <omp.h>
#include <string.h>
#include "core/memory.h"
#include "core/parallel.h"
#include "fit/problem/objective_parts.h"

/* Parts are kept for as many chunks as fit into this, but for one a thread at least. */
static const size_t BYTES_OF_PARTS = 16 << 20;

struct jf_team {
    size_t n_members, n_sums;
    jf_objective **members; /* the first is the objective that the team belongs to */
    jf_sums *sums;          /* of jf_team_sum, made when first needed */
};

static void free_sums(jf_team *team)
{
    for (size_t i = 0; team->sums && i < team->n_sums; i++) jf_point_clear(&team->sums[i].point);
    jf_free(team->sums);
    team->sums = NULL;
}

void jf_team_free(jf_team *team)
{
    if (!team) return;
    for (size_t i = 1; team->members && i < team->n_members; i++) jf_objective_free(team->members[i]);
    free_sums(team);
    jf_free(team->members);
    jf_free(team);
}

static jf_team *team_new(jf_objective *o, size_t n)
{
    jf_team *team = JF_NEW(jf_team);
    bool done;

    if (!team) return NULL;
    team->n_members = n;
    team->members = JF_NEW_ZEROED(jf_objective *, n);
    done = team->members;
    for (size_t i = 1; done && i < n; i++)
        done = jf_objective_open(o->problem, &o->penalty, &team->members[i], NULL) == JF_OK;
    if (done) {
        team->members[0] = o;
        return team;
    }
    jf_team_free(team);
    return NULL;
}

/* The team of as many threads as may be had here; of one where memory is short, NULL without any. */
static jf_team *find_team(jf_objective *o)
{
    int asked = o->problem->threads;
    size_t n = omp_in_parallel() ? 1 : (size_t)(asked > 0 ? asked : jf_threads_available());

    if (o->team && (o->team->n_members >= n || n == 1)) return o->team;
    jf_team_free(o->team);
    o->team = team_new(o, n);
    if (!o->team && n > 1) o->team = team_new(o, 1);
    o->starved = o->starved || !o->team;
    return o->team;
}

static size_t count_chunks(const jf_objective *o)
{
    return (o->n + JF_CHUNK_ROWS - 1) / JF_CHUNK_ROWS;
}

size_t jf_team_parts(jf_objective *o, size_t bytes)
{
    const jf_team *team = find_team(o);
    size_t n_chunks = count_chunks(o), fit = BYTES_OF_PARTS / (bytes + 1);

    if (!team) return 0;
    if (n_chunks <= team->n_members || fit <= team->n_members) return team->n_members;
    return n_chunks < fit ? n_chunks : fit;
}

/* What the threads of one wave of chunks work on. */
typedef struct wave {
    const jf_team *team;
    const jf_team_pass *pass;
    size_t first; /* chunk of the first part */
} wave;

static jf_status sum_chunk(void *context, size_t item, int thread, jf_error *err)
{
    wave *w = context;
    jf_objective *o = w->team->members[thread];
    size_t begin = (w->first + item) * JF_CHUNK_ROWS, end = begin + JF_CHUNK_ROWS;

    (void)err;
    return w->pass->sum(o, begin, end < o->n ? end : o->n, item, w->pass->context) ? JF_OK : JF_EFIT;
}

bool jf_team_run(jf_objective *o, const jf_team_pass *pass)
{
    const jf_team *team = find_team(o);
    size_t n_chunks = count_chunks(o);
    wave w = {.team = team, .pass = pass};

    if (!team) return false;
    for (size_t i = 1; i < team->n_members; i++) {
        team->members[i]->penalty = o->penalty;
        team->members[i]->n = o->n;
        team->members[i]->rounding = o->rounding;
    }
    for (; w.first < n_chunks; w.first += pass->n_parts) {
        size_t n = n_chunks - w.first < pass->n_parts ? n_chunks - w.first : pass->n_parts;

        if (jf_parallel(n, (int)team->n_members, sum_chunk, &w, NULL) != JF_OK) return false;
        for (size_t i = 0; i < n; i++)
            if (!pass->add(i, pass->context)) return false;
    }
    return true;
}

/* ---- loss, gradient and matrices ---- */

/* One pass for them. */
typedef struct summing {
    jf_team *team;
    const double *theta;
    bool exact;
    jf_sums *total;
} summing;

static bool sum_rows(jf_objective *member, size_t begin, size_t end, size_t part, void *context)
{
    summing *s = context;

    jf_sums_rows(member, s->theta, begin, end, s->exact, &s->team->sums[part]);
    return s->team->sums[part].finite;
}

static bool add_sums(size_t part, void *context)
{
    summing *s = context;
    const jf_sums *from = &s->team->sums[part];
    size_t k = s->team->members[0]->k;
    size_t n = 2 * k + (s->exact ? 2 : 1) * k * k; /* gradient, length, normal, hessian lie in a row */

    jf_twofold_add(&s->total->loss, jf_twofold_value(&from->loss));
    jf_twofold_add(&s->total->size, jf_twofold_value(&from->size));
    for (size_t i = 0; i < n; i++) s->total->point.gradient[i] += from->point.gradient[i];
    return true;
}

/* Room for the sums of n chunks; what there is serves where it is enough. */
static bool make_sums(jf_team *team, size_t n)
{
    bool done;

    if (team->sums && team->n_sums >= n) return true;
    free_sums(team);
    team->n_sums = n;
    team->sums = JF_NEW_ZEROED(jf_sums, n);
    done = team->sums;
    for (size_t i = 0; done && i < n; i++)
        done = jf_point_new(team->members[0]->k, &team->sums[i].point, NULL) == JF_OK;
    return done;
}

bool jf_team_sum(jf_objective *o, const double *theta, bool exact, jf_sums *total)
{
    size_t n = jf_team_parts(o, (3 * o->k + 2 * o->k * o->k) * sizeof(double));
    summing s = {.team = o->team, .theta = theta, .exact = exact, .total = total};

    if (n && !make_sums(o->team, n)) o->starved = true;
    if (!n || o->starved) return false;
    return jf_team_run(o, &(jf_team_pass){n, sum_rows, add_sums, &s});
}
