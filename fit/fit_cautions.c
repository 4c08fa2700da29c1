/* Warnings about kinds of error and interval that do not suit the sample they are asked for on. Limits are
 * from tests/reference/coverage.md. */
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "fit/fit_parts.h"

/* What a kind of interval relies on; kinds are told by how their names begin. */
typedef struct reliance {
    const char *kind;
    size_t rows;   /* a parameter, at least, for a share of the truth near the level */
    size_t groups; /* at least, alike */
    bool equal_scatter, independent_runs;
} reliance;

static const reliance reliances[] = {
    {"wald:classical", .equal_scatter = true, .independent_runs = true},
    {"wald:hc0", .rows = 15, .independent_runs = true},
    {"wald:hc1", .rows = 15, .independent_runs = true},
    {"wald:hc2", .rows = 15, .independent_runs = true},
    {"wald:hc3", .rows = 5, .independent_runs = true},
    {"wald:cr1", .groups = JF_CR2_GROUPS},
    {"profile", .equal_scatter = true, .independent_runs = true},
    {"bootstrap:pairs", .rows = 15, .independent_runs = true},
    {"bootstrap:residual", .rows = 15, .equal_scatter = true, .independent_runs = true},
    {"bootstrap:wild:", .rows = 15, .independent_runs = true},
    {"bootstrap:parametric", .rows = 15, .equal_scatter = true, .independent_runs = true},
    {"bootstrap:cluster", .rows = 15, .groups = 50},
    {"bootstrap:wild-cluster:percentile", .rows = 15, .groups = 50},
    {"bootstrap:wild-cluster:basic", .rows = 15, .groups = 50},
    {"bootstrap:wild-cluster:bca", .rows = 15, .groups = 50},
};
enum { N_RELIANCES = sizeof reliances / sizeof *reliances };
static const double SURE = 0.01; /* p-value from which unequal scatter is told */

typedef bool (*unsuited)(const jf_fit_work *work, const reliance *kind);

static bool is_short_of_rows(const jf_fit_work *work, const reliance *kind)
{
    return work->n_effective < (double)(kind->rows * work->fit->k);
}

static bool is_short_of_groups(const jf_fit_work *work, const reliance *kind)
{
    return work->n_groups < kind->groups;
}

static bool needs_equal_scatter(const jf_fit_work *work, const reliance *kind)
{
    (void)work;
    return kind->equal_scatter;
}

static bool needs_independent_runs(const jf_fit_work *work, const reliance *kind)
{
    (void)work;
    return kind->independent_runs;
}

static bool has_kind(const jf_fit *fit, const char *kind)
{
    for (size_t i = 0; i < fit->n_intervals; i++)
        if (strncmp(fit->intervals[i].kind, kind, strlen(kind)) == 0) return true;
    return false;
}

/* The kinds of this fit that `is_unsuited`, with commas between; NULL where there are none. */
static char *list_kinds(const jf_fit_work *work, unsuited is_unsuited)
{
    jf_text names = {0};

    for (size_t i = 0; i < N_RELIANCES; i++) {
        const char *kind = reliances[i].kind;
        size_t length = strlen(kind);
        if (!has_kind(work->fit, kind) || !is_unsuited(work, &reliances[i])) continue;
        jf_text_addf(&names, "%s%.*s", names.length ? ", " : "", (int)(length - (kind[length - 1] == ':')),
                     kind);
    }
    return names.length ? jf_text_take(&names) : NULL;
}

void jf_fit_caution(jf_fit_work *work)
{
    jf_fit *fit = work->fit;
    double p = fit->diagnostics.breusch_pagan.p_value;
    char *few, *groups, *equal, *alone, number[JF_NUMBER_TEXT];

    if (fit->outcome == JF_FAILED) return;
    few = list_kinds(work, is_short_of_rows);
    groups =
        work->groups && work->n_groups >= JF_FIT_FEW_GROUPS ? list_kinds(work, is_short_of_groups) : NULL;
    equal = p < SURE ? list_kinds(work, needs_equal_scatter) : NULL;
    alone = work->groups ? list_kinds(work, needs_independent_runs) : NULL;
    if (few)
        jf_warn(&fit->warnings, "W_SMALL_SAMPLE",
                "%zu rows for %zu parameters are few for intervals that are right in large samples only: %s",
                fit->n, fit->k, few);
    if (groups)
        jf_warn(&fit->warnings, "W_FEW_GROUPS",
                "with %zu groups these intervals are somewhat short, and cr2 is not: %s", work->n_groups,
                groups);
    if (equal)
        jf_warn(&fit->warnings, "W_UNEQUAL_SCATTER",
                "the scatter changes with the inputs (Breusch-Pagan, p = %s), and these intervals take it "
                "for equal: "
                "%s",
                jf_number_short(number, p, 2), equal);
    if (alone)
        jf_warn(&fit->warnings, "W_GROUPS_IGNORED",
                "these intervals take runs of one group for independent: %s", alone);
    jf_free(few);
    jf_free(groups);
    jf_free(equal);
    jf_free(alone);
}
