/* Results as LaTeX macros. */
#include "reports/numbers.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "reports/faces.h"
#include "reports/number.h"
#include "reports/result.h"
#include "reports/walk.h"

enum { LONGEST_WORDS = 300 };

/* Keys are compared letter by letter, whatever TeX makes of _ or ~ elsewhere. */
static const char head[] =
    "% Numbers of this study: \\jf{KEY}, KEY as it stands below. Written by joulefit; do not edit.\n"
    "\\makeatletter\n"
    "\\providecommand{\\jf}[1]{\\ifcsname jf@\\detokenize{#1}\\endcsname"
    "\\csname jf@\\detokenize{#1}\\endcsname\\else"
    "\\PackageError{joulefit}{no number '\\detokenize{#1}'}{Look into numbers.tex.}\\textbf{??}\\fi}\n"
    "\\providecommand{\\jf@set}[2]{\\expandafter\\def\\csname jf@\\detokenize{#1}\\endcsname{#2}}\n"
    "\\makeatother\n";

void jf_numbers_begin(jf_text *out)
{
    jf_text_add(out, head);
}

typedef struct writing {
    jf_text *out;
    int digits;
} writing;

/* "-2.9e-12" as \ensuremath{-2.9\times10^{-12}}: right in text and in formulas. */
static void add_number(jf_text *out, const char *shown)
{
    const char *e = strchr(shown, 'e');

    if (!e || !strpbrk(shown, "0123456789"))
        jf_text_addf(out, "\\ensuremath{%s}", shown);
    else
        jf_text_addf(out, "\\ensuremath{%.*s\\times10^{%s}}", (int)(e - shown), shown, e + 1);
}

static void begin_macro(jf_text *out, const char *path, size_t length)
{
    jf_text_addf(out, "\\csname jf@set\\endcsname{%.*s}{", (int)length, path);
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), n = strlen(end);
    return length >= n && !strcmp(text + length - n, end);
}

/* As the tables show it. */
static const char *show(const writing *to, const jf_leaf *leaf, char *text)
{
    static const char *const rounded[] = {"estimate", "ci_low", "ci_high"};
    double value = json_number_value(leaf->value), error = jf_result_number(leaf->holder, "std_error");

    if (json_is_integer(leaf->value)) {
        snprintf(text, JF_NUMBER_TEXT, "%lld", (long long)json_integer_value(leaf->value));
        return text;
    }
    if (!strcmp(leaf->key, "std_error")) return jf_show_error(text, value);
    if (ends_with(leaf->key, "p_value") || ends_with(leaf->key, "p_adjusted")) return jf_show_p(text, value);
    for (size_t i = 0; i < sizeof rounded / sizeof *rounded; i++)
        if (!strcmp(leaf->key, rounded[i])) return jf_show_estimate(text, value, error, to->digits);
    return jf_show_number(text, value, to->digits);
}

static void add_with_error(const writing *to, const jf_leaf *leaf)
{
    double error = jf_result_number(leaf->holder, "std_error"), value = json_number_value(leaf->value);
    size_t length = strlen(leaf->path) - strlen("estimate");
    char a[JF_NUMBER_TEXT], b[JF_NUMBER_TEXT];

    if (strcmp(leaf->key, "estimate") != 0 || !isfinite(error)) return;
    jf_text_addf(to->out, "\\csname jf@set\\endcsname{%.*spm}{\\ensuremath{", (int)length, leaf->path);
    add_number(to->out, jf_show_estimate(a, value, error, to->digits));
    jf_text_add(to->out, "\\pm");
    add_number(to->out, jf_show_error(b, error));
    jf_text_add(to->out, "}}\n");
}

static jf_status visit(void *context, const jf_leaf *leaf, jf_error *err)
{
    const writing *to = context;
    const char *words = json_string_value(leaf->value);
    char text[JF_NUMBER_TEXT];

    if (words && strlen(words) > LONGEST_WORDS) return JF_OK;
    if (!words && !json_is_number(leaf->value)) return JF_OK;
    begin_macro(to->out, leaf->path, strlen(leaf->path));
    if (words) {
        char *clean = jf_doc_clean(words); /* no control character gets into TeX */
        if (!clean) return jf_fail(err, JF_ENOMEM, "out of memory for numbers");
        jf_latex_add_text(to->out, clean);
        jf_free(clean);
    } else {
        add_number(to->out, show(to, leaf, text));
    }
    jf_text_add(to->out, "}\n");
    if (!words) add_with_error(to, leaf);
    return JF_OK;
}

jf_status jf_numbers_add(const char *name, const json_t *result, int digits, jf_text *out, jf_error *err)
{
    static const char *const skip[] = {"rows",   "splits",       "matrix", "model", "basins",
                                       "inputs", "columns_read", "names",  NULL};
    writing to = {.out = out, .digits = digits > 0 ? digits : 4};
    jf_status status = jf_walk(result, name, skip, visit, &to, err);

    if (status == JF_OK && out->failed) return jf_fail(err, JF_ENOMEM, "out of memory for numbers");
    return status;
}
