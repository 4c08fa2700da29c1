/* Manual pages, made from the command and option tables. */
#ifndef JF_CLI_HELP_MAN_H
#define JF_CLI_HELP_MAN_H

#include "cli/command.h"
#include "core/text.h"

/* Adds the page of a command, in roff; NULL: the page of the program itself. */
jf_status jf_help_man(const jf_command *command, jf_text *out, jf_error *err);

#endif
