/* The table of the report command, for studies, which write it in every format. */
#ifndef JF_CLI_REPORT_TABLE_H
#define JF_CLI_REPORT_TABLE_H

#include <jansson.h>
#include "reports/doc.h"

/* Adds to `doc` what `joulefit report --table` would show: `settings` holds the command's options. */
jf_status jf_report_table(const void *settings, const json_t *const *results, size_t n_results, jf_doc *doc,
                          jf_error *err);

#endif
