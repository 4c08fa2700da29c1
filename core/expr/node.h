/* Making and reading syntax-tree nodes: shared by the parser, the printer and the builders. */
#ifndef JF_CORE_EXPR_NODE_H
#define JF_CORE_EXPR_NODE_H

#include "core/expr/ast.h"
#include "core/text.h"

jf_ast *jf_ast_new(jf_ast_kind kind, int position);
/* Appends `arg`, taking it over; false (and `arg` freed) when it is NULL or memory ran out. */
bool jf_ast_push(jf_ast *parent, jf_ast *arg);
bool jf_ast_add_dimension(jf_ast *ast, const char *column, const char *reference);

/* Can `c` begin, or go on in, a name without backquotes? Bytes of UTF-8 sequences can. */
bool jf_name_starts(char c);
bool jf_name_goes_on(char c);

/* How tightly an operator binds; a larger number binds tighter. */
enum {
    JF_LEVEL_OR = 1,
    JF_LEVEL_AND,
    JF_LEVEL_NOT,
    JF_LEVEL_COMPARE,
    JF_LEVEL_SUM,
    JF_LEVEL_PRODUCT,
    JF_LEVEL_MINUS,
    JF_LEVEL_POWER,
    JF_LEVEL_PRIMARY
};
/* Level of an infix operator, 0 for any other function. */
int jf_operator_level(jf_function function);

#endif
