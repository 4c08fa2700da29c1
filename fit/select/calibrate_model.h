/* What a saved model keeps so that predictions have conformal intervals without the data. */
#ifndef JF_FIT_SELECT_CALIBRATE_MODEL_H
#define JF_FIT_SELECT_CALIBRATE_MODEL_H

#include "fit/fit_parts.h"

/* By options->conformal: CV+ refits without each of five folds of groups (rows where there are none); split
 * refits without a fifth of them. Fills work->fit->conformal; nothing for auto and none, and for fits that
 * failed. */
jf_status jf_conformal_add(jf_fit_work *work);
void jf_conformal_free(jf_conformal *conformal);

#endif
