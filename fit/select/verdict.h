/* The answer in words. */
#ifndef JF_FIT_SELECT_VERDICT_H
#define JF_FIT_SELECT_VERDICT_H

#include "fit/select/compare.h"

/* One plain sentence on a ranked comparison: how far the best law held outside the data, what it is off by on
 * held-out groups against the next one, what cannot be told apart. NULL when memory ran out; freed with
 * jf_free. */
char *jf_verdict(const jf_comparison *comparison);

#endif
