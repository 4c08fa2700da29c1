/* Mean and inverse covariance of inputs, and distances from them. */
#include "fit/model/model_spread.h"

#include <lapacke.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"

static const double THIN = 1e-6; /* of the largest eigenvalue */

void jf_spread_clear(jf_model_spread *s)
{
    jf_free(s->input);
    jf_free(s->logs);
    jf_free(s->centre);
    jf_free(s->inverse);
    *s = (jf_model_spread){0};
}

static double turned(const jf_model_spread *s, size_t i, double value)
{
    if (!s->logs[i]) return value;
    return isnan(value) ? NAN : value > 0 ? log(value) : -INFINITY;
}

static double distance_of(const jf_model_spread *s, const double *x)
{
    double sum = 0;

    for (size_t a = 0; a < s->n; a++) {
        if (isinf(x[a])) return INFINITY;
        for (size_t b = 0; b < s->n; b++)
            sum += (x[a] - s->centre[a]) * s->inverse[a * s->n + b] * (x[b] - s->centre[b]);
    }
    return sqrt(fmax(sum, 0)) + 0 * sum;
}

double jf_model_mahalanobis(const jf_model *model, const jf_table *table, size_t row)
{
    const jf_model_spread *s = &model->spread;
    double *x = JF_NEW_ARRAY(double, s->n), distance;

    if (!x) return NAN;
    for (size_t i = 0; i < s->n; i++) {
        const jf_column *column = jf_table_find(table, model->inputs[s->input[i]].name);
        x[i] = column && column->kind != JF_LABEL ? turned(s, i, column->values[row]) : NAN;
    }
    distance = distance_of(s, x);
    jf_free(x);
    return distance;
}

/* Which inputs changed, and which by their logarithm. */
static void choose_inputs(const jf_fit *fit, jf_model_spread *s)
{
    for (size_t i = 0; i < fit->n_inputs; i++) {
        const jf_column *column = &fit->inputs[i];
        bool changes = false, positive = true;

        if (column->kind == JF_LABEL) continue;
        for (size_t row = 0; row < fit->n; row++) {
            changes = changes || column->values[row] != column->values[0];
            positive = positive && column->values[row] > 0;
        }
        if (!changes) continue;
        s->input[s->n] = i;
        s->logs[s->n++] = positive;
    }
}

static double value_at(const jf_fit *fit, const jf_model_spread *s, size_t i, size_t row)
{
    return turned(s, i, fit->inputs[s->input[i]].values[row]);
}

static void fill_covariance(const jf_fit *fit, jf_model_spread *s)
{
    double n = (double)fit->n;

    for (size_t a = 0; a < s->n; a++) {
        s->centre[a] = 0;
        for (size_t row = 0; row < fit->n; row++) s->centre[a] += value_at(fit, s, a, row) / n;
    }
    for (size_t a = 0; a < s->n; a++)
        for (size_t b = 0; b <= a; b++) {
            double sum = 0;
            for (size_t row = 0; row < fit->n; row++)
                sum += (value_at(fit, s, a, row) - s->centre[a]) * (value_at(fit, s, b, row) - s->centre[b]);
            s->inverse[a * s->n + b] = s->inverse[b * s->n + a] = sum / (n > 1 ? n - 1 : 1);
        }
}

/* Turns the covariance into its inverse; scales are taken off first, so that units do not decide what is
 * thin. */
static jf_status invert(jf_model_spread *s, jf_error *err)
{
    jf_status status = JF_OK;
    size_t n = s->n;
    double *vectors = JF_NEW_ARRAY(double, n *n), *values = JF_NEW_ARRAY(double, n),
           *scale = JF_NEW_ARRAY(double, n);

    JF_TRY_NEW(vectors && values && scale ? vectors : NULL, err, "distances");
    for (size_t a = 0; a < n; a++) scale[a] = sqrt(s->inverse[a * n + a]);
    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b < n; b++) vectors[a * n + b] = s->inverse[a * n + b] / (scale[a] * scale[b]);
    if (n && LAPACKE_dsyev(LAPACK_ROW_MAJOR, 'V', 'L', (lapack_int)n, vectors, (lapack_int)n, values) != 0)
        JF_TRY(jf_fail(err, JF_EFIT, "the covariance of the inputs could not be factored"));
    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b < n; b++) {
            double sum = 0;
            for (size_t j = 0; j < n; j++)
                sum += vectors[a * n + j] * vectors[b * n + j] / fmax(values[j], THIN * values[n - 1]);
            s->inverse[a * n + b] = sum / (scale[a] * scale[b]);
        }
done:
    jf_free(vectors);
    jf_free(values);
    jf_free(scale);
    return status;
}

jf_status jf_spread_of_fit(const jf_fit *fit, jf_model_spread *out, jf_error *err)
{
    jf_status status = JF_OK;
    size_t most = fit->n_inputs;
    double *x = JF_NEW_ARRAY(double, most);

    *out = (jf_model_spread){0};
    out->input = JF_NEW_ARRAY(size_t, most);
    out->logs = JF_NEW_ARRAY(bool, most);
    out->centre = JF_NEW_ARRAY(double, most);
    out->inverse = JF_NEW_ARRAY(double, most *most);
    JF_TRY_NEW(x && out->input && out->logs && out->centre && out->inverse ? out : NULL, err, "distances");
    choose_inputs(fit, out);
    fill_covariance(fit, out);
    for (size_t i = 0; i < out->n * out->n; i++)
        if (!isfinite(out->inverse[i])) out->n = 0; /* values beyond squares: no distance tells anything */
    JF_TRY(invert(out, err));
    for (size_t row = 0; row < fit->n; row++) {
        for (size_t i = 0; i < out->n; i++) x[i] = value_at(fit, out, i, row);
        out->farthest = fmax(out->farthest, distance_of(out, x));
    }
done:
    jf_free(x);
    return status;
}
