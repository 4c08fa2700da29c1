/* Holds the constants, refits the rest, and measures what that costs. */
#include "fit/infer/judged.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "fit/infer/held.h"
#include "fit/infer/infer_parts.h"
#include "fit/infer/profile.h"

void jf_judged_clear(jf_judged *judged)
{
    if (judged) jf_free(judged->values);
}

/* ---- reading ---- */

/* Does `name` mean this parameter, or all levels of it? */
static bool means(const jf_fit_work *work, size_t j, const char *name)
{
    const jf_parameter *parameter = jf_formula_parameter(work->problem->formula, j);

    return jf_parameter_name_same(parameter->name, name) || strcmp(parameter->base, name) == 0;
}

static jf_status unknown(const jf_fit_work *work, const char *option, const char *name)
{
    const jf_fit *fit = work->fit;
    const char **names = JF_NEW_ARRAY(const char *, fit->n_theta);
    char hint[128] = "";
    jf_status status;

    for (size_t j = 0; names && j < fit->n_theta; j++) names[j] = fit->estimates[j].name;
    if (names) jf_did_you_mean(hint, sizeof hint, name, names, fit->n_theta);
    status = jf_fail(work->err, JF_EUSAGE, "%s: no free parameter '%s'%s", option, name, hint);
    jf_free(names);
    return status;
}

/* Sets `given` (--at) or takes `held` back (--free) for what "name" or "name=value" means. */
static jf_status set_one(const jf_fit_work *work, const char *option, char *entry, jf_judged *out)
{
    char *equals = strchr(entry, '=');
    double value = NAN;
    bool found = false, at = strcmp(option, "--at") == 0;
    size_t length;

    if (at && (!equals || !jf_number_read(equals + 1, strlen(equals + 1), &value)))
        return jf_fail(work->err, JF_EUSAGE, "--at: expected 'published' or 'a=1,b=0.42', found '%s'", entry);
    if (equals) *equals = 0;
    entry += strspn(entry, " ");
    length = strlen(entry);
    while (length && entry[length - 1] == ' ') entry[--length] = 0;
    for (size_t i = 0; i < out->n_values; i++) {
        jf_judged_value *v = &out->values[i];
        if (!means(work, v->estimate, entry)) continue;
        found = true;
        if (at) v->given = value;
        v->held = at;
    }
    return found ? JF_OK : unknown(work, option, entry);
}

static jf_status set_list(const jf_fit_work *work, const char *option, const char *text, jf_judged *out)
{
    jf_status status = JF_OK;

    for (const char *end; *text; text = *end ? end + 1 : end) {
        char *entry;

        end = jf_find_outside(text, ",");
        entry = jf_copy_bytes(text, (size_t)(end - text));
        JF_TRY_NEW(entry, work->err, option);
        status = set_one(work, option, entry, out);
        jf_free(entry);
        if (status != JF_OK) return status;
    }
done:
    return status;
}

static jf_status read_wishes(const jf_fit_work *work, jf_judged *out)
{
    jf_status status = JF_OK;
    const jf_fit *fit = work->fit;
    const jf_fit_options *options = work->options;

    out->source = options->at;
    for (size_t j = 0; j < fit->n_theta; j++) {
        double published = fit->estimates[j].published;

        if (work->problem->fixed[j]) continue;
        out->values[out->n_values] = (jf_judged_value){.estimate = j, .given = NAN, .value = NAN};
        if (!strcmp(options->at, "published")) {
            out->values[out->n_values].given = published;
            out->values[out->n_values].held = !isnan(published);
        }
        out->n_values++;
    }
    if (strcmp(options->at, "published") != 0) JF_TRY(set_list(work, "--at", options->at, out));
    for (size_t i = 0; i < out->n_values; i++) out->n_held += out->values[i].held;
    if (!out->n_held)
        JF_TRY(
            jf_fail(work->err, JF_EUSAGE,
                    "--at published: the law '%s' has no published constants (its entry in a laws file says "
                    "them as 'published'); --at a=1,b=0.42 names others",
                    fit->law_name));
    if (options->free) JF_TRY(set_list(work, "--free", options->free, out));
    out->n_held = 0;
    for (size_t i = 0; i < out->n_values; i++) out->n_held += out->values[i].held;
    if (!out->n_held) JF_TRY(jf_fail(work->err, JF_EUSAGE, "--free leaves no constant of --at to be judged"));
done:
    return status;
}

/* ---- the refit ---- */

/* The best that the law can do with the constants held: `theta` (n_theta) and its loss. */
static jf_status refit(const jf_fit_work *work, const jf_judged *judged, double *theta, double *loss)
{
    jf_status status = JF_OK;
    jf_profile_setup setup = jf_profile_setup_of(work);
    size_t k = work->fit->n_theta, n = 0;
    size_t *which = JF_NEW_ARRAY(size_t, k);
    double *values = JF_NEW_ARRAY(double, k), *better = JF_NEW_ARRAY(double, k);
    jf_held held = {0};
    jf_solution solution = {0};
    jf_solve_options options = {.loss = setup.penalty,
                                .starts = (size_t)work->options->starts,
                                .max_iterations = setup.max_iterations,
                                .tolerance = setup.tolerance,
                                .seed = work->options->seed,
                                .threads = (int)work->options->threads};

    JF_TRY_NEW(which && values && better ? which : NULL, work->err, "--at");
    memcpy(theta, work->fit->theta, k * sizeof *theta);
    for (size_t i = 0; i < judged->n_values; i++) {
        if (!judged->values[i].held) continue;
        which[n] = judged->values[i].estimate;
        theta[which[n]] = values[n] = judged->values[i].given;
        n++;
    }
    JF_TRY(jf_held_new(&setup, which, n, better, &held, work->err));
    jf_held_move(&held, values);
    options.from = theta;
    JF_TRY(jf_solve(&held.problem, &options, &solution, work->err));
    *loss = solution.outcome == JF_FAILED ? NAN : solution.loss;
    if (solution.theta && isfinite(*loss)) memcpy(theta, solution.theta, k * sizeof *theta);
done:
    jf_solution_clear(&solution);
    jf_held_clear(&held);
    jf_free(which);
    jf_free(values);
    jf_free(better);
    return status;
}

/* How far the predictions at theta are from what was observed. */
static jf_status measure(const jf_fit_work *work, const double *theta, jf_judged *out)
{
    jf_status status = JF_OK;
    const jf_fit *fit = work->fit;
    const jf_problem *problem = work->problem;
    jf_columns columns = jf_table_columns(work->table);
    double *value = JF_NEW_ARRAY(double, fit->n), *raw = JF_NEW_ARRAY(double, fit->n);
    double total = 0, squares = 0, raw_squares = 0, sum = 0;
    jf_arena *arena = NULL;

    JF_TRY_NEW(value && raw ? value : NULL, work->err, "--at");
    JF_TRY(jf_arena_new(problem->formula, JF_VALUE, &arena, work->err));
    jf_formula_values(problem->formula, problem->inputs, arena, theta, value);
    JF_TRY(jf_transform_inverse(problem->transform, &columns, problem->rows, fit->n, value, raw, work->err));
    for (size_t i = 0; i < fit->n; i++) {
        double w = fit->weight[i], miss = fit->observed[i] - value[i],
               raw_miss = fit->raw_observed[i] - raw[i];
        total += w;
        sum += w * miss;
        squares += w * miss * miss;
        raw_squares += w * raw_miss * raw_miss;
    }
    out->bias = sum / total;
    out->rmse = sqrt(squares / total);
    out->rmse_raw = sqrt(raw_squares / total);
done:
    jf_arena_free(arena);
    jf_free(value);
    jf_free(raw);
    return status;
}

/* ---- tests ---- */

/* Each held constant by itself, then all at once. */
static jf_status test_constants(jf_fit_work *work, jf_judged *judged)
{
    jf_status status = JF_OK;
    const jf_fit *fit = work->fit;
    size_t k = fit->n_theta, q = 0;
    double *gradients = JF_NEW_ZEROED(double, judged->n_held *k),
           *distance = JF_NEW_ARRAY(double, judged->n_held);
    bool dependent;

    JF_TRY_NEW(gradients && distance ? gradients : NULL, work->err, "--at");
    for (size_t i = 0; i < judged->n_values; i++) {
        jf_judged_value *v = &judged->values[i];
        double *gradient = gradients + q * k;

        v->distance = (jf_wald_test){.statistic = NAN, .df1 = NAN, .df2 = NAN, .p_value = NAN};
        if (!v->held) continue;
        gradient[v->estimate] = 1;
        distance[q] = jf_has_error(work, gradient, fit->estimates[v->estimate].state)
                          ? fit->theta[v->estimate] - v->given
                          : NAN;
        JF_TRY(jf_joint_test(work, 1, &distance[q], gradient, &v->distance, &dependent));
        q++;
    }
    JF_TRY(jf_joint_test(work, q, distance, gradients, &judged->wald, &dependent));
done:
    jf_free(gradients);
    jf_free(distance);
    return status;
}

static void test_growth(const jf_fit_work *work, jf_judged *judged)
{
    jf_profile_setup setup = jf_profile_setup_of(work);
    bool known = work->problem->weight && work->problem->weights_kind == JF_WEIGHTS_ABSOLUTE;
    jf_wald_test *test = &judged->ratio;

    test->df1 = (double)judged->n_held;
    test->df2 = known ? INFINITY : (double)work->fit->df;
    test->statistic =
        setup.unit > 0 ? fmax(judged->loss - work->fit->loss, 0) / setup.unit / test->df1 + 0 * judged->loss
                       : NAN;
    test->p_value = jf_f_p_value(test->statistic, test->df1, test->df2);
}

jf_status jf_judged_add(jf_fit_work *work)
{
    jf_status status = JF_OK;
    jf_fit *fit = work->fit;
    double *theta = JF_NEW_ARRAY(double, fit->n_theta);
    jf_judged *judged;

    if (work->options->free && !work->options->at)
        JF_TRY(jf_fail(work->err, JF_EUSAGE, "--free goes with --at"));
    if (!work->options->at || fit->outcome == JF_FAILED) goto done;
    fit->judged = judged = JF_NEW(jf_judged);
    JF_TRY_NEW(theta && judged ? judged : NULL, work->err, "--at");
    judged->values = JF_NEW_ZEROED(jf_judged_value, fit->n_theta);
    JF_TRY_NEW(judged->values, work->err, "--at");
    JF_TRY(read_wishes(work, judged));
    JF_TRY(refit(work, judged, theta, &judged->loss));
    for (size_t i = 0; i < judged->n_values; i++) judged->values[i].value = theta[judged->values[i].estimate];
    JF_TRY(measure(work, theta, judged));
    JF_TRY(test_constants(work, judged));
    test_growth(work, judged);
done:
    jf_free(theta);
    return status;
}
