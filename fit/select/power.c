/* Draws data from the true law, compares it with a rival, and counts who wins. */
#include "fit/select/power.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "core/summary.h"
#include "fit/infer/simulate_parts.h"
#include "fit/select/rank.h"

/* What one comparison said; NaN where it said nothing, else 1 for the true law, 0 for the rival or nobody. */
typedef struct verdict {
    bool made;
    double aicc, bic, score, test, test_wrong, vuong, vuong_wrong, margin;
} verdict;

typedef struct studies {
    const jf_truth *truth;
    jf_laws pair; /* borrowed items: the true law and one rival */
    const jf_power_options *options;
    size_t part;   /* which rival and size, for streams */
    char name[32]; /* of the part, in a checkpoint */
    verdict *verdicts;
    jf_world *worlds;
    int n_worlds;
} studies;

static double is_smaller(double mine, double other)
{
    return isnan(mine) || isnan(other) ? NAN : mine < other ? 1 : mine == other ? 0.5 : 0;
}

/* The first test of these kinds between the two laws: whom it prefers at the level of tests. */
static void read_test(const jf_comparison *c, const char *kind, const char *other_kind, double *right,
                      double *wrong)
{
    *right = *wrong = NAN;
    for (size_t i = 0; i < c->n_tests; i++) {
        const jf_law_test *t = &c->tests[i];
        bool sure = t->p_value < jf_test_level, for_first = (t->statistic > 0) == (t->a == 0);
        if (strcmp(t->kind, kind) != 0 && strcmp(t->kind, other_kind) != 0) continue;
        *right = sure && for_first;
        *wrong = sure && !for_first;
        return;
    }
}

static void read_verdict(const jf_comparison *c, verdict *out)
{
    const jf_candidate *mine = &c->candidates[0], *other = &c->candidates[1];
    jf_metric metric;
    bool small = jf_metric_find(c->metric, &metric, NULL) != JF_OK || jf_metric_smaller_is_better(metric);

    out->made = true;
    out->aicc = is_smaller(mine->fit->aicc, other->fit->aicc);
    out->bic = is_smaller(mine->fit->bic, other->fit->bic);
    out->score = small ? is_smaller(mine->score, other->score) : is_smaller(other->score, mine->score);
    out->margin = other->score / mine->score;
    read_test(c, "corrected_t", "corrected_t", &out->test, &out->test_wrong);
    read_test(c, "vuong_cluster", "vuong", &out->vuong, &out->vuong_wrong);
}

static jf_status run_study(void *context, size_t item, int thread, jf_error *err)
{
    studies *s = context;
    jf_world *world = &s->worlds[thread];
    uint64_t seed = s->options->compare.fit.seed, index = jf_study_index(JF_STUDY_POWER, s->part, item);
    jf_compare_options options = s->options->compare;
    jf_comparison *comparison = NULL;
    jf_error mine = {0};
    jf_checkpoint *checkpoint = options.fit.checkpoint;
    verdict *out = &s->verdicts[item];
    jf_status status = JF_OK;

    if (jf_checkpoint_get(checkpoint, s->name, item, out, sizeof *out)) return JF_OK;
    options.fit.checkpoint = NULL; /* kept are verdicts, not what they are made of */
    options.fit.threads = 1;
    options.fit.seed = jf_replicate_seed(seed, index);
    options.baselines = false;
    options.interval = JF_INTERVAL_NONE;
    options.ablate = JF_ABLATE_NONE;
    JF_TRY(jf_world_draw(world, seed, index, err));
    if (jf_world_is_finite(world))
        status = jf_compare_run(&s->pair, world->table, NULL, 0, jf_world_groups(world), &options,
                                &comparison, &mine);
    if (status == JF_OK && comparison)
        read_verdict(comparison, out);
    else if (status == JF_EDATA || status == JF_EFIT)
        status = JF_OK; /* counted as refused */
    else if (status != JF_OK && err)
        *err = mine;
    if (status == JF_OK) jf_checkpoint_put(checkpoint, s->name, item, out, sizeof *out);
done:
    jf_comparison_free(comparison);
    return status;
}

/* Mean of one field over the verdicts that have it. */
static double mean_of(const verdict *verdicts, size_t n, size_t offset)
{
    double sum = 0;
    size_t m = 0;

    for (size_t i = 0; i < n; i++) {
        double value = *(const double *)((const char *)&verdicts[i] + offset);
        if (!verdicts[i].made || isnan(value)) continue;
        sum += value;
        m++;
    }
    return m ? sum / (double)m : NAN;
}

static jf_status median_margin(const verdict *verdicts, size_t n, double *out, jf_error *err)
{
    double *margins = JF_NEW_ARRAY(double, n);
    size_t m = 0;

    if (!margins) return jf_fail(err, JF_ENOMEM, "out of memory for simulated studies");
    for (size_t i = 0; i < n; i++)
        if (verdicts[i].made && isfinite(verdicts[i].margin)) margins[m++] = verdicts[i].margin;
    *out = jf_median(margins, m);
    jf_free(margins);
    return JF_OK;
}

static jf_status sum_up(const studies *s, jf_power *out, jf_error *err)
{
    size_t n = s->options->n_replicates;
    const verdict *v = s->verdicts;

    out->n_runs = s->worlds[0].n;
    out->n_groups = s->worlds[0].groups.n_groups;
    for (size_t i = 0; i < n; i++) out->n_studies += v[i].made;
    out->n_refused = n - out->n_studies;
    out->aicc = mean_of(v, n, offsetof(verdict, aicc));
    out->bic = mean_of(v, n, offsetof(verdict, bic));
    out->score = mean_of(v, n, offsetof(verdict, score));
    out->test = mean_of(v, n, offsetof(verdict, test));
    out->test_wrong = mean_of(v, n, offsetof(verdict, test_wrong));
    out->vuong = mean_of(v, n, offsetof(verdict, vuong));
    out->vuong_wrong = mean_of(v, n, offsetof(verdict, vuong_wrong));
    return median_margin(v, n, &out->margin, err);
}

/* One rival at one size. */
static jf_status run_size(studies *s, jf_power *out, jf_error *err)
{
    jf_status status = JF_OK;
    size_t n = s->options->n_replicates;

    s->verdicts = JF_NEW_ZEROED(verdict, n);
    JF_TRY_NEW(s->verdicts, err, "simulated studies");
    JF_TRY(
        jf_worlds_new(s->truth, out->copies, s->options->compare.fit.threads, &s->worlds, &s->n_worlds, err));
    jf_progress_stage("power");
    JF_TRY(jf_parallel(n, s->n_worlds, run_study, s, err));
    JF_TRY(sum_up(s, out, err));
done:
    for (int t = 0; s->worlds && t < s->n_worlds; t++) jf_world_clear(&s->worlds[t]);
    jf_free(s->worlds);
    jf_free(s->verdicts);
    s->worlds = NULL;
    s->verdicts = NULL;
    return status;
}

jf_status jf_power_run(const jf_truth *truth, const jf_laws *laws, const jf_power_options *options,
                       jf_power **out, size_t *n_out, jf_error *err)
{
    jf_status status = JF_OK;
    size_t n = (laws->n - 1) * options->n_sizes;
    jf_power *made = JF_NEW_ZEROED(jf_power, n);
    jf_law *pair[2] = {laws->items[0], NULL};

    *out = NULL;
    *n_out = 0;
    JF_TRY_NEW(made, err, "simulated studies");
    for (size_t i = 0; i < n; i++) {
        studies s = {.truth = truth, .pair = {pair, 2, 2}, .options = options, .part = i};
        snprintf(s.name, sizeof s.name, "power %zu", i);
        made[i].rival = 1 + i / options->n_sizes;
        made[i].copies = options->sizes[i % options->n_sizes];
        pair[1] = laws->items[made[i].rival];
        JF_TRY(run_size(&s, &made[i], err));
    }
    *out = made;
    *n_out = n;
    made = NULL;
done:
    jf_free(made);
    return status;
}
