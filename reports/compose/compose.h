/* From results to documents and figures. Works on the saved JSON, so that a fresh result and a file read back
 * look the same. */
#ifndef JF_REPORTS_COMPOSE_H
#define JF_REPORTS_COMPOSE_H

#include <jansson.h>
#include "reports/doc.h"

typedef struct jf_report_options {
    int digits; /* significant digits of numbers without an error; 0: 4. Others are rounded to their errors */
    bool brief; /* the terminal's answer; false: the whole report */
} jf_report_options;

/* `options` NULL: the whole report. */
jf_status jf_compose_fit(const json_t *fit, const jf_report_options *options, jf_doc **out, jf_error *err);
jf_status jf_compose_comparison(const json_t *comparison, const jf_report_options *options, jf_doc **out,
                                jf_error *err);
jf_status jf_compose_simulation(const json_t *simulation, const jf_report_options *options, jf_doc **out,
                                jf_error *err);
/* What 'joulefit verify' found (cli/study/study_verify.h says how its JSON is made). */
jf_status jf_compose_verified(const json_t *verified, jf_doc **out, jf_error *err);

#endif
