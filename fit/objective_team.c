/* Many rows summed by several threads: the rows lie in chunks of a fixed size, each with sums of its own that
 * are added up in the order of the chunks, so that any number of threads gives the same bytes. */
#include <math.h>
#include <omp.h>
#include <string.h>
#include "core/memory.h"
#include "core/parallel.h"
#include "fit/objective_parts.h"

/* Sums of chunks are kept for as many as fit into this, but for one a thread at least. */
static const size_t BYTES_OF_SUMS = 16 << 20;

/* Objectives of the threads, and the sums of the chunks that they are at. */
struct jf_team {
    size_t n_members, n_sums;
    jf_objective **members; /* the first is the objective that the team belongs to */
    jf_sums *sums;
};

void jf_team_free(jf_team *team)
{
    if (!team) return;
    for (size_t i = 1; team->members && i < team->n_members; i++) jf_objective_free(team->members[i]);
    for (size_t i = 0; team->sums && i < team->n_sums; i++) jf_point_clear(&team->sums[i].point);
    jf_free(team->members);
    jf_free(team->sums);
    jf_free(team);
}

static size_t count_chunks(const jf_objective *o)
{
    return (o->n + JF_CHUNK_ROWS - 1) / JF_CHUNK_ROWS;
}

static jf_team *team_new(jf_objective *o, size_t n)
{
    jf_team *team = JF_NEW(jf_team);
    size_t n_chunks = count_chunks(o),
           fit = BYTES_OF_SUMS / ((3 * o->k + 2 * o->k * o->k) * sizeof(double) + 1);
    bool done;

    if (!team) return NULL;
    team->n_members = n;
    team->n_sums = n_chunks < n || fit < n ? n : n_chunks < fit ? n_chunks : fit;
    team->members = JF_NEW_ZEROED(jf_objective *, n);
    team->sums = JF_NEW_ZEROED(jf_sums, team->n_sums);
    done = team->members && team->sums;
    for (size_t i = 0; done && i < team->n_sums; i++)
        done = jf_point_new(o->k, &team->sums[i].point, NULL) == JF_OK;
    for (size_t i = 1; done && i < n; i++)
        done = jf_objective_new(o->problem, &o->penalty, &team->members[i], NULL) == JF_OK;
    if (done) {
        team->members[0] = o;
        return team;
    }
    jf_team_free(team);
    return NULL;
}

/* The team of as many threads as may be had here; of one where memory is short. */
static jf_team *find_team(jf_objective *o)
{
    int asked = o->problem->threads;
    size_t n = omp_in_parallel() ? 1 : (size_t)(asked > 0 ? asked : jf_threads_available());

    if (o->team && (o->team->n_members >= n || n == 1)) return o->team;
    jf_team_free(o->team);
    o->team = team_new(o, n);
    if (!o->team && n > 1) o->team = team_new(o, 1);
    return o->team;
}

/* What the threads of one wave of chunks work on. */
typedef struct wave {
    jf_team *team;
    const double *theta;
    size_t first; /* chunk of the first sums */
    bool exact;
} wave;

static jf_status sum_chunk(void *context, size_t item, int thread, jf_error *err)
{
    wave *w = context;
    jf_objective *o = w->team->members[thread];
    size_t begin = (w->first + item) * JF_CHUNK_ROWS, end = begin + JF_CHUNK_ROWS;

    (void)err;
    jf_sums_rows(o, w->theta, begin, end < o->n ? end : o->n, w->exact, &w->team->sums[item]);
    return JF_OK;
}

/* total += part; false where the part has a row that is not finite. */
static bool add_sums(size_t k, const jf_sums *part, bool exact, jf_sums *total)
{
    size_t n = 2 * k + (exact ? 2 : 1) * k * k; /* gradient, length, normal, hessian lie in a row */

    if (!part->finite) return false;
    jf_twofold_add(&total->loss, jf_twofold_value(&part->loss));
    jf_twofold_add(&total->size, jf_twofold_value(&part->size));
    for (size_t i = 0; i < n; i++) total->point.gradient[i] += part->point.gradient[i];
    return true;
}

bool jf_team_sum(jf_objective *o, const double *theta, bool exact, jf_sums *total)
{
    jf_team *team = find_team(o);
    size_t n_chunks = count_chunks(o);
    wave w = {.team = team, .theta = theta, .exact = exact};

    if (!team) return false;
    for (size_t i = 1; i < team->n_members; i++) team->members[i]->penalty = o->penalty;
    for (; w.first < n_chunks; w.first += team->n_sums) {
        size_t n = n_chunks - w.first < team->n_sums ? n_chunks - w.first : team->n_sums;

        if (jf_parallel(n, (int)team->n_members, sum_chunk, &w, NULL) != JF_OK) return false;
        for (size_t i = 0; i < n; i++)
            if (!add_sums(o->k, &team->sums[i], exact, total)) return false;
    }
    return true;
}
