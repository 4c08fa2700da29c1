/* Where the numeric inputs of a fit's runs lay. */
#ifndef JF_FIT_MODEL_SPREAD_H
#define JF_FIT_MODEL_SPREAD_H

#include "fit/model/model.h"

/* Of the inputs that changed; directions in which they hardly did count as 1e-6 of the widest, so that
 * leaving them is far. */
jf_status jf_spread_of_fit(const jf_fit *fit, jf_model_spread *out, jf_error *err);
void jf_spread_clear(jf_model_spread *spread);

#endif
