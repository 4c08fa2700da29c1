/* Exponents of a law under every combination of counting conventions. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "reports/figures/parts.h"

enum { MOST_PARAMETERS = 4, MOST_UNIVERSES = 40 };

bool jf_figure_serves_conventions(const jf_figure_source *source)
{
    return json_array_size(jf_result_at(source->result, "multiverse.laws")) > 0;
}

/* The law that was asked for, else the first that has a multiverse. */
static jf_status find_law(const jf_figure_source *source, const json_t **out, jf_error *err)
{
    const json_t *laws = jf_result_at(source->result, "multiverse.laws");
    const char **names;
    char hint[160];
    size_t n = json_array_size(laws);

    *out = json_array_get(laws, 0);
    if (!source->law) return JF_OK;
    for (size_t i = 0; i < n; i++) {
        *out = json_array_get(laws, i);
        if (strcmp(jf_result_text(*out, "law.name"), source->law) == 0) return JF_OK;
    }
    names = JF_NEW_ARRAY(const char *, n);
    if (!names) return jf_fail(err, JF_ENOMEM, "out of memory for the names of laws");
    for (size_t i = 0; i < n; i++) names[i] = jf_result_text(json_array_get(laws, i), "law.name");
    jf_did_you_mean(hint, sizeof hint, source->law, names, n);
    jf_free(names);
    return jf_fail(err, JF_EUSAGE, "no law '%s' reads what --multiverse counts%s", source->law, hint);
}

/* One parameter over the universes: estimates with their intervals. */
typedef struct spread {
    double *estimate, *low, *high;
} spread;

static void spread_clear(spread *values)
{
    jf_free(values->estimate);
    jf_free(values->low);
    jf_free(values->high);
}

static const json_t *find_parameter(const json_t *universe, const char *name)
{
    const json_t *parameters = jf_result_at(universe, "parameters");

    for (size_t i = 0; i < json_array_size(parameters); i++)
        if (strcmp(jf_result_text(json_array_get(parameters, i), "name"), name) == 0)
            return json_array_get(parameters, i);
    return NULL;
}

static jf_status read_spread(const json_t *const *universes, size_t n, const char *parameter, spread *out,
                             jf_error *err)
{
    *out = (spread){JF_NEW_ARRAY(double, n), JF_NEW_ARRAY(double, n), JF_NEW_ARRAY(double, n)};
    if (!out->estimate || !out->low || !out->high)
        return jf_fail(err, JF_ENOMEM, "out of memory for a figure");
    for (size_t i = 0; i < n; i++) {
        const json_t *one = find_parameter(universes[i], parameter);
        out->estimate[i] = jf_result_number(one, "estimate");
        out->low[i] = jf_result_number(one, "ci_low");
        out->high[i] = jf_result_number(one, "ci_high");
    }
    return JF_OK;
}

/* ---- universes ---- */

/* At most MOST_UNIVERSES of them, evenly over the list. */
static size_t choose_universes(const json_t *law, const json_t **out)
{
    const json_t *all = jf_result_at(law, "universes");
    size_t n = json_array_size(all), shown = n < MOST_UNIVERSES ? n : MOST_UNIVERSES;

    for (size_t i = 0; i < shown; i++)
        out[i] = json_array_get(all, shown == n ? i : i * (n - 1) / (shown - 1));
    return shown;
}

static jf_status name_universes(const json_t *const *universes, size_t n, char **names, jf_error *err)
{
    for (size_t i = 0; i < n; i++) {
        const json_t *choices = jf_result_at(universes[i], "choices");
        jf_text name = {0};
        jf_text_add(&name, "");
        for (size_t k = 0; k < json_array_size(choices); k++) {
            const char *choice = json_string_value(json_array_get(choices, k));
            jf_text_addf(&name, "%s%s", k ? ", " : "", choice ? choice : "");
        }
        if (name.failed) return jf_fail(err, JF_ENOMEM, "out of memory for a figure");
        names[i] = jf_text_take(&name);
    }
    return JF_OK;
}

/* ---- panels ---- */

static jf_status add_parameter(jf_panel *panel, const json_t *move, const json_t *const *universes,
                               char *const *names, size_t n, jf_error *err)
{
    const char *parameter = jf_result_text(move, "parameter"), *of = jf_result_text(move, "of");
    jf_status status = JF_OK;
    jf_text title = {0};
    spread values = {0};
    double median = jf_result_number(move, "median");

    jf_text_addf(&title, *of ? "%s, exponent of %s" : "%s", parameter, of);
    JF_TRY_NEW(title.data && !title.failed, err, "a figure");
    JF_TRY(jf_axis_set(&panel->x, title.data, false, err));
    JF_TRY(jf_axis_set_categories(&panel->y, (const char *const *)names, n, err));
    JF_TRY(read_spread(universes, n, parameter, &values, err));
    if (isfinite(median))
        JF_TRY(jf_panel_add(panel,
                            (jf_series){.kind = JF_SERIES_RULES,
                                        .title = "median over conventions",
                                        .x = &median,
                                        .n = 1,
                                        .colour = -1},
                            err));
    JF_TRY(jf_panel_add(panel,
                        (jf_series){.kind = JF_SERIES_RANGES,
                                    .title = "estimate and 95 % interval",
                                    .x = values.estimate,
                                    .low = values.low,
                                    .high = values.high,
                                    .n = n},
                        err));
done:
    jf_text_free(&title);
    spread_clear(&values);
    return status;
}

/* Exponents first: they are what conventions argue about. */
static size_t choose_parameters(const json_t *law, const json_t **out)
{
    const json_t *moves = jf_result_at(law, "moves");
    size_t n = 0;

    for (size_t i = 0; i < json_array_size(moves) && n < MOST_PARAMETERS; i++)
        if (jf_result_flag(json_array_get(moves, i), "exponent")) out[n++] = json_array_get(moves, i);
    for (size_t i = 0; i < json_array_size(moves) && n == 0; i++) out[n++] = json_array_get(moves, i);
    return n;
}

jf_status jf_figure_conventions(const jf_figure_source *source, jf_figure *figure, jf_error *err)
{
    const json_t *law, *universes[MOST_UNIVERSES], *moves[MOST_PARAMETERS];
    char *names[MOST_UNIVERSES] = {NULL};
    size_t n_universes, n_moves;
    jf_status status = JF_OK;

    JF_TRY(find_law(source, &law, err));
    n_universes = choose_universes(law, universes);
    n_moves = choose_parameters(law, moves);
    if (n_universes == 0 || n_moves == 0) JF_TRY(jf_fail(err, JF_EDATA, "this multiverse is empty"));
    JF_TRY(name_universes(universes, n_universes, names, err));
    JF_TRY(jf_figure_set_panels(figure, n_moves, err));
    for (size_t i = 0; i < n_moves; i++)
        JF_TRY(add_parameter(&figure->panels[i], moves[i], universes, names, n_universes, err));
    JF_TRY(jf_figure_caption(
        figure, err, "Estimates of %s under %zu of %zu combinations of counting conventions",
        jf_result_text(law, "law.name"), n_universes, json_array_size(jf_result_at(law, "universes"))));
done:
    for (size_t i = 0; i < MOST_UNIVERSES; i++) jf_free(names[i]);
    return status;
}
