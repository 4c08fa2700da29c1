/* Completion in fish: a line for each command, option and word. */
#include "cli/help/help_completion_parts.h"
#include "core/memory.h"

/* In single quotes, where fish reads only \\ and \'. */
static void add_quoted(jf_text *out, const char *text)
{
    jf_text_add(out, "'");
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\') jf_text_add(out, "\\");
        jf_text_add_bytes(out, text, 1);
    }
    jf_text_add(out, "'");
}

/* What every line begins with: it holds once the command stands there. */
static void begin_line(jf_text *out, const jf_command *command)
{
    jf_text_addf(out, "complete -c joulefit -n '__fish_seen_subcommand_from %s'", command->name);
}

static jf_status add_option(const jf_command *command, const jf_option *option, jf_text *out, jf_error *err)
{
    jf_text words = {0};
    jf_status status = jf_completion_add_values(option, &words, err);

    begin_line(out, command);
    jf_text_addf(out, " -l %s", option->name);
    if (option->letter) jf_text_addf(out, " -s %c", option->letter);
    if (option->kind != JF_OPTION_FLAG) jf_text_add(out, words.data ? " -x -a " : " -r");
    if (words.data) add_quoted(out, words.data + 1);
    jf_text_add(out, " -d ");
    add_quoted(out, option->help);
    jf_text_add(out, "\n");
    if (jf_option_may_be_negated(option)) {
        begin_line(out, command);
        jf_text_addf(out, " -l no-%s\n", option->name);
    }
    jf_text_free(&words);
    return status;
}

static jf_status add_command(const jf_command *command, jf_text *out, jf_error *err)
{
    jf_option_set sets[JF_MOST_SETS];
    jf_common_options common;
    jf_status status = JF_OK;
    jf_text words = {0};
    void *settings = jf_alloc_zero(1, command->settings_size);
    size_t n_sets;

    JF_TRY_NEW(settings, err, "a completion");
    jf_text_addf(out, "complete -c joulefit -f -n __fish_use_subcommand -a %s -d ", command->name);
    add_quoted(out, command->summary);
    jf_text_add(out, "\n");
    n_sets = jf_command_sets(command, settings, &common, sets);
    for (size_t i = 0; i < n_sets; i++)
        for (const jf_option *option = sets[i].table; option->name; option++)
            if (!jf_option_is_taken_over(sets, n_sets, i, option))
                JF_TRY(add_option(command, option, out, err));
    JF_TRY(jf_completion_add_arguments(command, &words, err));
    if (words.data) {
        begin_line(out, command);
        jf_text_add(out, " -a ");
        add_quoted(out, words.data + 1);
        jf_text_add(out, "\n");
    }
done:
    jf_text_free(&words);
    jf_free(settings);
    return status;
}

jf_status jf_completion_fish(jf_text *out, jf_error *err)
{
    jf_status status = JF_OK;

    jf_text_add(out, "# Completion of joulefit in fish; made by 'joulefit help --completion fish'.\n");
    for (size_t i = 0; jf_commands[i] && status == JF_OK; i++) status = add_command(jf_commands[i], out, err);
    return status;
}
