/* Cutting the text of an expression into tokens. */
#include "core/expr/tokens.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "core/expr/node.h"
#include "core/memory.h"

bool jf_name_starts(char c)
{
    return isalpha((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

bool jf_name_goes_on(char c)
{
    return jf_name_starts(c) || isdigit((unsigned char)c) || c == '.';
}

jf_status jf_tokens_fail(const jf_tokens *tokens, int position, const char *format, ...)
{
    char message[768];
    va_list args;

    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    return jf_fail(tokens->err, JF_EUSAGE, "%s: column %d: %s", tokens->what, position, message);
}

const char *jf_token_shown(const jf_token *token, char *buffer, size_t size)
{
    int shown = token->length > 40 ? 40 : (int)token->length;

    if (token->kind == JF_TOKEN_END)
        snprintf(buffer, size, "the end");
    else if (token->kind == JF_TOKEN_STRING)
        snprintf(buffer, size, "%.*s", shown, token->start);
    else
        snprintf(buffer, size, "'%.*s'", shown, token->start);
    return buffer;
}

char *jf_token_text(const jf_token *token)
{
    bool quoted = token->kind != JF_TOKEN_NAME;
    const char *from = token->start + quoted, *end = token->start + token->length - quoted;
    char *text = jf_alloc((size_t)(end - from) + 1, 1), *to = text;

    if (!text) return NULL;
    while (from < end) {
        /* a backslash stands in front of a quote or of itself and nowhere else, so C:\runs stays what it is
         */
        if (token->kind == JF_TOKEN_STRING && *from == '\\' && from + 1 < end && strchr("\"'\\", from[1]))
            from++;
        if (token->kind == JF_TOKEN_QUOTED && *from == '`')
            from++; /* a backquote in a name is written twice */
        *to++ = *from++;
    }
    *to = '\0';
    return text;
}

/* Takes `length` bytes as the token and moves on; characters, not bytes, are counted. */
static void take(jf_tokens *tokens, size_t length)
{
    tokens->token.start = tokens->next;
    tokens->token.length = length;
    tokens->token.position = tokens->position;
    for (size_t i = 0; i < length; i++)
        if (((unsigned char)tokens->next[i] & 0xc0) != 0x80) tokens->position++;
    tokens->next += length;
}

static jf_status take_number(jf_tokens *tokens)
{
    const char *end = tokens->next;

    while (isdigit((unsigned char)*end)) end++;
    if (*end == '.') end++;
    while (isdigit((unsigned char)*end)) end++;
    if (*end == 'e' || *end == 'E') {
        const char *digits = end + 1 + (end[1] == '+' || end[1] == '-');
        if (isdigit((unsigned char)*digits)) {
            end = digits;
            while (isdigit((unsigned char)*end)) end++;
        }
    }
    tokens->token.kind = JF_TOKEN_NUMBER;
    take(tokens, (size_t)(end - tokens->next));
    if (!jf_number_read(tokens->token.start, tokens->token.length, &tokens->token.number))
        return jf_tokens_fail(tokens, tokens->token.position, "the number '%.*s' is out of range",
                              (int)(tokens->token.length > 40 ? 40 : tokens->token.length),
                              tokens->token.start);
    return JF_OK;
}

static jf_status take_quoted(jf_tokens *tokens, char quote)
{
    const char *end = tokens->next + 1;

    while (*end && (*end != quote || (quote == '`' && end[1] == '`' && end > tokens->next + 1))) {
        if (*end == (quote == '`' ? '`' : '\\') && end[1]) end++;
        end++;
    }
    if (!*end)
        return jf_tokens_fail(tokens, tokens->position, "the %c that opens here is never closed", quote);
    tokens->token.kind = quote == '`' ? JF_TOKEN_QUOTED : JF_TOKEN_STRING;
    take(tokens, (size_t)(end + 1 - tokens->next));
    if (quote == '`' && tokens->token.length == 2)
        return jf_tokens_fail(tokens, tokens->token.position, "the name between these backquotes is empty");
    return JF_OK;
}

/* Longer spellings stand before shorter ones that they begin with. */
static const struct spelling {
    const char *text;
    jf_function function;
} spellings[] = {{"<=", JF_FN_LE}, {">=", JF_FN_GE},  {"==", JF_FN_EQ}, {"!=", JF_FN_NE}, {"&&", JF_FN_AND},
                 {"||", JF_FN_OR}, {"**", JF_FN_POW}, {"<", JF_FN_LT},  {">", JF_FN_GT},  {"!", JF_FN_NOT},
                 {"+", JF_FN_ADD}, {"-", JF_FN_SUB},  {"*", JF_FN_MUL}, {"/", JF_FN_DIV}, {"^", JF_FN_POW}};

static jf_status take_mark(jf_tokens *tokens)
{
    char c = *tokens->next;

    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        size_t length = strlen(spellings[i].text);
        if (strncmp(tokens->next, spellings[i].text, length) != 0) continue;
        tokens->token.kind = JF_TOKEN_OPERATOR;
        tokens->token.function = spellings[i].function;
        take(tokens, length);
        return JF_OK;
    }
    if (c == '&' || c == '|')
        return jf_tokens_fail(tokens, tokens->position, "unexpected '%c' (did you mean '%c%c'?)", c, c, c);
    if (!isprint((unsigned char)c))
        return jf_tokens_fail(tokens, tokens->position, "unexpected byte %d", (unsigned char)c);
    if (!strchr("()[],=~", c)) return jf_tokens_fail(tokens, tokens->position, "unexpected '%c'", c);
    tokens->token.kind = JF_TOKEN_PUNCTUATION;
    tokens->token.mark = c;
    take(tokens, 1);
    return JF_OK;
}

jf_status jf_tokens_advance(jf_tokens *tokens)
{
    const char *c;

    while (isspace((unsigned char)*tokens->next)) {
        tokens->next++;
        tokens->position++;
    }
    c = tokens->next;
    tokens->token = (jf_token){.kind = JF_TOKEN_END, .start = c, .position = tokens->position};
    if (!*c) return JF_OK;
    if (isdigit((unsigned char)*c) || (*c == '.' && isdigit((unsigned char)c[1]))) return take_number(tokens);
    if (*c == '"' || *c == '\'' || *c == '`') return take_quoted(tokens, *c);
    if (jf_name_starts(*c)) {
        while (jf_name_goes_on(*c)) c++;
        tokens->token.kind = JF_TOKEN_NAME;
        take(tokens, (size_t)(c - tokens->next));
        return JF_OK;
    }
    return take_mark(tokens);
}
