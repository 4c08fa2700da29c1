/* The list of interval kinds, and the reading of --ci. */
#include "fit/infer/intervals.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "core/memory.h"
#include "core/text.h"
#include "fit/infer/profile.h"

/* One row a kind; wald intervals are there already. */
typedef struct interval_kind {
    const char *name;
    jf_status (*add)(jf_fit_work *work);
} interval_kind;

static const interval_kind kinds[] = {
    {"wald", NULL},
    {"profile", jf_intervals_profile},
    {"bootstrap", jf_intervals_bootstrap},
};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

static jf_status find_kind(const char *text, size_t length, const interval_kind **out, jf_error *err)
{
    const char *names[N_KINDS];
    char hint[64], name[32];

    while (length && *text == ' ') text++, length--;
    while (length && text[length - 1] == ' ') length--;
    for (size_t i = 0; i < N_KINDS; i++) {
        names[i] = kinds[i].name;
        if (strlen(names[i]) != length || strncasecmp(names[i], text, length) != 0) continue;
        *out = &kinds[i];
        return JF_OK;
    }
    snprintf(name, sizeof name, "%.*s", (int)(length < 31 ? length : 31), text);
    return jf_fail(err, JF_EUSAGE, "--ci: expected wald, profile or bootstrap, found '%s'%s", name,
                   jf_did_you_mean(hint, sizeof hint, name, names, N_KINDS));
}

jf_status jf_intervals_add(jf_fit_work *work)
{
    jf_status status = JF_OK;
    const char *text = work->options->ci ? work->options->ci : "wald";
    bool done[N_KINDS] = {false};

    for (const char *end; *text; text = *end ? end + 1 : end) {
        const interval_kind *kind = NULL;

        end = text + strcspn(text, ",");
        JF_TRY(find_kind(text, (size_t)(end - text), &kind, work->err));
        if (!kind->add || done[kind - kinds] || work->fit->outcome == JF_FAILED) continue;
        done[kind - kinds] = true;
        JF_TRY(kind->add(work));
        if (work->better) goto done;
    }
done:
    return status;
}

/* ---- do they agree? ---- */

static const double DISAGREE = 1.5; /* ratio of lengths */

static double length_of(const jf_interval_set *set, size_t i)
{
    bool open = set->low_end && (set->low_end[i] == JF_END_UNBOUNDED || set->high_end[i] == JF_END_UNBOUNDED);

    return open ? INFINITY : set->high[i] - set->low[i];
}

/* Longest over shortest interval of estimate i, and whose they are; 1 where there are not two. */
static double disagreement(const jf_fit *fit, size_t i, size_t *longest, size_t *shortest)
{
    double low = INFINITY, high = 0;

    *longest = *shortest = 0;
    for (size_t s = 0; s < fit->n_intervals; s++) {
        double length = length_of(&fit->intervals[s], i);
        if (length < low) low = length, *shortest = s;
        if (length > high) high = length, *longest = s;
    }
    return low > 0 && low < high ? high / low : 1;
}

void jf_intervals_judge(jf_fit *fit)
{
    size_t n = 0, worst = 0, longest, shortest;
    double largest = DISAGREE;
    char times[JF_NUMBER_TEXT];

    for (size_t i = 0; i < fit->n_estimates; i++) {
        double ratio = disagreement(fit, i, &longest, &shortest);
        n += ratio > DISAGREE;
        if (ratio > largest) largest = ratio, worst = i;
    }
    if (!n) return;
    disagreement(fit, worst, &longest, &shortest);
    jf_warn(
        &fit->warnings, "W_INTERVALS_DISAGREE",
        "%zu of %zu parameters have intervals whose lengths differ by more than a factor of %g; most that "
        "of '%s': %s is %s%s %s",
        n, fit->n_estimates, DISAGREE, fit->estimates[worst].name, fit->intervals[longest].kind,
        isinf(largest) ? "open, unlike" : jf_number_short(times, largest, 3),
        isinf(largest) ? "" : " times as long as", fit->intervals[shortest].kind);
}

jf_status jf_intervals_new(jf_fit_work *work, jf_interval_set **out, const char *kind, ...)
{
    jf_fit *fit = work->fit;
    jf_interval_set *more = jf_resize(fit->intervals, fit->n_intervals + 1, sizeof *more), *set = more;
    char name[64];
    va_list arguments;

    if (!more) return jf_fail(work->err, JF_ENOMEM, "out of memory for intervals");
    va_start(arguments, kind);
    vsnprintf(name, sizeof name, kind, arguments);
    va_end(arguments);
    fit->intervals = more;
    memmove(more + 1, more, fit->n_intervals * sizeof *more); /* the last of the list is reported first */
    *set = (jf_interval_set){.level = fit->level};
    fit->n_intervals++;
    set->kind = jf_copy_text(name);
    set->low = JF_NEW_ARRAY(double, fit->n_estimates);
    set->high = JF_NEW_ARRAY(double, fit->n_estimates);
    if (!set->kind || !set->low || !set->high)
        return jf_fail(work->err, JF_ENOMEM, "out of memory for intervals");
    for (size_t i = 0; i < fit->n_estimates; i++) set->low[i] = set->high[i] = NAN;
    *out = set;
    return JF_OK;
}
