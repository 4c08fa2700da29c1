/* Option tables: defaults, checked values, parsing (popt) and help. */
#include "core/options.h"

#include <assert.h>
#include <math.h>
#include <popt.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"

enum { LARGEST_EXACT_BITS = 53 };

static size_t choices_count(const char *const *choices)
{
    size_t n = 0;
    while (choices[n]) n++;
    return n;
}

void *jf_option_field(const jf_option *option, void *settings)
{
    return (char *)settings + option->offset;
}

static bool is_true_by_default(const jf_option *option)
{
    return option->kind == JF_OPTION_FLAG && option->by_default && strcmp(option->by_default, "true") == 0;
}

/* "from 1 to 64", "at least 1", "at most 0.5", or nothing when any number will do. */
static void add_range(const jf_option *option, jf_text *out)
{
    char low[JF_NUMBER_TEXT], high[JF_NUMBER_TEXT];
    bool has_low = isfinite(option->low), has_high = isfinite(option->high);

    jf_number_exact(low, option->low);
    jf_number_exact(high, option->high);
    if (has_low && has_high && option->high < 0x1p53)
        jf_text_addf(out, "from %s to %s", low, high);
    else if (has_low)
        jf_text_addf(out, "at least %s", low);
    else if (has_high)
        jf_text_addf(out, "at most %s", high);
}

static jf_status bad_number(const jf_option *option, const char *text, jf_error *err)
{
    const char *kind = option->kind == JF_OPTION_INTEGER ? "a whole number" : "a number";
    jf_text range = {0};
    jf_status status;

    add_range(option, &range);
    status = jf_fail(err, JF_EUSAGE, "--%s: expected %s%s%s, found '%s'", option->name, kind,
                     range.length ? " " : "", range.length ? range.data : "", text);
    jf_text_free(&range);
    return status;
}

static jf_status set_number(const jf_option *option, void *field, const char *text, jf_error *err)
{
    double value;

    if (!jf_number_read(text, strlen(text), &value) || value < option->low || value > option->high)
        return bad_number(option, text, err);
    if (option->kind == JF_OPTION_NUMBER) {
        *(double *)field = value;
        return JF_OK;
    }
    if (value != floor(value) || fabs(value) > ldexp(1, LARGEST_EXACT_BITS))
        return bad_number(option, text, err);
    *(int64_t *)field = (int64_t)value;
    return JF_OK;
}

static jf_status set_choice(const jf_option *option, void *field, const char *text, jf_error *err)
{
    size_t n = choices_count(option->choices);
    char suggestion[128];
    jf_text all = {0};
    jf_status status;

    for (size_t i = 0; i < n; i++) {
        if (strcmp(option->choices[i], text) != 0) continue;
        *(int *)field = (int)i;
        return JF_OK;
    }
    for (size_t i = 0; i < n; i++)
        jf_text_addf(&all, "%s%s", i == 0 ? "" : i + 1 == n ? " or " : ", ", option->choices[i]);
    status =
        jf_fail(err, JF_EUSAGE, "--%s: expected %s, found '%s'%s", option->name, all.data ? all.data : "",
                text, jf_did_you_mean(suggestion, sizeof suggestion, text, option->choices, n));
    jf_text_free(&all);
    return status;
}

static jf_status set_flag(const jf_option *option, void *field, const char *text, jf_error *err)
{
    bool yes = strcmp(text, "true") == 0;

    if (!yes && strcmp(text, "false") != 0)
        return jf_fail(err, JF_EUSAGE, "--%s: expected true or false, found '%s'", option->name, text);
    *(bool *)field = yes;
    return JF_OK;
}

jf_status jf_options_set(const jf_option *option, void *settings, const char *text, jf_error *err)
{
    void *field = jf_option_field(option, settings);

    switch (option->kind) {
    case JF_OPTION_FLAG: return set_flag(option, field, text, err);
    case JF_OPTION_INTEGER:
    case JF_OPTION_NUMBER: return set_number(option, field, text, err);
    case JF_OPTION_CHOICE: return set_choice(option, field, text, err);
    case JF_OPTION_TEXT: *(const char **)field = text; return JF_OK;
    case JF_OPTION_LIST:
        if (!jf_option_list_add(field, text))
            return jf_fail(err, JF_ENOMEM, "out of memory for the values of --%s", option->name);
        return JF_OK;
    }
    assert(!"an option of no known kind");
    return JF_EUSAGE;
}

static void set_empty(const jf_option *option, void *field)
{
    switch (option->kind) {
    case JF_OPTION_FLAG: *(bool *)field = false; break;
    case JF_OPTION_INTEGER: *(int64_t *)field = 0; break;
    case JF_OPTION_NUMBER: *(double *)field = 0; break;
    case JF_OPTION_CHOICE: *(int *)field = 0; break;
    case JF_OPTION_TEXT: *(const char **)field = NULL; break;
    case JF_OPTION_LIST: *(jf_option_list *)field = (jf_option_list){0}; break;
    }
}

void jf_options_default(const jf_option *table, void *settings)
{
    for (const jf_option *option = table; option->name; option++) {
        jf_status status = JF_OK;
        set_empty(option, jf_option_field(option, settings));
        if (option->by_default) status = jf_options_set(option, settings, option->by_default, NULL);
        assert(status == JF_OK && "a default outside its own range");
        (void)status;
    }
}

bool jf_option_list_add(jf_option_list *list, const char *item)
{
    if (!jf_grow((void **)&list->items, &list->capacity, list->n + 1, sizeof *list->items)) return false;
    list->items[list->n++] = item;
    return true;
}

void jf_option_list_free(jf_option_list *list)
{
    jf_free(list->items);
    *list = (jf_option_list){0};
}

void jf_options_free(const jf_option *table, void *settings)
{
    for (const jf_option *option = table; option->name; option++)
        if (option->kind == JF_OPTION_LIST) jf_option_list_free(jf_option_field(option, settings));
}

/* A name that a later set has too belongs to that one. */
static bool is_taken_over(const jf_option_set *sets, size_t n_sets, size_t set, const jf_option *option)
{
    for (size_t later = set + 1; later < n_sets; later++)
        for (const jf_option *other = sets[later].table; other->name; other++)
            if (strcmp(other->name, option->name) == 0) return true;
    return false;
}

const jf_option *jf_options_find(const jf_option_set *sets, size_t n_sets, const char *name, void **settings)
{
    for (size_t i = n_sets; i-- > 0;)
        for (const jf_option *option = sets[i].table; option->name; option++)
            if (strcmp(option->name, name) == 0) {
                *settings = sets[i].settings;
                return option;
            }
    *settings = NULL;
    return NULL;
}

/* ---- parsing ---- */

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
            if (is_taken_over(sets, n_sets, i, option)) continue;
            JF_TRY(add_spelling(p, option, sets[i].settings, false, err));
            if (is_true_by_default(option)) JF_TRY(add_spelling(p, option, sets[i].settings, true, err));
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

static jf_status unknown_option(const parser *p, const char *given, jf_error *err)
{
    const char **names = JF_NEW_ARRAY(const char *, p->n + 1);
    const char *near = NULL;
    char *bare;
    jf_status status;

    while (*given == '-') given++;
    bare = jf_copy_bytes(given, strcspn(given, "="));
    if (names && bare) {
        for (size_t i = 0; i < p->n; i++) names[i] = spelling_name(&p->spellings[i]);
        near = strlen(bare) > 1 ? jf_suggest(bare, names, p->n) : NULL;
    }
    status =
        jf_fail(err, JF_EUSAGE, "unknown option '%s%s'%s%s%s", strlen(given) > 1 ? "--" : "-",
                bare ? bare : given, near ? " (did you mean '--" : "", near ? near : "", near ? "'?)" : "");
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

/* ---- help ---- */

enum { HELP_NAMES = 30 }; /* columns for names; help text begins after them */

static void add_names(const jf_option *option, jf_text *out)
{
    if (option->letter)
        jf_text_addf(out, "  -%c, ", option->letter);
    else
        jf_text_add(out, "      ");
    jf_text_addf(out, is_true_by_default(option) ? "--[no-]%s" : "--%s", option->name);
    if (option->kind != JF_OPTION_FLAG)
        jf_text_addf(out, " %s", option->argument ? option->argument : "VALUE");
}

static void add_remarks(const jf_option *option, jf_text *out)
{
    bool is_number = option->kind == JF_OPTION_INTEGER || option->kind == JF_OPTION_NUMBER;
    jf_text notes = {0};

    if (option->kind == JF_OPTION_CHOICE)
        for (size_t i = 0; option->choices[i]; i++)
            jf_text_addf(&notes, "%s%s", i ? ", " : "", option->choices[i]);
    if (is_number) add_range(option, &notes);
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
    add_remarks(option, &help);
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
            if (!is_taken_over(sets, n_sets, i, option)) add_row(option, width, out);
    }
}

/* ---- printing ---- */

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
            if (option->aside || is_taken_over(sets, n_sets, s, option) || is_default(option, now)) continue;
            print_set(option, now, out);
        }
}
