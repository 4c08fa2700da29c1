/* Did the best law hold beyond the data it was trained on? */
#ifndef JF_FIT_SELECT_OUTSIDE_H
#define JF_FIT_SELECT_OUTSIDE_H

#include "fit/select/compare.h"

/* Errors outside may be so many times those on held-out groups inside. */
extern const double jf_outside_allowed; /* 2 */
/* Errors inside that are smaller count as this: few meters are better. */
extern const double jf_outside_least_error; /* 0.01 */
/* Where one run in ten is off by more than this factor, a law does not hold, however bad it is inside. */
extern const double jf_outside_factor; /* 2 */

/* Fills comparison->outside from the best law's out-of-fold errors, by group: the ratio of root mean square
 * errors (of log y, where y is positive), outside by inside, and its 95 % limits, from the spread of the
 * groups' mean squares by the delta method, with Welch's degrees of freedom; groups outside and inside are
 * taken for independent, which makes the limits wide. State: failed where the ratio is above
 * jf_outside_allowed or one run in ten is off by more than jf_outside_factor, else held where the upper limit
 * is at most jf_outside_allowed (held less well where besides the lower one is above 1), else unclear: held
 * as far as so few groups tell. Untried without an extrapolation that could be used. The comparison has its
 * best law, its plans and its pools. */
jf_status jf_judge_outside(jf_comparison *comparison, const jf_groups *groups, jf_error *err);

#endif
