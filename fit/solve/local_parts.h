/* What the files of the local fit share. */
#ifndef JF_FIT_LOCAL_PARTS_H
#define JF_FIT_LOCAL_PARTS_H

#include "fit/solve/local.h"

enum { JF_REFINE_STEPS = 30 };

/* The lean solver alone with the penalty as it is set; `exact`: with second derivatives. False where the law
 * or a derivative is not finite. */
bool jf_local_descend(jf_local *local, double tolerance, size_t steps, bool exact, jf_minimum *minimum);
/* local_kinked.c: a loss with a kink. */
jf_status jf_local_fit_kinked(jf_local *local, jf_minimum *minimum, jf_error *err);

#endif
