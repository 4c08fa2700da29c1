/* Results computed again, compared number by number with those of an output folder. */
#ifndef JF_CLI_STUDY_VERIFY_H
#define JF_CLI_STUDY_VERIFY_H

#include <jansson.h>
#include "core/error.h"

/* What `joulefit verify` has found so far. */
typedef struct jf_differences {
    double tolerance;
    json_t *moved; /* list of {"number": its path, "was", "is" (with "gone" where it is not there any more),
                      "by": how far, "measure": "std_error", "relative" or "absolute"}, borrowed */
    size_t n_compared, n_new;
} jf_differences;

/* Compares a result with that of the same analysis in the folder; `name` begins the paths. Numbers with a
 * standard error may move by `tolerance` of it, p-values by `tolerance`, others by `tolerance` of their size.
 * Numbers that say how the solver went (starts, scaled gradients, condition numbers) are not compared; texts
 * are: a law or an outcome may not change. */
jf_status jf_differences_add(jf_differences *all, const char *name, const json_t *old, const json_t *new_one,
                             jf_error *err);

#endif
