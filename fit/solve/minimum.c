/* Minima: their memory. */
#include "fit/solve/minimum.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"

jf_status jf_minimum_new(size_t k, jf_minimum *out, jf_error *err)
{
    *out = (jf_minimum){.loss = INFINITY, .scaled_gradient = NAN};
    out->theta = JF_NEW_ZEROED(double, k);
    out->bound = JF_NEW_ZEROED(signed char, k);
    out->unidentified = JF_NEW_ZEROED(bool, k);
    if (out->theta && out->bound && out->unidentified) return JF_OK;
    jf_minimum_clear(out);
    return jf_fail(err, JF_ENOMEM, "out of memory for a solver");
}

void jf_minimum_clear(jf_minimum *minimum)
{
    jf_free(minimum->theta);
    jf_free(minimum->bound);
    jf_free(minimum->unidentified);
    *minimum = (jf_minimum){.loss = INFINITY, .scaled_gradient = NAN};
}

void jf_minimum_copy(jf_minimum *to, const jf_minimum *from, size_t k)
{
    jf_minimum kept = *to;

    memcpy(to->theta, from->theta, k * sizeof *to->theta);
    memcpy(to->bound, from->bound, k * sizeof *to->bound);
    memcpy(to->unidentified, from->unidentified, k * sizeof *to->unidentified);
    *to = *from;
    to->theta = kept.theta;
    to->bound = kept.bound;
    to->unidentified = kept.unidentified;
}
