/* Fits simulated data sets and sums up what came out: bias, spread, coverage. */
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "core/stream.h"
#include "core/summary.h"
#include "core/text.h"
#include "fit/infer/simulate.h"
#include "fit/infer/simulate_parts.h"

/* What one interval did. */
typedef enum catch { CAUGHT_NONE, CAUGHT, MISSED_BELOW, MISSED_ABOVE } catch;

typedef struct one_set { /* one kind of interval in one replicate */
    char *kind;
    double level;
    unsigned char *caught; /* k: catch */
    float *length;         /* k: NaN where there is none, infinite where it is open */
} one_set;

typedef struct replicate {
    bool refused;
    char *refusal;
    jf_outcome outcome;
    double *estimate, *error; /* k; NaN: none */
    unsigned char *at_bound;  /* k */
    one_set *sets;
    size_t n_sets;
    char **codes; /* of warnings, each once */
    size_t n_codes;
} replicate;

typedef struct studies {
    const jf_truth *truth;
    const jf_law *law;
    const jf_fit_options *fit;
    size_t n;
    replicate *replicates; /* n */
    jf_world *worlds;      /* of each thread */
    int n_worlds;
} studies;

/* ---- one replicate ---- */

/* An open end lies at infinity; one that there is none of for another reason makes no interval. */
static double end_of(double value, const jf_end *state, double infinite)
{
    return isnan(value) && state && *state == JF_END_UNBOUNDED ? infinite : value;
}

static void note_interval(const jf_interval_set *set, size_t j, double truth, one_set *out)
{
    double low = end_of(set->low[j], set->low_end ? &set->low_end[j] : NULL, -INFINITY);
    double high = end_of(set->high[j], set->high_end ? &set->high_end[j] : NULL, INFINITY);

    out->length[j] = (float)(high - low);
    if (isnan(low) || isnan(high))
        out->caught[j] = CAUGHT_NONE;
    else
        out->caught[j] = high < truth ? MISSED_BELOW : low > truth ? MISSED_ABOVE : CAUGHT;
}

static jf_status note_set(const studies *s, const jf_interval_set *set, one_set *out, jf_error *err)
{
    jf_status status = JF_OK;
    size_t k = s->truth->problem->k;

    out->level = set->level;
    out->kind = jf_copy_text(set->kind);
    out->caught = JF_NEW_ARRAY(unsigned char, k);
    out->length = JF_NEW_ARRAY(float, k);
    JF_TRY_NEW(out->kind && out->caught && out->length, err, "a simulated study");
    for (size_t j = 0; j < k; j++) note_interval(set, j, s->truth->theta[j], out);
done:
    return status;
}

static jf_status note_codes(const jf_fit *fit, replicate *out, jf_error *err)
{
    jf_status status = JF_OK;

    out->codes = JF_NEW_ZEROED(char *, fit->warnings.n);
    JF_TRY_NEW(out->codes, err, "a simulated study");
    for (size_t i = 0; i < fit->warnings.n; i++) {
        size_t c = 0;
        while (c < out->n_codes && strcmp(out->codes[c], fit->warnings.items[i].code) != 0) c++;
        if (c < out->n_codes) continue;
        out->codes[c] = jf_copy_text(fit->warnings.items[i].code);
        JF_TRY_NEW(out->codes[c], err, "a simulated study");
        out->n_codes++;
    }
done:
    return status;
}

static jf_status note_fit(const studies *s, const jf_fit *fit, replicate *out, jf_error *err)
{
    jf_status status = JF_OK;
    size_t k = s->truth->problem->k;

    out->outcome = fit->outcome;
    JF_TRY(note_codes(fit, out, err));
    if (fit->outcome == JF_FAILED) return JF_OK;
    out->estimate = JF_NEW_ARRAY(double, k);
    out->error = JF_NEW_ARRAY(double, k);
    out->at_bound = JF_NEW_ZEROED(unsigned char, k);
    out->sets = JF_NEW_ZEROED(one_set, fit->n_intervals);
    JF_TRY_NEW(out->estimate && out->error && out->at_bound && out->sets, err, "a simulated study");
    for (size_t j = 0; j < k; j++) {
        out->estimate[j] = fit->estimates[j].value;
        out->error[j] = fit->estimates[j].std_error;
        out->at_bound[j] = fit->estimates[j].state == JF_STATE_AT_BOUND;
    }
    for (; out->n_sets < fit->n_intervals; out->n_sets++) {
        out->sets[out->n_sets] = (one_set){0};
        JF_TRY(note_set(s, &fit->intervals[out->n_sets], &out->sets[out->n_sets], err));
    }
done:
    return status;
}

uint64_t jf_replicate_seed(uint64_t seed, uint64_t index)
{
    jf_stream stream = jf_stream_make(seed, JF_FOR_REPLICATES, index);
    uint64_t high = jf_stream_word(&stream);

    return high << 32 | jf_stream_word(&stream);
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
    options.seed = jf_replicate_seed(s->fit->seed, index);
    options.derive = options.test = (jf_option_list){0};
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
        status = note_fit(s, fit, &s->replicates[item], err);
    } else if (err) {
        *err = mine;
    }
done:
    jf_fit_free(fit);
    return status;
}

/* ---- over all ---- */

static void replicate_clear(replicate *r)
{
    for (size_t i = 0; i < r->n_sets; i++) {
        jf_free(r->sets[i].kind);
        jf_free(r->sets[i].caught);
        jf_free(r->sets[i].length);
    }
    for (size_t i = 0; i < r->n_codes; i++) jf_free(r->codes[i]);
    jf_free(r->codes);
    jf_free(r->sets);
    jf_free(r->estimate);
    jf_free(r->error);
    jf_free(r->at_bound);
    jf_free(r->refusal);
}

static void studies_clear(studies *s)
{
    for (size_t i = 0; s->replicates && i < s->n; i++) replicate_clear(&s->replicates[i]);
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
        const replicate *one = &s->replicates[r];
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

static const one_set *find_set(const replicate *r, const char *kind)
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
        const replicate *one = &s->replicates[r];
        const one_set *set = find_set(one, kind);
        if (!one->estimate) continue;
        counts[set ? set->caught[j] : CAUGHT_NONE]++;
        if (!set || set->caught[j] == CAUGHT_NONE) continue;
        if (isinf(set->length[j]))
            out->n_open++;
        else
            scratch[closed++] = set->length[j];
    }
    out->n_none = counts[CAUGHT_NONE];
    out->n_made = counts[CAUGHT] + counts[MISSED_BELOW] + counts[MISSED_ABOVE];
    out->share = out->n_made ? (double)counts[CAUGHT] / (double)out->n_made : NAN;
    out->missed_below = out->n_made ? (double)counts[MISSED_BELOW] / (double)out->n_made : NAN;
    out->missed_above = out->n_made ? (double)counts[MISSED_ABOVE] / (double)out->n_made : NAN;
    out->share_error = sqrt(out->share * (1 - out->share) / (double)out->n_made);
    out->length = jf_median(scratch, closed);
    return JF_OK;
}

/* Kinds in the order in which replicates show them; borrowed. */
static jf_status list_kinds(const studies *s, const one_set ***out, size_t *n, jf_error *err)
{
    const one_set **kinds = NULL;
    size_t capacity = 0;

    *n = 0;
    for (size_t r = 0; r < s->n; r++)
        for (size_t i = 0; i < s->replicates[r].n_sets; i++) {
            const one_set *set = &s->replicates[r].sets[i];
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
    const one_set **kinds = NULL;
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
        const replicate *one = &s->replicates[r];
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
    s.replicates = JF_NEW_ZEROED(replicate, n_replicates);
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
