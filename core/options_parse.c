/* Command lines read by option tables (popt). */
#include <popt.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "core/options.h"

/* One name that popt is told: a row, or the --no- form of a flag that is true by default. */
typedef struct spelling {
    const jf_option *option;
    void *settings;
    char *negated; /* "no-baselines", or NULL */
} spelling;

typedef struct parser {
    spelling *spellings;
    struct poptOption *popt; /* n + 1, zero-ended; val is the index of the spelling + 1 */
    size_t n;
    poptContext context;
    int argc;
    char **argv;
} parser;

static void parser_clear(parser *p)
{
    if (p->context) poptFreeContext(p->context);
    for (size_t i = 0; p->spellings && i < p->n; i++) jf_free(p->spellings[i].negated);
    jf_free(p->spellings);
    jf_free(p->popt);
}

static const char *spelling_name(const spelling *s)
{
    return s->negated ? s->negated : s->option->name;
}

static jf_status add_spelling(parser *p, const jf_option *option, void *settings, bool negated, jf_error *err)
{
    spelling *s = &p->spellings[p->n];
    struct poptOption *row = &p->popt[p->n];

    *s = (spelling){option, settings, NULL};
    if (negated) {
        jf_text name = {0};
        jf_text_addf(&name, "no-%s", option->name);
        s->negated = jf_text_take(&name);
        if (!s->negated) return jf_fail(err, JF_ENOMEM, "out of memory for options");
    }
    p->n++;
    *row = (struct poptOption){.longName = spelling_name(s),
                               .shortName = negated ? '\0' : option->letter,
                               .argInfo = option->kind == JF_OPTION_FLAG ? POPT_ARG_NONE : POPT_ARG_STRING,
                               .val = (int)p->n};
    return JF_OK;
}

static jf_status parser_build(parser *p, const jf_option_set *sets, size_t n_sets, int argc, char **argv,
                              jf_error *err)
{
    jf_status status = JF_OK;
    size_t most = 0;

    *p = (parser){.argc = argc, .argv = argv};
    for (size_t i = 0; i < n_sets; i++)
        for (const jf_option *option = sets[i].table; option->name; option++) most += 2;
    p->spellings = JF_NEW_ZEROED(spelling, most + 1);
    p->popt = JF_NEW_ZEROED(struct poptOption, most + 1);
    JF_TRY_NEW(p->spellings && p->popt, err, "options");
    for (size_t i = 0; i < n_sets; i++)
        for (const jf_option *option = sets[i].table; option->name; option++) {
            if (jf_option_is_taken_over(sets, n_sets, i, option)) continue;
            JF_TRY(add_spelling(p, option, sets[i].settings, false, err));
            if (jf_option_may_be_negated(option))
                JF_TRY(add_spelling(p, option, sets[i].settings, true, err));
        }
    p->context = poptGetContext(argc > 0 ? argv[0] : NULL, argc, (const char **)argv, p->popt, 0);
    JF_TRY_NEW(p->context, err, "options");
done:
    return status;
}

/* popt gives a copy that dies with its context; the same text stands in argv, which outlives the settings. */
static const char *find_in_argv(const parser *p, const char *text)
{
    size_t length = strlen(text);

    for (int i = 1; i < p->argc; i++) {
        size_t whole = strlen(p->argv[i]);
        if (whole >= length && strcmp(p->argv[i] + whole - length, text) == 0)
            return p->argv[i] + whole - length;
    }
    return NULL;
}

/* True for "--json" as an argument of its own where a value was expected: the value was forgotten. */
static bool is_option(const parser *p, const char *text)
{
    size_t length = strcspn(text, "=");
    bool stands_alone = false;

    if (length < 3 || strncmp(text, "--", 2) != 0) return false;
    for (int i = 1; i < p->argc; i++)
        if (strcmp(p->argv[i], text) == 0) stands_alone = true;
    if (!stands_alone) return false;
    for (size_t i = 0; i < p->n; i++) {
        const char *name = spelling_name(&p->spellings[i]);
        if (strlen(name) == length - 2 && strncmp(name, text + 2, length - 2) == 0) return true;
    }
    return false;
}

/* The option as it was given, and what may have been meant: another option, or a file. */
static jf_status unknown_option(const parser *p, const char *given, jf_error *err)
{
    const char **names = JF_NEW_ARRAY(const char *, p->n + 1);
    const char *near = NULL, *word = given + strspn(given, "-");
    char *bare = jf_copy_bytes(word, strcspn(word, "="));
    int shown = (int)(strcspn(given, "="));
    jf_status status;

    if (names && bare) {
        for (size_t i = 0; i < p->n; i++) names[i] = spelling_name(&p->spellings[i]);
        near = strlen(bare) > 1 ? jf_suggest(bare, names, p->n) : NULL;
    }
    if (near)
        status = jf_fail(err, JF_EUSAGE, "unknown option '%.*s' (did you mean '--%s'?)", shown, given, near);
    else if (strchr(word, '.'))
        status = jf_fail(err, JF_EUSAGE, "unknown option '%.*s' (a file of this name is './%s')", shown,
                         given, given);
    else
        status = jf_fail(err, JF_EUSAGE, "unknown option '%.*s'", shown, given);
    jf_free(bare);
    jf_free(names);
    return status;
}

static jf_status missing_value(const jf_option *option, jf_error *err)
{
    return jf_fail(err, JF_EUSAGE, "--%s: expected %s after it", option->name,
                   option->argument ? option->argument : "a value");
}

/* What popt found wrong with the option it stands at. */
static jf_status popt_failure(const parser *p, int code, jf_error *err)
{
    const char *given = poptBadOption(p->context, POPT_BADOPTION_NOALIAS);

    if (!given) given = "";
    if (code == POPT_ERROR_BADOPT) return unknown_option(p, given, err);
    if (code == POPT_ERROR_NOARG) {
        const char *bare = given;
        while (*bare == '-') bare++;
        for (size_t i = 0; i < p->n; i++) {
            const jf_option *option = p->spellings[i].option;
            bool is_letter = given[1] != '-' && option->letter && given[strlen(given) - 1] == option->letter;
            if (is_letter || strcmp(bare, option->name) == 0) return missing_value(option, err);
        }
    }
    if (code == POPT_ERROR_UNWANTEDARG) return jf_fail(err, JF_EUSAGE, "%s: a switch takes no value", given);
    return jf_fail(err, JF_EUSAGE, "%s: %s", given, poptStrerror(code));
}

static jf_status take_option(const parser *p, int code, jf_error *err)
{
    const spelling *s = &p->spellings[code - 1];
    char *copy;
    const char *text;

    if (s->option->kind == JF_OPTION_FLAG)
        return jf_options_set(s->option, s->settings, s->negated ? "false" : "true", err);
    copy = poptGetOptArg(p->context);
    text = copy ? find_in_argv(p, copy) : NULL;
    free(copy);
    if (!text || is_option(p, text)) return missing_value(s->option, err);
    return jf_options_set(s->option, s->settings, text, err);
}

static jf_status take_rest(const parser *p, jf_option_list *rest, jf_error *err)
{
    const char **left = poptGetArgs(p->context);

    for (; left && *left; left++) {
        const char *text = find_in_argv(p, *left);
        if (text && !jf_option_list_add(rest, text))
            return jf_fail(err, JF_ENOMEM, "out of memory for arguments");
    }
    return JF_OK;
}

jf_status jf_options_parse(const jf_option_set *sets, size_t n_sets, int argc, char **argv,
                           jf_option_list *rest, jf_error *err)
{
    jf_status status = JF_OK;
    parser p;
    int code;

    JF_TRY(parser_build(&p, sets, n_sets, argc, argv, err));
    while ((code = poptGetNextOpt(p.context)) > 0) JF_TRY(take_option(&p, code, err));
    if (code < -1) JF_TRY(popt_failure(&p, code, err));
    JF_TRY(take_rest(&p, rest, err));
done:
    parser_clear(&p);
    return status;
}
