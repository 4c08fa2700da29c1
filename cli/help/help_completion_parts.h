/* What the completion scripts of all shells share. */
#ifndef JF_CLI_HELP_COMPLETION_PARTS_H
#define JF_CLI_HELP_COMPLETION_PARTS_H

#include "cli/command.h"

/* The values that an option takes, " a b c"; nothing where it takes any. */
jf_status jf_completion_add_values(const jf_option *option, jf_text *out, jf_error *err);
/* The words that a command takes without an option, likewise. */
jf_status jf_completion_add_arguments(const jf_command *command, jf_text *out, jf_error *err);

/* fish is told each option by a line of its own, with what it means. */
jf_status jf_completion_fish(jf_text *out, jf_error *err);

#endif
