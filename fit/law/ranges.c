/* Ranges by walking down the formula: each part is told which values it should take, until a parameter is
 * reached. */
#include "fit/law/ranges.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"

/* Values that a part of the formula takes over the rows, roughly. */
typedef struct span {
    double low, mid, high;
} span;

/* Values that a part should take; positive: they are above zero and may differ by orders of magnitude. */
typedef struct goal {
    double low, high;
    bool positive;
} goal;

typedef struct guesser {
    const jf_formula *bound;
    const jf_columns *columns;
    const size_t *rows;
    size_t n_rows;
    jf_range *ranges;
} guesser;

static const double WIDEST = 1e30; /* no goal reaches further */
static const goal EXPONENT = {-2, 2, false};
static const goal NEAR_ONE = {0.01, 10, true};
static const goal FEW_UNITS = {-5, 5, false};

static double limited(double value)
{
    if (isnan(value)) return 0;
    return fmax(-WIDEST, fmin(WIDEST, value));
}

static double largest(goal wanted)
{
    return fmax(fabs(wanted.low), fabs(wanted.high));
}

static goal symmetric(double size)
{
    size = limited(size > 0 ? size : 1);
    return (goal){-size, size, false};
}

/* The slot of a parameter's name, or -1 for a column. */
static long slot_of(const guesser *g, const jf_ast *ast)
{
    if (ast->kind != JF_AST_NAME && ast->kind != JF_AST_LEVELS) return -1;
    for (size_t s = 0; s < jf_formula_n_slots(g->bound); s++) {
        const jf_slot *slot = jf_formula_slot(g->bound, s);
        if (slot->n && strcmp(jf_formula_parameter(g->bound, slot->first)->base, ast->text) == 0)
            return (long)s;
    }
    return -1;
}

static bool has_parameters(const guesser *g, const jf_ast *ast)
{
    if (slot_of(g, ast) >= 0) return true;
    for (size_t i = 0; i < ast->n_args; i++)
        if (has_parameters(g, ast->args[i])) return true;
    return false;
}

/* Least, geometric-or-plain middle and largest value of a column over (at most some thousand of) the rows. */
static span span_of_column(const guesser *g, const char *name)
{
    const jf_column *column = g->columns->find(g->columns->table, name);
    span out = {INFINITY, 0, -INFINITY};
    size_t step = g->n_rows / 4096 + 1, n = 0;
    double sum = 0;

    if (!column || column->kind != JF_NUMERIC) return (span){0, 1, 1};
    for (size_t i = 0; i < g->n_rows; i += step) {
        double value = column->values[g->rows ? g->rows[i] : i];
        if (!isfinite(value)) continue;
        if (value < out.low) out.low = value;
        if (value > out.high) out.high = value;
        sum += value;
        n++;
    }
    if (!n) return (span){0, 1, 1};
    out.mid = out.low > 0 ? sqrt(out.low * out.high) : sum / (double)n;
    return out;
}

static span span_of_range(const jf_range *range)
{
    if (isnan(range->low)) return (span){0.5, 1, 2};
    return (span){range->low,
                  range->log ? sqrt(range->low) * sqrt(range->high) : (range->low + range->high) / 2,
                  range->high};
}

static double apply(jf_function function, double a, double b)
{
    switch (function) {
    case JF_FN_ADD: return a + b;
    case JF_FN_SUB: return a - b;
    case JF_FN_MUL: return a * b;
    case JF_FN_DIV: return a / b;
    case JF_FN_POW: return pow(a, b);
    case JF_FN_NEG: return -a;
    case JF_FN_LOG: return log(a);
    case JF_FN_LOG2: return log2(a);
    case JF_FN_LOG10: return log10(a);
    case JF_FN_LOG1P: return log1p(a);
    case JF_FN_EXP: return exp(a);
    case JF_FN_EXPM1: return expm1(a);
    case JF_FN_SQRT: return sqrt(a);
    case JF_FN_ABS: return fabs(a);
    case JF_FN_MAX:
    case JF_FN_LSE: return fmax(a, b);
    case JF_FN_MIN: return fmin(a, b);
    case JF_FN_HINGE: return fmax(a - b, 0);
    case JF_FN_CENTER:
    case JF_FN_MEAN:
    case JF_FN_MEDIAN: return a;
    default: return NAN; /* bounded functions and truths: taken as 0 to 1 */
    }
}

static span measure(const guesser *g, const jf_ast *ast);

static span measure_call(const guesser *g, const jf_ast *ast)
{
    span a = measure(g, ast->args[0]), b = ast->n_args > 1 ? measure(g, ast->args[1]) : (span){0, 0, 0};
    double ends[4] = {apply(ast->function, a.low, b.low), apply(ast->function, a.low, b.high),
                      apply(ast->function, a.high, b.low), apply(ast->function, a.high, b.high)};
    span out = {INFINITY, apply(ast->function, a.mid, b.mid), -INFINITY};

    for (size_t i = 0; i < 4; i++) {
        if (isnan(ends[i])) continue;
        out.low = fmin(out.low, limited(ends[i]));
        out.high = fmax(out.high, limited(ends[i]));
    }
    if (out.low > out.high) return (span){0, 0.5, 1};
    out.mid = isnan(out.mid) ? (out.low + out.high) / 2 : limited(out.mid);
    return out;
}

static span measure(const guesser *g, const jf_ast *ast)
{
    long slot = slot_of(g, ast);

    if (slot >= 0) return span_of_range(&g->ranges[slot]);
    if (ast->kind == JF_AST_NUMBER) return (span){ast->number, ast->number, ast->number};
    if (ast->kind == JF_AST_NAME) return span_of_column(g, ast->text);
    if (ast->kind == JF_AST_CALL && ast->n_args) return measure_call(g, ast);
    return (span){0, 0.5, 1};
}

static void assign(guesser *g, const jf_ast *ast, goal wanted);

static void settle(guesser *g, size_t slot, goal wanted)
{
    jf_range *range = &g->ranges[slot];

    if (!isnan(range->low)) return;
    range->log = wanted.positive && wanted.low > 0;
    range->low = limited(wanted.low);
    range->high = limited(wanted.high);
    if (range->low < range->high) return;
    range->log = false;
    range->low -= fabs(range->low) + 1;
    range->high += fabs(range->high) + 1;
}

/* a + b or a - b where `sign` is that of b. */
static void assign_sum(guesser *g, const jf_ast *ast, goal wanted, double sign)
{
    const jf_ast *a = ast->args[0], *b = ast->args[1];
    bool free_a = has_parameters(g, a), free_b = has_parameters(g, b);

    if (free_a && free_b) {
        goal part = wanted;
        double size = fmax(largest(wanted), 0);
        if (wanted.positive && sign > 0)
            part.low = wanted.low * 1e-3;
        else
            part = symmetric(size);
        assign(g, a, part);
        assign(g, b, part);
        return;
    }
    span data = measure(g, free_a ? b : a);
    const jf_ast *part = free_a ? a : b;
    if (data.low < data.high) { /* a shift: somewhere within the data, on either side for sums */
        bool reflected = sign > 0;
        double reach = fmax(fabs(data.low), fabs(data.high));
        assign(g, part, reflected ? symmetric(reach) : (goal){data.low, data.high, false});
    } else {
        double reach = fmax(largest(wanted), fabs(data.mid));
        assign(g, part, wanted.positive && sign > 0 ? (goal){reach * 1e-4, reach, true} : symmetric(reach));
    }
}

static bool is_parameter(const guesser *g, const jf_ast *ast)
{
    return slot_of(g, ast) >= 0;
}

static bool is_logarithm(const jf_ast *ast)
{
    return ast->kind == JF_AST_CALL &&
           (ast->function == JF_FN_LOG || ast->function == JF_FN_LOG2 || ast->function == JF_FN_LOG10);
}

/* What one factor should be when the product is wanted and the other factor is of size `other`. */
static goal share(goal wanted, span other)
{
    double middle = fabs(other.mid) > 0 ? fabs(other.mid) : 1;
    double small = fabs(other.low) > 0 ? fmin(fabs(other.low), fabs(other.high)) : middle;
    double large = fmax(fabs(other.low), fabs(other.high));

    if (!wanted.positive) return symmetric(largest(wanted) / middle);
    small = fmax(sqrt(small) * sqrt(middle), middle * 1e-10);
    large = fmin(sqrt(large) * sqrt(middle), middle * 1e10);
    return (goal){limited(wanted.low / fmax(large, 1e-300)), limited(wanted.high / fmax(small, 1e-300)),
                  true};
}

static goal negated(goal wanted)
{
    return (goal){-wanted.high, -wanted.low, false};
}

/* The factor without its minus signs; each turns `wanted`. */
static const jf_ast *without_sign(const jf_ast *factor, goal *wanted)
{
    for (; factor->kind == JF_AST_CALL && factor->function == JF_FN_NEG; factor = factor->args[0])
        *wanted = negated(*wanted);
    return factor;
}

/* A minus sign belongs to the product: in exp(-k*x^a) it says nothing of k alone. */
static void assign_product(guesser *g, const jf_ast *ast, goal wanted)
{
    const jf_ast *a = without_sign(ast->args[0], &wanted), *b = without_sign(ast->args[1], &wanted);
    bool free_a = has_parameters(g, a), free_b = has_parameters(g, b);

    if (free_a && free_b) {
        /* what holds the nonlinear parameters is of order one; the plain factor makes up the size */
        const jf_ast *plain = is_parameter(g, a) ? a : b, *other = plain == a ? b : a;
        assign(g, other, NEAR_ONE);
        assign(g, plain, share(wanted, measure(g, other)));
        return;
    }
    const jf_ast *part = free_a ? a : b, *data = free_a ? b : a;
    goal mine = share(wanted, measure(g, data));
    if (is_logarithm(data) && !mine.positive && largest(mine) < 2) mine = EXPONENT;
    assign(g, part, mine);
}

static void assign_quotient(guesser *g, const jf_ast *ast, goal wanted)
{
    const jf_ast *a = ast->args[0], *b = ast->args[1];
    bool positive = wanted.positive;
    double size;

    if (has_parameters(g, a)) {
        span other = measure(g, b);
        span inverse = {1 / (other.high ? other.high : 1), 1 / (other.mid ? other.mid : 1),
                        1 / (other.low ? other.low : 1)};
        assign(g, a, share(wanted, inverse));
    }
    if (!has_parameters(g, b)) return;
    size = fabs(measure(g, a).mid);
    if (size <= 0) size = 1;
    if (positive)
        assign(g, b, (goal){limited(size / wanted.high), limited(size / wanted.low), true});
    else
        assign(g, b,
               (goal){size / fmax(largest(wanted), 1e-300) * 1e-2, size / fmax(largest(wanted), 1e-300) * 1e3,
                      true});
}

static void assign_power(guesser *g, const jf_ast *ast)
{
    if (has_parameters(g, ast->args[1])) assign(g, ast->args[1], EXPONENT);
    if (has_parameters(g, ast->args[0])) assign(g, ast->args[0], (goal){0.05, 20, true});
}

static goal goal_of_argument(jf_function function, goal wanted)
{
    switch (function) {
    case JF_FN_LOG:
        return (goal){exp(fmax(wanted.low, -60)), exp(fmin(fmax(wanted.high, wanted.low), 60)), true};
    case JF_FN_LOG2: return (goal){exp2(fmax(wanted.low, -80)), exp2(fmin(wanted.high, 80)), true};
    case JF_FN_LOG10: return (goal){pow(10, fmax(wanted.low, -25)), pow(10, fmin(wanted.high, 25)), true};
    case JF_FN_EXP:
        if (wanted.positive && wanted.low > 0) return (goal){log(wanted.low), log(wanted.high), false};
        return FEW_UNITS;
    case JF_FN_SQRT:
        if (wanted.positive) return (goal){wanted.low * wanted.low, wanted.high * wanted.high, true};
        return (goal){0, largest(wanted) * largest(wanted), false};
    case JF_FN_SIN:
    case JF_FN_COS: return (goal){-60, 60, false}; /* some turns over the data */
    case JF_FN_ABS:
    case JF_FN_LSE:
    case JF_FN_MIN:
    case JF_FN_MAX:
    case JF_FN_IF:
    case JF_FN_COALESCE: return wanted;
    default: return FEW_UNITS;
    }
}

static void assign_hinge(guesser *g, const jf_ast *ast, goal wanted)
{
    span data = measure(g, ast->args[0]);

    if (has_parameters(g, ast->args[1])) assign(g, ast->args[1], (goal){data.low, data.high, false});
    if (has_parameters(g, ast->args[0])) assign(g, ast->args[0], wanted);
}

static void assign_logistic_root(guesser *g, const jf_ast *ast)
{
    if (has_parameters(g, ast->args[0])) assign(g, ast->args[0], FEW_UNITS);
    if (has_parameters(g, ast->args[1])) assign(g, ast->args[1], NEAR_ONE);
}

static void assign(guesser *g, const jf_ast *ast, goal wanted)
{
    long slot = slot_of(g, ast);

    wanted.low = limited(wanted.low);
    wanted.high = limited(wanted.high);
    if (slot >= 0) {
        settle(g, (size_t)slot, wanted);
        return;
    }
    if (ast->kind != JF_AST_CALL || !has_parameters(g, ast)) return;
    switch (ast->function) {
    case JF_FN_ADD: assign_sum(g, ast, wanted, 1); return;
    case JF_FN_SUB: assign_sum(g, ast, wanted, -1); return;
    case JF_FN_MUL: assign_product(g, ast, wanted); return;
    case JF_FN_DIV: assign_quotient(g, ast, wanted); return;
    case JF_FN_POW: assign_power(g, ast); return;
    case JF_FN_LOGISTIC_ROOT: assign_logistic_root(g, ast); return;
    case JF_FN_HINGE: assign_hinge(g, ast, wanted); return;
    case JF_FN_NEG: assign(g, ast->args[0], negated(wanted)); return;
    default: break;
    }
    for (size_t i = 0; i < ast->n_args; i++)
        if (has_parameters(g, ast->args[i])) assign(g, ast->args[i], goal_of_argument(ast->function, wanted));
}

void jf_ranges_guess(const jf_ast *formula, const jf_formula *bound, const jf_columns *columns,
                     const size_t *rows, size_t n_rows, double low, double high, jf_range *ranges)
{
    guesser g = {.bound = bound, .columns = columns, .rows = rows, .n_rows = n_rows, .ranges = ranges};
    goal wanted = {low, high, false};

    if (!(low < high)) wanted = symmetric(fabs(low) * 2);
    assign(&g, formula, wanted);
    for (size_t s = 0; s < jf_formula_n_slots(bound); s++) settle(&g, s, (goal){-1, 1, false});
}
