/* One pass over the groups for each question; of a group only the rank x rank matrix Q_g'Q_g is ever summed
 * and factored. */
#include "fit/infer/cr2.h"

#include <lapacke.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "fit/infer/design_rows.h"

/* 1 - share below this: the group alone determines the direction, and its residuals are zero along it. */
static const double ALONE = 1e-10;

enum { MOST_NUMBERS = 1 << 17 }; /* of products at hand: one megabyte */

void jf_cr2_clear(jf_cr2 *c)
{
    void *const owned[] = {c->products, c->vectors, c->share, c->scratch};

    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) jf_free(owned[i]);
    *c = (jf_cr2){0};
}

static size_t packed_size(const jf_cr2 *c)
{
    return c->design->rank * (c->design->rank + 1) / 2;
}

jf_status jf_cr2_new(const jf_design *design, const uint32_t *group, size_t n_groups, jf_cr2 *out,
                     jf_error *err)
{
    jf_status status = JF_OK;
    size_t rank = design->rank, packed, most;

    *out = (jf_cr2){.design = design, .group = group, .n_groups = n_groups};
    if (n_groups < 2)
        return jf_fail(err, JF_EDATA, "clustered errors need at least two groups, found %zu", n_groups);
    packed = packed_size(out);
    most = packed && packed < MOST_NUMBERS ? MOST_NUMBERS / packed : 1;
    out->at_once = n_groups < most ? n_groups : most;
    out->first = n_groups;
    out->products = JF_NEW_ARRAY(double, out->at_once *packed);
    out->vectors = JF_NEW_ARRAY(double, rank *rank);
    out->share = JF_NEW_ARRAY(double, rank);
    out->scratch = JF_NEW_ARRAY(double, rank);
    JF_TRY_NEW(out->products && out->vectors && out->share && out->scratch ? out : NULL, err, "clusters");
done:
    if (status != JF_OK) jf_cr2_clear(out);
    return status;
}

static void add_products(void *context, size_t row, size_t n, const double *const *q)
{
    jf_cr2 *c = context;

    for (size_t i = 0; i < n; i++) {
        size_t g = c->group[row + i];
        double *sum;

        if (g < c->first || g - c->first >= c->at_once) continue;
        sum = c->products + (g - c->first) * packed_size(c);
        for (size_t a = 0; a < c->design->rank; a++)
            for (size_t b = 0; b <= a; b++) *sum++ += q[a][i] * q[b][i];
    }
}

/* Has the products of group g at hand. */
static jf_status reach_group(jf_cr2 *c, size_t g, jf_error *err)
{
    if (g >= c->first && g < c->first + c->at_once) return JF_OK;
    c->first = g;
    memset(c->products, 0, c->at_once * packed_size(c) * sizeof *c->products);
    return jf_design_visit(c->design, add_products, c, err);
}

/* Eigenvalues (share of each direction that the group determines) and eigenvectors (columns) of Q_g'Q_g. */
static jf_status factor_group(jf_cr2 *c, size_t g, jf_error *err)
{
    jf_status status = JF_OK;
    size_t rank = c->design->rank;
    const double *sum;

    JF_TRY(reach_group(c, g, err));
    sum = c->products + (g - c->first) * packed_size(c);
    memset(c->vectors, 0, rank * rank * sizeof *c->vectors);
    for (size_t a = 0; a < rank; a++)
        for (size_t b = 0; b <= a; b++) c->vectors[a * rank + b] = *sum++;
    if (rank && LAPACKE_dsyev(LAPACK_ROW_MAJOR, 'V', 'L', (lapack_int)rank, c->vectors, (lapack_int)rank,
                              c->share) != 0)
        JF_TRY(jf_fail(err, JF_EFIT, "the leverages of group %zu could not be factored", g + 1));
    for (size_t j = 0; j < rank; j++) c->share[j] = fmin(fmax(c->share[j], 0), 1);
done:
    return status;
}

/* Of one direction: what its residuals are multiplied by. */
static double stretch(double share)
{
    return 1 - share > ALONE ? 1 / sqrt(1 - share) : 0;
}

/* to = V' from, along the group's directions. */
static void turn(const jf_cr2 *c, const double *from, double *to)
{
    size_t rank = c->design->rank;

    memset(to, 0, rank * sizeof *to);
    for (size_t a = 0; a < rank; a++)
        for (size_t j = 0; j < rank; j++) to[j] += c->vectors[a * rank + j] * from[a];
}

/* to = V from. */
static void turn_back(const jf_cr2 *c, const double *from, double *to)
{
    size_t rank = c->design->rank;

    for (size_t a = 0; a < rank; a++) {
        to[a] = 0;
        for (size_t j = 0; j < rank; j++) to[a] += c->vectors[a * rank + j] * from[j];
    }
}

jf_status jf_cr2_sums(jf_cr2 *c, const jf_scores *scores, double *sums, jf_error *err)
{
    jf_status status = JF_OK;
    size_t rank = c->design->rank;

    JF_TRY(jf_scores_sum(c->design, scores, c->group, c->n_groups, sums, err));
    for (size_t g = 0; g < c->n_groups; g++) {
        JF_TRY(factor_group(c, g, err));
        turn(c, sums + g * rank, c->scratch);
        for (size_t j = 0; j < rank; j++) c->scratch[j] *= stretch(c->share[j]);
        turn_back(c, c->scratch, sums + g * rank);
    }
done:
    return status;
}

/* ---- degrees of freedom ---- */

/* Sums over groups for q quantities. With p_sg the vector by which the errors make group g's part of quantity
 * s, p_sg'p_th is [g = h] own_st - pull_sg'pull_th: */
typedef struct moments {
    size_t q, rank;
    double *omega;  /* q x q: sum of p_sg'p_tg, the expected covariance */
    double *spread; /* q x q: sum of what products of own and pull add to the variance of the covariance */
    double *cross;  /* q x q x rank x rank: sum of pull_sg pull_tg' */
    double *turned; /* q x rank */
    double *pull;   /* q x rank */
} moments;

static void moments_clear(moments *m)
{
    void *const owned[] = {m->omega, m->spread, m->cross, m->turned, m->pull};

    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) jf_free(owned[i]);
}

static jf_status moments_new(size_t q, size_t rank, moments *m, jf_error *err)
{
    *m = (moments){.q = q, .rank = rank};
    m->omega = JF_NEW_ZEROED(double, q *q);
    m->spread = JF_NEW_ZEROED(double, q *q);
    m->cross = JF_NEW_ZEROED(double, q *q *rank *rank);
    m->turned = JF_NEW_ARRAY(double, q *rank);
    m->pull = JF_NEW_ARRAY(double, q *rank);
    if (m->omega && m->spread && m->cross && m->turned && m->pull) return JF_OK;
    return jf_fail(err, JF_ENOMEM, "out of memory for degrees of freedom");
}

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

/* own_st of the group at hand. */
static double own(const jf_cr2 *c, const moments *m, size_t s, size_t t)
{
    double sum = 0;

    for (size_t j = 0; j < m->rank; j++) {
        double factor = stretch(c->share[j]);
        sum += c->share[j] * factor * factor * m->turned[s * m->rank + j] * m->turned[t * m->rank + j];
    }
    return sum;
}

static void add_pair(const jf_cr2 *c, moments *m, size_t s, size_t t)
{
    size_t rank = m->rank;
    const double *a = m->pull + s * rank, *b = m->pull + t * rank;
    double *cross = m->cross + (s * m->q + t) * rank * rank, own_st = own(c, m, s, t),
           pull_st = dot(a, b, rank);

    m->omega[s * m->q + t] += own_st - pull_st;
    m->spread[s * m->q + t] += own_st * own_st - 2 * own_st * pull_st + own(c, m, s, s) * own(c, m, t, t) -
                               own(c, m, s, s) * dot(b, b, rank) - own(c, m, t, t) * dot(a, a, rank);
    for (size_t i = 0; i < rank; i++)
        for (size_t j = 0; j < rank; j++) cross[i * rank + j] += a[i] * b[j];
}

/* What the group at hand adds for the quantities of `m`, whose rows of `moves` are these. */
static void add_group(jf_cr2 *c, const double *moves, moments *m)
{
    size_t rank = m->rank;

    for (size_t s = 0; s < m->q; s++) {
        double *turned = m->turned + s * rank;
        turn(c, moves + s * rank, turned);
        for (size_t j = 0; j < rank; j++) c->scratch[j] = c->share[j] * stretch(c->share[j]) * turned[j];
        turn_back(c, c->scratch, m->pull + s * rank);
    }
    for (size_t s = 0; s < m->q; s++)
        for (size_t t = 0; t < m->q; t++) add_pair(c, m, s, t);
}

/* All groups, for `n` questions of as many quantities each. */
static jf_status add_groups(jf_cr2 *c, const double *moves, moments *m, size_t n, jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t g = 0; g < c->n_groups; g++) {
        JF_TRY(factor_group(c, g, err));
        for (size_t i = 0; i < n; i++) add_group(c, moves + i * m->q * m->rank, &m[i]);
    }
done:
    return status;
}

/* Variance of entry s, t of the covariance, in units of the square of the errors' variance. */
static double variance_of_entry(const moments *m, size_t s, size_t t)
{
    size_t rank = m->rank;
    const double *a = m->cross + (s * m->q + t) * rank * rank;
    double sum = m->spread[s * m->q + t];

    for (size_t i = 0; i < rank; i++)
        for (size_t j = 0; j < rank; j++) sum += a[i * rank + j] * (a[i * rank + j] + a[j * rank + i]);
    return sum;
}

jf_status jf_cr2_degrees(jf_cr2 *c, const double *moves, size_t m, double *degrees, jf_error *err)
{
    jf_status status = JF_OK;
    moments *each = JF_NEW_ZEROED(moments, m);

    JF_TRY_NEW(each, err, "degrees of freedom");
    for (size_t i = 0; i < m; i++) JF_TRY(moments_new(1, c->design->rank, &each[i], err));
    if (m) JF_TRY(add_groups(c, moves, each, m, err));
    for (size_t i = 0; i < m; i++) {
        double omega = each[i].omega[0];
        degrees[i] = omega > 0 ? 2 * omega * omega / variance_of_entry(&each[i], 0, 0) : NAN;
    }
done:
    for (size_t i = 0; each && i < m; i++) moments_clear(&each[i]);
    jf_free(each);
    return status;
}

/* `moves` so that the expected covariance of the quantities is the unit matrix; false where it is singular.
 */
static bool whiten(const moments *m, double *moves)
{
    size_t q = m->q, rank = m->rank;

    if (LAPACKE_dpotrf(LAPACK_ROW_MAJOR, 'L', (lapack_int)q, m->omega, (lapack_int)q) != 0) return false;
    for (size_t s = 0; s < q; s++)
        for (size_t a = 0; a < rank; a++) {
            for (size_t t = 0; t < s; t++) moves[s * rank + a] -= m->omega[s * q + t] * moves[t * rank + a];
            moves[s * rank + a] /= m->omega[s * q + s];
        }
    return true;
}

jf_status jf_cr2_eta(jf_cr2 *c, const double *moves, size_t q, double *eta, jf_error *err)
{
    jf_status status = JF_OK;
    size_t rank = c->design->rank;
    double *white = JF_NEW_ARRAY(double, q *rank), total = 0;
    moments first = {0}, second = {0};

    *eta = NAN;
    JF_TRY_NEW(white, err, "degrees of freedom");
    memcpy(white, moves, q * rank * sizeof *white);
    JF_TRY(moments_new(q, rank, &first, err));
    JF_TRY(moments_new(q, rank, &second, err));
    JF_TRY(add_groups(c, white, &first, 1, err));
    if (!whiten(&first, white)) goto done;
    JF_TRY(add_groups(c, white, &second, 1, err));
    for (size_t s = 0; s < q; s++)
        for (size_t t = 0; t < q; t++) total += variance_of_entry(&second, s, t);
    *eta = (double)(q * (q + 1)) / total;
done:
    jf_free(white);
    moments_clear(&first);
    moments_clear(&second);
    return status;
}
