/* One simulated study: what a fit to drawn data came to, and how its intervals stand to the truth. */
#ifndef JF_FIT_INFER_REPLICATE_H
#define JF_FIT_INFER_REPLICATE_H

#include "core/pack.h"
#include "fit/fit.h"

/* What one interval did. */
typedef enum jf_catch { JF_CAUGHT_NONE, JF_CAUGHT, JF_MISSED_BELOW, JF_MISSED_ABOVE } jf_catch;

/* One kind of interval. */
typedef struct jf_replicate_set {
    char *kind;
    double level;
    unsigned char *caught; /* k: jf_catch */
    float *length;         /* k: NaN where there is none, infinite where it is open */
} jf_replicate_set;

typedef struct jf_replicate {
    bool refused;  /* data that the law does not take */
    char *refusal; /* why, or NULL */
    jf_outcome outcome;
    double *estimate, *error; /* k; NaN: none. NULL: no usable fit */
    unsigned char *at_bound;  /* k */
    jf_replicate_set *sets;
    size_t n_sets;
    char **codes; /* of warnings, each once */
    size_t n_codes;
} jf_replicate;

/* Notes a fit of k parameters whose true values are `theta`. `out` is cleared by the caller, also after a
 * failure. */
jf_status jf_replicate_note(const jf_fit *fit, const double *theta, size_t k, jf_replicate *out,
                            jf_error *err);
/* As bytes for a checkpoint, and back: false, with `out` zeroed, for bytes of another kind or without memory.
 */
void jf_replicate_pack(const jf_replicate *replicate, size_t k, jf_text *to);
bool jf_replicate_unpack(const void *bytes, size_t size, size_t k, jf_replicate *out);
void jf_replicate_clear(jf_replicate *replicate);

#endif
