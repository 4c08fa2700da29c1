/* The reporting checklist after "(Mis)Fitting: A Survey of Scaling Laws" (arXiv 2502.18969) with items for
 * energy: answered by the program where it knows, by the author elsewhere, and open where nobody has. */
#ifndef JF_REPORTS_CHECKLIST_H
#define JF_REPORTS_CHECKLIST_H

#include <jansson.h>
#include "reports/doc.h"

enum { JF_CHECKLIST_ITEMS = 34 };

/* The keys under which a study answers items, in their order; `keys` has room for one more, the closing NULL.
 */
void jf_checklist_keys(const char **keys);

/* What the list is filled from; all borrowed. */
typedef struct jf_checklist_source {
    const json_t *const *results; /* saved results, n of them */
    const char *const *names;
    size_t n;
    /* What the author says of an item, or NULL. Joined to what the program says. */
    const char *(*answer)(const void *context, const char *key);
    const void *context;
} jf_checklist_source;

/* Adds the items as a list, with a line that counts what is open; *n_open (may be NULL) is how many are. */
void jf_checklist_add(jf_doc *doc, const jf_checklist_source *source, size_t *n_open);

#endif
