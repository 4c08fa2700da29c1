/* Units through formulas: what an expression is measured in and when it is known. */
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "data/unit.h"

/* What is known of a part of an expression. */
typedef struct part {
    jf_unit unit;
    bool constant;  /* made of numbers only, worth `value`; takes the unit of what it is added to */
    bool scaled;    /* a number was multiplied in, which may have been a conversion */
    bool ambiguous; /* ... and looks like one, so that the scale is not known */
    double value;
} part;

static const jf_unit plain = {.to_si = 1, .known = true};
static const part unknown = {0};

/* Factors that people convert units with. */
static bool may_convert(double factor)
{
    static const double usual[] = {60, 3600, 86400, 3.6e6, 1024, 1048576, 1073741824, 8};
    double size = fabs(factor), power = log10(size);

    if (size == 1 || size == 0) return false;
    if (fabs(power - round(power)) < 1e-12) return true;
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (fabs(size / usual[i] - 1) < 1e-12 || fabs(size * usual[i] - 1) < 1e-12) return true;
    return false;
}

static bool raise_unit(jf_unit *unit, double power)
{
    for (int d = 0; d < JF_N_DIMENSIONS; d++) {
        double raised = unit->power[d] * power;
        if (raised != round(raised) || fabs(raised) > 100) return false;
        unit->power[d] = (signed char)raised;
    }
    unit->to_si = pow(unit->to_si, power);
    return true;
}

static part product(part a, part b, bool divide)
{
    part out = {.unit = a.unit,
                .constant = a.constant && b.constant,
                .value = divide ? a.value / b.value : a.value * b.value};
    jf_unit factor = b.unit;

    if (!a.unit.known || !b.unit.known || (divide && !raise_unit(&factor, -1))) return unknown;
    for (int d = 0; d < JF_N_DIMENSIONS; d++) {
        int sum = out.unit.power[d] + factor.power[d];
        if (sum < -100 || sum > 100) return unknown;
        out.unit.power[d] = (signed char)sum;
    }
    out.unit.to_si *= factor.to_si;
    out.scaled =
        a.scaled || b.scaled || (a.constant != b.constant && fabs(a.constant ? a.value : b.value) != 1);
    out.ambiguous = a.ambiguous || b.ambiguous ||
                    (a.constant != b.constant && may_convert(a.constant ? a.value : b.value));
    return out;
}

static part sum(part a, part b, double value)
{
    part out = a.constant ? b : a;

    out.value = value;
    out.constant = a.constant && b.constant;
    out.scaled = a.scaled || b.scaled;
    out.ambiguous = a.ambiguous || b.ambiguous;
    if (a.constant || b.constant) return out;
    if (!jf_unit_same_kind(&a.unit, &b.unit) || fabs(a.unit.to_si / b.unit.to_si - 1) > 1e-12) return unknown;
    return out;
}

static part power(part a, part b)
{
    part out = a;

    out.value = pow(a.value, b.value);
    out.constant = a.constant && b.constant;
    if (out.constant) return out;
    if (!a.unit.known || !b.unit.known) return unknown;
    if (!b.constant) return memcmp(&a.unit, &plain, sizeof plain) == 0 ? a : unknown;
    return raise_unit(&out.unit, b.value) ? out : unknown;
}

typedef struct context {
    const jf_columns *columns;
    jf_known known;
} context;

static part column_part(context *about, const char *name)
{
    const jf_column *column = about->columns->find(about->columns->table, name);
    part out = unknown;

    if (!column) return out;
    if (column->known == JF_POST_RUN) about->known = JF_POST_RUN;
    if (column->kind == JF_NUMERIC && column->unit[0]) jf_unit_read(column->unit, &out.unit, NULL);
    return out;
}

static part measure(context *about, const jf_ast *ast);

static part call_part(context *about, const jf_ast *ast)
{
    part a = unknown, b = unknown, all = unknown, rest = unknown; /* rest: all but the first argument */

    for (size_t i = 0; i < ast->n_args; i++) {
        part next = measure(about, ast->args[i]);
        if (i == 0) a = next;
        if (i == 1) b = next;
        all = i == 0 ? next : sum(all, next, NAN);
        rest = i <= 1 ? next : sum(rest, next, NAN);
    }
    switch (ast->function) {
    case JF_FN_ADD: return sum(a, b, a.value + b.value);
    case JF_FN_SUB: return sum(a, b, a.value - b.value);
    case JF_FN_MUL: return product(a, b, false);
    case JF_FN_DIV: return product(a, b, true);
    case JF_FN_POW: return power(a, b);
    case JF_FN_SQRT: return power(a, (part){.unit = plain, .constant = true, .value = 0.5});
    case JF_FN_NEG: a.value = -a.value; return a;
    case JF_FN_ABS:
    case JF_FN_CENTER:
    case JF_FN_MEAN:
    case JF_FN_MEDIAN: return a;
    case JF_FN_MIN:
    case JF_FN_MAX:
    case JF_FN_HINGE:
    case JF_FN_COALESCE: return all;
    case JF_FN_IF: return rest;
    default: return (part){.unit = plain}; /* logarithms, comparisons, ...: a number */
    }
}

static part measure(context *about, const jf_ast *ast)
{
    switch (ast->kind) {
    case JF_AST_NUMBER: return (part){.unit = plain, .constant = true, .value = ast->number};
    case JF_AST_NAME: return column_part(about, ast->text);
    case JF_AST_CALL: return call_part(about, ast);
    case JF_AST_IN: measure(about, ast->args[0]); return (part){.unit = plain};
    case JF_AST_LEVELS:
        for (size_t i = 0; i < ast->n_dimensions; i++) column_part(about, ast->dimensions[i].column);
        return unknown;
    case JF_AST_STRING: return unknown;
    }
    return unknown;
}

void jf_unit_of_expression(const jf_ast *ast, const jf_columns *columns, jf_unit *unit, jf_known *known)
{
    context about = {.columns = columns, .known = JF_PRE_RUN};
    part whole = measure(&about, ast);

    *known = about.known;
    *unit = whole.ambiguous ? unknown.unit : whole.unit;
}

jf_status jf_unit_check_stated(const char *what, const jf_unit *stated, const jf_ast *ast,
                               const jf_columns *columns, jf_error *err)
{
    context about = {.columns = columns, .known = JF_PRE_RUN};
    part whole = measure(&about, ast);
    char stated_text[24], found_text[24];

    if (!whole.unit.known || whole.constant) return JF_OK;
    jf_unit_print(stated, stated_text, sizeof stated_text);
    jf_unit_print(&whole.unit, found_text, sizeof found_text);
    if (!jf_unit_same_kind(stated, &whole.unit))
        return jf_fail(err, JF_EUSAGE, "%s: stated to be in %s, but the expression gives %s", what,
                       stated_text[0] ? stated_text : "plain numbers",
                       found_text[0] ? found_text : "plain numbers");
    if (whole.scaled || fabs(whole.unit.to_si / stated->to_si - 1) <= 1e-12) return JF_OK;
    return jf_fail(
        err, JF_EUSAGE, "%s: stated to be in %s, but the expression gives %s; multiply it by %.10g", what,
        stated_text, found_text[0] ? found_text : "another scale", whole.unit.to_si / stated->to_si);
}
