/* A command line: finds the command, parses its options, runs it, prints what went wrong, and gives the exit
 * code. */
#include "cli/command_line.h"

#include <stdio.h>
#include <string.h>
#include "cli/command.h"
#include "cli/memory_limit.h"
#include "cli/progress.h"
#include "cli/setup.h"
#include "core/memory.h"
#include "core/output.h"
#include "core/parallel.h"
#include "core/progress.h"

/* `joulefit --version`, `joulefit -h`, ... as commands. */
static const char *command_word(const char *word)
{
    static const char *const help[] = {"-h", "--help", "-?"};

    for (size_t i = 0; i < sizeof help / sizeof *help; i++)
        if (strcmp(word, help[i]) == 0) return "help";
    return word;
}

static int exit_code(const jf_session *session, jf_status status)
{
    if (jf_stop_requested() && status != JF_OK) status = JF_EINTERRUPTED;
    if (status == JF_OK && session->common.strict && session->warnings.n) return 1;
    return jf_status_exit_code(status);
}

static jf_status run_parsed(const jf_command *command, jf_session *session, void *settings, jf_error *err)
{
    if (session->common.help) {
        jf_option_list_free(&session->arguments);
        if (!jf_option_list_add(&session->arguments, command->name))
            return jf_fail(err, JF_ENOMEM, "out of memory for help");
        return jf_command_help.run(session, NULL, err);
    }
    jf_status status = jf_memory_limit_set(session->common.memory, err);
    if (status == JF_OK && !command->output_is_folder) status = jf_session_check_output(session, err);
    return status == JF_OK ? command->run(session, settings, err) : status;
}

static void set_defaults(const jf_option_set *sets, size_t n_sets)
{
    for (size_t i = 0; i < n_sets; i++) jf_options_default(sets[i].table, sets[i].settings);
}

static void free_options(const jf_option_set *sets, size_t n_sets, jf_session *session)
{
    for (size_t i = 0; i < n_sets; i++) jf_options_free(sets[i].table, sets[i].settings);
    jf_option_list_free(&session->arguments);
}

/* What --setup names is put under what the command line says: that is read once more, over it. */
static jf_status read_setup(const jf_option_set *sets, size_t n_sets, int argc, char **argv,
                            jf_session *session, jf_setup *setup, jf_error *err)
{
    jf_status status = JF_OK;
    void *settings;
    const jf_option *option = jf_options_find(sets, n_sets, "setup", &settings);
    const char *path = option ? *(const char **)jf_option_field(option, settings) : NULL;
    bool take;

    if (!path) return JF_OK;
    free_options(sets, n_sets, session);
    set_defaults(sets, n_sets);
    JF_TRY(jf_setup_read(path, sets, n_sets, setup, err));
    JF_TRY(jf_options_parse(sets, n_sets, argc, argv, &session->arguments, err));
    take = session->arguments.n == 0;
    for (size_t i = 0; take && i < setup->data.n; i++)
        if (!jf_option_list_add(&session->arguments, setup->data.items[i])) JF_TRY_NEW(NULL, err, "options");
done:
    return status;
}

static void listen_to_progress(jf_progress_line *line)
{
    line->on_terminal = jf_progress_has_terminal();
    jf_progress_listen(jf_progress_show, line);
    jf_progress_forewarn(jf_progress_warn, line);
}

static int run_command(const jf_command *command, int argc, char **argv)
{
    jf_progress_line line = {0};
    jf_session session = {.progress = &line};
    jf_setup setup = {0};
    jf_error err = {0};
    jf_status status;
    int code;
    jf_option_set sets[JF_MOST_SETS];
    void *settings = jf_alloc_zero(1, command->settings_size);
    size_t n_sets = settings ? jf_command_sets(command, settings, &session.common, sets) : 0;
    bool parsed;

    set_defaults(sets, n_sets);
    status = settings ? jf_options_parse(sets, n_sets, argc, argv, &session.arguments, &err)
                      : jf_fail(&err, JF_ENOMEM, "out of memory for options");
    parsed = status == JF_OK;
    if (parsed) status = read_setup(sets, n_sets, argc, argv, &session, &setup, &err);
    if (status == JF_OK) jf_command_keep(command, sets, n_sets, &session);
    if (status == JF_OK && !session.common.quiet) listen_to_progress(&line);
    if (status == JF_OK) status = run_parsed(command, &session, settings, &err);
    jf_progress_listen(NULL, NULL);
    jf_progress_forewarn(NULL, NULL);
    jf_progress_erase(&line);

    jf_session_print_warnings(&session);
    if (status == JF_OK && jf_memory_now().ran_out)
        status = jf_fail(&err, JF_ENOMEM, "out of memory: parts of the result may be missing");
    if (status != JF_OK && status != JF_EINTERRUPTED && jf_stop_requested())
        jf_fail(&err, JF_EINTERRUPTED, "interrupted");
    jf_memory_limit_explain(&err);
    if (status != JF_OK) jf_session_print_error(&session, &err);
    if (status == JF_EUSAGE && !parsed)
        fprintf(stderr, "joulefit: 'joulefit help %s' shows its options\n", command->name);
    else if (status == JF_EUSAGE && argc == 1)
        fprintf(stderr, "joulefit: 'joulefit help %s' begins with examples\n", command->name);

    code = exit_code(&session, status);
    free_options(sets, n_sets, &session);
    jf_setup_free(&setup);
    jf_text_free(&session.command);
    jf_warnings_free(&session.warnings);
    jf_free(settings);
    return code;
}

int jf_command_line_run(int argc, char **argv)
{
    const char *word = argc > 1 ? command_word(argv[1]) : "help";
    const jf_command *command = jf_command_find(word);
    jf_session session = {0};
    jf_error err = {0};

    if (strcmp(word, "--version") == 0) {
        const char *text = "joulefit " JF_VERSION "\n";
        jf_status status = jf_output_write("-", text, strlen(text), &err);
        if (status != JF_OK) jf_session_print_error(&session, &err);
        return jf_status_exit_code(status);
    }
    if (command) return run_command(command, argc > 1 ? argc - 1 : 1, argc > 1 ? argv + 1 : argv);
    jf_command_unknown(word, &err);
    jf_session_print_error(&session, &err);
    fputs("joulefit: 'joulefit help' lists the commands\n", stderr);
    return jf_status_exit_code(JF_EUSAGE);
}
