/* Completion of command lines in shells, made from the command and option tables and the catalogues. */
#ifndef JF_CLI_HELP_COMPLETION_H
#define JF_CLI_HELP_COMPLETION_H

#include "core/error.h"
#include "core/text.h"

extern const char *const jf_completion_shells[]; /* "none", "bash", "zsh"; ends with NULL */
/* Adds the script for a shell of the list; none for the first. */
jf_status jf_help_completion(int which, jf_text *out, jf_error *err);

#endif
