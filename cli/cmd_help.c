/* joulefit help: what the program can do, a command's examples and options, or what a warning means. */
#include <ctype.h>
#include <string.h>
#include "cli/command.h"
#include "cli/help/help_completion.h"
#include "cli/help/help_language.h"
#include "cli/help/help_man.h"
#include "core/memory.h"

enum { HELP_WIDTH = 80 };

typedef struct help_settings {
    bool man;
    int completion;
} help_settings;

static const jf_option help_table[] = {
    {"man", 0, JF_OPTION_FLAG, offsetof(help_settings, man),
     .help = "the manual page of the command, or of the program, for man -l"},
    {"completion", 0, JF_OPTION_CHOICE, offsetof(help_settings, completion), "none",
     .choices = jf_completion_shells, .argument = "SHELL",
     .help = "a script that completes commands, options and names; source it, or install it"},
    {NULL}};

static size_t help_sets(void *settings, jf_option_set *sets)
{
    sets[0] = (jf_option_set){"For other programs", help_table, settings};
    return 1;
}

static void add_overview(jf_text *out)
{
    jf_text_add(out,
                "joulefit " JF_VERSION ": fits and compares scaling laws for measured training energy\n\n"
                "To begin with, on runs that are bundled:\n"
                "  joulefit fit data/sets/bert_sweep_simulated.csv --proxy C --law compute_power\n"
                "  joulefit compare data/sets/bert_sweep_simulated.csv --group num_layers,hidden_size \\\n"
                "      --proxy C,M,eta --law compute_power --law roofline --save result.json\n"
                "  joulefit report result.json -o report.html\n"
                "  joulefit plot parity result.json -o parity.pdf\n\n");
    jf_text_add(out, "usage: joulefit COMMAND [OPTIONS] [FILE...]\n\n");
    for (size_t i = 0; jf_commands[i]; i++)
        jf_text_addf(out, "  %-10s %s\n", jf_commands[i]->name, jf_commands[i]->summary);
    jf_text_add(out,
                "\n'joulefit help COMMAND' begins with examples; 'joulefit help language' shows how laws are "
                "written;\n"
                "'joulefit help W_CODE' explains a warning; 'joulefit plot --list' lists the figures.\n"
                "Results go to stdout, all else to stderr; - is stdin or stdout.\n"
                "Exit: 0 done, 1 warnings under --strict, 2 usage, 3 data, 4 no usable fit, 5 output not\n"
                "written, 130 interrupted.\n");
}

static jf_status add_command(const jf_command *command, jf_text *out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_option_set sets[JF_MOST_SETS];
    jf_common_options common;
    void *settings = jf_alloc_zero(1, command->settings_size);
    size_t n_sets;

    JF_TRY_NEW(settings, err, "help");
    n_sets = jf_command_sets(command, settings, &common, sets);
    jf_text_addf(out, "joulefit %s: %s\n\nExamples:\n%s\nusage: joulefit %s\n\n", command->name,
                 command->summary, command->examples, command->usage);
    jf_options_help(sets, n_sets, HELP_WIDTH, out);
done:
    jf_free(settings);
    return status;
}

static void add_warning(const jf_warning_help *warning, jf_text *out)
{
    jf_text_addf(out, "%s\n  what it means: %s\n  what to do:    %s\n", warning->code, warning->meaning,
                 warning->cure);
}

static jf_status explain_code(const char *code, jf_text *out, jf_error *err)
{
    const jf_warning_help *warning = jf_warning_explain(code);
    const char *codes[128];
    char suggestion[128];
    size_t n = 0;

    if (warning) {
        add_warning(warning, out);
        return JF_OK;
    }
    for (; n < sizeof codes / sizeof *codes && jf_warning_codes[n].code; n++)
        codes[n] = jf_warning_codes[n].code;
    return jf_fail(err, JF_EUSAGE, "unknown warning code '%s'%s", code,
                   jf_did_you_mean(suggestion, sizeof suggestion, code, codes, n));
}

static void add_warnings(jf_text *out)
{
    for (const jf_warning_help *row = jf_warning_codes; row->code; row++) add_warning(row, out);
}

/* What can be asked for beside commands and codes of warnings. */
static const struct {
    const char *name;
    void (*add)(jf_text *out);
} topics[] = {{"language", jf_help_language}, {"warnings", add_warnings}};

static jf_status unknown_topic(const char *name, jf_error *err)
{
    enum { N_TOPICS = sizeof topics / sizeof *topics };
    const char *known[N_TOPICS];
    char suggestion[128];

    for (size_t i = 0; i < N_TOPICS; i++) known[i] = topics[i].name;
    jf_did_you_mean(suggestion, sizeof suggestion, name, known, N_TOPICS);
    if (*suggestion) return jf_fail(err, JF_EUSAGE, "unknown topic '%s'%s", name, suggestion);
    return jf_command_unknown(name, err);
}

static jf_status add_topic(const char *name, jf_text *out, jf_error *err)
{
    const jf_command *command = jf_command_find(name);

    if (command) return add_command(command, out, err);
    if (strncmp(name, "W_", 2) == 0) return explain_code(name, out, err);
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++) {
        if (strcmp(topics[i].name, name) != 0) continue;
        topics[i].add(out);
        return JF_OK;
    }
    return unknown_topic(name, err);
}

static jf_status add_page(const char *name, jf_text *out, jf_error *err)
{
    const jf_command *command = name ? jf_command_find(name) : NULL;

    if (name && !command) return jf_command_unknown(name, err);
    return jf_help_man(command, out, err);
}

/* `settings` NULL: for another command that was asked for help. */
static jf_status run_help(jf_session *session, void *settings, jf_error *err)
{
    const help_settings *s = settings;
    jf_status status = JF_OK;
    const char *topic = session->arguments.n ? session->arguments.items[0] : NULL;
    jf_text text = {0};

    if (session->arguments.n > 1)
        return jf_fail(err, JF_EUSAGE, "expected one command or warning code, found %zu",
                       session->arguments.n);
    if (s && s->completion)
        JF_TRY(jf_help_completion(s->completion, &text, err));
    else if (s && s->man)
        JF_TRY(add_page(topic, &text, err));
    else if (topic)
        JF_TRY(add_topic(topic, &text, err));
    else
        add_overview(&text);
    JF_TRY_NEW(text.data && !text.failed, err, "help");
    JF_TRY(jf_session_write_bytes(session, text.data, text.length, err));
done:
    jf_text_free(&text);
    return status;
}

const jf_command jf_command_help = {
    .name = "help",
    .summary = "examples and options of a command, the language of formulas, or a warning",
    .usage = "help [COMMAND | W_CODE | language | warnings] [OPTIONS]",
    .examples = "  joulefit help fit\n"
                "  joulefit help W_DUPLICATES\n"
                "  joulefit help language\n"
                "  joulefit help warnings\n"
                "  joulefit help --man fit -o joulefit-fit.1\n"
                "  joulefit help --completion bash -o joulefit.bash\n",
    .settings_size = sizeof(help_settings),
    .sets = help_sets,
    .run = run_help,
};
