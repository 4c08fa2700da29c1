/* What the files of a document share. */
#ifndef JF_REPORTS_DOC_PARTS_H
#define JF_REPORTS_DOC_PARTS_H

#include <stdarg.h>
#include "reports/doc.h"

/* printf-style text, cleaned; NULL when memory ran out. */
char *jf_doc_clean_format(const char *format, va_list args) __attribute__((format(printf, 1, 0)));
void jf_doc_table_free(jf_doc_table *table);

#endif
