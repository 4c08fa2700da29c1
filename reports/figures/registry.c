/* The list of figures, and figures made by name. */
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "reports/figures/parts.h"

static const char a_fit[] = "a saved fit or comparison";
static const char a_comparison[] = "a saved comparison";
static const char by_fit[] = "joulefit fit DATA --law LAW --save MODEL.json";
static const char by_compare[] = "joulefit compare DATA --law A --law B --save RESULT.json";

const jf_figure_kind jf_figure_kinds[] = {
    {"parity", "measured against predicted, with a band of a factor of two", JF_WANTS_FIT, a_fit, by_fit,
     NULL, NULL, jf_figure_parity},
    {"curve", "the law along one input, with the band of its mean and the interval of a new run",
     JF_WANTS_FIT, a_fit, by_fit, NULL, NULL, jf_figure_curve},
    {"residuals", "residuals against the fitted value and against each input", JF_WANTS_FIT, a_fit, by_fit,
     NULL, NULL, jf_figure_residuals},
    {"quantiles", "quantiles of the residuals against those of a normal distribution", JF_WANTS_FIT, a_fit,
     by_fit, NULL, NULL, jf_figure_quantiles},
    {"scores", "validation scores of each law, split by split", JF_WANTS_COMPARISON, a_comparison, by_compare,
     NULL, NULL, jf_figure_scores},
    {"weights", "Akaike weights of the laws", JF_WANTS_COMPARISON, a_comparison, by_compare, NULL, NULL,
     jf_figure_weights},
    {"extrapolation", "errors of each law inside and outside the data it was trained on", JF_WANTS_COMPARISON,
     "a comparison with an extrapolation plan",
     "joulefit compare DATA --law A --law B --validate extrapolate:COL:0.75 --save RESULT.json", NULL, NULL,
     jf_figure_extrapolation},
    {"ladder", "errors that grow with the distance from the training data", JF_WANTS_COMPARISON,
     "a comparison with a ladder plan",
     "joulefit compare DATA --law A --law B --validate ladder:COL:5 --save RESULT.json", NULL,
     jf_figure_serves_ladder, jf_figure_ladder},
    {"front", "the front of complexity and error", JF_WANTS_COMPARISON, a_comparison, by_compare, NULL, NULL,
     jf_figure_front},
    {"correlations", "the map of correlations between estimates", JF_WANTS_FIT, a_fit, by_fit, NULL, NULL,
     jf_figure_correlations},
    {"bootstrap", "distributions of the estimates over resamples", JF_WANTS_FIT,
     "a fit with bootstrap intervals", "joulefit fit DATA --law LAW --ci bootstrap --save MODEL.json", NULL,
     jf_figure_serves_bootstrap, jf_figure_bootstrap},
    {"profiles", "how much worse the law fits with a parameter held away from its estimate", JF_WANTS_FIT,
     "a fit with profile intervals", "joulefit fit DATA --law LAW --ci profile --save MODEL.json", NULL,
     jf_figure_serves_profiles, jf_figure_profiles},
    {"contours", "joint regions of two parameters by profile likelihood", JF_WANTS_FIT, "a fit with contours",
     "joulefit fit DATA --law LAW --contour a,b:0.5,0.95 --save MODEL.json", NULL, jf_figure_serves_contours,
     jf_figure_contours},
    {"conventions", "exponents under every combination of counting conventions", JF_WANTS_COMPARISON,
     "a comparison with a multiverse",
     "joulefit compare DATA --law A --multiverse compute=exact,6nd,kaplan --save RESULT.json", NULL,
     jf_figure_serves_conventions, jf_figure_conventions},
    {"roofline", "rooflines in time and in energy, with the runs on them", JF_WANTS_RUNS,
     "runs with their GPU, configuration, duration and energy", "joulefit plot roofline DATA",
     "C,intensity,peak,bandwidth,tdp,device_seconds", NULL, jf_figure_roofline},
    {"efficiency", "parallel efficiency and energy per token against the number of GPUs", JF_WANTS_RUNS,
     "runs on one and on several GPUs", "joulefit plot efficiency DATA", "eta,energy_per_token", NULL,
     jf_figure_efficiency},
    {"efficiency_parity", "measured against predicted efficiency", JF_WANTS_FIT | JF_TAKES_RUNS,
     "a fit of a law of efficiency, or one of energy or duration and the runs",
     "joulefit fit DATA --law 'duration ~ ...' --save MODEL.json; joulefit plot efficiency_parity MODEL.json "
     "DATA",
     NULL, jf_figure_serves_efficiency, jf_figure_efficiency_parity},
    {"trace", "the power of each GPU over time, and the window that was integrated", JF_WANTS_LOG,
     "a raw power log", "joulefit plot trace LOG --window START,END", NULL, NULL, jf_figure_trace},
    {NULL}};

jf_status jf_figure_find(const char *name, const jf_figure_kind **out, jf_error *err)
{
    const char *names[sizeof jf_figure_kinds / sizeof *jf_figure_kinds];
    char suggestion[128];
    jf_text all = {0};
    size_t n = 0;

    for (*out = jf_figure_kinds; (*out)->name; (*out)++) {
        if (strcmp((*out)->name, name) == 0) break;
        names[n++] = (*out)->name;
        jf_text_addf(&all, "%s%s", n > 1 ? ", " : "", (*out)->name);
    }
    if (!(*out)->name) {
        *out = NULL;
        jf_fail(err, JF_EUSAGE, "unknown figure '%s'%s: expected one of %s", name,
                jf_did_you_mean(suggestion, sizeof suggestion, name, names, n), all.data ? all.data : "");
    }
    jf_text_free(&all);
    return *out ? JF_OK : JF_EUSAGE;
}

static bool is_comparison(const json_t *result)
{
    return jf_result_at(result, "candidates") != NULL;
}

static bool is_fit(const json_t *result)
{
    return is_comparison(result) || jf_result_at(result, "parameters") != NULL;
}

bool jf_figure_serves(const jf_figure_kind *kind, const jf_figure_source *source)
{
    if (kind->wants & JF_WANTS_FIT && !is_fit(source->result)) return false;
    if (kind->wants & JF_WANTS_COMPARISON && !is_comparison(source->result)) return false;
    if (kind->wants & JF_WANTS_RUNS && !source->table) return false;
    if (kind->wants & JF_WANTS_LOG && !source->log) return false;
    return !kind->serves || kind->serves(source);
}

jf_status jf_figure_build(const jf_figure_kind *kind, const jf_figure_source *source, jf_figure **out,
                          jf_error *err)
{
    jf_figure *figure = NULL;
    jf_status status = JF_OK;

    *out = NULL;
    if (!jf_figure_serves(kind, source))
        return jf_fail(err, JF_EDATA, "figure '%s' needs %s (%s)", kind->name, kind->needs, kind->made_by);
    figure = jf_figure_new(kind->name, 0);
    JF_TRY_NEW(figure, err, "a figure");
    JF_TRY(kind->build(source, figure, err));
    *out = figure;
    figure = NULL;
done:
    jf_figure_free(figure);
    return status;
}
