/* The command table: one row a command, one file a command. */
#ifndef JF_CLI_COMMAND_H
#define JF_CLI_COMMAND_H

#include "cli/session.h"
#include "core/options.h"

enum { JF_MOST_SETS = 10 };

/* `run` finds its settings parsed and its files in session->arguments; what it returns becomes the exit code,
 * and its error is printed by main. */
typedef struct jf_command {
    const char *name;
    const char *summary;   /* one line */
    const char *usage;     /* "fit DATA --law LAW [OPTIONS]" */
    const char *examples;  /* command lines that run as printed in the project's folder; others are indented
                              comments */
    bool output_is_folder; /* -o names a folder, which the command looks after */
    size_t settings_size;
    /* Lists the command's option tables with their places in `settings` (of settings_size bytes); returns
     * their number, at most JF_MOST_SETS - 1. NULL: none. */
    size_t (*sets)(void *settings, jf_option_set *sets);
    jf_status (*run)(jf_session *session, void *settings, jf_error *err);
} jf_command;

extern const jf_command jf_command_compare, jf_command_fit, jf_command_hardware, jf_command_help,
    jf_command_import, jf_command_laws, jf_command_plot, jf_command_predict, jf_command_proxies,
    jf_command_report, jf_command_run, jf_command_simulate, jf_command_verify;

/* All of them in the order in which help lists them; ends with NULL. */
extern const jf_command *const jf_commands[];
const jf_command *jf_command_find(const char *name);
/* JF_EUSAGE: "unknown command 'fitt' (did you mean 'fit'?)". */
jf_status jf_command_unknown(const char *name, jf_error *err);

/* The command's option tables with the common ones behind them; returns their number. `settings` has
 * command->settings_size bytes. */
size_t jf_command_sets(const jf_command *command, void *settings, jf_common_options *common,
                       jf_option_set *sets);
/* Puts the command as a shell reads it into the session, without what only says where the result goes and how
 * it looks: equal results stay equal bytes. */
void jf_command_keep(const jf_command *command, const jf_option_set *sets, size_t n_sets,
                     jf_session *session);

#endif
