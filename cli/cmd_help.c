/* joulefit help: what the program can do, a command's examples and options, or what a warning means. */
#include <ctype.h>
#include <string.h>
#include "cli/command.h"
#include "cli/help_language.h"
#include "core/memory.h"

enum { HELP_WIDTH = 80 };

static void add_overview(jf_text *out)
{
    jf_text_add(out,
                "joulefit " JF_VERSION ": fits and compares scaling laws for measured training energy\n\n");
    jf_text_add(out, "usage: joulefit COMMAND [OPTIONS] [FILE...]\n\n");
    for (size_t i = 0; jf_commands[i]; i++)
        jf_text_addf(out, "  %-10s %s\n", jf_commands[i]->name, jf_commands[i]->summary);
    jf_text_add(out,
                "\n'joulefit help COMMAND' begins with examples; 'joulefit help language' shows how laws are "
                "written;\n"
                "'joulefit help W_CODE' explains a warning.\n"
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
    n_sets = command->sets ? command->sets(settings, sets) : 0;
    sets[n_sets++] = (jf_option_set){"Common options", jf_common_options_table, &common};
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

static jf_status add_topic(const char *name, jf_text *out, jf_error *err)
{
    enum { N_TOPICS = sizeof topics / sizeof *topics };
    const char *known[N_TOPICS];
    char suggestion[128];

    for (size_t i = 0; i < N_TOPICS; i++) {
        known[i] = topics[i].name;
        if (strcmp(topics[i].name, name) != 0) continue;
        topics[i].add(out);
        return JF_OK;
    }
    jf_did_you_mean(suggestion, sizeof suggestion, name, known, N_TOPICS);
    if (*suggestion) return jf_fail(err, JF_EUSAGE, "unknown topic '%s'%s", name, suggestion);
    return jf_command_unknown(name, err);
}

static jf_status run_help(jf_session *session, void *settings, jf_error *err)
{
    jf_status status = JF_OK;
    const char *topic = session->arguments.n ? session->arguments.items[0] : NULL;
    const jf_command *command = topic ? jf_command_find(topic) : NULL;
    jf_text text = {0};

    (void)settings;
    if (session->arguments.n > 1)
        return jf_fail(err, JF_EUSAGE, "expected one command or warning code, found %zu",
                       session->arguments.n);
    if (!topic)
        add_overview(&text);
    else if (command)
        JF_TRY(add_command(command, &text, err));
    else if (strncmp(topic, "W_", 2) == 0)
        JF_TRY(explain_code(topic, &text, err));
    else
        JF_TRY(add_topic(topic, &text, err));
    JF_TRY_NEW(text.data && !text.failed, err, "help");
    JF_TRY(jf_session_write_bytes(session, text.data, text.length, err));
done:
    jf_text_free(&text);
    return status;
}

const jf_command jf_command_help = {
    .name = "help",
    .summary = "examples and options of a command, the language of formulas, or a warning",
    .usage = "help [COMMAND | W_CODE | language | warnings]",
    .examples = "  joulefit help fit\n"
                "  joulefit help W_DUPLICATES\n"
                "  joulefit help language\n"
                "  joulefit help warnings\n",
    .run = run_help,
};
