/* What to measure next, after a comparison. */
#ifndef JF_FIT_SELECT_NEXT_H
#define JF_FIT_SELECT_NEXT_H

#include "fit/select/compare.h"

/* Of the configurations at hand, the one whose repetition would sharpen the best law most where it is to be
 * used: at the far end of the extrapolation plan's column (the last twentieth of the runs, in the plan's
 * direction), or without such a plan in all its parameters. Fills comparison->next, which stays empty where
 * the law gives no answer (a failed fit, no scatter). */
jf_status jf_compare_next(jf_comparison *comparison, const jf_table *table, jf_error *err);

#endif
