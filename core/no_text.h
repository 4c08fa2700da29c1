/* What a file is that was meant to be text and is none. */
#ifndef JF_CORE_NO_TEXT_H
#define JF_CORE_NO_TEXT_H

#include <stddef.h>

/* Of the first `n` bytes of a file: "a zip file or a spreadsheet; save it as CSV" and the like, to stand
 * after "this is"; NULL when they tell nothing. Files that hold no zero byte may be text all the same. */
const char *jf_no_text(const char *bytes, size_t n);

#endif
