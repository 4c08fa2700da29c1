/* Constants that were published, or that a user names, judged on new runs (--at). */
#ifndef JF_FIT_INFER_JUDGED_H
#define JF_FIT_INFER_JUDGED_H

#include "fit/fit_parts.h"

/* --at published | a=1,b=0.42, with --free a: fills work->fit->judged. The constants are held, what is free
 * or has none is refitted, and the result is set against the whole fit. JF_EUSAGE: a law without published
 * constants, names that are no parameters, nothing to hold. */
jf_status jf_judged_add(jf_fit_work *work);
void jf_judged_clear(jf_judged *judged);

#endif
