/* Cutting the text of an expression into tokens. */
#ifndef JF_CORE_EXPR_TOKENS_H
#define JF_CORE_EXPR_TOKENS_H

#include <stdbool.h>
#include "core/error.h"
#include "core/expr/functions.h"

typedef enum jf_token_kind {
    JF_TOKEN_END,
    JF_TOKEN_NUMBER,
    JF_TOKEN_STRING,
    JF_TOKEN_NAME,
    JF_TOKEN_QUOTED,   /* a name in backquotes */
    JF_TOKEN_OPERATOR, /* function says which; unary minus is JF_FN_SUB */
    JF_TOKEN_PUNCTUATION
} jf_token_kind;

typedef struct jf_token {
    jf_token_kind kind;
    const char *start; /* its bytes in the text, quotes included */
    size_t length;
    int position; /* column of its first character, from 1 */
    double number;
    jf_function function;
    char mark; /* PUNCTUATION: one of ( ) [ ] , = ~ */
} jf_token;

typedef struct jf_tokens {
    const char *what; /* opens messages */
    const char *text, *next;
    int position; /* of `next` */
    jf_token token;
    jf_error *err;
} jf_tokens;

/* Moves to the next token; fails on a character that has no place, an open quote, a number out of range. */
jf_status jf_tokens_advance(jf_tokens *tokens);
/* JF_EUSAGE with "what: column N: " in front. */
jf_status jf_tokens_fail(const jf_tokens *tokens, int position, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* "'lgo'" or "the end", in `buffer`: for messages. */
const char *jf_token_shown(const jf_token *token, char *buffer, size_t size);
/* The text that a NAME, QUOTED or STRING token stands for; NULL when memory ran out. Freed with jf_free. */
char *jf_token_text(const jf_token *token);

#endif
