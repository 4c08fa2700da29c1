/* Manual pages in roff: man(7) macros, one page a command. */
#include "cli/help/help_man.h"

#include <ctype.h>
#include <string.h>
#include "core/memory.h"

/* Text that stands for itself: a backslash is an escape, a hyphen would be typeset as a short dash that
 * cannot be copied to a shell, a dot or an apostrophe at the beginning of a line is a request. */
static void add_plain(jf_text *out, const char *text)
{
    bool at_start = true;

    for (; *text; text++) {
        if (at_start && (*text == '.' || *text == '\'')) jf_text_add(out, "\\&");
        if (*text == '\\')
            jf_text_add(out, "\\e");
        else if (*text == '-')
            jf_text_add(out, "\\-");
        else if (*text == '\'')
            jf_text_add(out, "\\(aq");
        else if (*text == '^')
            jf_text_add(out, "\\(ha");
        else if (*text == '~')
            jf_text_add(out, "\\(ti");
        else if (*text == '`')
            jf_text_add(out, "\\(ga");
        else
            jf_text_add_bytes(out, text, 1);
        at_start = *text == '\n';
    }
}

/* A title: .TH takes upper case. */
static void add_head(jf_text *out, const char *command, const char *summary)
{
    jf_text_add(out, ".TH \"JOULEFIT");
    if (command) {
        jf_text_add(out, "\\-");
        for (; *command; command++) jf_text_addf(out, "%c", toupper((unsigned char)*command));
    }
    jf_text_add(out, "\" 1 \"\" \"joulefit " JF_VERSION "\" \"User Commands\"\n.SH NAME\n");
    jf_text_add(out, summary);
}

static void add_examples(jf_text *out, const char *examples)
{
    jf_text_add(out, ".SH EXAMPLES\n.nf\n");
    add_plain(out, examples);
    jf_text_add(out, ".fi\n");
}

static void add_option(jf_text *out, const jf_option *option)
{
    jf_text remarks = {0};

    jf_text_add(out, ".TP\n");
    if (option->letter) jf_text_addf(out, "\\fB\\-%c\\fR, ", option->letter);
    jf_text_addf(out, "\\fB\\-\\-%s", jf_option_may_be_negated(option) ? "[no\\-]" : "");
    add_plain(out, option->name);
    jf_text_add(out, "\\fR");
    if (option->kind != JF_OPTION_FLAG) {
        jf_text_add(out, " \\fI");
        add_plain(out, option->argument ? option->argument : "VALUE");
        jf_text_add(out, "\\fR");
    }
    jf_text_add(out, "\n");
    add_plain(out, option->help);
    jf_option_remarks(option, &remarks);
    if (remarks.data) add_plain(out, remarks.data);
    jf_text_add(out, "\n");
    jf_text_free(&remarks);
}

static void add_options(jf_text *out, const jf_option_set *sets, size_t n_sets)
{
    jf_text_add(out, ".SH OPTIONS\n");
    for (size_t i = 0; i < n_sets; i++) {
        jf_text_add(out, ".SS ");
        add_plain(out, sets[i].title);
        jf_text_add(out, "\n");
        for (const jf_option *option = sets[i].table; option->name; option++)
            if (!jf_option_is_taken_over(sets, n_sets, i, option)) add_option(out, option);
    }
}

static void add_exit_codes(jf_text *out)
{
    static const struct {
        const char *code, *meaning;
    } rows[] = {{"0", "done"},
                {"1", "done with warnings, under \\fB\\-\\-strict\\fR"},
                {"2", "the request is wrong"},
                {"3", "the data are wrong"},
                {"4", "no usable fit"},
                {"5", "an output could not be written"},
                {"130", "interrupted"}};

    jf_text_add(out, ".SH EXIT STATUS\n");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        jf_text_addf(out, ".TP\n.B %s\n%s\n", rows[i].code, rows[i].meaning);
}

/* The other pages. */
static void add_see_also(jf_text *out, const jf_command *self)
{
    jf_text_add(out, ".SH SEE ALSO\n");
    if (self) jf_text_add(out, ".BR joulefit (1)");
    for (size_t i = 0; jf_commands[i]; i++)
        if (jf_commands[i] != self)
            jf_text_addf(out, "%s.BR joulefit\\-%s (1)", self || i ? ",\n" : "", jf_commands[i]->name);
    jf_text_add(out, "\n");
}

static jf_status add_command_page(const jf_command *command, jf_text *out, jf_error *err)
{
    jf_option_set sets[JF_MOST_SETS];
    jf_common_options common;
    jf_status status = JF_OK;
    void *settings = jf_alloc_zero(1, command->settings_size);
    size_t n_sets;

    JF_TRY_NEW(settings, err, "a manual page");
    n_sets = jf_command_sets(command, settings, &common, sets);
    add_head(out, command->name, "joulefit\\-");
    add_plain(out, command->name);
    jf_text_add(out, " \\- ");
    add_plain(out, command->summary);
    jf_text_add(out, "\n.SH SYNOPSIS\n.B joulefit\n");
    add_plain(out, command->usage);
    jf_text_add(out, "\n");
    add_examples(out, command->examples);
    add_options(out, sets, n_sets);
    add_exit_codes(out);
    add_see_also(out, command);
done:
    jf_free(settings);
    return status;
}

static void add_program_page(jf_text *out)
{
    add_head(out, NULL, "joulefit \\- fits and compares scaling laws for measured training energy\n");
    jf_text_add(out,
                ".SH SYNOPSIS\n.B joulefit\n.I COMMAND\n[\\fIOPTIONS\\fR] [\\fIFILE\\fR...]\n"
                ".SH DESCRIPTION\nResults go to standard output, all else to standard error; a file called "
                "\\fB\\-\\fR is standard input or output.\n.SH COMMANDS\n");
    for (size_t i = 0; jf_commands[i]; i++) {
        jf_text_addf(out, ".TP\n.B %s\n", jf_commands[i]->name);
        add_plain(out, jf_commands[i]->summary);
        jf_text_add(out, "\n");
    }
    add_exit_codes(out);
    add_see_also(out, NULL);
}

jf_status jf_help_man(const jf_command *command, jf_text *out, jf_error *err)
{
    if (command) return add_command_page(command, out, err);
    add_program_page(out);
    return JF_OK;
}
