/* Lists of what there is to choose from by name: kinds of figures, of tables. */
#ifndef JF_CLI_KINDS_OUT_H
#define JF_CLI_KINDS_OUT_H

#include "cli/session.h"

typedef struct jf_listed_kind {
    const char *name, *title, *needs;
    const char *made_by; /* the command that makes what it needs; NULL: not said */
} jf_listed_kind;

/* Writes a table of the kinds; `what` heads the names ("figure"). `at` gives the i-th kind, false past the
 * last. */
jf_status jf_kinds_out(const jf_session *session, const char *what, bool (*at)(size_t i, jf_listed_kind *out),
                       jf_error *err);

#endif
