/* Help for option tables. */
#include <string.h>
#include "core/options.h"

enum { HELP_NAMES = 30 }; /* columns for names; help text begins after them */

static void add_names(const jf_option *option, jf_text *out)
{
    if (option->letter)
        jf_text_addf(out, "  -%c, ", option->letter);
    else
        jf_text_add(out, "      ");
    jf_text_addf(out, jf_option_may_be_negated(option) ? "--[no-]%s" : "--%s", option->name);
    if (option->kind != JF_OPTION_FLAG)
        jf_text_addf(out, " %s", option->argument ? option->argument : "VALUE");
}

void jf_option_remarks(const jf_option *option, jf_text *out)
{
    bool is_number = option->kind == JF_OPTION_INTEGER || option->kind == JF_OPTION_NUMBER;
    jf_text notes = {0};

    if (option->kind == JF_OPTION_CHOICE)
        for (size_t i = 0; option->choices[i]; i++)
            jf_text_addf(&notes, "%s%s", i ? ", " : "", option->choices[i]);
    if (is_number) jf_option_range(option, &notes);
    if (option->by_default && option->kind != JF_OPTION_FLAG)
        jf_text_addf(&notes, "%sdefault %s", notes.length ? "; " : "", option->by_default);
    if (option->kind == JF_OPTION_LIST) jf_text_addf(&notes, "%smay be repeated", notes.length ? "; " : "");
    if (notes.length) jf_text_addf(out, " (%s)", notes.data);
    jf_text_free(&notes);
}

/* Words of `text` in lines of `width` columns; lines after the first begin with `indent` blanks. */
static void add_wrapped(const char *text, size_t indent, size_t width, jf_text *out)
{
    size_t column = indent;
    bool first = true;

    while (*text) {
        size_t word = strcspn(text, " ");
        if (!first && column + 1 + word > width) {
            jf_text_add(out, "\n");
            jf_text_pad(out, ' ', indent);
            column = indent;
        } else if (!first) {
            jf_text_add(out, " ");
            column++;
        }
        jf_text_add_bytes(out, text, word);
        column += word;
        text += word;
        text += strspn(text, " ");
        first = false;
    }
    jf_text_add(out, "\n");
}

static void add_row(const jf_option *option, size_t width, jf_text *out)
{
    jf_text names = {0}, help = {0};

    add_names(option, &names);
    jf_text_add(&help, option->help);
    jf_option_remarks(option, &help);
    if (names.data) jf_text_add(out, names.data);
    if (names.length + 2 > HELP_NAMES) {
        jf_text_add(out, "\n");
        jf_text_pad(out, ' ', HELP_NAMES);
    } else {
        jf_text_pad(out, ' ', HELP_NAMES - names.length);
    }
    if (help.data) add_wrapped(help.data, HELP_NAMES, width, out);
    jf_text_free(&names);
    jf_text_free(&help);
}

void jf_options_help(const jf_option_set *sets, size_t n_sets, size_t width, jf_text *out)
{
    if (width < HELP_NAMES + 20) width = HELP_NAMES + 20;
    for (size_t i = 0; i < n_sets; i++) {
        jf_text_addf(out, "%s%s:\n", i ? "\n" : "", sets[i].title);
        for (const jf_option *option = sets[i].table; option->name; option++)
            if (!jf_option_is_taken_over(sets, n_sets, i, option)) add_row(option, width, out);
    }
}
