/* What the reader must be told: warnings about the data and the fit, and a verdict on each parameter. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "fit/fit_parts.h"
#include "fit/infer/identify.h"

static const double COLLINEAR = 10;    /* variance inflation from which two columns say the same */
static const double ENTANGLED = 0.999; /* correlation of two estimates that stand and fall together */

/* ---- data ---- */

static void warn_of_few_groups(jf_fit_work *work)
{
    enum { HARDLY_ANY = 4 };
    const jf_fit_options *options = work->options;
    bool wild = options->ci && strstr(options->ci, "bootstrap") && options->resample &&
                strstr(options->resample, "wild-cluster");
    const char *advice = ": cr2 corrects them and their degrees of freedom; set the wild cluster bootstrap "
                         "beside them (--ci bootstrap --resample wild-cluster)";

    if (work->n_groups < HARDLY_ANY)
        advice = ": no error and no bootstrap by so few can be relied on; measure more groups, or name finer "
                 "ones if they are as independent";
    else if (wild)
        advice = ": rely on cr2 and on the t of the wild cluster bootstrap";
    jf_warn(&work->fit->warnings, "W_FEW_GROUPS",
            "%zu groups are few for clustered errors (%d are a usual least number)%s", work->n_groups,
            JF_FIT_FEW_GROUPS, advice);
}

static void judge_data(jf_fit_work *work)
{
    jf_fit *fit = work->fit;
    size_t n = fit->n, copies = fit->data.duplicates;

    if (fit->data.simulated) jf_warn(&fit->warnings, "W_SIMULATED", "%s", fit->data.simulated);
    if (copies)
        jf_warn(&fit->warnings, "W_DUPLICATES",
                "the %zu rows hold only %zu different ones: %zu are exact copies of others and no "
                "measurements of "
                "their own",
                n, n - copies, copies);
    for (size_t i = 0; fit->post_run && i < fit->data.n_columns_read; i++) {
        const jf_column *column = jf_table_find(work->table, fit->data.columns_read[i]);
        if (column && column->known == JF_POST_RUN)
            jf_warn(&fit->warnings, "W_POST_RUN", "the law reads '%s', which is known only after the run",
                    column->name);
    }
    if (work->groups && work->n_groups < JF_FIT_FEW_GROUPS) warn_of_few_groups(work);
    if (fit->outcome != JF_FAILED && fit->df < 3)
        jf_warn(&fit->warnings, "W_FEW_ROWS", "%zu rows leave %zu degrees of freedom after %zu parameters", n,
                fit->df, fit->k);
}

/* Levels that a single row has. */
static jf_status judge_levels(jf_fit_work *work)
{
    jf_status status = JF_OK;
    const jf_problem *problem = work->problem;
    size_t *count = JF_NEW_ARRAY(size_t, problem->k), *where = JF_NEW_ARRAY(size_t, problem->k);
    char place[512];

    JF_TRY_NEW(count && where ? count : NULL, work->err, "levels");
    for (size_t s = 0; s < jf_formula_n_slots(problem->formula); s++) {
        const jf_slot *slot = jf_formula_slot(problem->formula, s);
        const int32_t *codes;
        if (!slot->is_levels) continue;
        codes = jf_inputs_codes(problem->inputs, slot->input);
        memset(count, 0, slot->n * sizeof *count);
        for (size_t i = 0; i < problem->n; i++)
            if (codes[i] >= 0 && !count[codes[i]]++) where[codes[i]] = jf_problem_row(problem, i);
        for (size_t level = 0; level < slot->n; level++)
            if (count[level] == 1)
                jf_warn(&work->fit->warnings, "W_ONE_ROW_LEVEL", "only one row (%s) has the level of '%s'",
                        jf_row_place(work->table, where[level], place, sizeof place),
                        jf_formula_parameter(problem->formula, slot->first + level)->name);
    }
done:
    jf_free(count);
    jf_free(where);
    return status;
}

/* ---- the solver's outcome ---- */

static void judge_outcome(jf_fit_work *work)
{
    jf_fit *fit = work->fit;
    char best[JF_NUMBER_TEXT], second[JF_NUMBER_TEXT], gradient[JF_NUMBER_TEXT];

    if (fit->outcome == JF_HIT_LIMIT && fit->iterations >= (size_t)work->options->max_iterations)
        jf_warn(&fit->warnings, "W_HIT_LIMIT", "the solver stopped at its limit of %zu iterations",
                fit->iterations);
    else if (fit->outcome == JF_HIT_LIMIT)
        jf_warn(&fit->warnings, "W_HIT_LIMIT",
                "the solver stopped before it could prove a minimum: the scaled gradient is %s",
                jf_number_short(gradient, fit->scaled_gradient, 2));
    if (fit->outcome == JF_FLAT)
        jf_warn(&fit->warnings, "W_FLAT", "the loss hardly changes in some direction around the solution");
    if (fit->n_basins > 1 && fit->basins[1].loss < fit->basins[0].loss * 1.01)
        jf_warn(&fit->warnings, "W_MANY_BASINS", "another minimum is nearly as good: loss %s against %s",
                jf_number_short(second, fit->basins[1].loss, 6),
                jf_number_short(best, fit->basins[0].loss, 6));
}

/* ---- parameters ---- */

static const jf_slot *slot_of(const jf_fit_work *work, size_t j)
{
    const jf_formula *formula = work->problem->formula;

    return jf_formula_slot(formula, jf_formula_parameter(formula, j)->slot);
}

/* Do levels and an intercept, or two sets of levels, make this direction? */
static bool is_redundant_levels(const jf_fit_work *work, const double *direction, const char **levels,
                                const char **other)
{
    size_t touched = 0, in_levels = 0;

    *levels = *other = NULL;
    for (size_t j = 0; j < work->fit->n_theta; j++) {
        const jf_parameter *parameter = jf_formula_parameter(work->problem->formula, j);
        if (direction[j] == 0) continue;
        touched++;
        in_levels += slot_of(work, j)->is_levels;
        if (slot_of(work, j)->is_levels && !*levels)
            *levels = parameter->base;
        else if (!*levels || strcmp(parameter->base, *levels) != 0)
            *other = parameter->base;
    }
    return *levels && *other && in_levels > 1 && touched > 2;
}

/* The bracket of a level parameter with a reference, for a cure: `h[gpu = "a40"]`. */
static char *print_cure(const jf_fit_work *work, const char *base)
{
    const jf_formula *formula = work->problem->formula;
    const jf_ast *stack[64];
    size_t n = 0;

    stack[n++] = work->problem->law->formula;
    while (n) {
        const jf_ast *ast = stack[--n];
        if (ast->kind == JF_AST_LEVELS && strcmp(ast->text, base) == 0 && ast->n_dimensions == 1) {
            for (size_t j = 0; j < jf_formula_n_parameters(formula); j++) {
                const jf_parameter *parameter = jf_formula_parameter(formula, j);
                if (strcmp(parameter->base, base) == 0)
                    return jf_format("%s[%s = \"%s\"]", base, ast->dimensions[0].column, parameter->level);
            }
        }
        for (size_t i = 0; i < ast->n_args && n < sizeof stack / sizeof *stack; i++)
            stack[n++] = ast->args[i];
    }
    return jf_copy_text("a reference level in the brackets");
}

/* Does the base's slot enter linearly, so that a zero at a reference level loses nothing? */
static bool is_linear_base(const jf_fit_work *work, const char *base)
{
    for (size_t j = 0; j < work->fit->n_theta; j++)
        if (strcmp(jf_formula_parameter(work->problem->formula, j)->base, base) == 0)
            return slot_of(work, j)->linear;
    return false;
}

/* Do two of the parameters of the direction multiply each other? */
static bool is_of_a_product(const jf_fit_work *work, const double *direction)
{
    const jf_formula *formula = work->problem->formula;

    for (size_t i = 0; i < work->fit->n_theta; i++)
        for (size_t j = 0; j < i; j++) {
            size_t a = jf_formula_parameter(formula, i)->slot, b = jf_formula_parameter(formula, j)->slot;

            if (direction[i] == 0 || direction[j] == 0 || a == b) continue;
            if (!jf_formula_pair_is_zero(formula, a > b ? a : b, a > b ? b : a)) return true;
        }
    return false;
}

/* How to write a law whose levels are redundant. */
static char *levels_cure(const jf_fit_work *work, const double *direction, const char *levels,
                         const char *other)
{
    char *reference = NULL, *cure = NULL;

    if (is_of_a_product(work, direction))
        return jf_format(
            "they multiply each other, and a reference level makes a product zero: hold one value with "
            "--fix, write exp(%s[...]) with a reference, or drop '%s'",
            levels, other);
    reference = is_linear_base(work, levels) ? print_cure(work, levels) : NULL;
    cure = reference ? jf_format("write %s, or drop '%s'", reference, other) : jf_format("drop '%s'", other);
    jf_free(reference);
    return cure;
}

/* Does the law leave all parameters of the direction open, whatever the rows? */
static bool is_structural(const jf_fit *fit, const double *direction)
{
    for (size_t j = 0; j < fit->n_theta; j++)
        if (direction[j] != 0 && fit->estimates[j].identity.told != JF_TOLD_NOT_BY_ANY) return false;
    return true;
}

static jf_status tell_direction(jf_fit_work *work, const double *direction)
{
    jf_status status = JF_OK;
    const char *levels, *other;
    char *text = jf_direction_words(work, direction), *cure = NULL;

    JF_TRY_NEW(text, work->err, "a verdict");
    if (is_redundant_levels(work, direction, &levels, &other)) {
        cure = levels_cure(work, direction, levels, other);
        JF_TRY_NEW(cure, work->err, "a verdict");
        jf_warn(&work->fit->warnings, "W_REDUNDANT_LEVELS",
                "the levels of '%s' and '%s' are redundant (%s moves no prediction): %s", levels, other, text,
                cure);
    } else {
        jf_warn(&work->fit->warnings, "W_UNIDENTIFIED", "%s %s%s",
                is_structural(work->fit, direction) ? "no rows can determine" : "these rows do not determine",
                text,
                strchr(text, ' ') ? ": a step in this direction moves no prediction"
                                  : ": it moves no prediction");
    }
done:
    jf_free(text);
    jf_free(cure);
    return status;
}

/* The runaway of parameter j, or NULL. */
static const jf_runaway *runaway_of(const jf_fit_work *work, size_t j)
{
    const jf_runaway *runaway = work->solution.runaway;

    return runaway && j < work->fit->n_theta && runaway[j].open ? &runaway[j] : NULL;
}

static void tell_runaways(jf_fit_work *work)
{
    jf_fit *fit = work->fit;
    jf_text names = {0};
    char *text;

    for (size_t j = 0; j < fit->n_theta; j++)
        if (runaway_of(work, j))
            jf_text_addf(&names, "%s'%s'", names.length ? ", " : "", fit->estimates[j].name);
    if (!names.length) return;
    text = jf_text_take(&names);
    jf_warn(&fit->warnings, "W_RUNAWAY",
            "these rows do not determine %s: the loss has no minimum there but falls for ever, by ever less; "
            "predictions like these rows do not depend on it",
            text ? text : "some parameters");
    jf_free(text);
}

/* The parameter whose estimate goes with that of j most closely; *correlation is 0 when there is none. */
static size_t closest(const jf_fit *fit, size_t j, double *correlation)
{
    size_t m = fit->n_estimates, best = j;

    *correlation = 0;
    for (size_t i = 0; i < fit->n_theta; i++) {
        double r;
        if (i == j) continue;
        r = fit->covariance[j * m + i] / (fit->estimates[j].std_error * fit->estimates[i].std_error);
        if (!(fabs(r) > fabs(*correlation))) continue;
        *correlation = r;
        best = i;
    }
    return best;
}

/* Is the estimate more than twice its error away from zero? */
static bool is_clear(const jf_estimate *estimate)
{
    return fabs(estimate->value) > 2 * estimate->std_error;
}

static jf_status judge_parameter(jf_fit_work *work, size_t j)
{
    jf_fit *fit = work->fit;
    jf_estimate *estimate = &fit->estimates[j];
    char number[JF_NUMBER_TEXT];

    estimate->verdict = jf_identity_words(work, j);
    if (!estimate->verdict) return jf_fail(work->err, JF_ENOMEM, "out of memory for a verdict");
    if (estimate->state == JF_STATE_AT_BOUND)
        jf_warn(&fit->warnings, "W_AT_BOUND", "'%s' lies on its %s bound %s", estimate->name,
                work->solution.bound[j] < 0 ? "lower" : "upper", jf_number_short(number, estimate->value, 6));
    if (estimate->state == JF_STATE_WEAK)
        jf_warn(&fit->warnings, "W_WEAK", "'%s' is %s", estimate->name, estimate->verdict);
    return JF_OK;
}

/* Pairs that can hardly be told apart: similar columns in linear laws, entangled estimates in others. */
static void judge_collinearity(jf_fit_work *work)
{
    jf_fit *fit = work->fit;
    size_t worst = 0, other;
    double largest = 0, correlation;
    char inflation[JF_NUMBER_TEXT], r[JF_NUMBER_TEXT];

    for (size_t j = 0; j < fit->n_theta; j++) {
        const jf_estimate *estimate = &fit->estimates[j];
        if (slot_of(work, j)->is_levels || !isfinite(estimate->inflation) || isnan(estimate->std_error))
            continue;
        if (estimate->inflation <= largest) continue;
        largest = estimate->inflation;
        worst = j;
    }
    if (largest < COLLINEAR) return;
    other = closest(fit, worst, &correlation);
    if (other == worst) return;
    if (!fit->linear && (fabs(correlation) < ENTANGLED || is_clear(&fit->estimates[worst]))) return;
    jf_warn(&fit->warnings, "W_COLLINEAR",
            "'%s' and '%s' can hardly be told apart by these rows (variance inflation %s, correlation %s): "
            "do not read "
            "them separately",
            fit->estimates[worst].name, fit->estimates[other].name, jf_number_short(inflation, largest, 3),
            jf_number_short(r, correlation, 4));
}

jf_status jf_fit_judge(jf_fit_work *work)
{
    jf_status status = JF_OK;
    jf_fit *fit = work->fit;

    judge_data(work);
    JF_TRY(judge_levels(work));
    judge_outcome(work);
    for (size_t m = 0; m < fit->n_null; m++) JF_TRY(tell_direction(work, fit->null + m * fit->n_theta));
    tell_runaways(work);
    for (size_t j = 0; j < fit->n_estimates; j++) JF_TRY(judge_parameter(work, j));
    judge_collinearity(work);
    jf_fit_caution(work);
done:
    return status;
}
