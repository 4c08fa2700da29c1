/* What a result was made with: versions of the program and of its libraries. */
#ifndef JF_REPORTS_MANIFEST_H
#define JF_REPORTS_MANIFEST_H

#include <jansson.h>

/* {"joulefit": "0.1.0", "gsl": ..., "openblas": ..., "jansson": ..., "libc": ..., "compiler": ...}; NULL when
 * memory ran out. */
json_t *jf_manifest_versions(void);

#endif
