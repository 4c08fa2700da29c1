/* Quasi-random starting points. */
#include "fit/solve/starts.h"

#include <gsl/gsl_qrng.h>
#include <math.h>
#include "core/memory.h"
#include "core/stream.h"

enum { MOST_SOBOL = 40 }; /* beyond, GSL's Sobol gives constant points without an error */

static void draw_uniform(size_t dimensions, size_t n, uint64_t seed, double *out)
{
    for (size_t i = 0; i < n; i++) {
        jf_stream stream = jf_stream_make(seed, JF_FOR_STARTS, i + 1);

        for (size_t d = 0; d < dimensions; d++) out[i * dimensions + d] = jf_stream_uniform(&stream);
    }
}

jf_status jf_draw_cube(size_t dimensions, size_t n, uint64_t seed, double *out, jf_error *err)
{
    gsl_qrng *sobol;
    double shift[MOST_SOBOL], point[MOST_SOBOL];
    jf_stream stream = jf_stream_make(seed, JF_FOR_STARTS, 0);

    if (!dimensions) return JF_OK;
    if (dimensions > MOST_SOBOL) {
        draw_uniform(dimensions, n, seed, out);
        return JF_OK;
    }
    sobol = gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)dimensions);
    if (!sobol) return jf_fail(err, JF_ENOMEM, "out of memory for starts");
    for (size_t d = 0; d < dimensions; d++) shift[d] = jf_stream_uniform(&stream);
    for (size_t i = 0; i < n; i++) {
        gsl_qrng_get(sobol, point);
        for (size_t d = 0; d < dimensions; d++) {
            double u = point[d] + shift[d]; /* Cranley and Patterson 1976 */

            out[i * dimensions + d] = u < 1 ? u : u - 1;
        }
    }
    gsl_qrng_free(sobol);
    return JF_OK;
}

static double between(double low, double high, double u)
{
    return low + u * (high - low);
}

double jf_draw_parameter(const jf_problem *p, size_t j, double u, bool wide)
{
    double low = p->range_low[j], high = p->range_high[j], value;

    if (p->fixed[j]) return p->lower[j];
    if (p->log_range[j]) {
        double spread = wide ? 100 : 1;

        value = exp(between(log(low / spread), log(high * spread), u));
    } else if (wide && low < 0 && high > 0) {
        double size = fmax(-low, high), side = u < 0.5 ? -1 : 1, v = u < 0.5 ? 2 * u : 2 * u - 1;

        value = side * size * pow(10, between(-4, 0.3, v));
    } else {
        double more = wide ? 0.5 * (high - low) : 0;

        value = between(low - more, high + more, u);
    }
    return fmin(fmax(value, p->lower[j]), p->upper[j]);
}
