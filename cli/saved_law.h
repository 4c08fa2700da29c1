/* A law with its values from a saved result, as if it had been typed. */
#ifndef JF_CLI_SAVED_LAW_H
#define JF_CLI_SAVED_LAW_H

#include "fit/law/law.h"
#include "fit/model/model.h"

typedef struct jf_saved_law {
    jf_law *law;      /* as it was fitted: error kind, ties and maps in its trees; bounds and fixed values */
    char *formula;    /* as it was typed */
    jf_model *model;  /* names, values, sigma */
    const char *file; /* borrowed */
} jf_saved_law;

/* Is LAW a saved result rather than a name or a formula? */
bool jf_is_saved_law(const char *text);
/* From a result of fit, or the best law of a comparison. */
jf_status jf_saved_law_read(const char *path, jf_saved_law *out, jf_error *err);
void jf_saved_law_clear(jf_saved_law *saved);

#endif
