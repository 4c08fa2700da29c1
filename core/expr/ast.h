/* The syntax tree of an expression or a law: what was typed, with positions. Grammar: README, "The language".
 */
#ifndef JF_CORE_EXPR_AST_H
#define JF_CORE_EXPR_AST_H

#include <stdbool.h>
#include <stddef.h>
#include "core/error.h"
#include "core/text.h"
#include "core/expr/functions.h"

typedef enum jf_ast_kind {
    JF_AST_NUMBER, /* number */
    JF_AST_STRING, /* text */
    JF_AST_NAME,   /* text: a column or a parameter */
    JF_AST_LEVELS, /* text[dimensions]: a parameter for each level; args unused */
    JF_AST_CALL,   /* function(args) - operators are functions too (JF_FN_ADD, ...) */
    JF_AST_IN,     /* args[0] in (args[1..]) */
} jf_ast_kind;

/* One dimension in the brackets of a level parameter: column, and its reference level or NULL. */
typedef struct jf_ast_dimension {
    char *column;
    char *reference;
} jf_ast_dimension;

typedef struct jf_ast {
    jf_ast_kind kind;
    int position; /* column of its first character in the text as typed, from 1 */
    int height;   /* 1 for a leaf, else one more than the highest argument: bounded, so recursion is safe */
    double number;
    char *text;
    jf_function function;
    struct jf_ast **args;
    size_t n_args;
    jf_ast_dimension *dimensions;
    size_t n_dimensions;
} jf_ast;

/* A parsed law: `response ~ formula`, perhaps with a name in front ("name: log(E) ~ ..."). */
typedef struct jf_ast_law {
    char *name; /* NULL when none was given */
    char *text; /* the law as typed, without the name */
    jf_ast *response;
    jf_ast *formula;
} jf_ast_law;

enum {
    JF_AST_MAX_DEPTH = 200,      /* parentheses, calls and unary operators inside each other */
    JF_AST_MAX_HEIGHT = 2000,    /* of the tree: chains such as a + b + c + ... lean to the left */
    JF_AST_MAX_NODES = 20000,    /* in one expression */
    JF_AST_MAX_LENGTH = 1 << 16, /* bytes of text */
    JF_AST_MAX_DIMENSIONS = 8    /* in the brackets of a level parameter */
};

/* Reads one expression. `what` opens messages: "law: column 14: unknown function 'lgo' (did you mean
 * 'log'?)". Depth (200), length (64 KiB) and node count (20,000) are limited (JF_ELIMIT).
 *
 * From loosest to tightest: `||`, `&&`, `!` (so `!a == b` is `!(a == b)`), comparisons and `in` (they do not
 * chain), `+ -`, `* /`, unary minus, `^` (to the right; `**` is read as `^`). `pi` is the number, `NA` the
 * missing one; in backquotes they are columns. A minus sign in front of a number belongs to the number. */
jf_status jf_ast_read(const char *what, const char *text, jf_ast **out, jf_error *err);
jf_status jf_ast_read_law(const char *text, jf_ast_law *out, jf_error *err);
void jf_ast_free(jf_ast *ast);
void jf_ast_law_clear(jf_ast_law *law);

jf_ast *jf_ast_copy(const jf_ast *ast); /* NULL when memory ran out */
/* Replaces every NAME `name` (and LEVELS `name` when `with` is a NAME) by a copy of `with`. */
jf_status jf_ast_substitute(jf_ast **ast, const char *name, const jf_ast *with, jf_error *err);
/* Text that reads back to the same tree, with as few parentheses as the grammar needs. Freed with jf_free. */
char *jf_ast_print(const jf_ast *ast);
/* Adds a column's name as formulas take it: in backquotes, its own written twice, unless it is a plain name.
 */
void jf_name_print(jf_text *text, const char *name);
bool jf_ast_equal(const jf_ast *a, const jf_ast *b);

/* "r[FSDP]" read as an expression: the canonical name of that parameter ("r[FSDP,A100]", `r["A, b"]`), or the
 * name itself of a NAME; NULL when memory ran out. Freed with jf_free. */
char *jf_ast_parameter_name(const jf_ast *ast);
/* Writes a parameter's name from its levels the way results show it. Freed with jf_free. */
char *jf_parameter_name(const char *base, const char *const *levels, size_t n_levels);

/* Builders for code that makes formulas; each takes over its arguments (freed on failure) and gives NULL when
 * memory ran out or an argument is NULL. */
jf_ast *jf_ast_number(double value);
jf_ast *jf_ast_name(const char *name);
jf_ast *jf_ast_string(const char *text);
jf_ast *jf_ast_call1(jf_function function, jf_ast *a);
jf_ast *jf_ast_call2(jf_function function, jf_ast *a, jf_ast *b);

/* Calls `visit` for every name in the tree (level columns with is_level_column set), in order of appearance.
 */
typedef void (*jf_name_visit)(void *context, const jf_ast *node, const char *name, bool is_level_column);
void jf_ast_names(const jf_ast *ast, jf_name_visit visit, void *context);
/* Has the tree a parameter for each level of `column`? */
bool jf_ast_has_levels_of(const jf_ast *ast, const char *column);

#endif
