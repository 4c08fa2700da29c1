/* Fits simulated data sets and sums up what came out: bias, spread, coverage. */
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "core/stream.h"
#include "core/summary.h"
#include "core/text.h"
#include "fit/infer/replicate.h"
#include "fit/infer/simulate.h"
#include "fit/infer/simulate_parts.h"

typedef struct studies {
    const jf_truth *truth;
    const jf_law *law;
    const jf_fit_options *fit;
    size_t n;
    jf_replicate *replicates; /* n */
    jf_world *worlds;         /* of each thread */
    int n_worlds;
} studies;

/* ---- one replicate ---- */

uint64_t jf_replicate_seed(uint64_t seed, uint64_t index)
{
    jf_stream stream = jf_stream_make(seed, JF_FOR_REPLICATES, index);
    uint64_t high = jf_stream_word(&stream);

    return high << 32 | jf_stream_word(&stream);
}

/* ---- replicates that a stopped study had finished ---- */

static const char kept_part[] = "recovery";

static bool take_kept(const studies *s, size_t item)
{
    size_t size = 0;
    const void *bytes = jf_checkpoint_find(s->fit->checkpoint, kept_part, item, &size);

    return bytes && jf_replicate_unpack(bytes, size, s->truth->problem->k, &s->replicates[item]);
}

/* Without memory for it a replicate is not kept, and done again another time. */
static void keep(const studies *s, size_t item)
{
    jf_text bytes = {0};

    if (!s->fit->checkpoint) return;
    jf_replicate_pack(&s->replicates[item], s->truth->problem->k, &bytes);
    if (!bytes.failed) jf_checkpoint_put(s->fit->checkpoint, kept_part, item, bytes.data, bytes.length);
    jf_text_free(&bytes);
}

static jf_status run_replicate(void *context, size_t item, int thread, jf_error *err)
{
    studies *s = context;
    jf_world *world = &s->worlds[thread];
    uint64_t index = jf_study_index(JF_STUDY_RECOVERY, 0, item);
    jf_fit_options options = *s->fit;
    jf_fit *fit = NULL;
    jf_error mine = {0};
    jf_status status = JF_OK;

    options.threads = 1;
    options.skip_profiles = true;
    options.seed = jf_replicate_seed(s->fit->seed, index);
    options.derive = options.test = (jf_option_list){0};
    options.checkpoint = NULL; /* kept are replicates, not what they are made of */
    if (take_kept(s, item)) return JF_OK;
    JF_TRY(jf_world_draw(world, s->fit->seed, index, err));
    if (jf_world_is_finite(world))
        status = jf_fit_run(s->law, world->table, NULL, 0, jf_world_groups(world), &options, &fit, &mine);
    else
        status = jf_fail(&mine, JF_EDATA, "the noise takes a run beyond what the left side can be");
    if (status == JF_EDATA || status == JF_EFIT) {
        s->replicates[item].refused = true;
        s->replicates[item].refusal = jf_copy_text(mine.message);
        status = JF_OK;
    } else if (status == JF_OK) {
        status = jf_replicate_note(fit, s->truth->theta, s->truth->problem->k, &s->replicates[item], err);
    } else if (err) {
        *err = mine;
    }
    if (status == JF_OK) keep(s, item);
done:
    jf_fit_free(fit);
    return status;
}

/* ---- over all ---- */

static void studies_clear(studies *s)
{
    for (size_t i = 0; s->replicates && i < s->n; i++) jf_replicate_clear(&s->replicates[i]);
    for (int t = 0; s->worlds && t < s->n_worlds; t++) jf_world_clear(&s->worlds[t]);
    jf_free(s->replicates);
    jf_free(s->worlds);
}

void jf_coverage_free(jf_coverage *coverage, size_t n)
{
    for (size_t i = 0; coverage && i < n; i++) jf_free(coverage[i].kind);
    jf_free(coverage);
}

void jf_recovery_clear(jf_recovery *recovery)
{
    for (size_t i = 0; recovery->parameters && i < recovery->n_parameters; i++)
        jf_free(recovery->parameters[i].name);
    jf_free(recovery->parameters);
    jf_coverage_free(recovery->coverage, recovery->n_coverage);
    jf_free(recovery->first_refusal);
    jf_warnings_free(&recovery->warnings);
    *recovery = (jf_recovery){0};
}

/* Sums up parameter j; `scratch`: n replicates. */
static void sum_up(const studies *s, size_t j, jf_recovered *out, double *scratch)
{
    double truth = s->truth->theta[j], mean = 0, squares = 0, off = 0, errors = 0;
    size_t n = 0, n_errors = 0;

    for (size_t r = 0; r < s->n; r++) {
        const jf_replicate *one = &s->replicates[r];
        double x = one->estimate ? one->estimate[j] : NAN, step;
        if (isnan(x)) continue;
        step = x - mean;
        scratch[n++] = x;
        mean += step / (double)n;
        squares += step * (x - mean);
        off += (x - truth) * (x - truth);
        out->n_at_bound += one->at_bound[j];
        if (isnan(one->error[j])) continue;
        errors += one->error[j] * one->error[j];
        n_errors++;
    }
    out->truth = truth;
    out->origin = s->truth->origin[j];
    out->n = n;
    out->mean = n ? mean : NAN;
    out->median = jf_median(scratch, n);
    out->bias = out->mean - truth;
    out->spread = n > 1 ? sqrt(squares / (double)(n - 1)) : NAN;
    out->bias_error = out->spread / sqrt((double)n);
    out->rmse = n ? sqrt(off / (double)n) : NAN;
    out->relative_bias = truth != 0 ? out->bias / fabs(truth) : NAN;
    out->relative_rmse = truth != 0 ? out->rmse / fabs(truth) : NAN;
    out->mean_error = n_errors ? sqrt(errors / (double)n_errors) : NAN;
}

static const jf_replicate_set *find_set(const jf_replicate *r, const char *kind)
{
    for (size_t i = 0; i < r->n_sets; i++)
        if (strcmp(r->sets[i].kind, kind) == 0) return &r->sets[i];
    return NULL;
}

/* Sums up one kind for the parameter with index j among all, `parameter` among the recovered. */
static jf_status sum_up_kind(const studies *s, const char *kind, double level, size_t j, size_t parameter,
                             jf_coverage *out, double *scratch, jf_error *err)
{
    size_t counts[4] = {0}, closed = 0;

    *out = (jf_coverage){.kind = jf_copy_text(kind), .level = level, .parameter = parameter};
    if (!out->kind) return jf_fail(err, JF_ENOMEM, "out of memory for a simulated study");
    for (size_t r = 0; r < s->n; r++) {
        const jf_replicate *one = &s->replicates[r];
        const jf_replicate_set *set = find_set(one, kind);
        if (!one->estimate) continue;
        counts[set ? set->caught[j] : JF_CAUGHT_NONE]++;
        if (!set || set->caught[j] == JF_CAUGHT_NONE) continue;
        if (isinf(set->length[j]))
            out->n_open++;
        else
            scratch[closed++] = set->length[j];
    }
    out->n_none = counts[JF_CAUGHT_NONE];
    out->n_made = counts[JF_CAUGHT] + counts[JF_MISSED_BELOW] + counts[JF_MISSED_ABOVE];
    out->share = out->n_made ? (double)counts[JF_CAUGHT] / (double)out->n_made : NAN;
    out->missed_below = out->n_made ? (double)counts[JF_MISSED_BELOW] / (double)out->n_made : NAN;
    out->missed_above = out->n_made ? (double)counts[JF_MISSED_ABOVE] / (double)out->n_made : NAN;
    out->share_error = sqrt(out->share * (1 - out->share) / (double)out->n_made);
    out->length = jf_median(scratch, closed);
    return JF_OK;
}

/* Kinds in the order in which replicates show them; borrowed. */
static jf_status list_kinds(const studies *s, const jf_replicate_set ***out, size_t *n, jf_error *err)
{
    const jf_replicate_set **kinds = NULL;
    size_t capacity = 0;

    *n = 0;
    for (size_t r = 0; r < s->n; r++)
        for (size_t i = 0; i < s->replicates[r].n_sets; i++) {
            const jf_replicate_set *set = &s->replicates[r].sets[i];
            size_t known = 0;
            while (known < *n && strcmp(kinds[known]->kind, set->kind) != 0) known++;
            if (known < *n) continue;
            if (!jf_grow((void **)&kinds, &capacity, *n + 1, sizeof *kinds)) {
                jf_free(kinds);
                return jf_fail(err, JF_ENOMEM, "out of memory for a simulated study");
            }
            kinds[(*n)++] = set;
        }
    *out = kinds;
    return JF_OK;
}

static jf_status sum_up_coverage(const studies *s, jf_recovery *out, double *scratch, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_replicate_set **kinds = NULL;
    size_t n_kinds = 0;

    JF_TRY(list_kinds(s, &kinds, &n_kinds, err));
    out->coverage = JF_NEW_ZEROED(jf_coverage, n_kinds * out->n_parameters);
    JF_TRY_NEW(out->coverage, err, "a simulated study");
    for (size_t m = n_kinds; m-- > 0;) { /* fits list the kind of their standard errors last */
        size_t parameter = 0;
        for (size_t j = 0; j < s->truth->problem->k; j++) {
            if (s->truth->problem->fixed[j]) continue;
            JF_TRY(sum_up_kind(s, kinds[m]->kind, kinds[m]->level, j, parameter++,
                               &out->coverage[out->n_coverage], scratch, err));
            out->n_coverage++;
        }
    }
done:
    jf_free(kinds);
    return status;
}

static jf_status sum_up_parameters(const studies *s, jf_recovery *out, double *scratch, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_problem *problem = s->truth->problem;

    out->parameters = JF_NEW_ZEROED(jf_recovered, problem->k);
    JF_TRY_NEW(out->parameters, err, "a simulated study");
    for (size_t j = 0; j < problem->k; j++) {
        jf_recovered *one = &out->parameters[out->n_parameters];
        if (problem->fixed[j]) continue;
        sum_up(s, j, one, scratch);
        out->n_parameters++;
        one->name = jf_copy_text(jf_formula_parameter(problem->formula, j)->name);
        JF_TRY_NEW(one->name, err, "a simulated study");
    }
done:
    return status;
}

/* One warning for each code that fits gave, with how many of them did. */
static void sum_up_codes(const studies *s, jf_recovery *out)
{
    for (size_t w = 0; jf_warning_codes[w].code; w++) {
        size_t n = 0;
        for (size_t r = 0; r < s->n; r++)
            for (size_t c = 0; c < s->replicates[r].n_codes; c++)
                n += strcmp(s->replicates[r].codes[c], jf_warning_codes[w].code) == 0;
        if (n)
            jf_warn(&out->warnings, jf_warning_codes[w].code, "%zu of %zu fits to simulated data gave it", n,
                    s->n);
    }
}

static jf_status sum_up_all(const studies *s, jf_recovery *out, jf_error *err)
{
    jf_status status = JF_OK;
    double *scratch = JF_NEW_ARRAY(double, s->n);

    JF_TRY_NEW(scratch, err, "a simulated study");
    out->n_replicates = s->n;
    for (size_t r = 0; r < s->n; r++) {
        const jf_replicate *one = &s->replicates[r];
        out->n_refused += one->refused;
        if (one->refusal && !out->first_refusal) {
            out->first_refusal = jf_copy_text(one->refusal);
            JF_TRY_NEW(out->first_refusal, err, "a simulated study");
        }
        out->n_usable += one->estimate != NULL;
        if (!one->refused) out->outcomes[one->outcome]++;
    }
    JF_TRY(sum_up_parameters(s, out, scratch, err));
    JF_TRY(sum_up_coverage(s, out, scratch, err));
    sum_up_codes(s, out);
done:
    jf_free(scratch);
    return status;
}

jf_status jf_worlds_new(const jf_truth *truth, size_t copies, int64_t threads, jf_world **out, int *n,
                        jf_error *err)
{
    jf_status status = JF_OK;

    *n = threads > 0 ? (int)threads : jf_threads_available();
    *out = JF_NEW_ZEROED(jf_world, (size_t)*n);
    JF_TRY_NEW(*out, err, "simulated studies");
    for (int t = 0; t < *n; t++) JF_TRY(jf_world_new(truth, copies, &(*out)[t], err));
done:
    return status;
}

jf_status jf_recovery_run(const jf_truth *truth, const jf_law *law, size_t n_replicates,
                          const jf_fit_options *fit, jf_recovery *out, jf_error *err)
{
    jf_status status = JF_OK;
    studies s = {.truth = truth, .law = law, .fit = fit, .n = n_replicates};

    *out = (jf_recovery){0};
    s.replicates = JF_NEW_ZEROED(jf_replicate, n_replicates);
    JF_TRY_NEW(s.replicates, err, "simulated studies");
    JF_TRY(jf_worlds_new(truth, 1, fit->threads, &s.worlds, &s.n_worlds, err));
    jf_progress_stage("recovery");
    JF_TRY(jf_parallel(n_replicates, s.n_worlds, run_replicate, &s, err));
    JF_TRY(sum_up_all(&s, out, err));
done:
    if (status != JF_OK) jf_recovery_clear(out);
    studies_clear(&s);
    return status;
}
