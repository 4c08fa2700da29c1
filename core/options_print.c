/* Settings as the command line that gives them. */
#include <stdint.h>
#include <string.h>
#include "core/options.h"

typedef union value {
    bool yes;
    int64_t integer;
    double number;
    int choice;
    const char *text;
} value;

static bool is_default(const jf_option *option, const void *now)
{
    jf_option alone[] = {*option, {NULL}};
    value usual;
    const char *text;

    if (option->kind == JF_OPTION_LIST) return ((const jf_option_list *)now)->n == 0; /* none has a default */
    alone[0].offset = 0;
    jf_options_default(alone, &usual);
    switch (option->kind) {
    case JF_OPTION_FLAG: return *(const bool *)now == usual.yes;
    case JF_OPTION_INTEGER: return *(const int64_t *)now == usual.integer;
    case JF_OPTION_NUMBER:
        return !(*(const double *)now < usual.number || *(const double *)now > usual.number);
    case JF_OPTION_CHOICE: return *(const int *)now == usual.choice;
    default: text = *(const char *const *)now; return !text || (usual.text && strcmp(text, usual.text) == 0);
    }
}

static void print_option(const jf_option *option, const char *text, jf_text *out)
{
    jf_text_addf(out, " --%s ", option->name);
    jf_text_add_shell(out, text);
}

static void print_set(const jf_option *option, const void *now, jf_text *out)
{
    const jf_option_list *list = now;
    char number[JF_NUMBER_TEXT];

    switch (option->kind) {
    case JF_OPTION_FLAG: jf_text_addf(out, " --%s%s", *(const bool *)now ? "" : "no-", option->name); break;
    case JF_OPTION_INTEGER:
        jf_text_addf(out, " --%s %lld", option->name, (long long)*(const int64_t *)now);
        break;
    case JF_OPTION_NUMBER: print_option(option, jf_number_exact(number, *(const double *)now), out); break;
    case JF_OPTION_CHOICE: print_option(option, option->choices[*(const int *)now], out); break;
    case JF_OPTION_TEXT: print_option(option, *(const char *const *)now, out); break;
    case JF_OPTION_LIST:
        for (size_t i = 0; i < list->n; i++) print_option(option, list->items[i], out);
        break;
    }
}

void jf_options_print(const jf_option_set *sets, size_t n_sets, jf_text *out)
{
    for (size_t s = 0; s < n_sets; s++)
        for (const jf_option *option = sets[s].table; option->name; option++) {
            const void *now = jf_option_field(option, sets[s].settings);
            if (option->aside || jf_option_is_taken_over(sets, n_sets, s, option) || is_default(option, now))
                continue;
            print_set(option, now, out);
        }
}
