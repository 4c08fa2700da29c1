/* Results of fit and compare on their way out: shown in any format, saved, and read back. */
#ifndef JF_CLI_RESULT_H
#define JF_CLI_RESULT_H

#include "cli/session.h"
#include "reports/compose/compose.h"

/* The short answer for a terminal, unless -v asks for all; other formats always hold the whole report. */
jf_report_options jf_result_brief(const jf_session *session);
/* `kind` is "fit", "compare" or "simulate", as jf_result_read gives it. */
jf_status jf_result_write(jf_session *session, const json_t *result, const char *kind,
                          jf_report_options options, jf_error *err);
/* Puts the command that gives the result again into it, as "command". `result` may be NULL: out of memory. */
jf_status jf_result_add_command(json_t *result, const jf_session *session, jf_error *err);
jf_status jf_result_save(const json_t *result, const char *path, jf_error *err);
/* The fit that a saved result holds: itself, or that of `law` (NULL: the best) in a comparison. Borrowed. */
jf_status jf_result_fit(const json_t *result, const char *kind, const char *law, const json_t **out,
                        jf_error *err);

#endif
