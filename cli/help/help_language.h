/* The text of 'joulefit help language'. */
#ifndef JF_CLI_HELP_LANGUAGE_H
#define JF_CLI_HELP_LANGUAGE_H

#include "core/text.h"

/* Adds how formulas are written, with every function of the language; lines of at most 100 columns. */
void jf_help_language(jf_text *out);

#endif
