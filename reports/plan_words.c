/* Validation plans in words. */
#include "reports/plan_words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "reports/number.h"
#include "reports/result.h"

static bool is_kind(const char *plan, const char *kind)
{
    size_t length = strlen(kind);
    return strncmp(plan, kind, length) == 0 && (plan[length] == ':' || plan[length] == '\0');
}

static const char *after_colon(const char *plan)
{
    const char *colon = strchr(plan, ':');
    return colon ? colon + 1 : "";
}

/* The number behind "name=", or NaN. */
static double setting(const char *plan, const char *name)
{
    const char *at = strstr(plan, name);
    double value;

    if (!at || at[strlen(name)] != '=') return NAN;
    at += strlen(name) + 1;
    return jf_number_read(at, strcspn(at, ",:"), &value) ? value : NAN;
}

/* "extrapolate:COL:0.75:down" in parts; the column's name may hold colons. */
typedef struct extrapolation {
    const char *column;
    size_t column_length;
    double quantile; /* NaN when it is not there */
    bool down;
} extrapolation;

static extrapolation read_extrapolation(const char *plan)
{
    extrapolation parts = {.column = after_colon(plan), .quantile = NAN};
    size_t length = strlen(parts.column), start;

    if (length > 5 && !strcmp(parts.column + length - 5, ":down")) {
        parts.down = true;
        length -= 5;
    } else if (length > 3 && !strcmp(parts.column + length - 3, ":up")) {
        length -= 3;
    }
    for (start = length; start > 0 && parts.column[start - 1] != ':'; start--) continue;
    if (start > 0 && jf_number_read(parts.column + start, length - start, &parts.quantile))
        length = start - 1;
    parts.column_length = length;
    return parts;
}

void jf_plan_short(jf_text *out, const char *plan)
{
    const char *inner = strncmp(plan, "rows:", 5) ? plan : plan + 5;

    if (is_kind(inner, "kfold"))
        jf_text_addf(out, "%.*s-fold", (int)strspn(after_colon(inner), "0123456789"), after_colon(inner));
    else if (is_kind(inner, "extrapolate"))
        jf_text_add(out, read_extrapolation(inner).down ? "down" : "up");
    else
        jf_text_add_bytes(out, inner, strcspn(inner, ":"));
}

void jf_plan_title(jf_text *out, const char *plan)
{
    static const char *const along[] = {"extrapolate", "ladder", "transfer", "logo", NULL};
    const char *inner = strncmp(plan, "rows:", 5) ? plan : plan + 5;

    jf_plan_short(out, plan);
    for (const char *const *kind = along; *kind; kind++)
        if (is_kind(inner, *kind))
            jf_text_addf(out, " along %.*s", (int)read_extrapolation(inner).column_length,
                         after_colon(inner));
}

static void add_kfold(jf_text *out, const char *plan, const char *units)
{
    const char *parts = after_colon(plan);
    double repeats = setting(plan, "repeats");

    jf_text_addf(out, "%.*s parts of the %s, each held out once", (int)strspn(parts, "0123456789"), parts,
                 units);
    if (repeats > 1) jf_text_addf(out, ", %g times over", repeats);
}

/* "ladder:C:5" */
static void add_ladder(jf_text *out, const char *plan, size_t splits)
{
    extrapolation parts = read_extrapolation(plan);
    char rungs[JF_NUMBER_TEXT];

    jf_text_addf(out, "trained up to each of %s rungs along %.*s, tested in each band above it (%zu splits)",
                 isfinite(parts.quantile) ? jf_show_plain(rungs, parts.quantile, 4) : "several",
                 (int)parts.column_length, parts.column, splits);
}

static void add_extrapolation(jf_text *out, const char *plan)
{
    extrapolation parts = read_extrapolation(plan);
    char share[JF_NUMBER_TEXT];

    jf_text_addf(out, "trained at or %s the %s quantile of %.*s, tested %s it",
                 parts.down ? "above" : "below", jf_show_percent(share, parts.quantile),
                 (int)parts.column_length, parts.column, parts.down ? "below" : "above");
}

void jf_plan_in_words(jf_text *out, const json_t *plan)
{
    const char *text = jf_result_text(plan, "plan");
    const char *inner = strncmp(text, "rows:", 5) ? text : text + 5;
    bool by_row = inner != text || jf_result_flag(plan, "by_rows");
    size_t n = jf_result_count(plan, "groups"), splits = jf_result_count(plan, "splits");
    char share[JF_NUMBER_TEXT], units[64];

    if (n)
        snprintf(units, sizeof units, "%zu %s", n, by_row ? "rows" : "groups");
    else
        snprintf(units, sizeof units, "%s", by_row ? "rows" : "groups");
    if (is_kind(inner, "grouped"))
        jf_text_addf(out, "%zu random splits, each holding out %s of the %s", splits,
                     jf_show_percent(share, setting(inner, "test")), units);
    else if (is_kind(inner, "kfold"))
        add_kfold(out, inner, units);
    else if (is_kind(inner, "loo"))
        jf_text_addf(out, "each of the %s held out once", units);
    else if (is_kind(inner, "logo"))
        jf_text_addf(out, "each %s held out in turn (%zu)", after_colon(inner), splits);
    else if (is_kind(inner, "extrapolate"))
        add_extrapolation(out, inner);
    else if (is_kind(inner, "ladder"))
        add_ladder(out, inner, splits);
    else if (is_kind(inner, "holdout"))
        jf_text_addf(out, "held out: the runs for which %s", after_colon(inner));
    else
        jf_text_addf(out, "%s (%zu splits)", text, splits);
}

void jf_plan_key(jf_text *out, const json_t *plan)
{
    const char *text = jf_result_text(plan, "plan");
    const char *inner = strncmp(text, "rows:", 5) ? text : text + 5;
    extrapolation parts = read_extrapolation(inner);
    char share[JF_NUMBER_TEXT];

    if (is_kind(inner, "extrapolate"))
        jf_text_addf(out, "tested %s the %s quantile of %.*s", parts.down ? "below" : "above",
                     jf_show_percent(share, parts.quantile), (int)parts.column_length, parts.column);
    else if (is_kind(inner, "ladder"))
        jf_plan_title(out, text);
    else
        jf_plan_in_words(out, plan);
}
