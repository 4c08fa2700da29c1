/* Bounds, starts and ranges of a problem's parameters: what the law says, and guesses where it is silent. */
#include <math.h>
#include "core/memory.h"
#include "core/text.h"
#include "fit/problem/problem_parts.h"
#include "fit/law/ranges.h"

/* What the law says of one parameter: the settings of its base, overlaid by those of its level. */
static jf_parameter_spec spec_of(const jf_law *law, const jf_parameter *parameter)
{
    jf_parameter_spec merged = {.range_low = NAN,
                                .range_high = NAN,
                                .lower = -INFINITY,
                                .upper = INFINITY,
                                .start = NAN,
                                .fixed = NAN,
                                .published = NAN};
    const jf_parameter_spec *base = jf_law_find_spec(law, parameter->base);
    const jf_parameter_spec *own = parameter->level ? jf_law_find_spec(law, parameter->name) : NULL;

    if (base) merged = *base;
    if (!own) return merged;
    if (!isnan(own->start)) merged.start = own->start;
    if (!isnan(own->fixed)) merged.fixed = own->fixed;
    if (!isnan(own->published)) merged.published = own->published;
    if (own->lower > -INFINITY) merged.lower = own->lower;
    if (own->upper < INFINITY) merged.upper = own->upper;
    if (!isnan(own->range_low)) {
        merged.range_low = own->range_low;
        merged.range_high = own->range_high;
        merged.log_range = own->log_range;
    }
    return merged;
}

/* Squeezes the range between the bounds; never leaves it empty, infinite or, where logarithmic, at zero. */
static void fit_range(jf_range *range, double lower, double upper)
{
    if (range->log && upper <= 0) range->log = false;
    if (range->log && range->low <= 0) range->low = range->high > 0 ? range->high * 1e-6 : 1e-6;
    range->low = fmax(range->low, lower);
    range->high = fmin(range->high, upper);
    if (range->low < range->high) return;
    range->log = false;
    if (isfinite(lower) && isfinite(upper))
        *range = (jf_range){lower, upper, false};
    else if (isfinite(lower))
        *range = (jf_range){lower, lower + fabs(lower) + 1, false};
    else if (isfinite(upper))
        *range = (jf_range){upper - fabs(upper) - 1, upper, false};
}

static jf_status set_parameter(jf_builder *b, size_t j, const jf_parameter *parameter, jf_range range)
{
    jf_problem *problem = b->problem;
    jf_parameter_spec spec = spec_of(problem->law, parameter);
    char number[JF_NUMBER_TEXT];

    problem->lower[j] = spec.lower;
    problem->upper[j] = spec.upper;
    problem->start[j] = spec.start;
    if (!isnan(spec.fixed)) {
        if (spec.fixed < spec.lower || spec.fixed > spec.upper)
            return jf_fail(b->err, JF_EUSAGE, "parameter '%s' is fixed at %s, outside of its bounds",
                           parameter->name, jf_number_short(number, spec.fixed, 6));
        problem->lower[j] = problem->upper[j] = spec.fixed;
    }
    problem->fixed[j] = problem->lower[j] == problem->upper[j];
    if (!isnan(spec.start)) problem->start[j] = fmin(fmax(spec.start, problem->lower[j]), problem->upper[j]);
    if (problem->fixed[j]) {
        problem->start[j] = problem->lower[j];
        range = (jf_range){problem->lower[j], problem->lower[j], false};
    } else {
        if (spec.lower >= 0 && spec.positive && range.low > 0) range.log = true;
        fit_range(&range, problem->lower[j], problem->upper[j]);
    }
    problem->range_low[j] = range.low;
    problem->range_high[j] = range.high;
    problem->log_range[j] = range.log;
    return JF_OK;
}

static void response_ends(const jf_problem *problem, double *low, double *high)
{
    *low = INFINITY;
    *high = -INFINITY;
    for (size_t i = 0; i < problem->n; i++) {
        *low = fmin(*low, problem->response[i]);
        *high = fmax(*high, problem->response[i]);
    }
}

/* Ranges by slot: the law's own, and guesses where it says nothing. */
static void find_ranges(jf_builder *b, jf_range *ranges)
{
    jf_problem *problem = b->problem;
    double low, high;

    for (size_t s = 0; s < jf_formula_n_slots(problem->formula); s++) {
        const jf_slot *slot = jf_formula_slot(problem->formula, s);
        jf_parameter_spec spec = {.range_low = NAN};
        if (slot->n) spec = spec_of(problem->law, jf_formula_parameter(problem->formula, slot->first));
        ranges[s] = (jf_range){spec.range_low, spec.range_high, spec.log_range};
        if (!isnan(spec.fixed)) ranges[s] = (jf_range){spec.fixed, spec.fixed, false};
    }
    response_ends(problem, &low, &high);
    jf_ranges_guess(problem->law->formula, problem->formula, &b->columns, problem->rows, problem->n, low,
                    high, ranges);
}

jf_status jf_problem_set_parameters(jf_builder *b)
{
    jf_status status = JF_OK;
    jf_problem *problem = b->problem;
    size_t k = jf_formula_n_parameters(problem->formula);
    jf_range *ranges = JF_NEW_ZEROED(jf_range, jf_formula_n_slots(problem->formula));

    problem->k = k;
    problem->lower = JF_NEW_ARRAY(double, k);
    problem->upper = JF_NEW_ARRAY(double, k);
    problem->fixed = JF_NEW_ZEROED(bool, k);
    problem->start = JF_NEW_ARRAY(double, k);
    problem->range_low = JF_NEW_ARRAY(double, k);
    problem->range_high = JF_NEW_ARRAY(double, k);
    problem->log_range = JF_NEW_ZEROED(bool, k);
    JF_TRY_NEW(ranges && problem->lower && problem->upper && problem->fixed && problem->start &&
                       problem->range_low && problem->range_high && problem->log_range
                   ? problem
                   : NULL,
               b->err, "parameters");
    find_ranges(b, ranges);
    for (size_t j = 0; j < k; j++) {
        const jf_parameter *parameter = jf_formula_parameter(problem->formula, j);
        JF_TRY(set_parameter(b, j, parameter, ranges[parameter->slot]));
    }
done:
    jf_free(ranges);
    return status;
}
