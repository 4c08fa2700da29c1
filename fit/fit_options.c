/* Options of a fit: their table, the names of what they choose, and the kinds of standard error. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "core/text.h"
#include "fit/fit_parts.h"
#include "fit/infer/bootstrap.h"

const char *const jf_outcome_names[] = {"converged", "at_bound", "flat", "hit_limit", "failed", NULL};
const char *const jf_state_names[] = {"ok", "at_bound", "fixed", "tied", "weak", "unidentified", NULL};
const char *const jf_se_names[] = {"classical", "hc0", "hc1", "hc2", "hc3", "cluster", "cr2", "cr1", NULL};
const char *const jf_end_names[] = {"ok", "bound", "unbounded", "fixed", "tied", "failed", "none", NULL};
static const char *const conformal_names[] = {"auto", "cv", "split", "none", NULL};
static const char *const weights_kind_names[] = {"precision", "frequency", "absolute", NULL};

#define FIELD(name)      offsetof(jf_fit_options, name)
#define TEXT_OF(number)  TEXT_OF_(number)
#define TEXT_OF_(number) #number
const jf_option jf_fit_options_table[] = {
    {"starts", 0, JF_OPTION_INTEGER, FIELD(starts), "64", 1, 100000, NULL, "N",
     "quasi-random starts for laws that are not linear in their parameters"},
    {"max-iterations", 0, JF_OPTION_INTEGER, FIELD(max_iterations), "500", 1, 1000000, NULL, "N",
     "most iterations of one local solve"},
    {"tolerance", 0, JF_OPTION_NUMBER, FIELD(tolerance), "1e-10", 1e-15, 1e-2, NULL, "X",
     "scaled gradient at which a fit has converged"},
    {"loss", 0, JF_OPTION_TEXT, FIELD(loss), "ls", 0, 0, NULL, "LOSS",
     "ls, huber:D, softl1:D, cauchy:D, tukey:C, l1 or quantile:Q"},
    {"error", 0, JF_OPTION_TEXT, FIELD(error), NULL, 0, 0, NULL, "KIND",
     "how noise enters: log, additive or relative (default: as the law says)"},
    {"response", 0, JF_OPTION_TEXT, FIELD(response), NULL, 0, 0, NULL, "COL",
     "the raw response, where the left side holds several columns"},
    {"weights", 0, JF_OPTION_TEXT, FIELD(weights), NULL, 0, 0, NULL, "EXPR",
     "weights of rows: precisions, known up to a factor; metrics of held-out rows use them too"},
    {"weights-kind", 0, JF_OPTION_CHOICE, FIELD(weights_kind), "precision", 0, 0, weights_kind_names, "KIND",
     "what weights mean: precision, frequency or absolute (1/variance)"},
    {"sigma", 0, JF_OPTION_TEXT, FIELD(sigma), NULL, 0, 0, NULL, "EXPR",
     "standard deviations of rows, on the scale that is fitted"},
    {"se", 0, JF_OPTION_TEXT, FIELD(se), NULL, 0, 0, NULL, "LIST",
     "standard errors: classical, hc0 to hc3, cluster (the default with --group: cr2 below 50 groups, cr1 "
     "from "
     "there), cr1, cr2"},
    {"ci", 0, JF_OPTION_TEXT, FIELD(ci), NULL, 0, 0, NULL, "LIST",
     "intervals: wald (always there), profile, bootstrap; several with commas"},
    {"bootstrap", 0, JF_OPTION_INTEGER, FIELD(bootstrap), "2000", 10, 10000000, NULL, "N",
     "resamples of --ci bootstrap"},
    {"resample", 0, JF_OPTION_TEXT, FIELD(resample), "auto", 0, 0, NULL, "LIST",
     "what --ci bootstrap draws: pairs, cluster, residual, wild, wild-cluster, parametric, or several; auto: "
     "pairs, or cluster with --group"},
    {"bootstrap-interval", 0, JF_OPTION_TEXT, FIELD(bootstrap_interval), "auto", 0, 0, NULL, "LIST",
     "how limits are made of the refits: percentile, basic, bca, t (wild-cluster only: the test with "
     "restricted "
     "residuals, inverted), or several; auto: t for wild-cluster, else percentile"},
    {"level", 0, JF_OPTION_NUMBER, FIELD(level), "0.95", 0.5, 0.9999, NULL, "X",
     "confidence level of intervals"},
    {"derive", 0, JF_OPTION_LIST, FIELD(derive), NULL, 0, 0, NULL, "'NAME=EXPR'",
     "a quantity made of parameters, with its standard error"},
    {"test", 0, JF_OPTION_LIST, FIELD(test), NULL, 0, 0, NULL, "'a=1, b=2'",
     "a joint Wald test of statements about parameters"},
    {"contour", 0, JF_OPTION_LIST, FIELD(contour), NULL, 0, 0, NULL, "a,b[:LEVELS]",
     "a joint region of two parameters by profile likelihood, at --level or at the levels given"},
    {"conformal", 0, JF_OPTION_CHOICE, FIELD(conformal), "auto", 0, 0, conformal_names, "KIND",
     "what a saved model keeps for conformal intervals: cv (CV+ by group), split or none; auto: cv"},
    {"at", 0, JF_OPTION_TEXT, FIELD(at), NULL, 0, 0, NULL, "published|a=1,b=2",
     "judge constants on these runs: those that a law was published with, or others"},
    {"free", 0, JF_OPTION_TEXT, FIELD(free), NULL, 0, 0, NULL, "a,b",
     "parameters that --at leaves to be refitted"},
    {"by", 0, JF_OPTION_TEXT, FIELD(by), NULL, 0, 0, NULL, "COL",
     "fit each level of a column too, and test whether one law holds for all"},
    {"param", 0, JF_OPTION_LIST, FIELD(declared), NULL, 0, 0, NULL, "NAME",
     "a name that is a parameter, whatever columns there are"},
    {0},
};

static jf_status find_se(const char *text, size_t length, jf_se_kind *out, jf_error *err)
{
    size_t n = 0;
    char hint[64], name[32];

    while (length && *text == ' ') text++, length--;
    while (length && text[length - 1] == ' ') length--;
    for (; jf_se_names[n]; n++) {
        if (strlen(jf_se_names[n]) != length || strncasecmp(jf_se_names[n], text, length) != 0) continue;
        *out = (jf_se_kind)n;
        return JF_OK;
    }
    snprintf(name, sizeof name, "%.*s", (int)length, text);
    return jf_fail(err, JF_EUSAGE,
                   "--se: expected classical, hc0, hc1, hc2, hc3, cluster, cr2 or cr1, found '%s'%s", name,
                   jf_did_you_mean(hint, sizeof hint, name, jf_se_names, n));
}

jf_status jf_fit_read_se(jf_fit_work *work)
{
    jf_status status = JF_OK;
    const char *text = work->options->se;

    work->se[0] = work->groups ? JF_SE_CLUSTER : JF_SE_CLASSICAL;
    work->n_se = 1;
    if (!text) return JF_OK;
    work->n_se = 0;
    while (*text) {
        size_t length = strcspn(text, ",");
        if (work->n_se == sizeof work->se / sizeof *work->se)
            return jf_fail(work->err, JF_EUSAGE, "--se: more than %zu kinds", work->n_se);
        JF_TRY(find_se(text, length, &work->se[work->n_se], work->err));
        if (work->se[work->n_se] >= JF_SE_CLUSTER && !work->groups)
            return jf_fail(work->err, JF_EUSAGE, "--se %s needs --group", jf_se_names[work->se[work->n_se]]);
        work->n_se++;
        text += length + (text[length] == ',');
    }
    if (work->n_se == 0) return jf_fail(work->err, JF_EUSAGE, "--se: expected a kind of standard error");
done:
    return status;
}

void jf_fit_options_default(jf_fit_options *options)
{
    *options = (jf_fit_options){0};
    jf_options_default(jf_fit_options_table, options);
}

jf_status jf_fit_options_check(const jf_fit_options *options, jf_error *err)
{
    jf_fit_options usual;
    const struct {
        const char *option, *value, *usual;
    } texts[] = {{"--resample", options->resample, "auto"},
                 {"--bootstrap-interval", options->bootstrap_interval, "auto"}};

    jf_fit_options_default(&usual);
    if (options->weights_kind != usual.weights_kind && !options->weights)
        return jf_fail(err, JF_EUSAGE, "--weights-kind goes with --weights");
    if (options->ci && strstr(options->ci, "bootstrap")) return JF_OK;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].value && strcmp(texts[i].value, texts[i].usual) != 0)
            return jf_fail(err, JF_EUSAGE, "%s %s goes with --ci bootstrap", texts[i].option, texts[i].value);
    if (options->bootstrap != usual.bootstrap)
        return jf_fail(err, JF_EUSAGE, "--bootstrap %lld goes with --ci bootstrap",
                       (long long)options->bootstrap);
    return JF_OK;
}
