/* The command table: one row a command, one file a command. */
#ifndef JF_CLI_COMMAND_H
#define JF_CLI_COMMAND_H

#include <stdint.h>
#include "core/options.h"

/* Options every command takes. */
typedef struct jf_common_options {
    int format; /* text json csv markdown latex html */
    bool json;
    const char *output;
    uint64_t seed;
    int64_t threads;
    const char *memory;
    bool quiet, verbose, no_color, strict, help;
} jf_common_options;
extern const jf_option jf_common_options_table[];

typedef struct jf_command {
    const char *name;
    const char *summary;               /* one line */
    const char *usage;                 /* "fit DATA --law LAW [OPTIONS]" */
    const char *examples;              /* lines that run as printed on the bundled data */
    int (*run)(int argc, char **argv); /* argv[0] is the command's name; returns the exit code */
    /* fills `sets` (settings NULL) for help and completion; returns their number */
    size_t (*options)(jf_option_set *sets);
} jf_command;
extern const jf_command jf_commands[]; /* ends with a NULL name */

#endif
