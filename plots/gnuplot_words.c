/* Texts and numbers in gnuplot's language. */
#include <ctype.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "plots/gnuplot_parts.h"
#include "plots/lettering.h"

/* Every ASCII character that could mean something to any of gnuplot's passes over a line (backquotes, macros,
 * quotes, braces, comments, escapes) is written as an octal escape, which is read last. Single quotes would
 * not do: gnuplot 5.4 misreads a doubled quote at the beginning of a string. */
static void add_quoted(jf_text *script, const char *text, bool tic)
{
    static const char harmless[] = " ._-+*/=,:()[]";

    jf_text_add(script, "\"");
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        if (*at >= 0x80 || isalnum(*at) || strchr(harmless, *at))
            jf_text_add_bytes(script, (const char *)at, 1);
        else
            jf_text_addf(script, tic && *at == '%' ? "\\%03o\\%03o" : "\\%03o", *at, *at);
    }
    jf_text_add(script, "\"");
}

void jf_gnuplot_add_text(jf_text *script, const char *text, bool tic)
{
    char *clean = jf_lettering_clean(text);

    if (clean)
        add_quoted(script, clean, tic);
    else
        script->failed = true;
    jf_free(clean);
}

void jf_gnuplot_quote(jf_text *script, const char *text)
{
    jf_gnuplot_add_text(script, text, false);
}

void jf_gnuplot_add_file(jf_text *script, const char *stem, const char *suffix)
{
    jf_text name = {0};

    jf_text_addf(&name, "./%s%s", stem, suffix);
    if (name.failed)
        script->failed = true;
    else
        add_quoted(script, name.data, false);
    jf_text_free(&name);
}

void jf_gnuplot_add_number(jf_text *script, const char *before, double value, const char *after)
{
    char buffer[JF_NUMBER_TEXT];

    jf_text_add(script, before);
    jf_text_add(script, isfinite(value) ? jf_number_short(buffer, value, 8) : "NaN");
    jf_text_add(script, after);
}
