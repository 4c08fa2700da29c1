/* Verdicts on parameters as one line each. */
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "fit/infer/identify.h"

enum { MOST_NAMED = 4 };

/* ---- directions ---- */

/* Entry j, or its share of the parameter's value, over the largest such. */
static double entry(const jf_fit_work *work, const double *direction, size_t j, bool shares, double largest)
{
    return direction[j] / (shares ? work->fit->theta[j] : 1) / largest;
}

/* The largest entry (signed as the first one), and *spread: how many times as large as the smallest. */
static double largest_entry(const jf_fit_work *work, const double *direction, bool shares, double *spread)
{
    double largest = 0, smallest = INFINITY, sign = 0;

    for (size_t j = 0; j < work->fit->n_theta; j++) {
        double x = entry(work, direction, j, shares, 1);
        if (direction[j] == 0) continue;
        if (sign == 0) sign = x < 0 ? -1 : 1;
        largest = fmax(largest, fabs(x));
        smallest = fmin(smallest, fabs(x));
    }
    *spread = largest / smallest;
    return sign * largest;
}

/* Nonlinear parameters that go together as a product or a quotient do so in shares of their values. */
static bool is_plainer_in_shares(const jf_fit_work *work, const double *direction)
{
    double plain, in_shares;
    size_t n = 0;

    if (work->fit->linear) return false;
    for (size_t j = 0; j < work->fit->n_theta; j++) {
        if (direction[j] == 0) continue;
        if (!isfinite(work->fit->theta[j]) || work->fit->theta[j] == 0) return false;
        n++;
    }
    largest_entry(work, direction, false, &plain);
    largest_entry(work, direction, true, &in_shares);
    return n > 1 && in_shares < plain;
}

char *jf_direction_words(const jf_fit_work *work, const double *direction)
{
    const jf_fit *fit = work->fit;
    bool shares = is_plainer_in_shares(work, direction);
    double spread, largest = largest_entry(work, direction, shares, &spread);
    size_t named = 0, n = 0;
    char number[JF_NUMBER_TEXT];
    jf_text text = {0};

    for (size_t j = 0; j < fit->n_theta; j++) n += direction[j] != 0;
    for (size_t j = 0; j < fit->n_theta && named < MOST_NAMED; j++) {
        double part = entry(work, direction, j, shares, largest);
        if (direction[j] == 0) continue;
        jf_text_add(&text, named++ ? part < 0 ? " - " : " + " : part < 0 ? "-" : "");
        if (fabs(fabs(part) - 1) > 1e-4) jf_text_addf(&text, "%s*", jf_number_short(number, fabs(part), 3));
        jf_text_add(&text, fit->estimates[j].name);
    }
    if (n > named) jf_text_addf(&text, " and %zu more", n - named);
    if (shares) jf_text_add(&text, " (in shares of their values)");
    return jf_text_take(&text);
}

/* ---- what is told ---- */

/* With as many digits as tell it from one. */
static const char *correlation_words(char buffer[JF_NUMBER_TEXT], double correlation)
{
    double rest = fmax(1 - fabs(correlation), 1e-8);

    return jf_number_short(buffer, correlation, (int)(1 - floor(log10(rest))));
}

/* "relative error 12 %", and "standard error 3.7 times itself" where it is the larger. */
static void add_size(jf_text *text, double relative_error)
{
    char number[JF_NUMBER_TEXT];

    if (relative_error > 1)
        jf_text_addf(text, "standard error %s times itself", jf_number_short(number, relative_error, 2));
    else
        jf_text_addf(text, "relative error %s %%", jf_number_short(number, 100 * relative_error, 2));
}

/* "b and c (correlation -0.98 with b)" */
static void add_partners(jf_text *text, const jf_fit *fit, const jf_identity *identity)
{
    char number[JF_NUMBER_TEXT];
    size_t n = identity->n_partners;

    for (size_t i = 0; i < n; i++)
        jf_text_addf(text, "%s%s",
                     i == 0       ? ""
                     : i + 1 == n ? " and "
                                  : ", ",
                     fit->estimates[identity->partner[i]].name);
    jf_text_addf(text, " (correlation %s", correlation_words(number, identity->correlation));
    jf_text_addf(text, n > 1 ? " with %s)" : ")", fit->estimates[identity->partner[0]].name);
}

static void add_open_ends(jf_text *text, const jf_identity *identity)
{
    if (identity->open_below && identity->open_above)
        jf_text_add(text, "; its profile is open to both sides: these rows set it no limit");
    else if (identity->open_below || identity->open_above)
        jf_text_addf(text, "; its profile is open %s: these rows set it no %s limit",
                     identity->open_above ? "above" : "below", identity->open_above ? "upper" : "lower");
}

static void add_weak(jf_text *text, const jf_fit *fit, const jf_identity *identity)
{
    jf_text_add(text, "weakly determined: ");
    if (identity->n_partners) {
        jf_text_add(text, "trades off with ");
        add_partners(text, fit, identity);
        jf_text_add(text, ", ");
    }
    add_size(text, identity->relative_error);
}

static void add_strong(jf_text *text, const jf_fit *fit, const jf_identity *identity)
{
    jf_text_add(text, identity->told == JF_TOLD_WELL ? "well determined (" : "determined (");
    add_size(text, identity->relative_error);
    jf_text_add(text, ")");
    if (!identity->n_partners) return;
    jf_text_add(text, ", its error going with that of ");
    add_partners(text, fit, identity);
}

static char *words_of_determined(const jf_fit *fit, const jf_estimate *e)
{
    const jf_identity *identity = &e->identity;
    char error[JF_NUMBER_TEXT];
    jf_text text = {0};

    if (identity->told == JF_TOLD_WEAKLY) {
        add_weak(&text, fit, identity);
    } else if (identity->told == JF_TOLD_ROUGHLY && identity->n_partners) {
        jf_text_add(&text, "determined only together with ");
        add_partners(&text, fit, identity);
        jf_text_add(&text, ": ");
        add_size(&text, identity->relative_error);
    } else if (identity->told == JF_TOLD_WELL && identity->relative_error > JF_NOT_FROM_ZERO) {
        jf_text_addf(&text, "well determined (standard error %s), and not told from zero",
                     jf_number_short(error, e->std_error, 2));
    } else {
        add_strong(&text, fit, identity);
    }
    add_open_ends(&text, identity);
    return jf_text_take(&text);
}

static char *words_of_bound(const jf_fit_work *work, size_t i)
{
    char number[JF_NUMBER_TEXT];

    return jf_format("at its %s bound %s, which holds it there: no standard error of the usual kind",
                     work->solution.bound[i] < 0 ? "lower" : "upper",
                     jf_number_short(number, work->fit->estimates[i].value, 6));
}

static char *words_of_null(const jf_fit_work *work, size_t i)
{
    const jf_fit *fit = work->fit;
    const char *where = fit->estimates[i].identity.told == JF_TOLD_NOT_BY_ANY ? "by any rows (structurally)"
                                                                              : "by these rows";
    const double *direction = fit->null;
    char *text, *words;
    size_t n = 0;

    while (direction[i] == 0) direction += fit->n_theta;
    for (size_t j = 0; j < fit->n_theta; j++) n += direction[j] != 0;
    if (n == 1) return jf_format("not identifiable %s: it changes no prediction", where);
    text = jf_direction_words(work, direction);
    words =
        text ? jf_format("not identifiable %s: moving along %s changes no prediction", where, text) : NULL;
    jf_free(text);
    return words;
}

static char *words_of_runaway(const jf_fit_work *work, size_t i)
{
    const jf_runaway *runaway = &work->solution.runaway[i];
    char from[JF_NUMBER_TEXT], to[JF_NUMBER_TEXT], fall[JF_NUMBER_TEXT];

    jf_number_short(fall, 100 * fmax(runaway->fall, 0), 2);
    return jf_format(
        "not identifiable by these rows: runaway: no value is the best: as %s goes from %s to %s, the "
        "loss falls by %s %% and never rises",
        work->fit->estimates[i].name, jf_number_short(from, runaway->from, 3),
        jf_number_short(to, runaway->reached, 3), fall);
}

char *jf_identity_words(const jf_fit_work *work, size_t i)
{
    const jf_estimate *e = &work->fit->estimates[i];

    switch (e->identity.told) {
    case JF_TOLD_WELL:
    case JF_TOLD_ROUGHLY:
    case JF_TOLD_WEAKLY: return words_of_determined(work->fit, e);
    case JF_TOLD_NOT_BY_THESE:
    case JF_TOLD_NOT_BY_ANY: return words_of_null(work, i);
    case JF_TOLD_RUNAWAY: return words_of_runaway(work, i);
    case JF_TOLD_AT_BOUND: return words_of_bound(work, i);
    case JF_TOLD_HELD: return jf_copy_text(e->state == JF_STATE_FIXED ? "fixed" : "tied to other parameters");
    case JF_TOLD_FAILED: break;
    }
    return jf_copy_text(work->fit->outcome == JF_FAILED ? "the fit failed"
                                                        : "there is no standard error to judge it by");
}
