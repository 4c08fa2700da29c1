/* The list of commands, and what help, studies and the command line itself ask of them. */
#include <assert.h>
#include <string.h>
#include "cli/command.h"
#include "core/text.h"

const jf_command *const jf_commands[] = {&jf_command_fit,     &jf_command_compare,
                                         &jf_command_predict, &jf_command_plot,
                                         &jf_command_report,  &jf_command_run,
                                         &jf_command_verify,  &jf_command_simulate,
                                         &jf_command_import,  &jf_command_proxies,
                                         &jf_command_laws,    &jf_command_hardware,
                                         &jf_command_help,    NULL};

const jf_command *jf_command_find(const char *name)
{
    for (size_t i = 0; jf_commands[i]; i++)
        if (strcmp(jf_commands[i]->name, name) == 0) return jf_commands[i];
    return NULL;
}

jf_status jf_command_unknown(const char *name, jf_error *err)
{
    const char *names[64];
    char suggestion[128];
    size_t n = 0;

    for (; jf_commands[n]; n++) {
        assert(n < sizeof names / sizeof *names);
        names[n] = jf_commands[n]->name;
    }
    return jf_fail(err, JF_EUSAGE, "unknown command '%s'%s", name,
                   jf_did_you_mean(suggestion, sizeof suggestion, name, names, n));
}

size_t jf_command_sets(const jf_command *command, void *settings, jf_common_options *common,
                       jf_option_set *sets)
{
    size_t n = command->sets ? command->sets(settings, sets) : 0;

    sets[n++] = (jf_option_set){"Common options", jf_common_options_table, common};
    return n;
}

void jf_command_keep(const jf_command *command, const jf_option_set *sets, size_t n_sets, jf_session *session)
{
    jf_text_addf(&session->command, "joulefit %s", command->name);
    for (size_t i = 0; i < session->arguments.n; i++) {
        jf_text_add(&session->command, " ");
        jf_text_add_shell(&session->command, session->arguments.items[i]);
    }
    jf_options_print(sets, n_sets, &session->command);
}
