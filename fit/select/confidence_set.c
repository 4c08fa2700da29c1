/* Resamples groups and strikes laws off one at a time while the rest cannot all be equally good. */
#include "fit/select/confidence_set.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "core/memory.h"
#include "core/stream.h"

/* Differences this small against the losses are rounding. */
static const double rounding = 1e-12;

typedef struct set {
    size_t n_groups, n_laws, draws;
    double *mean;      /* n_laws */
    double *resampled; /* draws x n_laws: means of resampled groups */
    bool *inside;      /* n_laws */
    double *statistic; /* n_laws: t of the difference from the set's mean */
    double *deviation; /* n_laws: its bootstrap standard error */
} set;

static void resample(set *s, const double *loss, uint64_t seed)
{
    for (size_t d = 0; d < s->draws; d++) {
        jf_stream stream = jf_stream_make(seed, JF_FOR_BOOTSTRAP, UINT64_C(0x3C5) << 48 | (uint64_t)d);
        double *row = s->resampled + d * s->n_laws;
        memset(row, 0, s->n_laws * sizeof *row);
        for (size_t g = 0; g < s->n_groups; g++) {
            const double *from = loss + jf_stream_below(&stream, s->n_groups) * s->n_laws;
            for (size_t i = 0; i < s->n_laws; i++) row[i] += from[i] / (double)s->n_groups;
        }
    }
}

/* Mean over the laws that are still inside. */
static double set_mean(const set *s, const double *values)
{
    double sum = 0;
    size_t n = 0;

    for (size_t i = 0; i < s->n_laws; i++)
        if (s->inside[i]) {
            sum += values[i];
            n++;
        }
    return sum / (double)n;
}

/* Fills statistic and deviation of the laws inside; the law with the largest statistic. */
static size_t worst_law(set *s)
{
    double centre = set_mean(s, s->mean);
    size_t worst = s->n_laws;

    for (size_t i = 0; i < s->n_laws; i++) s->deviation[i] = 0;
    for (size_t d = 0; d < s->draws; d++) {
        const double *row = s->resampled + d * s->n_laws;
        double at = set_mean(s, row);
        for (size_t i = 0; i < s->n_laws; i++) {
            double difference = (row[i] - at) - (s->mean[i] - centre);
            s->deviation[i] += difference * difference / (double)s->draws;
        }
    }
    for (size_t i = 0; i < s->n_laws; i++) {
        if (!s->inside[i]) continue;
        double difference = s->mean[i] - centre;
        s->deviation[i] = sqrt(s->deviation[i]);
        if (s->deviation[i] <= rounding * fabs(centre)) s->deviation[i] = 0; /* the same as the others */
        if (fabs(difference) <= rounding * fabs(centre)) difference = 0;
        s->statistic[i] = difference == 0       ? 0
                          : s->deviation[i] > 0 ? difference / s->deviation[i]
                                                : copysign(INFINITY, difference);
        if (worst == s->n_laws || s->statistic[i] > s->statistic[worst]) worst = i;
    }
    return worst;
}

/* Share of resamples whose largest centred statistic reaches `largest`. */
static double share_reaching(const set *s, double largest)
{
    double centre = set_mean(s, s->mean);
    size_t reached = 0;

    if (largest <= 0) return 1;
    for (size_t d = 0; d < s->draws; d++) {
        const double *row = s->resampled + d * s->n_laws;
        double at = set_mean(s, row), most = -INFINITY;
        for (size_t i = 0; i < s->n_laws; i++) {
            if (!s->inside[i] || !(s->deviation[i] > 0)) continue;
            most = fmax(most, ((row[i] - at) - (s->mean[i] - centre)) / s->deviation[i]);
        }
        reached += most >= largest;
    }
    return (double)reached / (double)s->draws;
}

static void strike_off(set *s, double *p_value)
{
    double so_far = 0;

    for (size_t left = s->n_laws; left > 1; left--) {
        size_t worst = worst_law(s);
        so_far = fmax(so_far, share_reaching(s, s->statistic[worst]));
        p_value[worst] = so_far;
        s->inside[worst] = false;
    }
    for (size_t i = 0; i < s->n_laws; i++)
        if (s->inside[i]) p_value[i] = 1;
}

static void count_wins(const set *s, double *frequency)
{
    for (size_t i = 0; i < s->n_laws; i++) frequency[i] = 0;
    for (size_t d = 0; d < s->draws; d++) {
        const double *row = s->resampled + d * s->n_laws;
        size_t best = 0;
        for (size_t i = 1; i < s->n_laws; i++)
            if (row[i] < row[best]) best = i;
        frequency[best]++;
    }
    for (size_t i = 0; i < s->n_laws; i++) frequency[i] /= (double)s->draws;
}

jf_status jf_confidence_set(const double *loss, size_t n_groups, size_t n_laws, size_t draws, uint64_t seed,
                            double *p_value, double *frequency, jf_error *err)
{
    set s = {.n_groups = n_groups, .n_laws = n_laws, .draws = draws};
    jf_status status = JF_OK;

    s.mean = JF_NEW_ZEROED(double, n_laws + 1);
    s.resampled = JF_NEW_ARRAY(double, draws *n_laws + 1);
    s.inside = JF_NEW_ARRAY(bool, n_laws + 1);
    s.statistic = JF_NEW_ARRAY(double, n_laws + 1);
    s.deviation = JF_NEW_ARRAY(double, n_laws + 1);
    JF_TRY_NEW(s.mean, err, "a confidence set");
    JF_TRY_NEW(s.resampled, err, "a confidence set");
    JF_TRY_NEW(s.inside, err, "a confidence set");
    JF_TRY_NEW(s.statistic, err, "a confidence set");
    JF_TRY_NEW(s.deviation, err, "a confidence set");
    for (size_t i = 0; i < n_laws; i++) s.inside[i] = true;
    for (size_t g = 0; g < n_groups; g++)
        for (size_t i = 0; i < n_laws; i++) s.mean[i] += loss[g * n_laws + i] / (double)n_groups;
    resample(&s, loss, seed);
    count_wins(&s, frequency);
    strike_off(&s, p_value);
done:
    jf_free(s.mean);
    jf_free(s.resampled);
    jf_free(s.inside);
    jf_free(s.statistic);
    jf_free(s.deviation);
    return status;
}
